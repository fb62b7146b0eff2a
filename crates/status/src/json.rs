//! The page as JSON: every figure that the page has, in units that are spelled.

use serde_json::{Value, json};
use spans::Length;

use crate::{Component, Day, Incident, Maintenance, MonthLine, Page, Place, words};

/// The page as JSON, on one line. A field is only ever added.
pub fn json(page: &Page, place: &Place) -> String {
    let body = json!({
        "page": {"id": page.id, "title": page.title, "url": place.url(""), "zone": page.zone.name()},
        "written_at": page.written_at.to_string(),
        "overall": {"state": name(page.overall().state()), "sentence": page.overall().sentence()},
        "systems": page.components.iter().map(component).collect::<Vec<_>>(),
        "incidents": page.incidents.iter().map(|one| incident(page, one)).collect::<Vec<_>>(),
        "maintenance": page.maintenance.iter().map(|one| maintenance(page, one)).collect::<Vec<_>>(),
    });
    body.to_string()
}

fn component(component: &Component) -> Value {
    json!({
        "id": component.id,
        "name": component.name,
        "about": component.about,
        "state": name(component.state),
        "since": component.since.map(|at| at.to_string()),
        "days": component.days.iter().map(day).collect::<Vec<_>>(),
        "months": component.months.iter().map(month).collect::<Vec<_>>(),
    })
}

fn day(day: &Day) -> Value {
    json!({
        "date": day.date.to_string(),
        "covered_s": seconds(day.covered),
        "down_s": seconds(day.down),
        "counted_min": day.counted,
        "excluded_s": seconds(day.excluded),
        "unknown_s": seconds(day.unknown),
    })
}

fn month(line: &MonthLine) -> Value {
    json!({
        "month": line.month.to_string(),
        "closed": line.closed,
        "kept": line.uptime.as_ref().map(|(share, _)| share),
        "fraction": line.uptime.as_ref().map(|(_, fraction)| fraction),
        "counted_min": line.counted,
        "excluded_s": seconds(line.excluded),
        "unknown_s": seconds(line.unknown),
    })
}

fn incident(page: &Page, incident: &Incident) -> Value {
    let update = |update: &crate::Update| json!({"id": update.id, "at": update.at.to_string(), "stage": update.stage.name(), "message": update.message});
    json!({
        "id": incident.id,
        "title": incident.title,
        "stage": incident.stage.name(),
        "impact": incident.impact.name(),
        "systems": ids(page, &incident.components),
        "began": incident.began.to_string(),
        "ended": incident.ended.map(|at| at.to_string()),
        "next_update_by": incident.next_update_by.map(|at| at.to_string()),
        "updates": incident.updates.iter().map(update).collect::<Vec<_>>(),
    })
}

fn maintenance(page: &Page, work: &Maintenance) -> Value {
    json!({
        "id": work.id,
        "title": work.title,
        "progress": work.progress.words().replace(' ', "-"),
        "expected": words::impact(work.impact),
        "systems": ids(page, &work.components),
        "starts": work.starts.to_string(),
        "ends": work.ends.to_string(),
        "announced": work.announced.to_string(),
    })
}

fn ids<'p>(page: &'p Page, of: &[usize]) -> Vec<&'p str> {
    of.iter().filter_map(|place| Some(page.components.get(*place)?.id.as_str())).collect()
}

fn name(state: crate::State) -> &'static str {
    match state {
        crate::State::Up => "up",
        crate::State::Maintenance => "maintenance",
        crate::State::Unknown => "unknown",
        crate::State::Degraded => "degraded",
        crate::State::Down => "down",
    }
}

fn seconds(length: Length) -> i64 {
    length.as_micros() / 1_000_000
}
