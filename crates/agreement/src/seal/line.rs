//! The signature file: one line per party.

use std::{fmt, str::FromStr};

use facts::Side;

use super::{Identity, PublicKey, hex, unhex};
use crate::finding::{Finding, Place};

/// One party's signature, as its line says it. Reading a line proves nothing: see [`super::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Who signed.
    pub side: Side,
    /// Which text.
    pub identity: Identity,
    /// With which key.
    pub key: PublicKey,
    pub(super) signature: [u8; 64],
}

impl fmt::Display for SignatureLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let SignatureLine { side, identity, key, signature } = self;
        write!(f, "uphold-sig/1 {} sha256:{identity} {key} {}", side.name(), hex(signature))
    }
}

impl FromStr for SignatureLine {
    type Err = String;
    fn from_str(line: &str) -> Result<SignatureLine, String> {
        let fields: Vec<&str> = line.split(' ').collect();
        let &["uphold-sig/1", side, identity, key, signature] = fields.as_slice() else {
            return Err(
                "a signature line has the five fields `uphold-sig/1 PARTY sha256:… ed25519:… …`".into()
            );
        };
        let side = match side {
            "provider" => Side::Provider,
            "client" => Side::Client,
            _ => return Err(format!("`{side}` is no party: it is provider or client")),
        };
        let identity = identity.strip_prefix("sha256:").and_then(|hex| hex.parse().ok());
        Ok(SignatureLine {
            side,
            identity: identity.ok_or("the third field is `sha256:` and 64 lower-case hex digits")?,
            key: key.parse().map_err(|error| format!("{error}"))?,
            signature: unhex(signature).ok_or("the signature is 128 lower-case hex digits")?,
        })
    }
}

/// Why a file cannot be signed so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Neither provider nor client.
    #[error("only the provider and the client sign an agreement")]
    NotAParty,
    /// The party's line is there already.
    #[error("the {0} has signed already: a changed text needs a new file")]
    SignedAlready(&'static str),
    /// The other line is about other bytes.
    #[error("the other signature is for another text, sha256:{0}: both parties must sign the same bytes")]
    OtherText(Identity),
    /// Both parties' lines would bear one key.
    #[error("this is the key of the other party: each signs with its own")]
    SharedKey,
}

/// The lines of a `FILE.sig`, at most one per party.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignatureFile {
    lines: Vec<SignatureLine>,
}

impl SignatureFile {
    /// Reads the text of a signature file; says everything in it that is no signature. Of two lines of one party, the
    /// second is a finding.
    pub fn parse(text: &str) -> (SignatureFile, Vec<Finding>) {
        let mut file = SignatureFile::default();
        let mut findings = Vec::new();
        let mut start = 0;
        for raw in text.split_inclusive('\n') {
            let line = raw.trim_end_matches(['\n', '\r']);
            let place = Place(start..start + line.len());
            start += raw.len();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match line.parse::<SignatureLine>() {
                Ok(line) if file.of(line.side).is_none() => file.lines.push(line),
                Ok(line) => findings.push(second(place, &line)),
                Err(error) => {
                    findings.push(Finding::unreadable(place, error, "sign again, or restore the line"));
                }
            }
        }
        (file, findings)
    }

    /// The line of this party, if it signed.
    pub fn of(&self, side: Side) -> Option<&SignatureLine> {
        self.lines.iter().find(|line| line.side == side)
    }

    /// Adds a party's signature.
    ///
    /// # Errors
    /// Where the party has signed already, the other party signed another text, or signed with the same key.
    pub fn add(&mut self, line: SignatureLine) -> Result<(), SealError> {
        if self.of(line.side).is_some() {
            return Err(SealError::SignedAlready(line.side.name()));
        }
        if let Some(other) = self.lines.iter().find(|other| other.identity != line.identity) {
            return Err(SealError::OtherText(other.identity));
        }
        if self.lines.iter().any(|other| other.key == line.key) {
            return Err(SealError::SharedKey);
        }
        self.lines.push(line);
        Ok(())
    }
}

impl fmt::Display for SignatureFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

fn second(place: Place, line: &SignatureLine) -> Finding {
    Finding::unreadable(
        place,
        format!("a second signature of the {}", line.side.name()),
        "keep the one that the party stands by",
    )
}
