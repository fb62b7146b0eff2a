//! Rules agreed by both, changes, and work that needs an order.

use spans::Instant;

use super::{fact, *};
use crate::Side;

fact! {
    /// A change of the client's systems was proposed (MP-CLI-11).
    ChangeProposed {
        /// The change.
        change: ChangeId,
        /// Upgrade, restart or another kind.
        kind: String,
        /// The planned start.
        starts_at: Instant,
        /// Whether it has stages, a way back and checks afterwards (MP-SC-APP-04).
        #[serde(default)]
        planned_in_stages: bool,
        /// The planned end; none where nobody said it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ends_at: Option<Instant>,
        /// What is changed, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<String>,
        /// Why it is to be changed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        /// The instances that it is about; none named: no single one.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instances: Vec<InstanceId>,
    }
}

fact! {
    /// The client approved a change.
    ChangeApproved {
        /// The change.
        change: ChangeId,
        /// Whether the client confirmed its backup (MP-CLI-13).
        #[serde(default)]
        backup_confirmed: bool,
    }
}

fact! {
    /// The client refused a change (MP-CLI-11), or the provider called it off.
    ChangeRefused {
        /// The change.
        change: ChangeId,
        /// Why, for the other side to read.
        reason: String,
    }
}

fact! {
    /// A change began.
    ChangeStarted {
        /// The change.
        change: ChangeId,
    }
}

fact! {
    /// A change is over.
    ChangeClosed {
        /// The change.
        change: ChangeId,
        /// The recorded start-up validation (MP-SC-APP-03).
        #[serde(default)]
        validation: Option<String>,
    }
}

fact! {
    /// An operation under the client's rules began (MP-PRO-02).
    ActionStarted {
        /// The operation.
        action: ActionId,
        /// Whether the catalogue marks it as sensitive (MP-CLI-08).
        #[serde(default)]
        sensitive: bool,
        /// The approved rule that covers it.
        #[serde(default)]
        sop: Option<ProposalId>,
    }
}

fact! {
    /// The rules that apply to an operation were kept (MP-SOP-04).
    SopCheckPassed {
        /// The operation.
        action: ActionId,
        /// The rule and its version.
        sop: String,
    }
}

fact! {
    /// One party proposes what needs both (MP-SOP-05, MP-SCOPE-02, MP-EX-CC-01).
    ProposalMade {
        /// The proposal.
        proposal: ProposalId,
        /// What it is for.
        kind: ProposalKind,
        /// Who proposes. Its approval is implied where the person who proposes may approve.
        side: Side,
        /// What it comes to, in words, such as the work that is to be done outside the slot.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<String>,
        /// The maintenance window that is to take the place of the one in force (SH-MAINT-05).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        window: Option<ProposedWindow>,
        /// The work outside the slot that is to be done, once (SH-MAINT-09). Facts of earlier versions say it in words only: they are of
        /// any work, once.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        work: Option<ProposedWork>,
    }
}

/// Work outside the slot that both parties are asked to agree on (SH-MAINT-09).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedWork {
    /// Not before it.
    pub starts_at: Instant,
    /// Over by then.
    pub ends_at: Instant,
    /// Which instances it may touch.
    pub instances: Vec<InstanceId>,
}

/// A maintenance window that both parties are asked to agree on (SH-MAINT-05).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProposedWindow {
    /// The wall-clock start of the first one, such as `2026-03-01T02:00:00`.
    pub start: String,
    /// How it recurs: an RFC 5545 recurrence rule.
    pub rrule: String,
    /// The zone of the start, by its name in the tz database.
    pub tz: String,
    /// Its length in minutes on the wall clock.
    pub minutes: u32,
}

fact! {
    /// A party approved.
    ProposalApproved {
        /// The proposal.
        proposal: ProposalId,
        /// Which party.
        side: Side,
        /// The step it approves, where the proposal has steps (MP-INT-01, MP-INT-03).
        #[serde(default)]
        step: Option<String>,
    }
}

fact! {
    /// A party refused, with its reason (MP-SOP-06, A-47).
    ProposalRefused {
        /// The proposal.
        proposal: ProposalId,
        /// Which party.
        side: Side,
        /// Why.
        reason: String,
    }
}

fact! {
    /// Out-of-scope work was done under an order (MP-EX-CC-01).
    WorkLogged {
        /// The work.
        work: WorkId,
        /// The order that allows it.
        #[serde(default)]
        order: Option<ProposalId>,
        /// Minutes worked.
        minutes: u32,
    }
}

fact! {
    /// A person is on call from one instant to another (MP-SC-INC-01). The person's skills are the actor's.
    ShiftPlanned {
        /// The shift.
        shift: ShiftId,
        /// Who is on call.
        person: String,
        /// Whether the person may answer for this client.
        qualified: bool,
        /// The first instant on call.
        from: Instant,
        /// The first instant no longer on call.
        until: Instant,
    }
}
