//! The matrix of isolation: every route there is, asked by everybody. A route that is not in the table cannot be reached, and a
//! new one is in these tests by being in the table.

use axum::http::{Method, StatusCode};
use portal::server::{Route, Who, routes};

use crate::desk::{Answer, Desk};

/// What is expected of one person at one route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Handler,
    SignIn,
    Forbidden,
    NotFound,
}
use Expect::{Forbidden, Handler, NotFound, SignIn};

/// For nobody, staff, an administrator, people of acme and of beta, and one of acme who is disabled; `{client}` is acme.
fn expected(who: Who) -> [Expect; 6] {
    match who {
        Who::Anybody | Who::Machine => [Handler; 6],
        Who::SignedIn => [SignIn, Handler, Handler, Handler, Handler, SignIn],
        Who::Staff => [SignIn, Handler, Handler, NotFound, NotFound, SignIn],
        Who::Role(_) | Who::Operator => [SignIn, Forbidden, Handler, NotFound, NotFound, SignIn],
        Who::OfClient => [SignIn, Handler, Handler, Handler, NotFound, SignIn],
        Who::ClientItself => [SignIn, Forbidden, Forbidden, Handler, NotFound, SignIn],
    }
}

fn is(answer: &Answer, expect: Expect, route: &Route) -> bool {
    let page = route.method == Method::GET && !route.path.starts_with("/api/");
    match expect {
        Handler => answer.admitted,
        SignIn if page => !answer.admitted && answer.header("location").starts_with("/sign-in"),
        SignIn => !answer.admitted && answer.status == StatusCode::UNAUTHORIZED,
        Forbidden => !answer.admitted && answer.status == StatusCode::FORBIDDEN,
        NotFound => !answer.admitted && answer.status == StatusCode::NOT_FOUND,
    }
}

/// The path of acme's, with something that does not exist for every other variable.
fn path(route: &Route) -> String {
    let parts = route.path.split('/').map(|part| match part {
        "{client}" => "acme",
        part if part.starts_with('{') => "none",
        part => part,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_is_answered_right_for_everybody() {
    let desk = Desk::new();
    let names = ["nobody", "sam", "ann", "bo", "cy", "dora"];
    for route in routes() {
        for (name, expect) in names.into_iter().zip(expected(route.who)) {
            // A new session each time: some routes end it.
            desk.wait(spans::Length::MINUTE);
            let mut browser = match name {
                "nobody" => desk.browser(),
                name => {
                    let (person, _) = desk.journal.read(|tx| tx.person_by_login(name)).unwrap().unwrap();
                    desk.journal.write::<_, journal::Error>(move |tx| tx.enable_person(&person.id)).unwrap();
                    desk.signed_in(name).await
                }
            };
            if name == "dora" {
                desk.disable("dora");
            }
            let answer = browser.request(route.method.clone(), &path(&route), "").await;
            assert!(
                is(&answer, expect, &route),
                "{name} at {} {}: {expect:?} expected, {} {:?}",
                route.method,
                route.path,
                answer.status,
                answer.headers
            );
        }
    }
}

/// The whole table. A change of it is a change of this text, which is what a reviewer reads.
#[test]
fn the_table_of_routes() {
    let lines: Vec<String> =
        routes().iter().map(|route| format!("{:7}{:34}{:?}", route.method, route.path, route.who)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}

#[test]
fn a_path_with_a_client_asks_whose_it_is() {
    for route in routes() {
        let of_client = matches!(route.who, Who::OfClient | Who::ClientItself | Who::Role(_) | Who::Staff);
        assert!(!route.path.contains("{client}") || of_client, "{}", route.path);
        assert!(route.path.contains("{client}") || !matches!(route.who, Who::OfClient | Who::ClientItself));
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
