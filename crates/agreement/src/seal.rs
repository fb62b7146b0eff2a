//! The seal: which text it is, who signed it, and whether it is in force (SH-DEF-03, docs/decisions/0010).
//!
//! A version of an agreement is the SHA-256 of its file's exact bytes: its [`Identity`], everywhere. Each party signs that
//! identity with Ed25519 (RFC 8032). What is signed is, byte for byte,
//!
//! ```text
//! "uphold agreement signature v1" 0x00  "provider" or "client" 0x00  SHA-256 of the file (32 bytes)
//! ```
//!
//! so that a signature made for another purpose, another party or another text proves nothing here. The signatures lie
//! beside the agreement in `FILE.sig`, one line per party, in this form (one blank between fields, hex in lower case):
//!
//! ```text
//! uphold-sig/1 provider sha256:3674… ed25519:9f3c… 51b0…
//! ```
//!
//! Empty lines and lines that begin with `#` are for people and prove nothing. A line carries no date and no name: whatever
//! stands in it can be checked. When a signature was recorded, and by whom, is a fact of the journal.

mod key;
mod line;

use std::{fmt, str::FromStr};

use facts::Side;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::{
    key::{KeyError, PublicKey, SecretKey},
    line::{SealError, SignatureFile, SignatureLine},
};
use crate::{agreement::Agreement, finding::Finding, section::party::Party};

/// Which text: the SHA-256 of its exact bytes. Written as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity of these bytes. A changed comment is another identity.
    pub fn of(bytes: &[u8]) -> Identity {
        Identity(Sha256::digest(bytes).into())
    }

    /// The digest itself.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What `side` signs for this text.
    fn message(&self, side: Side) -> Vec<u8> {
        const DOMAIN: &[u8] = b"uphold agreement signature v1\0";
        [DOMAIN, side.name().as_bytes(), b"\0", &self.0].concat()
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", hex(&self.0))
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "sha256:{self}")
    }
}

/// A text is no identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an identity is 64 lower-case hex digits")]
pub struct NotAnIdentity;

impl FromStr for Identity {
    type Err = NotAnIdentity;
    fn from_str(text: &str) -> Result<Identity, NotAnIdentity> {
        unhex(text).map(Identity).ok_or(NotAnIdentity)
    }
}

impl TryFrom<String> for Identity {
    type Error = NotAnIdentity;
    fn try_from(text: String) -> Result<Identity, NotAnIdentity> {
        text.parse()
    }
}

impl From<Identity> for String {
    fn from(identity: Identity) -> String {
        identity.to_string()
    }
}

/// One party's signature over a file's exact bytes. The same key and bytes always give the same line.
///
/// # Errors
/// Where `side` is no party of an agreement.
pub fn sign(bytes: &[u8], side: Side, key: &SecretKey) -> Result<SignatureLine, SealError> {
    if side == Side::Outside {
        return Err(SealError::NotAParty);
    }
    let identity = Identity::of(bytes);
    let signature = key.sign(&identity.message(side));
    Ok(SignatureLine { side, identity, key: key.public(), signature })
}

/// What the signatures beside a file are worth.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "an unread verdict protects nobody"]
pub struct Verdict {
    /// The file's identity.
    pub identity: Identity,
    /// The parties whose signatures the agreement requires, provider first.
    pub required: Vec<Side>,
    /// How each party's signature stands, provider first: every required party, and every other one that signed.
    pub standings: Vec<(Side, Standing)>,
    /// What could not be read in the signature file.
    pub findings: Vec<Finding>,
}

/// How one party's signature stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Sound, by a key that is known to be this party's.
    Valid(PublicKey),
    /// Sound, by a key that nobody said is this party's: settle whose key it is, for example in the order.
    Untrusted(PublicKey),
    /// Made for another text, which has this identity: one of the two files was changed or mixed up.
    OtherText(Identity),
    /// The signature does not belong to this key, party and text.
    Forged,
    /// The other party's line bears the same key: one person cannot sign for both.
    SharedKey,
    /// There is none.
    Missing,
}

impl Standing {
    /// What it means, to be said after the party's name.
    pub fn about(&self) -> String {
        match self {
            Standing::Valid(key) => format!("signed, by its key {key}"),
            Standing::Untrusted(key) => format!("signed, but nobody said that {key} is its key"),
            Standing::OtherText(other) => format!("signed another text, sha256:{other}"),
            Standing::Forged => "the signature is not good".to_owned(),
            Standing::SharedKey => "signed with the other party's key".to_owned(),
            Standing::Missing => "not signed".to_owned(),
        }
    }
}

impl Verdict {
    /// SH-DEF-03: in force only with a good signature of every required party, each by its own known key. A signature file
    /// with anything unreadable in it puts nothing in force, nor does an agreement that asks nobody to sign.
    pub fn in_force(&self) -> bool {
        let valid = |side: &Side| {
            self.standings.iter().any(|(s, standing)| s == side && matches!(standing, Standing::Valid(_)))
        };
        self.findings.is_empty() && !self.required.is_empty() && self.required.iter().all(valid)
    }
}

/// Judges the text of a signature file against the exact bytes it claims to be about.
///
/// `required` are the parties that must have signed ([`Agreement::signers`]); `trusted` says whose key is whose.
pub fn verify(bytes: &[u8], required: &[Side], signatures: &str, trusted: &[(Side, PublicKey)]) -> Verdict {
    let identity = Identity::of(bytes);
    let (file, findings) = SignatureFile::parse(signatures);
    let standing = |side| match file.of(side) {
        None => required.contains(&side).then_some((side, Standing::Missing)),
        Some(line) => Some((side, judge(line, identity, &file, trusted))),
    };
    let standings = [Side::Provider, Side::Client].into_iter().filter_map(standing).collect();
    Verdict { identity, required: required.to_vec(), standings, findings }
}

fn judge(
    line: &SignatureLine,
    identity: Identity,
    file: &SignatureFile,
    trusted: &[(Side, PublicKey)],
) -> Standing {
    let other = line.side.other().and_then(|side| file.of(side));
    if line.identity != identity {
        Standing::OtherText(line.identity)
    } else if !line.key.verifies(&identity.message(line.side), &line.signature) {
        Standing::Forged
    } else if other.is_some_and(|other| other.key == line.key) {
        Standing::SharedKey
    } else if trusted.contains(&(line.side, line.key)) {
        Standing::Valid(line.key)
    } else {
        Standing::Untrusted(line.key)
    }
}

impl Agreement {
    /// The parties that must sign before it is in force, provider first (SH-DEF-03).
    pub fn signers(&self) -> Vec<Side> {
        let required = &self.agreement.signatures.required;
        let asked = |side: &Side| required.iter().any(|p| *p == Party::Both || p.side() == Some(*side));
        [Side::Provider, Side::Client].into_iter().filter(asked).collect()
    }
}

/// Lower-case hex.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly `N` bytes of lower-case hex: one text per value, so that no byte of a line can change unseen.
fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digit = |b: u8| match b {
        b'0'..=b'9' => Some(b - b'0'),
        b'a'..=b'f' => Some(b - b'a' + 10),
        _ => None,
    };
    if text.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}
