//! Requests: a new one, and what is done about one.

use facts::{
    Body, ClientId, Event, Noun, RequestAskedClient, RequestClassified, RequestClientReplied, RequestNoted,
    RequestReceived, RequestReopened, RequestReplied, RequestReprioritised, RequestResolved,
    RequestUpdateAsked, Resolution, Side, TicketId, WishLogged,
};
use promise::{
    guard::{is_word, words_of},
    obligation::Plan,
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
        /// The sentence that the client reads; needed where another was said before.
        message: Option<String>,
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
        /// What was wrong and what was done; or why it cannot be solved.
        summary: String,
        /// What it came to (SH-ACK-03).
        outcome: Resolution,
    },
    /// It goes on.
    Reopen,
}

impl Deed {
    /// Whether it says something in a text of its own.
    pub fn has_text(&self) -> bool {
        matches!(self, Deed::Reply { .. } | Deed::Note | Deed::Ask)
    }

    /// Whether it may be done about a ticket that is open, or closed: each step from the state before it only.
    ///
    /// # Errors
    /// [`NotDone::OutOfOrder`], with what to do instead.
    pub fn follows(&self, is_open: bool) -> Result<(), NotDone> {
        let refuse = |what, instead| Err(NotDone::OutOfOrder { what, instead });
        match self {
            Deed::Resolve { .. } if !is_open => refuse("it is closed already", "open it again first"),
            Deed::Reprioritise { .. } | Deed::AskForUpdate if !is_open => {
                refuse("it is closed", "open it again first")
            }
            Deed::Reopen if is_open => refuse("it is open", "reply to it"),
            _ => Ok(()),
        }
    }

    /// That it says something, in the words of the agreement: an act that says nothing meets nothing.
    fn says(&self, plan: &Plan, side: Side, now: Instant) -> Result<(), NotDone> {
        match self {
            Deed::Reply { next_update_by: Some(_) } if side == Side::Client => {
                Err(wrong("next_update_by", "the provider promises the next update".to_owned()))
            }
            Deed::Reply { next_update_by: Some(by) } if *by <= now => {
                Err(wrong("next_update_by", format!("{by} has passed: promise a time that is to come")))
            }
            Deed::Classify { class, kind, .. } => {
                in_words(plan, &[("class", class.as_deref()), ("kind", kind.as_deref())])
            }
            Deed::Reprioritise { priority, urgency, message } => {
                in_words(plan, &[("priority", priority.as_deref()), ("urgency", urgency.as_deref())])?;
                not_blank("message", message)
            }
            Deed::Resolve { summary, .. } => not_blank("summary", summary),
            _ => Ok(()),
        }
    }

    fn body(self, ticket: TicketId, side: Side) -> Body {
        match self {
            Deed::Reply { .. } if side == Side::Client => RequestClientReplied { ticket, text: None }.into(),
            Deed::Reply { next_update_by } => RequestReplied { ticket, next_update_by, text: None }.into(),
            Deed::Note => RequestNoted { ticket, text: None }.into(),
            Deed::Ask => RequestAskedClient { ticket, text: None }.into(),
            Deed::AskForUpdate => RequestUpdateAsked { ticket }.into(),
            Deed::Classify { class, kind, message } => {
                let message = message.filter(|message| !message.trim().is_empty());
                RequestClassified { ticket, class, kind, message }.into()
            }
            Deed::Reprioritise { priority, urgency, message } => {
                RequestReprioritised { ticket, priority, urgency, message }.into()
            }
            Deed::Resolve { summary, outcome } => RequestResolved { ticket, summary, outcome }.into(),
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
        self.receive_and(client, request, text, by, now, |_, _| Ok(None))
    }

    /// As [`Control::receive`], with what belongs to the same act once the ticket has its number.
    pub(super) fn receive_and(
        &self,
        client: &ClientId,
        request: RequestReceived,
        text: String,
        by: By,
        now: Instant,
        with: impl Fn(&Book, &TicketId) -> Result<Option<Body>, NotDone>,
    ) -> Result<(TicketId, Done), NotDone> {
        not_blank("title", request.title.as_deref().unwrap_or_default())?;
        not_blank("text", &text)?;
        let act = by.act(client, request.clone(), Some(text));
        let done = self.act_prepared(act, now, |book, act| {
            self.or_allowed(book, act, now, |plan| {
                let said = [&request.priority, &request.class, &request.kind, &request.urgency];
                let said = ["priority", "class", "kind", "urgency"].into_iter().zip(said);
                said.filter_map(|(field, word)| Some((field, word.as_deref()?)))
                    .try_for_each(|(field, word)| a_word(plan, field, word))
            })?;
            if let Some(instance) = &request.instance
                && !book.instance_names().iter().any(|(known, _)| known == instance)
            {
                return Err(NotDone::NoSuch { field: "instance", id: instance.to_string() });
            }
            let ticket = number(next_number(book));
            let also = with(book, &ticket)?;
            act.bodies = vec![RequestReceived { ticket, ..request.clone() }.into()];
            act.bodies.extend(also);
            Ok(())
        })?;
        let ticket = self.ticket_received(client, &done)?;
        Ok((ticket, done))
    }

    /// The ticket that an act opened, also where it was sent again under its key.
    pub(super) fn ticket_received(&self, client: &ClientId, done: &Done) -> Result<TicketId, NotDone> {
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        let ticket = found.into_iter().find_map(|entry| match entry.fact.body {
            Body::RequestReceived(request) => Some(request.ticket),
            _ => None,
        });
        ticket.ok_or_else(|| NotDone::UnknownClient { client: client.clone() })
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
        let act = by.act(client, deed.clone().body(ticket.clone(), side), text);
        let send = |act: Act| {
            self.act_prepared(act, now, |book, act| {
                book.stands(Noun::Ticket, &ticket.0, read)?;
                deed.follows(book.is_open(ticket))?;
                self.or_allowed(book, act, now, |plan| deed.says(plan, side, now))
            })
        };
        match (send(act.clone()), act.bodies.as_slice()) {
            (Err(NotDone::Missing { event: Event::WishLogged, .. }), [Body::RequestClassified(_)]) => {
                let wish = WishLogged { ticket: ticket.clone() };
                let bodies = vec![act.bodies[0].clone(), wish.into()];
                send(Act { bodies, ..act })
            }
            (answer, _) => answer,
        }
    }

    /// What we ask of an act by the agreement in force. Where the agreement refuses it too, its reason is the one that is told.
    fn or_allowed(
        &self,
        book: &Book,
        act: &Act,
        now: Instant,
        ask: impl FnOnce(&Plan) -> Result<(), NotDone>,
    ) -> Result<(), NotDone> {
        let Some(versions) = book.versions() else { return Ok(()) };
        let plan = versions.at(now).unwrap_or_else(|| versions.first());
        ask(plan).or_else(|ours| self.allowed(book, act, now).and(Err(ours)))
    }
}

/// At least one of two fields, each with a word that the agreement has for it.
fn in_words(plan: &Plan, said: &[(&'static str, Option<&str>); 2]) -> Result<(), NotDone> {
    if said.iter().all(|(_, word)| word.is_none()) {
        let spoken = said.iter().find(|(field, _)| !words_of(plan, field).is_empty());
        let field = spoken.map_or(said[0].0, |(field, _)| field);
        let known = words_of(plan, field).join(", ");
        return Err(wrong(field, format!("say which: {known}")));
    }
    let said = said.iter().filter_map(|(field, word)| Some((field, (*word)?)));
    said.into_iter().try_for_each(|(field, word)| a_word(plan, field, word))
}

fn a_word(plan: &Plan, field: &str, word: &str) -> Result<(), NotDone> {
    if is_word(plan, field, word) {
        return Ok(());
    }
    let known = words_of(plan, field).join(", ");
    Err(wrong(
        field,
        match known.as_str() {
            "" => format!("the agreement has no word for it, and so not `{word}`: leave it out"),
            known => format!("`{word}` is not in the agreement: use {known}"),
        },
    ))
}

fn not_blank(field: &'static str, text: &str) -> Result<(), NotDone> {
    if text.trim().is_empty() { Err(NotDone::Empty { field }) } else { Ok(()) }
}

fn wrong(field: &str, why: String) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why }
}

/// The first number above those in use.
fn next_number(book: &Book) -> u64 {
    book.highest_number().saturating_add(1)
}

pub(super) fn number(number: u64) -> TicketId {
    number_as("T", number)
}

pub(super) fn number_as(prefix: &str, number: u64) -> TicketId {
    format!("{prefix}-{number}").parse().expect("a letter, a hyphen and a number are an id")
}
