//! Who gains by a change: the rule for its path, applied to the two values.

use std::collections::BTreeSet;

use facts::Side::{self, Client, Provider};

use super::{
    Both, Gains,
    around::{self, Measure},
    rules::{Rule, rule},
};
use crate::{
    agreement::Agreement,
    value::{amount::Amount, percent::Percent},
};

/// Who gains by this change, and why.
pub(super) fn judge(
    both: &Both<'_>,
    path: &[String],
    old: Option<&str>,
    new: Option<&str>,
) -> (Gains, String) {
    let Some(rule) = rule(path) else { return (Gains::Unclear, "no rule says who gains".to_owned()) };
    let case = Case { both, path, old, new };
    case.judge(rule).unwrap_or_else(|| (Gains::Unclear, format!("cannot be ranked: {}", rule.subject())))
}

/// One change being judged.
struct Case<'a> {
    both: &'a Both<'a>,
    path: &'a [String],
    old: Option<&'a str>,
    new: Option<&'a str>,
}

impl Case<'_> {
    /// None where the values cannot be ranked, or the entry is both parties'.
    fn judge(&self, rule: Rule) -> Option<(Gains, String)> {
        let what = rule.subject();
        let there = self.new.is_some();
        if matches!(rule, Rule::More(..) | Rule::Owed(_) | Rule::Time)
            && self.amounts().is_some_and(|(a, b)| a == b)
        {
            return Some((Gains::Neither, "the same amount, written in another way".to_owned()));
        }
        Some(match rule {
            Rule::Words(_) => (Gains::Neither, what.to_owned()),
            Rule::Unclear(_) => (Gains::Unclear, what.to_owned()),
            Rule::More(side, _) => told(self.grows()?, side, ["more", "less"], what),
            Rule::Owed(_) => told(self.grows()?, self.party()?.other()?, ["more", "less"], what),
            Rule::Time => self.time()?,
            Rule::Members(side, _) => told(self.members()?, side, ["more", "fewer"], what),
            Rule::Binds(_) => told(self.members()?, self.party()?.other()?, ["more", "fewer"], what),
            Rule::Relieves(_) => {
                told(self.grows().or_else(|| self.members())?, self.party()?, ["more", "less"], what)
            }
            Rule::Ladder(side, steps, _) => told(self.climbs(steps)?, side, ["now", "no longer"], what),
            Rule::Strict(steps, _) => {
                told(self.climbs(steps)?, self.party()?.other()?, ["stricter", "looser"], what)
            }
            Rule::Entry(side, _) => told(there, side, ["one more", "one less"], what),
            Rule::Relief(_) => told(there, self.party()?, ["one more", "one less"], what),
            Rule::Duty => self.duty()?,
            Rule::Scope => self.scope(),
            Rule::Calendar(measure, _) => self.calendar(measure, what)?,
        })
    }

    fn time(&self) -> Option<(Gains, String)> {
        let (side, longer) = (self.party()?, self.grows()?);
        let time = if longer { "more" } else { "less" };
        Some((gains(longer, side), format!("the {} has {time} time", side.name())))
    }

    /// An obligation or task that came or went.
    fn duty(&self) -> Option<(Gains, String)> {
        let entry = self.new.or(self.old)?;
        if entry.split("; ").any(|part| part == "binding internal") {
            return Some((Gains::Neither, "a nudge to one's own people".to_owned()));
        }
        let side = self.party()?;
        let owes = if self.new.is_some() { "owes it now" } else { "owes it no longer" };
        Some((gains(self.new.is_some(), side.other()?), format!("the {} {owes}", side.name())))
    }

    fn scope(&self) -> (Gains, String) {
        let entry = self.new.or(self.old).unwrap_or_default();
        let (side, what) = match entry.split("; ").any(|part| part == "in true") {
            true => (Client, "what is in scope"),
            false => (Provider, "what is out of scope"),
        };
        told(self.new.is_some(), side, ["more", "less"], what)
    }

    /// A calendar that stands still longer gives time to whoever owes something in it.
    fn calendar(&self, measure: Measure, what: &str) -> Option<(Gains, String)> {
        let (old, new) =
            (measure(self.both.old.agreement, self.path)?, measure(self.both.new.agreement, self.path)?);
        let [kind, name, ..] = self.path else { return None };
        let owing = around::owing_in(self.both.new.agreement, kind, name);
        if owing.is_empty() {
            return Some((Gains::Neither, "nothing is due in it".to_owned()));
        }
        let longer = (old != new).then_some(new > old)?;
        let time = if longer { "more" } else { "less" };
        Some(match around::one_side(&owing) {
            Some(side) => (gains(longer, side), format!("the {} has {time} time: {what}", side.name())),
            None => (Gains::Unclear, format!("both parties have {time} time: {what}")),
        })
    }

    /// Whether the value grew. No time at all is the longest time; anything else that is absent cannot be ranked.
    fn grows(&self) -> Option<bool> {
        match (self.old?, self.new?) {
            ("unset", new) => self.measure(new, self.both.new.agreement).map(|_| false),
            (old, "unset") => self.measure(old, self.both.old.agreement).map(|_| true),
            _ => self.amounts().and_then(|(old, new)| (old != new).then_some(new > old)),
        }
    }

    /// Both values as numbers, where they are.
    fn amounts(&self) -> Option<(i64, i64)> {
        let old = self.measure(self.old?, self.both.old.agreement)?;
        Some((old, self.measure(self.new?, self.both.new.agreement)?))
    }

    /// A percentage, a score, an amount of money, or an amount of time in its calendar; of one kind, so that they compare.
    fn measure(&self, text: &str, agreement: &Agreement) -> Option<i64> {
        if let Ok(amount) = text.parse::<Amount>() {
            return Some(amount.length(around::day(agreement, self.path)).as_micros());
        }
        if let Ok(percent) = text.trim_end_matches('%').parse::<Percent>() {
            return Some(percent.millionths());
        }
        let (whole, cents) = text.split_once('.')?;
        let cents: i64 = format!("{whole}{cents}").parse().ok()?;
        cents.checked_mul(Percent::ONE / 100)
    }

    /// Whether the list only grew, or only shrank.
    fn members(&self) -> Option<bool> {
        let set = |text: Option<&'_ str>| -> BTreeSet<String> {
            text.into_iter().flat_map(|text| text.split(", ")).map(str::to_owned).collect()
        };
        let (old, new) = (set(self.old), set(self.new));
        match (new.is_superset(&old), new.is_subset(&old)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            _ => None,
        }
    }

    /// Whether the word moved up these steps.
    fn climbs(&self, steps: &[&str]) -> Option<bool> {
        let step = |text: Option<&str>| steps.iter().position(|step| *step == text.unwrap_or_default());
        let (old, new) = (step(self.old)?, step(self.new)?);
        (old != new).then_some(new > old)
    }

    /// Whose entry it is, in whichever version has it.
    fn party(&self) -> Option<Side> {
        around::party(self.both.new.agreement, self.path)
            .or_else(|| around::party(self.both.old.agreement, self.path))
    }
}

fn told(more: bool, side: Side, [plus, minus]: [&str; 2], what: &str) -> (Gains, String) {
    (gains(more, side), format!("{}: {what}", if more { plus } else { minus }))
}

/// More of what is good for a side is its gain; less of it the other's.
fn gains(more: bool, side: Side) -> Gains {
    match if more { Some(side) } else { side.other() } {
        Some(Client) => Gains::Client,
        Some(Provider) => Gains::Provider,
        Some(Side::Outside) | None => Gains::Unclear,
    }
}
