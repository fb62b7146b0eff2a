//! Instants as people read them on pages.

use spans::Instant;

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
