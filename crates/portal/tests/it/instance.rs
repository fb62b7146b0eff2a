//! The pages of instances, over real facts.

use axum::http::StatusCode;
use control::live::{Detail, Looked, Watched};
use facts::{Actor, Cause, Impact, MaintenanceKind, MaintenancePlanned, Observation, Outcome};
use spans::Length;
use wire::{Phases, Reason};

use crate::desk::Desk;

const MINUTE: Length = Length::MINUTE;
const KEY: &str = "key=00112233445566778899aabbccddeeff";

/// An hour, an outage of four minutes, an hour, and down for two minutes by now.
fn down_now() -> Desk {
    let desk = Desk::agreed();
    desk.answers(MINUTE * 60, Outcome::Up);
    desk.answers(MINUTE * 4, Outcome::Down);
    desk.answers(MINUTE * 60, Outcome::Up);
    desk.answers(MINUTE * 2, Outcome::Down);
    desk.wait(Length::from_secs(1));
    desk
}

#[tokio::test]
async fn an_instance_stands_in_the_list_with_what_is_left_of_its_month() {
    let desk = down_now();
    let page = desk.signed_in("bo").await.get("/clients/acme/instances").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "<p class=\"lead\">1 down.</p>",
        "<span class=\"badge missed\">down</span>",
        "since <time datetime=\"2027-01-15T10:04:03Z\">2027-01-15 10:04:03 UTC</time>, 1 min",
        "href=\"/clients/acme/instances/wiki/ledger/2027-01\">8 of 12 min</a>",
        "<dd class=\"extra\">4 min of 2 h 6 min 1 s counted</dd>",
        "<span class=\"badge missed\">failed 503</span>",
        "aria-label=\"Instance wiki: up 2h 6s, down 5m 55s",
        "<td data-name=\"Took\">20 ms</td>",
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(
        page.body.contains("/clients/acme/incidents/i-wiki-20270115"),
        "its open incident: {}",
        page.body
    );
    assert!(!page.body.contains("style="));
    let all = desk.signed_in("sam").await.get("/instances").await;
    assert!(all.body.contains("<a href=\"/clients/acme/instances\">Example BV (acme)</a>"), "{}", all.body);
}

#[tokio::test]
async fn an_instances_page_has_its_day_its_months_its_checks_and_its_maintenance() {
    let desk = down_now();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let planned = MaintenancePlanned {
        maintenance: "M-1".parse().unwrap(),
        kind: MaintenanceKind::Scheduled,
        cause: "software".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: desk.now() + Length::DAY * 10,
        ends_at: desk.now() + Length::DAY * 10 + Length::HOUR,
        cve: None,
        outside_slot: None,
        series: None,
    };
    desk.store("acme", Actor::provider("anna"), planned.clone());
    let page = desk.signed_in("bo").await.get("/clients/acme/instances/wiki").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "<h1>Wiki</h1>",
        "<a href=\"https://wiki.acme.example/\" rel=\"noreferrer\">",
        "<path class=\"band\"",
        "<th scope=\"row\">http</th><td class=\"text agent\">GET https://wiki.acme.example/<span class=\"clause\">Departs from what was signed: good codes 200, signed 200 204 301 302; waits 5000 ms, signed 10000 ms.",
        "scheduled, software",
        "<span class=\"badge maintenance\">planned</span>",
        "January 2027</a></th>",
        "<ul class=\"why\">",
        "[<span class=\"nowrap\">SH-AVAIL-",
        "<a href=\"/clients/acme/maintenance/M-1\">M-1</a>",
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(!page.body.contains("style="));
    assert!(!page.body.contains("All maintenance"));
    // The latest start first, however they came in; what is not shown is said.
    for number in 2..=12 {
        let starts_at = desk.now() + Length::DAY * if number == 7 { 30 } else { number };
        let ends_at = starts_at + Length::HOUR;
        let maintenance = format!("M-{number}").parse().unwrap();
        let more = MaintenancePlanned { maintenance, starts_at, ends_at, ..planned.clone() };
        desk.store("acme", Actor::provider("anna"), more);
    }
    let page = desk.signed_in("bo").await.get("/clients/acme/instances/wiki").await.body;
    let shown = page.split("/clients/acme/maintenance/M-").skip(1).filter_map(|rest| rest.split('"').next());
    assert_eq!(shown.collect::<Vec<_>>(), ["7", "12", "11", "1", "10", "9", "8", "6", "5", "4"]);
    assert!(page.contains(
        "The 10 that start latest are shown. <a href=\"/clients/acme/maintenance\">All maintenance</a>"
    ));
}

/// Why a look says nothing and what its time went into, on the page and in the API; a vantage point's own words for staff alone.
#[tokio::test]
async fn a_look_tells_why_and_what_its_time_went_into() {
    let desk = down_now();
    let phases =
        Phases { dns_us: Some(1_250), connect_us: Some(300), total_us: Some(1_600), ..Phases::default() };
    let reason = Some(Reason::of("refused: 10.0.0.5 is private"));
    let look = Looked {
        client: "acme".parse().unwrap(),
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        observation: Observation::new(desk.now(), Outcome::Void).because(Cause::Refused),
        certificate_ends: Some(desk.now() + Length::DAY * 41 + Length::HOUR),
        detail: Some(Detail { phases, reason }),
    };
    let (vantage, batch) = ("lon".parse().unwrap(), "1".to_owned());
    let watched = Watched { vantage, batch, looks: vec![look], signed: None };
    desk.control.watch(&watched, desk.now()).unwrap();
    desk.watched("old", "Old", "gopher://old.example/", 20);
    for (person, own_words) in [("bo", false), ("sam", true)] {
        let page = desk.signed_in(person).await.get("/clients/acme/instances/wiki").await.body;
        for part in [
            "<span class=\"badge unknown\">says nothing</span>",
            "the rules of the vantage point forbid to ask it",
            "<span class=\"clause\">DNS 1.2 ms, connect 0.3 ms</span>",
        ] {
            assert!(page.contains(part), "{part} in {page}");
        }
        assert_eq!(page.contains("10.0.0.5"), own_words, "{person}");
    }
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/clients/acme/instances/old").await.body;
    assert!(page.contains("Nobody asks it: the URL begins with neither"), "{page}");
    let told = |body: &str| serde_json::from_str::<serde_json::Value>(body).unwrap();
    let wiki = told(&bo.get("/api/v1/clients/acme/instances/wiki").await.body);
    let seen = wiki["seen"].as_array().unwrap().iter().find(|seen| seen["vantage"] == "lon").unwrap();
    assert_eq!((&seen["cause"], &seen["phases"]["dns_us"]), (&"refused".into(), &1_250.into()), "{seen}");
    assert_eq!(seen["certificate"]["days_left"], 41, "{seen}");
    assert_eq!(wiki["checks"][0]["problem"], serde_json::Value::Null);
    let old = told(&bo.get("/api/v1/clients/acme/instances/old").await.body);
    assert!(old["checks"][0]["problem"].as_str().unwrap().contains("http"), "{old}");
}

/// one place sees it fail for minutes that answers another.
#[tokio::test]
async fn where_places_differed_stands_on_the_page() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let none = bo.get("/clients/acme/instances/wiki").await.body;
    assert!(!none.contains("Where places differed"), "{none}");
    for (vantage, outcome) in std::iter::repeat_n([("ams", Outcome::Up), ("lon", Outcome::Down)], 6).flatten()
    {
        desk.wait(Length::from_secs(10));
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
    }
    let page = bo.get("/clients/acme/instances/wiki").await.body;
    for part in [
        "<h2 id=\"differ\">Where places differed</h2>",
        "<td class=\"when\" data-name=\"To\">lasts</td>",
        "<td class=\"text\" data-name=\"Failed from\">lon</td><td class=\"text\" data-name=\"Answered\">ams</td>",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
}

#[tokio::test]
async fn response_times_are_told_by_percentile_from_a_day_to_a_year() {
    let desk = down_now();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/clients/acme/instances/wiki").await;
    assert!(page.body.contains("href=\"/clients/acme/instances/wiki/latency\""), "{}", page.body);
    let day = bo.get("/clients/acme/instances/wiki/latency").await;
    assert_eq!(day.status, StatusCode::OK, "{}", day.body);
    for part in [
        "aria-current=\"page\">24 hours</a>",
        "<dt>p99</dt><dd>237.5 ms</dd>",
        "<path class=\"p50\"",
        "<title>from 2027-01-15 08:00 UTC: p50 188.4 ms, p90 229.3 ms, p99 237.5 ms, 360 good answers</title>",
        "?over=1y\">One year</a>",
        "aria-label=\"Seen from\"",
    ] {
        assert!(day.body.contains(part), "{part} in {}", day.body);
    }
    assert!(!day.body.contains("style="));
    for (over, name) in [("30d", "30 days"), ("90d", "90 days")] {
        let page = bo.get(&format!("/clients/acme/instances/wiki/latency?over={over}")).await.body;
        for part in [
            &format!("aria-current=\"page\">{name}</a>"),
            "<dt>p99</dt><dd>237.5 ms</dd>",
            "720 good answers",
        ] {
            assert!(page.contains(part), "{over}: {part} in {page}");
        }
    }
    let year = bo.get("/clients/acme/instances/wiki/latency?over=1y&from=fra").await;
    assert!(year.body.contains(">2027-01-15 00:00 UTC</time></th><td>360</td>"), "{}", year.body);
    assert!(year.body.contains("over=1y&#38;check=http&#38;from=fra\" aria-current"), "{}", year.body);
    let none = bo.get("/clients/acme/instances/wiki/latency?from=nowhere").await;
    assert!(none.body.contains("No response time on record"), "{}", none.body);
    for wrong in ["wiki/latency?over=2y", "other/latency"] {
        let answer = bo.get(&format!("/clients/acme/instances/{wrong}")).await;
        assert!(answer.status.is_client_error(), "{wrong}: {}", answer.status);
    }
}

#[tokio::test]
async fn instances_of_others_and_those_that_do_not_exist_are_not_there() {
    let desk = Desk::agreed();
    for path in ["/clients/acme/instances", "/clients/acme/instances/wiki", "/instances"] {
        assert_eq!(desk.signed_in("cy").await.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let mut sam = desk.signed_in("sam").await;
    for path in ["/clients/nobody/instances", "/clients/acme/instances/none", "/clients/acme/instances/%00"] {
        assert_eq!(sam.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let empty = desk.signed_in("cy").await.get("/clients/beta/instances").await;
    assert!(empty.body.contains("Instance forum") && !empty.body.contains("Wiki"), "{}", empty.body);
}

#[tokio::test]
async fn hostile_names_stay_text_and_hostile_addresses_are_no_links() {
    let desk = Desk::agreed();
    desk.watched("evil", "<script>alert(1)</script>\"'", "javascript:alert(2)", 20);
    let mut bo = desk.signed_in("bo").await;
    for path in ["/clients/acme/instances", "/clients/acme/instances/evil"] {
        let page = bo.get(path).await;
        assert!(page.body.contains("&#60;script&#62;alert(1)"), "{}", page.body);
        assert!(!page.body.contains("<script>a") && !page.body.contains("href=\"javascript"));
    }
}

/// A site that answers every request alike, but for one path that leads nowhere.
pub(crate) async fn site() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let app = axum::Router::new()
        .route("/gone", axum::routing::get(|| async { StatusCode::NOT_FOUND }))
        .fallback(|| async { "all is well" });
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    port
}

pub(crate) fn looker(allowed: &str) -> probe::Looker {
    let guard = probe::Guard::public().allowing([allowed.parse().unwrap()]);
    let clock = std::sync::Arc::new(probe::SystemClock);
    probe::Looker::new(guard, probe::Names::system(), &probe::Trust::system(), clock)
}

#[tokio::test]
async fn a_check_is_tried_on_no_record_and_then_put_in_force() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let mut ann = desk.signed_in("ann").await;
    let page = "/clients/acme/instances/wiki/check";
    let form = ann.get(page).await;
    assert_eq!(form.status, StatusCode::OK, "{}", form.body);
    assert!(form.body.contains("value=\"https://wiki.acme.example/\""), "{}", form.body);
    assert!(!form.body.contains("Try it first"), "nobody here looks");
    desk.app.try_by(looker("127.0.0.0/8"));
    let url = format!("http%3A%2F%2F127.0.0.1%3A{}%2F", site().await);
    let said = |wanted: &str| {
        format!(
            "{KEY}&kind=http&check=start&every=30&url={url}&of-1=body&must-1=contains&value-1={wanted}&confirm=yes"
        )
    };
    let tried = ann.post(page, &(said("well") + "&try=yes")).await;
    assert!(
        tried.body.contains("Tried once, on no record") && tried.body.contains(">good 200<"),
        "{}",
        tried.body
    );
    let failed = ann.post(page, &(said("ill") + "&try=yes")).await;
    assert!(failed.body.contains(">failed 200<"), "{}", failed.body);
    assert!(
        !ann.get("/clients/acme/instances/wiki").await.body.contains(">start</a>"),
        "nothing is on record"
    );
    let wrong = ann.post(page, &said("well").replace("every=30", "every=soon")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong.body.contains("`soon` is no whole number") && wrong.body.contains("value=\"well\""),
        "{}",
        wrong.body
    );
    let kept = ann.post(page, &said("well")).await;
    assert_eq!(kept.header("location"), "/clients/acme/instances/wiki?done=recorded", "{}", kept.body);
    let there = ann.get("/clients/acme/instances/wiki").await;
    assert!(
        there.body.contains("/check?check=start\">start</a>") && there.body.contains("30 s"),
        "{}",
        there.body
    );
    let again = ann.get("/clients/acme/instances/wiki/check?check=start").await;
    assert!(
        again.body.contains("<h1>Check start</h1>") && again.body.contains("value=\"well\""),
        "{}",
        again.body
    );
    assert_eq!(ann.get("/clients/acme/instances/wiki/check?check=none").await.status, StatusCode::NOT_FOUND);
    assert_eq!(desk.signed_in("bo").await.get(page).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_edits_a_check_that_was_changed_meanwhile_sees_both_and_decides() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let (mut ann, page) = (desk.signed_in("ann").await, "/clients/acme/instances/wiki/check");
    let said = |key: u32, read: &str, every: u32, more: &str| {
        format!(
            "key={key:032x}&version={read}&kind=http&named=http&check=http&every={every}{more}&\
             url=https%3A%2F%2Fwiki.acme.example%2F&method=GET&redirects=never&confirm=yes"
        )
    };
    let form = ann.get("/clients/acme/instances/wiki/check?check=http").await;
    assert!(form.body.contains("name=\"version\" value=\"2\""), "{}", form.body);
    let first = said(1, "2", 30, "&expect=200");
    for _ in 0..2 {
        let sent = ann.post(page, &first).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "pressed twice it is done once: {}", sent.body);
    }
    let second = ann.post(page, &said(2, "2", 60, "&of-1=body&must-1=contains&value-1=well")).await;
    assert_eq!(second.status, StatusCode::UNPROCESSABLE_ENTITY);
    let [what, theirs, ours] = ["Asked every, in seconds", "30", "60"];
    for expected in [
        "It has changed since it was read",
        "Changed while you wrote",
        "name=\"version\" value=\"3\"",
        "name=\"every\" type=\"number\" autocomplete=\"off\" value=\"60\"",
        &format!(
            "{what}</th><td class=\"text\" data-name=\"In force\">{theirs}</td>\
             <td class=\"text\" data-name=\"Yours\">{ours}</td>"
        ),
        "data-name=\"Yours\">body contains well</td>",
    ] {
        assert!(second.body.contains(expected), "{expected}: {}", second.body);
    }
    assert!(!second.body.contains("Address</th>"), "what is the same is not listed");
    assert!(ann.get("/clients/acme/instances/wiki").await.body.contains("30 s"), "nothing was put in force");
    let unread = ann.post(page, &said(3, "", 90, "")).await;
    assert_eq!(unread.status, StatusCode::UNPROCESSABLE_ENTITY, "who read none overwrites none");
    let over = ann.post(page, &said(4, "3", 60, "")).await;
    assert_eq!(over.status, StatusCode::SEE_OTHER, "{}", over.body);
}

#[tokio::test]
async fn what_this_server_may_not_ask_is_not_asked_by_trying() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    desk.app.try_by(looker("192.0.2.0/24"));
    let url = format!("http%3A%2F%2F127.0.0.1%3A{}%2F", site().await);
    let form = format!("{KEY}&kind=http&check=start&every=30&url={url}&try=yes");
    let tried = desk.signed_in("ann").await.post("/clients/acme/instances/wiki/check", &form).await;
    assert!(tried.body.contains(">says nothing<") && tried.body.contains("127.0.0.1"), "{}", tried.body);
}

#[tokio::test]
async fn sh_avail_07_the_editor_begins_with_what_was_signed_and_says_how_a_check_departs_from_it() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let (mut ann, page) = (desk.signed_in("ann").await, "/clients/acme/instances/wiki/check");
    let form = ann.get(page).await.body;
    for expected in [
        "GET, answered within 10000 ms with 200 204 301 302, at least every 20 s",
        "SH-AVAIL-07",
        "value=\"200 204 301 302\"",
        "value=\"10000\"",
    ] {
        assert!(form.contains(expected), "{expected}: {form}");
    }
    let said = |key: u32, more: &str| {
        let url = "https%3A%2F%2Fwiki.acme.example%2F";
        format!("key={key:032x}&kind=http&check=start&every=20&url={url}&method=GET&redirects=never{more}")
    };
    let refused = ann.post(page, &said(1, "&expect=200")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    for expected in [
        "departs from what was signed",
        "good codes 200, signed 200 204 301 302",
        "I confirm it all the same",
    ] {
        assert!(refused.body.contains(expected), "{expected}: {}", refused.body);
    }
    let kept = ann.post(page, &said(1, "&expect=200&confirm=yes")).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "{}", kept.body);
    let shown = desk.signed_in("bo").await.get("/clients/acme/instances/wiki").await.body;
    assert!(
        shown.contains("Departs from what was signed: good codes 200, signed 200 204 301 302."),
        "{shown}"
    );
    let kept = ann.post(page, &said(2, "&version=1&named=start")).await;
    assert_eq!(kept.status, StatusCode::SEE_OTHER, "as signed it needs no word: {}", kept.body);
}

#[tokio::test]
async fn sh_avail_07_trying_what_is_not_there_says_that_no_valid_request_was_made() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    desk.app.try_by(looker("127.0.0.0/8"));
    let (mut ann, page) = (desk.signed_in("ann").await, "/clients/acme/instances/wiki/check");
    let port = site().await;
    let said = |path: &str| {
        let url = format!("http%3A%2F%2F127.0.0.1%3A{port}%2F{path}");
        format!("{KEY}&kind=http&check=start&every=20&url={url}&method=GET&redirects=never&try=yes")
    };
    let misused = ann.post(page, &said("gone")).await.body;
    assert!(
        misused.contains(">failed 404<") && misused.contains("not that the service is down"),
        "{misused}"
    );
    assert!(!ann.post(page, &said("")).await.body.contains("not that the service is down"));
}

#[tokio::test]
async fn a_check_is_withdrawn_on_its_page_which_says_what_follows() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 20);
    let (mut ann, page) = (desk.signed_in("ann").await, "/clients/acme/instances/wiki/check");
    let form = ann.get(&format!("{page}?check=http")).await.body;
    for expected in [
        "Withdraw it",
        "nothing is known by it",
        "It is the last check of this instance.",
        "every minute is unknown",
        "SH-MON-01",
    ] {
        assert!(form.contains(expected), "{expected}: {form}");
    }
    assert!(!ann.get(page).await.body.contains("Withdraw it"), "a new one is not there yet");
    let said = |key: u32, more: &str| format!("key={key:032x}&check=http&version=2{more}");
    let end = format!("{page}/end");
    let refused = ann.post(&end, &said(1, "")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("is the last check of wiki"), "{}", refused.body);
    assert_eq!(
        desk.signed_in("bo").await.post(&end, &said(2, "&confirm=yes")).await.status,
        StatusCode::NOT_FOUND
    );
    let done = ann.post(&end, &said(1, "&confirm=yes")).await;
    assert_eq!(done.header("location"), "/clients/acme/instances/wiki?done=recorded", "{}", done.body);
    let shown = desk.signed_in("bo").await.get("/clients/acme/instances/wiki").await.body;
    for expected in ["None is defined: nobody looks", "Withdrawn checks", "<b>http</b>, withdrawn"] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert_eq!(ann.get(&format!("{page}?check=http")).await.status, StatusCode::NOT_FOUND);
}
