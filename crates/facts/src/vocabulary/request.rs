//! Requests: what clients ask, and what becomes of it.

use spans::Instant;

use super::{fact, *};
use crate::ClientId;

fact! {
    /// A request was received: its clocks run from the fact's instant.
    RequestReceived {
        /// The ticket.
        ticket: TicketId,
        /// The way it came in (SH-SUP-02, MP-SLO-11).
        channel: String,
        /// What it is about, in the requester's words.
        #[serde(default)]
        title: Option<String>,
        /// The instance concerned.
        #[serde(default)]
        instance: Option<InstanceId>,
        /// The priority the client gave (SH-CHAR-01).
        #[serde(default)]
        priority: Option<String>,
        /// The class, if given on receipt (SH-CHAR-02).
        #[serde(default)]
        class: Option<String>,
        /// The kind, such as `outage` (MP-SLO-07..09).
        #[serde(default)]
        kind: Option<String>,
        /// The urgency the client gave (MP-SLO-06).
        #[serde(default)]
        urgency: Option<String>,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
        /// The request that this one was split from; the receipt is the first one's, and what was said there before counts for
        /// both.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        split_from: Option<TicketId>,
        /// Whom it is about, where the provider writes it for itself: it stands in the provider's own journal, which no client
        /// reads, and no agreement judges it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        about: Option<ClientId>,
    }
}

fact! {
    /// The provider said what kind of request it is (SH-CHAR-02).
    RequestClassified {
        /// The ticket.
        ticket: TicketId,
        /// The class.
        #[serde(default)]
        class: Option<String>,
        /// The kind.
        #[serde(default)]
        kind: Option<String>,
        /// The sentence the client read; needed where another class or kind was said before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<String>,
    }
}

fact! {
    /// The priority or urgency was changed, and the client told so (SH-CHAR-04, SH-CHAR-05, A-30, A-50).
    RequestReprioritised {
        /// The ticket.
        ticket: TicketId,
        /// The new priority.
        #[serde(default)]
        priority: Option<String>,
        /// The new urgency.
        #[serde(default)]
        urgency: Option<String>,
        /// The sentence the client read.
        message: String,
    }
}

fact! {
    /// A public message of the provider: an acknowledgement, an answer, an update. Who wrote it decides what it meets.
    RequestReplied {
        /// The ticket.
        ticket: TicketId,
        /// When the next update was promised, which then replaces the cadence (MP-UPD-04, A-46).
        #[serde(default)]
        next_update_by: Option<Instant>,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// An internal note, which the client does not see and which meets nothing.
    RequestNoted {
        /// The ticket.
        ticket: TicketId,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// The provider asked the client something: the client's turn (SH-ACK-01, MP-CLI-05).
    RequestAskedClient {
        /// The ticket.
        ticket: TicketId,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// The client replied.
    RequestClientReplied {
        /// The ticket.
        ticket: TicketId,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// The client asked for an update (MP-UPD-03).
    RequestUpdateAsked {
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// The status changed, and the portal showed it.
    RequestStatusChanged {
        /// The ticket.
        ticket: TicketId,
        /// The new status.
        status: String,
    }
}

fact! {
    /// A clock was paused where the agreement allows it.
    RequestPaused {
        /// The ticket.
        ticket: TicketId,
        /// Why, from the agreement's list.
        reason: String,
        /// What shows it: a link, the number of a ticket, a line of a log.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<String>,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// A paused clock goes on.
    RequestResumed {
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// The request was resolved, with a summary the client can read (MP-UPD-05).
    RequestResolved {
        /// The ticket.
        ticket: TicketId,
        /// What was wrong and what was done; or why it cannot be solved.
        summary: String,
        /// What it came to (SH-ACK-03).
        #[serde(default, skip_serializing_if = "Resolution::is_solved")]
        outcome: Resolution,
    }
}

fact! {
    /// A resolved request goes on.
    RequestReopened {
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// The client took the request back.
    RequestWithdrawn {
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// A feature request was put on the wish list and the matter closed (SH-ACK-04).
    WishLogged {
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// A root cause analysis was published (MP-SC-INC-03).
    RcaPublished {
        /// The ticket.
        ticket: TicketId,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// The client appeals against a changed priority (SH-CHAR-06).
    AppealOpened {
        /// The appeal.
        appeal: AppealId,
        /// The ticket.
        ticket: TicketId,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// A manager decided an appeal; upheld, it restores the priority and its clock.
    AppealDecided {
        /// The appeal.
        appeal: AppealId,
        /// The ticket.
        ticket: TicketId,
        /// Whether the client was right.
        upheld: bool,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// The client escalated (MP-ESC-02).
    EscalationRaised {
        /// The escalation.
        escalation: EscalationId,
        /// The ticket.
        ticket: TicketId,
        /// The rung of the ladder.
        #[serde(default)]
        level: Option<u16>,
        /// Why, from the agreement's list.
        #[serde(default)]
        reason: Option<String>,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// A person answered an escalation (MP-ESC-11).
    EscalationAnswered {
        /// The escalation.
        escalation: EscalationId,
        /// The ticket.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<TicketId>,
        /// What was written, if anything was, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}
