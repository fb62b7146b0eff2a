//! What was measured and nobody has told of yet: that a system of the page stopped answering, and that it answers again. Subscribers are
//! told of it as the page tells it, by itself.

use std::collections::BTreeMap;

use desk::public::{Event, PublicLetter};
use facts::{Body, Fact, IncidentId, IncidentStage, InstanceId, TicketId};
use spans::Instant;

use super::super::{
    Book,
    incident::{ACTOR, CHANNEL, down},
};

/// The ticket that a fact opens, opens again or ends, by which subscribers may hear of what was measured: whether they do,
/// [`Book::measured_letter`] says.
pub(super) fn incident(fact: &Fact) -> Option<&TicketId> {
    match &fact.body {
        Body::RequestReceived(request) => (request.channel == CHANNEL).then_some(&request.ticket),
        Body::RequestReopened(reopened) if fact.actor.id == ACTOR => Some(&reopened.ticket),
        // People end one as well, and monitoring has nothing more to say then.
        Body::RequestResolved(resolved) => Some(&resolved.ticket),
        Body::RequestWithdrawn(withdrawn) => Some(&withdrawn.ticket),
        _ => None,
    }
}

impl Book {
    /// What subscribers are told of such a fact at `now`, without a link; none where the page does not show the instance, people tell of
    /// it themselves, or nothing about it has changed.
    pub(super) fn measured_letter(
        &self,
        ticket: &TicketId,
        fact: &str,
        now: Instant,
    ) -> Option<PublicLetter> {
        let set = self.status_set()?.set;
        let facts = self.facts_of(&ticket.0);
        let index = facts.iter().rposition(|known| known.id.to_string() == fact)?;
        let fact = &facts[index];
        let instance = facts.iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) if request.channel == CHANNEL => request.instance.clone(),
            _ => None,
        })?;
        let name = &set.components.iter().find(|shown| shown.instance == instance)?.name;
        let began =
            facts[..=index].iter().rev().find(|fact| opens(&fact.body)).map_or(fact.at, |fact| fact.at);
        if self.people_told_of(&instance, began) {
            return None;
        }
        let runs = down(self, &instance, now);
        let what = news(fact, &facts[..index], |at| runs.iter().any(|run| run.contains(at)))?;
        Some(PublicLetter {
            thread: status::public_id(&[self.client().as_str(), "thread", ticket.0.as_str()]),
            title: format!("{}: {name} {what}", set.title),
            said: format!("{name} {what}. This was measured, and is told by itself."),
            at: fact.at,
            page: super::page_path(&set),
            secret: String::new(),
            asks: false,
            event: Event::IncidentUpdated,
        })
    }

    /// Whether people told of an incident about the instance that was not over when it `began`: as on the page, what they tell of is not
    /// told by itself, its end included.
    fn people_told_of(&self, instance: &InstanceId, began: Instant) -> bool {
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        let mut told: BTreeMap<&IncidentId, Told> = BTreeMap::new();
        for fact in self.facts() {
            let Body::IncidentUpdatePublished(update) = &fact.body else { continue };
            let known = told.entry(&update.incident).or_default();
            known.about |= update.instances.is_empty() || update.instances.contains(instance);
            known.over = is_over(update.stage).then(|| known.over.unwrap_or(fact.at));
        }
        told.values().any(|told| told.about && told.over.is_none_or(|over| began <= over))
    }
}

/// An incident that people told of.
#[derive(Default)]
struct Told {
    /// From when on it was over, if it is.
    over: Option<Instant>,
    /// Whether it is about the instance.
    about: bool,
}

/// What a fact about an incident says of the service, after what was said `before`; none where it says nothing new.
fn news(fact: &Fact, before: &[Fact], is_down: impl Fn(Instant) -> bool) -> Option<&'static str> {
    let last = before.iter().rev().find(|fact| opens(&fact.body) || ends(&fact.body));
    let ended = last.filter(|fact| ends(&fact.body));
    match fact.body {
        Body::RequestReceived(_) => Some("does not answer"),
        // Somebody ended it while it was down.
        Body::RequestReopened(_) if ended.is_some_and(|fact| is_down(fact.at)) => {
            Some("still does not answer")
        }
        Body::RequestReopened(_) => Some("does not answer, once more"),
        // That the ticket is over does not make it answer, and nor does that it is over twice.
        _ if is_down(fact.at) || ended.is_some() => None,
        _ => Some("answers again"),
    }
}

fn opens(body: &Body) -> bool {
    matches!(body, Body::RequestReceived(_) | Body::RequestReopened(_))
}

fn ends(body: &Body) -> bool {
    matches!(body, Body::RequestResolved(_) | Body::RequestWithdrawn(_))
}
