//! Incidents: one that monitoring saw, drawn from facts, and its root cause.

use axum::http::StatusCode;
use facts::Outcome;
use spans::Length;

use crate::{
    desk::{Browser, Desk},
    ticket::fill,
};

const ALL: &str = "/clients/acme/incidents";

#[track_caller]
fn holds(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "{part}: {page}");
    }
}

async fn first(browser: &mut Browser<'_>) -> String {
    let list = browser.get(ALL).await.body;
    let (_, rest) = list.split_once(&format!("href=\"{ALL}/")).unwrap_or_else(|| panic!("{list}"));
    rest.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_outage_that_monitoring_saw_has_a_page_drawn_from_facts() {
    let desk = Desk::agreed();
    desk.looks("acme", "wiki", Length::from_minutes(10), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(4), Outcome::Down);
    let (mut sam, mut bo) = (desk.signed_in("sam").await, desk.signed_in("bo").await);
    let ticket = first(&mut sam).await;
    let (at, its) = (format!("{ALL}/{ticket}"), format!("/clients/acme/tickets/{ticket}"));
    let open = bo.get(&at).await.body;
    holds(
        &open,
        &[
            "It stopped answering, from everywhere.",
            "ams",
            "fra",
            "so far",
            "Next answer due",
            "Its first failure was seen from",
        ],
    );
    let reply = "text=We+are+at+it&next=2027-01-15T09%3A00";
    let told = fill(&mut sam, &its, &format!("{its}/reply"), reply).await;
    assert_eq!(told.status, StatusCode::SEE_OTHER, "{}", told.body);
    let note = fill(&mut sam, &its, &format!("{its}/note"), "text=between+us").await;
    assert_eq!(note.status, StatusCode::SEE_OTHER, "{}", note.body);
    let after = bo.get(&at).await.body;
    holds(&after, &["We are at it", "Next update by", "2027-01-15T09:00:00Z"]);
    assert!(!after.contains("between us"), "{after}");
    desk.looks("acme", "wiki", Length::from_minutes(6), Outcome::Up);
    let over = bo.get(&at).await.body;
    holds(&over, &["It answered again, after", "resolved", "1 run of downtime"]);
    assert!(!over.contains("Next update by"), "{over}");
    let asked = bo.get(&format!("/api/v1/clients/acme/incidents/{ticket}")).await;
    holds(&asked.body, &["\"failing\":false", "\"vantage\":\"ams\"", "\"root_cause\":\"not owed\""]);
    assert_eq!(desk.signed_in("cy").await.get(&at).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn mp_sc_inc_03_a_resolved_outage_without_a_root_cause_is_an_open_item() {
    let desk = Desk::managed();
    let (mut pia, mut eva) = (desk.signed_in("pia").await, desk.signed_in("eva").await);
    let new = "/clients/acme/tickets/new";
    let form = "title=Wiki+is+down&choice=outage%2Fcritical&text=Nothing+opens";
    let sent = fill(&mut pia, new, new, form).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let (at, its) = (format!("{ALL}/T-1"), "/clients/acme/tickets/T-1");
    assert!(!eva.get(&at).await.body.contains("Open item"));
    fill(&mut eva, its, &format!("{its}/resolve"), "summary=Restarted").await;
    for browser in [&mut pia, &mut eva] {
        holds(&browser.get(&at).await.body, &["Open item: no root cause analysis yet", "MP-SC-INC-03"]);
        holds(&browser.get(ALL).await.body, &["One resolved outage waits", "open item: no root cause yet"]);
    }
    holds(&eva.get(&at).await.body, &["T-1?open=cause"]);
    fill(&mut eva, its, &format!("{its}/cause"), "text=A+full+disk").await;
    let page = pia.get(&at).await.body;
    holds(&page, &["published", "Its root cause analysis is there.", "A full disk"]);
    assert!(!page.contains("Open item"), "{page}");
}
