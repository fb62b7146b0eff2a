//! A length of time: how long, never when.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub, SubAssign};
use std::str::FromStr;

use crate::text::serde_as_text;

const SECOND_US: i64 = 1_000_000;
const MINUTE_US: i64 = 60 * SECOND_US;
const HOUR_US: i64 = 60 * MINUTE_US;

/// A length of time in whole microseconds: exact, without a calendar. May be negative (an earlier instant less a later
/// one); where a doc asks for a length that is not, it says what it makes of one that is.
///
/// There is no `d` in its text: a day is a calendar's (8 hours in one, 24 in another), so a day's worth of time is
/// written in hours. [`Length::DAY`] and [`Length::WEEK`] are 24 and 168 hours, for arithmetic on UTC.
///
/// Arithmetic saturates at ±292 thousand years, far outside what an [`Instant`](crate::Instant) can reach.
///
/// ```
/// use spans::Length;
/// let target = Length::from_minutes(150);
/// assert_eq!(target.to_string(), "2h 30m");
/// assert_eq!("2h 30m".parse(), Ok(target));
/// assert_eq!((Length::DAY + Length::HOUR * 2).to_string(), "26h");
/// assert_eq!(Length::from_secs(119).whole_minutes(), 1);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Length(i64);

impl Length {
    /// No time at all.
    pub const ZERO: Length = Length(0);
    /// 60 seconds.
    pub const MINUTE: Length = Length(MINUTE_US);
    /// 60 minutes.
    pub const HOUR: Length = Length(HOUR_US);
    /// 24 hours: a civil day only where no clock is changed.
    pub const DAY: Length = Length(24 * HOUR_US);
    /// 7 × 24 hours.
    pub const WEEK: Length = Length(7 * 24 * HOUR_US);
    /// The longest length there is; longer than all of time.
    pub const MAX: Length = Length(i64::MAX);

    /// So many microseconds.
    pub const fn from_micros(micros: i64) -> Length {
        Length(micros)
    }

    /// So many seconds; saturates.
    pub const fn from_secs(seconds: i64) -> Length {
        Length(seconds.saturating_mul(SECOND_US))
    }

    /// So many minutes; saturates.
    pub const fn from_minutes(minutes: i64) -> Length {
        Length(minutes.saturating_mul(MINUTE_US))
    }

    /// So many hours; saturates.
    pub const fn from_hours(hours: i64) -> Length {
        Length(hours.saturating_mul(HOUR_US))
    }

    /// The length in microseconds.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole minutes in it, the rest dropped: 119 s is 1, −119 s is −1 (A-13).
    pub const fn whole_minutes(self) -> i64 {
        self.0 / MINUTE_US
    }

    /// True for [`Length::ZERO`].
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl Add for Length {
    type Output = Length;
    fn add(self, other: Length) -> Length {
        Length(self.0.saturating_add(other.0))
    }
}

impl Sub for Length {
    type Output = Length;
    fn sub(self, other: Length) -> Length {
        Length(self.0.saturating_sub(other.0))
    }
}

impl Neg for Length {
    type Output = Length;
    fn neg(self) -> Length {
        Length(self.0.saturating_neg())
    }
}

impl Mul<i64> for Length {
    type Output = Length;
    fn mul(self, times: i64) -> Length {
        Length(self.0.saturating_mul(times))
    }
}

impl AddAssign for Length {
    fn add_assign(&mut self, other: Length) {
        *self = *self + other;
    }
}

impl SubAssign for Length {
    fn sub_assign(&mut self, other: Length) {
        *self = *self - other;
    }
}

impl Sum for Length {
    fn sum<I: Iterator<Item = Length>>(lengths: I) -> Length {
        lengths.fold(Length::ZERO, Add::add)
    }
}

impl<'a> Sum<&'a Length> for Length {
    fn sum<I: Iterator<Item = &'a Length>>(lengths: I) -> Length {
        lengths.copied().sum()
    }
}

/// Hours, minutes and seconds that are not zero: `2h 30m`, `44m`, `26h 5m 3s`, `0.5s`; nothing at all is `0m`.
impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.unsigned_abs();
        let (hours, rest) = (micros / HOUR_US as u64, micros % HOUR_US as u64);
        let (minutes, rest) = (rest / MINUTE_US as u64, rest % MINUTE_US as u64);
        let (seconds, fraction) = (rest / SECOND_US as u64, rest % SECOND_US as u64);
        let mut words: Vec<String> = Vec::with_capacity(3);
        if hours > 0 {
            words.push(format!("{hours}h"));
        }
        if minutes > 0 || micros == 0 {
            words.push(format!("{minutes}m"));
        }
        if fraction > 0 {
            words.push(format!("{seconds}.{}s", format!("{fraction:06}").trim_end_matches('0')));
        } else if seconds > 0 {
            words.push(format!("{seconds}s"));
        }
        let sign = if self.0 < 0 { "-" } else { "" };
        f.pad(&format!("{sign}{}", words.join(" ")))
    }
}

/// Text that is not a length of time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a length of time: write hours, minutes and seconds, such as 8h, 44m or 2h 30m")]
pub struct NotALength {
    text: String,
}

/// Reads what `Display` writes: `h`, `m`, `s` in this order, each at most once, with or without spaces between them;
/// only seconds take a fraction, of at most six digits.
impl FromStr for Length {
    type Err = NotALength;

    fn from_str(text: &str) -> Result<Length, NotALength> {
        read(text).ok_or_else(|| NotALength { text: text.to_owned() })
    }
}

serde_as_text!(Length, "a length of time such as 2h 30m");

fn read(text: &str) -> Option<Length> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (mut micros, mut words) = (0_i64, 0);
    for (letter, unit) in [('h', HOUR_US), ('m', MINUTE_US), ('s', SECOND_US)] {
        let Some((number, after)) = rest.split_once(letter) else { continue };
        micros = micros.checked_add(read_number(number, unit)?)?;
        rest = after.trim_start_matches(' ');
        words += 1;
    }
    (words > 0 && rest.is_empty()).then_some(Length(sign * micros))
}

fn read_number(text: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) if unit == SECOND_US && (1..=6).contains(&fraction.len()) => {
            (whole, fraction)
        }
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) {
        return None;
    }
    let micros: i64 = if fraction.is_empty() { 0 } else { format!("{fraction:0<6}").parse().ok()? };
    whole.parse::<i64>().ok()?.checked_mul(unit)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_there_and_back() {
        for (micros, text) in [
            (0, "0m"),
            (44 * MINUTE_US, "44m"),
            (8 * HOUR_US, "8h"),
            (26 * HOUR_US + 5 * MINUTE_US + 3 * SECOND_US, "26h 5m 3s"),
            (SECOND_US / 2, "0.5s"),
            (HOUR_US + 1, "1h 0.000001s"),
            (-150 * MINUTE_US, "-2h 30m"),
        ] {
            assert_eq!(Length(micros).to_string(), text);
            assert_eq!(text.parse(), Ok(Length(micros)));
        }
        assert_eq!("2h30m".parse(), Ok(Length::from_minutes(150)));
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "2",
            "2d",
            "h",
            "2h 2h",
            "30m 2h",
            "1.5h",
            "0.1234567s",
            "- 2h",
            "+2h",
            "2h x",
            "9999999999999h",
        ] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }
}
