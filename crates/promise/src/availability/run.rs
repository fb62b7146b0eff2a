//! Unbroken runs of downtime, and the whole minutes in them that count (SH-AVAIL-05, SH-AVAIL-09, A-13).

use agreement::availability::{Count, Down};
use serde::Serialize;
use spans::{Instant, Length, Span, Spans};

use crate::exclusion::touching;

/// One unbroken run of downtime after exclusions, as it meets a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Run {
    /// The whole run; it may begin before the period and end after it.
    pub span: Span,
    /// The minutes of the whole run that count. Zero for a run that is seen and not counted.
    pub minutes: i64,
    /// Those of them that begin in the period.
    pub counted: i64,
}

impl Run {
    /// Too short to count: listed, and nothing more (SH-AVAIL-09).
    pub fn is_seen_only(&self) -> bool {
        self.minutes == 0
    }
}

/// The start of each minute of a run that counts in a period (SH-AVAIL-05): one for each of `run.counted`.
pub fn counted_minutes(down: &Down, run: &Run, period: Span) -> impl Iterator<Item = Instant> + use<> {
    laid_minutes(run, Counting::of(down), period)
}

fn laid_minutes(run: &Run, counting: Counting, period: Span) -> impl Iterator<Item = Instant> + use<> {
    let (first, minutes) = counting.laid(run.span);
    let before = starts_before(first, minutes, period.start);
    (before..before + run.counted).map(move |n| first + Length::MINUTE * n)
}

/// How an agreement turns runs into minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counting {
    /// A run shorter than this counts for nothing.
    pub(crate) min_run: Length,
    /// Whether minutes are laid from the run's start or taken from the clock.
    pub(crate) count: Count,
}

impl Counting {
    /// As the file says.
    pub(crate) fn of(down: &Down) -> Counting {
        Counting { min_run: down.min_run.length(Length::DAY), count: down.count }
    }

    /// The runs that meet a period, in order. Runs are never cut by it: a counted minute belongs to the period in which its 60
    /// seconds begin, so the figures of two periods add up to those of both together.
    pub(crate) fn runs(self, down: &Spans, period: Span) -> Vec<Run> {
        touching(down, period).iter().map(|run| self.run(*run, period)).collect()
    }

    /// The counted minutes of a period.
    pub(crate) fn minutes(self, down: &Spans, period: Span) -> i64 {
        touching(down, period).iter().map(|run| self.run(*run, period).counted).sum()
    }

    fn run(self, run: Span, period: Span) -> Run {
        let (first, minutes) = self.laid(run);
        let before = |at: Instant| starts_before(first, minutes, at);
        Run { span: run, minutes, counted: before(period.end) - before(period.start) }
    }

    /// SH-AVAIL-05: where the first counted minute of a run begins, and how many follow each other from there.
    fn laid(self, run: Span) -> (Instant, i64) {
        let first = match self.count {
            Count::WholeMinutesOfRun => run.start,
            Count::AlignedMinutes => next_whole_minute(run.start),
        };
        let long_enough = self.min_run <= run.length();
        (first, if long_enough { (run.end - first).max(Length::ZERO).whole_minutes() } else { 0 })
    }
}

/// How many of `minutes` minutes, laid end to end from `first`, begin before an instant.
fn starts_before(first: Instant, minutes: i64, at: Instant) -> i64 {
    let passed = (at - first).max(Length::ZERO);
    let begun = passed.whole_minutes()
        + i64::from(passed.whole_minutes() * Length::MINUTE.as_micros() < passed.as_micros());
    begun.min(minutes)
}

fn next_whole_minute(at: Instant) -> Instant {
    let minute = Length::MINUTE.as_micros();
    at + Length::from_micros((minute - at.as_micros().rem_euclid(minute)) % minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(a: i64, b: i64) -> Span {
        Span { start: Instant::from_second(a), end: Instant::from_second(b) }
    }

    const WHOLE: Counting = Counting { min_run: Length::MINUTE, count: Count::WholeMinutesOfRun };
    const ALIGNED: Counting = Counting { min_run: Length::MINUTE, count: Count::AlignedMinutes };

    #[test]
    fn the_remainder_of_a_run_is_dropped() {
        for (seconds, minutes) in [(59, 0), (60, 1), (119, 1), (120, 2), (3600, 60)] {
            assert_eq!(
                WHOLE.minutes(&Spans::one(span(30, 30 + seconds)), span(0, 9999)),
                minutes,
                "{seconds}"
            );
        }
    }

    #[test]
    fn aligned_minutes_are_those_of_the_clock() {
        for ((from, to), minutes) in
            [((30, 90), 0), ((60, 120), 1), ((30, 120), 1), ((1, 179), 1), ((60, 119), 0)]
        {
            assert_eq!(ALIGNED.minutes(&Spans::one(span(from, to)), span(0, 9999)), minutes, "{from}-{to}");
        }
    }

    #[test]
    fn each_counted_minute_has_its_own_start() {
        let run = WHOLE.run(span(-90, 130), span(0, 1000));
        let first = laid_minutes(&run, WHOLE, span(0, 1000)).map(|at| at.as_micros() / 1_000_000);
        assert_eq!(first.collect::<Vec<_>>(), [30]);
        let run = ALIGNED.run(span(-90, 130), span(-1000, 1000));
        let all = laid_minutes(&run, ALIGNED, span(-1000, 1000)).map(|at| at.as_micros() / 1_000_000);
        assert_eq!(all.collect::<Vec<_>>(), [-60, 0, 60]);
    }

    #[test]
    fn a_minute_belongs_to_the_period_in_which_it_begins() {
        let down = Spans::one(span(-90, 130));
        let (before, after) = (WHOLE.runs(&down, span(-1000, 0)), WHOLE.runs(&down, span(0, 1000)));
        assert_eq!((before[0].minutes, before[0].counted, after[0].counted), (3, 2, 1));
        let at_midnight = Spans::one(span(0, 60));
        assert_eq!(WHOLE.minutes(&at_midnight, span(-1000, 0)), 0);
        assert_eq!(WHOLE.minutes(&at_midnight, span(0, 1000)), 1);
    }

    proptest::proptest! {
        #[test]
        fn splitting_a_period_and_adding_is_the_period(
            edges in proptest::collection::vec(-500_i64..500, 2..12),
            cut in -600_i64..600,
            aligned: bool,
        ) {
            let mut edges = edges;
            edges.sort_unstable();
            let down: Spans = edges.chunks_exact(2).map(|pair| span(pair[0], pair[1])).collect();
            let counting = if aligned { ALIGNED } else { WHOLE };
            let parts = counting.minutes(&down, span(-600, cut)) + counting.minutes(&down, span(cut, 600));
            let whole = counting.minutes(&down, span(-600, 600));
            proptest::prop_assert_eq!(parts, whole);
            proptest::prop_assert!(Length::from_minutes(whole) <= down.total());
        }
    }
}
