//! Messages that are held: from whom, by which way, what they say, and what became of them.

use std::collections::BTreeMap;

use facts::{Body, ClientId, FactId, HeldId, MessageHeld, MessageSettled, Side, TicketId};
use spans::{Instant, Length};

use crate::live::{Control, book::Held, lock};

/// For so long after it was settled a message is listed and its words are kept; then they are erased ([`Control::forget_held`]).
pub const HELD_WORDS_KEPT: Length = Length::from_secs(90 * 86_400);

/// A message of somebody who is no contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// Its name.
    pub id: HeldId,
    /// When it came in.
    pub at: Instant,
    /// By which way.
    pub channel: String,
    /// From whom, and what was written.
    pub words: HeldWords,
    /// What became of it; none while it waits.
    pub settled: Option<SettledMessage>,
}

/// The words of a message, which lie beside the journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeldWords {
    /// They are there.
    Kept {
        /// From whom; empty where nobody wrote it down.
        from: String,
        /// What was written or said.
        text: String,
    },
    /// They were there, and were erased.
    Erased,
    /// None were put on record.
    Never,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettledMessage {
    /// When.
    pub at: Instant,
    /// Who did it, by name.
    pub by: String,
    /// For which side.
    pub side: Side,
    /// The request that was made of it.
    pub ticket: Option<TicketId>,
    /// Why it was put aside, where it was.
    pub reason: Option<String>,
}

impl HeldWords {
    /// As they are kept, so that both can be erased together: from whom is the first line, and has no line end in it.
    pub(in crate::live) fn written(from: &str, text: &str) -> String {
        format!("{from}\n{text}")
    }

    fn read(held: &MessageHeld, written: Option<String>) -> HeldWords {
        match (written, &held.text) {
            (Some(written), _) => {
                let (from, text) = written.split_once('\n').unwrap_or(("", &written));
                HeldWords::Kept { from: from.to_owned(), text: text.to_owned() }
            }
            (None, Some(_)) => HeldWords::Erased,
            (None, None) => HeldWords::Never,
        }
    }

    /// From whom, where that is known.
    pub fn from(&self) -> Option<&str> {
        match self {
            HeldWords::Kept { from, .. } => Some(from.as_str()).filter(|from| !from.is_empty()),
            HeldWords::Erased | HeldWords::Never => None,
        }
    }
}

impl Control {
    /// The messages of a client that wait, the oldest first; none for a client that is not there.
    ///
    /// # Errors
    /// The journal's.
    pub fn held(&self, client: &ClientId) -> journal::Result<Option<Vec<HeldMessage>>> {
        self.held_where(client, |book| book.held_waiting().cloned().collect())
    }

    /// The messages of a client that were settled within [`HELD_WORDS_KEPT`], the newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn held_settled(&self, client: &ClientId, now: Instant) -> journal::Result<Option<Vec<HeldMessage>>> {
        self.held_where(client, |book| book.held_settled_since(now - HELD_WORDS_KEPT).cloned().collect())
    }

    /// One message, whether it waits or not.
    ///
    /// # Errors
    /// The journal's.
    pub fn held_message(&self, client: &ClientId, message: &HeldId) -> journal::Result<Option<HeldMessage>> {
        let found =
            self.held_where(client, |book| book.held_message(message).cloned().into_iter().collect())?;
        Ok(found.and_then(|mut found| found.pop()))
    }

    fn held_where(
        &self,
        client: &ClientId,
        pick: impl FnOnce(&crate::live::Book) -> Vec<Held>,
    ) -> journal::Result<Option<Vec<HeldMessage>>> {
        let Some(book) = self.book(client) else { return Ok(None) };
        let held = {
            let mut book = lock(&book);
            self.catch_up(&mut book)?;
            pick(&book)
        };
        if held.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let facts: Vec<FactId> = held.iter().map(|held| held.fact.id).collect();
        let mut texts = self.journal().glance(|tx| tx.texts(client, facts.iter().copied()))?;
        Ok(Some(held.into_iter().filter_map(|held| message(held, &mut texts)).collect()))
    }

    /// Erases the words of messages that were settled longer than [`HELD_WORDS_KEPT`] ago: whoever wrote them is no party here. The
    /// facts stay with their digests, and the chain holds. How many were erased; done twice, it erases nothing more.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_held(&self, now: Instant) -> journal::Result<usize> {
        let mut erased = 0;
        for client in self.clients() {
            let Some(book) = self.book(&client) else { continue };
            let over: Vec<FactId> = {
                let mut book = lock(&book);
                self.catch_up(&mut book)?;
                book.held_settled_before(now - HELD_WORDS_KEPT).map(|held| held.fact.id).collect()
            };
            erased += self.forget_words(&client, over)?;
        }
        Ok(erased)
    }

    fn forget_words(&self, client: &ClientId, over: Vec<FactId>) -> journal::Result<usize> {
        if over.is_empty() {
            return Ok(0);
        }
        let there: Vec<FactId> =
            self.journal().glance(|tx| tx.texts(client, over.iter().copied()))?.into_keys().collect();
        if there.is_empty() {
            return Ok(0);
        }
        let (of, count) = (client.clone(), there.len());
        self.journal().write_for(client, move |tx| {
            there.iter().try_for_each(|fact| tx.erase_text(&of, *fact).map(drop))
        })?;
        Ok(count)
    }
}

fn message(held: Held, texts: &mut BTreeMap<FactId, String>) -> Option<HeldMessage> {
    let Body::MessageHeld(came) = held.fact.body else { return None };
    let words = HeldWords::read(&came, texts.remove(&held.fact.id));
    let settled = held.settled.and_then(|fact| match fact.body {
        Body::MessageSettled(MessageSettled { ticket, reason, .. }) => {
            Some(SettledMessage { at: fact.at, by: fact.actor.id, side: fact.actor.side, ticket, reason })
        }
        _ => None,
    });
    Some(HeldMessage { id: came.message, at: held.fact.at, channel: came.channel, words, settled })
}
