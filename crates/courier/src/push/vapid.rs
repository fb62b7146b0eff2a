//! Who sends: a key pair of this server, and a signed pass for each push service (RFC 8292).

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use spans::{Instant, Length};

use super::seconds;

/// How long a pass is good: services take a day at most.
const GOOD_FOR: Length = Length::from_hours(12);

/// The server's key pair.
pub struct Vapid(EcdsaKeyPair);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says it")]
pub enum NotAKey {
    #[error("it holds no key pair of P-256 (PKCS #8, base64url)")]
    Unreadable,
    #[error("no key pair can be made on this machine")]
    NotMade,
}

impl Vapid {
    /// A new key pair, as the text to keep: whoever has it can send in our name.
    ///
    /// # Errors
    /// When the machine has no randomness.
    pub fn make() -> Result<String, NotAKey> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        made.map(|document| URL_SAFE_NO_PAD.encode(document.as_ref())).map_err(|_| NotAKey::NotMade)
    }

    /// Reads what [`Vapid::make`] made.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &str) -> Result<Vapid, NotAKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| NotAKey::Unreadable)?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes);
        pair.map(Vapid).map_err(|_| NotAKey::Unreadable)
    }

    /// What browsers are told when they subscribe: `applicationServerKey`, base64url.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.public_key().as_ref())
    }

    /// The header `Authorization` for one push service.
    pub(super) fn pass(&self, audience: &str, subject: &str, at: Instant) -> Result<String, String> {
        let claims = serde_json::json!({ "aud": audience, "exp": seconds(at + GOOD_FOR), "sub": subject });
        let head = URL_SAFE_NO_PAD.encode(br#"{"typ":"JWT","alg":"ES256"}"#);
        let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes());
        let signature = signature.map_err(|_| "the pass cannot be signed".to_owned())?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature.as_ref()), self.public()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    #[test]
    fn a_pass_is_signed_by_the_key_that_browsers_know() {
        let vapid = Vapid::read(&Vapid::make().unwrap()).unwrap();
        let at: Instant = "2026-03-06T18:00:00Z".parse().unwrap();
        let pass = vapid.pass("https://push.example", "mailto:a@b.example", at).unwrap();
        let (token, key) = pass.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let known = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, bytes(key));
        assert!(known.verify(signed.as_bytes(), &bytes(signature)).is_ok());
        let claims: serde_json::Value =
            serde_json::from_slice(&bytes(signed.split_once('.').unwrap().1)).unwrap();
        assert_eq!(claims["aud"], "https://push.example");
        assert_eq!(claims["exp"], 1_772_863_200);
        assert!(Vapid::read("nonsense").is_err());
    }
}
