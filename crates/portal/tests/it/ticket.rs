//! Tickets: what is said, what the agreement refuses, and who does not see it.

use axum::http::StatusCode;
use facts::Outcome;
use spans::Length;

use crate::desk::{Answer, Browser, Desk};

/// The name that the page's form got from the server.
pub(crate) fn key(page: &str) -> String {
    let rest = page.split("name=\"key\" value=\"").nth(1).unwrap_or_else(|| panic!("no form: {page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Opens the page, fills one of its forms and sends it; a second passes, as it does for people.
pub(crate) async fn fill(browser: &mut Browser<'_>, page: &str, to: &str, form: &str) -> Answer {
    let key = key(&browser.get(page).await.body);
    let answer = browser.post(to, &format!("key={key}&{form}")).await;
    browser.desk.wait(Length::from_secs(1));
    answer
}

const T1: &str = "/clients/acme/tickets/T-1";
const HOSTILE: &str = "%3Cscript%3Ealert%281%29%3C%2Fscript%3E+%22%26";

fn desk() -> Desk {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    desk
}

#[tokio::test]
async fn a_contact_asks_sees_by_when_and_sends_it_once() {
    let desk = desk();
    let mut bo = desk.signed_in("bo").await;
    let form = bo.get("/clients/acme/tickets/new").await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    // Friday 08:01, premium: four hours of operation for P1, a day of 24 for P3, which ends on Sunday evening.
    for part in [
        "critical impact, service unusable in production",
        "SH-DEF-17",
        "2027-01-15T12:01:00Z",
        "2027-01-15T16:01:00Z",
        "value=\"P3\" checked",
    ] {
        assert!(form.body.contains(part), "{part}: {}", form.body);
    }
    let key = key(&form.body);
    let sent =
        format!("key={key}&title=Search+is+down&instance=wiki&choice=P1&text={HOSTILE}&tried=A+restart");
    let first = bo.post("/clients/acme/tickets/new", &sent).await;
    assert_eq!(first.header("location"), "/clients/acme/tickets/T-2?done=recorded", "{}", first.body);
    let again = bo.post("/clients/acme/tickets/new", &sent).await;
    assert_eq!(again.header("location"), first.header("location"), "pressed twice it is one ticket");
    let page = bo.get("/clients/acme/tickets/T-2").await.body;
    assert!(page.contains("Search is down") && page.contains("First response"), "{page}");
    assert!(!page.contains("<script>alert") && page.contains("&#60;script&#62;alert(1)"), "{page}");
    assert!(!bo.get("/clients/acme/tickets").await.body.contains("T-3"));
}

#[tokio::test]
async fn what_the_agreement_refuses_stands_beside_the_form_with_what_was_typed() {
    let desk = desk();
    let mut bo = desk.signed_in("bo").await;
    let form = "title=Gone&choice=P1&text=All+is+gone";
    let refused = fill(&mut bo, "/clients/acme/tickets/new", "/clients/acme/tickets/new", form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for part in
        ["P1 is for a production instance", "SH-", "All is gone", "value=\"Gone\"", "name=\"confirm\""]
    {
        assert!(refused.body.contains(part), "{part}: {}", refused.body);
    }
    let sent = format!("key={}&{form}&confirm=yes", key(&refused.body));
    let sent = bo.post("/clients/acme/tickets/new", &sent).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);

    let mut sam = desk.signed_in("sam").await;
    let untold = fill(&mut sam, T1, &format!("{T1}/reprioritise"), "priority=P3&message=").await;
    assert_eq!(untold.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        untold.body.contains("Write the sentence that tells the client of the change"),
        "{}",
        untold.body
    );
    assert!(untold.body.contains("SH-CHAR-05"), "{}", untold.body);
    // By the policy a manager may; the agreement wants somebody of support.
    desk.add_named("max", "Max", None, &["manager"]);
    let mut max = desk.signed_in("max").await;
    let theirs = fill(&mut max, T1, &format!("{T1}/reply"), "text=I+look").await;
    assert!(
        theirs.body.contains("may not do this") && theirs.body.contains("I look</textarea>"),
        "{}",
        theirs.body
    );
    let untrained = desk.signed_in("ann").await.post(&format!("{T1}/reply"), "text=I+look").await;
    assert_eq!(untrained.status, StatusCode::FORBIDDEN);
    assert!(untrained.body.contains("To answer on a ticket is for"), "{}", untrained.body);
    let made_up = sam.post(&format!("{T1}/reply"), "key=made-up&text=x").await;
    assert!(made_up.body.contains("The form is not one of ours."), "{}", made_up.body);
}

#[tokio::test]
async fn a_reply_stops_the_clock_and_a_note_is_for_staff_only() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let noted = fill(&mut sam, T1, &format!("{T1}/note"), "text=Their+disk+is+full").await;
    assert_eq!(noted.header("location"), format!("{T1}?done=recorded"), "{}", noted.body);
    let before = sam.get(T1).await.body;
    assert!(before.contains("Their disk is full") && before.contains("running"), "{before}");
    fill(&mut sam, T1, &format!("{T1}/reply"), "text=We+look+at+it").await;
    let after = sam.get(T1).await.body;
    assert!(after.contains("<span class=\"badge kept\">met</span>"), "{after}");
    let mut bo = desk.signed_in("bo").await;
    let theirs = bo.get(T1).await.body;
    assert!(theirs.contains("We look at it"), "{theirs}");
    assert!(
        !theirs.contains("disk") && !theirs.contains("internal") && !theirs.contains("noted"),
        "{theirs}"
    );
    assert_eq!(bo.post(&format!("{T1}/note"), "text=x").await.status, StatusCode::NOT_FOUND);
    assert!(theirs.len() < 60_000, "{}", theirs.len());
}

#[tokio::test]
async fn a_question_is_the_clients_turn_until_it_answers() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    fill(&mut sam, T1, &format!("{T1}/ask"), "text=Which+page%3F").await;
    let mut bo = desk.signed_in("bo").await;
    let waits = bo.get("/").await.body;
    assert!(waits.contains("Your answer is awaited on <a href=\"/clients/acme/tickets/T-1\">"), "{waits}");
    fill(&mut bo, T1, &format!("{T1}/reply"), "text=All+of+them").await;
    assert!(bo.get("/").await.body.contains("Nothing waits for you."));
    assert!(sam.get(T1).await.body.contains("All of them"));
    assert!(sam.get("/tickets").await.body.contains("the provider&#39;s turn"));
}

#[tokio::test]
async fn a_ticket_is_classified_resolved_and_opened_again() {
    let desk = desk();
    let mut sam = desk.signed_in("sam").await;
    let changed =
        fill(&mut sam, T1, &format!("{T1}/reprioritise"), "priority=P3&message=Half+of+it+works").await;
    assert_eq!(changed.status, StatusCode::SEE_OTHER, "{}", changed.body);
    fill(&mut sam, T1, &format!("{T1}/classify"), "class=standard").await;
    fill(&mut sam, T1, &format!("{T1}/resolve"), "summary=The+index+was+rebuilt").await;
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get(T1).await.body;
    for part in
        ["Half of it works", "priority P3", "class standard", "The index was rebuilt", "Open it again"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    fill(&mut bo, T1, &format!("{T1}/reopen"), "").await;
    assert!(bo.get(T1).await.body.contains("opened it again"));
    // SH-ACK-04: put on the wish list in the same act.
    desk.request("acme", "T-9", "A darker theme", "P4");
    let wish = "/clients/acme/tickets/T-9";
    let done = fill(&mut sam, wish, &format!("{wish}/classify"), "class=feature").await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(bo.get(wish).await.body.contains("put it on the wish list"));
}

#[tokio::test]
async fn what_is_another_clients_is_not_there() {
    let desk = desk();
    let mut cy = desk.signed_in("cy").await;
    for path in ["/tickets", "/clients/acme/tickets", T1, "/clients/acme/tickets/new"] {
        assert_eq!(cy.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for verb in ["reply", "note", "ask", "classify", "reprioritise", "resolve", "reopen", "update"] {
        let answer = cy.post(&format!("{T1}/{verb}"), "text=x").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{verb}");
    }
    assert_eq!(cy.get("/clients/beta/tickets/T-1").await.status, StatusCode::NOT_FOUND);
    let mut sam = desk.signed_in("sam").await;
    let key = key(&sam.get(T1).await.body);
    let nobody = sam.post("/clients/acme/tickets/T-7/reply", &format!("key={key}&text=x")).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND, "nothing is recorded about a ticket that is not there");
}

#[tokio::test]
async fn an_incident_shows_its_instance_and_what_the_ledger_suggests() {
    let desk = Desk::agreed();
    desk.looks("acme", "wiki", Length::from_minutes(10), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(17), Outcome::Down);
    let mut sam = desk.signed_in("sam").await;
    let list = sam.get("/tickets").await.body;
    let link = list.split("href=\"/clients/acme/tickets/i-wiki").nth(1).unwrap().split('"').next().unwrap();
    let page = sam.get(&format!("/clients/acme/tickets/i-wiki{link}")).await.body;
    for part in [
        "suggest priority <b>P1</b> (critical impact, service unusable in production) and class <b>unusable</b>.",
        "<option value=\"P1\" selected>",
        "SH-DEF-13",
        "SH-DEF-17",
        "the last 24 hours: up",
        "automatic",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
