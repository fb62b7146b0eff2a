//! Onboarding: what both sides do first, what of it is done, and whose turn it was meanwhile (MP-ONB).

use std::sync::Arc;

use agreement::{Done, Onboarding as Rule, Task, TaskBefore, TaskIf};
use facts::{Body, Fact, Noun, ServiceActivated, ServiceId, Side};
use spans::{Instant, Length};

use crate::{
    history::{History, until},
    obligation::{Act, Duty, Obligation, Occurrence, Plan, State, Waiting, miss},
    versions::Versions,
    why::Why,
};

/// The onboarding of a service as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onboarding {
    /// The service.
    pub service: ServiceId,
    /// When the service was activated.
    pub started: Instant,
    /// When onboarding is usually over.
    pub due: Option<Instant>,
    /// When the last task was done, once it was.
    pub done: Option<Instant>,
    /// The tasks, in the file's order, each with its due time and its why.
    pub tasks: Vec<Obligation>,
    /// For whom it waits; none once it is done.
    pub waits_for: Option<Side>,
    /// How long it waited for the provider, time on the wall.
    pub provider_turn: Length,
    /// How long it waited for the client.
    pub client_turn: Length,
    /// How much of its time after the due instant was the client's turn.
    pub late_on_client: Length,
}

/// The onboarding of every activated service, `at`; empty where the agreement has none.
pub fn onboarding(versions: &Versions, history: &History<'_>, at: Instant) -> Vec<Onboarding> {
    let activated = history.all(facts::Event::ServiceActivated, at).iter();
    let services = activated.filter_map(|fact| match &fact.body {
        Body::ServiceActivated(service) => Some((*fact, service)),
        _ => None,
    });
    let mut found: Vec<Onboarding> = Vec::new();
    for (fact, service) in services {
        let plan = versions.at(fact.at).unwrap_or_else(|| versions.first());
        let known = found.iter().any(|onboarding| onboarding.service == service.service);
        if let Some(rule) = plan.agreement().onboarding.as_ref().filter(|_| !known) {
            let facts = until(history.of(Noun::Service, &service.service.0), at);
            found.push(Course { plan, rule, start: fact, service, facts, at }.told());
        }
    }
    found
}

struct Course<'c> {
    plan: &'c Plan,
    rule: &'c Rule,
    start: &'c Fact,
    service: &'c ServiceActivated,
    /// Everything about the service, in order.
    facts: &'c [&'c Fact],
    at: Instant,
}

impl Course<'_> {
    fn told(&self) -> Onboarding {
        let due = self.plan.terms().deadline(self.start.at, self.rule.within, &self.rule.calendar).ok();
        let needed = self.rule.task.iter().filter(|task| self.is_needed(task));
        let tasks: Vec<Obligation> = needed.map(|task| self.task(task, due)).collect();
        let done = tasks
            .iter()
            .map(when_done)
            .collect::<Option<Vec<Instant>>>()
            .and_then(|all| all.into_iter().max());
        let over = done.unwrap_or(self.at);
        let late_from = due.map_or(over, |due| due.min(over));
        Onboarding {
            service: self.service.service.clone(),
            started: self.start.at,
            due,
            done,
            tasks,
            waits_for: done.is_none().then(|| self.turn_at(self.at)),
            provider_turn: self.turn_of(Side::Provider, self.start.at, over),
            client_turn: self.turn_of(Side::Client, self.start.at, over),
            late_on_client: self.turn_of(Side::Client, late_from, over),
        }
    }

    /// MP-VPN-01: the document of a VPN only where one is needed.
    fn is_needed(&self, task: &Task) -> bool {
        task.r#if.is_none_or(|when| match when {
            TaskIf::VpnRequired => self.service.vpn_required,
        })
    }

    fn task(&self, task: &Task, due: Option<Instant>) -> Obligation {
        let due = match task.before {
            Some(TaskBefore::TermStart) => Some(self.plan.terms().term().start),
            None => due,
        };
        let done = self.done(task.done_when);
        let state = match (done.map(Act::of), due) {
            (Some(act), Some(due)) if due < act.at => {
                State::Missed { since: due.max(self.start.at), late: Some(act) }
            }
            (Some(act), _) => State::Met { at: act.at, by: Some(act) },
            (None, None) => State::Waiting(Waiting::NeverFilled),
            (None, Some(due)) if due < self.at => State::Missed { since: due.max(self.start.at), late: None },
            (None, Some(due)) => State::Running { due },
        };
        Obligation {
            duty: Arc::new(self.duty(task)),
            subject: self.start.body.subject(),
            instance: None,
            occurrence: Occurrence::Nth(1),
            started: self.start.at,
            due,
            calendar: self.plan.calendar_name(&self.rule.calendar),
            cell: None,
            open: done.is_none(),
            reminders: Vec::new(),
            annotations: Vec::new(),
            why: self.why(task, due, &state, done),
            state,
        }
    }

    fn duty(&self, task: &Task) -> Duty {
        Duty {
            id: format!("onboarding.{}", task.id),
            clauses: task.clause.ids.clone(),
            party: task.party,
            binding: self.rule.binding,
            turn: task.party.side(),
            miss: miss(self.plan.agreement(), self.rule.binding),
            on_miss: Vec::new(),
            then: None,
            then_item: None,
            annotate: None,
            agreement: self.plan.terms().identity().into(),
        }
    }

    fn why(&self, task: &Task, due: Option<Instant>, state: &State, done: Option<&Fact>) -> Why {
        let due = due.map_or_else(|| "not known".to_owned(), |due| due.to_string());
        let within = match task.before {
            Some(TaskBefore::TermStart) => Why::new("due", due, "before the start of the term"),
            None => {
                Why::new("due", due, "usually so long after activation").given("target", self.rule.within)
            }
        };
        let known = self.plan.agreement().readings.contains_key("A-38");
        let readings: &[&'static str] = if known { &["A-38"] } else { &[] };
        let why = Why::new(format!("onboarding.{}", task.id), state, task.done_when.about())
            .under(&task.clause.ids)
            .fact(self.start)
            .from(
                within.under(&self.rule.clause.ids).read_as(readings).given("calendar", &self.rule.calendar),
            );
        match done {
            Some(fact) => why.fact(fact),
            None => why,
        }
    }

    /// The fact that made it done: the first after which everything it takes is there.
    fn done(&self, when: Done) -> Option<&Fact> {
        let from = self.facts.iter().position(|fact| fact.id == self.start.id)?;
        let since = &self.facts[from..];
        (1..=since.len()).find(|count| is_done(when, &since[..*count])).map(|count| since[count - 1])
    }

    /// Whose turn it is at an instant: the provider's until `onboarding.waiting` says otherwise.
    fn turn_at(&self, at: Instant) -> Side {
        let said = self.facts.iter().rev().filter(|fact| fact.at <= at).find_map(|fact| match &fact.body {
            Body::OnboardingWaiting(waiting) => Some(waiting.side),
            _ => None,
        });
        said.unwrap_or(Side::Provider)
    }

    /// How much of `[from, to)` waited for that side (MP-ONB-08).
    fn turn_of(&self, side: Side, from: Instant, to: Instant) -> Length {
        let changes = self.facts.iter().filter(|fact| matches!(fact.body, Body::OnboardingWaiting(_)));
        let mut marks: Vec<Instant> =
            changes.map(|fact| fact.at).filter(|at| from < *at && *at < to).collect();
        marks.insert(0, from);
        marks.push(to.max(from));
        let turns = marks.windows(2).filter(|pair| self.turn_at(pair[0]) == side);
        turns.map(|pair| pair[1] - pair[0]).sum()
    }
}

fn when_done(task: &Obligation) -> Option<Instant> {
    match &task.state {
        State::Met { at, .. } => Some(*at),
        State::Missed { late: Some(act), .. } => Some(act.at),
        _ => None,
    }
}

/// Whether a condition holds after these facts about the service; each is documented in the file format.
fn is_done(when: Done, facts: &[&Fact]) -> bool {
    let any = |holds: &dyn Fn(&Body) -> bool| facts.iter().any(|fact| holds(&fact.body));
    let governs =
        |category: &str| any(&|body| matches!(body, Body::GovernanceRecorded(g) if g.category == category));
    match when {
        Done::KickoffHeld => {
            any(
                &|body| matches!(body, Body::MeetingRecorded(meeting) if !meeting.attendees.trim().is_empty()),
            ) && any(&|body| matches!(body, Body::EscalationPathAcknowledged(_)))
        }
        Done::ContactsSignedIn => {
            any(&|body| matches!(body, Body::ContactInvited(_)))
                && facts.iter().all(|fact| has_signed_in(fact, facts))
        }
        Done::EnvironmentRecorded => {
            any(&|body| matches!(body, Body::EnvironmentRecorded(e) if e.systems > 0))
        }
        Done::WalkthroughRecorded => any(&|body| matches!(body, Body::WalkthroughRecorded(_))),
        Done::RulesApprovedByBoth => [Side::Provider, Side::Client].iter().all(|side| {
            any(&|body| matches!(body, Body::SopSetApproved(approved) if approved.side == *side))
        }),
        Done::OutcomesRecorded => any(&|body| matches!(body, Body::OutcomesRecorded(o) if o.outcomes > 0)),
        Done::TemplateShared => any(&|body| matches!(body, Body::SopTemplateShared(_))),
        Done::AccessChecksPassed => any(&|body| matches!(body, Body::AccessChecksPassed(_))),
        Done::GovernanceRecorded => GOVERNED.iter().all(|category| governs(category)),
        Done::VpnDocumented => any(&|body| matches!(body, Body::DocumentAttached(d) if d.topic == "vpn")),
    }
}

/// What a client's governance rules are about (MP-CLI-07).
const GOVERNED: [&str; 4] = ["access", "approvals", "data-protection", "security"];

/// An invited contact has signed in; any other fact asks for nothing.
fn has_signed_in(fact: &Fact, facts: &[&Fact]) -> bool {
    let Body::ContactInvited(invited) = &fact.body else { return true };
    facts
        .iter()
        .any(|fact| matches!(&fact.body, Body::ContactSignedIn(signed) if signed.contact == invited.contact))
}
