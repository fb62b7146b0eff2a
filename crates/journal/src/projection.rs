//! Projections: what can be read off a client's entries, kept in tables so that nobody has to read them all.
//!
//! There is one fold, [`Projections::apply`]. An append loads the rows its facts touch, folds and stores them; a
//! rebuild starts from nothing and folds every entry; `verify` does the same and compares. So the tables cannot mean
//! two things.

use std::collections::{BTreeMap, BTreeSet};

use facts::{Body, ClientId, Environment, InstanceId};
use serde::Serialize;
use spans::Instant;

use crate::{
    Error, Hash, Head, Result, Tx, chain,
    entry::{Drafts, Record},
    value::{Row, args},
};

const HEAD_LOCK: &str = "SELECT seq, hash FROM head WHERE client = $1 {for_update}";
const HEAD_NEW: &str =
    "INSERT INTO head (client, seq, hash) VALUES ($1, 0, $2) ON CONFLICT (client) DO NOTHING";
const HEAD_PUT: &str = "INSERT INTO head (client, seq, hash) VALUES ($1, $2, $3)
    ON CONFLICT (client) DO UPDATE SET seq = excluded.seq, hash = excluded.hash";
const HEAD: &str = "SELECT seq, hash FROM head WHERE client = $1";
const RECEIPT_PUT: &str = "INSERT INTO receipt (client, append_key, request, first_seq, last_seq)
    VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (client, append_key) DO UPDATE SET last_seq = excluded.last_seq";
const RECEIPT: &str = "SELECT append_key, request, first_seq, last_seq FROM receipt
    WHERE client = $1 AND append_key = $2";
const RECEIPTS: &str = "SELECT append_key, request, first_seq, last_seq FROM receipt WHERE client = $1";
const INSTANCE_PUT: &str = "INSERT INTO instance
    (client, instance, name, url, environment, software, from_us, until_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
    ON CONFLICT (client, instance) DO UPDATE SET name = excluded.name, url = excluded.url,
    environment = excluded.environment, software = excluded.software,
    from_us = excluded.from_us, until_us = excluded.until_us";
const INSTANCES: &str = "SELECT instance, name, url, environment, software, from_us, until_us FROM instance
    WHERE client = $1";
pub(crate) const STATEMENTS: &[&str] =
    &[HEAD_LOCK, HEAD_NEW, HEAD_PUT, HEAD, RECEIPT_PUT, RECEIPT, RECEIPTS, INSTANCE_PUT, INSTANCES];

/// What is promised about, as its facts left it: `instance.added`, and `instance.ended` if it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Instance {
    /// The instance.
    pub instance: InstanceId,
    /// Its name on statements.
    pub name: String,
    /// Where it answers.
    pub url: Option<String>,
    /// Where it is used.
    pub environment: Environment,
    /// The software it runs, as feeds name it.
    pub software: Option<String>,
    /// The first covered instant.
    pub from: Instant,
    /// The first instant no longer covered, if one is known.
    pub until: Option<Instant>,
}

/// What an idempotency key was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Receipt {
    pub(crate) key: String,
    pub(crate) request: Hash,
    pub(crate) first_seq: u64,
    pub(crate) last_seq: u64,
}

/// One client's projections: all of them, or the rows that an append touches.
#[derive(Debug)]
pub(crate) struct Projections {
    pub(crate) head: Head,
    pub(crate) receipts: BTreeMap<String, Receipt>,
    instances: BTreeMap<InstanceId, Instance>,
    changed: BTreeSet<InstanceId>,
}

impl Projections {
    /// Those of a client without entries.
    pub(crate) fn empty(client: &ClientId) -> Projections {
        let head = Head { client: client.clone(), seq: 0, hash: chain::genesis(client.as_str()) };
        Projections { head, receipts: BTreeMap::new(), instances: BTreeMap::new(), changed: BTreeSet::new() }
    }

    /// The rows that these drafts touch. Holds the client's head until the transaction ends, so that nobody else gives
    /// out the same numbers.
    pub(crate) fn touched(tx: &mut Tx<'_>, drafts: &Drafts) -> Result<Projections> {
        let mut touched = Projections::empty(&drafts.client);
        touched.lock_head(tx)?;
        if let Some((key, _)) = &drafts.key {
            touched.load_receipt(tx, key)?;
        }
        if drafts.facts().any(|fact| concerns_instances(&fact.body)) {
            touched.load_instances(tx)?;
        }
        Ok(touched)
    }

    /// All that is stored for the client.
    ///
    /// # Errors
    /// [`Error::Shape`] for a row that only somebody past the journal can have written.
    pub(crate) fn stored(tx: &mut Tx<'_>, client: &ClientId) -> Result<Projections> {
        let mut stored = Projections::empty(client);
        if let Some(row) = tx.row(HEAD, args![client])? {
            stored.set_head(row)?;
        }
        for row in tx.rows(RECEIPTS, args![client])? {
            stored.add_receipt(row)?;
        }
        stored.load_instances(tx)?;
        Ok(stored)
    }

    /// What one more entry changes.
    pub(crate) fn apply(&mut self, record: &Record, body: &Body) {
        self.follow(record);
        match body {
            Body::InstanceAdded(added) => self.put(Instance {
                instance: added.instance.clone(),
                name: added.name.clone(),
                url: added.url.clone(),
                environment: added.environment,
                software: added.software.clone(),
                from: added.from,
                until: added.until,
            }),
            Body::InstanceEnded(ended) => {
                if let Some(instance) = self.instances.get(&ended.instance) {
                    self.put(Instance { until: Some(ended.until), ..instance.clone() });
                }
            }
            _ => {}
        }
    }

    /// What it changes whatever it says.
    pub(crate) fn follow(&mut self, record: &Record) {
        self.head.seq = record.seq.unsigned_abs();
        self.head.hash = record.hash;
        if let (Some(key), Some(request)) = (&record.key, record.request) {
            self.note_key(key, request);
        }
    }

    fn note_key(&mut self, key: &str, request: Hash) {
        let seq = self.head.seq;
        let new = || Receipt { key: key.to_owned(), request, first_seq: seq, last_seq: seq };
        self.receipts.entry(key.to_owned()).or_insert_with(new).last_seq = seq;
    }

    fn put(&mut self, instance: Instance) {
        self.changed.insert(instance.instance.clone());
        self.instances.insert(instance.instance.clone(), instance);
    }

    /// Writes what was loaded and changed. Without entries there is nothing to write.
    pub(crate) fn store(&self, tx: &mut Tx<'_>) -> Result<()> {
        let client = &self.head.client;
        if self.head.seq == 0 {
            return Ok(());
        }
        tx.run(HEAD_PUT, args![client, self.head.seq, self.head.hash])?;
        for receipt in self.receipts.values() {
            let Receipt { key, request, first_seq, last_seq } = receipt;
            tx.run(RECEIPT_PUT, args![client, key, *request, *first_seq, *last_seq])?;
        }
        for id in &self.changed {
            self.instances[id].store(tx, client)?;
        }
        Ok(())
    }

    /// One JSON line per row, sorted: two equal texts are two equal sets of tables.
    pub(crate) fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.head.seq > 0 {
            lines.push(line("head", &self.head.client, &self.head));
        }
        lines.extend(self.receipts.values().map(|receipt| line("receipt", &self.head.client, receipt)));
        lines.extend(self.instances.values().map(|instance| line("instance", &self.head.client, instance)));
        lines
    }

    fn lock_head(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let client = self.head.client.clone();
        if let Some(row) = tx.row(HEAD_LOCK, args![&client])? {
            return self.set_head(row);
        }
        // A first append: the row is made, or was made meanwhile by another node, and then held like any other.
        tx.run(HEAD_NEW, args![&client, self.head.hash])?;
        tx.row(HEAD_LOCK, args![&client])?.map_or(Ok(()), |row| self.set_head(row))
    }

    fn set_head(&mut self, mut row: Row) -> Result<()> {
        self.head.seq = row.count(0)?;
        self.head.hash = row.hash(1)?;
        Ok(())
    }

    fn load_receipt(&mut self, tx: &mut Tx<'_>, key: &str) -> Result<()> {
        let client = self.head.client.clone();
        self.receipts.extend(tx.receipt(&client, key)?.map(|receipt| (receipt.key.clone(), receipt)));
        Ok(())
    }

    fn add_receipt(&mut self, row: Row) -> Result<()> {
        let receipt = Receipt::read(row)?;
        self.receipts.insert(receipt.key.clone(), receipt);
        Ok(())
    }

    fn load_instances(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let instances = tx.instances(&self.head.client)?;
        self.instances =
            instances.into_iter().map(|instance| (instance.instance.clone(), instance)).collect();
        Ok(())
    }
}

impl Tx<'_> {
    /// What a key was used for.
    pub(crate) fn receipt(&mut self, client: &ClientId, key: &str) -> Result<Option<Receipt>> {
        self.row(RECEIPT, args![client, key])?.map(Receipt::read).transpose()
    }

    /// The client's instances, sorted by id.
    pub fn instances(&mut self, client: &ClientId) -> Result<Vec<Instance>> {
        let rows = self.rows(INSTANCES, args![client])?;
        let mut instances: Vec<Instance> = rows.into_iter().map(Instance::read).collect::<Result<_>>()?;
        instances.sort_by(|a, b| a.instance.cmp(&b.instance));
        Ok(instances)
    }
}

impl Receipt {
    fn read(mut row: Row) -> Result<Receipt> {
        Ok(Receipt {
            key: row.text(0)?,
            request: row.hash(1)?,
            first_seq: row.count(2)?,
            last_seq: row.count(3)?,
        })
    }
}

impl Instance {
    fn read(mut row: Row) -> Result<Instance> {
        let shape = |column, expected| Error::Shape { column, expected };
        Ok(Instance {
            instance: row.text(0)?.parse().map_err(|_| shape(0, "an instance id"))?,
            name: row.text(1)?,
            url: row.text_or_null(2)?,
            environment: Environment::named(&row.text(3)?).ok_or(shape(3, "an environment"))?,
            software: row.text_or_null(4)?,
            from: row.instant(5)?,
            until: row.instant_or_null(6)?,
        })
    }

    fn store(&self, tx: &mut Tx<'_>, client: &ClientId) -> Result<()> {
        let Instance { instance, name, url, environment, software, from, until } = self;
        let (url, software) = (url.as_deref(), software.as_deref());
        let row = args![client, instance.as_str(), name, url, environment.name(), software, *from, *until];
        tx.run(INSTANCE_PUT, row).map(drop)
    }
}

fn concerns_instances(body: &Body) -> bool {
    matches!(body, Body::InstanceAdded(_) | Body::InstanceEnded(_))
}

fn line(table: &str, client: &ClientId, row: &impl Serialize) -> String {
    let row = serde_json::to_string(row).expect("a row holds only text and numbers, which always serialize");
    format!("{table} {client} {row}")
}
