//! Whom a client named, from facts: asked when and by whom, counted from when, gone when.
//!
//! An addition counts when the agreement's notice is over, or sooner where the provider applied it; a removal counts at once
//! (SH-REQ-06, SH-DEF-12). The instant at which a notice is over comes from the engine, which knows the calendar.

use facts::{Body, ContactChange, ContactId, Fact};
use spans::Instant;

/// When the notice of a change is over, as the engine says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Whom it is about.
    pub contact: ContactId,
    /// When the change was asked for.
    pub asked: Instant,
    /// From when on it counts at the latest.
    pub over: Instant,
    /// The clauses that say so.
    pub clauses: Vec<String>,
}

/// A change that was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whom it is about.
    pub contact: ContactId,
    /// Added or removed.
    pub change: ContactChange,
    /// When it was asked for.
    pub asked: Instant,
    /// Who asked: an id, or a name.
    pub by: String,
    /// From when on it counts.
    pub effective: Instant,
    /// When the provider put it into effect, where that was sooner than the notice.
    pub applied: Option<Instant>,
    /// The clauses that say from when on it counts.
    pub clauses: Vec<String>,
}

/// Every change of contacts that these facts tell of, in the order in which they were asked for.
pub fn changes<'f>(facts: impl IntoIterator<Item = &'f Fact>, notices: &[Notice]) -> Vec<Change> {
    let mut told: Vec<&Fact> = facts.into_iter().collect();
    told.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
    let mut changes: Vec<Change> = Vec::new();
    for fact in told {
        match &fact.body {
            Body::ContactChangeRequested(asked) => {
                changes.push(change(fact, (&asked.contact, asked.change), notices));
            }
            Body::ContactChangeApplied(applied) => apply(&mut changes, &applied.contact, fact.at),
            _ => {}
        }
    }
    changes
}

fn change(fact: &Fact, (contact, change): (&ContactId, ContactChange), notices: &[Notice]) -> Change {
    let notice = notices.iter().find(|notice| notice.contact == *contact && notice.asked == fact.at);
    // SH-DEF-12, A-31: a removal does not wait for the notice.
    let waits = notice.filter(|_| change == ContactChange::Add);
    Change {
        contact: contact.clone(),
        change,
        asked: fact.at,
        by: fact.actor.id.clone(),
        effective: waits.map_or(fact.at, |notice| notice.over),
        applied: None,
        clauses: notice.map_or_else(Vec::new, |notice| notice.clauses.clone()),
    }
}

/// The provider put the last addition of a contact into effect: sooner than its notice, never later.
fn apply(changes: &mut [Change], contact: &ContactId, at: Instant) {
    let last = changes.iter_mut().rev().find(|change| change.contact == *contact);
    if let Some(change) = last.filter(|change| change.change == ContactChange::Add && at < change.effective) {
        (change.applied, change.effective) = (Some(at), at);
    }
}

#[cfg(test)]
mod tests {
    use facts::{Actor, ContactChangeApplied, ContactChangeRequested, FactId};

    use super::*;

    fn at(hour: i64) -> Instant {
        Instant::from_second(hour * 3_600)
    }

    fn fact(hour: i64, body: impl Into<Body>) -> Fact {
        Fact {
            id: FactId::v7(at(hour), [u8::try_from(hour).unwrap(); 10]),
            client: "acme".parse().unwrap(),
            at: at(hour),
            recorded_at: at(hour),
            actor: Actor::client("jan"),
            body: body.into(),
        }
    }

    fn asked(hour: i64, change: ContactChange) -> Fact {
        fact(hour, ContactChangeRequested { contact: "ben".parse().unwrap(), change, roles: Vec::new() })
    }

    fn applied(hour: i64) -> Fact {
        fact(hour, ContactChangeApplied { contact: "ben".parse().unwrap() })
    }

    fn notice(hour: i64) -> Notice {
        let clauses = vec!["SH-REQ-06".to_owned()];
        Notice { contact: "ben".parse().unwrap(), asked: at(hour), over: at(hour + 100), clauses }
    }

    fn effective(facts: &[Fact], notices: &[Notice]) -> Vec<(Instant, Option<Instant>)> {
        changes(facts, notices).iter().map(|change| (change.effective, change.applied)).collect()
    }

    #[test]
    fn sh_req_06_an_addition_counts_after_the_notice_or_when_it_is_applied() {
        let added = asked(1, ContactChange::Add);
        assert_eq!(effective(std::slice::from_ref(&added), &[notice(1)]), [(at(101), None)]);
        let sooner = [added.clone(), applied(7)];
        assert_eq!(effective(&sooner, &[notice(1)]), [(at(7), Some(at(7)))]);
        let later = [added.clone(), applied(200)];
        assert_eq!(effective(&later, &[notice(1)]), [(at(101), None)], "never later");
        assert_eq!(effective(&[added], &[]), [(at(1), None)], "no notice in the agreement: at once");
    }

    #[test]
    fn sh_def_12_a_removal_counts_at_once() {
        let facts = [asked(1, ContactChange::Add), asked(5, ContactChange::Remove)];
        assert_eq!(effective(&facts, &[notice(1), notice(5)])[1], (at(5), None));
        let told = changes(&facts, &[notice(1)]);
        assert_eq!((told[0].by.as_str(), told[0].clauses.as_slice()), ("jan", &["SH-REQ-06".to_owned()][..]));
    }
}
