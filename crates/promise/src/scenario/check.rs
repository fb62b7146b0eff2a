//! What a scenario may not say, though each of its lines can be read: what would be passed over without a word.
//!
//! Here stands what needs the other lines or the agreement; the words of the agreement are asked for by the guards of the engine.

use agreement::Terms;
use facts::{Body, Event, Fact, InstanceId, Noun, RequestReceived};
use spans::Instant;

use super::ScenarioError;
use crate::{
    Versions,
    guard::{self, Reason},
    history::History,
};

/// Every fact that the engine would pass over, with the line that tells it and the way out. `lines`: where each fact stands.
pub(super) fn problems(versions: &Versions, facts: &[Fact], lines: &[usize]) -> Vec<ScenarioError> {
    let history = History::new(facts);
    let told = Told { versions, history: &history, facts, lines };
    let each = facts.iter().zip(lines);
    each.filter_map(|(fact, line)| Some(ScenarioError { line: *line, problem: told.problem(fact, *line)? }))
        .collect()
}

struct Told<'s> {
    versions: &'s Versions,
    history: &'s History<'s>,
    facts: &'s [Fact],
    lines: &'s [usize],
}

impl Told<'_> {
    fn problem(&self, fact: &Fact, line: usize) -> Option<String> {
        match &fact.body {
            Body::InstanceAdded(added) => self.added_twice(&added.instance, added.from, fact.at, line),
            Body::RequestReceived(request) => self.request(request, fact, line),
            _ if fact.event().noun() == Noun::Ticket => self.unknown_ticket(fact).or_else(|| self.word(fact)),
            _ => None,
        }
    }

    /// An instance may leave and come back, but is not added while it is there.
    fn added_twice(&self, instance: &InstanceId, from: Instant, at: Instant, line: usize) -> Option<String> {
        let added = |(fact, earlier): (&Fact, &usize)| match &fact.body {
            Body::InstanceAdded(other) if other.instance == *instance && (fact.at, *earlier) < (at, line) => {
                Some((*earlier, other.until))
            }
            _ => None,
        };
        let (earlier, until) = self.facts.iter().zip(self.lines).filter_map(added).next_back()?;
        let ended = self.facts.iter().filter_map(|fact| match &fact.body {
            Body::InstanceEnded(ended) if ended.instance == *instance && fact.at <= at => Some(ended.until),
            _ => None,
        });
        if until.into_iter().chain(ended).any(|until| until <= from) {
            return None;
        }
        Some(format!(
            "line {earlier} added the instance {instance} already: give this one another id, or write `ended {instance} INSTANT` before"
        ))
    }

    fn request(&self, request: &RequestReceived, fact: &Fact, line: usize) -> Option<String> {
        let ticket = &request.ticket;
        let first = self.facts.iter().zip(self.lines).find(|(other, earlier)| {
            matches!(&other.body, Body::RequestReceived(r) if r.ticket == *ticket)
                && (other.at, **earlier) < (fact.at, line)
        });
        if let Some((_, earlier)) = first {
            return Some(format!(
                "line {earlier} is request {ticket} already: give this one another id, or write `reply {ticket} by NAME`"
            ));
        }
        let term = self.terms(fact.at).term();
        if !term.contains(fact.at) {
            return Some(format!(
                "the request lies outside the term, from {} to {}: choose an instant inside it",
                term.start, term.end
            ));
        }
        let about = request.instance.as_ref();
        about.and_then(|instance| self.unknown_instance(instance, fact.at)).or_else(|| self.word(fact))
    }

    fn unknown_instance(&self, instance: &InstanceId, at: Instant) -> Option<String> {
        let added = |fact: &&Fact| matches!(&fact.body, Body::InstanceAdded(a) if a.instance == *instance && fact.at <= at);
        let unknown = !self.facts.iter().any(|fact| added(&fact));
        unknown.then(|| {
            format!("no line before adds the instance {instance}: add `instance {instance} production \"…\" from INSTANT`, or name another")
        })
    }

    fn unknown_ticket(&self, fact: &Fact) -> Option<String> {
        let ticket = fact.body.subject().id;
        let about = self.history.of(Noun::Ticket, &ticket).iter();
        let known =
            about.into_iter().any(|other| other.event() == Event::RequestReceived && other.at <= fact.at);
        (!known).then(|| {
            format!("no request {ticket} came before: add `request {ticket} by NAME`, or name another")
        })
    }

    /// The words of a request that the agreement does not know.
    fn word(&self, fact: &Fact) -> Option<String> {
        let refusal = guard::request_in_words(self.versions, self.history, fact).err()?;
        let of_words = matches!(refusal.reason, Reason::UnknownWord { .. } | Reason::UnknownChannel { .. });
        of_words.then(|| refusal.to_string())
    }

    fn terms(&self, at: Instant) -> &Terms {
        self.versions.at(at).unwrap_or_else(|| self.versions.first()).terms()
    }
}
