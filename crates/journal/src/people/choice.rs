//! How a person wants to be told, the browsers that take push messages, and whom a client has cleared.

use facts::ClientId;
use spans::Instant;

use crate::{
    Error, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Push subscriptions of one person; a further one takes the place of the oldest.
pub const SUBSCRIPTIONS_MAX: usize = 20;
/// Bytes of an address of mail.
pub const ADDRESS_BYTES_MAX: usize = 254;
/// Bytes of the address at which a browser's push service is reached.
pub const ENDPOINT_BYTES_MAX: usize = 2_000;
/// Notices an hour, calls aside, unless a person says otherwise.
pub const HOURLY: u64 = 60;

/// What comes on one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wish {
    /// Whatever concerns the person.
    #[default]
    All,
    /// Calls for those on call, and nothing else.
    Pages,
    /// Nothing.
    Nothing,
}

impl Wish {
    /// Every one.
    pub const ALL: [Wish; 3] = [Wish::All, Wish::Pages, Wish::Nothing];

    /// The word that is kept.
    pub fn name(self) -> &'static str {
        match self {
            Wish::All => "all",
            Wish::Pages => "pages",
            Wish::Nothing => "none",
        }
    }

    /// The wish of that word.
    pub fn named(name: &str) -> Option<Wish> {
        Wish::ALL.into_iter().find(|wish| wish.name() == name)
    }

    /// Whether a notice comes; a call does unless nothing is wanted.
    pub fn takes(self, call: bool) -> bool {
        self == Wish::All || (self == Wish::Pages && call)
    }
}

/// How a person wants to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Where mail goes; none: no mail.
    pub address: Option<String>,
    /// What comes by mail.
    pub mail: Wish,
    /// What comes to the person's browsers.
    pub push: Wish,
    /// Between which minutes after midnight only calls come, on the clocks of `zone`; over midnight where the first is later.
    pub quiet: Option<(u16, u16)>,
    /// In which times are told, and on whose clocks it is quiet.
    pub zone: String,
    /// How many notices an hour at most, calls aside.
    pub hourly: u64,
}

impl Default for Choice {
    fn default() -> Choice {
        let (mail, push) = (Wish::All, Wish::All);
        Choice { address: None, mail, push, quiet: None, zone: "UTC".to_owned(), hourly: HOURLY }
    }
}

/// A browser that takes push messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its own name here.
    pub id: String,
    /// Whose.
    pub person: String,
    /// Where its push service is reached (RFC 8030).
    pub endpoint: String,
    /// Its public key, base64url (RFC 8291).
    pub p256dh: String,
    /// Its secret, base64url (RFC 8291).
    pub auth: String,
    /// What it called itself.
    pub agent: String,
    /// Since when.
    pub created: Instant,
}

const CHOICE: &str =
    "SELECT address, mail, push, quiet_from, quiet_until, zone, hourly FROM notice_choice WHERE person = $1";
const SET_CHOICE: &str =
    "INSERT INTO notice_choice (person, address, mail, push, quiet_from, quiet_until, zone, hourly)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (person) DO UPDATE SET address = excluded.address,
    mail = excluded.mail, push = excluded.push, quiet_from = excluded.quiet_from,
    quiet_until = excluded.quiet_until, zone = excluded.zone, hourly = excluded.hourly";
const SUBSCRIBE: &str =
    "INSERT INTO push_subscription (id, person, endpoint, p256dh, auth, agent, created_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (endpoint) DO UPDATE SET person = excluded.person,
    p256dh = excluded.p256dh, auth = excluded.auth, agent = excluded.agent, created_us = excluded.created_us";
const SUBSCRIPTIONS: &str = "SELECT id, person, endpoint, p256dh, auth, agent, created_us
    FROM push_subscription WHERE person = $1 ORDER BY created_us DESC, id LIMIT 100";
const SUBSCRIPTION: &str = "SELECT id, person, endpoint, p256dh, auth, agent, created_us
    FROM push_subscription WHERE id = $1";
const UNSUBSCRIBE: &str = "DELETE FROM push_subscription WHERE id = $1 AND person = $2";
const CLEAR: &str =
    "INSERT INTO clearance (client, person, created_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
const UNCLEAR: &str = "DELETE FROM clearance WHERE client = $1 AND person = $2";
const CLEARED: &str = "SELECT person FROM clearance WHERE client = $1 ORDER BY person LIMIT 1000";
pub(crate) const STATEMENTS: &[&str] =
    &[CHOICE, SET_CHOICE, SUBSCRIBE, SUBSCRIPTIONS, SUBSCRIPTION, UNSUBSCRIBE, CLEAR, UNCLEAR, CLEARED];

impl Tx<'_> {
    /// How a person wants to be told; [`Choice::default`] for who has not said.
    ///
    /// # Errors
    /// The journal's.
    pub fn choice(&mut self, person: &str) -> Result<Choice> {
        self.row(CHOICE, args![person])?.map_or_else(|| Ok(Choice::default()), read_choice)
    }

    /// Sets how a person wants to be told.
    ///
    /// # Errors
    /// [`Error::TooMuch`] for an address over its limit, and the journal's.
    pub fn set_choice(&mut self, person: &str, choice: &Choice) -> Result<()> {
        let Choice { address, mail, push, quiet, zone, hourly } = choice;
        limit("bytes of an address", address.as_ref().map_or(0, String::len), ADDRESS_BYTES_MAX)?;
        let (from, until) =
            (quiet.map(|(from, _)| i64::from(from)), quiet.map(|(_, until)| i64::from(until)));
        let row = args![person, address.as_ref(), mail.name(), push.name(), from, until, zone, *hourly];
        self.run(SET_CHOICE, row).map(drop)
    }

    /// Keeps a browser's subscription; the same endpoint again is the same browser again.
    ///
    /// # Errors
    /// [`Error::TooMuch`] for an endpoint over its limit, and the journal's.
    pub fn subscribe(&mut self, subscription: &Subscription) -> Result<()> {
        let Subscription { id, person, endpoint, p256dh, auth, agent, created } = subscription;
        limit("bytes of an endpoint", endpoint.len(), ENDPOINT_BYTES_MAX)?;
        limit("bytes of a key", p256dh.len().max(auth.len()), 200)?;
        self.run(SUBSCRIBE, args![id, person, endpoint, p256dh, auth, agent, *created])?;
        for old in self.subscriptions(person)?.into_iter().skip(SUBSCRIPTIONS_MAX) {
            self.unsubscribe(person, &old.id)?;
        }
        Ok(())
    }

    /// A person's browsers, the newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscriptions(&mut self, person: &str) -> Result<Vec<Subscription>> {
        self.rows(SUBSCRIPTIONS, args![person])?.into_iter().map(read_subscription).collect()
    }

    /// One browser.
    ///
    /// # Errors
    /// The journal's.
    pub fn subscription(&mut self, id: &str) -> Result<Option<Subscription>> {
        self.row(SUBSCRIPTION, args![id])?.map(read_subscription).transpose()
    }

    /// Forgets a person's browser; false where there was none of that name.
    ///
    /// # Errors
    /// The journal's.
    pub fn unsubscribe(&mut self, person: &str, id: &str) -> Result<bool> {
        Ok(self.run(UNSUBSCRIBE, args![id, person])? == 1)
    }

    /// Says whether a client lets somebody work for it while it restricts its pool (MP-COB-03).
    ///
    /// # Errors
    /// The journal's.
    pub fn set_clearance(&mut self, client: &ClientId, person: &str, at: Option<Instant>) -> Result<()> {
        match at {
            Some(at) => self.run(CLEAR, args![client, person, at]).map(drop),
            None => self.run(UNCLEAR, args![client, person]).map(drop),
        }
    }

    /// Everybody whom a client has cleared, by id.
    ///
    /// # Errors
    /// The journal's.
    pub fn cleared(&mut self, client: &ClientId) -> Result<Vec<String>> {
        self.rows(CLEARED, args![client])?.into_iter().map(|mut row| row.text(0)).collect()
    }
}

fn read_choice(mut row: Row) -> Result<Choice> {
    let wish = |row: &mut Row, column| {
        let word = row.text(column)?;
        Wish::named(&word).ok_or(Error::Shape { column, expected: "all, pages or none" })
    };
    let minutes = |row: &Row, column| {
        let minutes = row.instant_or_null(column)?.map(|minutes| minutes.as_micros());
        let wrong = Error::Shape { column, expected: "minutes of a day" };
        minutes.map(u16::try_from).transpose().map_err(|_| wrong)
    };
    Ok(Choice {
        address: row.text_or_null(0)?,
        mail: wish(&mut row, 1)?,
        push: wish(&mut row, 2)?,
        quiet: minutes(&row, 3)?.zip(minutes(&row, 4)?),
        zone: row.text(5)?,
        hourly: row.count(6)?,
    })
}

fn read_subscription(mut row: Row) -> Result<Subscription> {
    Ok(Subscription {
        id: row.text(0)?,
        person: row.text(1)?,
        endpoint: row.text(2)?,
        p256dh: row.text(3)?,
        auth: row.text(4)?,
        agent: row.text(5)?,
        created: row.instant(6)?,
    })
}
