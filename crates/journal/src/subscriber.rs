//! Who is told of what changes on a status page without an account: an address of mail or of a program once whoever reads it has said
//! so, and a browser whose owner asked for it.
//!
//! None of this is a fact. Of the secrets in links only digests are kept; each message has its own, so that none has to be read back.

use facts::ClientId;
use spans::{Instant, Length};

use crate::{
    Error, Hash, Result, Tx,
    value::{Row, args},
};

/// Subscribers of one client's page, whether they have confirmed or not.
pub const SUBSCRIBERS_MAX: u64 = 10_000;
/// How long a link works, and with it the way out that stands in a message.
pub const LINKS_KEPT: Length = Length::from_secs(365 * 86_400);

/// How a subscriber is reached at its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// By mail.
    Mail,
    /// By a POST to an https: address.
    Hook {
        /// What signs it: base64 of 24 to 64 bytes, after `whsec_`. It is told once, in the message that asks to confirm.
        key: String,
    },
    /// By a push service (RFC 8030), as letters sealed for one browser.
    Browser {
        /// The browser's public key, base64url.
        p256dh: String,
        /// The browser's secret, base64url.
        auth: String,
    },
}

impl Reach {
    /// Its name, as it is kept.
    pub fn word(&self) -> &'static str {
        match self {
            Reach::Mail => "mail",
            Reach::Hook { .. } => "hook",
            Reach::Browser { .. } => "push",
        }
    }

    fn keys(&self) -> String {
        match self {
            Reach::Mail => String::new(),
            Reach::Hook { key } => key.clone(),
            Reach::Browser { p256dh, auth } => format!("{p256dh} {auth}"),
        }
    }

    fn read(word: &str, keys: String) -> Option<Reach> {
        match word {
            "mail" => Some(Reach::Mail),
            "hook" => Some(Reach::Hook { key: keys }),
            "push" => {
                let (p256dh, auth) = keys.split_once(' ')?;
                Some(Reach::Browser { p256dh: p256dh.to_owned(), auth: auth.to_owned() })
            }
            _ => None,
        }
    }
}

/// An address that wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscriber {
    /// Whose page.
    pub client: ClientId,
    /// Its name here, which is told to nobody.
    pub id: String,
    /// The address of mail, the https: address of a program, or the endpoint of a browser.
    pub address: String,
    /// How it is reached there.
    pub reach: Reach,
    /// When it was asked to confirm last.
    pub asked: Instant,
    /// Since when it is told; none before it has confirmed.
    pub confirmed: Option<Instant>,
}

const ADD: &str = "INSERT INTO status_subscriber (client, id, address, asked_us, reach, keys)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (client, address) DO NOTHING";
const BY_ADDRESS: &str =
    "SELECT client, id, address, asked_us, confirmed_us, reach, keys FROM status_subscriber
    WHERE client = $1 AND address = $2";
const BY_ID: &str = "SELECT client, id, address, asked_us, confirmed_us, reach, keys FROM status_subscriber
    WHERE client = $1 AND id = $2";
const ASKED: &str = "UPDATE status_subscriber SET asked_us = $1 WHERE client = $2 AND id = $3";
const COUNT: &str = "SELECT count(*) FROM status_subscriber WHERE client = $1";
const LINK: &str = "INSERT INTO status_link (hash, client, subscriber, made_us) VALUES ($1, $2, $3, $4)";
const LETTERS_SINCE: &str = "SELECT count(*), min(made_us) FROM status_link
    WHERE client = $1 AND subscriber = $2 AND made_us > $3";
const SWEEP_LINKS: &str = "DELETE FROM status_link WHERE made_us < $1";
const LINKED: &str =
    "SELECT s.client, s.id, s.address, s.asked_us, s.confirmed_us, s.reach, s.keys FROM status_link l
    JOIN status_subscriber s ON s.client = l.client AND s.id = l.subscriber WHERE l.hash = $1";
const CONFIRM: &str = "UPDATE status_subscriber SET confirmed_us = $1
    WHERE client = $2 AND id = $3 AND confirmed_us IS NULL";
const FORGET_LINKS: &str = "DELETE FROM status_link WHERE client = $1 AND subscriber = $2";
const FORGET: &str = "DELETE FROM status_subscriber WHERE client = $1 AND id = $2";
const FORGET_ALL_LINKS: &str = "DELETE FROM status_link WHERE client = $1";
const FORGET_ALL: &str = "DELETE FROM status_subscriber WHERE client = $1";
const CONFIRMED: &str =
    "SELECT client, id, address, asked_us, confirmed_us, reach, keys FROM status_subscriber
    WHERE client = $1 AND confirmed_us IS NOT NULL AND id > $2 ORDER BY id LIMIT $3";
const SILENT: &str = "SELECT client, id, address, asked_us, confirmed_us, reach, keys FROM status_subscriber
    WHERE confirmed_us IS NULL AND asked_us < $1 ORDER BY asked_us LIMIT $2";
pub(crate) const STATEMENTS: &[&str] = &[
    ADD,
    BY_ADDRESS,
    BY_ID,
    ASKED,
    COUNT,
    LINK,
    LETTERS_SINCE,
    SWEEP_LINKS,
    LINKED,
    CONFIRM,
    FORGET_LINKS,
    FORGET,
    FORGET_ALL_LINKS,
    FORGET_ALL,
    CONFIRMED,
    SILENT,
];

impl Tx<'_> {
    /// Adds an address under a new name; false where it is there already, or there are [`SUBSCRIBERS_MAX`].
    ///
    /// # Errors
    /// The journal's.
    pub fn add_subscriber(&mut self, new: &Subscriber) -> Result<bool> {
        let count = self.row(COUNT, args![&new.client])?.map_or(Ok(0), |row| row.count(0))?;
        if SUBSCRIBERS_MAX <= count {
            return Ok(false);
        }
        let (reach, keys) = (new.reach.word(), new.reach.keys());
        Ok(self.run(ADD, args![&new.client, &new.id, &new.address, new.asked, reach, keys])? == 1)
    }

    /// The subscriber with an address.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscriber_at(&mut self, client: &ClientId, address: &str) -> Result<Option<Subscriber>> {
        self.row(BY_ADDRESS, args![client, address])?.map(read).transpose()
    }

    /// The subscriber of a name; none once it has left.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscriber(&mut self, client: &ClientId, id: &str) -> Result<Option<Subscriber>> {
        self.row(BY_ID, args![client, id])?.map(read).transpose()
    }

    /// It was asked to confirm again.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscriber_asked(&mut self, of: &Subscriber, at: Instant) -> Result<()> {
        self.run(ASKED, args![at, &of.client, &of.id]).map(drop)
    }

    /// Keeps the digest of a link's secret: whoever has the link speaks for the subscriber.
    ///
    /// # Errors
    /// The journal's.
    pub fn link_subscriber(&mut self, of: &Subscriber, secret: Hash, at: Instant) -> Result<()> {
        self.run(LINK, args![secret, &of.client, &of.id, at]).map(drop)
    }

    /// How many letters a subscriber was written after an instant, each with a link of its own, and when the first of them was.
    ///
    /// # Errors
    /// The journal's.
    pub fn letters_since(&mut self, to: &Subscriber, since: Instant) -> Result<(u64, Option<Instant>)> {
        let row = self.row(LETTERS_SINCE, args![&to.client, &to.id, since])?;
        row.map_or(Ok((0, None)), |row| Ok((row.count(0)?, row.instant_or_null(1)?)))
    }

    /// Forgets links that are older than [`LINKS_KEPT`] at `now`, and says how many. The subscribers stay.
    ///
    /// # Errors
    /// The journal's.
    pub fn sweep_links(&mut self, now: Instant) -> Result<u64> {
        self.run(SWEEP_LINKS, args![now - LINKS_KEPT])
    }

    /// For whom a link speaks.
    ///
    /// # Errors
    /// The journal's.
    pub fn linked_subscriber(&mut self, secret: Hash) -> Result<Option<Subscriber>> {
        self.row(LINKED, args![secret])?.map(read).transpose()
    }

    /// It wants to be told from now on; false where it said so before.
    ///
    /// # Errors
    /// The journal's.
    pub fn confirm_subscriber(&mut self, of: &Subscriber, at: Instant) -> Result<bool> {
        Ok(self.run(CONFIRM, args![at, &of.client, &of.id])? == 1)
    }

    /// It leaves, and nothing of it is kept.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_subscriber(&mut self, of: &Subscriber) -> Result<bool> {
        self.run(FORGET_LINKS, args![&of.client, &of.id])?;
        Ok(self.run(FORGET, args![&of.client, &of.id])? == 1)
    }

    /// Forgets everybody who wanted to be told of a client's page, and their links: it is for others now.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_subscribers(&mut self, client: &ClientId) -> Result<()> {
        self.run(FORGET_ALL_LINKS, args![client])?;
        self.run(FORGET_ALL, args![client]).map(drop)
    }

    /// Those of a client who have confirmed, by name, after one of them.
    ///
    /// # Errors
    /// The journal's.
    pub fn confirmed_subscribers(
        &mut self,
        client: &ClientId,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Subscriber>> {
        self.rows(CONFIRMED, args![client, after, limit])?.into_iter().map(read).collect()
    }

    /// Those who were asked before an instant and have said nothing.
    ///
    /// # Errors
    /// The journal's.
    pub fn silent_subscribers(&mut self, before: Instant, limit: u64) -> Result<Vec<Subscriber>> {
        self.rows(SILENT, args![before, limit])?.into_iter().map(read).collect()
    }
}

fn read(mut row: Row) -> Result<Subscriber> {
    Ok(Subscriber {
        client: row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })?,
        id: row.text(1)?,
        address: row.text(2)?,
        asked: row.instant(3)?,
        confirmed: row.instant_or_null(4)?,
        reach: Reach::read(&row.text(5)?, row.text(6)?)
            .ok_or(Error::Shape { column: 5, expected: "a way to reach a subscriber" })?,
    })
}
