//! Maintenance: its kinds, its slots, and how severe a vulnerability is.

use facts::{MaintenanceKind, Score};

use crate::{
    finding::Finding,
    read::{Read, Value, table, word, words},
    value::{Clauses, keyed::Keyed},
};

impl Read for MaintenanceKind {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<MaintenanceKind> {
        let names: Vec<&str> = MaintenanceKind::ALL.iter().map(|k| k.name()).collect();
        word(value, &names, findings).and_then(|name| MaintenanceKind::named(&name))
    }
    fn schema() -> serde_json::Value {
        serde_json::json!({ "enum": MaintenanceKind::ALL.iter().map(|k| k.name()).collect::<Vec<_>>() })
    }
}

table! {
    /// One kind of maintenance.
    Maintenance {
        /// The clauses this table executes.
        clause: Clauses,
        /// Which kind.
        kind: MaintenanceKind,
        /// The causes a record may name (SH-MAINT-03); any where none is listed.
        causes: Vec<String>,
        /// What a record must show.
        requires: Vec<MaintenanceNeeds>,
        /// The calendar its planned start and end lie in, by tier; `window` is the agreed window (SH-MAINT-01).
        slot: Keyed<String>,
        /// What it takes to plan outside the slot, by tier (SH-MAINT-09, A-26).
        outside_slot: Option<Keyed<OutsideSlot>>,
    }
}

words! {
    /// What a maintenance record must show. Looks at `maintenance.planned`.
    MaintenanceNeeds {
        /// It was recorded before its start; otherwise it is an emergency (SH-MAINT-04).
        "recorded-before-start" RecordedBeforeStart,
        /// Its expected impact is stated (SH-MAINT-07).
        "expected-impact" ExpectedImpact,
        /// It names a vulnerability whose published score is Critical (SH-MAINT-08).
        "critical-vulnerability" CriticalVulnerability,
        /// Its start is not before it was recorded (SH-MAINT-12).
        "no-backdating" NoBackdating,
    }
}

words! {
    /// What it takes to plan outside the slot.
    OutsideSlot {
        /// A recorded reason.
        "reason" Reason,
        /// The client's approval, recorded with it.
        "client-approval" ClientApproval,
    }
}

table! {
    /// How severe a vulnerability is (SH-SEC-02..06).
    Severity {
        /// The clauses this table executes.
        clause: Clauses,
        /// Which CVSS score.
        score: ScoreKind,
        /// Whose score, first come first.
        source: Vec<String>,
        /// The bands, lowest first, without a gap.
        band: Vec<SeverityBand>,
    }
}

words! {
    /// Which CVSS score is meant.
    ScoreKind {
        /// The base score.
        "base" Base,
    }
}

table! {
    /// One band of severity, both ends included.
    SeverityBand {
        /// Its name.
        name: String,
        /// The lowest score.
        min: Score,
        /// The highest score.
        max: Score,
    }
}
