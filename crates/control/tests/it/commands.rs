//! Commands that pages and the API share: numbers that are free, keys that hold, steps in their order, nothing over a change.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use control::live::{
    NotDone,
    command::{By, Deed, Step},
};
use facts::{
    Actor, Body, CheckDefined, Environment, Impact, InstanceAdded, InstanceEnded, MaintenanceKind,
    MaintenancePlanned, Noun, RequestReceived,
};
use journal::Key;
use spans::Length;

use crate::house::{House, instant};

fn request(instance: &str) -> RequestReceived {
    RequestReceived {
        ticket: "T-0".parse().unwrap(),
        channel: "portal".to_owned(),
        title: Some("It is slow".to_owned()),
        instance: Some(instance.parse().unwrap()),
        priority: Some("P3".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
    }
}

fn keyed(actor: &Actor, name: &str, request: &str) -> By {
    By { key: Some(Key::of_request(name, request.as_bytes()).unwrap()), ..By::new(actor.clone()) }
}

#[test]
fn a_request_gets_the_next_number_and_under_its_key_the_one_it_had() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let receive = |by: By| house.control.receive(&client, request("wiki"), "Since noon.".to_owned(), by, now);
    let (first, done) = receive(keyed(&jan, "a", "one")).unwrap();
    let (second, _) = receive(By::new(jan.clone())).unwrap();
    let (again, replayed) = receive(keyed(&jan, "a", "one")).unwrap();
    assert_eq!([first.as_str(), second.as_str(), again.as_str()], ["T-1", "T-2", "T-1"]);
    assert_eq!((replayed.already, replayed.first_seq), (true, done.first_seq));
    assert!(matches!(
        receive(keyed(&jan, "a", "two")),
        Err(NotDone::Journal(journal::Error::KeyReused { .. }))
    ));
    let stranger =
        house.control.receive(&client, request("forum"), "x".to_owned(), By::new(jan.clone()), now);
    assert!(matches!(stranger, Err(NotDone::NoSuch { field: "instance", .. })));
    let silent = house.control.receive(&client, request("wiki"), " ".to_owned(), By::new(jan), now);
    assert!(matches!(silent, Err(NotDone::Empty { field: "text" })));
}

#[test]
fn nothing_is_done_about_what_is_not_there_or_has_changed() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let (jan, bob) = (Actor::client("jan").role("contact"), Actor::provider("bob").role("support"));
    let (ticket, _) =
        house.control.receive(&client, request("wiki"), "x".to_owned(), By::new(jan.clone()), now).unwrap();
    let count =
        || house.control.read(&client, now, |book| book.facts_about(Noun::Ticket, &ticket.0)).unwrap();
    let reply = |by: By, of: &str| {
        let text = Some("It is worse.".to_owned());
        let deed = Deed::Reply { next_update_by: None };
        house.control.do_about(&client, &of.parse().unwrap(), deed, text, by, now)
    };
    let read = count();
    assert_eq!(read, Some(1));
    assert!(matches!(reply(By::new(jan.clone()), "T-9"), Err(NotDone::Unknown { noun: "ticket", .. })));
    let said = reply(By { read, ..keyed(&jan, "r", "1") }, "T-1").unwrap();
    assert_eq!(said.facts[0].event().name(), "request.client_replied", "the side decides whose reply it is");
    assert!(matches!(reply(By { read, ..By::new(bob.clone()) }, "T-1"), Err(NotDone::Changed)));
    let again = reply(By { read, ..keyed(&jan, "r", "1") }, "T-1").unwrap();
    assert!(again.already, "what was done is not held against itself");
    assert_eq!(count(), Some(2));
    let note = house.control.do_about(&client, &ticket, Deed::Note, None, By::new(bob), now);
    assert!(matches!(note, Err(NotDone::Empty { field: "text" })));
}

#[test]
fn maintenance_goes_its_steps_in_their_order() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let bob = Actor::provider("bob").role("manager");
    let planned = MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: now + Length::HOUR,
        ends_at: now + Length::HOUR * 2,
        cve: None,
        outside_slot: None,
    };
    let by = || By::new(bob.clone());
    let (id, _) = house.control.plan(&client, planned.clone(), by(), now).unwrap();
    assert_eq!(id.as_str(), "M-1");
    let stranger = MaintenancePlanned { instances: vec!["forum".parse().unwrap()], ..planned };
    let stranger = house.control.plan(&client, stranger, by(), now);
    assert!(matches!(stranger, Err(NotDone::NoSuch { field: "instances", .. })));
    let step = |step, by| house.control.carry_out(&client, &id, step, by, now + Length::MINUTE * 61);
    assert!(matches!(step(Step::End, by()), Err(NotDone::OutOfOrder { .. })));
    let begun = step(Step::Start, keyed(&bob, "s", "1")).unwrap();
    assert!(matches!(step(Step::Cancel, by()), Err(NotDone::OutOfOrder { .. })));
    step(Step::End, by()).unwrap();
    assert!(matches!(step(Step::Start, by()), Err(NotDone::OutOfOrder { .. })));
    let again = step(Step::Start, keyed(&bob, "s", "1")).unwrap();
    assert_eq!((again.already, again.first_seq), (true, begun.first_seq), "told again though it is over");
}

#[test]
fn an_instance_is_added_once_asked_what_can_be_asked_and_never_ends_in_the_past() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let ann = || By::new(Actor::provider("ann").role("administrator"));
    let added = |id: &str, name: &str| InstanceAdded {
        instance: id.parse().unwrap(),
        name: name.to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from: now,
        until: None,
    };
    let add = |added: InstanceAdded| house.control.add_instance(&client, added, ann(), now);
    add(added("shop", "The shop")).unwrap();
    assert!(matches!(add(added("shop", "Another")), Err(NotDone::OutOfOrder { .. })));
    assert!(matches!(add(added("blog", " ")), Err(NotDone::Empty { field: "name" })));
    let backwards = InstanceAdded { until: Some(now), ..added("blog", "The blog") };
    assert!(matches!(add(backwards), Err(NotDone::OutOfOrder { .. })));

    let check = |instance: &str| CheckDefined {
        instance: instance.parse().unwrap(),
        check: "http".parse().unwrap(),
        every_s: 20,
        method: None,
        url: Some("https://shop.example/".to_owned()),
        expect: vec![200],
        timeout_ms: None,
        what: None,
        grace_s: None,
    };
    let define = |check: CheckDefined| house.control.define_check(&client, check, ann(), now);
    define(check("shop")).unwrap();
    define(CheckDefined { every_s: 60, ..check("shop") }).unwrap();
    assert!(matches!(define(check("none")), Err(NotDone::Unknown { noun: "instance", .. })));
    for (wrong, why) in [
        (CheckDefined { every_s: 0, ..check("shop") }, "interval"),
        (CheckDefined { timeout_ms: Some(1), ..check("shop") }, "timeout"),
        (CheckDefined { url: None, expect: Vec::new(), ..check("shop") }, "neither"),
        (CheckDefined { grace_s: Some(10), ..check("shop") }, "heartbeat"),
        (CheckDefined { url: Some("ftp://shop.example/".to_owned()), ..check("shop") }, "http"),
    ] {
        let refused = define(wrong).unwrap_err();
        assert!(
            matches!(refused, NotDone::Question { .. }) && refused.to_string().contains(why),
            "{why}: {refused}"
        );
    }
    let vantage = "here".parse().map(facts::VantageId).unwrap();
    let asked = house.control.assignment(&vantage, 1, now + Length::MINUTE).unwrap();
    let shop: Vec<u32> =
        asked.checks.iter().filter(|c| c.instance.as_str() == "shop").map(|c| c.every_s).collect();
    assert_eq!(shop, [60], "the newest word");

    let end = |until, at| {
        let ended = InstanceEnded { instance: "shop".parse().unwrap(), until };
        house.control.end_instance(&client, ended, ann(), at)
    };
    assert!(matches!(end(now - Length::HOUR, now), Err(NotDone::OutOfOrder { .. })));
    end(now + Length::DAY, now + Length::HOUR).unwrap();
    end(now + Length::HOUR * 2, now + Length::HOUR).unwrap();
    assert!(matches!(end(now + Length::DAY, now + Length::DAY), Err(NotDone::OutOfOrder { .. })));
    let asked = house.control.assignment(&vantage, 2, now + Length::HOUR * 2).unwrap();
    assert!(!asked.checks.iter().any(|check| check.instance.as_str() == "shop"));
}

#[test]
fn a_notice_that_went_another_way_is_recorded_once() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let planned = MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: now + Length::HOUR,
        ends_at: now + Length::HOUR * 2,
        cve: None,
        outside_slot: None,
    };
    let bob = || By::new(Actor::provider("bob").role("support"));
    let (record, _) = house.control.plan(&client, planned, bob(), now).unwrap();
    let told = || house.control.carry_out(&client, &record, Step::Announce, bob(), now + Length::MINUTE);
    assert_eq!(told().unwrap().facts[0].event().name(), "notice.delivered");
    assert!(matches!(told(), Err(NotDone::OutOfOrder { .. })));
}

/// Another process has the next number while ours is being written down: ours is judged again and takes the one behind it.
#[test]
fn two_processes_never_give_one_number_twice() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let jan = Actor::client("jan").role("contact");
    let theirs = Arc::new(house.neighbour(now, || ()));
    let (between, acts) = (Arc::clone(&theirs), AtomicU32::new(2));
    let (their_client, their_jan) = (client.clone(), jan.clone());
    let ours = house.neighbour(now, move || {
        if acts.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            let by = By::new(their_jan.clone());
            between.receive(&their_client, request("wiki"), "Theirs.".to_owned(), by, now).unwrap();
        }
    });
    let (ticket, done) =
        ours.receive(&client, request("wiki"), "Ours.".to_owned(), By::new(jan), now).unwrap();
    assert_eq!((ticket.as_str(), done.already), ("T-3", false));
    let facts = house.control.journal().facts(&client, None).unwrap();
    let tickets = facts.iter().filter_map(|fact| match &fact.body {
        Body::RequestReceived(request) => Some(request.ticket.as_str()),
        _ => None,
    });
    assert_eq!(tickets.collect::<Vec<_>>(), ["T-1", "T-2", "T-3"]);
}
