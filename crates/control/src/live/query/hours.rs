//! When the provider's people answer: the hours told to the reader, and those in which the first response is measured.

use std::collections::BTreeMap;

use agreement::{Keyed, Terms};
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

/// The hours of support, of all requests or of some kinds of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportHours {
    /// The kinds of request that they are for; none where they are for all.
    pub kinds: Vec<String>,
    /// What the agreement calls them, such as `Business Hours`.
    pub calendar: String,
    /// The clauses that say so.
    pub clauses: Vec<String>,
    /// How they stand now.
    pub support: Support,
}

impl Book {
    /// The hours of support by the version in force, for the reader (SH-SUP-01, SH-REQ-02, MP-SLO-12, MP-SLO-13): those that the
    /// agreement names, else those in which a first response is measured, for each kind of request. None where it promises no
    /// response; what does not open within a month is left out.
    pub fn support_hours(&self, now: Instant) -> Vec<SupportHours> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let terms = versions.at(now).unwrap_or_else(|| versions.latest()).terms();
        let agreement = terms.agreement();
        if let Some(told) = &agreement.support_hours {
            let calendar = told.calendar.of(terms.tier());
            return calendar
                .and_then(|name| hours(terms, name, Vec::new(), &told.clause.ids, now))
                .into_iter()
                .collect();
        }
        let mut answered = agreement.obligation.iter().filter(|rule| rule.on.event == Event::RequestReceived);
        let Some(calendar) = answered.find_map(|rule| rule.calendar.as_ref()) else { return Vec::new() };
        by_calendar(calendar, terms)
            .into_iter()
            .filter_map(|(name, kinds)| hours(terms, name, kinds, &[], now))
            .collect()
    }
}

/// Which calendars there are, in the order of the words that decide, and for which kinds of request.
fn by_calendar<'a>(calendar: &'a Keyed<String>, terms: &Terms) -> Vec<(&'a str, Vec<String>)> {
    if let Some(one) = calendar.of(terms.tier()) {
        return vec![(one, Vec::new())];
    }
    let mut kinds: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (kind, name) in calendar.iter() {
        kinds.entry(name).or_default().extend(kind.map(str::to_owned));
    }
    kinds.into_iter().collect()
}

fn hours(
    terms: &Terms,
    name: &str,
    kinds: Vec<String>,
    clauses: &[String],
    now: Instant,
) -> Option<SupportHours> {
    let rule = terms.agreement().calendar.get(name);
    let window = Span { start: now, end: now + AHEAD };
    let open = terms.hours(name)?.table.spans().clip(window);
    let support = match open.iter().next()? {
        span if span == window => Support::Always,
        span if span.start == now => Support::OpenUntil(span.end),
        span => Support::OpensAt(span.start),
    };
    let own = rule.map(|rule| rule.clause.ids.clone()).unwrap_or_default();
    Some(SupportHours {
        kinds,
        calendar: rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| name.to_owned()),
        clauses: if clauses.is_empty() { own } else { clauses.to_vec() },
        support,
    })
}
