//! What takes the other side's word: proposals of a window or of work outside it, which need both (SH-MAINT-05, SH-MAINT-09), and how
//! anything that was asked for is decided.

use facts::{
    Body, ClientId, Noun, ProposalApproved, ProposalId, ProposalKind, ProposalMade, ProposalRefused,
    ProposedWindow, ProposedWork,
};
use spans::Instant;

use super::{By, known, next_number};
use crate::live::{Act, Control, Done, NotDone};

/// Bytes of a reason, and of what is proposed.
const WORDS_BYTES_MAX: usize = 1_000;

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

/// What the other side says to a proposal, and to a change of its systems.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It agrees.
    Approve,
    /// It does not, and says why.
    Refuse(String),
}

impl Decision {
    /// Why it is refused, which is never silent; none where it is approved.
    ///
    /// # Errors
    /// [`NotDone::Empty`] for a refusal without a reason, [`NotDone::Wrong`] for one that is too long.
    pub(super) fn reason(self) -> Result<Option<String>, NotDone> {
        match self {
            Decision::Approve => Ok(None),
            Decision::Refuse(reason) => said("reason", &reason).map(Some),
        }
    }
}

impl Control {
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
            Asked::Work { what, work } => (Some(said("what", &what)?), None, Some(work)),
        };
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
        let body: Body = match decision.reason()? {
            None => ProposalApproved { proposal: proposal.clone(), side, step: None }.into(),
            Some(reason) => ProposalRefused { proposal: proposal.clone(), side, reason }.into(),
        };
        let act = by.act(client, body, None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Proposal, &proposal.0, None))
    }
}

/// Words that have to be there, without the space around them.
///
/// # Errors
/// [`NotDone::Empty`] where there are none, [`NotDone::Wrong`] for too many.
pub(super) fn said(field: &'static str, text: &str) -> Result<String, NotDone> {
    let text = text.trim();
    if text.is_empty() {
        return Err(NotDone::Empty { field });
    }
    short(field, text)?;
    Ok(text.to_owned())
}

/// That a text is no longer than is kept.
pub(super) fn short(field: &str, text: &str) -> Result<(), NotDone> {
    if text.len() <= WORDS_BYTES_MAX {
        return Ok(());
    }
    Err(NotDone::Wrong { field: field.to_owned(), why: format!("it takes up to {WORDS_BYTES_MAX} bytes") })
}

fn proposal(n: u64) -> ProposalId {
    format!("P-{n}").parse().expect("P, a hyphen and a number are an id")
}
