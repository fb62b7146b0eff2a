//! Pages. In this house they are complete without script, printable, and every figure on them opens its why.
//!
//! So far: a month's statement, as one file that needs nothing else.

mod index;
mod statement;
mod strip;
mod why;

pub use index::{IndexLine, index_page};
pub use statement::statement_page;
pub use why::why_page;
