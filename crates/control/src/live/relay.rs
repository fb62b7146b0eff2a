//! What acts and misses call for beyond being recorded. It is written into the outbox with the facts, or under the miss's own
//! name, so that it happens however often the process dies, and is done once for each name.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use agreement::Binding;
use facts::{Actor, Body, ClientId, Fact, NoticeDelivered, ThresholdCrossed};
use journal::{Claim, Queue, Task};
use promise::obligation::{Consequence, Obligation, Reminder, State};
use spans::{Instant, Length};

use super::{Act, Book, Change, Control, NotDone, call, lock, notice, public};

/// A miss older than this is history, such as one that an import tells of: it is shown, and nobody is called about it.
pub const MISS_NEWS_MAX: Length = Length::from_hours(7 * 24);
/// A reminder older than this helps nobody any more.
pub const REMINDER_NEWS_MAX: Length = Length::from_hours(6);
/// A nudge to one's own people that is older: the next is near.
const NUDGE_NEWS_MAX: Length = Length::from_hours(24);
/// Names that are remembered as handed on; beyond that all are forgotten, and written once more for nothing.
const HANDED_MAX: usize = 100_000;
/// How long a claimed task is ours.
const LEASE: Length = Length::from_minutes(1);
/// Tasks taken at once.
const TASKS: usize = 64;
/// How often that is repeated while there is more: the timer has other things to do.
const ROUNDS_MAX: usize = 16;
/// How long until a task that failed is tried again.
const RETRY: Length = Length::from_secs(15);
/// How long until a task that this version does not know is looked at again, by whichever node comes first.
const STRANGE: Length = Length::from_minutes(10);

/// Whom the agreement has told of maintenance (SH-MAINT-11).
pub(super) const READER: &str = "contact";

const ANNOUNCE: &str = "announce";
const MISSED: &str = "missed";

/// Something that was handed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relayed {
    /// The client.
    pub client: ClientId,
    /// What kind of task.
    pub kind: String,
    /// What it is about.
    pub body: String,
    /// When it was due.
    pub due: Instant,
    /// What came of it.
    pub fate: Fate,
}

/// What came of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// The notice of a maintenance record is on file as delivered.
    Announced,
    /// Somebody missed something. It stands on the Now page by itself; who is told of it is a task of its own.
    Missed,
    /// So many notices are on their way.
    Told(usize),
    /// Somebody on call was called: who, by id.
    Called(String),
    /// Nobody is left who could be called.
    Unanswered,
    /// It is no longer needed.
    Over,
    /// Its moment has not come.
    Waits,
    /// It waits and is tried again: why.
    PutOff(String),
}

/// A task of ours that was tried.
struct Tried {
    claim: Claim,
    fate: Fate,
    /// How long it waits where it was put off.
    again: Length,
}

impl Tried {
    /// Until when it waits; nothing when it is done.
    fn end(&self, now: Instant) -> (Claim, Option<Instant>) {
        let waits = matches!(self.fate, Fate::PutOff(_) | Fate::Waits);
        (self.claim.clone(), waits.then(|| now + self.again))
    }
}

/// The tasks that facts call for, in the transaction that stores them: people are told, whoever is on call is called, and a
/// maintenance record is announced to the client's contacts (SH-MAINT-11). `wait`: until the next person is called.
pub(super) fn called_for(client: &ClientId, facts: &[Fact], wait: Length) -> Vec<Task> {
    let mut tasks = announcements(client, facts);
    tasks.extend(call::steps(client, facts, wait));
    let news = facts.iter().enumerate().filter(|(index, fact)| !is_of_series(fact, &facts[..*index]));
    let news: Vec<&Fact> = news.map(|(_, fact)| fact).collect();
    let told = news.iter().filter(|fact| !is_opened_by_alert(fact, facts));
    tasks.extend(told.filter_map(|fact| notice::of_fact(client, fact)));
    tasks.extend(news.iter().filter_map(|fact| public::of_fact(client, fact)));
    tasks
}

/// A series is told with the first of its records that are put on file together: one letter. Each is announced by itself all the same.
fn is_of_series(fact: &Fact, before: &[Fact]) -> bool {
    let series = |fact: &Fact| match &fact.body {
        Body::MaintenancePlanned(planned) => planned.series.clone(),
        _ => None,
    };
    series(fact).is_some_and(|own| before.iter().any(|fact| series(fact).as_ref() == Some(&own)))
}

/// Of an incident that an alert opened people are told by the alert, and not twice.
fn is_opened_by_alert(fact: &Fact, among: &[Fact]) -> bool {
    let Body::RequestReceived(request) = &fact.body else { return false };
    let opens = |crossed: &ThresholdCrossed| crossed.ticket.as_ref() == Some(&request.ticket);
    among.iter().any(|one| matches!(&one.body, Body::ThresholdCrossed(crossed) if opens(crossed)))
}

fn announcements(client: &ClientId, facts: &[Fact]) -> Vec<Task> {
    let tasks = facts.iter().filter_map(|fact| match &fact.body {
        Body::MaintenancePlanned(planned) => Some(Task {
            client: client.clone(),
            id: format!("announce/{}", fact.id),
            kind: ANNOUNCE.to_owned(),
            body: planned.maintenance.to_string(),
            due: fact.recorded_at,
        }),
        _ => None,
    });
    tasks.collect()
}

impl Control {
    /// Puts what follows from misses into the outbox: once each, however often they are evaluated, with the instant from which
    /// they were missed.
    pub(super) fn hand_on(&self, book: &Book, settled: &[Obligation], now: Instant) -> journal::Result<()> {
        let client = book.client();
        let mut tasks: Vec<Task> = Vec::new();
        for obligation in settled {
            tasks.extend(missed(client, obligation, now));
            tasks.extend(notice::of_obligation(client, obligation, now));
        }
        let name = |task: &Task| (task.client.clone(), task.id.clone());
        tasks.retain(|task| !lock(&self.handed).contains(&name(task)));
        if tasks.is_empty() {
            return Ok(());
        }
        let names: Vec<_> = tasks.iter().map(name).collect();
        self.journal.write_for(client, move |tx| {
            tasks.iter().try_for_each(|task| tx.enqueue(Queue::Outbox, task).map(drop))
        })?;
        let mut handed = lock(&self.handed);
        if HANDED_MAX < handed.len() + names.len() {
            handed.clear();
        }
        handed.extend(names);
        Ok(())
    }

    /// Puts a task into the outbox, if it was not there before.
    pub(super) fn put_out(&self, task: Option<Task>) -> journal::Result<()> {
        let Some(task) = task else { return Ok(()) };
        let client = task.client.clone();
        self.journal.write_for(&client, move |tx| tx.enqueue(Queue::Outbox, &task).map(drop))
    }

    /// Does what the outbox holds and is due, and gives what came of it, but for what came to nothing. A task that fails is tried
    /// again later; one whose process dies is taken by the
    /// next that asks.
    ///
    /// # Errors
    /// The journal's.
    pub fn relay(&self, now: Instant) -> journal::Result<Vec<Relayed>> {
        let mut relayed = Vec::new();
        for _ in 0..ROUNDS_MAX {
            if self.relay_some(now, &mut relayed)? < TASKS {
                break;
            }
        }
        Ok(relayed)
    }

    /// Up to [`TASKS`] of them; how many there were.
    fn relay_some(&self, now: Instant, relayed: &mut Vec<Relayed>) -> journal::Result<usize> {
        let claims = self.journal.write(move |tx| tx.claim(Queue::Outbox, now, LEASE, TASKS))?;
        let (measured, others): (Vec<Claim>, Vec<Claim>) = claims.into_iter().partition(public::is_measured);
        let mut tried: Vec<Tried> = others.into_iter().map(|claim| self.attempt_task(claim, now)).collect();
        tried.extend(self.attempt_measured(measured, now));
        let count = tried.len();
        for (tried, settled) in self.end_all(tried, now) {
            let fate = match settled {
                Ok(()) => tried.fate,
                // We slept through our lease and somebody else has it: theirs counts, and the rest of ours goes on.
                Err(journal::Error::Fenced { .. }) => continue,
                // Ours until the lease ends, and then tried again.
                Err(error) => Fate::PutOff(error.to_string()),
            };
            let Task { client, kind, body, due, .. } = tried.claim.task;
            if fate == Fate::Announced {
                self.tell(&Change { client: client.clone(), what: "facts" });
            }
            if !matches!(fate, Fate::Over | Fate::Waits | Fate::Told(0)) {
                relayed.push(Relayed { client, kind, body, due, fate });
            }
        }
        Ok(count)
    }

    /// A mistake of ours in one costs the others nothing.
    fn attempt_task(&self, claim: Claim, now: Instant) -> Tried {
        let done = catch_unwind(AssertUnwindSafe(|| self.fate(&claim, now)));
        let (fate, again) = done.unwrap_or_else(|_| (Fate::PutOff("doing it panicked".to_owned()), STRANGE));
        Tried { claim, fate, again }
    }

    /// What was measured of one client's page is told together, so that one moment is one letter.
    fn attempt_measured(&self, claims: Vec<Claim>, now: Instant) -> Vec<Tried> {
        let mut of_each: BTreeMap<ClientId, Vec<Claim>> = BTreeMap::new();
        for claim in claims {
            of_each.entry(claim.task.client.clone()).or_default().push(claim);
        }
        let mut tried = Vec::new();
        for (client, claims) in of_each {
            let tasks: Vec<&Task> = claims.iter().map(|claim| &claim.task).collect();
            let done = catch_unwind(AssertUnwindSafe(|| self.tell_measured(&client, &tasks, now)));
            let all = |why: String, again: Length| vec![(Fate::PutOff(why), again); claims.len()];
            let becomes: Vec<public::Becomes> = match done {
                Ok(Ok(becomes)) => becomes,
                Ok(Err(why)) => all(why.to_string(), RETRY),
                Err(_) => all("doing it panicked".to_owned(), STRANGE),
            };
            let each = claims.into_iter().zip(becomes);
            tried.extend(each.map(|(claim, (fate, again))| Tried { claim, fate, again }));
        }
        tried
    }

    /// Writes what came of them all at once: a transaction for each would wait for the disk as often. Where the process dies before,
    /// they are done again, under the same names.
    fn end_all(&self, tried: Vec<Tried>, now: Instant) -> Vec<(Tried, journal::Result<()>)> {
        if tried.is_empty() {
            return Vec::new();
        }
        let ends: Vec<(Claim, Option<Instant>)> = tried.iter().map(|one| one.end(now)).collect();
        let settled = self.journal.write(move |tx| {
            let settle = |(claim, again): &(Claim, Option<Instant>)| match again {
                None => tx.finish(Queue::Outbox, claim, now),
                Some(at) => tx.postpone(Queue::Outbox, claim, *at),
            };
            Ok::<Vec<_>, journal::Error>(ends.iter().map(settle).collect())
        });
        let settled = settled.unwrap_or_else(|error| vec![Err(error); tried.len()]);
        tried.into_iter().zip(settled).collect()
    }

    /// Does one, or says why it waits and for how long. What a newer node put there is left for it.
    fn fate(&self, claim: &Claim, now: Instant) -> (Fate, Length) {
        match claim.task.kind.as_str() {
            ANNOUNCE => match self.announce(&claim.task, now) {
                Ok(()) => (Fate::Announced, Length::ZERO),
                Err(why) => (Fate::PutOff(why.to_string()), RETRY),
            },
            MISSED => (Fate::Missed, Length::ZERO),
            call::CALL => match self.call(&claim.task, now) {
                Ok(done) => done,
                Err(why) => (Fate::PutOff(why.to_string()), RETRY),
            },
            notice::TELL => match self.tell_people(&claim.task, now) {
                Ok(fate) => (fate, Length::ZERO),
                Err(why) => (Fate::PutOff(why.to_string()), RETRY),
            },
            public::TELL_PUBLIC => match self.tell_subscribers(&claim.task, now) {
                Ok(fate) => (fate, Length::ZERO),
                Err(why) => (Fate::PutOff(why.to_string()), RETRY),
            },
            _ => (Fate::PutOff("this version does not know such a task".to_owned()), STRANGE),
        }
    }

    /// SH-MAINT-11, SH-MAINT-13: the record stands on the client's own page from the instant it was put on file. That is the
    /// notice, so it was delivered at that instant, whenever we come to say so.
    fn announce(&self, task: &Task, now: Instant) -> Result<(), NotDone> {
        let Task { client, id, body, due: on_file, .. } = task;
        let Some(book) = self.book(client) else { return Ok(()) };
        let Ok(maintenance) = body.parse() else { return Ok(()) };
        let notice = NoticeDelivered { maintenance, to: READER.to_owned() };
        let (key, at) = (Some(journal::Key::new(id)?), Some(*on_file));
        let act = Act { key, at, ..Act::new(client, Actor::automaton("portal"), notice) };
        self.note(&mut lock(&book), &act, now).map(drop)
    }

    /// Announces at once what an act has just put on file. Where that fails, the task in the outbox does it.
    pub(super) fn announce_now(&self, client: &ClientId, facts: &[Fact], now: Instant) {
        for task in announcements(client, facts) {
            if self.announce(&task, now).is_ok() {
                self.tell(&Change { client: client.clone(), what: "facts" });
            }
        }
    }
}

/// Whether an obligation was missed of late, with consequences, or people are to be reminded of it.
pub(super) fn is_news(obligation: &Obligation, now: Instant) -> bool {
    is_missed_of_late(obligation, now)
        || is_nudge(obligation, now)
        || reminders_due(obligation, now).next().is_some()
}

/// SH-RES-02: what one's own people set themselves was not done of late. On no statement, and no miss towards anybody.
pub(super) fn is_nudge(obligation: &Obligation, now: Instant) -> bool {
    let of_late = |since: Instant| since <= now && now - since <= NUDGE_NEWS_MAX;
    obligation.duty.binding == Binding::Internal && missed_at(obligation).is_some_and(of_late)
}

/// The reminders of an open obligation whose instant has come, of late.
pub(super) fn reminders_due(obligation: &Obligation, now: Instant) -> impl Iterator<Item = &Reminder> {
    let waits = matches!(obligation.state, State::Running { .. } | State::Waiting(_)) && obligation.open;
    let due =
        move |reminder: &&Reminder| waits && reminder.at <= now && now - reminder.at <= REMINDER_NEWS_MAX;
    obligation.reminders.iter().filter(due)
}

/// Whether it was missed of late, with consequences.
pub(super) fn is_missed_of_late(obligation: &Obligation, now: Instant) -> bool {
    let asks = || obligation.consequences().iter().any(|what| matches!(what, Consequence::Missed(_)));
    missed_at(obligation).is_some_and(|since| now - since <= MISS_NEWS_MAX) && asks()
}

/// When an obligation was missed.
pub(super) fn missed_at(obligation: &Obligation) -> Option<Instant> {
    match obligation.state {
        State::Missed { since, .. } => Some(since),
        State::Forfeited { at } => Some(at),
        _ => None,
    }
}

fn missed(client: &ClientId, obligation: &Obligation, now: Instant) -> Option<Task> {
    let due = missed_at(obligation).filter(|_| is_missed_of_late(obligation, now))?;
    Some(Task {
        client: client.clone(),
        id: format!("missed/{}", obligation.key()),
        kind: MISSED.to_owned(),
        body: obligation.key(),
        due,
    })
}
