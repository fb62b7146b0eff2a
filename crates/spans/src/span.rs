//! One unbroken stretch of time.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::instant::Instant;
use crate::length::Length;

/// `[start, end)`: the start belongs to it, the end does not. `start < end`, unless written out by hand the wrong way
/// round; such a span is empty to every function here.
///
/// ```
/// use spans::{Instant, Length, Span};
/// let window = Span::new("2026-06-07T02:00:00Z".parse()?, "2026-06-07T06:00:00Z".parse()?).expect("in order");
/// assert_eq!(window.length(), Length::from_hours(4));
/// assert!(window.contains(window.start) && !window.contains(window.end));
/// assert_eq!(Span::new(window.end, window.start), None);
/// # Ok::<(), spans::NotAnInstant>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Span {
    /// The first instant in it.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

impl Span {
    /// All of time: `[Instant::MIN, Instant::MAX)`.
    pub const ALL: Span = Span { start: Instant::MIN, end: Instant::MAX };

    /// `[start, end)`, or nothing when that would be empty.
    pub fn new(start: Instant, end: Instant) -> Option<Span> {
        (start < end).then_some(Span { start, end })
    }

    /// From start to end; zero for one written the wrong way round.
    pub fn length(self) -> Length {
        (self.end - self.start).max(Length::ZERO)
    }

    /// True when no instant lies in it.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// `start <= at && at < end`.
    pub fn contains(self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// What both have, if they have anything in common; touching is not enough.
    pub fn intersect(self, other: Span) -> Option<Span> {
        Span::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// An ISO 8601 interval: `2026-06-07T02:00:00Z/2026-06-07T06:00:00Z`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start, self.end)
    }
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A span as it stands in JSON, before anyone looked at its order.
#[derive(Deserialize)]
struct Written {
    start: Instant,
    end: Instant,
}

impl TryFrom<Written> for Span {
    type Error = String;
    fn try_from(written: Written) -> Result<Span, String> {
        let Written { start, end } = written;
        Span::new(start, end)
            .ok_or_else(|| format!("a span ends after it starts; this one runs from {start} to {end}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_start_and_end_and_refuses_the_wrong_order() {
        let json = r#"{"start":"2026-06-07T02:00:00Z","end":"2026-06-07T06:00:00Z"}"#;
        let span: Span = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&span).unwrap(), json);
        let back = r#"{"start":"2026-06-07T06:00:00Z","end":"2026-06-07T02:00:00Z"}"#;
        assert!(serde_json::from_str::<Span>(back).unwrap_err().to_string().contains("ends after it starts"));
    }
}
