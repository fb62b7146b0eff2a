//! Messages that are held: from whom, by which way, and what they say.

use facts::{ClientId, HeldId};
use spans::Instant;

use crate::live::{Control, lock};

/// A message that waits for a contact's word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldMessage {
    /// Its name.
    pub id: HeldId,
    /// When it came in.
    pub at: Instant,
    /// By which way.
    pub channel: String,
    /// From whom; empty where the text was erased.
    pub from: String,
    /// What was written; empty where it was erased.
    pub text: String,
}

impl HeldMessage {
    /// As it is kept beside the journal, so that both can be erased: from whom is the first line.
    pub(in crate::live) fn written(from: &str, text: &str) -> String {
        format!("{from}\n{text}")
    }
}

impl Control {
    /// The messages of a client that are held, the oldest first; none for a client that is not there.
    ///
    /// # Errors
    /// The journal's.
    pub fn held(&self, client: &ClientId) -> journal::Result<Option<Vec<HeldMessage>>> {
        let Some(book) = self.book(client) else { return Ok(None) };
        let held: Vec<_> = {
            let mut book = lock(&book);
            self.catch_up(&mut book)?;
            book.held().into_iter().map(|(fact, held)| (fact.id, fact.at, held.clone())).collect()
        };
        if held.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let mut texts = self.journal().glance(|tx| tx.texts(client, held.iter().map(|(id, ..)| *id)))?;
        let read = |(id, at, held): (facts::FactId, Instant, facts::MessageHeld)| {
            let written = texts.remove(&id).unwrap_or_default();
            let (from, text) = written.split_once('\n').unwrap_or_default();
            let (from, text) = (from.to_owned(), text.to_owned());
            HeldMessage { id: held.message, at, channel: held.channel, from, text }
        };
        Ok(Some(held.into_iter().map(read).collect()))
    }
}
