//! Letters on their way, against a mail server and a push service on loopback.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

mod hook;
mod mail;
mod public;
mod push;
mod rounds;
mod store;
