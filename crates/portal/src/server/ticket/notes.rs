//! What the agreement says about a ticket, beside its clocks: each sentence with the clauses that say it, where its effect is seen.

use std::collections::BTreeSet;

use agreement::{Agreement, Party, ShowAt};
use facts::{Event, Side};
use promise::obligation::{Obligation, State};

use super::{
    one::Found,
    said::{self, Scope, Sentence},
};
use crate::{
    part::clauses,
    server::moment::{away, due, time},
};

/// The beginning of the names of those items of a catalogue that are about incidents (MP-SC-INC-04).
const INCIDENTS: &str = "inc.";
/// The kinds of request that are incidents.
const GRAVE: [&str; 2] = ["outage", "performance"];

/// The class of what nobody has classified.
pub(super) const UNCLASSIFIED: &str = "unclassified";

/// What a person answers with one press: receipt is acknowledged, by a person (SH-ACK-02, A-22).
pub(super) struct Acknowledge {
    /// By when it is due, as HTML; empty where nothing runs.
    pub(super) due: String,
    pub(super) clauses: String,
}

#[derive(Default)]
pub(super) struct Notes {
    /// Sentences for the page of a request, such as that nothing is due for resolving (SH-RES-01, MP-SLO-02).
    pub(super) sentences: Vec<Sentence>,
    /// How old it is and how long ago the last word was, as HTML.
    pub(super) age: String,
    /// How a miss is called, and the clauses by which it is no breach (MP-SLO-03, MP-SLO-04).
    pub(super) objective: Option<(String, String)>,
    /// Nobody has said what kind it is: the clauses that want it (SH-CHAR-02); for the provider's people.
    pub(super) unclassified: Option<String>,
    /// The class is said and stays: the clauses (SH-CHAR-03).
    pub(super) final_class: Option<String>,
    /// It was closed unsolved (SH-ACK-03).
    pub(super) unsolved: Vec<Sentence>,
    /// The clauses of asking for an update (MP-UPD-03), and of escalating (MP-ESC-02).
    pub(super) update: String,
    pub(super) escalate: String,
    /// Escalating is offered at all times (MP-ESC-02).
    pub(super) may_escalate: bool,
    pub(super) acknowledge: Option<Acknowledge>,
    /// What the catalogue says of it: what its tags name, what incidents include, what its title seems to be about.
    pub(super) scope: Vec<Scope>,
}

impl Notes {
    pub(super) fn of(found: &Found, staff: bool, offered: &BTreeSet<&'static str>) -> Notes {
        let Some(agreement) = &found.agreement else { return Notes::default() };
        let open = found.view.line.turn.is_some();
        let rule = agreement.binding.as_ref();
        Notes {
            sentences: said::at(agreement, ShowAt::RequestPage),
            age: age(found),
            objective: rule.map(|rule| (rule.miss.clone(), clauses(&rule.clause.ids))),
            unclassified: unclassified(agreement, found).filter(|_| staff && open),
            final_class: class(found).map(|_| about(agreement, Event::RequestClassified)),
            unsolved: if unsolved(found) { closed_unsolved(agreement) } else { Vec::new() },
            update: about(agreement, Event::RequestUpdateAsked),
            escalate: agreement.escalation.as_ref().map_or(String::new(), |rule| clauses(&rule.clause.ids)),
            may_escalate: open
                && agreement.escalation.is_some()
                && offered.contains("escalate")
                && !(staff && found.view.motions.escalation),
            acknowledge: acknowledge(agreement, found).filter(|_| staff && open && offered.contains("reply")),
            scope: scope(agreement, found, staff),
        }
    }
}

/// The clauses that speak of an event: what is owed when it happens, what it meets, and what it takes.
pub(super) fn about(agreement: &Agreement, event: Event) -> String {
    let owed = agreement
        .obligation
        .iter()
        .filter(|rule| rule.on.event == event || rule.met_by.as_ref().is_some_and(|met| met.event == event));
    let guards = agreement.guard.iter().filter(|guard| guard.on == event).map(|guard| &guard.clause.ids);
    let mut ids: Vec<String> = Vec::new();
    for id in owed.map(|rule| &rule.clause.ids).chain(guards).flatten() {
        if !ids.contains(id) {
            ids.push(id.clone());
        }
    }
    clauses(&ids)
}

fn word<'f>(found: &'f Found, field: &str) -> Option<&'f str> {
    found.view.line.words.iter().find(|(name, _)| *name == field).map(|(_, word)| word.as_str())
}

/// What the provider says it is; none while nobody has said it.
fn class(found: &Found) -> Option<&str> {
    word(found, "class").filter(|class| *class != UNCLASSIFIED)
}

fn age(found: &Found) -> String {
    let (line, now) = (&found.view.line, found.now);
    let (since, ago) = (time(line.received, now), away(line.received, now));
    format!("Received {since}, {ago}. Last word {}, {}.", time(line.last, now), away(line.last, now))
}

fn unclassified(agreement: &Agreement, found: &Found) -> Option<String> {
    let rule = agreement.request.as_ref()?;
    let lacks = !rule.classes.is_empty() && class(found).is_none();
    lacks.then(|| about(agreement, Event::RequestClassified))
}

fn unsolved(found: &Found) -> bool {
    let last = found.view.remarks.iter().rev().find(|remark| remark.event == Event::RequestResolved);
    found.view.line.turn.is_none() && last.is_some_and(|remark| !remark.words.is_empty())
}

/// The agreement's sentence, where it has one.
pub(super) fn closed_unsolved(agreement: &Agreement) -> Vec<Sentence> {
    said::at(agreement, ShowAt::RequestCannotResolve)
}

/// Where no person of the provider's has answered yet.
fn acknowledge(agreement: &Agreement, found: &Found) -> Option<Acknowledge> {
    let answered = found.view.remarks.iter().any(|remark| {
        remark.person && remark.side == Side::Provider && remark.event == Event::RequestReplied
    });
    if answered {
        return None;
    }
    let is_answer = |owed: &&Obligation| {
        let rule = agreement.obligation.iter().find(|rule| rule.id == owed.duty.id);
        let met = rule.and_then(|rule| rule.met_by.as_ref()).map(|met| met.event);
        owed.open && owed.duty.party == Party::Provider && met == Some(Event::RequestReplied)
    };
    let first = found.view.obligations.iter().filter(is_answer).min_by_key(|owed| owed.due)?;
    let due = match first.state {
        State::Running { due: at } => due(at, found.now),
        _ => String::new(),
    };
    Some(Acknowledge { due, clauses: clauses(first.clauses()) })
}

fn scope(agreement: &Agreement, found: &Found, staff: bool) -> Vec<Scope> {
    let line = &found.view.line;
    let all = said::scope(agreement);
    let grave = word(found, "kind").is_some_and(|kind| GRAVE.contains(&kind));
    let rooms = agreement.catalogue.iter().flat_map(|catalogue| &catalogue.item);
    let rooms = rooms.filter(|item| grave && item.r#in && item.id.starts_with(INCIDENTS));
    let mut found: Vec<Scope> = rooms.filter_map(|item| said::tagged(agreement, &item.id)).collect();
    if staff {
        // Tags are the provider's own words; so is what a title seems to be about, until somebody says it.
        found.extend(line.tags.iter().filter_map(|tag| said::tagged(agreement, tag)));
        found.extend(said::seems(&all, line.title.as_deref().unwrap_or_default()));
    }
    let mut once: Vec<Scope> = Vec::new();
    found.into_iter().for_each(|item| {
        if !once.contains(&item) {
            once.push(item);
        }
    });
    once
}
