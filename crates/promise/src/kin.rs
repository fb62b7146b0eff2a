//! Tickets that share what is said: merged and split ones.
//!
//! A merged ticket goes on in another: what the provider and the client say there counts for it too, from the merge on, and
//! until it is parted again. A ticket split from another has the first one's receipt, so what was said there before the split
//! counts for both. What only one of them is about, such as its priority, stays its own.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, Event, Fact, Slug, TicketId};
use spans::{Instant, Length, Span};

/// How many tickets may stand behind each other, merged into the next or split from it. What lies deeper is not heard.
pub const KIN_DEEP_MAX: usize = 16;

/// The tickets of a client with the facts about each, in order.
pub(crate) type Tickets<'f> = BTreeMap<&'f Slug, Vec<&'f Fact>>;

/// What is heard of other tickets on one: answers, questions answered, what ends it. Neither words nor pauses.
const HEARD: [Event; 8] = [
    Event::RequestReplied,
    Event::RequestClassified,
    Event::RequestClientReplied,
    Event::RequestResolved,
    Event::RequestReopened,
    Event::RequestWithdrawn,
    Event::WishLogged,
    Event::RcaPublished,
];

/// What counts of the first ticket for one that was split from it.
const SAID: [Event; 2] = [Event::RequestReplied, Event::RequestClientReplied];

/// Adds to each ticket what it hears of others, in order. `ties` holds the merges and receipts among the facts.
pub(crate) fn share<'f>(tickets: &mut Tickets<'f>, ties: impl Iterator<Item = &'f Fact>) {
    let listening: BTreeSet<&Slug> = ties.filter(|fact| is_tied(fact)).map(|f| f.body.subject_id()).collect();
    // All are asked before any is told: nobody hears at second hand.
    let heard: Vec<(&Slug, Vec<&Fact>)> = listening.into_iter().map(|id| (id, heard(tickets, id))).collect();
    for (id, more) in heard {
        let Some(facts) = tickets.get_mut(id) else { continue };
        facts.extend(more);
        facts.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
        facts.dedup_by_key(|fact| fact.id);
    }
}

/// The tickets whose facts count for one with these facts, directly: those it was merged into, and the one it was split from.
pub fn tied_to<'f>(facts: impl IntoIterator<Item = &'f Fact>) -> impl Iterator<Item = &'f TicketId> {
    facts.into_iter().filter_map(|fact| match &fact.body {
        Body::RequestMerged(merged) => Some(&merged.into),
        Body::RequestReceived(request) => request.split_from.as_ref(),
        _ => None,
    })
}

/// The ticket that one with these facts goes on in, if it was merged and not parted since.
pub fn merged_into<'f>(facts: &[&'f Fact]) -> Option<&'f TicketId> {
    facts.iter().rev().find_map(|fact| match &fact.body {
        Body::RequestMerged(merged) => Some(Some(&merged.into)),
        Body::RequestParted(_) => Some(None),
        _ => None,
    })?
}

fn is_tied(fact: &Fact) -> bool {
    match &fact.body {
        Body::RequestMerged(_) => true,
        Body::RequestReceived(request) => request.split_from.is_some(),
        _ => false,
    }
}

fn heard<'f>(tickets: &Tickets<'f>, id: &'f Slug) -> Vec<&'f Fact> {
    let mut listener = Listener { tickets, seen: BTreeSet::from([id]), heard: Vec::new() };
    let always = Span { start: Instant::MIN, end: Instant::MAX };
    listener.merged(id, always, 0);
    listener.split(id, always, 0);
    listener.heard
}

/// Walks from ticket to ticket, each once.
struct Listener<'t, 'f> {
    tickets: &'t Tickets<'f>,
    seen: BTreeSet<&'f Slug>,
    heard: Vec<&'f Fact>,
}

impl<'f> Listener<'_, 'f> {
    fn facts(&self, id: &Slug) -> Vec<&'f Fact> {
        self.tickets.get(id).cloned().unwrap_or_default()
    }

    /// From the merge on, never from before it was recorded: nobody merges a question into an answer that was given already.
    fn merged(&mut self, id: &'f Slug, within: Span, deep: usize) {
        let facts = self.facts(id);
        for (index, fact) in facts.iter().enumerate() {
            let Body::RequestMerged(merged) = &fact.body else { continue };
            let parted = facts[index..].iter().find(|later| later.event() == Event::RequestParted);
            let while_merged = Span {
                start: fact.at.max(fact.recorded_at),
                end: parted.map_or(Instant::MAX, |parted| parted.at),
            };
            if let Some(window) = while_merged.intersect(within).filter(|_| deep < KIN_DEEP_MAX) {
                self.hear(&merged.into.0, window, &HEARD);
                if self.seen.insert(&merged.into.0) {
                    self.merged(&merged.into.0, window, deep + 1);
                }
            }
        }
    }

    /// What was said on the first ticket up to the instant at which the split was recorded.
    fn split(&mut self, id: &'f Slug, within: Span, deep: usize) {
        let facts = self.facts(id);
        let receipt = facts.iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) => Some((*fact, request.split_from.as_ref())),
            _ => None,
        });
        let Some((receipt, Some(first))) = receipt else { return };
        let before = Span { start: receipt.at, end: receipt.recorded_at + Length::from_micros(1) };
        if let Some(window) = before.intersect(within).filter(|_| deep < KIN_DEEP_MAX) {
            self.hear(&first.0, window, &SAID);
            if self.seen.insert(&first.0) {
                self.split(&first.0, window, deep + 1);
            }
        }
    }

    fn hear(&mut self, id: &Slug, window: Span, events: &[Event]) {
        let own = |fact: &&Fact| {
            events.contains(&fact.event()) && fact.body.subject_id() == id && window.contains(fact.at)
        };
        let facts = self.tickets.get(id).into_iter().flatten().copied();
        self.heard.extend(facts.filter(own));
    }
}
