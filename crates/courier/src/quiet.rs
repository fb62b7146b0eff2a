//! Quiet hours: between two times of the day, on the clocks of the person's zone, only calls come.

use journal::people::Choice;
use spans::{Calendar, DayHours, Instant, Length, Span, WallTime, Weekly, Zone, weekday};

/// When it is no longer quiet for a person; none where it is not quiet `at`. Hours that a clock change skips are not waited for, and
/// those it repeats are quiet twice.
pub(crate) fn until(choice: &Choice, at: Instant) -> Option<Instant> {
    let hours = hours(choice)?;
    let two_days = Span { start: at, end: at + Length::from_hours(49) };
    let quiet = hours.spans(two_days).ok()?;
    quiet.iter().find(|span| span.contains(at)).map(|span| span.end)
}

fn hours(choice: &Choice) -> Option<Calendar> {
    let (from, until) = choice.quiet?;
    let time =
        |minutes: u16| WallTime::new(u8::try_from(minutes / 60).ok()?, u8::try_from(minutes % 60).ok()?);
    let hours = DayHours::new(time(from)?, time(until)?).ok()?;
    let zone: Zone = choice.zone.parse().unwrap_or(Zone::UTC);
    let days =
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].into_iter().filter_map(|day| weekday(day).ok());
    let week = days.fold(Weekly::never(), |week, day| week.and_on(day, hours));
    Some(Calendar::new("quiet hours", zone, week))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn quiet(from: u16, until_minute: u16, at: &str) -> Option<String> {
        let quiet = Some((from * 60, until_minute * 60));
        let choice = Choice { quiet, zone: "Europe/Amsterdam".to_owned(), ..Choice::default() };
        until(&choice, at.parse().unwrap()).map(|end| end.to_string())
    }

    #[test]
    fn it_is_quiet_over_midnight_on_the_persons_own_clock() {
        assert_eq!(quiet(22, 7, "2026-03-06T20:59:59Z"), None);
        assert_eq!(quiet(22, 7, "2026-03-06T21:00:00Z").as_deref(), Some("2026-03-07T06:00:00Z"));
        assert_eq!(quiet(22, 7, "2026-03-07T05:59:59Z").as_deref(), Some("2026-03-07T06:00:00Z"));
        assert_eq!(quiet(22, 7, "2026-03-07T06:00:00Z"), None);
        assert_eq!(quiet(12, 13, "2026-03-07T11:30:00Z").as_deref(), Some("2026-03-07T12:00:00Z"));
    }

    #[test]
    fn a_clock_change_moves_the_end() {
        // In the night of 29 March the clocks go from two to three.
        assert_eq!(quiet(22, 7, "2026-03-28T23:00:00Z").as_deref(), Some("2026-03-29T05:00:00Z"));
        assert_eq!(quiet(22, 7, "2026-10-24T23:00:00Z").as_deref(), Some("2026-10-25T06:00:00Z"));
    }

    #[test]
    fn hours_that_mean_nothing_are_no_quiet_hours() {
        assert_eq!(quiet(22, 22, "2026-03-06T22:00:00Z"), None);
        assert_eq!(quiet(30, 31, "2026-03-06T22:00:00Z"), None);
    }
}
