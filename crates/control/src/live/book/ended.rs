//! Tickets that ended: a week after the last of them changed by itself, what is about them lies in the journal only, found by its
//! index, and is read again for as long as somebody looks at it. So memory follows the work that is open, and not the years.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    ops::Bound::{Excluded, Unbounded},
    sync::Arc,
};

use facts::{Body, Event, Fact, FactId, Noun, Slug, TicketId};
use journal::index::{Indexed, Unindexed};
use promise::obligation::State;
use spans::{Instant, Length, Month, Span};

use super::{Agenda, Book, Kept, insert};
use crate::live::query::{Line, is_closed};

/// How long a ticket is held after the last that happened about it: longer than misses are news.
pub const HELD_AFTER_END: Length = Length::from_hours(8 * 24);
/// When one that is closed and still waits for something is looked at again.
const LOOK_AGAIN: Length = Length::from_hours(30 * 24);
/// Lines of tickets in the journal that are kept of one client, since somebody looked at them.
const LINES_MAX: usize = 256;

/// Which tickets that ended somebody looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recall {
    /// These.
    Tickets(Vec<Slug>),
    /// Those about which something was owed in a month, as its statement counts it.
    Month(Month),
}

impl From<&TicketId> for Recall {
    fn from(ticket: &TicketId) -> Recall {
        Recall::Tickets(vec![ticket.0.clone()])
    }
}

/// Where an incident stands in a list: the newest first, and of one instant by name.
pub type Place = (Reverse<Instant>, Slug);

/// What is held of tickets that ended.
#[derive(Debug, Default)]
pub(super) struct EndedTickets {
    /// Those that lie in the journal.
    by_ticket: BTreeMap<Slug, Ended>,
    /// The same, by when they were received.
    by_receipt: BTreeSet<(Instant, Slug)>,
    /// Those of them that are incidents, as [`Place`] has it.
    incidents: BTreeSet<Place>,
    /// Lines of some of them.
    lines: BTreeMap<Slug, Line>,
    /// Closed ones that are still held, by when they may be let go.
    closed: Agenda<Slug>,
    /// The number of the last entry that the journal's index has.
    mark: u64,
    /// Entries about tickets beyond it.
    to_index: Vec<Indexed>,
    /// The highest number of a ticket.
    number: u64,
}

/// A ticket that lies in the journal.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    received: Instant,
    /// When the last of what was owed about it fell due or began.
    until: Instant,
    is_incident: bool,
}

impl EndedTickets {
    pub(super) fn note_entry(&mut self, seq: u64, ticket: &Slug, fact: &Fact) {
        let number = ticket.as_str().split_once('-').filter(|(prefix, _)| ["T", "I"].contains(prefix));
        let number = number.and_then(|(_, number)| number.parse().ok());
        self.number = self.number.max(number.unwrap_or(0));
        if self.mark < seq {
            let internal = fact.body.is_internal();
            let row = Indexed { seq, ticket: ticket.clone(), fact: fact.id, internal, text: said_in(fact) };
            self.to_index.push(row);
        }
    }
}

impl Book {
    /// Where the journal's index ends: known before anything is read.
    pub(crate) fn indexed_to(&mut self, mark: u64) {
        self.ended.mark = mark;
    }

    /// What the index lacks.
    pub(crate) fn unindexed(&self) -> Unindexed {
        Unindexed { client: self.client().clone(), rows: self.ended.to_index.clone() }
    }

    /// How many entries the index lacks.
    pub(crate) fn unindexed_len(&self) -> usize {
        self.ended.to_index.len()
    }

    /// The index has everything up to this entry.
    pub(crate) fn is_indexed(&mut self, seq: u64) {
        self.ended.mark = self.ended.mark.max(seq);
        self.ended.to_index.retain(|row| seq < row.seq);
    }

    /// The highest number of a ticket so far.
    pub(crate) fn highest_number(&self) -> u64 {
        self.ended.number
    }

    /// The line of a ticket in the journal, where it is known, as it stands at `now`.
    pub(super) fn ended_line(&self, ticket: &Slug, now: Instant) -> Option<&Line> {
        self.ended.lines.get(ticket).filter(|line| line.last <= now)
    }

    /// Lines may say something else now.
    pub(super) fn forget_ended_lines(&mut self) {
        self.ended.lines.clear();
    }

    /// Those of these tickets whose lines can only be told after a look into the journal.
    pub(crate) fn to_recall_lines(&self, tickets: Vec<Slug>, now: Instant) -> Vec<Slug> {
        tickets.into_iter().filter(|ticket| self.ended_line(ticket, now).is_none()).collect()
    }

    /// After something happened about a ticket: when it may be let go, if it is closed.
    pub(super) fn note_end(&mut self, ticket: &Slug) {
        let facts = self.facts_of(ticket);
        let end = facts.last().filter(|_| is_closed(facts)).map(|last| last.at + HELD_AFTER_END);
        self.ended.closed.set(ticket, end);
    }

    /// Whether a ticket lies in the journal only.
    pub(crate) fn is_ended(&self, ticket: &Slug) -> bool {
        self.ended.by_ticket.contains_key(ticket)
    }

    /// Whether there is a ticket of that name, wherever it lies.
    pub(crate) fn has_ticket(&self, ticket: &Slug) -> bool {
        self.tickets.contains_key(ticket) || self.is_ended(ticket)
    }

    /// The ticket in the journal that a fact is about: it has to be recalled before the fact is read.
    pub(crate) fn ended_ticket_of(&self, fact: &Fact) -> Option<Slug> {
        self.ticket_of(fact).filter(|ticket| self.is_ended(ticket))
    }

    /// Those of a recall that lie in the journal.
    pub(crate) fn to_recall(&self, recall: &Recall) -> Vec<Slug> {
        match recall {
            Recall::Tickets(tickets) => {
                tickets.iter().filter(|ticket| self.is_ended(ticket)).cloned().collect()
            }
            Recall::Month(month) => {
                let Some(versions) = self.versions() else { return Vec::new() };
                let month = month.span(&versions.latest().agreement().months_in());
                self.ended_in(month)
            }
        }
    }

    fn ended_in(&self, period: Span) -> Vec<Slug> {
        let received = self.ended.by_receipt.iter().take_while(|(received, _)| *received < period.end);
        let touches =
            |ticket: &Slug| self.ended.by_ticket.get(ticket).is_some_and(|e| period.start <= e.until);
        received.filter(|(_, ticket)| touches(ticket)).map(|(_, ticket)| ticket.clone()).collect()
    }

    /// A ticket from the journal, to be held again.
    pub(crate) fn recalled(&mut self, ticket: &Slug, facts: Vec<Fact>) -> Option<Ended> {
        let ended = self.ended.by_ticket.remove(ticket)?;
        self.ended.lines.remove(ticket);
        self.ended.by_receipt.remove(&(ended.received, ticket.clone()));
        self.ended.incidents.remove(&(Reverse(ended.received), ticket.clone()));
        let mut kept = Kept::default();
        for fact in facts {
            let subject = fact.body.subject();
            if subject.noun != Noun::Ticket {
                self.ticket_of.insert((subject.noun, subject.id), ticket.clone());
            }
            insert(&mut kept.facts, fact);
        }
        self.tickets.insert(ticket.clone(), kept);
        self.note_end(ticket);
        Some(ended)
    }

    /// Whose name was put into these facts.
    pub(crate) fn note_actors(&mut self, by: Vec<(FactId, Arc<str>)>) {
        self.by.extend(by);
    }

    /// What was recalled and only looked at lies in the journal again.
    pub(crate) fn put_back(&mut self, ticket: &Slug, ended: Ended) {
        self.let_go_of(ticket, ended);
    }

    /// Whether some ticket may be let go by then.
    pub(crate) fn may_let_go(&self, now: Instant) -> bool {
        self.versions.is_some() && self.ended.closed.first().is_some_and(|first| first <= now)
    }

    /// Lets go of tickets that ended long enough before `now`. The index must have everything about them.
    pub(crate) fn let_go(&mut self, now: Instant) {
        for ticket in self.ended.closed.due(now) {
            match self.over(&ticket, now) {
                Some(ended) => self.let_go_of(&ticket, ended),
                None => self.ended.closed.set(&ticket, Some(now + LOOK_AGAIN)),
            }
        }
    }

    /// What remains of a ticket about which nothing changes by time alone and nothing is awaited; none where something is.
    fn over(&self, ticket: &Slug, now: Instant) -> Option<Ended> {
        let facts = self.facts_of(ticket);
        // What is said on one counts for the other: they stay together, and are few.
        if self.kin.is_tied(ticket) {
            return None;
        }
        let received = received(facts)?;
        let is_incident = self.is_incident(ticket);
        let mut until = facts.last()?.at;
        for owed in self.of_ticket(&TicketId(ticket.clone()), now) {
            let awaited = owed.open && matches!(owed.state, State::Waiting(_) | State::Running { .. });
            if awaited || owed.next_moment(now).is_some() {
                return None;
            }
            until = until.max(owed.due.unwrap_or(owed.started));
        }
        Some(Ended { received, until, is_incident })
    }

    fn let_go_of(&mut self, ticket: &Slug, ended: Ended) {
        let gone = self.tickets.remove(ticket).unwrap_or_default();
        if let Some(line) = gone.line.into_inner().flatten() {
            if self.ended.lines.len() == LINES_MAX {
                self.ended.lines.clear();
            }
            self.ended.lines.insert(ticket.clone(), line);
        }
        gone.facts.iter().for_each(|fact| drop(self.by.remove(&fact.id)));
        self.ended.closed.set(ticket, None);
        self.stale.tickets.remove(ticket);
        let subject = facts::Subject { noun: Noun::Ticket, id: ticket.clone() };
        for agenda in [&mut self.wake, &mut self.due, &mut self.missed] {
            agenda.set(&subject, None);
        }
        self.ended.by_receipt.insert((ended.received, ticket.clone()));
        if ended.is_incident {
            self.ended.incidents.insert((Reverse(ended.received), ticket.clone()));
        }
        self.ended.by_ticket.insert(ticket.clone(), ended);
    }

    /// When a ticket was received, wherever it lies.
    pub(super) fn received(&self, ticket: &Slug) -> Option<Instant> {
        let ended = self.ended.by_ticket.get(ticket).map(|ended| ended.received);
        ended.or_else(|| received(self.facts_of(ticket)))
    }

    /// Incidents from the newest on, wherever they lie: those that stand after that place, and of them so many are left out.
    pub(crate) fn newest_incidents(&self, after: Option<&Place>, from: usize, limit: usize) -> Vec<Slug> {
        let is_after = |place: &Place| after.is_none_or(|after| after < place);
        let held = self.tickets().filter(|(ticket, _)| self.is_incident(ticket));
        let held = held.filter_map(|(ticket, facts)| Some((Reverse(received(facts)?), ticket.clone())));
        let start = after.cloned().map_or(Unbounded, Excluded);
        let most = from.saturating_add(limit);
        let ended = self.ended.incidents.range((start, Unbounded)).take(most).cloned();
        let mut all: Vec<Place> = held.filter(is_after).chain(ended).collect();
        all.sort_unstable();
        all.into_iter().skip(from).take(limit).map(|(_, ticket)| ticket).collect()
    }

    /// Tickets from the newest on, wherever they lie, with when they were received: closed ones, or all. `before`: only those
    /// that stand after that one in this order.
    pub(crate) fn newest(
        &self,
        open_too: bool,
        before: Option<&(Instant, Slug)>,
        limit: usize,
    ) -> Vec<(Instant, Slug)> {
        let is_after = |key: &(Instant, Slug)| before.is_none_or(|before| key < before);
        let held = self.tickets().filter(|(_, facts)| open_too || is_closed(facts));
        let held = held.filter_map(|(id, facts)| Some((received(facts)?, id.clone()))).filter(is_after);
        let end = before.cloned().map_or(Unbounded, Excluded);
        let ended = self.ended.by_receipt.range((Unbounded, end)).rev().take(limit).cloned();
        let mut all: Vec<(Instant, Slug)> = held.chain(ended).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        all.truncate(limit);
        all
    }
}

fn received(facts: &[Fact]) -> Option<Instant> {
    facts.iter().find(|fact| fact.event() == Event::RequestReceived).map(|fact| fact.at)
}

/// What a fact itself says in somebody's words; what lies beside the journal is added when it is indexed.
fn said_in(fact: &Fact) -> Option<String> {
    match &fact.body {
        Body::RequestReceived(request) => request.title.clone(),
        Body::RequestResolved(resolved) => Some(resolved.summary.clone()),
        Body::RequestReprioritised(change) => Some(change.message.clone()),
        Body::RequestClassified(said) => said.message.clone(),
        Body::RequestTagged(tagged) => Some(tagged.add.join(" ")),
        _ => None,
    }
}
