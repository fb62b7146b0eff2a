//! The order of things for what is written down by hand (`uphold record`): the rules that commands keep for one act each.

use facts::{Body, MaintenanceId, TicketId};
use spans::Instant;

use super::{Deed, Step};
use crate::live::{Book, NotDone};

impl Book {
    /// Whether something can follow what is on record. What the same act says before it is not looked at.
    ///
    /// # Errors
    /// [`NotDone::OutOfOrder`] and [`NotDone::Empty`], with what to do instead.
    pub(crate) fn in_order(&self, body: &Body, at: Instant, now: Instant) -> Result<(), NotDone> {
        match body {
            Body::InstanceEnded(ended) if ended.until < now => Err(NotDone::OutOfOrder {
                what: "what was covered stays covered, and this end has passed",
                instead: "say now or later, or take it upon yourself (`--confirm`)",
            }),
            Body::MaintenanceStarted(step) => self.steps(&step.maintenance, Step::Start, at),
            Body::MaintenanceEnded(step) => self.steps(&step.maintenance, Step::End, at),
            Body::MaintenanceCancelled(step) => self.steps(&step.maintenance, Step::Cancel, at),
            Body::RequestResolved(resolved) if resolved.summary.trim().is_empty() => {
                Err(NotDone::Empty { field: "summary" })
            }
            Body::RequestResolved(resolved) => {
                let (summary, outcome) = (resolved.summary.clone(), resolved.outcome);
                self.does(&resolved.ticket, &Deed::Resolve { summary, outcome })
            }
            Body::RequestReopened(reopened) => self.does(&reopened.ticket, &Deed::Reopen),
            _ => Ok(()),
        }
    }

    fn steps(&self, record: &MaintenanceId, step: Step, at: Instant) -> Result<(), NotDone> {
        self.maintenance_record(record).map_or(Ok(()), |record| step.follows(&record, at))
    }

    fn does(&self, ticket: &TicketId, deed: &Deed) -> Result<(), NotDone> {
        if self.facts_of(&ticket.0).is_empty() { Ok(()) } else { deed.follows(self.is_open(ticket)) }
    }
}
