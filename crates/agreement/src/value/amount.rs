//! Amounts of time as a file writes them, and reminders, which are amounts before or after something.

use std::{fmt, str::FromStr};

use serde_json::json;
use spans::Length;

use crate::{
    finding::Finding,
    read::{Read, Value, parsed},
};

/// A stretch of time as the file writes it: `20s`, `30m`, `8h`, `2d`, `1w`. Seconds, minutes and hours are open time of
/// the entry's calendar; a day is that calendar's own `day`; a week is 168 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Amount {
    /// How many.
    pub count: u32,
    /// Of what.
    pub unit: Unit,
}

/// What an [`Amount`] counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Unit {
    Seconds,
    Minutes,
    Hours,
    Days,
    Weeks,
}

impl Amount {
    /// The longest amount, a hundred years of hours: more than any term, and far from overflow.
    pub const COUNT_MAX: u32 = 1_000_000;

    /// Its length in a calendar whose day is `day` long.
    pub fn length(self, day: Length) -> Length {
        let count = i64::from(self.count);
        match self.unit {
            Unit::Seconds => Length::from_secs(count),
            Unit::Minutes => Length::from_minutes(count),
            Unit::Hours => Length::HOUR * count,
            Unit::Days => day * count,
            Unit::Weeks => Length::WEEK * count,
        }
    }
}

impl FromStr for Amount {
    type Err = ();
    fn from_str(text: &str) -> Result<Amount, ()> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "s" => Unit::Seconds,
            "m" => Unit::Minutes,
            "h" => Unit::Hours,
            "d" => Unit::Days,
            "w" => Unit::Weeks,
            _ => return Err(()),
        };
        let count = digits.parse().map_err(|_| ())?;
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && count <= Amount::COUNT_MAX;
        plain.then_some(Amount { count, unit }).ok_or(())
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Seconds => 's',
            Unit::Minutes => 'm',
            Unit::Hours => 'h',
            Unit::Days => 'd',
            Unit::Weeks => 'w',
        };
        write!(f, "{}{unit}", self.count)
    }
}

impl Read for Amount {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Amount> {
        parsed(
            value,
            "a length of time",
            "digits and a unit: \"30m\", \"8h\", \"2d\", \"1w\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]+[smhdw]$" })
    }
}

/// When a reminder is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remind {
    /// When so many percent of the time have been used, in calendar time.
    Used(u32),
    /// So long after the start.
    After(Amount),
    /// So long before it is due.
    Before(Amount),
}

impl FromStr for Remind {
    type Err = ();
    fn from_str(text: &str) -> Result<Remind, ()> {
        if let Some(percent) = text.strip_suffix('%') {
            let percent: u32 = percent.parse().map_err(|_| ())?;
            return if (1..100).contains(&percent) { Ok(Remind::Used(percent)) } else { Err(()) };
        }
        match text.strip_prefix("due-") {
            Some(amount) => amount.parse().map(Remind::Before),
            None => text.parse().map(Remind::After),
        }
    }
}

impl fmt::Display for Remind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Remind::Used(percent) => write!(f, "{percent}%"),
            Remind::After(amount) => write!(f, "{amount}"),
            Remind::Before(amount) => write!(f, "due-{amount}"),
        }
    }
}

impl Read for Remind {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Remind> {
        parsed(
            value,
            "a reminder",
            "\"50%\" (of the time), \"2w\" (after the start) or \"due-15m\" (before it is due)",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^([0-9]{1,2}%|(due-)?[0-9]+[smhdw])$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_reminders_read_back_as_written() {
        for text in ["20s", "30m", "8h", "2d", "1w"] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), text);
        }
        for text in ["", "h", "-1h", "1.5h", "8 h", "1y", "99999999h"] {
            assert!(text.parse::<Amount>().is_err(), "{text}");
        }
        for text in ["50%", "2w", "due-15m"] {
            assert_eq!(text.parse::<Remind>().unwrap().to_string(), text);
        }
        for text in ["0%", "100%", "due-", "due-50%", "before"] {
            assert!(text.parse::<Remind>().is_err(), "{text}");
        }
    }
}
