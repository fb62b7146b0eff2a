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
    let ended = asked(&desk, FILES, &way).await;
    assert_eq!(ended.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(ended.body.contains("open the file from its ticket again"), "{}", ended.body);
}

/// A client's contact chooses the name of their status page, and not this one.
#[tokio::test]
async fn no_status_page_takes_the_name() {
    let (desk, [log, _]) = desk();
    let mut bo = desk.signed_in("bo").await;
    let page = "/clients/acme/status/settings";
    let form = format!("address=acme&title=Acme&audience=public&domain={FILES}&show=wiki&name-wiki=Wiki");
    let refused = crate::ticket::fill(&mut bo, page, page, &form).await;
    assert!(refused.body.contains("the page needs one of its own"), "{} {}", refused.status, refused.body);
    // One that had it before stands behind it.
    crate::status::publish(&desk, |set| set.domain = Some(FILES.to_owned()));
    let way = pass(&bo.get(&log).await);
    assert_eq!(asked(&desk, FILES, &way).await.body, TEXT);
}

/// A browser holds a form to the places that its page names, redirects included.
#[tokio::test]
async fn whoever_signs_in_on_the_way_to_a_file_may_be_sent_there() {
    let (desk, [log, _]) = desk();
    let page = desk.browser().get("/sign-in").await;
    assert!(page.header("content-security-policy").contains(&format!("form-action 'self' https://{FILES};")));
    let mut bo = desk.browser();
    let first = bo.get(&log).await.header("location").to_owned();
    assert!(first.starts_with("/sign-in?next="), "{first}");
}

#[tokio::test]
async fn a_program_is_given_the_bytes() {
    let (desk, [log, _]) = desk();
    let api = log.replace("/clients/acme/tickets/T-1", "/api/v1/clients/acme/requests/T-1");
    let mut bo = desk.signed_in("bo").await;
    let made = bo.post("/account/tokens", "name=reports&days=30").await;
    let token = crate::account::token(&made.body);
    let bytes = desk.browser().with("authorization", &format!("Bearer {token}")).get(&api).await;
    assert_eq!((bytes.status, &*bytes.body), (StatusCode::OK, TEXT));
}
