//! Stories whose dates move with the day on which they are told: `{-9 wed2}`, `{now-3h}`.
//!
//! | written | means |
//! |---|---|
//! | `{-9}` | the month nine months before this one, `2026-02` |
//! | `{-9#}` | the same as a number, `2602` |
//! | `{-9 7}` | its seventh day, `2026-02-07` |
//! | `{-9 wed2}` | its second Wednesday, `2026-02-11` |
//! | `{now}`, `{now-3h}`, `{now+2d}` | an instant, `2026-11-22 04:33:20` |
//! | `{now+2d@}` | the same as facts write it, `2026-11-24T04:33:20Z` |

use jiff::{
    ToSpan,
    civil::{Date, Weekday},
};
use spans::{Instant, Length, Month, Zone};

/// The month of an instant.
pub(super) fn this_month(now: Instant) -> Month {
    Month::of(now, &Zone::UTC)
}

/// The first day of a month so many months away.
pub(super) fn first_day(month: Month, away: i64) -> Date {
    month.first_day().saturating_add(away.months())
}

/// A story's text with its dates, as it is told at `now`. What would come later than `now` is left out.
///
/// # Errors
/// The token that cannot be read.
pub(super) fn told(story: &str, now: Instant, months_past: i64) -> Result<String, String> {
    let now = Instant::from_second(now.as_micros().div_euclid(1_000_000));
    let mut text = String::new();
    for line in story.lines() {
        for line in each_month(line, months_past) {
            let line = filled(&line, now)?;
            if !comes_after(&line, now) {
                text += &line;
                text.push('\n');
            }
        }
    }
    Ok(text)
}

/// A line of every month, once for each.
fn each_month(line: &str, months_past: i64) -> Vec<String> {
    match line.strip_prefix("each month") {
        None => vec![line.to_owned()],
        Some(line) => {
            (-months_past..=0).map(|month| line.trim_start().replace("{m", &format!("{{{month}"))).collect()
        }
    }
}

fn filled(line: &str, now: Instant) -> Result<String, String> {
    if line.starts_with('#') {
        return Ok(String::new());
    }
    let mut filled = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('{') {
        let (token, tail) =
            after.split_once('}').ok_or_else(|| format!("`{line}`: a brace is not closed"))?;
        filled += before;
        filled += &value(token, now).ok_or_else(|| format!("`{{{token}}}` is no date"))?;
        rest = tail;
    }
    Ok(filled + rest)
}

fn value(token: &str, now: Instant) -> Option<String> {
    if let Some(away) = token.strip_prefix("now") {
        return match away.strip_suffix('@') {
            Some(away) => Some((now + length(away)?).to_string()),
            None => Some((now + length(away)?).to_string().replace('T', " ").replace('Z', "")),
        };
    }
    let (month, day) = token.split_once(' ').map_or((token, None), |(month, day)| (month, Some(day)));
    let (month, is_number) = month.strip_suffix('#').map_or((month, false), |month| (month, true));
    let first = first_day(this_month(now), month.parse().ok()?);
    match day {
        None if is_number => Some(format!("{:02}{:02}", first.year() % 100, first.month())),
        None => Some(format!("{:04}-{:02}", first.year(), first.month())),
        Some(day) => on(first, day).map(|date| date.to_string()),
    }
}

/// `+2d`, `-3h`, nothing.
fn length(away: &str) -> Option<Length> {
    let (is_before, amount) = match away.split_at_checked(1) {
        None => return Some(Length::ZERO),
        Some(("+", amount)) => (false, amount),
        Some(("-", amount)) => (true, amount),
        Some(_) => return None,
    };
    let length = match amount.strip_suffix('d') {
        Some(days) => Length::from_secs(days.parse::<i64>().ok()?.checked_mul(86_400)?),
        None => amount.parse().ok()?,
    };
    Some(if is_before { Length::ZERO - length } else { length })
}

/// `7`, or `wed2`.
fn on(first: Date, day: &str) -> Option<Date> {
    if let Ok(day) = day.parse::<i8>() {
        return Date::new(first.year(), first.month(), day).ok();
    }
    let (weekday, nth) = day.split_at_checked(3)?;
    let weekday = match weekday {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    };
    first.nth_weekday_of_month(nth.parse().ok()?, weekday).ok()
}

/// Whether a line begins with an instant later than `now`.
fn comes_after(line: &str, now: Instant) -> bool {
    let mut words = line.split_whitespace();
    let (Some(date), Some(time)) = (words.next(), words.next()) else { return false };
    let seconds = if time.matches(':').count() == 1 { ":00" } else { "" };
    format!("{date}T{time}{seconds}Z").parse::<Instant>().is_ok_and(|at| now < at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_move_with_the_day_on_which_they_are_told() {
        let now: Instant = "2026-11-22T04:33:20.5Z".parse().unwrap();
        let story = "# not told\n{-11} {-11#} {-9 wed2} {-9 7} {now} {now-3h} {now+2d@}\n";
        let said = told(story, now, 12).unwrap();
        assert_eq!(
            said.trim(),
            "2025-12 2512 2026-02-11 2026-02-07 2026-11-22 04:33:20 2026-11-22 01:33:20 2026-11-24T04:33:20Z"
        );
        let leap: Instant = "2028-02-29T00:00:00Z".parse().unwrap();
        assert_eq!(told("{0} {1 1} {-12 sun1}", leap, 12).unwrap().trim(), "2028-02 2028-03-01 2027-02-07");
        assert!(told("{-9 wed9}", now, 12).is_err() && told("{soon}", now, 12).is_err());
    }

    #[test]
    fn a_line_of_every_month_is_told_for_each_and_nothing_of_the_future() {
        let now: Instant = "2026-11-10T00:00:00Z".parse().unwrap();
        let said = told("each month  {m 9} 10:00 a {m#}\neach month  {m 11} 10:00 b", now, 1).unwrap();
        assert_eq!(said, "2026-10-09 10:00 a 2610\n2026-11-09 10:00 a 2611\n2026-10-11 10:00 b\n");
    }
}
