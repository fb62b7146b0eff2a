//! The commands, one file each.

pub(crate) mod agreement;
pub(crate) mod facts;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod time;
