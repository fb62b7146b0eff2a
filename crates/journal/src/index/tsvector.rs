//! The words as PostgreSQL keeps them: a `tsvector` for each text under a GIN index.
//!
//! A GIN index knows no order: it gathers every text that matches before the newest is known, and the beginning of a word all texts
//! with any word that begins so. Two things keep a search short. Each word is kept with its client's tag before it, so that what other
//! clients wrote is not gathered. And common words are found among the newest texts, without the index; only what is rare there is
//! asked of it.

use facts::ClientId;
use sha2::{Digest, Sha256};

use super::{
    Indexed,
    search::{FOUND_MAX, Last, Within},
};
use crate::{
    Result, Tx,
    value::{Row, args},
};

/// The texts in [`NEWEST_OF`] and [`NEWEST`].
const SAMPLE: u64 = 400;
/// How far [`FAR_OF`] and [`FAR`] go.
const FAR_TEXTS: u64 = 20_000;

const PUT: &str = "INSERT INTO searchable (client, ticket, fact, internal, tag, words)
    VALUES ($1, $2, $3, $4, $5, array_to_tsvector(string_to_array($6, ' ')))";
const NEWEST_OF: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable WHERE client = $2 ORDER BY number DESC LIMIT 400) newest
    WHERE words @@ replace($1, '#', tag)::tsquery AND internal <= $3 ORDER BY number DESC LIMIT 200";
const FAR_OF: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable WHERE client = $2 ORDER BY number DESC LIMIT 20000) newest
    WHERE words @@ replace($1, '#', tag)::tsquery AND internal <= $3 ORDER BY number DESC LIMIT 200";
const NEWEST: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable ORDER BY number DESC LIMIT 400) newest
    WHERE words @@ replace($1, '#', tag)::tsquery ORDER BY number DESC LIMIT 200";
const FAR: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable ORDER BY number DESC LIMIT 20000) newest
    WHERE words @@ replace($1, '#', tag)::tsquery ORDER BY number DESC LIMIT 200";
/// Nothing but the words is a way in: the planner, which does not know how rare they are, would take the client's texts or the newest.
const RARE_OF: &str = "SELECT client, ticket, fact FROM searchable
    WHERE words @@ $1::text::tsquery AND client || '' = $2 AND internal <= $3 ORDER BY number + 0 DESC LIMIT 200";
const RARE: &str = "SELECT client, ticket, fact FROM searchable
    WHERE words @@ $1::text::tsquery ORDER BY number + 0 DESC LIMIT 200";
/// The last entry's number stands for how many texts a client has: there are no more of them than that.
const MARKS: &str = "SELECT client, seq FROM index_mark";
pub(super) const STATEMENTS: &[&str] = &[PUT, NEWEST_OF, FAR_OF, NEWEST, FAR, RARE_OF, RARE, MARKS];

/// Keeps a text's words, each with the client's tag before it.
pub(super) fn put(tx: &mut Tx<'_>, client: &ClientId, row: &Indexed, words: &[String]) -> Result<()> {
    let tag = tag(client);
    let kept: Vec<String> = words.iter().map(|word| format!("{tag}{word}")).collect();
    let internal = i64::from(row.internal);
    tx.run(PUT, args![client, row.ticket.as_str(), row.fact, internal, tag, kept.join(" ")]).map(drop)
}

/// The newest texts that hold every word.
pub(super) fn find(tx: &mut Tx<'_>, within: &Within, words: &[String], last: Last) -> Result<Vec<Row>> {
    let query = query(words, last);
    let (client, internal) = match within {
        Within::All => return find_everywhere(tx, &query),
        Within::Client(client) => (client, 1_i64),
        Within::Public(client) => (client, 0),
    };
    let sample = tx.rows(NEWEST_OF, args![query.as_str(), client, internal])?;
    if is_enough(&sample) {
        return Ok(sample);
    }
    if is_common(&sample, tx.indexed(client)?) {
        let far = tx.rows(FAR_OF, args![query.as_str(), client, internal])?;
        if is_enough(&far) {
            return Ok(far);
        }
    }
    tx.rows(RARE_OF, args![of(client, &query), client, internal])
}

fn find_everywhere(tx: &mut Tx<'_>, query: &str) -> Result<Vec<Row>> {
    let sample = tx.rows(NEWEST, args![query])?;
    if is_enough(&sample) {
        return Ok(sample);
    }
    let marks = tx.rows(MARKS, args![])?;
    let marks = marks.into_iter().map(|mut row| Ok((row.text(0)?, row.count(1)?)));
    let marks = marks.collect::<Result<Vec<_>>>()?;
    if is_common(&sample, marks.iter().map(|(_, texts)| texts).sum()) {
        let far = tx.rows(FAR, args![query])?;
        if is_enough(&far) {
            return Ok(far);
        }
    }
    let clients = marks.iter().filter_map(|(client, _)| client.parse().ok());
    let any: Vec<String> = clients.map(|client| format!("({})", of(&client, query))).collect();
    if any.is_empty() { Ok(Vec::new()) } else { tx.rows(RARE, args![any.join(" | ")]) }
}

fn is_enough(found: &[Row]) -> bool {
    FOUND_MAX <= found.len()
}

/// Whether walking on through the newest of so many texts ends before the index has gathered all that match. Where the sample holds
/// `c` findings, the walk is 200 findings long, `200 * SAMPLE / c` texts; the index gathers `texts * c / SAMPLE` of them. At worst, where
/// both are equal, √(200 · texts) are read: 3,200 of 50,000, 14,000 of a million.
fn is_common(sample: &[Row], texts: u64) -> bool {
    let found = sample.len() as u64;
    let walked = (FOUND_MAX as u64 * SAMPLE).checked_div(found).unwrap_or(u64::MAX);
    walked <= FAR_TEXTS.min(found.saturating_mul(texts) / SAMPLE)
}

/// `'#one' & '#tw':*`, where `#` stands for a client's tag. Words are letters and digits: there is nothing to escape.
fn query(words: &[String], last: Last) -> String {
    let all: Vec<String> = words.iter().map(|word| format!("'#{word}'")).collect();
    let begins = if last == Last::Begins { ":*" } else { "" };
    all.join(" & ") + begins
}

fn of(client: &ClientId, query: &str) -> String {
    query.replace('#', &tag(client))
}

/// Six hexadecimal digits. Two clients that share them only gather more: whose a text is says its column.
fn tag(client: &ClientId) -> String {
    Sha256::digest(client.as_str()).iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}
