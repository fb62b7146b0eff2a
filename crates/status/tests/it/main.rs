//! A page and its ways out.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod feeds;
mod pages;
mod pictures;
mod sample;
mod v2;
