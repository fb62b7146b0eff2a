//! Who is on call, and where nobody is (MP-SC-INC-01).

use agreement::Coverage;
use facts::{Body, Event};
use spans::{Instant, Span, Spans};

use crate::{history::History, obligation::Plan};

/// The spans inside `within` and the term for which the agreement promises a qualified person around the clock and no planned
/// shift, as known `at`, has one. Empty where the agreement promises no such thing. A warning, not a miss.
pub fn uncovered(plan: &Plan, history: &History<'_>, within: Span, at: Instant) -> Spans {
    let around_the_clock = Some(Coverage::QualifiedAroundTheClock);
    let promised = plan.agreement().obligation.iter().any(|rule| rule.coverage == around_the_clock);
    let Some(within) = within.intersect(plan.terms().term()).filter(|_| promised) else {
        return Spans::default();
    };
    let shifts = history.all(Event::ShiftPlanned, at).iter().filter_map(|fact| match &fact.body {
        Body::ShiftPlanned(shift) if shift.qualified => Span::new(shift.from, shift.until),
        _ => None,
    });
    Spans::from_unsorted(shifts).complement(within)
}
