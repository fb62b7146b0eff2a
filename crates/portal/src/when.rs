//! Instants as people read them on pages.

use spans::{Instant, Length, Month};

/// `2026-03-09 18:00 UTC`.
pub(crate) fn minute(at: Instant) -> String {
    cut(at, 16, " UTC")
}

/// `2026-03-09 18:00:30`, where the zone stands in the heading.
pub(crate) fn second(at: Instant) -> String {
    cut(at, 19, "")
}

fn cut(at: Instant, chars: usize, zone: &str) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..chars)) {
        (Some(day), Some(time)) => format!("{day} {time}{zone}"),
        _ => text,
    }
}

/// The minute with its exact instant behind it, as HTML.
pub(crate) fn stamp(at: Instant) -> String {
    format!("<time datetime=\"{at}\">{}</time>", minute(at))
}

/// The second with its exact instant behind it, as HTML.
pub(crate) fn exact(at: Instant) -> String {
    format!("<time datetime=\"{at}\">{}</time>", second(at))
}

/// `18:00`, on an axis.
pub(crate) fn clock(at: Instant) -> String {
    at.to_string().get(11..16).unwrap_or_default().to_owned()
}

/// `12 s`, `3 min`, `2 h 5 min`, `4 d 3 h`: how long, in the two largest units that say something.
pub(crate) fn about(length: Length) -> String {
    let seconds = (length.as_micros() / 1_000_000).max(0);
    let two = |large: i64, one: &str, small: i64, other: &str| match small {
        0 => format!("{large} {one}"),
        small => format!("{large} {one} {small} {other}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => two(seconds / 3_600, "h", seconds % 3_600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h"),
    }
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `June 2026`.
pub(crate) fn month(month: Month) -> String {
    let name = usize::try_from(month.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{name} {}", month.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_two_units_at_most() {
        let told = [12, 60, 3_599, 7_500, 7_200, 100_000].map(|s| about(Length::from_secs(s)));
        assert_eq!(told, ["12 s", "1 min", "59 min", "2 h 5 min", "2 h", "1 d 3 h"]);
        assert_eq!(about(Length::from_secs(-5)), "0 s");
    }
}
