//! What it costs, and how late it is, while nothing goes wrong.

use std::collections::BTreeMap;

use super::crew::{Crew, settle};
use super::evidence::{Ledger, Record, first_of};
use super::site::Site;
use super::when::{SECOND, now_us};
use super::{Plan, VANTAGES};
use crate::compare::TICKS;

/// Until everything has found its rhythm.
const SETTLE_S: u64 = 25;
/// Until what was seen last is on record, at the latest.
const ON_RECORD_S: u64 = 10;
/// How the node tells of how many looks from elsewhere it had on disk within five seconds of their beginning, and of how many in all.
const COMMITTED: [&str; 2] =
    ["uphold_vantage_look_committed_seconds_bucket{le=\"5\"}", "uphold_vantage_look_committed_seconds_count"];

/// Measures for as long as the plan says, and holds the ledger against the looks.
pub(super) fn take(plan: &Plan, site: &Site, crew: &mut Crew) -> Result<(), String> {
    settle(SETTLE_S);
    let (from_us, before) = (now_us(), crew.cost()?);
    let kept_before = crew.metrics(COMMITTED)?;
    settle(plan.seconds);
    let (to_us, after) = (now_us(), crew.cost()?);
    settle(ON_RECORD_S);
    let kept = crew.metrics(COMMITTED)?;
    let since = |index: usize| kept[index].unwrap_or_default() - kept_before[index].unwrap_or_default();
    crew.stop();

    let record = Record::read(crew, to_us)?;
    let ledger = Ledger::read(crew, to_us)?;
    let every_us = i64::try_from(plan.every_s).unwrap_or(i64::MAX) * SECOND;
    first_of(&record.reckoned(&ledger, every_us, (from_us, to_us)))?;
    let answers = site.answers().iter().filter(|answer| (from_us..to_us).contains(&answer.at_us)).count();
    println!(
        "{} checks each {} s, {VANTAGES} vantage points, {} s:",
        plan.checks, plan.every_s, plan.seconds
    );
    println!(
        "- looks: {answers} by the site, {} on record from the start; ledgers as the looks: {}",
        record.count,
        record.looks.len()
    );
    let lateness = lateness(&record.due, every_us, (from_us, to_us));
    println!("- {lateness}");
    println!(
        "- committed within 5 s of their beginning: {} of {}; longest until recorded: {} ms",
        since(0),
        since(1),
        record.slowest_us / 1_000
    );
    tell_cost(&before, &after, to_us - from_us);
    Ok(())
}

/// Starts by how late they were: each against the earliest in its interval that the same check ever began, from the same place.
fn lateness(due: &BTreeMap<(String, u32), Vec<i64>>, every_us: i64, (from, to): (i64, i64)) -> String {
    let (mut all, mut fewest, mut most) = (Vec::new(), usize::MAX, 0);
    for times in due.values() {
        let times: Vec<i64> = times.iter().copied().filter(|at| (from..to).contains(at)).collect();
        let Some(first) = times.first() else { continue };
        let phase = |at: &i64| (at - first + every_us / 2).rem_euclid(every_us) - every_us / 2;
        let earliest = times.iter().map(phase).min().unwrap_or_default();
        all.extend(times.iter().map(|at| phase(at) - earliest));
        (fewest, most) = (fewest.min(times.len()), most.max(times.len()));
    }
    all.sort_unstable();
    let under =
        |of_thousand: usize| all.get((all.len() * of_thousand / 1_000).min(all.len().saturating_sub(1)));
    let told = |late: Option<&i64>| late.map_or("none".to_owned(), |late| format!("{} ms", late / 1_000));
    format!(
        "starts: latest {} after its turn, 99.9 % within {}, half within {}; {fewest} to {most} looks of each check and place",
        told(all.last()),
        told(under(999)),
        told(under(500)),
    )
}

fn tell_cost(before: &[(String, u64, u64)], after: &[(String, u64, u64)], over_us: i64) {
    let over_ms = u64::try_from(over_us / 1_000).unwrap_or(1).max(1);
    let mut total = 0;
    for ((name, ticks, peak_kb), (_, earlier, _)) in after.iter().zip(before) {
        let used_ms = (ticks - earlier) * 1_000 / TICKS;
        total += used_ms;
        println!(
            "- {name}: {} thousandths of a core, {} MB at most",
            used_ms * 1_000 / over_ms,
            peak_kb / 1_024
        );
    }
    println!("- together: {} thousandths of a core", total * 1_000 / over_ms);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_is_late_against_the_earliest_of_its_own() {
        let of = |times: &[i64]| times.iter().map(|ms| ms * 1_000).collect::<Vec<_>>();
        let due = BTreeMap::from([
            (("v0".to_owned(), 1), of(&[19_999, 40_000, 60_070, 80_001])),
            (("v1".to_owned(), 1), of(&[5_000, 25_000])),
        ]);
        let told = lateness(&due, 20 * SECOND, (0, i64::MAX));
        assert!(told.starts_with("starts: latest 71 ms after its turn"), "{told}");
        assert!(told.ends_with("2 to 4 looks of each check and place"), "{told}");
    }
}
