//! What one side asks of the other about a ticket, and the other decides: appeals against a priority, escalations, pauses said
//! afterwards. And a clock that is paused now, where the agreement allows it.

use facts::{
    AppealDecided, AppealOpened, Body, ClientId, EscalationAnswered, EscalationRaised, Fact, Noun,
    PauseAgreed, PauseClaimed, PauseRefused, RcaPublished, RequestPaused, RequestResumed, Slug, TicketId,
};
use spans::Instant;

use super::By;
use crate::live::{Act, Book, Control, Done, NotDone};

/// Bytes of what shows a pause, or of why it is none.
pub const PAUSE_WORDS_MAX: usize = 2_000;

/// What is asked or decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Motion {
    /// The client finds the changed priority wrong (SH-CHAR-06).
    Appeal,
    /// A manager decides the appeal that is open.
    DecideAppeal {
        /// Whether the client was right.
        upheld: bool,
    },
    /// The client calls up the ladder (MP-ESC-02, MP-ESC-07).
    Escalate {
        /// The rung; none: the next one.
        level: Option<u16>,
        /// Why, from the agreement's list.
        reason: Option<String>,
    },
    /// A person answers the escalation that is open (MP-ESC-11).
    AnswerEscalation,
    /// The clocks are paused from now on.
    Pause {
        /// Why, from the agreement's list.
        reason: String,
        /// What shows it.
        evidence: Option<String>,
    },
    /// They run again.
    Resume,
    /// They were paused, one side says afterwards.
    ClaimPause {
        /// From when.
        from: Instant,
        /// Until when.
        until: Option<Instant>,
        /// Why, from the agreement's list.
        reason: String,
        /// What shows it.
        evidence: Option<String>,
    },
    /// The other side agrees to the pause that is claimed, or does not.
    SettlePause {
        /// Which it was read about; none: the one that is open.
        pause: Option<String>,
        /// Why not, where it does not agree.
        because: Option<String>,
    },
    /// The root cause analysis is published (MP-SC-INC-03).
    PublishCause,
}

impl Motion {
    /// Whether it is nothing without words of its own.
    pub fn needs_text(&self) -> bool {
        matches!(
            self,
            Motion::Appeal | Motion::DecideAppeal { .. } | Motion::AnswerEscalation | Motion::PublishCause
        )
    }

    /// What shows a pause, or why it is none, stands on a line of the ticket.
    fn fits(&self) -> Result<(), NotDone> {
        let said = match self {
            Motion::Pause { evidence, .. } | Motion::ClaimPause { evidence, .. } => evidence.as_deref(),
            Motion::SettlePause { because, .. } => because.as_deref(),
            _ => None,
        };
        let (found, max) = (said.map_or(0, str::len), PAUSE_WORDS_MAX);
        if max < found {
            Err(NotDone::TooMuch { what: "bytes said about a pause", found, max })
        } else {
            Ok(())
        }
    }

    fn body(&self, book: &Book, ticket: &TicketId) -> Result<Body, NotDone> {
        let facts = book.facts_of(&ticket.0);
        let ticket = ticket.clone();
        Ok(match self {
            Motion::Appeal => match open_appeal(facts) {
                Some(_) => return out_of_order("an appeal is open", "wait for what is decided"),
                None => AppealOpened { appeal: name(&ticket, "a", facts)?, ticket, text: None }.into(),
            },
            Motion::DecideAppeal { upheld } => match open_appeal(facts) {
                Some(appeal) => {
                    AppealDecided { appeal: id(&appeal)?, ticket, upheld: *upheld, text: None }.into()
                }
                None => return out_of_order("no appeal is open", "there is nothing to decide"),
            },
            Motion::Escalate { level, reason } => EscalationRaised {
                escalation: name(&ticket, "e", facts)?,
                level: level.or_else(|| Some(next_level(facts))),
                reason: reason.clone(),
                ticket,
                text: None,
            }
            .into(),
            Motion::AnswerEscalation => match open_escalation(facts) {
                Some(escalation) => {
                    EscalationAnswered { escalation: id(&escalation)?, ticket: Some(ticket), text: None }
                        .into()
                }
                None => return out_of_order("no escalation is open", "there is nothing to answer"),
            },
            Motion::Pause { reason, evidence } => {
                RequestPaused { ticket, reason: reason.clone(), evidence: evidence.clone(), text: None }
                    .into()
            }
            Motion::Resume => RequestResumed { ticket }.into(),
            Motion::ClaimPause { .. } if open_pause(facts).is_some() => {
                return out_of_order("a pause is claimed already", "wait for what the other side says");
            }
            Motion::ClaimPause { from, until, reason, evidence } => PauseClaimed {
                pause: name(&ticket, "p", facts)?,
                ticket,
                from: *from,
                until: *until,
                reason: reason.clone(),
                evidence: evidence.clone(),
                text: None,
            }
            .into(),
            Motion::SettlePause { pause: read, because } => {
                let Some(pause) = open_pause(facts) else {
                    return out_of_order("no pause is claimed", "there is nothing to answer");
                };
                if read.as_ref().is_some_and(|read| read != pause.as_str()) {
                    return out_of_order("another pause is claimed by now", "read that one first");
                }
                match because {
                    None => PauseAgreed { pause: id(&pause)?, ticket }.into(),
                    Some(reason) => {
                        PauseRefused { pause: id(&pause)?, ticket, reason: reason.clone() }.into()
                    }
                }
            }
            Motion::PublishCause => RcaPublished { ticket, text: None }.into(),
        })
    }
}

impl Control {
    /// Records what is asked or decided about a ticket.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Empty`] without words where it is nothing without them.
    pub fn move_about(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        motion: Motion,
        text: Option<String>,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let text = text.filter(|text| !text.trim().is_empty());
        if motion.needs_text() && text.is_none() {
            return Err(NotDone::Empty { field: "text" });
        }
        motion.fits()?;
        let read = by.read;
        let act = by.act(client, RequestResumed { ticket: ticket.clone() }, text);
        self.act_prepared(act, now, |book, act: &mut Act| {
            book.stands(Noun::Ticket, &ticket.0, read)?;
            act.bodies = vec![motion.body(book, ticket)?];
            Ok(())
        })
    }
}

/// The appeal that nobody has decided.
pub(crate) fn open_appeal(facts: &[Fact]) -> Option<Slug> {
    facts.iter().rev().find_map(|fact| match &fact.body {
        Body::AppealOpened(appeal) => Some(Some(appeal.appeal.0.clone())),
        Body::AppealDecided(_) => Some(None),
        _ => None,
    })?
}

/// The escalation that nobody has answered: the last one.
pub(crate) fn open_escalation(facts: &[Fact]) -> Option<Slug> {
    facts.iter().rev().find_map(|fact| match &fact.body {
        Body::EscalationRaised(raised) => Some(Some(raised.escalation.0.clone())),
        Body::EscalationAnswered(_) => Some(None),
        _ => None,
    })?
}

/// The claimed pause that the other side has not decided on.
pub(crate) fn open_pause(facts: &[Fact]) -> Option<Slug> {
    facts.iter().rev().find_map(|fact| match &fact.body {
        Body::PauseClaimed(pause) => Some(Some(pause.pause.0.clone())),
        Body::PauseAgreed(_) | Body::PauseRefused(_) => Some(None),
        _ => None,
    })?
}

/// The rung above the highest that was called.
pub(crate) fn next_level(facts: &[Fact]) -> u16 {
    let levels = facts.iter().filter_map(|fact| match &fact.body {
        Body::EscalationRaised(raised) => Some(raised.level.unwrap_or(1)),
        _ => None,
    });
    levels.max().unwrap_or(0).saturating_add(1)
}

fn out_of_order<T>(what: &'static str, instead: &'static str) -> Result<T, NotDone> {
    Err(NotDone::OutOfOrder { what, instead })
}

/// A name that no other has: after the ticket and how much was said about it.
fn name<T: std::str::FromStr>(ticket: &TicketId, mark: &str, facts: &[Fact]) -> Result<T, NotDone> {
    format!("{ticket}-{mark}{}", facts.len()).parse().map_err(|_| NotDone::Changed)
}

fn id<T: std::str::FromStr>(slug: &Slug) -> Result<T, NotDone> {
    slug.as_str().parse().map_err(|_| NotDone::Changed)
}
