//! The portal through its door: requests in, pages out, over a journal of its own and a clock that the test moves.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, helpers included")]

mod account;
mod agreed;
mod answers;
mod api;
mod around;
mod at_the_door;
mod attainment;
mod browser;
mod browser_desk;
mod clauses;
mod clients;
mod desk;
mod elsewhere;
mod factors;
mod house;
mod instance;
mod isolation;
mod ledger;
mod maintenance;
mod new_request;
mod now;
mod on_call;
mod outpost;
mod people;
mod queue;
mod rooms;
mod routes;
mod settings;
mod sign_in;
mod socket;
mod statement;
mod status;
mod ticket;
mod versions;
mod zone;
