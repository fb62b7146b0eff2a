//! Hours as people write them: wall-clock times, the hours of a day, the hours of a week.

use std::fmt;
use std::str::FromStr;

use jiff::civil::Weekday;

use crate::text::serde_as_text;

const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// A time on the wall, `00:00` to `24:00`, in minutes. `24:00` is the end of a day and never the start of hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WallTime(u16);

impl WallTime {
    /// `00:00`.
    pub const MIDNIGHT: WallTime = WallTime(0);
    /// `24:00`.
    pub const DAY_END: WallTime = WallTime(DAY_MINUTES as u16);

    /// Hour 0 to 24 and minute 0 to 59, at most `24:00`.
    pub fn new(hour: u8, minute: u8) -> Option<WallTime> {
        let minutes = u16::from(hour) * 60 + u16::from(minute);
        (minute < 60 && minutes <= WallTime::DAY_END.0).then_some(WallTime(minutes))
    }

    /// Minutes since the wall's midnight, 0 to 1440.
    pub fn minutes(self) -> u32 {
        u32::from(self.0)
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl FromStr for WallTime {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<WallTime, HoursError> {
        let number = |part: &str| match part.as_bytes() {
            [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
            _ => None,
        };
        text.split_once(':')
            .and_then(|(hour, minute)| WallTime::new(number(hour)?, number(minute)?))
            .ok_or_else(|| HoursError::NotATime { text: text.to_owned() })
    }
}

serde_as_text!(WallTime, "a time such as 09:00 or 24:00");

/// Hours written under one day, `[from, to)`. Hours that end at or before they start run over midnight, where they are
/// cut: `22:00` to `06:00` under Monday is Monday 22:00–24:00 and Tuesday 00:00–06:00, and the second part is
/// Tuesday's in every respect (a holiday on Tuesday closes it, one on Monday does not).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DayHours {
    from: WallTime,
    to: WallTime,
}

impl DayHours {
    /// 00:00 to 24:00.
    pub const ALL: DayHours = DayHours { from: WallTime::MIDNIGHT, to: WallTime::DAY_END };

    /// # Errors
    /// When they start at 24:00, or start and end at the same time.
    pub fn new(from: WallTime, to: WallTime) -> Result<DayHours, HoursError> {
        if from == to || from == WallTime::DAY_END {
            return Err(HoursError::Empty { from: from.to_string(), to: to.to_string() });
        }
        Ok(DayHours { from, to })
    }

    /// When they begin.
    pub fn from(self) -> WallTime {
        self.from
    }

    /// When they end: that day, or the next when this is not after [`DayHours::from`].
    pub fn to(self) -> WallTime {
        self.to
    }

    /// Minutes of the day they are written under, `[from, to)` within `0..=1440`.
    pub(crate) fn same_day(self) -> (u32, u32) {
        let to = if self.from < self.to { self.to } else { WallTime::DAY_END };
        (self.from.minutes(), to.minutes())
    }

    /// Minutes of the next day that run over midnight, from its 00:00: 0 for most hours.
    pub(crate) fn next_day(self) -> u32 {
        if self.from < self.to { 0 } else { self.to.minutes() }
    }
}

/// `09:00-17:00`.
impl fmt::Display for DayHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from, self.to)
    }
}

/// A moment of every week, such as `Sun 17:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WeekTime {
    /// The day.
    pub day: Weekday,
    /// The time on that day; `Fri 24:00` is `Sat 00:00`.
    pub time: WallTime,
}

impl WeekTime {
    /// Minutes since Monday 00:00, below 10,080.
    fn minutes(self) -> u32 {
        (self.day.to_monday_zero_offset() as u32 * DAY_MINUTES + self.time.minutes()) % WEEK_MINUTES
    }
}

impl fmt::Display for WeekTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = WEEKDAYS.iter().find(|(_, day)| *day == self.day).map_or("", |(name, _)| name);
        write!(f, "{day} {}", self.time)
    }
}

impl FromStr for WeekTime {
    type Err = HoursError;

    fn from_str(text: &str) -> Result<WeekTime, HoursError> {
        let (day, time) =
            text.split_once(' ').ok_or_else(|| HoursError::NotAWeekTime { text: text.to_owned() })?;
        Ok(WeekTime { day: weekday(day)?, time: time.parse()? })
    }
}

serde_as_text!(WeekTime, "a day and a time such as Sun 17:00");

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// Reads `Mon` to `Sun`, in any case.
///
/// # Errors
/// For anything else.
pub fn weekday(name: &str) -> Result<Weekday, HoursError> {
    let found = WEEKDAYS.iter().find(|(short, _)| short.eq_ignore_ascii_case(name));
    found.map(|(_, day)| *day).ok_or_else(|| HoursError::NotAWeekday { text: name.to_owned() })
}

/// The open hours of every week, on a wall clock that knows neither date nor zone.
///
/// ```
/// use spans::{DayHours, Weekly, weekday};
/// let nine_to_five = DayHours::new("09:00".parse()?, "17:00".parse()?)?;
/// let office = ["Mon", "Tue", "Wed", "Thu", "Fri"]
///     .into_iter()
///     .try_fold(Weekly::never(), |week, day| Ok::<_, spans::HoursError>(week.and_on(weekday(day)?, nine_to_five)))?;
/// assert_eq!(office.minutes(), 5 * 8 * 60);
/// // One long interval of the week, around its end.
/// let hop = Weekly::never().and_from("Sun 17:00".parse()?, "Fri 17:00".parse()?)?;
/// assert_eq!(hop.minutes(), 5 * 24 * 60);
/// # Ok::<(), spans::HoursError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Weekly {
    /// Minutes since Monday 00:00, `[from, to)` within `0..=10_080`: sorted, disjoint, none touching the next.
    pieces: Vec<(u32, u32)>,
}

impl Weekly {
    /// No hours.
    pub const fn never() -> Weekly {
        Weekly { pieces: Vec::new() }
    }

    /// All hours.
    pub fn always() -> Weekly {
        Weekly { pieces: vec![(0, WEEK_MINUTES)] }
    }

    /// These hours and, every week on this day, those.
    #[must_use]
    pub fn and_on(self, day: Weekday, hours: DayHours) -> Weekly {
        let midnight = day.to_monday_zero_offset() as u32 * DAY_MINUTES;
        let (from, to) = hours.same_day();
        let tomorrow = (midnight + DAY_MINUTES) % WEEK_MINUTES;
        self.with([(midnight + from, midnight + to), (tomorrow, tomorrow + hours.next_day())])
    }

    /// These hours and, every week, everything from one moment to another, over the end of the week if need be.
    ///
    /// # Errors
    /// When both are the same moment: that could mean nothing or everything ([`Weekly::always`]).
    pub fn and_from(self, from: WeekTime, to: WeekTime) -> Result<Weekly, HoursError> {
        match (from.minutes(), to.minutes()) {
            (a, b) if a < b => Ok(self.with([(a, b)])),
            (a, b) if a > b => Ok(self.with([(a, WEEK_MINUTES), (0, b)])),
            _ => Err(HoursError::Empty { from: from.to_string(), to: to.to_string() }),
        }
    }

    /// Open minutes in a week whose clocks are not changed, 0 to 10,080.
    pub fn minutes(&self) -> u32 {
        self.pieces.iter().map(|(from, to)| to - from).sum()
    }

    /// Minutes since Monday 00:00, `[from, to)`: sorted, disjoint, none touching the next, the week's end a cut.
    pub fn pieces(&self) -> &[(u32, u32)] {
        &self.pieces
    }

    fn with(mut self, pieces: impl IntoIterator<Item = (u32, u32)>) -> Weekly {
        self.pieces.extend(pieces.into_iter().filter(|(from, to)| from < to));
        self.pieces.sort_unstable();
        self.pieces.dedup_by(|later, earlier| {
            let touch = later.0 <= earlier.1;
            if touch {
                earlier.1 = earlier.1.max(later.1);
            }
            touch
        });
        self
    }
}

/// Hours that cannot be meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HoursError {
    /// Not `HH:MM`, or after 24:00.
    #[error("`{text}` is not a time on the wall: write 00:00 to 24:00, two digits each")]
    NotATime {
        /// What was written.
        text: String,
    },
    /// Not a day's short name.
    #[error("`{text}` is not a day: write Mon, Tue, Wed, Thu, Fri, Sat or Sun")]
    NotAWeekday {
        /// What was written.
        text: String,
    },
    /// Not a day and a time.
    #[error("`{text}` is not a moment of the week: write a day and a time, such as Sun 17:00")]
    NotAWeekTime {
        /// What was written.
        text: String,
    },
    /// Hours without length.
    #[error(
        "hours from {from} to {to} hold no time: write 00:00 to 24:00 for a whole day, `always` for a whole week"
    )]
    Empty {
        /// Where they start.
        from: String,
        /// Where they end.
        to: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(from: &str, to: &str) -> DayHours {
        DayHours::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
    }

    #[test]
    fn a_time_on_the_wall_has_two_digits_each() {
        assert_eq!("24:00".parse(), Ok(WallTime::DAY_END));
        assert_eq!("09:05".parse::<WallTime>().unwrap().to_string(), "09:05");
        for text in ["", "9:00", "09:60", "24:01", "25:00", "09:00:00", "+9:00", "0９:00"] {
            assert!(text.parse::<WallTime>().is_err(), "{text}");
        }
    }

    #[test]
    fn night_hours_are_cut_at_midnight_and_sunday_runs_into_monday() {
        let night = Weekly::never().and_on(Weekday::Sunday, hours("22:00", "06:00"));
        assert_eq!(night.pieces(), [(0, 6 * 60), (6 * DAY_MINUTES + 22 * 60, WEEK_MINUTES)]);
        let to_midnight = Weekly::never().and_on(Weekday::Monday, hours("22:00", "00:00"));
        assert_eq!(to_midnight.pieces(), [(22 * 60, DAY_MINUTES)]);
    }

    #[test]
    fn overlapping_and_touching_hours_become_one_piece() {
        let week = [("13:00", "17:00"), ("09:00", "12:00"), ("12:00", "13:00"), ("10:00", "11:00")]
            .into_iter()
            .fold(Weekly::never(), |week, (from, to)| week.and_on(Weekday::Tuesday, hours(from, to)));
        assert_eq!(week.pieces(), [(DAY_MINUTES + 9 * 60, DAY_MINUTES + 17 * 60)]);
    }

    #[test]
    fn hours_without_length_are_refused() {
        let time = |text: &str| text.parse::<WallTime>().unwrap();
        assert!(DayHours::new(time("09:00"), time("09:00")).is_err());
        assert!(DayHours::new(time("24:00"), time("06:00")).is_err());
        let (sunday, monday): (WeekTime, WeekTime) =
            ("Sun 24:00".parse().unwrap(), "mon 00:00".parse().unwrap());
        assert!(Weekly::never().and_from(sunday, monday).is_err());
    }
}
