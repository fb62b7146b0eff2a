//! The desk's own rules, from outside.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod notify;
mod policy;
mod rota;
