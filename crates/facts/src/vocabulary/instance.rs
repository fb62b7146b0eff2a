//! Instances: what is promised about, what it costs, what becomes of it.

use spans::{Instant, Month};

use super::{fact, *};
use crate::{Money, Version};

fact! {
    /// An agreement version came into force: both parties signed it.
    AgreementActivated {
        /// The id in the file.
        agreement: AgreementId,
        /// SHA-256 of the file's bytes, in hex: the identity of the version.
        sha256: String,
        /// The tier in force, where the agreement has tiers.
        #[serde(default)]
        tier: Option<String>,
    }
}

fact! {
    /// The service began for this client.
    ServiceActivated {
        /// The service.
        service: ServiceId,
        /// Whether work needs a VPN of the client (MP-VPN-01).
        #[serde(default)]
        vpn_required: bool,
    }
}

fact! {
    /// An instance came under the agreement: the unit of ledger, objective and credit (SH-DEF-06).
    InstanceAdded {
        /// The instance.
        instance: InstanceId,
        /// Its name on statements.
        name: String,
        /// Where it answers.
        #[serde(default)]
        url: Option<String>,
        /// Where it is used.
        environment: Environment,
        /// The software it runs, as feeds name it.
        #[serde(default)]
        software: Option<String>,
        /// The first covered instant.
        from: Instant,
        /// The first instant no longer covered, if one is known.
        #[serde(default)]
        until: Option<Instant>,
    }
}

fact! {
    /// An instance leaves the agreement.
    InstanceEnded {
        /// The instance.
        instance: InstanceId,
        /// The first instant no longer covered.
        until: Instant,
    }
}

fact! {
    /// What the client was charged for an instance and month, after discount, before VAT and surcharge.
    InstanceCharged {
        /// The instance.
        instance: InstanceId,
        /// The calendar month.
        month: Month,
        /// The charge.
        amount: Money,
    }
}

fact! {
    /// An instance was restarted; by whom is the actor (SH-EXCL-07).
    InstanceRestarted {
        /// The instance.
        instance: InstanceId,
    }
}

fact! {
    /// A version was seen running: by a probe or in a change record (SH-SEC-01, SH-MAINT-02).
    InstanceVersionSeen {
        /// The instance.
        instance: InstanceId,
        /// The software, as feeds name it.
        software: String,
        /// The version.
        version: Version,
    }
}

fact! {
    /// A documented quota was exceeded (SH-EXCL-06).
    QuotaHit {
        /// The instance.
        instance: InstanceId,
        /// Which quota.
        quota: String,
        /// Until when it held.
        until: Instant,
    }
}

fact! {
    /// A backup was taken, at the fact's instant (SH-BAK-01).
    BackupTaken {
        /// The instance.
        instance: InstanceId,
        /// The backup.
        backup: BackupId,
        /// Whether it was proved to restore.
        restorable: bool,
    }
}

fact! {
    /// A backup no longer exists.
    BackupDeleted {
        /// The instance.
        instance: InstanceId,
        /// The backup.
        backup: BackupId,
    }
}

fact! {
    /// A measured value crossed its limit (MP-SC-INC-02).
    ThresholdCrossed {
        /// The alert.
        alert: AlertId,
        /// The instance.
        instance: InstanceId,
        /// What was measured, such as `disk 95%`.
        measure: String,
        /// The resource, such as `disk`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        resource: Option<String>,
        /// What it measured, in `unit`: at `limit` or above.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        value: Option<u64>,
        /// The limit, in `unit`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        limit: Option<u64>,
        /// The unit of both, such as `%`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<String>,
        /// What shows it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
        /// The incident that it opened or is recorded on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<TicketId>,
    }
}

fact! {
    /// People were told of a crossed limit (MP-SC-INC-02).
    AlertSent {
        /// The alert.
        alert: AlertId,
    }
}
