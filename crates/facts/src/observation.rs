//! What one vantage point saw.

use serde::{Deserialize, Serialize};
use spans::Instant;

/// One answer to one check. Its instant is when the request was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// When the request was sent.
    pub at: Instant,
    /// What came of it.
    pub outcome: Outcome,
    /// The HTTP status, if there was an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// Time until the whole answer was there, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_time_ms: Option<u32>,
}

/// What came of a valid request (SH-AVAIL-04, SH-AVAIL-07).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The request succeeded.
    Up,
    /// The request was valid and failed.
    Down,
    /// Nothing can be said of the service: the prober was cut off itself. No evidence either way.
    Void,
}

impl Observation {
    /// An observation without code or time.
    pub fn new(at: Instant, outcome: Outcome) -> Observation {
        Observation { at, outcome, code: None, response_time_ms: None }
    }
}
