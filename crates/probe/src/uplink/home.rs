//! The folder of a vantage point: who it is, what it was last told to ask, and what it may fill in.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use facts::VantageId;
use serde::{Deserialize, Serialize};
use wire::Assignment;

use super::UplinkError;
use crate::{Cidr, Secrets};

/// Who we are, and where control is. The seed is the secret half of our key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Identity {
    pub(super) control: String,
    pub(super) vantage: VantageId,
    pub(super) seed: [u8; 32],
}

const IDENTITY: &str = "identity.json";
const JOINING: &str = "joining.json";
const ASSIGNMENT: &str = "assignment.json";
const ALLOWED: &str = "allowed.json";
const SECRETS: &str = "secrets.json";
/// The most bytes of the list of secrets.
const SECRETS_BYTES_MAX: u64 = 8 << 20;

/// The seed of a key for joining: made once and kept until joining has worked.
pub(super) fn joining_seed(home: &Path) -> Result<[u8; 32], UplinkError> {
    let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(home);
    made.map_err(disk(home, "make this folder"))?;
    let path = home.join(IDENTITY);
    if path.exists() {
        return Err(UplinkError::Home { path, problem: "this folder has joined already".to_owned() });
    }
    let path = home.join(JOINING);
    if let Some(seed) = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        return Ok(seed);
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(UplinkError::Random)?;
    write(home, JOINING, &serde_json::to_vec(&seed).expect("bytes are plain JSON"))?;
    Ok(seed)
}

pub(super) fn save_identity(home: &Path, identity: &Identity) -> Result<(), UplinkError> {
    write(home, IDENTITY, &serde_json::to_vec(identity).expect("an identity is plain JSON"))?;
    let path = home.join(JOINING);
    fs::remove_file(&path).map_err(disk(&path, "delete"))
}

pub(super) fn load_identity(home: &Path) -> Result<Identity, UplinkError> {
    let path = home.join(IDENTITY);
    let bytes = fs::read(&path).map_err(disk(&path, "read (has this vantage point joined?)"))?;
    serde_json::from_slice(&bytes).map_err(|error| UplinkError::Home { path, problem: error.to_string() })
}

/// The last assignment; one that cannot be read is fetched again.
pub(super) fn load_assignment(home: &Path) -> Option<Assignment> {
    Assignment::read(&fs::read(home.join(ASSIGNMENT)).ok()?).ok()
}

pub(super) fn save_assignment(home: &Path, json: &[u8]) -> Result<(), UplinkError> {
    write(home, ASSIGNMENT, json)
}

/// The private ranges that were last allowed in this folder: none when none ever were.
///
/// # Errors
/// When what was kept cannot be read: then nobody knows what the operator allowed.
pub fn allowed(home: &Path) -> Result<Vec<Cidr>, UplinkError> {
    let path = home.join(ALLOWED);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(disk(&path, "read"))?,
    };
    serde_json::from_slice(&bytes).map_err(|error| UplinkError::Home { path, problem: error.to_string() })
}

/// Keeps the private ranges that checks may ask from here, in place of those before.
///
/// # Errors
/// When the disk does not take them.
pub fn allow(home: &Path, ranges: &[Cidr]) -> Result<(), UplinkError> {
    write(home, ALLOWED, &serde_json::to_vec(ranges).expect("ranges are plain JSON"))
}

/// What questions may name and only this folder knows: none when there is no list.
///
/// # Errors
/// When the list cannot be read, or others than its owner may read it.
pub fn secrets(home: &Path) -> Result<Secrets, UplinkError> {
    let path = home.join(SECRETS);
    if path.exists() { secrets_in(&path) } else { Ok(Secrets::default()) }
}

/// The list of secrets in a file.
///
/// # Errors
/// When it cannot be read, or others than its owner may read it.
pub fn secrets_in(path: &Path) -> Result<Secrets, UplinkError> {
    let bad = |problem: String| UplinkError::Home { path: path.to_owned(), problem };
    let file = File::open(path).map_err(disk(path, "read"))?;
    let kept = file.metadata().map_err(disk(path, "read"))?;
    if kept.permissions().mode() & 0o077 != 0 {
        return Err(bad("others may read it: it is for its owner alone, mode 600".to_owned()));
    }
    if kept.len() > SECRETS_BYTES_MAX {
        return Err(bad("it is longer than a list of secrets can be".to_owned()));
    }
    let mut bytes = Vec::new();
    file.take(SECRETS_BYTES_MAX).read_to_end(&mut bytes).map_err(disk(path, "read"))?;
    Secrets::read(&bytes).map_err(|why| bad(why.to_string()))
}

/// Whole or not at all, for this user alone.
fn write(home: &Path, name: &str, bytes: &[u8]) -> Result<(), UplinkError> {
    let (path, fresh) = (home.join(name), home.join(format!("{name}.new")));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options.open(&fresh).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.map_err(disk(&fresh, "write"))?;
    let renamed = fs::rename(&fresh, &path).and_then(|()| File::open(home)?.sync_all());
    renamed.map_err(disk(&path, "replace"))
}

fn disk(path: &Path, what: &'static str) -> impl FnOnce(std::io::Error) -> UplinkError {
    let path = path.to_owned();
    move |source| UplinkError::Disk { path, what, source }
}
