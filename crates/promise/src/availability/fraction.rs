//! Shares of time, exact.

use std::fmt;

use agreement::Percent;
use serde::{Serialize, Serializer, ser::SerializeStruct};
use spans::Length;

/// A share of time as the fraction it is: compared exactly, rounded down only for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    part: Length,
    whole: Length,
}

impl Fraction {
    /// `part` of `whole`; nothing where the whole is nothing. A part below zero is none, above the whole all of it: a counted
    /// minute may reach beyond the last covered instant by less than itself.
    pub fn new(part: Length, whole: Length) -> Option<Fraction> {
        (whole > Length::ZERO).then(|| Fraction { part: part.clamp(Length::ZERO, whole), whole })
    }

    /// The time above the line.
    pub fn part(self) -> Length {
        self.part
    }

    /// The time below the line.
    pub fn whole(self) -> Length {
        self.whole
    }

    /// `self >= bound`, without rounding.
    pub fn is_at_least(self, bound: Percent) -> bool {
        let hundred = i128::from(Percent::HUNDRED.millionths());
        i128::from(self.part.as_micros()) * hundred
            >= i128::from(self.whole.as_micros()) * i128::from(bound.millionths())
    }

    /// As a percentage, rounded down: `99.898%`. At most six decimals.
    pub fn percent(self, decimals: u32) -> String {
        percentage(i128::from(self.part.as_micros()), i128::from(self.whole.as_micros()), decimals)
    }
}

/// `part` of `whole`, which is above zero, as a percentage that is rounded once, down. At most six decimals.
pub(crate) fn percentage(part: i128, whole: i128, decimals: u32) -> String {
    let scale = 10_i128.pow(decimals.min(6));
    let value = part * 100 * scale / whole;
    match decimals.min(6) {
        0 => format!("{value}%"),
        width => format!("{}.{:0width$}%", value / scale, value % scale, width = width as usize),
    }
}

/// In the largest unit that has no remainder: `43156/43200 min`.
impl fmt::Display for Fraction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (part, whole) = (self.part.as_micros(), self.whole.as_micros());
        let units = [(60_000_000, "min"), (1_000_000, "s"), (1, "µs")];
        let (size, name) =
            units.into_iter().find(|(size, _)| part % size == 0 && whole % size == 0).unwrap_or((1, "µs"));
        f.pad(&format!("{}/{} {name}", part / size, whole / size))
    }
}

/// Part and whole in whole microseconds, and the fraction as shown.
impl Serialize for Fraction {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("Fraction", 3)?;
        object.serialize_field("part_us", &self.part.as_micros())?;
        object.serialize_field("whole_us", &self.whole.as_micros())?;
        object.serialize_field("shown", &self.to_string())?;
        object.end()
    }
}

/// The whole minutes that may fail before a share of `whole` falls below its objective.
pub(crate) fn allowed_minutes(whole: Length, objective: Percent) -> i64 {
    let hundred = i128::from(Percent::HUNDRED.millionths());
    let spare = i128::from(whole.as_micros()) * (hundred - i128::from(objective.millionths())) / hundred;
    i64::try_from(spare / i128::from(Length::MINUTE.as_micros())).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(down: i64, whole: i64) -> Fraction {
        Fraction::new(Length::from_minutes(whole - down), Length::from_minutes(whole)).unwrap()
    }

    #[test]
    fn display_rounds_down_and_comparison_does_not_round() {
        let june = kept(44, 43_200);
        assert_eq!((june.percent(3), june.to_string()), ("99.898%".to_owned(), "43156/43200 min".to_owned()));
        assert_eq!((june.percent(0), june.percent(2)), ("99%".to_owned(), "99.89%".to_owned()));
        assert_eq!(kept(0, 43_200).percent(3), "100.000%");
        assert!(kept(432, 43_200).is_at_least("99".parse().unwrap()));
        assert!(!kept(433, 43_200).is_at_least("99".parse().unwrap()));
    }

    #[test]
    fn the_allowances_of_the_register() {
        for (days, objective, allowed) in [
            (28, "99.9", 40),
            (29, "99.9", 41),
            (30, "99.9", 43),
            (31, "99.9", 44),
            (28, "99.95", 20),
            (30, "99.95", 21),
            (31, "99.95", 22),
            (28, "99.99", 4),
            (30, "99.99", 4),
            (31, "99.99", 4),
            (10, "99.9", 14),
            (30, "100", 0),
        ] {
            assert_eq!(
                allowed_minutes(Length::DAY * days, objective.parse().unwrap()),
                allowed,
                "{days} {objective}"
            );
        }
    }
}
