//! The pages of instances, over real facts.

use axum::http::StatusCode;
use facts::{Actor, Impact, MaintenanceKind, MaintenancePlanned, Outcome};
use spans::Length;

use crate::desk::Desk;

const MINUTE: Length = Length::MINUTE;

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
    assert!(page.body.contains("/clients/acme/tickets/i-wiki-20270115"), "its open incident: {}", page.body);
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
    };
    desk.store("acme", Actor::provider("anna"), planned);
    let page = desk.signed_in("bo").await.get("/clients/acme/instances/wiki").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "<h1>Wiki</h1>",
        "<a href=\"https://wiki.acme.example/\" rel=\"noreferrer\">",
        "<path class=\"band\"",
        "<th scope=\"row\">http</th><td class=\"text agent\">GET https://wiki.acme.example/</td>",
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
