//! Tickets that the provider's people write for themselves about a client. They stand in the provider's own journal: what a client's
//! people may reach is their client's, so that no page, list, search, count, notice or statement of theirs has to leave one out.
//! No agreement judges them, and no clock runs.

use facts::{ClientId, Event, Fact, RequestReceived, Side, TicketId};
use spans::Instant;

use super::{By, ticket::number_as};
use crate::live::{Book, Control, Done, NotDone, query::Line};

/// The way such a ticket came in.
pub const OWN_CHANNEL: &str = "internal";
/// What their names begin with, so that none is taken for a client's.
const PREFIX: &str = "I";
/// What may be done about one. Nothing of it reaches a client, and nothing of it is owed.
const ALLOWED: [Event; 10] = [
    Event::RequestReceived,
    Event::RequestNoted,
    Event::RequestAssigned,
    Event::RequestTagged,
    Event::RequestWatched,
    Event::RequestUnwatched,
    Event::RequestResolved,
    Event::RequestReopened,
    Event::FileAttached,
    Event::FileRemoved,
];

impl Control {
    /// Writes a ticket down about a client, for the provider's people alone, under the next free number.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::UnknownClient`], [`NotDone::Empty`] without a title or a text.
    pub fn write_down(
        &self,
        about: &ClientId,
        title: &str,
        text: String,
        by: By,
        now: Instant,
    ) -> Result<(TicketId, Done), NotDone> {
        for (field, said) in [("title", title), ("text", text.as_str())] {
            if said.trim().is_empty() {
                return Err(NotDone::Empty { field });
            }
        }
        if !self.known_clients()?.contains(about) {
            return Err(NotDone::UnknownClient { client: about.clone() });
        }
        let written = |ticket| RequestReceived {
            ticket,
            channel: OWN_CHANNEL.to_owned(),
            title: Some(title.to_owned()),
            instance: None,
            priority: None,
            class: None,
            kind: None,
            urgency: None,
            text: None,
            split_from: None,
            about: Some(about.clone()),
        };
        let own = ClientId::provider();
        let act = by.act(&own, written(number_as(PREFIX, 1)), Some(text));
        let done = self.act_prepared(act, now, |book, act| {
            act.bodies = vec![written(number_as(PREFIX, book.highest_number().saturating_add(1))).into()];
            Ok(())
        })?;
        let ticket = self.ticket_received(&own, &done)?;
        Ok((ticket, done))
    }

    /// Those that are open, about one client or about any, the newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn own_tickets(&self, about: Option<&ClientId>, now: Instant) -> journal::Result<Vec<Line>> {
        let lines = self.read(&ClientId::provider(), now, |book| book.open_ticket_lines(now))?;
        let mut lines = lines.unwrap_or_default();
        lines.retain(|line| {
            line.about.is_some() && about.is_none_or(|about| line.about.as_ref() == Some(about))
        });
        Ok(lines)
    }
}

/// What no agreement judges is judged here: the provider's people, about a ticket of their own, and only what stays among them.
pub(crate) fn allowed(book: &Book, fact: &Fact, before: &[Fact]) -> Result<(), NotDone> {
    let own = fact.actor.side == Side::Provider && fact.actor.is_person();
    if !own || !ALLOWED.contains(&fact.event()) {
        return Err(NotDone::OutOfOrder {
            what: "it is a ticket of the provider's people for themselves",
            instead: "leave a note, or write to the client on a ticket of theirs",
        });
    }
    let ticket = fact.body.subject_id();
    let is_there = book
        .facts_of(ticket)
        .iter()
        .chain(before)
        .any(|fact| fact.event() == Event::RequestReceived && fact.body.subject_id() == ticket);
    match (fact.event() == Event::RequestReceived, is_there) {
        (true, false) | (false, true) => Ok(()),
        (true, true) => Err(NotDone::Changed),
        (false, false) => Err(NotDone::Unknown { noun: "ticket", id: ticket.to_string() }),
    }
}
