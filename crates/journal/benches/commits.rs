//! 64 writers, one fact and one durable commit each time they are answered. Sketch: one sync of this disk takes about
//! 0.3 ms, and 64 share it, so the disk allows 200,000 a second; the one SQLite writer needs some 40 µs a fact.
//! Budget: 5,000 a second on SQLite. On PostgreSQL each append is some ten round trips of 50 µs, over
//! [`journal::POSTGRES_WRITERS`] connections.
//!
//! Run with `cargo bench -p journal`, or `… -- WORD` for those with that word in their name. Plain, since what counts
//! is the rate at which many threads are answered.
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a bench reads the clock, prints decimals and fails by panicking"
)]

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use facts::{Actor, Body, ClientId, Fact, FactId, RequestWithdrawn};
use journal::{Journal, Key, Location};

const WRITERS: u32 = 64;
const SECONDS: u64 = 5;
const ROUNDS: usize = 3;

fn main() {
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    let folder = std::env::temp_dir().join(format!("uphold-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let cluster = testkit::postgres::Cluster::start().unwrap();
    let url = || Location::Postgres(cluster.fresh_schema());
    println!(
        "{WRITERS} writers, {SECONDS} s, the best, middle and worst of {ROUNDS} rounds, commits a second"
    );
    rounds("sqlite, one client, keyed", |n| Location::Sqlite(folder.join(format!("keyed-{n}.db"))), 1, true);
    rounds(
        "sqlite, one client, no key",
        |n| Location::Sqlite(folder.join(format!("plain-{n}.db"))),
        1,
        false,
    );
    rounds("sqlite, 64 clients, keyed", |n| Location::Sqlite(folder.join(format!("many-{n}.db"))), 64, true);
    rounds("postgres, one client, keyed", |_| url(), 1, true);
    rounds("postgres, 64 clients, keyed", |_| url(), 64, true);
    bulk("sqlite, 50,000 facts in one append_new", &Location::Sqlite(folder.join("bulk.db")));
    bulk("postgres, 50,000 facts in one append_new", &url());
    fs::remove_dir_all(folder).unwrap();
}

/// Whether the command line names this one, or none.
fn asked(name: &str) -> bool {
    let mut words = std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).peekable();
    words.peek().is_none() || words.any(|word| name.contains(&word))
}

fn rounds(name: &str, place: impl Fn(usize) -> Location, clients: u32, keyed: bool) {
    if !asked(name) {
        return;
    }
    let mut rates: Vec<u64> = (0..ROUNDS).map(|n| rate(&place(n), clients, keyed)).collect();
    rates.sort_unstable();
    println!("{name:30} {:>8} {:>8} {:>8}", rates[2], rates[1], rates[0]);
}

/// Commits a second over one round. Every one of them is checked to be there in the end.
fn rate(location: &Location, clients: u32, keyed: bool) -> u64 {
    let journal = Journal::open(location).unwrap();
    let end = Instant::now() + Duration::from_secs(SECONDS);
    let done: u64 = thread::scope(|scope| {
        let write = |writer| {
            let journal = &journal;
            scope.spawn(move || write_until(journal, writer, clients, keyed, end))
        };
        let writers: Vec<_> = (0..WRITERS).map(write).collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    let stored: u64 = journal.heads().unwrap().iter().map(|head| head.seq).sum();
    assert_eq!(stored, done);
    done / SECONDS
}

fn write_until(journal: &Journal, writer: u32, clients: u32, keyed: bool, end: Instant) -> u64 {
    let client: ClientId = format!("client-{}", writer % clients).parse().unwrap();
    let mut done = 0;
    while Instant::now() < end {
        let key = keyed.then(|| Key::new(&format!("{writer}-{done}")).unwrap());
        journal.append(&client, &[fact(&client, writer, done)], key.as_ref()).unwrap();
        done += 1;
    }
    done
}

fn bulk(name: &str, location: &Location) {
    if !asked(name) {
        return;
    }
    let journal = Journal::open(location).unwrap();
    let client: ClientId = "bulk".parse().unwrap();
    let facts: Vec<Fact> = (0..50_000).map(|n| fact(&client, 0, n)).collect();
    let timed = |what: &str, work: &dyn Fn()| {
        let start = Instant::now();
        work();
        println!("{name:42} {what:10} {:>8.2} s", start.elapsed().as_secs_f64());
    };
    timed("first", &|| assert_eq!(journal.append_new(&client, &facts).unwrap().added, 50_000));
    timed("again", &|| assert_eq!(journal.append_new(&client, &facts).unwrap().present, 50_000));
    timed("facts", &|| assert_eq!(journal.facts(&client, None).unwrap().len(), 50_000));
    timed("verify", &|| assert!(journal.verify(&[]).unwrap().is_sound()));
    timed("rebuild", &|| assert!(journal.rebuild().unwrap().repaired.is_empty()));
}

fn fact(client: &ClientId, writer: u32, n: u64) -> Fact {
    let at = spans::Instant::from_second(1_772_323_200 + n as i64);
    let mut random = [0; 10];
    random[..4].copy_from_slice(&writer.to_be_bytes());
    random[4..].copy_from_slice(&n.to_be_bytes()[2..]);
    let body = Body::from(RequestWithdrawn { ticket: format!("T-{writer}-{n}").parse().unwrap() });
    Fact {
        id: FactId::v7(at, random),
        client: client.clone(),
        at,
        recorded_at: at,
        actor: Actor::automaton("bench"),
        body,
    }
}
