//! Acts that are refused, clause by clause, and what to do instead.

mod claims;
mod desk;
mod maintenance;
mod managed;
mod planned;
mod requests;
