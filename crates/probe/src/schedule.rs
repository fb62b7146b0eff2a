//! When each check is due: spread over its interval by its name, in slots that are shared.
//!
//! A check begins at the same second of every interval, at every start, wherever it is listed; two vantage points begin the same
//! check apart. The cost of a look that is alone is mostly waking up, so starts are rounded down to slots of at most a quarter of a
//! second, as short as needed to keep about [`TOGETHER`] looks in one: 250 ms at 25 looks a second, 40 ms at 500. The slot is the
//! schedule; a start is late when it is later than its slot.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

/// How many looks begin together, on average, at most. Five of them cost 0.115 CPU seconds a thousand at 500 looks a second, twenty
/// 0.08; the last of twenty begins some 2 ms after the first, over TLS 7 ms.
const TOGETHER: u64 = 20;
/// Slots divide a second, so that the slots of all intervals are the same.
const SLOTS_US: [u64; 12] =
    [250_000, 200_000, 125_000, 100_000, 50_000, 40_000, 25_000, 20_000, 10_000, 5_000, 2_000, 1_000];
/// A start that is later than this is left out; the next one is on time.
const LATE_MAX: Duration = Duration::from_secs(1);

/// What is due next. Times are monotonic nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    queue: BinaryHeap<Reverse<Start>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Start {
    pub(crate) due_ns: u64,
    pub(crate) index: usize,
    every_ns: u64,
}

impl Schedule {
    /// The schedule of checks by name and interval; `zero_us`: the wall clock at monotonic zero.
    pub(crate) fn of(checks: &[(u64, Duration)], zero_us: i64, now_ns: u64) -> Schedule {
        let slot = slot_us(checks);
        let wall_us = zero_us.saturating_add_unsigned(now_ns / 1_000);
        let start = |(index, (name, every)): (usize, &(u64, Duration))| {
            let every_us = u64::try_from(every.as_micros()).unwrap_or(u64::MAX).max(1_000_000);
            let phase = spread(*name, every_us) / slot * slot;
            let wait = i128::from(phase) - i128::from(wall_us);
            let wait = u64::try_from(wait.rem_euclid(i128::from(every_us))).expect("less than the interval");
            Reverse(Start {
                due_ns: now_ns / 1_000 * 1_000 + wait * 1_000,
                index,
                every_ns: every_us * 1_000,
            })
        };
        Schedule { queue: checks.iter().enumerate().map(start).collect() }
    }

    /// When the next one is due.
    pub(crate) fn next(&self) -> Option<u64> {
        self.queue.peek().map(|Reverse(start)| start.due_ns)
    }

    /// Takes one that is due; how many of its starts were left out because they were too late is added to `skipped`.
    pub(crate) fn take(&mut self, now_ns: u64, skipped: &mut u32) -> Option<Start> {
        while let Some(mut top) = self.queue.peek_mut()
            && top.0.due_ns <= now_ns
        {
            let start = top.0;
            let behind = (now_ns - start.due_ns) / start.every_ns;
            top.0.due_ns += (behind + 1) * start.every_ns;
            drop(top);
            let late = Duration::from_nanos(now_ns - start.due_ns) > LATE_MAX;
            let left_out = behind + u64::from(late);
            *skipped = skipped.saturating_add(u32::try_from(left_out).unwrap_or(u32::MAX));
            if !late {
                return Some(start);
            }
        }
        None
    }
}

/// The longest slot that does not put too many together.
fn slot_us(checks: &[(u64, Duration)]) -> u64 {
    let in_a_thousand_s: u64 = checks.iter().map(|(_, every)| 1_000 / every.as_secs().max(1)).sum();
    let fits = |slot_us: &&u64| in_a_thousand_s * **slot_us <= TOGETHER * 1_000 * 1_000_000;
    SLOTS_US.iter().find(fits).copied().unwrap_or(SLOTS_US[SLOTS_US.len() - 1])
}

/// Where in the interval a name falls: its bits as a fraction of it.
fn spread(name: u64, every_us: u64) -> u64 {
    u64::try_from((u128::from(name) * u128::from(every_us)) >> 64).expect("less than the interval")
}

/// A number for a name, the same always and everywhere (FNV-1a, its bits mixed once more).
pub(crate) fn number(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
    let hash = bytes
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let mixed = (hash ^ (hash >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND_NS: u64 = 1_000_000_000;
    const ZERO_US: i64 = 1_700_000_000_123_456;

    fn checks(count: usize, every: u64) -> Vec<(u64, Duration)> {
        (0..count).map(|i| (number(&["ams-1", &i.to_string()]), Duration::from_secs(every))).collect()
    }

    /// Every start of a stretch of time, tick by tick.
    fn starts(schedule: &mut Schedule, from_ns: u64, until_ns: u64) -> Vec<Start> {
        let mut skipped = 0;
        let mut starts = Vec::new();
        while let Some(next) = schedule.next().filter(|next| (from_ns..until_ns).contains(next)) {
            while let Some(start) = schedule.take(next, &mut skipped) {
                starts.push(start);
            }
        }
        assert_eq!(skipped, 0);
        starts
    }

    #[test]
    fn ten_thousand_checks_are_spread_evenly_and_each_is_due_once_an_interval() {
        let mut schedule = Schedule::of(&checks(10_000, 20), ZERO_US, 7);
        let starts = starts(&mut schedule, 0, 7 + 20 * SECOND_NS);
        let mut indices: Vec<_> = starts.iter().map(|start| start.index).collect();
        indices.sort_unstable();
        assert_eq!(indices, (0..10_000).collect::<Vec<_>>());
        let mut by_second = [0_u32; 21];
        starts.iter().for_each(|start| by_second[usize::try_from(start.due_ns / SECOND_NS).unwrap()] += 1);
        by_second[0] += by_second[20];
        assert!(by_second[..20].iter().all(|count| (400..600).contains(count)), "{by_second:?}");
    }

    #[test]
    fn a_check_keeps_its_second_over_a_restart() {
        let first = Schedule::of(&checks(1, 20), ZERO_US, 5 * SECOND_NS).next().unwrap();
        let restarted = Schedule::of(&checks(1, 20), ZERO_US, first + 200 * SECOND_NS - 1).next().unwrap();
        assert_eq!(restarted, first + 200 * SECOND_NS);
    }

    #[test]
    fn slots_are_shared_where_looks_are_few_and_short_where_they_are_many() {
        assert_eq!(slot_us(&checks(1, 20)), 250_000);
        assert_eq!(slot_us(&checks(500, 20)), 250_000);
        assert_eq!(slot_us(&checks(2_000, 20)), 200_000);
        assert_eq!(slot_us(&checks(10_000, 20)), 40_000);
        assert_eq!(slot_us(&checks(50_000, 1)), 1_000);
    }

    #[test]
    fn what_was_slept_through_is_left_out_and_counted_and_the_rhythm_kept() {
        let mut schedule = Schedule::of(&checks(1, 20), ZERO_US, 0);
        let first = schedule.next().unwrap();
        let mut skipped = 0;
        assert_eq!(schedule.take(first + 65 * SECOND_NS, &mut skipped), None);
        assert_eq!((skipped, schedule.next()), (4, Some(first + 80 * SECOND_NS)));
        assert!(schedule.take(first + 80 * SECOND_NS + SECOND_NS / 2, &mut skipped).is_some());
        assert_eq!((skipped, schedule.next()), (4, Some(first + 100 * SECOND_NS)));
    }
}
