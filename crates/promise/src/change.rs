//! Changes of the client's systems: the provider proposes one, the client approves it by its start or refuses it, and only what was
//! approved begins (MP-CLI-11). Whoever may speaks once; another word takes another proposal.

use facts::{Body, ChangeId, ChangeProposed, Event, Fact, Noun, Side};
use spans::{Instant, Length};

use crate::{
    approval::ProposalState,
    history::{History, until},
};

/// A change as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub id: ChangeId,
    /// What was proposed. Proposed again under the same id it is the newer one, which nobody has approved.
    pub proposed: ChangeProposed,
    /// By what name whoever proposed it goes.
    pub by: String,
    /// When it was proposed.
    pub made: Instant,
    /// What the client says of it.
    pub state: ProposalState,
    /// By what name whoever decided goes.
    pub decided_by: Option<String>,
    /// Whether the client confirmed its backup (MP-CLI-13).
    pub backup_confirmed: bool,
    /// When it began.
    pub started: Option<Instant>,
    /// When it was over.
    pub closed: Option<Instant>,
    /// How it was validated (MP-SC-APP-03).
    pub validation: Option<String>,
}

/// Every change that was proposed by `at`, in the order of their proposing.
pub fn changes(history: &History<'_>, at: Instant) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for fact in history.all(Event::ChangeProposed, at) {
        let Body::ChangeProposed(proposed) = &fact.body else { continue };
        if all.iter().all(|known| known.id != proposed.change) {
            all.extend(change(history, &proposed.change, at));
        }
    }
    all
}

/// The change of that id as it stands `at`; none where it was not proposed yet.
pub fn change(history: &History<'_>, id: &ChangeId, at: Instant) -> Option<Change> {
    let mut found: Option<Change> = None;
    for fact in until(history.of(Noun::Change, &id.0), at) {
        match (&fact.body, &mut found) {
            (Body::ChangeProposed(proposed), found) => *found = Some(Change::new(fact, proposed)),
            (_, Some(change)) => change.hear(fact),
            (_, None) => {}
        }
    }
    found
}

impl Change {
    fn new(fact: &Fact, proposed: &ChangeProposed) -> Change {
        Change {
            id: proposed.change.clone(),
            proposed: proposed.clone(),
            by: fact.actor.id.clone(),
            made: fact.at,
            state: ProposalState::Pending { waits_for: vec![Side::Client] },
            decided_by: None,
            backup_confirmed: false,
            started: None,
            closed: None,
            validation: None,
        }
    }

    fn hear(&mut self, fact: &Fact) {
        let (at, side) = (fact.at, fact.actor.side);
        match &fact.body {
            Body::ChangeApproved(approved) if self.is_pending() && side == Side::Client => {
                self.backup_confirmed = approved.backup_confirmed;
                self.decide(fact, ProposalState::Approved { at });
            }
            Body::ChangeRefused(refused) if self.started.is_none() => {
                let reason = refused.reason.clone();
                self.decide(fact, ProposalState::Refused { at, side, reason });
            }
            Body::ChangeStarted(_) => self.started = self.started.or(Some(at)),
            Body::ChangeClosed(closed) => {
                self.closed = self.closed.or(Some(at));
                self.validation = self.validation.take().or_else(|| closed.validation.clone());
            }
            _ => {}
        }
    }

    fn decide(&mut self, fact: &Fact, state: ProposalState) {
        (self.state, self.decided_by) = (state, Some(fact.actor.id.clone()));
    }

    fn is_pending(&self) -> bool {
        matches!(self.state, ProposalState::Pending { .. })
    }

    /// Whether the client can still approve it: by its planned start, that instant included (MP-CLI-11).
    pub fn is_open(&self, at: Instant) -> bool {
        self.is_pending() && self.started.is_none() && at <= self.proposed.starts_at
    }

    /// How long it has waited for the client, or waited until it was answered. Never negative.
    pub fn age(&self, at: Instant) -> Length {
        let until = match &self.state {
            ProposalState::Pending { .. } => at,
            ProposalState::Approved { at } | ProposalState::Refused { at, .. } => *at,
        };
        until.max(self.made) - self.made
    }

    /// The one word for how it stands.
    pub fn word(&self, at: Instant) -> &'static str {
        match &self.state {
            _ if self.closed.is_some() => "done",
            _ if self.started.is_some() => "under way",
            ProposalState::Refused { side: Side::Client, .. } => "refused",
            ProposalState::Refused { .. } => "called off",
            ProposalState::Pending { .. } if self.is_open(at) => "waits for the client",
            ProposalState::Pending { .. } => "not approved in time",
            ProposalState::Approved { .. } if self.proposed.ends_at.is_some_and(|end| end <= at) => {
                "not begun"
            }
            ProposalState::Approved { .. } => "approved",
        }
    }
}
