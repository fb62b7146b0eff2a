//! Ids. They come in as arguments: this room draws no random bytes and reads no clock.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use spans::Instant;
use uuid::Uuid;

/// The identity of one fact: a UUIDv7 (RFC 9562). Unique, roughly ordered by time, and no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FactId(Uuid);

impl FactId {
    /// The id for something that happened `at`, with 74 of the 80 given bits kept (RFC 9562, 5.7).
    /// Instants before 1970 use 0, which keeps ids unique and only loses their order.
    pub fn v7(at: Instant, random: [u8; 10]) -> FactId {
        let millis = u64::try_from(at.as_micros().div_euclid(1_000)).unwrap_or(0);
        FactId(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }
}

impl fmt::Display for FactId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for FactId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<FactId, IdError> {
        Uuid::parse_str(text).map(FactId).map_err(|_| IdError::Fact { text: text.to_owned() })
    }
}

/// Who signs an agreement, and the unit of isolation: it comes first in every key.
/// Lower-case letters, digits and hyphens, 1 to 64 of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

impl ClientId {
    /// The longest client id.
    pub const LENGTH_MAX: usize = 64;

    /// The owner of facts that belong to no client: a CVE, a prober's heartbeat, the rota.
    pub fn provider() -> ClientId {
        ClientId("provider".to_owned())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ClientId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<ClientId, IdError> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if fits { Ok(ClientId(text.to_owned())) } else { Err(IdError::Client { text: text.to_owned() }) }
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for ClientId {
    type Error = IdError;
    fn try_from(text: String) -> Result<ClientId, IdError> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> String {
        id.0
    }
}

/// The name of one thing inside a client: an instance, a ticket, a maintenance record. Letters, digits and `. _ : / -`,
/// 1 to 128 of them. The typed ids of [`crate::vocabulary`] wrap it, so a ticket is never passed for an instance.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest slug.
    pub const LENGTH_MAX: usize = 128;

    /// The slug as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Slug, IdError> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:/-".contains(&b));
        if fits { Ok(Slug(text.to_owned())) } else { Err(IdError::Slug { text: text.to_owned() }) }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Slug {
    type Error = IdError;
    fn try_from(text: String) -> Result<Slug, IdError> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> String {
        slug.0
    }
}

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum IdError {
    #[error("`{text}` is no client id: use 1 to 64 lower-case letters, digits and hyphens")]
    Client { text: String },
    #[error("`{text}` is no id: use 1 to 128 letters, digits and . _ : / -")]
    Slug { text: String },
    #[error("`{text}` is no fact id: a UUID was expected")]
    Fact { text: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fact_id_carries_its_millisecond_and_version() {
        let at: Instant = "2026-03-06T18:00:00.123Z".parse().unwrap();
        let id = FactId::v7(at, [0xff; 10]);
        assert_eq!(id.to_string(), "019cc44e-6d7b-7fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn ids_refuse_what_could_break_a_key_or_a_path() {
        assert!("a b".parse::<Slug>().is_err());
        assert!("".parse::<Slug>().is_err());
        assert!("Example".parse::<ClientId>().is_err());
        assert!("x".repeat(65).parse::<ClientId>().is_err());
        assert!(serde_json::from_str::<ClientId>("\"../etc\"").is_err());
    }
}
