//! Work that facts call for: the outbox (effects outside: mail, pages, webhooks) and jobs (work of our own).
//!
//! A task is written in the transaction of its facts, so neither exists without the other. Whoever claims it holds it
//! for a lease, with a fence that counts the claims; `finish` and `postpone` are refused under an older fence, so a
//! worker that slept through its lease cannot undo what the next one did (reliability rules 17 and 24). Effects
//! happen at least once; the task's id is the idempotency key that travels with them.

use facts::ClientId;
use spans::{Instant, Length};

use crate::{
    CLAIMS_MAX, Error, Result, Tx,
    value::{Row, args},
};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Effects on the world outside.
    Outbox,
    /// Work inside.
    Jobs,
}

/// Something to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// For whom.
    pub client: ClientId,
    /// Unique for its client and queue: the same id again is the same task again.
    pub id: String,
    /// What kind of work, such as `mail`.
    pub kind: String,
    /// What it needs to know, as its kind defines.
    pub body: String,
    /// When it is to happen. Stays as it is however late or often it is tried.
    pub due: Instant,
}

/// A task that is yours until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The task.
    pub task: Task,
    /// Which claim of it this is, from 1: also how often it was tried.
    pub fence: u64,
}

/// The statements of one queue: the same text over two tables.
struct Sql {
    add: &'static str,
    claim: &'static str,
    finish: &'static str,
    postpone: &'static str,
    oldest: &'static str,
    sweep: &'static str,
}

macro_rules! over {
    ($table:literal) => {
        Sql {
            add: concat!(
                "INSERT INTO ",
                $table,
                " (client, id, kind, body, due_us, ready_us, fence)
                VALUES ($1, $2, $3, $4, $5, $5, 0) ON CONFLICT (client, id) DO NOTHING"
            ),
            claim: concat!(
                "WITH due AS (SELECT client, id FROM ",
                $table,
                " WHERE done_us IS NULL AND ready_us <= $2
                ORDER BY ready_us LIMIT $3 {skip_locked})
                UPDATE ",
                $table,
                " SET ready_us = $1, fence = fence + 1
                WHERE (client, id) IN (SELECT client, id FROM due)
                RETURNING client, id, kind, body, due_us, fence"
            ),
            finish: concat!(
                "UPDATE ",
                $table,
                " SET done_us = $1
                WHERE client = $2 AND id = $3 AND fence = $4 AND done_us IS NULL"
            ),
            oldest: concat!("SELECT min(due_us) FROM ", $table, " WHERE done_us IS NULL"),
            sweep: concat!("DELETE FROM ", $table, " WHERE done_us < $1"),
            postpone: concat!(
                "UPDATE ",
                $table,
                " SET ready_us = $1
                WHERE client = $2 AND id = $3 AND fence = $4 AND done_us IS NULL"
            ),
        }
    };
}
const OUTBOX: Sql = over!("outbox");
const JOBS: Sql = over!("job");
const SWEEP_DELIVERIES: &str = "DELETE FROM delivery WHERE done_us < $1";
pub(crate) const STATEMENTS: &[&str] = &[
    OUTBOX.add,
    OUTBOX.claim,
    OUTBOX.finish,
    OUTBOX.postpone,
    OUTBOX.oldest,
    OUTBOX.sweep,
    JOBS.add,
    JOBS.claim,
    JOBS.finish,
    JOBS.postpone,
    JOBS.oldest,
    JOBS.sweep,
    SWEEP_DELIVERIES,
];

impl Queue {
    fn sql(self) -> &'static Sql {
        match self {
            Queue::Outbox => &OUTBOX,
            Queue::Jobs => &JOBS,
        }
    }
}

impl Tx<'_> {
    /// Adds a task; false when its client has one of that id, done or not.
    pub fn enqueue(&mut self, queue: Queue, task: &Task) -> Result<bool> {
        let row = args![&task.client, &task.id, &task.kind, &task.body, task.due];
        Ok(self.run(queue.sql().add, row)? == 1)
    }

    /// Claims up to `limit` tasks that are due and that nobody holds, at most [`CLAIMS_MAX`], the longest due first.
    /// They are yours until `now + lease`; then the next claim may take them.
    pub fn claim(&mut self, queue: Queue, now: Instant, lease: Length, limit: usize) -> Result<Vec<Claim>> {
        let limit = limit.min(CLAIMS_MAX) as u64;
        let rows = self.rows(queue.sql().claim, args![now + lease, now, limit])?;
        let mut claims: Vec<Claim> = rows.into_iter().map(Claim::read).collect::<Result<_>>()?;
        claims.sort_by(|a, b| (a.task.due, &a.task.id).cmp(&(b.task.due, &b.task.id)));
        Ok(claims)
    }

    /// Marks the task done. In the transaction of what it did, it makes that happen once.
    ///
    /// # Errors
    /// [`Error::Fenced`] when somebody else claimed it since, or it is done.
    pub fn finish(&mut self, queue: Queue, claim: &Claim, now: Instant) -> Result<()> {
        self.move_on(queue.sql().finish, claim, now)
    }

    /// Gives the task back, to be claimed again from `at` on: after an attempt that failed, or to extend the lease.
    ///
    /// # Errors
    /// [`Error::Fenced`] when somebody else claimed it since, or it is done.
    pub fn postpone(&mut self, queue: Queue, claim: &Claim, at: Instant) -> Result<()> {
        self.move_on(queue.sql().postpone, claim, at)
    }

    /// Since when the longest waiting task has been due; none when all are done.
    ///
    /// # Errors
    /// The journal's.
    pub fn oldest_due(&mut self, queue: Queue) -> Result<Option<Instant>> {
        let row = self.row(queue.sql().oldest, &[])?;
        row.map_or(Ok(None), |row| row.instant_or_null(0))
    }

    /// Forgets tasks and deliveries that ended before `before`, and says how many. Their ids are then free again, so `before` is
    /// long after anything could add them a second time.
    ///
    /// # Errors
    /// The journal's.
    pub fn sweep_done(&mut self, before: Instant) -> Result<u64> {
        let sweeps = [OUTBOX.sweep, JOBS.sweep, SWEEP_DELIVERIES];
        sweeps.into_iter().try_fold(0, |gone, sql| Ok(gone + self.run(sql, args![before])?))
    }

    fn move_on(&mut self, sql: &'static str, claim: &Claim, at: Instant) -> Result<()> {
        let Claim { task, fence } = claim;
        let held = self.run(sql, args![at, &task.client, &task.id, *fence])? == 1;
        if held { Ok(()) } else { Err(Error::Fenced { what: format!("{} {}", task.kind, task.id) }) }
    }
}

impl Claim {
    fn read(mut row: Row) -> Result<Claim> {
        let client = row.text(0)?;
        let client = client.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })?;
        let (id, kind, body) = (row.text(1)?, row.text(2)?, row.text(3)?);
        Ok(Claim { task: Task { client, id, kind, body, due: row.instant(4)? }, fence: row.count(5)? })
    }
}
