//! Clients at a glance, what of a client's support was agreed, and whom it asks about what.

use axum::http::StatusCode;
use control::live::{Paper, Shelf};
use facts::{Actor, AgreementActivated, Outcome};
use spans::Length;
use testkit::browser::{Kind, key};

use crate::{
    agreed::{managed_paper, named_paper},
    browser::{Open, sound},
    desk::{Desk, HOST},
};

const ACME: &str = "/clients/acme/support";

impl Desk {
    /// This file comes into force, under this tier.
    pub(crate) fn puts_in_force(&self, of: &str, tier: Option<&str>) {
        let terms = self.control.shelf().of(&of.parse().unwrap()).next().unwrap().terms.clone();
        let activated = AgreementActivated {
            agreement: terms.agreement().agreement.id.parse().unwrap(),
            sha256: terms.identity().to_owned(),
            tier: tier.map(str::to_owned),
        };
        self.wait(Length::from_secs(1));
        self.store(of, Actor::automaton("test"), activated);
    }
}

/// Under one of the papers, in force.
fn under(paper: Paper, tier: Option<&str>) -> Desk {
    under_at(&format!("https://{HOST}"), paper, tier)
}

fn under_at(origin: &str, paper: Paper, tier: Option<&str>) -> Desk {
    let desk = Desk::under(origin, Shelf::new([paper]));
    desk.puts_in_force("acme", tier);
    desk
}

#[tokio::test]
async fn sh_sup_02_a_contact_sees_the_channels_of_its_tier_and_no_other() {
    for (tier, has, lacks) in [
        (
            "standard",
            &["Email", "support@example.net", "Portal"][..],
            &["Phone", "+31 20 000 0000", "Chat"][..],
        ),
        ("premium", &["Email", "Chat"], &["Phone", "+31 20 000 0000"]),
        ("enterprise", &["Chat", "Phone", "+31 20 000 0000"], &[]),
    ] {
        let desk = under(named_paper("acme", "Acme BV"), Some(tier));
        let page = desk.signed_in("bo").await.get(ACME).await.body;
        assert!(page.contains("SH-SUP-02") && page.contains(&format!("{tier} tier")), "{tier}: {page}");
        for part in has {
            assert!(page.contains(part), "{tier}: {part} in {page}");
        }
        for part in lacks {
            assert!(!page.contains(part), "{tier}: {part} in {page}");
        }
    }
}

/// The card of one topic, as the client sees it.
async fn card(desk: &Desk, topic: &str) -> String {
    let page = desk.signed_in("bo").await.get(ACME).await.body;
    let rest = page.split(&format!("<b>{topic}")).nth(1).unwrap_or_else(|| panic!("{topic}: {page}"));
    rest.split("</li>").next().unwrap().to_owned()
}

fn with_executive() -> Desk {
    let desk = under(managed_paper("acme"), None);
    desk.add_named("eva", "Eva Exec", None, &["account-executive"]);
    desk.add_named("gone", "Gone Exec", None, &["account-executive"]);
    desk.disable("gone");
    desk
}

#[tokio::test]
async fn mp_esc_08_the_account_executive_is_asked_about_price_contract_and_services() {
    let card = card(&with_executive(), "Price, contract, current services").await;
    assert!(
        card.contains("Eva Exec") && card.contains("account executive") && card.contains("MP-ESC-08"),
        "{card}"
    );
    assert!(!card.contains("Gone Exec"), "who may no longer come in is asked nothing: {card}");
}

#[tokio::test]
async fn mp_esc_09_and_about_expansion_upgrade_and_renewal() {
    let card = card(&with_executive(), "Expansion, upgrade, renewal").await;
    assert!(card.contains("Eva Exec") && card.contains("MP-ESC-09"), "{card}");
}

#[tokio::test]
async fn mp_esc_10_and_about_licensing_and_roadmap() {
    let card = card(&with_executive(), "Licensing, roadmap").await;
    assert!(card.contains("Eva Exec") && card.contains("MP-ESC-10"), "{card}");
    let nobody = under(managed_paper("acme"), None);
    let page = nobody.signed_in("bo").await.get(ACME).await.body;
    assert!(page.contains("is not named yet"), "{page}");
    let ours = nobody.signed_in("sam").await.get(ACME).await.body;
    assert!(ours.contains("Give somebody the role"), "{ours}");
}

#[tokio::test]
async fn mp_esc_03_the_ladder_is_shown_to_the_client_level_by_level() {
    let page = with_executive().signed_in("bo").await.get(ACME).await.body;
    for part in ["Level 1", "service desk lead", "Level 3", "head of managed services", "MP-ESC-03"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn the_providers_people_see_every_client_at_a_glance() {
    let desk = Desk::agreed();
    desk.request("acme", "T-1", "The wiki is slow", "P2");
    desk.wait(Length::MINUTE);
    let mut sam = desk.signed_in("sam").await;
    let all = sam.get("/clients").await;
    assert_eq!(all.status, StatusCode::OK, "{}", all.body);
    for part in [
        "href=\"/clients/acme/support\"",
        "href=\"/clients/beta/support\"",
        "premium",
        "/tickets?client=acme",
        "uncovered",
    ] {
        assert!(all.body.contains(part), "{part}: {}", all.body);
    }
    let one = sam.get(ACME).await.body;
    for part in
        ["SH-SLO-03", "Name of bo", "SH-2026-0001", "in force", "T-1", "Nobody is on call who may answer"]
    {
        assert!(one.contains(part), "{part}: {one}");
    }
    let mut bo = desk.signed_in("bo").await;
    assert_eq!(bo.get("/clients").await.status, StatusCode::NOT_FOUND);
    let theirs = bo.get(ACME).await.body;
    assert!(!theirs.contains("on call who may answer") && theirs.contains("New request"), "{theirs}");
    assert_eq!(bo.get("/clients/beta/support").await.status, StatusCode::NOT_FOUND);
    assert_eq!(sam.get("/clients/nobody/support").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn without_an_agreement_the_page_says_what_will_be_there() {
    let desk = Desk::new();
    let page = desk.signed_in("bo").await.get(ACME).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    for part in ["No agreement is at hand", "from the day both sides have signed it", "names no channel"] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(desk.signed_in("sam").await.get("/clients").await.body.contains("none at hand"));
}

#[tokio::test]
async fn a_program_reads_the_same_of_a_clients_support() {
    let desk = with_executive();
    let told = desk.program("bo").await.read("/api/v1/clients/acme/support").await;
    assert_eq!(told["topics"][0]["people"][0], "Eva Exec", "{told:#}");
    assert_eq!(told["ladder"]["rungs"][0]["who"], "service desk lead");
    let email = told["channels"].as_array().unwrap().iter().find(|way| way["channel"] == "email").unwrap();
    assert_eq!(email["objectives"], false, "MP-SLO-11: {told:#}");
}

fn lived_in(origin: &str) -> Desk {
    let desk = Desk::agreed_at(origin);
    desk.looks("acme", "wiki", Length::from_minutes(10), Outcome::Up);
    desk.served(0);
    desk.request("acme", "T-90", "Search finds nothing since this morning", "P2");
    desk.wait(Length::MINUTE);
    desk
}

#[test]
fn clients_in_a_browser() {
    let open = Open::over(lived_in);
    let managed = Open::over(|origin| {
        let desk = under_at(origin, managed_paper("acme"), None);
        desk.add_named("eva", "Eva Exec", None, &["account-executive"]);
        desk
    });
    let dark = Kind { dark: true, ..Kind::DESK };
    for (how, kind) in [("light", Kind::DESK), ("dark", dark), ("phone", Kind::PHONE)] {
        let browser = open.signed_in(kind, "sam");
        for (name, path) in [("clients", "/clients"), ("client", ACME)] {
            browser.go(&format!("{}{path}", open.origin));
            sound(&browser, &format!("{name}-{how}"));
        }
        let theirs = managed.signed_in(kind, "bo");
        theirs.go(&format!("{}{ACME}", managed.origin));
        sound(&theirs, &format!("support-{how}"));
    }
}

#[test]
fn clients_by_keyboard_and_without_script() {
    let open = Open::over(lived_in);
    let browser = open.signed_in(Kind::DESK, "sam");
    browser.press("gc");
    browser.wait("at the clients", |b| b.url().ends_with("/clients"));
    browser.press(&format!("{}k", key::CONTROL));
    browser.wait("the palette", |b| b.count("dialog[open].palette") == 1);
    browser.press(&format!("acme at a glance{}", key::ENTER));
    browser.wait("at one", |b| b.url().ends_with(ACME));
    browser.press("g,");
    browser.wait("at the settings", |b| b.url().ends_with("/settings"));
    let plain = open.signed_in(Kind { script_blocked: true, ..Kind::DESK }, "bo");
    plain.click(".sections a[href$='/support']");
    plain.wait("at support", |b| b.url().ends_with(ACME));
    plain.picture("support-no-script");
    plain.click(".rest summary");
    plain.click(".rest a[href$='/people']");
    plain.wait("at the people", |b| b.url().ends_with("/people"));
}
