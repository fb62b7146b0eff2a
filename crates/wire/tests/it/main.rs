//! The spool on a real disk.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod spool;
