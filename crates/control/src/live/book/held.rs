//! Messages that are held, by name: what waits, what became of the others, and which request was made of which, without reading every
//! fact again.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, Fact, HeldId, TicketId};
use spans::Instant;

use super::Book;

/// Where a message stands in a list: by when, and then by its number, so that `H-10` comes behind `H-9`.
pub type HeldPlace = (Instant, usize, String);

/// A message, and what became of it.
#[derive(Debug, Clone)]
pub(in crate::live) struct Held {
    /// That it came in.
    pub(in crate::live) fact: Fact,
    /// That it waits no longer.
    pub(in crate::live) settled: Option<Fact>,
}

/// Every message of a client that was held.
#[derive(Debug, Default)]
pub(super) struct HeldMessages {
    all: BTreeMap<HeldId, Held>,
    /// By when they came in.
    waiting: BTreeSet<(HeldPlace, HeldId)>,
    /// By when they were settled.
    settled: BTreeSet<(HeldPlace, HeldId)>,
    requests: BTreeMap<TicketId, HeldId>,
    highest: u64,
}

/// The place of a message in a list that is sorted by `at`.
pub fn held_place(at: Instant, message: &HeldId) -> HeldPlace {
    (at, message.as_str().len(), message.to_string())
}

impl HeldMessages {
    pub(super) fn note(&mut self, fact: &Fact) {
        match &fact.body {
            Body::MessageHeld(held) => self.hold(&held.message, fact),
            Body::MessageSettled(settled) => self.settle(&settled.message, settled.ticket.as_ref(), fact),
            _ => {}
        }
    }

    fn hold(&mut self, message: &HeldId, fact: &Fact) {
        if self.all.contains_key(message) {
            return;
        }
        let number = message.as_str().strip_prefix("H-").and_then(|number| number.parse().ok());
        self.highest = self.highest.max(number.unwrap_or_default());
        self.waiting.insert((held_place(fact.at, message), message.clone()));
        self.all.insert(message.clone(), Held { fact: fact.clone(), settled: None });
    }

    fn settle(&mut self, message: &HeldId, ticket: Option<&TicketId>, fact: &Fact) {
        let Some(held) = self.all.get_mut(message).filter(|held| held.settled.is_none()) else { return };
        held.settled = Some(fact.clone());
        self.waiting.remove(&(held_place(held.fact.at, message), message.clone()));
        self.settled.insert((held_place(fact.at, message), message.clone()));
        self.requests.extend(ticket.map(|ticket| (ticket.clone(), message.clone())));
    }

    /// People are called otherwise now.
    pub(super) fn renamed(&mut self, mut put: impl FnMut(&mut Fact)) {
        for held in self.all.values_mut() {
            put(&mut held.fact);
            held.settled.as_mut().map(&mut put);
        }
    }
}

impl Book {
    /// How many messages wait.
    pub fn held_count(&self) -> usize {
        self.held.waiting.len()
    }

    /// The messages that wait, the oldest first.
    pub(in crate::live) fn held_waiting(&self) -> impl Iterator<Item = &Held> {
        self.held.waiting.iter().filter_map(|(_, message)| self.held.all.get(message))
    }

    /// Those that were settled at `since` or later, the newest first.
    pub(in crate::live) fn held_settled_since(&self, since: Instant) -> impl Iterator<Item = &Held> {
        let newest = self.held.settled.iter().rev().take_while(move |((at, ..), _)| since <= *at);
        newest.filter_map(|(_, message)| self.held.all.get(message))
    }

    /// Those that were settled before that.
    pub(in crate::live) fn held_settled_before(&self, until: Instant) -> impl Iterator<Item = &Held> {
        let oldest = self.held.settled.iter().take_while(move |((at, ..), _)| *at < until);
        oldest.filter_map(|(_, message)| self.held.all.get(message))
    }

    /// One of them.
    pub(in crate::live) fn held_message(&self, message: &HeldId) -> Option<&Held> {
        self.held.all.get(message)
    }

    /// The message that a request was made of (SH-DEF-11).
    pub fn made_of(&self, ticket: &TicketId) -> Option<&HeldId> {
        self.held.requests.get(ticket)
    }

    /// The first number above those in use.
    pub(in crate::live) fn next_held(&self) -> u64 {
        self.held.highest.saturating_add(1)
    }
}
