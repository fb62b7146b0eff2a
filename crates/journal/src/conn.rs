//! One connection, whichever the engine. A match, not a trait: there are two, and both are here.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{
    Error, Location, Result,
    dialect::Dialect,
    postgres::Postgres,
    sqlite::{Sqlite, make_private},
    value::{Row, Value},
};

const BEGIN_READ: &str = "{begin_read}";
const BEGIN_WRITE: &str = "{begin_write}";
const COMMIT: &str = "COMMIT";
const ROLLBACK: &str = "ROLLBACK";
const MARK: &str = "SAVEPOINT work";
const KEEP: &str = "RELEASE SAVEPOINT work";
const UNDO: &str = "ROLLBACK TO SAVEPOINT work";
pub(crate) const STATEMENTS: &[&str] = &[BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, MARK, KEEP, UNDO];

pub(crate) enum Conn {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// What became of a commit.
pub(crate) enum Committed {
    /// Done, and on disk.
    Yes,
    /// Certainly not done.
    No(Error),
    /// Nobody knows yet. The connection must not be used again.
    Unknown(Error),
}

/// How to get another connection to the same journal.
#[derive(Clone)]
pub(crate) struct Opener {
    location: Location,
    /// The location as messages show it.
    pub(crate) at: Arc<str>,
}

impl Opener {
    pub(crate) fn new(location: &Location) -> Opener {
        Opener { location: location.clone(), at: location.to_string().into() }
    }

    /// Opens what is there.
    pub(crate) fn open(&self, access: Access) -> Result<Conn> {
        self.open_or_create(access, false)
    }

    /// Opens what is there, or makes an empty file.
    pub(crate) fn open_or_create(&self, access: Access, create: bool) -> Result<Conn> {
        let at = self.at.clone();
        match &self.location {
            Location::Sqlite(path) => Sqlite::open(path, at, access, create).map(Conn::Sqlite),
            Location::Postgres(url) => Postgres::open(url, at, access).map(Conn::Postgres),
        }
    }

    /// Makes the file, still empty, and says which; nothing where one is there, where none can be made, or on a server.
    pub(crate) fn make_file(&self) -> Option<PathBuf> {
        match &self.location {
            Location::Sqlite(path) if make_private(path) => Some(path.clone()),
            _ => None,
        }
    }

    /// The journal's file; none on a server.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.location {
            Location::Sqlite(path) => Some(path),
            Location::Postgres(_) => None,
        }
    }

    /// How many transactions can write at once: SQLite has one writer.
    pub(crate) fn writers(&self) -> usize {
        match self.location {
            Location::Sqlite(_) => 1,
            Location::Postgres(_) => crate::POSTGRES_WRITERS,
        }
    }
}

impl Conn {
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Conn::Sqlite(_) => Dialect::Sqlite,
            Conn::Postgres(_) => Dialect::Postgres,
        }
    }

    /// All rows of an answer; statements that could give many are paged by their callers.
    pub(crate) fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        match self {
            Conn::Sqlite(c) => c.rows(sql, args),
            Conn::Postgres(c) => c.rows(sql, args),
        }
    }

    /// Runs a statement and gives the number of rows it changed.
    pub(crate) fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        match self {
            Conn::Sqlite(c) => c.run(sql, args),
            Conn::Postgres(c) => c.run(sql, args),
        }
    }

    /// Runs several statements at once, without arguments.
    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        match self {
            Conn::Sqlite(c) => c.batch(sql),
            Conn::Postgres(c) => c.batch(sql),
        }
    }

    pub(crate) fn begin(&mut self, access: Access) -> Result<()> {
        let sql = match access {
            Access::Read => BEGIN_READ,
            Access::Write => BEGIN_WRITE,
        };
        match self {
            Conn::Sqlite(c) => c.run(sql, &[]).map(drop),
            Conn::Postgres(c) => c.begin(sql, access),
        }
    }

    pub(crate) fn commit(&mut self) -> Committed {
        match self {
            Conn::Sqlite(c) => c.commit(),
            Conn::Postgres(c) => c.commit(),
        }
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        match self {
            Conn::Sqlite(c) if !c.in_transaction() => Ok(()),
            Conn::Sqlite(c) => c.run(ROLLBACK, &[]).map(drop),
            Conn::Postgres(c) => c.rollback(),
        }
    }

    /// Whether everything read through it can be relied on.
    pub(crate) fn still_as_opened(&self) -> Result<()> {
        match self {
            Conn::Sqlite(c) => c.still_as_opened(),
            Conn::Postgres(_) => Ok(()),
        }
    }

    /// Whether a begun transaction still stands; an engine may end one by itself after an error.
    pub(crate) fn in_transaction(&self) -> bool {
        match self {
            Conn::Sqlite(c) => c.in_transaction(),
            Conn::Postgres(c) => c.in_transaction(),
        }
    }

    /// Marks the place that [`Conn::undo`] goes back to.
    pub(crate) fn mark(&mut self) -> Result<()> {
        self.control(MARK)
    }

    /// Keeps what was done since the mark.
    pub(crate) fn keep(&mut self) -> Result<()> {
        self.control(KEEP)
    }

    /// Undoes what was done since the mark, also after a failed statement.
    pub(crate) fn undo(&mut self) -> Result<()> {
        self.control(UNDO)?;
        self.control(KEEP)
    }

    /// SQLite keeps such statements prepared; PostgreSQL refuses to prepare anything in a failed transaction, and hears of them with
    /// what comes next.
    fn control(&mut self, sql: &'static str) -> Result<()> {
        match self {
            Conn::Sqlite(c) => c.run(sql, &[]).map(drop),
            Conn::Postgres(c) => {
                c.put_ahead(sql);
                Ok(())
            }
        }
    }
}
