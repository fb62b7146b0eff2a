//! How an instance stood, from its first covered instant to now: up, down, or unknown.

use agreement::{
    availability::{Availability, NoData},
    party::Term,
};
use facts::{Body, Fact, InstanceId};
use spans::{Instant, Length, Span, Spans};

use crate::{Evidence, Why};

/// An instance's covered time, and how it stood. What is neither down nor unknown is up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    /// Covered time that has passed.
    pub covered: Spans,
    /// The part of it in which every valid request failed, with the silences bridged over.
    pub down: Spans,
    /// The part of it in which nobody looked.
    pub unknown: Spans,
}

impl Timeline {
    /// Reads evidence against covered time. `bridge_max`: the longest silence between two failures that is still down
    /// (A-14; a silence of exactly that length is). A silence runs from the end of the last hold to the next result.
    ///
    /// Time outside `covered` is not looked at: a silence at its edge lies between nothing.
    pub fn new(covered: Spans, evidence: &Evidence, bridge_max: Option<Length>) -> Timeline {
        let failed = covered.intersect(&evidence.down());
        let silent = covered.subtract(&evidence.seen());
        let bridged = bridge_max.map_or(Spans::empty(), |longest| bridged(&failed, &silent, longest));
        Timeline { down: failed.union(&bridged), unknown: silent.subtract(&bridged), covered }
    }

    /// Covered time that was neither down nor unknown.
    pub fn up(&self) -> Spans {
        self.covered.subtract(&self.down).subtract(&self.unknown)
    }
}

/// The longest silence that a failure on both sides turns into downtime; none where silence is always unknown.
pub(crate) fn bridge_max(availability: &Availability) -> Option<Length> {
    match availability.down.no_data {
        NoData::UnknownUnlessBracketed => Some(availability.down.bridge_max.length(Length::DAY)),
        NoData::Unknown => None,
    }
}

/// The silences that lie directly between two failures. Both lists are disjoint, so one pass meets each neighbour.
fn bridged(failed: &Spans, silent: &Spans, longest: Length) -> Spans {
    let failed = failed.as_slice();
    let between = silent.iter().filter(|gap| {
        let after = failed.partition_point(|span| span.start < gap.end);
        let follows = failed.get(after).is_some_and(|span| span.start == gap.end);
        let leads = after.checked_sub(1).is_some_and(|before| failed[before].end == gap.start);
        follows && leads && gap.length() <= longest
    });
    between.collect()
}

/// SH-DEF-04, SH-DEF-06: the time for which an instance is promised anything, whether it has passed or not, and why.
///
/// The term, in common with each `instance.added` from its `from` to its `until`; an `instance.ended` cuts what was added
/// before it. An instance may leave and come back.
pub(crate) fn covered<'f>(
    term: &Term,
    instance: &InstanceId,
    facts: impl IntoIterator<Item = &'f Fact>,
) -> (Spans, Why) {
    let mut facts: Vec<&Fact> = facts.into_iter().collect();
    facts.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
    facts.dedup_by_key(|fact| fact.id);
    let mut stays: Vec<Span> = Vec::new();
    let rule = "the time that the term and the instance have in common";
    let mut why = Why::new("covered time", instance, rule).under(&term.clause.ids).given("term", term.span());
    for fact in facts {
        match &fact.body {
            Body::InstanceAdded(added) => {
                stays.push(Span { start: added.from, end: added.until.unwrap_or(Instant::MAX) });
                let until = added.until.map_or("open end".to_owned(), |until| until.to_string());
                why = why.given("from", added.from).given("until", until).fact(fact);
            }
            Body::InstanceEnded(ended) => {
                stays.iter_mut().for_each(|stay| stay.end = stay.end.min(ended.until));
                why = why.given("ended", ended.until).fact(fact);
            }
            _ => {}
        }
    }
    (Spans::from_unsorted(stays).clip(term.span()), why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(list: &[(i64, i64)]) -> Spans {
        list.iter()
            .map(|(a, b)| Span { start: Instant::from_second(*a), end: Instant::from_second(*b) })
            .collect()
    }

    fn between_failures(gap: i64, longest: i64) -> Timeline {
        let failed = spans(&[(0, 40), (40 + gap, 100 + gap)]);
        let evidence =
            Evidence { answered: spans(&[(100 + gap, 1000 + gap)]), failed, ..Evidence::default() };
        Timeline::new(spans(&[(0, 1000 + gap)]), &evidence, Some(Length::from_secs(longest)))
    }

    #[test]
    fn a_silence_between_two_failures_is_bridged_up_to_the_very_longest() {
        assert_eq!(between_failures(600, 600).down, spans(&[(0, 700)]));
        assert_eq!(between_failures(601, 600).unknown, spans(&[(40, 641)]));
    }

    #[test]
    fn a_silence_beside_a_good_answer_is_never_bridged() {
        let evidence = Evidence {
            answered: spans(&[(100, 200)]),
            failed: spans(&[(0, 40), (300, 400)]),
            ..Evidence::default()
        };
        let timeline = Timeline::new(spans(&[(0, 400)]), &evidence, Some(Length::HOUR));
        assert_eq!(timeline.unknown, spans(&[(40, 100), (200, 300)]));
        assert_eq!(timeline.up(), spans(&[(100, 200)]));
    }

    #[test]
    fn nothing_outside_covered_time_brackets_a_silence() {
        let evidence = Evidence { failed: spans(&[(0, 40), (60, 100)]), ..Evidence::default() };
        let timeline = Timeline::new(spans(&[(50, 100)]), &evidence, Some(Length::HOUR));
        assert_eq!((timeline.unknown, timeline.down), (spans(&[(50, 60)]), spans(&[(60, 100)])));
    }
}
