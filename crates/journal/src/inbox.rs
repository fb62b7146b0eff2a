//! What people were told, for each to read in the portal, whether or not it also reached them by mail or in a browser.
//!
//! A notice is put here in the transaction that decides who is told. It says what happened and not what was written by hand, so that a
//! text that is erased is nowhere else. It is no truth: the newest are kept, for a while.

use facts::ClientId;
use spans::{Instant, Length};

use crate::{
    Error, Result, Tx,
    value::{Row, args},
};

/// Notices that are kept for one person, the newest; what is beyond is swept within an hour.
pub const INBOX_MAX: u64 = 200;
/// Notices that are counted as not read: each page asks how many, and a busy hour brings more than are kept.
const COUNTED_MAX: u64 = 5 * INBOX_MAX;
/// How long a notice is kept.
pub const INBOX_KEPT: Length = Length::from_secs(90 * 86_400);

/// One notice for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// For whom, by id.
    pub person: String,
    /// The client it is about.
    pub client: ClientId,
    /// Unique for its person and client: the same id again is the same notice again.
    pub id: String,
    /// By whom it came, whose name the text may bear; empty where it was nobody.
    pub actor: String,
    /// What it says, as whoever shows it reads it.
    pub body: String,
    /// When it was put here: for each person another microsecond, in the order in which they were told.
    pub at: Instant,
    /// When the person said that it was read.
    pub read: Option<Instant>,
}

/// A turn of the outbox is one instant, and brings many: each comes after what its person was told before, by a microsecond.
const PUT: &str = "INSERT INTO inbox (person, client, id, actor, body, at_us)
    SELECT $1, $2, $3, $4, $5, CASE WHEN newest < $6 THEN $6 ELSE newest + 1 END
    FROM (SELECT coalesce(max(at_us), 0) AS newest FROM inbox WHERE person = $1) AS told WHERE true
    ON CONFLICT (person, client, id) DO NOTHING";
const NEWEST: &str = "SELECT person, client, id, actor, body, at_us, read_us FROM inbox WHERE person = $1
    ORDER BY at_us DESC, client, id LIMIT $2";
const UNREAD: &str = "SELECT client, count(*) FROM
    (SELECT client FROM inbox WHERE person = $1 AND read_us IS NULL ORDER BY client LIMIT $2) AS counted
    GROUP BY client ORDER BY client";
const NEW_IN: &str =
    "SELECT DISTINCT client FROM inbox WHERE person = $1 AND read_us IS NULL ORDER BY client";
const READ: &str = "UPDATE inbox SET read_us = $3
    WHERE person = $1 AND client = $2 AND read_us IS NULL AND at_us <= $4";
const FORGET: &str = "DELETE FROM inbox WHERE person = $1 OR actor = $1";
const SWEEP_OLD: &str = "DELETE FROM inbox WHERE at_us < $1";
const SWEEP_MANY: &str = "DELETE FROM inbox WHERE (person, client, id) IN (SELECT person, client, id FROM
    (SELECT person, client, id, row_number() OVER (PARTITION BY person ORDER BY at_us DESC, client, id) AS nth
    FROM inbox) AS numbered WHERE nth > $1)";
pub(crate) const STATEMENTS: &[&str] = &[PUT, NEWEST, UNREAD, NEW_IN, READ, FORGET, SWEEP_OLD, SWEEP_MANY];

impl Tx<'_> {
    /// Puts a notice there, after all that its person was told before; false when they have it already.
    ///
    /// # Errors
    /// The journal's.
    pub fn put_in_inbox(&mut self, item: &Item) -> Result<bool> {
        let Item { person, client, id, actor, body, at, read: _ } = item;
        Ok(self.run(PUT, args![person, client, id, actor, body, *at])? == 1)
    }

    /// What a person was told, the newest first, [`INBOX_MAX`] at most.
    ///
    /// # Errors
    /// The journal's.
    pub fn inbox(&mut self, person: &str) -> Result<Vec<Item>> {
        self.rows(NEWEST, args![person, INBOX_MAX])?.into_iter().map(Item::read).collect()
    }

    /// How many notices a person has not read, client by client, a thousand at most.
    ///
    /// # Errors
    /// The journal's.
    pub fn unread(&mut self, person: &str) -> Result<Vec<(ClientId, u64)>> {
        let read = |mut row: Row| Ok((client(&mut row, 0)?, row.int(1)?.unsigned_abs()));
        self.rows(UNREAD, args![person, COUNTED_MAX])?.into_iter().map(read).collect()
    }

    /// About which clients there is something that a person has not read.
    ///
    /// # Errors
    /// The journal's.
    pub fn new_in(&mut self, person: &str) -> Result<Vec<ClientId>> {
        self.rows(NEW_IN, args![person])?.into_iter().map(|mut row| client(&mut row, 0)).collect()
    }

    /// Notes at `now` that a person read what was there at an instant about a client, and says how many were new.
    ///
    /// # Errors
    /// The journal's.
    pub fn read_inbox(
        &mut self,
        person: &str,
        client: &ClientId,
        until: Instant,
        now: Instant,
    ) -> Result<u64> {
        self.run(READ, args![person, client, now, until])
    }

    /// Forgets what is older than [`INBOX_KEPT`] at `now` and, of each person, what is beyond the newest [`INBOX_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn sweep_inbox(&mut self, now: Instant) -> Result<u64> {
        Ok(self.run(SWEEP_OLD, args![now - INBOX_KEPT])? + self.run(SWEEP_MANY, args![INBOX_MAX])?)
    }

    /// Forgets what a person was told, and what others were told by them.
    pub(crate) fn forget_inbox(&mut self, person: &str) -> Result<()> {
        self.run(FORGET, args![person]).map(drop)
    }
}

impl Item {
    fn read(mut row: Row) -> Result<Item> {
        Ok(Item {
            person: row.text(0)?,
            client: client(&mut row, 1)?,
            id: row.text(2)?,
            actor: row.text(3)?,
            body: row.text(4)?,
            at: row.instant(5)?,
            read: row.instant_or_null(6)?,
        })
    }
}

fn client(row: &mut Row, column: usize) -> Result<ClientId> {
    row.text(column)?.parse().map_err(|_| Error::Shape { column, expected: "a client id" })
}
