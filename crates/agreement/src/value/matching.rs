//! What happens, and which of it is meant: events with a match.

use std::collections::BTreeMap;

use facts::{Event, Moment, Score};
use serde_json::json;
use toml::de::DeValue;

use crate::{
    finding::{Finding, Place},
    read::{Read, Value, expected, place, table, words},
};

/// Something that happens, perhaps only where its fields match: `"request.withdrawn"`, or
/// `{ event = "request.classified", match = { class = "feature" } }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What happens.
    pub event: Event,
    /// Which of them.
    pub matching: Match,
    /// Where it stands.
    pub place: Place,
}

table! {
    /// An event with a match.
    TriggerTable {
        /// What happens.
        event: Event,
        /// Which of them.
        r#match: Option<Match>,
    }
}

impl Read for Trigger {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Trigger> {
        let place = place(value);
        if value.get_ref().is_table() {
            let table = TriggerTable::read(value, findings)?;
            return Some(Trigger { event: table.event, matching: table.r#match.unwrap_or_default(), place });
        }
        Some(Trigger { event: Event::read(value, findings)?, matching: Match::default(), place })
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [Event::schema(), TriggerTable::schema()] })
    }
}

impl Read for Event {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Event> {
        let Some(name) = value.get_ref().as_str() else {
            expected(value, "an event", "the name of a fact, such as \"request.received\"", findings);
            return None;
        };
        let event = Event::named(name);
        if event.is_none() {
            let way_out = match crate::read::nearest(name, Event::ALL.iter().map(|e| e.name())) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => "`uphold facts reference` lists every event".to_owned(),
            };
            findings.push(Finding::unreadable(place(value), format!("`{name}` is no event"), way_out));
        }
        event
    }
    fn schema() -> serde_json::Value {
        json!({ "$ref": "#/$defs/event" })
    }
}

impl Read for Moment {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Moment> {
        let names: Vec<&str> = Moment::ALL.iter().map(|m| m.name()).collect();
        let name = crate::read::word(value, &names, findings)?;
        Moment::ALL.into_iter().find(|m| m.name() == name)
    }
    fn schema() -> serde_json::Value {
        json!({ "enum": Moment::ALL.iter().map(|m| m.name()).collect::<Vec<_>>() })
    }
}

words! {
    /// Whom a release or a vulnerability concerns. Looks at `instance.added` and `instance.version_seen`.
    Affects {
        /// Each instance whose last seen version of that software is older than the named one.
        "deployed-version" DeployedVersion,
        /// Each instance that runs that software.
        "deployed-software" DeployedSoftware,
    }
}

/// Which events are meant: every key must have one of its values; no expression language. `score_at_least` and `affects`
/// are named conditions; any other key is a field of the event (or of the ticket it is about, as it stands then).
/// A ticket that was given no class is `unclassified`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Match {
    /// Field and the values it may have.
    pub fields: BTreeMap<String, Vec<String>>,
    /// The lowest CVSS base score meant.
    pub score_at_least: Option<Score>,
    /// Whom it concerns.
    pub affects: Option<Affects>,
    /// Where each key stands.
    pub places: BTreeMap<String, Place>,
}

impl Match {
    /// Whether every field has one of its values, as `look` finds them.
    pub fn fields_match<'a>(&self, look: impl Fn(&str) -> Option<std::borrow::Cow<'a, str>>) -> bool {
        self.fields.iter().all(|(field, values)| {
            look(field).is_some_and(|found| values.iter().any(|value| *value == *found))
        })
    }

    /// Whether everything matches.
    pub fn is_open(&self) -> bool {
        self.fields.is_empty() && self.score_at_least.is_none() && self.affects.is_none()
    }
}

impl Read for Match {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Match> {
        let Some(table) = value.get_ref().as_table() else {
            expected(
                value,
                "a match",
                "{ field = \"value\" } or { field = [\"one\", \"another\"] }",
                findings,
            );
            return None;
        };
        let before = findings.len();
        let mut matching = Match::default();
        for (key, value) in table {
            let key = key.get_ref().to_string();
            matching.places.insert(key.clone(), place(value));
            match key.as_str() {
                "score_at_least" => matching.score_at_least = Score::read(value, findings),
                "affects" => matching.affects = Affects::read(value, findings),
                _ => drop(one_or_many(value, findings).map(|values| matching.fields.insert(key, values))),
            }
        }
        (findings.len() == before).then_some(matching)
    }
    fn schema() -> serde_json::Value {
        let one = json!({ "type": ["string", "boolean"] });
        json!({
            "type": "object",
            "properties": { "score_at_least": Score::schema(), "affects": Affects::schema() },
            "additionalProperties": { "oneOf": [one, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] },
        })
    }
}

fn one_or_many(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Vec<String>> {
    match value.get_ref() {
        DeValue::String(one) => Some(vec![one.to_string()]),
        DeValue::Boolean(one) => Some(vec![one.to_string()]),
        DeValue::Array(list) if list.is_empty() => {
            expected(value, "at least one value", "[\"…\"]", findings);
            None
        }
        DeValue::Array(_) => Vec::<String>::read(value, findings),
        _ => {
            expected(value, "a value or a list of values", "\"…\" or [\"…\", \"…\"]", findings);
            None
        }
    }
}
