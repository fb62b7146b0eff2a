//! Alerts of the provider's own monitoring (MP-SC-INC-02).

use control::live::{
    NotDone,
    command::{By, Crossing, Deed},
};
use facts::{
    Actor, Body, ClientId, Environment, Event, InstanceAdded, Resolution, ThresholdCrossed, TicketId,
};
use promise::obligation::State;
use spans::{Instant, Length};

use crate::{
    calls::{everything, hosted, managed, request},
    house::{House, bob, instant},
};

fn jira(house: &House, client: &ClientId, now: Instant) {
    let added = InstanceAdded {
        instance: "jira".parse().unwrap(),
        name: "Jira".to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from: now,
        until: None,
    };
    house.store(client, &[added.into()], now);
}

fn disk(value: u64) -> Crossing {
    Crossing {
        instance: "jira".parse().unwrap(),
        resource: "disk".to_owned(),
        value,
        limit: 95,
        unit: "%".to_owned(),
        evidence: "df /var of 10:00".to_owned(),
    }
}

fn by() -> By {
    By::new(Actor::provider("ann").role("support"))
}

/// The incident, and how many facts were recorded.
fn cross(house: &House, client: &ClientId, crossing: Crossing, now: Instant) -> (TicketId, usize) {
    let alerted = house.control.cross(client, crossing, by(), now).unwrap();
    (alerted.ticket, alerted.done.map_or(0, |done| done.facts.len()))
}

fn house(now: Instant) -> (House, ClientId) {
    let (house, client) = managed(now);
    jira(&house, &client, now);
    (house, client)
}

fn imported(ticket: &str) -> ThresholdCrossed {
    ThresholdCrossed {
        alert: ticket.parse().unwrap(),
        instance: "jira".parse().unwrap(),
        measure: "at its limit".to_owned(),
        resource: None,
        value: Some(95),
        limit: Some(95),
        unit: None,
        evidence: None,
        ticket: ticket.parse().ok(),
    }
}

#[test]
fn mp_sc_inc_02_a_full_disk_opens_an_incident_and_people_are_told_at_once() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let (ticket, recorded) = cross(&house, &client, disk(95), now);
    assert_eq!(recorded, 2);
    let told = everything(&house, now);
    let line = "A limit was crossed on jira: disk 95%, limit 95%.";
    assert_eq!(told, [format!("bob: {line}"), format!("jan: {line}"), format!("kim: {line}")]);
    let view = house.control.ticket(&client, &ticket, now + Length::MINUTE).unwrap().unwrap();
    assert_eq!(view.line.title.as_deref(), Some("Jira: disk 95%, limit 95%"));
    assert_eq!(view.line.instance.as_ref().map(|id| id.as_str()), Some("jira"));
    assert!(view.line.is_incident());
    let alert = view.obligations.iter().find(|owed| owed.duty.id == "alert").expect("the duty stands on it");
    assert!(matches!(alert.state, State::Met { .. }), "{:?}", alert.state);
    assert!(alert.clauses().contains(&"MP-SC-INC-02".to_owned()));
    let events: Vec<Event> = view.remarks.iter().map(|remark| remark.event).collect();
    assert_eq!(events, [Event::ThresholdCrossed, Event::AlertSent, Event::RequestReceived]);
    assert_eq!(view.remarks[0].text.as_deref(), Some("df /var of 10:00"));
    assert_eq!(house.control.incidents(&client, (None, 0), 9, now).unwrap().unwrap().len(), 1);
    assert!(house.control.journal().verify(&[]).unwrap().is_sound());
}

#[test]
fn mp_sc_inc_02_nothing_is_sent_before_the_outbox_and_what_waited_there_was_late() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let (ticket, _) = cross(&house, &client, disk(95), now);
    let state = |at| {
        let view = house.control.ticket(&client, &ticket, at).unwrap().unwrap();
        view.obligations.into_iter().find(|owed| owed.duty.id == "alert").unwrap().state
    };
    assert!(matches!(state(now + Length::from_secs(1)), State::Missed { late: None, .. }));
    let late = now + Length::from_minutes(5);
    house.control.relay(late).unwrap();
    let State::Missed { late: Some(act), .. } = state(late + Length::from_secs(1)) else {
        panic!("{:?}", state(late))
    };
    assert_eq!(act.at, late);
}

#[test]
fn mp_sc_inc_02_while_it_is_open_there_is_no_second_incident() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let (first, _) = cross(&house, &client, disk(95), now);
    let at = |minutes| now + Length::from_minutes(minutes);
    assert_eq!(cross(&house, &client, disk(95), at(1)), (first.clone(), 0), "as much is known");
    assert_eq!(cross(&house, &client, disk(97), at(2)), (first.clone(), 1), "worse is recorded on it");
    let shouted = Crossing { resource: " DISK ".to_owned(), ..disk(96) };
    assert_eq!(cross(&house, &client, shouted, at(3)), (first.clone(), 0));
    let memory = Crossing { resource: "memory".to_owned(), ..disk(99) };
    let (second, recorded) = cross(&house, &client, memory, at(4));
    assert_eq!((second == first, recorded), (false, 2), "another resource has its own");
    let done = Deed::Resolve { summary: "Logs were rotated.".to_owned(), outcome: Resolution::Solved };
    house.control.do_about(&client, &first, done, None, By::new(bob()), at(5)).unwrap();
    let (third, recorded) = cross(&house, &client, disk(95), at(6));
    assert_eq!((third == first, recorded), (false, 2), "the other was closed");
}

#[test]
fn mp_sc_inc_02_who_said_it_stays_on_record_and_a_machine_answers_nobody() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let done = house.control.cross(&client, disk(98), by(), now).unwrap().done.unwrap();
    for fact in &done.facts {
        assert_eq!((fact.actor.id.as_str(), fact.actor.is_person()), ("ann", false), "{:?}", fact.body);
    }
    let Body::ThresholdCrossed(crossed) = &done.facts[0].body else { panic!("{:?}", done.facts[0].body) };
    assert_eq!((crossed.value, crossed.limit, crossed.unit.as_deref()), (Some(98), Some(95), Some("%")));
}

#[test]
fn mp_sc_inc_02_what_is_wrong_with_an_alert_is_said_with_what_to_do() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let refused = |crossing| match house.control.cross(&client, crossing, by(), now) {
        Err(why @ NotDone::Wrong { .. }) => why.to_string(),
        other => panic!("{other:?}"),
    };
    let below = refused(disk(94));
    assert!(below.contains("`value`: 94% is below the limit of 95% for disk on jira"), "{below}");
    let unknown = refused(Crossing { instance: "wiki".parse().unwrap(), ..disk(95) });
    assert!(unknown.contains("`instance`: ") && unknown.contains("take an id of its list"), "{unknown}");
    assert!(refused(Crossing { resource: " ".to_owned(), ..disk(95) }).starts_with("`resource`: say what"));
    assert!(refused(Crossing { evidence: String::new(), ..disk(95) }).starts_with("`evidence`: say what"));
    let long = Crossing { evidence: "x".repeat(4_001), ..disk(95) };
    assert!(refused(long).contains("write 4000 at most"));
    assert!(
        house.control.read(&client, now, |book| book.open_ticket_lines(now).is_empty()).unwrap().unwrap()
    );
}

/// Tickets of an import keep their ids, which may be as long as ids are.
#[test]
fn an_alert_on_an_incident_whose_id_leaves_no_room_is_refused_and_says_so() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = house(now);
    let (first, second) = ("T".repeat(120), "T".repeat(121));
    for (id, resource) in [(&first, "disk"), (&second, "memory")] {
        let crossed = ThresholdCrossed { resource: Some(resource.to_owned()), ..imported(id) };
        house.store(&client, &[request(id, None).into(), crossed.into()], now);
    }
    let later = now + Length::MINUTE;
    assert_eq!(
        cross(&house, &client, disk(97), later),
        (first.parse().unwrap(), 1),
        "128 characters are an id"
    );
    let memory = Crossing { resource: "memory".to_owned(), ..disk(97) };
    let Err(NotDone::Wrong { why, .. }) = house.control.cross(&client, memory, by(), later) else {
        panic!("it has no id")
    };
    assert!(why.contains("has too long an id for one more alert"), "{why}");
}

#[test]
fn an_alert_under_an_agreement_without_that_duty_opens_an_incident_too_and_no_outage() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("standard", now);
    let (ticket, _) = cross(&house, &client, Crossing { instance: "wiki".parse().unwrap(), ..disk(95) }, now);
    everything(&house, now);
    let view = house.control.ticket(&client, &ticket, now + Length::MINUTE).unwrap().unwrap();
    assert!(view.line.is_incident() && !view.obligations.is_empty());
    assert!(!view.obligations.iter().any(|owed| owed.duty.id == "alert"));
    let months = house.control.read(&client, now, |book| book.incident(&ticket, now)).unwrap().flatten();
    assert!(months.unwrap().runs.is_empty());
}
