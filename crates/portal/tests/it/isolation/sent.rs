//! What is sent along: forms and bodies that are right, with ids of any client in them.
//!
//! A form of ours is read field by field and takes no notice of others, so one form holds every field there is. A body of the API is
//! filled as its description says.

use std::{collections::BTreeMap, sync::LazyLock};

use portal::server::Route;
use rusqlite::{Connection, types::Value as Cell};
use serde_json::{Map, Value, json};
use spans::Length;

use super::world::{CLIENTS, Whose, World};

/// How somebody came in, and what follows the journal by itself.
const ASIDE: [&str; 6] = ["session", "begun", "device", "api_token", "index_mark", "ticket_entry"];

static DESCRIBED: LazyLock<Value> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});

/// A body with its type.
pub(super) struct Sent {
    pub(super) media: &'static str,
    pub(super) text: String,
}

impl World {
    /// What a route wants to be sent, with ids of these.
    pub(super) fn sent(&self, route: &Route, whose: Whose) -> Sent {
        let values = self.values(whose);
        if route.path.starts_with("/api/") {
            return Sent { media: "application/json", text: body(route, &values).to_string() };
        }
        if route.path.ends_with("/files") || route.path == "/clients/{client}/status/logo" {
            return upload(&self.key());
        }
        let field = |(name, value): (&&str, &Value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!(
                "{name}={}",
                text.replace('%', "%25").replace('&', "%26").replace('+', "%2B").replace(' ', "+")
            )
        };
        let fields: Vec<String> = values.iter().map(field).chain([format!("key={}", self.key())]).collect();
        Sent { media: "application/x-www-form-urlencoded", text: fields.join("&") }
    }

    /// A name for a form's request that was not used before.
    fn key(&self) -> String {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        format!("{:032x}", *asked)
    }

    /// Every field by its name. `to` is an instance's, a ticket's or a person's, as the field of that name mostly is.
    fn values(&self, whose: Whose) -> BTreeMap<&'static str, Value> {
        let id = |kind| Value::from(self.ids(kind, whose));
        let at = |days: i64| (self.desk.now() + Length::from_secs(days * 86_400)).to_string();
        let minute = |days: i64| Value::from(at(days)[..16].to_owned());
        let mut values: BTreeMap<&'static str, Value> = BTreeMap::new();
        for name in ["person", "away", "client-person", "belongs"] {
            values.insert(name, id("person"));
        }
        for name in ["ticket", "other", "to", "into", "from-ticket"] {
            values.insert(name, id("ticket"));
        }
        values.extend([
            ("instance", id("instance")),
            ("instances", json!([self.ids("instance", whose)])),
            ("people", json!([self.ids("person", whose)])),
            ("from", minute(20)),
            ("until", minute(21)),
            ("work-on", id("instance")),
            ("work-from", minute(20)),
            ("work-until", minute(21)),
            (
                "work",
                json!({"starts_at": at(20), "ends_at": at(21), "instances": [self.ids("instance", whose)]}),
            ),
            ("starts", minute(30)),
            ("ends", minute(31)),
            ("starts_at", at(30).into()),
            ("ends_at", at(31).into()),
            ("first", at(0).into()),
            ("next", minute(2)),
        ]);
        let plain = [
            ("text", "what is said"),
            ("title", "what it is called"),
            ("reason", "because"),
            ("message", "it is less urgent"),
            ("summary", "the disk was full"),
            ("cause", "upgrade"),
            ("evidence", "a log"),
            ("outside", "as agreed"),
            ("outside_slot", "as agreed"),
            ("add", "a tag"),
            ("tag", "a tag"),
            ("link", "relates"),
            ("level", "2"),
            ("priority", "P3"),
            ("choice", "P3"),
            ("channel", "email"),
            ("kind", "scheduled"),
            ("impact", "down"),
            ("expected_impact", "down"),
            ("environment", "production"),
            ("check", "more"),
            ("url", "https://shop.example/"),
            ("name", "somebody"),
            ("login", "somebody"),
            ("role", "contact"),
            ("zone", "UTC"),
            ("upheld", "yes"),
            ("agree", "yes"),
            ("confirm", "yes"),
            ("query", "state=open"),
            ("rota", "first"),
            ("what", "work at night"),
            ("why", "it is slow"),
            ("asked", "work"),
            ("weeks", "1"),
            ("audience", "people"),
            ("address", "a-page"),
            ("stage", "identified"),
        ];
        values.extend(plain.map(|(name, value)| (name, Value::from(value))));
        values
    }

    /// Everything that is kept of a client, and of its people: row by row, as it lies there.
    pub(super) fn kept(&self, of: &str) -> Vec<String> {
        let store = Connection::open(self.desk.store_path()).unwrap();
        let tables = texts(
            &store,
            "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%fts5%'",
            &[],
        );
        let mut kept = Vec::new();
        for table in tables.iter().filter(|table| !ASIDE.contains(&table.as_str())) {
            let columns = texts(&store, &format!("SELECT name FROM pragma_table_info('{table}')"), &[]);
            let has = |column: &str| columns.iter().any(|name| name == column);
            let of_client = "client = ?1";
            let of_people = "person IN (SELECT id FROM person WHERE client = ?1)";
            let of_whom = match (has("client"), has("person")) {
                (true, _) => of_client,
                (false, true) => of_people,
                (false, false) => continue,
            };
            let rows = format!("SELECT * FROM {table} WHERE {of_whom}");
            kept.extend(lines(&store, &rows, of).into_iter().map(|row| format!("{table}: {row}")));
        }
        kept.sort();
        kept
    }
}

fn texts(store: &Connection, sql: &str, args: &[&str]) -> Vec<String> {
    let mut rows = store.prepare(sql).unwrap();
    let found = rows.query_map(rusqlite::params_from_iter(args), |row| row.get(0)).unwrap();
    found.collect::<Result<_, _>>().unwrap()
}

fn lines(store: &Connection, sql: &str, of: &str) -> Vec<String> {
    let mut rows = store.prepare(sql).unwrap();
    let columns = rows.column_count();
    let line = |row: &rusqlite::Row<'_>| {
        (0..columns)
            .map(|column| row.get::<_, Cell>(column).map(|cell| format!("{cell:?}")))
            .collect::<Result<Vec<_>, _>>()
    };
    let found = rows.query_map([of], |row| line(row).map(|cells| cells.join(" "))).unwrap();
    found.collect::<Result<_, _>>().unwrap()
}

/// What a description asks for: every field that it must have, and of the others those that name something.
fn body(route: &Route, values: &BTreeMap<&'static str, Value>) -> Value {
    let operation = &DESCRIBED["paths"][route.path][route.method.as_str().to_lowercase()];
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let schema = match schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        Some(name) => &DESCRIBED["components"]["schemas"][name],
        None => schema,
    };
    let must: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let names = ["instance", "person", "away", "to", "evidence", "text"];
    let mut told = Map::new();
    for (name, kind) in schema["properties"].as_object().into_iter().flatten() {
        if must.contains(&name.as_str()) || names.contains(&name.as_str()) {
            let value = values.get(name.as_str()).cloned();
            told.insert(name.clone(), fitting(kind, value.unwrap_or_else(|| json!("relates"))));
        }
    }
    Value::Object(told)
}

/// The value in the type that is asked for.
fn fitting(kind: &Value, value: Value) -> Value {
    let is = |name: &str| {
        kind["type"] == name || kind["type"].as_array().is_some_and(|all| all.contains(&json!(name)))
    };
    match value {
        _ if is("boolean") => json!(true),
        _ if is("integer") => json!(20),
        Value::String(text) if kind["format"] == "date-time" || kind.to_string().contains("date-time") => {
            json!(if text.len() == 16 { format!("{text}:00Z") } else { text })
        }
        value if is("array") && !value.is_array() => json!([value]),
        value => value,
    }
}

fn upload(key: &str) -> Sent {
    let part =
        |head: &str, text: &str| format!("--x\r\ncontent-disposition: form-data; {head}\r\n\r\n{text}\r\n");
    let text =
        part("name=\"key\"", key) + &part("name=\"file\"; filename=\"log.txt\"", "one line") + "--x--\r\n";
    Sent { media: "multipart/form-data; boundary=x", text }
}

/// The other client of two.
pub(super) fn other(of: &str) -> &'static str {
    if of == CLIENTS[0] { CLIENTS[1] } else { CLIENTS[0] }
}
