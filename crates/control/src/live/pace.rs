//! How fast an instance answered, minute by minute, for the chart of the last day. A view: no contract looks at it.

use std::collections::BTreeMap;

use facts::{CheckObserved, Outcome};
use spans::{Instant, Length};

/// Minutes that are kept.
pub const MINUTES_MAX: usize = 24 * 60;

/// Response times of one minute, over every vantage point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// Good answers.
    pub answers: u32,
    /// Failures.
    pub failures: u32,
    /// The fastest good answer, in milliseconds.
    pub fastest_ms: u32,
    /// The slowest good answer, in milliseconds.
    pub slowest_ms: u32,
    /// All good answers together, in milliseconds.
    total_ms: u64,
}

impl Minute {
    /// The mean of the good answers, in milliseconds, rounded down; none without any.
    pub fn mean_ms(&self) -> Option<u64> {
        self.total_ms.checked_div(u64::from(self.answers))
    }

    fn see(&mut self, outcome: Outcome, ms: Option<u32>) {
        match outcome {
            Outcome::Up => {
                let ms = ms.unwrap_or(0);
                self.fastest_ms = if self.answers == 0 { ms } else { self.fastest_ms.min(ms) };
                self.slowest_ms = self.slowest_ms.max(ms);
                self.total_ms += u64::from(ms);
                self.answers += 1;
            }
            Outcome::Down => self.failures += 1,
            Outcome::Void => {}
        }
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
            let empty = Minute { answers: 0, failures: 0, fastest_ms: 0, slowest_ms: 0, total_ms: 0 };
            let minute = self.minutes.entry(start).or_insert(empty);
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
