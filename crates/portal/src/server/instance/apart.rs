//! Where places saw different things of an instance, as its page lists it.

use control::live::{Book, DIFFERENCES_LISTED_MAX};
use facts::{InstanceId, VantageId};
use promise::Difference;
use spans::{Instant, Length, Span};

use super::super::moment::exact;

/// How far back it is listed.
const BACK: Length = Length::from_hours(30 * 24);

/// A stretch in which places saw different things.
pub(super) struct Apart {
    pub(super) check: String,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) failed: String,
    pub(super) answered: String,
}

/// The newest of the last thirty days, the newest first; what lasts has no end yet.
pub(super) fn differences(book: &Book, instance: &InstanceId, now: Instant) -> Vec<Apart> {
    let found = book.differences(instance, Span { start: now - BACK, end: now });
    found.into_iter().rev().take(DIFFERENCES_LISTED_MAX).map(|it| apart(it, now)).collect()
}

fn apart(it: Difference, now: Instant) -> Apart {
    let names = |who: &[VantageId]| who.iter().map(VantageId::as_str).collect::<Vec<_>>().join(", ");
    Apart {
        check: it.check.to_string(),
        from: exact(it.span.start),
        to: if it.span.end == now { "lasts".to_owned() } else { exact(it.span.end) },
        failed: names(&it.failed),
        answered: names(&it.answered),
    }
}
