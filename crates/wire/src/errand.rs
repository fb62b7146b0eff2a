//! A look out of turn: another vantage point saw a check fail, and control asks this one to look at once.
//!
//! It is fetched by a request that control holds until there is one, or for [`ERRANDS_HELD`]. A vantage point that never asks for
//! errands is given none; what it is given is one of its own checks, and the look is on record like any other, with its turn.

use std::time::Duration;

use facts::{CheckId, ClientId, InstanceId};
use serde::{Deserialize, Serialize};

use crate::{WireError, at_most};

/// The most errands of one answer.
pub const ERRANDS_MAX: usize = 30;
/// How long control holds a request for errands when there is none.
pub const ERRANDS_HELD: Duration = Duration::from_secs(10);
/// The most bytes of an answer as JSON.
const ERRANDS_BYTES_MAX: usize = 64 << 10;

/// Which check is to be looked at, now.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errand {
    /// The client.
    pub client: ClientId,
    /// The instance.
    pub instance: InstanceId,
    /// The check.
    pub check: CheckId,
}

/// What control answers: none, or some.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errands {
    /// Each of them once.
    pub errands: Vec<Errand>,
}

impl Errands {
    /// Reads JSON strictly and holds it against the limits.
    pub fn read(json: &[u8]) -> Result<Errands, WireError> {
        at_most("bytes of errands", json.len(), ERRANDS_BYTES_MAX)?;
        let errands: Errands = serde_json::from_slice(json)?;
        at_most("errands", errands.errands.len(), ERRANDS_MAX)?;
        Ok(errands)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errands_read_as_written_and_no_more_than_the_limit() {
        let json = r#"{"errands":[{"client":"example","instance":"web-1","check":"home"}]}"#;
        let errands = Errands::read(json.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&errands).unwrap(), json);
        let many = Errands { errands: vec![errands.errands[0].clone(); ERRANDS_MAX + 1] };
        let many = serde_json::to_vec(&many).unwrap();
        assert!(matches!(Errands::read(&many), Err(WireError::TooMuch { found: 31, .. })));
        assert!(Errands::read(br#"{"errands":[],"surprise":1}"#).is_err());
    }
}
