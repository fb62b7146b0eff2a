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

/// `509 h 20 min`, `4 min 30 s`, `0 min`: how long, to the second, which is rounded down; less than one second keeps its fraction.
pub(crate) fn seconds(length: Length) -> String {
    let whole = length.as_micros() / 1_000_000;
    if whole == 0 && !length.is_zero() {
        return length.to_string();
    }
    let parts = [(whole / 3_600, "h"), (whole % 3_600 / 60, "min"), (whole % 60, "s")];
    let words: Vec<String> =
        parts.iter().filter(|(n, _)| *n != 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if words.is_empty() { "0 min".to_owned() } else { words.join(" ") }
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
    fn a_length_is_told_to_the_second() {
        let told = [0, 60, 270, 1_833_600].map(|s| seconds(Length::from_secs(s)));
        assert_eq!(told, ["0 min", "1 min", "4 min 30 s", "509 h 20 min"]);
        assert_eq!(seconds(Length::from_micros(15_889_762)), "15 s");
        assert_eq!(seconds(Length::from_micros(250_000)), "0.25s", "never as nothing");
    }

    #[test]
    fn a_length_is_told_in_two_units_at_most() {
        let told = [12, 60, 3_599, 7_500, 7_200, 100_000].map(|s| about(Length::from_secs(s)));
        assert_eq!(told, ["12 s", "1 min", "59 min", "2 h 5 min", "2 h", "1 d 3 h"]);
        assert_eq!(about(Length::from_secs(-5)), "0 s");
    }
}
