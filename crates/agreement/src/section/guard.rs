//! Acts that are refused, and words shown where they matter.

use facts::Event;

use crate::{
    read::{table, words},
    value::{Clauses, matching::Match},
};

table! {
    /// An act that is refused unless a condition holds.
    Guard {
        /// The clauses this table executes.
        clause: Clauses,
        /// The act.
        on: Event,
        /// Which of these acts.
        r#match: Option<Match>,
        /// What it takes.
        require: Require,
    }
}

words! {
    /// What an act takes. Each looks at the act itself and at the facts before it.
    Require {
        /// Never allowed: the class of a request is final (SH-CHAR-03). Refuses the client's `request.classified`.
        "provider-decides" ProviderDecides,
        /// The provider's people, with a message for the client; the client gives a priority only on sending (SH-CHAR-01, SH-CHAR-05).
        "provider-with-message" ProviderWithMessage,
        /// The ticket names a production instance (`instance.added`); otherwise somebody confirms (SH-DEF-17).
        "production-instance" ProductionInstance,
        /// A recorded start-up validation in `change.closed` (MP-SC-APP-03).
        "startup-validation" StartupValidation,
        /// `change.proposed` has stages, a way back and checks (MP-SC-APP-04).
        "staged-plan" StagedPlan,
        /// The client confirmed its backup in `change.approved` (MP-CLI-13).
        "client-backup" ClientBackup,
        /// A public summary in `request.resolved` (MP-UPD-05).
        "public-summary" PublicSummary,
        /// `action.started` names a rule that both parties approved (`proposal.approved`) (MP-CLI-08).
        "linked-sop" LinkedSop,
        /// `[agreement] onboarding_disclosed` was filled before signing (MP-COB-01).
        "onboarding-disclosed" OnboardingDisclosed,
        /// `[escalation] path` exists when the kickoff is recorded (MP-ESC-03).
        "escalation-path" EscalationPath,
    }
}

table! {
    /// A sentence shown where it matters.
    Show {
        /// The clauses this table executes.
        clause: Clauses,
        /// Where.
        at: Vec<ShowAt>,
        /// The sentence.
        text: String,
    }
}

words! {
    /// Where a sentence is shown.
    ShowAt {
        /// On a request.
        "request.page" RequestPage,
        /// In the form for a new request.
        "request.form" RequestForm,
        /// When a request is closed unresolved.
        "request.cannot-resolve" RequestCannotResolve,
        /// On the client's list of what waits for it.
        "client.todo" ClientTodo,
        /// When access is granted.
        "access.grant" AccessGrant,
        /// On a statement.
        "statement" Statement,
    }
}
