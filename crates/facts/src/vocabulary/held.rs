//! Messages that are no requests: whoever wrote them may not ask.

use super::{fact, *};

fact! {
    /// A message came in from somebody who is none of the client's contacts. It is held: no request, and no clock runs (SH-DEF-11,
    /// SH-REQ-05).
    MessageHeld {
        /// The message.
        message: HeldId,
        /// The way it came in (SH-SUP-02).
        channel: String,
        /// From whom and what was written, as its digest: the text itself is kept beside the journal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<TextDigest>,
    }
}

fact! {
    /// A held message waits no longer: a contact made it a request, or somebody put it aside.
    MessageSettled {
        /// The message.
        message: HeldId,
        /// The request that a contact made of it, whose clocks run from its own receipt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ticket: Option<TicketId>,
        /// Why it was put aside, where it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    }
}
