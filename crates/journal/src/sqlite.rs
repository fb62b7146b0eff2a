//! A connection to a SQLite file, opened so that a commit is on disk when it returns.

mod reading;

use std::{collections::HashMap, path::Path, sync::Arc, time::Duration};

use rusqlite::{
    Connection, ErrorCode, OpenFlags,
    config::DbConfig,
    ffi, params_from_iter,
    types::{ToSqlOutput, ValueRef},
};

use crate::{
    Error, Result,
    conn::{Access, Committed},
    dialect::Dialect,
    filesystem,
    value::{Row, Value},
};

/// How long a connection waits for another process's lock.
const BUSY_WAIT: Duration = Duration::from_secs(5);
/// Pages in the write-ahead log before they are copied to the file: 16 MB. SQLite's own 1,000 cost a third of the commits
/// of 64 clients that write at once, since each of them dirties pages of its own.
const WAL_PAGES: u32 = 4_000;
/// Prepared statements kept per connection; the journal has fewer.
const STATEMENTS_MAX: usize = 128;
/// "UPHD": whose file it is, in the file's own header.
const APPLICATION_ID: i64 = 0x5550_4844;

/// Why a commit is not known to be done when its frames were written and their index found no space.
const NO_INDEX: &str = "no space was left for the index of its log";

pub(crate) struct Sqlite {
    conn: Connection,
    texts: HashMap<&'static str, Arc<str>>,
    at: Arc<str>,
    /// There, where the file is read as one that nobody writes to.
    sealed: Option<reading::Sealed>,
}

impl Sqlite {
    /// Opens the file; to write, creating it when `create` says so, and with every setting read back that durability rests on.
    pub(crate) fn open(path: &Path, at: Arc<str>, access: Access, create: bool) -> Result<Sqlite> {
        if !create && !path.exists() {
            return Err(Error::Missing { at: at.to_string() });
        }
        if let Some(kind) = filesystem::network(path) {
            return Err(Error::NetworkDisk { at: at.to_string(), kind });
        }
        if access == Access::Read {
            return reading::open(path, &at);
        }
        if create {
            refuse_no_folder(path, &at)?;
            make_private(path);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let flags = if create { flags | OpenFlags::SQLITE_OPEN_CREATE } else { flags };
        let conn = Connection::open_with_flags(path, flags).map_err(|e| error(&at, e))?;
        let sqlite = Sqlite { conn, texts: HashMap::new(), at, sealed: None };
        sqlite.refuse_others(create)?;
        sqlite.settle()?;
        Ok(sqlite)
    }

    /// Another program's database is left as it is, and so is an empty file that is not to become a journal. Asked before
    /// anything is set, since WAL mode would alter the file.
    fn refuse_others(&self, create: bool) -> Result<()> {
        self.conn.busy_timeout(BUSY_WAIT).map_err(|e| self.error(e))?;
        let tables: i64 = self.ask("SELECT count(*) FROM sqlite_schema")?;
        let owner: i64 = self.ask("PRAGMA application_id")?;
        if tables > 0 && owner != APPLICATION_ID {
            let why = "it is the SQLite database of another program".to_owned();
            return Err(Error::NotAJournal { at: self.at.to_string(), why });
        }
        if tables == 0 && !create {
            return Err(Error::Missing { at: self.at.to_string() });
        }
        Ok(())
    }

    /// WAL with `synchronous = FULL`: a commit returns after its pages are synced (reliability rule 21).
    fn settle(&self) -> Result<()> {
        if self.conn.is_readonly("main").map_err(|e| self.error(e))? {
            return Err(Error::ReadOnly { at: self.at.to_string() });
        }
        self.keeps_statements()?;
        let mode: String = self.ask("PRAGMA journal_mode = WAL")?;
        self.needs("journal_mode", &mode, "wal")?;
        self.set("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA recursive_triggers = ON;")?;
        self.set(&format!("PRAGMA wal_autocheckpoint = {WAL_PAGES}"))?;
        self.needs("synchronous", &self.ask::<i64>("PRAGMA synchronous")?.to_string(), "2")?;
        self.needs("foreign_keys", &self.ask::<i64>("PRAGMA foreign_keys")?.to_string(), "1")?;
        Ok(())
    }

    /// Prepared once: by default SQLite plans a statement anew whenever its arguments differ, an eighth of a busy desk's time.
    fn keeps_statements(&self) -> Result<()> {
        self.conn.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
        let set = self.conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true);
        set.map(drop).map_err(|e| self.error(e))
    }

    fn needs(&self, setting: &'static str, found: &str, needed: &'static str) -> Result<()> {
        let wrong = || Error::Unsafe { at: self.at.to_string(), setting, found: found.to_owned(), needed };
        if found == needed { Ok(()) } else { Err(wrong()) }
    }

    fn ask<T: rusqlite::types::FromSql>(&self, sql: &str) -> Result<T> {
        self.conn.query_row(sql, [], |row| row.get(0)).map_err(|e| self.error(e))
    }

    fn set(&self, sql: &str) -> Result<()> {
        self.conn.execute_batch(sql).map_err(|e| self.error(e))
    }

    pub(crate) fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        let text = self.text(sql);
        let read = || {
            let mut statement = self.conn.prepare_cached(&text)?;
            let columns = statement.column_count();
            let rows = statement.query_map(params_from_iter(args), |row| cells(row, columns))?;
            rows.collect::<rusqlite::Result<Vec<Row>>>()
        };
        read().map_err(|e| self.error(e))
    }

    pub(crate) fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        self.execute(sql, args).map(|rows| rows as u64).map_err(|e| self.error(e))
    }

    fn execute(&mut self, sql: &'static str, args: &[Value]) -> rusqlite::Result<usize> {
        let text = self.text(sql);
        self.conn.prepare_cached(&text)?.execute(params_from_iter(args))
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        self.set(&Dialect::Sqlite.expand(sql))
    }

    /// SQLite reports a failed commit either with the transaction still open (then it is not done) or with it gone, and
    /// then only reading the file again can tell.
    pub(crate) fn commit(&mut self) -> Committed {
        match self.execute("COMMIT", &[]) {
            Ok(_) => Committed::Yes,
            Err(e) if self.in_transaction() => Committed::No(self.error(e)),
            // No space is only told by a write, and the commit's last frame is the last thing written before the sync (nothing
            // is padded: SQLite takes overwrites for safe). A frame that is not whole ends the log for every reader, and the
            // index of the log was not moved on.
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::DiskFull) => Committed::No(self.error(e)),
            // What fails later, the sync or the index, is told as a failed disk: the frames may be on it.
            Err(e) => Committed::Unknown(match self.error(e) {
                Error::Full { at } => Error::Disk { at, why: NO_INDEX.to_owned() },
                other => other,
            }),
        }
    }

    /// What was read without locks is only worth something while nobody wrote.
    pub(crate) fn still_as_opened(&self) -> Result<()> {
        match &self.sealed {
            Some(sealed) if !sealed.holds() => Err(Error::WrittenMeanwhile { at: self.at.to_string() }),
            _ => Ok(()),
        }
    }

    /// False once SQLite rolled back by itself, as it may after a full disk or a failed write.
    pub(crate) fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }

    #[cfg(test)]
    pub(crate) fn prepare(&mut self, sql: &'static str) -> Result<()> {
        let text = self.text(sql);
        self.conn.prepare(&text).map(drop).map_err(|e| self.error(e))
    }

    fn text(&mut self, sql: &'static str) -> Arc<str> {
        let expand = || {
            debug_assert!(
                crate::statements(Dialect::Sqlite).any(|known| known == sql),
                "not listed in its STATEMENTS: {sql}"
            );
            Dialect::Sqlite.expand(sql).into()
        };
        self.texts.entry(sql).or_insert_with(expand).clone()
    }

    fn error(&self, e: rusqlite::Error) -> Error {
        error(&self.at, e)
    }
}

/// SQLite only says that it is unable to open the file.
fn refuse_no_folder(path: &Path, at: &str) -> Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) if matches!(folder.try_exists(), Ok(false)) => {
            Err(Error::NoFolder { at: at.to_owned(), folder: folder.display().to_string() })
        }
        _ => Ok(()),
    }
}

/// A new file is its owner's alone: it holds what clients confided. SQLite gives the files beside it the same rights. What
/// goes wrong here, SQLite says better when it opens the file. Whether it was made here and now.
pub(crate) fn make_private(path: &Path) -> bool {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    filesystem::network(path).is_none() && options.write(true).create_new(true).mode(0o600).open(path).is_ok()
}

/// SQLite's word for it, in ours.
fn error(at: &str, e: rusqlite::Error) -> Error {
    let why = match &e {
        rusqlite::Error::SqliteFailure(cause, _) => format!("{e}, SQLite code {}", cause.extended_code),
        _ => e.to_string(),
    };
    let at = at.to_owned();
    match e.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Locked { at },
        Some(ErrorCode::DiskFull) => Error::Full { at },
        // The file that readers and writers share beside the journal cannot be made as large as it must be: that is one byte
        // written to each of its pages.
        Some(ErrorCode::SystemIoFailure) if extended(&e) == Some(ffi::SQLITE_IOERR_SHMSIZE) => {
            Error::Full { at }
        }
        Some(ErrorCode::ReadOnly) => Error::ReadOnly { at },
        Some(ErrorCode::NotADatabase) => {
            Error::NotAJournal { at, why: "it is no SQLite database, or an encrypted one".to_owned() }
        }
        Some(ErrorCode::CannotOpen) => Error::Unreachable { at, why },
        Some(ErrorCode::SystemIoFailure) => Error::Disk { at, why },
        Some(ErrorCode::DatabaseCorrupt) => Error::Damaged { at, why },
        _ if matches!(e, rusqlite::Error::Utf8Error(..)) => Error::Damaged { at, why },
        _ => Error::Engine { at, why },
    }
}

fn extended(e: &rusqlite::Error) -> Option<i32> {
    e.sqlite_error().map(|cause| cause.extended_code)
}

impl rusqlite::ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Value::Null => ValueRef::Null,
            Value::Int(v) => ValueRef::Integer(*v),
            Value::Text(v) => ValueRef::Text(v.as_bytes()),
            Value::Bytes(v) => ValueRef::Blob(v),
        }))
    }
}

fn cells(row: &rusqlite::Row<'_>, columns: usize) -> rusqlite::Result<Row> {
    (0..columns).map(|i| cell(row.get_ref(i)?, i)).collect::<rusqlite::Result<_>>().map(Row)
}

fn cell(value: ValueRef<'_>, column: usize) -> rusqlite::Result<Value> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(v) => Value::Int(v),
        ValueRef::Text(v) => {
            Value::Text(std::str::from_utf8(v).map_err(|e| rusqlite::Error::Utf8Error(column, e))?.to_owned())
        }
        ValueRef::Blob(v) => Value::Bytes(v.to_vec()),
        ValueRef::Real(_) => {
            return Err(rusqlite::Error::InvalidColumnType(
                column,
                "no column holds a float".to_owned(),
                rusqlite::types::Type::Real,
            ));
        }
    })
}
