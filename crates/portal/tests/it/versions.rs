//! Versions of an agreement: each with its time, and what one says otherwise than another.

use axum::http::StatusCode;
use serde_json::json;
use spans::Length;

use crate::{
    agreed::two_versions,
    desk::{Desk, HOST},
};

#[tokio::test]
async fn what_a_second_version_says_otherwise_stands_clause_by_clause() {
    let desk = Desk::under(&format!("https://{HOST}"), two_versions()).agree();
    desk.wait(Length::MINUTE);
    let mut bo = desk.signed_in("bo").await;
    let agreement = bo.get("/clients/acme/agreement").await.body;
    assert!(agreement.contains("not in force") && agreement.contains("Put into force by"), "{agreement}");
    let page = bo.get("/clients/acme/agreement/diff").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(agreement.contains("agreement/diff?old="), "{agreement}");
    for part in ["matrix.response", "SH-SLO-08", "<del>", "<ins>4h</ins>", "selected"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let mut program = desk.program("bo").await;
    let told = program.read("/api/v1/clients/acme/agreement").await;
    let file = |index: usize| told["versions"][index]["sha256"].as_str().unwrap().to_owned();
    assert!(told["versions"][0]["until"].is_string() && told["versions"][1]["from"].is_null(), "{told:#}");
    let at = format!("/api/v1/clients/acme/agreement/diff?old={}&new={}", file(0), file(1));
    let diff = program.read(&at).await;
    let changes = diff["changes"].as_array().unwrap();
    assert_eq!((changes.len(), &changes[0]["gains"]), (1, &json!("client")), "{diff:#}");
    assert_eq!((&changes[0]["old"], &changes[0]["new"]), (&json!("1d"), &json!("4h")), "{diff:#}");
    let back = format!("/clients/acme/agreement/diff?old={}&new={}", file(1), file(0));
    assert!(bo.get(&back).await.body.contains("the provider gains"));
    for missing in ["?old=abc&new=def", &format!("?old={}&new=def", file(0))] {
        let page = bo.get(&format!("/clients/acme/agreement/diff{missing}")).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{missing}");
    }
    let unsaid = program.get("/api/v1/clients/acme/agreement/diff?old=abc").await;
    assert_eq!(unsaid.json["errors"][0]["field"], "new", "{}", unsaid.text);
}

#[tokio::test]
async fn another_clients_versions_are_not_there() {
    let desk = Desk::under(&format!("https://{HOST}"), two_versions()).agree();
    let mut cy = desk.program("cy").await;
    let theirs = cy.read("/api/v1/clients/beta/agreement").await;
    let own = theirs["sha256"].as_str().unwrap();
    let acme = desk.program("bo").await.read("/api/v1/clients/acme/agreement").await;
    let other = acme["sha256"].as_str().unwrap();
    let both = format!("/api/v1/clients/beta/agreement/diff?old={own}&new={other}");
    assert_eq!(cy.get(&both).await.status, StatusCode::NOT_FOUND);
    let page = desk.signed_in("cy").await.get("/clients/beta/agreement/diff").await.body;
    assert!(page.contains("One version so far"), "{page}");
}
