//! A transaction: the one thing through which anything is read or written.

use crate::{
    Error, Result,
    conn::Conn,
    dialect::Dialect,
    value::{Row, Value},
};

/// An open transaction. What can be done in it stands with its noun: entries in `entry.rs`, outbox and jobs in
/// `queue.rs`.
pub struct Tx<'c> {
    conn: &'c mut Conn,
    fault: Option<Error>,
}

impl<'c> Tx<'c> {
    pub(crate) fn new(conn: &'c mut Conn) -> Tx<'c> {
        Tx { conn, fault: None }
    }

    /// The first error of the engine in this transaction. After one the work is undone, whatever it answers, since
    /// PostgreSQL accepts nothing more until then.
    pub(crate) fn fault(self) -> Option<Error> {
        self.fault
    }

    pub(crate) fn dialect(&self) -> Dialect {
        self.conn.dialect()
    }

    pub(crate) fn rows(&mut self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>> {
        let answer = self.conn.rows(sql, args);
        self.note(answer)
    }

    pub(crate) fn row(&mut self, sql: &'static str, args: &[Value]) -> Result<Option<Row>> {
        Ok(self.rows(sql, args)?.into_iter().next())
    }

    pub(crate) fn run(&mut self, sql: &'static str, args: &[Value]) -> Result<u64> {
        let answer = self.conn.run(sql, args);
        self.note(answer)
    }

    fn note<T>(&mut self, answer: Result<T>) -> Result<T> {
        if let (Err(e), None) = (&answer, &self.fault) {
            self.fault = Some(e.clone());
        }
        answer
    }
}
