//! A silence over the ends of months: each statement counts the periods of its own month.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use promise::{Tally, evaluate};

use crate::story::{PREMIUM, tell};

/// Seen until 30 May, then nobody looks until 3 July.
const STORY: &str = "05-01 00:00 instance wiki production \"Wiki\" from 2026-05-01 00:00; \
    05-01 00:00 ams watches wiki every 20s until 2026-05-30 00:00; \
    07-03 00:00 ams watches wiki every 20s until 2026-09-01 00:00";

fn observed(month: &str, now: &str) -> Tally {
    let (facts, now) = tell(&format!("{STORY}; now {now}"));
    let versions = PREMIUM.versions();
    let statement = evaluate(&versions, &facts, now).preview(month.parse().unwrap()).unwrap();
    let line = statement.duties.iter().find(|duty| duty.id == "observe");
    line.map(|line| line.count).unwrap()
}

#[test]
fn sh_mon_01_each_month_counts_the_minutes_of_a_silence_that_lie_in_it() {
    let tally = |met, missed| Tally { met, missed, ..Tally::default() };
    assert_eq!(observed("2026-05", "08-02 09:00"), tally(41_760, 2_880));
    assert_eq!(observed("2026-06", "08-02 09:00"), tally(0, 43_200));
    assert_eq!(observed("2026-07", "08-02 09:00"), tally(41_760, 2_880));
}

#[test]
fn an_open_silence_leaves_a_month_that_is_over_as_it_was() {
    assert_eq!(observed("2026-05", "06-01 00:01"), observed("2026-05", "06-20 00:00"));
    let june = observed("2026-06", "06-20 00:00:50");
    assert_eq!((june.met, june.missed, june.open), (0, 19 * 1_440 + 1, 1));
}

#[test]
fn a_month_without_a_silence_has_its_line_too() {
    assert_eq!(observed("2026-08", "09-02 09:00"), Tally { met: 44_640, ..Tally::default() });
}
