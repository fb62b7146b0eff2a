//! Files under a host name of their own: the portal judges, and the browser fetches where no cookie goes.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use control::live::command::{By, NewFile};
use facts::{Actor, TicketId};
use spans::Length;

use crate::{
    agreed::papers,
    desk::{Answer, Desk, HOST},
};

const FILES: &str = "files.example";
const TEXT: &str = "<script>one line</script>";

/// A desk whose files lie apart, with one of the client's and an internal one; and their addresses.
fn desk() -> (Desk, [String; 2]) {
    let desk = Desk::with(&format!("https://{HOST}"), papers(), |config| {
        config.without_second_factor().files_at(&format!("https://{FILES}")).unwrap()
    })
    .agree();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    let attach = |internal: bool| {
        let (client, ticket) = ("acme".parse().unwrap(), TicketId("T-1".parse().unwrap()));
        let new = NewFile { name: "log.txt".to_owned(), bytes: Arc::from(TEXT.as_bytes()), internal };
        let by = By::new(Actor::provider("Sam"));
        let (file, _) = desk.control.attach(&client, &ticket, new, by, desk.now()).unwrap();
        format!("/clients/acme/tickets/T-1/files/{file}")
    };
    let files = [attach(false), attach(true)];
    (desk, files)
}

/// Asked without any cookie, at this host.
async fn asked(desk: &Desk, host: &str, path: &str) -> Answer {
    desk.send(Request::get(path).header(header::HOST, host).body(Body::empty()).unwrap()).await
}

/// The path on the other host that a file's address leads to.
fn pass(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let there = answer.header("location").strip_prefix(&format!("https://{FILES}"));
    there.unwrap_or_else(|| panic!("{}", answer.header("location"))).to_owned()
}

/// ASVS 3.2.1, 3.5.4.
#[tokio::test]
async fn a_file_is_fetched_where_no_cookie_goes() {
    let (desk, [log, internal]) = desk();
    let mut bo = desk.signed_in("bo").await;
    let way = pass(&bo.get(&log).await);
    let file = asked(&desk, FILES, &way).await;
    assert_eq!((file.status, &*file.body), (StatusCode::OK, TEXT));
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"log.txt\""));
    assert!(file.header("content-security-policy").contains("sandbox"));
    assert_eq!((file.header("set-cookie"), file.header("cache-control")), ("", "no-store"));
    // Who may not read it is given no way, and what is internal stays so.
    assert_eq!(desk.signed_in("cy").await.get(&log).await.status, StatusCode::NOT_FOUND);
    assert_eq!(bo.get(&internal).await.status, StatusCode::NOT_FOUND);
    let way = pass(&desk.signed_in("sam").await.get(&internal).await);
    assert_eq!(asked(&desk, FILES, &way).await.body, TEXT);
}

#[tokio::test]
async fn a_pass_is_for_a_minute_for_one_file_and_under_one_name() {
    let (desk, [log, _]) = desk();
    let mut bo = desk.signed_in("bo").await;
    let way = pass(&bo.get(&log).await);
    assert_eq!(asked(&desk, HOST, &way).await.status, StatusCode::NOT_FOUND, "not in the portal's name");
    let (last, rest) = (way.chars().last().unwrap(), &way[..way.len() - 1]);
    let bent = format!("{rest}{}", if last == 'A' { 'B' } else { 'A' });
    for wrong in [bent.as_str(), "/file/x", "/file/AAAA"] {
        let answer = asked(&desk, FILES, wrong).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        assert_eq!(answer.header("content-type"), "text/plain; charset=utf-8", "{wrong}");
    }
    // Nothing else is there: no page, no API, no sign-in.
    for path in ["/", "/sign-in", "/api/v1/me", "/clients/acme/tickets", "/assets/portal.css"] {
        assert_eq!(asked(&desk, FILES, path).await.status, StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
    desk.wait(Length::from_secs(59));
    assert_eq!(asked(&desk, FILES, &way).await.status, StatusCode::OK);
    desk.wait(Length::from_secs(1));
    assert_eq!(asked(&desk, FILES, &way).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_program_is_given_the_bytes_and_a_browser_the_way_to_them() {
    let (desk, [log, _]) = desk();
    let api = log.replace("/clients/acme/tickets/T-1", "/api/v1/clients/acme/requests/T-1");
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(asked(&desk, FILES, &pass(&bo.get(&api).await)).await.body, TEXT);
    let made = bo.post("/account/tokens", "name=reports&days=30").await;
    let token = crate::account::token(&made.body);
    let bytes = desk.browser().with("authorization", &format!("Bearer {token}")).get(&api).await;
    assert_eq!((bytes.status, &*bytes.body), (StatusCode::OK, TEXT));
}
