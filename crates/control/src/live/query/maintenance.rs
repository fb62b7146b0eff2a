//! Maintenance records, as they stand.

use facts::{Body, Event, Fact, MaintenanceId, MaintenancePlanned, Noun};
use spans::Instant;

use crate::live::Book;

/// A maintenance record and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaintenanceRecord {
    /// What was planned: the newest word.
    pub planned: MaintenancePlanned,
    /// When it was put on file.
    pub recorded_at: Instant,
    /// By whom.
    pub by: String,
    /// When the client was told: at once, by what stands on its page.
    pub notice: Option<Instant>,
    /// When somebody told the client by another way than the portal, such as by telephone.
    pub told: Option<Instant>,
    /// When it began.
    pub started: Option<Instant>,
    /// When it was over.
    pub ended: Option<Instant>,
    /// When it was called off.
    pub cancelled: Option<Instant>,
}

impl MaintenanceRecord {
    /// The one word for how it stands, whether or not anybody said so: it is under way from its declared start on and over at its
    /// declared end, unless somebody began it and has not ended it.
    pub fn word(&self, now: Instant) -> &'static str {
        match self {
            MaintenanceRecord { cancelled: Some(_), .. } => "called off",
            MaintenanceRecord { ended: Some(_), .. } => "done",
            MaintenanceRecord { started: Some(_), planned, .. } if planned.ends_at <= now => "overrun",
            MaintenanceRecord { started: Some(_), .. } => "under way",
            MaintenanceRecord { planned, .. } if planned.ends_at <= now => "over",
            MaintenanceRecord { planned, .. } if planned.starts_at <= now => "under way",
            _ => "planned",
        }
    }
}

impl Book {
    /// Every record, the latest start first.
    pub fn maintenance(&self) -> Vec<MaintenanceRecord> {
        let history = self.history();
        let records = history.subjects().filter(|(noun, ..)| *noun == Noun::Maintenance);
        let mut records: Vec<MaintenanceRecord> = records.filter_map(|(.., facts)| record(facts)).collect();
        records.sort_by(|a, b| {
            (b.planned.starts_at, &a.planned.maintenance).cmp(&(a.planned.starts_at, &b.planned.maintenance))
        });
        records
    }

    /// The records of its series after one, soonest first, without what was called off.
    pub(in crate::live) fn series_after(&self, planned: &MaintenancePlanned) -> Vec<MaintenanceRecord> {
        let mut records = self.maintenance();
        records.retain(|record| {
            planned.series.is_some()
                && record.planned.series == planned.series
                && record.cancelled.is_none()
                && planned.starts_at < record.planned.starts_at
        });
        records.reverse();
        records
    }

    /// One of them.
    pub fn maintenance_record(&self, id: &MaintenanceId) -> Option<MaintenanceRecord> {
        self.maintenance().into_iter().find(|record| record.planned.maintenance == *id)
    }
}

fn record(facts: &[&Fact]) -> Option<MaintenanceRecord> {
    let (fact, planned) = facts.iter().rev().find_map(|fact| match &fact.body {
        Body::MaintenancePlanned(planned) => Some((fact, planned)),
        _ => None,
    })?;
    let first = |event: Event| facts.iter().find(|fact| fact.event() == event).map(|fact| fact.at);
    let told = |fact: &&&Fact| fact.event() == Event::NoticeDelivered && fact.actor.is_person();
    Some(MaintenanceRecord {
        told: facts.iter().find(told).map(|fact| fact.at),
        planned: planned.clone(),
        recorded_at: fact.recorded_at,
        by: fact.actor.id.clone(),
        notice: first(Event::NoticeDelivered),
        started: first(Event::MaintenanceStarted),
        ended: first(Event::MaintenanceEnded),
        cancelled: first(Event::MaintenanceCancelled),
    })
}
