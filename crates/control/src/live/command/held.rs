//! Messages from people who are no contacts: held without a clock, made a request by a contact, or put aside (SH-DEF-11, SH-REQ-05).

use facts::{Body, ClientId, HeldId, MessageHeld, MessageSettled, Noun, RequestReceived, TicketId};
use spans::Instant;

use super::{By, next_number};
use crate::live::{
    Act, Book, Control, Done, NotDone,
    query::HeldMessage,
    words::{LINE_CHARS_MAX, TITLE_CHARS_MAX},
};

/// Messages of one client that wait at once.
pub const HELD_MAX: usize = 100;

/// A message that came in from somebody who is no contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewHeld {
    /// From whom: a name, an address, a number.
    pub from: String,
    /// The way it came in.
    pub channel: String,
    /// What was written or said.
    pub text: String,
}

impl Control {
    /// A message is held, under the next free number. No clock runs, and the client's contacts are told.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] without a sender or a text, [`NotDone::TooMuch`] beyond [`HELD_MAX`].
    pub fn hold(
        &self,
        client: &ClientId,
        new: NewHeld,
        by: By,
        now: Instant,
    ) -> Result<(HeldId, Done), NotDone> {
        let NewHeld { from, channel, text } = new;
        let from = from.split_whitespace().collect::<Vec<_>>().join(" ");
        short("from", &from, TITLE_CHARS_MAX)?;
        if text.trim().is_empty() {
            return Err(NotDone::Empty { field: "text" });
        }
        let held = MessageHeld { message: number(1), channel, text: None };
        let act = by.act(client, held.clone(), Some(HeldMessage::written(&from, &text)));
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            let found = book.held_count();
            if HELD_MAX <= found {
                return Err(NotDone::TooMuch {
                    what: "messages held at once",
                    found: found + 1,
                    max: HELD_MAX,
                });
            }
            let message = number(next_number(book, Noun::Held, "H-"));
            act.bodies = vec![MessageHeld { message, ..held.clone() }.into()];
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::MessageHeld(held) => Some(held.message),
            _ => None,
        })?;
        Ok((id, done))
    }

    /// A held message is put aside: it becomes no request.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for one that is not there.
    pub fn put_aside(
        &self,
        client: &ClientId,
        message: &HeldId,
        reason: &str,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        short("reason", reason.trim(), LINE_CHARS_MAX)?;
        let reason = Some(reason.trim().to_owned());
        let aside = MessageSettled { message: message.clone(), ticket: None, reason };
        let act = by.act(client, aside, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Held, &message.0, None))
    }

    /// A contact makes a request of a held message, in one act: its clocks run from now on, not from when the message came in.
    ///
    /// # Errors
    /// As [`Control::receive`]; [`NotDone::Unknown`] for a message that is not there.
    pub fn receive_held(
        &self,
        client: &ClientId,
        message: &HeldId,
        request: RequestReceived,
        text: String,
        by: By,
        now: Instant,
    ) -> Result<(TicketId, Done), NotDone> {
        self.receive_and(client, request, text, by, now, |book, ticket| {
            book.stands(Noun::Held, &message.0, None)?;
            let (message, ticket) = (message.clone(), Some(ticket.clone()));
            Ok(Some(MessageSettled { message, ticket, reason: None }.into()))
        })
    }
}

impl Book {
    /// Whether messages of people who are no contacts are held under the agreement (SH-DEF-11).
    pub fn holds_strangers(&self) -> bool {
        let channels = self.versions().and_then(|versions| versions.latest().agreement().channels.as_ref());
        channels.is_some_and(|channels| channels.unknown_sender.is_some())
    }

    /// How many messages wait.
    pub fn held_count(&self) -> usize {
        self.held().len()
    }

    /// The messages that wait, the oldest first.
    pub(in crate::live) fn held(&self) -> Vec<(&facts::Fact, &MessageHeld)> {
        let mut held: Vec<(&facts::Fact, &MessageHeld)> = Vec::new();
        for fact in self.facts() {
            match &fact.body {
                Body::MessageHeld(message) => held.push((fact, message)),
                Body::MessageSettled(settled) => held.retain(|(_, held)| held.message != settled.message),
                _ => {}
            }
        }
        held
    }
}

fn number(n: u64) -> HeldId {
    format!("H-{n}").parse().expect("H, a hyphen and a number are an id")
}

fn short(field: &'static str, text: &str, max: usize) -> Result<(), NotDone> {
    let found = text.chars().count();
    match found {
        0 => Err(NotDone::Empty { field }),
        _ if max < found => {
            let why = format!("it has {found} characters, and may have {max}");
            Err(NotDone::Wrong { field: field.to_owned(), why })
        }
        _ => Ok(()),
    }
}
