//! The writers: threads that take whatever work has queued up, run it in one transaction and commit it once (group
//! commit).
//!
//! A commit waits for the disk; while it does, more work queues, so the more writers there are the more share each
//! wait. Work for one client always goes to the same writer: on PostgreSQL writers would else wait for each other at
//! the client's head, each with a small batch (measured: 1,000 commits a second, not 2,700), and could deadlock there.
//! Each piece of work has its own savepoint, so one that fails does not undo the others, and is answered only after
//! the commit. Work is a `Fn`: when the whole transaction is lost before its commit, everything in it simply runs
//! again.

use std::{
    any::Any,
    collections::VecDeque,
    hash::{DefaultHasher, Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
    time::Duration,
};

use facts::ClientId;

use crate::{
    BATCH_MAX, Error, QUEUE_MAX, Result, TRIES_MAX, Tx,
    conn::{Access, Committed, Conn, Opener},
};

/// The pause before the second try; it doubles with each further one, to about six seconds in all.
const PAUSE_FIRST: Duration = Duration::from_millis(100);

/// Waits before try number `tries` + 1.
pub(crate) fn pause(tries: u32) {
    thread::sleep(PAUSE_FIRST * 2u32.pow(tries - 1));
}

/// The writers, each with a queue of its own.
pub(crate) struct Scribes {
    queues: Vec<SyncSender<Task>>,
    threads: Vec<JoinHandle<()>>,
}

type Task = Box<dyn Work>;

impl Scribes {
    /// Starts the writers. The first takes over the connection that opened the store.
    pub(crate) fn start(opener: &Opener, first: Conn) -> Scribes {
        let mut first = Some(first);
        let scribe = |_| {
            let (queue, tasks) = sync_channel(QUEUE_MAX);
            let scribe = Scribe { opener: opener.clone(), conn: first.take(), stopped: None };
            (queue, thread::spawn(move || scribe.work(&tasks)))
        };
        let (queues, threads) = (0..opener.writers()).map(scribe).unzip();
        Scribes { queues, threads }
    }

    /// Queues the work and waits for its answer, which comes after the commit. Waits too while the queue is full.
    pub(crate) fn write<T, E, W>(&self, client: Option<&ClientId>, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
        W: Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    {
        let (sender, answer) = channel();
        let task = Box::new(Job { work, ran: None, sender });
        self.queue_of(client).send(task).expect("writers end after their queues");
        match answer.recv().expect("every task is answered") {
            Ok(result) => result,
            Err(panic) => resume_unwind(panic),
        }
    }

    fn queue_of(&self, client: Option<&ClientId>) -> &SyncSender<Task> {
        let mut hasher = DefaultHasher::new();
        client.hash(&mut hasher);
        &self.queues[(hasher.finish() % self.queues.len() as u64) as usize]
    }
}

impl Drop for Scribes {
    fn drop(&mut self) {
        self.queues.clear();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

/// A closure with its answer, whatever the types. The only trait here, since closures of many types share a queue.
trait Work: Send {
    /// Runs it once more and says how it went; the answer is kept until [`Work::answer`].
    fn run(&mut self, conn: &mut Conn) -> Ran;
    /// Sends the kept answer.
    fn answer(self: Box<Self>);
    /// Sends an error instead.
    fn fail(self: Box<Self>, error: Error);
}

/// How a run went.
enum Ran {
    /// It stands, if the commit does.
    Well,
    /// It refused or panicked: its writes are to be undone, its answer is its own.
    Refused,
    /// The engine failed under it.
    Failed(Error),
}

struct Job<T, E, W> {
    work: W,
    ran: Option<thread::Result<Result<T, E>>>,
    sender: Sender<thread::Result<Result<T, E>>>,
}

impl<T, E, W> Work for Job<T, E, W>
where
    T: Send,
    E: From<Error> + Send,
    W: Fn(&mut Tx<'_>) -> Result<T, E> + Send,
{
    fn run(&mut self, conn: &mut Conn) -> Ran {
        let mut tx = Tx::new(conn);
        let ran: thread::Result<Result<T, E>> = catch_unwind(AssertUnwindSafe(|| (self.work)(&mut tx)));
        let well = matches!(ran, Ok(Ok(_)));
        self.ran = Some(ran);
        match tx.fault() {
            Some(error) => Ran::Failed(error),
            None if well => Ran::Well,
            None => Ran::Refused,
        }
    }

    fn answer(self: Box<Self>) {
        let ran = self
            .ran
            .unwrap_or_else(|| Err(Box::new("work was answered before it ran") as Box<dyn Any + Send>));
        let _ = self.sender.send(ran); // the asker may have gone
    }

    fn fail(self: Box<Self>, error: Error) {
        let _ = self.sender.send(Ok(Err(error.into())));
    }
}

/// One writer thread and its connection.
struct Scribe {
    opener: Opener,
    conn: Option<Conn>,
    /// Set after the disk failed under a commit: what the system then says of the file can no longer be trusted, so
    /// nothing more is written by this process (reliability rule 20, R9).
    stopped: Option<Error>,
}

/// How a transaction was lost before its commit.
enum Lost {
    /// By this error, which nobody has been told yet.
    With(Error),
    /// By one task's error, which that task was told; the others have done nothing wrong.
    Answered,
}

impl From<Error> for Lost {
    fn from(error: Error) -> Lost {
        Lost::With(error)
    }
}

/// The work of one transaction.
#[derive(Default)]
struct Batch {
    waiting: VecDeque<Task>,
    /// Ran well or refused, and waits for the commit: a refusal may rest on what others in the batch did.
    stood: Vec<Task>,
    refused: Vec<Task>,
    /// How often the batch was tried without a commit.
    tries: u32,
    /// Run one at a time, after a commit was refused for all of them.
    alone: bool,
}

impl Scribe {
    fn work(mut self, tasks: &Receiver<Task>) {
        // Waits for work, then takes all that has queued up, until the journal is dropped.
        while let Ok(first) = tasks.recv() {
            let waiting = std::iter::once(first).chain(tasks.try_iter()).take(BATCH_MAX).collect();
            let mut batch = Batch { waiting, ..Batch::default() };
            while !batch.waiting.is_empty() {
                self.commit_once(&mut batch);
            }
        }
    }

    /// One transaction with as much of the waiting work as it takes. Each call answers at least one task or counts a
    /// try.
    fn commit_once(&mut self, batch: &mut Batch) {
        let ran = self.begin().map_err(Lost::With).and_then(|()| self.run_waiting(batch));
        match ran {
            Ok(()) => {}
            Err(Lost::Answered) => return batch.put_back(),
            Err(Lost::With(error)) => return self.again(batch, error),
        }
        match self.conn().commit() {
            Committed::Yes => batch.answer_all(),
            Committed::No(error) => self.refused(batch, error),
            Committed::Unknown(error) => self.unknown(batch, error),
        }
    }

    fn begin(&mut self) -> Result<()> {
        if let Some(error) = &self.stopped {
            return Err(error.clone());
        }
        if self.conn.is_none() {
            self.conn = Some(self.opener.open(Access::Write)?);
        }
        self.conn().begin(Access::Write)
    }

    /// Runs each waiting task under its own savepoint.
    fn run_waiting(&mut self, batch: &mut Batch) -> Result<(), Lost> {
        while let Some(mut task) = batch.waiting.pop_front() {
            let conn = self.conn();
            let ran = match conn.mark() {
                Ok(()) => task.run(conn),
                Err(error) => Ran::Failed(error),
            };
            match ran {
                Ran::Well => {
                    batch.stood.push(task);
                    self.conn().keep()?;
                }
                Ran::Refused => {
                    batch.refused.push(task);
                    self.conn().undo()?;
                }
                Ran::Failed(error) => return self.failed(batch, task, error),
            }
            if batch.alone {
                break;
            }
        }
        Ok(())
    }

    /// The engine failed under a task: either the task is at fault and only it is undone, or the transaction is gone.
    fn failed(&mut self, batch: &mut Batch, task: Task, error: Error) -> Result<(), Lost> {
        if error.passes() {
            batch.waiting.push_front(task);
            let others = !batch.stood.is_empty() || !batch.refused.is_empty();
            let deadlock = matches!(error, Error::Contended { .. });
            // Our locks are what the other side waits for: commit what stands, then try this one again.
            return if deadlock && others { Ok(self.conn().undo()?) } else { Err(Lost::With(error)) };
        }
        task.fail(error);
        if self.conn().in_transaction() { Ok(self.conn().undo()?) } else { Err(Lost::Answered) }
    }

    /// The transaction was lost before its commit: nothing of it happened, so all of it may run again, after a pause if
    /// waiting can help. Otherwise, or after the last try, everybody gets the error.
    fn again(&mut self, batch: &mut Batch, error: Error) {
        let reusable = self.conn.as_mut().is_some_and(|conn| conn.rollback().is_ok());
        if !reusable || matches!(error, Error::Unreachable { .. }) {
            self.conn = None;
        }
        let lost = !batch.stood.is_empty() || !batch.refused.is_empty();
        batch.put_back();
        batch.tries += 1;
        if batch.tries < TRIES_MAX && (error.passes() || lost) {
            if error.passes() {
                pause(batch.tries);
            }
            return;
        }
        batch.fail_all(&error);
    }

    /// The engine refused the commit and undid it. Whose fault it was shows when each is tried alone.
    fn refused(&mut self, batch: &mut Batch, error: Error) {
        if self.conn().rollback().is_err() {
            self.conn = None;
        }
        if batch.stood.is_empty() {
            batch.refused.drain(..).for_each(|task| task.fail(error.clone()));
        }
        if batch.alone || batch.stood.len() < 2 {
            batch.fail_stood(&error);
        }
        batch.alone = true;
        batch.put_back();
    }

    /// Nobody knows whether the batch was kept. The connection is not used again; whoever has a key or an id to ask
    /// by can find out through another one. Refusals may have rested on the batch, so they run again.
    fn unknown(&mut self, batch: &mut Batch, cause: Error) {
        self.conn = None;
        let at = self.opener.at.to_string();
        if let Error::Disk { why, .. } = &cause {
            self.stopped = Some(Error::Stopped { at: at.clone(), why: why.clone() });
        }
        batch.fail_stood(&Error::Unknown { at, cause: Box::new(cause) });
        batch.put_back();
    }

    fn conn(&mut self) -> &mut Conn {
        self.conn.as_mut().expect("begin opened it")
    }
}

impl Batch {
    fn answer_all(&mut self) {
        self.stood.drain(..).chain(self.refused.drain(..)).for_each(|task| task.answer());
        self.tries = 0;
    }

    fn fail_stood(&mut self, error: &Error) {
        self.stood.drain(..).for_each(|task| task.fail(error.clone()));
    }

    fn fail_all(&mut self, error: &Error) {
        self.put_back();
        self.waiting.drain(..).for_each(|task| task.fail(error.clone()));
    }

    fn put_back(&mut self) {
        for task in self.refused.drain(..).rev().chain(self.stood.drain(..).rev()) {
            self.waiting.push_front(task);
        }
    }
}
