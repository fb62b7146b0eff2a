//! Messages of people who are no contacts: held without a clock, told to the contacts, made a request by one of them or put aside.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use serde_json::json;
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::fill,
};

const HOLD: &str = "/clients/acme/tickets/hold";
const HELD: &str = "/clients/acme/tickets/held";
const NEW: &str = "/clients/acme/tickets/new?held=H-1";
const API: &str = "/api/v1/clients/acme/held-messages";
const MAIL: &str =
    "from=Ann+Example+%3Cann%40example.org%3E&channel=email&at=2027-01-15T08:00&text=All+is+gone";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

/// At nine, a mail of eight.
async fn holding() -> Desk {
    let desk = Desk::agreed();
    desk.wait(Length::HOUR);
    hold(&desk, MAIL).await;
    desk
}

async fn hold(desk: &Desk, form: &str) {
    let mut sam = desk.signed_in("sam").await;
    let done = fill(&mut sam, HOLD, HOLD, form).await;
    assert_eq!(done.header("location"), format!("{HELD}?done=recorded"), "{}", done.body);
    desk.wait(Length::from_secs(1));
    desk.control.relay(desk.now()).unwrap();
}

async fn refused(browser: &mut Browser<'_>, (page, to): (&str, &str), form: &str, why: &str) {
    let answer = fill(browser, page, to, form).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    holds(&answer.body, &[why]);
}

/// SH-DEF-11: mail from somebody unknown is held; no clock runs, and the contacts are told.
#[tokio::test]
async fn sh_def_11_a_message_of_somebody_unknown_is_held_and_the_contacts_are_told() {
    let desk = holding().await;
    let mut bo = desk.signed_in("bo").await;
    holds(&bo.get("/inbox").await.body, &["A message came in by email from somebody who is no contact"]);
    holds(&bo.get("/").await.body, &["a message of somebody who is no contact</a>"]);
    let page = bo.get(HELD).await.body;
    holds(&page, &["H-1 from Ann Example &#60;ann@example.org&#62;", "All is gone", "08:00", "SH-DEF-11"]);
    assert!(!page.contains("mailto:"), "what to answer is for the provider's people: {page}");
    let tickets = bo.get("/clients/acme/tickets").await.body;
    holds(&tickets, &["1 message is held", "No ticket yet"]);
    let sam = desk.signed_in("sam").await.get("/").await.body;
    assert!(!sam.contains("First response"), "{sam}");
}

/// SH-REQ-05: whoever is no contact is told politely whom to ask.
#[tokio::test]
async fn sh_req_05_whoever_is_no_contact_is_pointed_to_those_who_are() {
    let desk = holding().await;
    let mut sam = desk.signed_in("sam").await;
    holds(
        &sam.get(HELD).await.body,
        &["href=\"mailto:ann%40example.org?", "Please ask your own support there", "SH-REQ-05"],
    );
    holds(&sam.get("/clients/acme/tickets/record").await.body, &["/tickets/hold\">Hold the message</a>"]);
}

/// SH-DEF-11: a contact makes a request of it, whose clocks run from then on and not from when the message came in.
#[tokio::test]
async fn sh_def_11_a_contact_makes_a_request_of_it() {
    let desk = holding().await;
    let mut bo = desk.signed_in("bo").await;
    holds(&bo.get(NEW).await.body, &["made of message H-1", "wrote:\n\nAll is gone", "SH-DEF-11"]);
    let form = "held=H-1&title=Gone&instance=wiki&choice=P1&text=All+is+gone&tried=Waiting";
    let sent = fill(&mut bo, NEW, "/clients/acme/tickets/new", form).await;
    assert_eq!(sent.header("location"), "/clients/acme/tickets/T-1?done=recorded", "{}", sent.body);
    // Four hours from nine.
    holds(&bo.get("/clients/acme/tickets/T-1").await.body, &["2027-01-15T13:00:02Z"]);
    holds(&bo.get(HELD).await.body, &["Nothing is held"]);
    let again = bo.get(NEW).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    holds(&again.body, &["held no longer"]);
    let twice = ("/clients/acme/tickets/new", "/clients/acme/tickets/new");
    refused(&mut bo, twice, form, "It was decided already").await;
    assert!(!bo.get("/clients/acme/tickets").await.body.contains("T-2"), "all of it or nothing");
}

#[tokio::test]
async fn a_held_message_is_put_aside_with_a_reason_by_either_side_once() {
    let desk = holding().await;
    hold(&desk, "from=%2B31+20+000+0000&channel=phone&text=Who+are+you%3F").await;
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let aside = |n: u8| format!("{HELD}/H-{n}/aside");
    refused(&mut bo, (HELD, &aside(1)), "reason=+", "the reason is empty").await;
    for (browser, n) in [(&mut bo, 1), (&mut sam, 2)] {
        let done = fill(browser, HELD, &aside(n), "reason=Spam").await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    }
    let page = sam.get(HELD).await.body;
    holds(&page, &["Nothing is held"]);
    let mut program = desk.program("sam").await;
    let again = program.post(&format!("{API}/H-1/aside"), json!({"reason": "Again."})).await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.text);
    let unknown = program.post(&format!("{API}/H-9/aside"), json!({"reason": "Nobody's."})).await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND, "{}", unknown.text);
}

#[tokio::test]
async fn what_is_held_says_from_whom_which_way_and_what() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    for (form, why) in [
        ("from=+&channel=email&text=Hello", "the from is empty"),
        ("from=Ann&channel=email&text=+", "the text is empty"),
        ("from=Ann&channel=fax&text=Hello", "`fax` is no way in under this agreement"),
        ("from=Ann&channel=email&at=noon&text=Hello", "`noon` is no time"),
        ("from=Ann&channel=email&at=2028-01-01T00:00&text=Hello", "lies in the future"),
    ] {
        refused(&mut sam, (HOLD, HOLD), form, why).await;
    }
    let bo = desk.signed_in("bo").await.get(HOLD).await;
    assert_eq!(bo.status, StatusCode::NOT_FOUND, "contacts hold nothing");
}

/// Where the file does not say that such messages are held, none is.
#[tokio::test]
async fn an_agreement_that_holds_nothing_says_so() {
    let desk = Desk::managed();
    let mut eva = desk.signed_in("eva").await;
    holds(&eva.get(HOLD).await.body, &["This agreement holds no messages", "channels.unknown_sender"]);
    let mut program = desk.program("eva").await;
    let told = program.post(API, json!({"from": "Ann", "channel": "portal", "text": "Hello"})).await;
    assert_eq!(told.status, StatusCode::CONFLICT, "{}", told.text);
    holds(&told.text, &["does not say that messages of people who are no contacts are held"]);
}

/// Programs hold messages, list them, make a request of one and put one aside: what was done, by the names of the operations.
pub(crate) async fn done() -> BTreeSet<String> {
    let desk = Desk::agreed();
    let (mut sam, mut bo) = (desk.program("sam").await, desk.program("bo").await);
    for text in ["All is gone", "Is anybody there?"] {
        let new =
            json!({"from": "Ann", "channel": "email", "text": text, "received_at": "2027-01-15T07:00:00Z"});
        let told = sam.post(API, new).await;
        assert_eq!(told.status, StatusCode::CREATED, "{}", told.text);
        desk.wait(Length::from_secs(1));
    }
    let held = bo.read(API).await;
    assert_eq!(held["items"][0]["message"], "H-1");
    assert_eq!(held["items"][1]["text"], "Is anybody there?");
    assert_eq!(held["items"][0]["received_at"], "2027-01-15T07:00:00Z");
    let new = json!({"title": "Gone", "text": "All is gone", "priority": "P2", "held": "H-1"});
    let asked = bo.post("/api/v1/clients/acme/requests", new).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    holds(&asked.text, &["\"message.settled\""]);
    let aside = bo.post(&format!("{API}/H-2/aside"), json!({"reason": "Spam."})).await;
    assert_eq!(aside.status, StatusCode::OK, "{}", aside.text);
    assert_eq!(bo.read(API).await["items"].as_array().unwrap().len(), 0);
    [sam.done, bo.done].into_iter().flatten().collect()
}
