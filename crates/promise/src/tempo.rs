//! How fast a check is answered, held against what it is meant to be: degraded is a state of its own beside up and down, and no downtime.
//!
//! Time is cut into stretches of an objective's length, from 1970 on. A stretch is slow when fewer good answers than the percentile says
//! came within the time: that is to say, when the percentile of the stretch, by nearest rank, is above it. Two counts decide it, so it is
//! the same in whatever order answers come, and from however many vantage points: those of all are counted together. No contract looks
//! at it.

use std::collections::BTreeMap;

use facts::{CheckDefined, CheckObserved, Observation, Outcome, Pace};
use spans::{Instant, Length, Span, Spans};

/// How long the counts of a stretch are kept: what comes later than that no longer changes what was found.
pub const COUNTED_FOR: Length = Length::from_hours(48);
/// A stretch that is not over is judged once it has so many answers; until then the one before it speaks.
pub const ANSWERS_MIN: u32 = 5;

/// One check's objectives, and how its answers stand to them.
#[derive(Debug, Clone, Default)]
pub struct Tempo {
    objectives: Vec<Kept>,
    newest: Option<Instant>,
}

/// An objective from the instant on at which it was set.
#[derive(Debug, Clone)]
struct Kept {
    pace: Pace,
    from: Instant,
    until: Instant,
    /// By the start of each stretch: good answers within the time, and all of them.
    counts: BTreeMap<Instant, Count>,
    /// Slow stretches whose counts are gone.
    slow: Spans,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    within: u32,
    all: u32,
}

/// An objective that is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slow {
    /// Which.
    pub pace: Pace,
    /// Since when, to the stretch.
    pub since: Instant,
    /// Good answers of the stretch within the time.
    pub within: u32,
    /// All good answers of the stretch.
    pub answers: u32,
}

impl Tempo {
    /// Takes what is meant from an instant on; what was meant before ends there.
    pub fn define(&mut self, check: &CheckDefined, at: Instant) {
        let running = |kept: &Kept| kept.until == Instant::MAX;
        if self
            .objectives
            .iter()
            .filter(|kept| running(kept))
            .map(|kept| kept.pace)
            .eq(check.objectives.iter().copied())
        {
            return;
        }
        self.end(at);
        let begun = check.objectives.iter().map(|pace| Kept {
            pace: *pace,
            from: at,
            until: Instant::MAX,
            counts: BTreeMap::new(),
            slow: Spans::default(),
        });
        self.objectives.extend(begun);
        self.objectives.retain(|kept| running(kept) || !kept.counts.is_empty() || !kept.slow.is_empty());
    }

    /// Nothing is meant from an instant on.
    pub fn end(&mut self, at: Instant) {
        let running = self.objectives.iter_mut().filter(|kept| kept.until == Instant::MAX);
        running.for_each(|kept| kept.until = at.max(kept.from));
    }

    /// Counts what was answered.
    pub fn read(&mut self, seen: &CheckObserved) {
        if self.objectives.is_empty() {
            return;
        }
        for observation in &seen.observations {
            self.see(observation);
        }
    }

    fn see(&mut self, observation: &Observation) {
        let (Outcome::Up, Some(took)) = (observation.outcome, observation.took) else { return };
        let at = observation.at;
        let newest = self.newest.map_or(at, |newest| newest.max(at));
        self.newest = Some(newest);
        for kept in self.objectives.iter_mut().filter(|kept| kept.from <= at && at < kept.until) {
            kept.count(at, took.as_micros(), newest - COUNTED_FOR);
        }
    }

    /// When any objective was missed: whole stretches, and of the one that runs only once it has [`ANSWERS_MIN`] answers.
    pub fn slow(&self, now: Instant) -> Spans {
        let all = self.objectives.iter().map(|kept| kept.slow_until(now));
        all.fold(Spans::default(), |all, slow| all.union(&slow))
    }

    /// The objectives that are missed at an instant, as far as is known then.
    pub fn missed(&self, now: Instant) -> Vec<Slow> {
        self.objectives
            .iter()
            .filter(|kept| kept.until == Instant::MAX)
            .filter_map(|kept| kept.missed(now))
            .collect()
    }
}

impl Kept {
    fn over(&self) -> Length {
        Length::from_secs(i64::from(self.pace.over_s))
    }

    fn count(&mut self, at: Instant, micros: u64, oldest: Instant) {
        let over = self.over().as_micros();
        let start = Instant::from_micros(at.as_micros().div_euclid(over) * over);
        if start < oldest {
            return;
        }
        let count = self.counts.entry(start).or_default();
        count.all = count.all.saturating_add(1);
        count.within = count.within.saturating_add(u32::from(micros <= u64::from(self.pace.within_us)));
        while let Some(first) = self.counts.first_entry()
            && *first.key() < oldest
        {
            let (start, count) = first.remove_entry();
            self.slow = self.slow.union(&self.stretch(start, count));
        }
    }

    /// The stretch, where it is slow.
    fn stretch(&self, start: Instant, count: Count) -> Spans {
        let end = (start + self.over()).min(self.until);
        let span = Span::new(start.max(self.from), end).filter(|_| count.is_slow(self.pace));
        span.into_iter().collect()
    }

    fn slow_until(&self, now: Instant) -> Spans {
        let judged = self.counts.iter().filter(|(start, count)| {
            **start + self.over() <= now || (**start <= now && ANSWERS_MIN <= count.all)
        });
        let found =
            judged.fold(self.slow.clone(), |all, (start, count)| all.union(&self.stretch(*start, *count)));
        found.clip(Span { start: Instant::MIN, end: now })
    }

    /// The newest stretch that speaks, no older than the one before that of `now`.
    fn missed(&self, now: Instant) -> Option<Slow> {
        let over = self.over();
        let speaks = |(start, count): &(&Instant, &Count)| **start + over <= now || ANSWERS_MIN <= count.all;
        let (start, count) = self.counts.range(..=now).rev().find(speaks)?;
        if *start + over * 2 <= now || !count.is_slow(self.pace) {
            return None;
        }
        let mut since = *start;
        while let Some(before) = self.counts.get(&(since - over))
            && before.is_slow(self.pace)
        {
            since -= over;
        }
        Some(Slow { pace: self.pace, since: since.max(self.from), within: count.within, answers: count.all })
    }
}

impl Count {
    /// Fewer answers within the time than the percentile says.
    fn is_slow(self, pace: Pace) -> bool {
        u64::from(self.within) * 100 < u64::from(self.all) * u64::from(pace.percentile)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::Took;

    fn at(second: i64) -> Instant {
        Instant::from_second(1_700_000_100 + second)
    }

    fn defined(objectives: &str) -> CheckDefined {
        let text = format!(
            r#"{{"instance":"wiki","check":"web","every_s":20,"url":"https://x.example/","objectives":{objectives}}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn answers(times: &[(i64, u32)]) -> CheckObserved {
        let observed = |(second, ms): &(i64, u32)| Observation {
            took: Some(Took::millis(*ms)),
            ..Observation::new(at(*second), Outcome::Up)
        };
        CheckObserved {
            instance: "wiki".parse().unwrap(),
            check: "web".parse().unwrap(),
            vantage: "here".parse().unwrap(),
            observations: times.iter().map(observed).collect(),
            certificate_ends: None,
            signed: None,
        }
    }

    fn seconds(spans: &Spans) -> Vec<(i64, i64)> {
        let second = |at: Instant| at.as_micros() / 1_000_000 - 1_700_000_100;
        spans.iter().map(|span| (second(span.start), second(span.end))).collect()
    }

    /// Nine of ten within 100 ms, over a minute.
    const NINE: &str = r#"[{"percentile":90,"within_us":100000,"over_s":60}]"#;

    #[test]
    fn a_stretch_is_slow_when_its_percentile_is() {
        let mut tempo = Tempo::default();
        tempo.define(&defined(NINE), at(-100));
        let minute = |from: i64, slow: i64| {
            (0..10).map(|i| (from + i, if i < slow { 101 } else { 100 })).collect::<Vec<_>>()
        };
        tempo.read(&answers(&[minute(0, 1), minute(60, 2), minute(120, 10), minute(180, 0)].concat()));
        assert_eq!(seconds(&tempo.slow(at(240))), [(60, 180)]);
        assert_eq!(tempo.missed(at(191)), [], "the newest stretch has ten answers and is well");
        let then = tempo.missed(at(170));
        assert_eq!((then[0].since, then[0].within, then[0].answers), (at(60), 0, 10));
    }

    #[test]
    fn a_stretch_that_runs_speaks_once_it_has_answers() {
        let mut tempo = Tempo::default();
        tempo.define(&defined(NINE), at(-100));
        tempo.read(&answers(&[(0, 500), (1, 500), (2, 500), (3, 500)]));
        assert!(tempo.missed(at(10)).is_empty() && tempo.slow(at(10)).is_empty());
        tempo.read(&answers(&[(4, 500)]));
        assert_eq!(tempo.missed(at(10)).len(), 1);
        assert_eq!(seconds(&tempo.slow(at(10))), [(0, 10)]);
        assert!(tempo.missed(at(200)).is_empty(), "nobody looked since");
    }

    #[test]
    fn it_is_the_same_in_whatever_order_answers_come() {
        let all: Vec<(i64, u32)> = (0..200).map(|i| (i * 7, if i * i % 11 < 4 { 300 } else { 40 })).collect();
        let mut orders = [all.clone(), all.iter().rev().copied().collect(), all.clone()];
        orders[2].sort_by_key(|(second, _)| second * 7_919 % 1_009);
        let found = orders.map(|order| {
            let mut tempo = Tempo::default();
            tempo.define(&defined(NINE), at(-100));
            order.chunks(3).for_each(|some| tempo.read(&answers(some)));
            seconds(&tempo.slow(at(1_500)))
        });
        assert!(!found[0].is_empty() && found[0] == found[1] && found[0] == found[2], "{found:?}");
    }

    #[test]
    fn an_objective_counts_from_its_instant_on_and_no_failure_is_slow() {
        let mut tempo = Tempo::default();
        tempo.read(&answers(&[(0, 900)]));
        tempo.define(&defined(NINE), at(60));
        let mut down = answers(&[(70, 900), (71, 900), (72, 900), (73, 900), (74, 900)]);
        down.observations.iter_mut().for_each(|seen| seen.outcome = Outcome::Down);
        tempo.read(&down);
        assert!(tempo.slow(at(1_000)).is_empty());
        tempo.read(&answers(&[(130, 900)]));
        tempo.define(&defined("[]"), at(150));
        tempo.read(&answers(&[(160, 900)]));
        assert_eq!(seconds(&tempo.slow(at(1_000))), [(120, 150)]);
    }

    #[test]
    fn counts_are_kept_two_days_and_what_was_found_stays() {
        let mut tempo = Tempo::default();
        tempo.define(&defined(NINE), at(-100));
        tempo.read(&answers(&[(0, 900)]));
        tempo.read(&answers(&[(3 * 86_400, 40)]));
        tempo.read(&answers(&[(30, 40), (31, 40)]));
        assert_eq!(tempo.objectives[0].counts.len(), 1);
        assert_eq!(seconds(&tempo.slow(at(4 * 86_400))), [(0, 60)]);
    }
}
