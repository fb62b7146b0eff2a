//! The commands, one file each.

pub(crate) mod agreement;
pub(crate) mod alert;
pub(crate) mod api;
mod at_hand;
pub(crate) mod attainment;
pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod facts;
pub(crate) mod forecast;
pub(crate) mod heartbeat;
pub(crate) mod histories;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod init;
pub(crate) mod journal;
pub(crate) mod people;
pub(crate) mod probe;
pub(crate) mod record;
pub(crate) mod replay;
pub(crate) mod serve;
pub(crate) mod shell;
pub(crate) mod simulate;
pub(crate) mod statement;
pub(crate) mod time;
pub(crate) mod vantage;
pub(crate) mod why;
