//! Random things that open doors: session tokens, API tokens, one-time secrets. The one place that asks for randomness.

use journal::Hash;
use sha2::{Digest, Sha256};

use crate::Fault;

/// What API tokens begin with, so that scanners recognise one that leaked.
const API_PREFIX: &str = "uphold_";
/// Without letters that are taken for others (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a group that is typed, five bits each.
const GROUP: usize = 5;
/// Groups of a one-time secret: 125 bits.
const SECRET_GROUPS: usize = 5;
/// Groups of a recovery code: 75 bits.
const RECOVERY_GROUPS: usize = 3;
/// Characters that are looked at of what was typed.
const TYPED_CHARS_MAX: usize = 50;

/// 256 random bits. It is shown or sent once; what is kept is its hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

/// It shows nothing.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Random bytes nobody can guess.
///
/// # Errors
/// When the machine has none to give.
pub fn random<const N: usize>() -> Result<[u8; N], Fault> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| Fault::Randomness)?;
    Ok(bytes)
}

impl Secret {
    /// A new one.
    ///
    /// # Errors
    /// When the machine has no random bytes to give.
    pub fn new() -> Result<Secret, Fault> {
        Ok(Secret(random()?))
    }

    /// What is kept.
    pub fn hash(&self) -> Hash {
        <[u8; 32]>::from(Sha256::digest(self.0)).into()
    }

    /// As a cookie holds it: 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        hex(&self.0)
    }

    /// Reads 64 hexadecimal digits.
    pub fn read_hex(text: &str) -> Option<Secret> {
        unhex(text).map(Secret)
    }

    /// As a program holds it: `uphold_`, 64 digits, and 8 that catch a slip and make a leaked one certain.
    pub fn api_token(&self) -> String {
        let body = format!("{API_PREFIX}{}", self.hex());
        let check = check(&body);
        body + &check
    }

    /// Reads an API token; none when a character is wrong, before any look-up.
    pub fn read_api_token(text: &str) -> Option<Secret> {
        let (body, sum) = text.split_at_checked(API_PREFIX.len() + 64)?;
        (check(body) == sum).then(|| Secret::read_hex(body.strip_prefix(API_PREFIX)?)).flatten()
    }
}

fn check(body: &str) -> String {
    hex(&Sha256::digest(body)[..4])
}

/// A one-time secret as people type it: five groups of five, and its hash. 125 random bits (ASVS 6.4.1 asks for 20).
///
/// # Errors
/// When the machine has no random bytes to give.
pub fn typed() -> Result<(String, Hash), Fault> {
    let text = groups::<{ GROUP * SECRET_GROUPS }>()?;
    let hash = typed_hash(&text);
    Ok((text, hash))
}

/// The hash of what was typed, whatever its case, spaces and hyphens; `O` is read as 0, `I` and `L` as 1.
pub fn typed_hash(text: &str) -> Hash {
    <[u8; 32]>::from(Sha256::digest(format!("one-time {}", plain(text)))).into()
}

/// A recovery code of a person, three groups of five, and its hash.
///
/// # Errors
/// When the machine has no random bytes to give.
pub fn recovery_code(person: &str) -> Result<(String, Hash), Fault> {
    let text = groups::<{ GROUP * RECOVERY_GROUPS }>()?;
    let hash = recovery_hash(person, &text);
    Ok((text, hash))
}

/// The hash of a recovery code as it was typed. The same code of two people has two hashes.
pub fn recovery_hash(person: &str, text: &str) -> Hash {
    <[u8; 32]>::from(Sha256::digest(format!("recovery {person} {}", plain(text)))).into()
}

/// Random groups of five with hyphens between them.
fn groups<const N: usize>() -> Result<String, Fault> {
    let random: [u8; N] = random()?;
    let chars: Vec<char> = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte & 31)])).collect();
    Ok(chars.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-"))
}

fn plain(text: &str) -> String {
    let plain = text.chars().filter(char::is_ascii_alphanumeric).map(|c| match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        c => c,
    });
    plain.take(TYPED_CHARS_MAX).collect()
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// 64 hexadecimal digits as the bytes they stand for.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let text = text.as_bytes();
    if text.len() != 64 {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks(2)) {
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written_and_a_slip_is_caught() {
        let secret = Secret([0xa5; 32]);
        assert_eq!(Secret::read_hex(&secret.hex()), Some(secret.clone()));
        let token = secret.api_token();
        assert_eq!(token.len(), 7 + 64 + 8);
        assert_eq!(Secret::read_api_token(&token), Some(secret));
        assert_eq!(Secret::read_api_token(&token.replacen("a5", "a6", 1)), None);
        assert_eq!(Secret::read_api_token("uphold_é"), None);
        assert_eq!(Secret::read_hex("zz"), None);
    }

    #[test]
    fn a_one_time_secret_is_typed_as_people_type() {
        let (text, hash) = typed().unwrap();
        assert_eq!(text.len(), 29);
        assert_eq!(typed_hash(&text.to_lowercase().replace('-', " ")), hash);
        assert_eq!(typed_hash("o0iL1"), typed_hash("00111"));
        assert_ne!(typed_hash(&text[1..]), hash);
        assert_ne!(typed().unwrap().0, text);
    }

    #[test]
    fn a_recovery_code_is_its_persons() {
        let (text, hash) = recovery_code("p1").unwrap();
        assert_eq!(text.len(), 17);
        assert_eq!(recovery_hash("p1", &text.to_lowercase().replace('-', "")), hash);
        assert_ne!(recovery_hash("p2", &text), hash);
        assert_ne!(typed_hash(&text), hash);
    }

    #[test]
    fn a_secret_is_not_printed() {
        assert_eq!(format!("{:?}", Secret([0xa5; 32])), "Secret(…)");
    }
}
