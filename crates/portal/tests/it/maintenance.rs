//! Maintenance: planned under the agreement's rules, carried out, overrun, and called off.

use axum::http::StatusCode;
use spans::Length;

use crate::{
    desk::Desk,
    ticket::{fill, key},
};

const PLAN: &str = "/clients/acme/maintenance/plan";
const M1: &str = "/clients/acme/maintenance/M-1";
/// Wednesday of the week after next, at noon: inside the hours of operation.
const SOON: &str = "kind=scheduled&cause=upgrade&impact=down&instance=wiki&starts=2027-01-27T12%3A00&ends=2027-01-27T13%3A00";

#[tokio::test]
async fn the_form_shows_the_earliest_start_the_slots_and_who_is_told() {
    let desk = Desk::agreed();
    let page = desk.signed_in("sam").await.get(PLAN).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    // Friday 08:00 and seven days of notice; the hours of operation end on Friday at 17:00.
    for part in [
        "2027-01-22T08:00:00Z",
        "2027-01-15T17:00:00Z",
        "Scheduled: the contact, 7 d before the start",
        "SH-MAINT-11",
        "SH-MAINT-12",
        "at any hour",
        "Instance wiki",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

#[tokio::test]
async fn a_record_is_planned_started_overrun_and_ended() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    let sent = format!("key={}&{SOON}", key(&sam.get(PLAN).await.body));
    let first = sam.post(PLAN, &sent).await;
    assert_eq!(first.header("location"), format!("{M1}?done=recorded"), "{}", first.body);
    assert_eq!(sam.post(PLAN, &sent).await.header("location"), first.header("location"), "twice is once");
    desk.wait(Length::MINUTE);
    let mut bo = desk.signed_in("bo").await;
    let theirs = bo.get(M1).await.body;
    assert!(theirs.contains("planned") && theirs.contains("2027-01-27T12:00:00Z"), "{theirs}");
    assert!(!theirs.contains("Call it off"), "{theirs}");
    assert!(bo.get("/").await.body.contains("Maintenance</a> begins"));
    let early = fill(&mut sam, M1, &format!("{M1}/end"), "").await;
    assert!(early.body.contains("It has not begun"), "{}", early.body);
    desk.wait(Length::from_hours(12 * 24 + 4));
    let mut sam = desk.signed_in("sam").await;
    let begun = fill(&mut sam, M1, &format!("{M1}/start"), "").await;
    assert_eq!(begun.status, StatusCode::SEE_OTHER, "{}", begun.body);
    assert!(sam.get("/clients/acme/maintenance").await.body.contains("under way"));
    desk.wait(Length::from_minutes(75));
    let mut sam = desk.signed_in("sam").await;
    let over = sam.get(M1).await.body;
    assert!(over.contains("It goes on beyond its declared end.") && over.contains("SH-AVAIL-10"), "{over}");
    fill(&mut sam, M1, &format!("{M1}/end"), "").await;
    assert!(sam.get("/maintenance").await.body.contains("done"));
}

#[tokio::test]
async fn nobody_has_to_press_anything_and_what_is_over_stays_over() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    fill(&mut sam, PLAN, PLAN, SOON).await;
    let planned = sam.get(M1).await.body;
    assert!(planned.contains("Call it off") && !planned.contains("Start now"), "{planned}");
    assert!(planned.contains("delivered") && planned.contains("Announce</button>"), "{planned}");
    fill(&mut sam, M1, &format!("{M1}/announce"), "").await;
    let told = sam.get(M1).await.body;
    assert!(told.contains("told another way too") && !told.contains("Announce</button>"), "{told}");
    let early = fill(&mut sam, M1, &format!("{M1}/start"), "").await;
    assert!(early.body.contains("Its declared start has not come"), "{}", early.body);
    desk.wait(Length::from_hours(12 * 24 + 4));
    let mut sam = desk.signed_in("sam").await;
    let runs = sam.get(M1).await.body;
    assert!(
        runs.contains("under way") && runs.contains("by its plan") && runs.contains("Start now"),
        "{runs}"
    );
    desk.wait(Length::HOUR);
    let mut sam = desk.signed_in("sam").await;
    let over = sam.get(M1).await.body;
    for button in ["Start now", "It is over<", "Call it off"] {
        assert!(!over.contains(button), "{button}: {over}");
    }
    let late = fill(&mut sam, PLAN, &format!("{M1}/start"), "").await;
    assert!(late.body.contains("Its window has passed"), "{}", late.body);
}

#[tokio::test]
async fn what_is_planned_too_late_or_too_long_is_told() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    let begun = SOON.replace("2027-01-27T12", "2027-01-15T07").replace("2027-01-27T13", "2027-01-15T09");
    let told = fill(&mut sam, PLAN, PLAN, &begun).await;
    assert_eq!(told.header("location"), format!("{M1}?done=emergency"), "{}", told.body);
    let page = sam.get(told.header("location")).await.body;
    assert!(page.contains("on file as an emergency") && page.contains("SH-MAINT-04"), "{page}");
    let long = SOON.replace("kind=scheduled", "kind=emergency").replace("2027-01-27T13", "2027-02-27T13");
    let refused = fill(&mut sam, PLAN, PLAN, &long).await;
    assert!(refused.body.contains("write the reason"), "{}", refused.body);
    let long = format!("{long}&outside=The+vendor+moves+house");
    let refused = fill(&mut sam, PLAN, PLAN, &long).await;
    assert!(refused.body.contains("name=\"confirm\""), "{}", refused.body);
    let done = fill(&mut sam, PLAN, PLAN, &format!("{long}&confirm=yes")).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
}

#[tokio::test]
async fn what_the_rules_refuse_stands_beside_the_form() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    let saturday = SOON.replace("2027-01-27", "2027-01-30");
    let outside = fill(&mut sam, PLAN, PLAN, &saturday).await;
    assert_eq!(outside.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in
        ["It lies outside `hop`", "SH-MAINT-01", "value=\"2027-01-30T12:00\"", "value=\"wiki\" checked"]
    {
        assert!(outside.body.contains(part), "{part}: {}", outside.body);
    }
    let reason = fill(&mut sam, PLAN, PLAN, &format!("{saturday}&outside=%3Cb%3Ethe+vendor%3C%2Fb%3E")).await;
    assert_eq!(reason.status, StatusCode::SEE_OTHER, "{}", reason.body);
    let record = sam.get(reason.header("location")).await.body;
    assert!(record.contains("&#60;b&#62;the vendor") && !record.contains("<b>the vendor"), "{record}");
    let patch = SOON.replace("scheduled", "critical-patch");
    let patch = fill(&mut sam, PLAN, PLAN, &patch).await;
    assert!(patch.body.contains("SH-MAINT-08"), "{}", patch.body);
    let unknown = fill(&mut sam, PLAN, PLAN, &SOON.replace("wiki", "forum")).await;
    assert!(unknown.body.contains("One of the instances is not known."), "{}", unknown.body);
    let cancelled = fill(&mut sam, M1, &format!("{M1}/cancel"), "").await;
    assert_eq!(cancelled.status, StatusCode::SEE_OTHER, "{}", cancelled.body);
    assert!(sam.get(M1).await.body.contains("called off"));
}

#[tokio::test]
async fn another_clients_record_is_not_there() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    fill(&mut sam, PLAN, PLAN, SOON).await;
    let mut cy = desk.signed_in("cy").await;
    for path in [M1, PLAN, "/clients/acme/maintenance", "/maintenance", "/clients/beta/maintenance/M-1"] {
        assert_eq!(cy.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get(PLAN).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bo.post(&format!("{M1}/cancel"), "key=x").await.status, StatusCode::NOT_FOUND);
    assert_eq!(sam.get("/clients/acme/maintenance/M-9").await.status, StatusCode::NOT_FOUND);
}
