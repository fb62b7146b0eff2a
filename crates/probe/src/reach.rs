//! Are we connected ourselves? Reference points, asked in rounds (reliability rule 4).
//!
//! A round is asked every [`ROUND_EVERY`], and at once when a look failed: a failure is told only after a round that began after
//! it, and believed only if that round and the one before the failure were good. So neither a link that broke between two rounds
//! nor one that was mended between two makes anybody's service look down.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use facts::Outcome;
use tokio::task::JoinSet;
use wire::{Reach, Reference};

use crate::look::{Looker, Question};

/// Between two rounds while nothing fails.
const ROUND_EVERY: Duration = Duration::from_secs(10);
/// Between two rounds while something fails.
const ROUND_AGAIN: Duration = Duration::from_secs(1);
/// Rounds that are kept: a failure is judged within seconds.
const ROUNDS_MAX: usize = 16;

/// A round that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round {
    /// When it began, by the monotonic clock.
    pub(crate) began_ns: u64,
    pub(crate) reach: Reach,
}

/// The reference points and their last rounds, the newest last.
#[derive(Debug, Default)]
pub(crate) struct References {
    points: Vec<Arc<Question>>,
    rounds: VecDeque<Round>,
    under_way: bool,
    began_ns: Option<u64>,
}

/// What the last round says of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// We were connected, or nobody can say otherwise.
    Connected,
    /// We were not: the look is void.
    CutOff,
    /// A round that began after the look has to be waited for.
    Wait,
}

impl References {
    /// Other points from now on; what is known of the old ones is forgotten.
    pub(crate) fn replace(&mut self, references: &[Reference]) {
        let ready =
            |r: &Reference| Arc::new(Question::of(&r.what, Duration::from_millis(r.timeout_ms.into())));
        *self = References { points: references.iter().map(ready).collect(), ..References::default() };
    }

    /// When the next round is due, sooner when a failure waits for it.
    pub(crate) fn due(&self, waited_for: bool) -> Option<u64> {
        if self.points.is_empty() || self.under_way {
            return None;
        }
        let every = if waited_for { ROUND_AGAIN } else { ROUND_EVERY };
        Some(self.began_ns.map_or(0, |began| began + u64::try_from(every.as_nanos()).unwrap_or(u64::MAX)))
    }

    /// Asks every point at once; the round is complete when the slowest has answered or run out of time.
    pub(crate) fn ask(
        &mut self,
        looker: &Arc<Looker>,
        began_ns: u64,
    ) -> impl Future<Output = Round> + Send + 'static {
        self.under_way = true;
        self.began_ns = Some(began_ns);
        let mut asked = JoinSet::new();
        for point in self.points.clone() {
            let looker = Arc::clone(looker);
            asked.spawn(async move { looker.look(&point).await.outcome });
        }
        let of = u8::try_from(asked.len()).unwrap_or(u8::MAX);
        async move {
            let outcomes = asked.join_all().await;
            let reached = outcomes.iter().filter(|outcome| **outcome == Outcome::Up).count();
            Round { began_ns, reach: Reach { reached: u8::try_from(reached).unwrap_or(u8::MAX), of } }
        }
    }

    /// Takes a round in; one of points that have been replaced is passed over.
    pub(crate) fn told(&mut self, round: Round) {
        if self.began_ns == Some(round.began_ns) {
            self.under_way = false;
            self.rounds.push_back(round);
            if self.rounds.len() > ROUNDS_MAX {
                self.rounds.pop_front();
            }
        }
    }

    /// What may be said of a look that ended then.
    pub(crate) fn verdict(&self, outcome: Outcome, ended_ns: u64) -> Verdict {
        if self.points.is_empty() || outcome == Outcome::Void {
            return Verdict::Connected;
        }
        let asked = if outcome == Outcome::Down { self.after(ended_ns) } else { self.rounds.back() };
        let Some(asked) = asked else { return Verdict::Wait };
        let before = self.rounds.iter().rfind(|round| round.began_ns < ended_ns);
        let is_doubtful = outcome == Outcome::Down && before.is_some_and(|round| !round.reach.suffices());
        if asked.reach.suffices() && !is_doubtful { Verdict::Connected } else { Verdict::CutOff }
    }

    /// The first round that began after an instant.
    fn after(&self, ended_ns: u64) -> Option<&Round> {
        self.rounds.iter().find(|round| round.began_ns >= ended_ns)
    }

    pub(crate) fn reach(&self) -> Option<Reach> {
        self.rounds.back().map(|round| round.reach)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(reached: u8, began_ns: u64) -> References {
        let point = Question::of(&wire::What::Http(wire::Http::get("http://192.0.2.1/")), ROUND_AGAIN);
        let rounds = VecDeque::from([Round { began_ns, reach: Reach { reached, of: 3 } }]);
        References { points: vec![Arc::new(point)], rounds, under_way: false, began_ns: Some(began_ns) }
    }

    #[test]
    fn rule_4_a_failure_waits_for_a_round_that_began_after_it() {
        assert_eq!(references(3, 10).verdict(Outcome::Down, 11), Verdict::Wait);
        assert_eq!(references(2, 12).verdict(Outcome::Down, 11), Verdict::Connected);
        assert_eq!(references(1, 12).verdict(Outcome::Down, 11), Verdict::CutOff);
    }

    #[test]
    fn rule_4_a_failure_before_the_line_was_mended_is_no_evidence() {
        let mut references = references(1, 10);
        references.began_ns = Some(20);
        references.told(Round { began_ns: 20, reach: Reach { reached: 3, of: 3 } });
        assert_eq!(references.verdict(Outcome::Down, 15), Verdict::CutOff);
        assert_eq!(references.verdict(Outcome::Down, 21), Verdict::Wait);
        references.began_ns = Some(30);
        references.told(Round { began_ns: 30, reach: Reach { reached: 3, of: 3 } });
        assert_eq!(references.verdict(Outcome::Down, 21), Verdict::Connected);
        assert_eq!(references.verdict(Outcome::Down, 15), Verdict::CutOff, "however late it is judged");
    }

    #[test]
    fn rule_4_cut_off_nothing_is_evidence() {
        assert_eq!(references(1, 10).verdict(Outcome::Up, 11), Verdict::CutOff);
        assert_eq!(references(2, 10).verdict(Outcome::Up, 11), Verdict::Connected);
        assert_eq!(References::default().verdict(Outcome::Down, 11), Verdict::Connected);
    }

    #[test]
    fn a_failure_hurries_the_next_round() {
        let quiet = references(3, 0);
        assert_eq!((quiet.due(false), quiet.due(true)), (Some(10_000_000_000), Some(1_000_000_000)));
    }
}
