//! Requests: a new one, and what is done about one.

use facts::{
    Body, ClientId, Event, Noun, RequestAskedClient, RequestClassified, RequestClientReplied, RequestNoted,
    RequestReceived, RequestReopened, RequestReplied, RequestReprioritised, RequestResolved,
    RequestUpdateAsked, Side, TicketId, WishLogged,
};
use spans::Instant;

use super::By;
use crate::live::{Act, Book, Control, Done, NotDone};

/// What is done about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// A message that both sides read: of the provider, or of the client.
    Reply {
        /// When the provider promises the next update (MP-UPD-04).
        next_update_by: Option<Instant>,
    },
    /// A message for the provider's people only.
    Note,
    /// A question to the client, whose turn it is then (SH-ACK-01).
    Ask,
    /// The client asks for an update (MP-UPD-03).
    AskForUpdate,
    /// What kind of request it is (SH-CHAR-02).
    Classify {
        /// The class.
        class: Option<String>,
        /// The kind.
        kind: Option<String>,
    },
    /// Another priority or urgency (SH-CHAR-05).
    Reprioritise {
        /// The priority.
        priority: Option<String>,
        /// The urgency.
        urgency: Option<String>,
        /// The sentence that the client reads.
        message: String,
    },
    /// Done (MP-UPD-05).
    Resolve {
        /// What was wrong and what was done.
        summary: String,
    },
    /// It goes on.
    Reopen,
}

impl Deed {
    /// Whether it says something in a text of its own.
    pub fn has_text(&self) -> bool {
        matches!(self, Deed::Reply { .. } | Deed::Note | Deed::Ask)
    }

    fn body(self, ticket: TicketId, side: Side) -> Body {
        match self {
            Deed::Reply { .. } if side == Side::Client => RequestClientReplied { ticket, text: None }.into(),
            Deed::Reply { next_update_by } => RequestReplied { ticket, next_update_by, text: None }.into(),
            Deed::Note => RequestNoted { ticket, text: None }.into(),
            Deed::Ask => RequestAskedClient { ticket, text: None }.into(),
            Deed::AskForUpdate => RequestUpdateAsked { ticket }.into(),
            Deed::Classify { class, kind } => RequestClassified { ticket, class, kind }.into(),
            Deed::Reprioritise { priority, urgency, message } => {
                RequestReprioritised { ticket, priority, urgency, message }.into()
            }
            Deed::Resolve { summary } => RequestResolved { ticket, summary }.into(),
            Deed::Reopen => RequestReopened { ticket }.into(),
        }
    }
}

impl Control {
    /// A request comes in, under the next free number. The ticket that `request` names is not looked at.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] without a title or a text, [`NotDone::NoSuch`] for an
    /// instance that nobody added.
    pub fn receive(
        &self,
        client: &ClientId,
        request: RequestReceived,
        text: String,
        by: By,
        now: Instant,
    ) -> Result<(TicketId, Done), NotDone> {
        let is_empty = |text: &str| text.trim().is_empty();
        if request.title.as_deref().is_none_or(is_empty) {
            return Err(NotDone::Empty { field: "title" });
        }
        if is_empty(&text) {
            return Err(NotDone::Empty { field: "text" });
        }
        let act = by.act(client, request.clone(), Some(text));
        let done = self.act_prepared(act, now, |book, act| {
            if let Some(instance) = &request.instance
                && !book.instance_names().iter().any(|(known, _)| known == instance)
            {
                return Err(NotDone::NoSuch { field: "instance", id: instance.to_string() });
            }
            let ticket = number(next_number(book));
            act.bodies = vec![RequestReceived { ticket, ..request.clone() }.into()];
            Ok(())
        })?;
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        let ticket = found.into_iter().find_map(|entry| match entry.fact.body {
            Body::RequestReceived(request) => Some(request.ticket),
            _ => None,
        });
        let ticket = ticket.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })?;
        Ok((ticket, done))
    }

    /// Something is done about a ticket. A feature request goes on the wish list in the act that says it is one (SH-ACK-04).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such a ticket, [`NotDone::Empty`] without a text where the
    /// deed is to say something, [`NotDone::Changed`] where it is no longer as it was read.
    pub fn do_about(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        deed: Deed,
        text: Option<String>,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let text = text.filter(|text| !text.trim().is_empty());
        if deed.has_text() && text.is_none() {
            return Err(NotDone::Empty { field: "text" });
        }
        let (read, side) = (by.read, by.actor.side);
        let act = by.act(client, deed.body(ticket.clone(), side), text);
        let send =
            |act: Act| self.act_prepared(act, now, |book, _| book.stands(Noun::Ticket, &ticket.0, read));
        match (send(act.clone()), act.bodies.as_slice()) {
            (Err(NotDone::Missing { event: Event::WishLogged, .. }), [Body::RequestClassified(_)]) => {
                let wish = WishLogged { ticket: ticket.clone() };
                let bodies = vec![act.bodies[0].clone(), wish.into()];
                send(Act { bodies, ..act })
            }
            (answer, _) => answer,
        }
    }
}

/// The first number above those in use.
fn next_number(book: &Book) -> u64 {
    let numbers = book.tickets().filter_map(|(id, _)| id.as_str().strip_prefix("T-")?.parse::<u64>().ok());
    numbers.max().map_or(1, |last| last.saturating_add(1))
}

fn number(number: u64) -> TicketId {
    format!("T-{number}").parse().expect("T, a hyphen and a number are an id")
}
