//! The first page: what is missed next, what was missed, what is down, and whose it is.

use axum::http::StatusCode;
use facts::{Actor, Currency, InstanceCharged, Money, Outcome};
use spans::Length;

use crate::desk::Desk;

const HOSTILE: &str = "<script>alert('x')</script> & \"so\"";

#[tokio::test]
async fn what_is_missed_next_stands_first_with_its_why() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let mut sam = desk.signed_in("sam").await;
    let page = sam.get("/").await.body;
    assert!(
        page.contains("href=\"/clients/acme/tickets/T-1\">First response, T-1, The wiki is slow</a>"),
        "{page}"
    );
    assert!(page.contains("SH-SLO-07") && page.contains("a person replies"), "{page}");
    // Friday 08:00, eight hours of operation.
    assert!(page.contains("<time datetime=\"2027-01-15T16:00:00Z\">Fri 15 Jan 16:00 UTC</time>"), "{page}");
    assert!(page.contains("in 7 h 59 min"), "absolute first, then relative: {page}");
    let link = page.split("href=\"/clients/acme/why?next=first-response").nth(1).unwrap();
    let link = link.split('"').next().unwrap();
    let why = sam.get(&format!("/clients/acme/why?next=first-response{link}")).await;
    assert_eq!(why.status, StatusCode::OK);
    assert!(why.body.contains("SH-SLO-07"), "{}", why.body);
    let gone = sam.get("/clients/acme/why?next=nothing").await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND);
    assert!(gone.body.contains("<h1>This is no longer what is missed next</h1>"), "{}", gone.body);
    assert!(gone.body.contains("href=\"/clients/acme\">What is missed next now</a>"), "{}", gone.body);
    let missed = sam.get("/clients/acme/why?missed=nothing").await;
    assert!(missed.status == StatusCode::NOT_FOUND && missed.body.contains("There is no such page"));
    assert_eq!(sam.get("/clients/acme/why").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn what_was_missed_is_shown_for_two_days() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "Late", "P1");
    desk.wait(Length::from_hours(6));
    let page = desk.signed_in("sam").await.get("/").await.body;
    assert!(page.contains("Missed in the last 48 hours") && page.contains("missed target"), "{page}");
    let link = page.split("href=\"/clients/acme/why?missed=").nth(1).unwrap().split('"').next().unwrap();
    let why = desk.signed_in("sam").await.get(&format!("/clients/acme/why?missed={link}")).await;
    assert_eq!(why.status, StatusCode::OK);
    desk.wait(Length::from_hours(50));
    let page = desk.signed_in("sam").await.get("/").await.body;
    assert!(!page.contains("First response, T-1"), "{page}");
}

#[tokio::test]
async fn an_outage_is_told_in_minutes_money_and_words() {
    let desk = Desk::agreed();
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(3), Outcome::Down);
    let staff = desk.signed_in("sam").await.get("/").await.body;
    assert!(staff.contains("Open incidents") && staff.contains("Availability of wiki"), "{staff}");
    assert!(staff.contains("<span class=\"badge missed\">down</span>"), "{staff}");
    let client = desk.signed_in("bo").await.get("/").await.body;
    assert!(client.contains("<b>Instance wiki does not answer</b> since"), "{client}");
    assert!(
        client.contains("One request is with us.") && client.contains("Nothing waits for you."),
        "{client}"
    );
    assert!(client.len() < 60_000 && staff.len() < 60_000, "{} {}", client.len(), staff.len());
}

/// What an outage costs in money is for those who read statements, on the page and for programs; that it costs a credit for all.
#[tokio::test]
async fn an_amount_of_money_is_told_to_those_who_read_statements() {
    let desk = Desk::agreed();
    let charged = InstanceCharged {
        instance: "wiki".parse().unwrap(),
        month: "2027-01".parse().unwrap(),
        amount: Money { minor: 48_000, currency: Currency::EUR },
    };
    desk.store("acme", Actor::automaton("billing"), charged);
    desk.add_named("rita", "Rita", Some("acme"), &["requester"]);
    desk.add_named("seth", "Seth", Some("acme"), &["security"]);
    desk.looks("acme", "wiki", Length::from_minutes(5), Outcome::Up);
    desk.looks("acme", "wiki", Length::from_minutes(3), Outcome::Down);
    for (login, told) in [("sam", true), ("bo", true), ("rita", false), ("seth", false)] {
        let mut browser = desk.signed_in(login).await;
        let page = browser.get("/clients/acme").await.body;
        assert!(page.contains("Availability of wiki") && page.contains("a credit"), "{login}: {page}");
        assert_eq!(page.contains("a credit of EUR"), told, "{login}: {page}");
        let now = browser.get("/api/v1/clients/acme/now").await.body;
        assert_eq!(now.contains("a credit of EUR"), told, "{login}: {now}");
        let what = now.split("\"availability of wiki").nth(1).unwrap().split('"').next().unwrap();
        let next = format!("next=availability of wiki{what}").replace(' ', "%20");
        let reached = if told { StatusCode::OK } else { StatusCode::FORBIDDEN };
        for path in ["/clients/acme/why?", "/api/v1/clients/acme/why?"] {
            let why = browser.get(&format!("{path}{next}")).await;
            assert_eq!(why.status, reached, "{login} {path}: {}", why.body);
        }
        let month = browser.get("/api/v1/clients/acme/why?month=2027-01").await;
        assert_eq!((month.status, month.body.contains("EUR")), (reached, told), "{login}: {}", month.body);
    }
}

#[tokio::test]
async fn people_of_a_client_see_theirs_only_and_text_is_only_text() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", HOSTILE, "P2");
    desk.request("beta", "T-2", "Of beta", "P2");
    let bo = desk.signed_in("bo").await.get("/").await.body;
    assert!(!bo.contains("<script>alert") && bo.contains("&#60;script&#62;alert"), "{bo}");
    assert!(!bo.contains("Of beta") && !bo.contains("forum"), "{bo}");
    let mut cy = desk.signed_in("cy").await;
    assert_eq!(cy.get("/clients/acme").await.status, StatusCode::NOT_FOUND);
    assert_eq!(cy.get("/clients/acme/why?next=x").await.status, StatusCode::NOT_FOUND);
    assert!(cy.get("/").await.body.contains("Of beta"));
    let sam = desk.signed_in("sam").await.get("/").await.body;
    assert!(sam.contains("Of beta") && sam.contains("&#60;script&#62;alert"), "{sam}");
}

#[tokio::test]
async fn with_nothing_due_the_page_says_what_will_be_here() {
    let desk = Desk::new();
    let page = desk.signed_in("sam").await.get("/").await.body;
    assert!(page.contains("Nothing is due.") && page.contains("as soon as a request comes in"), "{page}");
}
