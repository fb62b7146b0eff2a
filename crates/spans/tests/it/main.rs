//! The room's tests: small spaces whole, everything else against oracles that share no code with it.

#![expect(clippy::unwrap_used, reason = "what a test cannot read is a failed test")]

mod calendars;
mod clauses;
mod clocks;
mod random;
mod rules;
mod sets;
