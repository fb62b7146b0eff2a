//! Heartbeats: a service that stays silent is missed, at the true instant, and only while somebody listened.

use control::heartbeat_secret;
use facts::{Body, CheckDefined, ClientId, Observation, Outcome};
use journal::heartbeat::Beating;
use spans::{Instant, Length};

use crate::house::{House, instant};

fn at(second: i64) -> Instant {
    instant("2026-06-02T10:00:00Z") + Length::from_secs(second)
}

/// A job that calls each minute, with half a minute of grace, since second 0.
fn job() -> (House, ClientId, String) {
    let (house, client) = House::hosted("premium");
    let check = CheckDefined {
        instance: "wiki".parse().unwrap(),
        check: "job".parse().unwrap(),
        every_s: 60,
        method: None,
        url: None,
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: Some(30),
        again: None,
        objectives: Vec::new(),
    };
    house.control.miss_beats(at(0)).unwrap();
    house.store(&client, &[check.into()], at(0));
    let secret = heartbeat_secret(house.control.journal(), &of(&client, "job"), [3; 20], at(0)).unwrap();
    (house, client, secret)
}

fn of(client: &ClientId, check: &str) -> Beating {
    let instance = "wiki".parse().unwrap();
    Beating { client: client.clone(), instance, check: check.parse().unwrap() }
}

/// What was heard and missed, in seconds.
fn heard(house: &House, client: &ClientId) -> Vec<(i64, Outcome)> {
    let facts = house.control.journal().facts(client, None).unwrap();
    let seen = facts.into_iter().filter_map(|fact| match fact.body {
        Body::CheckObserved(seen) if seen.vantage.as_str() == "heartbeat" => Some(seen.observations),
        _ => None,
    });
    let second = |seen: Observation| ((seen.at - at(0)).as_micros() / 1_000_000, seen.outcome);
    let mut heard: Vec<_> = seen.flatten().map(second).collect();
    heard.sort_by_key(|(second, _)| *second);
    heard
}

use Outcome::{Down, Up, Void};

/// The timer's turns, each second.
fn listen(house: &House, seconds: std::ops::RangeInclusive<i64>) {
    seconds.for_each(|second| house.control.miss_beats(at(second)).unwrap());
}

#[test]
fn a_beat_is_good_one_that_does_not_come_is_missed_and_a_service_can_say_that_it_fails() {
    let (house, client, secret) = job();
    let control = &house.control;
    assert!(control.beat(&secret, Up, at(10)).unwrap());
    assert!(!control.beat("0000", Up, at(11)).unwrap(), "nobody has that address");
    listen(&house, 1..=99);
    assert_eq!(heard(&house, &client), [(10, Up)]);
    listen(&house, 100..=166);
    assert_eq!(
        heard(&house, &client),
        [(10, Up), (100, Down), (160, Down)],
        "with their true instants, once"
    );
    assert!(control.beat(&secret, Up, at(170)).unwrap());
    assert!(control.beat(&secret, Down, at(180)).unwrap());
    assert_eq!(heard(&house, &client)[3..], [(170, Up), (180, Down)]);
}

#[test]
fn a_new_address_ends_the_old_and_an_ended_instance_has_none() {
    let (house, client, old) = job();
    let journal = house.control.journal();
    let new = heartbeat_secret(journal, &of(&client, "job"), [4; 20], at(1)).unwrap();
    assert!(!house.control.beat(&old, Up, at(2)).unwrap());
    assert!(house.control.beat(&new, Up, at(2)).unwrap());
    assert!(heartbeat_secret(journal, &of(&client, "http"), [4; 20], at(3)).is_err(), "it is asked");
    let ended = facts::InstanceEnded { instance: "wiki".parse().unwrap(), until: at(50) };
    house.store(&client, &[ended.into()], at(50));
    assert!(!house.control.beat(&new, Up, at(60)).unwrap());
    listen(&house, 61..=500);
    assert_eq!(heard(&house, &client), [(2, Up)]);
}

#[test]
fn a_heartbeat_that_nobody_has_called_yet_waits_for_its_first_beat() {
    let (house, client, secret) = job();
    listen(&house, 1..=300);
    assert_eq!(heard(&house, &client), []);
    assert!(house.control.beat(&secret, Up, at(301)).unwrap());
    listen(&house, 301..=400);
    assert_eq!(heard(&house, &client), [(301, Up), (391, Down)]);
}

#[test]
fn a_restart_long_before_a_beat_is_due_excuses_nothing() {
    let (house, client, secret) = job();
    assert!(house.control.beat(&secret, Up, at(10)).unwrap());
    listen(&house, 10..=20);
    let house = house.restarted(&["stellar-hosted.toml"], at(32));
    listen(&house, 32..=110);
    assert_eq!(heard(&house, &client), [(10, Up), (100, Down)]);
}

#[test]
fn rule_8_what_fell_due_while_the_server_stood_still_is_void() {
    let (house, client, secret) = job();
    assert!(house.control.beat(&secret, Up, at(10)).unwrap());
    listen(&house, 10..=90);
    // It was stopped, or its journal could not be written, for ten minutes.
    listen(&house, 690..=900);
    let stood_still = [100, 160, 220, 280, 340, 400, 460, 520, 580, 640, 700].map(|s| (s, Void));
    let all = [&[(10, Up)], &stood_still[..], &[(760, Down), (820, Down), (880, Down)]].concat();
    assert_eq!(heard(&house, &client), all);
}

#[test]
fn rule_4_what_fell_due_while_nobody_listened_is_void_and_what_did_before_is_missed() {
    let (house, client, secret) = job();
    assert!(house.control.beat(&secret, Up, at(10)).unwrap());
    // The server was killed before its timer came to what fell due at 100; until 105 it listened.
    house.control.journal().write::<_, journal::Error>(|tx| tx.pulse("heartbeat", at(105))).unwrap();
    let house = house.restarted(&["stellar-hosted.toml"], at(250));
    house.control.miss_beats(at(250)).unwrap();
    assert_eq!(heard(&house, &client), [(10, Up), (100, Down), (160, Void), (220, Void)]);
    listen(&house, 251..=420);
    assert_eq!(heard(&house, &client)[4..], [(280, Void), (340, Down), (400, Down)]);
}
