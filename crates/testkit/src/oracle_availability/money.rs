//! What is paid and owed, in the words of the clauses, with plain fractions.

use std::collections::BTreeMap;

use super::{History, Micros, MonthAnswer, YearMonth, next};

/// How percentage and amount become one surcharge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// The greater.
    Greater,
    /// The lesser.
    Lesser,
    /// The percentage.
    Percent,
    /// The amount.
    Amount,
}

/// What the parties signed about money. Percentages in millionths of a percent, amounts in cents.
#[derive(Debug, Clone)]
pub struct Prices {
    /// How percentage and amount become one.
    pub combine: Combine,
    /// The percentage.
    pub percent: i64,
    /// The amount.
    pub amount: i64,
    /// For each instance by itself, or for all together.
    pub per_instance: bool,
    /// Shared equally, or by price.
    pub equal: bool,
    /// Whether a month covered in part costs the whole amount.
    pub whole_amount: bool,
    /// Whether the base of a credit includes the share of the surcharge.
    pub base_with_surcharge: bool,
    /// Lowest share in the band (none in the last), first share above it (none: the objective), what is credited.
    pub bands: Vec<(Option<i64>, Option<i64>, i64)>,
    /// The cap.
    pub cap: Option<i64>,
}

/// The client's money in one month, in cents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MoneyAnswer {
    /// Charges of all instances; none where none is known.
    pub charged: Option<i64>,
    /// The surcharge.
    pub surcharge: Option<i64>,
    /// Each charged instance's share of it.
    pub shares: BTreeMap<String, i64>,
    /// Each instance that missed: what it earned, and what is given of it; none where its charge is not known.
    pub credits: BTreeMap<String, Option<(i64, i64)>>,
    /// The cap.
    pub cap: Option<i64>,
    /// What is credited; none where nothing that missed has a known charge.
    pub credit: Option<i64>,
    /// What is left to pay.
    pub net: Option<i64>,
}

const HUNDRED: i128 = 100_000_000;

/// One month's money. `answers`: each instance's month, by its place in the list; those with none have no covered instant.
pub fn money(history: &History, month: YearMonth, answers: &BTreeMap<usize, MonthAnswer>) -> MoneyAnswer {
    let prices = &history.rules.prices;
    let charges = charges(history, month);
    let mut answer = MoneyAnswer::default();
    let named = |index: &usize| history.instances[*index].name.clone();
    let mut shares: BTreeMap<usize, i64> = BTreeMap::new();
    if !charges.is_empty() {
        let sum: i64 = charges.values().sum();
        answer.charged = Some(sum);
        if prices.per_instance {
            for (index, charge) in &charges {
                let covered = answers.get(index).map(|a| a.covered + a.ahead);
                shares.insert(*index, surcharge(history, month, *charge, covered));
            }
        } else {
            let total = surcharge(history, month, sum, None);
            let weights: BTreeMap<usize, i64> = charges
                .iter()
                .map(|(index, charge)| (*index, if prices.equal || sum == 0 { 1 } else { *charge }))
                .collect();
            shares = share_out(total, &weights);
        }
        answer.surcharge = Some(shares.values().sum());
        answer.shares = shares.iter().map(|(index, cents)| (named(index), *cents)).collect();
    }
    let mut earned: BTreeMap<usize, i64> = BTreeMap::new();
    let mut missed: Vec<usize> = Vec::new();
    for (index, month) in answers.iter().filter(|(_, month)| month.verdict == "missed") {
        let Some(percent) = percent(history, month) else { continue };
        missed.push(*index);
        if let Some(charge) = charges.get(index) {
            let share = if prices.base_with_surcharge { shares[index] } else { 0 };
            earned.insert(*index, half_up(i128::from(charge + share) * i128::from(percent), HUNDRED));
        }
    }
    let due = answer.charged.map(|charged| charged + answer.surcharge.unwrap_or(0));
    answer.cap = due.zip(prices.cap).map(|(due, cap)| half_up(i128::from(due) * i128::from(cap), HUNDRED));
    let sum: i64 = earned.values().sum();
    let given = match answer.cap {
        Some(cap) if cap < sum => share_out(cap, &earned),
        _ => earned.clone(),
    };
    answer.credits = missed
        .iter()
        .map(|index| (named(index), earned.get(index).map(|cents| (*cents, given[index]))))
        .collect();
    answer.credit = (missed.is_empty() || !earned.is_empty()).then(|| given.values().sum());
    answer.net = due.map(|due| due - answer.credit.unwrap_or(0));
    answer
}

/// What each instance was last said to cost; less than nothing is no charge, and neither is that of one nobody added.
fn charges(history: &History, month: YearMonth) -> BTreeMap<usize, i64> {
    let mut charges = BTreeMap::new();
    for (index, instance) in history.instances.iter().enumerate() {
        let fits = |cents: i64| 0 <= cents && !instance.added.is_empty();
        let of_month = instance.charges.iter().filter(|(_, of, cents)| *of == month && fits(*cents));
        if let Some((_, _, cents)) = of_month.max_by_key(|(told, ..)| told.order()) {
            charges.insert(index, *cents);
        }
    }
    charges
}

fn surcharge(history: &History, month: YearMonth, charge: i64, covered: Option<Micros>) -> i64 {
    let prices = &history.rules.prices;
    let (begins, ends) = (history.begins(month), history.begins(next(month)));
    let term = (history.rules.term.1.min(ends) - history.rules.term.0.max(begins)).max(0);
    let covered = covered.unwrap_or(term);
    let by_percent = half_up(i128::from(charge) * i128::from(prices.percent), HUNDRED);
    let by_amount = if prices.whole_amount {
        prices.amount
    } else {
        half_up(i128::from(prices.amount) * i128::from(covered), i128::from(ends - begins))
    };
    match prices.combine {
        Combine::Greater if by_percent > by_amount => by_percent,
        Combine::Greater => by_amount,
        Combine::Lesser if by_percent < by_amount => by_percent,
        Combine::Lesser => by_amount,
        Combine::Percent => by_percent,
        Combine::Amount => by_amount,
    }
}

/// The band the exact share lies in; lower bounds belong to it.
fn percent(history: &History, month: &MonthAnswer) -> Option<i64> {
    let (kept, line) = month.kept?;
    let share = i128::from(kept) * HUNDRED;
    let of_line = |percent: i64| i128::from(percent) * i128::from(line);
    for (lower, upper, percent) in &history.rules.prices.bands {
        let upper = upper.unwrap_or(history.rules.objective);
        if lower.is_none_or(|lower| of_line(lower) <= share) && share < of_line(upper) {
            return Some(*percent);
        }
    }
    None
}

/// Whole cents in proportion: first what everybody has for certain, then one cent at a time to whoever is most short of the
/// exact share, the first of several.
fn share_out(total: i64, weights: &BTreeMap<usize, i64>) -> BTreeMap<usize, i64> {
    let whole: i128 = weights.values().map(|weight| i128::from(*weight)).sum();
    let exact = |weight: i64| i128::from(total) * i128::from(weight);
    let mut shares: BTreeMap<usize, i64> = weights
        .iter()
        .map(|(index, weight)| {
            (*index, if whole == 0 { 0 } else { i64::try_from(exact(*weight) / whole).expect("cents") })
        })
        .collect();
    while whole > 0 && shares.values().sum::<i64>() < total {
        let mut most: Option<(usize, i128)> = None;
        for (index, weight) in weights {
            let short = exact(*weight) - i128::from(shares[index]) * whole;
            if most.is_none_or(|(_, other)| short > other) {
                most = Some((*index, short));
            }
        }
        *shares.get_mut(&most.expect("somebody").0).expect("listed") += 1;
    }
    shares
}

/// To the nearest whole, a half up. Neither is below zero.
fn half_up(a: i128, b: i128) -> i64 {
    i64::try_from((2 * a + b) / (2 * b)).expect("cents")
}
