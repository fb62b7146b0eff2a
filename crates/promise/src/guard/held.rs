//! Messages that are no requests: held without a clock until a contact makes one of them, or somebody puts it aside.

use facts::{Body, Event, MessageHeld, MessageSettled, Side, TicketId};

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

    /// Once and by a person; as a request by the client's own people, aside by either side with a reason. SH-DEF-11: which of the
    /// client's people may, says the role guard.
    fn settle(&self, settled: &MessageSettled) -> Verdict {
        let held = Reason::NothingBefore { what: "a held message", event: "message.held" };
        self.refuse_if(self.last(Event::MessageHeld).is_none(), held)?;
        self.refuse_if(self.last(Event::MessageSettled).is_some(), Reason::DecidedTwice)?;
        self.refuse_if(!self.act.actor.is_person(), Reason::NeedsPerson { what: "message.settled" })?;
        let says_why = settled.reason.as_deref().is_some_and(|reason| !is_blank(reason));
        match &settled.ticket {
            Some(ticket) => self.becomes(ticket, says_why),
            None => self.refuse_if(!says_why, Reason::AsideUnexplained),
        }
    }

    /// Of a request that is there: nobody's history but this client's is asked.
    fn becomes(&self, ticket: &TicketId, says_why: bool) -> Verdict {
        let theirs = self.act.actor.side == Side::Client;
        self.refuse_if(!theirs, Reason::NotTheirRequest)?;
        self.refuse_if(says_why, Reason::AsideAndRequest)?;
        self.exists(&ticket.0)
    }

    fn under_channels(&self, reason: Reason) -> Verdict {
        let channels = self.agreement().channels.iter();
        let clauses = channels.flat_map(|channels| channels.clause.ids.iter().cloned()).collect();
        Err(Refusal { clauses, reason })
    }
}
