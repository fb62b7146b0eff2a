//! One client's live model: what its facts come to, kept up as they come in, so that nobody reads a year of them for a page.
//!
//! Nothing here is a truth of its own. A book is read from the journal, entry by entry, and can be thrown away at any moment.
//! Obligations are not kept either, only when each subject changes next; they are evaluated when somebody asks.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{Body, CheckId, ClientId, Event, Fact, InstanceId, Noun, Slug, Subject, TicketId, VantageId};
use journal::Entry;
use promise::{
    Evaluation, Evidence, Forecast, Glimpse, History, Sight, Versions, assemble,
    obligation::{Obligation, State},
};
use spans::{Instant, Length, Month};

use super::{
    agenda::Agenda,
    beat::{self, Beats},
    certificate::{Certificate, Certificates},
    incident::CHANNEL,
    pace::Pace,
    relay::{is_news, missed_at},
    shelf::Shelf,
    vantage::{Detail, DetailOf},
};

/// How many subjects a forecast looks at: those whose due instants come first.
pub const FORECAST_SUBJECTS_MAX: usize = 200;
/// How far back "just missed" looks.
pub const MISSED_SINCE: Length = Length::from_hours(48);
/// The smallest step of time: what is due at an instant is late one step later.
const STEP: Length = Length::from_micros(1);

/// A client as its facts have left it.
#[derive(Debug)]
pub struct Book {
    client: ClientId,
    versions: Option<Arc<Versions>>,
    /// In order of (`at`, `recorded_at`, `id`): everything but observations and what is about tickets.
    rest: Arc<Vec<Fact>>,
    /// By ticket, what is about it, its appeals and its escalations, in the same order.
    tickets: BTreeMap<Slug, Vec<Fact>>,
    /// The ticket of an appeal or an escalation.
    ticket_of: BTreeMap<(Noun, Slug), Slug>,
    sight: Sight,
    beats: Beats,
    paces: BTreeMap<InstanceId, Pace>,
    certificates: BTreeMap<InstanceId, Certificates>,
    /// What was told of each newest look and is not on record: lost when the book is read again, until the next look.
    details: BTreeMap<DetailOf, (Instant, Detail)>,
    /// When each subject has to be evaluated again though nothing happens.
    wake: Agenda<Subject>,
    /// When the next open obligation of each subject falls due.
    due: Agenda<Subject>,
    /// When each subject missed something last, within [`MISSED_SINCE`] of when it was evaluated last.
    missed: Agenda<Subject>,
    /// By instance, the incident that monitoring opened for it last.
    incidents: BTreeMap<InstanceId, (Instant, Slug)>,
    stale: Stale,
    /// The next turn of a month, at which obligations of a period begin.
    month_ends: Instant,
    seq: u64,
    recorded: Instant,
    instances_seen: BTreeSet<InstanceId>,
}

/// What has to be evaluated again.
#[derive(Debug, Default)]
struct Stale {
    all: bool,
    tickets: BTreeSet<Slug>,
}

/// What time alone brings next about one subject.
#[derive(Debug, Default)]
struct Moments {
    /// When it has to be evaluated again.
    wake: Option<Instant>,
    /// When the next of its open obligations falls due.
    due: Option<Instant>,
    /// When it missed something last.
    missed: Option<Instant>,
}

impl Moments {
    fn see(&mut self, obligation: &Obligation, now: Instant) {
        let sooner = |a: Option<Instant>, b: Instant| Some(a.map_or(b, |a| a.min(b)));
        // What is due at an instant is in time at it, and late after it.
        if let Some(next) = obligation.next_moment(now - STEP) {
            self.wake = sooner(self.wake, next + STEP);
        }
        if let State::Running { due } = obligation.state {
            self.due = sooner(self.due, due);
        }
        let of_late = missed_at(obligation).filter(|at| now - MISSED_SINCE <= *at);
        self.missed = self.missed.max(of_late);
    }
}

/// Whether a book can go on after an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goes {
    On,
    /// What came before has to be read again, under the agreement that is in force now.
    Again,
}

impl Book {
    pub(crate) fn new(client: ClientId) -> Book {
        Book {
            client,
            versions: None,
            rest: Arc::default(),
            tickets: BTreeMap::new(),
            ticket_of: BTreeMap::new(),
            sight: Sight::default(),
            beats: Beats::default(),
            paces: BTreeMap::new(),
            certificates: BTreeMap::new(),
            details: BTreeMap::new(),
            wake: Agenda::default(),
            due: Agenda::default(),
            missed: Agenda::default(),
            incidents: BTreeMap::new(),
            stale: Stale::default(),
            month_ends: Instant::MIN,
            seq: 0,
            recorded: Instant::MIN,
            instances_seen: BTreeSet::new(),
        }
    }

    /// As [`Book::new`], where the agreement is known from entries that will be read again.
    pub(crate) fn under(client: ClientId, versions: Option<Arc<Versions>>) -> Book {
        Book { versions, ..Book::new(client) }
    }

    /// The client.
    pub fn client(&self) -> &ClientId {
        &self.client
    }

    /// The agreement's versions; none before one was activated whose file is at hand.
    pub fn versions(&self) -> Option<&Arc<Versions>> {
        self.versions.as_ref()
    }

    /// The number of the last entry read.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// When the last fact was recorded.
    pub(crate) fn recorded(&self) -> Instant {
        self.recorded
    }

    /// Reads the next entry.
    pub(crate) fn read(&mut self, entry: Entry, shelf: &Shelf) -> Goes {
        self.seq = entry.seq;
        let fact = entry.fact;
        self.recorded = self.recorded.max(fact.recorded_at);
        if let Body::CheckDefined(check) = &fact.body {
            beat::note(&mut self.beats, &fact, check);
        }
        match &fact.body {
            Body::CheckObserved(seen) => {
                self.paces.entry(seen.instance.clone()).or_default().read(seen);
                if seen.certificate_ends.is_some() {
                    self.certificates.entry(seen.instance.clone()).or_default().read(seen);
                }
                self.instances_seen.insert(seen.instance.clone());
                return self.look(&fact);
            }
            Body::CheckDefined(check) => {
                self.instances_seen.insert(check.instance.clone());
                let _ = self.look(&fact);
            }
            _ => {}
        }
        let activates = fact.event() == Event::AgreementActivated;
        self.keep(fact);
        if activates { self.activate(shelf) } else { Goes::On }
    }

    fn look(&mut self, fact: &Fact) -> Goes {
        let Some(versions) = &self.versions else { return Goes::On };
        self.sight.read(fact, versions.latest().terms());
        Goes::On
    }

    fn activate(&mut self, shelf: &Shelf) -> Goes {
        let terms = shelf.of(&self.client).map(|paper| paper.terms.clone());
        let before = self.versions.as_ref().map_or(0, |versions| versions.iter().count());
        let versions = Versions::activated(terms, self.rest.iter());
        let now = versions.as_ref().map_or(0, |versions| versions.iter().count());
        // Where this one's file is not at hand, what is known from the entries to come stays known: read again it would be
        // found out again, and read again for ever.
        if let Some(versions) = versions {
            self.versions = Some(Arc::new(versions));
        }
        self.stale.all = true;
        // What was seen before the first agreement has not been read by anybody.
        if before == 0 && now > 0 && !self.instances_seen.is_empty() { Goes::Again } else { Goes::On }
    }

    fn keep(&mut self, fact: Fact) {
        match self.ticket_of(&fact) {
            Some(ticket) => {
                self.note_incident(&fact);
                self.stale.tickets.insert(ticket.clone());
                let subject = fact.body.subject();
                if subject.noun != Noun::Ticket {
                    self.ticket_of.insert((subject.noun, subject.id), ticket.clone());
                }
                insert(self.tickets.entry(ticket).or_default(), fact);
            }
            None => {
                self.stale.all = true;
                insert(Arc::make_mut(&mut self.rest), fact);
            }
        }
    }

    fn note_incident(&mut self, fact: &Fact) {
        let Body::RequestReceived(request) = &fact.body else { return };
        let Some(instance) = request.instance.as_ref().filter(|_| request.channel == CHANNEL) else { return };
        let opened = (fact.at, request.ticket.0.clone());
        let last = self.incidents.entry(instance.clone()).or_insert_with(|| opened.clone());
        *last = opened.max(last.clone());
    }

    /// The ticket that a fact is about, directly or through an appeal or an escalation.
    fn ticket_of(&self, fact: &Fact) -> Option<Slug> {
        let (own, linked) = promise::ticket::subjects(fact);
        match own.noun {
            Noun::Ticket => Some(own.id),
            _ => linked.map(|ticket| ticket.id).or_else(|| self.ticket_of.get(&(own.noun, own.id)).cloned()),
        }
    }

    /// Evaluates what has changed or is due, and gives what is news of it, and perhaps more. Afterwards [`Book::next_moment`]
    /// is later than `now`.
    pub(crate) fn settle(&mut self, now: Instant) -> Vec<Obligation> {
        let Some(versions) = self.versions.clone() else { return Vec::new() };
        if self.stale.all || self.month_ends <= now {
            return self.settle_all(&versions, now);
        }
        let mut tickets = std::mem::take(&mut self.stale.tickets);
        let (woken, others): (Vec<_>, Vec<_>) =
            self.wake.due(now).into_iter().partition(|subject| subject.noun == Noun::Ticket);
        tickets.extend(woken.into_iter().map(|subject| subject.id));
        let mut settled = self.settle_others(&versions, &others, now);
        for ticket in tickets {
            let obligations = self.ticket_obligations(&versions, &ticket, now);
            self.note(&Subject { noun: Noun::Ticket, id: ticket }, &obligations, now);
            settled.extend(obligations);
        }
        settled
    }

    /// What time alone changed about anything but tickets.
    fn settle_others(&mut self, versions: &Versions, subjects: &[Subject], now: Instant) -> Vec<Obligation> {
        if subjects.is_empty() {
            return Vec::new();
        }
        let history = self.history_of_others();
        let found: Vec<Vec<Obligation>> =
            subjects.iter().map(|subject| history.obligations_of(versions, subject, now)).collect();
        for (subject, obligations) in subjects.iter().zip(&found) {
            self.note(subject, obligations, now);
        }
        found.into_iter().flatten().collect()
    }

    /// Everything again, one subject at a time: of a million obligations only what is news is held.
    fn settle_all(&mut self, versions: &Versions, now: Instant) -> Vec<Obligation> {
        self.stale = Stale::default();
        let mut moments: BTreeMap<Subject, Moments> = BTreeMap::new();
        let mut news = Vec::new();
        self.history().each_subject(versions, now, |obligations| {
            for obligation in obligations {
                let subject = self.agenda_subject(&obligation.subject);
                moments.entry(subject).or_default().see(&obligation, now);
                news.extend(is_news(&obligation, now).then_some(obligation));
            }
        });
        (self.wake, self.due, self.missed) = (Agenda::default(), Agenda::default(), Agenda::default());
        for (subject, next) in moments {
            self.come_back(&subject, &next);
        }
        let zone = versions.latest().agreement().months_in();
        self.month_ends = Month::of(now, &zone).span(&zone).end;
        news
    }

    /// Appeals and escalations are evaluated with their ticket.
    fn agenda_subject(&self, subject: &Subject) -> Subject {
        match self.ticket_of.get(&(subject.noun, subject.id.clone())) {
            Some(ticket) => Subject { noun: Noun::Ticket, id: ticket.clone() },
            None => subject.clone(),
        }
    }

    fn note(&mut self, subject: &Subject, obligations: &[Obligation], now: Instant) {
        let mut next = Moments::default();
        obligations.iter().for_each(|obligation| next.see(obligation, now));
        self.come_back(subject, &next);
    }

    fn come_back(&mut self, subject: &Subject, next: &Moments) {
        self.wake.set(subject, next.wake);
        self.due.set(subject, next.due);
        self.missed.set(subject, next.missed);
    }

    /// When something changes next though nothing happens.
    pub fn next_moment(&self) -> Option<Instant> {
        let month = (self.versions.is_some()).then_some(self.month_ends);
        self.wake.first().into_iter().chain(month).min()
    }

    /// Subjects with something that is due.
    pub fn open_subjects(&self) -> usize {
        self.due.len()
    }

    /// Everything that happened, with what observations came to.
    pub fn history(&self) -> History<'_> {
        History::new(self.rest.iter().chain(self.tickets.values().flatten())).with_sight(&self.sight)
    }

    /// What is about anything but tickets, which no rule about anything else looks at; `tests/it/replays.rs` holds it against whole
    /// evaluations.
    fn history_of_others(&self) -> History<'_> {
        History::new(self.rest.iter()).with_sight(&self.sight)
    }

    /// What was known before an act and what it may look at: `before` are the facts of the same act that come first.
    pub(crate) fn history_with<'b>(&'b self, act: &Fact, before: &'b [Fact]) -> History<'b> {
        match self.ticket_of(act) {
            Some(ticket) => {
                let own = self.tickets.get(&ticket).map_or(&[][..], Vec::as_slice);
                let rest = self.rest.iter().filter(|fact| concerns_tickets(fact.event()));
                History::new(rest.chain(own).chain(before))
            }
            None => History::new(self.rest.iter().chain(self.tickets.values().flatten()).chain(before)),
        }
    }

    /// What is about one ticket, and whatever else its obligations may look at.
    pub(crate) fn history_of(&self, ticket: &Slug) -> History<'_> {
        let own = self.tickets.get(ticket).map_or(&[][..], Vec::as_slice);
        History::new(self.rest.iter().filter(|fact| concerns_tickets(fact.event())).chain(own))
    }

    /// The obligations about one ticket, its appeals and its escalations, at `now`.
    pub fn of_ticket(&self, ticket: &TicketId, now: Instant) -> Vec<Obligation> {
        let Some(versions) = &self.versions else { return Vec::new() };
        self.ticket_obligations(versions, &ticket.0, now)
    }

    fn ticket_obligations(&self, versions: &Versions, ticket: &Slug, now: Instant) -> Vec<Obligation> {
        let history = self.history_of(ticket);
        let own = Subject { noun: Noun::Ticket, id: ticket.clone() };
        let mut subjects = BTreeSet::from([own]);
        subjects.extend(self.facts_of(ticket).iter().map(|fact| fact.body.subject()));
        subjects.iter().flat_map(|subject| history.obligations_of(versions, subject, now)).collect()
    }

    /// What is about a ticket, in order; nothing where there is none of that name.
    pub fn facts_of(&self, ticket: &Slug) -> &[Fact] {
        self.tickets.get(ticket).map_or(&[], Vec::as_slice)
    }

    /// The incident that monitoring opened last for an instance, with what is about it.
    pub(super) fn last_incident(&self, instance: &InstanceId) -> Option<(&Slug, &[Fact])> {
        let (_, ticket) = self.incidents.get(instance)?;
        Some((ticket, self.facts_of(ticket)))
    }

    /// Every ticket with its facts, by name.
    pub fn tickets(&self) -> impl Iterator<Item = (&Slug, &[Fact])> {
        self.tickets.iter().map(|(ticket, facts)| (ticket, facts.as_slice()))
    }

    /// Everything that is not about tickets, in order, but for observations.
    pub fn facts(&self) -> &[Fact] {
        &self.rest
    }

    /// Every heartbeat there was.
    pub(super) fn beats(&self) -> &Beats {
        &self.beats
    }

    /// The whole evaluation `at`; none before an agreement is in force.
    pub fn evaluation(&self, at: Instant) -> Option<Evaluation<'_>> {
        let versions = self.versions.as_deref()?;
        let obligations = self.history().obligations(versions, at);
        Some(self.assembled(versions, obligations, at))
    }

    /// What will be missed next, soonest first.
    pub fn forecast(&self, now: Instant) -> Vec<Forecast> {
        let Some(versions) = self.versions.as_deref() else { return Vec::new() };
        let soon: Vec<&Subject> =
            self.due.soonest().map(|(_, subject)| subject).take(FORECAST_SUBJECTS_MAX).collect();
        let obligations = self.obligations_of(versions, soon, now);
        self.assembled(versions, obligations, now).forecast()
    }

    /// What was not done in time within [`MISSED_SINCE`], with the instant of the miss. Only subjects that missed something are
    /// evaluated for it.
    pub(crate) fn missed_of_late(&self, now: Instant) -> Vec<(Instant, Obligation)> {
        let Some(versions) = self.versions.as_deref() else { return Vec::new() };
        let since = now - MISSED_SINCE;
        let subjects = self.missed.from(since).map(|(_, subject)| subject);
        let obligations = self.obligations_of(versions, subjects.collect(), now).into_iter();
        let missed = obligations.filter_map(|obligation| Some((missed_at(&obligation)?, obligation)));
        missed.filter(|(at, _)| since <= *at).collect()
    }

    fn obligations_of(&self, versions: &Versions, subjects: Vec<&Subject>, now: Instant) -> Vec<Obligation> {
        let others =
            subjects.iter().any(|subject| subject.noun != Noun::Ticket).then(|| self.history_of_others());
        let of = |subject: &Subject| match &others {
            Some(history) if subject.noun != Noun::Ticket => history.obligations_of(versions, subject, now),
            _ => self.ticket_obligations(versions, &subject.id, now),
        };
        subjects.into_iter().flat_map(of).collect()
    }

    /// An obligation by its [`Obligation::key`], as it stands; every one of the client is evaluated for it.
    pub fn obligation(&self, key: &str, now: Instant) -> Option<Obligation> {
        let versions = self.versions.as_deref()?;
        self.history().obligations(versions, now).into_iter().find(|obligation| obligation.key() == key)
    }

    fn assembled<'b>(
        &'b self,
        versions: &'b Versions,
        obligations: Vec<Obligation>,
        at: Instant,
    ) -> Evaluation<'b> {
        let happened = self.rest.partition_point(|fact| fact.at <= at);
        let facts = match happened == self.rest.len() {
            true => Arc::clone(&self.rest),
            false => Arc::new(self.rest[..happened].to_vec()),
        };
        assemble(versions, facts, obligations, &|instance, terms| self.evidence(instance, terms), at)
    }

    /// What was seen of an instance so far.
    pub fn evidence(&self, instance: &InstanceId, terms: &agreement::Terms) -> Evidence {
        self.sight.evidence(instance, terms)
    }

    /// The newest answers of an instance, by vantage point.
    pub fn glimpses(&self, instance: &InstanceId) -> Vec<Glimpse<'_>> {
        let Some(versions) = self.versions.as_deref() else { return Vec::new() };
        self.sight.glimpses(instance, versions.latest().terms()).collect()
    }

    /// The certificate that an instance last showed to whoever asks this from there.
    pub fn certificate(
        &self,
        instance: &InstanceId,
        check: &CheckId,
        vantage: &VantageId,
    ) -> Option<Certificate> {
        self.certificates.get(instance)?.get(check, vantage)
    }

    /// Takes in what was told of a look, where it is the newest.
    pub(super) fn detail(&mut self, of: DetailOf, at: Instant, detail: Detail) {
        if self.details.get(&of).is_none_or(|(known, _)| *known <= at) {
            self.details.insert(of, (at, detail));
        }
    }

    /// What was told of the look of that instant, beside what is on record; nothing once this process has begun anew.
    pub(super) fn detail_of(
        &self,
        instance: &InstanceId,
        check: &CheckId,
        vantage: &VantageId,
        at: Instant,
    ) -> Option<&Detail> {
        let of = (instance.clone(), check.clone(), vantage.clone());
        self.details.get(&of).filter(|(known, _)| *known == at).map(|(_, detail)| detail)
    }

    /// How fast an instance answered in the last day.
    pub fn pace(&self, instance: &InstanceId) -> Option<&Pace> {
        self.paces.get(instance)
    }

    /// The instances whose results came out of order, to be read again.
    pub(crate) fn torn(&self) -> Vec<InstanceId> {
        self.instances_seen.iter().filter(|instance| self.sight.is_torn(instance)).cloned().collect()
    }

    pub(crate) fn reread(&mut self, instance: &InstanceId, facts: &[Fact]) {
        if let Some(versions) = &self.versions {
            self.sight.reread(instance, facts, versions.latest().terms());
        }
    }
}

fn insert(facts: &mut Vec<Fact>, fact: Fact) {
    let key = |fact: &Fact| (fact.at, fact.recorded_at, fact.id);
    let place = facts.partition_point(|other| key(other) <= key(&fact));
    facts.insert(place, fact);
}

/// Events of which there are many, and which no rule about tickets looks at; `tests/it/book.rs` holds it against whole evaluations.
fn concerns_tickets(event: Event) -> bool {
    !matches!(
        event,
        Event::BackupTaken
            | Event::BackupDeleted
            | Event::InstanceVersionSeen
            | Event::InstanceCharged
            | Event::CheckDefined
            | Event::ThresholdCrossed
            | Event::AlertSent
            | Event::StatementPublished
            | Event::ReleasePublished
    )
}
