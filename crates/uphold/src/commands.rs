//! The commands, one file each.

pub(crate) mod facts;
pub(crate) mod time;
