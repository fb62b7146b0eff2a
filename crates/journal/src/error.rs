//! What can go wrong, said to whoever runs the command: what, where, and what to do.

use facts::{ClientId, FactId};

use crate::verify::Finding;

/// Why the journal did not do what it was asked. Unless a variant says otherwise, nothing was written.
/// Cloneable, since one failed commit answers many writers.
#[derive(Debug, Clone, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say what the variants and their fields are")]
#[non_exhaustive]
pub enum Error {
    // Where.
    #[error("this is no place for a journal: {why}; write a file's path or postgres://USER@HOST/NAME")]
    NotALocation { why: String },
    #[error("there is no journal at {at}: check the path, or start one with an import")]
    Missing { at: String },
    #[error("{at} is not a journal: {why}; name the journal's own file or database")]
    NotAJournal { at: String, why: String },
    #[error(
        "the journal at {at} was written by a newer uphold (schema {found}, this one knows up to {known}): \
         run that version or a later one"
    )]
    Newer { at: String, found: i64, known: i64 },
    #[error(
        "the schema of the journal at {at} was altered: migration {number} is not the text that uphold \
         ran; restore the journal from a backup or an export"
    )]
    Altered { at: String, number: i64 },
    #[error(
        "the journal at {at} would lose acknowledged facts in a power cut: {setting} is {found}; set it to \
         {needed}"
    )]
    Unsafe { at: String, setting: &'static str, found: String, needed: &'static str },
    #[error("{at} is PostgreSQL {found}, and 15 or newer is needed: upgrade it, or use another server")]
    TooOld { at: String, found: String },
    #[error(
        "{at} asks for TLS or lies on another machine, and this build speaks to PostgreSQL in clear text: \
         use a local socket, 127.0.0.1 or a TLS tunnel, or write sslmode=disable where the network itself \
         is trusted"
    )]
    ClearText { at: String },
    #[error(
        "the journal at {at} would lie on a network file system ({kind}), where SQLite cannot keep its \
         word: use a local disk, or PostgreSQL"
    )]
    NetworkDisk { at: String, kind: String },
    #[error(
        "the journal at {at} would lie in the folder {folder}, which is not there: make it first, with `install -d -m 700 {folder}`"
    )]
    NoFolder { at: String, folder: String },
    // The engine.
    #[error(
        "the journal at {at} is locked by another process: wait for it or end it, then run this again; \
         nothing was written"
    )]
    Locked { at: String },
    #[error("the journal at {at} is served by another process already, {how}")]
    Served { at: String, how: String },
    #[error("no space is left for the journal at {at}: free some, then run this again; nothing was written")]
    Full { at: String },
    #[error(
        "the journal at {at} cannot be written: let this user write the file and its folder; nothing was \
         written"
    )]
    ReadOnly { at: String },
    #[error("the journal at {at} was opened to be read: open it to write; nothing was written")]
    OpenedToRead { at: String },
    #[error(
        "the journal at {at} was not closed by its last writer, and what that one wrote last lies in {log}: run this as a user \
         who may write in its folder, or copy both files to a folder of your own and name the copy"
    )]
    Unclosed { at: String, log: String },
    #[error(
        "somebody began to write to the journal at {at} while it was read, so the answer would be a mixture: run this again"
    )]
    WrittenMeanwhile { at: String },
    #[error(
        "the journal at {at} was written by an older uphold (schema {found}, and reading needs {needed}): bring it forward with a \
         command that writes, such as `journal rebuild`"
    )]
    Older { at: String, found: i64, needed: i64 },
    #[error(
        "the journal at {at} cannot be reached: {why}; check that it is there and that this user may open it"
    )]
    Unreachable { at: String, why: String },
    #[error(
        "the journal at {at} is damaged ({why}): stop using it, keep a copy, and restore it from a backup \
         or an export"
    )]
    Damaged { at: String, why: String },
    #[error("the disk under the journal at {at} failed: {why}; check the disk before you run this again")]
    Disk { at: String, why: String },
    #[error(
        "the journal at {at} stopped after an error ({why}): check the disk, then start this process again"
    )]
    Stopped { at: String, why: String },
    /// Deadlocked with another node more often than it is retried.
    #[error("the journal at {at} was too busy: {why}; run this again, nothing was written")]
    Contended { at: String, why: String },
    /// Neither done nor undone as far as anybody can say now. Never report it as failed.
    #[error(
        "it is unknown whether the journal at {at} kept this: the answer to the commit was lost ({cause}); \
         run the same command again, what is stored is not stored twice"
    )]
    Unknown { at: String, cause: Box<Error> },
    #[error("the journal at {at} failed: {why}; nothing was written")]
    Engine { at: String, why: String },
    // What was asked.
    #[error("fact {id} is of client {found}, and was to be stored for {client}")]
    OtherClient { client: ClientId, id: FactId, found: ClientId },
    #[error("fact {id} of client {client} is already stored at {client} {seq}: nothing was written")]
    Stored { client: ClientId, id: FactId, seq: u64 },
    #[error(
        "fact {id} of client {client} is already stored at {client} {seq} and says something else: a \
         stored fact is corrected by another fact"
    )]
    Differs { client: ClientId, id: FactId, seq: u64 },
    #[error(
        "key `{key}` of client {client} was used before for another request: send a new request under a new key"
    )]
    KeyReused { client: ClientId, key: String },
    #[error("{what}: {found} is over the limit of {max}")]
    TooMuch { what: &'static str, found: usize, max: usize },
    #[error("{what} is no longer yours: its lease ran out and somebody else claimed it")]
    Fenced { what: String },
    // What is stored.
    #[error(
        "entry {client} {seq} cannot be read: {why}; run this with the version that wrote it, or `journal \
         verify`"
    )]
    Unreadable { client: String, seq: i64, why: String },
    #[error("{0}; run `journal verify` for all of it, and restore from a backup or an export")]
    Broken(Finding),
    #[error("column {column} of an answer is not {expected}: the store was altered by hand")]
    Shape { column: usize, expected: &'static str },
    #[error("line {line} of the export: {why}; nothing was imported")]
    Line { line: usize, why: String },
    #[error("the export could not be read or written: {why}; check the place it comes from or goes to")]
    Stream { why: String },
}

/// What the journal gives back.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Worth another try by the journal itself: nothing happened, and waiting may help.
    pub(crate) fn passes(&self) -> bool {
        matches!(self, Error::Contended { .. } | Error::Unreachable { .. })
    }
}

/// What the system says of a file or pipe, without the number that only a programmer looks up.
pub(crate) fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error ").next().unwrap_or(&text).to_lowercase()
}

/// An error and what caused it, outermost first: `postgres` says only "db error" by itself.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_of_causes_reads_as_one_line() {
        let inner: Result<i32, _> = "x".parse::<i32>();
        let outer = std::io::Error::other(inner.unwrap_err());
        assert_eq!(chain(&outer), "invalid digit found in string");
    }
}
