//! The words as PostgreSQL keeps them: a `tsvector` for each text under a GIN index.
//!
//! A GIN index knows no order: it gathers every text that matches before the newest is known, and the beginning of a word all texts
//! with any word that begins so. So each word is kept with its place before it, the client's tag and a window of [`WINDOW`] entries:
//! a client's texts are asked for window by window, the newest first, and no more is gathered than a few windows hold.
//!
//! Where all clients are searched, common words are found among the newest texts without the index, and only what is rare there is
//! asked of it, in every place at once.

use std::cmp::Reverse;

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

/// Entries of a client whose words share a place. A common word is found within one of them; every further one costs a search two
/// lookups a word.
const WINDOW: u64 = 4_096;
/// Each step into the past is so many times as long as the one before: a word that nobody wrote is asked for five times in a million
/// entries.
const STEP: u64 = 4;
/// Texts that are put at once.
const AT_ONCE: usize = 256;
/// Places of one question: a `tsquery` has an end.
const PLACES_MAX: usize = 1_024;
/// The texts in [`NEWEST`].
const SAMPLE: u64 = 400;
/// How far [`FAR`] goes.
const FAR_TEXTS: u64 = 20_000;

const PUT_ENTRIES: &str = "INSERT INTO ticket_entry (client, ticket, seq)
    SELECT $1, ticket, seq::bigint FROM unnest(string_to_array($2, ' '), string_to_array($3, ' ')) put (ticket, seq)
    ON CONFLICT (client, ticket, seq) DO NOTHING";
/// Fields by blanks and texts by lines: none of them holds either.
const PUT: &str = "INSERT INTO searchable (client, ticket, fact, internal, place, words)
    SELECT $1, ticket, fact, internal::bigint, place, words
    FROM unnest(string_to_array($2, ' '), string_to_array($3, ' '), string_to_array($4, ' '), string_to_array($5, ' '),
        string_to_array($6, chr(10))) WITH ORDINALITY put (ticket, fact, internal, place, words, nth) ORDER BY nth";
/// What was put waits beside the index in no order, and every search would look through it.
const SORT_IN: &str = "SELECT gin_clean_pending_list('searchable_words')";
/// Nothing but the words is a way in: the planner, which does not know how rare they are, would take the client's texts or the newest.
const FIND_OF: &str = "SELECT client, ticket, fact FROM searchable
    WHERE array_to_tsvector(string_to_array(place || replace(words, ' ', ' ' || place), ' ')) @@ $1::text::tsquery
    AND client || '' = $2 AND internal <= $3 ORDER BY number + 0 DESC LIMIT 200";
const FIND: &str = "SELECT client, ticket, fact, number FROM searchable
    WHERE array_to_tsvector(string_to_array(place || replace(words, ' ', ' ' || place), ' ')) @@ $1::text::tsquery
    ORDER BY number + 0 DESC LIMIT 200";
const NEWEST: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable ORDER BY number DESC LIMIT 400) newest
    WHERE ' ' || words || ' ' LIKE ALL (string_to_array($1, ',')) ORDER BY number DESC LIMIT 200";
const FAR: &str = "SELECT client, ticket, fact FROM
    (SELECT * FROM searchable ORDER BY number DESC LIMIT 20000) newest
    WHERE ' ' || words || ' ' LIKE ALL (string_to_array($1, ',')) ORDER BY number DESC LIMIT 200";
/// The last entry's number stands for how many texts a client has: there are no more of them than that.
const MARKS: &str = "SELECT client, seq FROM index_mark";
pub(super) const STATEMENTS: &[&str] = &[PUT_ENTRIES, PUT, SORT_IN, FIND_OF, FIND, NEWEST, FAR, MARKS];

/// Says which entries are about which ticket.
pub(super) fn put_entries(tx: &mut Tx<'_>, client: &ClientId, rows: &[&Indexed]) -> Result<()> {
    for rows in rows.chunks(AT_ONCE) {
        let tickets = listed(rows, |row| row.ticket.to_string());
        tx.run(PUT_ENTRIES, args![client, tickets, listed(rows, |row| row.seq.to_string())])?;
    }
    Ok(())
}

/// Keeps the words of texts, none of them without a word, each word with its place.
pub(super) fn put(tx: &mut Tx<'_>, client: &ClientId, texts: &[(&Indexed, Vec<String>)]) -> Result<()> {
    let tag = tag(client);
    for texts in texts.chunks(AT_ONCE) {
        let ticket = listed(texts, |(row, _)| row.ticket.to_string());
        let fact = listed(texts, |(row, _)| row.fact.to_string());
        let internal = listed(texts, |(row, _)| u8::from(row.internal).to_string());
        let places = listed(texts, |(row, _)| place(&tag, row.seq / WINDOW));
        let words: Vec<String> = texts.iter().map(|(_, words)| words.join(" ")).collect();
        tx.run(PUT, args![client, ticket, fact, internal, places, words.join("\n")])?;
    }
    if texts.is_empty() { Ok(()) } else { tx.rows(SORT_IN, args![]).map(drop) }
}

fn listed<T>(of: &[T], field: impl Fn(&T) -> String) -> String {
    of.iter().map(field).collect::<Vec<_>>().join(" ")
}

/// The newest texts that hold every word.
pub(super) fn find(tx: &mut Tx<'_>, within: &Within, words: &[String], last: Last) -> Result<Vec<Row>> {
    let (client, internal) = match within {
        Within::All => return find_everywhere(tx, words, last),
        Within::Client(client) => (client, 1_i64),
        Within::Public(client) => (client, 0),
    };
    let (tag, mut found) = (tag(client), Vec::new());
    let (mut end, mut step) = (windows(tx.indexed(client)?), 1);
    while 0 < end && found.len() < FOUND_MAX {
        let start = end.saturating_sub(step);
        let query = anywhere((start..end).map(|window| place(&tag, window)), words, last);
        found.append(&mut tx.rows(FIND_OF, args![query, client, internal])?);
        (end, step) = (start, step * STEP);
    }
    found.truncate(FOUND_MAX);
    Ok(found)
}

fn find_everywhere(tx: &mut Tx<'_>, words: &[String], last: Last) -> Result<Vec<Row>> {
    let parts = parts(words, last);
    let sample = tx.rows(NEWEST, args![parts.as_str()])?;
    if is_enough(&sample) {
        return Ok(sample);
    }
    let marks = tx.rows(MARKS, args![])?;
    let marks = marks.into_iter().map(|mut row| Ok((row.text(0)?, row.count(1)?)));
    let marks = marks.collect::<Result<Vec<_>>>()?;
    if is_common(&sample, marks.iter().map(|(_, texts)| texts).sum()) {
        let far = tx.rows(FAR, args![parts])?;
        if is_enough(&far) {
            return Ok(far);
        }
    }
    let clients = marks.iter().filter_map(|(client, mark)| Some((tag(&client.parse().ok()?), *mark)));
    let places = clients.flat_map(|(tag, mark)| (0..windows(mark)).map(move |window| place(&tag, window)));
    find_in(tx, &places.collect::<Vec<_>>(), words, last)
}

fn find_in(tx: &mut Tx<'_>, places: &[String], words: &[String], last: Last) -> Result<Vec<Row>> {
    let mut found = Vec::new();
    for places in places.chunks(PLACES_MAX) {
        found.append(&mut tx.rows(FIND, args![anywhere(places.iter().cloned(), words, last)])?);
    }
    found.sort_by_key(|row| Reverse(row.int(3).unwrap_or_default()));
    found.truncate(FOUND_MAX);
    Ok(found)
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

/// How many windows have begun when the last entry is `mark`.
fn windows(mark: u64) -> u64 {
    if mark == 0 { 0 } else { mark / WINDOW + 1 }
}

/// `('5a0c1d3.one' & '5a0c1d3.tw':*) | …`, in any of these places. Words are letters and digits: there is nothing to escape.
fn anywhere(places: impl Iterator<Item = String>, words: &[String], last: Last) -> String {
    let begins = if last == Last::Begins { ":*" } else { "" };
    let all = |place: String| {
        let all: Vec<String> = words.iter().map(|word| format!("'{place}{word}'")).collect();
        format!("({}{begins})", all.join(" & "))
    };
    places.map(all).collect::<Vec<_>>().join(" | ")
}

/// `% one %,% tw%`: where the words stand in a text, with blanks around each.
fn parts(words: &[String], last: Last) -> String {
    let (most, end) = words.split_at(words.len().saturating_sub(1));
    let whole = most.iter().map(|word| format!("% {word} %"));
    let end = end
        .iter()
        .map(|word| if last == Last::Begins { format!("% {word}%") } else { format!("% {word} %") });
    whole.chain(end).collect::<Vec<_>>().join(",")
}

/// The point parts the window from the word: no word has one.
fn place(tag: &str, window: u64) -> String {
    format!("{tag}{window:x}.")
}

/// Six hexadecimal digits. Two clients that share them only gather more: whose a text is says its column.
fn tag(client: &ClientId) -> String {
    Sha256::digest(client.as_str()).iter().take(3).map(|byte| format!("{byte:02x}")).collect()
}
