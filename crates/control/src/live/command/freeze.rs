//! What both sides keep about planned work: freezes that either sets, and proposals of a window or of work outside it, which
//! need both (SH-MAINT-05, SH-MAINT-09).

use facts::{
    Body, ClientId, FreezeId, FreezeLifted, FreezeSet, InstanceId, Noun, ProposalApproved, ProposalId,
    ProposalKind, ProposalMade, ProposalRefused, ProposedWindow, ProposedWork,
};
use spans::Instant;

use super::{By, next_number};
use crate::live::{Act, Book, Control, Done, NotDone};

/// Bytes of a reason, and of what is proposed.
const WORDS_BYTES_MAX: usize = 1_000;

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

/// What both sides are asked to agree on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// Another maintenance window (SH-MAINT-05).
    Window(ProposedWindow),
    /// Work outside the slot (SH-MAINT-09).
    Work {
        /// What, and why it cannot be inside it.
        what: String,
        /// When, and on what.
        work: ProposedWork,
    },
}

/// What the other side says to a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It agrees.
    Approve,
    /// It does not, and says why.
    Refuse(String),
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

    /// Proposes what takes both sides, under the next free number. The proposer's own approval is implied, where
    /// approving it is theirs.
    ///
    /// # Errors
    /// Why not, as [`Control::act`].
    pub fn propose(
        &self,
        client: &ClientId,
        asked: Asked,
        by: By,
        now: Instant,
    ) -> Result<(ProposalId, Done), NotDone> {
        let side = by.actor.side;
        let (what, window, work) = match asked {
            Asked::Window(window) => (None, Some(window), None),
            Asked::Work { what, .. } if what.trim().is_empty() => {
                return Err(NotDone::Empty { field: "what" });
            }
            Asked::Work { what, work } => (Some(what.trim().to_owned()), None, Some(work)),
        };
        what.as_ref().map_or(Ok(()), |what| short("what", what))?;
        let made =
            ProposalMade { proposal: proposal(1), kind: ProposalKind::Window, side, what, window, work };
        let act = by.act(client, made.clone(), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            known(book, made.work.as_ref().map_or(&[][..], |work| &work.instances))?;
            let n = next_number(book, Noun::Proposal, "P-");
            act.bodies = vec![ProposalMade { proposal: proposal(n), ..made.clone() }.into()];
            Ok(())
        })?;
        let id = self.first_of(client, &done, |body| match body {
            Body::ProposalMade(made) => Some(made.proposal),
            _ => None,
        })?;
        Ok((id, done))
    }

    /// Decides a proposal, for one's own side.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for one that is not there.
    pub fn decide(
        &self,
        client: &ClientId,
        proposal: &ProposalId,
        decision: Decision,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (side, proposal) = (by.actor.side, proposal.clone());
        let body: Body = match decision {
            Decision::Approve => ProposalApproved { proposal: proposal.clone(), side, step: None }.into(),
            Decision::Refuse(reason) if reason.trim().is_empty() => {
                return Err(NotDone::Empty { field: "reason" });
            }
            Decision::Refuse(reason) => {
                short("reason", &reason)?;
                ProposalRefused { proposal: proposal.clone(), side, reason: reason.trim().to_owned() }.into()
            }
        };
        let act = by.act(client, body, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Proposal, &proposal.0, None))
    }

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

fn short(field: &str, text: &str) -> Result<(), NotDone> {
    if text.len() <= WORDS_BYTES_MAX {
        return Ok(());
    }
    Err(NotDone::Wrong { field: field.to_owned(), why: format!("it takes up to {WORDS_BYTES_MAX} bytes") })
}

pub(crate) fn freeze_id(n: u64) -> FreezeId {
    format!("F-{n}").parse().expect("F, a hyphen and a number are an id")
}

fn proposal(n: u64) -> ProposalId {
    format!("P-{n}").parse().expect("P, a hyphen and a number are an id")
}

/// Only instances that somebody added are named.
fn known(book: &Book, instances: &[InstanceId]) -> Result<(), NotDone> {
    let known = book.instance_names();
    match instances.iter().find(|id| !known.iter().any(|(known, _)| known == *id)) {
        Some(id) => Err(NotDone::NoSuch { field: "instances", id: id.to_string() }),
        None => Ok(()),
    }
}
