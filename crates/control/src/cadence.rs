//! How often a promise of regular updates was kept, and how often another cadence would have been.
//!
//! The agreement's own cadences are judged by the engine. The question "and if every incident had been promised an update each
//! half hour?" is a replay: the same facts under the same agreement, with every incident given the urgency in question.
//!
//! The engine counts periods: a silence of five periods is five misses. People count updates: from one message to the next, was it
//! in time? Both are told here. The message that resolves an incident ends its last wait, so it is judged like any other; messages
//! of one instant are one.

use std::{collections::BTreeMap, fmt};

use agreement::{ObligationRule, Terms};
use facts::{Body, Event, Fact, Slug};
use promise::{
    Versions, evaluate,
    obligation::{Because, Obligation, Occurrence, State},
};
use serde::Serialize;
use spans::{Instant, Length};

/// How one cadence was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Messages that came in time after the one before.
    pub in_time: u32,
    /// Messages that came late.
    pub late: u32,
    /// Periods that passed without a message.
    pub periods_missed: u32,
    /// The longest wait for a message.
    pub longest_wait: Length,
    /// Incidents with at least one wait.
    pub incidents: u32,
    /// Incidents of which every message came in time.
    pub incidents_in_time: u32,
}

/// How one promise was kept, and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cadence {
    /// The obligation's id in the file.
    pub id: String,
    /// How often, such as `30m`.
    pub every: String,
    /// The clauses.
    pub clauses: Vec<String>,
    /// How it was kept.
    #[serde(flatten)]
    pub kept: Kept,
}

/// A report on the cadences of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As the incidents were.
    pub as_it_was: Vec<Cadence>,
    /// As if every incident had had that urgency; urgencies without a cadence are left out.
    pub as_if: BTreeMap<String, Vec<Cadence>>,
}

/// Judges every repeated promise to update a request (MP-UPD-01, MP-UPD-02).
pub fn report(terms: &Terms, facts: &[Fact], at: Instant) -> Report {
    let urgencies = terms.agreement().request.as_ref().map_or(&[][..], |request| &request.urgencies);
    let as_if =
        urgencies.iter().map(|urgency| (urgency.clone(), kept(terms, &with_urgency(facts, urgency), at)));
    let as_if = as_if.filter(|(_, cadences)| !cadences.is_empty()).collect();
    Report { as_it_was: kept(terms, facts, at), as_if }
}

fn with_urgency(facts: &[Fact], urgency: &str) -> Vec<Fact> {
    let mut facts = facts.to_vec();
    for fact in &mut facts {
        if let Body::RequestReceived(request) = &mut fact.body {
            request.urgency = Some(urgency.to_owned());
        }
    }
    facts
}

/// Each cadence that something was owed under, in the file's order.
fn kept(terms: &Terms, facts: &[Fact], at: Instant) -> Vec<Cadence> {
    let versions = Versions::single(terms.clone());
    let evaluation = evaluate(&versions, facts, at);
    let rules = terms.agreement().obligation.iter().filter(|rule| rule.on.event == Event::RequestReplied);
    let cadences = rules.filter_map(|rule| cadence(rule, evaluation.obligations()));
    cadences.filter(|cadence| cadence.kept.incidents > 0).collect()
}

fn cadence(rule: &ObligationRule, obligations: &[Obligation]) -> Option<Cadence> {
    let every = rule.every?.to_string();
    let mut tickets: BTreeMap<&Slug, Vec<&Obligation>> = BTreeMap::new();
    for obligation in obligations.iter().filter(|obligation| obligation.duty.id == rule.id) {
        tickets.entry(&obligation.subject.id).or_default().push(obligation);
    }
    let mut kept = Kept::default();
    tickets.values().for_each(|periods| kept.add(&waits(periods)));
    Some(Cadence { id: rule.id.clone(), every, clauses: rule.clause.ids.clone(), kept })
}

/// From one message to the next.
struct Wait {
    length: Length,
    periods_missed: u32,
}

/// The waits of one incident. `periods`: its obligations under one cadence, in order: those missed in a silence, then the one
/// that the message met or ended.
fn waits(periods: &[&Obligation]) -> Vec<Wait> {
    let (mut waits, mut since, mut missed) = (Vec::new(), None, 0);
    for period in periods {
        let from = *since.get_or_insert(period.started);
        let message = match &period.state {
            State::Met { at, .. } => Some(*at),
            State::Cancelled { at, because: Because::Happened(_) } => Some(*at),
            State::Missed { .. } => {
                missed += match period.occurrence {
                    Occurrence::Periods(_, count) => count,
                    _ => 1,
                };
                continue;
            }
            _ => None,
        };
        // Messages of one instant are one; a wait that is still on, or ended otherwise, says nothing yet.
        if let Some(at) = message.filter(|at| from < *at) {
            waits.push(Wait { length: at - from, periods_missed: missed });
        }
        (since, missed) = (None, 0);
    }
    waits
}

impl Kept {
    fn add(&mut self, waits: &[Wait]) {
        for wait in waits {
            let in_time = wait.periods_missed == 0;
            self.in_time += u32::from(in_time);
            self.late += u32::from(!in_time);
            self.periods_missed += wait.periods_missed;
            self.longest_wait = self.longest_wait.max(wait.length);
        }
        let all_in_time = waits.iter().all(|wait| wait.periods_missed == 0);
        self.incidents += u32::from(!waits.is_empty());
        self.incidents_in_time += u32::from(!waits.is_empty() && all_in_time);
    }
}

impl fmt::Display for Cadence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cadence { id, every, clauses, kept } = self;
        write!(f, "{id}: {} of {} updates in time, ", kept.in_time, kept.in_time + kept.late)?;
        write!(f, "{} of {} incidents without a late one; ", kept.incidents_in_time, kept.incidents)?;
        let periods = if kept.periods_missed == 1 { "period" } else { "periods" };
        write!(f, "every {every} [{}], {} {periods} missed, ", clauses.join(", "), kept.periods_missed)?;
        write!(f, "longest wait {}", kept.longest_wait)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Updates, as the incidents were")?;
        self.as_it_was.iter().try_for_each(|cadence| writeln!(f, "  {cadence}"))?;
        writeln!(f, "Updates, as if every incident had been as urgent")?;
        for (urgency, cadences) in &self.as_if {
            cadences.iter().try_for_each(|cadence| writeln!(f, "  {urgency}, {cadence}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use agreement::{Agreement, seal::Identity};

    use super::*;
    use crate::import::{Under, incidents};

    const FILE: &str = include_str!("../../../agreements/observed-incidents.toml");

    /// `updates`: minutes after ten o'clock; the last one resolves.
    fn line(id: &str, impact: &str, updates: &[u32]) -> String {
        let at = |minute: &u32| format!("2026-05-03T{:02}:{:02}:00Z", 10 + minute / 60, minute % 60);
        let update = |(i, minute)| {
            let status = if i + 1 == updates.len() { "Resolved" } else { "Update" };
            format!(r#"{{"at":"{}","status":"{status}"}}"#, at(minute))
        };
        let updates: Vec<String> = updates.iter().enumerate().map(update).collect();
        format!("{{\"id\":\"{id}\",\"impact\":\"{impact}\",\"updates\":[{}]}}\n", updates.join(","))
    }

    #[track_caller]
    fn told(lines: &[String]) -> String {
        let agreement = Agreement::read(FILE).0.unwrap();
        let terms = Terms::compile(agreement, Identity::of(FILE.as_bytes()).to_string()).unwrap();
        let client = terms.agreement().agreement.client_id.clone();
        let under = Under { client, term: terms.term(), recorded_at: terms.term().end };
        let facts = incidents::read(lines.concat().as_bytes(), &under).unwrap().facts;
        report(&terms, &facts, terms.term().end).to_string()
    }

    #[test]
    fn mp_upd_01_an_update_exactly_after_half_an_hour_is_in_time_and_a_minute_later_is_late() {
        insta::assert_snapshot!(told(&[line("1", "critical", &[0, 30, 61, 90])]), @r#"
        Updates, as the incidents were
          updates-critical: 2 of 3 updates in time, 0 of 1 incidents without a late one; every 30m [MP-UPD-01], 1 period missed, longest wait 31m
        Updates, as if every incident had been as urgent
          critical, updates-critical: 2 of 3 updates in time, 0 of 1 incidents without a late one; every 30m [MP-UPD-01], 1 period missed, longest wait 31m
          high, updates-high: 3 of 3 updates in time, 1 of 1 incidents without a late one; every 2h [MP-UPD-02], 0 periods missed, longest wait 31m
        "#);
    }

    #[test]
    fn mp_upd_02_two_hours_for_high_and_a_long_silence_is_one_late_update_of_many_periods() {
        insta::assert_snapshot!(told(&[line("1", "major", &[0, 120, 600, 610])]), @r#"
        Updates, as the incidents were
          updates-high: 2 of 3 updates in time, 0 of 1 incidents without a late one; every 2h [MP-UPD-02], 3 periods missed, longest wait 8h
        Updates, as if every incident had been as urgent
          critical, updates-critical: 1 of 3 updates in time, 0 of 1 incidents without a late one; every 30m [MP-UPD-01], 18 periods missed, longest wait 8h
          high, updates-high: 2 of 3 updates in time, 0 of 1 incidents without a late one; every 2h [MP-UPD-02], 3 periods missed, longest wait 8h
        "#);
    }

    #[test]
    fn the_resolution_ends_the_last_wait_and_messages_of_one_minute_are_one() {
        let lines = [
            line("1", "critical", &[0, 0, 20, 20, 20]),
            line("2", "critical", &[0, 45]),
            line("3", "critical", &[0]),
            line("4", "minor", &[0, 300]),
        ];
        insta::assert_snapshot!(told(&lines), @r#"
        Updates, as the incidents were
          updates-critical: 1 of 2 updates in time, 1 of 2 incidents without a late one; every 30m [MP-UPD-01], 1 period missed, longest wait 45m
        Updates, as if every incident had been as urgent
          critical, updates-critical: 1 of 3 updates in time, 1 of 3 incidents without a late one; every 30m [MP-UPD-01], 10 periods missed, longest wait 5h
          high, updates-high: 2 of 3 updates in time, 2 of 3 incidents without a late one; every 2h [MP-UPD-02], 2 periods missed, longest wait 5h
        "#);
    }
}
