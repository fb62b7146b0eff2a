//! The calculator behind `uphold agreement credit`: so many counted minutes in a month, and what comes of them.

use std::collections::BTreeMap;

use agreement::{Percent, Terms};
use facts::{Currency, InstanceId, Money};
use serde::Serialize;
use spans::{Instant, Length, Month, Span};

use super::{Cap, Charges, Rung, settle};
use crate::{
    Fraction, Verdict, Why,
    availability::{Asked, InstanceMonth, Tally, as_text, judged},
};

/// What a month costs and gives back, for one instance with so many counted minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CreditSheet {
    /// The tier, where there are tiers.
    pub tier: Option<String>,
    /// The month.
    pub month: Month,
    /// Counted minutes.
    pub down_minutes: i64,
    /// The kept share.
    pub uptime: Fraction,
    /// The kept share as shown, rounded down, with the fraction behind it.
    pub uptime_shown: String,
    /// The objective.
    #[serde(serialize_with = "as_text")]
    pub objective: Percent,
    /// Met or missed.
    pub verdict: Verdict,
    /// The price asked about.
    pub price: Option<Money>,
    /// What the tier costs on top.
    pub surcharge: Option<Money>,
    /// What the credit is a percentage of.
    pub base: Option<Money>,
    /// The band of the ladder, where the objective was missed.
    pub band: Option<Rung>,
    /// The cap, with both amounts it compares.
    pub cap: Option<Cap>,
    /// The credit.
    pub credit: Option<Money>,
    /// Price and surcharge less credit.
    pub net: Option<Money>,
    /// Why.
    pub why: Why,
}

/// Why a question about a credit has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum SheetError {
    #[error("the agreement promises no availability, so no credit follows from downtime")]
    NoObjective,
    #[error("{month} lies outside the term, which runs from {} to {}", term.start, term.end)]
    OutsideTerm { month: Month, term: Span },
    #[error("{minutes} minutes cannot have been down: {month} has {covered} covered minutes")]
    Minutes { minutes: i64, month: Month, covered: i64 },
    #[error("the price is in {given}; the agreement's amounts are in {currency}")]
    Currency { given: Currency, currency: Currency },
    #[error("the price is below zero: {price}")]
    Price { price: Money },
}

/// The sheet of a month in which one instance, covered for as much of it as the term, had `down_minutes` counted minutes and
/// was charged `price` (after discount, before surcharge and VAT). Without a price, percentages only.
///
/// # Errors
/// When the agreement promises no availability, or month, minutes or price do not fit it.
pub fn credit_for(
    terms: &Terms,
    month: Month,
    down_minutes: i64,
    price: Option<Money>,
) -> Result<CreditSheet, SheetError> {
    let asked = Asked::new(terms, month, Instant::MAX).ok_or(SheetError::NoObjective)?;
    let covered = asked.period.intersect(terms.term()).map_or(Length::ZERO, Span::length);
    check(terms, month, covered, down_minutes, price)?;
    let instance: InstanceId = "instance".parse().expect("a constant id");
    let figures = figures(terms, &asked, &instance, covered, down_minutes);
    let uptime = figures.uptime.ok_or(SheetError::OutsideTerm { month, term: terms.term() })?;
    let amounts: BTreeMap<&InstanceId, Money> = price.map(|price| (&instance, price)).into_iter().collect();
    let charges = Charges { currency: terms.agreement().agreement.currency, amounts, facts: BTreeMap::new() };
    let settled = settle(terms, month, &[&figures], &charges);
    let why = settled.why;
    let credit = settled.credits.into_iter().next();
    Ok(CreditSheet {
        tier: figures.tier.clone(),
        month,
        down_minutes,
        uptime,
        uptime_shown: figures.shown(),
        objective: figures.objective,
        verdict: figures.verdict,
        price,
        surcharge: settled.surcharge.map(|surcharge| surcharge.total),
        base: credit.as_ref().and_then(|credit| credit.base),
        band: credit.and_then(|credit| credit.rung),
        cap: settled.cap,
        credit: settled.credit,
        net: settled.net,
        why,
    })
}

/// The month of one instance that was seen all the time, down for so many counted minutes.
fn figures(
    terms: &Terms,
    asked: &Asked<'_>,
    instance: &InstanceId,
    covered: Length,
    down_minutes: i64,
) -> InstanceMonth {
    let tally = Tally {
        covered,
        ahead: Length::ZERO,
        down: Length::from_minutes(down_minutes),
        excluded: Length::ZERO,
        unknown: Length::ZERO,
        counted: down_minutes,
        counted_at_worst: down_minutes,
        outside: Length::ZERO,
    };
    let mut figures = asked.judge(instance, tally);
    let promised = Why::new("covered time", covered, "the time that the term and the month have in common")
        .under(&terms.agreement().agreement.term.clause.ids);
    figures.why = judged(&figures, asked, &promised);
    figures
}

fn check(
    terms: &Terms,
    month: Month,
    covered: Length,
    minutes: i64,
    price: Option<Money>,
) -> Result<(), SheetError> {
    let currency = terms.agreement().agreement.currency;
    match price {
        _ if covered.is_zero() => Err(SheetError::OutsideTerm { month, term: terms.term() }),
        _ if !(0..=covered.whole_minutes()).contains(&minutes) => {
            Err(SheetError::Minutes { minutes, month, covered: covered.whole_minutes() })
        }
        Some(price) if price.currency != currency => {
            Err(SheetError::Currency { given: price.currency, currency })
        }
        Some(price) if price.minor < 0 => Err(SheetError::Price { price }),
        _ => Ok(()),
    }
}
