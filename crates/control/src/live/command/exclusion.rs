//! Exclusions: claimed with cause and evidence, disputed, and settled by whoever gives way; and what applies without a claim
//! because the client says so: a restart (SH-EXCL-07).

use facts::{
    Body, ClientId, ExclusionClaimed, ExclusionDisputed, ExclusionId, ExclusionSettled, InstanceId,
    InstanceRestarted, Noun,
};
use spans::Instant;

use super::{By, next_number};
use crate::live::{Act, Book, Control, Done, NotDone};

/// Claims of one act.
pub const CLAIMS_MAX: usize = 50;
/// Bytes of what proves a claim, and of why one is disputed.
const WORDS_BYTES_MAX: usize = 4_000;

/// What is claimed not to count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewClaim {
    /// Of which instance.
    pub instance: InstanceId,
    /// Why, from the agreement's list.
    pub cause: String,
    /// The first instant.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
    /// What proves it.
    pub evidence: String,
}

impl NewClaim {
    fn check(&self) -> Result<(), NotDone> {
        let (found, max) = (self.evidence.len(), WORDS_BYTES_MAX);
        if max < found { Err(NotDone::TooMuch { what: "bytes of evidence", found, max }) } else { Ok(()) }
    }

    /// As a fact says it, under a name.
    pub(crate) fn body(&self, exclusion: ExclusionId) -> Body {
        let NewClaim { instance, cause, from, until, evidence } = self.clone();
        let evidence = evidence.trim().to_owned();
        ExclusionClaimed { exclusion, instance, cause, from, until, evidence }.into()
    }
}

/// What is answered to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The client disputes it: until it is settled the month is shown both ways.
    Dispute {
        /// Why.
        reason: Option<String>,
    },
    /// The client accepts it: it stands.
    Accept,
    /// The provider takes it back: it counts.
    TakeBack,
}

impl Answer {
    /// As a fact says it.
    pub(crate) fn body(self, exclusion: ExclusionId) -> Body {
        match self {
            Answer::Dispute { reason } => ExclusionDisputed { exclusion, reason }.into(),
            Answer::Accept => ExclusionSettled { exclusion, stands: true }.into(),
            Answer::TakeBack => ExclusionSettled { exclusion, stands: false }.into(),
        }
    }
}

impl Control {
    /// Claims that downtime does not count: all of it or nothing, each under a name of its own, so that each can be disputed.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::NoSuch`] for an instance that nobody added, [`NotDone::Empty`] without a claim.
    pub fn claim_exclusions(
        &self,
        client: &ClientId,
        claims: &[NewClaim],
        by: By,
        now: Instant,
    ) -> Result<(Vec<ExclusionId>, Done), NotDone> {
        let Some(first) = claims.first() else { return Err(NotDone::Empty { field: "claims" }) };
        let (found, max) = (claims.len(), CLAIMS_MAX);
        if max < found {
            return Err(NotDone::TooMuch { what: "claims at once", found, max });
        }
        claims.iter().try_for_each(NewClaim::check)?;
        let act = by.act(client, first.body(name(1)), None);
        let done = self.act_prepared(act, now, |book, act: &mut Act| {
            let known = book.instance_names();
            let stranger = |claim: &&NewClaim| !known.iter().any(|(id, _)| *id == claim.instance);
            if let Some(claim) = claims.iter().find(stranger) {
                return Err(NotDone::NoSuch { field: "instance", id: claim.instance.to_string() });
            }
            let next = next_number(book, Noun::Exclusion, "E-");
            act.bodies = claims.iter().zip(next..).map(|(claim, n)| claim.body(name(n))).collect();
            Ok(())
        })?;
        let found = self.journal().tail(client, done.first_seq.saturating_sub(1), claims.len())?;
        let ids = found.into_iter().filter_map(|entry| match entry.fact.body {
            Body::ExclusionClaimed(claim) => Some(claim.exclusion),
            _ => None,
        });
        Ok((ids.collect(), done))
    }

    /// Answers a claim.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] for a claim that is not there.
    pub fn answer_exclusion(
        &self,
        client: &ClientId,
        exclusion: &ExclusionId,
        answer: Answer,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        if let Answer::Dispute { reason: Some(reason) } = &answer
            && WORDS_BYTES_MAX < reason.len()
        {
            let (found, max) = (reason.len(), WORDS_BYTES_MAX);
            return Err(NotDone::TooMuch { what: "bytes of a reason", found, max });
        }
        let read = by.read;
        let act = by.act(client, answer.body(exclusion.clone()), None);
        self.act_prepared(act, now, |book, _| book.stands(Noun::Exclusion, &exclusion.0, read))
    }

    /// The client says that it restarts an instance now: what fails in the agreement's span of grace does not count (SH-EXCL-07).
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] without such an instance, [`NotDone::OutOfOrder`] once it has ended.
    pub fn restart(
        &self,
        client: &ClientId,
        instance: &InstanceId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let act = by.act(client, InstanceRestarted { instance: instance.clone() }, None);
        self.act_prepared(act, now, |book: &Book, _| book.is_running(instance, now))
    }
}

fn name(n: u64) -> ExclusionId {
    format!("E-{n}").parse().expect("E, a hyphen and a number are an id")
}
