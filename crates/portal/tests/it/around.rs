//! What surrounds every page: headers, cross-site writes, other hosts, limits, errors, health.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use portal::server::{BODY_BYTES_MAX, Vitals, asset_path};

use crate::desk::Desk;

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    for path in ["/", "/sign-in", "/account", "/nowhere", "/api/v1/me", "/healthz", asset_path("portal.css")]
    {
        let answer = bo.get(path).await;
        let policy = answer.header("content-security-policy");
        for part in [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        assert!(answer.header("strict-transport-security").starts_with("max-age=63072000"), "{path}");
        assert_eq!(answer.header("x-request-id").len(), 16, "{path}");
        let kept =
            if path.starts_with("/assets/") { "public, max-age=31536000, immutable" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), kept, "{path}");
    }
    let local = Desk::at("http://127.0.0.1:7430");
    assert_eq!(local.browser().get("/healthz").await.header("strict-transport-security"), "");
}

#[tokio::test]
async fn an_error_keeps_the_bar_of_who_is_signed_in() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    for path in ["/nowhere", "/clients/beta", "/clients/acme/tickets/T-9", "/instances"] {
        let page = bo.get(path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
        for part in ["There is no such page", "href=\"/clients/acme/instances\"", "Name of bo", "Sign out"] {
            assert!(page.body.contains(part), "{path}: {part} in {}", page.body);
        }
        assert!(!page.body.contains("beta"), "{path}: {}", page.body);
    }
    let nobody = desk.browser().get("/nowhere").await;
    assert!(nobody.status == StatusCode::NOT_FOUND && !nobody.body.contains("Sign out"), "{}", nobody.body);
    assert_eq!(desk.browser().post("/nowhere", "a=b").await.status, StatusCode::NOT_FOUND);
}

/// Nothing inline anywhere, which the policy would refuse.
#[tokio::test]
async fn no_page_holds_anything_inline() {
    let desk = Desk::new();
    let mut ann = desk.signed_in("ann").await;
    for path in ["/", "/clients/acme", "/account", "/nowhere"] {
        let body = ann.get(path).await.body;
        let attributes =
            body.split('<').flat_map(|tag| tag.split(['>', ' ']).filter_map(|part| part.split_once('=')));
        for (name, _) in attributes {
            assert!(name != "style" && !name.starts_with("on"), "{path}: {name}");
        }
        assert!(!body.contains("<style") && !body.contains("javascript:"), "{path}");
        assert_eq!(body.matches("<script").count(), body.matches("<script src=").count());
    }
}

#[tokio::test]
async fn a_write_from_another_site_is_refused() {
    let desk = Desk::new();
    for (name, value, passes) in [
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "same-origin", true),
        ("origin", "https://evil.example", false),
        ("origin", "null", false),
        ("origin", "https://portal.example", true),
    ] {
        let mut bo = desk.signed_in("bo").await;
        desk.wait(spans::Length::MINUTE);
        let cookies = bo.cookies.clone();
        bo = desk.browser().with(name, value);
        bo.cookies = cookies;
        let answer = bo.post("/sign-out", "").await;
        assert_eq!(answer.status == StatusCode::SEE_OTHER, passes, "{name}: {value}");
        if !passes {
            assert!(answer.body.contains("Sent from another site"));
            assert_eq!(bo.get("/account").await.status, StatusCode::OK, "still signed in");
        }
    }
}

#[tokio::test]
async fn another_name_made_to_point_here_is_not_served() {
    let desk = Desk::new();
    let ask = |path: &str, host: &str| Request::get(path).header("host", host).body(Body::empty()).unwrap();
    assert_eq!(desk.send(ask("/sign-in", "rebound.example")).await.status, StatusCode::MISDIRECTED_REQUEST);
    assert_eq!(
        desk.send(Request::get("/sign-in").body(Body::empty()).unwrap()).await.status,
        StatusCode::MISDIRECTED_REQUEST
    );
    assert_eq!(desk.send(ask("/healthz", "10.0.0.7")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn what_is_too_large_or_unreadable_is_refused() {
    let desk = Desk::new();
    let large =
        desk.browser().post("/sign-in", &format!("login={}&password=x", "x".repeat(BODY_BYTES_MAX))).await;
    assert_eq!(large.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(large.body.contains("Too large"));
    let strange = desk.browser().post("/sign-in", "something=else").await;
    assert_eq!(strange.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(strange.body.contains("<h1>"), "{}", strange.body);
}

#[tokio::test]
async fn errors_of_the_api_are_problems_with_a_code() {
    let desk = Desk::new();
    let answer = desk.browser().get("/api/v1/me").await;
    assert_eq!(answer.header("content-type"), "application/problem+json");
    let number = answer.header("x-request-id").to_owned();
    let expected = format!(
        r#"{{"type":"urn:uphold:problem:sign-in-first","title":"Sign in first","status":401,"detail":"This needs somebody who is signed in, or an API token.","code":"sign-in-first","request":"{number}"}}"#
    );
    assert_eq!(answer.body, expected);
}

#[tokio::test]
async fn everything_is_limited_by_address() {
    let desk = Desk::new();
    let mut refused = None;
    for _ in 0..500 {
        let answer = desk.browser().get("/healthz").await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            refused = Some(answer);
            break;
        }
    }
    assert_eq!(refused.unwrap().header("retry-after"), "1");
}

#[tokio::test]
async fn ready_means_that_the_store_takes_a_row() {
    let desk = Desk::new();
    assert_eq!(desk.browser().get("/healthz").await.body, "alive\n");
    assert_eq!(desk.browser().get("/readyz").await.body, "ready\n");
}

/// A part that does not work, until it does.
struct Part(AtomicBool);

impl Vitals for Part {
    fn troubles(&self, _now: spans::Instant) -> Vec<String> {
        let works = self.0.load(Ordering::Relaxed);
        if works { Vec::new() } else { vec!["the timer stands still".to_owned()] }
    }

    fn metrics(&self) -> String {
        "uphold_part 1\n".to_owned()
    }
}

#[tokio::test]
async fn ready_means_that_what_works_beside_the_portal_does_too() {
    let desk = Desk::new();
    let part = Arc::new(Part(AtomicBool::new(false)));
    desk.app.rely_on(part.clone());
    let answer = desk.browser().get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body, "the timer stands still\n");
    part.0.store(true, Ordering::Relaxed);
    assert_eq!(desk.browser().get("/readyz").await.body, "ready\n");
    assert!(desk.signed_in("ann").await.get("/metrics").await.body.contains("uphold_part 1\n"));
}

#[tokio::test]
async fn metrics_are_for_programs_of_administrators() {
    let desk = Desk::new();
    let ends = desk.now() + spans::Length::HOUR;
    for (login, status) in
        [("ann", StatusCode::OK), ("sam", StatusCode::FORBIDDEN), ("bo", StatusCode::NOT_FOUND)]
    {
        let token = portal::people::token(&desk.journal, login, "scraper", desk.now(), ends).unwrap();
        let mut scraper = desk.browser().with("authorization", &format!("Bearer {token}"));
        assert_eq!(scraper.get("/metrics").await.status, status, "{login}");
        assert_eq!(scraper.get("/account").await.status, StatusCode::SEE_OTHER, "a token is for programs");
    }
}

#[tokio::test]
async fn a_task_that_waits_in_the_outbox_shows_its_age() {
    let desk = Desk::new();
    let due = desk.now();
    let age = || async { desk.signed_in("ann").await.get("/metrics").await.body };
    assert!(age().await.contains("uphold_outbox_oldest_seconds 0\n"));
    let task = journal::Task {
        client: "acme".parse().unwrap(),
        id: "t".to_owned(),
        kind: "unheard-of".to_owned(),
        body: String::new(),
        due,
    };
    desk.journal.write(move |tx| tx.enqueue(journal::Queue::Outbox, &task)).unwrap();
    desk.wait(spans::Length::MINUTE);
    assert!(age().await.contains("uphold_outbox_oldest_seconds 60\n"));
}

#[tokio::test]
async fn metrics_are_for_administrators() {
    let desk = Desk::new();
    desk.browser().get("/healthz").await;
    let text = desk.signed_in("ann").await.get("/metrics").await.body;
    assert!(text.contains(r#"_count{method="GET",route="/healthz",status="200"} 1"#), "{text}");
    assert!(!text.contains("uphold_journal"), "nobody has looked through the journal yet");
    let noon = || "2026-06-10T12:00:00Z".parse().unwrap();
    desk.control.plan_jobs(noon()).unwrap();
    desk.control.work(&noon).unwrap().unwrap();
    let text = desk.signed_in("ann").await.get("/metrics").await.body;
    for line in ["uphold_journal_verified_timestamp_seconds 1781092800\n", "uphold_journal_faults 0\n"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn the_theme_is_chosen_without_script_and_leads_nowhere_else() {
    let desk = Desk::new();
    let mut browser = desk.browser();
    assert!(!browser.get("/sign-in").await.body.contains("data-theme"));
    let answer = browser.post("/theme", "theme=dark&back=/sign-in").await;
    assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/sign-in"));
    assert!(browser.get("/sign-in").await.body.contains("<html lang=\"en\" data-theme=\"dark\">"));
    assert_eq!(
        browser.post("/theme", "theme=%22%3E&back=https://evil.example").await.header("location"),
        "/"
    );
    assert!(!browser.get("/sign-in").await.body.contains("data-theme"));
}
