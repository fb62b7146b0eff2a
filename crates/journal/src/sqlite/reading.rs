//! Opening a SQLite journal to read it, also where this user may write nothing: a file of somebody else, a backup on a read-only
//! disk. Reading never makes a file that stays, and never alters the journal's own.
//!
//! SQLite reads a file in WAL mode together with its log, `PATH-wal`, and an index of that log in shared memory, `PATH-shm`
//! (<https://www.sqlite.org/wal.html#readonly>). So there are three ways in, tried in this order:
//!
//! 1. The file and its folder may be written: as any other connection, with `query_only`. Whoever else has the journal open is
//!    waited for, and SQLite puts its two files there and takes them away again.
//! 2. They may not, and the two files are there, since somebody has the journal open: `mode=ro`, with their locks.
//! 3. They may not, and no log is there: the file is complete by itself, and `immutable=1` reads it without locks. If somebody
//!    began to write meanwhile, what was read may be a mixture, so that is looked for at the end and told.
//!
//! A log without its index belongs to a writer that was killed; it can only be read by whoever may write beside it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use rusqlite::{Connection, OpenFlags};

use super::{Sqlite, error};
use crate::{Error, Result};

/// What a file looked like when it was opened as one that nobody writes to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sealed {
    path: PathBuf,
    length: u64,
    modified: Option<SystemTime>,
}

pub(super) fn open(path: &Path, at: &Arc<str>) -> Result<Sqlite> {
    let shared = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE, at)?;
    if !shared.is_readonly("main").map_err(|e| error(at, e))? {
        match settled(shared, at, None) {
            // The folder may not be written, so the files of WAL mode cannot be put there.
            Err(Error::Unreachable { .. }) => {}
            settled => return settled,
        }
    }
    let (log, index) = (beside(path, "-wal"), beside(path, "-shm"));
    let logged = fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    match (logged, index.exists()) {
        (_, true) => settled(connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY, at)?, at, None),
        (true, false) => Err(Error::Unclosed { at: at.to_string(), log: log.display().to_string() }),
        (false, false) => {
            let sealed = Sealed::of(path)?;
            let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
            settled(connect(Path::new(&immutable(path)), flags, at)?, at, Some(sealed))
        }
    }
}

fn connect(path: &Path, flags: OpenFlags, at: &str) -> Result<Connection> {
    Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX).map_err(|e| error(at, e))
}

fn settled(conn: Connection, at: &Arc<str>, sealed: Option<Sealed>) -> Result<Sqlite> {
    let sqlite = Sqlite { conn, texts: Default::default(), at: at.clone(), sealed };
    sqlite.refuse_others(false)?;
    sqlite.keeps_statements()?;
    sqlite.set("PRAGMA query_only = ON;")?;
    Ok(sqlite)
}

impl Sealed {
    fn of(path: &Path) -> Result<Sealed> {
        let unreachable =
            |e: std::io::Error| Error::Unreachable { at: path.display().to_string(), why: e.to_string() };
        let metadata = fs::metadata(path).map_err(unreachable)?;
        Ok(Sealed { path: path.to_owned(), length: metadata.len(), modified: metadata.modified().ok() })
    }

    /// Whether the file still is what it was, and nobody has begun a log.
    pub(super) fn holds(&self) -> bool {
        Sealed::of(&self.path).is_ok_and(|now| now == *self) && !beside(&self.path, "-shm").exists()
    }
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The file's URI (<https://www.sqlite.org/uri.html>), every byte that could mean something in one written in hex.
fn immutable(path: &Path) -> String {
    use std::{fmt::Write, os::unix::ffi::OsStrExt};
    let mut uri = String::from("file:");
    for &byte in path.as_os_str().as_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'-' | b'/' => uri.push(char::from(byte)),
            other => write!(uri, "%{other:02x}").expect("writing to a string does not fail"),
        }
    }
    // Two slashes at the start would be read as a host.
    uri.replacen("file://", "file:///", 1) + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_a_path_in_a_uri() {
        for (path, uri) in [
            ("journal.db", "file:journal.db?immutable=1"),
            ("/a b/50%?#/j.db", "file:/a%20b/50%25%3f%23/j.db?immutable=1"),
            ("//a/j.db", "file:///a/j.db?immutable=1"),
        ] {
            assert_eq!(immutable(Path::new(path)), uri);
        }
    }
}
