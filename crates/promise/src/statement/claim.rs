//! How a month's credit stands with the client. It is not given by itself: it is claimed in time or forfeited (SH-CRED-10,
//! SH-CRED-11, A-18, A-19), and then put on an invoice (SH-CRED-13).

use std::fmt;

use agreement::OnMiss;
use facts::{Body, Event, Fact, Money, Noun, StatementId};
use serde::Serialize;
use spans::{Instant, Month};

use crate::{
    credit::ClientMonth,
    obligation::{Obligation, State},
};

/// Where the credit is on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum Claim {
    /// No statement that shows it was published, so that nothing runs.
    NotPublished,
    /// It can be claimed.
    Open {
        /// The last instant; none where the agreement sets no end.
        until: Option<Instant>,
    },
    /// It was claimed.
    Claimed {
        /// When.
        at: Instant,
        /// The last instant to put it on an invoice; none where the agreement sets none.
        apply_by: Option<Instant>,
    },
    /// It was put on an invoice.
    Applied {
        /// When.
        at: Instant,
        /// How much.
        amount: Money,
        /// Which.
        invoice: String,
    },
    /// It was not claimed in time.
    Forfeited {
        /// From when on.
        at: Instant,
    },
}

impl Claim {
    /// Whether the client no longer gets it.
    pub fn is_forfeited(&self) -> bool {
        matches!(self, Claim::Forfeited { .. })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Claim::NotPublished => f.write_str("can be claimed once a statement that shows it is published"),
            Claim::Open { until: Some(until) } => write!(f, "can be claimed until {until}"),
            Claim::Open { until: None } => f.write_str("can be claimed"),
            Claim::Claimed { at, apply_by: Some(by) } => write!(f, "claimed {at}, on an invoice by {by}"),
            Claim::Claimed { at, apply_by: None } => write!(f, "claimed {at}"),
            Claim::Applied { at, amount, invoice } => write!(f, "{amount} put on invoice {invoice} {at}"),
            Claim::Forfeited { at } => write!(f, "not claimed in time, forfeited {at}"),
        }
    }
}

/// Nothing where the month earns no credit.
pub(super) fn claim(
    credit: Option<&ClientMonth>,
    facts: &[Fact],
    obligations: &[Obligation],
    month: Month,
) -> Option<Claim> {
    credit?.credit.filter(|credit| credit.minor > 0)?;
    let published: Vec<&StatementId> = facts.iter().filter_map(|fact| shows(fact, month)).collect();
    let of_month = |fact: &Fact| {
        let subject = fact.body.subject();
        subject.noun == Noun::Statement && published.iter().any(|statement| statement.0 == subject.id)
    };
    if let Some(applied) = facts.iter().rev().filter(|fact| of_month(fact)).find_map(applied) {
        return Some(applied);
    }
    let about = |obligation: &&Obligation| {
        obligation.subject.noun == Noun::Statement
            && published.iter().any(|statement| statement.0 == obligation.subject.id)
    };
    // A correction is another statement: a claim in time of any of them is a claim of the month's credit.
    let to_claim =
        obligations.iter().filter(about).filter(|o| o.duty.on_miss.contains(&OnMiss::ForfeitCredit));
    let in_time = to_claim.clone().any(|o| matches!(o.state, State::Met { .. }));
    let to_claim = to_claim.max_by_key(|o| o.started);
    if let Some(State::Forfeited { at } | State::Missed { since: at, .. }) = to_claim.map(|o| &o.state)
        && !in_time
    {
        return Some(Claim::Forfeited { at: *at });
    }
    let claimed = facts.iter().find(|fact| of_month(fact) && fact.event() == Event::ClaimSubmitted);
    Some(match claimed {
        Some(claimed) => {
            let to_apply = obligations.iter().filter(about).find(|o| o.started == claimed.at);
            Claim::Claimed { at: claimed.at, apply_by: to_apply.and_then(|o| o.due) }
        }
        None if published.is_empty() => Claim::NotPublished,
        None => Claim::Open { until: to_claim.and_then(|o| o.due) },
    })
}

/// The statement that was published of a month with a credit to claim.
fn shows(fact: &Fact, month: Month) -> Option<&StatementId> {
    match &fact.body {
        Body::StatementPublished(told) if told.month == month && told.entitlement.is_some() => {
            Some(&told.statement)
        }
        _ => None,
    }
}

fn applied(fact: &Fact) -> Option<Claim> {
    match &fact.body {
        Body::CreditApplied(applied) => {
            Some(Claim::Applied { at: fact.at, amount: applied.amount, invoice: applied.invoice.clone() })
        }
        _ => None,
    }
}
