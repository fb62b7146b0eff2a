//! A vantage point against small real services on loopback.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod again;
mod control;
mod faults;
mod flow;
mod hostile;
mod look;
mod name_server;
mod names;
mod prober;
mod protocols;
mod service;
mod uplink;
mod wanted;
