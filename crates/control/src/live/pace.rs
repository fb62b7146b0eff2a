//! How fast an instance answered, five minutes by five, for the chart of the last day, which shows no finer. A view: no contract looks
//! at it.

use facts::{CheckObserved, Outcome, Took};
use spans::{Instant, Length};

/// What is gathered into one: as fine as the chart.
pub const GATHERED: Length = Length::from_minutes(5);
/// Stretches that are kept: a day of them, and the one that is cut by its beginning.
pub const STRETCHES_MAX: usize = 24 * 12 + 1;
/// Room is made for so many at once: an hour.
const ROOM: usize = 12;

/// Response times of five minutes, over every vantage point.
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

/// The last day of one instance, by the start of each stretch, in order.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    minutes: Vec<(Instant, Minute)>,
}

impl Pace {
    pub(crate) fn read(&mut self, seen: &CheckObserved) {
        for observation in &seen.observations {
            let micros = observation.at.as_micros();
            let start = Instant::from_micros(micros - micros.rem_euclid(GATHERED.as_micros()));
            self.stretch(start).see(observation.outcome, observation.took.map(Took::as_millis));
        }
        let beyond = self.minutes.len().saturating_sub(STRETCHES_MAX);
        self.minutes.drain(..beyond);
    }

    fn stretch(&mut self, start: Instant) -> &mut Minute {
        let place = match self.minutes.binary_search_by_key(&start, |(start, _)| *start) {
            Ok(place) => place,
            Err(place) => {
                if self.minutes.len() == self.minutes.capacity() {
                    self.minutes.reserve_exact(ROOM);
                }
                self.minutes.insert(place, (start, Minute::default()));
                place
            }
        };
        &mut self.minutes[place].1
    }

    /// The stretches in which anybody looked, in order, each by its start.
    pub fn minutes(&self) -> impl Iterator<Item = (Instant, &Minute)> {
        self.minutes.iter().map(|(start, minute)| (*start, minute))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::Observation;

    /// A day of an instance that is asked each twenty seconds stays below 13 kB: 6.5 MB for five hundred.
    #[test]
    fn a_day_is_small_and_what_is_older_goes() {
        let mut pace = Pace::default();
        let begin = Instant::from_second(1_700_000_100);
        let looks: Vec<Observation> = (0..3 * 4_320)
            .map(|look| Observation::new(begin + Length::from_secs(20) * look, Outcome::Up))
            .collect();
        for observations in looks.chunks(100) {
            pace.read(&CheckObserved {
                instance: "wiki".parse().unwrap(),
                check: "http".parse().unwrap(),
                vantage: "ams".parse().unwrap(),
                observations: observations.to_vec(),
                certificate_ends: None,
                signed: None,
            });
        }
        assert_eq!(pace.minutes().count(), STRETCHES_MAX);
        assert_eq!(pace.minutes().map(|(_, minute)| minute.answers).max(), Some(15));
        assert!(pace.minutes().zip(pace.minutes().skip(1)).all(|(a, b)| a.0 + GATHERED == b.0));
        let bytes = pace.minutes.capacity() * size_of::<(Instant, Minute)>();
        assert!(bytes < 13_000, "{bytes}");
    }

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
