//! The terms in force: an agreement with its calendars compiled, ready to be asked.

use std::collections::BTreeMap;

use spans::{
    Calendar, DayHours, Holiday, Instant, Length, NeverFilled, Recurrence, Span, Timetable, WallTime, Weekly,
    Zone,
};

use crate::{
    agreement::Agreement,
    section::{
        calendar::{CalendarRule, Open, OpenHours, WeekTime},
        request::{Matrix, MatrixAxis},
    },
    value::amount::Amount,
};

/// The name under which the agreed maintenance window serves as a calendar (SH-MAINT-05).
pub const WINDOW: &str = "window";

/// The calendar of periods for which the file names none.
pub const CIVIL: &str = "civil";

/// An agreement version ready to be asked: its text's identity, its signed tier, its calendars as tables.
#[derive(Debug, Clone)]
pub struct Terms {
    agreement: Agreement,
    identity: String,
    calendars: BTreeMap<String, Hours>,
}

/// A compiled calendar and the length of its day.
#[derive(Debug, Clone)]
pub struct Hours {
    /// Open time, over the term and what hangs on it.
    pub table: Timetable,
    /// One `d` in this calendar.
    pub day: Length,
}

/// How far beyond the term calendars are compiled: claims and credits run past its end. Beyond that a table answers from
/// the written rule, slower and never wrong.
const BEYOND_TERM: Length = Length::from_hours(24 * 366);

impl Terms {
    /// Compiles an agreement. `identity` is the SHA-256 of the file's bytes, in hex.
    ///
    /// # Errors
    /// When a calendar cannot be built; [`Agreement::lint`] says the same with places.
    pub fn compile(agreement: Agreement, identity: impl Into<String>) -> Result<Terms, TermsError> {
        let term = agreement.agreement.term.span();
        let within = Span { start: term.start - BEYOND_TERM, end: term.end + BEYOND_TERM };
        let mut calendars = BTreeMap::new();
        for (name, rule) in &agreement.calendar {
            let table = agreement.calendar(name)?.compile(within)?;
            let day = rule.day.length(Length::DAY);
            calendars.insert(name.clone(), Hours { table, day });
        }
        if agreement.window.is_some() {
            let table = agreement.calendar(WINDOW)?.compile(within)?;
            calendars.insert(WINDOW.to_owned(), Hours { table, day: Length::DAY });
        }
        Ok(Terms { agreement, identity: identity.into(), calendars })
    }

    /// The agreement itself.
    pub fn agreement(&self) -> &Agreement {
        &self.agreement
    }

    /// SHA-256 of the file's bytes, in hex: the identity of the version.
    pub fn identity(&self) -> &str {
        &self.identity
    }

    /// The signed tier, where there are tiers.
    pub fn tier(&self) -> Option<&str> {
        self.agreement.tier()
    }

    /// The same version under another tier, for a replay.
    ///
    /// # Errors
    /// The names of its tiers, where `tier` is none of them.
    pub fn under(&self, tier: &str) -> Result<Terms, Vec<String>> {
        Ok(Terms {
            agreement: self.agreement.under(tier)?,
            identity: self.identity.clone(),
            calendars: self.calendars.clone(),
        })
    }

    /// The term.
    pub fn term(&self) -> Span {
        self.agreement.agreement.term.span()
    }

    /// A compiled calendar by its name in the file.
    pub fn hours(&self, calendar: &str) -> Option<&Hours> {
        self.calendars.get(calendar)
    }

    /// An amount's length in a calendar.
    pub fn length(&self, amount: Amount, calendar: &str) -> Length {
        amount.length(self.hours(calendar).map_or(Length::DAY, |hours| hours.day))
    }

    /// When an amount of a calendar's open time has passed since `start`.
    ///
    /// # Errors
    /// When the calendar is unknown or never holds that much.
    pub fn deadline(&self, start: Instant, amount: Amount, calendar: &str) -> Result<Instant, TermsError> {
        let hours =
            self.hours(calendar).ok_or_else(|| TermsError::UnknownCalendar { name: calendar.to_owned() })?;
        Ok(hours.table.advance(start, amount.length(hours.day))?)
    }

    /// The target of a matrix for the words at hand: a ticket's priority, kind and urgency, and the tier.
    pub fn target<'w>(
        &self,
        matrix: &Matrix,
        word: impl Fn(MatrixAxis) -> Option<&'w str>,
    ) -> Option<Amount> {
        matrix.target(word(matrix.rows)?, word(matrix.columns)?)
    }
}

impl Agreement {
    /// A calendar of the file as a rule on instants; `window` is the agreed maintenance window.
    ///
    /// # Errors
    /// When it, or something it builds on, does not exist or does not fit together.
    pub fn calendar(&self, name: &str) -> Result<Calendar, TermsError> {
        self.calendar_within(name, &mut Vec::new())
    }

    fn calendar_within(&self, name: &str, above: &mut Vec<String>) -> Result<Calendar, TermsError> {
        if name == WINDOW && !self.calendar.contains_key(WINDOW) {
            return self.window_calendar();
        }
        let unknown = || TermsError::UnknownCalendar { name: name.to_owned() };
        let rule = self.calendar.get(name).ok_or_else(unknown)?;
        if above.iter().any(|n| n == name) {
            return Err(TermsError::InsideItself { name: name.to_owned() });
        }
        above.push(name.to_owned());
        let mut calendar = Calendar::new(name, rule.tz.clone(), weekly(name, rule)?);
        for list in &rule.except {
            calendar.holidays.extend(self.holidays_of(list)?);
        }
        if let Some(outer) = &rule.inside {
            calendar.inside = Some(Box::new(self.calendar_within(outer, above)?));
        }
        Ok(calendar)
    }

    fn holidays_of(&self, list: &str) -> Result<Vec<Holiday>, TermsError> {
        let name = list.strip_prefix("holidays.").unwrap_or(list);
        let unknown = || TermsError::UnknownHolidays { name: list.to_owned() };
        let holidays = self.holidays.get(name).ok_or_else(unknown)?;
        let dates = holidays.year.values().flatten();
        Ok(dates.map(|date| Holiday { date: *date, zone: holidays.tz.clone() }).collect())
    }

    /// SH-MAINT-05: the pre-agreed slot on a recurring day and time.
    fn window_calendar(&self) -> Result<Calendar, TermsError> {
        let Some(window) = &self.window else {
            return Err(TermsError::UnknownCalendar { name: WINDOW.to_owned() });
        };
        let wrong = |why: String| TermsError::Window { why };
        let rule = window.rrule.parse().map_err(|e: spans::RuleError| wrong(e.to_string()))?;
        let length = window.length.length(Length::DAY);
        let recurrence = Recurrence::new(window.start.0, length, rule, window.tz.clone())
            .map_err(|e| wrong(e.to_string()))?;
        let mut calendar = Calendar::new(WINDOW, window.tz.clone(), Weekly::never());
        calendar.windows.push(recurrence);
        Ok(calendar)
    }

    /// The zone in which the agreement's months are cut; UTC where it has no availability objective.
    pub fn months_in(&self) -> Zone {
        self.availability.as_ref().map_or(Zone::UTC, |a| a.tz.clone())
    }
}

fn weekly(name: &str, rule: &CalendarRule) -> Result<Weekly, TermsError> {
    match &rule.open {
        Open::Always => Ok(Weekly::always()),
        Open::Weekly(list) => list.iter().try_fold(Weekly::never(), |week, hours| and(name, week, hours)),
    }
}

/// Adds one line of open hours: a stretch between two named days, or the same hours on each of several days.
fn and(name: &str, week: Weekly, hours: &OpenHours) -> Result<Weekly, TermsError> {
    let wrong = |why: &str| TermsError::Hours { name: name.to_owned(), why: why.to_owned() };
    let (from, to) = (wall(hours.from), wall(hours.to));
    match (hours.from.day, hours.to.day, hours.days.as_slice()) {
        (Some(first), Some(last), []) => {
            let day = |d: crate::section::calendar::Weekday| {
                spans::weekday(d.name()).map_err(|e| wrong(&e.to_string()))
            };
            let (from, to) = (
                spans::WeekTime { day: day(first)?, time: from },
                spans::WeekTime { day: day(last)?, time: to },
            );
            week.and_from(from, to).map_err(|e| wrong(&e.to_string()))
        }
        (None, None, [_, ..]) => {
            let day_hours = DayHours::new(from, to).map_err(|e| wrong(&e.to_string()))?;
            hours.days.iter().try_fold(week, |week, day| {
                let day = spans::weekday(day.name()).map_err(|e| wrong(&e.to_string()))?;
                Ok(week.and_on(day, day_hours))
            })
        }
        _ => Err(wrong("name the days either in `days` or in both `from` and `to`")),
    }
}

fn wall(time: WeekTime) -> WallTime {
    let (hour, minute) = (time.minute / 60, time.minute % 60);
    let small = |n: u16| u8::try_from(n).unwrap_or(u8::MAX);
    WallTime::new(small(hour), small(minute)).unwrap_or(WallTime::DAY_END)
}

/// Why an agreement's calendars cannot be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum TermsError {
    #[error("there is no calendar `{name}`: add [calendar.{name}], or name one that exists")]
    UnknownCalendar { name: String },
    #[error("there is no list `{name}`: add [{name}] with its dates")]
    UnknownHolidays { name: String },
    #[error("calendar `{name}` lies inside itself: take one `inside` out")]
    InsideItself { name: String },
    #[error("the open hours of calendar `{name}` do not fit: {why}")]
    Hours { name: String, why: String },
    #[error("the maintenance window does not fit: {why}")]
    Window { why: String },
    #[error(transparent)]
    Calendar(#[from] spans::CalendarError),
    #[error(transparent)]
    NeverFilled(#[from] NeverFilled),
}
