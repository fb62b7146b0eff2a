//! Where to find what is about a ticket, and the words in it: for tickets that ended long ago, which nobody holds in memory, and
//! for searching.
//!
//! It is no truth and no projection that `verify` looks at. Whoever reads a client's entries ([`Tx::index`]) writes it behind
//! them, up to the entry that its mark names; what is missing beyond the mark is known to be missing. Words are cut here and not
//! by the engines, so that both find the same.

use facts::{ClientId, Fact, FactId, Slug};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use crate::{
    Result, Tx,
    dialect::Dialect,
    entry::read,
    value::{Row, args},
};

/// Words of one search; further ones are not looked for.
pub const SEARCH_WORDS_MAX: usize = 12;
/// Letters of one word that are kept and looked for.
pub const WORD_CHARS_MAX: usize = 40;
/// Letters from which on a part of a word is looked for as the beginning of one.
pub const BEGINNING_CHARS_MIN: usize = 3;
/// Findings of one search.
pub const FOUND_MAX: usize = 200;

const MARK: &str = "SELECT seq FROM index_mark WHERE client = $1";
const MARK_LOCK: &str = "SELECT seq FROM index_mark WHERE client = $1 {for_update}";
const MARK_NEW: &str = "INSERT INTO index_mark (client, seq) VALUES ($1, 0) ON CONFLICT (client) DO NOTHING";
const MARK_PUT: &str = "UPDATE index_mark SET seq = $2 WHERE client = $1";
const PUT_ENTRY: &str = "INSERT INTO ticket_entry (client, ticket, seq) VALUES ($1, $2, $3)
    ON CONFLICT (client, ticket, seq) DO NOTHING";
const PUT_WORDS: &str = "INSERT INTO searchable (client, ticket, fact, internal, words)
    VALUES ($1, $2, $3, $4, $5)";
const ENTRIES: &str = "SELECT e.seq, e.body FROM ticket_entry t
    JOIN entry e ON e.client = t.client AND e.seq = t.seq
    WHERE t.client = $1 AND t.ticket = $2 AND t.seq <= $3 ORDER BY t.seq";
const FIND: &str = "SELECT client, ticket, fact FROM searchable
    WHERE {words_match} $1{words_match_end} ORDER BY {newest_words} LIMIT $2";
const FIND_OF: &str = "SELECT client, ticket, fact FROM searchable
    WHERE {words_match} $1{words_match_end} AND client = $2 AND internal <= $3 ORDER BY {newest_words} LIMIT $4";
const FORGET: &str = "DELETE FROM searchable WHERE client = $1 AND fact = $2";
pub(crate) const STATEMENTS: &[&str] =
    &[MARK, MARK_LOCK, MARK_NEW, MARK_PUT, PUT_ENTRY, PUT_WORDS, ENTRIES, FIND, FIND_OF, FORGET];

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

/// Who searches, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Within {
    /// Everything of every client: for the provider's people.
    All,
    /// Everything of one client: for the provider's people.
    Client(ClientId),
    /// What one client's people may read.
    Public(ClientId),
}

/// A fact that holds every word that was looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Whose.
    pub client: ClientId,
    /// The ticket.
    pub ticket: Slug,
    /// The fact.
    pub fact: FactId,
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
                let mut kept = owners(client, row.internal);
                kept.extend(words);
                let internal = i64::from(row.internal);
                self.run(PUT_WORDS, args![client, row.ticket.as_str(), row.fact, internal, kept.join(" ")])?;
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

    /// Where all the words of a search stand, the newest first, up to [`FOUND_MAX`]. Where whole words find fewer, the last one may
    /// be the beginning of a word, from [`BEGINNING_CHARS_MIN`] letters on. Nothing for a search without a word.
    ///
    /// # Errors
    /// The journal's.
    pub fn find_words(&mut self, within: &Within, search: &str) -> Result<Vec<Finding>> {
        let words = words(search);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let words = &words[..words.len().min(SEARCH_WORDS_MAX)];
        let found = self.find_as(within, words, Last::Whole)?;
        let is_beginning = words.last().is_some_and(|last| BEGINNING_CHARS_MIN <= last.chars().count());
        if found.len() == FOUND_MAX || !is_beginning {
            return Ok(found);
        }
        self.find_as(within, words, Last::Begins)
    }

    fn find_as(&mut self, within: &Within, words: &[String], last: Last) -> Result<Vec<Finding>> {
        let (client, internal) = match within {
            Within::All => {
                let rows = self.rows(FIND, args![self.query(None, words, last), FOUND_MAX as u64])?;
                return rows.into_iter().map(Finding::read).collect();
            }
            Within::Client(client) => (client, true),
            Within::Public(client) => (client, false),
        };
        let owner = if internal { all_of(client) } else { public_of(client) };
        let query = self.query(Some(owner), words, last);
        let rows = self.rows(FIND_OF, args![query, client, i64::from(internal), FOUND_MAX as u64])?;
        rows.into_iter().map(Finding::read).collect()
    }

    /// Removes the words of a fact from the search: its text was erased.
    ///
    /// # Errors
    /// The journal's.
    pub fn forget_words(&mut self, client: &ClientId, fact: FactId) -> Result<()> {
        self.run(FORGET, args![client, fact]).map(drop)
    }

    /// Every word as the engine's own language writes it.
    fn query(&self, owner: Option<String>, words: &[String], whole: Last) -> String {
        let last = words.len() - 1;
        let (and, begins) = match self.dialect() {
            Dialect::Sqlite => (" AND ", "*"),
            Dialect::Postgres => (" & ", ":*"),
        };
        let quote = if self.dialect() == Dialect::Sqlite { "\"" } else { "" };
        let said = words.iter().enumerate().map(|(index, word)| {
            let begins = if index == last && whole == Last::Begins { begins } else { "" };
            format!("{quote}{word}{quote}{begins}")
        });
        owner
            .map(|owner| format!("{quote}{owner}{quote}"))
            .into_iter()
            .chain(said)
            .collect::<Vec<_>>()
            .join(and)
    }
}

/// How the last word of a search is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Last {
    Whole,
    Begins,
}

impl Finding {
    fn read(mut row: Row) -> Result<Finding> {
        let shape = |column, expected| crate::Error::Shape { column, expected };
        Ok(Finding {
            client: row.text(0)?.parse().map_err(|_| shape(0, "a client id"))?,
            ticket: row.text(1)?.parse().map_err(|_| shape(1, "a ticket's id"))?,
            fact: row.text(2)?.parse().map_err(|_| shape(2, "a fact's id"))?,
        })
    }
}

/// The words that say whose a text is: its client's people look for the first, the provider's for the second.
fn owners(client: &ClientId, internal: bool) -> Vec<String> {
    let public = (!internal).then(|| public_of(client));
    public.into_iter().chain([all_of(client)]).collect()
}

fn public_of(client: &ClientId) -> String {
    format!("public{}", hex(client))
}

fn all_of(client: &ClientId) -> String {
    format!("client{}", hex(client))
}

fn hex(client: &ClientId) -> String {
    client.as_str().bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// A text as the words it is found by: letters and digits, in lower case, without accents.
pub fn words(text: &str) -> Vec<String> {
    let plain: String = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    let words = plain.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| word.chars().take(WORD_CHARS_MAX).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn words_are_letters_and_digits_without_accents() {
        assert_eq!(words("Café: T-12 ist WEG! Привет"), ["cafe", "t", "12", "ist", "weg", "привет"]);
        assert!(words("  — ").is_empty());
    }
}
