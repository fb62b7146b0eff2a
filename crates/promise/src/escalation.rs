//! Escalation: what the engine suggests to a client that is stuck, and to whom it would go (MP-ESC).

use agreement::{Agreement, Amount, CIVIL, Escalation, EscalationReason, OnMiss, Rung, Suggested};
use facts::{Body, Event, Fact, Noun, TicketId};
use spans::Instant;

use crate::{
    history::{History, until},
    obligation::{Obligation, Plan},
    ticket::Said,
    versions::Versions,
    why::Why,
};

/// A suggestion to escalate. Escalating itself is possible on every open ticket, always (MP-ESC-02).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// About which ticket.
    pub ticket: TicketId,
    /// For which reason of the agreement's list.
    pub reason: String,
    /// The clauses of that reason.
    pub clauses: Vec<String>,
    /// The rung it would go to (MP-ESC-07); none where the ladder ends.
    pub rung: Option<Rung>,
    /// Why.
    pub why: Why,
}

/// What is suggested `at`, of these obligations of the same instant: open tickets whose response was missed (MP-ESC-05), and
/// those older than the threshold of their urgency, where the order set one (MP-ESC-06, A-44).
pub fn suggestions(
    versions: &Versions,
    history: &History<'_>,
    obligations: &[Obligation],
    at: Instant,
) -> Vec<Suggestion> {
    let received = history.all(Event::RequestReceived, at).iter();
    let mut found = Vec::new();
    for fact in received {
        let Body::RequestReceived(request) = &fact.body else { continue };
        let Some(plan) = versions.at(fact.at) else { continue };
        let about = until(history.of(Noun::Ticket, &request.ticket.0), at);
        let said = Said::after(plan, Noun::Ticket, about, &[]);
        if let Some(rule) = plan.agreement().escalation.as_ref().filter(|_| !said.is_closed()) {
            let stuck = Stuck { plan, rule, ticket: &request.ticket, received: fact, about, at };
            found.extend(stuck.missed(obligations));
            found.extend(stuck.too_old(&said));
        }
    }
    found
}

/// The rung of that level.
pub fn rung(agreement: &Agreement, level: u16) -> Option<&Rung> {
    agreement.escalation.as_ref()?.path.iter().find(|rung| rung.level == u32::from(level))
}

/// The highest rung a ticket was escalated to; 0 where it was not. An escalation without a level goes one further.
pub(crate) fn highest_level(about: &[&Fact], at: Instant) -> u16 {
    until(about, at).iter().fold(0, |highest, fact| match &fact.body {
        Body::EscalationRaised(raised) => highest.max(raised.level.unwrap_or(highest.saturating_add(1))),
        _ => highest,
    })
}

struct Stuck<'s> {
    plan: &'s Plan,
    rule: &'s Escalation,
    ticket: &'s TicketId,
    received: &'s Fact,
    about: &'s [&'s Fact],
    at: Instant,
}

impl Stuck<'_> {
    fn missed(&self, obligations: &[Obligation]) -> Option<Suggestion> {
        let reason = self.reason(Suggested::ResponseMissed)?;
        let missed = obligations.iter().find(|o| {
            o.subject.noun == Noun::Ticket
                && o.subject.id == self.ticket.0
                && o.is_missed()
                && o.duty.on_miss.contains(&OnMiss::SuggestEscalation)
        })?;
        Some(self.suggest(reason, "a response was missed", missed.why.clone()))
    }

    fn too_old(&self, said: &Said<'_>) -> Option<Suggestion> {
        let reason = self.reason(Suggested::ThresholdPassed)?;
        let threshold = *self.rule.thresholds.get(&*said.word("urgency")?)?;
        let calendar = self.calendar(said);
        let passed = self.plan.terms().deadline(self.received.at, threshold, calendar).ok()?;
        let why = || self.age(threshold, calendar, passed);
        (passed < self.at).then(|| self.suggest(reason, "it is open for longer than the order allows", why()))
    }

    fn age(&self, threshold: Amount, calendar: &str, passed: Instant) -> Why {
        Why::new("threshold", passed, "so much of the calendar's open time after it was received")
            .given("threshold", threshold)
            .given("calendar", calendar)
            .fact(self.received)
    }

    fn calendar(&self, said: &Said<'_>) -> &str {
        let kind = said.word("kind");
        let words = self.plan.terms().tier().into_iter().chain(kind.as_deref());
        self.rule.calendar.as_ref().and_then(|by| by.of(words)).map_or(CIVIL, String::as_str)
    }

    fn reason(&self, when: Suggested) -> Option<&EscalationReason> {
        self.rule.reason.iter().find(|reason| reason.suggested == Some(when))
    }

    fn suggest(&self, reason: &EscalationReason, because: &'static str, why: Why) -> Suggestion {
        let level = highest_level(self.about, self.at).saturating_add(1);
        let what = format!("escalate {}", self.ticket);
        Suggestion {
            ticket: self.ticket.clone(),
            reason: reason.id.clone(),
            clauses: reason.clause.ids.clone(),
            rung: rung(self.plan.agreement(), level).cloned(),
            why: Why::new(what, &reason.id, because).under(&reason.clause.ids).from(why),
        }
    }
}
