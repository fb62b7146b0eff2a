//! Merged and split tickets in the live model: what is said on one is heard on the other, at once and read again from the journal.

use control::live::Act;
use facts::{Actor, Body, ClientId, RequestMerged, RequestReceived, RequestReplied, TicketId};
use promise::obligation::State;
use spans::Instant;

use crate::house::{House, instant};

fn id(ticket: &str) -> TicketId {
    ticket.parse().unwrap()
}

fn request(ticket: &str, split_from: Option<&str>) -> RequestReceived {
    RequestReceived {
        ticket: id(ticket),
        channel: "email".to_owned(),
        title: Some("It is slow".to_owned()),
        instance: None,
        priority: Some("P2".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: split_from.map(id),
        about: None,
    }
}

fn first_response(house: &House, client: &ClientId, ticket: &str, now: Instant) -> State {
    let found = house.control.read(client, now, |book| book.of_ticket(&id(ticket), now)).unwrap().unwrap();
    let response = found.into_iter().find(|owed| owed.duty.id == "first-response");
    response.unwrap().state
}

#[test]
fn what_is_said_where_a_ticket_goes_on_meets_its_promises() {
    let (house, client) = House::hosted("enterprise");
    let at = |minute: u32| instant(&format!("2026-06-02T10:{minute:02}:00Z"));
    let (jan, anna) = (Actor::client("jan").role("contact"), Actor::provider("anna").role("support"));
    house.act(Act::new(&client, jan.clone(), request("T-1", None)), at(0)).unwrap();
    house.act(Act::new(&client, jan.clone(), request("T-2", None)), at(1)).unwrap();
    let merge = |ticket, into| RequestMerged { ticket: id(ticket), into: id(into) };
    // The client merges nothing, and nothing goes on where nobody is.
    assert!(house.act(Act::new(&client, jan, merge("T-1", "T-2")), at(2)).is_err());
    assert!(house.act(Act::new(&client, anna.clone(), merge("T-1", "T-9")), at(2)).is_err());
    house.act(Act::new(&client, anna.clone(), merge("T-1", "T-2")), at(3)).unwrap();
    assert!(house.act(Act::new(&client, anna.clone(), merge("T-2", "T-1")), at(4)).is_err(), "no circle");
    assert!(matches!(first_response(&house, &client, "T-1", at(5)), State::Running { .. }));
    let open = house.control.read(&client, at(5), |book| book.open_ticket_lines(at(5)).len()).unwrap();
    assert_eq!(open, Some(1), "a merged ticket waits in no queue");

    let reply = RequestReplied { ticket: id("T-2"), next_update_by: None, text: None };
    house.act(Act::new(&client, anna, Body::from(reply)), at(6)).unwrap();
    for ticket in ["T-1", "T-2"] {
        assert!(matches!(first_response(&house, &client, ticket, at(7)), State::Met { .. }), "{ticket}");
    }
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

#[test]
fn a_split_ticket_hears_what_was_said_before_it() {
    let (house, client) = House::hosted("enterprise");
    let at = |minute: u32| instant(&format!("2026-06-02T10:{minute:02}:00Z"));
    let (jan, anna) = (Actor::client("jan").role("contact"), Actor::provider("anna").role("support"));
    let received = house.act(Act::new(&client, jan, request("T-1", None)), at(0)).unwrap().facts[0].at;
    let reply = RequestReplied { ticket: id("T-1"), next_update_by: None, text: None };
    house.act(Act::new(&client, anna.clone(), Body::from(reply)), at(5)).unwrap();
    // It has the first one's receipt, and no other.
    let split = || Act::new(&client, anna.clone(), request("T-2", Some("T-1")));
    assert!(house.act(split(), at(10)).is_err());
    house.act(Act { at: Some(received), ..split() }, at(10)).unwrap();
    assert!(matches!(first_response(&house, &client, "T-2", at(11)), State::Met { .. }));
}
