//! Passkeys (WebAuthn): a key on a device that its person unlocks, for this portal's address alone. One is two factors by itself,
//! and nothing that could be typed into the wrong page.
//!
//! Each is used in two steps, a challenge and its answer. What is between them is kept sealed by the caller, once.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::Fault;

/// Bytes of an answer that are read.
pub const ANSWER_BYTES_MAX: usize = 16 << 10;

/// Passkeys of one portal.
#[derive(Debug, Clone)]
pub struct Passkeys(Webauthn);

/// A challenge for the browser, and what its answer is judged by.
#[derive(Debug, Clone)]
pub struct Challenge {
    /// As `navigator.credentials` takes it, bytes as base64url.
    pub options: Value,
    /// To be kept, sealed, until the answer.
    pub kept: String,
}

/// What is kept of a passkey.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its id.
    pub credential: Vec<u8>,
    /// Its public half and counter, as JSON.
    pub material: String,
}

/// What was begun. Which it was decides how the answer is read.
#[derive(Serialize, Deserialize)]
enum Between {
    Adding(PasskeyRegistration),
    Known(PasskeyAuthentication),
    Anybody(DiscoverableAuthentication),
}

impl Passkeys {
    /// For the portal at this origin. Browsers allow passkeys where there is a name, so `http://127.0.0.1` has none and
    /// `http://localhost` has.
    ///
    /// # Errors
    /// Why there are none.
    pub fn new(origin: &str) -> Result<Passkeys, Fault> {
        let wrong = |why: String| Fault::Passkeys { why };
        let origin = Url::parse(origin).map_err(|e| wrong(e.to_string()))?;
        let host = origin.domain().ok_or_else(|| wrong("the address has a number for a name".to_owned()))?;
        let builder = WebauthnBuilder::new(host, &origin).map_err(|e| wrong(e.to_string()))?;
        builder.rp_name("Uphold").build().map(Passkeys).map_err(|e| wrong(e.to_string()))
    }

    /// Begins to add one. `person`: an id; `before`: those they have.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn add(&self, person: &str, login: &str, name: &str, before: &[Kept]) -> Result<Challenge, Fault> {
        let known: Result<Vec<Passkey>, Fault> = before.iter().map(read).collect();
        let known = known?.iter().map(|key| key.cred_id().clone()).collect();
        let begun = self.0.start_passkey_registration(handle(person), login, name, Some(known));
        let (options, state) = begun.map_err(wrong)?;
        let mut options = json(&options)?;
        // So that it can be found without a login, where the device has room for it.
        options["publicKey"]["authenticatorSelection"]["residentKey"] = "preferred".into();
        Ok(Challenge { options, kept: text(&Between::Adding(state))? })
    }

    /// The answer to [`Passkeys::add`]: what to keep, or none when it is not right.
    pub fn added(&self, kept: &str, answer: &str) -> Option<Kept> {
        let Ok(Between::Adding(state)) = serde_json::from_str(kept) else { return None };
        let answer: RegisterPublicKeyCredential = serde_json::from_str(answer).ok()?;
        let key = self.0.finish_passkey_registration(&answer, &state).ok()?;
        keep(&key).ok()
    }

    /// Asks a person for one of theirs.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn ask(&self, theirs: &[Kept]) -> Result<Challenge, Fault> {
        let keys: Result<Vec<Passkey>, Fault> = theirs.iter().map(read).collect();
        let (options, state) = self.0.start_passkey_authentication(&keys?).map_err(wrong)?;
        Ok(Challenge { options: json(&options)?, kept: text(&Between::Known(state))? })
    }

    /// Asks whoever is there: the device knows who that is.
    ///
    /// # Errors
    /// [`Fault`].
    pub fn ask_anybody(&self) -> Result<Challenge, Fault> {
        let (options, state) = self.0.start_discoverable_authentication().map_err(wrong)?;
        let mut options = json(&options)?;
        // A button asks for it, not a field that suggests it.
        if let Some(options) = options.as_object_mut() {
            options.remove("mediation");
        }
        Ok(Challenge { options, kept: text(&Between::Anybody(state))? })
    }

    /// Which passkey an answer is of, before it is judged.
    pub fn named(answer: &str) -> Option<Vec<u8>> {
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        Some(answer.get_credential_id().to_vec())
    }

    /// The answer to [`Passkeys::ask`] or [`Passkeys::ask_anybody`] with this passkey of this person: the passkey as it is kept
    /// from now on, or none when it is not right, or its counter went back.
    pub fn answered(&self, kept: &str, answer: &str, person: &str, key: &Kept) -> Option<Kept> {
        let between: Between = serde_json::from_str(kept).ok()?;
        let answer: PublicKeyCredential = serde_json::from_str(answer).ok()?;
        let mut passkey = read(key).ok()?;
        let result = match between {
            Between::Known(state) => self.0.finish_passkey_authentication(&answer, &state).ok()?,
            Between::Anybody(state) => {
                let (theirs, _) = self.0.identify_discoverable_authentication(&answer).ok()?;
                let key = DiscoverableKey::from(&passkey);
                let judged = self.0.finish_discoverable_authentication_v2(&answer, state, &key).ok()?;
                (theirs == handle(person)).then_some(judged)?
            }
            Between::Adding(_) => return None,
        };
        let verified = result.user_verified() && result.cred_id() == passkey.cred_id();
        passkey.update_credential(&result).filter(|_| verified)?;
        keep(&passkey).ok()
    }
}

/// A person as devices know them: no id of ours, and always the same.
fn handle(person: &str) -> Uuid {
    let hash = Sha256::digest(format!("passkey {person}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    Uuid::from_bytes(bytes)
}

fn read(kept: &Kept) -> Result<Passkey, Fault> {
    serde_json::from_str(&kept.material).map_err(|e| Fault::Kept { why: e.to_string() })
}

fn keep(key: &Passkey) -> Result<Kept, Fault> {
    Ok(Kept { credential: key.cred_id().to_vec(), material: text(key)? })
}

fn text<T: Serialize>(value: &T) -> Result<String, Fault> {
    serde_json::to_string(value).map_err(|e| Fault::Kept { why: e.to_string() })
}

fn json<T: Serialize>(value: &T) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|e| Fault::Kept { why: e.to_string() })
}

fn wrong(error: WebauthnError) -> Fault {
    Fault::Passkeys { why: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_are_for_addresses_with_a_name() {
        assert!(Passkeys::new("https://desk.example").is_ok());
        assert!(Passkeys::new("http://localhost:7430").is_ok());
        assert!(Passkeys::new("http://127.0.0.1:7430").is_err());
    }

    #[test]
    fn a_challenge_is_a_new_one_each_time_and_nonsense_is_no_answer() {
        let passkeys = Passkeys::new("https://desk.example").unwrap();
        let (one, two) = (passkeys.ask_anybody().unwrap(), passkeys.ask_anybody().unwrap());
        assert_ne!(one.options["publicKey"]["challenge"], two.options["publicKey"]["challenge"]);
        assert_eq!(one.options.get("mediation"), None);
        let adding = passkeys.add("p1", "bo", "Bo", &[]).unwrap();
        assert_eq!(adding.options["publicKey"]["rp"]["id"], "desk.example");
        assert_eq!(adding.options["publicKey"]["authenticatorSelection"]["residentKey"], "preferred");
        for nonsense in ["", "{}", "[]", "null"] {
            assert!(passkeys.added(&adding.kept, nonsense).is_none());
            assert!(Passkeys::named(nonsense).is_none());
        }
    }
}
