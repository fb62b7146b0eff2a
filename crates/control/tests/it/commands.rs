//! Commands that pages and the API share: numbers that are free, keys that hold, steps in their order, nothing over a change.

use control::live::{
    NotDone,
    command::{By, Deed, Step},
};
use facts::{Actor, Impact, MaintenanceKind, MaintenancePlanned, Noun, RequestReceived};
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
