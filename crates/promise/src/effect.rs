//! What an act about exclusions would change: a month as it stands, and as it would stand. Nobody excludes minutes without having
//! seen both, in minutes and in money.

use facts::{InstanceId, Money};
use serde::Serialize;
use spans::{Length, Month};

use crate::{InstanceMonth, Statement, Verdict};

/// A month with and without an act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Effect {
    /// The month.
    pub month: Month,
    /// Whether it is over, so that its statement stands and would be followed by a correction.
    pub closed: bool,
    /// Each instance that would stand otherwise, by id.
    pub instances: Vec<InstanceEffect>,
    /// The credit as it stands; absent where none is known.
    pub credit: Option<Money>,
    /// The credit as it would stand.
    pub credit_then: Option<Money>,
}

/// One instance with and without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceEffect {
    /// Which.
    pub instance: InstanceId,
    /// Its name.
    pub name: String,
    /// As it stands.
    pub now: MonthStanding,
    /// As it would stand.
    pub then: MonthStanding,
}

/// How an instance stands in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MonthStanding {
    /// Whole minutes of downtime that count.
    pub counted: i64,
    /// Downtime taken out.
    pub excluded: Length,
    /// The share kept, as it is shown.
    pub uptime: String,
    /// How the objective is kept.
    pub verdict: Verdict,
}

impl MonthStanding {
    fn of(month: &InstanceMonth) -> MonthStanding {
        MonthStanding {
            counted: month.counted,
            excluded: month.excluded,
            uptime: month.percent_shown(),
            verdict: month.verdict,
        }
    }
}

impl Effect {
    /// Whether anything would stand otherwise.
    pub fn is_none(&self) -> bool {
        self.instances.is_empty() && self.credit == self.credit_then
    }

    /// By how many minutes less would count; below zero where more would.
    pub fn minutes_less(&self) -> i64 {
        self.instances.iter().map(|instance| instance.now.counted - instance.then.counted).sum()
    }
}

/// What lies between two statements of one month, of the same client at the same instant.
pub fn effect(now: &Statement, then: &Statement) -> Effect {
    let credit = |statement: &Statement| statement.credit.as_ref().and_then(|credit| credit.credit);
    let changed = now.instances.iter().filter_map(|line| {
        let other = then.instances.iter().find(|other| other.month.instance == line.month.instance)?;
        let (now, then) = (MonthStanding::of(&line.month), MonthStanding::of(&other.month));
        (now != then).then(|| InstanceEffect {
            instance: line.month.instance.clone(),
            name: line.name.clone(),
            now,
            then,
        })
    });
    Effect {
        month: now.month,
        closed: now.closed,
        instances: changed.collect(),
        credit: credit(now),
        credit_then: credit(then),
    }
}
