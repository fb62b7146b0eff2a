//! The rooms about instances, statements and the agreement in a real browser: sound, in light, in dark and on a phone.

use facts::{
    Actor, ChangeProposed, ClientChangePlanned, ExclusionClaimed, FreezeSet, Impact, MaintenanceKind,
    MaintenancePlanned, Outcome, ProposalKind, ProposalMade, Side,
};
use spans::Length;
use testkit::browser::Kind;

use crate::{
    browser::{Open, sound},
    desk::Desk,
};

const MINUTE: Length = Length::MINUTE;

const ROOMS: [(&str, &str); 14] = [
    ("instances", "/clients/acme/instances"),
    ("instances-all", "/instances"),
    ("instance", "/clients/acme/instances/wiki"),
    ("latency", "/clients/acme/instances/wiki/latency"),
    ("latency-month", "/clients/acme/instances/wiki/latency?over=30d"),
    ("ledger", "/clients/acme/instances/wiki/ledger/2027-01"),
    ("statements", "/clients/acme/statements"),
    ("statements-all", "/statements"),
    ("statement", "/clients/acme/statements/2027-01"),
    ("statement-print", "/clients/acme/statements/2027-01/print"),
    ("agreement", "/clients/acme/agreement"),
    ("agreements", "/agreements"),
    ("maintenance-record", "/clients/acme/maintenance/M-1"),
    ("api", "/api"),
];

/// Three days with an outage each, then maintenance, a gap in which nobody looked, and down by now.
fn lived_in(desk: &Desk) {
    desk.watched("wiki", "Wiki", "https://wiki.acme.example/", 60);
    for _ in 0..3 {
        desk.answers_each(MINUTE, Length::HOUR * 9, Outcome::Up);
        desk.answers_each(MINUTE, MINUTE * 2, Outcome::Down);
        desk.answers_each(MINUTE, Length::HOUR * 14 + MINUTE * 58, Outcome::Up);
    }
    let planned = MaintenancePlanned {
        maintenance: "M-1".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: desk.now() + Length::HOUR,
        ends_at: desk.now() + Length::HOUR * 2,
        cve: None,
        outside_slot: None,
        series: None,
    };
    desk.store("acme", Actor::provider("anna"), planned);
    for (minutes, outcome) in [(70, Outcome::Up), (30, Outcome::Down), (20, Outcome::Up)] {
        desk.answers_each(MINUTE, MINUTE * minutes, outcome);
    }
    desk.wait(MINUTE * 25);
    desk.answers_each(MINUTE, MINUTE * 30, Outcome::Up);
    desk.answers_each(MINUTE, MINUTE * 5, Outcome::Down);
    desk.wait(Length::from_secs(1));
}

#[test]
fn rooms_of_instances_and_their_months_are_sound() {
    let open = Open::over(Desk::agreed_at);
    lived_in(&open.desk);
    let dark = Kind { dark: true, ..Kind::DESK };
    for (how, kind) in [("light", Kind::DESK), ("dark", dark), ("phone", Kind::PHONE)] {
        let browser = open.signed_in(kind, "sam");
        for (name, path) in ROOMS {
            browser.go(&format!("{}{path}", open.origin));
            sound(&browser, &format!("{name}-{how}"));
        }
        let administrator = open.signed_in(kind, "ann");
        for (name, kind) in [("check", "http"), ("check-json", "flow")] {
            administrator.go(&format!("{}/clients/acme/instances/wiki/check?kind={kind}", open.origin));
            sound(&administrator, &format!("{name}-{how}"));
        }
        for list in ["/people", "/clients/acme/people"] {
            administrator.go(&format!("{}{list}", open.origin));
            administrator.follow("main a[aria-label^='Change ']");
            sound(&administrator, &format!("person{}-{how}", list.replace('/', "-")));
        }
        browser.go(&format!("{}/clients/acme", open.origin));
        let why = browser.run("return document.querySelector('a[href*=\"/why?\"]').href");
        browser.go(why.as_str().expect("an outage has something to be missed"));
        sound(&browser, &format!("why-{how}"));
    }
}

const PLANNED: [(&str, &str); 7] = [
    ("maintenance", "/clients/acme/maintenance"),
    ("plan", "/clients/acme/maintenance/plan"),
    ("agreed", "/clients/acme/maintenance/agreed"),
    ("changes", "/clients/acme/changes"),
    ("exclusions", "/clients/acme/exclusions"),
    ("claim", "/clients/acme/exclusions/claim"),
    ("exclusion", "/clients/acme/exclusions/E-1"),
];

/// A freeze, a proposal that waits for the provider, a change that nobody announced, one that waits for the client, and a claim.
fn agreed_upon(desk: &Desk) {
    let ahead = desk.now() + Length::HOUR * 48;
    let set = FreezeSet {
        freeze: "F-1".parse().unwrap(),
        from: ahead,
        until: ahead + Length::HOUR,
        reason: "The year is closed.".to_owned(),
        instances: Vec::new(),
    };
    desk.store("acme", Actor::provider("anna"), set);
    let made = ProposalMade {
        proposal: "P-1".parse().unwrap(),
        kind: ProposalKind::Window,
        side: Side::Client,
        what: Some("A new disk at noon.".to_owned()),
        window: None,
        work: None,
    };
    desk.store("acme", Actor::client("piet").role("approver"), made);
    let change = ClientChangePlanned {
        change: "C-1".parse().unwrap(),
        starts_at: desk.now() - MINUTE * 30,
        what: Some("Their firewall".to_owned()),
        instances: Vec::new(),
    };
    desk.store("acme", Actor::provider("anna"), change);
    let proposed = ChangeProposed {
        change: "C-2".parse().unwrap(),
        kind: "restart".to_owned(),
        starts_at: ahead,
        planned_in_stages: false,
        ends_at: Some(ahead + Length::HOUR),
        what: Some("More memory for the wiki".to_owned()),
        why: Some("It is slow.".to_owned()),
        instances: Vec::new(),
    };
    desk.store("acme", Actor::provider("anna"), proposed);
    let claimed = ExclusionClaimed {
        exclusion: "E-1".parse().unwrap(),
        instance: "wiki".parse().unwrap(),
        cause: "beyond-control".to_owned(),
        from: desk.now() - MINUTE * 4,
        until: desk.now() - MINUTE,
        evidence: "The exchange was cut off.".to_owned(),
    };
    desk.store("acme", Actor::provider("anna").role("manager"), claimed);
}

#[test]
fn rooms_of_planned_work_exclusions_and_incidents_are_sound() {
    let open = Open::over(Desk::agreed_at);
    lived_in(&open.desk);
    agreed_upon(&open.desk);
    let dark = Kind { dark: true, ..Kind::DESK };
    for (how, kind) in [("light", Kind::DESK), ("dark", dark), ("phone", Kind::PHONE)] {
        let browser = open.signed_in(kind, "sam");
        for (name, path) in PLANNED {
            browser.go(&format!("{}{path}", open.origin));
            sound(&browser, &format!("{name}-{how}"));
        }
        // Whoever approves has the forms, here and on the first page.
        let approver = open.signed_in(kind, "bo");
        for (name, path) in [("changes-to-approve", "/clients/acme/changes"), ("approvals", "/")] {
            approver.go(&format!("{}{path}", open.origin));
            assert_eq!(approver.count("form[action$='/C-2/approve']"), 1, "{name}");
            sound(&approver, &format!("{name}-{how}"));
        }
        browser.go(&format!("{}/clients/acme/incidents", open.origin));
        sound(&browser, &format!("incidents-{how}"));
        let one = browser.run("return document.querySelector('main td + th a').href");
        browser.go(one.as_str().expect("it is down by now"));
        sound(&browser, &format!("incident-{how}"));
    }
}
