//! Changes that the client makes to its own surroundings, and warns of (MP-CLI-14).

use facts::{Body, ChangeId, ClientChangeAnnounced, ClientChangePlanned, ClientId, InstanceId, Noun, Side};
use spans::Instant;

use super::{By, next_number};
use crate::live::{Act, Control, Done, NotDone};

/// Bytes of what a change is.
const WORDS_BYTES_MAX: usize = 1_000;

/// A major change of the client's surroundings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewChange {
    /// What it is, in words.
    pub what: String,
    /// When it begins.
    pub starts_at: Instant,
    /// The instances that may feel it; none named: any.
    pub instances: Vec<InstanceId>,
}

impl Control {
    /// Puts a change on file under the next free number. Of the client's people it is the announcement; where the provider's
    /// write down one that nobody announced, it is none.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] where it does not say what, [`NotDone::NoSuch`] for an instance that nobody
    /// added.
    pub fn announce_change(
        &self,
        client: &ClientId,
        new: NewChange,
        by: By,
        now: Instant,
    ) -> Result<(ChangeId, Done), NotDone> {
        let what = new.what.trim().to_owned();
        if what.is_empty() {
            return Err(NotDone::Empty { field: "what" });
        }
        if WORDS_BYTES_MAX < what.len() {
            return Err(NotDone::TooMuch {
                what: "bytes of a text",
                found: what.len(),
                max: WORDS_BYTES_MAX,
            });
        }
        let announces = by.actor.side == Side::Client;
        let NewChange { starts_at, instances, .. } = new;
        let planned = ClientChangePlanned { change: name(1), starts_at, what: Some(what), instances };
        let act = by.act(client, planned.clone(), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            let known = book.instance_names();
            let stranger = planned.instances.iter().find(|id| !known.iter().any(|(known, _)| known == *id));
            if let Some(id) = stranger {
                return Err(NotDone::NoSuch { field: "instances", id: id.to_string() });
            }
            let change = name(next_number(book, Noun::Change, "C-"));
            act.bodies = vec![ClientChangePlanned { change: change.clone(), ..planned.clone() }.into()];
            if announces {
                act.bodies.push(ClientChangeAnnounced { change }.into());
            }
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::ClientChangePlanned(planned) => Some(planned.change),
            _ => None,
        })?;
        Ok((id, done))
    }
}

fn name(n: u64) -> ChangeId {
    format!("C-{n}").parse().expect("C, a hyphen and a number are an id")
}
