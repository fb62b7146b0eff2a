//! The table of routes: what it holds, and that nothing else is there. `isolation.rs` asks every one of them as everybody.

use axum::http::{Method, StatusCode};
use desk::policy::About;
use portal::server::routes;

use crate::desk::Desk;

#[test]
fn a_path_with_a_client_asks_whose_it_is() {
    for route in routes() {
        let of_client = route.action.about() == About::Client;
        assert!(!route.path.contains("{client}") || of_client, "{}", route.path);
    }
}

#[tokio::test]
async fn what_is_not_in_the_table_is_not_there() {
    let desk = Desk::new();
    for path in [
        "/nowhere",
        "/admin",
        "/api/v1/nowhere",
        "/clients/acme/nowhere",
        "/assets/",
        "/.git/config",
        "//evil",
    ] {
        let answer = desk.signed_in("ann").await.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        desk.wait(spans::Length::MINUTE);
    }
    let answer = desk.browser().request(Method::DELETE, "/sign-in", "").await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.body.contains("Not in this way"));
    assert_eq!(desk.browser().request(Method::TRACE, "/", "").await.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_clients_page_shows_nothing_of_another() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let own = bo.get("/").await;
    assert!(own.body.contains("Instance wiki") && !own.body.contains("forum") && !own.body.contains("beta"));
    assert_eq!(bo.get("/clients/acme").await.status, StatusCode::OK);
    let theirs = bo.get("/clients/beta").await;
    let nobodys = bo.get("/clients/nobodys").await;
    assert_eq!((theirs.status, nobodys.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
    let without_number = |text: &str| text.split("<code>").next().map(str::to_owned);
    assert_eq!(
        without_number(&theirs.body),
        without_number(&nobodys.body),
        "the answer does not tell which exists"
    );
    let all = desk.signed_in("sam").await.get("/").await;
    assert!(all.body.contains("Instance wiki") && all.body.contains("Instance forum"));
}
