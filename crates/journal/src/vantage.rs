//! Vantage points elsewhere: who was invited, with which key they joined, and which revision of their assignment is the newest.
//!
//! These are no facts, as people are none (`people.rs`): `verify`, `rebuild` and exports leave them alone. Of the join token only
//! its digest is kept, of the key only the public half, so a copy of this table lets nobody in.

use facts::{ClientId, VantageId};
use spans::Instant;

use crate::{
    Error, Hash, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Vantage points, those that were revoked among them.
pub const VANTAGES_MAX: u64 = 1_000;
/// Clients that one vantage point is bound to; more than that is all of them.
pub const VANTAGE_CLIENTS_MAX: usize = 200;
/// Bytes of a token's digest, and of a public key, as text.
const TEXT_BYTES_MAX: usize = 128;

/// A vantage point elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VantagePoint {
    /// What observations call it. Never used again once revoked.
    pub name: VantageId,
    /// Whose instances it looks at, and may speak of; nothing for everybody's.
    pub clients: Option<Vec<ClientId>>,
    /// When it was last invited.
    pub invited: Instant,
    /// The digest of the token it joins with.
    pub token: String,
    /// Until when that token is taken.
    pub token_ends: Instant,
    /// The public half of the key it joined with.
    pub key: Option<String>,
    /// When it joined.
    pub joined: Option<Instant>,
    /// Since when nothing of it is taken.
    pub revoked: Option<Instant>,
    /// When it was last heard, within what its keeper wrote down.
    pub seen: Option<Instant>,
    /// The newest revision of its assignment; 0 before there is one.
    pub revision: u64,
}

/// What came of a vantage point that asks to join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It is in, now or since it asked before with the same key.
    In(VantageId),
    /// The token is unknown, was used with another key, has ended, or was revoked. Who asks is not told which.
    Refused,
}

const COUNT: &str = "SELECT count(*) FROM vantage";
const INVITE: &str = "INSERT INTO vantage (name, clients, invited_us, token, token_ends_us, revision)
    VALUES ($1, $2, $3, $4, $5, 0)
    ON CONFLICT (name) DO UPDATE SET clients = excluded.clients, invited_us = excluded.invited_us,
        token = excluded.token, token_ends_us = excluded.token_ends_us
    WHERE vantage.public_key IS NULL AND vantage.revoked_us IS NULL";
const JOIN: &str = "UPDATE vantage SET public_key = $2, joined_us = $3
    WHERE token = $1 AND public_key IS NULL AND revoked_us IS NULL AND token_ends_us > $3";
const JOINED: &str = "SELECT name FROM vantage WHERE token = $1 AND public_key = $2 AND revoked_us IS NULL";
const REVOKE: &str = "UPDATE vantage SET revoked_us = $2 WHERE name = $1 AND revoked_us IS NULL";
const SEEN: &str = "UPDATE vantage SET seen_us = $2 WHERE name = $1 AND (seen_us IS NULL OR seen_us < $2)";
const REVISE: &str = "UPDATE vantage SET revision = revision + 1, assignment = $2
    WHERE name = $1 AND (assignment IS NULL OR assignment <> $2)";
const ONE: &str = "SELECT name, clients, invited_us, token, token_ends_us, public_key, joined_us, revoked_us, seen_us, revision
    FROM vantage WHERE name = $1";
const ALL: &str = "SELECT name, clients, invited_us, token, token_ends_us, public_key, joined_us, revoked_us, seen_us, revision
    FROM vantage ORDER BY name LIMIT $1";
pub(crate) const STATEMENTS: &[&str] = &[COUNT, INVITE, JOIN, JOINED, REVOKE, SEEN, REVISE, ONE, ALL];

impl Tx<'_> {
    /// Keeps the digest of a token for a name. False when the name has joined or was revoked; then nothing is changed. A token
    /// that was never used is void from now on.
    ///
    /// # Errors
    /// [`Error::TooMuch`] beyond [`VANTAGES_MAX`] or [`VANTAGE_CLIENTS_MAX`], and the journal's.
    pub fn invite_vantage(
        &mut self,
        name: &VantageId,
        clients: Option<&[ClientId]>,
        token: &str,
        at: Instant,
        ends: Instant,
    ) -> Result<bool> {
        limit("bytes of a token's digest", token.len(), TEXT_BYTES_MAX)?;
        limit("clients of a vantage point", clients.map_or(0, <[ClientId]>::len), VANTAGE_CLIENTS_MAX)?;
        let is_new = self.vantage(name)?.is_none();
        let count = self.row(COUNT, &[])?.map_or(Ok(0), |row| row.count(0))?;
        if is_new && count >= VANTAGES_MAX {
            let (found, max) = (count as usize + 1, VANTAGES_MAX as usize);
            return Err(Error::TooMuch { what: "vantage points", found, max });
        }
        let clients = clients.map(|clients| serde_json::to_string(clients).expect("ids are plain JSON"));
        Ok(self.run(INVITE, args![name.as_str(), clients, at, token, ends])? == 1)
    }

    /// Lets in whoever comes with a token for the first time and in time, and again whoever came with it and this key.
    ///
    /// # Errors
    /// [`Error::TooMuch`] for a key that is none, and the journal's.
    pub fn join_vantage(&mut self, token: &str, key: &str, at: Instant) -> Result<Entry> {
        limit("bytes of a public key", key.len(), TEXT_BYTES_MAX)?;
        self.run(JOIN, args![token, key, at])?;
        let row = self.row(JOINED, args![token, key])?;
        row.map_or(Ok(Entry::Refused), |mut row| Ok(Entry::In(name(&mut row)?)))
    }

    /// Takes nothing of it from now on, for ever; false when there is none of that name, or it was revoked before.
    ///
    /// # Errors
    /// The journal's.
    pub fn revoke_vantage(&mut self, name: &VantageId, at: Instant) -> Result<bool> {
        Ok(self.run(REVOKE, args![name.as_str(), at])? == 1)
    }

    /// Notes that it was heard.
    ///
    /// # Errors
    /// The journal's.
    pub fn see_vantage(&mut self, name: &VantageId, at: Instant) -> Result<()> {
        self.run(SEEN, args![name.as_str(), at]).map(drop)
    }

    /// The revision of an assignment with this digest: one more than before when it is another.
    ///
    /// # Errors
    /// The journal's.
    pub fn revise_assignment(&mut self, name: &VantageId, assignment: Hash) -> Result<u64> {
        self.run(REVISE, args![name.as_str(), assignment])?;
        Ok(self.vantage(name)?.map_or(0, |point| point.revision))
    }

    /// The vantage point of that name.
    ///
    /// # Errors
    /// The journal's.
    pub fn vantage(&mut self, name: &VantageId) -> Result<Option<VantagePoint>> {
        self.row(ONE, args![name.as_str()])?.map(read).transpose()
    }

    /// All of them, by name.
    ///
    /// # Errors
    /// The journal's.
    pub fn vantages(&mut self) -> Result<Vec<VantagePoint>> {
        self.rows(ALL, args![VANTAGES_MAX])?.into_iter().map(read).collect()
    }
}

fn read(mut row: Row) -> Result<VantagePoint> {
    let clients = row.text_or_null(1)?.map(|text| serde_json::from_str(&text)).transpose();
    Ok(VantagePoint {
        name: name(&mut row)?,
        clients: clients.map_err(|_| Error::Shape { column: 1, expected: "a list of clients" })?,
        invited: row.instant(2)?,
        token: row.text(3)?,
        token_ends: row.instant(4)?,
        key: row.text_or_null(5)?,
        joined: row.instant_or_null(6)?,
        revoked: row.instant_or_null(7)?,
        seen: row.instant_or_null(8)?,
        revision: row.count(9)?,
    })
}

fn name(row: &mut Row) -> Result<VantageId> {
    row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "the name of a vantage point" })
}
