//! Where a figure comes from: the derivation behind anything that a page or the API shows.

use std::collections::BTreeMap;

use agreement::Binding;
use facts::{InstanceId, Noun, Slug};
use promise::Why;
use spans::{Instant, Month};

use crate::live::{Book, Recall};

/// A figure, as somebody asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// Something that comes, by its words ([`promise::Forecast::what`]).
    Next(String),
    /// Something owed, by its key ([`promise::obligation::Obligation::key`]).
    Owed(String),
    /// A month of an instance.
    Uptime(InstanceId, Month),
    /// A client's money of a month.
    Credit(Month),
}

impl Figure {
    /// What has to be recalled to derive it.
    pub fn recall(&self) -> Recall {
        match self {
            Figure::Next(_) | Figure::Uptime(..) => Recall::Tickets(Vec::new()),
            Figure::Owed(key) => Recall::Tickets(ticket_in(key).into_iter().collect()),
            Figure::Credit(month) => Recall::Month(*month),
        }
    }
}

/// The ticket that an obligation's key names: `first-response/ticket/T-1/1`.
fn ticket_in(key: &str) -> Option<Slug> {
    let mut parts = key.split('/').skip_while(|part| *part != Noun::Ticket.name());
    parts.nth(1)?.parse().ok()
}

/// A figure's derivation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Derived {
    /// What it is: an obligation by its rule, a forecast by its words, a month by its name.
    pub what: String,
    /// Why it is so.
    pub why: Why,
    /// Whether it tells of money, which not everybody reads.
    pub money: bool,
    /// Whether it is a nudge among the provider's own people, of which the client does not hear (SH-RES-02).
    pub internal: bool,
    /// The signed readings, by name: those that the derivation names are among them.
    pub readings: BTreeMap<String, String>,
}

impl Book {
    /// The derivation of a figure as it stands; none where there is no such figure.
    pub fn why(&self, figure: &Figure, now: Instant) -> Option<Derived> {
        let readings = self.versions()?.latest().agreement().readings.clone();
        let (what, why, money, internal) = match figure {
            Figure::Next(what) => {
                let found = self.forecast(now, |forecast| forecast.what == *what, 1).pop()?;
                let money = found.is_money();
                (found.what, found.why, money, found.internal)
            }
            Figure::Owed(key) => {
                let found = self.obligation(key, now)?;
                let internal = found.duty.binding == Binding::Internal;
                (found.duty.id.clone(), found.why, false, internal)
            }
            Figure::Uptime(instance, month) => {
                let months = self.instance_months(instance, now);
                let found = months.into_iter().find(|figures| figures.month == *month)?;
                (format!("{instance} in {month}"), found.why, false, false)
            }
            Figure::Credit(month) => {
                let credit = self.statement_of(*month, now)?.credit?;
                (format!("credit of {month}"), credit.why, true, false)
            }
        };
        Some(Derived { what, why, money, internal, readings })
    }
}
