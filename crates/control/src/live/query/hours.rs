//! When the provider's people answer: the hours in which the first response is measured.

use facts::Event;
use spans::{Instant, Length, Span};

use crate::live::Book;

/// How far ahead the next change is looked for: longer than any holiday.
const AHEAD: Length = Length::from_hours(24 * 31);

/// Whether somebody answers now, and when that changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Day and night.
    Always,
    /// Until then.
    OpenUntil(Instant),
    /// From then on.
    OpensAt(Instant),
}

impl Book {
    /// The hours of support by the version in force; none where the agreement promises no response, or nothing opens within a
    /// month.
    pub fn support(&self, now: Instant) -> Option<Support> {
        let versions = self.versions()?;
        let terms = versions.at(now).unwrap_or_else(|| versions.latest()).terms();
        let rules = terms.agreement().obligation.iter();
        let mut answered = rules.filter(|rule| rule.on.event == Event::RequestReceived);
        let calendar = answered.find_map(|rule| rule.calendar.as_ref())?.of(terms.tier())?;
        let window = Span { start: now, end: now + AHEAD };
        let open = terms.hours(calendar)?.table.spans().clip(window);
        let first = open.iter().next()?;
        Some(match first {
            span if span == window => Support::Always,
            span if span.start == now => Support::OpenUntil(span.end),
            span => Support::OpensAt(span.start),
        })
    }
}
