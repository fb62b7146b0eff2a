//! The addresses at which services call by themselves: whose they are. No facts; of each secret only the digest is kept.

use facts::{CheckId, ClientId, InstanceId};
use spans::Instant;

use crate::{
    Error, Result, Tx,
    value::{Row, args},
};

/// The check that an address belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Beating {
    /// The client.
    pub client: ClientId,
    /// The instance.
    pub instance: InstanceId,
    /// The check.
    pub check: CheckId,
}

const SET: &str = "INSERT INTO heartbeat (digest, client, instance, check_id, created_us) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (client, instance, check_id) DO UPDATE SET digest = excluded.digest, created_us = excluded.created_us";
const WHOSE: &str = "SELECT client, instance, check_id FROM heartbeat WHERE digest = $1";
const PULSE: &str = "SELECT at_us FROM pulse WHERE name = $1";
pub(crate) const STATEMENTS: &[&str] = &[SET, WHOSE, PULSE];

impl Tx<'_> {
    /// Keeps the digest of a check's new address; the one before leads nowhere from now on.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_heartbeat(&mut self, of: &Beating, digest: &str, at: Instant) -> Result<()> {
        let Beating { client, instance, check } = of;
        self.run(SET, args![digest, client, instance.as_str(), check.as_str(), at]).map(drop)
    }

    /// Whose address it is.
    ///
    /// # Errors
    /// The journal's.
    pub fn heartbeat(&mut self, digest: &str) -> Result<Option<Beating>> {
        self.row(WHOSE, args![digest])?.map(read).transpose()
    }

    /// When the row of that name was last written by [`Tx::pulse`].
    ///
    /// # Errors
    /// The journal's.
    pub fn last_pulse(&mut self, name: &str) -> Result<Option<Instant>> {
        self.row(PULSE, args![name])?.map(|row| row.instant(0)).transpose()
    }
}

fn read(mut row: Row) -> Result<Beating> {
    let wrong = |column, expected| Error::Shape { column, expected };
    Ok(Beating {
        client: row.text(0)?.parse().map_err(|_| wrong(0, "a client id"))?,
        instance: row.text(1)?.parse().map_err(|_| wrong(1, "an instance id"))?,
        check: row.text(2)?.parse().map_err(|_| wrong(2, "a check id"))?,
    })
}
