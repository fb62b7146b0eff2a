//! What acts and misses call for beyond being recorded. It is written into the outbox with the facts, or under the miss's own
//! name, so that it happens however often the process dies, and is done once for each name.

use facts::{Actor, Body, ClientId, Fact, NoticeDelivered};
use journal::{Claim, Queue, Task};
use promise::obligation::{Consequence, Obligation, State};
use spans::{Instant, Length};

use super::{Act, Book, Change, Control, NotDone, lock};

/// A miss older than this is history, such as one that an import tells of: it is shown, and nobody is called about it.
pub const MISS_NEWS_MAX: Length = Length::from_hours(7 * 24);
/// How long a claimed task is ours.
const LEASE: Length = Length::from_minutes(1);
/// Tasks taken at once.
const TASKS: usize = 64;
/// How long until a task that failed is tried again.
const RETRY: Length = Length::from_secs(15);

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
}

/// The tasks that facts call for, in the transaction that stores them: a maintenance record is announced to the client's
/// contacts (SH-MAINT-11).
pub(super) fn called_for(client: &ClientId, facts: &[Fact]) -> Vec<Task> {
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
        let tasks: Vec<Task> =
            settled.iter().filter_map(|obligation| missed(book.client(), obligation, now)).collect();
        if tasks.is_empty() {
            return Ok(());
        }
        self.journal.write_for(book.client(), move |tx| {
            tasks.iter().try_for_each(|task| tx.enqueue(Queue::Outbox, task).map(drop))
        })
    }

    /// Does what the outbox holds and is due. A task that fails is tried again later; one whose process dies is taken by the
    /// next that asks.
    ///
    /// # Errors
    /// The journal's.
    pub fn relay(&self, now: Instant) -> journal::Result<Vec<Relayed>> {
        let claims = self.journal.write(move |tx| tx.claim(Queue::Outbox, now, LEASE, TASKS))?;
        let mut relayed = Vec::new();
        for claim in claims {
            let Claim { task, .. } = &claim;
            let (client, kind) = (task.client.clone(), task.kind.clone());
            let done = match kind.as_str() {
                ANNOUNCE => self.announce(&claim, now),
                _ => Ok(()),
            };
            let (body, due, failed) = (task.body.clone(), task.due, done.is_err());
            let settled = self.journal.write_for(&client, move |tx| match failed {
                false => tx.finish(Queue::Outbox, &claim, now),
                true => tx.postpone(Queue::Outbox, &claim, now + RETRY),
            });
            match settled {
                // We slept through our lease and somebody else has it: theirs counts, and the rest of ours goes on.
                Err(journal::Error::Fenced { .. }) => continue,
                settled => settled?,
            }
            if !failed {
                relayed.push(Relayed { client: client.clone(), kind, body, due });
            }
            self.tell(&Change { client, what: "facts" });
        }
        Ok(relayed)
    }

    /// SH-MAINT-11: the record stands on the client's own page from the instant it is stored; that is the notice, and its
    /// delivery is a fact.
    fn announce(&self, claim: &Claim, now: Instant) -> Result<(), NotDone> {
        let Task { client, id, body, .. } = &claim.task;
        let Some(book) = self.book(client) else { return Ok(()) };
        let Ok(maintenance) = body.parse() else { return Ok(()) };
        let notice = NoticeDelivered { maintenance, to: "contact".to_owned() };
        let key = journal::Key::new(id)?;
        let act = Act { key: Some(key), ..Act::new(client, Actor::automaton("portal"), notice) };
        self.note(&mut lock(&book), &act, now).map(drop)
    }
}

/// Whether an obligation was missed of late, with consequences.
pub(super) fn is_news(obligation: &Obligation, now: Instant) -> bool {
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
    let due = missed_at(obligation).filter(|_| is_news(obligation, now))?;
    Some(Task {
        client: client.clone(),
        id: format!("missed/{}", obligation.key()),
        kind: MISSED.to_owned(),
        body: obligation.key(),
        due,
    })
}
