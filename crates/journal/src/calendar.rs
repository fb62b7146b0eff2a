//! The address at which a client's calendar is read without signing in: whose it is. Of its secret only the digest is kept, so that
//! it can be turned and not be told again.

use facts::ClientId;
use spans::Instant;

use crate::{Error, Result, Tx, value::args};

/// A client's address, as it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarFeed {
    /// Who made it, by id.
    pub person: String,
    /// When.
    pub created: Instant,
}

const SET: &str = "INSERT INTO calendar_feed (client, digest, person, created_us) VALUES ($1, $2, $3, $4)
    ON CONFLICT (client) DO UPDATE SET digest = excluded.digest, person = excluded.person, created_us = excluded.created_us";
const OF: &str = "SELECT person, created_us FROM calendar_feed WHERE client = $1";
const WHOSE: &str = "SELECT client FROM calendar_feed WHERE digest = $1";
const END: &str = "DELETE FROM calendar_feed WHERE client = $1";
pub(crate) const STATEMENTS: &[&str] = &[SET, OF, WHOSE, END];

impl Tx<'_> {
    /// Keeps the digest of a client's new address; the one before leads nowhere from now on.
    ///
    /// # Errors
    /// The journal's.
    pub fn set_calendar_feed(
        &mut self,
        client: &ClientId,
        digest: &str,
        person: &str,
        at: Instant,
    ) -> Result<()> {
        self.run(SET, args![client, digest, person, at]).map(drop)
    }

    /// The address of a client, where there is one.
    ///
    /// # Errors
    /// The journal's.
    pub fn calendar_feed(&mut self, client: &ClientId) -> Result<Option<CalendarFeed>> {
        let row = self.row(OF, args![client])?;
        row.map(|mut row| Ok(CalendarFeed { person: row.text(0)?, created: row.instant(1)? })).transpose()
    }

    /// Whose address it is.
    ///
    /// # Errors
    /// The journal's.
    pub fn calendar_of(&mut self, digest: &str) -> Result<Option<ClientId>> {
        let Some(mut row) = self.row(WHOSE, args![digest])? else { return Ok(None) };
        let client = row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })?;
        Ok(Some(client))
    }

    /// Ends the address of a client; whether there was one.
    ///
    /// # Errors
    /// The journal's.
    pub fn end_calendar_feed(&mut self, client: &ClientId) -> Result<bool> {
        Ok(self.run(END, args![client])? > 0)
    }
}
