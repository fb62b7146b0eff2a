//! A calendar: the written rule of when time counts.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::hours::{DayHours, WallTime, Weekly};
use crate::instant::Instant;
use crate::length::Length;
use crate::recurrence::Recurrence;
use crate::span::Span;
use crate::spans::Spans;
use crate::timetable::Timetable;
use crate::wall::{self, Stretch, Wall};
use crate::zone::Zone;

/// The most openings one answer may hold; ten thousand years of office hours have 2.6 million.
pub const OPENINGS_MAX: usize = 4_000_000;

/// When time counts, as people write it. Plain data: build it, then ask; [`Calendar::compile`] it to ask often.
///
/// An instant is open by this rule, on the wall clock of [`Calendar::zone`] (SH-CAL-01 to SH-CAL-05):
///
/// 1. On a date of [`Calendar::special_days`], the hours written there and no others. They stand whether or not a
///    holiday falls on them: who writes hours for a date means that date to have them.
/// 2. On any other date, the [`Calendar::weekly`] hours and the recurring [`Calendar::windows`], unless one of the
///    [`Calendar::holidays`] is on. A holiday is its whole date on the wall clock of *its* zone.
/// 3. Never during one of the [`Calendar::breaks`].
/// 4. Only when the calendar it stands [`Calendar::inside`] is open too, if it names one.
///
/// The rule is asked of the wall clock at each instant ("pointwise"). So hours inside an hour that a clock change skips
/// count nothing, hours inside one that it repeats count twice, and a holiday is 23, 24 or 25 hours long, or nothing
/// where the date itself was skipped (Samoa had no 30 December 2011). Hours over midnight are cut there: each part
/// belongs to its own date, for holidays and special days too. The night hours of a special day run into the next date,
/// where they are added to what that date has, a holiday closing them unless that date is special itself.
///
/// ```
/// use spans::{Calendar, Holiday, Length, Weekly, Zone};
/// let mut hop = Calendar::new("hop", Zone::UTC, Weekly::never().and_from("Sun 17:00".parse()?, "Fri 17:00".parse()?)?);
/// // King's Day 2026 in Amsterdam: Sunday 22:00Z to Monday 22:00Z (SH-CAL-02).
/// hop.holidays.push(Holiday { date: "2026-04-27".parse()?, zone: "Europe/Amsterdam".parse()? });
/// let due = hop.deadline("2026-04-26T21:00:00Z".parse()?, Length::from_hours(4))?;
/// assert_eq!(due.to_string(), "2026-04-28T01:00:00Z");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// What people call it, and errors too.
    pub name: String,
    /// Where its wall clock hangs: weekly hours, special days and breaks are read there.
    pub zone: Zone,
    /// The open hours of every week.
    pub weekly: Weekly,
    /// Dates without open hours; any order.
    pub holidays: Vec<Holiday>,
    /// Pieces of single dates without open hours; any order, overlapping or not.
    pub breaks: Vec<Break>,
    /// Dates with hours of their own instead of the weekly ones; an empty list closes the date.
    pub special_days: BTreeMap<Date, Vec<DayHours>>,
    /// Open windows that come back by a rule, each on the clocks of its own zone, beside the weekly hours.
    pub windows: Vec<Recurrence>,
    /// A calendar that this one never leaves: its closed time is closed here too.
    pub inside: Option<Box<Calendar>>,
}

/// A date without open hours, from midnight to midnight on the wall clock of its own zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holiday {
    /// The date.
    pub date: Date,
    /// Where it is observed (A-07); often not the zone of the hours.
    pub zone: Zone,
}

/// A piece of one date without open hours, `[start, end)` on the calendar's wall clock. An end that is not after the
/// start is on the next date; equal times close nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Break {
    /// The date it starts on.
    pub date: Date,
    /// When it starts.
    pub start: WallTime,
    /// When it ends.
    pub end: WallTime,
}

impl Calendar {
    /// A calendar of weekly hours only; the rest is added field by field.
    pub fn new(name: impl Into<String>, zone: Zone, weekly: Weekly) -> Calendar {
        Calendar {
            name: name.into(),
            zone,
            weekly,
            holidays: Vec::new(),
            breaks: Vec::new(),
            special_days: BTreeMap::new(),
            windows: Vec::new(),
            inside: None,
        }
    }

    /// Time that always counts: 24/7, in UTC.
    pub fn always(name: impl Into<String>) -> Calendar {
        Calendar::new(name, Zone::UTC, Weekly::always())
    }

    /// Its open time, as far as it lies in `within`.
    ///
    /// # Errors
    /// When that could be more than [`OPENINGS_MAX`] openings.
    pub fn spans(&self, within: Span) -> Result<Spans, CalendarError> {
        if self.openings_at_most(within) > OPENINGS_MAX {
            return Err(CalendarError::TooManyOpenings { calendar: self.name.clone(), within });
        }
        Ok(self.open_in(within))
    }

    /// Its open time in `within` with running totals, for many questions.
    ///
    /// # Errors
    /// As [`Calendar::spans`].
    pub fn compile(&self, within: Span) -> Result<Timetable, CalendarError> {
        Ok(Timetable::new(self.clone(), within, &self.spans(within)?))
    }

    /// The instant by which `budget` of open time has passed since `start`, for one-off questions: looks ahead only as
    /// far as it must. Same answer as [`Timetable::advance`], where the edges of the rule are described.
    ///
    /// # Errors
    /// When the calendar never holds that much, up to the last instant there is.
    pub fn deadline(&self, start: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if budget <= Length::ZERO {
            return Ok(start);
        }
        let mut left = budget;
        for stretch in ahead(start, Instant::MAX, budget) {
            let open = self.open_in(stretch);
            if let Some(due) = open.advance(stretch.start, left) {
                return Ok(due);
            }
            left -= open.total();
        }
        Err(NeverFilled { calendar: self.name.clone(), start, until: Instant::MAX, budget })
    }

    /// The mirror of [`Calendar::deadline`]: the latest instant since which `budget` of open time passes until `end`.
    ///
    /// # Errors
    /// When the calendar never held that much, back to the first instant there is; `start` in the error is `end`.
    pub fn latest_start(&self, end: Instant, budget: Length) -> Result<Instant, NeverFilled> {
        if budget <= Length::ZERO {
            return Ok(end);
        }
        let mut left = budget;
        for stretch in behind(end, budget) {
            let open = self.open_in(stretch);
            if let Some(start) = open.retreat(stretch.end, left) {
                return Ok(start);
            }
            left -= open.total();
        }
        Err(NeverFilled { calendar: self.name.clone(), start: end, until: Instant::MIN, budget })
    }

    /// Open time in `[a, b)`, for one-off questions; zero when `b` is not after `a`.
    ///
    /// # Errors
    /// When more than [`OPENINGS_MAX`] openings would have to be looked at.
    pub fn elapsed(&self, a: Instant, b: Instant) -> Result<Length, CalendarError> {
        let within = Span { start: a, end: b };
        if self.openings_at_most(within) > OPENINGS_MAX {
            return Err(CalendarError::TooManyOpenings { calendar: self.name.clone(), within });
        }
        Ok(self.open_time(within))
    }

    /// Whether an instant is open, asked of the written rule itself and not of anything compiled from it.
    pub fn is_open(&self, at: Instant) -> bool {
        let wall = self.zone.to_datetime(at.into());
        let (date, now) = (wall.date(), wall::reading(wall));
        let reads = |(from, to): (Wall, Wall)| from <= now && now < to;
        let by_date = if self.special_days.contains_key(&date) {
            self.special_hours().any(reads)
        } else {
            let written = self.is_weekly_hour(date, now)
                || self.special_hours().any(reads)
                || self.windows.iter().any(|window| window.contains(at));
            written && !self.holidays.iter().any(|holiday| holiday.is_on(at))
        };
        by_date
            && !self.breaks.iter().any(|pause| reads(pause.wall()))
            && self.inside.as_ref().is_none_or(|inside| inside.is_open(at))
    }

    fn is_weekly_hour(&self, date: Date, now: Wall) -> bool {
        let day = i64::from(date.weekday().to_monday_zero_offset());
        let in_week = now - wall::midnight(date) + day * Length::DAY.as_micros();
        let minute = in_week / Length::MINUTE.as_micros();
        self.weekly.pieces().iter().any(|&(from, to)| i64::from(from) <= minute && minute < i64::from(to))
    }

    /// The rule above as set algebra, in the same order. Unbounded: callers bound `within`.
    pub(crate) fn open_in(&self, within: Span) -> Spans {
        let stretches = wall::stretches(&self.zone, within);
        let special = self.special_open(&stretches);
        let mut open = wall::weekly(&self.weekly, &stretches).union(&special.on_other_dates);
        for window in &self.windows {
            open = open.union(&window.spans(within));
        }
        open = open.subtract(&self.closed_dates(within, &stretches)).union(&special.on_their_date);
        if !self.breaks.is_empty() {
            open = open.subtract(&wall::dated(self.breaks.iter().map(|pause| pause.wall()), &stretches));
        }
        match &self.inside {
            Some(inside) => open.intersect(&inside.open_in(within)),
            None => open,
        }
    }

    /// Dates on which neither weekly hours nor windows count: holidays, and dates with hours of their own.
    fn closed_dates(&self, within: Span, stretches: &[Stretch]) -> Spans {
        let special = self.special_days.keys().map(|date| whole(*date));
        let mut closed = wall::dated(special, stretches);
        let mut holidays: Vec<&Holiday> = self.holidays.iter().collect();
        // One pass over a zone's clock changes serves all its holidays.
        holidays.sort_by(|a, b| a.zone.name().cmp(b.zone.name()));
        for holidays in holidays.chunk_by(|a, b| a.zone == b.zone) {
            let dates = holidays.iter().map(|holiday| whole(holiday.date));
            closed = if holidays[0].zone == self.zone {
                closed.union(&wall::dated(dates, stretches))
            } else {
                closed.union(&wall::dated(dates, &wall::stretches(&holidays[0].zone, within)))
            };
        }
        closed
    }

    fn special_open(&self, stretches: &[Stretch]) -> SpecialHours {
        let (mut on_their_date, mut on_other_dates) = (Vec::new(), Vec::new());
        for (from, to) in self.special_hours() {
            let date = wall::shown(from).map(|wall| wall.date());
            let special = date.is_some_and(|date| self.special_days.contains_key(&date));
            if special { &mut on_their_date } else { &mut on_other_dates }.push((from, to));
        }
        SpecialHours {
            on_their_date: wall::dated(on_their_date, stretches),
            on_other_dates: wall::dated(on_other_dates, stretches),
        }
    }

    /// The hours of the special days, cut at midnight, on the calendar's wall clock.
    fn special_hours(&self) -> impl Iterator<Item = (Wall, Wall)> + '_ {
        self.special_days.iter().flat_map(|(date, hours)| {
            hours.iter().flat_map(|hours| {
                let (from, to) = hours.same_day();
                let ((start, _), tomorrow) = (whole(*date), whole(*date).1);
                let minutes = |minutes: u32| Length::from_minutes(i64::from(minutes)).as_micros();
                [
                    (start + minutes(from), start + minutes(to)),
                    (tomorrow, tomorrow + minutes(hours.next_day())),
                ]
            })
        })
    }

    /// Open time in a span, looked at piece by piece so that it takes little memory however long the span is.
    pub(crate) fn open_time(&self, within: Span) -> Length {
        ahead(within.start, within.end, within.length()).map(|piece| self.open_in(piece).total()).sum()
    }

    fn openings_at_most(&self, within: Span) -> usize {
        let days = (within.length().as_micros() / Length::DAY.as_micros()) as usize + 3;
        let by_week = self.weekly.pieces().len() * (days / 7 + 2);
        let by_date = self.special_days.values().map(|hours| 2 * hours.len()).sum::<usize>();
        let cuts = 2 * (self.special_days.len() + self.holidays.len() + self.breaks.len());
        let inside = self.inside.as_ref().map_or(0, |inside| inside.openings_at_most(within));
        by_week + by_date + cuts + self.windows.len() * days + inside
    }
}

struct SpecialHours {
    on_their_date: Spans,
    on_other_dates: Spans,
}

impl Holiday {
    fn is_on(&self, at: Instant) -> bool {
        self.zone.to_datetime(at.into()).date() == self.date
    }
}

impl Break {
    fn wall(self) -> (Wall, Wall) {
        let minutes = |time: WallTime| Length::from_minutes(i64::from(time.minutes())).as_micros();
        let (midnight, tomorrow) = whole(self.date);
        let end = if self.start <= self.end { midnight } else { tomorrow };
        (midnight + minutes(self.start), end + minutes(self.end))
    }
}

/// From a date's midnight to the next.
fn whole(date: Date) -> (Wall, Wall) {
    let midnight = wall::midnight(date);
    (midnight, midnight + Length::DAY.as_micros())
}

/// No piece of a walk is longer: it bounds the memory of a question that looks thousands of years ahead.
const PIECE_MAX: Length = Length::from_hours(24 * 366 * 16);

/// Touching pieces of `[from, to)`: the first a little longer than a budget usually takes, then ever longer ones.
fn ahead(from: Instant, to: Instant, budget: Length) -> impl Iterator<Item = Span> {
    let (mut start, mut length) = (from, first_piece(budget));
    std::iter::from_fn(move || {
        let piece = Span::new(start, to.min(start + length))?;
        (start, length) = (piece.end, (length * 2).min(PIECE_MAX));
        Some(piece)
    })
}

/// The mirror of [`ahead`], back to the first instant.
fn behind(to: Instant, budget: Length) -> impl Iterator<Item = Span> {
    let (mut end, mut length) = (to, first_piece(budget));
    std::iter::from_fn(move || {
        let piece = Span::new(end - length, end)?;
        (end, length) = (piece.start, (length * 2).min(PIECE_MAX));
        Some(piece)
    })
}

/// Office hours are a quarter of the week; a holiday week may come on top.
fn first_piece(budget: Length) -> Length {
    (budget * 5 + Length::WEEK).min(PIECE_MAX)
}

/// What a calendar cannot answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// More openings than [`OPENINGS_MAX`].
    #[error(
        "calendar `{calendar}` could open more than {OPENINGS_MAX} times in {within}: ask for a shorter time"
    )]
    TooManyOpenings {
        /// The calendar's name.
        calendar: String,
        /// The time asked about.
        within: Span,
    },
}

/// A budget that a calendar cannot fill as far as time is told; its open hours never come, end too early, or would take longer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "calendar `{calendar}` does not have {budget} of open time between {start} and {until}, as far as time is told here: are \
     its hours and dates as meant?"
)]
pub struct NeverFilled {
    /// The calendar's name.
    pub calendar: String,
    /// From where it was counted.
    pub start: Instant,
    /// How far: the last instant there is, or looking back the first.
    pub until: Instant,
    /// How much was asked for.
    pub budget: Length,
}
