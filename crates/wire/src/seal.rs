//! Who says so: Ed25519 over the exact bytes, with a different first line for each kind of thing that is signed.

use std::fmt;
use std::str::FromStr;

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use facts::VantageId;
use serde::{Deserialize, Serialize};
use spans::Instant;

use crate::WireError;
use crate::report::{REPORT_BYTES_MAX, Report};

/// The most bytes of a sealed report.
pub const SEALED_BYTES_MAX: usize = REPORT_BYTES_MAX + 512;

/// What a signature is for comes first in what is signed, so that none can be used for something else.
const REPORT_DOMAIN: &[u8] = b"uphold/probe/report/1\n";
const REQUEST_DOMAIN: &[u8] = b"uphold/probe/request/1\n";
const JOIN_DOMAIN: &[u8] = b"uphold/probe/join/1\n";
/// The scheme of the `authorization` header that holds a [`Card`].
const SCHEME: &str = "Uphold-Probe";

/// A vantage point's secret. It is made where it is used and never leaves.
#[derive(Clone)]
pub struct Key(SigningKey);

/// The public half of a [`Key`], as text 64 hex digits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PublicKey(VerifyingKey);

/// A report as sent and as spooled: who, the exact bytes, and the signature over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    vantage: VantageId,
    signature: Signature,
    bytes: Vec<u8>,
}

/// Who asks, in a request without a body: the text of an `authorization` header,
/// `Uphold-Probe <vantage> <microseconds since 1970> <signature in hex>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Who asks.
    pub vantage: VantageId,
    /// When, by the prober's corrected clock. A card is good for five minutes each way; what it opens can only be read.
    pub at: Instant,
    signature: Signature,
}

/// Why something sealed does not open. Whoever sent it learns no more than that.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum OpenError {
    #[error("not a sealed report: {0}")]
    Shape(&'static str),
    #[error("the signature does not fit")]
    Signature,
    #[error("signed by {sealed}, written by {report}")]
    Vantage { sealed: VantageId, report: VantageId },
    #[error("signed well, but not a report")]
    Report(#[from] WireError),
    #[error("the card is not of these five minutes")]
    Stale,
}

impl Key {
    /// The key of 32 random bytes.
    pub fn from_seed(seed: [u8; 32]) -> Key {
        Key(SigningKey::from_bytes(&seed))
    }

    /// The bytes it was made from, to be kept where only the prober reads.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The half that control is given.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// Signs a report.
    pub fn seal(&self, report: &Report) -> Sealed {
        let bytes = report.to_json();
        let signature = self.sign(REPORT_DOMAIN, &bytes);
        Sealed { vantage: report.vantage.clone(), signature, bytes }
    }

    /// A card for a GET of `path`.
    pub fn card(&self, vantage: &VantageId, path: &str, at: Instant) -> Card {
        let signature = self.sign(REQUEST_DOMAIN, &request(vantage, path, at));
        Card { vantage: vantage.clone(), at, signature }
    }

    pub(crate) fn prove(&self, token: &[u8]) -> Signature {
        self.sign(JOIN_DOMAIN, token)
    }

    fn sign(&self, domain: &[u8], bytes: &[u8]) -> Signature {
        self.0.sign(&[domain, bytes].concat())
    }
}

impl PublicKey {
    pub(crate) fn has_joined(&self, token: &[u8], proof: &Signature) -> bool {
        self.has_signed(JOIN_DOMAIN, token, proof)
    }

    fn has_signed(&self, domain: &[u8], bytes: &[u8], signature: &Signature) -> bool {
        self.0.verify_strict(&[domain, bytes].concat(), signature).is_ok()
    }
}

impl Sealed {
    /// Who claims to have sent it: only a claim, to find the key by.
    pub fn vantage(&self) -> &VantageId {
        &self.vantage
    }

    /// The signature over the report, in hex.
    pub fn signature(&self) -> String {
        hex(&self.signature.to_bytes())
    }

    /// The report, if this key signed these bytes and they are one of the vantage point named.
    pub fn open(&self, key: &PublicKey) -> Result<Report, OpenError> {
        if !key.has_signed(REPORT_DOMAIN, &self.bytes, &self.signature) {
            return Err(OpenError::Signature);
        }
        let report = Report::read(&self.bytes)?;
        if report.vantage != self.vantage {
            return Err(OpenError::Vantage { sealed: self.vantage.clone(), report: report.vantage });
        }
        Ok(report)
    }

    /// As bytes: a line with the vantage point and the signature in hex, then the report as it was signed.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = format!("{} {}\n", self.vantage, hex(&self.signature.to_bytes())).into_bytes();
        bytes.extend_from_slice(&self.bytes);
        bytes
    }

    /// From those bytes.
    pub fn decode(bytes: &[u8]) -> Result<Sealed, OpenError> {
        if bytes.len() > SEALED_BYTES_MAX {
            return Err(OpenError::Shape("too long"));
        }
        let end = bytes.iter().position(|b| *b == b'\n').ok_or(OpenError::Shape("no first line"))?;
        let line =
            std::str::from_utf8(&bytes[..end]).map_err(|_| OpenError::Shape("the first line is no text"))?;
        let (vantage, signature) = line.split_once(' ').ok_or(OpenError::Shape("no signature"))?;
        let vantage = vantage.parse().map_err(|_| OpenError::Shape("no vantage point"))?;
        let signature = read_signature(signature).ok_or(OpenError::Shape("no signature"))?;
        Ok(Sealed { vantage, signature, bytes: bytes[end + 1..].to_vec() })
    }
}

impl Card {
    /// How far a card's instant may be from control's clock, each way.
    pub const GOOD_FOR: spans::Length = spans::Length::from_minutes(5);

    /// The text of the `authorization` header.
    pub fn header(&self) -> String {
        format!("{SCHEME} {} {} {}", self.vantage, self.at.as_micros(), hex(&self.signature.to_bytes()))
    }

    /// From that text: only a claim, to find the key by.
    pub fn read(header: &str) -> Result<Card, OpenError> {
        let shape = || OpenError::Shape("no card");
        let [scheme, vantage, at, signature] = header.split(' ').collect::<Vec<_>>()[..] else {
            return Err(shape());
        };
        if scheme != SCHEME {
            return Err(shape());
        }
        let vantage = vantage.parse().map_err(|_| shape())?;
        let at = at.parse().map(Instant::from_micros).map_err(|_| shape())?;
        Ok(Card { vantage, at, signature: read_signature(signature).ok_or_else(shape)? })
    }

    /// Whether this key signed it for `path`, and not long before or after `now`.
    pub fn open(&self, key: &PublicKey, path: &str, now: Instant) -> Result<(), OpenError> {
        if !key.has_signed(REQUEST_DOMAIN, &request(&self.vantage, path, self.at), &self.signature) {
            return Err(OpenError::Signature);
        }
        let apart = (now - self.at).max(self.at - now);
        if apart <= Card::GOOD_FOR { Ok(()) } else { Err(OpenError::Stale) }
    }
}

fn request(vantage: &VantageId, path: &str, at: Instant) -> Vec<u8> {
    format!("GET {path}\n{vantage}\n{}", at.as_micros()).into_bytes()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let text = text.as_bytes();
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let nibble = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(nibble(pair[0])? * 16 + nibble(pair[1])?).ok()?;
    }
    Some(bytes)
}

pub(crate) fn read_signature(text: &str) -> Option<Signature> {
    unhex::<64>(text).map(|bytes| Signature::from_bytes(&bytes))
}

/// Text that is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a public key: 64 hex digits of an Ed25519 key were expected")]
pub struct NotAKey;

impl FromStr for PublicKey {
    type Err = NotAKey;
    fn from_str(text: &str) -> Result<PublicKey, NotAKey> {
        let bytes = unhex::<32>(text).ok_or(NotAKey)?;
        VerifyingKey::from_bytes(&bytes).map(PublicKey).map_err(|_| NotAKey)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({})", self.public())
    }
}

impl TryFrom<String> for PublicKey {
    type Error = NotAKey;
    fn try_from(text: String) -> Result<PublicKey, NotAKey> {
        text.parse()
    }
}

impl From<PublicKey> for String {
    fn from(key: PublicKey) -> String {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::ClockNote;

    fn report() -> Report {
        Report {
            vantage: "ams-1".parse().unwrap(),
            boot: uuid::Uuid::from_u128(1),
            sequence: 1,
            at: Instant::from_second(1_000),
            mono_ns: 5,
            clock: ClockNote::default(),
            reach: None,
            skipped: 0,
            gaps: Vec::new(),
            looks: Vec::new(),
        }
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_and_no_other() {
        let key = Key::from_seed([7; 32]);
        let sent = key.seal(&report()).encode();
        let sealed = Sealed::decode(&sent).unwrap();
        assert_eq!(sealed.open(&key.public()).unwrap(), report());
        let other = Key::from_seed([8; 32]).public();
        assert!(matches!(sealed.open(&other), Err(OpenError::Signature)));
    }

    #[test]
    fn no_byte_can_be_changed() {
        let key = Key::from_seed([7; 32]);
        let sent = key.seal(&report()).encode();
        for place in 0..sent.len() {
            let mut changed = sent.clone();
            changed[place] ^= 1;
            let opened = Sealed::decode(&changed).and_then(|sealed| sealed.open(&key.public()));
            assert!(opened.is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_signature_for_one_thing_is_none_for_another() {
        let key = Key::from_seed([7; 32]);
        let vantage: VantageId = "ams-1".parse().unwrap();
        let at = Instant::from_second(1_000);
        let card = key.card(&vantage, "/probe/v1/assignment", at);
        let read = Card::read(&card.header()).unwrap();
        assert_eq!(read, card);
        assert!(read.open(&key.public(), "/probe/v1/assignment", at + Card::GOOD_FOR).is_ok());
        assert!(matches!(read.open(&key.public(), "/probe/v1/other", at), Err(OpenError::Signature)));
        let late = at + Card::GOOD_FOR + spans::Length::from_micros(1);
        assert!(matches!(read.open(&key.public(), "/probe/v1/assignment", late), Err(OpenError::Stale)));
        let bytes = request(&vantage, "/probe/v1/assignment", at);
        let posing = Sealed { vantage, signature: card.signature, bytes };
        assert!(matches!(posing.open(&key.public()), Err(OpenError::Signature)));
    }
}
