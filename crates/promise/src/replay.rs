//! What the same facts would have meant under other terms: another tier, or another file. Not a forecast.

use agreement::Terms;
use facts::Money;
use serde::Serialize;
use spans::Month;

use crate::{Evaluation, Statement, Versions, evaluate};

/// One month under two sets of terms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replayed {
    /// The month.
    pub month: Month,
    /// As it was.
    pub was: Summary,
    /// As it would have been.
    pub would: Summary,
}

/// What matters of a month, for comparing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Instances that missed their objective.
    pub instances_missed: usize,
    /// Promises kept in time.
    pub promises_met: u32,
    /// Promises not kept in time.
    pub promises_missed: u32,
    /// What the instances cost, with the surcharge.
    pub charged: Option<Money>,
    /// What would be credited.
    pub credit: Option<Money>,
    /// What is left to pay.
    pub net: Option<Money>,
}

impl Summary {
    fn of(statement: Option<&Statement>) -> Summary {
        let Some(statement) = statement else { return Summary::default() };
        let credit = statement.credit.as_ref();
        Summary {
            instances_missed: statement
                .instances
                .iter()
                .filter(|i| i.month.verdict == crate::Verdict::Missed)
                .count(),
            promises_met: statement.duties.iter().map(|duty| duty.count.met).sum(),
            promises_missed: statement.duties.iter().map(|duty| duty.count.missed).sum(),
            charged: credit
                .and_then(|credit| plus(credit.charged, credit.surcharge.as_ref().map(|s| s.total))),
            credit: credit.and_then(|credit| credit.credit),
            net: credit.and_then(|credit| credit.net),
        }
    }
}

fn plus(charge: Option<Money>, surcharge: Option<Money>) -> Option<Money> {
    let charge = charge?;
    Some(Money { minor: charge.minor + surcharge.map_or(0, |surcharge| surcharge.minor), ..charge })
}

/// The same facts, month by month, as they were and under `other` terms.
pub fn replay(was: &Evaluation<'_>, other: &Terms, months: &[Month]) -> Vec<Replayed> {
    let others = Versions::single(other.clone());
    let would = evaluate(&others, was.facts(), was.at());
    let summary = |evaluation: &Evaluation<'_>, month| Summary::of(evaluation.preview(month).ok().as_ref());
    months
        .iter()
        .map(|month| Replayed { month: *month, was: summary(was, *month), would: summary(&would, *month) })
        .collect()
}
