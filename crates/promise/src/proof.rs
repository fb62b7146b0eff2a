//! The facts behind the edges of downtime: which result was the first to fail, and which was the next good one.
//!
//! Kept for each change of state and not for each result, so that what is kept up as results come in ([`crate::Sight`]) cites the
//! same facts as what is read from all of them at once.

use facts::{CheckId, FactId, VantageId};
use spans::{Instant, Span};

use crate::Why;

/// A stretch of equal results of one vantage point and check, and the fact that holds the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Begun {
    pub(crate) span: Span,
    pub(crate) by: FactId,
}

/// Every change that one vantage point saw with one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) vantage: VantageId,
    pub(crate) check: CheckId,
    /// In order of time, both.
    pub(crate) answered: Vec<Begun>,
    pub(crate) failed: Vec<Begun>,
}

impl Source {
    /// The failure that held at an instant.
    fn failing(&self, at: Instant) -> Option<Begun> {
        let begun = self.failed.partition_point(|stretch| stretch.span.start <= at);
        begun.checked_sub(1).map(|last| self.failed[last]).filter(|stretch| stretch.span.contains(at))
    }

    /// The good answer that came at an instant.
    fn good(&self, at: Instant) -> Option<Begun> {
        let place = self.answered.binary_search_by_key(&at, |stretch| stretch.span.start).ok()?;
        Some(self.answered[place])
    }

    fn cite(&self, why: Why, begun: Begun, what: &str) -> Why {
        why.observed(begun.by, begun.span.start, format!("{what} to {} from {}", self.check, self.vantage))
    }
}

/// The derivation of a run, from the newest failure that held at its start and the good answer at its end. A run that ends in a
/// silence, or where an exclusion begins, ends with no answer.
pub(crate) fn proven(why: Why, run: Span, sources: &[Source]) -> Why {
    let failing = sources.iter().filter_map(|source| Some((source, source.failing(run.start)?)));
    let why = match failing.max_by_key(|(_, begun)| begun.span.start) {
        Some((source, begun)) => source.cite(why, begun, "no good answer"),
        None => why,
    };
    match sources.iter().find_map(|source| Some((source, source.good(run.end)?))) {
        Some((source, begun)) => source.cite(why, begun, "a good answer"),
        None => why,
    }
}
