//! One vantage point: it asks what it is assigned to ask, when it is due, and says what it saw and by which clock.
//!
//! | type | what it is |
//! |---|---|
//! | [`Looker`], [`Question`], [`Seen`] | one look: a fresh connection, a clock reading after every phase, and whose fault a failure is |
//! | [`Guard`], [`Cidr`] | what may be asked at all |
//! | [`Secrets`] | what a question names and only this machine knows |
//! | [`Prober`] | everything assigned, on time, as [`wire::Report`]s |
//! | [`Clock`], [`Reading`], [`Measured`] | the machine's clocks, and control's as seen from here |
//! | [`uplink`] | a vantage point elsewhere: join, spool, send until received |
//!
//! A look says that a service failed only when a valid request was made and got no good answer (SH-AVAIL-04, SH-AVAIL-07). When
//! the fault is the prober's own, or may be, it says nothing: [`facts::Outcome::Void`]. Whose fault is whose is written down in
//! `look/fault.rs`, line by line.

mod certificate;
mod cidr;
mod clock;
mod guard;
mod look;
mod name_query;
mod names;
mod prober;
mod reach;
mod schedule;
mod secrets;
mod target;
pub mod uplink;

pub use cidr::{Cidr, NotACidr};
pub use clock::{Clock, Measured, Reading, SystemClock};
pub use guard::{Guard, Passed, Port, Refused};
pub use look::{Looker, Question, Seen, Trust};
pub use names::Names;
pub use prober::{LOOKS_UNDER_WAY_MAX, Lateness, Prober, Tally};
pub use secrets::{BadSecrets, SECRETS_MAX, Secrets};
