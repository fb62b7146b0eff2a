//! Work of our own that takes long, and that one process does: today, looking through the whole journal once a day.
//!
//! A job is a row with a lease and a fence, as everything in a queue ([`journal::Queue`]). Every node puts the day's job there
//! under the day's name, so it exists once; whoever claims it does it, and finishes it under its fence. Who slept through the
//! lease is told [`journal::Error::Fenced`], and its result is dropped (reliability rule 24).

use facts::ClientId;
use journal::{Claim, Head, Queue, Task};
use spans::{Instant, Length};

use super::{Control, lock};

/// How long a claimed job is ours: many times what reading ten million entries takes.
pub const JOB_LEASE: Length = Length::from_hours(1);
/// How long until a job that failed is tried again.
const RETRY: Length = Length::from_minutes(10);
/// When the day's look through the journal is due, after midnight UTC.
const VERIFY_AT: Length = Length::from_hours(2);

const VERIFY: &str = "verify";

/// What the last look through the journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// When it began.
    pub at: Instant,
    /// Entries looked at.
    pub entries: u64,
    /// What is not as it was written, in words, the first of them.
    pub findings: Vec<String>,
    /// How many findings there were in all; none when the journal is sound.
    pub found: u64,
    /// Each chain's head, for the next look: one that is gone shows a removed tail.
    heads: Vec<Head>,
}

/// A job that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worked {
    /// Its name, such as `verify/2026-06-10`.
    pub id: String,
    /// When it was due.
    pub due: Instant,
}

impl Control {
    /// Puts what the day of `now` calls for into the queue of jobs, once however often and by however many it is asked; false
    /// when it is there already.
    ///
    /// # Errors
    /// The journal's.
    pub fn plan_jobs(&self, now: Instant) -> journal::Result<bool> {
        let client = ClientId::provider();
        let task = verification(&client, now);
        self.journal.write_for(&client, move |tx| tx.enqueue(Queue::Jobs, &task))
    }

    /// Does one job that is due and that nobody holds, however long it takes; none when there is none. `clock` is asked when it
    /// begins and when it ends.
    ///
    /// # Errors
    /// The journal's, [`journal::Error::Fenced`] among them: the job took longer than its lease and somebody else has it.
    pub fn work(&self, clock: &dyn Fn() -> Instant) -> journal::Result<Option<Worked>> {
        let now = clock();
        let mut claims = self.journal.write(move |tx| tx.claim(Queue::Jobs, now, JOB_LEASE, 1))?;
        let Some(claim) = claims.pop() else { return Ok(None) };
        let worked = Worked { id: claim.task.id.clone(), due: claim.task.due };
        if claim.task.kind != VERIFY {
            // A newer Uphold put it there, and will take it.
            return self.give_back(claim, now + RETRY).map(|()| None);
        }
        match self.look_through(now) {
            Ok(verified) => {
                self.finish_job(claim, clock())?;
                *lock(&self.verified) = Some(verified);
                Ok(Some(worked))
            }
            Err(error) => self.give_back(claim, clock() + RETRY).and(Err(error)),
        }
    }

    /// What the last look through the journal found; none before this process has made one.
    pub fn verified(&self) -> Option<Verified> {
        lock(&self.verified).clone()
    }

    fn look_through(&self, now: Instant) -> journal::Result<Verified> {
        let before = self.verified().map(|last| last.heads).unwrap_or_default();
        let report = self.journal.verify(&before)?;
        Ok(Verified {
            at: now,
            entries: report.entries,
            findings: report.findings.iter().map(ToString::to_string).collect(),
            found: report.found,
            heads: report.heads,
        })
    }

    fn finish_job(&self, claim: Claim, now: Instant) -> journal::Result<()> {
        let client = claim.task.client.clone();
        self.journal.write_for(&client, move |tx| tx.finish(Queue::Jobs, &claim, now))
    }

    fn give_back(&self, claim: Claim, at: Instant) -> journal::Result<()> {
        let client = claim.task.client.clone();
        self.journal.write_for(&client, move |tx| tx.postpone(Queue::Jobs, &claim, at))
    }
}

/// The look through the journal of the day of `now`.
fn verification(client: &ClientId, now: Instant) -> Task {
    let day = Length::DAY.as_micros();
    let midnight = Instant::from_micros(now.as_micros().div_euclid(day) * day);
    let date: String = midnight.to_string().chars().take(10).collect();
    Task {
        client: client.clone(),
        id: format!("{VERIFY}/{date}"),
        kind: VERIFY.to_owned(),
        body: String::new(),
        due: midnight + VERIFY_AT,
    }
}
