//! What somebody was told, on the page and for programs.

use axum::http::{Method, StatusCode};
use serde_json::json;
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::fill,
};

const T1: &str = "/clients/acme/tickets/T-1";

/// A request of low urgency under the managed platform's guide; nobody takes mail.
async fn managed() -> Desk {
    let desk = Desk::managed();
    let mut pia = desk.signed_in("pia").await;
    let (new, form) = ("/clients/acme/tickets/new", "title=Wiki+is+slow&choice=outage%2Flow&text=It+crawls");
    let sent = fill(&mut pia, new, new, form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    drop(pia);
    desk
}

/// Sam is on call.
async fn hosted() -> Desk {
    let desk = Desk::agreed();
    let mut ann = desk.signed_in("ann").await;
    let set = crate::on_call::layer(&mut ann, "sam", "2027-01-11T09:00").await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    drop(ann);
    desk
}

/// Somebody asks, and whoever is to be told is told.
async fn asks(desk: &Desk, who: &str) {
    let mut browser = desk.signed_in(who).await;
    let new = "/clients/acme/tickets/new";
    let sent =
        fill(&mut browser, new, new, "title=Search+finds+nothing&choice=P2&text=Help&tried=Waiting").await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    desk.wait(Length::from_secs(1));
    desk.control.relay(desk.now()).unwrap();
}

async fn done(desk: &Desk, browser: &mut Browser<'_>, verb: &str, form: &str) {
    let answer = fill(browser, T1, &format!("{T1}/{verb}"), form).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{verb}: {}", answer.body);
    desk.wait(Length::from_secs(1));
    desk.control.relay(desk.now()).unwrap();
}

fn until(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"until\" value=\"").unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn mp_upd_03_each_change_of_a_low_request_is_told_in_the_portal_without_any_mail() {
    let desk = managed().await;
    let (mut pia, mut eva) = (desk.signed_in("pia").await, desk.signed_in("eva").await);
    let page = pia.get("/inbox").await.body;
    assert!(page.contains("Nothing yet") && page.contains("aria-label=\"Inbox\""), "{page}");
    done(&desk, &mut eva, "take", "").await;
    done(&desk, &mut eva, "reply", "text=We+look.+The+secret+word+is+hush").await;
    done(&desk, &mut eva, "resolve", "summary=It+was+done").await;
    done(&desk, &mut eva, "note", "text=Hush").await;
    let page = pia.get("/inbox").await.body;
    for told in ["Eva Engel answered.", "Eva Engel resolved it.", "T-1 Wiki is slow", T1, "because you asked"]
    {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.to_lowercase().contains("hush"), "what was written stays where it was written");
    assert!(page.contains("Inbox: 2 unread") && page.matches("class=\"unread\"").count() == 2, "{page}");
    assert!(pia.get("/").await.body.contains("Inbox: 2 unread"), "it stands on every page");
    let read = pia.post("/inbox/read", &format!("until={}", until(&page))).await;
    assert_eq!((read.status, read.header("location")), (StatusCode::SEE_OTHER, "/inbox"));
    let page = pia.get("/inbox").await.body;
    assert!(page.contains("Eva Engel resolved it.") && !page.contains("class=\"unread\""), "{page}");
    done(&desk, &mut pia, "reopen", "text=It+crawls+again").await;
    let page = eva.get("/inbox").await.body;
    assert!(page.contains("Pia Poc opened it again."), "{page}");
    assert!(!pia.get("/inbox").await.body.contains("opened it again"), "one knows what one did");
}

#[tokio::test]
async fn an_inbox_is_its_persons_alone_and_shows_what_they_may_still_read() {
    let desk = hosted().await;
    asks(&desk, "bo").await;
    let mut sam = desk.signed_in("sam").await;
    assert!(sam.get("/inbox").await.body.contains("Search finds nothing"));
    for other in ["cy", "dora"] {
        let page = desk.signed_in(other).await.get("/inbox").await.body;
        assert!(!page.contains("Search finds nothing"), "{other}: {page}");
    }
    assert_eq!(desk.browser().get("/inbox").await.status, StatusCode::SEE_OTHER, "to sign in");
    // A token that is cut to one client reads of no other, and notes nothing for its person.
    let form = "name=export&days=9&scope=write&client=beta&role=&networks=";
    let page = sam.post("/account/tokens", form).await.body;
    let (_, token) = page.split_once("<code class=\"token\">").unwrap_or_else(|| panic!("{page}"));
    let bearer = format!("Bearer {}", token.split('<').next().unwrap());
    let mut program = desk.browser().with("authorization", &bearer);
    assert_eq!(program.get("/api/v1/me/inbox").await.body, "{\"items\":[],\"next\":null}");
    let read = format!("{{\"until\":\"{}\"}}", desk.now());
    let marked = program.json(Method::POST, "/api/v1/me/inbox/read", &read).await;
    assert_eq!(marked.status, StatusCode::NOT_FOUND);
    assert_eq!(sam.get("/inbox").await.body.matches("class=\"unread\"").count(), 1);
    let broken = sam.post("/inbox/read", "until=yesterday").await;
    assert_eq!(broken.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", broken.body);
    assert!(broken.body.contains("open the inbox again"), "{}", broken.body);
}

#[tokio::test]
async fn a_program_reads_what_its_person_was_told_page_by_page() {
    let desk = hosted().await;
    for _ in 1..=3 {
        asks(&desk, "bo").await;
    }
    let mut sam = desk.program("sam").await;
    let first = sam.read("/api/v1/me/inbox?limit=2").await;
    assert_eq!(first["items"][0]["title"], "T-3 Search finds nothing", "{first}");
    assert_eq!(first["items"][0]["path"], "/clients/acme/tickets/T-3");
    assert!(first["items"][0]["due"].is_string() && first["items"][0]["read_at"].is_null(), "{first}");
    let second = sam.read(first["next"].as_str().unwrap()).await;
    assert_eq!(second["items"][0]["title"], "T-1 Search finds nothing", "{second}");
    let marked = sam.post("/api/v1/me/inbox/read", json!({"until": first["items"][1]["told_at"]})).await;
    assert_eq!((marked.status, &marked.json["read"]), (StatusCode::OK, &json!(2)), "{}", marked.text);
    let after = sam.read("/api/v1/me/inbox").await;
    let read: Vec<bool> =
        after["items"].as_array().unwrap().iter().map(|item| item["read_at"].is_string()).collect();
    assert_eq!(read, [false, true, true], "{after}");
    let wrong = sam.post("/api/v1/me/inbox/read", json!({"until": "now"})).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text);
    assert!(wrong.text.contains("told_at"), "{}", wrong.text);
}

/// Whose word it was is in no inbox once they are erased.
#[tokio::test]
async fn who_is_erased_is_named_in_nobodys_inbox() {
    let desk = hosted().await;
    let dora = desk.journal.read(|tx| tx.person_by_login("dora")).unwrap().unwrap().0;
    asks(&desk, "dora").await;
    let mut sam = desk.signed_in("sam").await;
    assert!(sam.get("/inbox").await.body.contains("Name of dora sent a request: P2."));
    let at = desk.now();
    desk.journal.write(move |tx| tx.erase_person(&dora.id, at)).unwrap();
    assert!(!sam.get("/inbox").await.body.contains("Name of dora"));
}
