//! How obligations stand, clause by clause: who owes what by when.

mod hosted_requests;
mod hosted_upkeep;
mod managed_requests;
mod managed_upkeep;
