//! Commands in, facts out: imports, statements, evaluation over a journal.

mod beat;
pub mod cadence;
pub mod import;
mod invite;
pub mod live;
pub mod statement;

pub use beat::{NoAddress, heartbeat_secret};
pub use invite::{INVITATION, Invitation, NotInvited, RESERVED, invite};
