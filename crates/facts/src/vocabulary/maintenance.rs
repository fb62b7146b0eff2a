//! Maintenance and exclusions: what does not count, and on whose word.

use spans::Instant;

use super::{fact, *};

fact! {
    /// Maintenance was put on file. It excludes only downtime that begins after `recorded_at`.
    MaintenancePlanned {
        /// The record.
        maintenance: MaintenanceId,
        /// Its kind.
        kind: MaintenanceKind,
        /// Network, hardware, software or upgrade (SH-MAINT-03).
        cause: String,
        /// What it is expected to do (SH-MAINT-07).
        expected_impact: Impact,
        /// The instances concerned.
        instances: Vec<InstanceId>,
        /// The planned start.
        starts_at: Instant,
        /// The declared end: downtime after it counts.
        ends_at: Instant,
        /// The vulnerability it remedies, for a critical patch (SH-MAINT-08).
        #[serde(default)]
        cve: Option<VulnerabilityId>,
        /// Why it lies outside the tier's slot, where it does (SH-MAINT-09, A-26).
        #[serde(default)]
        outside_slot: Option<String>,
        /// The first record of the series that it belongs to, where it was planned as one that comes back (RFC 5545).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        series: Option<MaintenanceId>,
    }
}

fact! {
    /// No planned work from one instant to another: a change freeze, which either side may set.
    FreezeSet {
        /// The freeze.
        freeze: FreezeId,
        /// The first instant of it.
        from: Instant,
        /// The first instant after it.
        until: Instant,
        /// Why.
        reason: String,
        /// The instances concerned; none named: all of them.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instances: Vec<InstanceId>,
    }
}

fact! {
    /// A freeze holds no longer, from this instant on.
    FreezeLifted {
        /// The freeze.
        freeze: FreezeId,
    }
}

fact! {
    /// Maintenance began.
    MaintenanceStarted {
        /// The record.
        maintenance: MaintenanceId,
    }
}

fact! {
    /// Maintenance is over.
    MaintenanceEnded {
        /// The record.
        maintenance: MaintenanceId,
    }
}

fact! {
    /// Maintenance will not take place: from this instant on it excludes nothing.
    MaintenanceCancelled {
        /// The record.
        maintenance: MaintenanceId,
    }
}

fact! {
    /// A notice of maintenance reached its reader (SH-MAINT-11, SH-MAINT-13).
    NoticeDelivered {
        /// The record.
        maintenance: MaintenanceId,
        /// The role of the reader, such as `contact`.
        to: String,
    }
}

fact! {
    /// The provider claims that failures had a cause outside the agreement (SH-EXCL-01..08, A-16).
    ExclusionClaimed {
        /// The claim.
        exclusion: ExclusionId,
        /// The instance.
        instance: InstanceId,
        /// A cause from the agreement's list.
        cause: String,
        /// The first instant claimed.
        from: Instant,
        /// The first instant no longer claimed.
        until: Instant,
        /// What proves it.
        evidence: String,
    }
}

fact! {
    /// The client disputes a claimed exclusion.
    ExclusionDisputed {
        /// The claim.
        exclusion: ExclusionId,
        /// Why.
        #[serde(default)]
        reason: Option<String>,
    }
}

fact! {
    /// A dispute was settled by both parties.
    ExclusionSettled {
        /// The claim.
        exclusion: ExclusionId,
        /// Whether the minutes stay excluded.
        stands: bool,
    }
}
