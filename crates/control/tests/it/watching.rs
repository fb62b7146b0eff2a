//! Monitoring: what is seen becomes evidence, incidents open, merge and close by themselves.

use control::live::Act;
use facts::{
    Actor, Body, ClientId, Event, Impact, MaintenanceKind, MaintenancePlanned, Outcome, RequestReplied,
    RequestResolved, TicketId,
};
use promise::obligation::State;
use spans::{Instant, Length, Month};

use crate::house::{House, batch, instant};

const MINUTE: Length = Length::MINUTE;

fn incidents(house: &House, client: &ClientId, now: Instant) -> Vec<(String, Vec<Event>)> {
    let look = |book: &control::live::Book| {
        book.tickets()
            .map(|(id, facts)| (id.to_string(), facts.iter().map(facts::Fact::event).collect()))
            .collect()
    };
    house.control.read(client, now, look).unwrap().unwrap()
}

fn counted(house: &House, client: &ClientId, now: Instant) -> (i64, String) {
    let month: Month = "2026-06".parse().unwrap();
    let look = |book: &control::live::Book| {
        let evaluation = book.evaluation(now).unwrap();
        let statement = evaluation.preview(month).unwrap();
        let line = &statement.instances[0].month;
        (line.counted, line.unknown.to_string())
    };
    house.control.read(client, now, look).unwrap().unwrap()
}

#[test]
fn sh_mon_01_an_outage_opens_an_incident_with_its_clocks_and_closes_it() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(&client, start, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 5, MINUTE * 4, Outcome::Down);
    let open = incidents(&house, &client, start + MINUTE * 9);
    assert_eq!(open, [("i-wiki-20260602100503".to_owned(), vec![Event::RequestReceived])]);

    let next = house.control.next(std::slice::from_ref(&client), start + MINUTE * 9, 20).unwrap();
    assert!(
        next.iter().any(|next| next.forecast.what.starts_with("first-response: ticket i-wiki")),
        "{next:?}"
    );

    let ticket: TicketId = open[0].0.parse().unwrap();
    let due = |now| house.control.read(&client, now, |book| book.of_ticket(&ticket, now)).unwrap().unwrap();
    let running = due(start + MINUTE * 9);
    let response = running.iter().find(|o| o.duty.id == "first-response").expect("its clock runs");
    assert!(matches!(response.state, State::Running { .. }), "{}", response.state);
    assert!(response.why.to_text(|_| None).contains("first-response"));

    let reply = RequestReplied { ticket: ticket.clone(), next_update_by: None, text: None };
    let anna = Actor::provider("anna").role("support");
    let act = Act { text: Some("We are on it.".to_owned()), ..Act::new(&client, anna, reply) };
    house.act(act, start + MINUTE * 10).unwrap();
    let met = due(start + MINUTE * 10);
    let response = met.iter().find(|o| o.duty.id == "first-response").unwrap();
    assert!(
        matches!(&response.state, State::Met { by: Some(act), .. } if act.by == "anna"),
        "{}",
        response.state
    );

    house.looks(&client, start + MINUTE * 9, MINUTE * 5, Outcome::Up);
    let closed = incidents(&house, &client, start + MINUTE * 14);
    let story = [Event::RequestReceived, Event::RequestReplied, Event::RequestResolved];
    assert!(story.iter().all(|event| closed[0].1.contains(event)), "{closed:?}");
    // From 10:05:03, when the second place failed too, to 10:09:00: three whole minutes.
    assert_eq!(counted(&house, &client, start + MINUTE * 14).0, 3);
}

#[test]
fn an_incident_that_is_resolved_while_the_instance_is_down_opens_again_each_time() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(&client, start, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 5, MINUTE * 2, Outcome::Down);
    let ticket: TicketId = incidents(&house, &client, start + MINUTE * 7)[0].0.parse().unwrap();
    for minute in [7, 9, 11] {
        let resolved = RequestResolved {
            ticket: ticket.clone(),
            summary: "Restarted.".to_owned(),
            outcome: facts::Resolution::Solved,
        };
        let anna = Actor::provider("anna").role("support");
        house.act(Act::new(&client, anna, resolved), start + MINUTE * minute).unwrap();
        house.looks(&client, start + MINUTE * minute, MINUTE * 2, Outcome::Down);
    }
    let told = incidents(&house, &client, start + MINUTE * 13);
    let again = told[0].1.iter().filter(|event| **event == Event::RequestReopened).count();
    assert_eq!((told.len(), again), (1, 3), "{told:?}");
}

#[test]
fn one_stray_failure_opens_nothing_and_a_relapse_is_the_same_incident() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(&client, start, MINUTE, Outcome::Up);
    // One place fails alone: the other still gets answers.
    house.look(&client, "ams", start + MINUTE, Outcome::Down);
    house.look(&client, "fra", start + MINUTE, Outcome::Up);
    house.looks(&client, start + MINUTE * 2, MINUTE * 2, Outcome::Up);
    assert!(incidents(&house, &client, start + MINUTE * 4).is_empty());

    house.looks(&client, start + MINUTE * 4, MINUTE * 2, Outcome::Down);
    house.looks(&client, start + MINUTE * 6, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 11, MINUTE * 2, Outcome::Down);
    let merged = incidents(&house, &client, start + MINUTE * 13);
    assert_eq!(merged.len(), 1, "{merged:?}");
    assert_eq!(merged[0].1, [Event::RequestReceived, Event::RequestResolved, Event::RequestReopened]);
}

#[test]
fn maintenance_on_file_before_opens_no_incident_and_counts_nothing() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    let planned = MaintenancePlanned {
        maintenance: "M-1".parse().unwrap(),
        kind: MaintenanceKind::Emergency,
        cause: "hardware".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at: start + MINUTE * 5,
        ends_at: start + MINUTE * 8,
        cve: None,
        outside_slot: None,
        series: None,
    };
    let anna = Actor::provider("anna").role("manager");
    house.act(Act::new(&client, anna, planned), start).unwrap();
    house.looks(&client, start, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 5, MINUTE * 2, Outcome::Down);
    assert!(incidents(&house, &client, start + MINUTE * 7).is_empty());
    // It overruns: what lies after the declared end counts, and is an incident.
    house.looks(&client, start + MINUTE * 7, MINUTE * 4, Outcome::Down);
    house.looks(&client, start + MINUTE * 11, MINUTE, Outcome::Up);
    assert_eq!(incidents(&house, &client, start + MINUTE * 12).len(), 1);
    assert_eq!(counted(&house, &client, start + MINUTE * 12).0, 3);
    // SH-MAINT-11: the relay delivers the notice once, and says so.
    let relayed = house.control.relay(start + MINUTE * 12).unwrap();
    assert_eq!(relayed.iter().filter(|task| task.kind == "announce").count(), 1);
    assert!(house.control.relay(start + MINUTE * 13).unwrap().iter().all(|task| task.kind != "announce"));
    let delivered = |book: &control::live::Book| {
        book.facts().iter().filter(|fact| matches!(fact.body, Body::NoticeDelivered(_))).count()
    };
    assert_eq!(house.control.read(&client, start + MINUTE * 13, delivered).unwrap(), Some(1));
}

#[test]
fn reports_twice_late_and_shuffled_leave_the_same_ledger() {
    let tell = |order: &[usize]| {
        let (house, client) = House::hosted("premium");
        let start = instant("2026-06-02T10:00:00Z");
        let batches: Vec<_> = (0..30i64)
            .map(|index| {
                let at = start + MINUTE * index;
                let outcome = if (10..14).contains(&index) { Outcome::Down } else { Outcome::Up };
                batch(
                    &client,
                    "ams",
                    &[
                        (at, outcome),
                        (at + Length::from_secs(20), outcome),
                        (at + Length::from_secs(40), outcome),
                    ],
                )
            })
            .collect();
        for index in order {
            house.control.watch(&batches[*index], start + MINUTE * 40).unwrap();
        }
        counted(&house, &client, start + MINUTE * 40)
    };
    let straight: Vec<usize> = (0..30).collect();
    let mut shuffled: Vec<usize> = (0..30).map(|index| (index * 7) % 30).collect();
    shuffled.extend([3, 3, 17, 29]);
    assert_eq!(tell(&straight), tell(&shuffled));
    assert_eq!(tell(&straight).0, 4);
}
