//! Tickets: a line in a list, and one with its conversation and its clocks.

use std::collections::BTreeMap;

use agreement::{Binding, Party};
use facts::{
    Actor, Body, ClientId, Environment, Event, Fact, FactId, FileId, InstanceId, Link, Noun, PauseId,
    RequestReceived, Resolution, Side, Slug, TicketId,
};
use promise::{
    escalation::{self, Suggestion},
    guard::{Reason, allow},
    hint::{Hint, hint},
    obligation::{Obligation, Plan, State},
    ticket::{Said, turn, voided},
};
use spans::Instant;

use crate::live::{
    Book, CHANNEL, Call,
    command::{ALERT_CHANNEL, next_level, open_appeal, open_escalation, open_pause},
};

/// A ticket in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Which.
    pub ticket: TicketId,
    /// What it is about, in the requester's words.
    pub title: Option<String>,
    /// The way it came in.
    pub channel: String,
    /// The instance concerned.
    pub instance: Option<InstanceId>,
    /// Who sent it.
    pub by: String,
    /// When it was received.
    pub received: Instant,
    /// Its priority or urgency as the agreement spells it, and its class or kind, as far as anybody said them.
    pub words: Vec<(&'static str, String)>,
    /// Whose turn it is; none where it is closed.
    pub turn: Option<Party>,
    /// What falls due next, and when.
    pub next: Option<(Instant, String)>,
    /// Whether something about it was missed.
    pub missed: bool,
    /// Who of the provider's people has it: id and name.
    pub assignee: Option<(String, String)>,
    /// The provider's own words on it, which the client does not see.
    pub tags: Vec<String>,
    /// The last that somebody said or did about it.
    pub last: Instant,
    /// The ticket in which it goes on.
    pub merged_into: Option<TicketId>,
    /// Whom it is about, where the provider's people wrote it for themselves.
    pub about: Option<ClientId>,
}

impl Line {
    /// Whether monitoring opened it, or an alert of the provider's own (MP-SC-INC-02).
    pub fn is_incident(&self) -> bool {
        [CHANNEL, ALERT_CHANNEL].contains(&self.channel.as_str())
    }
}

/// Something said or done about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// The fact.
    pub fact: FactId,
    /// When.
    pub at: Instant,
    /// Who.
    pub by: String,
    /// For whom.
    pub side: Side,
    /// Whether a person did it.
    pub person: bool,
    /// What.
    pub event: Event,
    /// What was written, where it is at hand: in the fact itself, or beside the journal.
    pub text: Option<String>,
    /// Words that it set, by field: a class, a priority, the next update that it promised.
    pub words: Vec<(&'static str, String)>,
    internal: bool,
}

impl Remark {
    /// Whether the client does not see it.
    pub fn is_internal(&self) -> bool {
        self.internal
    }
}

/// A ticket with all that is known of it.
#[derive(Debug, Clone)]
pub struct TicketView {
    /// Its line.
    pub line: Line,
    /// What was said and done, in order. Texts kept beside the journal are for [`super::Control::ticket`] to add.
    pub remarks: Vec<Remark>,
    /// Its obligations with their whys.
    pub obligations: Vec<Obligation>,
    /// What the ledger suggests about it.
    pub hint: Option<Hint>,
    /// Escalations that are suggested (MP-ESC-05).
    pub escalate: Vec<String>,
    /// The reason that the first of them gives, from the agreement's list.
    pub escalate_for: Option<String>,
    /// The clauses under which they are suggested.
    pub escalate_clauses: Vec<String>,
    /// Calls about it that nobody has seen yet, and that nobody has answered (SH-SLO-06, MP-ESC-02).
    pub calls: Vec<Call>,
    /// Who is told of everything about it: ids and names.
    pub watchers: Vec<(String, String)>,
    /// The message of somebody who is no contact that it was made of (SH-DEF-11).
    pub made_of: Option<facts::HeldId>,
    /// What it has to do with others.
    pub links: Vec<(TicketId, Link)>,
    /// The files that the client's side attached: its people may take those away.
    pub files_of_client: Vec<FileId>,
    /// What the client may ask and the provider decide about it.
    pub motions: Motions,
    /// The clauses that ask P1 for a production instance, where the requester confirmed it without one (SH-DEF-17).
    pub confirmed: Option<Vec<String>>,
}

/// What one side asked about a ticket and the other has not decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Motions {
    /// An appeal against the priority (SH-CHAR-06).
    pub appeal: bool,
    /// Whether there is a changed priority to appeal against.
    pub may_appeal: bool,
    /// An escalation that nobody has answered (MP-ESC-11).
    pub escalation: bool,
    /// The rung that is called next, and who stands on it (MP-ESC-03, MP-ESC-07); none where the ladder has none.
    pub next_rung: Option<(u16, String)>,
    /// The reasons that the agreement has for escalating (MP-ESC-04..06).
    pub reasons: Vec<String>,
    /// A pause that one side claims: which side.
    pub pause_by: Option<Side>,
    /// Its id.
    pub pause: Option<Slug>,
    /// Whether a clock is paused now.
    pub paused: bool,
}

/// The field of what a resolution came to, where it solved nothing (SH-ACK-03).
pub const OUTCOME: &str = "outcome";
const FIELDS: [&str; 4] = ["priority", "urgency", "class", "kind"];

impl Book {
    /// Those that are open, of which what falls due first comes first.
    pub fn open_ticket_lines(&self, now: Instant) -> Vec<Line> {
        let open = self.tickets().filter(|(_, facts)| !is_closed(facts));
        let mut lines: Vec<Line> = open.filter_map(|(id, _)| self.line(id, now)).collect();
        lines.retain(|line| line.turn.is_some());
        lines.sort_by_key(order);
        lines
    }

    /// Whether a ticket is there and is not closed.
    pub fn is_open(&self, ticket: &TicketId) -> bool {
        let facts = self.facts_of(&ticket.0);
        !facts.is_empty() && !is_closed(facts)
    }

    /// One ticket.
    pub fn ticket(&self, ticket: &TicketId, now: Instant) -> Option<TicketView> {
        let facts = self.facts_of(&ticket.0);
        let line = self.line(&ticket.0, now)?;
        if line.about.is_some() {
            return Some(self.own_ticket(line, facts));
        }
        let obligations = self.of_ticket(ticket, now);
        let versions = self.versions()?;
        let plan = versions.at(line.received).unwrap_or_else(|| versions.latest());
        let suggested = self.escalations(&obligations, ticket, now);
        let mut escalate_clauses: Vec<String> =
            suggested.iter().flat_map(|one| one.clauses.clone()).collect();
        escalate_clauses.dedup();
        Some(TicketView {
            remarks: facts.iter().map(|fact| remark(fact, facts)).collect(),
            hint: line
                .instance
                .as_ref()
                .filter(|_| line.turn.is_some())
                .and_then(|i| self.hint(plan, i, now)),
            escalate: suggested.iter().map(|one| one.why.rule.to_string()).collect(),
            escalate_for: suggested.first().map(|one| one.reason.clone()),
            escalate_clauses,
            calls: self.calls_of(ticket).into_iter().filter(|call| !call.over).collect(),
            watchers: self.named_watchers(&ticket.0),
            made_of: self.made_of(ticket).cloned(),
            links: self.links(&ticket.0),
            files_of_client: files_of_client(facts),
            motions: motions(facts, plan),
            confirmed: self.confirmed(&ticket.0),
            obligations,
            line,
        })
    }

    /// One that the provider's people wrote for themselves: nothing is owed about it.
    fn own_ticket(&self, line: Line, facts: &[Fact]) -> TicketView {
        TicketView {
            remarks: facts.iter().map(|fact| remark(fact, facts)).collect(),
            obligations: Vec::new(),
            hint: None,
            escalate: Vec::new(),
            escalate_for: None,
            escalate_clauses: Vec::new(),
            calls: Vec::new(),
            watchers: self.named_watchers(&line.ticket.0),
            made_of: None,
            links: Vec::new(),
            files_of_client: Vec::new(),
            motions: Motions::default(),
            confirmed: None,
            line,
        }
    }

    fn named_watchers(&self, ticket: &Slug) -> Vec<(String, String)> {
        self.watchers(ticket).into_iter().map(|id| (id.clone(), self.name_of(&id))).collect()
    }

    /// Its line: open until somebody says that it is done.
    fn own_line(&self, id: &Slug, received: &Fact, request: &RequestReceived, facts: &[Fact]) -> Line {
        Line {
            ticket: TicketId(id.clone()),
            title: request.title.clone(),
            channel: request.channel.clone(),
            instance: None,
            by: received.actor.id.clone(),
            received: received.at,
            words: Vec::new(),
            turn: (!is_closed(facts)).then_some(Party::Provider),
            next: None,
            missed: false,
            assignee: self.named_assignee(id),
            tags: self.tags(id),
            last: facts.last().map_or(received.at, |last| last.at),
            merged_into: None,
            about: request.about.clone(),
        }
    }

    fn named_assignee(&self, ticket: &Slug) -> Option<(String, String)> {
        self.assignee(ticket).map(|id| (id.clone(), self.name_of(&id)))
    }

    pub(crate) fn new_line(&self, id: &Slug, facts: &[Fact], now: Instant) -> Option<Line> {
        let (received, request) = facts.iter().find_map(|fact| match &fact.body {
            Body::RequestReceived(request) => Some((fact, request)),
            _ => None,
        })?;
        if request.about.is_some() {
            return Some(self.own_line(id, received, request, facts));
        }
        let versions = self.versions()?;
        let plan = versions.at(received.at).unwrap_or_else(|| versions.latest());
        let facts: Vec<&Fact> = facts.iter().filter(|fact| fact.at <= now).collect();
        let voided = voided(&facts);
        let said = Said::after(plan, Noun::Ticket, &facts, &voided);
        let ticket = TicketId(id.clone());
        let mut obligations = self.of_ticket(&ticket, now);
        // SH-RES-02: what one's own people are nudged by is no due time, and no miss.
        obligations.retain(|owed| owed.duty.binding != Binding::Internal);
        // Of what falls due at one instant, that whose miss has a consequence is told.
        let due = |o: &Obligation| match o.state {
            State::Running { due } => Some((due, o.duty.on_miss.is_empty(), o.duty.id.clone())),
            _ => None,
        };
        let next = obligations.iter().filter_map(due).min();
        Some(Line {
            ticket,
            title: request.title.clone(),
            channel: request.channel.clone(),
            instance: request.instance.clone(),
            by: received.actor.id.clone(),
            received: received.at,
            words: FIELDS.iter().filter_map(|f| Some((*f, said.word(f)?.into_owned()))).collect(),
            turn: turn(&said),
            next: next.map(|(due, _, rule)| (due, rule)),
            missed: obligations.iter().any(Obligation::is_missed),
            assignee: self.named_assignee(id),
            tags: self.tags(id),
            last: facts.last().map_or(received.at, |last| last.at),
            merged_into: self.merged_into(id),
            about: None,
        })
    }

    /// SH-DEF-13, SH-DEF-17: an instance that fails for more than a quarter of an hour suggests that it is unusable, which in
    /// production is P1.
    fn hint(&self, plan: &Plan, instance: &InstanceId, now: Instant) -> Option<Hint> {
        let evidence = self.evidence(instance, plan.terms());
        let down = evidence.down();
        let partial = evidence.failed.intersect(&evidence.answered);
        hint(plan, (&down, &partial), self.is_production(instance), now)
    }

    fn is_production(&self, instance: &InstanceId) -> bool {
        self.environment(instance) == Some(Environment::Production)
    }

    /// Where an instance is used; none for one that nobody added.
    pub fn environment(&self, instance: &InstanceId) -> Option<Environment> {
        self.facts().iter().rev().find_map(|fact| match &fact.body {
            Body::InstanceAdded(added) if added.instance == *instance => Some(added.environment),
            _ => None,
        })
    }

    /// SH-DEF-17: the requester confirmed that it is as grave as P1 although no production instance is named. The clauses that ask
    /// for one; none where nothing was confirmed.
    pub(crate) fn confirmed(&self, ticket: &Slug) -> Option<Vec<String>> {
        let versions = self.versions()?;
        let by_person = |fact: &&Fact| fact.event() == Event::RequestReceived && fact.actor.is_person();
        let received = self.facts_of(ticket).iter().find(by_person)?;
        let refusal = allow(versions, &self.history_with(received, &[]), received).err()?;
        (refusal.reason == Reason::NotProduction).then_some(refusal.clauses)
    }

    /// What would be owed for a request that came in now and said this: the due times a form shows before it is sent.
    pub fn owed_for(&self, request: &RequestReceived, now: Instant) -> Vec<Obligation> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let fact = Fact {
            id: FactId::v7(now, [0; 10]),
            client: self.client().clone(),
            at: now,
            recorded_at: now,
            actor: Actor::client("somebody"),
            body: request.clone().into(),
        };
        promise::obligations(versions, &[fact], now)
    }

    /// MP-ESC-05, MP-ESC-06: what is suggested.
    fn escalations(&self, obligations: &[Obligation], ticket: &TicketId, now: Instant) -> Vec<Suggestion> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let history = self.history_of(&ticket.0);
        let found = escalation::suggestions(versions, &history, obligations, now);
        found.into_iter().filter(|suggestion| suggestion.ticket == *ticket).collect()
    }
}

/// Open before closed, what falls due first, the newest first.
fn order(line: &Line) -> (bool, Instant, std::cmp::Reverse<Instant>) {
    let due = line.next.as_ref().map_or(Instant::MAX, |(due, _)| *due);
    (line.turn.is_none(), due, std::cmp::Reverse(line.received))
}

/// Whether the last event that opens or closes a ticket closed it: as [`Said::is_closed`] says, without its words.
pub(crate) fn is_closed(facts: &[Fact]) -> bool {
    let last = facts.iter().rev().find_map(|fact| match fact.event() {
        Event::RequestResolved | Event::RequestWithdrawn | Event::WishLogged => Some(true),
        Event::RequestReopened => Some(false),
        _ => None,
    });
    let merged = facts.iter().rev().find_map(|fact| match fact.event() {
        Event::RequestMerged => Some(true),
        Event::RequestParted => Some(false),
        _ => None,
    });
    last.unwrap_or(false) || merged.unwrap_or(false)
}

fn motions(facts: &[Fact], plan: &Plan) -> Motions {
    let escalation = plan.agreement().escalation.as_ref();
    let level = next_level(facts);
    let rung = escalation.and_then(|rule| rule.path.iter().find(|rung| rung.level == u32::from(level)));
    let decided = |fact: &&Fact| fact.event() == Event::AppealDecided;
    let changed = facts.iter().rev().find(|fact| fact.event() == Event::RequestReprioritised);
    let paused = facts.iter().rev().find_map(|fact| match &fact.body {
        Body::RequestPaused(_) => Some(true),
        Body::RequestResumed(_) => Some(false),
        Body::PauseAgreed(agreed) if is_endless(facts, &agreed.pause) => Some(true),
        _ => None,
    });
    let open = open_pause(facts);
    let claimed = open.as_ref().and_then(|_| facts.iter().rev().find(|f| f.event() == Event::PauseClaimed));
    Motions {
        appeal: open_appeal(facts).is_some(),
        may_appeal: changed
            .is_some_and(|change| facts.iter().rev().find(decided).is_none_or(|d| d.at < change.at)),
        escalation: open_escalation(facts).is_some(),
        next_rung: rung.map(|rung| (level, rung.who.clone())),
        reasons: escalation.map_or_else(Vec::new, |rule| rule.reason.iter().map(|r| r.id.clone()).collect()),
        pause_by: claimed.map(|claim| claim.actor.side),
        pause: open,
        paused: paused.unwrap_or(false),
    }
}

/// Whether a claimed pause has no end: agreed, it lasts until the clocks are let go on after it was claimed.
fn is_endless(facts: &[Fact], id: &PauseId) -> bool {
    let endless = |fact: &&Fact| matches!(&fact.body, Body::PauseClaimed(pause) if pause.pause == *id && pause.until.is_none());
    let resumed =
        |claim: &Fact| facts.iter().any(|fact| fact.event() == Event::RequestResumed && claim.at <= fact.at);
    facts.iter().find(endless).is_some_and(|claim| !resumed(claim))
}

/// Whether the client does not hear of it: what is internal by itself, and that an internal file was taken away.
fn is_internal(fact: &Fact, about: &[Fact]) -> bool {
    let Body::FileRemoved(removed) = &fact.body else { return fact.body.is_internal() };
    about.iter().any(
        |one| matches!(&one.body, Body::FileAttached(file) if file.file == removed.file && file.internal),
    )
}

fn files_of_client(facts: &[Fact]) -> Vec<FileId> {
    let theirs = facts.iter().filter(|fact| fact.actor.side == Side::Client);
    let file = |fact: &Fact| match &fact.body {
        Body::FileAttached(attached) => Some(attached.file.clone()),
        _ => None,
    };
    theirs.filter_map(file).collect()
}

fn remark(fact: &Fact, about: &[Fact]) -> Remark {
    let text = match &fact.body {
        Body::RequestResolved(resolved) => Some(resolved.summary.clone()),
        Body::RequestReprioritised(change) => Some(change.message.clone()),
        Body::RequestClassified(said) => said.message.clone(),
        Body::ThresholdCrossed(crossed) => crossed.evidence.clone(),
        _ => None,
    };
    Remark {
        fact: fact.id,
        at: fact.at,
        by: fact.actor.id.clone(),
        side: fact.actor.side,
        person: fact.actor.is_person(),
        event: fact.event(),
        text,
        words: words(&fact.body),
        internal: is_internal(fact, about),
    }
}

fn words(body: &Body) -> Vec<(&'static str, String)> {
    let said = match body {
        Body::RequestClassified(said) => vec![("class", said.class.clone()), ("kind", said.kind.clone())],
        Body::RequestReprioritised(said) => {
            vec![("priority", said.priority.clone()), ("urgency", said.urgency.clone())]
        }
        Body::RequestReplied(said) => {
            vec![("next update by", said.next_update_by.map(|at| at.to_string()))]
        }
        Body::RequestStatusChanged(said) => vec![("status", Some(said.status.clone()))],
        Body::RequestPaused(said) => {
            vec![("reason", Some(said.reason.replace('-', " "))), ("shown by", said.evidence.clone())]
        }
        Body::PauseClaimed(said) => vec![
            ("from", Some(said.from.to_string())),
            ("until", Some(said.until.map_or("the clocks run again".to_owned(), |at| at.to_string()))),
            ("reason", Some(said.reason.replace('-', " "))),
            ("shown by", said.evidence.clone()),
        ],
        Body::PauseRefused(said) => vec![("reason", Some(said.reason.clone()))],
        Body::ThresholdCrossed(crossed) => vec![("measured", Some(crossed.measure.clone()))],
        Body::RequestResolved(said) if said.outcome == Resolution::CannotSolve => {
            vec![(OUTCOME, Some("it cannot be solved".to_owned()))]
        }
        _ => Vec::new(),
    };
    said.into_iter().filter_map(|(field, word)| Some((field, word?))).collect()
}

impl super::Control {
    /// One ticket with what was written; none where the client has none of that name.
    ///
    /// # Errors
    /// The journal's.
    pub fn ticket(
        &self,
        client: &facts::ClientId,
        ticket: &TicketId,
        now: Instant,
    ) -> journal::Result<Option<TicketView>> {
        let found = self.read_with(client, &ticket.into(), now, |book| book.ticket(ticket, now))?;
        let Some(Some(mut view)) = found else {
            return Ok(None);
        };
        let ids: Vec<FactId> = view.remarks.iter().map(|remark| remark.fact).collect();
        let mut texts: BTreeMap<FactId, String> =
            self.journal().glance(|tx| tx.texts(client, ids.iter().copied()))?;
        for remark in &mut view.remarks {
            remark.text = remark.text.take().or_else(|| texts.remove(&remark.fact));
        }
        Ok(Some(view))
    }
}
