//! What a vantage point and control say to each other.
//!
//! A vantage point joins once ([`Join`], with a [`Token`] that works once), fetches its [`Assignment`], and from then on sends
//! [`Report`]s: what it saw, when, by which clock, signed with a key that never left its machine. Control answers with a
//! [`Receipt`] when its database has committed, and until then the report lies in the [`Spool`] on disk.
//!
//! ```text
//! POST /probe/v1/join         Join                      → Joined
//! GET  /probe/v1/assignment   authorization: Uphold-Probe … → Assignment
//! POST /probe/v1/reports      Sealed                    → Receipt
//! GET  /probe/v1/errands      authorization: Uphold-Probe … → Errands, held until there are some
//! ```
//!
//! Every answer carries [`AT_HEADER`], the microsecond at which control wrote it, so that the vantage point learns how far its
//! clock is off (reliability rule 9). Formats here are stable: a name is never reused for another meaning, a field is only
//! ever added with a default, and what is not known is refused. Whatever grows has a limit with a name.

mod assignment;
mod errand;
mod join;
pub mod pattern;
mod report;
mod seal;
mod spool;

pub use assignment::{ASSIGNMENT_BYTES_MAX, Assignment, CHECKS_MAX, Check, REFERENCES_MAX, Reference};
pub use errand::{ERRANDS_HELD, ERRANDS_MAX, Errand, Errands};
pub use facts::what::{
    BodyMatch, Capture, DOCUMENT_MAX, Dns, Family, Flow, Grpc, HEADERS_MAX, Header, HeaderWanted, Http,
    HttpVersion, Icmp, JsonMust, JsonWanted, Mail, Must, Postgres, RecordType, Redirects, Redis, Scalar,
    SecretName, Security, Source, Step, Tcp, Tls, TlsVersion, Wanted, WebSocket, What,
};
pub use join::{JOIN_BYTES_MAX, Join, Joined, NotAToken, Token};
pub use report::{
    Asked, ClockNote, GAPS_MAX, Gap, LOOKS_MAX, Look, Phases, REASON_MAX, REPORT_BYTES_MAX, Reach, Reason,
    Receipt, Report,
};
pub use seal::{Card, Key, NotAKey, OpenError, PublicKey, SEALED_BYTES_MAX, Sealed};
pub use spool::{SEGMENT_BYTES_MAX, SPOOL_BYTES_MAX, Spool, SpoolError, Spooled};

/// Where a vantage point joins: POST a [`Join`], get a [`Joined`].
pub const JOIN_PATH: &str = "/probe/v1/join";
/// Where reports go: POST the bytes of a [`Sealed`], get a [`Receipt`].
pub const REPORTS_PATH: &str = "/probe/v1/reports";
/// Where the assignment is: GET with a [`Card`], get an [`Assignment`].
pub const ASSIGNMENT_PATH: &str = "/probe/v1/assignment";
/// Where looks out of turn are asked for: GET with a [`Card`], get [`Errands`].
pub const ERRANDS_PATH: &str = "/probe/v1/errands";
/// The header of every answer of control: microseconds since 1970 when it was written, as a decimal number.
pub const AT_HEADER: &str = "uphold-at";

/// What was sent is not what was agreed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum WireError {
    #[error("not the expected JSON")]
    Json(#[from] serde_json::Error),
    #[error("{what}: {found}, at most {max} allowed")]
    TooMuch { what: &'static str, found: usize, max: usize },
    #[error("check {check}: {problem}")]
    Check { check: String, problem: &'static str },
    #[error("a reference point: {problem}")]
    Reference { problem: &'static str },
    #[error("{found} reference points: none, or at least three")]
    References { found: usize },
    #[error("check {check} is listed twice for its instance")]
    Twice { check: String },
}

/// Refuses more than `max` of something.
fn at_most(what: &'static str, found: usize, max: usize) -> Result<(), WireError> {
    if found <= max { Ok(()) } else { Err(WireError::TooMuch { what, found, max }) }
}
