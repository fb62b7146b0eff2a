//! The door. In this house what opens it is made and judged here, and kept in `journal`: passwords, codes of an app, passkeys,
//! sign-ins at other places, recovery codes. No page and no route: those are `portal`'s.
//!
//! A judgement never says more than the caller may tell: right, or not. Secrets that have to be computed with lie sealed under a
//! key that is not in the database ([`vault`]); of all others only a hash is kept.

pub mod code;
pub mod elsewhere;
pub mod fetch;
pub mod passkey;
pub mod password;
pub mod secret;
pub mod vault;

pub use self::secret::Secret;

/// Why something cannot be made or judged at all. None of these says whether a secret was right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the variants are")]
pub enum Fault {
    #[error("this machine gives no random bytes")]
    Randomness,
    #[error("a password could not be hashed: there is no memory for it")]
    Hashing,
    #[error("{what} cannot be opened: it was sealed under another key, or altered")]
    Sealed { what: &'static str },
    #[error("{what} could not be sealed")]
    Sealing { what: &'static str },
    #[error("the key file {path}: {why}")]
    KeyFile { path: String, why: String },
    #[error("passkeys cannot be used here: {why}")]
    Passkeys { why: String },
    #[error("what is kept of a passkey cannot be read: {why}")]
    Kept { why: String },
}
