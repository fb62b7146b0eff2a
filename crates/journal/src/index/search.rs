//! What is found by which words, on either engine. Words are cut here and not by the engines, so that both find the same.

use std::{cmp::Reverse, collections::BTreeSet};

use facts::{ClientId, FactId, Slug};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Indexed, Unindexed, fts5, tsvector};
use crate::{Result, Tx, dialect::Dialect, value::Row};

/// Words of one search; further ones are not looked for.
pub const SEARCH_WORDS_MAX: usize = 12;
/// Letters of one word that are kept and looked for.
pub const WORD_CHARS_MAX: usize = 40;
/// Letters from which on a part of a word is looked for as the beginning of one.
pub const BEGINNING_CHARS_MIN: usize = 3;
/// Findings of one search.
pub const FOUND_MAX: usize = 200;

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

/// How the last word of a search is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Last {
    Whole,
    Begins,
}

/// A text that is not indexed yet.
struct Fresh {
    finding: Finding,
    words: Vec<String>,
}

impl Tx<'_> {
    /// Where all the words of a search stand, the newest first, up to [`FOUND_MAX`]. Where whole words find fewer, the last one may
    /// be the beginning of a word, from [`BEGINNING_CHARS_MIN`] letters on. Nothing for a search without a word. `unindexed` are
    /// looked through one by one.
    ///
    /// # Errors
    /// The journal's.
    pub fn find_words(
        &mut self,
        within: &Within,
        search: &str,
        unindexed: &[Unindexed],
    ) -> Result<Vec<Finding>> {
        let words = words(search);
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let words = &words[..words.len().min(SEARCH_WORDS_MAX)];
        let fresh = self.fresh(within, unindexed)?;
        let found = self.find_as(within, words, Last::Whole, &fresh)?;
        let is_beginning = words.last().is_some_and(|last| BEGINNING_CHARS_MIN <= last.chars().count());
        if found.len() == FOUND_MAX || !is_beginning {
            return Ok(found);
        }
        self.find_as(within, words, Last::Begins, &fresh)
    }

    /// What is not indexed yet and may be read, the newest first.
    fn fresh(&mut self, within: &Within, unindexed: &[Unindexed]) -> Result<Vec<Fresh>> {
        let mut fresh = Vec::new();
        for Unindexed { client, rows } in unindexed.iter().filter(|of| within.holds(&of.client)) {
            let rows: Vec<&Indexed> = rows.iter().rev().filter(|row| within.shows(row)).collect();
            let said = self.said(client, &rows)?.into_iter();
            fresh.extend(said.map(|(row, words)| Fresh { finding: Finding::of(client, row), words }));
        }
        if *within == Within::All {
            fresh.sort_by_key(|text| Reverse(text.finding.fact));
        }
        Ok(fresh)
    }

    /// What was indexed while the others were looked through is found twice, and told once.
    fn find_as(
        &mut self,
        within: &Within,
        words: &[String],
        last: Last,
        fresh: &[Fresh],
    ) -> Result<Vec<Finding>> {
        let mut found: Vec<Finding> =
            fresh.iter().filter(|text| text.has(words, last)).map(|text| text.finding.clone()).collect();
        let known: BTreeSet<FactId> = found.iter().map(|finding| finding.fact).collect();
        let rows = match self.dialect() {
            Dialect::Sqlite => fts5::find(self, within, words, last)?,
            Dialect::Postgres => tsvector::find(self, within, words, last)?,
        };
        for row in rows {
            let finding = Finding::read(row)?;
            if !known.contains(&finding.fact) {
                found.push(finding);
            }
        }
        found.truncate(FOUND_MAX);
        Ok(found)
    }
}

impl Within {
    fn holds(&self, client: &ClientId) -> bool {
        match self {
            Within::All => true,
            Within::Client(of) | Within::Public(of) => of == client,
        }
    }

    fn shows(&self, row: &Indexed) -> bool {
        !row.internal || !matches!(self, Within::Public(_))
    }
}

impl Fresh {
    fn has(&self, words: &[String], last: Last) -> bool {
        let Some((end, most)) = words.split_last() else { return true };
        let begins = || self.words.iter().any(|word| word.starts_with(end.as_str()));
        most.iter().all(|word| self.words.contains(word))
            && (self.words.contains(end) || last == Last::Begins && begins())
    }
}

impl Finding {
    fn of(client: &ClientId, row: &Indexed) -> Finding {
        Finding { client: client.clone(), ticket: row.ticket.clone(), fact: row.fact }
    }

    fn read(mut row: Row) -> Result<Finding> {
        let shape = |column, expected| crate::Error::Shape { column, expected };
        Ok(Finding {
            client: row.text(0)?.parse().map_err(|_| shape(0, "a client id"))?,
            ticket: row.text(1)?.parse().map_err(|_| shape(1, "a ticket's id"))?,
            fact: row.text(2)?.parse().map_err(|_| shape(2, "a fact's id"))?,
        })
    }
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
