//! What an act brings with it: facts that belong to the same act, and people who are told.

use agreement::Then;
use facts::{Event, Fact};

use crate::{
    history::{History, until},
    obligation::fits,
    ticket::Said,
    versions::Versions,
};

/// Something that follows from an act.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follow {
    /// What.
    pub what: FollowWhat,
    /// The rule that says so.
    pub rule: String,
    /// Its clauses.
    pub clauses: Vec<String>,
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FollowWhat {
    /// This fact about the same subject belongs to the same act (SH-ACK-04).
    Record(Event),
    /// This is done once that fact is there.
    Then(Then),
    /// The client is told (MP-UPD-03).
    NotifyClient,
}

/// What follows from an act after these facts, in the file's order.
pub fn follows(versions: &Versions, history: &History<'_>, act: &Fact) -> Vec<Follow> {
    let Some(plan) = versions.at(act.at) else { return Vec::new() };
    let subject = act.body.subject();
    let mut facts: Vec<&Fact> = until(history.about(&subject), act.at).to_vec();
    facts.retain(|fact| fact.id != act.id);
    facts.push(act);
    let said = Said::after(plan, subject.noun, &facts, &[]);
    let mut found = Vec::new();
    for rule in plan.rules() {
        let mut add = |what| {
            let (rule, clauses) = (rule.duty.id.clone(), rule.duty.clauses.clone());
            found.push(Follow { what, rule, clauses });
        };
        if rule.is_same_action() && rule.starts(&said) {
            rule.met_by().into_iter().for_each(|met_by| add(FollowWhat::Record(met_by.event)));
            rule.duty.then.into_iter().for_each(|then| add(FollowWhat::Then(then)));
        }
        if rule.source.notify_on.iter().any(|trigger| fits(trigger, &said)) && rule.applies(&said) {
            add(FollowWhat::NotifyClient);
        }
    }
    found
}
