//! Changes of a client's systems: staff propose one, the client's approvers see it on their first page and answer with one click, and
//! only what they approved begins; by pages and by programs.

use axum::http::StatusCode;
use serde_json::json;
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::fill,
};

const CHANGES: &str = "/clients/acme/changes";
const PROPOSE: &str = "/clients/acme/changes/propose";
const C1: &str = "/clients/acme/changes/C-1";
/// On Wednesday night.
const RESTART: &str = "kind=restart&what=More+memory+for+the+wiki&why=It+is+slow.&starts=2027-01-20T20%3A00&ends=2027-01-20T22%3A00&instance=wiki";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

async fn sent(browser: &mut Browser<'_>, to: &str, form: &str) {
    let answer = fill(browser, CHANGES, to, form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{to} {form}: {}", answer.body);
}

async fn refused(browser: &mut Browser<'_>, to: &str, form: &str, parts: &[&str]) {
    let answer = fill(browser, CHANGES, to, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{to} {form}: {}", answer.body);
    holds(&answer.body, parts);
}

#[tokio::test]
async fn mp_cli_11_an_approver_answers_on_the_first_page_with_one_click_and_only_then_it_begins() {
    let desk = Desk::managed();
    let (mut eva, mut pia) = (desk.signed_in("eva").await, desk.signed_in("pia").await);
    let backwards = RESTART.replace("ends=2027-01-20T22", "ends=2027-01-20T19");
    refused(
        &mut eva,
        PROPOSE,
        &backwards,
        &["A change ends after it begins", "More memory for the wiki", "<details class=\"more\" open>"],
    )
    .await;
    refused(&mut eva, PROPOSE, &RESTART.replace("It+is+slow.", ""), &["the why is empty"]).await;
    assert!(!pia.get("/").await.body.contains("Waits for your approval"));
    sent(&mut eva, PROPOSE, RESTART).await;
    desk.wait(Length::HOUR * 3);
    holds(
        &pia.get("/").await.body,
        &[
            "Your approval is asked for <a href=\"/clients/acme/changes\">change C-1</a>, which is to begin",
            "Waits for your approval",
            "More memory for the wiki",
            "It is slow.",
            "has waited for 3 h",
            "action=\"/clients/acme/changes/C-1/approve\"",
            "Why not",
        ],
    );
    // Staff who did nothing for an hour sign in again.
    let mut eva = desk.signed_in("eva").await;
    let page = eva.get(CHANGES).await.body;
    holds(
        &page,
        &["waits for the client", "Of the client's people this is for: poc.", "MP-CLI-11", "C-1/call-off"],
    );
    assert!(!page.contains("C-1/approve"), "it is the client's to say: {page}");
    assert!(!page.contains("C-1/start"), "not before they did: {page}");
    refused(
        &mut eva,
        &format!("{C1}/start"),
        "",
        &[
            "The client has not approved change C-1: it cannot start; ask somebody of the client who is poc",
            "MP-CLI-11",
        ],
    )
    .await;
    assert_eq!(eva.post(&format!("{C1}/approve"), "").await.status, StatusCode::FORBIDDEN);
    // A contact whom the agreement does not name does not see the buttons, nor get through without them.
    let mut bo = desk.signed_in("bo").await;
    assert!(!bo.get("/").await.body.contains("C-1/approve"));
    refused(&mut bo, &format!("{C1}/approve"), "", &["may not do this", "who is poc"]).await;
    let answer = fill(&mut pia, "/", &format!("{C1}/approve"), "").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert!(!pia.get("/").await.body.contains("Waits for your approval"));
    holds(
        &eva.get(CHANGES).await.body,
        &["<span class=\"badge kept\">approved</span>", "by Pia Poc", "answered after 3 h", "C-1/start"],
    );
    refused(&mut eva, &format!("{C1}/start"), "", &["begin it then, or propose it again for another time"])
        .await;
    desk.wait("2027-01-20T20:00:00Z".parse::<spans::Instant>().unwrap() - desk.now());
    let mut eva = desk.signed_in("eva").await;
    sent(&mut eva, &format!("{C1}/start"), "").await;
    refused(&mut eva, &format!("{C1}/close"), "", &["Record how the start-up was validated", "MP-SC-APP-03"])
        .await;
    sent(&mut eva, &format!("{C1}/close"), "validation=It+answers.").await;
    holds(
        &eva.get(CHANGES).await.body,
        &["<span class=\"badge kept\">done</span>", "validated: It answers."],
    );
}

#[tokio::test]
async fn mp_cli_11_a_refusal_has_a_reason_and_staff_read_it() {
    let desk = Desk::managed();
    let (mut eva, mut pia) = (desk.signed_in("eva").await, desk.signed_in("pia").await);
    sent(&mut eva, PROPOSE, RESTART).await;
    assert_eq!(pia.post(&format!("{C1}/start"), "").await.status, StatusCode::NOT_FOUND);
    refused(&mut pia, &format!("{C1}/refuse"), "reason=+", &["the reason is empty"]).await;
    sent(&mut pia, &format!("{C1}/refuse"), "reason=Our+year+%3Cends%3E+then.").await;
    let page = eva.get(CHANGES).await.body;
    holds(
        &page,
        &["<span class=\"badge missed\">refused</span>", "by Pia Poc", "Our year &#60;ends&#62; then."],
    );
    assert!(!page.contains("C-1/start"), "{page}");
    let start = fill(&mut eva, CHANGES, &format!("{C1}/start"), "").await;
    holds(&start.body, &["Change C-1 is refused: propose another"]);
    sent(&mut eva, PROPOSE, RESTART).await;
    sent(&mut eva, "/clients/acme/changes/C-2/call-off", "reason=The+part+is+late.").await;
    holds(&pia.get(CHANGES).await.body, &["called off", "The part is late."]);
}

#[tokio::test]
async fn mp_cli_13_an_approver_is_asked_for_the_backup_and_staff_may_go_on_without() {
    let desk = Desk::managed();
    let (mut eva, mut pia) = (desk.signed_in("eva").await, desk.signed_in("pia").await);
    let upgrade = RESTART.replace("kind=restart", "kind=upgrade&staged=yes");
    sent(&mut eva, PROPOSE, &upgrade).await;
    holds(&pia.get("/").await.body, &["We have a full backup of our own outside the servers", "MP-CLI-13"]);
    sent(&mut pia, &format!("{C1}/approve"), "").await;
    desk.wait("2027-01-20T20:00:00Z".parse::<spans::Instant>().unwrap() - desk.now());
    let mut eva = desk.signed_in("eva").await;
    refused(&mut eva, &format!("{C1}/start"), "", &["has not confirmed its backup", "name=\"confirm\""])
        .await;
    sent(&mut eva, &format!("{C1}/start"), "confirm=yes").await;
    holds(&eva.get(CHANGES).await.body, &["under way"]);
}

#[tokio::test]
async fn mp_cli_11_programs_propose_decide_and_begin_by_the_same_rules() {
    let desk = Desk::managed();
    let (mut eva, mut pia) = (desk.program("eva").await, desk.program("pia").await);
    let list = "/api/v1/clients/acme/proposed-changes";
    let restart = json!({"kind": "restart", "what": "More memory.", "why": "It is slow.",
        "starts_at": "2027-01-15T20:00:00Z", "ends_at": "2027-01-15T22:00:00Z", "instances": ["wiki"]});
    assert_eq!(pia.post(list, restart.clone()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(eva.post(list, restart.clone()).await.status, StatusCode::CREATED);
    desk.wait(Length::HOUR * 12);
    let early = eva.post(&format!("{list}/C-1/start"), json!({})).await;
    assert_eq!(
        (early.status, &early.json["clauses"]),
        (StatusCode::CONFLICT, &json!(["MP-CLI-11"])),
        "{}",
        early.text
    );
    assert!(early.text.contains("who is poc"), "{}", early.text);
    let approved = pia.post(&format!("{list}/C-1/approve"), json!({})).await;
    assert_eq!(approved.status, StatusCode::OK, "{}", approved.text);
    let change = eva.read(list).await["items"][0].clone();
    assert_eq!((&change["state"], &change["decided_by"]), (&json!("approved"), &json!("Pia Poc")));
    let started = eva.post(&format!("{list}/C-1/start"), json!({})).await;
    assert_eq!(started.status, StatusCode::OK, "{}", started.text);
    // The fact bears an instant of its own, a moment after the test's clock.
    desk.wait(Length::from_secs(1));
    assert_eq!(eva.read(list).await["items"][0]["state"], "under way");
}
