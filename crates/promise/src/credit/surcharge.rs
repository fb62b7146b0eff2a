//! What the tier costs on top, and each instance's share of it (SH-PRICE-01..03, A-08, A-09).

use std::collections::BTreeMap;

use agreement::{
    Terms, divide_half_up,
    party::{self, Allocation, PartialMonth, SurchargePer, SurchargeRule},
};
use facts::{InstanceId, Money};
use serde::Serialize;
use spans::{Length, Month, Span};

use super::{Charges, sum};
use crate::{Why, availability::signed};

/// The surcharge of one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Surcharge {
    /// What the client pays for the tier.
    pub total: Money,
    /// What of it falls on each charged instance: the shares add up to the total, to the cent.
    pub shares: BTreeMap<InstanceId, Money>,
    /// Why.
    pub why: Why,
}

impl Surcharge {
    /// As shown on a statement: a tier that costs nothing extra is included (SH-PRICE-01).
    pub fn shown(&self) -> String {
        if self.total.minor == 0 { "included".to_owned() } else { self.total.to_string() }
    }
}

/// The surcharge on a month's charges; nothing where the agreement has none, or where nothing was charged.
/// `covered`: how much of the month each instance is promised; the term's part where it is not named.
pub(super) fn surcharge(
    terms: &Terms,
    month: Month,
    charges: &Charges<'_>,
    covered: &BTreeMap<&InstanceId, Length>,
) -> Option<Surcharge> {
    let rule = terms.agreement().price.as_ref()?.surcharge.as_ref()?;
    if charges.amounts.is_empty() {
        return None;
    }
    let rate = Rate::new(terms, rule, month);
    let (total, shares, why) = match rule.per {
        SurchargePer::AgreementMonth => {
            let (total, why) = rate.of(charges.total(), rate.term);
            let shares = apportion(total.minor, &weights(rule.allocate, charges));
            (total, shares, why)
        }
        SurchargePer::InstanceMonth => {
            let of = |(id, amount): (&&InstanceId, &Money)| {
                rate.of(*amount, covered.get(*id).copied().unwrap_or(rate.term))
            };
            let each: Vec<(Money, Why)> = charges.amounts.iter().map(of).collect();
            let total = sum(charges.currency, each.iter().map(|(money, _)| *money));
            let why = Why::new("surcharge", total, "the surcharges of the instances together")
                .under(&rule.clause.ids);
            let shares = each.iter().map(|(money, _)| money.minor).collect();
            (total, shares, each.into_iter().fold(why, |why, (_, each)| why.from(each)))
        }
    };
    let ids = charges.amounts.keys().map(|id| (*id).clone());
    let shares = ids.zip(shares.into_iter().map(|minor| Money { minor, ..total })).collect();
    Some(Surcharge { total, shares, why })
}

/// The rule for one tier and month.
struct Rate<'t> {
    rule: &'t party::Surcharge,
    terms: &'t Terms,
    /// The whole month.
    period: Span,
    /// How much of it lies in the term.
    term: Length,
}

impl<'t> Rate<'t> {
    fn new(terms: &'t Terms, rule: &'t party::Surcharge, month: Month) -> Rate<'t> {
        let period = month.span(&terms.agreement().months_in());
        let term = period.intersect(terms.term()).map_or(Length::ZERO, Span::length);
        Rate { rule, terms, period, term }
    }

    /// SH-PRICE-01..03: percentage and amount of the tier, combined as signed.
    fn of(&self, charged: Money, covered: Length) -> (Money, Why) {
        let agreement = self.terms.agreement();
        let percent = self.rule.percent.of(self.terms.tier()).copied().unwrap_or(agreement::Percent::ZERO);
        let amount = self
            .rule
            .amount
            .of(self.terms.tier())
            .map_or(Money { minor: 0, ..charged }, |cents| cents.money(charged.currency));
        let (by_percent, by_amount) = (percent.of(charged), self.for_part(amount, covered));
        let (rule, total) = match self.rule.rule {
            SurchargeRule::GreaterOf => {
                ("the greater of percentage and amount", by_percent.minor.max(by_amount.minor))
            }
            SurchargeRule::LesserOf => {
                ("the lesser of percentage and amount", by_percent.minor.min(by_amount.minor))
            }
            SurchargeRule::Percent => ("the percentage of the charges", by_percent.minor),
            SurchargeRule::Amount => ("the amount", by_amount.minor),
        };
        let total = Money { minor: total, ..charged };
        let fixed = match by_amount == amount {
            true => "amount".to_owned(),
            false => format!("{amount} for {covered} of {}", self.period.length()),
        };
        let why = Why::new("surcharge", total, rule)
            .under(&self.rule.clause.ids)
            .read_as(&signed(agreement, &["A-08"]))
            .given("charges of the month", charged)
            .given(percent.to_string(), by_percent)
            .given(fixed, by_amount);
        (total, why)
    }

    /// A month that is covered in part costs its part of a fixed amount, half a cent rounded up.
    fn for_part(&self, amount: Money, covered: Length) -> Money {
        match self.rule.partial_month {
            PartialMonth::Whole => amount,
            PartialMonth::ProRataCoveredMinutes => {
                let part = i128::from(amount.minor) * i128::from(covered.as_micros());
                Money { minor: divide_half_up(part, i128::from(self.period.length().as_micros())), ..amount }
            }
        }
    }
}

/// In proportion to what each is charged; equally where nothing is charged for any.
fn weights(allocate: Allocation, charges: &Charges<'_>) -> Vec<i64> {
    let prices = || charges.amounts.values().map(|money| money.minor);
    match allocate {
        Allocation::ProRataByInstancePrice if prices().any(|price| price > 0) => prices().collect(),
        Allocation::ProRataByInstancePrice | Allocation::Equal => prices().map(|_| 1).collect(),
    }
}

/// Shares `total` cents in proportion to `weights` (none negative, not all zero): each share is cut to whole cents, and the
/// cents left over go one by one to the largest parts cut off, of equal ones to the first. The shares add up to the total.
pub(super) fn apportion(total: i64, weights: &[i64]) -> Vec<i64> {
    let whole: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    if whole == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: &i64| i128::from(total) * i128::from(*weight);
    let mut shares: Vec<i64> =
        weights.iter().map(|w| i64::try_from(exact(w).div_euclid(whole)).unwrap_or(i64::MAX)).collect();
    let mut by_part_cut_off: Vec<usize> = (0..weights.len()).collect();
    by_part_cut_off.sort_by_key(|index| std::cmp::Reverse(exact(&weights[*index]).rem_euclid(whole)));
    let left = total - shares.iter().sum::<i64>();
    for index in by_part_cut_off.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[index] += 1;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_and_left_over_cents_go_to_the_largest_parts_cut_off() {
        assert_eq!(apportion(100, &[1, 1, 1]), [34, 33, 33]);
        assert_eq!(apportion(50_000, &[480, 100, 20]), [40_000, 8_333, 1_667]);
        assert_eq!(apportion(10, &[0, 3]), [0, 10]);
        assert_eq!(apportion(5, &[0, 0]), [0, 0]);
        assert_eq!(apportion(0, &[7]), [0]);
        assert_eq!(apportion(2, &[5, 5, 5, 5]), [1, 1, 0, 0]);
    }
}
