//! Commands in, facts out: imports, statements, evaluation over a journal.

pub mod cadence;
pub mod import;
pub mod live;
pub mod statement;
