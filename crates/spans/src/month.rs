//! A calendar month: the period of a statement.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::instant::Instant;
use crate::span::Span;
use crate::text::serde_as_text;

/// A month of the years 1 to 9999, in no zone yet; as text `2026-06`.
///
/// ```
/// use spans::{Month, Zone};
/// let june: Month = "2026-06".parse()?;
/// assert_eq!(june.next().to_string(), "2026-07");
/// let amsterdam: Zone = "Europe/Amsterdam".parse()?;
/// assert_eq!(june.span(&amsterdam).start.to_string(), "2026-05-31T22:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// 0001-01.
    pub const MIN: Month = Month { year: 1, month: 1 };
    /// 9999-12.
    pub const MAX: Month = Month { year: 9999, month: 12 };

    /// The month of a year; nothing outside year 1 to 9999 and month 1 to 12.
    pub fn new(year: i16, month: i8) -> Option<Month> {
        ((1..=9999).contains(&year) && (1..=12).contains(&month)).then_some(Month { year, month })
    }

    /// The month that `at` lies in, on the clocks of a zone. Always agrees with [`Month::span`].
    pub fn of(at: Instant, tz: &TimeZone) -> Month {
        let date = tz.to_datetime(at.into()).date();
        let named = Month { year: date.year(), month: date.month() }.clamp(Month::MIN, Month::MAX);
        let span = named.span(tz);
        if at < span.start && named > Month::MIN {
            named.prev()
        } else if at >= span.end && named < Month::MAX {
            named.next()
        } else {
            named
        }
    }

    /// Its year, 1 to 9999.
    pub fn year(self) -> i16 {
        self.year
    }

    /// Its number in the year, 1 to 12.
    pub fn month(self) -> i8 {
        self.month
    }

    /// Its first date.
    pub fn first_day(self) -> Date {
        Date::constant(self.year, self.month, 1)
    }

    /// From its first local midnight to the next month's. Where a clock change skips that midnight, from the first
    /// instant after it; where one repeats it, from the first of the two, so that months never overlap or leave a gap.
    pub fn span(self, tz: &TimeZone) -> Span {
        let end = if self == Month::MAX { Instant::MAX } else { self.next().begins(tz) };
        Span { start: self.begins(tz), end }
    }

    /// The month after; after 9999-12, that month again.
    pub fn next(self) -> Month {
        match self.month {
            12 if self.year == 9999 => self,
            12 => Month { year: self.year + 1, month: 1 },
            month => Month { month: month + 1, ..self },
        }
    }

    /// The month before; before 0001-01, that month again.
    pub fn prev(self) -> Month {
        match self.month {
            1 if self.year == 1 => self,
            1 => Month { year: self.year - 1, month: 12 },
            month => Month { month: month - 1, ..self },
        }
    }

    fn begins(self, tz: &TimeZone) -> Instant {
        let midnight = self.first_day().to_datetime(jiff::civil::Time::midnight());
        let edge = if self.year == 1 { Instant::MIN } else { Instant::MAX };
        tz.to_timestamp(midnight).ok().and_then(|at| Instant::try_from(at).ok()).unwrap_or(edge)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// Text that is not a month.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a month: write year and month, such as 2026-06")]
pub struct NotAMonth {
    text: String,
}

impl FromStr for Month {
    type Err = NotAMonth;

    fn from_str(text: &str) -> Result<Month, NotAMonth> {
        let digits =
            |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
        text.split_once('-')
            .filter(|(year, month)| digits(year, 4) && digits(month, 2))
            .and_then(|(year, month)| Month::new(year.parse().ok()?, month.parse().ok()?))
            .ok_or_else(|| NotAMonth { text: text.to_owned() })
    }
}

serde_as_text!(Month, "a month such as 2026-06");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::Zone;

    #[test]
    fn text_there_and_back() {
        for text in ["2026-06", "0001-01", "9999-12"] {
            assert_eq!(text.parse::<Month>().unwrap().to_string(), text);
        }
        for text in ["2026-6", "2026-13", "2026-00", "0000-01", "26-06", "2026-06-01", "+026-06"] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    /// Newfoundland turned its clocks back from 00:01 on 1 November 2009 to 23:01 on 31 October: an hour of October
    /// came after a minute of November. The month still begins once, at the first midnight.
    #[test]
    fn months_follow_each_other_even_where_midnight_came_twice() {
        let zone: Zone = "America/St_Johns".parse().unwrap();
        let november = Month::new(2009, 11).unwrap();
        let start = november.span(&zone).start;
        assert_eq!(start.to_string(), "2009-11-01T02:30:00Z");
        assert_eq!(november.prev().span(&zone).end, start);
        assert_eq!(Month::of(start + crate::Length::from_minutes(30), &zone), november);
    }

    #[test]
    fn the_edges_of_time_have_a_month() {
        for name in ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"] {
            let zone: Zone = name.parse().unwrap();
            for at in [Instant::MIN, Instant::MAX] {
                let month = Month::of(at, &zone);
                assert!(month == Month::MIN || month == Month::MAX, "{name} {at} {month}");
            }
        }
    }
}
