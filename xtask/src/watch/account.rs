//! Our own reckoning of a ledger, from looks alone: written another way than the engine writes it, and held against it.
//!
//! One sweep over every instant at which something begins or ends. A look holds until the next of its vantage point, for twice the
//! interval at most; one that says nothing holds nothing. Some good answer: up. Failures alone: down. Nothing: unknown, and down
//! between two failures where it is no longer than the agreement bridges. Whole minutes of each run of a minute or more
//! count.

use std::collections::BTreeMap;

use super::when::SECOND;

/// The longest silence that is bridged, in the agreement that is used here.
const BRIDGE_US: i64 = 600 * SECOND;
const MINUTE_US: i64 = 60 * SECOND;

/// What came of a look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Outcome {
    Up,
    Down,
    Void,
}

/// One look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look {
    pub(super) at_us: i64,
    pub(super) outcome: Outcome,
}

/// A stretch of time, without its end.
pub(super) type Stretch = (i64, i64);

/// An instance between two instants: what is in neither list is up.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Account {
    pub(super) down: Vec<Stretch>,
    pub(super) unknown: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Up,
    Down,
    Unknown,
}

impl Account {
    /// The account of an instance up to an instant, from its first look on. `looks`: of each vantage point, in order.
    pub(super) fn of(looks: &BTreeMap<String, Vec<Look>>, every_us: i64, to: i64) -> Account {
        let mut account = Account::default();
        for (start, end, stands) in bridged(stretches(looks, 2 * every_us, to)) {
            match stands {
                Stands::Up => {}
                Stands::Down => account.down.push((start, end)),
                Stands::Unknown => account.unknown.push((start, end)),
            }
        }
        account
    }

    /// The minutes that count.
    pub(super) fn counted(&self) -> i64 {
        self.down.iter().map(|(start, end)| (end - start) / MINUTE_US).sum()
    }
}

/// What of stretches lies between two instants.
pub(super) fn within(stretches: &[Stretch], (from, to): Stretch) -> Vec<Stretch> {
    let cut = stretches.iter().map(|(start, end)| (*start.max(&from), *end.min(&to)));
    cut.filter(|(start, end)| start < end).collect()
}

/// How it stood, in order and without a gap, neighbours apart.
fn stretches(looks: &BTreeMap<String, Vec<Look>>, hold_us: i64, to: i64) -> Vec<(i64, i64, Stands)> {
    // At an instant: how many good answers and how many failures begin to hold, less those that end.
    let mut changes: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for of_vantage in looks.values() {
        for (index, look) in of_vantage.iter().enumerate() {
            let next = of_vantage.get(index + 1).map_or(i64::MAX, |next| next.at_us);
            let end = (look.at_us + hold_us).min(next).min(to);
            let (up, down) = match look.outcome {
                Outcome::Up => (1, 0),
                Outcome::Down => (0, 1),
                Outcome::Void => continue,
            };
            for (at, sign) in [(look.at_us, 1), (end, -1)] {
                let change = changes.entry(at).or_default();
                *change = (change.0 + sign * up, change.1 + sign * down);
            }
        }
    }
    changes.entry(to).or_default();
    let (mut all, mut holding, mut since) = (Vec::new(), (0, 0), None);
    for (at, change) in changes {
        if let Some(since) = since.filter(|since| *since < at) {
            let stands = match holding {
                (1.., _) => Stands::Up,
                (_, 1..) => Stands::Down,
                _ => Stands::Unknown,
            };
            push(&mut all, (since, at, stands));
        }
        holding = (holding.0 + change.0, holding.1 + change.1);
        since = Some(at);
    }
    all
}

fn push(all: &mut Vec<(i64, i64, Stands)>, (start, end, stands): (i64, i64, Stands)) {
    match all.last_mut() {
        Some(last) if last.2 == stands && last.1 == start => last.1 = end,
        _ => all.push((start, end, stands)),
    }
}

fn bridged(stretches: Vec<(i64, i64, Stands)>) -> Vec<(i64, i64, Stands)> {
    let mut all = Vec::with_capacity(stretches.len());
    for (index, (start, end, stands)) in stretches.iter().copied().enumerate() {
        let is_down = |index: Option<usize>| {
            index.and_then(|index| stretches.get(index)).is_some_and(|beside| beside.2 == Stands::Down)
        };
        let is_bridged = stands == Stands::Unknown
            && end - start <= BRIDGE_US
            && is_down(index.checked_sub(1))
            && is_down(Some(index + 1));
        push(&mut all, (start, end, if is_bridged { Stands::Down } else { stands }));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn looks(of: &[(&str, &[(i64, char)])]) -> BTreeMap<String, Vec<Look>> {
        let outcome = |c| match c {
            'u' => Outcome::Up,
            'd' => Outcome::Down,
            _ => Outcome::Void,
        };
        let look = |(at, c): &(i64, char)| Look { at_us: at * SECOND, outcome: outcome(*c) };
        of.iter().map(|(name, looks)| ((*name).to_owned(), looks.iter().map(look).collect())).collect()
    }

    fn seconds(stretches: &[Stretch]) -> Vec<Stretch> {
        stretches.iter().map(|(start, end)| (start / SECOND, end / SECOND)).collect()
    }

    #[test]
    fn it_is_down_while_all_that_hold_are_failures_and_one_good_answer_is_up() {
        let seen = looks(&[
            ("a", &[(0, 'u'), (20, 'd'), (40, 'd'), (60, 'd'), (80, 'd'), (100, 'u')]),
            ("b", &[(10, 'u'), (30, 'd'), (50, 'd'), (70, 'd'), (90, 'd'), (110, 'u')]),
        ]);
        let account = Account::of(&seen, 20 * SECOND, 130 * SECOND);
        assert_eq!(
            (seconds(&account.down), account.unknown.len(), account.counted()),
            (vec![(30, 100)], 0, 1)
        );
        let mut lying = seen.clone();
        lying.insert(
            "c".to_owned(),
            seen["a"].iter().map(|look| Look { outcome: Outcome::Up, ..*look }).collect(),
        );
        assert_eq!(Account::of(&lying, 20 * SECOND, 130 * SECOND), Account::default());
    }

    #[test]
    fn a_silence_is_unknown_and_down_between_two_failures() {
        let seen = looks(&[("a", &[(0, 'd'), (100, 'd'), (120, 'u'), (300, 'u'), (320, 'v'), (340, 'u')])]);
        let account = Account::of(&seen, 20 * SECOND, 360 * SECOND);
        assert_eq!(seconds(&account.down), [(0, 120)]);
        assert_eq!(seconds(&account.unknown), [(160, 300), (320, 340)]);
        assert_eq!(account.counted(), 2);
        let apart = looks(&[("a", &[(0, 'd'), (641, 'd')])]);
        assert_eq!(seconds(&Account::of(&apart, 20 * SECOND, 650 * SECOND).unknown), [(40, 641)]);
    }

    #[test]
    fn what_lies_outside_is_cut_off() {
        assert_eq!(within(&[(0, 10), (20, 30)], (5, 20)), [(5, 10)]);
    }
}
