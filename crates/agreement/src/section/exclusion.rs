//! What is left out of a figure, and who may say so.

use crate::{
    read::{table, words},
    value::{Clauses, amount::Amount},
};

table! {
    /// How exclusions are claimed and disputed.
    Exclusions {
        /// The clauses this table executes.
        clause: Clauses,
        /// The role that may claim one.
        claim_by: String,
        /// What a claim needs.
        evidence: Evidence,
        /// How long the client may dispute one.
        dispute_within: Amount,
        /// The calendar of that time.
        calendar: String,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

words! {
    /// What a claimed exclusion needs.
    Evidence {
        /// A claim without evidence is refused.
        "required" Required,
    }
}

table! {
    /// One cause for which failures do not count (SH-EXCL-01..08).
    Exclusion {
        /// The clauses this table executes.
        clause: Clauses,
        /// The cause, as claims name it.
        cause: String,
        /// What it takes failures out of.
        applies: Vec<AppliesTo>,
        /// When it applies by itself, without a claim.
        auto: Option<Auto>,
        /// How long after the cause failures are excluded; our addition.
        grace: Option<Amount>,
    }
}

words! {
    /// What an exclusion takes failures out of.
    AppliesTo {
        /// The availability figure.
        "availability" Availability,
        /// Response targets.
        "response" Response,
    }
}

words! {
    /// When an exclusion applies by itself.
    Auto {
        /// Failures inside the span of a `quota.hit` fact of that instance (SH-EXCL-06).
        "quota-overlaps" QuotaOverlaps,
        /// Failures from an `instance.restarted` by the client's side until `grace` later (SH-EXCL-07).
        "client-restart" ClientRestart,
    }
}

table! {
    /// Causes that are noted beside a figure, which is then shown with and without them.
    Annotation {
        /// The clauses this table executes.
        clause: Clauses,
        /// The causes.
        causes: Vec<AnnotationCause>,
    }
}

words! {
    /// What a response figure can be annotated with.
    AnnotationCause {
        /// Only cleared engineers could answer: from `pool.restricted` to `pool.opened` (MP-COB-03).
        "restricted-pool" RestrictedPool,
        /// The client's VPN was down: from `vpn.down` to `vpn.up` (MP-VPN-02).
        "client-vpn" ClientVpn,
        /// Access was missing: from `access.missing` to `access.granted` (MP-PRO-01).
        "access-missing" AccessMissing,
    }
}
