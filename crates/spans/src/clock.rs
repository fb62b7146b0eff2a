//! A response clock: a budget of open time that runs from a start, stands still in pauses, and is due when it is spent.
//!
//! Everything is computed from the events; there is no counter that a restart could lose. The three answers belong
//! together and never contradict each other: a clock is breached from the first microsecond after its due instant on,
//! also in closed hours and whatever is paused after it.
//!
//! Any [`Timetable`] of the calendar will do, also one of a single day: outside its years it asks the written rule.
//!
//! ```
//! use spans::clock::{self, Due, Pause};
//! use spans::{Calendar, Length, Month, Zone};
//! let hours = Calendar::always("always").compile(Month::new(2026, 3).expect("a month").span(&Zone::UTC))?;
//! let (start, budget) = ("2026-03-07T03:00:00Z".parse()?, Length::from_hours(2));
//! let waiting = Pause { from: "2026-03-07T04:00:00Z".parse()?, to: None };
//! assert_eq!(clock::due(&hours, start, budget, &[waiting])?, Due::Unknown);
//! let answered = Pause { to: Some("2026-03-07T04:30:00Z".parse()?), ..waiting };
//! assert_eq!(clock::due(&hours, start, budget, &[answered])?, Due::At("2026-03-07T05:30:00Z".parse()?));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use crate::calendar::NeverFilled;
use crate::instant::Instant;
use crate::length::Length;
use crate::span::Span;
use crate::spans::Spans;
use crate::timetable::Timetable;

/// Time that does not count for one clock, `[from, to)`. Without an end it is still on. Pauses may come in any order,
/// overlap, and begin before the clock does; one that ends before it begins is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The first instant that does not count.
    pub from: Instant,
    /// The first instant that counts again, once it is known.
    pub to: Option<Instant>,
}

/// When a clock's budget is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Then, whatever happens later: an act at this instant is in time, any later one is late.
    At(Instant),
    /// Not known while a pause is open that began before the budget was spent.
    Unknown,
}

impl Due {
    /// Whether `at` is later than the due instant; never while that is unknown.
    pub fn is_passed(self, at: Instant) -> bool {
        matches!(self, Due::At(due) if due < at)
    }

    /// The due instant, if it is known.
    pub fn known(self) -> Option<Instant> {
        match self {
            Due::At(due) => Some(due),
            Due::Unknown => None,
        }
    }
}

/// A clock's three answers at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// When the budget is spent.
    pub due: Due,
    /// Open time outside pauses from the start to now; goes on after the due instant.
    pub elapsed: Length,
    /// Whether now is later than the due instant. Nobody has acted yet, as far as the clock knows.
    pub breached: bool,
}

/// All three answers at `now`.
///
/// # Errors
/// As [`due`].
pub fn read(
    hours: &Timetable,
    start: Instant,
    budget: Length,
    pauses: &[Pause],
    now: Instant,
) -> Result<Reading, NeverFilled> {
    let due = due(hours, start, budget, pauses)?;
    Ok(Reading { due, elapsed: elapsed(hours, start, pauses, now), breached: due.is_passed(now) })
}

/// When `budget` of open time outside the pauses has passed since `start`. As [`Timetable::advance`]: a budget spent
/// exactly at closing, or at the instant a pause begins, is due then; a budget of zero is due at its start.
///
/// # Errors
/// When no pause is open and the calendar never holds that much.
pub fn due(hours: &Timetable, start: Instant, budget: Length, pauses: &[Pause]) -> Result<Due, NeverFilled> {
    let (mut from, mut left) = (start, budget);
    for pause in &stopped(start, pauses) {
        let open = hours.measure(from, pause.start);
        if left <= open {
            break;
        }
        if pause.end == Instant::MAX {
            return Ok(Due::Unknown);
        }
        (from, left) = (pause.end, left - open);
    }
    hours.advance(from, left).map(Due::At).map_err(|never| NeverFilled { start, budget, ..never })
}

/// Open time outside the pauses in `[start, now)`; zero when now is not after the start. It does not stop at the due
/// instant: how late something was is part of the story.
pub fn elapsed(hours: &Timetable, start: Instant, pauses: &[Pause], now: Instant) -> Length {
    let stopped = stopped(start, pauses).clip(Span { start, end: now });
    let paused: Length = stopped.iter().map(|pause| hours.measure(pause.start, pause.end)).sum();
    hours.measure(start, now) - paused
}

/// The pauses of a clock from its start on, merged; an open one reaches to the end of time.
fn stopped(start: Instant, pauses: &[Pause]) -> Spans {
    let known = |pause: &Pause| Span::new(pause.from.max(start), pause.to.unwrap_or(Instant::MAX));
    pauses.iter().filter_map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Calendar, DayHours, Weekly, Zone, weekday};

    /// Monday to Friday 09:00–17:00 UTC. 6 March 2026 is a Friday.
    fn office() -> Timetable {
        let hours = DayHours::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap();
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri"].map(|day| weekday(day).unwrap());
        let week = days.into_iter().fold(Weekly::never(), |week, day| week.and_on(day, hours));
        let within = Span::new(at("03-01 00:00"), at("05-01 00:00")).unwrap();
        Calendar::new("office", Zone::UTC, week).compile(within).unwrap()
    }

    fn at(text: &str) -> Instant {
        format!("2026-{}:00Z", text.replace(' ', "T")).parse().unwrap()
    }

    fn pause(from: &str, to: &str) -> Pause {
        Pause { from: at(from), to: (!to.is_empty()).then(|| at(to)) }
    }

    /// `due` is empty for an unknown one; the reading is taken at `now`.
    #[track_caller]
    fn check(start: &str, hours: i64, pauses: &[Pause], now: &str, due: &str, elapsed: &str, breached: bool) {
        let reading = read(&office(), at(start), Length::from_hours(hours), pauses, at(now)).unwrap();
        let due = if due.is_empty() { Due::Unknown } else { Due::At(at(due)) };
        assert_eq!(reading, Reading { due, elapsed: elapsed.parse().unwrap(), breached });
    }

    #[test]
    fn without_a_pause() {
        check("03-06 16:00", 4, &[], "03-09 11:00", "03-09 12:00", "3h", false);
        check("03-06 16:00", 4, &[], "03-09 12:00", "03-09 12:00", "4h", false);
        check("03-06 16:00", 4, &[], "03-09 16:00", "03-09 12:00", "8h", true);
        check("03-06 16:00", 4, &[], "03-05 12:00", "03-09 12:00", "0m", false);
    }

    #[test]
    fn spent_at_closing_is_due_at_closing_and_late_on_saturday_though_nothing_more_elapsed() {
        check("03-06 09:00", 8, &[], "03-06 17:00", "03-06 17:00", "8h", false);
        check("03-06 09:00", 8, &[], "03-07 12:00", "03-06 17:00", "8h", true);
    }

    #[test]
    fn a_pause_moves_the_due_instant_by_its_open_time() {
        let weekend = [pause("03-06 16:00", "03-09 10:00")];
        check("03-06 15:00", 4, &weekend, "03-09 11:00", "03-09 13:00", "2h", false);
        let closed = [pause("03-06 20:00", "03-08 20:00")];
        check("03-06 15:00", 4, &closed, "03-09 11:00", "03-09 11:00", "4h", false);
    }

    #[test]
    fn an_open_pause_hides_the_due_instant_unless_it_was_reached() {
        check("03-06 15:00", 4, &[pause("03-06 16:00", "")], "03-20 12:00", "", "1h", false);
        check("03-06 12:00", 4, &[pause("03-06 16:00", "")], "03-06 16:00", "03-06 16:00", "4h", false);
        check("03-06 12:00", 4, &[pause("03-06 16:00", "")], "03-06 16:01", "03-06 16:00", "4h", true);
        // Spent at Friday's closing; a pause that begins later, in closed time, no longer matters.
        check("03-06 13:00", 4, &[pause("03-07 12:00", "")], "03-10 12:00", "03-06 17:00", "4h", true);
    }

    #[test]
    fn overlapping_early_and_backward_pauses() {
        let pauses = [
            pause("03-09 11:00", "03-09 13:00"),
            pause("03-01 00:00", "03-09 10:00"),
            pause("03-09 12:00", "03-09 14:00"),
            pause("03-09 16:00", "03-09 15:00"),
        ];
        check("03-06 15:00", 4, &pauses, "03-09 16:00", "03-09 17:00", "3h", false);
    }

    #[test]
    fn a_budget_of_zero_is_due_at_its_start_even_in_a_pause_and_in_closed_time() {
        check("03-07 12:00", 0, &[pause("03-01 00:00", "")], "03-07 12:00", "03-07 12:00", "0m", false);
        check("03-07 12:00", 0, &[], "03-07 13:00", "03-07 12:00", "0m", true);
    }

    #[test]
    fn an_open_pause_comes_before_never() {
        let never = Calendar::new("never", Zone::UTC, Weekly::never()).compile(Span::ALL).unwrap();
        let (start, budget) = (at("03-06 12:00"), Length::HOUR);
        assert_eq!(due(&never, start, budget, &[pause("03-07 12:00", "")]), Ok(Due::Unknown));
        let error = due(&never, start, budget, &[]).unwrap_err();
        assert_eq!((error.calendar.as_str(), error.start, error.budget), ("never", start, budget));
    }
}
