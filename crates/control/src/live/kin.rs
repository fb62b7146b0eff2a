//! Which tickets hear what is said on others: a book evaluates a merged or split ticket with the facts of those it goes on in or
//! came from, and again when something is said there.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, Fact, Slug};
use promise::kin;

/// Ties between the tickets of a client.
#[derive(Debug, Default)]
pub(super) struct Kin {
    hears: BTreeMap<Slug, BTreeSet<Slug>>,
    heard_by: BTreeMap<Slug, BTreeSet<Slug>>,
}

impl Kin {
    /// Notes what a fact ties its ticket to.
    pub(super) fn note(&mut self, ticket: &Slug, fact: &Fact) {
        for other in kin::tied_to([fact]) {
            self.hears.entry(ticket.clone()).or_default().insert(other.0.clone());
            self.heard_by.entry(other.0.clone()).or_default().insert(ticket.clone());
        }
    }

    /// Whether it has to do with another.
    pub(super) fn is_tied(&self, ticket: &Slug) -> bool {
        self.hears.contains_key(ticket) || self.heard_by.contains_key(ticket)
    }

    /// The tickets whose facts count for this one, near and far, without itself.
    pub(super) fn heard_from(&self, ticket: &Slug) -> BTreeSet<Slug> {
        reach(&self.hears, ticket)
    }

    /// The tickets for which this one's facts count, near and far, without itself.
    pub(super) fn listeners(&self, ticket: &Slug) -> BTreeSet<Slug> {
        reach(&self.heard_by, ticket)
    }

    /// The other tickets that a guard of this act asks about: those it names, and those behind the one it is about.
    pub(super) fn asked_about(&self, ticket: &Slug, act: &Fact) -> BTreeSet<Slug> {
        let mut found = self.heard_from(ticket);
        if let Some(named) = named(&act.body) {
            found.extend(self.listeners(ticket));
            found.extend(self.heard_from(named));
            found.insert(named.clone());
        }
        found.remove(ticket);
        found
    }
}

/// The other ticket that an act names: into which one is merged, from which it is split, to which it is linked.
pub(super) fn named(body: &Body) -> Option<&Slug> {
    match body {
        Body::RequestMerged(merged) => Some(&merged.into.0),
        Body::RequestLinked(linked) => Some(&linked.to.0),
        Body::RequestReceived(request) => request.split_from.as_ref().map(|first| &first.0),
        _ => None,
    }
}

/// Every ticket that can be reached from one, each once, so that no circle is walked for ever.
fn reach(ties: &BTreeMap<Slug, BTreeSet<Slug>>, from: &Slug) -> BTreeSet<Slug> {
    let mut found = BTreeSet::new();
    let mut next = vec![from.clone()];
    while let Some(ticket) = next.pop() {
        for other in ties.get(&ticket).into_iter().flatten() {
            if other != from && found.insert(other.clone()) {
                next.push(other.clone());
            }
        }
    }
    found
}
