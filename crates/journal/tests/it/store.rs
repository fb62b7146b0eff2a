//! Stores for tests: a fresh one on each engine, a way around the journal, and facts to put in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use facts::{Actor, Body, ClientId, Fact, FactId, InstanceAdded, InstanceEnded, RequestWithdrawn};
use journal::{Journal, Location};
use spans::{Instant, Length};

/// Tells the same story on SQLite and on PostgreSQL, each in a store of its own.
pub(crate) fn both(story: impl Fn(&Store)) {
    for store in [Store::sqlite(), Store::postgres()] {
        eprintln!("on {}", store.location);
        story(&store);
    }
}

pub(crate) struct Store {
    pub(crate) location: Location,
    folder: Option<PathBuf>,
}

impl Store {
    pub(crate) fn sqlite() -> Store {
        let folder = scratch_folder();
        Store { location: Location::Sqlite(folder.join("journal.db")), folder: Some(folder) }
    }

    pub(crate) fn postgres() -> Store {
        let url = testkit::postgres::shared().fresh_schema();
        Store { location: Location::Postgres(url), folder: None }
    }

    pub(crate) fn open(&self) -> Journal {
        Journal::open(&self.location).unwrap()
    }

    pub(crate) fn is_sqlite(&self) -> bool {
        self.folder.is_some()
    }

    /// Runs SQL past the journal, as somebody with access to the database could.
    pub(crate) fn raw(&self, sql: &str) -> Result<(), String> {
        match &self.location {
            Location::Sqlite(path) => {
                let conn = rusqlite::Connection::open(path).unwrap();
                conn.execute_batch(sql).map_err(|e| e.to_string())
            }
            Location::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                client.batch_execute(sql).map_err(|e| format!("{:?}", e.as_db_error()))
            }
        }
    }

    /// Everything that lies in any table, as text.
    pub(crate) fn dump(&self) -> String {
        match &self.location {
            Location::Sqlite(path) => sqlite_dump(&rusqlite::Connection::open(path).unwrap()),
            Location::Postgres(url) => {
                let mut client = postgres::Client::connect(url, postgres::NoTls).unwrap();
                let tables = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema()";
                let tables: Vec<String> =
                    client.query(tables, &[]).unwrap().iter().map(|row| row.get(0)).collect();
                let rows = tables.iter().flat_map(|table| {
                    client.query(&format!("SELECT '{table} ' || t::text FROM {table} t"), &[]).unwrap()
                });
                rows.map(|row| row.get::<_, String>(0)).collect::<Vec<_>>().join("\n")
            }
        }
    }

    /// The same, with the guards against it taken down before and put back after, so that nothing else shows.
    pub(crate) fn tamper(&self, sql: &str) {
        let (down, up) = match &self.location {
            Location::Sqlite(path) => sqlite_guards(path),
            Location::Postgres(_) => (
                "ALTER TABLE entry DISABLE TRIGGER USER".to_owned(),
                "ALTER TABLE entry ENABLE TRIGGER USER".to_owned(),
            ),
        };
        self.raw(&down).unwrap();
        self.raw(sql).unwrap();
        self.raw(&up).unwrap();
    }
}

fn sqlite_dump(conn: &rusqlite::Connection) -> String {
    let mut tables = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = String::new();
    for table in tables {
        let mut rows = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = rows.column_count();
        let line = |row: &rusqlite::Row<'_>| {
            let cells = (0..columns).map(|n| match row.get_ref(n)? {
                rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => {
                    Ok(String::from_utf8_lossy(bytes).into_owned())
                }
                other => Ok(format!("{other:?}")),
            });
            cells.collect::<rusqlite::Result<Vec<_>>>().map(|cells| cells.join(" | "))
        };
        let rows = rows.query_map([], line).unwrap();
        rows.for_each(|row| all.push_str(&format!("{table} | {}\n", row.unwrap())));
    }
    all
}

/// What takes the triggers down, and what puts them back.
fn sqlite_guards(path: &Path) -> (String, String) {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut triggers = conn.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").unwrap();
    let of = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
    let triggers: Vec<(String, String)> = triggers.query_map([], of).unwrap().map(Result::unwrap).collect();
    let down = triggers.iter().map(|(name, _)| format!("DROP TRIGGER {name};")).collect();
    (down, triggers.iter().map(|(_, sql)| format!("{sql};")).collect())
}

impl Drop for Store {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = fs::remove_dir_all(folder);
        }
    }
}

pub(crate) fn scratch_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let n = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("uphold-journal-{}-{n}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    folder
}

pub(crate) fn acme() -> ClientId {
    "acme".parse().unwrap()
}

pub(crate) fn at(second: i64) -> Instant {
    "2026-03-01T00:00:00Z".parse::<Instant>().unwrap() + Length::from_secs(second)
}

/// The n-th fact of a client, always the same for the same n: it happened and was recorded in second n.
pub(crate) fn fact_of(client: &ClientId, n: u32) -> Fact {
    let body = RequestWithdrawn { ticket: format!("T-{n}").parse().unwrap() };
    with_body(client, n, body.into())
}

pub(crate) fn fact(n: u32) -> Fact {
    fact_of(&acme(), n)
}

pub(crate) fn facts(numbers: std::ops::Range<u32>) -> Vec<Fact> {
    numbers.map(fact).collect()
}

pub(crate) fn instance_added(n: u32, instance: &str) -> Fact {
    let body = InstanceAdded {
        instance: instance.parse().unwrap(),
        name: format!("Instance {instance}"),
        url: n.is_multiple_of(2).then(|| format!("https://{instance}.example")),
        environment: facts::Environment::Production,
        software: None,
        from: at(0),
        until: None,
    };
    with_body(&acme(), n, body.into())
}

pub(crate) fn instance_ended(n: u32, instance: &str) -> Fact {
    let body = InstanceEnded { instance: instance.parse().unwrap(), until: at(i64::from(n)) };
    with_body(&acme(), n, body.into())
}

fn with_body(client: &ClientId, n: u32, body: Body) -> Fact {
    let mut random = [0; 10];
    random[..4].copy_from_slice(&n.to_be_bytes());
    let at = at(i64::from(n));
    let actor = Actor::automaton("test");
    Fact { id: FactId::v7(at, random), client: client.clone(), at, recorded_at: at, actor, body }
}
