//! What the client keeps up: shown as its turn, never as a fault.

use spans::Instant;

use super::{fact, *};

fact! {
    /// A certificate nears its end (MP-SC-MW-03, MP-CLI-10).
    CertificateExpiring {
        /// The certificate.
        certificate: CertificateId,
        /// When it stops being valid.
        expires_at: Instant,
    }
}

fact! {
    /// The client supplied a new certificate.
    CertificateSupplied {
        /// The certificate it replaces.
        certificate: CertificateId,
    }
}

fact! {
    /// A licence or subscription nears its end (MP-CLI-02).
    LicenceExpiring {
        /// The licence.
        licence: LicenceId,
        /// When it stops being valid.
        expires_at: Instant,
    }
}

fact! {
    /// A licence was renewed.
    LicenceRenewed {
        /// The licence.
        licence: LicenceId,
    }
}

fact! {
    /// Something in the inventory nears the end of its support (MP-CLI-12).
    SupportEndNearing {
        /// The inventory entry.
        item: ItemId,
        /// When its support ends.
        ends_at: Instant,
    }
}

fact! {
    /// The inventory entry is in support again: upgraded, extended or removed.
    SupportEndAverted {
        /// The inventory entry.
        item: ItemId,
    }
}

fact! {
    /// A review of access rights is due under the client's rules (MP-CLI-03).
    AccessReviewDue {
        /// The review.
        review: ReviewId,
    }
}

fact! {
    /// Access rights were reviewed.
    AccessReviewed {
        /// The review.
        review: ReviewId,
    }
}

fact! {
    /// The provider cannot reach a system it needs (MP-CLI-01, MP-PRO-01).
    AccessMissing {
        /// The system.
        system: SystemId,
    }
}

fact! {
    /// Access to a system works.
    AccessGranted {
        /// The system.
        system: SystemId,
    }
}

fact! {
    /// The client's VPN failed (MP-VPN-02).
    VpnDown {
        /// The VPN.
        system: SystemId,
    }
}

fact! {
    /// The client's VPN works again.
    VpnUp {
        /// The VPN.
        system: SystemId,
    }
}

fact! {
    /// The client plans a major change of its environment (MP-CLI-14).
    ClientChangePlanned {
        /// The change.
        change: ChangeId,
        /// When it begins.
        starts_at: Instant,
        /// What it is, in words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        what: Option<String>,
        /// The instances that may feel it; none named: any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        instances: Vec<InstanceId>,
    }
}

fact! {
    /// The client announced its change to the provider.
    ClientChangeAnnounced {
        /// The change.
        change: ChangeId,
    }
}

fact! {
    /// The client's onboarding programme for engineers changed (MP-COB-04).
    ProgrammeChanged {
        /// The programme.
        programme: ProgrammeId,
    }
}

fact! {
    /// The client told the provider of it.
    ProgrammeAnnounced {
        /// The programme.
        programme: ProgrammeId,
    }
}

fact! {
    /// From here on only cleared engineers may work for this client (MP-COB-03, A-42).
    PoolRestricted {
        /// The service.
        service: ServiceId,
    }
}

fact! {
    /// Any engineer may work for this client again.
    PoolOpened {
        /// The service.
        service: ServiceId,
    }
}

fact! {
    /// A change of contacts was asked for (SH-REQ-06).
    ContactChangeRequested {
        /// The contact.
        contact: ContactId,
        /// Added or removed.
        change: ContactChange,
        /// The words of the roles that it is about; none: the ones that may ask for support.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<String>,
    }
}

fact! {
    /// The provider put a change of contacts into effect before its notice was over (SH-REQ-06).
    ContactChangeApplied {
        /// The contact.
        contact: ContactId,
    }
}
