//! The journal: facts are appended, numbered and hash-chained per client, and never changed. One struct, two engines:
//! a SQLite file or a PostgreSQL schema. This is the one place that knows SQL.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = std::env::temp_dir().join(format!("uphold-doc-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # let path = folder.join("journal.db");
//! # let path = path.to_str().ok_or("path")?;
//! # let at: spans::Instant = "2026-03-06T18:00:00Z".parse()?;
//! # let client: facts::ClientId = "acme".parse()?;
//! # let body = facts::Body::from(facts::RequestWithdrawn { ticket: "T-1".parse()? });
//! # let fact = facts::Fact { id: facts::FactId::v7(at, [7; 10]), client: client.clone(), at, recorded_at: at,
//! #     actor: facts::Actor::automaton("doc"), body };
//! use journal::{Journal, Key};
//! let journal = Journal::open(&path.parse()?)?;
//! let appended = journal.append(&client, &[fact.clone()], Some(&Key::new("request-17")?))?;
//! assert_eq!((appended.first_seq, appended.already), (1, false));
//! assert!(journal.append(&client, &[fact.clone()], Some(&Key::new("request-17")?))?.already);
//! assert_eq!(journal.facts(&client, None)?, [fact]);
//! assert!(journal.verify(&[])?.is_sound());
//! # drop(journal); std::fs::remove_dir_all(&folder)?;
//! # Ok(()) }
//! ```
//!
//! # How it writes
//! Everything is synchronous: a call returns when it is done, and a server calls from its blocking threads. `write`
//! hands its closure to a writer thread, which runs all that has queued up in one transaction, each closure under its
//! own savepoint, commits once, and only then answers (`scribe.rs`). So sixty-four writers share one wait for the
//! disk, one that fails undoes nobody else's work, and an answer means that the facts are on disk. SQLite has one
//! writer thread, PostgreSQL [`POSTGRES_WRITERS`]. A closure may run more than once before it is answered; it must do
//! nothing but use its transaction.
//!
//! # When the answer to a commit is lost
//! Then nobody can say whether it happened. The connection is never used again, and `write` says [`Error::Unknown`],
//! never "failed". `append` and `append_new` find out by themselves: their keys and ids are looked up through another
//! connection, which waits for whatever is still under way, and what is not there is stored again.
//!
//! # What is kept
//! `entry` is the truth and append-only, by trigger too. `head`, `receipt` and `instance` are projections:
//! [`Journal::rebuild`] reads them off the entries again, byte for byte. `outbox` and `job` are work that facts call
//! for. `person` and the tables beside it say who may come in (`people.rs`), `vantage` who may report (`vantage.rs`); they are no
//! facts, and nothing derives from them. The hash chain is described in `chain.rs`, the export format in `transfer.rs`, what differs between the
//! engines in `dialect.rs`.

mod again;
pub mod calendar;
mod chain;
mod conn;
pub mod delivery;
pub mod desk;
mod dialect;
mod entry;
mod error;
mod filesystem;
pub mod heartbeat;
pub mod inbox;
pub mod index;
mod key;
pub mod latency;
mod location;
pub mod logo;
mod migrate;
mod opening;
pub mod people;
mod postgres;
mod projection;
mod queue;
mod readers;
mod rebuild;
mod schema;
mod scribe;
mod serving;
mod sqlite;
pub mod subscriber;
mod text;
mod transfer;
mod tx;
mod value;
pub mod vantage;
mod verify;

use std::{
    io::{BufRead, Write},
    path::PathBuf,
};

use facts::{ClientId, Fact};
use spans::Instant;

pub use crate::{
    again::Added,
    chain::{Hash, NotAHash},
    entry::{Appended, Entry, Head},
    error::{Error, Result},
    key::Key,
    location::Location,
    projection::Instance,
    queue::{Claim, Queue, Task},
    rebuild::Rebuilt,
    serving::Serving,
    transfer::{Exported, Imported, check_export},
    tx::Tx,
    verify::{Finding, Report},
};
use crate::{
    conn::{Access, Committed, Opener},
    dialect::Dialect,
    entry::Drafts,
    readers::Readers,
    scribe::Scribes,
};

/// Closures that share one commit.
pub const BATCH_MAX: usize = 256;
/// Closures that wait for one writer; whoever comes next waits to queue.
pub const QUEUE_MAX: usize = 4_096;
/// Reads at the same time; further ones wait.
pub const READERS_MAX: usize = 4;
/// Writer threads, each with its connection, on PostgreSQL.
pub const POSTGRES_WRITERS: usize = 4;
/// How often work is tried when its transaction is lost to a deadlock or a lost server, about six seconds in all.
pub const TRIES_MAX: u32 = 7;
/// Facts in one append.
pub const FACTS_MAX: usize = 100_000;
/// Bytes of one fact as JSON.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Bytes of the name of an idempotency key.
pub const KEY_BYTES_MAX: usize = 200;
/// Rows read at once; longer answers are read page by page.
pub const PAGE_ROWS: u64 = 256;
/// Bytes of one line of an export.
pub const LINE_BYTES_MAX: usize = 2 << 20;
/// Tasks claimed at once.
pub const CLAIMS_MAX: usize = 256;
/// Findings that a report lists; it counts the others.
pub const FINDINGS_MAX: usize = 100;

/// An open journal. Share it by reference between threads. Dropping it waits for what is being written.
pub struct Journal {
    opener: Opener,
    /// None where it was opened to be read.
    scribes: Option<Scribes>,
    readers: Readers,
    /// The file that opening it made.
    made: Option<PathBuf>,
}

impl Journal {
    /// Runs the work in a transaction and returns when it is committed. An error or panic in it undoes what it wrote.
    ///
    /// # Errors
    /// The work's own, or the journal's: then nothing of it was written, except that [`Error::Unknown`] says what it
    /// says.
    pub fn write<T, E>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.scribes()?.write(None, work)
    }

    /// As [`Journal::write`], for work that concerns one client: it shares commits with that client's other work, and
    /// on PostgreSQL runs beside the work for others.
    ///
    /// # Errors
    /// As [`Journal::write`].
    pub fn write_for<T, E>(
        &self,
        client: &ClientId,
        work: impl Fn(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.scribes()?.write(Some(client), work)
    }

    fn scribes(&self) -> Result<&Scribes> {
        self.scribes.as_ref().ok_or_else(|| Error::OpenedToRead { at: self.opener.at.to_string() })
    }

    /// Runs the work on one snapshot of the journal, on this thread.
    ///
    /// # Errors
    /// The work's own, or the journal's.
    pub fn read<T, E: From<Error>>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.readers.read(work)
    }

    /// Runs the work on this thread without a snapshot: each of its questions sees the journal as it is by then. For work of one
    /// question, or whose questions each stand for themselves. On PostgreSQL it saves the two further round trips that a snapshot
    /// costs, two thirds of them all where one question is asked.
    ///
    /// # Errors
    /// The work's own, or the journal's.
    pub fn glance<T, E: From<Error>>(&self, work: impl Fn(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.readers.glance(work)
    }

    /// [`Tx::append`] in a transaction of its own. A lost answer is looked up, not reported.
    ///
    /// # Errors
    /// Those of [`Tx::append`]; [`Error::Unknown`] only while the journal cannot be asked.
    pub fn append(&self, client: &ClientId, facts: &[Fact], key: Option<&Key>) -> Result<Appended> {
        let drafts = Drafts::new(client, facts, key)?;
        for _ in 1..TRIES_MAX {
            let ours = drafts.clone();
            match self.write_for(client, move |tx| tx.append_drafts(&ours)) {
                Err(Error::Unknown { at, cause }) => match self.find(&drafts, &at, &cause)? {
                    // After a failed sync even what can be read back may not be on disk.
                    Some(_) if matches!(*cause, Error::Disk { .. }) => {
                        return Err(Error::Unknown { at, cause });
                    }
                    Some(appended) => return Ok(appended),
                    None if cause.passes() => {}
                    None => return Err(*cause),
                },
                answer => return answer,
            }
        }
        self.write_for(client, move |tx| tx.append_drafts(&drafts))
    }

    /// [`Tx::append_new`] in a transaction of its own. After a lost answer it is asked again, and then counts what was
    /// stored the first time as present.
    ///
    /// # Errors
    /// Those of [`Tx::append_new`]; [`Error::Unknown`] only while the journal cannot be asked.
    pub fn append_new(&self, client: &ClientId, facts: &[Fact]) -> Result<Added> {
        let drafts = Drafts::new(client, facts, None)?;
        for _ in 1..TRIES_MAX {
            let ours = drafts.clone();
            match self.write_for(client, move |tx| tx.append_new_drafts(&ours)) {
                Err(Error::Unknown { .. }) => {}
                answer => return answer,
            }
        }
        self.write_for(client, move |tx| tx.append_new_drafts(&drafts))
    }

    /// Where the facts stand that were appended under a key; nothing where it was never used.
    ///
    /// # Errors
    /// [`Error::KeyReused`] when it was used for another request, as far as the key names its request; the journal's.
    pub fn answered(&self, client: &ClientId, key: &Key) -> Result<Option<Appended>> {
        self.read(|tx| tx.answered(client, key))
    }

    /// Looks for facts whose commit was not answered, through a new connection; waits a while for a lost server.
    fn find(&self, drafts: &Drafts, at: &str, cause: &Error) -> Result<Option<Appended>> {
        for tries in 1..=TRIES_MAX {
            match self.alone(|tx| tx.find(drafts), false) {
                Ok(found) => return Ok(found),
                Err(e) if e.passes() && tries < TRIES_MAX => scribe::pause(tries),
                Err(_) => break,
            }
        }
        Err(Error::Unknown { at: at.to_owned(), cause: Box::new(cause.clone()) })
    }

    /// [`Tx::facts`] on a snapshot of its own.
    ///
    /// # Errors
    /// The journal's.
    pub fn facts(&self, client: &ClientId, up_to: Option<Instant>) -> Result<Vec<Fact>> {
        self.read(|tx| tx.facts(client, up_to))
    }

    /// [`Tx::sound_facts`] on a snapshot of its own: the facts of a client, or the first entry that was altered.
    ///
    /// # Errors
    /// The journal's, and [`Error::Broken`].
    pub fn sound_facts(&self, client: &ClientId) -> Result<Vec<Fact>> {
        self.read(|tx| tx.sound_facts(client))
    }

    /// [`Tx::entries`] on a snapshot of its own: the journal's tail, for those who follow it.
    ///
    /// # Errors
    /// The journal's.
    pub fn tail(&self, client: &ClientId, after: u64, limit: usize) -> Result<Vec<Entry>> {
        self.glance(|tx| tx.entries(client, after, limit))
    }

    /// The last entry of every client that has one, sorted by client.
    ///
    /// # Errors
    /// The journal's.
    pub fn heads(&self) -> Result<Vec<Head>> {
        self.read(|tx| tx.heads())
    }

    /// Every client that has an entry, sorted.
    ///
    /// # Errors
    /// The journal's.
    pub fn clients(&self) -> Result<Vec<ClientId>> {
        Ok(self.heads()?.into_iter().map(|head| head.client).collect())
    }

    /// The client's instances, sorted by id.
    ///
    /// # Errors
    /// The journal's.
    pub fn instances(&self, client: &ClientId) -> Result<Vec<Instance>> {
        self.read(|tx| tx.instances(client))
    }

    /// Recomputes every hash, link and projection, compares the schema with what the migrations make, and asks the engine to
    /// check its own files. `handed_out` are heads
    /// that somebody outside kept: without one, entries cut off at the end leave no trace in what remains.
    ///
    /// # Errors
    /// The journal's; what is wrong with the contents is in the report.
    pub fn verify(&self, handed_out: &[Head]) -> Result<Report> {
        self.read(|tx| {
            let mut report = Report::new(&self.opener.at);
            verify::verify(tx, &mut report, handed_out)?;
            Ok(report)
        })
    }

    /// Replays the projections from the entries, in one transaction of its own connection. Others wait, or are told
    /// that the journal is locked, so do it when nothing else runs.
    ///
    /// # Errors
    /// [`Error::Broken`] when a chain does not hold; then nothing is changed.
    pub fn rebuild(&self) -> Result<Rebuilt> {
        self.alone(|tx| rebuild::rebuild(tx, &self.opener.at), true)
    }

    /// Every row of every projection as text, one JSON line each: equal texts are equal tables.
    ///
    /// # Errors
    /// The journal's.
    pub fn dump_projections(&self) -> Result<String> {
        self.read(|tx| Ok(rebuild::dump(tx)?.into_iter().map(|line| line + "\n").collect()))
    }

    /// Writes the whole journal as JSON lines (format: `transfer.rs`), from one snapshot.
    ///
    /// # Errors
    /// [`Error::Broken`] at the first entry that does not continue its chain, [`Error::Stream`].
    pub fn export(&self, out: &mut impl Write) -> Result<Exported> {
        self.read(|tx| transfer::export(tx, out))
    }

    /// Reads an export, in one transaction of its own connection: all of it or nothing. Entries that are stored
    /// already must be the same; an import that is run again adds nothing.
    ///
    /// # Errors
    /// [`Error::Line`] for the first line that does not fit.
    pub fn import(&self, input: &mut impl BufRead) -> Result<Imported> {
        self.alone(|tx| transfer::import(tx, input), true)
    }

    /// One write transaction on a new connection, for work that runs once and long, or after the writers' own
    /// connections can no longer be trusted. Without `keep` it is undone at the end.
    fn alone<T>(&self, work: impl FnOnce(&mut Tx<'_>) -> Result<T>, keep: bool) -> Result<T> {
        self.scribes()?;
        let mut conn = self.opener.open(Access::Write)?;
        conn.begin(Access::Write)?;
        let mut tx = Tx::new(&mut conn);
        let answer = work(&mut tx);
        let fault = tx.fault();
        if answer.is_err() || fault.is_some() || !keep {
            conn.rollback()?;
            return answer;
        }
        match conn.commit() {
            Committed::Yes => answer,
            Committed::No(error) => Err(error),
            Committed::Unknown(cause) => {
                Err(Error::Unknown { at: self.opener.at.to_string(), cause: Box::new(cause) })
            }
        }
    }
}

/// Every SQL text of this crate that an engine is asked. A text that is not here is refused in debug builds when first used, and a
/// test prepares all of these on both engines.
pub(crate) fn statements(dialect: Dialect) -> impl Iterator<Item = &'static str> {
    [
        calendar::STATEMENTS,
        conn::STATEMENTS,
        delivery::STATEMENTS,
        desk::STATEMENTS,
        entry::STATEMENTS,
        heartbeat::STATEMENTS,
        inbox::STATEMENTS,
        subscriber::STATEMENTS,
        index::STATEMENTS,
        index::search_statements(dialect),
        latency::STATEMENTS,
        logo::STATEMENTS,
        migrate::STATEMENTS,
        people::STATEMENTS,
        people::CHOICES,
        people::CREDENTIALS,
        people::GUESSES,
        people::FACTORS,
        people::TRACES,
        projection::STATEMENTS,
        queue::STATEMENTS,
        rebuild::STATEMENTS,
        text::STATEMENTS,
        vantage::STATEMENTS,
        schema::STATEMENTS,
        serving::STATEMENTS,
        verify::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}
