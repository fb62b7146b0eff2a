//! The journal through its public door, on both engines from one body.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod append;
mod append_only;
mod calendar;
mod child;
mod desk;
mod factors;
mod fault;
mod inbox;
mod index;
mod kill;
mod latency;
mod logo;
mod model;
mod nodes;
mod open;
mod people;
mod queue;
mod read_only;
mod rebuild;
mod serving;
mod store;
mod subscriber;
mod tamper;
mod transfer;
mod vantage;
mod write;
