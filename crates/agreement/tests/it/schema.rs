//! The editor's schema: in the tree as the types say it, and of one mind with the reader.

use agreement::Agreement;
use serde_json::{Map, Value};

use crate::shipped::{HISTORY, HOSTED, INCIDENTS, ISOLATED};

const IN_THE_TREE: &str = include_str!("../../../../agreements/agreement.schema.json");

#[test]
fn the_schema_in_the_tree_is_the_types() {
    assert_eq!(Agreement::schema_text(), IN_THE_TREE, "write it anew: uphold agreement schema");
}

#[test]
fn the_shipped_files_keep_to_the_schema_and_name_it() {
    for text in [HOSTED, ISOLATED] {
        assert_eq!(text.lines().next(), Some("#:schema ./agreement.schema.json"));
    }
    for text in [HOSTED, ISOLATED, HISTORY, INCIDENTS] {
        assert_eq!(complaints(text), Vec::<String>::new());
    }
}

/// What the reader refuses by shape, the schema refuses too.
#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    for (written, instead) in [
        ("format = \"agreement/1\"", "format = \"agreement/2\""),
        ("chosen    = \"premium\"", "chosne    = \"premium\""),
        ("compare          = \"exact\"", "compare          = \"rounded\""),
        ("every     = \"20s\"", "every     = \"20 s\""),
        ("standard = \"99.9\"", "standard = 99.9"),
        ("on        = \"request.received\"", "on        = \"request.recieved\""),
        ("open      = \"always\"", "open      = \"sometimes\""),
        ("min = \"0.1\"", "minimum = \"0.1\""),
        ("required  = [\"provider\", \"client\"]", "required  = [\"provider\", \"bank\"]"),
        ("expect    = [200,", "expect    = [\"200\","),
    ] {
        let changed = HOSTED.replacen(written, instead, 1);
        assert_ne!(changed, HOSTED, "{written} is not in the file");
        assert!(!Agreement::read(&changed).1.is_empty(), "the reader takes {instead}");
        assert!(!complaints(&changed).is_empty(), "the schema takes {instead}");
    }
}

fn complaints(text: &str) -> Vec<String> {
    let schema = jsonschema::draft202012::new(&Agreement::schema()).expect("a schema");
    let table: toml::Table = text.parse().expect("TOML");
    schema.iter_errors(&json(toml::Value::Table(table))).map(|error| error.to_string()).collect()
}

/// As editors hand TOML to a schema: an instant or a date is its text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(word) => word.into(),
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, json(value))).collect::<Map<_, _>>())
        }
    }
}
