//! Is the schema still the one that the migrations made? Whoever drops the triggers that keep entries append-only leaves every
//! hash as it was, so `verify` looks at the tables, indexes, constraints and triggers themselves.
//!
//! What an engine tells of a fresh journal is kept as text beside the migrations, one line for each thing; a test holds both
//! texts to the migrations. Looked at are the tables that entries, projections and work lie in; those of others in the same
//! database, and those of `people.rs`, prove nothing about facts.

use crate::{Result, Tx, dialect::Dialect};

const SCHEMA: &str = "{schema}";
pub(crate) const STATEMENTS: &[&str] = &[SCHEMA];

const SQLITE: &str = include_str!("migrations/schema-sqlite.txt");
const POSTGRES: &str = include_str!("migrations/schema-postgres.txt");

/// What differs from what the migrations make, in words.
pub(crate) fn faults(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let made: Vec<&str> = made(tx.dialect()).lines().collect();
    let stored = stored(tx)?;
    let missing = made.iter().filter(|line| !stored.iter().any(|stored| stored == *line));
    let strange = stored.iter().filter(|line| !made.contains(&line.as_str()));
    let missing = missing.map(|line| format!("this is no longer there, as uphold made it: {line}"));
    let strange = strange.map(|line| format!("somebody else made this: {line}"));
    Ok(missing.chain(strange).collect())
}

fn made(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    }
}

/// One line for each thing, sorted.
fn stored(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let rows = tx.rows(SCHEMA, &[])?;
    let mut lines: Vec<String> =
        rows.into_iter().map(|mut row| Ok(one_line(&row.text(0)?))).collect::<Result<_>>()?;
    lines.sort();
    Ok(lines)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Journal, Location};

    #[track_caller]
    fn the_text_is_what_the_migrations_make(location: &Location, file: &str) {
        let journal = Journal::open(location).unwrap();
        let stored = journal.read(|tx| Ok::<_, crate::Error>((tx.dialect(), stored(tx)?)));
        let (dialect, stored) = stored.unwrap();
        assert_eq!(stored.join("\n") + "\n", made(dialect), "{file} is to hold the text on the left");
    }

    #[test]
    fn the_text_is_what_the_migrations_make_on_sqlite() {
        let folder = std::env::temp_dir().join(format!("uphold-schema-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let location = Location::Sqlite(folder.join("journal.db"));
        the_text_is_what_the_migrations_make(&location, "migrations/schema-sqlite.txt");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn the_text_is_what_the_migrations_make_on_postgres() {
        let location = Location::Postgres(testkit::postgres::shared().fresh_schema());
        the_text_is_what_the_migrations_make(&location, "migrations/schema-postgres.txt");
    }
}
