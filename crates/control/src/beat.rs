//! The address at which a service calls by itself.

use facts::{Body, CheckId, ClientId, InstanceId};
use journal::{Journal, heartbeat::Beating};
use sha2::{Digest, Sha256};
use spans::Instant;

/// Bytes of a secret, before they are written as hex.
const SECRET_BYTES: usize = 20;

/// Why there is no address.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NoAddress {
    #[error(
        "client {client} has no heartbeat {check} of {instance}: record a `check.defined` with `grace_s` first"
    )]
    NoHeartbeat { client: ClientId, instance: InstanceId, check: CheckId },
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

/// Gives a heartbeat a new address and says its secret, once; the address before leads nowhere from now on. `random`: bytes
/// that nobody can guess.
///
/// # Errors
/// Why not.
pub fn heartbeat_secret(
    journal: &Journal,
    of: &Beating,
    random: [u8; SECRET_BYTES],
    now: Instant,
) -> Result<String, NoAddress> {
    let facts = journal.facts(&of.client, None)?;
    let newest = facts.iter().filter_map(|fact| match &fact.body {
        Body::CheckDefined(check) if check.instance == of.instance && check.check == of.check => {
            Some((fact.at, check.grace_s))
        }
        Body::CheckEnded(ended) if ended.instance == of.instance && ended.check == of.check => {
            Some((fact.at, None))
        }
        _ => None,
    });
    if newest.max_by_key(|(at, _)| *at).is_none_or(|(_, grace)| grace.is_none()) {
        let Beating { client, instance, check } = of.clone();
        return Err(NoAddress::NoHeartbeat { client, instance, check });
    }
    let secret: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
    let (of, digest) = (of.clone(), digest(&secret));
    journal.write(move |tx| tx.set_heartbeat(&of, &digest, now))?;
    Ok(secret)
}

/// What is kept of a secret.
pub(crate) fn digest(secret: &str) -> String {
    Sha256::digest(secret).iter().map(|byte| format!("{byte:02x}")).collect()
}
