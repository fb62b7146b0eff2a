//! `uphold agreement due`: what would be owed, by when and why, if something happened.

mod asked;

use std::{collections::BTreeSet, io::Write, path::PathBuf};

use agreement::{Agreement, Match, ObligationRule};
use clap::Args;

use promise::{Versions, obligation::Obligation, obligations};
use serde_json::json;
use spans::{Instant, Zone};

use super::Loaded;
use crate::{output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Due {
    /// The agreement.
    file: PathBuf,
    /// The tier; the signed one when left out.
    #[arg(long)]
    tier: Option<String>,
    /// What happens, such as request.received.
    #[arg(long)]
    event: String,
    /// A field of what happens, or of the ticket it is about; may be given again.
    #[arg(long = "set", value_name = "FIELD=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
    /// When it happens.
    #[arg(long, value_name = "INSTANT")]
    at: Instant,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

fn setting(text: &str) -> Result<(String, String), String> {
    let split = text.split_once('=').filter(|(field, _)| !field.is_empty());
    let (field, value) =
        split.ok_or_else(|| format!("`{text}` sets nothing: write FIELD=VALUE, such as priority=P1"))?;
    Ok((field.to_owned(), value.to_owned()))
}

impl Due {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let terms = Loaded::read(&self.file)?.terms(self.tier.as_deref())?;
        let agreement = terms.agreement().clone();
        let event = asked::event(&self.event, &agreement)?;
        if !terms.term().contains(self.at) {
            let (at, term) = (self.at, terms.term());
            return Err(Trouble::usage(format!(
                "{at} lies outside the agreement's term, {term}: ask about an instant in it"
            )));
        }
        let facts = asked::facts(event, &self.settings, self.at, &agreement)?;
        let rules: Vec<&ObligationRule> =
            agreement.obligation.iter().filter(|rule| rule.on.event == event).collect();
        let versions = Versions::single(terms.clone());
        let mut owed = obligations(&versions, &facts, self.at);
        let place = |owed: &Obligation| rules.iter().position(|rule| rule.id == owed.duty.id);
        owed.retain(|owed| place(owed).is_some());
        owed.sort_by_key(place);
        if self.json {
            let answer = json!({
                "agreement": terms.identity(),
                "tier": terms.tier(),
                "event": event.name(),
                "at": self.at,
                "tzdata": spans::tzdata(),
                "obligations": owed.iter().map(|owed| as_json(owed, &agreement)).collect::<Vec<_>>(),
            });
            return Ok(writeln!(out, "{answer:#}")?);
        }
        owed.iter().try_for_each(|owed| tell(owed, &agreement, out))?;
        if owed.is_empty() {
            writeln!(out, "Nothing falls due: no obligation is set off so.")?;
            rules
                .iter()
                .try_for_each(|rule| writeln!(out, "  {} is, {}", rule.id, where_it_matches(rule)))?;
        }
        Ok(())
    }
}

fn tell(owed: &Obligation, agreement: &Agreement, out: &mut Output) -> Result<(), Trouble> {
    let duty = &owed.duty;
    match owed.due {
        Some(due) => {
            writeln!(out, "{}: due {due}", duty.id)?;
            for zone in zones(agreement, &owed.calendar) {
                writeln!(out, "  {}", shown(due, &zone))?;
            }
        }
        None => writeln!(out, "{}: {}", duty.id, owed.state)?,
    }
    let (party, binding, clauses) = (duty.party.name(), duty.binding.name(), owed.clauses().join(", "));
    writeln!(out, "  calendar {}; owed by the {party} as {binding}; {clauses}", owed.calendar)?;
    let why = owed.why.to_text(|id| agreement.readings.get(id).cloned());
    why.lines().try_for_each(|line| writeln!(out, "  {line}"))?;
    Ok(writeln!(out)?)
}

fn as_json(owed: &Obligation, agreement: &Agreement) -> serde_json::Value {
    let local = owed.due.map(|due| {
        let zones = zones(agreement, &owed.calendar);
        zones.iter().map(|zone| json!({ "zone": zone, "reads": shown(due, zone) })).collect::<Vec<_>>()
    });
    json!({
        "id": owed.duty.id,
        "clauses": owed.clauses(),
        "party": owed.duty.party.name(),
        "binding": owed.duty.binding.name(),
        "started": owed.started,
        "due": owed.due,
        "due_local": local,
        "calendar": &*owed.calendar,
        "state": owed.state.name(),
        "reminders": owed.reminders.iter().map(|reminder| reminder.at).collect::<Vec<_>>(),
        "why": owed.why,
    })
}

/// `Mon 2026-03-09 18:00 Europe/Amsterdam`, with seconds only where there are some.
fn shown(at: Instant, zone: &Zone) -> String {
    let wall = zone.to_datetime(at.into());
    let seconds = if wall.second() == 0 && wall.subsec_nanosecond() == 0 { "" } else { ":%S" };
    format!("{} {zone}", wall.strftime(&format!("%a %Y-%m-%d %H:%M{seconds}")))
}

/// The zones in which people look at a calendar: that of its hours, and those of its holidays, in this order.
fn zones(agreement: &Agreement, calendar: &str) -> Vec<Zone> {
    let (mut zones, mut next, mut seen) = (vec![Zone::UTC], Some(calendar), BTreeSet::new());
    while let Some(name) = next.filter(|name| seen.insert(*name)) {
        let Some(rule) = agreement.calendar.get(name) else { break };
        let holidays = rule.except.iter().filter_map(|list| {
            agreement.holidays.get(list.strip_prefix("holidays.").unwrap_or(list)).map(|list| list.tz.clone())
        });
        for zone in [rule.tz.clone()].into_iter().chain(holidays) {
            if !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        next = rule.inside.as_deref();
    }
    zones
}

/// `where kind is outage or performance and urgency is critical`.
fn where_it_matches(rule: &ObligationRule) -> String {
    let matches: Vec<&Match> =
        [Some(&rule.on.matching), rule.r#match.as_ref()].into_iter().flatten().collect();
    let fields = matches.iter().flat_map(|matching| &matching.fields);
    let mut parts: Vec<String> =
        fields.map(|(field, words)| format!("{field} is {}", words.join(" or "))).collect();
    if matches.iter().any(|matching| matching.score_at_least.is_some() || matching.affects.is_some()) {
        parts.push("it concerns an instance in the journal".to_owned());
    }
    if parts.is_empty() {
        "when what it looks at is known".to_owned()
    } else {
        format!("where {}", parts.join(" and "))
    }
}
