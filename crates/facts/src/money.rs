//! Money in minor units. No floats, no hidden rounding.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// An ISO 4217 code with two minor digits, which every currency Uphold has met uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// Euro.
    pub const EUR: Currency = Currency(*b"EUR");
    /// ISO 4217 codes without exactly two minor digits: refused, because a hundredth of them is no coin.
    const UNUSUAL: [&str; 24] = [
        "BHD", "BIF", "CLF", "CLP", "DJF", "GNF", "IQD", "ISK", "JOD", "JPY", "KMF", "KRW", "KWD", "LYD",
        "OMR", "PYG", "RWF", "TND", "UGX", "UYI", "VND", "VUV", "XAF", "XOF",
    ];

    /// The three letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Currency, MoneyError> {
        match text.as_bytes() {
            [a, b, c] if text.bytes().all(|l| l.is_ascii_uppercase()) && !Self::UNUSUAL.contains(&text) => {
                Ok(Currency([*a, *b, *c]))
            }
            _ => Err(MoneyError::Currency { text: text.to_owned() }),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Currency, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.code().to_owned()
    }
}

/// An amount of money: minor units (cents) and their currency. Written `EUR 480.00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Money {
    /// Cents; negative for money owed the other way.
    pub minor: i64,
    /// What they are cents of.
    pub currency: Currency,
}

impl Money {
    /// The largest amount that can be written: ten trillion. Sums over a client's instances stay far inside `i64`.
    pub const MINOR_MAX: i64 = 1_000_000_000_000_000;

    /// Nothing, in that currency.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Reads `480`, `480.0` or `480.00`, with an optional sign, in `currency`.
    ///
    /// # Errors
    /// When the text is no decimal number with at most two decimals, or too large.
    pub fn amount(text: &str, currency: Currency) -> Result<Money, MoneyError> {
        let wrong = || MoneyError::Amount { text: text.to_owned() };
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let (whole, cents) = digits.split_once('.').unwrap_or((digits, "00"));
        let only_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
        if !only_digits(whole) || !only_digits(cents) || cents.len() > 2 {
            return Err(wrong());
        }
        if whole.len() > WHOLE_DIGITS_MAX {
            return Err(MoneyError::TooLarge { text: text.to_owned() });
        }
        let whole: i64 = whole.parse().map_err(|_| wrong())?;
        let tens = if cents.len() == 1 { 10 } else { 1 };
        let cents: i64 = cents.parse().map_err(|_| wrong())?;
        Ok(Money { minor: sign * (whole * 100 + cents * tens), currency })
    }

    /// The amount without its currency, always with two decimals.
    pub fn plain(&self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let minor = self.minor.unsigned_abs();
        format!("{sign}{}.{:02}", minor / 100, minor % 100)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{} {}", self.currency, self.plain()))
    }
}

impl FromStr for Money {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Money, MoneyError> {
        let (currency, amount) =
            text.split_once(' ').ok_or_else(|| MoneyError::Form { text: text.to_owned() })?;
        Money::amount(amount, currency.parse()?)
    }
}

impl TryFrom<String> for Money {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Money, MoneyError> {
        text.parse()
    }
}

impl From<Money> for String {
    fn from(money: Money) -> String {
        money.to_string()
    }
}

/// Digits before the decimals: with two more after them, every sum of a month stays far inside 64 bits.
const WHOLE_DIGITS_MAX: usize = 13;

/// Why a text is no money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum MoneyError {
    #[error("`{text}` is no amount: write digits with at most two decimals, such as 480.00")]
    Amount { text: String },
    #[error("`{text}` is too large an amount: write at most {WHOLE_DIGITS_MAX} digits before the decimals")]
    TooLarge { text: String },
    #[error("`{text}` is no money: write the currency and the amount, such as `EUR 480.00`")]
    Form { text: String },
    #[error("`{text}` is no currency with cents: write an ISO 4217 code such as EUR")]
    Currency { text: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_read_and_print_to_the_cent() {
        for (text, minor) in [("480", 48_000), ("480.5", 48_050), ("0.05", 5), ("-12.34", -1_234)] {
            assert_eq!(Money::amount(text, Currency::EUR).map(|m| m.minor), Ok(minor));
        }
        assert_eq!("EUR -0.05".parse::<Money>().unwrap().to_string(), "EUR -0.05");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "1.", ".5", "1.234", "1,00", "+1", "1e3", "99999999999999", "--1"] {
            assert!(Money::amount(text, Currency::EUR).is_err(), "{text}");
        }
        let said = |text: &str| text.parse::<Money>().unwrap_err().to_string();
        assert!(said("480").ends_with("such as `EUR 480.00`"), "{}", said("480"));
        assert!(said("EUR 99999999999999").contains("is too large an amount"));
        assert!("JPY".parse::<Currency>().is_err());
        assert!("eur".parse::<Currency>().is_err());
    }
}
