//! Opening a journal, and taking back what opening made: nobody should find an empty journal that a failed command left.

use std::{fs, path::Path};

use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::{
    Error, Journal, Location, Result,
    conn::{Access, Conn, Opener},
    migrate,
    readers::Readers,
    scribe::Scribes,
};

impl Journal {
    /// Opens a journal, and makes it when there is none.
    ///
    /// # Errors
    /// One message each for what can be wrong with a place: see [`Error`].
    pub fn open(location: &Location) -> Result<Journal> {
        Journal::open_with(location, true)
    }

    /// Opens a journal that must be there, so that a mistyped path is not answered with an empty journal.
    ///
    /// # Errors
    /// [`Error::Missing`], and those of [`Journal::open`].
    pub fn open_existing(location: &Location) -> Result<Journal> {
        Journal::open_with(location, false)
    }

    /// Opens a journal that must be there and is left as it is: also one that this user may not write, and one on a read-only
    /// disk. What would write says [`Error::OpenedToRead`].
    ///
    /// # Errors
    /// [`Error::Missing`]; [`Error::Older`] for one that has to be brought forward first; and those of [`Journal::open`].
    pub fn open_to_read(location: &Location) -> Result<Journal> {
        let opener = Opener::new(location);
        let mut conn = opener.open(Access::Read)?;
        if !migrate::is_journal(&mut conn)? {
            return Err(Error::Missing { at: opener.at.to_string() });
        }
        migrate::refuse_other_versions(&mut conn, &opener.at)?;
        Ok(Journal { readers: Readers::new(opener.clone()), opener, scribes: None, made: None })
    }

    fn open_with(location: &Location, create: bool) -> Result<Journal> {
        let opener = Opener::new(location);
        let made = if create { opener.make_file() } else { None };
        let conn = Journal::ready(&opener, create).inspect_err(|_| {
            made.as_deref().map(remove_unused);
        })?;
        let scribes = Some(Scribes::start(&opener, conn));
        Ok(Journal { readers: Readers::new(opener.clone()), opener, scribes, made })
    }

    /// A connection to a journal of this version.
    fn ready(opener: &Opener, create: bool) -> Result<Conn> {
        let mut conn = opener.open_or_create(Access::Write, create)?;
        if !create && !migrate::is_journal(&mut conn)? {
            return Err(Error::Missing { at: opener.at.to_string() });
        }
        migrate::migrate(&mut conn, &opener.at)?;
        Ok(conn)
    }

    /// Closes it, and removes its file where opening it made that file, nothing is stored in it and nobody else has it open:
    /// for a command that failed at what it opened it for.
    pub fn close_unused(self) {
        let made = self.made.clone();
        drop(self);
        made.as_deref().map(remove_unused);
    }
}

/// Whether anything is stored, in a file that has the tables.
const HOLDS: &str = "SELECT EXISTS (SELECT 1 FROM entry) OR EXISTS (SELECT 1 FROM person)";
const HAS_TABLES: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name IN ('entry', 'person'))";

/// Removes the file and what lies beside it, if nothing is stored in it and no other process has it open. Where that cannot be
/// said, it stays.
fn remove_unused(path: &Path) {
    // Held until the files are gone, so that nobody writes into a file that has no name any more.
    let Ok(Some(_held)) = held_empty(path) else { return };
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = fs::remove_file(name);
    }
}

/// A connection that keeps all others out of a file without rows. Nothing is written for it, since the disk may be full.
fn held_empty(path: &Path) -> rusqlite::Result<Option<Connection>> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    // At its end it would look for the log under a name that may be somebody else's by then.
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        // SQLite begins an empty file in a transaction, whose journal would need space; it is never committed.
        conn.pragma_update(None, "journal_mode", "MEMORY")?;
    }
    conn.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE")?;
    let ask = |sql| conn.query_row(sql, [], |row| row.get::<_, bool>(0));
    let holds = ask(HAS_TABLES)? && ask(HOLDS)?;
    Ok((!holds).then_some(conn))
}
