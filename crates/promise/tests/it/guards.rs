//! Acts that are refused, clause by clause, and what to do instead.

mod claims;
mod maintenance;
mod managed;
mod requests;
