//! The slow, obvious answer to "is this open?", "how much is open?" and "when is it due?".
//!
//! [`Written`] holds a calendar as minutes on a wall, and its answers come from walking minute by minute and asking
//! nothing but "what does the wall clock show, and is that in the written hours?". It shares no code with `spans` beyond
//! instants and lengths, and does no set algebra. It assumes that clocks change on whole minutes of UTC and by whole
//! minutes, which every zone has done since 1972; a start may lie anywhere inside a minute.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::TimeZone;
use spans::{Instant, Length};

/// `[from, to)` in minutes of the wall's day, 0 to 1440; a `to` that is not after `from` is on the next day.
pub type Minutes = (u16, u16);

/// A calendar as a person wrote it.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where the wall clock of hours, special days and breaks hangs.
    pub zone: TimeZone,
    /// Hours under a weekday.
    pub weekly: Vec<(Weekday, Minutes)>,
    /// Long intervals of the week: from a day and minute to a day and minute, over the week's end when the second is not
    /// later.
    pub long: Vec<((Weekday, u16), (Weekday, u16))>,
    /// Closed dates, each on the clocks of a zone.
    pub holidays: Vec<(Date, TimeZone)>,
    /// Closed minutes of a date.
    pub breaks: Vec<(Date, Minutes)>,
    /// Dates with hours of their own.
    pub special_days: Vec<(Date, Vec<Minutes>)>,
    /// Windows that come back every week from a first start on: so many minutes on the clocks of a zone, fewer than a
    /// week's.
    pub windows: Vec<(DateTime, u16, TimeZone)>,
    /// A calendar that this one never leaves.
    pub inside: Option<Box<Written>>,
}

impl Written {
    /// Whether an instant is open.
    pub fn is_open(&self, at: Instant) -> bool {
        let at_utc = Timestamp::from(at);
        let wall = self.zone.to_datetime(at_utc);
        let open = match self.special(wall.date()) {
            Some(_) => self.in_special_hours(wall),
            None => {
                let somewhere = self.in_weekly_hours(wall)
                    || self.in_special_hours(wall)
                    || self.windows.iter().any(|window| in_window(window, at_utc));
                // No two walls are more than two dates apart; looking at far holidays' walls would only take time.
                let mut near = self.holidays.iter().filter(|(date, _)| days_between(*date, wall.date()) <= 2);
                somewhere && !near.any(|(date, zone)| zone.to_datetime(at_utc).date() == *date)
            }
        };
        open && !self.breaks.iter().any(|(date, minutes)| is_within(*minutes, *date, wall))
            && self.inside.as_ref().is_none_or(|inside| inside.is_open(at))
    }

    /// Open time in `[a, b)`.
    pub fn elapsed(&self, a: Instant, b: Instant) -> Length {
        steps(a, b).filter(|(from, _)| self.is_open(*from)).map(|(from, to)| to - from).sum()
    }

    /// When `budget` of open time has passed since `start`, if that is at or before `end`.
    pub fn due(&self, start: Instant, budget: Length, end: Instant) -> Option<Instant> {
        self.due_outside(start, budget, &[], end)
    }

    /// The same, where the time inside `pauses` (`[from, to)`, whole minutes) does not count either.
    pub fn due_outside(
        &self,
        start: Instant,
        budget: Length,
        pauses: &[(Instant, Instant)],
        end: Instant,
    ) -> Option<Instant> {
        let mut left = budget;
        if left == Length::ZERO {
            return Some(start);
        }
        for (from, to) in steps(start, end) {
            let paused = pauses.iter().any(|(pause, resume)| *pause <= from && from < *resume);
            if paused || !self.is_open(from) {
                continue;
            }
            if left <= to - from {
                return Some(from + left);
            }
            left -= to - from;
        }
        None
    }

    /// The latest instant at or after `earliest` from which `budget` of open time passes until `end`.
    pub fn latest_start(&self, end: Instant, budget: Length, earliest: Instant) -> Option<Instant> {
        let mut left = budget;
        if left == Length::ZERO {
            return Some(end);
        }
        let mut to = end;
        while to > earliest {
            let from = minute_of(to - Length::from_micros(1)).max(earliest);
            if self.is_open(from) {
                if left <= to - from {
                    return Some(to - left);
                }
                left -= to - from;
            }
            to = from;
        }
        None
    }

    /// The unbroken open stretches of `[a, b)`, both on whole minutes.
    pub fn openings(&self, a: Instant, b: Instant) -> Vec<(Instant, Instant)> {
        let mut openings: Vec<(Instant, Instant)> = Vec::new();
        for (from, to) in steps(a, b).filter(|(from, _)| self.is_open(*from)) {
            match openings.last_mut() {
                Some(last) if last.1 == from => last.1 = to,
                _ => openings.push((from, to)),
            }
        }
        openings
    }

    fn special(&self, date: Date) -> Option<&Vec<Minutes>> {
        self.special_days.iter().find(|(special, _)| *special == date).map(|(_, hours)| hours)
    }

    fn in_special_hours(&self, wall: DateTime) -> bool {
        [Some(wall.date()), wall.date().yesterday().ok()].into_iter().flatten().any(|date| {
            self.special(date)
                .is_some_and(|hours| hours.iter().any(|minutes| is_within(*minutes, date, wall)))
        })
    }

    fn in_weekly_hours(&self, wall: DateTime) -> bool {
        let (today, now) = (wall.weekday(), minute(wall));
        let in_day = |(day, (from, to)): &(Weekday, Minutes)| {
            if from < to {
                *day == today && *from <= now && now < *to
            } else {
                (*day == today && *from <= now) || (day.next() == today && now < *to)
            }
        };
        let in_long = |((from_day, from), (to_day, to)): &((Weekday, u16), (Weekday, u16))| {
            let of_week = |day: Weekday, minute: u16| {
                u32::from(day.to_monday_zero_offset() as u8) * 1440 + u32::from(minute)
            };
            let (from, to, now) = (of_week(*from_day, *from), of_week(*to_day, *to), of_week(today, now));
            if from < to { from <= now && now < to } else { from <= now || now < to }
        };
        self.weekly.iter().any(in_day) || self.long.iter().any(in_long)
    }
}

/// Whether the wall stands in minutes written under a date.
fn is_within((from, to): Minutes, date: Date, wall: DateTime) -> bool {
    let now = minute(wall);
    if from < to {
        wall.date() == date && from <= now && now < to
    } else if from > to {
        (wall.date() == date && from <= now)
            || (date.tomorrow().is_ok_and(|next| wall.date() == next) && now < to)
    } else {
        false
    }
}

/// Whether the wall of the window's zone stands less than its minutes after one of its weekly starts.
fn in_window((first, minutes, zone): &(DateTime, u16, TimeZone), at: Timestamp) -> bool {
    let wall = zone.to_datetime(at);
    let since_first = wall.duration_since(*first).as_mins();
    wall >= *first && since_first.rem_euclid(7 * 1440) < i64::from(*minutes)
}

fn days_between(a: Date, b: Date) -> i64 {
    a.duration_since(b).as_hours().abs() / 24
}

fn minute(wall: DateTime) -> u16 {
    u16::from(wall.hour() as u8) * 60 + u16::from(wall.minute() as u8)
}

fn minute_of(at: Instant) -> Instant {
    at - Length::from_micros(at.as_micros().rem_euclid(60_000_000))
}

/// `[a, b)` cut at every whole minute.
fn steps(a: Instant, b: Instant) -> impl Iterator<Item = (Instant, Instant)> {
    let mut from = a;
    std::iter::from_fn(move || {
        let to = b.min(minute_of(from) + Length::MINUTE);
        let step = (from < to).then_some((from, to));
        from = to;
        step
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oracle itself is checked against a day that anyone can look up: New York, 8 March 2026, 02:00 to 03:00 skipped.
    #[test]
    fn a_skipped_hour_is_no_time() {
        let night = Written {
            zone: jiff::tz::TimeZoneDatabase::bundled().get("America/New_York").unwrap(),
            weekly: vec![(Weekday::Sunday, (60, 240))],
            long: vec![],
            holidays: vec![],
            breaks: vec![],
            special_days: vec![],
            windows: vec![],
            inside: None,
        };
        let (a, b) = ("2026-03-08T00:00:00Z".parse().unwrap(), "2026-03-09T00:00:00Z".parse().unwrap());
        assert_eq!(night.elapsed(a, b), Length::from_hours(2));
        assert_eq!(night.due(a, Length::from_hours(2), b), Some("2026-03-08T08:00:00Z".parse().unwrap()));
    }
}
