//! What people and programs do, whichever way it comes in: pages and the API send these, and nothing else decides what an act
//! consists of. Each is one [`Act`]: allowed by the agreement, stored whole or not at all, and under a key stored once.

mod alert;
mod approval;
mod arrange;
mod change;
mod exclusion;
mod file;
mod freeze;
mod held;
mod instance;
mod logo;
mod maintenance;
mod motion;
mod order;
mod own;
mod people;
mod status;
mod ticket;

use facts::{Actor, Body, ClientId, InstanceId, Noun, Slug};
use journal::Key;
use spans::Instant;

pub use self::{
    alert::{ALERT_CHANNEL, Alerted, Crossing},
    approval::{Asked, Decision},
    arrange::{Arranged, Arrangement, BULK_MAX, TAG_CHARS_MAX, TAGS_MAX},
    change::{ChangeStep, NewChange, NewProposedChange},
    exclusion::{Answer, CLAIMS_MAX, NewClaim},
    file::NewFile,
    freeze::NewFreeze,
    held::{HELD_CHARS_MAX, HELD_MAX, NewHeld, address_in},
    logo::NewLogo,
    maintenance::{Filed, SERIES_MAX, Series, Step},
    motion::{Motion, PAUSE_WORDS_MAX},
    own::OWN_CHANNEL,
    people::ContactRole,
    status::{NEW_INCIDENT, PAGE_CHARS_MAX, status_key},
    ticket::Deed,
};
pub(crate) use self::{
    freeze::freeze_id,
    motion::{next_level, open_appeal, open_escalation, open_pause},
    own::allowed as allowed_among_ourselves,
};
use super::{Act, Book, Control, Done, NotDone};

/// Who wants it, and on what condition.
#[derive(Debug, Clone)]
pub struct By {
    /// Who.
    pub actor: Actor,
    /// The sender's name for this request: sent again under it, the answer is that of the first time.
    pub key: Option<Key>,
    /// Whether the person takes upon himself what may be confirmed.
    pub confirmed: bool,
    /// How many facts about the subject were there when it was read ([`Book::facts_about`]; of a check, [`Book::check_version`]); with
    /// another number nothing is done.
    pub read: Option<usize>,
    /// When it happened; none for now.
    pub at: Option<Instant>,
}

impl By {
    /// This person, on no condition.
    pub fn new(actor: Actor) -> By {
        By { actor, key: None, confirmed: false, read: None, at: None }
    }

    fn act(self, client: &ClientId, body: impl Into<Body>, text: Option<String>) -> Act {
        let (key, confirmed, at) = (self.key, self.confirmed, self.at);
        Act { key, confirmed, at, text, ..Act::new(client, self.actor, body) }
    }
}

impl Book {
    /// How many facts there are about a ticket or a maintenance record; none where it is not there.
    pub fn facts_about(&self, noun: Noun, id: &Slug) -> usize {
        match noun {
            Noun::Ticket => self.facts_of(id).len(),
            _ => self.facts().iter().filter(|fact| is_about(fact, noun, id)).count(),
        }
    }

    /// That it is there, and as it was read.
    fn stands(&self, noun: Noun, id: &Slug, read: Option<usize>) -> Result<(), NotDone> {
        match self.facts_about(noun, id) {
            0 => Err(NotDone::Unknown { noun: noun.name(), id: id.to_string() }),
            found if read.is_some_and(|read| read != found) => Err(NotDone::Changed),
            _ => Ok(()),
        }
    }
}

impl Control {
    /// The name that the first fact of an act has, also where the act had been done before.
    pub(super) fn first_of<T>(
        &self,
        client: &ClientId,
        done: &Done,
        pick: impl Fn(Body) -> Option<T>,
    ) -> Result<T, NotDone> {
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?;
        found.into_iter().find_map(|entry| pick(entry.fact.body)).ok_or(NotDone::Changed)
    }
}

/// Only instances that somebody added are named.
fn known(book: &Book, instances: &[InstanceId]) -> Result<(), NotDone> {
    let known = book.instance_names();
    match instances.iter().find(|id| !known.iter().any(|(known, _)| known == *id)) {
        Some(id) => Err(NotDone::NoSuch { field: "instances", id: id.to_string() }),
        None => Ok(()),
    }
}

/// The number after the highest that names something of a kind: 8 after `E-7`.
fn next_number(book: &Book, noun: Noun, prefix: &str) -> u64 {
    let named = book.facts().iter().filter(|fact| fact.event().noun() == noun);
    let numbers =
        named.filter_map(|fact| fact.body.subject_id().as_str().strip_prefix(prefix)?.parse::<u64>().ok());
    numbers.max().map_or(1, |last| last.saturating_add(1))
}

fn is_about(fact: &facts::Fact, noun: Noun, id: &Slug) -> bool {
    fact.event().noun() == noun && fact.body.subject_id() == id
}
