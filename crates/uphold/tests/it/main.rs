//! The built command, run as people run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot run fails")]

mod agreement;
mod asked;
mod attainment;
mod folder;
mod import;
mod keys;
mod outpost;
mod people;
mod pipe;
mod read_only;
mod readme;
mod record;
mod run;
mod serve;
mod settings;
mod shell;
mod stage;
mod statement;
mod time_eval;
mod unknown;
