//! Keys, and the one-line files they are kept in.
//!
//! ```text
//! uphold-key/1 secret ed25519:9d61…   (the 32-byte seed of RFC 8032: whoever has this line signs for its owner)
//! uphold-key/1 public ed25519:d75a…
//! ```

use std::{fmt, str::FromStr};

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};

use super::{hex, unhex};

const FORMAT: &str = "uphold-key/1";
const ALGORITHM: &str = "ed25519:";

/// A text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not a secret key's line.
    #[error(
        "this is no secret key: its file says `uphold-key/1 secret ed25519:…` with 64 lower-case hex digits"
    )]
    NotSecret,
    /// Not a public key.
    #[error("this is no public key: it is written `ed25519:…` with 64 lower-case hex digits")]
    NotPublic,
    /// A secret key where a public one was expected.
    #[error("this is a secret key, which nobody else may see: name its public key")]
    Secret,
    /// A point that would accept a signature nobody made.
    #[error("this public key is weak: any signature would pass under it")]
    Weak,
}

/// A party's secret key. Never printed except by [`SecretKey::to_text`], for the file its owner keeps.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of this seed. Seeds are 32 random bytes, which the caller draws: this room has no randomness.
    pub fn from_seed(seed: [u8; 32]) -> SecretKey {
        SecretKey(SigningKey::from_bytes(&seed))
    }

    /// The key that others check against.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }

    /// The text of its file, one line.
    pub fn to_text(&self) -> String {
        format!("{FORMAT} secret {ALGORITHM}{}\n", hex(self.0.as_bytes()))
    }

    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<SecretKey, KeyError> {
        let seed = text.trim_end().strip_prefix("uphold-key/1 secret ed25519:").and_then(unhex);
        seed.map(SecretKey::from_seed).ok_or(KeyError::NotSecret)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}

/// A party's public key. Shown as `ed25519:` and 64 hex digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// The text of its file, one line.
    pub fn to_text(&self) -> String {
        format!("{FORMAT} public {self}\n")
    }

    /// Whether it made this signature. Strict: no signature passes in two forms, and no weak key passes at all.
    pub(super) fn verifies(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_strict(message, &Signature::from_bytes(signature)).is_ok()
    }
}

/// Reads `ed25519:…`, or the line of a public key's file.
impl FromStr for PublicKey {
    type Err = KeyError;
    fn from_str(text: &str) -> Result<PublicKey, KeyError> {
        let text = text.trim_end();
        if SecretKey::from_str(text).is_ok() {
            return Err(KeyError::Secret);
        }
        let bytes = text.strip_prefix("uphold-key/1 public ").unwrap_or(text).strip_prefix(ALGORITHM);
        let bytes: [u8; 32] = bytes.and_then(unhex).ok_or(KeyError::NotPublic)?;
        let key = VerifyingKey::from_bytes(&bytes).map_err(|_| KeyError::NotPublic)?;
        if key.is_weak() { Err(KeyError::Weak) } else { Ok(PublicKey(key)) }
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ALGORITHM}{}", hex(self.0.as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, tests 1 to 3: seed, public key, message, signature.
    const RFC_8032: &[(&str, &str, &[u8], &str)] = &[
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            b"",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            b"\x72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            b"\xaf\x82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];

    #[test]
    fn keys_and_signatures_are_those_of_rfc_8032() {
        for (seed, public, message, signature) in RFC_8032 {
            let key = SecretKey::from_seed(unhex(seed).unwrap());
            assert_eq!(key.public().to_string(), format!("ed25519:{public}"));
            assert_eq!(hex(&key.sign(message)), *signature);
            assert!(key.public().verifies(message, &unhex(signature).unwrap()));
        }
    }

    #[test]
    fn key_files_read_back_and_a_secret_is_never_shown_by_accident() {
        let key = SecretKey::from_seed([7; 32]);
        let text = key.to_text();
        assert_eq!(text, format!("uphold-key/1 secret ed25519:{}\n", "07".repeat(32)));
        assert_eq!(text.parse::<SecretKey>().unwrap().public(), key.public());
        assert_eq!(key.public().to_text().parse::<PublicKey>(), Ok(key.public()));
        assert_eq!(text.parse::<PublicKey>(), Err(KeyError::Secret));
        assert!(!format!("{key:?}").contains(&"07".repeat(32)));
    }

    #[test]
    fn weak_and_mistyped_keys_are_refused() {
        let identity_point = format!("ed25519:01{}", "00".repeat(31));
        assert_eq!(identity_point.parse::<PublicKey>(), Err(KeyError::Weak));
        for text in ["", "ed25519:", "ed25519:ABCD", "uphold-key/2 public ed25519:00"] {
            assert_eq!(text.parse::<PublicKey>(), Err(KeyError::NotPublic), "{text}");
            assert_eq!(text.parse::<SecretKey>().err(), Some(KeyError::NotSecret), "{text}");
        }
    }
}
