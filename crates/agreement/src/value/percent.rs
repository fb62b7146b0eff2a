//! Percentages and amounts of money as a file writes them: digits in quotes, read into exact integers.

use std::{fmt, str::FromStr};

use facts::{Currency, Money};
use serde_json::json;

use crate::{
    finding::Finding,
    read::{Read, Value, parsed},
};

/// A percentage, exact: millionths of a percent. `99.95` is 99 950 000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(i64);

impl Percent {
    /// One percent, in millionths.
    pub const ONE: i64 = 1_000_000;
    /// The whole.
    pub const HUNDRED: Percent = Percent(100 * Self::ONE);
    /// Nothing.
    pub const ZERO: Percent = Percent(0);

    /// The value in millionths of a percent, 0 to 100 000 000.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// So much of an amount of money, half a cent rounded away from zero.
    pub fn of(self, money: Money) -> Money {
        Money {
            minor: divide_half_up(i128::from(money.minor) * i128::from(self.0), i128::from(Self::HUNDRED.0)),
            ..money
        }
    }
}

/// `a / b` to the nearest whole, halves away from zero. `b` is positive.
pub fn divide_half_up(a: i128, b: i128) -> i64 {
    let half = if a < 0 { -b / 2 } else { b / 2 };
    i64::try_from((a + half) / b).unwrap_or(if a < 0 { i64::MIN } else { i64::MAX })
}

impl FromStr for Percent {
    type Err = ();
    fn from_str(text: &str) -> Result<Percent, ()> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits =
            |t: &str, max: usize| (1..=max).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(part, 6) {
            return Err(());
        }
        let whole: i64 = whole.parse().map_err(|_| ())?;
        let scale = 10_i64.pow(6 - u32::try_from(part.len()).map_err(|_| ())?);
        let value = whole * Self::ONE + part.parse::<i64>().map_err(|_| ())? * scale;
        (value <= Self::HUNDRED.0).then_some(Percent(value)).ok_or(())
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let part = format!("{:06}", self.0 % Self::ONE);
        match part.trim_end_matches('0') {
            "" => write!(f, "{}%", self.0 / Self::ONE),
            part => write!(f, "{}.{part}%", self.0 / Self::ONE),
        }
    }
}

impl Read for Percent {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Percent> {
        parsed(
            value,
            "a percentage in quotes",
            "a number from \"0\" to \"100\" with at most six decimals, such as \"99.95\"",
            findings,
            |t| t.parse().ok(),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,6})?$" })
    }
}

/// An amount of money in the agreement's currency: the file writes digits, `[agreement]` names the currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cents(pub i64);

impl Cents {
    /// As money.
    pub fn money(self, currency: Currency) -> Money {
        Money { minor: self.0, currency }
    }
}

impl Read for Cents {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Cents> {
        parsed(
            value,
            "an amount of money in quotes",
            "digits with two decimals, such as \"500.00\"",
            findings,
            |text| Money::amount(text, Currency::EUR).ok().filter(|m| m.minor >= 0).map(|m| Cents(m.minor)),
        )
    }
    fn schema() -> serde_json::Value {
        json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]{1,2})?$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_shown_with_the_decimals_they_have() {
        for (text, shown) in [("99.95", "99.95%"), ("100", "100%"), ("0", "0%"), ("99.999999", "99.999999%")]
        {
            assert_eq!(text.parse::<Percent>().unwrap().to_string(), shown);
        }
        for text in ["100.1", "101", "99.", ".5", "-1", "99,9", "1e2"] {
            assert!(text.parse::<Percent>().is_err(), "{text}");
        }
    }

    #[test]
    fn half_a_cent_goes_up_on_both_sides_of_zero() {
        let ten: Percent = "10".parse().unwrap();
        let cents = |minor| ten.of(Money { minor, currency: Currency::EUR }).minor;
        assert_eq!((cents(5), cents(4), cents(-5), cents(15)), (1, 0, -1, 2));
    }
}
