//! Change freezes: no planned work from one instant to another, for all instances or some. Either side sets one, and who set it
//! lifts it. What cannot wait goes in all the same: an emergency at any time, a critical patch at any hour (SH-MAINT-08,
//! SH-MAINT-12).

use facts::{Body, Event, FreezeId, FreezeSet, InstanceId, Noun, Side};
use spans::{Instant, Span};

use crate::history::{History, until};

/// A freeze as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freeze {
    /// Which.
    pub id: FreezeId,
    /// Who set it.
    pub by: Side,
    /// By what name they go.
    pub who: String,
    /// When it was put on record.
    pub recorded: Instant,
    /// From when to when it was set.
    pub span: Span,
    /// Why.
    pub reason: String,
    /// The instances concerned; none named: all of them.
    pub instances: Vec<InstanceId>,
    /// When it was lifted.
    pub lifted: Option<Instant>,
}

impl Freeze {
    /// From when to when it holds: up to its lifting, where it was lifted. Nothing where it was lifted before it began.
    pub fn holds(&self) -> Option<Span> {
        let end = self.lifted.map_or(self.span.end, |lifted| self.span.end.min(lifted));
        Span::new(self.span.start, end).filter(|span| span.start < span.end)
    }

    /// Whether it is about one of these instances.
    pub fn concerns(&self, instances: &[InstanceId]) -> bool {
        self.instances.is_empty() || instances.iter().any(|instance| self.instances.contains(instance))
    }

    /// Whether it holds at some instant of a span, for one of these instances.
    pub fn meets(&self, span: Span, instances: &[InstanceId]) -> bool {
        self.concerns(instances) && self.holds().is_some_and(|holds| holds.intersect(span).is_some())
    }
}

/// Every freeze that was set by `at`, in the order of their setting. The first word on one is the word.
pub fn freezes(history: &History<'_>, at: Instant) -> Vec<Freeze> {
    let mut all: Vec<Freeze> = Vec::new();
    for fact in history.all(Event::FreezeSet, at) {
        let Body::FreezeSet(set) = &fact.body else { continue };
        if all.iter().any(|known| known.id == set.freeze) {
            continue;
        }
        let Some(span) = Span::new(set.from, set.until) else { continue };
        all.push(Freeze {
            id: set.freeze.clone(),
            by: fact.actor.side,
            who: fact.actor.id.clone(),
            recorded: fact.recorded_at,
            span,
            reason: set.reason.clone(),
            instances: set.instances.clone(),
            lifted: lifted(history, set, fact.actor.side, at),
        });
    }
    all
}

/// From when it was recorded: nobody lifts one for the time that has passed.
fn lifted(history: &History<'_>, set: &FreezeSet, by: Side, at: Instant) -> Option<Instant> {
    let about = until(history.of(Noun::Freeze, &set.freeze.0), at);
    let lifts = about.iter().filter(|fact| fact.event() == Event::FreezeLifted && fact.actor.side == by);
    lifts.map(|fact| fact.at.max(fact.recorded_at)).min()
}
