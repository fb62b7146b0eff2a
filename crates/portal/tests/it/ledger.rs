//! The ledger of a month, over real facts.

use axum::http::StatusCode;
use facts::{Actor, Impact, MaintenanceKind, MaintenancePlanned, Outcome};
use spans::Length;

use crate::desk::Desk;

const MINUTE: Length = Length::MINUTE;
const PATH: &str = "/clients/acme/instances/wiki/ledger/2027-01";

#[tokio::test]
async fn every_minute_is_there_and_each_that_counts_with_its_own_start() {
    let desk = Desk::agreed();
    desk.answers(MINUTE * 30, Outcome::Up);
    desk.answers(MINUTE * 4, Outcome::Down);
    let planned = MaintenancePlanned {
        maintenance: "M-1".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: desk.now() + MINUTE * 20,
        ends_at: desk.now() + MINUTE * 30,
        cve: None,
        outside_slot: None,
        series: None,
    };
    desk.answers(MINUTE * 10, Outcome::Up);
    desk.store("acme", Actor::provider("anna"), planned);
    desk.answers(MINUTE * 10, Outcome::Up);
    desk.answers(MINUTE * 5, Outcome::Down);
    desk.answers(MINUTE * 5, Outcome::Up);
    desk.wait(MINUTE * 30);
    let page = desk.signed_in("bo").await.get(PATH).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "Ledger of January 2027",
        "<title>08:30 to 08:31: 3 s up, 57 s down</title>",
        "<title>08:31 to 08:34: 60 s down of each minute</title>",
        "excluded of each minute</title>",
        "unknown of each minute</title>",
        "<li><time datetime=\"2027-01-15T08:30:03Z\">2027-01-15 08:30:03</time></li>",
        "<li><time datetime=\"2027-01-15T08:32:03Z\">",
        "3 minutes",
        "nothing on file takes it out",
        "M-1 <span class=\"unit\">maintenance</span>",
        "<a class=\"day\" href=\"#d-2027-01-15\"",
        "id=\"d-2027-01-15\"",
        "as it stands: the month is not over",
        "if all of it had been down",
    ] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(
        !page.body.contains("2027-01-15T08:33:03Z\">2027-01-15 08:33:03</time></li>"),
        "a part of a minute"
    );
    assert!(!page.body.contains("style="));
}

/// Three outages a day for a month, one of them seen from one place only: what crosses the network is small.
#[tokio::test]
async fn a_full_month_is_small_and_quick() {
    let desk = Desk::agreed();
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 300);
    let every = Length::from_minutes(5);
    for _ in 0..17 {
        desk.answers_each(every, Length::HOUR * 8, Outcome::Up);
        desk.answers_each(every, MINUTE * 25, Outcome::Down);
        desk.answers_each(every, Length::HOUR * 9, Outcome::Up);
        desk.answers_each(every, MINUTE * 10, Outcome::Down);
        desk.answers_each(every, Length::HOUR * 6 + MINUTE * 25, Outcome::Up);
    }
    let plain = desk.signed_in("bo").await.get(PATH).await;
    assert_eq!(plain.body.matches("class=\"minutes\"").count(), 17, "a row for each day from the 15th");
    assert!(plain.body.contains("The first 14 days are not covered"));
    let page = desk.signed_in("bo").await.with("accept-encoding", "gzip").get(PATH).await;
    assert_eq!(page.header("content-encoding"), "gzip");
    // Read as text, each byte that is none becomes three: this is more than crosses the network.
    eprintln!(
        "the ledger: {} characters plain, at most {} bytes compressed",
        plain.body.len(),
        page.body.len()
    );
    assert!(page.body.len() < 60_000, "{}", page.body.len());
}

#[tokio::test]
async fn ledgers_of_others_and_of_months_that_are_not_are_not_there() {
    let desk = Desk::agreed();
    assert_eq!(desk.signed_in("cy").await.get(PATH).await.status, StatusCode::NOT_FOUND);
    let mut sam = desk.signed_in("sam").await;
    for month in ["2027-02", "2020-01", "2027-13", "soon", "2027-01%3Cscript%3E"] {
        let path = format!("/clients/acme/instances/wiki/ledger/{month}");
        assert_eq!(sam.get(&path).await.status, StatusCode::NOT_FOUND, "{month}");
    }
    assert_eq!(sam.get("/clients/acme/instances/none/ledger/2027-01").await.status, StatusCode::NOT_FOUND);
    desk.watched("wiki", "<script>alert(1)</script>", "x", 20);
    let page = sam.get(PATH).await;
    assert!(page.body.contains("&#60;script&#62;") && !page.body.contains("<script>a"), "{}", page.body);
}
