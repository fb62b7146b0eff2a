//! The small values of an agreement file. Those with a meaning of their own have a file each; here stand the clauses of an entry,
//! and how values of other rooms are written.

pub(crate) mod amount;
pub(crate) mod keyed;
pub(crate) mod matching;
pub(crate) mod percent;

use facts::{ClientId, Currency, Score};
use jiff::civil::Date;
use serde_json::json;
use spans::{Instant, Zone};
use toml::de::DeValue;

use crate::{
    finding::{Finding, Place},
    read::{Read, Value, expected, parsed, place},
};

/// The clauses an entry executes. Our own additions carry none and say why in `added`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clauses {
    /// Their ids, in the file's order.
    pub ids: Vec<String>,
    /// Where each stands.
    pub places: Vec<Place>,
}

impl Clauses {
    /// The ids as one text: `SH-AVAIL-04, SH-AVAIL-05`.
    pub fn text(&self) -> String {
        self.ids.join(", ")
    }
}

impl Read for Clauses {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Clauses> {
        let Some(list) = value.get_ref().as_array() else {
            expected(
                value,
                "a list of clause ids",
                "[\"SH-DEF-01\"], or [] with `added = \"why\"`",
                findings,
            );
            return None;
        };
        let mut clauses = Clauses::default();
        for item in list.iter() {
            clauses.ids.push(String::read(item, findings)?);
            clauses.places.push(place(item));
        }
        Some(clauses)
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "array", "items": { "type": "string" }, "uniqueItems": true })
    }
}

impl Read for Score {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Score> {
        parsed(value, "a CVSS score in quotes", "\"0.0\" to \"10.0\"", findings, |t| t.parse().ok())
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]{1,2}(\\.[0-9])?$" })
    }
}

impl Read for Currency {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Currency> {
        parsed(value, "a currency", "an ISO 4217 code such as \"EUR\"", findings, |t| t.parse().ok())
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[A-Z]{3}$" })
    }
}

impl Read for ClientId {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<ClientId> {
        parsed(
            value,
            "a client id",
            "lower-case letters, digits and hyphens, such as \"example\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[a-z0-9-]{1,64}$" })
    }
}

impl Read for Zone {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Zone> {
        parsed(
            value,
            "a time zone",
            "a name of the tz database, such as \"Europe/Amsterdam\" or \"UTC\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string" })
    }
}

/// An instant, as a TOML offset date-time.
impl Read for Instant {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Instant> {
        let read = value.get_ref().as_datetime().and_then(|d| d.to_string().parse().ok());
        if read.is_none() {
            expected(value, "an instant with its offset", "2026-03-01T00:00:00Z, without quotes", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "format": "date-time" })
    }
}

/// A date, as a TOML local date or in quotes.
impl Read for Date {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Date> {
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Datetime(date) => Some(date.to_string()),
            _ => None,
        };
        let read = text.filter(|t| t.len() == 10).and_then(|t| t.parse().ok());
        if read.is_none() {
            expected(value, "a date", "2026-12-25", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "format": "date" })
    }
}
