//! Entries: facts as stored, numbered and chained. Appending and reading them.

use std::sync::Arc;

use facts::{ClientId, Fact};
use spans::Instant;

use crate::{
    BODY_BYTES_MAX, Error, FACTS_MAX, Hash, Key, PAGE_ROWS, Result, Tx,
    chain::{self, Covered},
    projection::Projections,
    value::{Row, args},
};

const INSERT: &str = "INSERT INTO entry
    (client, seq, id, at_us, recorded_us, event, append_key, request, body, prev, hash)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (client, id) DO NOTHING";
pub(crate) const BY_ID: &str = "SELECT seq, body FROM entry WHERE client = $1 AND id = $2";
const FACTS: &str = "SELECT seq, body FROM entry
    WHERE client = $1 AND seq > $2 AND recorded_us <= $3 ORDER BY seq LIMIT $4";
const PAGE: &str =
    "SELECT seq, id, at_us, recorded_us, event, append_key, request, body, prev, hash FROM entry
    WHERE client = $1 AND seq > $2 ORDER BY seq LIMIT $3";
const HEADS: &str = "SELECT client, seq, hash FROM head";
pub(crate) const STATEMENTS: &[&str] = &[INSERT, BY_ID, FACTS, PAGE, HEADS];

/// The last entry of a client: what is handed out so that a removed tail shows.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Head {
    /// Whose chain.
    pub client: ClientId,
    /// The number of its last entry, from 1.
    pub seq: u64,
    /// The hash of that entry.
    pub hash: Hash,
}

/// A stored fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number for its client: 1, 2, 3, … without a gap.
    pub seq: u64,
    /// What happened.
    pub fact: Fact,
    /// The idempotency key of the append that brought it, if it had one.
    pub key: Option<String>,
    /// Its hash, which covers it and all entries of the client before it.
    pub hash: Hash,
}

/// Where an append's facts stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Appended {
    /// The number of the first of them.
    pub first_seq: u64,
    /// The number of the last.
    pub last_seq: u64,
    /// They were stored before, under the same key: nothing was added now.
    pub already: bool,
}

/// Facts ready to be stored: checked and written out, so that little is left to do while others wait.
#[derive(Clone)]
pub(crate) struct Drafts {
    pub(crate) client: ClientId,
    pub(crate) key: Option<(String, Hash)>,
    pub(crate) facts: Arc<[(Fact, String)]>,
}

impl Drafts {
    pub(crate) fn new(client: &ClientId, facts: &[Fact], key: Option<&Key>) -> Result<Drafts> {
        limit("facts in one append", facts.len(), FACTS_MAX)?;
        let facts: Arc<[_]> = facts.iter().map(|fact| draft(client, fact)).collect::<Result<_>>()?;
        let key = key.map(|key| (key.name().to_owned(), key.request(facts.iter().map(|(fact, _)| fact))));
        Ok(Drafts { client: client.clone(), key, facts })
    }

    pub(crate) fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().map(|(fact, _)| fact)
    }
}

fn draft(client: &ClientId, fact: &Fact) -> Result<(Fact, String)> {
    if fact.client != *client {
        return Err(Error::OtherClient { client: client.clone(), id: fact.id, found: fact.client.clone() });
    }
    let body = fact.to_json();
    limit("bytes of one fact", body.len(), BODY_BYTES_MAX)?;
    Ok((fact.clone(), body))
}

pub(crate) fn limit(what: &'static str, found: usize, max: usize) -> Result<()> {
    if found <= max { Ok(()) } else { Err(Error::TooMuch { what, found, max }) }
}

impl Tx<'_> {
    /// Stores the facts as the client's next entries, all of them or none. Under a key used before, it answers where
    /// that append's facts stand if the request is the same, and refuses if it is another.
    ///
    /// # Errors
    /// [`Error::Stored`] when a fact's id is already stored, [`Error::KeyReused`], [`Error::OtherClient`],
    /// [`Error::TooMuch`].
    ///
    /// # Panics
    /// Without facts: an append that stores nothing has no place to report.
    pub fn append(&mut self, client: &ClientId, facts: &[Fact], key: Option<&Key>) -> Result<Appended> {
        self.append_drafts(&Drafts::new(client, facts, key)?)
    }

    pub(crate) fn append_drafts(&mut self, drafts: &Drafts) -> Result<Appended> {
        assert!(!drafts.facts.is_empty(), "an append has at least one fact");
        let mut projections = Projections::touched(self, drafts)?;
        if let Some(appended) = answered(&projections, drafts)? {
            return Ok(appended);
        }
        let first_seq = projections.head.seq + 1;
        for (fact, body) in drafts.facts.iter() {
            if !self.add(&mut projections, drafts, fact, body)? {
                let seq = self.stored(fact)?.map_or(0, |stored| stored.seq);
                return Err(Error::Stored { client: drafts.client.clone(), id: fact.id, seq });
            }
        }
        projections.store(self)?;
        Ok(Appended { first_seq, last_seq: projections.head.seq, already: false })
    }

    /// As [`Journal::answered`](crate::Journal::answered), in this transaction.
    pub fn answered(&mut self, client: &ClientId, key: &Key) -> Result<Option<Appended>> {
        let Some(receipt) = self.receipt(client, key.name())? else { return Ok(None) };
        if key.named_request().is_some_and(|request| request != receipt.request) {
            return Err(Error::KeyReused { client: client.clone(), key: key.name().to_owned() });
        }
        Ok(Some(Appended { first_seq: receipt.first_seq, last_seq: receipt.last_seq, already: true }))
    }

    /// Where the drafts stand if they are stored; asked after a commit whose answer was lost. Waits for whoever still
    /// holds the client's head, so that a commit still under way is not missed.
    pub(crate) fn find(&mut self, drafts: &Drafts) -> Result<Option<Appended>> {
        let projections = Projections::touched(self, drafts)?;
        if drafts.key.is_some() {
            return Ok(answered(&projections, drafts)?.map(|found| Appended { already: false, ..found }));
        }
        let first = drafts.facts().next().expect("an append has at least one fact");
        let row = self.row(BY_ID, args![&drafts.client, first.id])?;
        let first_seq = row.map(|row| row.count(0)).transpose()?;
        let last = drafts.facts.len() as u64 - 1;
        Ok(first_seq.map(|first_seq| Appended { first_seq, last_seq: first_seq + last, already: false }))
    }

    /// Stores one draft as the next entry, unless its id is there: then false.
    pub(crate) fn add(
        &mut self,
        to: &mut Projections,
        drafts: &Drafts,
        fact: &Fact,
        body: &str,
    ) -> Result<bool> {
        let record = Record::next(&to.head, fact, body, drafts.key.as_ref());
        let added = self.insert(&record)?;
        if added {
            to.apply(&record, &fact.body);
        }
        Ok(added)
    }

    /// Stores one row; false when the client has that id already.
    pub(crate) fn insert(&mut self, record: &Record) -> Result<bool> {
        let Record { client, seq, id, at_us, recorded_us, event, key, request, body, prev, hash } =
            record.clone();
        let row = args![client, seq, id, at_us, recorded_us, event, key, request, body, prev, hash];
        Ok(self.run(INSERT, row)? == 1)
    }

    /// The client's facts in the order they were stored; with `up_to`, those recorded at or before that instant.
    pub fn facts(&mut self, client: &ClientId, up_to: Option<Instant>) -> Result<Vec<Fact>> {
        let up_to = up_to.unwrap_or(Instant::MAX);
        let (mut facts, mut after) = (Vec::new(), 0);
        loop {
            let rows = self.rows(FACTS, args![client, after, up_to, PAGE_ROWS])?;
            if rows.is_empty() {
                return Ok(facts);
            }
            for mut row in rows {
                after = row.int(0)?;
                facts.push(read(client.as_str(), after, &row.text(1)?)?);
            }
        }
    }

    /// Up to `limit` entries of the client with numbers above `after`, in order; at most [`PAGE_ROWS`] in one call.
    pub fn entries(&mut self, client: &ClientId, after: u64, limit: usize) -> Result<Vec<Entry>> {
        let limit = limit.min(PAGE_ROWS as usize) as u64;
        let rows = self.rows(PAGE, args![client, after, limit])?;
        rows.into_iter().map(|row| Record::read(client.as_str(), row)?.entry()).collect()
    }

    /// The last entry of every client, sorted by client.
    pub fn heads(&mut self) -> Result<Vec<Head>> {
        let mut heads = Vec::new();
        for mut row in self.rows(HEADS, &[])? {
            let (client, seq, hash) = (row.text(0)?, row.count(1)?, row.hash(2)?);
            let unreadable = |e: facts::IdError| unreadable(&client, 0, &e);
            heads.push(Head { client: client.parse().map_err(unreadable)?, seq, hash });
        }
        heads.sort_by(|a, b| a.client.cmp(&b.client));
        Ok(heads)
    }

    /// Walks a client's rows as they are stored, page by page, whatever is in them.
    pub(crate) fn records(&mut self, client: &str, mut each: impl FnMut(Record) -> Result<()>) -> Result<()> {
        let mut after = i64::MIN;
        loop {
            let rows = self.rows(PAGE, args![client, after, PAGE_ROWS])?;
            if rows.is_empty() {
                return Ok(());
            }
            for row in rows {
                let record = Record::read(client, row)?;
                after = record.seq;
                each(record)?;
            }
        }
    }
}

/// What the key was used for before, if it was and for the same.
fn answered(projections: &Projections, drafts: &Drafts) -> Result<Option<Appended>> {
    let Some((key, request)) = &drafts.key else { return Ok(None) };
    let Some(receipt) = projections.receipts.get(key) else { return Ok(None) };
    if receipt.request != *request {
        return Err(Error::KeyReused { client: drafts.client.clone(), key: key.clone() });
    }
    Ok(Some(Appended { first_seq: receipt.first_seq, last_seq: receipt.last_seq, already: true }))
}

/// One row of `entry`, column by column, as stored.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) client: String,
    pub(crate) seq: i64,
    pub(crate) id: String,
    pub(crate) at_us: i64,
    pub(crate) recorded_us: i64,
    pub(crate) event: String,
    pub(crate) key: Option<String>,
    pub(crate) request: Option<Hash>,
    pub(crate) body: String,
    pub(crate) prev: Hash,
    pub(crate) hash: Hash,
}

impl Record {
    /// The entry that follows the head.
    pub(crate) fn next(head: &Head, fact: &Fact, body: &str, key: Option<&(String, Hash)>) -> Record {
        let mut record = Record {
            client: head.client.as_str().to_owned(),
            seq: head.seq as i64 + 1,
            id: fact.id.to_string(),
            at_us: fact.at.as_micros(),
            recorded_us: fact.recorded_at.as_micros(),
            event: fact.event().name().to_owned(),
            key: key.map(|(key, _)| key.clone()),
            request: key.map(|(_, request)| *request),
            body: body.to_owned(),
            prev: head.hash,
            hash: head.hash,
        };
        record.hash = record.expected_hash(head.hash);
        record
    }

    fn read(client: &str, mut row: Row) -> Result<Record> {
        Ok(Record {
            client: client.to_owned(),
            seq: row.int(0)?,
            id: row.text(1)?,
            at_us: row.int(2)?,
            recorded_us: row.int(3)?,
            event: row.text(4)?,
            key: row.text_or_null(5)?,
            request: row.hash_or_null(6)?,
            body: row.text(7)?,
            prev: row.hash(8)?,
            hash: row.hash(9)?,
        })
    }

    /// What its hash must be after an entry with the hash `before`.
    pub(crate) fn expected_hash(&self, before: Hash) -> Hash {
        let covered = Covered {
            client: &self.client,
            seq: self.seq,
            id: &self.id,
            at_us: self.at_us,
            recorded_us: self.recorded_us,
            event: &self.event,
            key: self.key.as_deref(),
            request: self.request,
            body: &self.body,
        };
        chain::link(&covered, before)
    }

    /// The fact in its body.
    pub(crate) fn fact(&self) -> Result<Fact> {
        read(&self.client, self.seq, &self.body)
    }

    fn entry(self) -> Result<Entry> {
        let fact = self.fact()?;
        Ok(Entry { seq: self.seq as u64, fact, key: self.key, hash: self.hash })
    }
}

pub(crate) fn read(client: &str, seq: i64, body: &str) -> Result<Fact> {
    serde_json::from_str(body).map_err(|e| unreadable(client, seq, &e))
}

fn unreadable(client: &str, seq: i64, why: &dyn std::fmt::Display) -> Error {
    Error::Unreadable { client: client.to_owned(), seq, why: why.to_string() }
}
