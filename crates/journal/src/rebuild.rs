//! Rebuild: throw the projections away and read them off the entries again.

use std::fmt;

use crate::{
    Error, Result, Tx,
    projection::Projections,
    verify::{self, differences, entries_of},
};

const FREEZE: &str = "{freeze}";
const CLEAR_HEAD: &str = "DELETE FROM head";
const CLEAR_RECEIPT: &str = "DELETE FROM receipt";
const CLEAR_INSTANCE: &str = "DELETE FROM instance";
pub(crate) const STATEMENTS: &[&str] = &[FREEZE, CLEAR_HEAD, CLEAR_RECEIPT, CLEAR_INSTANCE];

/// What a rebuild did.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[must_use = "a rebuild that changed something means that something was wrong"]
pub struct Rebuilt {
    /// Where the journal is.
    pub at: String,
    /// Entries replayed.
    pub entries: u64,
    /// Clients replayed.
    pub clients: usize,
    /// Rows that were not as the entries have them. None, unless somebody altered the tables.
    pub repaired: Vec<String>,
}

impl fmt::Display for Rebuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rebuilt { at, entries, clients, repaired } = self;
        writeln!(f, "{at}: projections replayed from {}", entries_of(*entries, *clients))?;
        if repaired.is_empty() {
            return writeln!(f, "  every row is as it was");
        }
        repaired.iter().try_for_each(|row| writeln!(f, "  ! {row}"))
    }
}

/// Replays all clients in the transaction of `tx`.
///
/// # Errors
/// [`Error::Broken`] when a chain does not hold: what it says may not be what was written, and a rebuild would hide
/// that.
pub(crate) fn rebuild(tx: &mut Tx<'_>, at: &str) -> Result<Rebuilt> {
    tx.rows(FREEZE, &[])?;
    let before = dump_if_readable(tx)?;
    [CLEAR_HEAD, CLEAR_RECEIPT, CLEAR_INSTANCE].into_iter().try_for_each(|sql| tx.run(sql, &[]).map(drop))?;
    let mut rebuilt = Rebuilt { at: at.to_owned(), entries: 0, clients: 0, repaired: Vec::new() };
    for client in verify::client_ids(tx)? {
        let replayed = verify::replay(tx, &client, |finding| Err(Error::Broken(finding)))?;
        replayed.projections.store(tx)?;
        rebuilt.entries += replayed.entries;
        rebuilt.clients += usize::from(replayed.entries > 0);
    }
    rebuilt.repaired = differences(&before, &dump(tx)?);
    Ok(rebuilt)
}

/// Rows that only somebody past the journal can have written are to be replaced, not to be in the way.
fn dump_if_readable(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    match dump(tx) {
        Err(Error::Shape { .. }) => Ok(Vec::new()),
        dumped => dumped,
    }
}

/// Every row of every projection, one JSON line each, sorted: equal texts are equal tables.
pub(crate) fn dump(tx: &mut Tx<'_>) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for client in verify::clients(tx)?.iter().filter_map(|client| client.parse().ok()) {
        lines.extend(Projections::stored(tx, &client)?.lines());
    }
    Ok(lines)
}
