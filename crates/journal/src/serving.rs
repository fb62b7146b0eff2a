//! Who serves a journal: one server to a file, and on PostgreSQL one to each name.
//!
//! Two servers under one name would both look, and both say what they saw as the same vantage point. What is held here is let go
//! by the system when its process ends, however it ends, so nothing is in the way after a kill.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use crate::{
    Error, Journal, Result,
    conn::{Access, Conn},
    value::args,
};

/// 1 where the session holds the name now, and no row or 0 where another does.
const TAKE: &str = "{take_name}";
pub(crate) const STATEMENTS: &[&str] = &[TAKE];

/// The right to serve a journal, held until it is dropped.
#[must_use = "dropped, it is anybody's"]
pub struct Serving {
    _held: Held,
}

enum Held {
    /// A lock on the file `JOURNAL-serve`, which stays there.
    File { _lock: File },
    /// A session that holds an advisory lock.
    Session { _conn: Box<Conn> },
}

impl Journal {
    /// Takes the right to serve this journal under a name, which is a vantage point's.
    ///
    /// # Errors
    /// [`Error::Served`] while another process has it; the journal's.
    pub fn serve_as(&self, name: &str) -> Result<Serving> {
        let held = match self.opener.file() {
            Some(path) => Held::File { _lock: self.lock_beside(path)? },
            None => Held::Session { _conn: Box::new(self.hold_name(name)?) },
        };
        Ok(Serving { _held: held })
    }

    fn lock_beside(&self, path: &Path) -> Result<File> {
        let mut name = path.as_os_str().to_owned();
        name.push("-serve");
        let cannot =
            |why: std::io::Error| Error::Disk { at: self.opener.at.to_string(), why: why.to_string() };
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(&name).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(self.served(&holder(&mut file))),
            Err(TryLockError::Error(why)) => return Err(cannot(why)),
        }
        // For people who wonder who it is; the lock is what counts.
        file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(cannot)?;
        Ok(file)
    }

    fn hold_name(&self, name: &str) -> Result<Conn> {
        let mut conn = self.opener.open(Access::Read)?;
        let rows = conn.rows(TAKE, args![name])?;
        let taken = rows.into_iter().next().map_or(Ok(0), |row| row.count(0))?;
        let other =
            || self.served(&format!("as `{name}`; give this server a vantage point's name of its own"));
        if taken == 1 { Ok(conn) } else { Err(other()) }
    }

    fn served(&self, how: &str) -> Error {
        Error::Served { at: self.opener.at.to_string(), how: how.to_owned() }
    }
}

/// Who holds the lock, as they wrote it down.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let _ = file.take(20).read_to_string(&mut text);
    let which = text.trim().parse().map_or(String::new(), |pid: u32| format!("process {pid}, "));
    format!("{which}and a file has one server: end that one first")
}
