//! Stretches of time as one value: the set algebra that everything else is written in.

use std::cmp::Ordering;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::instant::Instant;
use crate::length::Length;
use crate::month::Month;
use crate::span::Span;

/// A set of instants, kept as spans: sorted, disjoint, none empty, none touching the next. Two sets of the same
/// instants are therefore equal values.
///
/// Each operation is one pass over its inputs, O(n + m); each question about one instant is a binary search. Callers
/// that ask many questions of one set use a [`Timetable`](crate::Timetable), which keeps running totals.
///
/// ```
/// use spans::{Instant, Length, Span, Spans};
/// let hour = |from: i64, to: i64| Span { start: Instant::from_second(3600 * from), end: Instant::from_second(3600 * to) };
/// let open = Spans::from_unsorted([hour(13, 17), hour(9, 12), hour(12, 13)]);
/// assert_eq!(open, Spans::one(hour(9, 17)));
/// let lunch = Spans::one(hour(12, 13));
/// assert_eq!(open.subtract(&lunch).total(), Length::from_hours(7));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Vec<Span>", into = "Vec<Span>")]
pub struct Spans(Vec<Span>);

impl Spans {
    /// No instant at all.
    pub const fn empty() -> Spans {
        Spans(Vec::new())
    }

    /// The instants of one span.
    pub fn one(span: Span) -> Spans {
        [span].into_iter().collect()
    }

    /// The instants of all these spans, in any order, overlapping or not; empty ones add nothing.
    pub fn from_unsorted(spans: impl IntoIterator<Item = Span>) -> Spans {
        let mut spans: Vec<Span> = spans.into_iter().filter(|span| !span.is_empty()).collect();
        spans.sort_unstable_by_key(|span| span.start);
        let mut merged = Spans::empty();
        for span in spans {
            merged.push(span);
        }
        merged
    }

    /// Instants in either.
    pub fn union(&self, other: &Spans) -> Spans {
        let (mut mine, mut theirs) = (self.iter().peekable(), other.iter().peekable());
        let mut union = Spans(Vec::with_capacity(self.0.len().max(other.0.len())));
        loop {
            let earlier = match (mine.peek(), theirs.peek()) {
                (Some(a), Some(b)) if a.start <= b.start => mine.next(),
                (_, Some(_)) => theirs.next(),
                (_, None) => mine.next(),
            };
            let Some(span) = earlier else { return union };
            union.push(span);
        }
    }

    /// Instants in both.
    pub fn intersect(&self, other: &Spans) -> Spans {
        let (mut mine, mut theirs) = (self.0.as_slice(), other.0.as_slice());
        let mut both = Vec::new();
        while let ([a, mine_left @ ..], [b, theirs_left @ ..]) = (mine, theirs) {
            both.extend(a.intersect(*b));
            // The one that ends first can meet nothing further; when they end together, neither can.
            let order = a.end.cmp(&b.end);
            mine = if order == Ordering::Greater { mine } else { mine_left };
            theirs = if order == Ordering::Less { theirs } else { theirs_left };
        }
        Spans(both)
    }

    /// Instants in this one and not in the other.
    pub fn subtract(&self, other: &Spans) -> Spans {
        let mut left = Vec::with_capacity(self.0.len());
        let mut cuts = other.0.as_slice();
        for span in self.iter() {
            while let [cut, later @ ..] = cuts
                && cut.end <= span.start
            {
                cuts = later;
            }
            let mut start = span.start;
            for cut in cuts.iter().take_while(|cut| cut.start < span.end) {
                left.extend(Span::new(start, cut.start));
                start = cut.end;
            }
            left.extend(Span::new(start, span.end));
        }
        Spans(left)
    }

    /// Instants of `within` that are not in this one.
    pub fn complement(&self, within: Span) -> Spans {
        Spans::one(within).subtract(self)
    }

    /// Instants that also lie in one span.
    pub fn clip(&self, to: Span) -> Spans {
        Spans(self.touching(to).iter().filter_map(|span| span.intersect(to)).collect())
    }

    /// How much of `[a, b)` lies in it; zero when `b` is not after `a`.
    pub fn measure(&self, a: Instant, b: Instant) -> Length {
        let asked = Span { start: a, end: b };
        self.touching(asked).iter().filter_map(|span| span.intersect(asked)).map(Span::length).sum()
    }

    /// How much time lies in it altogether.
    pub fn total(&self) -> Length {
        self.iter().map(Span::length).sum()
    }

    /// Whether an instant lies in it.
    pub fn contains(&self, at: Instant) -> bool {
        self.0.get(self.first_ending_after(at)).is_some_and(|span| span.contains(at))
    }

    /// The earliest instant by which `amount` of this set has passed since `from`. An amount spent exactly at the end
    /// of a span is spent at that end, not at the next start; zero (or less) is spent at once, at `from`. Nothing when
    /// the set holds less than that after `from`.
    pub fn advance(&self, from: Instant, amount: Length) -> Option<Instant> {
        if amount <= Length::ZERO {
            return Some(from);
        }
        let mut left = amount;
        for span in &self.0[self.first_ending_after(from)..] {
            let start = span.start.max(from);
            if left <= span.end - start {
                return Some(start + left);
            }
            left -= span.end - start;
        }
        None
    }

    /// The mirror of [`Spans::advance`]: the latest instant since which `amount` of this set has passed until `to`.
    /// An amount that reaches back exactly to the start of a span reaches that start, not the end before.
    pub fn retreat(&self, to: Instant, amount: Length) -> Option<Instant> {
        if amount <= Length::ZERO {
            return Some(to);
        }
        let mut left = amount;
        let begun = self.0.partition_point(|span| span.start < to);
        for span in self.0[..begun].iter().rev() {
            let end = span.end.min(to);
            if left <= end - span.start {
                return Some(end - left);
            }
            left -= end - span.start;
        }
        None
    }

    /// The same instants by month on the clocks of a zone: months in order, only those that have any.
    pub fn cut_by_month(&self, tz: &TimeZone) -> Vec<(Month, Spans)> {
        let mut months: Vec<(Month, Spans)> = Vec::new();
        let mut current = (Month::MIN, Span { start: Instant::MIN, end: Instant::MIN });
        for span in self.iter() {
            if !current.1.contains(span.start) {
                let month = Month::of(span.start, tz);
                current = (month, month.span(tz));
            }
            loop {
                let (month, bounds) = current;
                if let Some(part) = span.intersect(bounds) {
                    match months.last_mut() {
                        Some((last, parts)) if *last == month => parts.0.push(part),
                        _ => months.push((month, Spans::one(part))),
                    }
                }
                if span.end <= bounds.end || month == Month::MAX {
                    break;
                }
                current = (month.next(), month.next().span(tz));
            }
        }
        months
    }

    /// The spans in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Span> + ExactSizeIterator + '_ {
        self.0.iter().copied()
    }

    /// The spans in order, as a slice.
    pub fn as_slice(&self) -> &[Span] {
        &self.0
    }

    /// How many unbroken stretches it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True when no instant lies in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a span that starts no earlier than the last one did.
    pub(crate) fn push(&mut self, span: Span) {
        match self.0.last_mut() {
            Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
            _ => self.0.push(span),
        }
    }

    /// The spans that have something in common with `asked`.
    fn touching(&self, asked: Span) -> &[Span] {
        let from = self.first_ending_after(asked.start);
        let count = self.0[from..].partition_point(|span| span.start < asked.end);
        &self.0[from..from + count]
    }

    fn first_ending_after(&self, at: Instant) -> usize {
        self.0.partition_point(|span| span.end <= at)
    }
}

impl FromIterator<Span> for Spans {
    fn from_iter<I: IntoIterator<Item = Span>>(spans: I) -> Spans {
        Spans::from_unsorted(spans)
    }
}

impl From<Vec<Span>> for Spans {
    fn from(spans: Vec<Span>) -> Spans {
        Spans::from_unsorted(spans)
    }
}

impl From<Spans> for Vec<Span> {
    fn from(spans: Spans) -> Vec<Span> {
        spans.0
    }
}

impl<'a> IntoIterator for &'a Spans {
    type Item = Span;
    type IntoIter = std::iter::Copied<std::slice::Iter<'a, Span>>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().copied()
    }
}
