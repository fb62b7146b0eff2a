//! A month of one instance, told in a line: what the tests of availability and credits stand on.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use agreement::{Agreement, Terms};
use facts::Fact;
use promise::{InstanceMonth, instance_months};
use spans::{Instant, Length};

use crate::story::{Deal, tell};

/// The wiki, asked from Amsterdam every 20 s all June.
pub(crate) const JUNE: &str = "\
03-01 00:00 instance wiki production \"Wiki\" from 2026-03-01 00:00; \
06-01 00:00 ams watches wiki every 20s until 2026-07-01 00:00";

pub(crate) fn altered(deal: Deal, change: impl FnOnce(&mut Agreement)) -> Terms {
    let (agreement, findings) = Agreement::read(deal.text);
    let mut agreement = agreement.unwrap_or_else(|| panic!("{findings:?}"));
    change(&mut agreement);
    let terms = Terms::compile(agreement, "0f".repeat(32)).unwrap();
    deal.tier.map_or_else(|| terms.clone(), |tier| terms.under(tier).unwrap())
}

#[track_caller]
pub(crate) fn month_of(terms: &Terms, facts: &[Fact], now: Instant, month: &str) -> InstanceMonth {
    let month = month.parse().unwrap();
    let mut months = instance_months(terms, facts, now);
    months.retain(|m| m.month == month);
    assert_eq!(months.len(), 1, "one instance in {month}");
    months.remove(0)
}

/// June of the wiki at the start of July, after what the story tells.
#[track_caller]
pub(crate) fn june(deal: Deal, story: &str) -> InstanceMonth {
    june_under(&deal.terms(), story)
}

#[track_caller]
pub(crate) fn june_under(terms: &Terms, story: &str) -> InstanceMonth {
    let (facts, now) = tell(&format!("{JUNE}; {story}; now 07-02 09:00"));
    month_of(terms, &facts, now, "2026-06")
}

/// `10:00-10:20 20`, one for each run.
pub(crate) fn runs(month: &InstanceMonth) -> String {
    let clock = |at: Instant| at.to_string()[11..].trim_end_matches('Z').to_owned();
    let shown =
        month.runs.iter().map(|r| format!("{}-{} {}", clock(r.span.start), clock(r.span.end), r.counted));
    shown.collect::<Vec<_>>().join("; ")
}

pub(crate) fn minutes(length: Length) -> i64 {
    assert!((length - Length::from_minutes(length.whole_minutes())).is_zero(), "{length} is whole minutes");
    length.whole_minutes()
}

/// Maintenance of the wiki on the 17th, from 10:00 to 11:00.
pub(crate) const MAINTENANCE: &str =
    "maintenance M-1 scheduled upgrade on wiki from 2026-06-17 10:00 to 2026-06-17 11:00 impact down by anna";
