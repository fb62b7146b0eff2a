//! Incidents and maintenance as an Atom feed (RFC 4287): one entry each, which is new again whenever something is told of it.

use askama::Template;
use spans::Instant;

use crate::{Incident, Maintenance, Page, Place, words};

/// Entries of a feed, the newest word first.
pub const ENTRIES_MAX: usize = 50;

struct Entry {
    id: String,
    title: String,
    link: String,
    published: Instant,
    updated: Instant,
    text: String,
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct Feed<'p> {
    page: &'p Page,
    place: &'p Place,
    entries: Vec<Entry>,
    updated: Instant,
}

/// The feed. Its names do not change with the address under which the page is reached.
pub fn atom(page: &Page, place: &Place) -> String {
    let incidents = page.incidents.iter().map(|incident| told(page, place, incident));
    let works = page.maintenance.iter().map(|work| declared(page, place, work));
    let mut entries: Vec<Entry> = incidents.chain(works).collect();
    entries.sort_by(|a, b| (b.updated, &b.id).cmp(&(a.updated, &a.id)));
    entries.truncate(ENTRIES_MAX);
    Feed { page, place, entries, updated: page.changed() }.render().unwrap_or_default()
}

fn told(page: &Page, place: &Place, incident: &Incident) -> Entry {
    let line = |update: &crate::Update| {
        format!(
            "{}: {}. {}",
            words::moment(update.at, &page.zone),
            words::stage(update.stage),
            update.message
        )
    };
    Entry {
        id: format!("urn:uphold:status:{}:{}", page.id, incident.id),
        title: format!("{} ({})", incident.title, words::stage(incident.stage).to_lowercase()),
        link: place.url(&format!("/history#i{}", incident.id)),
        published: incident.began,
        updated: incident.changed(),
        text: incident.updates.iter().map(line).collect::<Vec<_>>().join("\n\n"),
    }
}

fn declared(page: &Page, place: &Place, work: &Maintenance) -> Entry {
    let (starts, ends) = (words::moment(work.starts, &page.zone), words::moment(work.ends, &page.zone));
    let of = page.names(&work.components).join(", ");
    Entry {
        id: format!("urn:uphold:status:{}:{}", page.id, work.id),
        title: format!("{} ({})", work.title, work.progress.words()),
        link: place.url(&format!("#w{}", work.id)),
        published: work.announced,
        updated: work.changed,
        text: format!("{starts} to {ends}. {of}: {}.", words::impact(work.impact)),
    }
}
