//! Verify: does the journal still say what was written? Every row, every link, every projection.

use std::{collections::BTreeMap, fmt};

use facts::ClientId;

use crate::{
    Error, FINDINGS_MAX, Hash, Head, Result, Tx, chain, entry::Record, projection::Projections, schema,
    value::args,
};

const CLIENTS: &str = "SELECT client FROM entry GROUP BY client UNION SELECT client FROM head
    UNION SELECT client FROM receipt UNION SELECT client FROM instance";
const CHECK_FILES: &str = "{check_files}";
const HASH_AT: &str = "SELECT hash FROM entry WHERE client = $1 AND seq = $2";
/// Stands for a client in what is nobody's.
const STORE: &str = "(the store itself)";
const NO_CLIENT: &str = "it has rows, and its name is no client id";
pub(crate) const STATEMENTS: &[&str] = &[CLIENTS, CHECK_FILES, HASH_AT];

/// One thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Whose entries.
    pub client: String,
    /// Which entry, where it is one.
    pub seq: Option<i64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.seq {
            Some(seq) => write!(f, "entry {} {seq}: {}", self.client, self.what),
            None if self.client == STORE => write!(f, "the store itself: {}", self.what),
            None => write!(f, "client {}: {}", self.client, self.what),
        }
    }
}

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[must_use = "a report nobody reads proves nothing"]
pub struct Report {
    /// Where the journal is.
    pub at: String,
    /// The head of each client's chain as recomputed, sorted by client: compare it with what was handed out.
    pub heads: Vec<Head>,
    /// Entries looked at.
    pub entries: u64,
    /// What is wrong, in the order it was met; the first [`FINDINGS_MAX`].
    pub findings: Vec<Finding>,
    /// How many findings there were in all.
    pub found: u64,
}

impl Report {
    /// Nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.found == 0
    }

    pub(crate) fn new(at: &str) -> Report {
        Report { at: at.to_owned(), heads: Vec::new(), entries: 0, findings: Vec::new(), found: 0 }
    }

    pub(crate) fn note(&mut self, finding: Finding) {
        self.found += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    fn note_client(&mut self, client: &str, what: impl Into<String>) {
        self.note(Finding { client: client.to_owned(), seq: None, what: what.into() });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.is_sound() { "sound" } else { "NOT SOUND" };
        writeln!(f, "{}: {verdict}, {}", self.at, entries_of(self.entries, self.heads.len()))?;
        for head in &self.heads {
            writeln!(f, "  {} {} {}", head.client, head.seq, head.hash)?;
        }
        for finding in &self.findings {
            writeln!(f, "  ! {finding}")?;
        }
        let more = self.found - self.findings.len() as u64;
        if more > 0 { writeln!(f, "  ! and {more} more") } else { Ok(()) }
    }
}

/// `1 entry of 1 client`, `5 entries of 2 clients`.
pub(crate) fn entries_of(entries: u64, clients: usize) -> String {
    let entry = if entries == 1 { "entry" } else { "entries" };
    let client = if clients == 1 { "client" } else { "clients" };
    format!("{entries} {entry} of {clients} {client}")
}

/// Recomputes everything inside one snapshot. `handed_out` are heads given away earlier: each must still be in its
/// chain, which is what shows a removed tail.
pub(crate) fn verify(tx: &mut Tx<'_>, report: &mut Report, handed_out: &[Head]) -> Result<()> {
    check_files(tx, report)?;
    for what in schema::faults(tx)? {
        report.note(Finding { client: STORE.to_owned(), seq: None, what });
    }
    for client in clients(tx)? {
        match client.parse() {
            Ok(client) => verify_client(tx, report, &client)?,
            Err(_) => report.note_client(&client, NO_CLIENT),
        }
    }
    for head in handed_out {
        verify_handed_out(tx, report, head)?;
    }
    Ok(())
}

/// Lets the engine look through its own pages.
fn check_files(tx: &mut Tx<'_>, report: &mut Report) -> Result<()> {
    for mut row in tx.rows(CHECK_FILES, &[])? {
        let says = row.text(0)?;
        if says != "ok" {
            report.note(Finding { client: STORE.to_owned(), seq: None, what: says });
        }
    }
    Ok(())
}

/// Every client that has a row anywhere, sorted.
pub(crate) fn clients(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let rows = tx.rows(CLIENTS, &[])?;
    let mut clients: Vec<String> = rows.into_iter().map(|mut row| row.text(0)).collect::<Result<_>>()?;
    clients.sort();
    Ok(clients)
}

/// The same, where a name that is no client id ends the work instead of being passed over.
pub(crate) fn client_ids(tx: &mut Tx<'_>) -> Result<Vec<ClientId>> {
    let id = |client: String| {
        let what = NO_CLIENT.to_owned();
        client.parse().map_err(|_| Error::Broken(Finding { client, seq: None, what }))
    };
    clients(tx)?.into_iter().map(id).collect()
}

fn verify_client(tx: &mut Tx<'_>, report: &mut Report, client: &ClientId) -> Result<()> {
    let replayed = replay(tx, client, |finding| {
        report.note(finding);
        Ok(())
    })?;
    report.entries += replayed.entries;
    match Projections::stored(tx, client) {
        Ok(stored) => compare(report, client, &stored, &replayed.projections),
        Err(e @ Error::Shape { .. }) => report.note_client(client.as_str(), format!("a projection: {e}")),
        Err(e) => return Err(e),
    }
    report.heads.extend(Some(replayed.projections.head).filter(|head| head.seq > 0));
    Ok(())
}

/// What the entries of a client say, read from the first to the last.
pub(crate) struct Replayed {
    pub(crate) projections: Projections,
    pub(crate) entries: u64,
}

/// Folds a client's entries and tells `wrong` of each that is not as it was written.
pub(crate) fn replay(
    tx: &mut Tx<'_>,
    client: &ClientId,
    mut wrong: impl FnMut(Finding) -> Result<()>,
) -> Result<Replayed> {
    let mut replayed = Replayed { projections: Projections::empty(client), entries: 0 };
    let mut link = Link { seq: 0, hash: chain::genesis(client.as_str()) };
    tx.records(client.as_str(), |record| {
        replayed.entries += 1;
        let says = |what| Finding { client: record.client.clone(), seq: Some(record.seq), what };
        link.faults(&record).into_iter().try_for_each(|what| wrong(says(what)))?;
        link = Link { seq: record.seq, hash: record.hash };
        match checked_fact(&record) {
            Ok(fact) => replayed.projections.apply(&record, &fact.body),
            Err(what) => {
                replayed.projections.follow(&record);
                wrong(says(what))?;
            }
        }
        Ok(())
    })?;
    Ok(replayed)
}

impl Tx<'_> {
    /// A client's facts in the order they were stored, each proved to be as it was written and chained to the one before: what
    /// a statement may rest on.
    ///
    /// # Errors
    /// The first entry that is not.
    pub fn sound_facts(&mut self, client: &ClientId) -> Result<Vec<facts::Fact>> {
        let mut facts = Vec::new();
        let mut link = Link { seq: 0, hash: chain::genesis(client.as_str()) };
        self.records(client.as_str(), |record| {
            let broken =
                |what| Error::Broken(Finding { client: record.client.clone(), seq: Some(record.seq), what });
            if let Some(fault) = link.faults(&record).into_iter().next() {
                return Err(broken(fault));
            }
            facts.push(checked_fact(&record).map_err(broken)?);
            link = Link { seq: record.seq, hash: record.hash };
            Ok(())
        })?;
        Ok(facts)
    }
}

/// The entry before.
struct Link {
    seq: i64,
    hash: Hash,
}

impl Link {
    fn faults(&self, record: &Record) -> Vec<String> {
        let mut faults = Vec::new();
        let next = self.seq.saturating_add(1);
        if record.seq != next {
            faults.push(format!("entry {next} was expected here: entries were removed or renumbered"));
        }
        if record.prev != self.hash {
            faults.push("it is not chained to the entry before it".to_owned());
        }
        if record.expected_hash(record.prev) != record.hash {
            faults.push("its hash is not that of its contents".to_owned());
        }
        faults
    }
}

/// The fact in the body, if the columns beside it say the same.
fn checked_fact(record: &Record) -> Result<facts::Fact, String> {
    let fact = record.fact().map_err(|e| e.to_string())?;
    let same = fact.client.as_str() == record.client
        && fact.id.to_string() == record.id
        && fact.at.as_micros() == record.at_us
        && fact.recorded_at.as_micros() == record.recorded_us
        && fact.event().name() == record.event;
    if same { Ok(fact) } else { Err("its columns say something else than its body".to_owned()) }
}

fn compare(report: &mut Report, client: &ClientId, stored: &Projections, replayed: &Projections) {
    for difference in differences(&stored.lines(), &replayed.lines()) {
        report.note_client(
            client.as_str(),
            format!("{difference} (`journal rebuild` replays the projections)"),
        );
    }
}

/// Rows that one side has and the other has not, in words.
pub(crate) fn differences(stored: &[String], replayed: &[String]) -> Vec<String> {
    let mut sides: BTreeMap<&String, (bool, bool)> = BTreeMap::new();
    stored.iter().for_each(|line| sides.entry(line).or_default().0 = true);
    replayed.iter().for_each(|line| sides.entry(line).or_default().1 = true);
    let differing = sides.into_iter().filter_map(|(line, sides)| match sides {
        (true, false) => Some(format!("stored, but not in the entries: {line}")),
        (false, true) => Some(format!("in the entries, but not stored: {line}")),
        _ => None,
    });
    differing.collect()
}

fn verify_handed_out(tx: &mut Tx<'_>, report: &mut Report, head: &Head) -> Result<()> {
    let seq = i64::try_from(head.seq).unwrap_or(i64::MAX);
    let what = match hash_at(tx, head.client.as_str(), seq)? {
        Some(hash) if hash == head.hash => return Ok(()),
        Some(_) => "the head handed out for this entry was another: history was rewritten",
        None => "a head was handed out for this entry, and it is gone: the end was cut off",
    };
    report.note(Finding { client: head.client.to_string(), seq: Some(seq), what: what.to_owned() });
    Ok(())
}

/// The stored hash of one entry.
pub(crate) fn hash_at(tx: &mut Tx<'_>, client: &str, seq: i64) -> Result<Option<Hash>> {
    tx.row(HASH_AT, args![client, seq])?.map(|mut row| row.hash(0)).transpose()
}
