//! Secrets that have to be computed with, sealed: AES-256-GCM under a key that lies in a file of its own, never in the database.
//!
//! What is sealed is bound to where it belongs, so that a row copied to another person or column opens nothing (ASVS 11.3.2,
//! 13.3.1). The file holds one key a line; the first seals, all open: a new first line, and what is read is sealed anew.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::Path,
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use sha2::{Digest, Sha256};

use crate::{
    Fault,
    secret::{hex, random, unhex},
};

/// How what is sealed begins: this layout, and the first bytes of its key's hash.
const LAYOUT: u8 = 1;
const MARK: usize = 4;
const HEAD: usize = 1 + MARK + NONCE_LEN;
/// Keys in a file.
const KEYS_MAX: usize = 8;
/// Bytes of a key file.
const FILE_BYTES_MAX: u64 = 4_096;

/// Keys. Cloning is not offered: there is one.
pub struct Vault {
    keys: Vec<Key>,
}

struct Key {
    mark: [u8; MARK],
    aead: RandomizedNonceKey,
}

/// Where something sealed belongs.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The client's id, or the provider's.
    pub client: &'a str,
    /// The row: a person's id, a token's hash.
    pub row: &'a str,
    /// Table and column.
    pub column: &'static str,
}

impl Place<'_> {
    /// Lengths first, so that no two places have the same bytes.
    fn bytes(&self) -> Vec<u8> {
        let parts = [self.client, self.row, self.column];
        let framed = |part: &&str| [&(part.len() as u64).to_be_bytes()[..], part.as_bytes()].concat();
        parts.iter().flat_map(framed).collect()
    }
}

/// It shows nothing.
impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({} keys)", self.keys.len())
    }
}

impl Vault {
    /// With these keys; the first seals.
    ///
    /// # Errors
    /// Without a key.
    pub fn new(keys: &[[u8; 32]]) -> Result<Vault, Fault> {
        let keys: Result<Vec<Key>, Fault> = keys.iter().take(KEYS_MAX).map(Key::new).collect();
        match keys? {
            keys if keys.is_empty() => Err(Fault::Sealing { what: "a secret without any key" }),
            keys => Ok(Vault { keys }),
        }
    }

    /// With a key that is gone when this is: for tests and demonstrations.
    ///
    /// # Errors
    /// When the machine has no random bytes to give.
    pub fn passing() -> Result<Vault, Fault> {
        Vault::new(&[random()?])
    }

    /// From text: 64 hexadecimal digits a line.
    ///
    /// # Errors
    /// Why it is none, in words that show nothing of it.
    pub fn read(text: &str) -> Result<Vault, &'static str> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let keys: Option<Vec<[u8; 32]>> = lines.map(unhex).collect();
        let keys = keys.ok_or("a key is 64 hexadecimal digits on a line of its own")?;
        Vault::new(&keys).map_err(|_| "there is no key in it")
    }

    /// From a file that only its owner may read; made with a new key where there is none.
    ///
    /// # Errors
    /// When it cannot be read or made, holds no keys, or others may read it.
    pub fn open(path: &Path) -> Result<Vault, Fault> {
        let wrong = |why: String| Fault::KeyFile { path: path.display().to_string(), why };
        match File::open(path) {
            Ok(file) => Vault::of(file).map_err(wrong),
            Err(e) if e.kind() == ErrorKind::NotFound => Vault::make(path).map_err(wrong),
            Err(e) => Err(wrong(e.to_string())),
        }
    }

    fn of(file: File) -> Result<Vault, String> {
        let mode = file.metadata().map_err(|e| e.to_string())?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err("others may read it: `chmod 600` it".to_owned());
        }
        let mut text = String::new();
        file.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(|e| e.to_string())?;
        Vault::read(&text).map_err(str::to_owned)
    }

    fn make(path: &Path) -> Result<Vault, String> {
        let key: [u8; 32] = random().map_err(|e| e.to_string())?;
        let text = format!(
            "# The key under which uphold seals second factors. Keep a copy apart from copies of the database.\n{}\n",
            hex(&key)
        );
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Ok(mut file) => {
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(|e| e.to_string())?;
                Vault::new(&[key]).map_err(|e| e.to_string())
            }
            // Another process came first: its key is the key.
            Err(e) if e.kind() == ErrorKind::AlreadyExists => {
                Vault::of(File::open(path).map_err(|e| e.to_string())?)
            }
            Err(e) => Err(e.to_string()),
        }
    }

    /// Seals.
    ///
    /// # Errors
    /// When the machine has no random bytes to give.
    pub fn seal(&self, place: Place<'_>, secret: &[u8]) -> Result<Vec<u8>, Fault> {
        let key = self.keys.first().ok_or(Fault::Sealing { what: place.column })?;
        let mut text = secret.to_vec();
        let nonce = key.aead.seal_in_place_append_tag(Aad::from(place.bytes()), &mut text);
        let nonce = nonce.map_err(|_| Fault::Sealing { what: place.column })?;
        Ok([&[LAYOUT][..], &key.mark, nonce.as_ref(), &text].concat())
    }

    /// Opens what was sealed for this place.
    ///
    /// # Errors
    /// When it was sealed elsewhere, under a key that is not here, or altered.
    pub fn open_sealed(&self, place: Place<'_>, sealed: &[u8]) -> Result<Vec<u8>, Fault> {
        self.opened(place, sealed).ok_or(Fault::Sealed { what: place.column })
    }

    fn opened(&self, place: Place<'_>, sealed: &[u8]) -> Option<Vec<u8>> {
        let (head, text) = sealed.split_at_checked(HEAD)?;
        let key = self.keys.iter().find(|key| head[0] == LAYOUT && head[1..=MARK] == key.mark)?;
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + MARK..]).ok()?;
        let mut text = text.to_vec();
        Some(key.aead.open_in_place(nonce, Aad::from(place.bytes()), &mut text).ok()?.to_vec())
    }

    /// Whether it was sealed under another key than the one that seals now.
    pub fn is_stale(&self, sealed: &[u8]) -> bool {
        let mark = sealed.get(1..=MARK);
        self.keys.first().is_some_and(|key| mark != Some(&key.mark[..]))
    }
}

impl Key {
    fn new(bytes: &[u8; 32]) -> Result<Key, Fault> {
        let hash = Sha256::digest([b"uphold vault ", &bytes[..]].concat());
        let mut mark = [0; MARK];
        mark.copy_from_slice(&hash[..MARK]);
        let aead =
            RandomizedNonceKey::new(&AES_256_GCM, bytes).map_err(|_| Fault::Sealing { what: "a key" })?;
        Ok(Key { mark, aead })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Place<'static> = Place { client: "acme", row: "p1", column: "code_app.sealed" };

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let vault = Vault::new(&[[7; 32]]).unwrap();
        let sealed = vault.seal(HERE, b"seed").unwrap();
        assert_eq!(vault.open_sealed(HERE, &sealed).unwrap(), b"seed");
        assert_ne!(vault.seal(HERE, b"seed").unwrap(), sealed, "a nonce each");
        for place in [
            Place { client: "beta", ..HERE },
            Place { row: "p2", ..HERE },
            Place { column: "begun.sealed", ..HERE },
            Place { client: "acmep", row: "1", ..HERE },
        ] {
            assert!(vault.open_sealed(place, &sealed).is_err(), "{place:?}");
        }
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(vault.open_sealed(HERE, &altered).is_err(), "byte {at}");
        }
        assert!(vault.open_sealed(HERE, &sealed[..HEAD - 1]).is_err());
    }

    #[test]
    fn a_new_first_key_seals_and_the_old_one_still_opens() {
        let before = Vault::new(&[[7; 32]]).unwrap();
        let sealed = before.seal(HERE, b"seed").unwrap();
        let after = Vault::new(&[[8; 32], [7; 32]]).unwrap();
        assert_eq!(after.open_sealed(HERE, &sealed).unwrap(), b"seed");
        assert!(after.is_stale(&sealed) && !before.is_stale(&sealed));
        assert!(before.open_sealed(HERE, &after.seal(HERE, b"seed").unwrap()).is_err());
    }

    #[test]
    fn a_key_file_is_made_once_and_is_its_owners() {
        let folder = std::env::temp_dir().join(format!("uphold-vault-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("uphold.key");
        let sealed = Vault::open(&path).unwrap().seal(HERE, b"seed").unwrap();
        assert_eq!(Vault::open(&path).unwrap().open_sealed(HERE, &sealed).unwrap(), b"seed");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Vault::open(&path).unwrap_err().to_string().contains("chmod 600"));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        std::fs::write(&path, "not a key\n").unwrap();
        assert!(Vault::open(&path).unwrap_err().to_string().contains("64 hexadecimal"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
