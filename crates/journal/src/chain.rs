//! The hash chain: what makes an edit, a removal or a swap of stored entries show.
//!
//! For each client, entry *n* carries
//!
//! ```text
//! h(0) = SHA-256( "uphold journal 1" ‖ 0x00 ‖ client )
//! h(n) = SHA-256( 0x00 ‖ client ‖ seq ‖ id ‖ at ‖ recorded ‖ event ‖ key ‖ request ‖ body ‖ h(n-1) )
//! ```
//!
//! Each field between the leading 0x00 and the closing hash is its length in bytes as 4 bytes big-endian, then its
//! bytes; a field that is absent (`key`, `request`) is the length 0xFFFFFFFF and nothing more. Text is UTF-8, `seq`,
//! `at` and `recorded` are 8 bytes big-endian (`at` and `recorded` in microseconds since 1970, two's complement),
//! `body` is the fact's JSON exactly as stored. No two different rows give the same bytes, 0x00 is RFC 6962's mark of
//! a leaf, and h(0) begins with a letter: no hash of one kind can pass for the other.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A SHA-256 hash. As text: 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Hash([u8; 32]);

/// The columns of one entry that its hash covers.
pub(crate) struct Covered<'a> {
    pub(crate) client: &'a str,
    pub(crate) seq: i64,
    pub(crate) id: &'a str,
    pub(crate) at_us: i64,
    pub(crate) recorded_us: i64,
    pub(crate) event: &'a str,
    pub(crate) key: Option<&'a str>,
    pub(crate) request: Option<Hash>,
    pub(crate) body: &'a str,
}

/// h(0): what the first entry of a client is chained to.
pub(crate) fn genesis(client: &str) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"uphold journal 1\0");
    sha.update(client);
    Hash(sha.finalize().into())
}

/// h(n): the hash of an entry, given the hash of the one before.
pub(crate) fn link(row: &Covered<'_>, before: Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0x00]);
    field(&mut sha, Some(row.client.as_bytes()));
    field(&mut sha, Some(&row.seq.to_be_bytes()));
    field(&mut sha, Some(row.id.as_bytes()));
    field(&mut sha, Some(&row.at_us.to_be_bytes()));
    field(&mut sha, Some(&row.recorded_us.to_be_bytes()));
    field(&mut sha, Some(row.event.as_bytes()));
    field(&mut sha, row.key.map(str::as_bytes));
    field(&mut sha, row.request.as_ref().map(|hash| hash.0.as_slice()));
    field(&mut sha, Some(row.body.as_bytes()));
    sha.update(before.0);
    Hash(sha.finalize().into())
}

/// One hash over several texts, each with its length, so that no two lists give the same bytes.
pub(crate) fn digest<'a>(texts: impl IntoIterator<Item = &'a [u8]>) -> Hash {
    let mut sha = Sha256::new();
    sha.update(b"uphold request 1\0");
    texts.into_iter().for_each(|text| field(&mut sha, Some(text)));
    Hash(sha.finalize().into())
}

fn field(sha: &mut Sha256, bytes: Option<&[u8]>) {
    let length =
        bytes.map_or(u32::MAX, |b| u32::try_from(b.len()).expect("BODY_BYTES_MAX is far below 4 GiB"));
    sha.update(length.to_be_bytes());
    sha.update(bytes.unwrap_or_default());
}

impl Hash {
    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for Hash {
    fn from(bytes: [u8; 32]) -> Hash {
        Hash(bytes)
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Text that is no hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no hash: 64 lower-case hexadecimal digits were expected")]
pub struct NotAHash {
    text: String,
}

impl FromStr for Hash {
    type Err = NotAHash;
    fn from_str(text: &str) -> Result<Hash, NotAHash> {
        bytes_of(text).map(Hash).ok_or_else(|| NotAHash { text: text.chars().take(80).collect() })
    }
}

fn bytes_of(hex: &str) -> Option<[u8; 32]> {
    if hex.len() != 64 || !hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, at) in bytes.iter_mut().zip((0..64).step_by(2)) {
        *byte = u8::from_str_radix(&hex[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

impl TryFrom<String> for Hash {
    type Error = NotAHash;
    fn try_from(text: String) -> Result<Hash, NotAHash> {
        text.parse()
    }
}

impl From<Hash> for String {
    fn from(hash: Hash) -> String {
        hash.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<'a>(event: &'a str, key: Option<&'a str>, body: &'a str) -> Covered<'a> {
        Covered {
            client: "acme",
            seq: 1,
            id: "019cc4d5-5c7b-7fff-bfff-ffffffffffff",
            at_us: 0,
            recorded_us: -1,
            event,
            key,
            request: None,
            body,
        }
    }

    /// Computed apart from this code, with Python's hashlib; a change here breaks every journal there is.
    #[test]
    fn the_format_is_what_the_documentation_says() {
        assert_eq!(genesis("acme").to_string(), GENESIS);
        let first = link(&row("request.withdrawn", Some("k"), "{}"), genesis("acme"));
        assert_eq!(first.to_string(), FIRST);
    }
    const GENESIS: &str = "f1f11c4f32d6c5e2990f9bf0b582c9b92a90a6f99009f1a1cda3a3fcc66563aa";
    const FIRST: &str = "3c16e1ab70a19bc3a110ea744742bf22ac459729c04c05d0d0c8c84fe42f6a11";

    #[test]
    fn shifting_a_byte_between_fields_changes_the_hash() {
        let before = genesis("acme");
        let hashes = [
            link(&row("ab", None, "c"), before),
            link(&row("a", None, "bc"), before),
            link(&row("ab", Some(""), "c"), before),
            link(&row("ab", None, "c"), genesis("other")),
        ];
        for (i, a) in hashes.iter().enumerate() {
            assert!(hashes[i + 1..].iter().all(|b| a != b));
        }
    }

    #[test]
    fn a_hash_is_read_as_it_is_written() {
        let hash = genesis("acme");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert!("é".repeat(32).parse::<Hash>().is_err());
        assert!("0".repeat(63).parse::<Hash>().is_err());
        assert!("A".repeat(64).parse::<Hash>().is_err());
    }
}
