//! What people wrote, kept beside the facts that hold its digest, so that words can be erased and the chain still holds.

use std::collections::BTreeMap;

use facts::{ClientId, FactId};

use crate::{Error, Result, Tx, value::args};

/// Texts that are asked for at once.
const AT_ONCE: usize = 512;

const PUT: &str = "INSERT INTO written (client, fact, salt, body) VALUES ($1, $2, $3, $4)
    ON CONFLICT (client, fact) DO NOTHING";
const GET: &str = "SELECT fact, body FROM written WHERE client = $1 AND fact {among_2}";
const ERASE: &str = "DELETE FROM written WHERE client = $1 AND fact = $2";
pub(crate) const STATEMENTS: &[&str] = &[PUT, GET, ERASE];

impl Tx<'_> {
    /// Keeps the text of a fact. Of two for one fact the first stays.
    pub fn put_text(&mut self, client: &ClientId, fact: FactId, salt: &str, text: &str) -> Result<()> {
        self.run(PUT, args![client, fact, salt, text]).map(drop)
    }

    /// Erases the text of a fact, and the words that it is found by. The fact stays with its digest, and the chain holds.
    pub fn erase_text(&mut self, client: &ClientId, fact: FactId) -> Result<bool> {
        self.forget_words(client, fact)?;
        Ok(self.run(ERASE, args![client, fact])? == 1)
    }

    /// The texts of these facts; those that have none, or whose text was erased, are not in the answer.
    pub fn texts(
        &mut self,
        client: &ClientId,
        facts: impl IntoIterator<Item = FactId>,
    ) -> Result<BTreeMap<FactId, String>> {
        let facts: Vec<String> = facts.into_iter().map(|fact| fact.to_string()).collect();
        let mut texts = BTreeMap::new();
        for facts in facts.chunks(AT_ONCE) {
            for mut row in self.rows(GET, args![client, facts.join(" ")])? {
                let fact =
                    row.text(0)?.parse().map_err(|_| Error::Shape { column: 0, expected: "a fact's id" })?;
                texts.insert(fact, row.text(1)?);
            }
        }
        Ok(texts)
    }
}
