//! Until when the certificates that an instance showed are good. A view: no contract looks at it.

use std::collections::BTreeMap;

use facts::{CheckId, CheckObserved, VantageId};
use spans::{Instant, Length};

/// A certificate as a vantage point was last shown it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Certificate {
    /// Its last instant.
    pub ends: Instant,
    /// When it was shown, to the day: a vantage point says it once a day, and when it changes.
    pub shown: Instant,
}

impl Certificate {
    /// Whole days that are left at an instant; none when it is over.
    pub fn days_left(&self, at: Instant) -> Option<i64> {
        (at <= self.ends).then(|| (self.ends - at).as_micros() / Length::DAY.as_micros())
    }
}

/// The certificates of one instance, by who asked what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Certificates(BTreeMap<(CheckId, VantageId), Certificate>);

impl Certificates {
    /// Reports come in any order: what was shown last counts.
    pub(crate) fn read(&mut self, seen: &CheckObserved) {
        let shown = seen.observations.iter().map(|observation| observation.at).max();
        let Some((ends, shown)) = seen.certificate_ends.zip(shown) else { return };
        let found = Certificate { ends, shown };
        let kept = self.0.entry((seen.check.clone(), seen.vantage.clone())).or_insert(found);
        if kept.shown <= shown {
            *kept = found;
        }
    }

    pub(crate) fn get(&self, check: &CheckId, vantage: &VantageId) -> Option<Certificate> {
        self.0.get(&(check.clone(), vantage.clone())).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use facts::{Observation, Outcome};

    fn at(second: i64) -> Instant {
        Instant::from_second(1_700_000_000 + second)
    }

    fn seen(second: i64, ends: Option<Instant>) -> CheckObserved {
        CheckObserved {
            instance: "wiki".parse().unwrap(),
            check: "https".parse().unwrap(),
            vantage: "ams-1".parse().unwrap(),
            observations: vec![Observation::new(at(second), Outcome::Up)],
            certificate_ends: ends,
            signed: None,
        }
    }

    #[test]
    fn what_was_shown_last_counts_in_whatever_order_it_comes() {
        let (old, new) = (at(1_000), at(9_000_000));
        let reports = [seen(1, Some(old)), seen(3, None), seen(2, Some(new))];
        for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
            let mut certificates = Certificates::default();
            order.into_iter().for_each(|index| certificates.read(&reports[index]));
            let kept = certificates.get(&reports[0].check, &reports[0].vantage);
            assert_eq!(kept, Some(Certificate { ends: new, shown: at(2) }));
        }
    }

    #[test]
    fn days_left_are_whole_and_the_last_instant_is_still_good() {
        let certificate = Certificate { ends: at(2 * 86_400), shown: at(0) };
        let left = |second| certificate.days_left(at(second));
        assert_eq!((left(0), left(1), left(86_400)), (Some(2), Some(1), Some(1)));
        assert_eq!((left(2 * 86_400), left(2 * 86_400 + 1)), (Some(0), None));
    }
}
