//! How fast an instance answered, minute by minute, for the chart of the last day. A view: no contract looks at it.

use std::collections::BTreeMap;

use facts::{CheckObserved, Outcome};
use spans::{Instant, Length};

/// Minutes that are kept.
pub const MINUTES_MAX: usize = 24 * 60;

/// Response times of one minute, over every vantage point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Minute {
    /// Good answers.
    pub answers: u32,
    /// Failures.
    pub failures: u32,
    /// Those of the good answers whose response time is on record; the figures below are over them alone.
    pub timed: u32,
    /// The fastest, in milliseconds.
    pub fastest_ms: u32,
    /// The slowest, in milliseconds.
    pub slowest_ms: u32,
    /// All together, in milliseconds.
    pub total_ms: u64,
}

impl Minute {
    /// The mean response time of the good answers, in milliseconds, rounded down; none where no time is on record.
    pub fn mean_ms(&self) -> Option<u64> {
        self.total_ms.checked_div(u64::from(self.timed))
    }

    fn see(&mut self, outcome: Outcome, ms: Option<u32>) {
        match outcome {
            Outcome::Up => {
                self.answers += 1;
                if let Some(ms) = ms {
                    self.time(ms);
                }
            }
            Outcome::Down => self.failures += 1,
            Outcome::Void => {}
        }
    }

    fn time(&mut self, ms: u32) {
        self.fastest_ms = if self.timed == 0 { ms } else { self.fastest_ms.min(ms) };
        self.slowest_ms = self.slowest_ms.max(ms);
        self.total_ms += u64::from(ms);
        self.timed += 1;
    }
}

/// The last day of one instance, by the start of each minute.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    minutes: BTreeMap<Instant, Minute>,
}

impl Pace {
    pub(crate) fn read(&mut self, seen: &CheckObserved) {
        for observation in &seen.observations {
            let micros = observation.at.as_micros();
            let start = Instant::from_micros(micros - micros.rem_euclid(Length::MINUTE.as_micros()));
            let minute = self.minutes.entry(start).or_default();
            minute.see(observation.outcome, observation.response_time_ms);
        }
        while self.minutes.len() > MINUTES_MAX {
            self.minutes.pop_first();
        }
    }

    /// The minutes in which anybody looked, in order, each by its start.
    pub fn minutes(&self) -> impl Iterator<Item = (Instant, &Minute)> {
        self.minutes.iter().map(|(start, minute)| (*start, minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_without_a_response_time_is_good_and_has_no_part_in_the_mean() {
        let mut minute = Minute::default();
        minute.see(Outcome::Up, None);
        assert_eq!((minute.answers, minute.mean_ms()), (1, None));
        minute.see(Outcome::Up, Some(120));
        minute.see(Outcome::Up, None);
        minute.see(Outcome::Up, Some(80));
        minute.see(Outcome::Down, Some(5));
        assert_eq!((minute.answers, minute.timed, minute.failures), (4, 2, 1));
        assert_eq!((minute.fastest_ms, minute.mean_ms(), minute.slowest_ms), (80, Some(100), 120));
    }
}
