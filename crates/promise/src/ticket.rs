//! A ticket, or anything else that facts are about, as it stands: the newest word of each field counts.

use std::borrow::Cow;

use agreement::{Match, Party};
use facts::{Body, Event, Fact, Noun, Slug, Subject};
use spans::clock::Pause;

use crate::{kin, obligation::Plan};

/// What is said of a subject after some of its facts.
#[derive(Debug, Clone, Copy)]
pub struct Said<'h> {
    plan: &'h Plan,
    noun: Noun,
    /// In order; the last is the one at hand. They may hold linked facts: an appeal about this ticket.
    facts: &'h [&'h Fact],
    voided: &'h [&'h Fact],
}

impl<'h> Said<'h> {
    /// After these facts of one subject, in order, and what is linked to it. `voided` are those that an upheld appeal undid
    /// ([`voided`]).
    pub fn after(plan: &'h Plan, noun: Noun, facts: &'h [&'h Fact], voided: &'h [&'h Fact]) -> Said<'h> {
        Said { plan, noun, facts, voided }
    }

    /// The newest word of a field, as the agreement spells it; what is meant where nobody said one.
    pub fn word(&self, field: &str) -> Option<Cow<'h, str>> {
        let vocabulary = self.plan.vocabulary();
        let said = self.said(field).or_else(|| self.said(vocabulary.other_field(field)?));
        match said {
            Some(word) => Some(vocabulary.spell(field, word)),
            None => vocabulary.unsaid(field).map(Cow::Borrowed),
        }
    }

    /// Whether somebody said the word of a field.
    pub fn is_said(&self, field: &str) -> bool {
        self.said(field).is_some()
    }

    fn said(&self, field: &str) -> Option<Cow<'h, str>> {
        let own = self.facts.iter().rev().filter(|fact| fact.event().noun() == self.noun);
        own.filter(|fact| self.is_own(fact) && !self.is_voided(fact) && !self.is_repeated(fact))
            .find_map(|fact| fact.body.attribute(field))
    }

    /// What is heard of another ticket changes no word of this one; its first fact is its own.
    fn is_own(&self, fact: &Fact) -> bool {
        let first = self.facts.iter().find(|fact| fact.event().noun() == self.noun);
        first.is_none_or(|first| first.body.subject_id() == fact.body.subject_id())
    }

    /// A request is received once: what repeats its receipt says nothing.
    fn is_repeated(&self, fact: &Fact) -> bool {
        fact.event() == Event::RequestReceived
            && self
                .facts
                .iter()
                .find(|fact| fact.event() == Event::RequestReceived)
                .is_some_and(|f| f.id != fact.id)
    }

    /// Whether everything a match asks of fields holds. `score_at_least` looks at the score; whom something affects is for
    /// the engine to say.
    pub fn fits(&self, matching: &Match) -> bool {
        let score = || self.said("score").and_then(|score| score.parse::<facts::Score>().ok());
        matching.fields_match(|field| self.word(field))
            && matching.score_at_least.is_none_or(|least| score().is_some_and(|score| score >= least))
    }

    /// Whether nobody works on the ticket by itself: it is over, or goes on in another.
    pub fn is_closed(&self) -> bool {
        self.is_over() || kin::merged_into(self.facts).is_some()
    }

    /// Whether the ticket was resolved, withdrawn, or put on the wish list (SH-ACK-04), and not reopened since.
    pub fn is_over(&self) -> bool {
        let last = self.facts.iter().rev().find_map(|fact| match fact.event() {
            Event::RequestResolved | Event::RequestWithdrawn | Event::WishLogged => Some(true),
            Event::RequestReopened => Some(false),
            _ => None,
        });
        last.unwrap_or(false)
    }

    /// The facts behind it.
    pub fn facts(&self) -> &'h [&'h Fact] {
        self.facts
    }

    fn is_voided(&self, fact: &Fact) -> bool {
        self.voided.iter().any(|voided| voided.id == fact.id)
    }
}

/// The changes of priority that upheld appeals undid: of each, the last one before the appeal was opened. An upheld appeal
/// restores the former target as if it had never been changed (SH-CHAR-06, A-30).
pub fn voided<'f>(facts: &[&'f Fact]) -> Vec<&'f Fact> {
    let upheld = facts.iter().enumerate().filter_map(|(index, fact)| match &fact.body {
        Body::AppealDecided(decided) if decided.upheld => Some((index, &decided.appeal)),
        _ => None,
    });
    let mut undone: Vec<&Fact> = Vec::new();
    for (index, appeal) in upheld {
        let opened = facts[..index]
            .iter()
            .position(|fact| matches!(&fact.body, Body::AppealOpened(opened) if opened.appeal == *appeal));
        let before = &facts[..opened.unwrap_or(index)];
        let change = before.iter().rev().find(|fact| fact.event() == Event::RequestReprioritised);
        undone.extend(change.copied());
    }
    undone
}

/// The pauses that both sides agreed on though they were said afterwards, with their reasons. One without an end lasts until
/// the clocks were let go on after it was claimed.
pub fn agreed_pauses(facts: &[&Fact]) -> Vec<Pause> {
    let agreed = facts.iter().filter_map(|fact| match &fact.body {
        Body::PauseAgreed(agreed) => Some((fact.actor.side, &agreed.pause)),
        _ => None,
    });
    let mut pauses = Vec::new();
    for (side, id) in agreed {
        let claimed = facts.iter().find_map(|fact| match &fact.body {
            Body::PauseClaimed(pause) if pause.pause == *id => Some((*fact, pause)),
            _ => None,
        });
        // Nobody agrees with himself, and neither does the world outside.
        let Some((claim, pause)) = claimed.filter(|(claim, _)| claim.actor.side.other() == Some(side)) else {
            continue;
        };
        let resumed = || {
            let mut later = facts.iter().filter(|fact| claim.at <= fact.at);
            later.find(|fact| fact.event() == Event::RequestResumed).map(|fact| fact.at)
        };
        pauses.push(Pause { from: pause.from, to: pause.until.or_else(resumed) });
    }
    pauses
}

/// The subjects a fact speaks of: its own, and the ticket of an appeal, an escalation, a claimed pause, a call or an
/// alert.
pub fn subjects(fact: &Fact) -> (Subject, Option<Subject>) {
    let ticket = linked_ticket(fact).map(|id| Subject { noun: Noun::Ticket, id: id.clone() });
    (fact.body.subject(), ticket)
}

/// The ticket that an appeal, an escalation, a claimed pause, a call or an alert is about.
pub(crate) fn linked_ticket(fact: &Fact) -> Option<&Slug> {
    match &fact.body {
        Body::PauseClaimed(pause) => Some(&pause.ticket.0),
        Body::PauseAgreed(pause) => Some(&pause.ticket.0),
        Body::PauseRefused(pause) => Some(&pause.ticket.0),
        Body::PageSent(page) => Some(&page.ticket.0),
        Body::PageAcknowledged(page) => Some(&page.ticket.0),
        Body::PageUnanswered(page) => Some(&page.ticket.0),
        Body::AppealOpened(appeal) => Some(&appeal.ticket.0),
        Body::AppealDecided(appeal) => Some(&appeal.ticket.0),
        Body::EscalationRaised(escalation) => Some(&escalation.ticket.0),
        Body::EscalationAnswered(answer) => answer.ticket.as_ref().map(|ticket| &ticket.0),
        Body::ThresholdCrossed(crossed) => crossed.ticket.as_ref().map(|ticket| &ticket.0),
        _ => None,
    }
}

/// Whose turn it is on a ticket: the client's from a question until its reply, the provider's otherwise; nobody's when it is
/// closed. It never stops the provider's clock (SH-ACK-01).
pub fn turn(standing: &Said<'_>) -> Option<Party> {
    if standing.is_closed() {
        return None;
    }
    let last = standing.facts().iter().rev().find_map(|fact| match fact.event() {
        Event::RequestAskedClient => Some(Party::Client),
        Event::RequestClientReplied => Some(Party::Provider),
        _ => None,
    });
    Some(last.unwrap_or(Party::Provider))
}
