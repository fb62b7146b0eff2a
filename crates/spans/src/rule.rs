//! Recurrence rules: the part of RFC 5545 that a person writes in an agreement, and the dates they mean.

mod notation;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime, Weekday};

use crate::instant::Instant;

/// The largest `INTERVAL`.
pub const INTERVAL_MAX: i32 = 1_000;
/// The largest `COUNT`.
pub const COUNT_MAX: u32 = 100_000;

/// An `RRULE` by whole dates: `FREQ` from `DAILY` to `YEARLY` with `INTERVAL`, `BYMONTH`, `BYMONTHDAY`, `BYDAY` (with
/// ordinals, such as `-1FR`), `BYSETPOS`, `UNTIL` or `COUNT`, and `WKST`. Anything else is refused by name rather than
/// ignored. The time of day is the first start's, so there is no `BYHOUR`.
///
/// Each `BY…` part is read as a condition on the dates of one period (a day, a week from `WKST`, a month, a year); what
/// the parts leave open is the first start's: its weekday, day of the month, or date. That is what RFC 5545's table of
/// expansions and limits comes to for these frequencies. Combinations that its readers do not agree on (ordinals beside
/// plain weekdays or beside `BYMONTHDAY`, `BYSETPOS` in a week that the first start cuts) are refused: a contract is no
/// place for them.
///
/// ```
/// use spans::Rule;
/// let rule: Rule = "freq=monthly;byday=-1FR;interval=3".parse()?;
/// assert_eq!(rule.to_string(), "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1FR");
/// let refused = "FREQ=HOURLY".parse::<Rule>().expect_err("too fine for dates");
/// assert_eq!(refused.to_string(), "`FREQ=HOURLY` is not understood: write DAILY, WEEKLY, MONTHLY or YEARLY");
/// # Ok::<(), spans::RuleError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Rule {
    frequency: Frequency,
    interval: i32,
    months: Vec<i8>,
    month_days: Vec<i8>,
    weekdays: Vec<Nth>,
    positions: Vec<i16>,
    week_start: Weekday,
    pub(crate) end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A weekday, or its n-th in the month or year, from the end when negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Nth {
    nth: Option<i16>,
    day: Weekday,
}

/// Where a rule stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum End {
    Never,
    /// After so many starts, the first included.
    Count(u32),
    /// With the last start on or before this date.
    Date(Date),
    /// With the last start at or before this wall-clock time.
    Wall(DateTime),
    /// With the last start at or before this instant.
    Instant(Instant),
}

impl Rule {
    /// The same rule with what it leaves open filled in from its first date.
    pub(crate) fn filled_in(&self, first: Date) -> Rule {
        let mut rule = self.clone();
        let no_day = rule.month_days.is_empty() && rule.weekdays.is_empty();
        match rule.frequency {
            Frequency::Weekly if no_day => rule.weekdays.push(Nth { nth: None, day: first.weekday() }),
            Frequency::Monthly if no_day => rule.month_days.push(first.day()),
            Frequency::Yearly if no_day => {
                rule.month_days.push(first.day());
                if rule.months.is_empty() {
                    rule.months.push(first.month());
                }
            }
            _ => {}
        }
        rule
    }

    /// The dates of the `index`-th period, counted from the one that holds `first`: sorted, each once. Dates before
    /// `first` are among them. Nothing when the period lies beyond the year 9999.
    pub(crate) fn dates(&self, first: Date, index: i32) -> Option<Vec<Date>> {
        let start = self.period(first, index)?;
        let end = match self.frequency {
            Frequency::Daily => start,
            Frequency::Weekly => start.saturating_add(6.days()),
            Frequency::Monthly => start.last_of_month(),
            Frequency::Yearly => start.last_of_year(),
        };
        let all: Vec<Date> =
            start.series(1.day()).take_while(|date| *date <= end).filter(|date| self.holds(*date)).collect();
        Some(self.at_positions(all))
    }

    /// The index of a period that holds `date` or lies before it, and with it every earlier start.
    pub(crate) fn index_before(&self, first: Date, date: Date) -> i32 {
        let days = |from: Date| (date.duration_since(from).as_hours() / 24) as i32;
        let months = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
        let periods = match self.frequency {
            Frequency::Daily => days(first),
            Frequency::Weekly => days(self.week_of(first)).div_euclid(7),
            Frequency::Monthly => months(date) - months(first),
            Frequency::Yearly => i32::from(date.year()) - i32::from(first.year()),
        };
        periods.div_euclid(self.interval).max(0)
    }

    /// Whether the `index`-th period begins after a date; true of periods beyond the year 9999.
    pub(crate) fn begins_after(&self, first: Date, index: i32, date: Date) -> bool {
        self.period(first, index).is_none_or(|start| start > date)
    }

    /// The first date of the `index`-th period.
    fn period(&self, first: Date, index: i32) -> Option<Date> {
        let steps = index.checked_mul(self.interval)?;
        match self.frequency {
            Frequency::Daily => first.checked_add(steps.days()).ok(),
            Frequency::Weekly => self.week_of(first).checked_add(steps.checked_mul(7)?.days()).ok(),
            Frequency::Monthly => first.first_of_month().checked_add(steps.months()).ok(),
            Frequency::Yearly if steps > 9_999 => None,
            Frequency::Yearly => first.first_of_year().checked_add(steps.years()).ok(),
        }
    }

    fn week_of(&self, date: Date) -> Date {
        date.saturating_sub(i64::from(date.weekday().since(self.week_start)).days())
    }

    fn holds(&self, date: Date) -> bool {
        let from_end = date.day() - date.days_in_month() - 1;
        (self.months.is_empty() || self.months.contains(&date.month()))
            && (self.month_days.is_empty()
                || self.month_days.contains(&date.day())
                || self.month_days.contains(&from_end))
            && (self.weekdays.is_empty() || self.weekdays.iter().any(|nth| self.is_nth(date, *nth)))
    }

    /// Counted in the month; in the year for a yearly rule that names no month.
    fn is_nth(&self, date: Date, Nth { nth, day }: Nth) -> bool {
        let in_year = self.frequency == Frequency::Yearly && self.months.is_empty();
        let (number, count) = if in_year {
            (date.day_of_year(), date.days_in_year())
        } else {
            (i16::from(date.day()), i16::from(date.days_in_month()))
        };
        let (from_start, from_end) = ((number - 1) / 7 + 1, (count - number) / 7 + 1);
        date.weekday() == day && nth.is_none_or(|nth| nth == from_start || nth == -from_end)
    }

    fn at_positions(&self, dates: Vec<Date>) -> Vec<Date> {
        if self.positions.is_empty() {
            return dates;
        }
        let count = dates.len() as i16;
        let chosen = |at: usize| {
            let from_start = at as i16 + 1;
            self.positions
                .iter()
                .any(|position| *position == from_start || *position == from_start - count - 1)
        };
        dates.iter().enumerate().filter(|(at, _)| chosen(*at)).map(|(_, date)| *date).collect()
    }
}

impl Rule {
    /// What RFC 5545 section 3.3.10 rules out, and what implementations read differently.
    fn agrees_with_itself(self) -> Result<Rule, RuleError> {
        let counted = self.weekdays.iter().any(|nth| nth.nth.is_some());
        let refuse = |why| Err(RuleError::Together(why));
        if self.frequency == Frequency::Weekly && !self.month_days.is_empty() {
            return refuse("BYMONTHDAY has no meaning in a WEEKLY rule");
        }
        if counted && matches!(self.frequency, Frequency::Daily | Frequency::Weekly) {
            return refuse("BYDAY takes an ordinal, such as 2MO, only in a MONTHLY or YEARLY rule");
        }
        if counted && self.weekdays.iter().any(|nth| nth.nth.is_none()) {
            return refuse(
                "BYDAY with and without ordinals is not read the same everywhere: write all days one way",
            );
        }
        if counted && !self.month_days.is_empty() {
            return refuse(
                "BYDAY with an ordinal and BYMONTHDAY are not read the same everywhere: write one of them",
            );
        }
        if !self.positions.is_empty() && matches!(self.frequency, Frequency::Daily | Frequency::Weekly) {
            return refuse("BYSETPOS is read the same everywhere only in a MONTHLY or YEARLY rule");
        }
        if !self.positions.is_empty()
            && self.months.is_empty()
            && self.month_days.is_empty()
            && self.weekdays.is_empty()
        {
            return refuse("BYSETPOS needs a BYMONTH, BYMONTHDAY or BYDAY to choose from");
        }
        Ok(self)
    }
}

/// A rule that cannot be read or is not in the part of RFC 5545 used here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A part with a value that it does not take.
    #[error("`{part}` is not understood: write {instead}")]
    Value {
        /// The part as written.
        part: String,
        /// What it takes.
        instead: &'static str,
    },
    /// A part that is not of RFC 5545, or of the part of it that is not used here.
    #[error(
        "`{part}` is not supported: a rule is made of FREQ, INTERVAL, BYMONTH, BYMONTHDAY, BYDAY, BYSETPOS, UNTIL, COUNT, WKST"
    )]
    Unsupported {
        /// The part as written.
        part: String,
    },
    /// The same part twice.
    #[error("`{part}` stands twice in one rule")]
    Twice {
        /// The part's name.
        part: String,
    },
    /// No `FREQ`.
    #[error("the rule has no FREQ: begin with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")]
    NoFrequency,
    /// Two parts that RFC 5545 does not allow together, or whose meaning together is not agreed upon.
    #[error("{0}")]
    Together(&'static str),
    /// The first start is not one of the rule's, where RFC 5545 leaves the result undefined.
    #[error("the first start, {start}, is not a start by the rule {rule}: move it to the first one that is")]
    FirstStart {
        /// The first start as written.
        start: DateTime,
        /// The rule.
        rule: String,
    },
    /// A first start before the year 1.
    #[error("the first start, {start}, lies outside the years 1 to 9999")]
    FirstYear {
        /// The first start as written.
        start: DateTime,
    },
    /// A window of no length, or longer than a year.
    #[error("a window is longer than nothing and at most 366 days long")]
    Length,
}
