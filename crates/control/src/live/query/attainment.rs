//! How a client's requests were served: a month by cell, and months one after the other.

use facts::ClientId;
use promise::{Attainment, Total, attainment};
use spans::{Instant, Month};

use crate::live::{Book, Control, Recall};

/// A month among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthAttained {
    /// The month.
    pub month: Month,
    /// Whether it is over.
    pub closed: bool,
    /// The figures of each promise about requests, by rule, in the agreement's order.
    pub promises: Vec<(String, Total)>,
}

impl Control {
    /// These months, each by itself: what a row of months needs in memory is what one month needs. Those that a client has no
    /// statement of are left out.
    ///
    /// # Errors
    /// The journal's.
    pub fn months_attained(
        &self,
        client: &ClientId,
        months: &[Month],
        now: Instant,
    ) -> journal::Result<Vec<MonthAttained>> {
        let mut all = Vec::with_capacity(months.len());
        for month in months {
            let look = |book: &Book| book.attainment(*month, now);
            let found = self.read_with(client, &Recall::Month(*month), now, look)?.flatten();
            all.extend(found.map(|found| MonthAttained::of(&found)));
        }
        Ok(all)
    }
}

impl MonthAttained {
    pub(super) fn of(found: &Attainment) -> MonthAttained {
        let promises = found.promises().into_iter();
        let promises = promises.map(|(rule, lines)| (rule.to_owned(), Total::of(lines)));
        MonthAttained { month: found.month, closed: found.closed, promises: promises.collect() }
    }
}

impl Book {
    /// How promises about requests were kept in a month, as it stands (MP-SLO-05); none outside the months that have a statement.
    /// Tickets that ended long ago count where they were recalled ([`Recall::Month`]).
    pub fn attainment(&self, month: Month, now: Instant) -> Option<Attainment> {
        self.months(now).contains(&month).then_some(())?;
        let versions = self.versions()?;
        let obligations = self.history().obligations(versions, now);
        Some(attainment(self.client().clone(), versions, &obligations, month, now))
    }
}
