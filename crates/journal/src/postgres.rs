//! A connection to PostgreSQL, refused unless a commit is on disk when it is acknowledged.
//!
//! The `postgres` crate is tokio-postgres behind a blocking door: each connection drives itself on the thread that uses
//! it. With one connection per writer thread and per reader there is nothing left for a pool or a runtime to do.

use std::{collections::HashMap, error::Error as _, sync::Arc, time::Duration};

use ::postgres::{
    Client, Config, NoTls, Statement,
    config::{Host, SslMode},
    error::{DbError, Severity, SqlState},
    types::{IsNull, ToSql, Type, to_sql_checked},
};

use crate::{
    Error, Result,
    conn::{Access, Committed},
    dialect::Dialect,
    error::chain,
    value::{Row, Value},
};

/// PostgreSQL 15, as `server_version_num` counts.
const VERSION_MIN: i64 = 150_000;
/// How long a connection attempt may take.
const CONNECT_WAIT: Duration = Duration::from_secs(10);
/// No statement, lock or idle transaction of ours may hold up the others for longer.
const LIMITS: &str = "SET statement_timeout = '60s'; SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = 'on';
    SET client_min_messages = 'warning'";

/// How every transaction begins.
const BEGIN: &str = "BEGIN";

pub(crate) struct Postgres {
    client: Client,
    statements: HashMap<&'static str, Statement>,
    /// What goes out before the next statement, in the same message: beginning, marking and keeping have no answer to wait for.
    ahead: String,
    in_transaction: bool,
    at: Arc<str>,
}

impl Postgres {
    pub(crate) fn open(url: &str, at: Arc<str>, access: Access) -> Result<Postgres> {
        let mut config: Config =
            url.parse().map_err(|e: ::postgres::Error| Error::NotALocation { why: chain(&e) })?;
        refuse_clear_text(&config, &at)?;
        config.connect_timeout(CONNECT_WAIT).application_name("uphold");
        let client = config.connect(NoTls).map_err(|e| unreachable(&at, &e))?;
        let mut postgres =
            Postgres { client, statements: HashMap::new(), ahead: String::new(), in_transaction: false, at };
        postgres.settle(access)?;
        Ok(postgres)
    }

    /// Sets what a session may set and reads back every setting that durability rests on (reliability rule 22).
    fn settle(&mut self, access: Access) -> Result<()> {
        self.batch(LIMITS)?;
        self.refuse_old()?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let found = self.show(setting)?;
            if found != "on" {
                return Err(Error::Unsafe { at: self.at.to_string(), setting, found, needed: "on" });
            }
        }
        if access == Access::Read {
            self.batch("SET default_transaction_read_only = 'on'")?;
        }
        Ok(())
    }

    fn refuse_old(&mut self) -> Result<()> {
        let number = self.show("server_version_num")?;
        if number.parse().is_ok_and(|number: i64| number >= VERSION_MIN) {
            return Ok(());
        }
        Err(Error::TooOld { at: self.at.to_string(), found: self.show("server_version")? })
    }

    fn show(&mut self, setting: &str) -> Result<String> {
        let row = self.client.query_one("SELECT current_setting($1)", &[&setting]);
        row.and_then(|row| row.try_get(0)).map_err(|e| self.error(&e))
    }

    pub(crate) fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        self.send_ahead()?;
        let statement = self.statement(sql)?;
        let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|v| v as _).collect();
        let rows = self.client.query(&statement, &args);
        rows.and_then(|rows| rows.iter().map(cells).collect()).map_err(|e| self.error(&e))
    }

    pub(crate) fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        self.send_ahead()?;
        let statement = self.statement(sql)?;
        let args: Vec<&(dyn ToSql + Sync)> = args.iter().map(|v| v as _).collect();
        self.client.execute(&statement, &args).map_err(|e| self.error(&e))
    }

    pub(crate) fn batch(&mut self, sql: &str) -> Result<()> {
        self.put_ahead(sql);
        self.send_ahead()
    }

    /// Says it with the next statement.
    pub(crate) fn put_ahead(&mut self, sql: &str) {
        self.ahead.push_str(&Dialect::Postgres.expand(sql));
        self.ahead.push_str(";\n");
    }

    fn send_ahead(&mut self) -> Result<()> {
        if self.ahead.is_empty() {
            return Ok(());
        }
        let ahead = std::mem::take(&mut self.ahead);
        let begins = ahead.starts_with(BEGIN);
        self.client.batch_execute(&ahead).map_err(|e| {
            self.in_transaction &= !begins;
            self.error(&e)
        })
    }

    /// A reader learns here whether its connection still stands, and a writer with its first statement.
    pub(crate) fn begin(&mut self, sql: &str, access: Access) -> Result<()> {
        self.put_ahead(sql);
        self.in_transaction = true;
        if access == Access::Read { self.send_ahead() } else { Ok(()) }
    }

    pub(crate) fn rollback(&mut self) -> Result<()> {
        self.in_transaction = false;
        if std::mem::take(&mut self.ahead).starts_with(BEGIN) { Ok(()) } else { self.batch("ROLLBACK") }
    }

    /// An ERROR is the server's own word that it rolled back. After a FATAL, or nothing at all, the commit may or may
    /// not have happened. (A commit of a failed transaction would answer ROLLBACK without an error; it is never sent,
    /// since a failed statement always ends in a rollback to its savepoint.)
    pub(crate) fn commit(&mut self) -> Committed {
        self.in_transaction = false;
        let ahead = std::mem::take(&mut self.ahead) + "COMMIT";
        let Err(e) = self.client.batch_execute(&ahead) else { return Committed::Yes };
        let severity = e.as_db_error().and_then(DbError::parsed_severity);
        let word = if severity == Some(Severity::Error) { Committed::No } else { Committed::Unknown };
        word(self.error(&e))
    }

    pub(crate) fn in_transaction(&self) -> bool {
        self.in_transaction && !self.client.is_closed()
    }

    #[cfg(test)]
    pub(crate) fn prepare(&mut self, sql: &'static str) -> Result<()> {
        self.statement(sql).map(drop)
    }

    fn statement(&mut self, sql: &'static str) -> Result<Statement> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        debug_assert!(
            crate::statements(Dialect::Postgres).any(|known| known == sql),
            "not listed in its STATEMENTS: {sql}"
        );
        let statement = self.client.prepare(&Dialect::Postgres.expand(sql)).map_err(|e| self.error(&e))?;
        self.statements.insert(sql, statement.clone());
        Ok(statement)
    }

    fn error(&self, e: &::postgres::Error) -> Error {
        error(&self.at, e, self.client.is_closed())
    }
}

/// A password in clear text, or facts of a client, do not cross a network unless somebody wrote that they may.
fn refuse_clear_text(config: &Config, at: &str) -> Result<()> {
    let local = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
        }
    };
    let near = config.get_hosts().iter().all(local)
        && config.get_hostaddrs().iter().all(std::net::IpAddr::is_loopback);
    let fits = match config.get_ssl_mode() {
        SslMode::Disable => true,
        SslMode::Prefer => near,
        _ => false,
    };
    if fits { Ok(()) } else { Err(Error::ClearText { at: at.to_owned() }) }
}

/// PostgreSQL's word for it, in ours.
fn error(at: &str, e: &::postgres::Error, closed: bool) -> Error {
    const GONE: [SqlState; 3] =
        [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
    let (at, why) = (at.to_owned(), chain(e));
    let Some(code) = e.code() else {
        let gone = closed || e.is_closed() || e.source().is_some_and(|cause| cause.is::<std::io::Error>());
        return if gone { Error::Unreachable { at, why } } else { Error::Engine { at, why } };
    };
    match code {
        code if closed || GONE.contains(code) => Error::Unreachable { at, why },
        &SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED => {
            Error::Contended { at, why }
        }
        &SqlState::LOCK_NOT_AVAILABLE => Error::Locked { at },
        &SqlState::DISK_FULL => Error::Full { at },
        &SqlState::READ_ONLY_SQL_TRANSACTION => Error::ReadOnly { at },
        &SqlState::DATA_CORRUPTED | &SqlState::INDEX_CORRUPTED => Error::Damaged { at, why },
        _ => Error::Engine { at, why },
    }
}

fn unreachable(at: &str, e: &::postgres::Error) -> Error {
    Error::Unreachable { at: at.to_owned(), why: chain(e) }
}

impl ToSql for Value {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut bytes::BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        match self {
            Value::Null => Ok(IsNull::Yes),
            Value::Int(v) => v.to_sql(ty, out),
            Value::Text(v) => v.to_sql(ty, out),
            Value::Bytes(v) => v.to_sql(ty, out),
        }
    }

    /// Each column is one of three types, and every statement is prepared against them in a test.
    fn accepts(ty: &Type) -> bool {
        [Type::INT8, Type::TEXT, Type::BYTEA, Type::NAME].contains(ty)
    }

    to_sql_checked!();
}

fn cells(row: &::postgres::Row) -> Result<Row, ::postgres::Error> {
    let cell = |(i, column): (usize, &::postgres::Column)| {
        Ok(match *column.type_() {
            Type::INT8 => row.try_get::<_, Option<i64>>(i)?.into(),
            Type::INT4 => row.try_get::<_, Option<i32>>(i)?.map(i64::from).into(),
            Type::BYTEA => row.try_get::<_, Option<Vec<u8>>>(i)?.map_or(Value::Null, Value::Bytes),
            _ => row.try_get::<_, Option<String>>(i)?.into(),
        })
    };
    row.columns().iter().enumerate().map(cell).collect::<Result<_, _>>().map(Row)
}
