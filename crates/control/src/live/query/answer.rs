//! By when a request would be answered if it were sent now: what a form shows before it is sent, and a program may ask.

use agreement::{Agreement, Binding, ObligationRule, Party};
use facts::{Event, RequestReceived};
use spans::Instant;

use crate::live::Book;

/// The first answer that would be owed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Until when.
    pub due: Instant,
    /// By which rule.
    pub rule: String,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// What a request may say of how urgent it is, in the agreement's words: a priority, or a kind with an urgency.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Urgency {
    /// Where the agreement has priorities.
    pub priority: Option<String>,
    /// Where it has kinds.
    pub kind: Option<String>,
    /// Where it has urgencies.
    pub urgency: Option<String>,
}

impl Book {
    /// By when a request that says this would be answered, if it came in now; none where nothing is promised.
    pub fn answered_by(&self, request: &RequestReceived, now: Instant) -> Option<Answer> {
        let answers = answers(self.versions()?.latest().agreement());
        let owed = self.owed_for(request, now).into_iter();
        let ours = owed.filter(|owed| owed.duty.party == Party::Provider && answers.contains(&owed.duty.id));
        let first = ours.filter_map(|owed| Some((owed.due?, owed))).min_by_key(|(due, _)| *due);
        first.map(|(due, owed)| Answer { due, rule: owed.duty.id.clone(), clauses: owed.clauses().to_vec() })
    }

    /// Everything that a request may say of how urgent it is, in the agreement's order.
    pub fn urgencies(&self) -> Vec<Urgency> {
        let rule = self.versions().and_then(|versions| versions.latest().agreement().request.as_ref());
        let Some(rule) = rule else { return Vec::new() };
        if !rule.priority.is_empty() {
            let each = rule.priority.iter().map(|priority| Some(priority.id.clone()));
            return each.map(|priority| Urgency { priority, ..Urgency::default() }).collect();
        }
        let kinds: Vec<Option<String>> = match rule.kinds.as_slice() {
            [] => vec![None],
            kinds => kinds.iter().cloned().map(Some).collect(),
        };
        let of = |kind: &Option<String>| {
            let kind = kind.clone();
            rule.urgencies.iter().map(move |urgency| Urgency {
                priority: None,
                kind: kind.clone(),
                urgency: Some(urgency.clone()),
            })
        };
        kinds.iter().flat_map(of).collect()
    }
}

/// The rules that an answer of the provider's meets.
fn answers(agreement: &Agreement) -> Vec<String> {
    let met = |rule: &&ObligationRule| {
        rule.met_by.as_ref().is_some_and(|met| met.event == Event::RequestReplied)
            && rule.binding != Binding::Internal
    };
    agreement.obligation.iter().filter(met).map(|rule| rule.id.clone()).collect()
}
