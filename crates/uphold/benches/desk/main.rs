//! A desk of 100,000 tickets and a million messages, asked 500 times a second by programs, on two cores together with them.
//!
//! Sketch, on SQLite, for one request: the policy 0.1–0.5 ms, a read of the book some 10 µs, one ticket of the journal ten rows, a
//! durable commit 0.5–1 ms, JSON 0.1 ms. 500 a second take about half a core, those who ask a quarter. Budgets of the issue: 99 of
//! 100 answers within 10 ms, a ticket's page and a search within 50 ms, memory under 200 MB.
//!
//! Run it on a machine that does nothing else: `cargo bench -p uphold --bench desk -- [sqlite|postgresql] [tickets]`. Requests start
//! by the clock and not when the last was answered, and are measured from when they should have started, so a server that stops for
//! a second is seen as 500 late answers. Each of 50 connections comes from an address of its own: one address alone may not ask so much.

#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a benchmark measures, and ends where it cannot"
)]

mod ask;
mod past;
mod serve;

use std::{env, fs, time::Duration};

use self::{ask::Load, past::Past, serve::Server};

/// Tickets, unless an argument says otherwise.
const TICKETS: u64 = 100_000;
/// Requests a second, and for how long.
const RATE: u32 = 500;
const LENGTH: Duration = Duration::from_secs(60);
/// PostgreSQL's page cache: an eighth of a gigabyte is its own default, and too little for anybody with 100,000 tickets.
const BUFFERS_MB: u32 = 1_024;

fn main() {
    // `cargo test` runs what it is given with no wish to wait.
    if env::args().any(|arg| arg == "--test") {
        return;
    }
    let tickets = env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(TICKETS);
    let cluster = env::args()
        .any(|arg| arg == "postgresql")
        .then(|| testkit::postgres::Cluster::start_with(BUFFERS_MB).expect("a cluster starts"));
    let folder = env::temp_dir().join(format!("uphold-desk-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a scratch folder can be made");
    let store = match &cluster {
        Some(cluster) => cluster.fresh_schema(),
        None => folder.join("journal.db").display().to_string(),
    };
    let past = Past::write(&folder, &store, tickets);
    let first = Server::start(&folder, &store);
    println!("first start, with the index to write: {:.1?}, {} MB", first.took, first.memory_mb());
    drop(first);
    if let Some(cluster) = &cluster {
        // What a database that has run for a day has behind it. It would begin by itself while we measure, on the same two cores.
        cluster.sql("VACUUM (ANALYZE)").expect("a vacuum");
        cluster.sql("CHECKPOINT").expect("a checkpoint");
    }
    measure(&folder, &store, &past);
    drop(cluster);
    let _ = fs::remove_dir_all(&folder);
}

fn measure(folder: &std::path::Path, store: &str, past: &Past) {
    let server = Server::start(folder, store);
    println!("start: {:.1?}, {} MB", server.took, server.memory_mb());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let load = Load { address: server.address, past };
    runtime.block_on(load.pages());
    println!("asked by programs, one after the other:");
    runtime.block_on(load.alone());
    println!("{RATE} a second together:");
    let cpu = server.cpu_s();
    runtime.block_on(load.run(RATE, LENGTH));
    let used = server.cpu_s() - cpu;
    println!(
        "server: {} ms of processor a second, {} MB, at most {} MB",
        used * 10 / LENGTH.as_secs(),
        server.memory_mb(),
        server.memory_most_mb()
    );
}
