//! Vantage points elsewhere, over HTTP: join, assignment, report, and what is refused.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use control::live::{Looked, Watched};
use desk::policy::Action;
use facts::{Observation, Outcome, VantageId};
use portal::server::routes;
use spans::Length;
use uuid::Uuid;
use wire::{
    ASSIGNMENT_PATH, AT_HEADER, Assignment, ClockNote, ERRANDS_PATH, Errands, JOIN_BYTES_MAX, JOIN_PATH,
    Join, Joined, Key, REPORTS_PATH, Receipt, Report, SEALED_BYTES_MAX,
};

use crate::desk::{Answer, Desk, HOST};

fn ams() -> VantageId {
    "ams-1".parse().unwrap()
}

async fn send(desk: &Desk, method: Method, path: &str, card: &str, body: impl Into<Body>) -> Answer {
    let request = Request::builder().method(method).uri(path).header(header::HOST, HOST);
    let request = request.header(header::AUTHORIZATION, card).body(body.into()).unwrap();
    let answer = desk.send(request).await;
    assert_eq!(answer.header(AT_HEADER), desk.now().as_micros().to_string(), "{path}");
    answer
}

fn report(sequence: u64, desk: &Desk) -> Report {
    Report {
        vantage: ams(),
        boot: Uuid::from_u128(1),
        sequence,
        at: desk.now(),
        mono_ns: 1,
        clock: ClockNote { offset_us: Some(-7), ..ClockNote::default() },
        reach: None,
        skipped: 0,
        gaps: Vec::new(),
        looks: Vec::new(),
    }
}

#[tokio::test]
async fn a_vantage_point_joins_is_told_what_to_ask_and_reports() {
    let desk = Desk::new();
    let invited = control::invite(&desk.journal, &ams(), None, [9; 20], desk.now()).unwrap();
    let key = Key::from_seed([7; 32]);
    let join = serde_json::to_vec(&Join::with(invited.token, &key)).unwrap();
    let answer = send(&desk, Method::POST, JOIN_PATH, "", join.clone()).await;
    let joined: Joined = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(joined.vantage, ams());
    assert_eq!(send(&desk, Method::POST, JOIN_PATH, "", join).await.status, StatusCode::OK, "once more");

    let card = key.card(&ams(), ASSIGNMENT_PATH, desk.now()).header();
    let answer = send(&desk, Method::GET, ASSIGNMENT_PATH, &card, "").await;
    assert_eq!(Assignment::read(answer.body.as_bytes()).unwrap().revision, 1);
    let sealed = key.seal(&report(1, &desk)).encode();
    let answer = send(&desk, Method::POST, REPORTS_PATH, "", sealed).await;
    let receipt: Receipt = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((receipt.boot, receipt.sequence, receipt.revision), (Uuid::from_u128(1), 1, 1));
    let metrics = desk.signed_in("ann").await.get("/metrics").await.body;
    for line in [
        "uphold_vantage_look_committed_seconds_bucket{le=\"5\"} 0",
        "uphold_instances_differing 0",
        "silent_seconds{vantage=\"ams-1\"} 0",
        "offset_microseconds{vantage=\"ams-1\"} -7",
    ] {
        assert!(metrics.contains(line), "{line}\n{metrics}");
    }
}

/// Another place sees the wiki fail that this one has just seen answer: it is sent to look.
#[tokio::test]
async fn a_vantage_point_is_told_what_to_look_at_out_of_turn() {
    let desk = Desk::agreed();
    let key = Key::from_seed([7; 32]);
    let invited = control::invite(&desk.journal, &ams(), None, [9; 20], desk.now()).unwrap();
    let join = serde_json::to_vec(&Join::with(invited.token, &key)).unwrap();
    assert_eq!(send(&desk, Method::POST, JOIN_PATH, "", join).await.status, StatusCode::OK);
    let sees = |vantage: &str, outcome: Outcome| {
        desk.wait(Length::from_secs(1));
        let look = Looked {
            client: "acme".parse().unwrap(),
            instance: "wiki".parse().unwrap(),
            check: "http".parse().unwrap(),
            observation: Observation::new(desk.now(), outcome),
            certificate_ends: None,
            detail: None,
        };
        let (vantage, batch) = (vantage.parse().unwrap(), desk.now().to_string());
        let watched = Watched { vantage, batch, looks: vec![look], signed: None };
        desk.control.watch(&watched, desk.now()).unwrap();
    };
    assert!(desk.control.errands(&ams(), desk.now()).errands.is_empty());
    sees("ams-1", Outcome::Up);
    sees("elsewhere", Outcome::Down);
    let card = |path| key.card(&ams(), path, desk.now()).header();
    let wrong = send(&desk, Method::GET, ERRANDS_PATH, &card(ASSIGNMENT_PATH), "").await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED, "{}", wrong.body);
    let answer = send(&desk, Method::GET, ERRANDS_PATH, &card(ERRANDS_PATH), "").await;
    let errands = Errands::read(answer.body.as_bytes()).unwrap().errands;
    assert_eq!(errands.iter().map(|errand| errand.instance.as_str()).collect::<Vec<_>>(), ["wiki"]);
}

/// Rule 9: control's clock may be the wrong one, so what does not fit it is to be kept and sent again.
#[tokio::test]
async fn a_report_that_does_not_fit_our_clock_is_wanted_again() {
    let desk = Desk::new();
    let key = Key::from_seed([7; 32]);
    let invited = control::invite(&desk.journal, &ams(), None, [9; 20], desk.now()).unwrap();
    let joined = serde_json::to_vec(&Join::with(invited.token, &key)).unwrap();
    assert_eq!(send(&desk, Method::POST, JOIN_PATH, "", joined).await.status, StatusCode::OK);
    let at = desk.now() + Length::from_secs(31);
    let sealed = key.seal(&Report { at, ..report(1, &desk) }).encode();
    let early = send(&desk, Method::POST, REPORTS_PATH, "", sealed.clone()).await;
    assert_eq!(early.status, StatusCode::SERVICE_UNAVAILABLE, "{}", early.body);
    assert_eq!(early.header("retry-after"), "30");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&early.body).unwrap()["code"], "untimely");
    desk.wait(Length::from_secs(2));
    assert_eq!(send(&desk, Method::POST, REPORTS_PATH, "", sealed).await.status, StatusCode::OK);
}

#[tokio::test]
async fn everybody_else_is_refused_and_told_no_more_than_that() {
    let desk = Desk::new();
    let key = Key::from_seed([7; 32]);
    let post = |path: &'static str, body: Vec<u8>| send(&desk, Method::POST, path, "", body);
    let unknown = serde_json::to_vec(&Join::with(wire::Token::of([1; 20]), &key)).unwrap();
    let refused = post(JOIN_PATH, unknown).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.header("content-type").starts_with("application/problem+json"), "{}", refused.body);
    assert_eq!(post(JOIN_PATH, b"{}".to_vec()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(post(JOIN_PATH, vec![b' '; JOIN_BYTES_MAX + 1]).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let unsigned = key.seal(&report(1, &desk)).encode();
    assert_eq!(post(REPORTS_PATH, unsigned).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(post(REPORTS_PATH, b"what".to_vec()).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let long = vec![b'x'; SEALED_BYTES_MAX + 1];
    assert_eq!(post(REPORTS_PATH, long).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let strange = key.card(&ams(), ASSIGNMENT_PATH, desk.now()).header();
    for card in ["", "Bearer x", &strange] {
        let answer = send(&desk, Method::GET, ASSIGNMENT_PATH, card, "").await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (StatusCode::UNAUTHORIZED, "Uphold-Probe")
        );
    }
    let tries = 40;
    let mut last = StatusCode::OK;
    for _ in 0..tries {
        last = post(JOIN_PATH, b"{}".to_vec()).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(send(&desk, Method::GET, "/probe/v1/nowhere", "", "").await.status, StatusCode::NOT_FOUND);
}

/// By GET, HEAD and POST; what nobody has is answered like what nobody has any more, and too many calls are too many.
#[tokio::test]
async fn a_service_calls_at_its_own_address_and_nobody_elses() {
    let desk = Desk::new();
    desk.wait(spans::Length::from_secs(1));
    let job = facts::CheckDefined {
        instance: "wiki".parse().unwrap(),
        check: "job".parse().unwrap(),
        every_s: 60,
        method: None,
        url: None,
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: Some(30),
        again: None,
        objectives: Vec::new(),
    };
    desk.store("acme", facts::Actor::automaton("test"), job);
    desk.control.follow(desk.now()).unwrap();
    let of = journal::heartbeat::Beating {
        client: "acme".parse().unwrap(),
        instance: "wiki".parse().unwrap(),
        check: "job".parse().unwrap(),
    };
    let secret = control::heartbeat_secret(&desk.journal, &of, [5; 20], desk.now()).unwrap();
    let mut browser = desk.browser();
    for (method, path) in [
        (Method::GET, format!("/beat/{secret}")),
        (Method::HEAD, format!("/beat/{secret}")),
        (Method::POST, format!("/beat/{secret}/fail")),
    ] {
        assert_eq!(browser.request(method, &path, "").await.status, StatusCode::NO_CONTENT, "{path}");
        desk.wait(spans::Length::from_secs(1));
    }
    assert_eq!(browser.get("/beat/none").await.status, StatusCode::NOT_FOUND);
    let seen = desk.journal.facts(&"acme".parse().unwrap(), None).unwrap();
    let beats = seen.iter().filter(|fact| fact.event() == facts::Event::CheckObserved).count();
    assert_eq!(beats, 3);
    let mut last = StatusCode::OK;
    for _ in 0..20 {
        last = browser.get(&format!("/beat/{secret}")).await.status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

/// A session opens nothing here: the guard lets everybody through, and the handlers let nobody through without a signature.
#[tokio::test]
async fn people_are_refused_by_every_route_of_machines() {
    let desk = Desk::new();
    for login in ["sam", "ann", "bo", "cy"] {
        let mut browser = desk.signed_in(login).await;
        for route in routes().into_iter().filter(|route| route.action == Action::Report) {
            let path = route.path.replace("{secret}", "none");
            let answer = browser.request(route.method.clone(), &path, "").await;
            assert!(answer.status.is_client_error(), "{login} at {}: {}", route.path, answer.status);
        }
        desk.wait(spans::Length::MINUTE);
    }
}
