//! Messages that are no requests: held without a clock until a contact makes one of them, or somebody puts it aside.

use facts::{Body, Event, MessageHeld, MessageSettled, Side};

use super::{Case, Reason, Refusal, Verdict, is_blank};

impl Case<'_> {
    pub(super) fn held(&self) -> Verdict {
        match &self.act.body {
            Body::MessageHeld(message) => self.hold(message),
            Body::MessageSettled(settled) => self.settle(settled),
            _ => Ok(()),
        }
    }

    /// SH-DEF-11, SH-REQ-05: only contacts ask. What somebody else wrote is held where the file says so, by those who received it.
    fn hold(&self, message: &MessageHeld) -> Verdict {
        let channels = self.agreement().channels.as_ref();
        if channels.is_none_or(|channels| channels.unknown_sender.is_none()) {
            return self.under_channels(Reason::NothingHeld);
        }
        self.provider()?;
        self.channel(&message.channel)?;
        self.refuse_if(self.last(Event::MessageHeld).is_some(), Reason::SaidTwice { what: "message" })
    }

    /// Once; as a request by the client's own people, aside by either side with a reason.
    fn settle(&self, settled: &MessageSettled) -> Verdict {
        let held = Reason::NothingBefore { what: "a held message", event: "message.held" };
        self.refuse_if(self.last(Event::MessageHeld).is_none(), held)?;
        self.refuse_if(self.last(Event::MessageSettled).is_some(), Reason::DecidedTwice)?;
        let theirs = self.act.actor.side == Side::Client;
        self.refuse_if(settled.ticket.is_some() && !theirs, Reason::NotTheirRequest)?;
        let says_why = settled.reason.as_deref().is_some_and(|reason| !is_blank(reason));
        self.refuse_if(settled.ticket.is_some() == says_why, Reason::NoReason)
    }

    fn under_channels(&self, reason: Reason) -> Verdict {
        let channels = self.agreement().channels.iter();
        let clauses = channels.flat_map(|channels| channels.clause.ids.iter().cloned()).collect();
        Err(Refusal { clauses, reason })
    }
}
