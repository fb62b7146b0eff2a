//! Instants and addresses as pages write them: the absolute time first, with its zone, then how far away it is.

use std::fmt::Write;

use spans::{Instant, Length};

use super::zone::{read_wall, reader, wall};
use crate::when::{self, about};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// 1 January 1970 was a Thursday.
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// `Mon 9 Mar 18:00 CET`, in the reader's zone; with the year where it is not this one.
pub(crate) fn day(at: Instant, now: Instant) -> String {
    let ((at, zone), (now, _)) = (wall(at), wall(now));
    let (text, this) = (at.to_string(), now.to_string());
    let number = |from: usize, to: usize| text.get(from..to).and_then(|part| part.parse::<usize>().ok());
    let (Some(month), Some(day), Some(clock)) = (number(5, 7), number(8, 10), text.get(11..16)) else {
        return text;
    };
    let days = at.as_micros().div_euclid(Length::DAY.as_micros()).rem_euclid(7);
    let weekday = usize::try_from(days).ok().and_then(|n| DAYS.get(n)).copied().unwrap_or_default();
    let month = MONTHS.get(month.saturating_sub(1)).copied().unwrap_or_default();
    let year = if text.get(..4) == this.get(..4) { "" } else { text.get(..4).unwrap_or_default() };
    let gap = if year.is_empty() { "" } else { " " };
    format!("{weekday} {day} {month}{gap}{year} {clock} {zone}")
}

/// The same with its exact instant behind it, as HTML.
pub(crate) fn time(at: Instant, now: Instant) -> String {
    format!("<time datetime=\"{at}\">{}</time>", day(at, now))
}

/// `2026-03-09 18:00 CET`, in the reader's zone, with its exact instant behind it, as HTML.
pub(crate) fn stamp(at: Instant) -> String {
    format!("<time datetime=\"{at}\">{}</time>", minute(at))
}

/// The same without markup.
pub(crate) fn minute(at: Instant) -> String {
    let (wall, zone) = wall(at);
    format!("{} {zone}", when::second(wall).get(..16).unwrap_or_default())
}

/// `2026-03-09 18:00:30 CET`, the same to the second.
pub(crate) fn exact(at: Instant) -> String {
    let (wall, zone) = wall(at);
    format!("<time datetime=\"{at}\">{} {zone}</time>", when::second(wall))
}

/// `18:00`, on an axis in the reader's zone.
pub(crate) fn clock(at: Instant) -> String {
    when::clock(wall(at).0)
}

/// What the reader's zone is called at an instant.
pub(crate) fn zone(at: Instant) -> String {
    wall(at).1
}

/// When something is due, and how far away that is, as HTML.
pub(crate) fn due(at: Instant, now: Instant) -> String {
    format!(
        "<span class=\"due\"><b>{}</b></span> <span class=\"soft\">{}</span>",
        time(at, now),
        away(at, now)
    )
}

/// `in 2 d 4 h`, or `12 min ago`.
pub(crate) fn away(at: Instant, now: Instant) -> String {
    match at.cmp(&now) {
        std::cmp::Ordering::Less => format!("{} ago", about(now - at)),
        std::cmp::Ordering::Equal => "now".to_owned(),
        std::cmp::Ordering::Greater => format!("in {}", about(at - now)),
    }
}

/// An address below a client: each part as it has to be written in one.
pub(crate) fn path(client: &facts::ClientId, parts: &[&str]) -> String {
    parts.iter().fold(format!("/clients/{client}"), |path, part| path + "/" + &encode(part))
}

/// Text as a part of an address (RFC 3986, unreserved characters stay).
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// A name of the agreement as the beginning of a sentence: `first-response` is `First response`.
pub(crate) fn title(name: &str) -> String {
    let plain = name.replace(['-', '_', '.'], " ");
    let mut chars = plain.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Reads what a form's `datetime-local` field holds, `2026-03-09T18:00`, in the zone that the form was drawn in: another may have been
/// chosen since. Seconds may stand there.
pub(crate) fn read_field(text: &str, zone: &str) -> Option<Instant> {
    let zone = if zone.is_empty() { reader() } else { zone.parse().ok()? };
    read_wall(text, &zone)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn an_instant_is_told_with_its_weekday_and_zone() {
        let now = at("2026-03-09T12:00:00Z");
        assert_eq!(day(at("2026-03-09T18:00:30Z"), now), "Mon 9 Mar 18:00 UTC");
        assert_eq!(day(at("2024-02-29T00:05:00Z"), now), "Thu 29 Feb 2024 00:05 UTC");
        assert_eq!(day(at("1969-12-31T23:59:00Z"), now), "Wed 31 Dec 1969 23:59 UTC");
        assert_eq!(away(at("2026-03-11T16:00:00Z"), now), "in 2 d 4 h");
        assert_eq!(away(at("2026-03-09T11:48:00Z"), now), "12 min ago");
    }

    #[test]
    fn an_address_holds_any_id() {
        let client = "acme".parse().unwrap();
        assert_eq!(path(&client, &["tickets", "a/b:1"]), "/clients/acme/tickets/a%2Fb%3A1");
    }

    #[test]
    fn a_field_is_read_in_the_zone_of_its_form() {
        let instant = at("2026-03-09T18:00:00Z");
        assert_eq!(read_field("2026-03-09T18:00", "UTC"), Some(instant));
        assert_eq!(read_field("2026-03-09T19:00:05", "Europe/Berlin"), Some(instant + Length::from_secs(5)));
        assert_eq!(read_field("2026-03-09T18:00", "Mars/Olympus"), None);
        assert_eq!(read_field("tomorrow", ""), None);
        assert_eq!(title("first-response"), "First response");
    }
}
