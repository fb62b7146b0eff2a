//! Signing in by another place, against a real provider on loopback: there and back, and what a liar gets.

use axum::http::StatusCode;
use control::live::Shelf;
use door::elsewhere::Elsewhere;
use portal::{people, server::Config};
use spans::Length;
use testkit::openid::{CLIENT, Lie, Provider, SECRET};

use crate::{
    desk::{Answer, Browser, Desk, HOST, PASSWORD},
    factors::set_up,
};

fn desk() -> (Desk, Provider) {
    let provider = Provider::start(1_800_000_000, "subject-1");
    let back = Config::way_back(&format!("https://{HOST}"));
    let place =
        Elsewhere::new("Example ID", &provider.issuer(), CLIENT, Some(SECRET.to_owned()), &back).unwrap();
    (
        Desk::with(&format!("https://{HOST}"), Shelf::default(), |config| {
            config.elsewhere(place).without_second_factor()
        }),
        provider,
    )
}

/// There, and back.
async fn came_back(browser: &mut Browser<'_>, provider: &Provider, from: &str) -> Answer {
    let there = browser.get(from).await;
    assert_eq!(there.status, StatusCode::SEE_OTHER, "{}", there.body);
    let back = provider.visited(there.header("location"));
    browser.get(&back).await
}

#[tokio::test]
async fn who_was_invited_is_linked_by_the_invitation_and_known_from_then_on() {
    let (desk, provider) = desk();
    let mut browser = desk.browser();
    assert!(browser.get("/sign-in").await.body.contains("Sign in with Example ID"));
    let answer = came_back(&mut browser, &provider, "/elsewhere?next=/account").await;
    assert_eq!(answer.header("location"), "/elsewhere/join", "not known, though mail and login are alike");
    assert!(browser.get("/elsewhere/join").await.body.contains("Example ID knows you"));
    let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    let join = |login: &str, secret: &str| format!("login={login}&secret={secret}");
    let wrong = browser.post("/elsewhere/join", &join("cy", &given.secret)).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let right = browser.post("/elsewhere/join", &join("bo", &given.secret)).await;
    assert_eq!((right.status, right.header("location")), (StatusCode::SEE_OTHER, "/"), "{}", right.body);
    assert!(browser.get("/account").await.body.contains("Name of bo"));
    assert_eq!(
        browser.post("/elsewhere/join", &join("bo", &given.secret)).await.header("location"),
        "/sign-in"
    );
    for lie in [Lie::Nothing, Lie::NothingByCurve] {
        provider.lies(lie);
        let mut later = desk.browser();
        let answer = came_back(&mut later, &provider, "/elsewhere?next=/account").await;
        assert_eq!(answer.header("location"), "/account", "{lie:?}: {}", answer.body);
        assert!(later.get("/account").await.body.contains("Name of bo"));
    }
    desk.disable("bo");
    let mut later = desk.browser();
    let out = came_back(&mut later, &provider, "/elsewhere").await;
    assert_eq!(out.header("location"), "/elsewhere/join", "a disabled person is nobody");
}

#[tokio::test]
async fn a_link_is_made_and_unmade_under_ones_own_account() {
    let (desk, provider) = desk();
    let mut bo = desk.signed_in("bo").await;
    let link = "/elsewhere?link=yes&next=/account/factors";
    let linked = came_back(&mut bo, &provider, link).await;
    assert_eq!(linked.header("location"), "/account/factors?done=linked", "{}", linked.body);
    assert!(bo.get("/account/factors").await.body.contains("subject-1"));
    let mut cy = desk.signed_in("cy").await;
    let taken = came_back(&mut cy, &provider, link).await;
    assert_eq!(taken.status, StatusCode::UNPROCESSABLE_ENTITY, "one subject is one person");
    let form =
        format!("issuer={}&subject=subject-1", provider.issuer().replace(':', "%3A").replace('/', "%2F"));
    assert_eq!(cy.post("/account/factors/elsewhere/end", &form).await.status, StatusCode::NOT_FOUND);
    let ended = bo.post("/account/factors/elsewhere/end", &form).await;
    assert_eq!(ended.header("location"), "/account/factors?done=factor-removed");
    // Whoever is sent back into another person's browser links nothing.
    let there = bo.get(link).await;
    let back = provider.visited(there.header("location"));
    bo.sign_in("cy", PASSWORD).await;
    assert_eq!(bo.get(&back).await.status, StatusCode::FORBIDDEN);
    // A link is a sensitive act.
    desk.wait(Length::from_secs(15 * 60));
    assert_eq!(cy.get(link).await.header("location"), "/step-up?next=/account/factors");
}

#[tokio::test]
async fn liars_sign_nobody_in() {
    let (desk, provider) = desk();
    let mut bo = desk.signed_in("bo").await;
    came_back(&mut bo, &provider, "/elsewhere?link=yes").await;
    for lie in [
        Lie::Nonce,
        Lie::Audience,
        Lie::Issuer,
        Lie::Ended,
        Lie::Key,
        Lie::Unsigned,
        Lie::Shared,
        Lie::Confused,
    ] {
        provider.lies(lie);
        let mut browser = desk.browser();
        let answer = came_back(&mut browser, &provider, "/elsewhere").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{lie:?}");
        assert!(answer.body.contains("Signing in there did not work."), "{lie:?}");
        assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER, "{lie:?}");
        desk.wait(Length::from_secs(60));
        provider.sets_clock(desk.now().as_micros() / 1_000_000);
    }
}

#[tokio::test]
async fn what_comes_back_is_for_what_went_out_once() {
    let (desk, provider) = desk();
    let mut bo = desk.signed_in("bo").await;
    came_back(&mut bo, &provider, "/elsewhere?link=yes").await;
    let mut browser = desk.browser();
    let there = browser.get("/elsewhere").await;
    let back = provider.visited(there.header("location"));
    // Into a browser from which nobody went: a thief's code signs nobody in as the thief.
    assert_eq!(desk.browser().get(&back).await.status, StatusCode::FORBIDDEN);
    assert_eq!(browser.get(&back).await.header("location"), "/");
    assert_eq!(browser.get(&back).await.status, StatusCode::FORBIDDEN, "a code is not taken twice");
    for (what, with) in
        [("state=", "state=0"), ("&iss=", "&iss=https%3A%2F%2Fevil.example&was="), ("code=", "code=0")]
    {
        let mut browser = desk.browser();
        let there = browser.get("/elsewhere").await;
        let back = provider.visited(there.header("location")).replace(what, with);
        assert_eq!(browser.get(&back).await.status, StatusCode::FORBIDDEN, "{what}");
    }
    let mut browser = desk.browser();
    browser.get("/elsewhere").await;
    assert_eq!(browser.get("/elsewhere/back?error=access_denied").await.status, StatusCode::FORBIDDEN);
}

/// A code that was caught on its way is bound to the browser that went for it, before anything else is looked at (RFC 7636).
#[tokio::test]
async fn a_code_that_was_caught_is_worth_nothing_in_another_browser() {
    let (desk, provider) = desk();
    let mut bo = desk.signed_in("bo").await;
    came_back(&mut bo, &provider, "/elsewhere?link=yes").await;
    let (mut owner, mut thief) = (desk.browser(), desk.browser());
    let caught = provider.visited(owner.get("/elsewhere").await.header("location"));
    let own = provider.visited(thief.get("/elsewhere").await.header("location"));
    let code = |back: &str| back.split(['?', '&']).find(|pair| pair.starts_with("code=")).unwrap().to_owned();
    let with_theirs = own.replace(&code(&own), &code(&caught));
    assert_ne!(with_theirs, own);
    assert_eq!(provider.unproved(), 0);
    assert_eq!(thief.get(&with_theirs).await.status, StatusCode::FORBIDDEN);
    assert_eq!(provider.unproved(), 1, "it is the verifier that does not fit");
    assert_eq!(thief.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn without_another_place_there_is_no_way_to_one() {
    let desk = Desk::new();
    assert_eq!(desk.browser().get("/elsewhere").await.status, StatusCode::NOT_FOUND);
    assert!(!desk.browser().get("/sign-in").await.body.contains("/elsewhere"));
    let back = Config::way_back(&format!("https://{HOST}"));
    let gone = Elsewhere::new("Gone ID", "http://127.0.0.1:9", CLIENT, None, &back).unwrap();
    let desk = Desk::with(&format!("https://{HOST}"), Shelf::default(), |config| config.elsewhere(gone));
    let silent = desk.browser().get("/elsewhere").await;
    assert_eq!(silent.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(silent.body.contains("does not answer"));
}

/// A one-time secret that somebody else holds is no way around a second factor, and links nobody before it was shown.
#[tokio::test]
async fn an_invitation_links_nobody_before_the_second_factor_was_shown() {
    let (desk, provider) = desk();
    let mut bo = desk.signed_in("bo").await;
    let (seed, _) = set_up(&mut bo).await;
    let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    let linked = || desk.journal.read(|tx| tx.identity(&provider.issuer(), "subject-1")).unwrap().is_some();
    let mut browser = desk.browser();
    came_back(&mut browser, &provider, "/elsewhere").await;
    let joined = browser.post("/elsewhere/join", &format!("login=bo&secret={}", given.secret)).await;
    assert_eq!(joined.header("location"), "/sign-in/second", "{}", joined.body);
    assert!(!linked());
    assert_eq!(browser.post("/sign-in/second", "code=000000").await.status, StatusCode::FORBIDDEN);
    assert!(!linked());
    let right = browser.post("/sign-in/second", &format!("code={}", seed.code(desk.now()))).await;
    assert_eq!(right.header("location"), "/", "{}", right.body);
    assert!(linked());
}

/// To be signed in at the other place is not to have shown there just now who one is.
#[tokio::test]
async fn to_show_again_who_one_is_the_other_place_looks_again() {
    let (desk, provider) = desk();
    let mut bo = desk.browser();
    came_back(&mut bo, &provider, "/elsewhere").await;
    let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    bo.post("/elsewhere/join", &format!("login=bo&secret={}", given.secret)).await;
    desk.wait(Length::from_secs(15 * 60));
    provider.sets_clock(desk.now().as_micros() / 1_000_000);
    let sensitive = "/account/tokens";
    let refused = "/step-up?next=/account";
    assert_eq!(bo.post(sensitive, "name=x&days=1").await.header("location"), refused);
    let page = bo.get(refused).await.body;
    let again = "/elsewhere?next=/account&again=yes";
    assert!(page.replace("&#38;", "&").replace("&amp;", "&").contains(again), "{page}");
    // Signed in there anyway: in here again, and no more.
    assert_eq!(
        came_back(&mut bo, &provider, "/elsewhere?next=/account").await.header("location"),
        "/account"
    );
    assert_eq!(bo.post(sensitive, "name=x&days=1").await.header("location"), refused);
    for lie in [Lie::Silent, Lie::Timeless] {
        provider.lies(lie);
        assert_eq!(came_back(&mut bo, &provider, again).await.status, StatusCode::FORBIDDEN, "{lie:?}");
    }
    provider.lies(Lie::Nothing);
    provider.is("subject-2");
    assert_eq!(came_back(&mut bo, &provider, again).await.status, StatusCode::FORBIDDEN, "somebody else");
    assert_eq!(bo.post(sensitive, "name=x&days=1").await.header("location"), refused);
    provider.is("subject-1");
    assert_eq!(came_back(&mut bo, &provider, again).await.header("location"), "/account");
    assert_eq!(bo.post(sensitive, "name=x&days=1").await.status, StatusCode::OK);
}
