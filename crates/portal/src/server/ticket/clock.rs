//! The clocks of a ticket: what is owed about it, until when, how it stands and why.

use std::collections::BTreeMap;

use agreement::Party;
use promise::obligation::{Obligation, State, Waiting};
use spans::Instant;

use crate::{
    part::{State as Word, badge, clauses},
    server::moment::{away, due, time, title},
    why::why_item,
};

/// Clocks on one page; the oldest that are over are left out.
pub(super) const CLOCKS_MAX: usize = 24;

/// One clock.
pub(super) struct Clock {
    pub(super) name: String,
    pub(super) party: &'static str,
    pub(super) state: String,
    pub(super) due: String,
    pub(super) clauses: String,
    pub(super) why: String,
}

/// Those that run first, then the newest.
pub(super) fn clocks(
    obligations: &[Obligation],
    readings: &BTreeMap<String, String>,
    now: Instant,
) -> Vec<Clock> {
    let mut sorted: Vec<&Obligation> = obligations.iter().collect();
    sorted.sort_by_key(|o| (!o.open, o.due.unwrap_or(Instant::MAX), std::cmp::Reverse(o.started)));
    sorted.truncate(CLOCKS_MAX);
    sorted.into_iter().map(|obligation| clock(obligation, readings, now)).collect()
}

fn clock(obligation: &Obligation, readings: &BTreeMap<String, String>, now: Instant) -> Clock {
    let (state, when) = stands(obligation, now);
    Clock {
        name: name(&obligation.duty.id),
        party: obligation.duty.party.name(),
        state,
        due: when,
        clauses: clauses(obligation.clauses()),
        why: why_item(&obligation.why, readings),
    }
}

/// A rule's name as people say it.
fn name(rule: &str) -> String {
    if rule == "rca" { "Root cause analysis".to_owned() } else { title(rule) }
}

/// Its state as a badge, and the instant that matters, as HTML.
fn stands(obligation: &Obligation, now: Instant) -> (String, String) {
    let running = match obligation.duty.party {
        Party::Client => (Word::Client, "the client's"),
        _ => (Word::Risk, "running"),
    };
    let was_due = || obligation.due.map_or(String::new(), |at| format!("was due {}", time(at, now)));
    match &obligation.state {
        State::Running { due: at } => (badge(running.0, running.1), due(*at, now)),
        // SH-ACK-01, MP-CLI-05: with its age, and without blame.
        State::Waiting(_) if obligation.duty.party == Party::Client => {
            let (since, ago) = (time(obligation.started, now), away(obligation.started, now));
            (badge(Word::Client, "the client's turn"), format!("since {since}, {ago}"))
        }
        State::Waiting(Waiting::Paused { since }) => {
            (badge(Word::Unknown, "paused"), format!("since {}", time(*since, now)))
        }
        State::Waiting(why) => (badge(Word::Unknown, "waiting"), crate::part::escape(&why.to_string())),
        State::Met { at, .. } => (badge(Word::Kept, "met"), format!("{}, {}", time(*at, now), was_due())),
        State::Missed { since, late } => {
            let late = late.as_ref().map_or(String::new(), |act| format!(", done {}", time(act.at, now)));
            (badge(Word::Missed, &obligation.duty.miss), format!("was due {}{late}", time(*since, now)))
        }
        State::Forfeited { at } => (badge(Word::Missed, "forfeited"), time(*at, now)),
        State::Cancelled { at, because } => {
            let because = crate::part::escape(&because.to_string().replace(['.', '_'], " "));
            (badge(Word::Excluded, "ended"), format!("{}, {because}", time(*at, now)))
        }
        State::Excused { since, cause } => {
            let cause = crate::part::escape(&cause.to_string());
            (badge(Word::Excluded, "excused"), format!("{}, {cause}", time(*since, now)))
        }
    }
}
