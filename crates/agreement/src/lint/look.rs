//! What lints look at, and how they say what they found.

use std::collections::{BTreeMap, BTreeSet};

use spans::{Instant, Length, Span};

use crate::{
    agreement::Agreement,
    compile::{Hours, WINDOW},
    finding::{Finding, Place, Weight},
    read::Places,
    register::Register,
    section::request::MatrixAxis,
};

/// The file beside its calendars, compiled once for all lints. A calendar that does not fit is absent; R-03 says so.
pub(crate) struct Look<'a> {
    pub(crate) agreement: &'a Agreement,
    pub(crate) register: &'static Register,
    pub(crate) hours: BTreeMap<&'a str, Hours>,
    /// What the calendars are compiled for: the term and a year on each side.
    pub(crate) within: Span,
}

/// How far beyond the term deadlines are looked at.
const BEYOND_TERM: Length = Length::from_hours(24 * 366);

impl<'a> Look<'a> {
    pub(crate) fn new(agreement: &'a Agreement) -> Look<'a> {
        let term = agreement.agreement.term.span();
        let within = Span { start: term.start - BEYOND_TERM, end: term.end + BEYOND_TERM };
        let rules =
            agreement.calendar.iter().map(|(name, rule)| (name.as_str(), rule.day.length(Length::DAY)));
        let window = agreement.window.iter().map(|_| (WINDOW, Length::DAY));
        // A term that ends before it starts is R-07's to say; nothing is walked through then.
        let window = window.filter(|_| !term.is_empty());
        let rules = rules.filter(|(_, day)| !term.is_empty() && is_a_day(*day));
        let hours = window.chain(rules).filter_map(|(name, day)| {
            let table = agreement.calendar(name).ok()?.compile(within).ok()?;
            Some((name, Hours { table, day }))
        });
        Look { agreement, register: Register::get(), hours: hours.collect(), within }
    }

    pub(crate) fn term(&self) -> Span {
        self.agreement.agreement.term.span()
    }

    /// The due time of a length of open time, as far as calendars are compiled; nothing beyond.
    pub(crate) fn due(&self, hours: &Hours, start: Instant, length: Length) -> Option<Instant> {
        let reached = hours.table.measure(start, self.within.end) >= length;
        if reached { hours.table.advance(start, length).ok() } else { None }
    }

    /// The file's words for one axis, each once, in their order: priorities and urgencies most urgent first, tiers lowest
    /// first.
    pub(crate) fn words(&self, axis: MatrixAxis) -> Vec<&'a str> {
        let request = self.agreement.request.iter();
        match axis {
            MatrixAxis::Tier => self.tiers(),
            MatrixAxis::Kind => each_once(request.flat_map(|r| r.kinds.iter().map(String::as_str))),
            MatrixAxis::Urgency => each_once(request.flat_map(|r| r.urgencies.iter().map(String::as_str))),
            MatrixAxis::Priority => each_once(request.flat_map(|r| r.priority.iter().map(|p| p.id.as_str()))),
        }
    }

    /// The tiers, lowest first; none where the agreement has no tiers.
    pub(crate) fn tiers(&self) -> Vec<&'a str> {
        each_once(self.agreement.tiers.iter().flat_map(|tiers| tiers.list.iter().map(String::as_str)))
    }
}

/// Whether one `d` of a calendar is some time, and no more than a week.
pub(crate) fn is_a_day(day: Length) -> bool {
    day > Length::ZERO && day <= Length::WEEK
}

/// A word that is given twice counts where it stands first; R-09 says so.
fn each_once<'w>(words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
    let mut seen = BTreeSet::new();
    words.filter(|word| seen.insert(*word)).collect()
}

/// Findings as they come.
pub(crate) struct Found {
    /// The rule that is looking.
    pub(crate) rule: &'static str,
    all: Vec<Finding>,
}

impl Found {
    pub(crate) fn new(rule: &'static str) -> Found {
        Found { rule, all: Vec::new() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether so much was found that there is no use in looking on.
    pub(crate) fn is_full(&self) -> bool {
        self.all.len() > crate::report::FINDINGS_MAX
    }

    /// In the file's order; of one place the heaviest first.
    pub(crate) fn into_order(mut self) -> Vec<Finding> {
        self.all.sort_by_key(|f| (f.place.0.start, f.weight, f.place.0.end));
        self.all
    }

    /// The file cannot be signed or used like this.
    pub(crate) fn error(&mut self, at: At<'_>, message: impl Into<String>, way_out: impl Into<String>) {
        self.add(Weight::Error, at, message.into(), way_out.into());
    }

    /// The file works; somebody may be surprised.
    pub(crate) fn warning(&mut self, at: At<'_>, message: impl Into<String>, way_out: impl Into<String>) {
        self.add(Weight::Warning, at, message.into(), way_out.into());
    }

    /// Worth knowing before signing.
    pub(crate) fn note(&mut self, at: At<'_>, message: impl Into<String>, way_out: impl Into<String>) {
        self.add(Weight::Note, at, message.into(), way_out.into());
    }

    fn add(&mut self, weight: Weight, at: At<'_>, message: String, way_out: String) {
        let At(place, clauses) = at;
        self.all.push(Finding {
            weight,
            rule: self.rule,
            place,
            clauses: clauses.to_vec(),
            message,
            way_out,
        });
    }
}

/// Where something was found: its place and the clauses of its entry.
pub(crate) struct At<'c>(pub(crate) Place, pub(crate) &'c [String]);

impl<'c> At<'c> {
    /// A key of a table, or a part of its value.
    pub(crate) fn key(places: &Places, path: &str, clauses: &'c [String]) -> At<'c> {
        At(places.of(path), clauses)
    }
}

/// Words as people list them: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let words: Vec<&str> = words.into_iter().collect();
    match words.as_slice() {
        [] => "none".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// What to write instead of an unknown word.
pub(crate) fn instead<'k>(word: &str, known: impl IntoIterator<Item = &'k str>, otherwise: &str) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    match crate::read::nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean \"{near}\"?"),
        None if known.is_empty() => otherwise.to_owned(),
        None if known.len() > NAMED_MAX => format!("write one of: {}, …", known[..NAMED_MAX].join(", ")),
        None => format!("write one of: {}", known.join(", ")),
    }
}

/// The most words named to choose from.
const NAMED_MAX: usize = 12;
