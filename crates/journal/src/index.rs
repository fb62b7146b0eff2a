//! Where to find what is about a ticket, and the words in it: for tickets that ended long ago, which nobody holds in memory, and
//! for searching ([`search`]).
//!
//! It is no truth and no projection that `verify` looks at. Whoever reads a client's entries ([`Tx::index`]) writes it behind
//! them, up to the entry that its mark names; what is missing beyond the mark is known to be missing.

mod fts5;
mod search;
mod tsvector;

use facts::{ClientId, Fact, FactId, Slug};

pub use self::search::{
    BEGINNING_CHARS_MIN, FOUND_MAX, Finding, SEARCH_WORDS_MAX, WORD_CHARS_MAX, Within, words,
};
use crate::{Result, Tx, dialect::Dialect, entry::read, value::args};

const MARK: &str = "SELECT seq FROM index_mark WHERE client = $1";
const MARK_LOCK: &str = "SELECT seq FROM index_mark WHERE client = $1 {for_update}";
const MARK_NEW: &str = "INSERT INTO index_mark (client, seq) VALUES ($1, 0) ON CONFLICT (client) DO NOTHING";
const MARK_PUT: &str = "UPDATE index_mark SET seq = $2 WHERE client = $1";
const PUT_ENTRY: &str = "INSERT INTO ticket_entry (client, ticket, seq) VALUES ($1, $2, $3)
    ON CONFLICT (client, ticket, seq) DO NOTHING";
const ENTRIES: &str = "SELECT e.seq, e.body FROM ticket_entry t
    JOIN entry e ON e.client = t.client AND e.seq = t.seq
    WHERE t.client = $1 AND t.ticket = $2 AND t.seq <= $3 ORDER BY t.seq";
const FORGET: &str = "DELETE FROM searchable WHERE client = $1 AND fact = $2";
pub(crate) const STATEMENTS: &[&str] = &[MARK, MARK_LOCK, MARK_NEW, MARK_PUT, PUT_ENTRY, ENTRIES, FORGET];

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
    /// What it says, where it says anything.
    pub text: Option<String>,
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
        for row in rows.iter().filter(|row| mark < row.seq) {
            self.run(PUT_ENTRY, args![client, row.ticket.as_str(), row.seq])?;
            if let Some(words) = row.text.as_deref().map(words).filter(|words| !words.is_empty()) {
                match self.dialect() {
                    Dialect::Sqlite => fts5::put(self, client, row, words)?,
                    Dialect::Postgres => tsvector::put(self, client, row, &words)?,
                }
            }
        }
        self.run(MARK_PUT, args![client, seq]).map(drop)
    }

    /// What is about a ticket among the client's entries up to number `seq`, in the order it was stored, as far as it is
    /// indexed.
    ///
    /// # Errors
    /// The journal's.
    pub fn ticket_facts(&mut self, client: &ClientId, ticket: &Slug, seq: u64) -> Result<Vec<Fact>> {
        let rows = self.rows(ENTRIES, args![client, ticket.as_str(), seq])?;
        rows.into_iter().map(|mut row| read(client.as_str(), row.int(0)?, &row.text(1)?)).collect()
    }

    /// Removes the words of a fact from the search: its text was erased.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_words(&mut self, client: &ClientId, fact: FactId) -> Result<()> {
        self.run(FORGET, args![client, fact]).map(drop)
    }
}
