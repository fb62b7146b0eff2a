//! Messages from people who are no contacts: held without a clock, made a request by a contact, or put aside (SH-DEF-11, SH-REQ-05).

mod sender;

use facts::{Body, ClientId, HeldId, MessageHeld, MessageSettled, Noun, RequestReceived, TicketId};
use spans::Instant;

pub use self::sender::address_in;
use self::sender::{Asker, whose};
use super::By;
use crate::live::{
    Act, Book, Control, Done, NotDone,
    query::HeldWords,
    words::{self, LINE_CHARS_MAX, TITLE_CHARS_MAX},
};

/// Messages of one client that wait at once.
pub const HELD_MAX: usize = 100;
/// Characters of one: what a person reads before saying what becomes of it.
pub const HELD_CHARS_MAX: usize = 8_192;

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
    /// Why not, as [`Control::act`]; [`NotDone::Wrong`] without a sender, for one who may ask, and beyond [`HELD_CHARS_MAX`];
    /// [`NotDone::Empty`] without a text, [`NotDone::OutOfOrder`] beyond [`HELD_MAX`].
    pub fn hold(
        &self,
        client: &ClientId,
        new: NewHeld,
        by: By,
        now: Instant,
    ) -> Result<(HeldId, Done), NotDone> {
        let NewHeld { from, channel, text } = new;
        let from = sender(&from)?;
        let text = message(&text)?;
        let askers = self.askers(client, now)?;
        let held = MessageHeld { message: number(1), channel, text: None };
        let act = by.act(client, held.clone(), Some(HeldWords::written(&from, &text)));
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            book.is_of_no_asker(&askers, &from)?;
            if HELD_MAX <= book.held_count() {
                return Err(too_many());
            }
            let message = number(book.next_held());
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
        let reason = reason.trim();
        if reason.is_empty() {
            return Err(wrong("reason", "say why it is put aside: both sides read it"));
        }
        words::line("reason", reason, LINE_CHARS_MAX)?;
        let aside =
            MessageSettled { message: message.clone(), ticket: None, reason: Some(reason.to_owned()) };
        let act = by.act(client, aside, None);
        self.act_prepared(act, now, |book, _| book.was_held(message))
    }

    /// A contact makes a request of it, in one act: its clocks run from now on, not from when the message came in.
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
            book.was_held(message)?;
            let (message, ticket) = (message.clone(), Some(ticket.clone()));
            Ok(Some(MessageSettled { message, ticket, reason: None }.into()))
        })
    }
}

impl Book {
    /// Whether messages of people who are no contacts are held under the agreement in force `now` (SH-DEF-11).
    pub fn holds_strangers(&self, now: Instant) -> bool {
        let plan = self.versions().map(|versions| versions.at(now).unwrap_or_else(|| versions.first()));
        let channels = plan.and_then(|plan| plan.agreement().channels.as_ref());
        channels.is_some_and(|channels| channels.unknown_sender.is_some())
    }

    fn was_held(&self, message: &HeldId) -> Result<(), NotDone> {
        let unknown = || NotDone::Unknown { noun: Noun::Held.name(), id: message.to_string() };
        self.held_message(message).map(drop).ok_or_else(unknown)
    }

    /// SH-DEF-11: what one of those writes who may ask is a request, and its clocks run.
    fn is_of_no_asker(&self, askers: &[Asker], from: &str) -> Result<(), NotDone> {
        let may_ask = |asker: &&Asker| self.permits(&asker.actor, agreement::Permission::RequestOpen);
        match whose(askers.iter().filter(may_ask), from) {
            None => Ok(()),
            Some(asker) => Err(wrong(
                "from",
                &format!(
                    "{} may ask for this client: write it down as their request; for somebody else of that name, add an address or a number",
                    asker.name
                ),
            )),
        }
    }
}

/// One visible line.
fn sender(from: &str) -> Result<String, NotDone> {
    let from = from.split_whitespace().collect::<Vec<_>>().join(" ");
    if from.is_empty() {
        return Err(wrong("from", "say who it is from: a name, an address or a number"));
    }
    words::line("from", &from, TITLE_CHARS_MAX)?;
    words::shows("from", &from)?;
    Ok(from)
}

fn message(text: &str) -> Result<String, NotDone> {
    if text.trim().is_empty() {
        return Err(NotDone::Empty { field: "text" });
    }
    let text = text.replace("\r\n", "\n");
    let found = text.chars().count();
    if HELD_CHARS_MAX < found {
        let why = format!(
            "it has {found} characters, and may have {HELD_CHARS_MAX}: keep what matters, and say that you cut it"
        );
        return Err(wrong("text", &why));
    }
    words::shows("text", &text)?;
    Ok(text)
}

fn too_many() -> NotDone {
    const { assert!(HELD_MAX == 100, "the sentence below says how many") }
    NotDone::OutOfOrder {
        what: "100 messages are held, which is the most",
        instead: "put some of them aside first, or ask a contact to make requests of them",
    }
}

fn number(n: u64) -> HeldId {
    format!("H-{n}").parse().expect("H, a hyphen and a number are an id")
}

fn wrong(field: &str, why: &str) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why: why.to_owned() }
}
