//! Freezes of planned work, which either side sets and who set it lifts.

use facts::{Body, ClientId, FreezeId, FreezeLifted, FreezeSet, InstanceId, Noun};
use spans::Instant;

use super::{By, approval::short, known, next_number};
use crate::live::{Act, Control, Done, NotDone};

/// No planned work from one instant to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFreeze {
    /// The first instant.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
    /// Why.
    pub reason: String,
    /// The instances concerned; none named: all of them.
    pub instances: Vec<InstanceId>,
}

impl Control {
    /// Sets a freeze, under the next free number.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::NoSuch`] for an instance that nobody added.
    pub fn set_freeze(
        &self,
        client: &ClientId,
        new: NewFreeze,
        by: By,
        now: Instant,
    ) -> Result<(FreezeId, Done), NotDone> {
        short("reason", &new.reason)?;
        let NewFreeze { from, until, reason, instances } = new;
        let set =
            FreezeSet { freeze: freeze_id(1), from, until, reason: reason.trim().to_owned(), instances };
        let act = by.act(client, set.clone(), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            known(book, &set.instances)?;
            let n = next_number(book, Noun::Freeze, "F-");
            act.bodies = vec![FreezeSet { freeze: freeze_id(n), ..set.clone() }.into()];
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::FreezeSet(set) => Some(set.freeze),
            _ => None,
        })?;
        Ok((id, done))
    }

    /// Lifts a freeze, from now on.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for one that is not there.
    pub fn lift_freeze(
        &self,
        client: &ClientId,
        freeze: &FreezeId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let act = by.act(client, FreezeLifted { freeze: freeze.clone() }, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Freeze, &freeze.0, None))
    }
}

pub(crate) fn freeze_id(n: u64) -> FreezeId {
    format!("F-{n}").parse().expect("F, a hyphen and a number are an id")
}
