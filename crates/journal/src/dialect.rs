//! All that differs between the engines, one row per difference. Everywhere else an SQL text is written once, with
//! these tokens and with `$1 … $n` for its arguments.

/// Which SQL is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

struct Difference {
    token: &'static str,
    sqlite: &'static str,
    postgres: &'static str,
}

const fn row(token: &'static str, sqlite: &'static str, postgres: &'static str) -> Difference {
    Difference { token, sqlite, postgres }
}

const DIFFERENCES: &[Difference] = &[
    // A 64-bit integer: STRICT tables know one name for it, PostgreSQL's INTEGER has 32 bits.
    row("{int}", "INTEGER", "BIGINT"),
    row("{bytes}", "BLOB", "BYTEA"),
    // SQLite checks column types only when asked.
    row("{strict}", "STRICT", ""),
    // Where the key is the whole row, SQLite need not keep it twice.
    row("{strict_without_rowid}", "STRICT, WITHOUT ROWID", ""),
    // SQLite takes its one write lock at once, so that nothing read in between can be stale; PostgreSQL locks rows.
    row("{begin_write}", "BEGIN IMMEDIATE", "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"),
    // One snapshot for all of a read.
    row("{begin_read}", "BEGIN DEFERRED", "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"),
    // Whoever holds a client's head row gives out its next sequence numbers; SQLite has one writer anyway.
    row("{for_update}", "", "FOR UPDATE"),
    // Workers of several nodes claim different rows instead of waiting for each other.
    row("{skip_locked}", "", "FOR UPDATE SKIP LOCKED"),
    // Keeps appends of other nodes out while projections are replayed.
    row("{freeze}", "SELECT 1", "LOCK TABLE entry, head, receipt, instance IN EXCLUSIVE MODE"),
    // Two nodes that start at once migrate one after the other. The number is "uphold" in ASCII.
    row("{migration_lock}", "SELECT 1", "SELECT 1 FROM pg_advisory_xact_lock(129125648919652)"),
    row(
        "{table_exists}",
        "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1",
        "SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = $1",
    ),
    // Held by its session until it ends. Locks are a database's, a journal is a schema in it. A file is locked beside it.
    row(
        "{take_name}",
        "SELECT 1 WHERE $1 <> ''",
        "SELECT CASE WHEN pg_try_advisory_lock(hashtextextended('uphold serve/' || current_schema() || '/' || $1, 0))
        THEN 1 ELSE 0 END",
    ),
    // The file says whose it is ("UPHD"), so that no other program's database is taken for a journal.
    row("{sign_file}", "PRAGMA application_id = 1431324740;", ""),
    // SQLite looks through its file; PostgreSQL has checksums and pg_amcheck, which are its operator's.
    row("{check_files}", "PRAGMA integrity_check(100)", "SELECT 'ok'"),
    row("{append_only}", SQLITE_APPEND_ONLY, POSTGRES_APPEND_ONLY),
    // Words are found by FTS5 and by tsvector; `index/search.rs` cuts texts into words, so that both find the same.
    row("{searchable}", SQLITE_SEARCHABLE, POSTGRES_SEARCHABLE),
    row("{searchable_beginnings}", SQLITE_SEARCHABLE_BEGINNINGS, POSTGRES_SEARCHABLE),
    row("{searchable_by_client}", "", POSTGRES_SEARCHABLE_BY_CLIENT),
    row("{searchable_by_window}", "", POSTGRES_SEARCHABLE_BY_WINDOW),
    // The second argument as a list, its members parted by blanks: one question for many instead of one for each.
    row(
        "{among_2}",
        r#"IN (SELECT value FROM json_each('["' || replace($2, ' ', '","') || '"]'))"#,
        "= ANY (string_to_array($2, ' '))",
    ),
    // What the journal's tables are made of, a line for each thing (`schema.rs`).
    row("{schema}", SQLITE_SCHEMA, POSTGRES_SCHEMA),
];

const SQLITE_SCHEMA: &str = "
SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL
AND tbl_name IN ('migration', 'entry', 'head', 'receipt', 'instance', 'outbox', 'job')";

/// A trigger that is switched off and a table that a crash would empty are told apart from those that are not.
const POSTGRES_SCHEMA: &str = "
WITH ours AS (
    SELECT c.oid, c.relname::text AS name, c.relpersistence FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r'
    AND c.relname IN ('migration', 'entry', 'head', 'receipt', 'instance', 'outbox', 'job'))
SELECT 'table ' || name || ' (' || string_agg(attname || ' ' || format_type(atttypid, atttypmod)
    || CASE WHEN attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY attnum) || ')'
    || CASE relpersistence WHEN 'p' THEN '' ELSE ' UNLOGGED' END
FROM ours JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped GROUP BY name, relpersistence
UNION ALL SELECT 'constraint of ' || name || ': ' || pg_get_constraintdef(c.oid, true)
FROM ours JOIN pg_constraint c ON conrelid = ours.oid AND contype IN ('p', 'u', 'c')
UNION ALL SELECT pg_get_indexdef(indexrelid, 0, true) FROM ours JOIN pg_index ON indrelid = oid
UNION ALL SELECT pg_get_triggerdef(t.oid, true) || CASE tgenabled WHEN 'O' THEN '' ELSE ' DISABLED' END
FROM ours JOIN pg_trigger t ON tgrelid = ours.oid AND NOT tgisinternal
UNION ALL SELECT DISTINCT 'function ' || proname || ': ' || prosrc
FROM ours JOIN pg_trigger t ON tgrelid = ours.oid AND NOT tgisinternal JOIN pg_proc p ON p.oid = tgfoid";

/// `INSERT OR REPLACE` deletes without firing delete triggers, so an insert over a stored row is stopped first: over
/// the same number it is refused, over the same id it does nothing.
const SQLITE_APPEND_ONLY: &str = "
CREATE TRIGGER entry_update BEFORE UPDATE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only: UPDATE refused'); END;
CREATE TRIGGER entry_delete BEFORE DELETE ON entry
BEGIN SELECT RAISE(ABORT, 'entry is append-only: DELETE refused'); END;
CREATE TRIGGER entry_replace BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM entry WHERE client = NEW.client AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'entry is append-only: REPLACE refused'); END;
CREATE TRIGGER entry_again BEFORE INSERT ON entry
WHEN EXISTS (SELECT 1 FROM entry WHERE client = NEW.client AND id = NEW.id)
BEGIN SELECT RAISE(IGNORE); END;";

const POSTGRES_APPEND_ONLY: &str = "
CREATE FUNCTION entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'entry is append-only: % refused', TG_OP; END $$;
CREATE TRIGGER entry_rows BEFORE UPDATE OR DELETE ON entry
FOR EACH ROW EXECUTE FUNCTION entry_is_append_only();
CREATE TRIGGER entry_truncate BEFORE TRUNCATE ON entry
FOR EACH STATEMENT EXECUTE FUNCTION entry_is_append_only();";

/// `detail=none`: that a word is there is enough, where it stands in the text is not kept.
const SQLITE_SEARCHABLE: &str = "
CREATE VIRTUAL TABLE searchable USING fts5(
    client UNINDEXED, ticket UNINDEXED, fact UNINDEXED, internal UNINDEXED, words, detail=none);";

/// Beginnings of three to five letters are listed as words are: without that, one letter less than a common word gathers and
/// sorts every row that holds it before the newest is known.
const SQLITE_SEARCHABLE_BEGINNINGS: &str = "
CREATE VIRTUAL TABLE searchable USING fts5(
    client UNINDEXED, ticket UNINDEXED, fact UNINDEXED, internal UNINDEXED, words, detail=none, prefix='3 4 5');";

const POSTGRES_SEARCHABLE: &str = "
CREATE TABLE searchable (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client TEXT NOT NULL,
    ticket TEXT NOT NULL,
    fact TEXT NOT NULL,
    internal BIGINT NOT NULL,
    words TEXT NOT NULL,
    words_index TSVECTOR NOT NULL GENERATED ALWAYS AS (to_tsvector('simple', words)) STORED
);
CREATE INDEX searchable_words ON searchable USING GIN (words_index);
CREATE INDEX searchable_fact ON searchable (client, fact);";

/// tag: of the client, which stands before each of its words. What waits to be sorted into the index is looked through by every
/// search, so little of it may wait.
const POSTGRES_SEARCHABLE_BY_CLIENT: &str = "
DROP TABLE searchable;
CREATE TABLE searchable (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client TEXT NOT NULL,
    ticket TEXT NOT NULL,
    fact TEXT NOT NULL,
    internal BIGINT NOT NULL,
    tag TEXT NOT NULL,
    words TSVECTOR NOT NULL
);
CREATE INDEX searchable_words ON searchable USING GIN (words) WITH (gin_pending_list_limit = 256);
CREATE INDEX searchable_newest ON searchable (client, number);
CREATE INDEX searchable_fact ON searchable (client, fact);
DELETE FROM index_mark;";

/// place: of the client and the window, stands before each word in the index; beside the row the words stand without it, in half the
/// room. What waits to be sorted into the index is sorted in before its writer ends.
const POSTGRES_SEARCHABLE_BY_WINDOW: &str = "
DROP TABLE searchable;
CREATE TABLE searchable (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    client TEXT NOT NULL,
    ticket TEXT NOT NULL,
    fact TEXT NOT NULL,
    internal BIGINT NOT NULL,
    place TEXT NOT NULL,
    words TEXT NOT NULL
);
CREATE INDEX searchable_words ON searchable
USING GIN (array_to_tsvector(string_to_array(place || replace(words, ' ', ' ' || place), ' ')));
CREATE INDEX searchable_fact ON searchable (client, fact);
DELETE FROM index_mark;";

impl Dialect {
    /// The text as this engine reads it.
    pub(crate) fn expand(self, sql: &str) -> String {
        let mut text = sql.to_owned();
        for difference in DIFFERENCES {
            text = text.replace(difference.token, self.side(difference));
        }
        match self {
            Dialect::Sqlite => numbered(&text),
            Dialect::Postgres => text,
        }
    }

    fn side(self, difference: &Difference) -> &'static str {
        match self {
            Dialect::Sqlite => difference.sqlite,
            Dialect::Postgres => difference.postgres,
        }
    }
}

/// `$1` as `?1`: SQLite takes `$1` for a name and would number it by its first appearance.
fn numbered(sql: &str) -> String {
    (1..=16).rev().fold(sql.to_owned(), |text, n| text.replace(&format!("${n}"), &format!("?{n}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_token_is_expanded_on_both_engines() {
        for difference in DIFFERENCES {
            for dialect in [Dialect::Sqlite, Dialect::Postgres] {
                assert!(!dialect.expand(difference.token).contains('{'), "{}", difference.token);
            }
        }
    }

    #[test]
    fn arguments_are_numbered_whatever_their_order() {
        assert_eq!(Dialect::Sqlite.expand("SELECT $12, $1"), "SELECT ?12, ?1");
        assert_eq!(Dialect::Postgres.expand("SELECT $12, $1"), "SELECT $12, $1");
    }
}
