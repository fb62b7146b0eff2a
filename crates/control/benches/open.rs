//! A client with a million open obligations: what is due next, one ticket again, and one look recorded and evaluated.
//!
//! Sketch, one core:
//! - 334,000 tickets that wait for an answer have three open obligations each: first response, classification, best efforts.
//! - What is due next is the first of a sorted set: ~100 ns. The agenda and the tickets take ~1 kB a ticket: ~400 MB.
//! - One ticket again: its own fact beside the client's few others, ~20 µs (`promise/benches/obligations.rs`). Budget 1 ms.
//! - An act about one ticket: its guard, one durable transaction, the ticket again. The disk decides: ~1 ms.
//! - A look: one durable transaction of one report of 100 answers, its evidence, and whether an incident begins.
//! - The start reads and evaluates everything once: ~20 µs an obligation, 20 s.
//!
//! Written as one run with its own figures, not with criterion: the million takes a minute to set up.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark measures, and ends where it cannot"
)]

use std::{
    env, fs,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant as Stopwatch,
};

use agreement::{Agreement, Terms, seal::Identity};
use control::live::{Act, Control, Looked, Paper, Shelf, Watched};
use facts::{
    Actor, AgreementActivated, Body, CheckDefined, ClientId, Environment, Fact, FactId, InstanceAdded,
    Observation, Outcome, RequestReceived, RequestReplied, TicketId,
};
use journal::{Journal, Location};
use spans::{Instant, Length};

/// Tickets, unless the first argument says otherwise.
const TICKETS: u64 = 334_000;
/// Facts appended at once.
const FACTS_AT_ONCE: usize = 10_000;
/// How often each question is asked.
const ROUNDS: u32 = 1_000;
/// Reports recorded, of as many answers each.
const REPORTS: i64 = 200;
const ANSWERS: i64 = 100;

fn main() {
    // `cargo test` runs what it is given with no wish to wait: only a number, or `cargo bench`, asks for the whole.
    let tickets = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(TICKETS);
    if env::args().any(|arg| arg == "--test") {
        return;
    }
    let folder = env::temp_dir().join(format!("uphold-open-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a scratch folder can be made");
    let start: Instant = "2026-03-02T09:00:00Z".parse().expect("an instant");
    let (journal, paper, client) = filled(&folder, tickets, start);
    let numbers = AtomicU64::new(1 << 40);
    let random = Box::new(move || random(numbers.fetch_add(1, Ordering::Relaxed)));
    let now = start + Length::HOUR;
    let opened = Stopwatch::now();
    let control = Control::open(journal, Shelf::new([paper]), random, now).expect("it opens");
    let subjects = control.read(&client, now, |book| book.open_subjects()).expect("it answers");
    println!(
        "{tickets} tickets, {subjects:?} subjects with something due: opened in {:.1?}",
        opened.elapsed()
    );
    ask(&control, &client, tickets, now);
    answer(&control, &client, now);
    look(&control, &client, now + Length::HOUR);
    drop(control);
    let _ = fs::remove_dir_all(&folder);
}

fn ask(control: &Control, client: &ClientId, tickets: u64, now: Instant) {
    timed("next moment", ROUNDS, |_| {
        black_box(control.next_moment());
    });
    timed("one ticket's obligations again", ROUNDS, |round| {
        let ticket: TicketId = name(u64::from(round) * 331 % tickets);
        let found = control.read(client, now, |book| book.of_ticket(&ticket, now).len());
        assert_eq!(found.expect("it answers"), Some(3));
    });
    timed("what is missed next, the first hundred", 20, |_| {
        let next = control.next(std::slice::from_ref(client), now, 100).expect("it answers");
        assert_eq!(next.len(), 100);
    });
}

/// An engineer answers: guard, durable, evaluated.
fn answer(control: &Control, client: &ClientId, now: Instant) {
    timed("one reply, durable and evaluated", ROUNDS, |round| {
        let reply = RequestReplied { ticket: name(u64::from(round)), next_update_by: None, text: None };
        let act = Act::new(client, Actor::provider("anna").role("support"), reply);
        control.act(act, now + Length::from_secs(i64::from(round) + 1)).expect("it is allowed");
    });
}

fn look(control: &Control, client: &ClientId, now: Instant) {
    let began = Stopwatch::now();
    for report in 0..REPORTS {
        let at = now + Length::from_secs(report * ANSWERS);
        let looks = (0..ANSWERS).map(|answer| Looked {
            client: client.clone(),
            instance: "wiki".parse().expect("an id"),
            check: "http".parse().expect("an id"),
            observation: Observation::new(at + Length::from_secs(answer), Outcome::Up),
            certificate_ends: None,
            detail: None,
        });
        let watched = Watched {
            signed: None,
            vantage: "ams".parse().expect("an id"),
            batch: format!("bench/{report}"),
            looks: looks.collect(),
        };
        control.watch(&watched, at + Length::from_secs(ANSWERS)).expect("it is stored");
    }
    let each = began.elapsed() / u32::try_from(REPORTS * ANSWERS).expect("a small number");
    println!("a look, durable and evaluated, in reports of {ANSWERS}: {each:.1?}");
}

fn timed(what: &str, rounds: u32, mut question: impl FnMut(u32)) {
    let mut worst = std::time::Duration::ZERO;
    let began = Stopwatch::now();
    for round in 0..rounds {
        let one = Stopwatch::now();
        question(round);
        worst = worst.max(one.elapsed());
    }
    println!("{what}: {:.1?} on average, {worst:.1?} at most, of {rounds}", began.elapsed() / rounds);
}

/// A journal with an agreement in force, one instance, and tickets that wait.
fn filled(folder: &std::path::Path, tickets: u64, start: Instant) -> (Arc<Journal>, Paper, ClientId) {
    let text = include_str!("../../../agreements/stellar-hosted.toml").to_owned();
    let identity = Identity::of(text.as_bytes()).to_string();
    let agreement = Agreement::read(&text).0.expect("it reads");
    let terms = Terms::compile(agreement, identity.clone()).expect("it compiles");
    let client = terms.agreement().agreement.client_id.clone();
    let location = Location::Sqlite(folder.join("journal.db"));
    let journal = Journal::open(&location).expect("it opens");
    let first = [
        AgreementActivated {
            agreement: "SH-2026-0001".parse().expect("an id"),
            sha256: identity,
            tier: Some("premium".to_owned()),
        }
        .into(),
        instance(start),
        check(),
    ];
    let waiting = (0..tickets).map(|number| received(name(number)));
    let bodies: Vec<Body> = first.into_iter().chain(waiting).collect();
    for (round, bodies) in bodies.chunks(FACTS_AT_ONCE).enumerate() {
        let numbered = bodies.iter().enumerate();
        let facts: Vec<Fact> = numbered
            .map(|(index, body)| fact(&client, (round * FACTS_AT_ONCE + index) as u64, start, body.clone()))
            .collect();
        journal.append(&client, &facts, None).expect("it is stored");
    }
    (Arc::new(journal), Paper { terms, text }, client)
}

fn fact(client: &ClientId, number: u64, start: Instant, body: Body) -> Fact {
    let at = start + Length::from_micros(i64::try_from(number).expect("a small number") * 1_000);
    Fact {
        id: FactId::v7(at, random(number)),
        client: client.clone(),
        at,
        recorded_at: at,
        actor: Actor::client("jan").role("contact"),
        body,
    }
}

fn random(number: u64) -> [u8; 10] {
    let mut random = [0; 10];
    random[2..].copy_from_slice(&number.to_be_bytes());
    random
}

fn name(number: u64) -> TicketId {
    format!("T-{number}").parse().expect("an id")
}

fn instance(start: Instant) -> Body {
    InstanceAdded {
        instance: "wiki".parse().expect("an id"),
        name: "Wiki".to_owned(),
        url: None,
        environment: Environment::Production,
        software: None,
        from: start,
        until: None,
    }
    .into()
}

fn check() -> Body {
    CheckDefined {
        instance: "wiki".parse().expect("an id"),
        check: "http".parse().expect("an id"),
        every_s: 1,
        method: None,
        url: None,
        expect: vec![200],
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    }
    .into()
}

fn received(ticket: TicketId) -> Body {
    RequestReceived {
        ticket,
        channel: "portal".to_owned(),
        title: Some("Please add an account".to_owned()),
        instance: None,
        priority: Some("P3".to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    }
    .into()
}
