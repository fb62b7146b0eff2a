//! The live service through its front door, on a clock that the tests wind.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod acts;
mod alerts;
mod arranged;
mod beat;
mod calls;
mod changes;
mod checks;
mod commands;
mod confirm;
mod ended;
mod house;
mod job;
mod kin;
mod latency;
mod looks;
mod outpost;
mod own;
mod planned;
mod replays;
mod status;
mod subscribers;
mod watching;
