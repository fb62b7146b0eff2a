//! Attainment: its figures, what each leads to, who reads it, and how it looks.

use axum::http::StatusCode;
use control::live::Shelf;
use facts::{Actor, AgreementActivated, RequestReceived, RequestReplied, RequestResolved};
use serde_json::json;
use spans::Length;
use testkit::browser::{Kind, key};

use crate::{
    agreed::{managed_paper, named_paper, received},
    browser::{Open, sound},
    desk::{Desk, HOST},
};

const ACME: &str = "/clients/acme/attainment";

impl Desk {
    /// An engineer answers.
    pub(crate) fn replied(&self, of: &str, ticket: &str) {
        let reply = RequestReplied { ticket: ticket.parse().unwrap(), next_update_by: None, text: None };
        self.store(of, Actor::provider("anna").role("support").skill("atlassian-dc"), reply);
    }

    /// A request that is answered in time, and one whose answer comes a day too late; both are resolved.
    pub(crate) fn served(&self, number: u32) {
        for (late, title) in [(false, "The wiki is down"), (true, "Search finds nothing")] {
            let ticket = format!("T-{}", 2 * number + u32::from(late));
            self.request("acme", &ticket, title, "P1");
            self.wait(if late { Length::DAY } else { Length::MINUTE });
            self.replied("acme", &ticket);
            self.wait(Length::MINUTE);
            let resolved = RequestResolved {
                ticket: ticket.parse().unwrap(),
                summary: "The disk was full.".to_owned(),
                outcome: facts::Resolution::default(),
            };
            self.store("acme", Actor::provider("anna").role("support"), resolved);
            self.wait(Length::MINUTE);
        }
    }
}

/// The clients of two agreements: one in tiers and priorities, one of kinds and urgencies with aspirations.
fn both(origin: &str) -> Desk {
    let desk =
        Desk::under(origin, Shelf::new([managed_paper("acme"), named_paper("beta", "Beta BV")])).agree();
    let terms = desk.control.shelf().of(&"acme".parse().unwrap()).next().unwrap().terms.clone();
    let activated = AgreementActivated {
        agreement: "MP-2026-0001".parse().unwrap(),
        sha256: terms.identity().to_owned(),
        tier: None,
    };
    desk.wait(Length::MINUTE);
    desk.store("acme", Actor::automaton("test"), activated);
    desk.wait(Length::MINUTE);
    for (ticket, late) in [("T-1", false), ("T-2", true)] {
        let outage = RequestReceived {
            priority: None,
            kind: Some("outage".to_owned()),
            urgency: Some("critical".to_owned()),
            ..received(ticket, "Everything is down", "")
        };
        desk.store("acme", Actor::client("Name of bo").role("poc"), outage);
        desk.wait(if late { Length::HOUR } else { Length::MINUTE });
        desk.replied("acme", ticket);
        desk.wait(Length::MINUTE);
    }
    desk
}

#[tokio::test]
async fn mp_slo_05_effort_is_told_as_attainment_by_kind_and_urgency() {
    let desk = both(&format!("https://{HOST}"));
    let mut sam = desk.signed_in("sam").await;
    let page = sam.get(ACME).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "MP-SLO-05",
        "First response",
        "outage · critical",
        "50.0%",
        "1 of 2",
        "missed objective",
        "An aspiration",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("breach"), "MP-SLO-03: {}", page.body);
}

#[tokio::test]
async fn mp_esc_01_agreed_times_are_shown_with_the_tickets_they_count() {
    let desk = both(&format!("https://{HOST}"));
    let mut sam = desk.signed_in("sam").await;
    let page = sam.get(ACME).await.body;
    assert!(page.contains("MP-ESC-01"), "{page}");
    let cell = format!("{ACME}/2027-01/tickets?rule=first-response&row=outage&column=critical");
    assert!(page.contains(&cell.replace('&', "&#38;")) || page.contains(&cell), "{page}");
    let missed = sam.get(&format!("{cell}&of=missed")).await.body;
    assert!(
        missed.contains("href=\"/clients/acme/tickets/T-2\"") && !missed.contains("tickets/T-1"),
        "{missed}"
    );
    let why = "/clients/acme/why?missed=first-response%2Fticket%2FT-2%2F1";
    assert!(missed.contains(why), "{missed}");
    assert_eq!(sam.get(why).await.status, StatusCode::OK);
}

#[tokio::test]
async fn every_figure_of_a_month_leads_to_its_tickets_and_its_why() {
    let desk = Desk::agreed();
    desk.served(0);
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get(ACME).await.body;
    assert!(page.contains("P1 · premium") && page.contains("50.0%"), "{page}");
    let links: Vec<String> = page
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|link| link.contains("/tickets?rule="))
        .map(|link| link.replace("&#38;", "&").replace("&amp;", "&").split('#').next().unwrap().to_owned())
        .collect();
    assert!(links.len() > 5, "{page}");
    for link in links {
        assert_eq!(bo.get(&link).await.status, StatusCode::OK, "{link}");
    }
    let first = format!("{ACME}/2027-01/tickets?rule=first-response&row=P1&column=premium");
    let due = bo.get(&first).await.body;
    for part in ["The wiki is down", "Search finds nothing", "met, of those met or missed", "SH-SLO-03"] {
        assert!(due.contains(part), "{part}: {due}");
    }
    for wrong in
        ["?rule=none", "?rule=first-response&row=P9&column=premium", "?rule=first-response&of=all", ""]
    {
        let answer = bo.get(&format!("{ACME}/2027-01/tickets{wrong}")).await;
        assert!(answer.status.is_client_error(), "{wrong}: {}", answer.status);
    }
}

#[tokio::test]
async fn the_page_the_file_and_the_api_tell_one_attainment() {
    let desk = Desk::agreed();
    desk.served(0);
    let mut bo = desk.signed_in("bo").await;
    let csv = bo.get(&format!("{ACME}/2027-01.csv")).await;
    assert!(
        csv.body.starts_with("month,client,") && csv.body.contains("P1,premium,4h,2,2,1,1,0,0,1/2,50.0%"),
        "{}",
        csv.body
    );
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"attainment-acme-2027-01.csv\"");
    let json: serde_json::Value =
        serde_json::from_str(&bo.get(&format!("{ACME}/2027-01.json")).await.body).unwrap();
    let mut program = desk.program("bo").await;
    let api = program.read("/api/v1/clients/acme/attainment/2027-01").await;
    assert_eq!(api["lines"], json["lines"]);
    let list = program.read("/api/v1/clients/acme/attainment").await;
    let first = &list["items"][0]["promises"][0];
    assert_eq!((&first["attained"], &first["percent"]), (&json!("1 of 2"), &json!("50.0%")), "{list:#}");
    let all = desk.program("sam").await.read("/api/v1/attainment?month=2027-01").await;
    assert_eq!(all["items"][0]["promises"][0], *first, "{all:#}");
    let across = desk.signed_in("sam").await.get("/attainment/2027-01.csv").await.body;
    assert!(across.contains("2027-01,acme,") && across.contains("2027-01,beta,"), "{across}");
}

#[tokio::test]
async fn what_is_not_there_is_told_and_who_may_not_reads_nothing() {
    let desk = Desk::new();
    let mut bo = desk.signed_in("bo").await;
    let none = bo.get(ACME).await;
    assert!(none.status == StatusCode::OK && none.body.contains("No month yet"), "{}", none.body);
    let desk = Desk::agreed();
    let quiet = desk.signed_in("bo").await.get(ACME).await.body;
    assert!(quiet.contains("Nothing was received and nothing fell due"), "{quiet}");
    desk.add_named("rik", "Rik", Some("acme"), &["requester"]);
    let mut rik = desk.signed_in("rik").await;
    assert_eq!(rik.get(ACME).await.status, StatusCode::FORBIDDEN);
    assert!(!rik.get("/").await.body.contains("/attainment"), "what is not theirs is not offered");
    assert_eq!(desk.signed_in("bo").await.get("/attainment").await.status, StatusCode::NOT_FOUND);
    let mut sam = desk.signed_in("sam").await;
    for path in ["/attainment/2020-01", "/attainment"] {
        assert_eq!(sam.get(path).await.status, StatusCode::OK, "{path}");
    }
    for path in [
        "/attainment/x",
        "/attainment/x.csv",
        "/clients/acme/attainment/2020-01",
        "/clients/acme/attainment/é.csv",
    ] {
        assert_eq!(sam.get(&path.replace('é', "%C3%A9")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

/// Two months with something in each, as they are looked at.
fn lived_in(origin: &str) -> Desk {
    let desk = Desk::agreed_at(origin);
    for number in 0..4 {
        desk.served(number);
        desk.wait(Length::DAY * 6);
    }
    desk.request("acme", "T-90", "Colours of the menu", "P4");
    desk.wait(Length::MINUTE);
    desk
}

#[test]
fn attainment_in_a_browser() {
    let open = Open::over(lived_in);
    let dark = Kind { dark: true, ..Kind::DESK };
    for (how, kind) in [("light", Kind::DESK), ("dark", dark), ("phone", Kind::PHONE)] {
        let browser = open.signed_in(kind, "sam");
        for (name, path) in [
            ("attainment", ACME),
            ("attainment-month", "/clients/acme/attainment/2027-01"),
            ("attainment-tickets", "/clients/acme/attainment/2027-01/tickets?rule=first-response&of=missed"),
            ("attainment-all", "/attainment/2027-01"),
        ] {
            browser.go(&format!("{}{path}", open.origin));
            sound(&browser, &format!("{name}-{how}"));
        }
    }
}

#[test]
fn attainment_by_keyboard_and_without_script() {
    let open = Open::over(lived_in);
    let browser = open.signed_in(Kind::DESK, "bo");
    browser.press("gk");
    browser.wait("at attainment", |b| b.url().ends_with("/clients/acme/attainment"));
    browser.press(&format!("{}k", key::CONTROL));
    browser.wait("the palette", |b| b.count("dialog[open].palette") == 1);
    browser.press(&format!("january 2027{}", key::ENTER));
    browser.wait("at January", |b| b.url().ends_with("/attainment/2027-01"));
    let plain = open.signed_in(Kind { script_blocked: true, ..Kind::DESK }, "bo");
    plain.click(".sections a[href$='/attainment']");
    plain.wait("at attainment", |b| b.url().ends_with("/attainment"));
    plain.click("[data-name='Missed'] a");
    plain.wait("at its tickets", |b| b.url().contains("of=missed"));
    plain.picture("attainment-no-script");
}
