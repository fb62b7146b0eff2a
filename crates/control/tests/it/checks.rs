//! What is asked of instances, held against what was signed (SH-AVAIL-07).

use control::live::{Done, NotDone, command::By};
use facts::{Body, CheckDefined, CheckEnded, ClientId, Outcome};
use spans::{Instant, Length};

use crate::{
    calls::{everything, hosted},
    house::{House, instant},
};

fn plain(check: &str) -> CheckDefined {
    CheckDefined {
        instance: "wiki".parse().unwrap(),
        check: check.parse().unwrap(),
        every_s: 20,
        method: None,
        url: Some("https://wiki.example/".to_owned()),
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    }
}

fn ann() -> By {
    By::new(facts::Actor::provider("ann").role("support"))
}

fn define(house: &House, client: &ClientId, check: CheckDefined, now: Instant) -> Result<Done, NotDone> {
    house.control.define_check(client, check, ann(), now)
}

#[test]
fn sh_avail_07_what_a_check_leaves_out_is_what_was_signed() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    let done = define(&house, &client, plain("start"), now).unwrap();
    let Body::CheckDefined(check) = &done.facts[0].body else { panic!("{done:?}") };
    assert_eq!(
        (check.method.as_deref(), check.expect.as_slice(), check.timeout_ms),
        (Some("GET"), &[200, 204, 301, 302][..], Some(10_000))
    );
    let departs = house.control.read(&client, now, |book| book.departures(check)).unwrap().unwrap();
    assert_eq!(departs, None);
}

#[test]
fn sh_avail_07_a_check_that_departs_from_what_was_signed_is_refused_until_somebody_confirms_it() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    let clauses = ["SH-AVAIL-07", "SH-MON-01"].map(str::to_owned);
    for (check, how) in [
        (CheckDefined { method: Some("HEAD".to_owned()), ..plain("a") }, "method HEAD, signed GET"),
        (CheckDefined { expect: vec![200], ..plain("a") }, "good codes 200, signed 200 204 301 302"),
        (CheckDefined { timeout_ms: Some(500), ..plain("a") }, "waits 500 ms, signed 10000 ms"),
        (CheckDefined { every_s: 60, ..plain("a") }, "every 60 s, signed 20 s"),
    ] {
        let Err(NotDone::Refused(refusal)) = define(&house, &client, check.clone(), now) else {
            panic!("{how}")
        };
        assert_eq!((refusal.may_be_confirmed(), refusal.clauses.as_slice()), (true, &clauses[..]));
        assert!(refusal.reason.to_string().contains(&format!("({how})")), "{how}: {}", refusal.reason);
        let by = By { confirmed: true, ..ann() };
        house.control.define_check(&client, check, by, now).unwrap();
    }
    // More often is as signed, and so are codes in another order.
    let often = CheckDefined { every_s: 15, expect: vec![302, 301, 204, 200], ..plain("b") };
    define(&house, &client, often, now).unwrap();
    // What is not asked by HTTP is no evidence where a request is.
    let beat = CheckDefined { url: None, grace_s: Some(60), every_s: 3_600, ..plain("beat") };
    define(&house, &client, beat, now).unwrap();
}

#[test]
fn sh_avail_07_the_client_is_told_of_a_check_and_of_how_it_departs() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    define(&house, &client, plain("start"), now).unwrap();
    let line = "Name of ann said what check start asks: GET https://wiki.example/, every 20 s.";
    let told = |at| {
        let mut told = everything(&house, at);
        told.retain(|line| !line.contains("Missed: "));
        told
    };
    assert_eq!(told(now), [format!("jan: {line}"), format!("kim: {line}")]);
    let later = now + Length::MINUTE;
    let by = By { confirmed: true, ..ann() };
    house.control.define_check(&client, CheckDefined { every_s: 60, ..plain("start") }, by, later).unwrap();
    let told = told(later);
    let departs = "It departs from what was signed (SH-AVAIL-07, SH-MON-01): every 60 s, signed 20 s.";
    assert!(told.len() == 2 && told[0].ends_with(departs), "{told:?}");
}

fn end(house: &House, client: &ClientId, check: &str, by: By, now: Instant) -> Result<Done, NotDone> {
    let ended = CheckEnded { instance: "wiki".parse().unwrap(), check: check.parse().unwrap() };
    house.control.end_check(client, ended, by, now)
}

/// What is asked of the wiki.
fn asked(house: &House, now: Instant) -> Vec<String> {
    let here = "here".parse().unwrap();
    let assigned = house.control.assignment(&here, 1, now).unwrap();
    assigned.checks.iter().map(|check| check.check.to_string()).collect()
}

#[test]
fn a_check_that_is_withdrawn_is_asked_by_nobody_and_may_come_back() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    define(&house, &client, plain("start"), now).unwrap();
    assert_eq!(asked(&house, now + Length::from_secs(1)), ["start"]);
    let later = now + Length::MINUTE;
    assert!(matches!(
        end(&house, &client, "none", ann(), later),
        Err(NotDone::NoSuch { field: "check", .. })
    ));
    let read = |read| By { read: Some(read), ..ann() };
    assert!(matches!(end(&house, &client, "start", read(2), later), Err(NotDone::Changed)));
    end(&house, &client, "start", read(1), later).unwrap();
    assert_eq!(asked(&house, later + Length::from_secs(1)), [""; 0]);
    let wiki = "wiki".parse().unwrap();
    let left: Vec<String> = house
        .control
        .read(&client, later, |book| {
            book.checks_of(&wiki).iter().map(|check| check.check.to_string()).collect()
        })
        .unwrap()
        .unwrap();
    assert_eq!(left, ["http"]);
    assert!(matches!(end(&house, &client, "start", ann(), later), Err(NotDone::NoSuch { .. })), "it is over");
    // Whoever wrote beside its end goes over nothing.
    let stale = house.control.define_check(&client, plain("start"), read(1), later);
    assert!(matches!(stale, Err(NotDone::Changed)), "{stale:?}");
    house.control.define_check(&client, plain("start"), read(0), later + Length::MINUTE).unwrap();
    assert_eq!(asked(&house, later + Length::MINUTE * 2), ["start"]);
}

#[test]
fn the_last_check_is_withdrawn_with_a_word_only_and_its_time_is_unknown_from_then_on() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    house.looks(&client, now, Length::MINUTE * 10, Outcome::Up);
    let at = now + Length::MINUTE * 9;
    let Err(NotDone::Refused(refusal)) = end(&house, &client, "http", ann(), at) else { panic!() };
    assert!(
        refusal.may_be_confirmed() && refusal.to_string().contains("the last check of wiki"),
        "{refusal}"
    );
    assert!(refusal.clauses.contains(&"SH-MON-01".to_owned()));
    let later = now + Length::MINUTE * 10;
    end(&house, &client, "http", By { confirmed: true, ..ann() }, later).unwrap();
    // Somebody has not heard of it yet.
    house.looks(&client, later, Length::MINUTE * 2, Outcome::Down);
    let month = |at| {
        let wiki = "wiki".parse().unwrap();
        house.control.read(&client, at, |book| book.instance_months(&wiki, at)).unwrap().unwrap().remove(0)
    };
    let (before, after) = (month(later), month(later + Length::HOUR));
    assert_eq!((after.up, after.down, after.counted), (before.up, Length::ZERO, 0));
    assert_eq!(after.unknown, before.unknown + Length::HOUR);
    let why = after.why.to_text(|_| None);
    assert!(
        why.contains("withdrawn check") && why.contains("http, no evidence from 2026-06-08T10:10:00"),
        "{why}"
    );
    assert!(
        everything(&house, later).iter().any(|line| line.contains("jan: Name of ann withdrew check http"))
    );
}

#[test]
fn a_heartbeat_that_is_withdrawn_is_not_missed() {
    let now = instant("2026-06-08T10:00:00Z");
    let (house, client) = hosted("premium", now);
    let beat = CheckDefined { url: None, grace_s: Some(10), every_s: 60, ..plain("beat") };
    define(&house, &client, beat, now).unwrap();
    let of = journal::heartbeat::Beating {
        client: client.clone(),
        instance: "wiki".parse().unwrap(),
        check: "beat".parse().unwrap(),
    };
    let secret = control::heartbeat_secret(house.control.journal(), &of, [7; 20], now).unwrap();
    assert!(house.control.beat(&secret, Outcome::Up, now + Length::MINUTE).unwrap());
    end(&house, &client, "beat", ann(), now + Length::MINUTE * 2).unwrap();
    assert!(!house.control.beat(&secret, Outcome::Up, now + Length::MINUTE * 3).unwrap(), "nobody listens");
    assert!(control::heartbeat_secret(house.control.journal(), &of, [8; 20], now).is_err());
    let facts = house.control.journal().facts(&client, None).unwrap().len();
    house.control.miss_beats(now + Length::HOUR).unwrap();
    assert_eq!(house.control.journal().facts(&client, None).unwrap().len(), facts);
}
