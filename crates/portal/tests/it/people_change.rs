//! What people are called and what they may do is changed on their page, by whoever looks after the list, and it stays known who did.

use axum::http::StatusCode;
use facts::Event;
use journal::people::{Membership, Person};
use serde_json::json;
use spans::Length;

use crate::{
    agreed::client,
    desk::{Answer, Browser, Desk},
};

const PEOPLE: &str = "/clients/acme/people";

fn person(desk: &Desk, login: &str) -> Person {
    desk.journal.read(|tx| tx.person_by_login(login)).unwrap().unwrap().0
}

fn page(desk: &Desk, login: &str) -> String {
    let person = person(desk, login);
    let list = person.standing.client().map_or("/people".to_owned(), |of| format!("/clients/{of}/people"));
    format!("{list}/{}", person.id)
}

async fn sets(browser: &mut Browser<'_>, page: &str, form: &str) -> Answer {
    browser.post(&format!("{page}/roles"), form).await
}

#[track_caller]
fn refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.body);
    assert!(answer.body.contains(why), "{why}: {}", answer.body);
}

#[tokio::test]
async fn staff_get_other_roles_and_skills_by_an_administrator_and_the_last_stays_one() {
    let desk = Desk::agreed();
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let (mut ann, eng) = (desk.signed_in("ann").await, page(&desk, "eng"));
    assert!(ann.get("/people").await.body.contains(&format!("href=\"{eng}\"")));
    let done = sets(&mut ann, &eng, "role=engineer&role=manager&skills=atlassian-dc,+rust").await;
    assert_eq!(
        (done.status, done.header("location")),
        (StatusCode::SEE_OTHER, format!("{eng}?done=recorded").as_str())
    );
    let now = person(&desk, "eng");
    assert_eq!(
        (now.roles, now.skills),
        (
            vec!["engineer".to_owned(), "manager".to_owned()],
            vec!["atlassian-dc".to_owned(), "rust".to_owned()]
        )
    );
    let history = ann.get(&eng).await.body;
    for part in
        ["roles changed", "engineer → engineer, manager; skills none → atlassian-dc, rust", "Name of ann"]
    {
        assert!(history.contains(part), "{part}: {history}");
    }
    assert!(ann.get("/settings/audit").await.body.contains("engineer → engineer, manager"));
    refused(&sets(&mut ann, &eng, "role=emperor").await, "`emperor` is no role of ours");
    refused(
        &sets(&mut ann, &page(&desk, "ann"), "role=engineer").await,
        "is the last administrator who may come in",
    );
    // A manager keeps the list, and makes nobody an administrator nor touches one.
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sets(&mut sam, &eng, "role=administrator").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sets(&mut sam, &page(&desk, "ann"), "role=engineer").await.status, StatusCode::FORBIDDEN);
    assert_eq!(sets(&mut sam, &eng, "role=engineer").await.status, StatusCode::SEE_OTHER);
    let mut eng_ = desk.signed_in("eng").await;
    for path in [eng.as_str(), page(&desk, "sam").as_str()] {
        assert_eq!(eng_.get(path).await.status, StatusCode::FORBIDDEN, "{path}");
    }
    desk.wait(Length::from_secs(15 * 60));
    let again = sets(&mut ann, &eng, "role=manager").await;
    assert_eq!(again.header("location"), format!("/step-up?next={eng}"), "it is asked again who it is");
    assert_eq!(person(&desk, "eng").roles, ["engineer"]);
}

#[tokio::test]
async fn mp_cli_04_the_last_who_may_ask_for_support_keeps_a_role_that_may() {
    let desk = Desk::agreed();
    desk.disable("dora");
    let (mut bo, own) = (desk.signed_in("bo").await, page(&desk, "bo"));
    let last = sets(&mut bo, &own, "role=approver").await;
    refused(&last, "is the last who may ask for support");
    assert!(last.body.contains("SH-DEF-12"), "{}", last.body);
    refused(&sets(&mut bo, &own, "role=emperor").await, "of those that the agreement names");
    refused(&sets(&mut bo, &own, "other=").await, "choose one role at least");
    desk.add_named("eva", "Eva", Some("acme"), &["contact"]);
    assert_eq!(sets(&mut bo, &own, "role=approver").await.status, StatusCode::SEE_OTHER);
    assert_eq!(person(&desk, "bo").roles, ["approver"]);
    assert_eq!(
        bo.get(&own).await.status,
        StatusCode::FORBIDDEN,
        "who looks after the list no longer is one who does"
    );
    let mut eva = desk.signed_in("eva").await;
    let history = eva.get(&own).await.body;
    assert!(
        history.contains("contact, administrator → approver") && history.contains("Name of bo"),
        "{history}"
    );
    let cy = page(&desk, "cy").replace("/clients/beta", "/clients/acme");
    assert_eq!(eva.get(&cy).await.status, StatusCode::NOT_FOUND, "another client's person is not there");
    assert_eq!(sets(&mut eva, &cy, "role=approver").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sh_req_06_who_becomes_a_contact_later_takes_the_notice_or_the_provider() {
    let desk = Desk::agreed();
    desk.add_named("fay", "Fay", Some("acme"), &["approver"]);
    let (mut bo, fay) = (desk.signed_in("bo").await, page(&desk, "fay"));
    let asked = sets(&mut bo, &fay, "role=approver&role=contact").await;
    refused(&asked, "A new contact counts after the agreement&#39;s notice");
    assert!(asked.body.contains("SH-REQ-06"), "{}", asked.body);
    assert_eq!(person(&desk, "fay").roles, ["approver"]);
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sets(&mut sam, &fay, "role=approver&role=contact").await.status, StatusCode::SEE_OTHER);
    desk.wait(Length::from_secs(1));
    let now = person(&desk, "fay");
    assert_eq!((now.membership(desk.now()), now.roles.len()), (Membership::Effective, 2));
    let told = desk.journal.tail(&client("acme"), 0, 1_000).unwrap();
    for event in [Event::ContactChangeRequested, Event::ContactChangeApplied] {
        assert!(told.iter().any(|entry| entry.fact.event() == event), "{event:?} is on record");
    }
}

#[tokio::test]
async fn everybody_says_what_they_are_called_and_others_what_theirs_are() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let mut bo = desk.signed_in("bo").await;
    bo.post("/clients/acme/tickets/T-1/reply", "text=x").await;
    refused(&bo.post("/account/name", "called=+").await, "a person needs a name");
    let done = bo.post("/account/name", "called=Bo+%3Cb%3E").await;
    assert_eq!(done.header("location"), "/account?done=recorded", "{}", done.body);
    assert!(bo.get("/account").await.body.contains("<dd>Bo &#60;b&#62;</dd>"));
    let (mut sam, own) = (desk.signed_in("sam").await, page(&desk, "bo"));
    assert!(sam.get(&own).await.body.contains("Name of bo → Bo &#60;b&#62;"));
    let named = sam.post(&format!("{own}/name"), "name=Bob").await;
    assert_eq!(named.status, StatusCode::SEE_OTHER, "{}", named.body);
    assert!(bo.get(PEOPLE).await.body.contains("Bob"));
    let mut cy = desk.signed_in("cy").await;
    assert_eq!(cy.post(&format!("{own}/name"), "name=Evil").await.status, StatusCode::NOT_FOUND);
    assert_eq!(person(&desk, "bo").name, "Bob");
}

#[tokio::test]
async fn programs_change_people_by_the_same_rules() {
    let desk = Desk::agreed();
    desk.disable("dora");
    desk.add_named("eng", "Name of eng", None, &["engineer"]);
    let (mut ann, mut bo, mut eng) =
        (desk.program("ann").await, desk.program("bo").await, desk.program("eng").await);
    let at = |login: &str| format!("/api/v1{}", page(&desk, login));
    let staff = ann.read("/api/v1/people").await;
    let logins: Vec<&str> =
        staff["items"].as_array().unwrap().iter().map(|one| one["login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["ann", "eng", "sam"]);
    assert_eq!(
        bo.get("/api/v1/people").await.status,
        StatusCode::NOT_FOUND,
        "the provider's list is not a client's"
    );
    let last = ann.post(&format!("{}/roles", at("ann")), json!({"roles": ["engineer"]})).await;
    assert_eq!((last.status, last.code()), (StatusCode::CONFLICT, "refused"), "{}", last.text);
    assert_eq!(
        eng.post(&format!("{}/roles", at("eng")), json!({"roles": ["manager"]})).await.status,
        StatusCode::FORBIDDEN
    );
    let told =
        ann.post(&format!("{}/roles", at("eng")), json!({"roles": ["manager"], "skills": ["rust"]})).await;
    assert_eq!(
        (&told.json["roles"], &told.json["skills"]),
        (&json!(["manager"]), &json!(["rust"])),
        "{}",
        told.text
    );
    let kept = bo.post(&format!("{}/roles", at("bo")), json!({"roles": ["approver"]})).await;
    assert_eq!((kept.status, kept.code()), (StatusCode::CONFLICT, "refused"), "{}", kept.text);
    assert!(kept.text.contains("SH-DEF-12"), "{}", kept.text);
    assert_eq!(bo.post("/api/v1/me/name", json!({"name": " "})).await.code(), "invalid-field");
    assert_eq!(
        bo.post("/api/v1/me/name", json!({"name": "Bo the second"})).await.json["name"],
        "Bo the second"
    );
    assert_eq!(bo.read("/api/v1/me").await["name"], "Bo the second");
}
