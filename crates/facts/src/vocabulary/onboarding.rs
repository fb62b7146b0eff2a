//! Onboarding: what both sides do in the first weeks (MP-ONB).

use super::{fact, *};
use crate::Side;

fact! {
    /// From here on onboarding waits for one side (MP-ONB-08: time is split into the provider's turn and the client's).
    OnboardingWaiting {
        /// The service.
        service: ServiceId,
        /// For whom it waits.
        side: Side,
    }
}

fact! {
    /// The kickoff took place (MP-ONB-02).
    MeetingRecorded {
        /// The service.
        service: ServiceId,
        /// Who was there.
        attendees: String,
        /// What was said.
        notes: String,
    }
}

fact! {
    /// The client acknowledged the escalation path (MP-ESC-03).
    EscalationPathAcknowledged {
        /// The service.
        service: ServiceId,
    }
}

fact! {
    /// A named person was invited to the portal (MP-ONB-03).
    ContactInvited {
        /// The service.
        service: ServiceId,
        /// The person.
        contact: ContactId,
    }
}

fact! {
    /// A named person signed in for the first time.
    ContactSignedIn {
        /// The service.
        service: ServiceId,
        /// The person.
        contact: ContactId,
    }
}

fact! {
    /// The environment record was completed (MP-ONB-04).
    EnvironmentRecorded {
        /// The service.
        service: ServiceId,
        /// How many systems it lists.
        systems: u32,
    }
}

fact! {
    /// A walkthrough was recorded (MP-ONB-05).
    WalkthroughRecorded {
        /// The service.
        service: ServiceId,
        /// Where the notes are.
        notes: String,
    }
}

fact! {
    /// The desired outcomes were written down (MP-ONB-07).
    OutcomesRecorded {
        /// The service.
        service: ServiceId,
        /// How many.
        outcomes: u32,
    }
}

fact! {
    /// The template for rules was handed over (MP-SOP-03).
    SopTemplateShared {
        /// The service.
        service: ServiceId,
    }
}

fact! {
    /// Both sides approved the first set of rules (MP-ONB-06).
    SopSetApproved {
        /// The service.
        service: ServiceId,
        /// Which side approved; both are needed.
        side: Side,
    }
}

fact! {
    /// Every access check passed (MP-CLI-01).
    AccessChecksPassed {
        /// The service.
        service: ServiceId,
    }
}

fact! {
    /// The client stated its governance rules (MP-CLI-07).
    GovernanceRecorded {
        /// The service.
        service: ServiceId,
        /// A category: access, approvals, data-protection or security.
        category: String,
    }
}

fact! {
    /// A document was handed over (MP-VPN-01).
    DocumentAttached {
        /// The service.
        service: ServiceId,
        /// What it is about, such as `vpn`.
        topic: String,
    }
}
