//! From wall clocks to instants, pointwise.
//!
//! Between two clock changes a zone's wall clock is UTC shifted by a constant. So the whole question of skipped and
//! repeated hours is answered by cutting time at the changes and shifting each stretch: wall-clock hours inside a
//! skipped hour meet no stretch and count nothing, hours inside a repeated one meet two and count twice, a skipped date
//! has no instants, and no case is special.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;
use jiff::{SignedDuration, Timestamp};

use crate::hours::Weekly;
use crate::instant::Instant;
use crate::length::Length;
use crate::span::Span;
use crate::spans::Spans;
use crate::zone::Zone;

/// No wall clock is further from UTC than this (jiff's limit is 25:59:59).
pub(crate) const SHIFT_MAX: Length = Length::from_hours(26);

/// A reading of a wall clock with its date, in microseconds since 1970-01-01 00:00 on that wall.
pub(crate) type Wall = i64;

/// The wall's reading at the midnight that a date begins with.
pub(crate) fn midnight(date: Date) -> Wall {
    reading(date.to_datetime(Time::midnight()))
}

/// A written date and time as a reading.
pub(crate) fn reading(wall: DateTime) -> Wall {
    let since_epoch: SignedDuration = wall.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
    i64::try_from(since_epoch.as_micros()).expect("jiff's dates are within 10,000 years of 1970")
}

/// The date and time that a reading shows; the years -9999 to 9999 have one.
pub(crate) fn shown(wall: Wall) -> Option<DateTime> {
    Timestamp::from_microsecond(wall).ok().map(|at| Offset::UTC.to_datetime(at))
}

/// An unbroken stretch in which a wall clock is UTC plus a constant.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    span: Span,
    shift: i64,
}

impl Stretch {
    /// The instants of this stretch at which the wall reads `[from, to)`.
    fn when(self, from: Wall, to: Wall) -> Option<Span> {
        let start = Instant::from_micros(from - self.shift).max(self.span.start);
        let end = Instant::from_micros(to - self.shift).min(self.span.end);
        Span::new(start, end)
    }
}

/// A zone's clock changes cut `within` into these: in order, touching, together all of it.
pub(crate) fn stretches(zone: &Zone, within: Span) -> Vec<Stretch> {
    let mut stretches: Vec<Stretch> = Vec::new();
    if within.is_empty() {
        return stretches;
    }
    let shift = |offset: Offset| i64::from(offset.seconds()) * 1_000_000;
    let first: Timestamp = within.start.into();
    let mut open = Stretch { span: within, shift: shift(zone.to_offset(first)) };
    let changes =
        zone.following(first).map(|change| (Instant::try_from(change.timestamp()), shift(change.offset())));
    for (at, shift) in changes {
        let Ok(at) = at else { break };
        if at >= within.end {
            break;
        }
        if shift != open.shift {
            stretches.push(Stretch { span: Span { end: at, ..open.span }, ..open });
            open = Stretch { span: Span { start: at, ..open.span }, shift };
        }
    }
    stretches.push(open);
    stretches
}

/// The first instant at which the wall reads that much or more: that of the clock change where it skips the reading.
pub(crate) fn first(reading: Wall, zone: &Zone) -> Instant {
    let at = |stretch: &Stretch| Instant::from_micros(reading - stretch.shift).max(stretch.span.start);
    let around = stretches(zone, around(reading));
    let found = around.iter().map(|stretch| (at(stretch), stretch.span.end)).find(|(at, end)| at < end);
    found.map_or(Instant::from_micros(reading), |(at, _)| at)
}

/// The first instant from which on the wall never again reads less.
pub(crate) fn last(reading: Wall, zone: &Zone) -> Instant {
    let less = |stretch: &Stretch| {
        let end = Instant::from_micros(reading - stretch.shift).min(stretch.span.end);
        (stretch.span.start < end).then_some(end)
    };
    let around = stretches(zone, around(reading));
    around.iter().rev().find_map(less).unwrap_or(Instant::from_micros(reading))
}

/// In UTC a reading lies somewhere in here, whatever the shift.
fn around(reading: Wall) -> Span {
    let utc = Instant::from_micros(reading);
    Span { start: utc - SHIFT_MAX, end: utc + SHIFT_MAX }
}

/// The instants at which the wall shows weekly hours.
pub(crate) fn weekly(weekly: &Weekly, stretches: &[Stretch]) -> Spans {
    /// 1970-01-01 was a Thursday.
    const MONDAY: Wall = -3 * Length::DAY.as_micros();
    const WEEK: Wall = Length::WEEK.as_micros();
    const MINUTE: Wall = Length::MINUTE.as_micros();
    let mut open = Spans::empty();
    if weekly.pieces().is_empty() {
        return open;
    }
    for stretch in stretches {
        let (from, to) =
            (stretch.span.start.as_micros() + stretch.shift, stretch.span.end.as_micros() + stretch.shift);
        let mut monday = from - (from - MONDAY).rem_euclid(WEEK);
        while monday < to {
            for &(from, to) in weekly.pieces() {
                let hours = stretch.when(monday + i64::from(from) * MINUTE, monday + i64::from(to) * MINUTE);
                if let Some(hours) = hours {
                    open.push(hours);
                }
            }
            monday += WEEK;
        }
    }
    open
}

/// The instants at which the wall shows any of these dated hours, `[from, to)`, in any order.
pub(crate) fn dated(hours: impl IntoIterator<Item = (Wall, Wall)>, stretches: &[Stretch]) -> Spans {
    let mut found = Vec::new();
    for (from, to) in hours {
        // In UTC these hours lie somewhere in here, whatever the shift.
        let (first, last) = (Instant::from_micros(from) - SHIFT_MAX, Instant::from_micros(to) + SHIFT_MAX);
        let skip = stretches.partition_point(|stretch| stretch.span.end <= first);
        let near = stretches[skip..].iter().take_while(|stretch| stretch.span.start < last);
        found.extend(near.filter_map(|stretch| stretch.when(from, to)));
    }
    Spans::from_unsorted(found)
}
