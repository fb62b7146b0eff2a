//! One client's live model: what its facts come to, kept up as they come in, so that nobody reads a year of them for a page.
//!
//! Nothing here is a truth of its own. A book is read from the journal, entry by entry, and can be thrown away at any moment.
//! Obligations are not kept either, only when each subject changes next; they are evaluated when somebody asks.

mod ended;
mod held;
mod settle;

use std::{
    cell::OnceCell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use facts::{
    Body, CheckId, ClientId, Event, Fact, FactId, InstanceId, Noun, Slug, Subject, TicketId, VantageId,
};
use journal::Entry;
use promise::{
    Evaluation, Evidence, Forecast, Glimpse, History, Sight, Slow, Tempo, Versions, assemble,
    obligation::Obligation,
};
use spans::{Instant, Spans};

pub(crate) use self::ended::Ended;
pub(super) use self::held::Held;
use self::{ended::EndedTickets, held::HeldMessages, settle::Stale};
pub use self::{
    ended::{HELD_AFTER_END, Place, Recall},
    held::{HeldPlace, held_place},
    settle::{FORECAST_SUBJECTS_MAX, MISSED_SINCE},
};
use super::{
    agenda::Agenda,
    beat::{self, Beats},
    certificate::{Certificate, Certificates},
    incident::CHANNEL,
    kin::Kin,
    latency::Gathering,
    names::{ById, Names},
    pace::Pace,
    query::Line,
    shelf::Shelf,
    vantage::{Detail, DetailOf},
};

/// A client as its facts have left it.
#[derive(Debug)]
pub struct Book {
    client: ClientId,
    names: Arc<Names>,
    /// By fact at hand, the id of the person whose name stands in it.
    by: BTreeMap<FactId, Arc<str>>,
    versions: Option<Arc<Versions>>,
    /// In order of (`at`, `recorded_at`, `id`): everything but observations and what is about tickets.
    rest: Arc<Vec<Fact>>,
    /// By ticket, what is about it, its appeals and its escalations, in the same order: of those that are open and that ended of
    /// late.
    tickets: BTreeMap<Slug, Kept>,
    /// Those that ended longer ago, which lie in the journal.
    ended: EndedTickets,
    /// The ticket of an appeal or an escalation.
    ticket_of: BTreeMap<(Noun, Slug), Slug>,
    /// Which tickets hear what is said on others.
    kin: Kin,
    sight: Sight,
    beats: Beats,
    paces: BTreeMap<InstanceId, Pace>,
    tempos: BTreeMap<InstanceId, BTreeMap<CheckId, Tempo>>,
    gathering: Gathering,
    certificates: BTreeMap<InstanceId, Certificates>,
    /// What was told of each newest look and is not on record: lost when the book is read again, until the next look.
    details: BTreeMap<DetailOf, (Instant, Detail)>,
    /// When each subject has to be evaluated again though nothing happens.
    wake: Agenda<Subject>,
    /// When the next open obligation of each subject falls due.
    due: Agenda<Subject>,
    /// When each subject missed something last, within [`MISSED_SINCE`] of when it was evaluated last.
    missed: Agenda<Subject>,
    /// Feature requests that were logged for consideration.
    wishes: BTreeSet<Slug>,
    /// Messages of people who are no contacts.
    held: HeldMessages,
    /// By instance, the incident that monitoring opened for it last.
    incidents: BTreeMap<InstanceId, (Instant, Slug)>,
    /// The instances about which vantage points differ now, and whether the provider was told of it.
    pub(super) differing: BTreeMap<InstanceId, bool>,
    /// When the provider was told last that they differ.
    pub(super) differences_told: Option<Instant>,
    stale: Stale,
    /// As of when it was settled last.
    settled: Instant,
    /// The next turn of a month, at which obligations of a period begin.
    month_ends: Instant,
    seq: u64,
    recorded: Instant,
    instances_seen: BTreeSet<InstanceId>,
}

/// A ticket in memory.
#[derive(Debug, Default)]
struct Kept {
    /// In order.
    facts: Vec<Fact>,
    /// Its line in a list, from when somebody asked until something changes.
    line: OnceCell<Option<Line>>,
    /// What of it will be missed, likewise.
    soon: OnceCell<Vec<Forecast>>,
    /// What of it was missed, and when, likewise.
    late: OnceCell<Vec<(Instant, Arc<Obligation>)>>,
}

impl Kept {
    fn forget_line(&mut self) {
        self.line.take();
        self.soon.take();
        self.late.take();
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
    pub(crate) fn new(client: ClientId, names: &Arc<Names>) -> Book {
        Book {
            client,
            names: Arc::clone(names),
            by: BTreeMap::new(),
            versions: None,
            rest: Arc::default(),
            tickets: BTreeMap::new(),
            ended: EndedTickets::default(),
            ticket_of: BTreeMap::new(),
            kin: Kin::default(),
            sight: Sight::default(),
            beats: Beats::default(),
            paces: BTreeMap::new(),
            tempos: BTreeMap::new(),
            gathering: Gathering::default(),
            certificates: BTreeMap::new(),
            details: BTreeMap::new(),
            wake: Agenda::default(),
            due: Agenda::default(),
            missed: Agenda::default(),
            wishes: BTreeSet::new(),
            held: HeldMessages::default(),
            incidents: BTreeMap::new(),
            differing: BTreeMap::new(),
            differences_told: None,
            stale: Stale::default(),
            settled: Instant::MIN,
            month_ends: Instant::MIN,
            seq: 0,
            recorded: Instant::MIN,
            instances_seen: BTreeSet::new(),
        }
    }

    /// As [`Book::new`], where the agreement is known from entries that will be read again.
    pub(crate) fn under(client: ClientId, names: &Arc<Names>, versions: Option<Arc<Versions>>) -> Book {
        Book { versions, ..Book::new(client, names) }
    }

    /// What somebody is called who has this id.
    pub(crate) fn name_of(&self, id: &str) -> String {
        self.names.of(id)
    }

    /// These people are called so now.
    pub(crate) fn renamed(&mut self, renamed: &ById) {
        let by = &mut self.by;
        let mut put = |fact: &mut Fact| {
            // Somebody may have acted before the name was known: then the id stands there.
            let id = by.get(&fact.id).map_or(fact.actor.id.as_str(), |id| id);
            let Some((id, name)) = renamed.get_key_value(id) else { return };
            fact.actor.id.clone_from(name);
            by.insert(fact.id, Arc::clone(id));
        };
        Arc::make_mut(&mut self.rest).iter_mut().for_each(&mut put);
        self.held.renamed(&mut put);
        for kept in self.tickets.values_mut() {
            kept.facts.iter_mut().for_each(&mut put);
            // Whoever has a ticket is named in its line.
            kept.forget_line();
        }
        self.forget_ended_lines();
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
        self.gathering.read(&entry);
        let mut fact = entry.fact;
        let by = self.names.put_into(&mut fact);
        self.recorded = self.recorded.max(fact.recorded_at);
        if let Body::CheckDefined(check) = &fact.body {
            beat::note(&mut self.beats, &fact, check);
        }
        match &fact.body {
            Body::CheckObserved(seen) => {
                self.paces.entry(seen.instance.clone()).or_default().read(seen);
                if let Some(tempo) =
                    self.tempos.get_mut(&seen.instance).and_then(|of| of.get_mut(&seen.check))
                {
                    tempo.read(seen);
                }
                if seen.certificate_ends.is_some() {
                    self.certificates.entry(seen.instance.clone()).or_default().read(seen);
                }
                self.instances_seen.insert(seen.instance.clone());
                return self.look(&fact);
            }
            Body::CheckDefined(check) => {
                self.instances_seen.insert(check.instance.clone());
                let tempos = self.tempos.entry(check.instance.clone()).or_default();
                if !check.objectives.is_empty() || tempos.contains_key(&check.check) {
                    tempos.entry(check.check.clone()).or_default().define(check, fact.at);
                }
                let _ = self.look(&fact);
            }
            Body::CheckEnded(ended) => {
                beat::end(&mut self.beats, &fact, ended);
                let tempo = self.tempos.get_mut(&ended.instance).and_then(|of| of.get_mut(&ended.check));
                tempo.into_iter().for_each(|tempo| tempo.end(fact.at));
                let _ = self.look(&fact);
            }
            _ => {}
        }
        self.by.extend(by.map(|id| (fact.id, id)));
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
        self.held.note(&fact);
        match self.ticket_of(&fact) {
            Some(ticket) => {
                if fact.event() == Event::WishLogged {
                    self.wishes.insert(ticket.clone());
                }
                self.note_incident(&fact);
                self.kin.note(&ticket, &fact);
                for listener in self.kin.listeners(&ticket) {
                    self.tickets.get_mut(&listener).into_iter().for_each(Kept::forget_line);
                    self.stale.tickets.insert(listener);
                }
                self.stale.tickets.insert(ticket.clone());
                let subject = fact.body.subject();
                if subject.noun != Noun::Ticket {
                    self.ticket_of.insert((subject.noun, subject.id), ticket.clone());
                }
                self.ended.note_entry(self.seq, &ticket, &fact);
                let kept = self.tickets.entry(ticket.clone()).or_default();
                kept.forget_line();
                insert(&mut kept.facts, fact);
                self.note_end(&ticket);
            }
            None if concerns_tickets(fact.event()) => {
                self.stale.all = true;
                insert(Arc::make_mut(&mut self.rest), fact);
            }
            None => {
                self.stale.others = true;
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

    /// Every call of the tickets at hand, by name.
    pub(super) fn pages(&self) -> impl Iterator<Item = &Slug> {
        self.ticket_of.keys().filter(|(noun, _)| *noun == Noun::Page).map(|(_, page)| page)
    }

    /// The ticket of something that is about one, such as an escalation.
    pub(super) fn ticket_of_subject(&self, subject: &Subject) -> Option<Slug> {
        self.ticket_of.get(&(subject.noun, subject.id.clone())).cloned()
    }

    /// The ticket of a call.
    pub(super) fn ticket_of_page(&self, page: &Slug) -> Option<&Slug> {
        self.ticket_of.get(&(Noun::Page, page.clone()))
    }

    /// The ticket that a fact is about, directly or through an appeal or an escalation.
    pub(crate) fn ticket_of(&self, fact: &Fact) -> Option<Slug> {
        let (own, linked) = promise::ticket::subjects(fact);
        match own.noun {
            Noun::Ticket => Some(own.id),
            _ => linked.map(|ticket| ticket.id).or_else(|| self.ticket_of.get(&(own.noun, own.id)).cloned()),
        }
    }

    /// Everything that happened, with what observations came to.
    pub fn history(&self) -> History<'_> {
        History::new(self.rest.iter().chain(self.ticket_facts())).with_sight(&self.sight)
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
                let about = [ticket.clone()].into_iter().chain(self.kin.asked_about(&ticket, act));
                let about = about.filter_map(|ticket| self.tickets.get(&ticket)).flat_map(|kept| &kept.facts);
                let rest = self.rest.iter().filter(|fact| concerns_tickets(fact.event()));
                History::new(rest.chain(about).chain(before))
            }
            None => History::new(self.rest.iter().chain(self.ticket_facts()).chain(before)),
        }
    }

    /// What is about one ticket, and whatever else its obligations may look at.
    pub(crate) fn history_of(&self, ticket: &Slug) -> History<'_> {
        let about = [ticket.clone()].into_iter().chain(self.kin.heard_from(ticket));
        let about = about.filter_map(|ticket| self.tickets.get(&ticket)).flat_map(|kept| &kept.facts);
        History::new(self.rest.iter().filter(|fact| concerns_tickets(fact.event())).chain(about))
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

    /// What is about a ticket, in order; nothing where there is none of that name, or it ended long ago and is not asked for
    /// ([`Recall`]).
    pub fn facts_of(&self, ticket: &Slug) -> &[Fact] {
        self.tickets.get(ticket).map_or(&[], |kept| &kept.facts)
    }

    /// A ticket's line in a list, evaluated when something about it has changed; none where it lies in the journal and
    /// was not looked at of late.
    pub(crate) fn line(&self, ticket: &Slug, now: Instant) -> Option<Line> {
        let Some(kept) = self.tickets.get(ticket) else { return self.ended_line(ticket, now).cloned() };
        if kept.facts.last().is_some_and(|last| now < last.at) {
            return self.new_line(ticket, &kept.facts, now);
        }
        kept.line.get_or_init(|| self.new_line(ticket, &kept.facts, now)).clone()
    }

    fn ticket_facts(&self) -> impl Iterator<Item = &Fact> {
        self.tickets.values().flat_map(|kept| &kept.facts)
    }

    /// The incident that monitoring opened last for an instance, with what is about it.
    pub(super) fn last_incident(&self, instance: &InstanceId) -> Option<(&Slug, &[Fact])> {
        let (_, ticket) = self.incidents.get(instance)?;
        self.tickets.get(ticket).map(|kept| (ticket, kept.facts.as_slice()))
    }

    /// Feature requests that were logged for consideration, wherever they lie, the newest first (SH-ACK-04).
    pub(super) fn wishes(&self) -> Vec<Slug> {
        let mut wishes: Vec<&Slug> = self.wishes.iter().collect();
        wishes.sort_by_cached_key(|ticket| Reverse((self.received(ticket), *ticket)));
        wishes.into_iter().cloned().collect()
    }

    /// Every ticket in memory with its facts, by name: those that are open, and that ended of late.
    pub fn tickets(&self) -> impl Iterator<Item = (&Slug, &[Fact])> {
        self.tickets.iter().map(|(ticket, kept)| (ticket, kept.facts.as_slice()))
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

    /// The evaluation `at` without anybody's obligations: what was measured, and what of it counts.
    pub(super) fn measured(&self, at: Instant) -> Option<Evaluation<'_>> {
        self.versions.as_deref().map(|versions| self.assembled(versions, Vec::new(), at))
    }

    /// An obligation by its [`Obligation::key`], as it stands. Only those of its ticket are evaluated for it; of what is about no
    /// ticket, those that are about none.
    pub fn obligation(&self, key: &str, now: Instant) -> Option<Obligation> {
        let versions = self.versions.as_deref()?;
        let all = match self.ticket_in(key) {
            Some(ticket) => self.ticket_obligations(versions, &ticket, now),
            None => self.history_of_others().obligations(versions, now),
        };
        all.into_iter().find(|obligation| obligation.key() == key)
    }

    /// The ticket that a key names, or that something is about which it names: `first-response/ticket/T-1/1`,
    /// `answer/escalation/E-1/1`.
    pub(crate) fn ticket_in(&self, key: &str) -> Option<Slug> {
        let mut parts = key.split('/').skip(1);
        let (noun, id) = (parts.next()?, parts.next()?.parse::<Slug>().ok()?);
        if noun == Noun::Ticket.name() {
            return Some(id);
        }
        let mut about = self.ticket_of.iter().filter(|((_, known), _)| *known == id);
        about.find(|((known, _), _)| known.name() == noun).map(|(_, ticket)| ticket.clone())
    }

    /// The evaluation of figures alone `at`: nobody's obligations are in it. None before an agreement is in force.
    pub(super) fn figures(&self, at: Instant) -> Option<Evaluation<'_>> {
        Some(self.assembled(self.versions.as_deref()?, Vec::new(), at))
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

    /// What was seen so far.
    pub(super) fn sight(&self) -> &Sight {
        &self.sight
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

    /// The objectives of response times that an instance misses now, by check.
    pub fn slow(&self, instance: &InstanceId, now: Instant) -> Vec<(CheckId, Slow)> {
        let tempos = self.tempos.get(instance).into_iter().flatten();
        tempos
            .flat_map(|(check, tempo)| tempo.missed(now).into_iter().map(|slow| (check.clone(), slow)))
            .collect()
    }

    /// When an instance missed an objective of response times: degraded, beside up and down.
    pub fn degraded(&self, instance: &InstanceId, now: Instant) -> Spans {
        let tempos = self.tempos.get(instance).into_iter().flatten();
        tempos.fold(Spans::default(), |all, (_, tempo)| all.union(&tempo.slow(now)))
    }

    pub(super) fn gathering(&mut self) -> &mut Gathering {
        &mut self.gathering
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
            | Event::CheckEnded
            | Event::ThresholdCrossed
            | Event::AlertSent
            | Event::StatementPublished
            | Event::StatusPublished
            | Event::StatusWithdrawn
            | Event::IncidentUpdatePublished
            | Event::ReleasePublished
            | Event::MessageHeld
            | Event::MessageSettled
    )
}
