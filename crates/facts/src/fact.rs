//! One fact, and what it is about.

use std::fmt;

use serde::{Deserialize, Serialize};
use spans::Instant;

use crate::{Actor, Body, ClientId, Event, FactId, Noun, Slug};

/// Something that happened, once, for one client. Facts are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its identity; the same id twice is the same fact twice.
    pub id: FactId,
    /// Whose fact it is.
    pub client: ClientId,
    /// When it happened.
    pub at: Instant,
    /// When we learned it; at or after nothing in particular: a fact can be recorded late, and that shows.
    pub recorded_at: Instant,
    /// Who acted.
    pub actor: Actor,
    /// What happened.
    #[serde(flatten)]
    pub body: Body,
}

impl Fact {
    /// What kind of thing happened.
    pub fn event(&self) -> Event {
        self.body.event()
    }

    /// The stable text of this fact, on one line: what the journal stores and hashes.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self)
            .expect("a fact holds only text, numbers and lists, which always serialize")
    }
}

/// The thing a fact is about: obligations are kept one per subject.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Subject {
    /// What kind of thing.
    pub noun: Noun,
    /// Which one.
    pub id: Slug,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.noun.name(), self.id)
    }
}
