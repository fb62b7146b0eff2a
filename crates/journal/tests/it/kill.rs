//! kill -9 at any moment, two hundred times on each engine, under a keyed load: what was acknowledged is stored,
//! nothing is stored twice or in part, the chain holds (reliability R1, R2, F1).
//!
//! A child process appends from four threads and prints each key once it is acknowledged; the parent kills it at a
//! random moment, and at times crashes the PostgreSQL server under it. The next child begins with the key after the
//! last acknowledged one, as a client does that lost an answer, so a key that was stored unseen is sent again.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::ChildStdout,
    sync::mpsc::{Receiver, channel},
    thread,
    time::Duration,
};

use facts::{ClientId, Fact};
use journal::{Journal, Key, Location};
use testkit::postgres::Cluster;

use crate::{
    child,
    store::{Store, fact_of},
};

const KILLS: u32 = 200;
const THREADS: u32 = 4;
/// Keys of one thread never reach this, so a key's number says whose it is.
const KEYS_MAX: u32 = 100_000;
/// How long a child may take to its first acknowledgement.
const PATIENCE: Duration = Duration::from_secs(30);

#[test]
fn two_hundred_kills_on_sqlite() {
    let store = Store::sqlite();
    survive(&store.location, &|_| {});
}

#[test]
fn two_hundred_kills_on_postgres_with_its_server_crashing_too() {
    let cluster = Cluster::start().unwrap();
    survive(&Location::Postgres(cluster.fresh_schema()), &|kill| {
        if kill % 20 == 7 {
            cluster.crash().unwrap();
            cluster.restart().unwrap();
        }
    });
}

/// What the parent knows: how far each thread was acknowledged, and what the journal holds.
struct Watch {
    acknowledged: [Option<u32>; THREADS as usize],
    /// For each key, how many facts of it are stored.
    stored: BTreeMap<String, u32>,
    seen: BTreeMap<ClientId, u64>,
}

fn survive(location: &Location, disturb: &dyn Fn(u32)) {
    drop(Journal::open(location).unwrap());
    let mut watch = Watch { acknowledged: [None; 4], stored: BTreeMap::new(), seen: BTreeMap::new() };
    let mut random = 0x5eed_u64;
    for kill in 0..KILLS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let delay = Duration::from_micros((random >> 33) % 40_000);
        watch.run_and_kill(location, delay, || disturb(kill));
        let journal = Journal::open_existing(location).unwrap();
        watch.look(&journal);
        if kill % 25 == 24 {
            let report = journal.verify(&[]).unwrap();
            assert!(report.is_sound(), "after kill {kill}: {report}");
        }
    }
    let keys = watch.stored.len();
    eprintln!("{KILLS} kills, {keys} keys stored, acknowledged up to {:?}", watch.acknowledged);
    assert!(keys > 2 * KILLS as usize, "there was a load to speak of");
}

impl Watch {
    fn run_and_kill(&mut self, location: &Location, delay: Duration, disturb: impl Fn()) {
        let mut command = child::playing("kill::one_to_be_killed");
        let url = match location {
            Location::Sqlite(path) => path.display().to_string(),
            Location::Postgres(url) => url.clone(),
        };
        let next = self.acknowledged.map(|n| n.map_or(0, |n| n + 1).to_string()).join(",");
        let mut child = command.env("UPHOLD_STORE", url).env("UPHOLD_NEXT", next).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        let first = lines.recv_timeout(PATIENCE).expect("a child acknowledges something");
        thread::sleep(delay);
        disturb();
        child.kill().unwrap();
        child.wait().unwrap();
        std::iter::once(first).chain(lines).for_each(|line| self.acknowledge(&line));
    }

    fn acknowledge(&mut self, line: &str) {
        let (thread, n) = line.split_once(' ').unwrap();
        let (thread, n): (usize, u32) = (thread.parse().unwrap(), n.parse().unwrap());
        self.acknowledged[thread] = Some(n);
    }

    /// Reads what is new and checks it against what is known.
    fn look(&mut self, journal: &Journal) {
        for thread in 0..THREADS {
            self.read_on(journal, &client(thread));
        }
        for (thread, last) in (0..THREADS).zip(self.acknowledged) {
            for n in 0..last.map_or(0, |n| n + 1) {
                let stored = self.stored.get(&key(thread, n)).copied();
                assert_eq!(stored, Some(size(n)), "key {} was acknowledged", key(thread, n));
            }
        }
        for (key, count) in &self.stored {
            let n: u32 = key.split_once('-').unwrap().1.parse().unwrap();
            assert_eq!(*count, size(n), "key {key} is stored once and whole");
        }
    }

    fn read_on(&mut self, journal: &Journal, client: &ClientId) {
        let seen = self.seen.entry(client.clone()).or_default();
        loop {
            let entries = journal.tail(client, *seen, usize::MAX).unwrap();
            let Some(last) = entries.last() else { return };
            *seen = last.seq;
            for entry in entries {
                *self.stored.entry(entry.key.unwrap()).or_default() += 1;
            }
        }
    }
}

/// The acknowledgements in a child's output; the last line may be cut off by the kill, and is then none.
fn lines_of(stdout: ChildStdout) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
            if let Some(acknowledged) = line.strip_prefix("ack ").and_then(|rest| rest.strip_suffix('\n')) {
                let _ = sender.send(acknowledged.to_owned());
            }
            line.clear();
        }
    });
    lines
}

/// Two threads share a client, so that they meet at its head.
fn client(thread: u32) -> ClientId {
    if thread < THREADS / 2 { "acme" } else { "beta" }.parse().unwrap()
}

fn key(thread: u32, n: u32) -> String {
    format!("{thread}-{n}")
}

fn size(n: u32) -> u32 {
    n % 3 + 1
}

fn request(thread: u32, n: u32) -> Vec<Fact> {
    let number = (thread * KEYS_MAX + n) * 3;
    (number..number + size(n)).map(|n| fact_of(&client(thread), n)).collect()
}

#[test]
#[ignore = "a part in the kills"]
fn one_to_be_killed() {
    let journal = Journal::open_existing(&child::told("UPHOLD_STORE").parse().unwrap()).unwrap();
    let next: Vec<u32> = child::told("UPHOLD_NEXT").split(',').map(|n| n.parse().unwrap()).collect();
    thread::scope(|scope| {
        for (thread, next) in (0..THREADS).zip(next) {
            let journal = &journal;
            scope.spawn(move || {
                for n in next..KEYS_MAX {
                    let key = Key::new(&key(thread, n)).unwrap();
                    journal.append(&client(thread), &request(thread, n), Some(&key)).unwrap();
                    println!("ack {thread} {n}");
                }
            });
        }
    });
}
