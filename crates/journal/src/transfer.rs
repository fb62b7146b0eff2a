//! Export and import: the whole journal as JSON lines, chain included, and back.
//!
//! ```text
//! {"format":"uphold journal","version":1}
//! {"client":"acme","seq":1,"hash":"…","fact":{…}}
//! {"client":"acme","seq":2,"key":"…","request":"…","hash":"…","fact":{…}}
//! {"entries":2,"heads":[{"client":"acme","seq":2,"hash":"…"}]}
//! ```
//!
//! A fact stands in its stored bytes, since the hashes cover those. The last line shows a file that was cut off. The
//! outbox and jobs are not exported: what was to be sent is not sent again from a copy.

use std::{
    fmt,
    io::{BufRead, Read, Write},
};

use facts::{ClientId, Fact};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::{Error, Hash, Head, LINE_BYTES_MAX, Result, Tx, entry::Record, projection::Projections, verify};

const FORMAT: &str = "uphold journal";
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    format: String,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    client: ClientId,
    seq: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<Hash>,
    hash: Hash,
    fact: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Footer {
    entries: u64,
    heads: Vec<Head>,
}

/// What an export wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Entries written.
    pub entries: u64,
    /// The last entry of each client written.
    pub heads: Vec<Head>,
}

impl fmt::Display for Exported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exported {}", verify::entries_of(self.entries, self.heads.len()))
    }
}

/// What an import read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Entries stored now.
    pub added: u64,
    /// Entries that were there already, the same to the last bit.
    pub present: u64,
}

impl fmt::Display for Imported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = if self.added == 1 { "entry" } else { "entries" };
        writeln!(f, "imported {} {entries}; {} there already", self.added, self.present)
    }
}

/// Writes everything, client by client. Each entry is checked on its way: a broken chain is not copied as if it held.
pub(crate) fn export(tx: &mut Tx<'_>, out: &mut impl Write) -> Result<Exported> {
    put(out, &Header { format: FORMAT.to_owned(), version: VERSION })?;
    let mut exported = Exported { entries: 0, heads: Vec::new() };
    for client in verify::client_ids(tx)? {
        let mut head = Projections::empty(&client).head;
        tx.records(client.as_str(), |record| {
            head = follow(&head, &record)?;
            exported.entries += 1;
            put(out, &Line::of(record)?)
        })?;
        exported.heads.extend(Some(head).filter(|head| head.seq > 0));
    }
    put(out, &Footer { entries: exported.entries, heads: exported.heads.clone() })?;
    out.flush().map_err(stream)?;
    Ok(exported)
}

/// The head after this record, if it continues the chain.
fn follow(head: &Head, record: &Record) -> Result<Head> {
    let continues = record.seq == head.seq as i64 + 1
        && record.prev == head.hash
        && record.expected_hash(head.hash) == record.hash;
    if continues {
        return Ok(Head { seq: head.seq + 1, hash: record.hash, ..head.clone() });
    }
    let what = "it does not continue the chain, so nothing after it was exported".to_owned();
    Err(Error::Broken(crate::Finding { client: record.client.clone(), seq: Some(record.seq), what }))
}

impl Line {
    fn of(record: Record) -> Result<Line> {
        let fact = RawValue::from_string(record.body.clone());
        let unreadable = |e: serde_json::Error| Error::Unreadable {
            client: record.client.clone(),
            seq: record.seq,
            why: e.to_string(),
        };
        Ok(Line {
            fact: fact.map_err(unreadable)?,
            client: record.client.parse().map_err(|_| Error::Shape { column: 0, expected: "a client id" })?,
            seq: record.seq.unsigned_abs(),
            key: record.key,
            request: record.request,
            hash: record.hash,
        })
    }
}

fn put(out: &mut impl Write, line: &impl Serialize) -> Result<()> {
    serde_json::to_writer(&mut *out, line).map_err(|e| stream(e.into()))?;
    out.write_all(b"\n").map_err(stream)
}

fn stream(e: std::io::Error) -> Error {
    Error::Stream { why: crate::error::plain(&e) }
}

/// Reads an export through without a store: its lines, every hash and link, and its last line. What passes is refused by a store
/// only where that store holds something else.
///
/// # Errors
/// [`Error::Line`] for the first line that does not fit.
pub fn check_export(input: &mut impl BufRead) -> Result<Exported> {
    walk(input, |_, _| Ok(()))
}

/// Reads an export into the transaction of `tx`. Each client's entries must continue what is stored, or be what is
/// stored.
///
/// # Errors
/// [`Error::Line`] for the first line that does not fit; the transaction is then to be undone.
pub(crate) fn import(tx: &mut Tx<'_>, input: &mut impl BufRead) -> Result<Imported> {
    let mut import = Import { tx, projections: None, imported: Imported::default() };
    walk(input, |record, fact| import.entry(&record, &fact))?;
    import.turn_away()?;
    Ok(import.imported)
}

/// Gives `each` every entry in its order, proved to continue its chain; an error of its own becomes one of that line.
fn walk(input: &mut impl BufRead, mut each: impl FnMut(Record, Fact) -> Result<()>) -> Result<Exported> {
    let mut lines = Lines { input, number: 0 };
    lines.header()?;
    let mut read = Exported { entries: 0, heads: Vec::new() };
    while let Some(text) = lines.next()? {
        match serde_json::from_str::<Line>(&text) {
            Ok(line) => read
                .follow(&line)
                .and_then(|(record, fact)| each(record, fact))
                .map_err(|e| lines.refuse(e))?,
            Err(e) => return lines.footer(&text, &e, read),
        }
    }
    Err(lines.wrong("the file ends without its last line: it was cut off"))
}

impl Exported {
    /// The entry of a line that continues the chain of its client, which is the last one or begins here.
    fn follow(&mut self, line: &Line) -> Result<(Record, Fact)> {
        if self.heads.last().is_none_or(|head| head.client != line.client) {
            if self.heads.iter().any(|head| head.client == line.client) {
                return Err(wrong(format!("the entries of {} do not stand together", line.client)));
            }
            self.heads.push(Projections::empty(&line.client).head);
        }
        let head = self.heads.last_mut().expect("there, or just pushed");
        let (record, fact) = line.record(head)?;
        (head.seq, head.hash) = (line.seq, line.hash);
        self.entries += 1;
        Ok((record, fact))
    }
}

/// An import under way: one client at a time.
struct Import<'t, 'c> {
    tx: &'t mut Tx<'c>,
    /// Those of the client being read, as stored so far.
    projections: Option<Projections>,
    imported: Imported,
}

impl Import<'_, '_> {
    fn entry(&mut self, record: &Record, fact: &Fact) -> Result<()> {
        if self.projections.as_ref().is_none_or(|its| its.head.client != fact.client) {
            self.turn_away()?;
            self.projections = Some(Projections::stored(self.tx, &fact.client)?);
        }
        let projections = self.projections.as_mut().expect("just read");
        if record.seq.unsigned_abs() <= projections.head.seq {
            self.imported.present += 1;
            return self.same_as_stored(record);
        }
        if !self.tx.insert(record)? {
            return Err(wrong(format!("its fact {} is stored at another place", fact.id)));
        }
        projections.apply(record, &fact.body);
        self.imported.added += 1;
        Ok(())
    }

    fn turn_away(&mut self) -> Result<()> {
        self.projections.take().map_or(Ok(()), |projections| projections.store(self.tx))
    }

    fn same_as_stored(&mut self, record: &Record) -> Result<()> {
        match verify::hash_at(self.tx, &record.client, record.seq)? {
            Some(hash) if hash == record.hash => Ok(()),
            _ => Err(wrong(format!("entry {} {} is stored with other contents", record.client, record.seq))),
        }
    }
}

impl Line {
    /// The row that this line stands for, if it continues the chain at `before`.
    fn record(&self, before: &Head) -> Result<(Record, Fact)> {
        let body = self.fact.get();
        let fact: Fact = serde_json::from_str(body).map_err(|e| wrong(e.to_string()))?;
        let key = match (&self.key, self.request) {
            (Some(key), Some(request)) => Some((key.clone(), request)),
            (None, None) => None,
            _ => return Err(wrong("a key and its request come together".to_owned())),
        };
        let record = Record::next(before, &fact, body, key.as_ref());
        if self.seq != before.seq + 1 {
            return Err(wrong(format!("entry {} {} was expected here", self.client, before.seq + 1)));
        }
        if fact.client != self.client || record.hash != self.hash {
            return Err(wrong("its hash does not follow from its contents and the entry before".to_owned()));
        }
        Ok((record, fact))
    }
}

/// Numbered lines of limited length.
struct Lines<'i, I> {
    input: &'i mut I,
    number: usize,
}

impl<I: BufRead> Lines<'_, I> {
    fn next(&mut self) -> Result<Option<String>> {
        self.number += 1;
        let mut text = String::new();
        let mut limited = (&mut *self.input).take(LINE_BYTES_MAX as u64);
        let read = limited.read_line(&mut text).map_err(|e| self.wrong(&crate::error::plain(&e)))?;
        if read == LINE_BYTES_MAX {
            return Err(self.wrong(&format!("it is longer than {LINE_BYTES_MAX} bytes")));
        }
        Ok(Some(text).filter(|_| read > 0))
    }

    fn header(&mut self) -> Result<()> {
        let header = self.next()?.and_then(|text| serde_json::from_str::<Header>(&text).ok());
        match header {
            Some(Header { format, version: VERSION }) if format == FORMAT => Ok(()),
            Some(Header { format, version }) if format == FORMAT => {
                Err(self
                    .wrong(&format!("version {version} of the format is not known here: use a newer uphold")))
            }
            _ => Err(self.wrong("this is no export of a journal")),
        }
    }

    /// A line that is no entry is the last one, or wrong. `read`: what was read before it.
    fn footer(&mut self, text: &str, not_an_entry: &serde_json::Error, read: Exported) -> Result<Exported> {
        let Ok(footer) = serde_json::from_str::<Footer>(text) else {
            return Err(self.wrong(&not_an_entry.to_string()));
        };
        if footer.entries != read.entries || footer.heads != read.heads {
            return Err(
                self.wrong("the file has not the entries that its last line names: some were cut out")
            );
        }
        if self.next()?.is_some() {
            return Err(self.wrong("something follows the last line"));
        }
        Ok(read)
    }

    fn refuse(&self, e: Error) -> Error {
        match e {
            Error::Line { why, .. } => self.wrong(&why),
            other => other,
        }
    }

    fn wrong(&self, why: &str) -> Error {
        Error::Line { line: self.number, why: why.to_owned() }
    }
}

/// What is wrong with the line at hand; [`Lines::refuse`] adds its number.
fn wrong(why: String) -> Error {
    Error::Line { line: 0, why }
}
