//! How often a promise of regular updates was kept, and how often another cadence would have been.
//!
//! The agreement's own cadences are judged by the engine. The question "and if every incident had been promised an update each
//! half hour?" is a replay: the same facts under the same agreement, with every incident given the urgency in question.

use std::{collections::BTreeMap, fmt};

use agreement::Terms;
use facts::{Body, Fact};
use promise::{Versions, evaluate, obligation::State};
use serde::Serialize;
use spans::Instant;

/// How one cadence was kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Kept {
    /// Updates given in time.
    pub met: u32,
    /// Updates not given in time.
    pub missed: u32,
    /// Incidents with at least one update due.
    pub incidents: u32,
    /// Incidents in which every one was given in time.
    pub incidents_all_met: u32,
}

/// A report on the cadences of an agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// As the incidents were: by obligation.
    pub as_it_was: BTreeMap<String, Kept>,
    /// As if every incident had had that urgency: by urgency, then by obligation.
    pub as_if: BTreeMap<String, BTreeMap<String, Kept>>,
}

/// Judges every repeated promise to update a request (MP-UPD-01, MP-UPD-02).
pub fn report(terms: &Terms, facts: &[Fact], at: Instant) -> Report {
    let urgencies = terms.agreement().request.as_ref().map_or(&[][..], |request| &request.urgencies);
    let as_if =
        urgencies.iter().map(|urgency| (urgency.clone(), kept(terms, &with_urgency(facts, urgency), at)));
    let as_if = as_if.filter(|(_, kept)| !kept.is_empty()).collect();
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

fn kept(terms: &Terms, facts: &[Fact], at: Instant) -> BTreeMap<String, Kept> {
    let cadences: Vec<&str> = terms
        .agreement()
        .obligation
        .iter()
        .filter(|rule| rule.every.is_some() && rule.on.event == facts::Event::RequestReplied)
        .map(|rule| rule.id.as_str())
        .collect();
    let versions = Versions::single(terms.clone());
    let evaluation = evaluate(&versions, facts, at);
    let mut by_ticket: BTreeMap<(&str, &str), (u32, u32)> = BTreeMap::new();
    for obligation in evaluation.obligations() {
        let id = obligation.duty.id.as_str();
        if !cadences.contains(&id) {
            continue;
        }
        let entry = by_ticket.entry((id, obligation.subject.id.as_str())).or_default();
        match obligation.state {
            State::Met { .. } => entry.0 += 1,
            State::Missed { .. } => entry.1 += 1,
            _ => {}
        }
    }
    let mut kept: BTreeMap<String, Kept> = BTreeMap::new();
    for ((id, _), (met, missed)) in by_ticket.into_iter().filter(|(_, (met, missed))| met + missed > 0) {
        let sum = kept.entry(id.to_owned()).or_default();
        sum.met += met;
        sum.missed += missed;
        sum.incidents += 1;
        sum.incidents_all_met += u32::from(missed == 0);
    }
    kept
}

impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kept { met, missed, incidents, incidents_all_met } = self;
        write!(
            f,
            "{met} of {} updates in time; {incidents_all_met} of {incidents} incidents without a late one",
            met + missed
        )
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Updates, as the incidents were")?;
        for (id, kept) in &self.as_it_was {
            writeln!(f, "  {id}: {kept}")?;
        }
        writeln!(f, "Updates, as if every incident had had that urgency")?;
        for (urgency, cadences) in &self.as_if {
            for (id, kept) in cadences {
                writeln!(f, "  {urgency}, {id}: {kept}")?;
            }
        }
        Ok(())
    }
}
