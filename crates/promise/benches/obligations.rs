//! What everybody waits for whenever a ticket is touched: its obligations, with their whys.
//!
//! Sketch, one core:
//! - One ticket with five facts under the hosted agreement: four rules start, five obligations come of it. Per obligation a due
//!   instant (two table look-ups, ~50 ns), reminders (three more each) and a derivation of ~30 short texts at ~50 ns: ~2 µs.
//!   So ~10 µs with the sorting and grouping. Budget 20 µs.
//! - A client's year of 2,000 tickets, four instances with daily backups and hourly looks: 12,000 facts, ~13,000 obligations:
//!   ~40 ms. No budget of its own; it is part of the year's replay (1 s).
//! - One guard: a role, the file's guards, and what its act needs. Budget 20 µs.

use std::hint::black_box;

use agreement::{Agreement, Terms};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use facts::{
    Actor, BackupTaken, Body, CheckObserved, ClientId, Environment, Fact, FactId, InstanceAdded, InstanceId,
    Observation, Outcome, RequestClassified, RequestReceived, RequestReplied, RequestReprioritised,
    RequestResolved, Resolution,
};
use promise::{History, Versions, guard, obligation::obligations};
use spans::{Instant, Length};

criterion_group!(benches, one_ticket, a_year_of_a_client, one_guard);
criterion_main!(benches);

/// Received, classified, answered, reprioritised, resolved.
fn one_ticket(criterion: &mut Criterion) {
    let (versions, facts) = (versions(), ticket(1, start()));
    let at = start() + Length::WEEK;
    let told = obligations(&versions, &facts, at);
    let mut group = criterion.benchmark_group("one ticket");
    group.bench_function(format!("{} facts, {} obligations", facts.len(), told.len()), |bencher| {
        bencher.iter(|| obligations(&versions, black_box(&facts), at));
    });
    let fresh = &facts[..1];
    group.bench_function("just received", |bencher| {
        bencher.iter(|| obligations(&versions, black_box(fresh), start()));
    });
}

/// 2,000 tickets, and four instances with a backup a day and a look an hour (each with 180 observations).
fn a_year_of_a_client(criterion: &mut Criterion) {
    let versions = versions();
    let mut facts: Vec<Fact> =
        (0..2_000_u32).flat_map(|n| ticket(n, start() + Length::HOUR * (4 * i64::from(n)))).collect();
    for name in ["wiki", "chat", "git", "mail"] {
        facts.extend(instance(name));
    }
    let at = start() + Length::DAY * 365;
    let told = obligations(&versions, &facts, at);
    let mut group = criterion.benchmark_group("a year of a client");
    group.sample_size(10);
    group.throughput(Throughput::Elements(facts.len() as u64));
    group.bench_function(format!("{} facts, {} obligations", facts.len(), told.len()), |bencher| {
        bencher.iter(|| obligations(&versions, black_box(&facts), at));
    });
}

/// A change of priority, judged before it is recorded.
fn one_guard(criterion: &mut Criterion) {
    let (versions, facts) = (versions(), ticket(1, start()));
    let (act, before) = (&facts[3], &facts[..3]);
    let history = History::new(before);
    criterion.bench_function("one guard", |bencher| {
        bencher.iter(|| guard::allow(&versions, &history, black_box(act)));
    });
}

fn versions() -> Versions {
    let text = include_str!("../../../agreements/stellar-hosted.toml");
    let agreement = Agreement::read(text).0.expect("the shipped file can be read");
    Versions::single(Terms::compile(agreement, "0".repeat(64)).expect("its calendars compile"))
}

fn start() -> Instant {
    "2026-03-03T10:00:00Z".parse().expect("an instant")
}

fn ticket(number: u32, at: Instant) -> Vec<Fact> {
    let ticket: facts::TicketId = format!("T-{number}").parse().expect("an id");
    let received = RequestReceived {
        ticket: ticket.clone(),
        channel: "portal".to_owned(),
        title: Some("It is slow".to_owned()),
        instance: None,
        priority: Some("P2".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    };
    let (class, kind) = (Some("standard".to_owned()), None);
    let change = RequestReprioritised {
        ticket: ticket.clone(),
        priority: Some("P3".to_owned()),
        urgency: None,
        message: "one user is affected".to_owned(),
    };
    let summary = "the index was rebuilt".to_owned();
    let bodies: [Body; 5] = [
        received.into(),
        RequestClassified { ticket: ticket.clone(), class, kind, message: None }.into(),
        RequestReplied { ticket: ticket.clone(), next_update_by: None, text: None }.into(),
        change.into(),
        RequestResolved { ticket, summary, outcome: Resolution::Solved }.into(),
    ];
    let hours = [0, 1, 2, 3, 26];
    let acts = bodies.into_iter().zip(hours).enumerate();
    let actor = |step| {
        if step == 0 { Actor::client("jan").role("contact") } else { Actor::provider("anna").role("support") }
    };
    acts.map(|(step, (body, hours))| {
        fact(at + Length::HOUR * hours, number * 8 + step as u32, actor(step), body)
    })
    .collect()
}

fn instance(name: &str) -> Vec<Fact> {
    let instance: InstanceId = name.parse().expect("an id");
    let added = InstanceAdded {
        instance: instance.clone(),
        name: name.to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from: start(),
        until: None,
    };
    let mut facts = vec![fact(start(), 0, Actor::automaton("setup"), added)];
    for day in 0..365_u32 {
        let at = start() + Length::DAY * i64::from(day);
        let backup = format!("{name}/{day}").parse().expect("an id");
        let taken = BackupTaken { instance: instance.clone(), backup, restorable: true };
        facts.push(fact(at, day, Actor::automaton("backup"), taken));
        for hour in 0..24_u32 {
            facts.push(fact(
                at,
                day * 24 + hour,
                Actor::automaton("ams"),
                look(&instance, at + Length::HOUR * i64::from(hour)),
            ));
        }
    }
    facts
}

fn look(instance: &InstanceId, at: Instant) -> CheckObserved {
    let seen = (0..180).map(|n| Observation::new(at + Length::from_secs(20 * n), Outcome::Up));
    CheckObserved {
        instance: instance.clone(),
        check: "http".parse().expect("an id"),
        vantage: "ams".parse().expect("an id"),
        observations: seen.collect(),
        certificate_ends: None,
        signed: None,
    }
}

fn fact(at: Instant, number: u32, actor: Actor, body: impl Into<Body>) -> Fact {
    let body = body.into();
    let mut random = [body.event() as u8; 10];
    random[6..].copy_from_slice(&number.to_be_bytes());
    let id = FactId::v7(at, random);
    let client: ClientId = "example".parse().expect("an id");
    Fact { id, client, at, recorded_at: at, actor, body }
}
