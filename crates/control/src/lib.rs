//! Commands in, facts out: imports, statements, evaluation over a journal.

pub mod import;
