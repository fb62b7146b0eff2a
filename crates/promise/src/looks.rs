//! When somebody saw an instance, as stretches: what a watch asks of evidence is only where it was silent (SH-MON-01, MP-PRO-01).

use agreement::Agreement;
use facts::{Event, Observation, Outcome};
use spans::{Instant, Length};

/// Looks at one instance, from wherever. Two looks of a stretch lie no further apart than the shortest watch of the agreement
/// allows, so memory grows with silences, not with looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Looks {
    /// Disjoint and in order: the first and the last look of each stretch.
    stretches: Vec<(Instant, Instant)>,
}

impl Looks {
    /// Adds one, in whatever order it comes. A void observation says nothing of the service.
    pub(crate) fn see(&mut self, observation: &Observation, within: Length) {
        if observation.outcome == Outcome::Void {
            return;
        }
        let at = observation.at;
        let place = self.stretches.partition_point(|(_, last)| *last + within < at);
        match self.stretches.get_mut(place) {
            Some((first, last)) if *first <= at + within => {
                (*first, *last) = ((*first).min(at), (*last).max(at));
                self.join_next(place, within);
            }
            _ => self.stretches.insert(place, (at, at)),
        }
    }

    fn join_next(&mut self, place: usize, within: Length) {
        let (last, next) = (self.stretches[place].1, self.stretches.get(place + 1).copied());
        if let Some((first, end)) = next.filter(|(first, _)| *first <= last + within) {
            debug_assert!(last <= first, "stretches are disjoint");
            self.stretches[place].1 = end;
            self.stretches.remove(place + 1);
        }
    }

    /// The first and the last look of each stretch, in order.
    pub(crate) fn stretches(&self) -> &[(Instant, Instant)] {
        &self.stretches
    }
}

/// How far apart two looks of one stretch may lie: as far as the shortest watch allows, and a minute where there is none.
pub(crate) fn within(agreement: &Agreement) -> Length {
    let watches = agreement
        .obligation
        .iter()
        .filter(|rule| rule.met_by.as_ref().is_some_and(|met_by| met_by.event == Event::CheckObserved));
    // An hour is shorter than any calendar's day.
    let periods = watches.filter_map(|rule| rule.every).map(|every| every.length(Length::HOUR));
    periods.min().unwrap_or(Length::MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_the_same_in_whatever_order_looks_come() {
        let at = |second: i64| Observation::new(Instant::from_second(second), Outcome::Up);
        let looks = [0, 60, 120, 200, 259, 1_000, 1_060];
        let orders: [&[usize]; 4] = [
            &[0, 1, 2, 3, 4, 5, 6],
            &[6, 5, 4, 3, 2, 1, 0],
            &[2, 0, 1, 6, 4, 3, 5],
            &[0, 2, 1, 1, 3, 6, 5, 4],
        ];
        for order in orders {
            let mut seen = Looks::default();
            order.iter().for_each(|index| seen.see(&at(looks[*index]), Length::MINUTE));
            let told: Vec<_> = seen
                .stretches()
                .iter()
                .map(|(a, b)| (a.as_micros() / 1_000_000, b.as_micros() / 1_000_000))
                .collect();
            assert_eq!(told, [(0, 120), (200, 259), (1_000, 1_060)], "{order:?}");
        }
    }

    #[test]
    fn a_void_observation_is_no_look() {
        let mut seen = Looks::default();
        seen.see(&Observation::new(Instant::from_second(0), Outcome::Void), Length::MINUTE);
        assert!(seen.stretches().is_empty());
    }
}
