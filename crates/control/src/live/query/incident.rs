//! Incidents: an outage with everything that is on record of it, in order of time. What monitoring opened, and what somebody
//! reported as an outage. Nothing is written for this page: it is drawn from facts.

use std::collections::{BTreeMap, BTreeSet};

use agreement::{Agreement, Binding, Party};
use facts::{
    Body, ChangeId, ClientId, Event, Fact, FactId, InstanceId, RequestReceived, Side, Slug, TicketId,
    VantageId,
};
use promise::{Timeline, obligation::State};
use spans::{Instant, Length, Span, Spans};

use crate::live::{Book, CHANNEL, Control, Place, Recall, command::ALERT_CHANNEL, notice::headline};

/// A change of the client's that began at most so long before an outage is named beside it (MP-CLI-14).
pub const CHANGE_NEAR: Length = Length::from_hours(2);
/// A run of downtime that began so long before somebody reported it is what was reported.
const REPORTED_WITHIN: Length = Length::from_hours(24);
/// The words of a request's kind or class that are an outage.
const OUTAGES: [&str; 2] = ["outage", "unusable"];

/// One line in a list of incidents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentLine {
    /// The ticket that it is.
    pub ticket: TicketId,
    /// What it is called.
    pub title: String,
    /// The instance, where one is named.
    pub instance: Option<InstanceId>,
    /// When it was opened.
    pub opened: Instant,
    /// When it was closed; none while it is open.
    pub closed: Option<Instant>,
    /// How its root cause stands.
    pub cause: RootCause,
}

/// How the root cause of an incident stands (MP-SC-INC-03).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootCause {
    /// It is not resolved yet.
    NotYet,
    /// It is resolved, and nobody owes one.
    NotOwed,
    /// It is resolved, one is owed, and none is published: an open item.
    Owed {
        /// Since when.
        since: Instant,
        /// The clauses that ask for it.
        clauses: Vec<String>,
    },
    /// It is published.
    Published {
        /// When.
        at: Instant,
    },
}

/// Something in the life of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub at: Instant,
    /// What, in a sentence.
    pub what: String,
    /// What was written with it, where everybody may read it.
    pub text: Option<String>,
    /// Which kind of thing it is: `seen`, `said`, `published`, `maintenance`, `restart` or `change`.
    pub kind: &'static str,
    /// The fact, where it is one and its text lies beside the journal.
    pub(crate) fact: Option<FactId>,
}

/// A change of the client's that began shortly before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearChange {
    /// Which.
    pub change: ChangeId,
    /// When it began.
    pub starts_at: Instant,
    /// What it is.
    pub what: Option<String>,
    /// Whether the client had announced it before it began.
    pub announced: bool,
    /// The clauses that ask for a warning; empty where the agreement asks for none.
    pub clauses: Vec<String>,
}

/// What one vantage point saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedFrom {
    /// From where.
    pub vantage: VantageId,
    /// How long it failed there.
    pub failed: Length,
    /// The first and the last failing instant.
    pub span: Span,
}

/// An incident with all that is on record of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncidentView {
    /// Its line.
    pub line: IncidentLine,
    /// What its instance is called.
    pub name: Option<String>,
    /// When it failed, from everywhere: unbroken runs.
    pub runs: Vec<Span>,
    /// Whether it fails now.
    pub failing: bool,
    /// How long it failed.
    pub down: Length,
    /// How much of that is taken out, by maintenance or a claim that stands.
    pub excluded: Length,
    /// How long nobody looked between its beginning and its end.
    pub unknown: Length,
    /// By vantage point, how long it failed there.
    pub vantages: Vec<FailedFrom>,
    /// Changes of the client's that began shortly before (MP-CLI-14).
    pub changes: Vec<NearChange>,
    /// When the next update is promised.
    pub next_update: Option<Instant>,
    /// When the provider's next answer falls due.
    pub next_due: Option<Instant>,
    /// Everything, in order.
    pub moments: Vec<Moment>,
}

impl Book {
    /// The lines of those of these tickets that are incidents, in their order.
    pub(in crate::live) fn incident_lines(&self, tickets: &[Slug], now: Instant) -> Vec<IncidentLine> {
        let lines = tickets.iter().filter_map(|ticket| self.incident_line(&TicketId(ticket.clone())));
        let stands = |line: IncidentLine| IncidentLine {
            cause: self.root_cause(&line.ticket, self.facts_of(&line.ticket.0), line.closed, now),
            ..line
        };
        lines.map(stands).collect()
    }

    /// Whether a ticket in memory is an incident.
    pub(in crate::live) fn is_incident(&self, ticket: &Slug) -> bool {
        self.incident_line(&TicketId(ticket.clone())).is_some()
    }

    /// Its line, in which the root cause is not looked at yet.
    fn incident_line(&self, ticket: &TicketId) -> Option<IncidentLine> {
        let facts = self.facts_of(&ticket.0);
        let (received, request) = reported(facts)?;
        let kind = facts.iter().rev().find_map(|fact| match &fact.body {
            Body::RequestClassified(said) => said.kind.clone(),
            _ => None,
        });
        let kind = kind.or_else(|| request.kind.clone());
        let class = facts.iter().rev().find_map(|fact| match &fact.body {
            Body::RequestClassified(said) => said.class.clone(),
            _ => None,
        });
        let class = class.or_else(|| request.class.clone());
        let is_outage = |word: &String| OUTAGES.contains(&word.as_str());
        let by_machine = [CHANNEL, ALERT_CHANNEL].contains(&request.channel.as_str());
        if !by_machine && !kind.iter().chain(&class).any(is_outage) {
            return None;
        }
        let closed = facts.iter().rev().find_map(|fact| match fact.event() {
            Event::RequestResolved | Event::RequestWithdrawn => Some(Some(fact.at)),
            Event::RequestReopened => Some(None),
            _ => None,
        });
        let closed = closed.flatten();
        Some(IncidentLine {
            title: request.title.clone().unwrap_or_else(|| ticket.to_string()),
            instance: request.instance.clone(),
            opened: received.at,
            cause: RootCause::NotYet,
            closed,
            ticket: ticket.clone(),
        })
    }

    fn root_cause(
        &self,
        ticket: &TicketId,
        facts: &[Fact],
        closed: Option<Instant>,
        now: Instant,
    ) -> RootCause {
        if let Some(fact) = facts.iter().rev().find(|fact| fact.event() == Event::RcaPublished) {
            return RootCause::Published { at: fact.at };
        }
        if closed.is_none() {
            return RootCause::NotYet;
        }
        let rules = self.versions().map(|versions| versions.latest().agreement());
        let asks = |id: &str| {
            rules.is_some_and(|agreement| {
                let rule = agreement.obligation.iter().find(|rule| rule.id == id);
                rule.and_then(|rule| rule.met_by.as_ref()).is_some_and(|met| met.event == Event::RcaPublished)
            })
        };
        let owed = self.of_ticket(ticket, now).into_iter().rev().find(|owed| asks(&owed.duty.id));
        match owed {
            Some(owed) if !matches!(owed.state, State::Met { .. } | State::Cancelled { .. }) => {
                RootCause::Owed { since: owed.started, clauses: owed.duty.clauses.clone() }
            }
            _ => RootCause::NotOwed,
        }
    }

    /// One incident; none where the ticket is none, or not in memory.
    pub fn incident(&self, ticket: &TicketId, now: Instant) -> Option<IncidentView> {
        let mut line = self.incident_line(ticket)?;
        let facts = self.facts_of(&ticket.0);
        line.cause = self.root_cause(ticket, facts, line.closed, now);
        let name = line.instance.as_ref().map(|id| {
            let known = self.instance_names().into_iter().find(|(known, _)| known == id);
            known.map_or_else(|| id.to_string(), |(_, name)| name)
        });
        let seen = line.instance.as_ref().and_then(|instance| self.outage(instance, &line, now));
        let seen = seen.unwrap_or_else(|| Outage::unseen(&line, now));
        let span = seen.span;
        let changes = self.changes_before(line.instance.as_ref(), span.start);
        let mut moments = said(facts);
        moments.extend(self.around(line.instance.as_ref(), span));
        moments.extend(changes.iter().map(change_moment));
        moments.extend(seen.moments());
        moments.extend(self.published(ticket));
        moments.sort_by_key(|moment| moment.at);
        let promised = facts.iter().rev().find_map(|fact| match &fact.body {
            Body::RequestReplied(reply) => Some(reply.next_update_by),
            _ => None,
        });
        // A nudge among the provider's own people is not promised to the client (SH-RES-02).
        let owed =
            self.of_ticket(ticket, now).into_iter().filter(|owed| owed.duty.binding != Binding::Internal);
        let due =
            owed.filter(|owed| owed.duty.party == Party::Provider).filter_map(|owed| match owed.state {
                State::Running { due } => Some(due),
                _ => None,
            });
        let open = line.closed.is_none();
        Some(IncidentView {
            name,
            failing: seen.failing,
            down: seen.runs.total(),
            excluded: seen.excluded.total(),
            unknown: seen.unknown,
            runs: seen.runs.iter().collect(),
            vantages: seen.vantages,
            changes,
            next_update: promised.flatten().filter(|_| open),
            next_due: due.min().filter(|_| open),
            moments,
            line,
        })
    }

    /// What the public was told of it, on the client's status page.
    fn published(&self, ticket: &TicketId) -> impl Iterator<Item = Moment> {
        self.facts().iter().filter_map(move |fact| match &fact.body {
            Body::IncidentUpdatePublished(update) if update.request.as_ref() == Some(ticket) => {
                Some(Moment {
                    at: fact.at,
                    what: format!("{} told the public: {}.", fact.actor.id, update.stage.name()),
                    text: Some(update.message.clone()),
                    kind: "published",
                    fact: None,
                })
            }
            _ => None,
        })
    }

    /// What was seen of an instance from the run that it was opened for to its closing.
    fn outage(&self, instance: &InstanceId, line: &IncidentLine, now: Instant) -> Option<Outage> {
        let terms = self.versions()?.latest().terms();
        let evidence = self.evidence(instance, terms);
        let ledgers = self.ledgers(now);
        let ledger = ledgers.iter().find(|ledger| ledger.instance() == instance);
        let (timeline, counted) = match ledger {
            Some(ledger) => (ledger.timeline().clone(), ledger.down().clone()),
            None => {
                let all = Spans::one(Span { start: Instant::MIN, end: now });
                let timeline = Timeline::new(all, &evidence, None);
                let down = timeline.down.clone();
                (timeline, down)
            }
        };
        let end = line.closed.unwrap_or(now).max(line.opened);
        let near = |run: &Span| run.start <= end && line.opened - REPORTED_WITHIN <= run.end;
        let first = timeline.down.iter().rfind(|run| near(run) && run.start <= line.opened);
        let start = first.map_or(line.opened, |run| run.start);
        let span = Span { start, end };
        let runs =
            Spans::from_unsorted(timeline.down.iter().filter(|run| start <= run.start && run.start <= end));
        let vantages = evidence.failed_by_vantage().into_iter().filter_map(|(vantage, failed)| {
            // A place may have failed before every other did: what it saw first is its first failure.
            let lasted = failed.iter().filter(|run| run.start < span.end && span.start < run.end);
            let failed = Spans::from_unsorted(lasted.map(|run| Span { end: run.end.min(span.end), ..run }));
            let (first, last) = (failed.iter().next()?, failed.iter().next_back()?);
            Some(FailedFrom {
                vantage,
                failed: failed.total(),
                span: Span { start: first.start, end: last.end },
            })
        });
        Some(Outage {
            span,
            vantages: vantages.collect(),
            failing: line.closed.is_none() && timeline.down.contains(now - Length::from_micros(1)),
            excluded: runs.subtract(&counted),
            unknown: timeline.unknown.measure(span.start, span.end),
            answered: runs
                .iter()
                .map(|run| run.end)
                .filter(|at| *at < now && !timeline.unknown.contains(*at) && !timeline.down.contains(*at))
                .collect(),
            runs,
        })
    }

    /// Changes of the client's that began shortly before an instant (MP-CLI-14).
    pub fn changes_before(&self, instance: Option<&InstanceId>, at: Instant) -> Vec<NearChange> {
        let agreement = self.versions().map(|versions| versions.latest().agreement());
        let clauses = agreement.map_or_else(Vec::new, warning_clauses);
        let planned = self.facts().iter().filter_map(|fact| match &fact.body {
            Body::ClientChangePlanned(planned) => Some(planned),
            _ => None,
        });
        let near = planned.filter(|planned| planned.starts_at <= at && at - CHANGE_NEAR <= planned.starts_at);
        let concerns = near.filter(|planned| {
            planned.instances.is_empty()
                || instance.is_none_or(|instance| planned.instances.contains(instance))
        });
        let announced = |change: &ChangeId, by: Instant| {
            self.facts().iter().any(|fact| {
                matches!(&fact.body, Body::ClientChangeAnnounced(told) if told.change == *change)
                    && fact.at <= by
            })
        };
        concerns
            .map(|planned| NearChange {
                change: planned.change.clone(),
                starts_at: planned.starts_at,
                what: planned.what.clone(),
                announced: announced(&planned.change, planned.starts_at),
                clauses: clauses.clone(),
            })
            .collect()
    }

    /// Maintenance and restarts while it lasted, or just before.
    fn around(&self, instance: Option<&InstanceId>, span: Span) -> Vec<Moment> {
        let Some(instance) = instance else { return Vec::new() };
        let inside = |at: Instant| span.start - CHANGE_NEAR <= at && at < span.end;
        let each = self.facts().iter().filter_map(|fact| {
            let (what, kind, at) = match &fact.body {
                Body::InstanceRestarted(restarted) if restarted.instance == *instance => {
                    (format!("{} restarted it.", fact.actor.id), "restart", fact.at)
                }
                Body::MaintenancePlanned(planned) if planned.instances.contains(instance) => {
                    if self
                        .maintenance_record(&planned.maintenance)
                        .is_none_or(|record| record.cancelled.is_some())
                    {
                        return None;
                    }
                    let what = format!("Maintenance {} was to begin.", planned.maintenance);
                    (what, "maintenance", planned.starts_at)
                }
                _ => return None,
            };
            inside(at).then_some(Moment { at, what, text: None, kind, fact: None })
        });
        each.collect()
    }
}

/// What was seen.
struct Outage {
    span: Span,
    runs: Spans,
    failing: bool,
    excluded: Spans,
    unknown: Length,
    vantages: Vec<FailedFrom>,
    /// The ends of runs at which a good answer came; another ends because nobody looked any more, or goes on.
    answered: BTreeSet<Instant>,
}

impl Outage {
    fn unseen(line: &IncidentLine, now: Instant) -> Outage {
        let span = Span { start: line.opened, end: line.closed.unwrap_or(now) };
        let (runs, excluded) = (Spans::empty(), Spans::empty());
        let (vantages, answered) = (Vec::new(), BTreeSet::new());
        Outage { span, runs, failing: false, excluded, unknown: Length::ZERO, vantages, answered }
    }

    fn moments(&self) -> impl Iterator<Item = Moment> {
        let seen = |at, what: String| Moment { at, what, text: None, kind: "seen", fact: None };
        let from = self.vantages.iter().map(move |from| {
            seen(from.span.start, format!("Its first failure was seen from {}.", from.vantage))
        });
        let edges = self.runs.iter().flat_map(move |run| {
            let end = self.answered.contains(&run.end);
            let end = end.then(|| seen(run.end, format!("It answered again, after {}.", run.length())));
            [Some(seen(run.start, "It stopped answering, from everywhere.".to_owned())), end]
                .into_iter()
                .flatten()
        });
        from.chain(edges)
    }
}

fn change_moment(change: &NearChange) -> Moment {
    let what = change.what.as_deref().unwrap_or("a change");
    let word = if change.announced { "announced" } else { "not announced" };
    Moment {
        at: change.starts_at,
        what: format!("The client's own change {} began, {word}: {what}", change.change),
        text: None,
        kind: "change",
        fact: None,
    }
}

/// The clauses of the rule by which the client warns of its changes.
fn warning_clauses(agreement: &Agreement) -> Vec<String> {
    let rules = agreement.obligation.iter().filter(|rule| rule.on.event == Event::ClientChangePlanned);
    rules.flat_map(|rule| rule.clause.ids.iter().cloned()).collect()
}

fn reported(facts: &[Fact]) -> Option<(&Fact, &RequestReceived)> {
    facts.iter().find_map(|fact| match &fact.body {
        Body::RequestReceived(request) => Some((fact, request)),
        _ => None,
    })
}

/// What was said and done about it that both sides may read.
fn said(facts: &[Fact]) -> Vec<Moment> {
    let told = facts.iter().filter(|fact| is_told(fact));
    let moment = told.map(|fact| {
        let (what, text) = match &fact.body {
            // Both sides read it here, and the turn is the client's alone.
            Body::RequestAskedClient(_) => (format!("{} asks the client something.", fact.actor.id), None),
            _ => headline(fact, &fact.actor.id),
        };
        Moment { at: fact.at, what, text, kind: "said", fact: Some(fact.id) }
    });
    moment.collect()
}

fn is_told(fact: &Fact) -> bool {
    let by_machine = fact.actor.side == Side::Provider && !fact.actor.is_person();
    match fact.event() {
        Event::RequestReceived
        | Event::RequestReplied
        | Event::RequestAskedClient
        | Event::RequestClientReplied
        | Event::RequestUpdateAsked
        | Event::RequestReprioritised
        | Event::RequestResolved
        | Event::RequestReopened
        | Event::RequestWithdrawn
        | Event::EscalationRaised
        | Event::EscalationAnswered
        | Event::RcaPublished
        | Event::ThresholdCrossed => true,
        Event::RequestStatusChanged => !by_machine,
        _ => false,
    }
}

impl Control {
    /// Incidents, the newest first, however long ago they ended: up to `limit` of those that stand after that place, `from` of them left
    /// out. What is not in memory is read from the journal.
    ///
    /// # Errors
    /// The journal's.
    pub fn incidents(
        &self,
        client: &ClientId,
        (after, from): (Option<&Place>, usize),
        limit: usize,
        now: Instant,
    ) -> journal::Result<Option<Vec<IncidentLine>>> {
        let ids = |book: &Book| book.newest_incidents(after, from, limit);
        let lines = |book: &Book| book.incident_lines(&ids(book), now);
        self.read_recalling(client, now, |book| Recall::Tickets(ids(book)), lines)
    }

    /// One incident with what was written; none where the client has none of that name.
    ///
    /// # Errors
    /// The journal's.
    pub fn incident(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        now: Instant,
    ) -> journal::Result<Option<IncidentView>> {
        let found = self.read_with(client, &ticket.into(), now, |book| book.incident(ticket, now))?;
        let Some(Some(mut view)) = found else { return Ok(None) };
        let ids: Vec<FactId> = view.moments.iter().filter_map(|moment| moment.fact).collect();
        let mut texts: BTreeMap<FactId, String> =
            self.journal().glance(|tx| tx.texts(client, ids.iter().copied()))?;
        for moment in &mut view.moments {
            let written = moment.fact.and_then(|fact| texts.remove(&fact));
            moment.text = moment.text.take().or(written);
        }
        Ok(Some(view))
    }
}
