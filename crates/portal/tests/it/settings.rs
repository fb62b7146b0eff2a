//! Settings: what they show of this server, who sees whose tokens, and what happened at the door.

use axum::http::StatusCode;
use journal::delivery::Delivery;
use spans::Length;
use testkit::browser::Kind;

use crate::{
    browser::{Open, sound},
    desk::Desk,
};

fn desk(origin: &str) -> Desk {
    let desk = Desk::agreed_at(origin);
    desk.looks("acme", "wiki", Length::from_minutes(2), facts::Outcome::Up);
    let ends = desk.now() + Length::from_hours(24 * 30);
    for (login, name) in [("bo", "billing import"), ("sam", "dashboard")] {
        portal::people::token(&desk.journal, login, name, desk.now(), ends).unwrap();
    }
    let (person, due) = (desk.journal.read(|tx| tx.person_by_login("bo")).unwrap().unwrap().0.id, desk.now());
    let notice = Delivery {
        client: "acme".parse().unwrap(),
        id: "n-1".to_owned(),
        person,
        way: "mail".to_owned(),
        target: String::new(),
        body: String::new(),
        urgent: false,
        due,
    };
    desk.journal
        .write::<_, journal::Error>(move |tx| {
            tx.put_delivery(&notice)?;
            let carried = tx.claim_deliveries(due, Length::MINUTE, 1)?;
            tx.finish_delivery(&carried[0], due, "550 no such mailbox")
        })
        .unwrap();
    desk.wait(Length::MINUTE);
    desk
}

/// By A-06 the phrase names the time outside; where the calendar stands, so does its reading.
#[tokio::test]
async fn sh_cal_03_after_hours_is_shown_as_the_time_outside_the_hours_of_operation() {
    let page = desk("https://portal.example").signed_in("sam").await.get("/settings").await.body;
    let rows: Vec<&str> =
        page.split("<tr>").filter(|row| row.contains("Outside them: “After hours”")).collect();
    assert!(!rows.is_empty(), "{page}");
    for row in rows {
        assert!(row.contains("Hours of Operation") && row.contains("SH-CAL-03"), "{row}");
    }
}

#[tokio::test]
async fn settings_show_what_is_there_and_nothing_else() {
    let desk = desk("https://portal.example");
    let page = desk.signed_in("sam").await.get("/settings").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in [
        "https://portal.example",
        "tzdata",
        "ams",
        "fra",
        "looking",
        "Business Hours",
        "Europe/Amsterdam",
        "550 no such mailbox",
        "given up",
        "Name of bo",
        "not set up",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert_eq!(desk.signed_in("bo").await.get("/settings").await.status, StatusCode::NOT_FOUND);
    // Who may set a status page up is led there, and finds who sees it.
    let ann = desk.signed_in("ann").await.get("/settings").await.body;
    assert!(ann.contains("/clients/acme/status/settings") && ann.contains("nobody: there is none"), "{ann}");
}

#[tokio::test]
async fn tokens_are_ones_own_and_an_administrators_to_end() {
    let desk = desk("https://portal.example");
    let own = desk.signed_in("sam").await.get("/settings").await.body;
    assert!(own.contains("dashboard") && !own.contains("billing import"), "{own}");
    let mut ann = desk.signed_in("ann").await;
    let all = ann.get("/settings").await.body;
    assert!(all.contains("dashboard") && all.contains("billing import"), "{all}");
    let form = all.split("billing import</th>").nth(1).unwrap();
    let value = |name: &str| {
        let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let sent = format!("person={}&hash={}", value("person"), value("hash"));
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sam.post("/settings/tokens/end", &sent).await.status, StatusCode::FORBIDDEN);
    let done = ann.post("/settings/tokens/end", &sent).await;
    assert_eq!(done.header("location"), "/settings?done=token-ended", "{}", done.body);
    let left = ann.get("/settings").await.body;
    assert!(!left.contains("billing import") && left.contains("API token ended"), "{left}");
    for wrong in [sent.as_str(), "person=x&hash=zz"] {
        assert_eq!(ann.post("/settings/tokens/end", wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
}

#[tokio::test]
async fn what_happened_at_the_door_is_told_to_administrators() {
    let desk = desk("https://portal.example");
    desk.signed_in("bo").await;
    let mut ann = desk.signed_in("ann").await;
    let audit = ann.get("/settings/audit").await;
    assert_eq!(audit.status, StatusCode::OK, "{}", audit.body);
    assert!(audit.body.contains("Name of bo") && audit.body.contains("signed in"), "{}", audit.body);
    let before = ann.get("/settings/audit?before=2020-01-01T00:00:00Z").await.body;
    assert!(before.contains("Nothing before that") && before.contains("The newest"), "{before}");
    let mut sam = desk.signed_in("sam").await;
    assert_eq!(sam.get("/settings/audit").await.status, StatusCode::FORBIDDEN);
    assert!(!sam.get("/settings").await.body.contains("At the door"));
    let program = desk.program("ann").await.read("/api/v1/audit?limit=2").await;
    assert_eq!(program["items"].as_array().map(Vec::len), Some(2), "{program:#}");
    assert!(program["next"].is_string() && program["items"][0]["event"].is_string(), "{program:#}");
}

#[test]
fn settings_in_a_browser() {
    let open = Open::over(desk);
    let dark = Kind { dark: true, ..Kind::DESK };
    for (how, kind) in [("light", Kind::DESK), ("dark", dark), ("phone", Kind::PHONE)] {
        let browser = open.signed_in(kind, "ann");
        for (name, path) in [("settings", "/settings"), ("audit", "/settings/audit")] {
            browser.go(&format!("{}{path}", open.origin));
            sound(&browser, &format!("{name}-{how}"));
        }
    }
    let plain = open.signed_in(Kind { script_blocked: true, ..Kind::DESK }, "ann");
    plain.go(&format!("{}/settings", open.origin));
    plain.click("form[action='/settings/tokens/end'] button");
    plain.wait("ended", |b| b.url().ends_with("done=token-ended"));
    plain.picture("settings-no-script");
}
