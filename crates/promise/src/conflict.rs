//! What else is on file for the time of some maintenance: other maintenance of the same instances, and freezes of either side.

use std::collections::BTreeMap;

use facts::{Body, Event, InstanceId, MaintenanceId, MaintenanceKind, MaintenancePlanned, Noun};
use spans::{Instant, Span};

use crate::{
    freeze::{Freeze, freezes},
    history::{History, until},
};

/// Something that meets planned maintenance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Another record concerns the same instances at the same time.
    Maintenance {
        /// Which.
        record: MaintenanceId,
        /// Its planned time.
        span: Span,
        /// The instances that both concern.
        instances: Vec<InstanceId>,
    },
    /// Nothing is to be changed then.
    Freeze(Freeze),
}

/// What a record, as it is planned, meets of what is on file at an instant: in order of time.
pub fn conflicts(history: &History<'_>, planned: &MaintenancePlanned, at: Instant) -> Vec<Conflict> {
    let Some(span) = Span::new(planned.starts_at, planned.ends_at) else { return Vec::new() };
    let others = on_file(history, at).into_iter().filter(|record| record.maintenance != planned.maintenance);
    let met = others.filter_map(|record| {
        let other = Span::new(record.starts_at, record.ends_at)?;
        other.intersect(span)?;
        let both = record.instances.iter().filter(|instance| planned.instances.contains(instance));
        let instances: Vec<InstanceId> = both.cloned().collect();
        let record = record.maintenance.clone();
        (!instances.is_empty()).then_some(Conflict::Maintenance { record, span: other, instances })
    });
    let frozen = freezes(history, at).into_iter().filter(|freeze| freeze.meets(span, &planned.instances));
    let mut all: Vec<Conflict> = met.chain(frozen.map(Conflict::Freeze)).collect();
    all.sort_by_key(Conflict::start);
    all
}

/// Scheduled maintenance on file that a freeze meets while it holds, in order of time: it stays, and somebody should know.
pub fn met(history: &History<'_>, freeze: &Freeze, at: Instant) -> Vec<(MaintenanceId, Span)> {
    let scheduled =
        on_file(history, at).into_iter().filter(|record| record.kind == MaintenanceKind::Scheduled);
    let meets = |record: &MaintenancePlanned| {
        let span = Span::new(record.starts_at, record.ends_at)?;
        freeze.meets(span, &record.instances).then(|| (record.maintenance.clone(), span))
    };
    let mut met: Vec<(MaintenanceId, Span)> = scheduled.filter_map(meets).collect();
    met.sort_by_key(|(_, span)| span.start);
    met
}

/// Records as they were planned last that are neither over nor called off.
fn on_file<'h>(history: &History<'h>, at: Instant) -> Vec<&'h MaintenancePlanned> {
    let mut newest: BTreeMap<&MaintenanceId, &MaintenancePlanned> = BTreeMap::new();
    for fact in history.all(Event::MaintenancePlanned, at) {
        if let Body::MaintenancePlanned(record) = &fact.body {
            newest.insert(&record.maintenance, record);
        }
    }
    newest.into_values().filter(|record| !is_over(history, &record.maintenance, at)).collect()
}

fn is_over(history: &History<'_>, record: &MaintenanceId, at: Instant) -> bool {
    let about = until(history.of(Noun::Maintenance, &record.0), at);
    about.iter().any(|fact| matches!(fact.event(), Event::MaintenanceCancelled | Event::MaintenanceEnded))
}

impl Conflict {
    /// When it begins.
    pub fn start(&self) -> Instant {
        match self {
            Conflict::Maintenance { span, .. } => span.start,
            Conflict::Freeze(freeze) => freeze.span.start,
        }
    }
}
