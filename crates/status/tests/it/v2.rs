//! The shape of Statuspage's public Status API, key by key: those that its documentation shows for `/api/v2/summary.json` and its
//! sisters, and that clients of it hold in their types.

use serde_json::Value;
use status::{Progress, State, json, v2};

use crate::sample::{below, component, page, plain, work};

const PAGE: &[&str] = &["id", "name", "url", "time_zone", "updated_at"];
const COMPONENT: &[&str] = &[
    "id",
    "name",
    "status",
    "created_at",
    "updated_at",
    "position",
    "description",
    "showcase",
    "start_date",
    "group_id",
    "page_id",
    "group",
    "only_show_if_degraded",
];
const INCIDENT: &[&str] = &[
    "id",
    "name",
    "status",
    "created_at",
    "updated_at",
    "monitoring_at",
    "resolved_at",
    "impact",
    "shortlink",
    "started_at",
    "page_id",
    "incident_updates",
    "components",
];
const UPDATE: &[&str] = &[
    "id",
    "status",
    "body",
    "incident_id",
    "created_at",
    "updated_at",
    "display_at",
    "affected_components",
    "deliver_notifications",
    "custom_tweet",
    "tweet_id",
];
const AFFECTED: &[&str] = &["code", "name", "old_status", "new_status"];

#[track_caller]
fn has(value: &Value, keys: &[&str]) {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for key in keys {
        assert!(object.contains_key(*key), "{key} in {value}");
    }
}

fn read(page: &status::Page, path: &str) -> Value {
    serde_json::from_str(&v2(page, &below(), path).unwrap_or_else(|| panic!("{path}"))).unwrap()
}

#[test]
fn every_path_has_every_key() {
    let page = plain();
    for (path, lists) in [
        ("summary.json", &["components", "incidents", "scheduled_maintenances", "status"][..]),
        ("status.json", &["status"]),
        ("components.json", &["components"]),
        ("incidents.json", &["incidents"]),
        ("incidents/unresolved.json", &["incidents"]),
        ("scheduled-maintenances.json", &["scheduled_maintenances"]),
        ("scheduled-maintenances/upcoming.json", &["scheduled_maintenances"]),
        ("scheduled-maintenances/active.json", &["scheduled_maintenances"]),
    ] {
        let answer = read(&page, path);
        has(&answer, lists);
        has(&answer["page"], PAGE);
        if lists.contains(&"status") {
            has(&answer["status"], &["indicator", "description"]);
        }
        for component in answer["components"].as_array().into_iter().flatten() {
            has(component, COMPONENT);
        }
        for incident in answer["incidents"].as_array().into_iter().flatten() {
            incident_has(incident);
        }
        for work in answer["scheduled_maintenances"].as_array().into_iter().flatten() {
            incident_has(work);
            has(work, &["scheduled_for", "scheduled_until"]);
        }
    }
    assert_eq!(v2(&page, &below(), "nothing.json"), None);
}

fn incident_has(incident: &Value) {
    has(incident, INCIDENT);
    assert!(!incident["incident_updates"].as_array().unwrap().is_empty());
    for update in incident["incident_updates"].as_array().unwrap() {
        has(update, UPDATE);
        update["affected_components"].as_array().unwrap().iter().for_each(|one| has(one, AFFECTED));
    }
    incident["components"].as_array().unwrap().iter().for_each(|one| has(one, COMPONENT));
}

#[test]
fn words_are_those_that_its_clients_know() {
    let states = [State::Up, State::Maintenance, State::Unknown, State::Degraded, State::Down];
    let page = page(states.iter().map(|state| component("Wiki", *state)).collect());
    let answer = read(&page, "summary.json");
    let words: Vec<&str> =
        answer["components"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(
        words,
        ["operational", "under_maintenance", "degraded_performance", "degraded_performance", "major_outage"]
    );
    assert_eq!(answer["status"]["indicator"], "major");
    assert_eq!(answer["incidents"].as_array().unwrap().len(), 1, "those that are open");
    assert_eq!(answer["incidents"][0]["status"], "identified");
    assert_eq!(answer["incidents"][0]["created_at"], "2026-11-20T10:00:00.000Z");
    let updates = &answer["incidents"][0]["incident_updates"];
    assert_eq!(updates[1]["affected_components"][0]["old_status"], "operational");
    assert_eq!(updates[1]["affected_components"][0]["new_status"], "major_outage");
    assert_eq!(
        answer["scheduled_maintenances"].as_array().unwrap().len(),
        1,
        "what was called off is not ahead"
    );
    assert_eq!(answer["scheduled_maintenances"][0]["status"], "scheduled");
    let all = read(&page, "incidents.json");
    let over = &all["incidents"][1]["incident_updates"][0]["affected_components"][0];
    assert_eq!((&over["old_status"], &over["new_status"]), (&"major_outage".into(), &"operational".into()));
}

#[test]
fn work_under_way_is_active_and_what_is_over_is_neither() {
    let mut page = plain();
    page.maintenance =
        [Progress::Planned, Progress::UnderWay, Progress::Done].map(|p| work("upgrade", p)).to_vec();
    let count = |path: &str| read(&page, path)["scheduled_maintenances"].as_array().unwrap().len();
    assert_eq!(count("scheduled-maintenances.json"), 3);
    assert_eq!(count("scheduled-maintenances/upcoming.json"), 1);
    assert_eq!(count("scheduled-maintenances/active.json"), 1);
    assert_eq!(count("summary.json"), 2);
}

#[test]
fn our_own_json_has_every_figure() {
    let value: Value = serde_json::from_str(&json(&plain(), &below())).unwrap();
    let wiki = &value["systems"][0];
    assert_eq!(wiki["days"].as_array().unwrap().len(), 90);
    assert_eq!(wiki["days"][87]["down_s"], 750);
    assert_eq!(wiki["days"][88]["unknown_s"], 420);
    assert_eq!(wiki["months"][0]["fraction"], "30228/30240 min");
    assert_eq!(value["written_at"], "2026-11-22T18:30:00Z");
}
