//! What happened, put in order once and found by what it is about.

use std::collections::BTreeMap;

use facts::{Body, Event, Fact, InstanceId, Noun, Slug, Subject, Version};
use spans::{Instant, Span};

use crate::{kin, looks::Looks, sight::Sight, ticket::linked_ticket};

/// Facts in order of time, by subject and by event. Those of the same instant stand in the order of their recording.
#[derive(Debug, Clone)]
pub struct History<'f> {
    subjects: BTreeMap<Noun, BTreeMap<&'f Slug, Vec<&'f Fact>>>,
    /// By event; sorted as the rest.
    events: Vec<Vec<&'f Fact>>,
    /// By instance and software, the versions seen.
    sightings: BTreeMap<&'f InstanceId, BTreeMap<&'f str, Vec<Sighting<'f>>>>,
    /// What was seen of instances, where it is kept apart from the facts.
    sight: Option<&'f Sight>,
}

/// A version seen running.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sighting<'f> {
    pub(crate) version: &'f Version,
    pub(crate) fact: &'f Fact,
}

impl<'f> History<'f> {
    /// Of these facts, which may come in any order and hold one fact twice.
    pub fn new(facts: impl IntoIterator<Item = &'f Fact>) -> History<'f> {
        let mut sorted: Vec<&Fact> = facts.into_iter().collect();
        sorted.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
        sorted.dedup_by_key(|fact| fact.id);
        let events = vec![Vec::new(); Event::ALL.len()];
        let mut history =
            History { subjects: BTreeMap::new(), events, sightings: BTreeMap::new(), sight: None };
        for fact in sorted {
            let event = fact.event();
            history.subject(event.noun(), fact.body.subject_id()).push(fact);
            if let Some(ticket) = linked_ticket(fact) {
                history.subject(Noun::Ticket, ticket).push(fact);
            }
            if let Body::InstanceVersionSeen(seen) = &fact.body {
                let sighting = Sighting { version: &seen.version, fact };
                let of_instance = history.sightings.entry(&seen.instance).or_default();
                of_instance.entry(seen.software.as_str()).or_default().push(sighting);
            }
            history.events[event as usize].push(fact);
        }
        let of = |event: Event| history.events[event as usize].iter().copied();
        let ties = of(Event::RequestMerged).chain(of(Event::RequestReceived));
        if let Some(tickets) = history.subjects.get_mut(&Noun::Ticket) {
            kin::share(tickets, ties);
        }
        history
    }

    /// Beside facts that hold no observations, what those came to.
    pub fn with_sight(self, sight: &'f Sight) -> History<'f> {
        History { sight: Some(sight), ..self }
    }

    /// When somebody saw an instance, where that is kept apart from the facts: the first and the last look of each stretch.
    pub(crate) fn looks(&self, instance: &InstanceId) -> &[(Instant, Instant)] {
        self.sight.and_then(|sight| sight.looks(instance)).map_or(&[], Looks::stretches)
    }

    fn subject(&mut self, noun: Noun, id: &'f Slug) -> &mut Vec<&'f Fact> {
        self.subjects.entry(noun).or_default().entry(id).or_default()
    }

    /// Every subject, sorted, with its facts in order. A ticket's hold its appeals, escalations and pauses, and what it hears of
    /// the ticket that it was merged into or split from.
    pub fn subjects(&self) -> impl Iterator<Item = (Noun, &'f Slug, &[&'f Fact])> {
        self.subjects
            .iter()
            .flat_map(|(noun, ids)| ids.iter().map(|(id, facts)| (*noun, *id, facts.as_slice())))
    }

    /// The facts about one subject, in order.
    pub fn about(&self, subject: &Subject) -> &[&'f Fact] {
        self.of(subject.noun, &subject.id)
    }

    /// The facts about the thing of that kind and name, in order.
    pub(crate) fn of(&self, noun: Noun, id: &Slug) -> &[&'f Fact] {
        self.subjects.get(&noun).and_then(|ids| ids.get(id)).map_or(&[], Vec::as_slice)
    }

    /// The facts of one event up to `at`, in order.
    pub fn all(&self, event: Event, at: Instant) -> &[&'f Fact] {
        until(&self.events[event as usize], at)
    }

    /// Whether a version of that software was ever seen on that instance, and which, in order.
    pub(crate) fn sightings(&self, software: &str, instance: &InstanceId) -> &[Sighting<'f>] {
        let of_instance = self.sightings.get(instance);
        of_instance.and_then(|seen| seen.get(software)).map_or(&[], Vec::as_slice)
    }

    /// From one event to another, both about one thing, for each such thing: `access.missing` to `access.granted`. Further
    /// beginnings of a stretch that runs change nothing; the end of the last is open while the other event has not happened.
    pub(crate) fn between(&self, from: Event, to: Event, at: Instant) -> Vec<Stretch<'f>> {
        let mut ids: Vec<&'f Slug> = self.all(from, at).iter().map(|fact| fact.body.subject_id()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut stretches: Vec<Stretch<'f>> = Vec::new();
        for id in ids {
            let mut running: Option<Instant> = None;
            for fact in until(self.of(from.noun(), id), at) {
                match running {
                    None if fact.event() == from => running = Some(fact.at),
                    Some(from) if fact.event() == to => {
                        stretches.push(Stretch { id, from, until: Some(fact.at) });
                        running = None;
                    }
                    _ => {}
                }
            }
            stretches.extend(running.map(|from| Stretch { id, from, until: None }));
        }
        stretches
    }
}

/// A stretch between two events about one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch<'f> {
    /// The thing.
    pub(crate) id: &'f Slug,
    /// From when.
    pub(crate) from: Instant,
    /// Until when, if it is over.
    pub(crate) until: Option<Instant>,
}

impl Stretch<'_> {
    /// As a span; what is not over lasts for ever.
    pub(crate) fn span(&self) -> Span {
        Span { start: self.from, end: self.until.unwrap_or(Instant::MAX) }
    }
}

/// Those of sorted facts that have happened `at`.
pub(crate) fn until<'s, 'f>(sorted: &'s [&'f Fact], at: Instant) -> &'s [&'f Fact] {
    &sorted[..sorted.partition_point(|fact| fact.at <= at)]
}
