//! Signing in and out, and what guessers meet.

use axum::http::StatusCode;
use portal::{
    people,
    server::{IDLE_MAX_CLIENT, IDLE_MAX_STAFF, SESSION_MAX},
};
use spans::Length;

use crate::desk::{Answer, Desk, PASSWORD};

/// What a page says, without the request's number and what was typed.
fn said(answer: &Answer) -> String {
    let body: Vec<&str> = answer.body.lines().filter(|line| !line.contains("name=\"login\"")).collect();
    body.join("\n")
}

#[tokio::test]
async fn who_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let desk = Desk::new();
    let mut browser = desk.browser();
    let answer = browser.get("/account?x=1").await;
    assert_eq!(
        (answer.status, answer.header("location")),
        (StatusCode::SEE_OTHER, "/sign-in?next=/account%3Fx%3D1")
    );
    let form = browser.get("/sign-in?next=/account%3Fx%3D1").await;
    assert!(form.body.contains("name=\"next\" value=\"/account?x=1\""), "{}", form.body);
    let password = PASSWORD.replace(' ', "+");
    let answer =
        browser.post("/sign-in", &format!("login=+BO+&password={password}&next=/account%3Fx%3D1")).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/account?x=1"));
    let cookies: Vec<&str> =
        answer.headers.get_all("set-cookie").iter().map(|c| c.to_str().unwrap()).collect();
    for cookie in cookies {
        assert!(
            cookie.starts_with("__Host-") && cookie.contains("; Path=/; Secure; HttpOnly; SameSite="),
            "{cookie}"
        );
        assert!(!cookie.contains("Domain"));
    }
    assert!(browser.get("/account").await.body.contains("Name of bo"));
    let answer = browser.post("/sign-in", &format!("login=bo&password={password}&next=//evil.example")).await;
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_a_disabled_person_are_answered_alike() {
    let desk = Desk::new();
    desk.disable("dora");
    let wrong = desk.browser().sign_in("bo", "wrong password").await;
    let unknown = desk.browser().sign_in("nobody", PASSWORD).await;
    let disabled = desk.browser().sign_in("dora", PASSWORD).await;
    for answer in [&wrong, &unknown, &disabled] {
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(said(answer), said(&wrong));
        assert!(!answer.body.contains("wrong password") && !answer.body.contains(PASSWORD));
        assert!(answer.headers.get("set-cookie").is_none());
    }
}

/// Each answer hashes once: whether the name exists cannot be told from the time. Compared loosely, since machines are busy.
#[tokio::test]
async fn an_unknown_name_takes_as_long() {
    let desk = Desk::new();
    desk.browser().sign_in("nobody", PASSWORD).await;
    let mut best = [std::time::Duration::MAX; 2];
    for _ in 0..3 {
        for (login, best) in ["bo", "nobody"].into_iter().zip(&mut best) {
            let began = tokio::time::Instant::now();
            desk.browser().sign_in(login, "wrong password").await;
            *best = began.elapsed().min(*best);
        }
    }
    let [known, unknown] = best;
    assert!(unknown * 3 > known && known * 3 > unknown, "known {known:?}, unknown {unknown:?}");
}

#[tokio::test]
async fn signing_in_gives_a_new_token_and_ends_the_old_session() {
    let desk = Desk::new();
    let mut browser = desk.signed_in("bo").await;
    let before = browser.cookies["__Host-session"].clone();
    browser.sign_in("bo", PASSWORD).await;
    assert_ne!(browser.cookies["__Host-session"], before);
    browser.cookies.insert("__Host-session".to_owned(), before);
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_ends_the_session_in_the_server() {
    let desk = Desk::new();
    let mut browser = desk.signed_in("bo").await;
    let token = browser.cookies["__Host-session"].clone();
    let answer = browser.post("/sign-out", "").await;
    assert_eq!(answer.header("location"), "/sign-in?done=signed-out");
    assert!(browser.get("/sign-in?done=signed-out").await.body.contains("You are signed out."));
    assert!(!browser.cookies.contains_key("__Host-session"));
    browser.cookies.insert("__Host-session".to_owned(), token);
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_ends_without_use_and_after_a_day() {
    let desk = Desk::new();
    for (login, idle) in [("sam", IDLE_MAX_STAFF), ("bo", IDLE_MAX_CLIENT)] {
        let mut used = desk.signed_in(login).await;
        let mut idle_one = desk.signed_in(login).await;
        let mut rest = SESSION_MAX;
        while rest > Length::MINUTE {
            let step =
                Length::from_micros((idle - Length::MINUTE).as_micros().min(rest.as_micros() - 60_000_000));
            desk.wait(step);
            rest -= step;
            assert_eq!(used.get("/account").await.status, StatusCode::OK, "{login}, {rest:?} left");
        }
        assert_eq!(idle_one.get("/account").await.status, StatusCode::SEE_OTHER);
        desk.wait(Length::MINUTE);
        assert_eq!(used.get("/account").await.status, StatusCode::SEE_OTHER, "a day is over");
    }
}

#[tokio::test]
async fn a_disabled_person_is_out_at_once() {
    let desk = Desk::new();
    let mut dora = desk.signed_in("dora").await;
    assert_eq!(dora.get("/account").await.status, StatusCode::OK);
    desk.disable("dora");
    assert_eq!(dora.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn guesses_are_slowed_and_do_not_shut_the_person_out() {
    let desk = Desk::new();
    let mut at_home = desk.signed_in("bo").await;
    at_home.post("/sign-out", "").await;
    let mut guesser = desk.browser();
    let mut refused = 0;
    for _ in 0..15 {
        let answer = guesser.sign_in("bo", "wrong password").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused += 1;
            assert!(answer.header("retry-after").parse::<u64>().unwrap() >= 1);
            assert!(answer.body.contains("Too many requests"));
        }
    }
    assert!(refused >= 4, "{refused}");
    assert_eq!(at_home.sign_in("bo", PASSWORD).await.status, StatusCode::SEE_OTHER);
    desk.wait(Length::from_secs(70));
    assert_eq!(guesser.sign_in("bo", PASSWORD).await.status, StatusCode::SEE_OTHER, "slowed, not locked");
}

#[tokio::test]
async fn a_one_time_secret_sets_a_password_once() {
    let desk = Desk::new();
    let void = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    let given = people::invite(&desk.journal, "Bo", desk.now()).unwrap();
    let mut old = desk.signed_in("bo").await;
    let mut browser = desk.browser();
    let form = |login: &str, secret: &str, password: &str| {
        format!("login={login}&secret={secret}&password={}", password.replace(' ', "+"))
    };
    let good = "staple and another word";
    let wrong = browser.post("/welcome", &form("bo", &void.secret, good)).await;
    assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    let nobody = browser.post("/welcome", &form("nobody", &given.secret, good)).await;
    assert_eq!((nobody.status, said(&nobody)), (StatusCode::FORBIDDEN, said(&wrong)));
    let weak = browser.post("/welcome", &form("bo", &given.secret, "short")).await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.body.contains("Use 12 characters or more."));
    let typed = given.secret.to_lowercase().replace('-', "+");
    let answer = browser.post("/welcome", &form("bo", &typed, good)).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    assert_eq!(old.get("/account").await.status, StatusCode::SEE_OTHER, "sessions before it ended");
    let again = desk.browser().post("/welcome", &form("bo", &given.secret, good)).await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.browser().sign_in("bo", PASSWORD).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.browser().sign_in("bo", good).await.status, StatusCode::SEE_OTHER);
    let late = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    desk.wait(people::INVITATION_MAX);
    let ended = desk.browser().post("/welcome", &form("bo", &late.secret, good)).await;
    assert_eq!(ended.status, StatusCode::FORBIDDEN);
}

#[test]
fn who_cannot_be_added_is_told_why() {
    let desk = Desk::new();
    let new = |login: &str, name: &str| people::NewPerson {
        login: login.to_owned(),
        name: name.to_owned(),
        client: None,
        roles: Vec::new(),
        skills: Vec::new(),
    };
    let say = |login: &str, name: &str| {
        people::add(&desk.journal, &new(login, name), desk.now()).unwrap_err().to_string()
    };
    assert_eq!(say("BO", "Bo"), "the login `bo` is taken");
    assert!(say("b o", "Bo").starts_with("`b o` is no login"));
    assert!(say("new", " ").starts_with("a person needs a name"));
    assert_eq!(
        people::invite(&desk.journal, "who", desk.now()).unwrap_err().to_string(),
        "nobody has the login `who`"
    );
}

/// ASVS 6.3.1: whoever guesses has no more tries because the portal was started anew.
#[tokio::test]
async fn guesses_are_counted_over_a_restart() {
    let mut desk = Desk::new();
    for _ in 0..10 {
        let wrong = desk.browser().sign_in("bo", "wrong password").await;
        assert_eq!(wrong.status, StatusCode::FORBIDDEN);
    }
    desk.restart();
    let over = desk.browser().sign_in("bo", PASSWORD).await;
    assert_eq!(over.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(desk.browser().sign_in("cy", PASSWORD).await.status, StatusCode::SEE_OTHER, "another login");
    desk.wait(Length::MINUTE);
    assert_eq!(desk.browser().sign_in("bo", PASSWORD).await.status, StatusCode::SEE_OTHER);
}
