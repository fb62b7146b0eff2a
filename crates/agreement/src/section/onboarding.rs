//! Onboarding and escalation.

use std::collections::BTreeMap;

use crate::{
    read::{table, words},
    section::{obligation::Binding, party::Party},
    value::{Clauses, amount::Amount, keyed::Keyed, matching::Trigger},
};

table! {
    /// What both sides do first (MP-ONB-01..08).
    Onboarding {
        /// The clauses this table executes.
        clause: Clauses,
        /// What starts it.
        on: Trigger,
        /// How long it usually takes.
        within: Amount,
        /// The calendar of that time.
        calendar: String,
        /// How strongly it is owed.
        binding: Binding,
        /// How its time is shown.
        turns: Turns,
        /// The tasks.
        task: Vec<Task>,
    }
}

words! {
    /// How the time of onboarding is shown. Looks at `onboarding.waiting`.
    Turns {
        /// The provider's time and the client's time, apart (MP-ONB-08).
        "split-by-side" SplitBySide,
    }
}

table! {
    /// One task of onboarding.
    Task {
        /// The clauses this table executes.
        clause: Clauses,
        /// Its name.
        id: String,
        /// Who does it.
        party: Party,
        /// When it is done.
        done_when: Done,
        /// When it is needed at all.
        r#if: Option<TaskIf>,
        /// Until when, where it is not the end of onboarding.
        before: Option<TaskBefore>,
    }
}

words! {
    /// When a task of onboarding is done.
    Done {
        /// `meeting.recorded` with attendees, and `escalation_path.acknowledged` (MP-ONB-02, MP-ESC-03).
        "kickoff-held" KickoffHeld,
        /// Every `contact.invited` has its `contact.signed_in` (MP-ONB-03).
        "contacts-signed-in" ContactsSignedIn,
        /// `environment.recorded` with at least one system (MP-ONB-04).
        "environment-recorded" EnvironmentRecorded,
        /// `walkthrough.recorded` (MP-ONB-05).
        "walkthrough-recorded" WalkthroughRecorded,
        /// `sop_set.approved` by both sides (MP-ONB-06).
        "rules-approved-by-both" RulesApprovedByBoth,
        /// `outcomes.recorded` with at least one outcome (MP-ONB-07).
        "outcomes-recorded" OutcomesRecorded,
        /// `sop_template.shared` (MP-SOP-03).
        "template-shared" TemplateShared,
        /// `access_checks.passed` (MP-CLI-01).
        "access-checks-passed" AccessChecksPassed,
        /// `governance.recorded` for access, approvals, data-protection and security (MP-CLI-07).
        "governance-recorded" GovernanceRecorded,
        /// `document.attached` about `vpn` (MP-VPN-01).
        "vpn-documented" VpnDocumented,
    }
}

words! {
    /// When a task is needed at all.
    TaskIf {
        /// `service.activated` says that a VPN is required (MP-VPN-01).
        "vpn-required" VpnRequired,
    }
}

words! {
    /// An earlier end than onboarding's own.
    TaskBefore {
        /// The start of the term (MP-VPN-01).
        "term-start" TermStart,
    }
}

table! {
    /// How the client gets further when it is stuck (MP-ESC-01..11).
    Escalation {
        /// The clauses this table executes.
        clause: Clauses,
        /// The rungs of the ladder, lowest first.
        path: Vec<Rung>,
        /// When escalating is offered.
        offer: EscalationOffer,
        /// Why a client escalates.
        reason: Vec<EscalationReason>,
        /// How old a request may grow before escalating is suggested, by urgency; none unless the order says so.
        thresholds: BTreeMap<String, Amount>,
        /// The calendar of the thresholds.
        calendar: Option<Keyed<String>>,
    }
}

table! {
    /// One rung.
    Rung {
        /// Its number, from 1.
        level: u32,
        /// The person or role.
        who: String,
    }
}

words! {
    /// When escalating is offered.
    EscalationOffer {
        /// On every open request, always.
        "always-on-open-tickets" AlwaysOnOpenTickets,
    }
}

table! {
    /// A reason to escalate.
    EscalationReason {
        /// The clauses this table executes.
        clause: Clauses,
        /// Its name, as `escalation.raised` gives it.
        id: String,
        /// When the engine suggests it.
        suggested: Option<Suggested>,
    }
}

words! {
    /// When the engine suggests to escalate.
    Suggested {
        /// When a response objective was missed.
        "response-missed" ResponseMissed,
        /// When a request is older than its threshold.
        "threshold-passed" ThresholdPassed,
    }
}

table! {
    /// Whom to ask about what (MP-ESC-08..10).
    ContactTopic {
        /// The clauses this table executes.
        clause: Clauses,
        /// About what.
        topic: String,
        /// The role to ask.
        who: String,
    }
}
