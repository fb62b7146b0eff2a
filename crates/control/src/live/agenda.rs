//! What changes next by the passing of time alone, found without looking at everything: by instant, and by whom it concerns.

use std::collections::{BTreeMap, BTreeSet};

use spans::Instant;

/// For each of many things, the one instant that matters next.
#[derive(Debug)]
pub(crate) struct Agenda<T> {
    by_time: BTreeSet<(Instant, T)>,
    of: BTreeMap<T, Instant>,
}

impl<T: Ord + Clone> Default for Agenda<T> {
    fn default() -> Agenda<T> {
        Agenda { by_time: BTreeSet::new(), of: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Agenda<T> {
    /// From now on this instant matters for it, or none.
    pub(crate) fn set(&mut self, what: &T, next: Option<Instant>) {
        let before = match next {
            Some(next) => self.of.insert(what.clone(), next),
            None => self.of.remove(what),
        };
        if before == next {
            return;
        }
        if let Some(before) = before {
            self.by_time.remove(&(before, what.clone()));
        }
        self.by_time.extend(next.map(|next| (next, what.clone())));
    }

    /// The first instant of all.
    pub(crate) fn first(&self) -> Option<Instant> {
        self.by_time.first().map(|(instant, _)| *instant)
    }

    /// Whatever is due by then, the earliest first.
    pub(crate) fn due(&self, by: Instant) -> Vec<T> {
        self.soonest().take_while(|(instant, _)| *instant <= by).map(|(_, what)| what.clone()).collect()
    }

    /// Everything, the earliest first.
    pub(crate) fn soonest(&self) -> impl Iterator<Item = (Instant, &T)> {
        self.by_time.iter().map(|(instant, what)| (*instant, what))
    }

    /// Everything whose instant is not before that one.
    pub(crate) fn from(&self, since: Instant) -> impl Iterator<Item = (Instant, &T)> {
        self.by_time.iter().rev().take_while(move |(at, _)| since <= *at).map(|(at, what)| (*at, what))
    }

    /// Only these things have an instant from now on.
    pub(crate) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.by_time.retain(|(_, what)| keep(what));
        self.of.retain(|what, _| keep(what));
    }

    /// How many things have an instant.
    pub(crate) fn len(&self) -> usize {
        self.of.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_has_one_instant_and_the_earliest_comes_first() {
        let mut agenda = Agenda::default();
        let at = Instant::from_second;
        agenda.set(&"a", Some(at(30)));
        agenda.set(&"b", Some(at(20)));
        agenda.set(&"a", Some(at(10)));
        assert_eq!((agenda.first(), agenda.due(at(20)), agenda.len()), (Some(at(10)), vec!["a", "b"], 2));
        assert_eq!(agenda.from(at(20)).collect::<Vec<_>>(), [(at(20), &"b")]);
        agenda.set(&"a", None);
        assert_eq!((agenda.first(), agenda.due(at(10)), agenda.len()), (Some(at(20)), vec![], 1));
    }
}
