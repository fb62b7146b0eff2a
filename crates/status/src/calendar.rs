//! Maintenance as a calendar that others subscribe to (RFC 5545): a record keeps its name, and counts its changes.

use spans::Instant;

use crate::{Maintenance, Page, Place, Progress, words};

/// Bytes of a line, its end not counted (RFC 5545, 3.1).
const LINE_BYTES_MAX: usize = 75;
/// How often a reader is asked to look again (RFC 7986, 5.7).
const REFRESH: &str = "PT15M";

/// The calendar. What was called off stays in it, so that it goes away where it was taken over.
pub fn calendar(page: &Page, place: &Place) -> String {
    let mut text = String::new();
    let name = escaped(&format!("{}: maintenance", page.title));
    for (key, value) in [
        ("BEGIN", "VCALENDAR"),
        ("VERSION", "2.0"),
        ("PRODID", "-//Uphold//Status//EN"),
        ("METHOD", "PUBLISH"),
        ("NAME", &name),
        ("X-WR-CALNAME", &name),
        ("REFRESH-INTERVAL;VALUE=DURATION", REFRESH),
        ("X-PUBLISHED-TTL", REFRESH),
    ] {
        folded(&mut text, &format!("{key}:{value}"));
    }
    page.maintenance.iter().for_each(|work| event(&mut text, page, place, work));
    folded(&mut text, "END:VCALENDAR");
    text
}

fn event(text: &mut String, page: &Page, place: &Place, work: &Maintenance) {
    let of = page.names(&work.components).join(", ");
    let status = if work.progress == Progress::CalledOff { "CANCELLED" } else { "CONFIRMED" };
    let expected = format!("Expected: {}. {}.", words::impact(work.impact), work.progress.words());
    for (key, value) in [
        ("BEGIN", "VEVENT".to_owned()),
        ("UID", format!("{}.{}@status.uphold", work.id, page.id)),
        ("SEQUENCE", work.revision.to_string()),
        ("DTSTAMP", utc(work.changed)),
        ("DTSTART", utc(work.starts)),
        ("DTEND", utc(work.ends)),
        ("SUMMARY", escaped(&format!("{}: {of}", work.title))),
        ("DESCRIPTION", escaped(&expected)),
        ("STATUS", status.to_owned()),
        ("TRANSP", "TRANSPARENT".to_owned()),
        ("URL", place.url("")),
        ("END", "VEVENT".to_owned()),
    ] {
        folded(text, &format!("{key}:{value}"));
    }
}

/// `20261201T200000Z`.
fn utc(at: Instant) -> String {
    let text = at.to_string();
    let whole = text.get(..19).unwrap_or(&text);
    let digits: String = whole.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{digits}Z")
}

/// As text stands in a value (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// In lines of at most [`LINE_BYTES_MAX`], cut between letters; what goes on begins with a space.
fn folded(text: &mut String, line: &str) {
    let mut used = 0;
    for c in line.chars() {
        if LINE_BYTES_MAX < used + c.len_utf8() {
            text.push_str("\r\n ");
            used = 1;
        }
        text.push(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_between_letters_and_a_value_ends_nothing() {
        let mut text = String::new();
        folded(&mut text, &format!("SUMMARY:{}", "é".repeat(60)));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "é".repeat(60)));
        assert_eq!(escaped("a,b;c\\d\r\nEND:VEVENT"), "a\\,b\\;c\\\\d\\nEND:VEVENT");
    }
}
