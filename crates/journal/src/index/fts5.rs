//! The words as SQLite's FTS5 keeps them: a row for each text, found newest first and no further than asked for.

use facts::ClientId;

use super::{
    Indexed,
    search::{FOUND_MAX, Last, Within},
};
use crate::{
    Result, Tx,
    value::{Row, args},
};

const PUT_ENTRY: &str = "INSERT INTO ticket_entry (client, ticket, seq) VALUES ($1, $2, $3)
    ON CONFLICT (client, ticket, seq) DO NOTHING";
const PUT: &str =
    "INSERT INTO searchable (client, ticket, fact, internal, words) VALUES ($1, $2, $3, $4, $5)";
const FIND: &str = "SELECT client, ticket, fact FROM searchable
    WHERE searchable MATCH $1 ORDER BY rowid DESC LIMIT $2";
const FIND_OF: &str = "SELECT client, ticket, fact FROM searchable
    WHERE searchable MATCH $1 AND client = $2 AND internal <= $3 ORDER BY rowid DESC LIMIT $4";
pub(super) const STATEMENTS: &[&str] = &[PUT_ENTRY, PUT, FIND, FIND_OF];

/// Says that an entry is about a ticket.
pub(super) fn put_entry(tx: &mut Tx<'_>, client: &ClientId, row: &Indexed) -> Result<()> {
    tx.run(PUT_ENTRY, args![client, row.ticket.as_str(), row.seq]).map(drop)
}

/// Keeps a text's words, and beside them those that say whose it is.
pub(super) fn put(tx: &mut Tx<'_>, client: &ClientId, row: &Indexed, words: &[String]) -> Result<()> {
    let public = (!row.internal).then(|| public_of(client));
    let kept: Vec<String> = public.into_iter().chain([all_of(client)]).chain(words.iter().cloned()).collect();
    let internal = i64::from(row.internal);
    tx.run(PUT, args![client, row.ticket.as_str(), row.fact, internal, kept.join(" ")]).map(drop)
}

/// The newest texts that hold every word.
pub(super) fn find(tx: &mut Tx<'_>, within: &Within, words: &[String], last: Last) -> Result<Vec<Row>> {
    let (client, internal) = match within {
        Within::All => return tx.rows(FIND, args![query(None, words, last), FOUND_MAX as u64]),
        Within::Client(client) => (client, true),
        Within::Public(client) => (client, false),
    };
    let owner = if internal { all_of(client) } else { public_of(client) };
    let query = query(Some(owner), words, last);
    tx.rows(FIND_OF, args![query, client, i64::from(internal), FOUND_MAX as u64])
}

/// `"clientab" AND "one" AND "tw"*`.
fn query(owner: Option<String>, words: &[String], last: Last) -> String {
    let all: Vec<String> = owner.iter().chain(words).map(|word| format!("\"{word}\"")).collect();
    let begins = if last == Last::Begins { "*" } else { "" };
    all.join(" AND ") + begins
}

/// What its client's people look for; the provider's look for [`all_of`].
fn public_of(client: &ClientId) -> String {
    format!("public{}", hex(client))
}

fn all_of(client: &ClientId) -> String {
    format!("client{}", hex(client))
}

fn hex(client: &ClientId) -> String {
    client.as_str().bytes().map(|byte| format!("{byte:02x}")).collect()
}
