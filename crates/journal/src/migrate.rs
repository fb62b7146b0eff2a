//! Brings a store to the schema this version knows: one numbered file each, forward only, never edited once shipped.

use crate::{
    Error, Hash, Result, chain,
    conn::{Access, Committed, Conn},
    value::args,
};

/// Every migration, in order: number 1 first.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001-journal.sql"),
    include_str!("migrations/0002-people.sql"),
    include_str!("migrations/0003-text.sql"),
    include_str!("migrations/0004-vantage.sql"),
    include_str!("migrations/0005-heartbeat.sql"),
    include_str!("migrations/0006-index.sql"),
    include_str!("migrations/0007-courier.sql"),
    include_str!("migrations/0008-desk.sql"),
    include_str!("migrations/0009-credentials.sql"),
    include_str!("migrations/0010-audit.sql"),
    include_str!("migrations/0011-latency.sql"),
    include_str!("migrations/0012-beginnings.sql"),
    include_str!("migrations/0013-status.sql"),
    include_str!("migrations/0014-guess.sql"),
    include_str!("migrations/0015-calendar.sql"),
    include_str!("migrations/0016-words-by-client.sql"),
    include_str!("migrations/0017-reach.sql"),
    include_str!("migrations/0018-words-by-window.sql"),
    include_str!("migrations/0019-inbox.sql"),
    include_str!("migrations/0020-links.sql"),
    include_str!("migrations/0021-status-logo.sql"),
];

/// The oldest schema that can be read as it is: what came later added nothing that reading looks at. So an old backup on a
/// read-only disk still verifies.
const READ_FROM: i64 = 1;

const TABLE_EXISTS: &str = "{table_exists}";
const LOCK: &str = "{migration_lock}";
const DONE: &str = "SELECT number, checksum FROM migration ORDER BY number";
const RECORD: &str = "INSERT INTO migration (number, checksum) VALUES ($1, $2)";
pub(crate) const STATEMENTS: &[&str] = &[TABLE_EXISTS, LOCK, DONE, RECORD];

/// The newest schema this version knows.
pub(crate) fn newest() -> i64 {
    MIGRATIONS.len() as i64
}

/// Whether the store holds a journal at all, of whatever version.
pub(crate) fn is_journal(conn: &mut Conn) -> Result<bool> {
    Ok(!conn.rows(TABLE_EXISTS, args!["migration"])?.is_empty())
}

/// Refuses a store that has to be brought forward before it can be read, and those that [`migrate`] refuses.
pub(crate) fn refuse_other_versions(conn: &mut Conn, at: &str) -> Result<()> {
    match done(conn, at)? {
        found if found < READ_FROM => Err(Error::Older { at: at.to_owned(), found, needed: READ_FROM }),
        _ => Ok(()),
    }
}

/// Runs what is missing, all of it or nothing; refuses a store of a newer version and one whose schema was altered.
pub(crate) fn migrate(conn: &mut Conn, at: &str) -> Result<()> {
    if is_journal(conn)? && done(conn, at)? == newest() {
        return Ok(());
    }
    conn.begin(Access::Write)?;
    let outcome = run_missing(conn, at);
    if let Err(e) = outcome {
        conn.rollback()?;
        return Err(e);
    }
    match conn.commit() {
        Committed::Yes => Ok(()),
        Committed::No(e) => Err(e),
        Committed::Unknown(e) => Err(Error::Unknown { at: at.to_owned(), cause: Box::new(e) }),
    }
}

/// Looks again under the lock: another process may have come first.
fn run_missing(conn: &mut Conn, at: &str) -> Result<()> {
    conn.rows(LOCK, &[])?;
    let from = if is_journal(conn)? { done(conn, at)? } else { 0 };
    for (number, sql) in (1i64..).zip(MIGRATIONS).filter(|(number, _)| *number > from) {
        conn.batch(sql)?;
        conn.run(RECORD, args![number, checksum(sql)])?;
    }
    Ok(())
}

/// How many migrations the store has, each checked against the text that this version holds.
fn done(conn: &mut Conn, at: &str) -> Result<i64> {
    let mut found = 0;
    for mut row in conn.rows(DONE, &[])? {
        let (number, ran) = (row.int(0)?, row.text(1)?);
        let known = usize::try_from(number - 1).ok().and_then(|i| MIGRATIONS.get(i));
        if known.is_some_and(|sql| checksum(sql) != ran) {
            return Err(Error::Altered { at: at.to_owned(), number });
        }
        found = found.max(number);
    }
    if found > newest() {
        return Err(Error::Newer { at: at.to_owned(), found, known: newest() });
    }
    Ok(found)
}

fn checksum(sql: &str) -> String {
    let hash: Hash = chain::digest([sql.as_bytes()]);
    hash.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Location, conn::Opener};

    /// An empty store is migrated, and then every statement of the crate is prepared against it.
    fn every_statement_is_prepared(location: &Location) {
        let mut conn = Opener::new(location).open_or_create(Access::Write, true).unwrap();
        migrate(&mut conn, "here").unwrap();
        migrate(&mut conn, "here").unwrap();
        for sql in crate::statements(conn.dialect()) {
            let prepared = match &mut conn {
                Conn::Sqlite(c) => c.prepare(sql),
                Conn::Postgres(c) => c.prepare(sql),
            };
            assert!(prepared.is_ok(), "{sql}: {prepared:?}");
        }
        assert!(crate::statements(conn.dialect()).count() > 30);
    }

    #[test]
    fn every_statement_is_prepared_on_sqlite() {
        let folder = std::env::temp_dir().join(format!("uphold-migrate-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        every_statement_is_prepared(&Location::Sqlite(folder.join("journal.db")));
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn every_statement_is_prepared_on_postgres() {
        every_statement_is_prepared(&Location::Postgres(testkit::postgres::shared().fresh_schema()));
    }
}
