//! The JSON Schema of the file, for editors: completion, a word on every key, and a red line before `check` is run.
//!
//! Made from the types, so it cannot drift from them. It knows shapes and words; what a file means is judged by lints alone.

use facts::Event;
use serde_json::{Map, Value, json};

use crate::{agreement::Agreement, read::Read};

impl Agreement {
    /// The schema as a value.
    pub fn schema() -> Value {
        let mut schema = <Agreement as Read>::schema();
        if let Some(object) = schema.as_object_mut() {
            object.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
            object.insert("$defs".to_owned(), json!({ "event": events() }));
            object.insert("title".to_owned(), "Uphold agreement".into());
        }
        schema
    }

    /// The schema as the text of `agreements/agreement.schema.json`: keys in alphabetical order, always the same bytes.
    pub fn schema_text() -> String {
        format!("{:#}\n", sorted(Agreement::schema()))
    }
}

/// Every event with what it is about. It stands once, under `$defs`: many keys name an event.
fn events() -> Value {
    let words: Vec<Value> = Event::ALL
        .iter()
        .map(|event| json!({ "const": event.name(), "description": event.about() }))
        .collect();
    json!({ "oneOf": words })
}

/// The same value with every object's keys in order, whichever map `serde_json` was built with.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> = object.into_iter().collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().map(|(key, value)| (key, sorted(value))).collect::<Map<_, _>>())
        }
        Value::Array(list) => Value::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}
