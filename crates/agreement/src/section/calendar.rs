//! When it is open.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::json;
use spans::Zone;

use crate::{
    finding::Finding,
    read::{Read, Value, parsed, table, words},
    value::{Clauses, amount::Amount, keyed::Keyed},
};

table! {
    /// A calendar: open hours in a zone, less holidays, within another calendar.
    CalendarRule {
        /// The clauses this table executes.
        clause: Clauses,
        /// What people call it, such as Business Hours. Its name in the file where it has none.
        title: Option<String>,
        /// The zone of its hours.
        tz: Zone,
        /// When it is open.
        open: Open,
        /// The holiday lists during which it is closed, such as `holidays.amsterdam`.
        except: Vec<String>,
        /// Another calendar it lies within (SH-CAL-05).
        inside: Option<String>,
        /// The length of one `d` in it.
        day: Amount,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

/// Open hours: `"always"`, or a list of weekly hours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Open {
    /// Round the clock.
    Always,
    /// These hours of each week.
    Weekly(Vec<OpenHours>),
}

impl Read for Open {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Open> {
        if value.get_ref().is_array() {
            return Vec::read(value, findings).map(Open::Weekly);
        }
        parsed(
            value,
            "open hours",
            "\"always\", or [{ days = [\"Mon\"], from = \"09:00\", to = \"17:00\" }]",
            findings,
            |t| (t == "always").then_some(Open::Always),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [{ "const": "always" }, { "type": "array", "items": OpenHours::schema() }] })
    }
}

table! {
    /// Hours of each week: on the named days from one time to another, or one stretch such as Sun 17:00 to Fri 17:00.
    OpenHours {
        /// The days, where `from` and `to` name none.
        days: Vec<Weekday>,
        /// `09:00`, or `Sun 17:00` for a stretch over several days.
        from: WeekTime,
        /// `17:00` (24:00 ends a day), or `Fri 17:00`.
        to: WeekTime,
    }
}

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        "Mon" Mon,
        /// Tuesday.
        "Tue" Tue,
        /// Wednesday.
        "Wed" Wed,
        /// Thursday.
        "Thu" Thu,
        /// Friday.
        "Fri" Fri,
        /// Saturday.
        "Sat" Sat,
        /// Sunday.
        "Sun" Sun,
    }
}

/// A wall-clock time, with its day of the week where a stretch crosses days. Minutes after midnight, 0 to 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekTime {
    /// The day, if named.
    pub day: Option<Weekday>,
    /// Minutes after midnight; 1440 ends the day.
    pub minute: u16,
}

impl WeekTime {
    fn parse(text: &str) -> Option<WeekTime> {
        let (day, time) = match text.split_once(' ') {
            Some((day, time)) => (Some(Weekday::named(day)?), time),
            None => (None, text),
        };
        let (hour, minute) = time.split_once(':')?;
        let two = |t: &str| {
            (t.len() == 2 && t.bytes().all(|b| b.is_ascii_digit())).then(|| t.parse::<u16>().ok())?
        };
        let (hour, minute) = (two(hour)?, two(minute)?);
        let minutes = hour * 60 + minute;
        (minute < 60 && minutes <= 1440).then_some(WeekTime { day, minute: minutes })
    }
}

impl std::fmt::Display for WeekTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(day) = self.day {
            write!(f, "{} ", day.name())?;
        }
        write!(f, "{:02}:{:02}", self.minute / 60, self.minute % 60)
    }
}

impl Read for WeekTime {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<WeekTime> {
        parsed(value, "a time of day", "\"09:00\", \"24:00\" or \"Sun 17:00\"", findings, WeekTime::parse)
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^((Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?[0-2][0-9]:[0-5][0-9]$" })
    }
}

table! {
    /// A list of holidays that both parties signed: each date is closed from 00:00 to 24:00 in its own zone.
    Holidays {
        /// The clauses this table executes.
        clause: Clauses,
        /// The zone whose days they are.
        tz: Zone,
        /// The dates of each year; every year of the term must be there (L-03).
        year: BTreeMap<String, Vec<Date>>,
        /// Why it is here, where no clause asks for it.
        added: Option<String>,
    }
}

table! {
    /// The hours in which support answers, for the reader (SH-SUP-01, SH-REQ-02).
    SupportHours {
        /// The clauses this table executes.
        clause: Clauses,
        /// The calendar, by tier.
        calendar: Keyed<String>,
    }
}

table! {
    /// The agreed maintenance window: a recurring slot (SH-MAINT-05, RFC 5545).
    Window {
        /// The clauses this table executes.
        clause: Clauses,
        /// How long each is.
        length: Amount,
        /// The wall-clock start of the first one.
        start: LocalStart,
        /// How it recurs: an RFC 5545 recurrence rule.
        rrule: String,
        /// The zone of the start.
        tz: Zone,
        /// Who must agree to a change of it.
        change: ChangeOf,
    }
}

words! {
    /// Who must agree to a change.
    ChangeOf {
        /// Both parties: a change by one alone stays proposed.
        "both-parties" BothParties,
    }
}

/// A wall-clock date and time, without a zone of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalStart(pub jiff::civil::DateTime);

impl Read for LocalStart {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<LocalStart> {
        let text = match value.get_ref() {
            toml::de::DeValue::String(text) => Some(text.to_string()),
            toml::de::DeValue::Datetime(at) if at.offset.is_none() => Some(at.to_string()),
            _ => None,
        };
        let read = text.and_then(|t| t.parse().ok()).map(LocalStart);
        if read.is_none() {
            crate::read::expected(value, "a wall-clock date and time", "2026-03-01T02:00:00", findings);
        }
        read
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string" })
    }
}
