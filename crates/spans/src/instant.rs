//! A point in time, the same everywhere.

use std::fmt;
use std::ops::{Add, AddAssign, Sub, SubAssign};
use std::str::FromStr;

use jiff::Timestamp;

use crate::length::Length;
use crate::text::serde_as_text;

/// A UTC instant in whole microseconds since 1970-01-01T00:00:00Z, without leap seconds (reliability rule 11).
///
/// It lies in `[MIN, MAX]`, the years 1 to 9999, where every zone can show it; all arithmetic stops at those edges
/// instead of wrapping. As text it is RFC 3339, with a fraction only when there is one; reading asks for an offset,
/// because a wall clock without one is not an instant.
///
/// ```
/// use spans::{Instant, Length};
/// let received: Instant = "2026-03-06T19:00:00+01:00".parse()?;
/// assert_eq!(received.to_string(), "2026-03-06T18:00:00Z");
/// assert_eq!((received + Length::HOUR) - received, Length::HOUR);
/// assert!("2026-03-06T19:00:00".parse::<Instant>().is_err());
/// # Ok::<(), spans::NotAnInstant>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Instant = Instant(-62_135_596_800_000_000);
    /// 9999-12-30T22:00:00Z, the last second that every zone can write with a four-digit year.
    pub const MAX: Instant = Instant(253_402_207_200_000_000);
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Instant = Instant(0);

    /// So many microseconds after the epoch; outside `[MIN, MAX]`, the nearer edge.
    pub const fn from_micros(micros: i64) -> Instant {
        if micros < Instant::MIN.0 {
            Instant::MIN
        } else if micros > Instant::MAX.0 {
            Instant::MAX
        } else {
            Instant(micros)
        }
    }

    /// So many seconds after the epoch; outside `[MIN, MAX]`, the nearer edge.
    pub const fn from_second(seconds: i64) -> Instant {
        Instant::from_micros(seconds.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch, negative before it.
    pub const fn as_micros(self) -> i64 {
        self.0
    }
}

/// Stops at [`Instant::MAX`] and [`Instant::MIN`].
impl Add<Length> for Instant {
    type Output = Instant;
    fn add(self, length: Length) -> Instant {
        Instant::from_micros(self.0.saturating_add(length.as_micros()))
    }
}

/// Stops at [`Instant::MAX`] and [`Instant::MIN`].
impl Sub<Length> for Instant {
    type Output = Instant;
    fn sub(self, length: Length) -> Instant {
        Instant::from_micros(self.0.saturating_sub(length.as_micros()))
    }
}

/// From the other to this one: negative when this one is the earlier.
impl Sub for Instant {
    type Output = Length;
    fn sub(self, earlier: Instant) -> Length {
        Length::from_micros(self.0 - earlier.0)
    }
}

impl AddAssign<Length> for Instant {
    fn add_assign(&mut self, length: Length) {
        *self = *self + length;
    }
}

impl SubAssign<Length> for Instant {
    fn sub_assign(&mut self, length: Length) {
        *self = *self - length;
    }
}

impl From<Instant> for Timestamp {
    fn from(at: Instant) -> Timestamp {
        Timestamp::from_microsecond(at.0).expect("[MIN, MAX] lies inside jiff's range")
    }
}

/// Drops what is finer than a microsecond (towards the past); refuses what lies outside `[MIN, MAX]`.
impl TryFrom<Timestamp> for Instant {
    type Error = NotAnInstant;
    fn try_from(at: Timestamp) -> Result<Instant, NotAnInstant> {
        let micros = i64::try_from(at.as_nanosecond().div_euclid(1000)).ok();
        let inside = micros.filter(|micros| (Instant::MIN.0..=Instant::MAX.0).contains(micros));
        inside.map(Instant).ok_or_else(|| NotAnInstant { text: at.to_string() })
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Timestamp::from(*self).fmt(f)
    }
}

/// As `Display`: a failing test then reads well.
impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is not an instant between the years 1 and 9999.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not an instant: write a date, a time and an offset, such as 2026-03-09T17:00:00Z or …+01:00"
)]
pub struct NotAnInstant {
    text: String,
}

/// Reads RFC 3339; digits finer than a microsecond are dropped. A zone in brackets is refused rather than ignored.
impl FromStr for Instant {
    type Err = NotAnInstant;

    fn from_str(text: &str) -> Result<Instant, NotAnInstant> {
        let refuse = || NotAnInstant { text: text.to_owned() };
        if text.contains('[') {
            return Err(refuse());
        }
        let at: Timestamp = text.parse().map_err(|_| refuse())?;
        Instant::try_from(at).map_err(|_| refuse())
    }
}

serde_as_text!(Instant, "an instant such as 2026-03-09T17:00:00Z");

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn the_edges_are_the_years_1_and_9999() {
        assert_eq!(Instant::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Instant::MAX.to_string(), "9999-12-30T22:00:00Z");
        assert_eq!(Instant::MAX + Length::MINUTE, Instant::MAX);
        assert_eq!(Instant::MIN - Length::MAX, Instant::MIN);
        assert_eq!(Instant::from_second(i64::MAX), Instant::MAX);
        assert!("0000-12-31T23:59:59Z".parse::<Instant>().is_err());
        assert!("9999-12-31T00:00:00Z".parse::<Instant>().is_err());
    }

    #[test]
    fn text_there_and_back() {
        for text in ["2026-03-09T17:00:00Z", "2026-03-09T17:00:00.5Z", "1969-12-31T23:59:59.999999Z"] {
            assert_eq!(at(text).to_string(), text);
        }
        assert_eq!(at("1969-12-31T23:59:59.9999999Z"), Instant::from_micros(-1));
        for text in
            ["", "2026-03-09", "2026-03-09T17:00:00", "2026-03-09T17:00:00Z[UTC]", "2026-02-30T00:00:00Z"]
        {
            assert!(text.parse::<Instant>().is_err(), "{text}");
        }
    }

    #[test]
    fn json_is_the_text() {
        let json = "\"2026-03-09T17:00:00Z\"";
        let read: Instant = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        assert!(serde_json::from_str::<Instant>("17").is_err());
    }
}
