//! What was measured and nobody has told of yet: that systems of the page stopped answering, and that they answer again. Subscribers are
//! told of it as the page tells it, by itself: of what lasted long enough to be listed there, and of one moment in one letter.

use std::collections::BTreeMap;

use desk::public::{Event, PublicLetter};
use facts::{Body, Fact, IncidentId, IncidentStage, InstanceId, Slug, StatusPublished, TicketId};
use promise::Glimpse;
use spans::{Instant, Length, Span};

use super::super::{
    Book,
    incident::{ACTOR, CHANNEL, SETTLED_AFTER, down},
    query::INCIDENT_MIN,
};

/// What comes within it is one moment, and is told in one letter.
const MOMENT: Length = Length::from_secs(30);

/// The ticket that a fact opens, opens again or ends, by which subscribers may hear of what was measured: whether they do,
/// [`Book::measured_news`] says.
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

/// What such a fact comes to for subscribers, as of now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// They are not told of it.
    Never,
    /// It is looked at again then.
    At(Instant),
    /// They are told.
    Now(Piece),
}

/// What is told of one system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    ticket: Slug,
    /// As the page calls it.
    name: String,
    what: What,
    at: Instant,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Down,
    /// Somebody ended its incident while it was down.
    StillDown,
    DownAgain,
    Up,
}

/// A fact about an incident of monitoring, with what was said before and after it.
struct Told<'b> {
    before: &'b [Fact],
    fact: &'b Fact,
    after: &'b [Fact],
}

impl Book {
    /// What such a fact comes to at `now`: nothing where the page does not show the instance, people tell of it themselves, it was over
    /// before the page lists it, or nothing about it has changed.
    pub(super) fn measured_news(&self, ticket: &TicketId, fact: &str, now: Instant) -> News {
        let facts = self.facts_of(&ticket.0);
        let Some(index) = facts.iter().rposition(|known| known.id.to_string() == fact) else {
            return News::Never;
        };
        let told = Told { before: &facts[..index], fact: &facts[index], after: &facts[index + 1..] };
        let Some((instance, name)) = self.shown_instance(facts) else { return News::Never };
        let runs = down(self, &instance, now);
        if self.people_told_of(&instance, told.began(), &runs, now) {
            return News::Never;
        }
        let found = match opens(&told.fact.body) {
            true => told.outage(&runs, now),
            false => told.end(&runs, &self.glimpses(&instance), now),
        };
        match found {
            Found::Never => News::Never,
            Found::Told(_, due) | Found::Again(due) if now < due => News::At(due),
            Found::Again(_) => News::At(now + MOMENT),
            Found::Told(what, _) => {
                News::Now(Piece { ticket: ticket.0.clone(), name, what, at: told.fact.at })
            }
        }
    }

    /// The instance of an incident of monitoring, with its name on the page.
    fn shown_instance(&self, facts: &[Fact]) -> Option<(InstanceId, String)> {
        let set = self.status_set()?.set;
        let instance = facts.iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) if request.channel == CHANNEL => request.instance.clone(),
            _ => None,
        })?;
        let shown = set.components.into_iter().find(|shown| shown.instance == instance)?;
        Some((instance, shown.name))
    }

    /// Whether people told of an incident that names the instance and was not over when it `began`: as on the page, what they tell of is
    /// not told by itself, its end included. That it is over is not told where it was still down: then its end is news.
    fn people_told_of(&self, instance: &InstanceId, began: Instant, runs: &[Span], now: Instant) -> bool {
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        let mut told: BTreeMap<&IncidentId, ByPeople> = BTreeMap::new();
        for fact in self.facts() {
            let Body::IncidentUpdatePublished(update) = &fact.body else { continue };
            let known = told.entry(&update.incident).or_default();
            known.names |= update.instances.contains(instance);
            known.over = is_over(update.stage).then(|| known.over.unwrap_or(fact.at));
        }
        let holds = |over: Instant| began <= over && down_at(runs, over, now).is_none();
        told.values().any(|told| told.names && told.over.is_none_or(holds))
    }

    /// One letter of all that is told of one moment; of one system, the last. None where there is nothing.
    pub(super) fn measured_letter(&self, set: &StatusPublished, pieces: &[Piece]) -> Option<PublicLetter> {
        let mut of_each: BTreeMap<&str, &Piece> = BTreeMap::new();
        for piece in pieces {
            let known = of_each.entry(&piece.name).or_insert(piece);
            *known = if known.at <= piece.at { piece } else { known };
        }
        let first = of_each.values().min_by_key(|piece| &piece.ticket)?;
        let said = said(of_each.values().copied());
        Some(PublicLetter {
            thread: status::public_id(&[self.client().as_str(), "thread", first.ticket.as_str()]),
            title: format!("{}: {}", set.title, said.join("; ")),
            said: format!("{}. This was measured, and is told by itself.", said.join(". ")),
            at: of_each.values().map(|piece| piece.at).max()?,
            page: super::page_path(set),
            secret: String::new(),
            asks: false,
            event: Event::IncidentUpdated,
        })
    }
}

/// An incident that people told of.
#[derive(Default)]
struct ByPeople {
    /// From when on it was over, if it is.
    over: Option<Instant>,
    /// Whether it names the instance.
    names: bool,
}

/// What a fact comes to, and when.
enum Found {
    Never,
    /// It is not known yet, and is at this instant at the earliest.
    Again(Instant),
    /// It is told from then on.
    Told(What, Instant),
}

impl Told<'_> {
    /// When it went down, by the facts.
    fn began(&self) -> Instant {
        let opened = || self.before.iter().rev().find(|fact| opens(&fact.body));
        if opens(&self.fact.body) { self.fact.at } else { opened().map_or(self.fact.at, |fact| fact.at) }
    }

    /// An outage is told once it has lasted as long as the page asks of one, whichever part of the incident that is.
    fn outage(&self, runs: &[Span], now: Instant) -> Found {
        let ended = self.after.iter().find(|fact| ends(&fact.body)).map(|fact| fact.at);
        match listed(runs, self.fact.at, ended.unwrap_or(now)) {
            Some(since) => Found::Told(self.how(runs), moment(since.max(self.fact.recorded_at))),
            None if ended.is_some() => Found::Never,
            None => {
                let current = runs.last().filter(|run| now <= run.end);
                Found::Again(moment(current.map_or(now, |run| run.start + INCIDENT_MIN)))
            }
        }
    }

    fn how(&self, runs: &[Span]) -> What {
        let first = self.before.iter().find(|fact| opens(&fact.body));
        let ended = self.before.iter().rev().find(|fact| ends(&fact.body)).map(|fact| fact.at);
        let (Some(first), Some(ended)) = (first, ended) else { return What::Down };
        match listed(runs, first.at, ended) {
            Some(_) if runs.iter().any(|run| run.contains(ended)) => What::StillDown,
            Some(_) => What::DownAgain,
            None => What::Down,
        }
    }

    /// That it answers again is told of what was told, once: that the ticket is over does not make it answer.
    fn end(&self, runs: &[Span], glimpses: &[Glimpse<'_>], now: Instant) -> Found {
        let last = self.before.iter().rev().find(|fact| opens(&fact.body) || ends(&fact.body));
        let is_over = last.is_some_and(|fact| ends(&fact.body));
        if is_over || listed(runs, self.began(), self.fact.at).is_none() {
            return Found::Never;
        }
        let Some(run) = down_at(runs, self.fact.at, now) else {
            return Found::Told(What::Up, moment(self.fact.recorded_at));
        };
        // It was down: monitoring opens it again, or it answers before a look could tell.
        if self.after.iter().any(|fact| opens(&fact.body)) {
            return Found::Never;
        }
        let up =
            |glimpse: &Glimpse<'_>| glimpse.last.outcome == facts::Outcome::Up && run.end <= glimpse.last.at;
        match glimpses.iter().any(up) {
            true => Found::Told(What::Up, moment(run.end + SETTLED_AFTER)),
            false => Found::Again(now),
        }
    }
}

/// The run in which it was down at an instant; one that goes on has no end yet.
fn down_at(runs: &[Span], at: Instant, now: Instant) -> Option<&Span> {
    runs.iter().find(|run| run.start <= at && (at < run.end || now <= run.end))
}

/// Since when the page lists one of these runs: the first that was not over at `from` and has lasted long enough at `until`.
fn listed(runs: &[Span], from: Instant, until: Instant) -> Option<Instant> {
    let mut long =
        runs.iter().filter(|run| from <= run.end && run.start + INCIDENT_MIN <= run.end.min(until));
    long.next().map(|run| run.start + INCIDENT_MIN)
}

/// The end of the moment that an instant belongs to.
fn moment(at: Instant) -> Instant {
    let length = MOMENT.as_micros();
    let over = at.as_micros().rem_euclid(length);
    if over == 0 { at } else { at + Length::from_micros(length - over) }
}

/// A sentence for each thing that is told, without its full stop.
fn said<'p>(pieces: impl Iterator<Item = &'p Piece>) -> Vec<String> {
    let mut names: BTreeMap<What, Vec<&str>> = BTreeMap::new();
    for piece in pieces {
        names.entry(piece.what).or_default().push(&piece.name);
    }
    names.iter().map(|(what, names)| format!("{} {}", listing(names), what.word(1 < names.len()))).collect()
}

/// `A`, `A and B`, `A, B and C`.
fn listing(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

impl What {
    fn word(self, several: bool) -> &'static str {
        match (self, several) {
            (What::Down, false) => "does not answer",
            (What::Down, true) => "do not answer",
            (What::StillDown, false) => "still does not answer",
            (What::StillDown, true) => "still do not answer",
            (What::DownAgain, false) => "does not answer, once more",
            (What::DownAgain, true) => "do not answer, once more",
            (What::Up, false) => "answers again",
            (What::Up, true) => "answer again",
        }
    }
}

fn opens(body: &Body) -> bool {
    matches!(body, Body::RequestReceived(_) | Body::RequestReopened(_))
}

fn ends(body: &Body) -> bool {
    matches!(body, Body::RequestResolved(_) | Body::RequestWithdrawn(_))
}
