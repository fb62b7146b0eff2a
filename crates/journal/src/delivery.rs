//! Notices on their way: one row for each person and way, claimed under a lease with a fence like a task ([`crate::Queue`]).
//!
//! They are written in the transaction that decides who is told, and leave at least once: the id travels with them, so that whoever gets
//! one twice can tell. What a notice says is forgotten as soon as it has ended.

use facts::ClientId;
use spans::{Instant, Length};

use crate::{
    CLAIMS_MAX, Error, Result, Tx,
    value::{Row, args},
};

/// What a delivery's [`Sent::fate`] is once it has arrived.
pub const SENT: &str = "sent";
/// Bytes of why something never arrived.
const FATE_BYTES_MAX: usize = 500;

/// One notice for one person on one way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// The client it is about.
    pub client: ClientId,
    /// Unique for its client: the same id again is the same notice again.
    pub id: String,
    /// For whom, by id.
    pub person: String,
    /// How: `mail` or `push`.
    pub way: String,
    /// Where: a push subscription's id; empty where the way knows by itself.
    pub target: String,
    /// What it says, as the way reads it.
    pub body: String,
    /// Whether it is a call, which waits for nothing.
    pub urgent: bool,
    /// Since when it is due.
    pub due: Instant,
}

/// A delivery that is yours until the lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried {
    /// The delivery.
    pub delivery: Delivery,
    /// Which claim of it this is, from 1: also how often it was tried, or put off.
    pub fence: u64,
}

/// A delivery that has ended, or waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The client it was about.
    pub client: ClientId,
    /// Its id.
    pub id: String,
    /// For whom.
    pub person: String,
    /// How.
    pub way: String,
    /// Since when it was due.
    pub due: Instant,
    /// When it ended; none while it waits.
    pub done: Option<Instant>,
    /// [`SENT`], or why not.
    pub fate: String,
}

const ADD: &str =
    "INSERT INTO delivery (client, id, person, way, target, body, urgent, due_us, ready_us, fence)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, 0) ON CONFLICT (client, id) DO NOTHING";
const CLAIM: &str = "WITH ready AS (SELECT client, id FROM delivery WHERE done_us IS NULL AND ready_us <= $2
    ORDER BY urgent DESC, ready_us LIMIT $3 {skip_locked})
    UPDATE delivery SET ready_us = $1, fence = fence + 1 WHERE (client, id) IN (SELECT client, id FROM ready)
    RETURNING client, id, person, way, target, body, urgent, due_us, fence";
const FINISH: &str = "UPDATE delivery SET done_us = $1, fate = $5, body = ''
    WHERE client = $2 AND id = $3 AND fence = $4 AND done_us IS NULL";
const POSTPONE: &str = "UPDATE delivery SET ready_us = $1, fate = $5
    WHERE client = $2 AND id = $3 AND fence = $4 AND done_us IS NULL";
const SENT_SINCE: &str =
    "SELECT count(*) FROM delivery WHERE person = $1 AND done_us > $2 AND urgent = 0 AND fate = 'sent'";
const LOST: &str = "SELECT client, id, person, way, due_us, done_us, fate FROM delivery
    WHERE done_us > $1 AND fate <> 'sent' ORDER BY done_us DESC LIMIT $2";
const WAITING: &str = "SELECT client, id, person, way, due_us, done_us, coalesce(fate, '') FROM delivery
    WHERE done_us IS NULL ORDER BY due_us LIMIT $1";
const WAITING_COUNT: &str = "SELECT count(*) FROM delivery WHERE done_us IS NULL AND way = $1";
pub(crate) const STATEMENTS: &[&str] =
    &[ADD, CLAIM, FINISH, POSTPONE, SENT_SINCE, LOST, WAITING, WAITING_COUNT];

impl Tx<'_> {
    /// Adds a notice; false when its client has one of that id, on its way or ended.
    ///
    /// # Errors
    /// The journal's.
    pub fn put_delivery(&mut self, delivery: &Delivery) -> Result<bool> {
        let Delivery { client, id, person, way, target, body, urgent, due } = delivery;
        let row = args![client, id, person, way, target, body, i64::from(*urgent), *due];
        Ok(self.run(ADD, row)? == 1)
    }

    /// Claims up to `limit` that are ready and that nobody holds, calls first, then the longest ready. They are yours until
    /// `now + lease`.
    ///
    /// # Errors
    /// The journal's.
    pub fn claim_deliveries(&mut self, now: Instant, lease: Length, limit: usize) -> Result<Vec<Carried>> {
        let rows = self.rows(CLAIM, args![now + lease, now, limit.min(CLAIMS_MAX) as u64])?;
        let mut carried: Vec<Carried> = rows.into_iter().map(Carried::read).collect::<Result<_>>()?;
        carried.sort_by(|a, b| {
            let key = |c: &Carried| (!c.delivery.urgent, c.delivery.due, c.delivery.id.clone());
            key(a).cmp(&key(b))
        });
        Ok(carried)
    }

    /// It has ended: [`SENT`], or why it never will be. What it said is forgotten.
    ///
    /// # Errors
    /// [`Error::Fenced`] when somebody else claimed it since, or it has ended.
    pub fn finish_delivery(&mut self, carried: &Carried, now: Instant, fate: &str) -> Result<()> {
        self.move_delivery(FINISH, carried, now, fate)
    }

    /// It is tried again from `at` on: why it was not sent this time.
    ///
    /// # Errors
    /// [`Error::Fenced`] when somebody else claimed it since, or it has ended.
    pub fn postpone_delivery(&mut self, carried: &Carried, at: Instant, why: &str) -> Result<()> {
        self.move_delivery(POSTPONE, carried, at, why)
    }

    /// How many notices that were no calls reached a person since.
    ///
    /// # Errors
    /// The journal's.
    pub fn delivered_since(&mut self, person: &str, since: Instant) -> Result<u64> {
        self.row(SENT_SINCE, args![person, since])?.map_or(Ok(0), |row| row.count(0))
    }

    /// What was given up since, newest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn lost_deliveries(&mut self, since: Instant, limit: u64) -> Result<Vec<Sent>> {
        self.rows(LOST, args![since, limit])?.into_iter().map(Sent::read).collect()
    }

    /// What waits, the longest due first, with why it was put off.
    ///
    /// # Errors
    /// The journal's.
    pub fn waiting_deliveries(&mut self, limit: u64) -> Result<Vec<Sent>> {
        self.rows(WAITING, args![limit])?.into_iter().map(Sent::read).collect()
    }

    /// How many wait for one way.
    ///
    /// # Errors
    /// The journal's.
    pub fn count_waiting(&mut self, way: &str) -> Result<u64> {
        self.row(WAITING_COUNT, args![way])?.map_or(Ok(0), |row| row.count(0))
    }

    fn move_delivery(&mut self, sql: &'static str, carried: &Carried, at: Instant, why: &str) -> Result<()> {
        let Carried { delivery, fence } = carried;
        let end = why.char_indices().map(|(at, _)| at).take_while(|at| *at <= FATE_BYTES_MAX).last();
        let why = if why.len() <= FATE_BYTES_MAX { why } else { &why[..end.unwrap_or(0)] };
        let held = self.run(sql, args![at, &delivery.client, &delivery.id, *fence, why])? == 1;
        if held { Ok(()) } else { Err(Error::Fenced { what: format!("delivery {}", delivery.id) }) }
    }
}

impl Carried {
    fn read(mut row: Row) -> Result<Carried> {
        let delivery = Delivery {
            client: client(&mut row)?,
            id: row.text(1)?,
            person: row.text(2)?,
            way: row.text(3)?,
            target: row.text(4)?,
            body: row.text(5)?,
            urgent: row.int(6)? != 0,
            due: row.instant(7)?,
        };
        Ok(Carried { delivery, fence: row.count(8)? })
    }
}

impl Sent {
    fn read(mut row: Row) -> Result<Sent> {
        Ok(Sent {
            client: client(&mut row)?,
            id: row.text(1)?,
            person: row.text(2)?,
            way: row.text(3)?,
            due: row.instant(4)?,
            done: row.instant_or_null(5)?,
            fate: row.text(6)?,
        })
    }
}

fn client(row: &mut Row) -> Result<ClientId> {
    row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })
}
