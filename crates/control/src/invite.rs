//! Inviting a vantage point elsewhere: a name, and a token that works once and for ten minutes.

use facts::{ClientId, VantageId};
use journal::Journal;
use promise::ProbeKind;
use spans::{Instant, Length};
use wire::Token;

/// How long a token waits to be used.
pub const INVITATION: Length = Length::from_minutes(10);
/// Names that observations have of our own: the vantage point inside the server, and beats.
pub const RESERVED: [&str; 2] = ["control", "heartbeat"];

/// What to hand over, once: only the token's digest is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// For whom.
    pub vantage: VantageId,
    /// What it joins with.
    pub token: Token,
    /// Until when.
    pub ends: Instant,
}

/// Why nobody was invited.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum NotInvited {
    #[error(
        "{vantage} is taken: it has joined or was revoked, and a name is never used again; choose another"
    )]
    Taken { vantage: VantageId },
    #[error("{vantage} is a name of our own; choose another")]
    Reserved { vantage: VantageId },
    #[error(
        "{vantage}: a name that begins with `client-` says that the vantage point is a client's own; bind it to that one client"
    )]
    Whose { vantage: VantageId },
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

/// Invites a vantage point that looks at the instances of these clients, or of all. One whose name begins with `client-` is a client's
/// own: it is bound to that client, and its signature goes on record with what it saw. An invitation that was not used is void
/// from now on. `random`: bytes that nobody can guess.
///
/// # Errors
/// Why not.
pub fn invite(
    journal: &Journal,
    vantage: &VantageId,
    clients: Option<Vec<ClientId>>,
    random: [u8; 20],
    now: Instant,
) -> Result<Invitation, NotInvited> {
    if RESERVED.contains(&vantage.as_str()) {
        return Err(NotInvited::Reserved { vantage: vantage.clone() });
    }
    if ProbeKind::of(vantage) == ProbeKind::Client
        && clients.as_ref().is_none_or(|clients| clients.len() != 1)
    {
        return Err(NotInvited::Whose { vantage: vantage.clone() });
    }
    let (token, ends) = (Token::of(random), now + INVITATION);
    let (name, digest) = (vantage.clone(), token.digest());
    let invited =
        journal.write(move |tx| tx.invite_vantage(&name, clients.as_deref(), &digest, now, ends))?;
    let vantage = vantage.clone();
    if invited { Ok(Invitation { vantage, token, ends }) } else { Err(NotInvited::Taken { vantage }) }
}
