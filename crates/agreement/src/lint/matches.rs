//! Matches: flat conditions on the fields of facts.

use facts::{
    ContactChange, Environment, Event, Field, Impact, IncidentStage, Layer, MaintenanceKind, Noun,
    ProposalKind, ReleaseChannel, RemedyMethod,
};

use super::look::{At, Found, Look, instead};
use crate::{
    section::request::MatrixAxis,
    value::matching::{Affects, Match, Trigger},
};

/// Every key of a `match` is a field of its event, or of the fact that opened what the event is about (a ticket's
/// kind, a change's kind), and every value is one that field can have: a word of the fact's own list, or of the file's
/// lists of classes, kinds, urgencies, priorities, channels, roles, causes and reasons. A ticket without a class is
/// `unclassified`. A list of the fact takes part in no match.
pub(crate) fn r_06_matches_can_hold(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        let at = Matches { look, clauses: &obligation.clause.ids };
        at.trigger(&obligation.on, found);
        let own = obligation.r#match.iter().chain(&obligation.immediate);
        own.for_each(|matching| at.matching(obligation.on.event, matching, found));
        for trigger in obligation.until.iter().chain(&obligation.cancel_on).chain(&obligation.notify_on) {
            at.trigger(trigger, found);
        }
        if let Some(met) = &obligation.met_by {
            met.r#match.iter().for_each(|matching| at.matching(met.event, matching, found));
        }
    }
    for guard in &look.agreement.guard {
        let at = Matches { look, clauses: &guard.clause.ids };
        guard.r#match.iter().for_each(|matching| at.matching(guard.on, matching, found));
    }
    if let Some(onboarding) = &look.agreement.onboarding {
        Matches { look, clauses: &onboarding.clause.ids }.trigger(&onboarding.on, found);
    }
}

/// The matches of one entry.
struct Matches<'l, 'a> {
    look: &'l Look<'a>,
    clauses: &'l [String],
}

impl Matches<'_, '_> {
    fn trigger(&self, trigger: &Trigger, found: &mut Found) {
        self.matching(trigger.event, &trigger.matching, found);
    }

    fn matching(&self, event: Event, matching: &Match, found: &mut Found) {
        for (key, values) in &matching.fields {
            let at = || At(matching.places.get(key).cloned().unwrap_or_default(), self.clauses);
            match field(event, key) {
                Some((_, field)) if field.kind.contains("Vec<") => {
                    let message =
                        format!("`{key}` of {} is a list, and no match looks into lists", event.name());
                    found.error(at(), message, "match a field that is one word");
                }
                Some((carrier, field)) => self.values(carrier, field, values, at, found),
                None if event == Event::StatementPublished && key == "entitled" => {
                    one_of(&["true", "false"], key, values, at, found);
                }
                None => unknown_key(event, key, at(), found),
            }
        }
        self.conditions(event, matching, found);
    }

    fn values<'c>(
        &self,
        event: Event,
        field: &Field,
        values: &[String],
        at: impl Fn() -> At<'c>,
        found: &mut Found,
    ) {
        if let Some(known) = self.known(event, field) {
            one_of(&known, field.name, values, at, found);
        }
    }

    /// The values a field can have; nothing where it is free text.
    fn known(&self, event: Event, field: &Field) -> Option<Vec<&str>> {
        let agreement = self.look.agreement;
        let ticket = event.noun() == Noun::Ticket;
        match field.name {
            "class" if ticket => {
                let classes = agreement.request.iter().flat_map(|r| r.classes.iter().map(String::as_str));
                Some(classes.chain(["unclassified"]).collect())
            }
            "kind" if ticket => Some(self.look.words(MatrixAxis::Kind)),
            "urgency" if ticket => Some(self.look.words(MatrixAxis::Urgency)),
            "priority" if ticket => Some(self.look.words(MatrixAxis::Priority)),
            "channel" if ticket => Some(agreement.channel.keys().map(String::as_str).collect()),
            "to" if event == Event::NoticeDelivered => None, // R-04 says it better.
            "cause" if event == Event::ExclusionClaimed => {
                Some(agreement.exclusion.iter().map(|e| e.cause.as_str()).collect())
            }
            "reason" if event == Event::EscalationRaised => Some(
                agreement.escalation.iter().flat_map(|e| e.reason.iter().map(|r| r.id.as_str())).collect(),
            ),
            _ => closed_list(field.kind),
        }
    }

    /// `score_at_least` needs a score, `affects` a software, and a version to compare with.
    fn conditions(&self, event: Event, matching: &Match, found: &mut Found) {
        let carries = |name: &str| event.fields().iter().any(|field| field.name == name);
        let at = |key: &str| At(matching.places.get(key).cloned().unwrap_or_default(), self.clauses);
        if matching.score_at_least.is_some() && !carries("score") {
            let message = format!("{} carries no score", event.name());
            found.error(at("score_at_least"), message, "take it out, or start from a fact with a score");
        }
        let needs: &[&str] = match matching.affects {
            Some(Affects::DeployedVersion) => &["software", "version"],
            Some(Affects::DeployedSoftware) => &["software"],
            None => &[],
        };
        if let Some(lacks) = needs.iter().find(|name| !carries(name)) {
            let message = format!("{} carries no {lacks} that an instance could run", event.name());
            found.error(at("affects"), message, "take it out, or start from a fact that names it");
        }
    }
}

/// The field of that name, and the event that carries it: the event itself, or what opened its subject.
fn field(event: Event, name: &str) -> Option<(Event, &'static Field)> {
    let carriers = [event].into_iter().chain(openings(event.noun()).iter().copied());
    carriers.into_iter().find_map(|carrier| {
        let field = carrier.fields().iter().find(|field| field.name == name)?;
        Some((carrier, field))
    })
}

/// The facts that open a subject and say what it is like.
fn openings(noun: Noun) -> &'static [Event] {
    match noun {
        Noun::Ticket => &[Event::RequestReceived],
        Noun::Change => &[Event::ChangeProposed, Event::ClientChangePlanned],
        Noun::Maintenance => &[Event::MaintenancePlanned],
        Noun::Instance => &[Event::InstanceAdded],
        Noun::Statement => &[Event::StatementPublished],
        Noun::Action => &[Event::ActionStarted],
        Noun::Held => &[Event::MessageHeld],
        Noun::Freeze => &[Event::FreezeSet],
        Noun::Exclusion => &[Event::ExclusionClaimed],
        Noun::Proposal => &[Event::ProposalMade],
        Noun::Vulnerability => &[Event::CvePublished],
        Noun::Escalation => &[Event::EscalationRaised],
        _ => &[],
    }
}

/// The words of a fact's own closed list.
fn closed_list(kind: &str) -> Option<Vec<&'static str>> {
    macro_rules! lists {
        ($($Type:ident)*) => {
            match kind {
                "bool" | "Option<bool>" => Some(vec!["true", "false"]),
                "Side" => Some(vec!["provider", "client"]),
                $(stringify!($Type) | concat!("Option<", stringify!($Type), ">") => {
                    Some($Type::ALL.iter().map(|word| word.name()).collect())
                })*
                _ => None,
            }
        };
    }
    lists!(
        Impact IncidentStage MaintenanceKind Layer ReleaseChannel ContactChange Environment RemedyMethod ProposalKind
    )
}

fn one_of<'c>(known: &[&str], key: &str, values: &[String], at: impl Fn() -> At<'c>, found: &mut Found) {
    for value in values.iter().filter(|value| !known.contains(&value.as_str())) {
        let way_out = instead(value, known.iter().copied(), "list it first");
        found.error(at(), format!("`{key}` is never `{value}`"), way_out);
    }
}

fn unknown_key(event: Event, key: &str, at: At<'_>, found: &mut Found) {
    let own = event.fields().iter();
    let all = own.chain(openings(event.noun()).iter().flat_map(|opening| opening.fields()));
    let known: std::collections::BTreeSet<&str> =
        all.filter(|f| !f.kind.contains("Vec<")).map(|f| f.name).collect();
    let message = format!("{} has no `{key}` to look at", event.name());
    found.error(at, message, instead(key, known, "take it out"));
}
