//! What was measured and nobody has told of yet: that a system of the page stopped answering, and that it answers again. Subscribers are
//! told of it as the page tells it, by itself.

use desk::public::{Event, PublicLetter};
use facts::{Body, Fact, IncidentStage, IncidentUpdatePublished, InstanceId, TicketId};

use super::super::{Book, incident::ACTOR};

/// The incident that monitoring opened, opened again or closed by a fact.
pub(super) fn incident(fact: &Fact) -> Option<&TicketId> {
    let ticket = match &fact.body {
        Body::RequestReceived(request) => &request.ticket,
        Body::RequestReopened(reopened) => &reopened.ticket,
        Body::RequestResolved(resolved) => &resolved.ticket,
        _ => return None,
    };
    (!fact.actor.is_person() && fact.actor.id == ACTOR).then_some(ticket)
}

impl Book {
    /// What subscribers are told of such a fact, without a link; none where the page does not show the instance, or people go on with
    /// an incident about it that they told of.
    pub(super) fn measured_letter(&self, ticket: &TicketId, fact: &str) -> Option<PublicLetter> {
        let set = self.status_set()?.set;
        let facts = self.facts_of(&ticket.0);
        let fact = facts.iter().rev().find(|known| known.id.to_string() == fact)?;
        let instance = facts.iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) => request.instance.clone(),
            _ => None,
        })?;
        let name = &set.components.iter().find(|shown| shown.instance == instance)?.name;
        if self.people_tell_of(&instance) {
            return None;
        }
        let what = match fact.body {
            Body::RequestReceived(_) => "does not answer",
            Body::RequestReopened(_) => "does not answer, once more",
            _ => "answers again",
        };
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

    /// Whether an incident that people told of, and that is not over, is about the instance.
    fn people_tell_of(&self, instance: &InstanceId) -> bool {
        let updates = self.facts().iter().rev().filter_map(|fact| match &fact.body {
            Body::IncidentUpdatePublished(update) => Some(update),
            _ => None,
        });
        let mut newest: Vec<&IncidentUpdatePublished> = Vec::new();
        for update in updates {
            if !newest.iter().any(|known| known.incident == update.incident) {
                newest.push(update);
            }
        }
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        newest.iter().any(|update| {
            !is_over(update.stage) && (update.instances.is_empty() || update.instances.contains(instance))
        })
    }
}
