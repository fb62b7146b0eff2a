//! A calendar as RFC 5545 writes it: lines of at most 75 bytes, text escaped, times in UTC. Written by hand because it is these few
//! lines; a test reads what is written with a parser of somebody else's. Status pages and the calendars of maintenance write by it.

use std::fmt::Write;

use spans::Instant;

/// Bytes of a line, its end not counted (RFC 5545 section 3.1).
const LINE_BYTES_MAX: usize = 75;
/// A calendar to be subscribed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// What a reader calls it.
    pub name: String,
    /// Who wrote it: `Status` or `Maintenance`.
    pub product: &'static str,
    /// How often a reader is asked to look again, as a duration of RFC 5545: `PT15M` (RFC 7986, 5.7).
    pub refresh: &'static str,
    /// What is in it.
    pub entries: Vec<Entry>,
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// A name that it keeps for ever, and that no other event has.
    pub uid: String,
    /// How often it was changed.
    pub sequence: u32,
    /// When it was changed last.
    pub stamp: Instant,
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// One line.
    pub summary: String,
    /// More.
    pub description: String,
    /// Whether it takes place.
    pub status: Status,
    /// Where more is found.
    pub url: String,
}

/// Whether an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// It does.
    Confirmed,
    /// It was called off.
    Cancelled,
}

impl Calendar {
    /// The whole of it, as `text/calendar`.
    pub fn to_ics(&self) -> String {
        let mut text = String::new();
        let mut line = |name: &str, value: &str| folded(&mut text, &format!("{name}:{value}"));
        line("BEGIN", "VCALENDAR");
        line("VERSION", "2.0");
        line("PRODID", &format!("-//Uphold//{}//EN", self.product));
        line("METHOD", "PUBLISH");
        line("NAME", &escaped(&self.name));
        line("X-WR-CALNAME", &escaped(&self.name));
        line("REFRESH-INTERVAL;VALUE=DURATION", self.refresh);
        line("X-PUBLISHED-TTL", self.refresh);
        for entry in &self.entries {
            entry.write(&mut line);
        }
        line("END", "VCALENDAR");
        text
    }
}

impl Entry {
    fn write(&self, line: &mut impl FnMut(&str, &str)) {
        line("BEGIN", "VEVENT");
        line("UID", &escaped(&self.uid));
        line("SEQUENCE", &self.sequence.to_string());
        line("DTSTAMP", &utc(self.stamp));
        line("LAST-MODIFIED", &utc(self.stamp));
        line("DTSTART", &utc(self.start));
        line("DTEND", &utc(self.end));
        line("SUMMARY", &escaped(&self.summary));
        line("DESCRIPTION", &escaped(&self.description));
        line("URL", &self.url.replace(char::is_control, ""));
        line("TRANSP", "TRANSPARENT");
        line(
            "STATUS",
            match self.status {
                Status::Confirmed => "CONFIRMED",
                Status::Cancelled => "CANCELLED",
            },
        );
        line("END", "VEVENT");
    }
}

/// `20270127T120000Z`; parts of a second are cut off.
fn utc(at: Instant) -> String {
    let digits = |c: &char| c.is_ascii_digit() || *c == 'T';
    let text: String = at.to_string().chars().filter(digits).take(15).collect();
    text + "Z"
}

/// Backslash, semicolon and comma are escaped, a new line is written `\n`, and what steers a terminal is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// A line, folded between letters, with the end that RFC 5545 wants.
fn folded(text: &mut String, line: &str) {
    let mut used = 0;
    for c in line.chars() {
        if LINE_BYTES_MAX < used + c.len_utf8() {
            text.push_str("\r\n ");
            used = 1;
        }
        let _ = text.write_char(c);
        used += c.len_utf8();
    }
    text.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use calcard::icalendar::{ICalendar, ICalendarProperty};

    use super::*;

    fn entry() -> Entry {
        Entry {
            uid: "M-1.maintenance.acme@uphold".to_owned(),
            sequence: 2,
            stamp: "2027-01-15T08:00:00.25Z".parse().unwrap(),
            start: "2027-01-27T12:00:00Z".parse().unwrap(),
            end: "2027-01-27T13:00:00Z".parse().unwrap(),
            summary: "Wartung; Gerät, \\ und mehr: ein langer Satz, der über fünfundsiebzig Bytes hinausgeht"
                .to_owned(),
            description: "line one\nline two\u{7}".to_owned(),
            status: Status::Cancelled,
            url: "https://portal.example/clients/acme/maintenance/M-1".to_owned(),
        }
    }

    #[test]
    fn what_is_written_is_what_another_reads() {
        let calendar = Calendar {
            name: "Maintenance, Acme BV".to_owned(),
            product: "Maintenance",
            refresh: "PT1H",
            entries: vec![entry()],
        };
        let text = calendar.to_ics();
        assert!(text.lines().all(|line| line.len() <= LINE_BYTES_MAX), "{text}");
        assert!(text.split("\r\n").count() > 15 && !text.replace("\r\n", "").contains('\n'), "{text}");
        let read = ICalendar::parse(&text).unwrap();
        let event = read.components.iter().find(|component| component.uid().is_some()).unwrap();
        assert_eq!(event.uid(), Some("M-1.maintenance.acme@uphold"));
        let said = |property: &ICalendarProperty| {
            let entry = event.property(property).unwrap();
            entry.values.first().and_then(|value| value.as_text()).unwrap().to_owned()
        };
        assert_eq!(said(&ICalendarProperty::Summary), entry().summary);
        assert_eq!(said(&ICalendarProperty::Description), "line one\nline two");
        for part in ["DTSTART:20270127T120000Z", "DTSTAMP:20270115T080000Z", "SEQUENCE:2", "STATUS:CANCELLED"]
        {
            assert!(text.contains(&format!("{part}\r\n")), "{part}: {text}");
        }
    }

    #[test]
    fn a_line_is_cut_between_letters_and_a_value_ends_nothing() {
        let mut text = String::new();
        folded(&mut text, &format!("SUMMARY:{}", "é".repeat(60)));
        assert!(text.split("\r\n").all(|line| line.len() <= LINE_BYTES_MAX), "{text}");
        assert_eq!(text.replace("\r\n ", "").trim_end(), format!("SUMMARY:{}", "é".repeat(60)));
        assert_eq!(escaped("a,b;c\\d\r\nEND:VEVENT"), "a\\,b\\;c\\\\d\\nEND:VEVENT");
    }
}
