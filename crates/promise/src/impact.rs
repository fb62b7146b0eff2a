//! What maintenance did to an instance, beside what it was expected to do (SH-MAINT-07).

use facts::Impact;
use spans::{Length, Span, Spans};

use crate::Timeline;

/// What was seen of one instance while maintenance lasted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Actual {
    /// How long it failed.
    pub down: Length,
    /// How long it answered, and slower than it should.
    pub degraded: Length,
    /// How long nobody looked.
    pub unknown: Length,
    /// How long it went on failing beyond the declared end, in a run that began before: this counts (SH-AVAIL-10).
    pub overrun: Length,
}

impl Actual {
    /// The gravest that was seen.
    pub fn impact(&self) -> Impact {
        match self {
            Actual { down, .. } if Length::ZERO < *down => Impact::Down,
            Actual { degraded, .. } if Length::ZERO < *degraded => Impact::Degraded,
            _ => Impact::None,
        }
    }

    /// Whether it was worse than declared.
    pub fn is_worse_than(&self, declared: Impact) -> bool {
        grave(declared) < grave(self.impact()) || Length::ZERO < self.overrun
    }

    /// How it stands to what was declared, in words: `worse than declared`, `as declared`, `less than declared`.
    pub fn beside(&self, declared: Impact) -> &'static str {
        match () {
            () if self.is_worse_than(declared) => "worse than declared",
            () if grave(self.impact()) < grave(declared) => "less than declared",
            () => "as declared",
        }
    }
}

fn grave(impact: Impact) -> u8 {
    match impact {
        Impact::None => 0,
        Impact::Degraded => 1,
        Impact::Down => 2,
    }
}

/// What a timeline shows of a window, from its start to its declared end or an earlier one. `degraded`: when it was slow.
pub fn actual(timeline: &Timeline, degraded: &Spans, window: Span) -> Actual {
    let measure = |spans: &Spans| spans.measure(window.start, window.end);
    let slow = degraded.intersect(&timeline.covered).subtract(&timeline.down).subtract(&timeline.unknown);
    let beyond = timeline.down.iter().filter(|run| window.contains(run.start) && window.end < run.end);
    Actual {
        down: measure(&timeline.down),
        degraded: measure(&slow),
        unknown: measure(&timeline.unknown),
        overrun: beyond.map(|run| run.end - window.end).sum(),
    }
}

#[cfg(test)]
mod tests {
    use spans::Instant;

    use super::*;

    fn span(from: i64, to: i64) -> Span {
        Span { start: Instant::from_second(from), end: Instant::from_second(to) }
    }

    #[test]
    fn sh_maint_07_what_happened_is_held_against_what_was_declared() {
        let timeline = Timeline {
            covered: Spans::one(span(0, 10_000)),
            down: Spans::from_unsorted([span(100, 280), span(990, 1_100)]),
            unknown: Spans::one(span(500, 520)),
        };
        let seen = actual(&timeline, &Spans::one(span(90, 130)), span(60, 1_000));
        assert_eq!((seen.down, seen.degraded), (Length::from_secs(190), Length::from_secs(10)));
        assert_eq!((seen.unknown, seen.overrun), (Length::from_secs(20), Length::from_secs(100)));
        assert!(seen.is_worse_than(Impact::None) && seen.is_worse_than(Impact::Degraded));
        assert!(seen.is_worse_than(Impact::Down), "it went on beyond its end");
        let quiet = actual(&timeline, &Spans::empty(), span(2_000, 3_000));
        assert_eq!(quiet.impact(), Impact::None);
        assert!(!quiet.is_worse_than(Impact::None));
        let beside = [Impact::None, Impact::Down].map(|declared| quiet.beside(declared));
        assert_eq!(beside, ["as declared", "less than declared"]);
        assert_eq!(seen.beside(Impact::Down), "worse than declared");
        let slow = actual(&timeline, &Spans::one(span(2_100, 2_200)), span(2_000, 3_000));
        assert!(slow.is_worse_than(Impact::None) && !slow.is_worse_than(Impact::Degraded));
    }
}
