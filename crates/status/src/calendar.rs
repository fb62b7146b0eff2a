//! Maintenance as a calendar that others subscribe to (RFC 5545): a record keeps its name, and counts its changes.

use crate::{
    Maintenance, Page, Place, Progress,
    ical::{Calendar, Entry, Status},
    words,
};

/// The calendar. What was called off stays in it, so that it goes away where it was taken over.
pub fn calendar(page: &Page, place: &Place) -> String {
    let calendar = Calendar {
        name: format!("{}: maintenance", page.title),
        product: "Status",
        refresh: "PT15M",
        entries: page.maintenance.iter().map(|work| entry(page, place, work)).collect(),
    };
    calendar.to_ics()
}

fn entry(page: &Page, place: &Place, work: &Maintenance) -> Entry {
    let of = page.names(&work.components).join(", ");
    Entry {
        uid: format!("{}.{}@status.uphold", work.id, page.id),
        sequence: work.revision,
        stamp: work.changed,
        start: work.starts,
        end: work.ends,
        summary: format!("{}: {of}", work.title),
        description: format!("Expected: {}. {}.", words::impact(work.impact), work.progress.words()),
        status: if work.progress == Progress::CalledOff { Status::Cancelled } else { Status::Confirmed },
        url: place.url(""),
    }
}
