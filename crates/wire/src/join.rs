//! How a vantage point becomes known: a token that works once, and a key made on the spot.

use std::fmt;
use std::str::FromStr;

use facts::VantageId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::WireError;
use crate::at_most;
use crate::seal::{Key, PublicKey, hex, read_signature, unhex};

/// The most bytes of a [`Join`] or [`Joined`] as JSON.
pub const JOIN_BYTES_MAX: usize = 4_096;
const PREFIX: &str = "upj_";

/// What an operator hands to a new vantage point: 160 random bits with a checksum, as `upj_` and 48 hex digits. Control keeps
/// its digest only, for which vantage point and until when (ten minutes), and takes it once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Token([u8; 20]);

/// A vantage point asks to be let in. POST to [`JOIN_PATH`](crate::JOIN_PATH).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// What the operator handed over.
    pub token: Token,
    /// The public half of the key that was made for it.
    pub key: PublicKey,
    /// The token signed with that key, in hex: whoever joins has the other half.
    pub proof: String,
}

/// It is let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joined {
    /// The name the token was made for.
    pub vantage: VantageId,
}

impl Token {
    /// The token of 20 random bytes.
    pub fn of(random: [u8; 20]) -> Token {
        Token(random)
    }

    /// What control keeps of it: SHA-256 in hex.
    pub fn digest(&self) -> String {
        hex(&Sha256::digest(self.0))
    }

    fn checksum(&self) -> [u8; 4] {
        let [a, b, c, d, ..] = Sha256::digest([PREFIX.as_bytes(), &self.0].concat()).0;
        [a, b, c, d]
    }
}

impl Join {
    /// Asks with this key.
    pub fn with(token: Token, key: &Key) -> Join {
        let proof = hex(&key.prove(&token.0).to_bytes());
        Join { key: key.public(), proof, token }
    }

    /// Reads JSON strictly.
    pub fn read(json: &[u8]) -> Result<Join, WireError> {
        at_most("bytes", json.len(), JOIN_BYTES_MAX)?;
        Ok(serde_json::from_slice(json)?)
    }

    /// Whether the sender has the secret half of the key it names.
    pub fn is_proved(&self) -> bool {
        read_signature(&self.proof).is_some_and(|proof| self.key.has_joined(&self.token.0, &proof))
    }
}

/// Text that is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a join token: upj_ and 48 hex digits were expected; look for one that was lost or changed")]
pub struct NotAToken;

impl FromStr for Token {
    type Err = NotAToken;
    fn from_str(text: &str) -> Result<Token, NotAToken> {
        let bytes: [u8; 24] = text.strip_prefix(PREFIX).and_then(unhex).ok_or(NotAToken)?;
        let (random, checksum) = bytes.split_at(20);
        let token = Token(random.try_into().map_err(|_| NotAToken)?);
        if token.checksum() == checksum { Ok(token) } else { Err(NotAToken) }
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}{}", hex(&self.0), hex(&self.checksum()))
    }
}

/// A token is a secret and is not shown.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("upj_…")
    }
}

impl TryFrom<String> for Token {
    type Error = NotAToken;
    fn try_from(text: String) -> Result<Token, NotAToken> {
        text.parse()
    }
}

impl From<Token> for String {
    fn from(token: Token) -> String {
        token.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_as_written_and_a_slip_is_noticed() {
        let token = Token::of([0x5a; 20]);
        let text = token.to_string();
        assert_eq!(text.len(), 4 + 48);
        assert_eq!(text.parse(), Ok(token.clone()));
        assert_eq!(text.replacen("5a", "5b", 1).parse::<Token>(), Err(NotAToken));
        assert!(!format!("{token:?}").contains("5a"));
    }

    #[test]
    fn whoever_joins_has_the_secret_half() {
        let key = Key::from_seed([1; 32]);
        let join = Join::with(Token::of([9; 20]), &key);
        let json = serde_json::to_vec(&join).unwrap();
        assert!(Join::read(&json).unwrap().is_proved());
        let borrowed = Join { key: Key::from_seed([2; 32]).public(), ..join.clone() };
        assert!(!borrowed.is_proved());
        let other_token = Join { token: Token::of([8; 20]), ..join };
        assert!(!other_token.is_proved());
    }
}
