//! The portal. In this house pages are complete without script, printable, and every figure on them opens its why.
//!
//! [`server`] is the web server: sign-in, the table of routes, the shell that pages stand in, and how a page is added. [`people`]
//! is for those who set it up. Beside them stand pages as one file that needs nothing else: a month's statement, a derivation.

mod index;
pub mod part;
pub mod people;
pub mod server;
mod statement;
mod strip;
mod when;
mod why;

pub use index::{IndexLine, index_page};
pub use statement::statement_page;
pub use why::why_page;
