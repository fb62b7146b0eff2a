//! Calls: whoever is on call is called until somebody says that they have seen it, one person after the other (SH-SLO-06, MP-ESC-02).
//!
//! A call is facts (`page.sent`, `page.acknowledged`, `page.unanswered`) and one task in the outbox for its next step, written in the
//! transaction of the step before. So a process that dies between two steps loses none, and two nodes do each step once: the step's
//! name is the key under which its fact is stored. Nobody is called about what was answered meanwhile.

use std::collections::BTreeMap;

use desk::{
    notify::MANAGER,
    rota::{Colleague, Pool, Rota},
};
use facts::{
    Actor, Body, ClientId, Event, Fact, Noun, PageAcknowledged, PageId, PageSent, PageUnanswered, Side,
    TicketId,
};
use journal::{Task, people::Person};
use promise::{
    escalation::rung,
    obligation::Plan,
    ticket::{Said, voided},
};
use serde::{Deserialize, Serialize};
use spans::{Instant, Length};

use super::{Act, Book, Change, Control, Done, NotDone, lock, relay::Fate};

/// How long somebody has until the next person is called, unless the operator says otherwise.
pub const CALL_WAIT: Length = Length::from_minutes(5);
/// The shortest and the longest such wait.
pub const CALL_WAITS: (Length, Length) = (Length::from_minutes(1), Length::from_minutes(60));
/// People that one call goes to.
pub const CALLED_MAX: u16 = 50;
/// What is recorded so long after it happened calls nobody: an import tells of it.
const NEWS_MAX: Length = Length::from_hours(24);
/// The urgency of an incident that calls somebody (MP-UPD-01), and the kinds that are incidents.
const CRITICAL: &str = "critical";
const INCIDENTS: [&str; 2] = ["outage", "performance"];
/// Who writes it.
const ACTOR: &str = "rota";

/// The task of a call's next step.
pub(super) const CALL: &str = "call";

/// What the task says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Step {
    page: PageId,
    ticket: TicketId,
    /// What set it off.
    cause: String,
    step: u16,
}

/// A call as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which.
    pub page: PageId,
    /// The ticket.
    pub ticket: TicketId,
    /// Who was called, by id, and when, in order.
    pub called: Vec<(String, Instant)>,
    /// Who said that they have seen it, by id, and when.
    pub seen: Option<(String, Instant)>,
    /// Since when nobody is left to be called.
    pub unanswered: Option<Instant>,
    /// Whether nobody has to be called any more: it was seen, a person answered, or the ticket is closed.
    pub over: bool,
}

/// The steps that facts call for, in the transaction that stores them: the first of a new call, or the one after `page.sent`.
pub(super) fn steps(client: &ClientId, facts: &[Fact], wait: Length) -> Vec<Task> {
    // What the provider's people write for themselves calls nobody.
    if *client == ClientId::provider() {
        return Vec::new();
    }
    let step = |fact: &Fact| match &fact.body {
        Body::RequestReceived(said) => Some((first(fact, &said.ticket), fact.recorded_at)),
        Body::RequestReprioritised(said) => Some((first(fact, &said.ticket), fact.recorded_at)),
        Body::RequestClassified(said) => Some((first(fact, &said.ticket), fact.recorded_at)),
        Body::RequestReopened(said) => Some((first(fact, &said.ticket), fact.recorded_at)),
        Body::EscalationRaised(raised) => Some((first(fact, &raised.ticket), fact.recorded_at)),
        Body::PageSent(sent) => {
            let (page, ticket) = (sent.page.clone(), sent.ticket.clone());
            let cause = page.as_str().strip_prefix(PREFIX).unwrap_or_default().to_owned();
            Some((Step { page, ticket, cause, step: sent.step.saturating_add(1) }, fact.recorded_at + wait))
        }
        _ => None,
    };
    facts.iter().filter_map(step).filter_map(|(step, due)| task(client, &step, due)).collect()
}

const PREFIX: &str = "call-";

fn first(fact: &Fact, ticket: &TicketId) -> Step {
    let page = format!("{PREFIX}{}", fact.id).parse().expect("a word and a UUID are an id");
    Step { page, ticket: ticket.clone(), cause: fact.id.to_string(), step: 0 }
}

fn task(client: &ClientId, step: &Step, due: Instant) -> Option<Task> {
    let id = format!("{CALL}/{}/{}", step.page, step.step);
    let body = serde_json::to_string(step).ok()?;
    Some(Task { client: client.clone(), id, kind: CALL.to_owned(), body, due })
}

impl Control {
    /// How long somebody has until the next person is called; kept within [`CALL_WAITS`].
    pub fn call_after(&self, wait: Length) {
        *lock(&self.call_wait) = wait.clamp(CALL_WAITS.0, CALL_WAITS.1);
    }

    /// How long somebody has until the next person is called.
    pub fn call_wait(&self) -> Length {
        *lock(&self.call_wait)
    }

    /// The roles of all ladders in force, each with the lowest level that it is called at and what the agreement calls it (MP-ESC-03).
    ///
    /// # Errors
    /// The journal's.
    pub fn ladder_roles(&self, now: Instant) -> journal::Result<BTreeMap<String, (u32, String)>> {
        let mut roles = BTreeMap::new();
        for client in self.known_clients()? {
            let versions = self.read(&client, now, |book| book.versions().cloned())?.flatten();
            let ladders =
                versions.iter().filter_map(|versions| versions.latest().agreement().escalation.as_ref());
            for rung in ladders.flat_map(|ladder| &ladder.path) {
                let lowest = roles.entry(word(&rung.who)).or_insert((rung.level, rung.who.clone()));
                lowest.0 = lowest.0.min(rung.level);
            }
        }
        Ok(roles)
    }

    /// The rota as it is on record.
    ///
    /// # Errors
    /// The journal's.
    pub fn rota(&self, now: Instant) -> journal::Result<Rota> {
        let read = self.read(&ClientId::provider(), now, |book| Rota::read(book.facts()))?;
        Ok(read.unwrap_or_default())
    }

    /// The provider's people who count.
    pub(super) fn staff(&self, now: Instant) -> journal::Result<Vec<Person>> {
        let mut staff = self.journal.glance(|tx| tx.staff())?;
        staff.retain(|person| person.is_here(now));
        Ok(staff)
    }

    /// Who may answer for a client, by its agreement and its own words; none before one is in force.
    ///
    /// # Errors
    /// The journal's.
    pub fn pool(&self, client: &ClientId, now: Instant) -> journal::Result<Option<Pool>> {
        let staff = self.staff(now)?;
        self.pool_among(client, &staff, now)
    }

    /// The same, of these people.
    pub(super) fn pool_among(
        &self,
        client: &ClientId,
        staff: &[Person],
        now: Instant,
    ) -> journal::Result<Option<Pool>> {
        let cleared = self.journal.glance(|tx| tx.cleared(client))?;
        Ok(self.read(client, now, |book| pool(book, staff, &cleared))?.flatten())
    }

    /// Somebody has seen the call: nobody else is called. It meets nothing (MP-SLO-01): a person answers the client.
    ///
    /// # Errors
    /// [`NotDone::Unknown`] where there is no such call of the ticket; [`NotDone::OutOfOrder`] where it is over already.
    pub fn see_call(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        page: &PageId,
        (actor, person): (Actor, &str),
        now: Instant,
    ) -> Result<Done, NotDone> {
        let (ticket, page) = (ticket.clone(), page.clone());
        let body = PageAcknowledged { page: page.clone(), ticket: ticket.clone(), person: person.to_owned() };
        let act = Act::new(client, actor, body);
        self.act_prepared(act, now, |book, _| {
            let call = book.call(&page).filter(|call| call.ticket == ticket);
            let call = call.ok_or_else(|| NotDone::Unknown { noun: "call", id: page.to_string() })?;
            match call.over {
                true => Err(NotDone::OutOfOrder { what: "the call is over", instead: "look at the ticket" }),
                false => Ok(()),
            }
        })
    }

    /// The calls of these clients that are not over, the oldest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn calls(&self, clients: &[ClientId], now: Instant) -> journal::Result<Vec<(ClientId, Call)>> {
        let mut all = Vec::new();
        for client in clients {
            let calls = self.read(client, now, Book::calls)?.unwrap_or_default();
            let open = calls.into_iter().filter(|call| !call.over);
            all.extend(open.map(|call| (client.clone(), call)));
        }
        all.sort_by_key(|(_, call)| call.called.first().map(|(_, at)| *at).or(call.unanswered));
        Ok(all)
    }

    /// One step: the next person is called, or nobody is left, or nobody has to be called any more.
    pub(super) fn call(&self, task: &Task, now: Instant) -> Result<(Fate, Length), NotDone> {
        let done = |what: Fate| Ok((what, Length::ZERO));
        let Ok(step) = serde_json::from_str::<Step>(&task.body) else { return done(Fate::Over) };
        let Some(book) = self.book(&task.client) else { return done(Fate::Over) };
        let staff = self.staff(now)?;
        let cleared = self.journal.glance(|tx| tx.cleared(&task.client))?;
        // Before the client's book: whoever holds two holds the provider's first.
        let rota = self.rota(now)?;
        let mut book = lock(&book);
        self.catch_up(&mut book)?;
        let Some(cause) = book.cause(&step) else { return done(Fate::Over) };
        if cause.at + NEWS_MAX < cause.recorded_at
            || book.is_called_off(&step, &cause)
            || !book.calls_somebody(&cause)
        {
            return done(Fate::Over);
        }
        if let Some(open) = book.opens(&cause, &step, now) {
            return Ok((Fate::PutOff("support is closed until then".to_owned()), open - now));
        }
        let pool = pool(&book, &staff, &cleared).unwrap_or_default();
        let ladder = ladder(&book, &cause, &rota, &pool, &staff, now);
        let called = book.call(&step.page).map(|call| call.called).unwrap_or_default();
        let next = ladder.into_iter().find(|person| !called.iter().any(|(before, _)| before == person));
        let Step { page, ticket, step: number, .. } = step;
        let key = journal::Key::new(&format!("{CALL}/{page}/{number}"))?;
        let (body, fate): (Body, Fate) = match next.filter(|_| number < CALLED_MAX) {
            Some(person) => {
                (PageSent { page, ticket, person: person.clone(), step: number }.into(), Fate::Called(person))
            }
            None => {
                let called = u16::try_from(called.len()).unwrap_or(u16::MAX);
                (PageUnanswered { page, ticket, called }.into(), Fate::Unanswered)
            }
        };
        let act = Act { key: Some(key), ..Act::new(&task.client, Actor::automaton(ACTOR), body) };
        self.note(&mut book, &act, now)?;
        drop(book);
        self.tell(&Change { client: task.client.clone(), what: "facts" });
        done(fate)
    }
}

/// Whom to call, one after the other: of an escalation those it goes to, else who is on call; managers last, who are better than nobody.
fn ladder(
    book: &Book,
    cause: &Fact,
    rota: &Rota,
    pool: &Pool,
    staff: &[Person],
    now: Instant,
) -> Vec<String> {
    let here = |id: &String| staff.iter().any(|person| person.id == *id);
    let on_call = rota.ladder(now, |person| pool.fits(person, now)).into_iter().filter(here);
    let managers = staff.iter().filter(|person| person.roles.iter().any(|role| role == MANAGER));
    let escalated = book.escalated_to(cause, staff);
    escalated.into_iter().chain(on_call).chain(managers.map(|person| person.id.clone())).collect()
}

fn pool(book: &Book, staff: &[Person], cleared: &[String]) -> Option<Pool> {
    let terms = book.versions()?.latest().terms();
    let colleague =
        |person: &Person| Colleague { skills: person.skills.clone(), cleared: cleared.contains(&person.id) };
    let people: BTreeMap<String, Colleague> =
        staff.iter().map(|person| (person.id.clone(), colleague(person))).collect();
    Some(Pool::of(terms, book.facts(), people))
}

impl Book {
    /// Every call of tickets at hand.
    pub fn calls(&self) -> Vec<Call> {
        self.pages().filter_map(|page| self.call(&PageId(page.clone()))).collect()
    }

    /// The calls of one ticket, as they stand.
    pub fn calls_of(&self, ticket: &TicketId) -> Vec<Call> {
        let mut pages: Vec<&PageId> =
            self.facts_of(&ticket.0).iter().filter_map(|fact| page_of(fact)).collect();
        pages.sort_unstable();
        pages.dedup();
        pages.into_iter().filter_map(|page| self.call(page)).collect()
    }

    /// One call.
    pub fn call(&self, page: &PageId) -> Option<Call> {
        let ticket = self.ticket_of_page(&page.0)?;
        let facts = self.facts_of(ticket);
        let mut call = Call {
            page: page.clone(),
            ticket: TicketId(ticket.clone()),
            called: Vec::new(),
            seen: None,
            unanswered: None,
            over: false,
        };
        for fact in facts.iter().filter(|fact| page_of(fact) == Some(page)) {
            match &fact.body {
                Body::PageSent(sent) => call.called.push((sent.person.clone(), fact.at)),
                Body::PageAcknowledged(seen) => call.seen = Some((seen.person.clone(), fact.at)),
                Body::PageUnanswered(_) => call.unanswered = Some(fact.at),
                _ => {}
            }
        }
        let since = call.called.first().map(|(_, at)| *at).or(call.unanswered)?;
        call.over = call.seen.is_some() || is_answered(facts, since) || !self.is_open(&call.ticket);
        Some(call)
    }

    /// What set the call off.
    fn cause(&self, step: &Step) -> Option<Fact> {
        let facts = self.facts_of(&step.ticket.0);
        facts.iter().find(|fact| fact.id.to_string() == step.cause).cloned()
    }

    /// Whether nobody has to be called for it any more, or this step was taken.
    fn is_called_off(&self, step: &Step, cause: &Fact) -> bool {
        let taken = |fact: &Fact| match &fact.body {
            Body::PageSent(sent) => sent.page == step.page && sent.step >= step.step,
            Body::PageUnanswered(page) => page.page == step.page,
            _ => false,
        };
        let facts = self.facts_of(&step.ticket.0);
        // One call at a time: another that goes on is about the same ticket.
        let other = || {
            let going = |call: &Call| call.page != step.page && !call.over && call.unanswered.is_none();
            step.step == 0
                && cause.event() != Event::EscalationRaised
                && self.calls_of(&step.ticket).iter().any(going)
        };
        !self.is_open(&step.ticket)
            || facts.iter().any(taken)
            || is_answered(facts, cause.at)
            || self.call(&step.page).is_some_and(|call| call.over)
            || other()
    }

    /// SH-SLO-06, MP-UPD-01, MP-ESC-02: an escalation does, and a request of the highest priority or a critical incident.
    fn calls_somebody(&self, cause: &Fact) -> bool {
        if cause.event() == Event::EscalationRaised {
            return true;
        }
        let Some(versions) = self.versions() else { return false };
        let plan = versions.at(cause.at).unwrap_or_else(|| versions.latest());
        let Some(ticket) = self.ticket_of(cause) else { return false };
        is_urgent(plan, self.facts_of(&ticket))
    }

    /// When support opens, where the clock of the first response stands still until then: nobody is called at night for what is owed
    /// by day.
    fn opens(&self, cause: &Fact, step: &Step, now: Instant) -> Option<Instant> {
        if cause.event() == Event::EscalationRaised {
            return None;
        }
        let terms = self.versions()?.latest().terms();
        let owed = self.of_ticket(&step.ticket, now).into_iter();
        let running = owed.filter(|o| o.open && o.duty.party.side() == Some(Side::Provider));
        let mut tables = running.filter_map(|o| terms.hours(&o.calendar).map(|hours| &hours.table));
        let first = tables.next()?;
        if first.is_open(now) || tables.any(|table| table.is_open(now)) {
            return None;
        }
        first.next_open(now)
    }

    /// MP-ESC-07: whom an escalation goes to, by id: whoever holds the role of its level, or bears its name; a manager where nobody does.
    pub(super) fn escalated_to(&self, cause: &Fact, staff: &[Person]) -> Vec<String> {
        let Body::EscalationRaised(raised) = &cause.body else { return Vec::new() };
        let before = self.facts_of(&raised.ticket.0).iter().take_while(|fact| fact.id != cause.id);
        let highest = before.fold(0, |highest: u16, fact| match &fact.body {
            Body::EscalationRaised(raised) => highest.max(raised.level.unwrap_or(highest.saturating_add(1))),
            _ => highest,
        });
        let level = raised.level.unwrap_or(highest.saturating_add(1));
        let versions = self.versions();
        let rung = versions.and_then(|versions| rung(versions.latest().agreement(), level));
        let of = |who: &str| {
            let word = word(who);
            let holds = |person: &&Person| {
                person.name == who || person.roles.iter().any(|role| *role == word || role == who)
            };
            staff.iter().filter(holds).map(|person| person.id.clone()).collect::<Vec<_>>()
        };
        let found = rung.map(|rung| of(&rung.who)).unwrap_or_default();
        if found.is_empty() { of(MANAGER) } else { found }
    }
}

/// `Service desk lead` as a role is written: `service-desk-lead`.
fn word(who: &str) -> String {
    who.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

fn page_of(fact: &Fact) -> Option<&PageId> {
    match &fact.body {
        Body::PageSent(page) => Some(&page.page),
        Body::PageAcknowledged(page) => Some(&page.page),
        Body::PageUnanswered(page) => Some(&page.page),
        _ => None,
    }
}

/// A person of the provider answered the client, or the escalation, since.
fn is_answered(facts: &[Fact], since: Instant) -> bool {
    let answers = |fact: &&Fact| matches!(fact.event(), Event::RequestReplied | Event::EscalationAnswered);
    facts.iter().rev().take_while(|fact| since <= fact.at).filter(answers).any(|fact| fact.actor.is_person())
}

/// A request of the agreement's highest priority, or a critical incident.
fn is_urgent(plan: &Plan, facts: &[Fact]) -> bool {
    let facts: Vec<&Fact> = facts.iter().collect();
    let voided = voided(&facts);
    let said = Said::after(plan, Noun::Ticket, &facts, &voided);
    let is = |field: &str, words: &[&str]| said.word(field).is_some_and(|word| words.contains(&&*word));
    let request = plan.agreement().request.as_ref();
    let highest = request.and_then(|request| request.priority.first()).map(|priority| priority.id.as_str());
    highest.is_some_and(|highest| said.is_said("priority") && is("priority", &[highest]))
        || (is("urgency", &[CRITICAL]) && is("kind", &INCIDENTS))
}
