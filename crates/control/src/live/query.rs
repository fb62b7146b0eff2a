//! What pages and the API ask: plain values, read off a book. Nothing here decides anything; every figure comes from `promise`
//! with its why.

mod agreement;
mod answer;
mod attainment;
mod calendar;
mod change;
mod client;
mod exclusion;
mod held;
mod hours;
mod incident;
mod instance;
mod maintenance;
mod planned;
mod search;
mod status;
mod ticket;
mod waiting;
mod why;

use std::sync::Arc;

use facts::ClientId;
use promise::{Forecast, NoStatement, Statement, obligation::Obligation};
use spans::{Instant, Month};

pub(super) use self::status::INCIDENT_MIN;
pub(crate) use self::ticket::is_closed;
pub use self::{
    agreement::{AgreementView, Differences, Standing, Version},
    answer::{Answer, Urgency},
    attainment::MonthAttained,
    change::{ChangeRules, Changed},
    client::{Care, Ladder, Stands, Topic, Way},
    exclusion::{Cause, Claimed, EFFECT_MONTHS_MAX, ExclusionView},
    held::{HELD_WORDS_KEPT, HeldMessage, HeldWords, SettledMessage},
    hours::{Support, SupportHours},
    incident::{CHANGE_NEAR, FailedFrom, IncidentLine, IncidentView, Moment, NearChange, RootCause},
    instance::{Alike, Cell, Condition, Day, InstanceNow, LedgerMonth, Seen, Stretch},
    maintenance::MaintenanceRecord,
    planned::{Agreed, Preview, Sought},
    search::{FOUND_TICKETS_MAX, Found},
    status::StatusSet,
    ticket::{Line, Motions, OUTCOME, Remark, TicketView},
    waiting::Waiting,
    why::{Derived, Figure},
};
pub use super::book::MISSED_SINCE;
use super::{Book, Control};

/// What keeps a promise to look, as a forecast says it.
const LOOKED: &str = "check.observed";

/// Something that will be missed, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The client.
    pub client: ClientId,
    /// What, when, what it costs, and what would prevent it.
    pub forecast: Forecast,
}

/// Something that was missed lately, and whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The client.
    pub client: ClientId,
    /// What; of its why only what it is, not what went into it.
    pub obligation: Arc<Obligation>,
    /// From when on.
    pub since: Instant,
}

impl Control {
    /// Every client that anybody has heard of, sorted: by a fact or by an agreement file. The provider's own journal is none.
    ///
    /// # Errors
    /// The journal's.
    pub fn known_clients(&self) -> journal::Result<Vec<ClientId>> {
        let mut clients = self.journal().clients()?;
        clients.extend(self.clients());
        clients.retain(|client| *client != ClientId::provider());
        clients.sort();
        clients.dedup();
        Ok(clients)
    }

    /// What these clients will miss next, soonest first, up to so many. Looks that are due each minute are not among them:
    /// that nobody looks is shown of the instance itself.
    ///
    /// # Errors
    /// The journal's.
    pub fn next(&self, clients: &[ClientId], now: Instant, limit: usize) -> journal::Result<Vec<Next>> {
        let mut all = Vec::new();
        for client in clients {
            let counts = |forecast: &Forecast| forecast.unless != LOOKED;
            let forecast = self.read(client, now, |book| book.forecast(now, counts, limit))?;
            all.extend(
                forecast
                    .unwrap_or_default()
                    .into_iter()
                    .map(|forecast| Next { client: client.clone(), forecast }),
            );
        }
        all.sort_by(|a, b| (a.forecast.when, &a.client).cmp(&(b.forecast.when, &b.client)));
        all.truncate(limit);
        Ok(all)
    }

    /// What these clients were owed and did not get in time, within [`MISSED_SINCE`], newest first, up to so many.
    ///
    /// # Errors
    /// The journal's.
    pub fn missed(&self, clients: &[ClientId], now: Instant, limit: usize) -> journal::Result<Vec<Missed>> {
        let mut all = Vec::new();
        for client in clients {
            let missed = self.read(client, now, |book| book.missed_of_late(now, limit))?;
            let of_client = missed.unwrap_or_default().into_iter();
            all.extend(of_client.map(|(since, obligation)| Missed {
                client: client.clone(),
                obligation,
                since,
            }));
        }
        all.sort_by(|a, b| (b.since, &a.client).cmp(&(a.since, &b.client)));
        all.truncate(limit);
        Ok(all)
    }
}

impl Book {
    /// The statement of a month, closed or as it stands; nothing before an agreement is in force.
    ///
    /// # Errors
    /// When the month lies outside the term.
    pub fn statement(&self, month: Month, now: Instant) -> Option<Result<Statement, NoStatement>> {
        Some(self.evaluation(now)?.preview(month))
    }

    /// The same of a month that has one, as it stands; nothing outside them.
    pub fn statement_of(&self, month: Month, now: Instant) -> Option<Statement> {
        self.months(now).contains(&month).then_some(())?;
        self.statement(month, now)?.ok()
    }

    /// Every statement so far, newest first, from one evaluation: what a list of months costs is what one month costs.
    pub fn statements(&self, now: Instant, most: usize) -> Vec<Statement> {
        let Some(evaluation) = self.evaluation(now) else { return Vec::new() };
        let months = self.months(now).into_iter().take(most);
        months.filter_map(|month| evaluation.preview(month).ok()).collect()
    }

    /// The months that have a statement, closed or as it stands, newest first.
    pub fn months(&self, now: Instant) -> Vec<Month> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let zone = versions.latest().agreement().months_in();
        let term = versions.latest().terms().term();
        // Nothing is judged before a version was in force.
        let from = versions.iter().map(|(from, _)| from).min().unwrap_or(term.start);
        let first = Month::of(term.start.max(from), &zone);
        let last = Month::of(now.min(term.end), &zone);
        let mut months: Vec<Month> = std::iter::successors(Some(first), |month| Some(month.next()))
            .take_while(|month| *month <= last)
            .collect();
        months.reverse();
        months
    }
}
