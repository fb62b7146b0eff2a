//! Planned work, exclusions and incidents, for programs.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use facts::Outcome;
use serde_json::{Value, json};
use spans::Length;

use super::program::Program;
use crate::desk::Desk;

const ACME: &str = "/api/v1/clients/acme";

async fn creates(program: &mut Program<'_>, list: &str, body: Value) {
    let told = program.post(&format!("{ACME}/{list}"), body).await;
    assert_eq!(told.status, StatusCode::CREATED, "{list}: {}", told.text);
}

async fn does(program: &mut Program<'_>, what: &str, body: Value) {
    let told = program.post(&format!("{ACME}/{what}"), body).await;
    assert_eq!(told.status, StatusCode::OK, "{what}: {}", told.text);
}

/// Two are proposed: one is approved, begun and closed, one is refused; and one is called off.
async fn changes(desk: &Desk, sam: &mut Program<'_>, pi: &mut Program<'_>) {
    for n in 1..=3 {
        let at = |minutes: i64| (desk.now() + Length::from_minutes(minutes)).to_string();
        let new = json!({"kind": "restart", "what": "More memory.", "why": "It is slow.", "starts_at": at(5), "ends_at": at(60)});
        creates(sam, "proposed-changes", new).await;
        desk.wait(Length::MINUTE);
        let at = |verb: &str| format!("proposed-changes/C-{n}/{verb}");
        match n {
            1 => {
                does(pi, &at("approve"), json!({"backup_confirmed": true})).await;
                desk.wait(Length::from_minutes(5));
                does(sam, &at("start"), json!({})).await;
                does(sam, &at("close"), json!({"validation": "It answers."})).await;
            }
            2 => does(pi, &at("refuse"), json!({"reason": "Not now."})).await,
            _ => does(sam, &at("call-off"), json!({"reason": "The part is late."})).await,
        }
    }
    let all = sam.read(&format!("{ACME}/proposed-changes")).await;
    let states: Vec<&Value> = all["items"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["called off", "refused", "done"]);
}

/// What was done, by the names of the operations.
pub(super) async fn done() -> BTreeSet<String> {
    let desk = Desk::agreed();
    desk.add_named("pi", "Name of pi", Some("acme"), &["contact", "approver"]);
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Down);
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Up);
    let (mut sam, mut pi) = (desk.program("sam").await, desk.program("pi").await);
    let asked = "kind=scheduled&expected_impact=down&instances=wiki&starts_at=2027-01-27T12:00:00Z&ends_at=2027-01-27T13:00:00Z";
    let preview = sam.read(&format!("{ACME}/maintenance-preview?{asked}")).await;
    assert_eq!(
        (&preview["announce_by"], &preview["inside_slot"]),
        (&json!("2027-01-20T12:00:00Z"), &json!(true))
    );
    assert_eq!(pi.read(&format!("{ACME}/maintenance-window")).await["rrule"], "FREQ=WEEKLY;BYDAY=SU");
    let frozen = json!({"from": "2027-03-01T00:00:00Z", "until": "2027-03-02T00:00:00Z", "reason": "The year is closed."});
    creates(&mut pi, "freezes", frozen).await;
    assert_eq!(sam.read(&format!("{ACME}/freezes")).await["items"][0]["side"], "client");
    does(&mut pi, "freezes/F-1/lift", json!({})).await;
    let when = json!({"starts_at": "2027-01-27T10:00:00Z", "ends_at": "2027-01-27T14:00:00Z", "instances": ["wiki"]});
    for what in ["A new disk at noon.", "Another one."] {
        creates(&mut sam, "proposals", json!({"what": what, "work": when})).await;
    }
    let vague = sam.post(&format!("{ACME}/proposals"), json!({"what": "Some day."})).await;
    assert!(vague.status.is_client_error() && vague.text.contains("with when and on what"), "{}", vague.text);
    does(&mut pi, "proposals/P-1/approve", json!({})).await;
    does(&mut pi, "proposals/P-2/refuse", json!({"reason": "Not at noon."})).await;
    desk.wait(Length::MINUTE);
    let proposals = sam.read(&format!("{ACME}/proposals")).await;
    let mut states: Vec<&Value> =
        proposals["items"].as_array().unwrap().iter().map(|p| &p["state"]).collect();
    states.sort_by_key(|state| state.to_string());
    assert_eq!(states, ["approved", "refused"]);
    changes(&desk, &mut sam, &mut pi).await;
    creates(&mut pi, "changes", json!({"what": "A new proxy", "starts_at": "2027-02-01T10:00:00Z"})).await;
    assert_eq!(sam.read(&format!("{ACME}/changes")).await["items"][0]["in_time"], true);
    let claim = json!({"claims": [{"instance": "wiki", "cause": "beyond-control", "from": "2027-01-15T08:00:00Z",
        "until": "2027-01-15T08:08:00Z", "evidence": "A trace."}]});
    let shown = sam.post(&format!("{ACME}/exclusions-preview"), claim.clone()).await;
    assert_eq!(
        (shown.status, &shown.json["months"][0]["minutes_less"]),
        (StatusCode::OK, &json!(3)),
        "{}",
        shown.text
    );
    for n in 1..=3 {
        creates(&mut sam, "exclusions", claim.clone()).await;
        desk.wait(Length::MINUTE);
        let answer = ["dispute", "accept", "take-back"][n - 1];
        let who = if answer == "take-back" { &mut sam } else { &mut pi };
        does(who, &format!("exclusions/E-{n}/{answer}"), json!({})).await;
    }
    pi.read(&format!("{ACME}/exclusions")).await;
    assert_eq!(pi.read(&format!("{ACME}/exclusions/E-1")).await["disputed"], true);
    does(&mut pi, "instances/wiki/restart", json!({})).await;
    let incidents = pi.read(&format!("{ACME}/incidents")).await;
    let one = pi.read(incidents["items"][0]["href"].as_str().unwrap()).await;
    assert_eq!(one["vantages"].as_array().unwrap().len(), 2, "{one}");
    [sam.done, pi.done].into_iter().flatten().collect()
}
