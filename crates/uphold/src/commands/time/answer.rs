//! What an answer looks like on its line.

use serde::{Serialize, Serializer};
use serde_json::{Value, value::RawValue};
use spans::{Instant, Length};

/// An answer under its question's name.
#[derive(Serialize)]
pub(super) struct Answer {
    pub(super) name: Value,
    #[serde(flatten)]
    pub(super) says: Says,
}

/// What was asked for, or what is wrong with the question.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Says {
    /// When the amount of open time has passed.
    Deadline { due: Instant },
    /// How much open time there was.
    Elapsed { elapsed_minutes: Minutes },
    /// How a clock stands; no due time while an open pause keeps it from being known.
    Clock { due: Option<Instant>, elapsed_minutes: Minutes, breached: bool },
    /// Why there is no answer.
    Error { error: String },
}

impl Answer {
    pub(super) fn error(name: Value, error: String) -> Answer {
        Answer { name, says: Says::Error { error } }
    }
}

/// Minutes as a decimal number: whole ones without a point, others with as many of nine decimals as they need. Nine are
/// enough to tell one microsecond from the next.
pub(super) struct Minutes(pub(super) Length);

impl Minutes {
    fn text(&self) -> String {
        const MINUTE_US: i128 = 60_000_000;
        const NANOS: i128 = 1_000_000_000;
        let micros = i128::from(self.0.as_micros());
        let nanos = (micros * NANOS + MINUTE_US / 2).div_euclid(MINUTE_US);
        let (whole, part) = (nanos / NANOS, nanos % NANOS);
        match part {
            0 => whole.to_string(),
            _ => format!("{whole}.{part:09}").trim_end_matches('0').to_owned(),
        }
    }
}

impl Serialize for Minutes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let number = RawValue::from_string(self.text());
        number.expect("digits with a point are a JSON number").serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_exact_decimals() {
        for (length, text) in [
            (Length::ZERO, "0"),
            (Length::from_hours(8), "480"),
            (Length::from_secs(5430), "90.5"),
            (Length::from_secs(1), "0.016666667"),
            (Length::from_micros(1), "0.000000017"),
            (Length::from_micros(2), "0.000000033"),
        ] {
            assert_eq!(Minutes(length).text(), text);
        }
    }
}
