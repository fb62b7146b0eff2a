//! Where to find what is about a ticket, and the words in it: for tickets that ended long ago, which nobody holds in memory, and
//! for searching ([`search`]).
//!
//! It is no truth and no projection that `verify` looks at. Whoever reads a client's entries ([`Tx::index`]) writes it behind
//! them, up to the entry that its mark names; what is missing beyond the mark is known to be missing.

mod fts5;
mod search;
mod tsvector;

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClientId, Fact, FactId, Slug};

pub use self::search::{
    BEGINNING_CHARS_MIN, FOUND_MAX, Finding, SEARCH_WORDS_MAX, WORD_CHARS_MAX, Within, words,
};
use crate::{
    Error, Result, Tx,
    dialect::Dialect,
    entry::read,
    value::{Row, args},
};

/// Tickets that are asked for at once.
const TICKETS_AT_ONCE: usize = 256;

const MARK: &str = "SELECT seq FROM index_mark WHERE client = $1";
const MARK_LOCK: &str = "SELECT seq FROM index_mark WHERE client = $1 {for_update}";
const MARK_NEW: &str = "INSERT INTO index_mark (client, seq) VALUES ($1, 0) ON CONFLICT (client) DO NOTHING";
const MARK_PUT: &str = "UPDATE index_mark SET seq = $2 WHERE client = $1";
/// SQLite takes a cross join in the order in which it is written. By itself it would walk through the client's entries, which lie in
/// the order that is asked for.
const ENTRIES: &str = "SELECT t.ticket, e.seq, e.body FROM ticket_entry t CROSS JOIN entry e
    WHERE e.client = t.client AND e.seq = t.seq
    AND t.client = $1 AND t.ticket {among_2} AND t.seq <= $3 ORDER BY t.seq";
const FORGET: &str = "DELETE FROM searchable WHERE client = $1 AND fact = $2";
pub(crate) const STATEMENTS: &[&str] = &[MARK, MARK_LOCK, MARK_NEW, MARK_PUT, ENTRIES, FORGET];

/// Searching is all that the engines are asked in two ways.
pub(crate) fn search_statements(dialect: Dialect) -> &'static [&'static str] {
    match dialect {
        Dialect::Sqlite => fts5::STATEMENTS,
        Dialect::Postgres => tsvector::STATEMENTS,
    }
}

/// An entry about a ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indexed {
    /// Its number.
    pub seq: u64,
    /// The ticket.
    pub ticket: Slug,
    /// The fact.
    pub fact: FactId,
    /// Whether only the provider's people may read it.
    pub internal: bool,
    /// What the fact itself says, where it says anything; what was written beside it is added when it is indexed.
    pub text: Option<String>,
}

/// What the index lacks yet of a client, in the order it was stored.
#[derive(Debug, Clone)]
pub struct Unindexed {
    /// Whose.
    pub client: ClientId,
    /// Entries about tickets beyond the last that is indexed.
    pub rows: Vec<Indexed>,
}

impl Tx<'_> {
    /// The number of the client's last entry that is indexed.
    ///
    /// # Errors
    /// The journal's.
    pub fn indexed(&mut self, client: &ClientId) -> Result<u64> {
        self.row(MARK, args![client])?.map_or(Ok(0), |row| row.count(0))
    }

    /// Indexes a client's entries up to `seq`; `rows` are those of them that are about tickets. What another process indexed
    /// meanwhile is passed over. The rows must hold everything about tickets from [`Tx::indexed`] on.
    ///
    /// # Errors
    /// The journal's.
    pub fn index(&mut self, client: &ClientId, seq: u64, rows: &[Indexed]) -> Result<()> {
        self.run(MARK_NEW, args![client])?;
        let mark = self.row(MARK_LOCK, args![client])?.map_or(Ok(0), |row| row.count(0))?;
        if seq <= mark {
            return Ok(());
        }
        let rows: Vec<&Indexed> = rows.iter().filter(|row| mark < row.seq).collect();
        let texts = self.said(client, &rows)?;
        match self.dialect() {
            Dialect::Sqlite => {
                rows.iter().try_for_each(|row| fts5::put_entry(self, client, row))?;
                texts.iter().try_for_each(|(row, words)| fts5::put(self, client, row, words))?;
            }
            Dialect::Postgres => {
                tsvector::put_entries(self, client, &rows)?;
                tsvector::put(self, client, &texts)?;
            }
        }
        self.run(MARK_PUT, args![client, seq]).map(drop)
    }

    /// The words that these entries are found by, each once; those without a word are not in the answer.
    fn said<'r>(
        &mut self,
        client: &ClientId,
        rows: &[&'r Indexed],
    ) -> Result<Vec<(&'r Indexed, Vec<String>)>> {
        let written = self.texts(client, rows.iter().map(|row| row.fact))?;
        let said = rows.iter().filter_map(|row| {
            let texts = [row.text.as_deref(), written.get(&row.fact).map(String::as_str)];
            let words: BTreeSet<String> = texts.into_iter().flatten().flat_map(words).collect();
            (!words.is_empty()).then(|| (*row, words.into_iter().collect()))
        });
        Ok(said.collect())
    }

    /// What is about each of these tickets among the client's entries up to number `seq`, in the order it was stored, as far as it
    /// is indexed. Tickets about which there is nothing are not in the answer.
    ///
    /// # Errors
    /// The journal's.
    pub fn ticket_facts(
        &mut self,
        client: &ClientId,
        tickets: &[Slug],
        seq: u64,
    ) -> Result<BTreeMap<Slug, Vec<Fact>>> {
        let mut facts: BTreeMap<Slug, Vec<Fact>> = BTreeMap::new();
        for tickets in tickets.chunks(TICKETS_AT_ONCE) {
            let tickets: Vec<&str> = tickets.iter().map(Slug::as_str).collect();
            for mut row in self.rows(ENTRIES, args![client, tickets.join(" "), seq])? {
                let fact = read(client.as_str(), row.int(1)?, &row.text(2)?)?;
                facts.entry(ticket(&mut row)?).or_default().push(fact);
            }
        }
        Ok(facts)
    }

    /// Removes the words of a fact from the search: its text was erased.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_words(&mut self, client: &ClientId, fact: FactId) -> Result<()> {
        self.run(FORGET, args![client, fact]).map(drop)
    }
}

fn ticket(row: &mut Row) -> Result<Slug> {
    row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a ticket's id" })
}
