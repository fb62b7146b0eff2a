//! Idempotency keys: the same request sent again, after a lost answer, is stored once.

use facts::Fact;

use crate::{Hash, KEY_BYTES_MAX, Result, chain, entry::limit};

/// A name that its sender gives to one request of one client, and what the request was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: String,
    request: Option<Hash>,
}

impl Key {
    /// A key for facts that the sender wrote: the request is what the facts say. Two appends under it are the same
    /// request when their facts have the same instants, actors and bodies in the same order; ids and when they were
    /// recorded may differ.
    ///
    /// # Errors
    /// [`TooMuch`](crate::Error::TooMuch) when the name is longer than [`KEY_BYTES_MAX`].
    pub fn new(name: &str) -> Result<Key> {
        limit("bytes of an idempotency key", name.len(), KEY_BYTES_MAX)?;
        Ok(Key { name: name.to_owned(), request: None })
    }

    /// A key for facts that we wrote on receipt of a request: the request is its bytes, since our instants differ
    /// each time.
    ///
    /// # Errors
    /// As [`Key::new`].
    pub fn of_request(name: &str, request: &[u8]) -> Result<Key> {
        Ok(Key { request: Some(chain::digest([request])), ..Key::new(name)? })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The request, where the sender's bytes are it.
    pub(crate) fn named_request(&self) -> Option<Hash> {
        self.request
    }

    pub(crate) fn request<'a>(&self, facts: impl Iterator<Item = &'a Fact>) -> Hash {
        self.request.unwrap_or_else(|| {
            let texts: Vec<Vec<u8>> = facts.map(said).collect();
            chain::digest(texts.iter().map(Vec::as_slice))
        })
    }
}

fn said(fact: &Fact) -> Vec<u8> {
    serde_json::to_vec(&(&fact.at, &fact.actor, &fact.body))
        .expect("a fact holds only text, numbers and lists, which always serialize")
}
