//! A client's planned work as a calendar that other programs read: maintenance with its slot of time, and freezes. What an event is
//! called there stays the same for ever, and each word on it counts its sequence up, so that a reader moves it and shows none twice.

use facts::{Event, Fact, MaintenanceId, Noun, Slug};
use promise::freeze::freezes;
use spans::Instant;
use status::ical::{Calendar, Entry, Status};

use super::MaintenanceRecord;
use crate::live::Book;

/// Events in one calendar, the latest first.
const ENTRIES_MAX: usize = 500;

impl Book {
    /// Maintenance that is planned, under way or over, and freezes. `origin`: where the portal is reached, for links.
    pub fn calendar(&self, origin: &str, now: Instant) -> Calendar {
        let client = self.client();
        let name = self.versions().map_or_else(
            || client.to_string(),
            |versions| versions.latest().agreement().agreement.client.clone(),
        );
        let mut entries: Vec<Entry> =
            self.maintenance().iter().map(|record| self.maintenance_entry(record, origin)).collect();
        entries.extend(self.freeze_entries(origin, now));
        entries.sort_by(|a, b| (b.start, &a.uid).cmp(&(a.start, &b.uid)));
        entries.truncate(ENTRIES_MAX);
        Calendar { name: format!("Maintenance, {name}"), product: "Maintenance", refresh: "PT1H", entries }
    }

    fn maintenance_entry(&self, record: &MaintenanceRecord, origin: &str) -> Entry {
        let planned = &record.planned;
        let names: Vec<String> = self
            .instance_names()
            .into_iter()
            .filter(|(id, _)| planned.instances.contains(id))
            .map(|(_, name)| name)
            .collect();
        let id: &MaintenanceId = &planned.maintenance;
        let (sequence, stamp) = self.words_on(Noun::Maintenance, &id.0, |event| {
            matches!(event, Event::MaintenancePlanned | Event::MaintenanceCancelled | Event::MaintenanceEnded)
        });
        let end = record.ended.map_or(planned.ends_at, |ended| ended.max(planned.starts_at));
        Entry {
            uid: format!("{id}.maintenance.{}@uphold", self.client()),
            sequence,
            stamp,
            start: planned.starts_at,
            end,
            summary: format!("Maintenance {id}: {}", names.join(", ")),
            description: format!(
                "{}, {}. Expected impact: {}.",
                planned.kind.name(),
                planned.cause,
                planned.expected_impact.name()
            ),
            status: if record.cancelled.is_some() { Status::Cancelled } else { Status::Confirmed },
            url: format!("{origin}/clients/{}/maintenance/{id}", self.client()),
        }
    }

    fn freeze_entries(&self, origin: &str, now: Instant) -> Vec<Entry> {
        let history = self.history();
        let each = freezes(&history, now).into_iter().map(|freeze| {
            let (sequence, stamp) = self.words_on(Noun::Freeze, &freeze.id.0, |_| true);
            let holds = freeze.holds();
            let span = holds.unwrap_or(freeze.span);
            Entry {
                uid: format!("{}.freeze.{}@uphold", freeze.id, self.client()),
                sequence,
                stamp,
                start: span.start,
                end: span.end,
                summary: format!("Change freeze {}, set by the {}", freeze.id, freeze.by.name()),
                description: freeze.reason,
                status: if holds.is_none() { Status::Cancelled } else { Status::Confirmed },
                url: format!("{origin}/clients/{}/maintenance/agreed", self.client()),
            }
        });
        each.collect()
    }

    /// How many words there are on something beyond the first, and when the last was recorded.
    fn words_on(&self, noun: Noun, id: &Slug, counts: impl Fn(Event) -> bool) -> (u32, Instant) {
        let about = |fact: &&Fact| {
            fact.event().noun() == noun && fact.body.subject_id() == id && counts(fact.event())
        };
        let words: Vec<&Fact> = self.facts().iter().filter(about).collect();
        let last = words.iter().map(|fact| fact.recorded_at).max().unwrap_or(Instant::EPOCH);
        (u32::try_from(words.len().saturating_sub(1)).unwrap_or(u32::MAX), last)
    }
}
