//! What the desk does with requests beside answering them: who has one, what belongs together, what is attached, and pauses that
//! are claimed afterwards.

use spans::Instant;

use super::{fact, *};

fact! {
    /// A person of the provider took the request on, or was given it; it meets nothing.
    RequestAssigned {
        /// The ticket.
        ticket: TicketId,
        /// The person's id; none: nobody has it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    }
}

fact! {
    /// The provider's own words for finding it again, which the client does not see.
    RequestTagged {
        /// The ticket.
        ticket: TicketId,
        /// Those put on.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        add: Vec<String>,
        /// Those taken off.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        remove: Vec<String>,
    }
}

fact! {
    /// Somebody is told of everything that happens about the request.
    RequestWatched {
        /// The ticket.
        ticket: TicketId,
        /// The person's id.
        person: String,
    }
}

fact! {
    /// Somebody is no longer told.
    RequestUnwatched {
        /// The ticket.
        ticket: TicketId,
        /// The person's id.
        person: String,
    }
}

fact! {
    /// Two requests have to do with each other. No clock looks at it.
    RequestLinked {
        /// The ticket.
        ticket: TicketId,
        /// The other ticket.
        to: TicketId,
        /// What the first is to the other.
        link: Link,
    }
}

fact! {
    /// They have nothing to do with each other after all.
    RequestUnlinked {
        /// The ticket.
        ticket: TicketId,
        /// The other ticket.
        to: TicketId,
    }
}

fact! {
    /// The request goes on in another one. What it had not met by then goes on, and is met by what is said there.
    RequestMerged {
        /// The ticket.
        ticket: TicketId,
        /// The one that goes on.
        into: TicketId,
    }
}

fact! {
    /// A merged request stands by itself again.
    RequestParted {
        /// The ticket.
        ticket: TicketId,
        /// The one it went on in.
        from: TicketId,
    }
}

fact! {
    /// A file was attached. Its name and its bytes are kept beside the journal, where they can be erased.
    FileAttached {
        /// The ticket.
        ticket: TicketId,
        /// The file.
        file: FileId,
        /// SHA-256 over its bytes, in hex.
        sha256: String,
        /// How many bytes it has.
        bytes: u64,
        /// What it is, as a media type (RFC 6838).
        media: String,
        /// Whether only the provider's people see it.
        #[serde(default, skip_serializing_if = "is_false")]
        internal: bool,
    }
}

fact! {
    /// A file was taken away; its bytes are gone.
    FileRemoved {
        /// The ticket.
        ticket: TicketId,
        /// The file.
        file: FileId,
    }
}

fact! {
    /// One side says afterwards that the clocks were paused. It counts once the other side has agreed, where the agreement
    /// allows a pause at all.
    PauseClaimed {
        /// The pause.
        pause: PauseId,
        /// The ticket.
        ticket: TicketId,
        /// From when.
        from: Instant,
        /// Until when; open where it goes on, until somebody resumes it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
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
    /// The other side agrees that the clocks were paused.
    PauseAgreed {
        /// The pause.
        pause: PauseId,
        /// The ticket.
        ticket: TicketId,
    }
}

fact! {
    /// The other side does not agree: the clocks ran.
    PauseRefused {
        /// The pause.
        pause: PauseId,
        /// The ticket.
        ticket: TicketId,
        /// Why not.
        reason: String,
    }
}

fact! {
    /// Somebody on call was called. The client does not see it, and it meets nothing.
    PageSent {
        /// The call.
        page: PageId,
        /// The ticket.
        ticket: TicketId,
        /// Who was called: the person's id.
        person: String,
        /// Which step of the rota it was, from 0.
        step: u16,
    }
}

fact! {
    /// Somebody says that they have seen the call. It meets nothing: a person answers the client.
    PageAcknowledged {
        /// The call.
        page: PageId,
        /// The ticket.
        ticket: TicketId,
        /// The person's id.
        person: String,
    }
}

fact! {
    /// Nobody is left who could be called: nobody is on call, or nobody of them saw it in time. It stands on the Now page until
    /// somebody sees the call or answers the client.
    PageUnanswered {
        /// The call.
        page: PageId,
        /// The ticket.
        ticket: TicketId,
        /// How many were called.
        called: u16,
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Body {
    /// Whether only the provider's people see it: notes, tags, who watches, files of their own, calls for those on call.
    pub fn is_internal(&self) -> bool {
        match self {
            Body::FileAttached(file) => file.internal,
            body => body.event().is_internal(),
        }
    }
}

impl Event {
    /// Whether only the provider's people ever see facts of this kind. A file may be theirs alone too ([`Body::is_internal`]).
    pub fn is_internal(self) -> bool {
        matches!(
            self,
            Event::RequestNoted
                | Event::RequestTagged
                | Event::RequestWatched
                | Event::RequestUnwatched
                | Event::PageSent
                | Event::PageAcknowledged
                | Event::PageUnanswered
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As facts of before there was a desk stand in journals; the chain is over this very text.
    const OLD: &[&str] = &[
        r#"{"event":"request.received","data":{"ticket":"T-1","channel":"email","title":null,"instance":null,"priority":"P1","class":null,"kind":null,"urgency":null}}"#,
        r#"{"event":"request.resolved","data":{"ticket":"T-1","summary":"Restarted."}}"#,
        r#"{"event":"request.paused","data":{"ticket":"T-1","reason":"access missing"}}"#,
        r#"{"event":"rca.published","data":{"ticket":"T-1"}}"#,
        r#"{"event":"appeal.opened","data":{"appeal":"A-1","ticket":"T-1"}}"#,
        r#"{"event":"appeal.decided","data":{"appeal":"A-1","ticket":"T-1","upheld":true}}"#,
        r#"{"event":"escalation.raised","data":{"escalation":"E-1","ticket":"T-1","level":2,"reason":null}}"#,
        r#"{"event":"escalation.answered","data":{"escalation":"E-1"}}"#,
        r#"{"event":"contact.change_requested","data":{"contact":"grace","change":"add"}}"#,
    ];

    #[test]
    fn facts_of_before_there_was_a_desk_read_and_write_as_they_stand() {
        for line in OLD {
            let body: Body = serde_json::from_str(line).unwrap();
            assert_eq!(serde_json::to_string(&body).unwrap(), *line);
        }
    }

    #[test]
    fn what_a_fact_of_the_desk_says_is_written_and_nothing_else() {
        let merged = RequestMerged { ticket: "T-1".parse().unwrap(), into: "T-2".parse().unwrap() };
        let nobody = RequestAssigned { ticket: "T-1".parse().unwrap(), to: None };
        let odd = RequestResolved {
            ticket: "T-1".parse().unwrap(),
            summary: "Out of support.".to_owned(),
            outcome: Resolution::CannotSolve,
        };
        for (body, text) in [
            (Body::from(merged), r#"{"event":"request.merged","data":{"ticket":"T-1","into":"T-2"}}"#),
            (nobody.into(), r#"{"event":"request.assigned","data":{"ticket":"T-1"}}"#),
            (
                odd.into(),
                r#"{"event":"request.resolved","data":{"ticket":"T-1","summary":"Out of support.","outcome":"cannot-solve"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&body).unwrap(), text);
            assert_eq!(serde_json::from_str::<Body>(text).unwrap(), body);
        }
    }

    #[test]
    fn a_file_is_the_providers_alone_when_it_says_so() {
        let text = r#"{"event":"file.attached","data":{"ticket":"T-1","file":"f1","sha256":"00","bytes":3,"media":"text/plain"}}"#;
        let open: Body = serde_json::from_str(text).unwrap();
        assert!(!open.is_internal());
        assert_eq!(serde_json::to_string(&open).unwrap(), text);
        let own: Body = serde_json::from_str(&text.replace("}}", r#","internal":true}}"#)).unwrap();
        assert!(
            own.is_internal() && Event::RequestNoted.is_internal() && !Event::RequestAssigned.is_internal()
        );
    }
}
