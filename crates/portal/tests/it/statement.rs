//! Statements and the agreement behind them, over real facts.

use axum::http::StatusCode;
use facts::Outcome;
use spans::Length;

use crate::desk::Desk;

/// An outage of four minutes in January, and February as it stands.
fn two_months() -> Desk {
    let desk = Desk::agreed();
    desk.answers(Length::MINUTE * 30, Outcome::Up);
    desk.answers(Length::MINUTE * 4, Outcome::Down);
    desk.answers(Length::MINUTE * 30, Outcome::Up);
    desk.wait(Length::DAY * 20);
    desk
}

#[tokio::test]
async fn a_months_statement_is_one_on_the_screen_in_print_and_as_data() {
    let desk = two_months();
    let mut bo = desk.signed_in("bo").await;
    let list = bo.get("/clients/acme/statements").await;
    assert_eq!(list.status, StatusCode::OK, "{}", list.body);
    assert!(
        list.body.contains("February 2027</a> <span class=\"unit\">as it stands</span>"),
        "{}",
        list.body
    );
    let room = bo.get("/clients/acme/statements/2027-01").await;
    let print = bo.get("/clients/acme/statements/2027-01/print").await;
    let body = |text: &str| {
        let from = text.find("<p class=\"lead\">").unwrap();
        text[from..text.find("give this statement again.").unwrap()].to_owned()
    };
    assert_eq!(body(&room.body), body(&print.body), "one rendering");
    for page in [&list, &room, &print] {
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.body.contains("style=") && !page.body.contains("<style"), "{}", page.body);
    }
    assert!(print.body.contains("<link rel=\"stylesheet\" href=\"/assets/statement."), "{}", print.body);
    assert!(room.body.contains("down, 3 min counted") && room.body.contains("<ul class=\"why\">"));
    let running = bo.get("/clients/acme/statements/2027-02").await;
    assert!(running.body.contains("Of one instance too little was seen so far."), "{}", running.body);
    assert!(!room.body.contains("statements/2026-12"), "no way to a month before there was an agreement");
    assert!(running.body.contains("Statement as it stands: the month is not over"), "{}", running.body);
    let csv = bo.get("/clients/acme/statements/2027-01.csv").await;
    assert!(csv.body.starts_with("month,client,") && csv.body.contains("2027-01,acme,"), "{}", csv.body);
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"statement-acme-2027-01.csv\"");
    let json = bo.get("/clients/acme/statements/2027-01.json").await;
    let json: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert_eq!(json["statement"]["instances"][0]["counted"], 3);
    let all = desk.signed_in("sam").await.get("/statements").await;
    assert!(all.body.contains("acme") && all.body.contains("beta"), "{}", all.body);
}

#[tokio::test]
async fn statements_and_agreements_of_others_are_not_there() {
    let desk = Desk::agreed();
    let paper = |of: &str| {
        let of = of.parse().unwrap();
        desk.control.shelf().of(&of).next().unwrap().terms.identity().to_owned()
    };
    let (ours, theirs) = (paper("acme"), paper("beta"));
    let mut cy = desk.signed_in("cy").await;
    for path in [
        "statements",
        "statements/2027-01",
        "statements/2027-01.csv",
        "statements/2027-01/print",
        "agreement",
    ] {
        assert_eq!(cy.get(&format!("/clients/acme/{path}")).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // Not through their own client's path either.
    let stolen = cy.get(&format!("/clients/beta/agreement/{ours}.toml")).await;
    assert_eq!(stolen.status, StatusCode::NOT_FOUND);
    assert_eq!(cy.get(&format!("/clients/beta/agreement/{theirs}.toml")).await.status, StatusCode::OK);
    let mut sam = desk.signed_in("sam").await;
    for path in [
        "statements/2027-02",
        "statements/2020-01",
        "statements/x",
        "statements/x.csv",
        "agreement/é",
        "agreement/x.toml",
    ] {
        let path = format!("/clients/acme/{}", path.replace('é', "%C3%A9"));
        assert_eq!(sam.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn the_agreement_is_told_in_prose_and_its_file_is_the_one_that_was_signed() {
    let desk = Desk::agreed();
    let mut bo = desk.signed_in("bo").await;
    let page = bo.get("/clients/acme/agreement").await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    let terms = desk.control.shelf().of(&"acme".parse().unwrap()).next().unwrap().clone();
    for part in ["SH-AVAIL-06", "under premium", "<dt>A-10</dt>", terms.terms.identity(), "in force</span>"] {
        assert!(page.body.contains(part), "{part} in {}", page.body);
    }
    assert!(!page.body.contains("style="));
    let file = bo.get(&format!("/clients/acme/agreement/{}.toml", terms.terms.identity())).await;
    assert_eq!(file.body, terms.text);
    let all = desk.signed_in("sam").await.get("/agreements").await;
    assert!(all.body.contains("href=\"/clients/acme/agreement\"") && all.body.contains("in force"));
}

#[tokio::test]
async fn hostile_names_stay_text_on_a_statement() {
    let desk = Desk::agreed();
    desk.watched("wiki", "<script>alert(1)</script>", "x", 20);
    let mut bo = desk.signed_in("bo").await;
    for path in ["/clients/acme/statements/2027-01", "/clients/acme/statements/2027-01/print"] {
        let page = bo.get(path).await;
        assert!(page.body.contains("&#60;script&#62;") && !page.body.contains("<script>a"), "{}", page.body);
    }
}
