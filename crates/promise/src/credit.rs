//! What a missed month costs the provider: the credit of each instance, and the client's month with its surcharge and cap.
//!
//! Everything is in whole cents of the agreement's currency and computed from exact fractions; a fraction of a cent is rounded
//! once, half a cent up, per instance. Claiming, forfeiting and applying a credit are obligations and stand elsewhere; so does
//! goodwill, which is no credit.

mod ladder;
mod sheet;
mod surcharge;

use std::collections::{BTreeMap, BTreeSet};

use agreement::{Percent, Terms, credit::Credit};
use facts::{Body, Currency, Fact, InstanceCharged, InstanceId, Money};
use serde::Serialize;
use spans::Month;

pub use self::{
    ladder::Rung,
    sheet::{CreditSheet, SheetError, credit_for},
    surcharge::Surcharge,
};
use crate::{
    InstanceMonth, Verdict, Why,
    availability::{as_text, signed},
};

/// A client's money in one calendar month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClientMonth {
    /// The month.
    pub month: Month,
    /// SHA-256 of the agreement file, in hex.
    pub agreement: String,
    /// The tier, where there are tiers.
    pub tier: Option<String>,
    /// What was charged for all instances, after discount, before surcharge and VAT; absent where no charge is known.
    pub charged: Option<Money>,
    /// What the tier costs on top; absent where the agreement has none or no charge is known.
    pub surcharge: Option<Surcharge>,
    /// What each instance earns, by id. Nothing is netted (SH-CRED-07). Empty where the agreement gives no credit.
    pub credits: Vec<InstanceCredit>,
    /// The cap and what it was compared with (SH-CRED-08, SH-CRED-09); absent where there is none or no charge is known.
    pub cap: Option<Cap>,
    /// What is credited: the sum of what is given; absent where the agreement gives no credit, or where no charge is known for
    /// what was missed.
    pub credit: Option<Money>,
    /// Instances that missed and whose charge is not known: their credit is a percentage only, and not in the sum.
    pub unpriced: Vec<InstanceId>,
    /// Charges and surcharge less credit; absent where no charge is known.
    pub net: Option<Money>,
    /// The same month if every disputed exclusion stood; absent where that changes no instance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<Box<ClientMonth>>,
    /// Why.
    pub why: Why,
}

/// What one instance earns in one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceCredit {
    /// The instance.
    pub instance: InstanceId,
    /// How it kept its objective.
    pub verdict: Verdict,
    /// What was charged for it.
    pub charge: Option<Money>,
    /// Its share of the surcharge, where the base includes it.
    pub surcharge_share: Option<Money>,
    /// What the percentage is taken of.
    pub base: Option<Money>,
    /// The band of the ladder; absent unless the objective was missed.
    pub rung: Option<Rung>,
    /// The band's percentage of the base, half a cent up.
    pub earned: Option<Money>,
    /// What of it is given after the cap.
    pub given: Option<Money>,
    /// Why.
    pub why: Why,
}

/// The most that is given in a month, and what it is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Cap {
    /// The share.
    #[serde(serialize_with = "as_text")]
    pub percent: Percent,
    /// What it is a share of: charges with surcharge, before credits and VAT.
    pub of: Money,
    /// The most that is given.
    pub amount: Money,
    /// What the instances earned together.
    pub sum: Money,
    /// Whether it reduces anything.
    pub binds: bool,
}

/// The client's money for each month of these instance-months, in order. Nothing comes of an agreement without a price and a
/// credit.
///
/// `facts`: those known, in any order. A month's charge of an instance is the one recorded last. One of an instance that nobody
/// added, one in another currency than the agreement's and one below zero enter no figure; a statement remarks them.
pub fn client_months(terms: &Terms, facts: &[Fact], months: &[InstanceMonth]) -> Vec<ClientMonth> {
    let agreement = terms.agreement();
    if agreement.credit.is_none() && agreement.price.as_ref().is_none_or(|price| price.surcharge.is_none()) {
        return Vec::new();
    }
    let charges = Charges::by_month(agreement.agreement.currency, facts);
    let each: BTreeSet<Month> = months.iter().map(|month| month.month).collect();
    let none = Charges { currency: agreement.agreement.currency, ..Charges::default() };
    let settled = each.into_iter().map(|month| {
        let instances: Vec<_> = months.iter().filter(|m| m.month == month).collect();
        both_versions(terms, month, &instances, charges.get(&month).unwrap_or(&none))
    });
    settled.collect()
}

fn both_versions(
    terms: &Terms,
    month: Month,
    instances: &[&InstanceMonth],
    charges: &Charges<'_>,
) -> ClientMonth {
    let mut settled = settle(terms, month, instances, charges);
    if instances.iter().any(|instance| instance.alternative.is_some()) {
        let others: Vec<_> = instances.iter().map(|i| i.alternative.as_deref().unwrap_or(i)).collect();
        settled.alternative = Some(Box::new(settle(terms, month, &others, charges)));
    }
    settled
}

/// What was charged in one month, by instance.
#[derive(Debug, Clone)]
pub(crate) struct Charges<'f> {
    currency: Currency,
    amounts: BTreeMap<&'f InstanceId, Money>,
    facts: BTreeMap<&'f InstanceId, &'f Fact>,
}

impl Default for Charges<'_> {
    fn default() -> Self {
        Charges { currency: Currency::EUR, amounts: BTreeMap::new(), facts: BTreeMap::new() }
    }
}

impl<'f> Charges<'f> {
    fn by_month(currency: Currency, facts: &'f [Fact]) -> BTreeMap<Month, Charges<'f>> {
        let mut months: BTreeMap<Month, Charges<'f>> = BTreeMap::new();
        for (fact, charge, unfit) in charged(currency, facts) {
            if unfit.is_some() {
                continue;
            }
            let month = months.entry(charge.month).or_default();
            month.currency = currency;
            month.amounts.insert(&charge.instance, charge.amount);
            month.facts.insert(&charge.instance, fact);
        }
        months
    }

    fn total(&self) -> Money {
        sum(self.currency, self.amounts.values().copied())
    }
}

/// Why a charge enters no figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
enum Unfit {
    #[error("nobody added such an instance; charge it under the id it was added with, or add it")]
    UnknownInstance,
    #[error("the amounts of the agreement are in {0}; charge it in {0}")]
    OtherCurrency(Currency),
    #[error("a charge is not below zero; record what is charged in the month")]
    BelowZero,
}

/// Every charge in the order of recording, with why it enters no figure, if it does not.
fn charged(currency: Currency, facts: &[Fact]) -> Vec<(&Fact, &InstanceCharged, Option<Unfit>)> {
    let added = facts.iter().filter_map(|fact| match &fact.body {
        Body::InstanceAdded(added) => Some(&added.instance),
        _ => None,
    });
    let added: BTreeSet<&InstanceId> = added.collect();
    let unfit = |charge: &InstanceCharged| match charge.amount {
        _ if !added.contains(&charge.instance) => Some(Unfit::UnknownInstance),
        amount if amount.currency != currency => Some(Unfit::OtherCurrency(currency)),
        amount if amount.minor < 0 => Some(Unfit::BelowZero),
        _ => None,
    };
    let charged = facts.iter().filter_map(|fact| match &fact.body {
        Body::InstanceCharged(charge) => Some((fact, charge, unfit(charge))),
        _ => None,
    });
    let mut charged: Vec<_> = charged.collect();
    charged.sort_by_key(|(fact, ..)| (fact.recorded_at, fact.id));
    charged.dedup_by_key(|(fact, ..)| fact.id);
    charged
}

/// The charges of a month that enter no figure, each with why, as remarks of its statement.
pub(crate) fn left_out(terms: &Terms, facts: &[Fact], month: Month) -> Vec<String> {
    let charged = charged(terms.agreement().agreement.currency, facts).into_iter();
    let of_month = charged.filter(|(_, charge, _)| charge.month == month);
    let said = of_month.filter_map(|(fact, charge, unfit)| {
        let (instance, amount, recorded) = (&charge.instance, charge.amount, fact.recorded_at);
        Some(format!("Left out: a charge of {amount} for {instance}, recorded {recorded}: {}.", unfit?))
    });
    said.collect()
}

/// One month of one client, from its instances' months and charges.
fn settle(terms: &Terms, month: Month, instances: &[&InstanceMonth], charges: &Charges<'_>) -> ClientMonth {
    let covered = instances.iter().map(|m| (&m.instance, m.covered + m.ahead)).collect();
    let surcharge = surcharge::surcharge(terms, month, charges, &covered);
    let charged = (!charges.amounts.is_empty()).then(|| charges.total());
    let rule = terms.agreement().credit.as_ref();
    let mut credits: Vec<InstanceCredit> = match rule {
        Some(rule) => instances.iter().map(|m| earned(terms, rule, m, charges, surcharge.as_ref())).collect(),
        None => Vec::new(),
    };
    let recurring = charged.map(|charged| add(charged, surcharge.as_ref().map(|s| s.total)));
    let cap = rule.and_then(|rule| cap(terms, rule, recurring?, &credits));
    give(&mut credits, cap);
    let missed = || credits.iter().filter(|c| c.rung.is_some());
    let unpriced: Vec<_> = missed().filter(|c| c.given.is_none()).map(|c| c.instance.clone()).collect();
    let known = unpriced.is_empty() || missed().any(|c| c.given.is_some());
    let given = sum(charges.currency, credits.iter().filter_map(|c| c.given));
    let credit = (rule.is_some() && known).then_some(given);
    let net = recurring.map(|due| Money { minor: due.minor - credit.map_or(0, |c| c.minor), ..due });
    let why = why(terms, month, &credits, surcharge.as_ref(), cap, credit);
    ClientMonth {
        month,
        agreement: terms.identity().to_owned(),
        tier: terms.tier().map(str::to_owned),
        charged,
        surcharge,
        credits,
        cap,
        credit,
        unpriced,
        net,
        alternative: None,
        why,
    }
}

/// SH-CRED-03..07: the band's percentage of what was charged for the instance, with its share of the surcharge.
fn earned(
    terms: &Terms,
    rule: &Credit,
    month: &InstanceMonth,
    charges: &Charges<'_>,
    surcharge: Option<&Surcharge>,
) -> InstanceCredit {
    let charge = charges.amounts.get(&month.instance).copied();
    let share =
        surcharge.filter(|_| rule.includes_surcharge).and_then(|s| s.shares.get(&month.instance)).copied();
    let base = charge.map(|charge| add(charge, share));
    let missed = month.verdict == Verdict::Missed;
    let rung = month
        .uptime
        .filter(|_| missed)
        .and_then(|kept| ladder::rung(rule, kept, month.objective, terms.tier()));
    let earned = base.zip(rung.as_ref()).map(|(base, rung)| rung.percent.of(base));
    let mut credit = InstanceCredit {
        instance: month.instance.clone(),
        verdict: month.verdict,
        charge,
        surcharge_share: share,
        base,
        rung,
        earned,
        given: earned,
        why: Why::new("credit", "none", "a credit is given for a month that missed its objective"),
    };
    let fact = charges.facts.get(&month.instance).copied();
    credit.why = instance_why(terms, rule, &credit, month, fact);
    credit
}

/// SH-CRED-01, SH-CRED-08, SH-CRED-09, A-17: the cap, with both amounts it compares, binding or not.
fn cap(terms: &Terms, rule: &Credit, recurring: Money, credits: &[InstanceCredit]) -> Option<Cap> {
    let percent = *rule.cap.as_ref()?.percent.of(terms.tier())?;
    let (amount, sum) =
        (percent.of(recurring), sum(recurring.currency, credits.iter().filter_map(|c| c.earned)));
    Some(Cap { percent, of: recurring, amount, sum, binds: amount.minor < sum.minor })
}

/// A cap that binds shrinks every credit in proportion; the cents left over go to the largest parts cut off, then by id.
fn give(credits: &mut [InstanceCredit], cap: Option<Cap>) {
    let Some(cap) = cap.filter(|cap| cap.binds) else { return };
    let earned: Vec<i64> = credits.iter().map(|c| c.earned.map_or(0, |money| money.minor)).collect();
    for (credit, minor) in credits.iter_mut().zip(surcharge::apportion(cap.amount.minor, &earned)) {
        credit.given = credit.earned.map(|earned| Money { minor, ..earned });
    }
}

fn instance_why(
    terms: &Terms,
    rule: &Credit,
    credit: &InstanceCredit,
    month: &InstanceMonth,
    charge: Option<&Fact>,
) -> Why {
    let Some(rung) = &credit.rung else {
        let value = match month.verdict {
            Verdict::Provisional { .. } => "none until a person decides",
            Verdict::NotOver { .. } => "none until the month is over",
            _ => "none",
        };
        return Why::new("credit", value, "a credit is given for a month that missed its objective")
            .under(&rule.clause.ids)
            .given("instance", &credit.instance)
            .given("availability", format!("{}: {}", month.shown(), month.verdict_shown()));
    };
    let value = credit
        .earned
        .map_or_else(|| format!("{} of an unknown charge", rung.percent), |earned| earned.to_string());
    let ladder =
        Why::new("percentage", rung.percent, "the band of the ladder that holds the exact kept share")
            .under(&rung.clauses)
            .read_as(&signed(terms.agreement(), &["A-10"]))
            .given("band", &rung.band)
            .given("uptime", month.shown());
    let why = Why::new("credit", value, "the band's percentage of the base, half a cent up")
        .under(&rule.clause.ids)
        .read_as(&signed(terms.agreement(), &["A-09"]))
        .given("instance", &credit.instance);
    why.from(base_why(credit, charge)).from(ladder).from(month.why.clone())
}

fn base_why(credit: &InstanceCredit, charge: Option<&Fact>) -> Why {
    let none = "no charge is known";
    let base = credit.base.map_or_else(|| none.to_owned(), |base| base.to_string());
    let mut why =
        Why::new("base", base, "the charge for the instance and month, with its share of the surcharge")
            .given("charge", credit.charge.map_or_else(|| none.to_owned(), |charge| charge.to_string()));
    if let Some(share) = credit.surcharge_share {
        why = why.given("share of the surcharge", share);
    }
    charge.into_iter().fold(why, Why::fact)
}

fn why(
    terms: &Terms,
    month: Month,
    credits: &[InstanceCredit],
    surcharge: Option<&Surcharge>,
    cap: Option<Cap>,
    credit: Option<Money>,
) -> Why {
    let value = credit.map_or_else(|| "no amount".to_owned(), |credit| credit.to_string());
    let mut why = Why::new("credit of the month", value, "what the instances earned, at most the cap")
        .given("month", month);
    if let Some(cap) = cap {
        let clauses = terms.agreement().credit.as_ref().and_then(|c| c.cap.as_ref()).map(|c| &c.clause.ids);
        let rule = if cap.binds {
            "the lesser; every credit shrinks in proportion"
        } else {
            "the lesser; it does not bind"
        };
        why = why.from(
            Why::new("cap", format!("{} against {} earned", cap.amount, cap.sum), rule)
                .under(clauses.map_or(&[], Vec::as_slice))
                .read_as(&signed(terms.agreement(), &["A-17"]))
                .given(format!("{} of recurring charges", cap.percent), cap.of),
        );
    }
    why = surcharge.into_iter().fold(why, |why, surcharge| why.from(surcharge.why.clone()));
    credits.iter().fold(why, |why, credit| why.from(credit.why.clone()))
}

fn add(money: Money, more: Option<Money>) -> Money {
    Money { minor: money.minor.saturating_add(more.map_or(0, |more| more.minor)), ..money }
}

fn sum(currency: Currency, amounts: impl Iterator<Item = Money>) -> Money {
    amounts.fold(Money::zero(currency), |sum, money| add(sum, Some(money)))
}
