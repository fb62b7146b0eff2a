//! `/api/v2/…` as clients of Atlassian Statuspage read it: the shape of its public "Status API" (`/api/v2/summary.json` and its
//! sisters), with the keys that clients of it hold in their types.
//!
//! Two of our words have no place there. What nobody sees is `degraded_performance`, and the page's indicator `minor`: programs that
//! wait for `operational` are not told that all is well. A share of time has no key; `/status.json` has it.

use facts::{Impact, IncidentStage};
use serde_json::{Value, json};
use spans::Instant;

use crate::{Component, Incident, Maintenance, Overall, Page, Place, Progress, State, Update};

/// Incidents and records in one answer.
const LISTED_MAX: usize = 50;

/// The answer to one path below `/api/v2/`, on one line; none where there is no such path.
pub fn v2(page: &Page, place: &Place, path: &str) -> Option<String> {
    let head = head(page, place);
    let shown = Shown { page, place };
    let open = || page.open().take(LISTED_MAX).map(|one| shown.incident(one)).collect::<Vec<_>>();
    let works = |wanted: &[Progress]| {
        let all = page.maintenance.iter().filter(|work| wanted.contains(&work.progress));
        all.take(LISTED_MAX).map(|work| shown.maintenance(work)).collect::<Vec<_>>()
    };
    const AHEAD: &[Progress] = &[Progress::Planned, Progress::UnderWay];
    const ALL: &[Progress] = &[Progress::Planned, Progress::UnderWay, Progress::Done, Progress::CalledOff];
    let body = match path {
        "summary.json" => json!({
            "page": head, "components": shown.components(), "incidents": open(),
            "scheduled_maintenances": works(AHEAD), "status": status(page),
        }),
        "status.json" => json!({"page": head, "status": status(page)}),
        "components.json" => json!({"page": head, "components": shown.components()}),
        "incidents.json" => {
            let all =
                page.incidents.iter().take(LISTED_MAX).map(|one| shown.incident(one)).collect::<Vec<_>>();
            json!({"page": head, "incidents": all})
        }
        "incidents/unresolved.json" => json!({"page": head, "incidents": open()}),
        "scheduled-maintenances.json" => json!({"page": head, "scheduled_maintenances": works(ALL)}),
        "scheduled-maintenances/upcoming.json" => {
            json!({"page": head, "scheduled_maintenances": works(&[Progress::Planned])})
        }
        "scheduled-maintenances/active.json" => {
            json!({"page": head, "scheduled_maintenances": works(&[Progress::UnderWay])})
        }
        _ => return None,
    };
    Some(body.to_string())
}

fn head(page: &Page, place: &Place) -> Value {
    json!({
        "id": page.id, "name": page.title, "url": place.url(""), "time_zone": page.zone.name(),
        "updated_at": stamp(page.written_at),
    })
}

/// The words that Statuspage itself uses, which some clients compare.
fn status(page: &Page) -> Value {
    let (indicator, description) = match page.overall() {
        Overall::Up => ("none", "All Systems Operational"),
        Overall::Maintenance => ("maintenance", "Service Under Maintenance"),
        Overall::Unknown => ("minor", "Some systems cannot be seen"),
        Overall::Degraded => ("minor", "Partially Degraded Service"),
        Overall::SomeDown => ("major", "Partial System Outage"),
        Overall::AllDown => ("critical", "Major Service Outage"),
    };
    json!({"indicator": indicator, "description": description})
}

struct Shown<'p> {
    page: &'p Page,
    place: &'p Place,
}

impl Shown<'_> {
    fn components(&self) -> Vec<Value> {
        self.page
            .components
            .iter()
            .enumerate()
            .map(|(place, component)| self.component(place, component))
            .collect()
    }

    fn component(&self, place: usize, component: &Component) -> Value {
        let since = self.page.since;
        json!({
            "id": component.id, "name": component.name, "status": word(component.state),
            "created_at": stamp(since), "updated_at": stamp(component.since.unwrap_or(since).max(since)),
            "position": place + 1, "description": component.about, "showcase": true,
            "start_date": component.days.first().map(|day| day.date.to_string()),
            "group_id": null, "page_id": self.page.id, "group": false, "only_show_if_degraded": false,
        })
    }

    fn concerned(&self, of: &[usize]) -> Vec<Value> {
        of.iter().filter_map(|at| Some(self.component(*at, self.page.components.get(*at)?))).collect()
    }

    fn incident(&self, incident: &Incident) -> Value {
        let when = |stage| {
            incident.updates.iter().rev().find(|update| update.stage == stage).map(|update| stamp(update.at))
        };
        let updates = incident.updates.iter().enumerate().map(|(at, update)| self.told(incident, at, update));
        json!({
            "id": incident.id, "name": incident.title, "status": incident.stage.name(),
            "created_at": stamp(incident.began), "updated_at": stamp(incident.changed()),
            "monitoring_at": when(IncidentStage::Monitoring),
            "resolved_at": incident.ended.map(stamp),
            "impact": self.impact(incident), "shortlink": self.place.url(&format!("/history#i{}", incident.id)),
            "started_at": stamp(incident.began), "page_id": self.page.id,
            "incident_updates": updates.collect::<Vec<_>>(),
            "components": self.concerned(&incident.components),
        })
    }

    /// An update, and how systems stood before and after it: all is well until the first, and again from the one that ends it.
    fn told(&self, incident: &Incident, place: usize, update: &Update) -> Value {
        let is_over = |stage| matches!(stage, IncidentStage::Resolved | IncidentStage::Postmortem);
        let broken = affected_word(incident.impact);
        let before = incident.updates.get(place + 1).map(|before| before.stage);
        let old = if before.is_none_or(is_over) { "operational" } else { broken };
        let new = if is_over(update.stage) { "operational" } else { broken };
        let at = stamp(update.at);
        json!({
            "id": update.id, "status": update.stage.name(), "body": update.message, "incident_id": incident.id,
            "created_at": at, "updated_at": at, "display_at": at,
            "affected_components": self.affected(&incident.components, old, new),
            "deliver_notifications": true, "custom_tweet": null, "tweet_id": null,
        })
    }

    fn impact(&self, incident: &Incident) -> &'static str {
        match incident.impact {
            Impact::None => "none",
            Impact::Degraded => "minor",
            Impact::Down if incident.components.len() == self.page.components.len() => "critical",
            Impact::Down => "major",
        }
    }

    fn maintenance(&self, work: &Maintenance) -> Value {
        let status = progress(work.progress);
        let (starts, ends) = (stamp(work.starts), stamp(work.ends));
        let begun = !matches!(work.progress, Progress::Planned) && work.starts <= self.page.written_at;
        let during = if work.progress == Progress::UnderWay { "under_maintenance" } else { "operational" };
        let update = json!({
            "id": format!("{}0", work.id), "status": status, "incident_id": work.id,
            "body": format!("{} ({}).", work.title, work.progress.words()),
            "created_at": stamp(work.changed), "updated_at": stamp(work.changed), "display_at": stamp(work.changed),
            "affected_components": self.affected(&work.components, "operational", during),
            "deliver_notifications": true, "custom_tweet": null, "tweet_id": null,
        });
        let over = match work.progress {
            Progress::Done => Some(stamp(work.ended.unwrap_or(work.ends))),
            Progress::CalledOff => Some(stamp(work.changed)),
            Progress::Planned | Progress::UnderWay => None,
        };
        json!({
            "id": work.id, "name": work.title, "status": status,
            "created_at": stamp(work.announced), "updated_at": stamp(work.changed),
            "monitoring_at": null, "resolved_at": over, "impact": "maintenance",
            "shortlink": self.place.url(&format!("#w{}", work.id)),
            "started_at": begun.then(|| starts.clone()), "page_id": self.page.id,
            "incident_updates": [update], "components": self.concerned(&work.components),
            "scheduled_for": starts, "scheduled_until": ends,
        })
    }

    fn affected(&self, of: &[usize], old: &str, new: &str) -> Vec<Value> {
        let known = of.iter().filter_map(|at| self.page.components.get(*at));
        known.map(|c| json!({"code": c.id, "name": c.name, "old_status": old, "new_status": new})).collect()
    }
}

fn affected_word(impact: Impact) -> &'static str {
    match impact {
        Impact::None => "operational",
        Impact::Degraded => "degraded_performance",
        Impact::Down => "major_outage",
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Up => "operational",
        State::Maintenance => "under_maintenance",
        State::Unknown | State::Degraded => "degraded_performance",
        State::Down => "major_outage",
    }
}

fn progress(progress: Progress) -> &'static str {
    match progress {
        Progress::Planned => "scheduled",
        Progress::UnderWay => "in_progress",
        Progress::Done | Progress::CalledOff => "completed",
    }
}

/// `2026-11-22T18:30:00.000Z`: three decimals, as there.
fn stamp(at: Instant) -> String {
    let text = at.to_string();
    let whole = text.get(..19).unwrap_or(&text);
    let millis = at.as_micros().rem_euclid(1_000_000) / 1_000;
    format!("{whole}.{millis:03}Z")
}
