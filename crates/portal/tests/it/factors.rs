//! Second factors: set up, asked for, used once, lost, and what staff reach without one.

use axum::http::StatusCode;
use control::live::Shelf;
use door::code::Seed;
use portal::people;
use spans::Length;

use crate::desk::{Answer, Browser, Desk, PASSWORD};

/// What stands between two marks of a page.
fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let (_, rest) = page.split_once(before).unwrap_or_else(|| panic!("`{before}` is not in {page}"));
    rest.split(after).next().unwrap()
}

/// The seed that a page shows to be typed.
fn seed(page: &str) -> Seed {
    let typed = between(page, "<code class=\"token\">", "<").replace(' ', "");
    let bits = typed.bytes().flat_map(|byte| {
        let value = if byte.is_ascii_uppercase() { byte - b'A' } else { byte - b'2' + 26 };
        (0..5).rev().map(move |bit| value >> bit & 1)
    });
    let bits: Vec<u8> = bits.collect();
    Seed::of_bytes(
        &bits.chunks_exact(8).map(|byte| byte.iter().fold(0, |sum, bit| sum << 1 | bit)).collect::<Vec<_>>(),
    )
}

fn recovery_codes(page: &str) -> Vec<String> {
    page.split("<li><code>").skip(1).map(|rest| rest.split('<').next().unwrap().to_owned()).collect()
}

/// Sets a code app up in a browser that is signed in.
pub(crate) async fn set_up(browser: &mut Browser<'_>) -> (Seed, Vec<String>) {
    let begun = browser.post("/account/factors/code", "").await;
    assert_eq!(begun.header("location"), "/account/factors/code");
    let page = browser.get("/account/factors/code").await;
    assert!(page.body.contains("<svg class=\"scanned\""), "{}", page.body);
    let seed = seed(&page.body);
    let code = seed.code(browser.desk.now());
    let confirmed = browser.post("/account/factors/code/confirm", &format!("code={code}")).await;
    assert_eq!(confirmed.status, StatusCode::OK, "{}", confirmed.body);
    browser.desk.wait(Length::from_secs(60));
    (seed, recovery_codes(&confirmed.body))
}

pub(crate) async fn second(browser: &mut Browser<'_>, login: &str, form: &str) -> Answer {
    let first = browser.sign_in(login, PASSWORD).await;
    assert_eq!(first.header("location"), "/sign-in/second", "{}", first.body);
    browser.post("/sign-in/second", form).await
}

#[tokio::test]
async fn staff_reach_nothing_before_they_have_a_second_factor() {
    let desk = Desk::strict(Shelf::default());
    let mut sam = desk.signed_in("sam").await;
    for path in ["/", "/tickets", "/clients/acme", "/live"] {
        assert!(sam.get(path).await.header("location").starts_with("/account/factors"), "{path}");
    }
    let refused = sam.get("/api/v1/clients").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.body.contains(r#""code":"second-factor-first""#), "{}", refused.body);
    assert!(sam.get("/account/factors").await.body.contains("One thing first."));
    let wrong = {
        sam.post("/account/factors/code", "").await;
        sam.post("/account/factors/code/confirm", "code=000000").await
    };
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("That is not its code."));
    let (seed, codes) = set_up(&mut sam).await;
    assert_eq!(codes.len(), 10);
    assert_eq!(sam.get("/").await.status, StatusCode::OK, "this session has shown it");
    assert!(!sam.get("/account/factors/code").await.body.contains("class=\"token\""), "never again");
    let gone = sam.post("/account/factors/code/end", "").await;
    assert_eq!(gone.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(gone.body.contains("your last second factor"));
    let mut other = desk.browser();
    let answer = second(&mut other, "sam", &format!("code={}", seed.code(desk.now()))).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/"));
    assert_eq!(other.get("/").await.status, StatusCode::OK);
    // People of a client may do without.
    assert_eq!(desk.signed_in("bo").await.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_password_alone_opens_nothing_where_there_is_a_second_factor() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let (seed, _) = set_up(&mut bo).await;
    let mut thief = desk.browser();
    assert_eq!(thief.sign_in("bo", PASSWORD).await.header("location"), "/sign-in/second");
    assert!(!thief.cookies.contains_key("__Host-session"));
    assert_eq!(thief.get("/account").await.header("location"), "/sign-in?next=/account");
    let page = thief.get("/sign-in/second").await;
    assert!(page.body.contains("autocomplete=\"one-time-code\""), "{}", page.body);
    assert_eq!(thief.post("/sign-in/second", "code=000000").await.status, StatusCode::FORBIDDEN);
    assert_eq!(thief.post("/sign-in/second", "code=").await.status, StatusCode::FORBIDDEN);
    // A code that was seen over a shoulder works once (ASVS 6.5.1).
    let code = format!("code={}", seed.code(desk.now()));
    let mut own = desk.browser();
    assert_eq!(second(&mut own, "bo", &code).await.status, StatusCode::SEE_OTHER);
    assert_eq!(thief.post("/sign-in/second", &code).await.status, StatusCode::FORBIDDEN);
    // What was begun ends with the sign-in, and by itself.
    let again = own.post("/sign-in/second", &code).await;
    assert_eq!(again.header("location"), "/sign-in");
    desk.wait(Length::from_secs(600));
    assert_eq!(thief.get("/sign-in/second").await.header("location"), "/sign-in");
    // Nobody's second step without a first one.
    assert_eq!(desk.browser().post("/sign-in/second", &code).await.header("location"), "/sign-in");
}

#[tokio::test]
async fn guesses_at_a_code_are_slowed() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    set_up(&mut bo).await;
    let mut thief = desk.browser();
    thief.sign_in("bo", PASSWORD).await;
    let mut slowed = 0;
    for n in 0..14 {
        let answer = thief.post("/sign-in/second", &format!("code=10000{}", n % 10)).await;
        slowed += u32::from(answer.status == StatusCode::TOO_MANY_REQUESTS);
    }
    assert!(slowed >= 4, "{slowed}");
}

#[tokio::test]
async fn a_recovery_code_stands_in_once_and_new_ones_void_the_old() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let (_, codes) = set_up(&mut bo).await;
    let form = |code: &str| format!("recovery={}", code.to_lowercase().replace('-', "+"));
    let mut elsewhere = desk.browser();
    assert_eq!(second(&mut elsewhere, "bo", &form(&codes[0])).await.status, StatusCode::SEE_OTHER);
    assert!(elsewhere.get("/account/factors").await.body.contains("9 left."));
    assert_eq!(second(&mut desk.browser(), "bo", &form(&codes[0])).await.status, StatusCode::FORBIDDEN);
    let page = elsewhere.post("/account/factors/recovery", "").await;
    let new = recovery_codes(&page.body);
    assert_eq!(new.len(), 10);
    assert_eq!(second(&mut desk.browser(), "bo", &form(&codes[1])).await.status, StatusCode::FORBIDDEN);
    assert_eq!(second(&mut desk.browser(), "bo", &form(&new[1])).await.status, StatusCode::SEE_OTHER);
    let events = elsewhere.get("/account/factors").await.body;
    for event in ["recovery code used", "code app added", "second step refused", "signed in"] {
        assert!(events.contains(event), "{event}");
    }
}

#[tokio::test]
async fn a_new_password_is_no_way_around_the_second_factor() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let (seed, _) = set_up(&mut bo).await;
    let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
    let mut browser = desk.browser();
    let form = format!("login=bo&secret={}&password=staple+and+another+word", given.secret);
    assert_eq!(browser.post("/welcome", &form).await.header("location"), "/sign-in/second");
    assert_eq!(browser.get("/account").await.status, StatusCode::SEE_OTHER);
    let answer = browser.post("/sign-in/second", &format!("code={}", seed.code(desk.now()))).await;
    assert_eq!(answer.header("location"), "/");
}

#[tokio::test]
async fn sensitive_acts_ask_again_after_a_quarter_of_an_hour() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let (seed, _) = set_up(&mut bo).await;
    desk.wait(Length::from_secs(15 * 60));
    let back = "/step-up?next=/account";
    assert_eq!(bo.post("/account/tokens", "name=x&days=1").await.header("location"), back);
    let password = format!("old={0}&new=staple+and+another+word", PASSWORD.replace(' ', "+"));
    assert_eq!(bo.post("/account/password", &password).await.header("location"), back);
    for path in ["recovery", "code/end", "passkey/end"] {
        let answer = bo.post(&format!("/account/factors/{path}"), "credential=00").await;
        assert_eq!(answer.header("location"), "/step-up?next=/account/factors", "{path}");
    }
    assert!(bo.get(back).await.body.contains("Is it you?"));
    let proof = |code: &str| format!("password={}&code={code}&next=/account", PASSWORD.replace(' ', "+"));
    assert_eq!(bo.post("/step-up", &proof("000000")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(bo.post("/step-up", "password=wrong&code=&next=/account").await.status, StatusCode::FORBIDDEN);
    let before = bo.cookies["__Host-session"].clone();
    let answer = bo.post("/step-up", &proof(&seed.code(desk.now()))).await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/account"));
    assert_ne!(bo.cookies["__Host-session"], before, "a new token (ASVS 7.2.4)");
    assert_eq!(bo.post("/account/tokens", "name=x&days=1").await.status, StatusCode::OK);
    // With a password alone it is the password that is asked for.
    let mut cy = desk.signed_in("cy").await;
    desk.wait(Length::from_secs(15 * 60));
    assert_eq!(cy.post("/account/tokens", "name=x&days=1").await.header("location"), back);
    let answer = cy.post("/step-up", &format!("password={}&next=//evil", PASSWORD.replace(' ', "+"))).await;
    assert_eq!(answer.header("location"), "/");
    assert_eq!(cy.post("/account/tokens", "name=x&days=1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_lost_everything_gets_factors_taken_away_by_the_command_line() {
    let desk = Desk::strict(Shelf::default());
    let mut sam = desk.signed_in("sam").await;
    set_up(&mut sam).await;
    people::reset_factors(&desk.journal, "sam", desk.now()).unwrap();
    assert_eq!(sam.get("/").await.header("location"), "/sign-in", "sessions have ended");
    let mut browser = desk.signed_in("sam").await;
    let page = browser.get("/account/factors").await.body;
    assert!(page.contains("second factors taken away") && page.contains("by whoever runs the server"));
    assert_eq!(browser.get("/").await.header("location"), "/account/factors");
}

#[tokio::test]
async fn a_token_is_cut_to_reading_to_one_client_and_to_one_role() {
    let desk = Desk::agreed();
    let mut sam = desk.signed_in("sam").await;
    let made = |page: &str| between(page, "<code class=\"token\">", "<").to_owned();
    let page = sam.post("/account/tokens", "name=reads&days=1&scope=read&client=acme&role=support").await;
    let token = made(&page.body);
    let mut program = desk.browser().with("authorization", &format!("Bearer {token}"));
    assert!(program.get("/api/v1/me").await.body.contains(r#""roles":["support"]"#));
    assert_eq!(program.get("/api/v1/clients/acme/requests").await.status, StatusCode::OK);
    let clients = program.get("/api/v1/clients").await.body;
    assert!(clients.contains(r#""client":"acme""#) && !clients.contains("beta"), "{clients}");
    for path in ["/api/v1/clients/beta/requests", "/api/v1/clients/acmebeta/requests"] {
        assert_eq!(program.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let write = program.post("/api/v1/clients/acme/requests", "").await;
    assert_eq!(write.status, StatusCode::FORBIDDEN);
    assert!(!write.admitted);
    let not_theirs = desk.signed_in("bo").await.post("/account/tokens", "name=x&days=1&client=beta").await;
    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_staff_token_made_with_one_factor_reads_nothing_where_two_are_needed() {
    let desk = Desk::strict(Shelf::default());
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sam.post("/account/tokens", "name=x&days=1").await.status, StatusCode::FORBIDDEN);
    let hash = door::Secret::new().unwrap();
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("sam")).unwrap().unwrap();
    let token = journal::people::ApiToken {
        hash: hash.hash(),
        person: person.id,
        name: "old".to_owned(),
        created: desk.now(),
        ends: desk.now() + Length::HOUR,
        used: None,
        writes: true,
        factors: 1,
        client: None,
        roles: None,
        networks: None,
    };
    desk.journal.write::<_, journal::Error>(move |tx| tx.add_token(&token)).unwrap();
    let mut program = desk.browser().with("authorization", &format!("Bearer {}", hash.api_token()));
    assert_eq!(program.get("/api/v1/me").await.status, StatusCode::FORBIDDEN);
}

/// ASVS 7.2.4: what a session may do grew, so its token is another, and what began with less ends.
#[tokio::test]
async fn a_new_factor_begins_a_session_anew_and_ends_the_others() {
    let desk = Desk::new();
    let (mut bo, mut other) = (desk.signed_in("bo").await, desk.signed_in("bo").await);
    let before = bo.cookies["__Host-session"].clone();
    set_up(&mut bo).await;
    assert_ne!(bo.cookies["__Host-session"], before);
    assert_eq!(bo.get("/account").await.status, StatusCode::OK);
    assert_eq!(other.get("/account").await.header("location"), "/sign-in?next=/account");
    let mut thief = desk.browser();
    thief.cookies.insert("__Host-session".to_owned(), before);
    assert_eq!(thief.get("/account").await.header("location"), "/sign-in?next=/account");
}

/// Who took an account over keeps nothing of it: not a token, not a link to another place.
#[tokio::test]
async fn a_new_way_in_and_a_reset_end_tokens_and_links_too() {
    let desk = Desk::new();
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("bo")).unwrap().unwrap();
    let links = |desk: &Desk| desk.journal.read(|tx| tx.identities(&person.id)).unwrap().len();
    for (n, anew) in [true, false].into_iter().enumerate() {
        let ends = desk.now() + Length::from_secs(86_400);
        let token = people::token(&desk.journal, "bo", &format!("t{n}"), desk.now(), ends).unwrap();
        let (id, now) = (person.id.clone(), desk.now());
        desk.journal.write(move |tx| tx.add_identity("https://evil.example", "thief", &id, now)).unwrap();
        let mut program = desk.browser().with("authorization", &format!("Bearer {token}"));
        assert_eq!((program.get("/api/v1/me").await.status, links(&desk)), (StatusCode::OK, 1));
        if anew {
            let given = people::invite(&desk.journal, "bo", desk.now()).unwrap();
            let form = format!("login=bo&secret={}&password={}", given.secret, PASSWORD.replace(' ', "+"));
            let mut browser = desk.browser();
            assert_eq!(browser.post("/welcome", &form).await.status, StatusCode::SEE_OTHER);
            assert!(browser.get("/account/factors").await.body.contains("password set by invitation"));
        } else {
            people::reset_factors(&desk.journal, "bo", desk.now()).unwrap();
        }
        assert_eq!(
            (program.get("/api/v1/me").await.status, links(&desk)),
            (StatusCode::UNAUTHORIZED, 0),
            "{anew}"
        );
    }
}

#[tokio::test]
async fn a_token_writes_only_where_that_was_asked_for() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    for (name, scope) in [("a", "write"), ("b", "read"), ("c", "everything"), ("d", "")] {
        bo.post("/account/tokens", &format!("name={name}&days=1&scope={scope}")).await;
    }
    let (person, _) = desk.journal.read(|tx| tx.person_by_login("bo")).unwrap().unwrap();
    let tokens = desk.journal.read(|tx| tx.tokens(&person.id)).unwrap();
    assert_eq!(tokens.iter().map(|token| token.writes).collect::<Vec<_>>(), [true, false, false, false]);
}
