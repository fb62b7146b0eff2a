//! Signing in by another place that is not ours: Glewlwyd as Debian has it, on loopback, at the date of the desk.
//! What a liar gets is in `elsewhere`.

use axum::http::StatusCode;
use control::live::Shelf;
use door::elsewhere::Elsewhere;
use portal::{people, server::Config};
use spans::Length;
use testkit::glewlwyd::{CLIENT, Glewlwyd, SECRET};

use crate::desk::{Answer, Browser, Desk, HOST};

fn provider() -> Glewlwyd {
    Glewlwyd::start(&Config::way_back(&format!("https://{HOST}")))
}

/// A desk that sends people there and shows this to be who it is.
fn desk(provider: &Glewlwyd, secret: &str) -> Desk {
    let back = Config::way_back(&format!("https://{HOST}"));
    let place =
        Elsewhere::new("Glewlwyd", &provider.issuer(), CLIENT, Some(secret.to_owned()), &back).unwrap();
    Desk::with(&format!("https://{HOST}"), Shelf::default(), |config| {
        config.elsewhere(place).without_second_factor()
    })
}

/// There, and the way back.
async fn went(browser: &mut Browser<'_>, provider: &Glewlwyd, from: &str) -> String {
    let there = browser.get(from).await;
    assert_eq!(there.status, StatusCode::SEE_OTHER, "{}", there.body);
    provider.visited(there.header("location"))
}

/// There, and back.
async fn came_back(browser: &mut Browser<'_>, provider: &Glewlwyd, from: &str) -> Answer {
    let back = went(browser, provider, from).await;
    browser.get(&back).await
}

/// Bo comes back from there for the first time, and is linked by an invitation.
async fn linked<'d>(desk: &'d Desk, provider: &Glewlwyd) -> Browser<'d> {
    let mut browser = desk.browser();
    let answer = came_back(&mut browser, provider, "/elsewhere?next=/account").await;
    assert_eq!(answer.header("location"), "/elsewhere/join", "{}", answer.body);
    let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    let joined = browser.post("/elsewhere/join", &format!("login=bo&secret={}", given.secret)).await;
    assert_eq!((joined.status, joined.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", joined.body);
    browser
}

async fn is_out(browser: &mut Browser<'_>) -> bool {
    browser.get("/account").await.status == StatusCode::SEE_OTHER
}

#[tokio::test]
async fn who_was_invited_is_linked_to_who_they_are_there_and_known_from_then_on() {
    let provider = provider();
    let desk = desk(&provider, SECRET);
    let mut bo = linked(&desk, &provider).await;
    assert!(bo.get("/account").await.body.contains("Name of bo"));
    let subject = provider.subject();
    assert!(!subject.is_empty());
    let identity = desk.journal.read(|tx| tx.identity(&provider.issuer(), &subject)).unwrap().unwrap();
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("bo")).unwrap().unwrap();
    assert_eq!(identity.person, person.id);
    let mut later = desk.browser();
    let answer = came_back(&mut later, &provider, "/elsewhere?next=/account").await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.body);
    assert!(later.get("/account").await.body.contains("Name of bo"));
}

#[tokio::test]
async fn without_our_secret_its_codes_are_worth_nothing() {
    let provider = provider();
    let desk = desk(&provider, "another-secret");
    let mut browser = desk.browser();
    let answer = came_back(&mut browser, &provider, "/elsewhere").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(answer.body.contains("Signing in there did not work."));
    assert_eq!(browser.get("/elsewhere/join").await.header("location"), "/sign-in");
}

#[tokio::test]
async fn a_code_is_for_the_browser_that_went_for_it_once() {
    let provider = provider();
    let desk = desk(&provider, SECRET);
    linked(&desk, &provider).await;
    let (mut owner, mut thief) = (desk.browser(), desk.browser());
    let caught = went(&mut owner, &provider, "/elsewhere").await;
    let own = went(&mut thief, &provider, "/elsewhere").await;
    let code = |back: &str| back.split(['?', '&']).find(|pair| pair.starts_with("code=")).unwrap().to_owned();
    // With the thief's own state: what does not fit is the verifier, which Glewlwyd looks at (RFC 7636).
    let with_theirs = own.replace(&code(&own), &code(&caught));
    assert_ne!(with_theirs, own);
    assert_eq!(thief.get(&with_theirs).await.status, StatusCode::FORBIDDEN);
    assert!(is_out(&mut thief).await);
    assert_eq!(owner.get(&caught).await.header("location"), "/", "the code itself was good, and still is");
    assert!(!is_out(&mut owner).await);
    assert_eq!(owner.get(&caught).await.status, StatusCode::FORBIDDEN, "a code is not taken twice");
}

/// Glewlwyd 2.7.5 takes no `max_age=0`, and in the code flow it says of everybody that they showed who they are in 1970: it looks for
/// the session of who brings the code, which is us. So it is a place to sign in by, and no way to sensitive acts.
#[tokio::test]
async fn a_place_that_cannot_say_when_it_looked_is_no_way_to_sensitive_acts() {
    let provider = provider();
    let desk = desk(&provider, SECRET);
    let mut bo = linked(&desk, &provider).await;
    desk.wait(Length::from_secs(15 * 60));
    let refused = "/step-up?next=/account";
    let again = "/elsewhere?next=/account&again=yes";
    let back = went(&mut bo, &provider, again).await;
    assert!(back.contains("error=invalid_request"), "{back}");
    assert_eq!(bo.get(&back).await.status, StatusCode::FORBIDDEN);
    // Asked in words that it takes, it signs in, and is not believed either.
    for (from, status) in [("/elsewhere", StatusCode::SEE_OTHER), (again, StatusCode::FORBIDDEN)] {
        let there = bo.get(from).await.header("location").replace("&max_age=0&prompt=login", "");
        let back = provider.visited(&format!("{there}&max_age=60&prompt=login"));
        assert_eq!(bo.get(&back).await.status, status, "{from}: {back}");
        assert_eq!(bo.post("/account/tokens", "name=x&days=1").await.header("location"), refused, "{from}");
    }
}
