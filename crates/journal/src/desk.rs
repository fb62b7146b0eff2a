//! What the desk keeps beside the facts: files, drafts, canned answers, kept views. None of it is truth; all of it can be erased.

use facts::{ClientId, Slug};
use spans::Instant;

use crate::{
    Error, Result, Tx,
    entry::limit,
    value::{Row, args},
};

/// Bytes of one file.
pub const FILE_BYTES_MAX: usize = 25 << 20;
/// Bytes of all files of one client.
pub const FILES_BYTES_MAX: u64 = 5 << 30;
/// Letters of a file's name, in bytes.
pub const FILE_NAME_BYTES_MAX: usize = 200;
/// Files of one ticket.
pub const FILES_OF_TICKET_MAX: u64 = 200;
/// Bytes of a draft or a canned answer.
pub const DRAFT_BYTES_MAX: usize = 64 << 10;
/// Canned answers in all.
pub const CANNED_MAX: u64 = 500;
/// Views one person keeps.
pub const VIEWS_MAX: u64 = 50;
/// Bytes of a view's name or of what it asks.
pub const VIEW_BYTES_MAX: usize = 2_000;

const PUT_FILE: &str = "INSERT INTO file (client, file, ticket, name, media, internal, size, bytes, added_us)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const USED: &str =
    "SELECT COALESCE(CAST(SUM(size) AS {int}), 0) FROM file WHERE client = $1 AND bytes IS NOT NULL";
const COUNT_FILES: &str = "SELECT COUNT(*) FROM file WHERE client = $1 AND ticket = $2";
const FILES: &str =
    "SELECT file, ticket, name, media, internal, size, CASE WHEN bytes IS NULL THEN 1 ELSE 0 END, added_us
    FROM file WHERE client = $1 AND ticket = $2 ORDER BY added_us, file";
const FILE: &str =
    "SELECT file, ticket, name, media, internal, size, CASE WHEN bytes IS NULL THEN 1 ELSE 0 END, added_us
    FROM file WHERE client = $1 AND file = $2";
const BYTES: &str = "SELECT bytes FROM file WHERE client = $1 AND file = $2 AND bytes IS NOT NULL";
const EMPTY_FILE: &str = "UPDATE file SET bytes = NULL, name = '' WHERE client = $1 AND file = $2";
const PUT_DRAFT: &str =
    "INSERT INTO draft (client, person, ticket, body, saved_us) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (client, person, ticket) DO UPDATE SET body = excluded.body, saved_us = excluded.saved_us";
const DRAFT: &str = "SELECT body, saved_us FROM draft WHERE client = $1 AND person = $2 AND ticket = $3";
const DRAFTERS: &str =
    "SELECT person, saved_us FROM draft WHERE client = $1 AND ticket = $2 AND saved_us >= $3
    ORDER BY saved_us DESC LIMIT 10";
const DROP_DRAFT: &str = "DELETE FROM draft WHERE client = $1 AND person = $2 AND ticket = $3";
const PUT_CANNED: &str =
    "INSERT INTO canned (name, client, body, changed_us, changed_by) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO UPDATE SET client = excluded.client, body = excluded.body,
    changed_us = excluded.changed_us, changed_by = excluded.changed_by";
const CANNED: &str = "SELECT name, client, body FROM canned ORDER BY name LIMIT $1";
const DROP_CANNED: &str = "DELETE FROM canned WHERE name = $1";
const PUT_VIEW: &str = "INSERT INTO kept_view (person, name, query, shared) VALUES ($1, $2, $3, $4)
    ON CONFLICT (person, name) DO UPDATE SET query = excluded.query, shared = excluded.shared";
const VIEWS: &str = "SELECT person, name, query, shared FROM kept_view WHERE person = $1 OR shared = 1
    ORDER BY name, person LIMIT $2";
const COUNT_VIEWS: &str = "SELECT COUNT(*) FROM kept_view WHERE person = $1";
const DROP_VIEW: &str = "DELETE FROM kept_view WHERE person = $1 AND name = $2";
pub(crate) const STATEMENTS: &[&str] = &[
    PUT_FILE,
    USED,
    COUNT_FILES,
    FILES,
    FILE,
    BYTES,
    EMPTY_FILE,
    PUT_DRAFT,
    DRAFT,
    DRAFTERS,
    DROP_DRAFT,
    PUT_CANNED,
    CANNED,
    DROP_CANNED,
    PUT_VIEW,
    VIEWS,
    COUNT_VIEWS,
    DROP_VIEW,
];

/// A file of a ticket, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptFile {
    /// Which.
    pub file: Slug,
    /// The ticket it is attached to.
    pub ticket: Slug,
    /// What its sender called it; empty when it was taken away.
    pub name: String,
    /// What it is, as a media type (RFC 6838).
    pub media: String,
    /// Whether only the provider's people see it.
    pub internal: bool,
    /// How many bytes it has, or had.
    pub size: u64,
    /// Whether its bytes are gone.
    pub gone: bool,
    /// When it came.
    pub added: Instant,
}

/// An answer that is written often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canned {
    /// What the provider's people call it.
    pub name: String,
    /// The only client it is for; none for all.
    pub client: Option<ClientId>,
    /// The words, with variables in braces.
    pub body: String,
}

/// A way of looking at the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptView {
    /// Whose: a person's id.
    pub person: String,
    /// What it is called.
    pub name: String,
    /// What stands after the question mark.
    pub query: String,
    /// Whether all of the provider's people have it.
    pub shared: bool,
}

/// Files, drafts, canned answers and views.
impl Tx<'_> {
    /// Keeps a file.
    ///
    /// # Errors
    /// [`Error::TooMuch`] for a file over its limits or a client over its quota, and the journal's.
    pub fn put_file(&mut self, client: &ClientId, file: &KeptFile, bytes: &[u8]) -> Result<()> {
        limit("bytes of a file", bytes.len(), FILE_BYTES_MAX)?;
        limit("bytes of a file's name", file.name.len(), FILE_NAME_BYTES_MAX)?;
        let used = self.row(USED, args![client])?.map_or(Ok(0), |row| row.count(0))? + bytes.len() as u64;
        limit_of("bytes of all files of a client", used, FILES_BYTES_MAX)?;
        let ticket = file.ticket.as_str();
        let there = self.row(COUNT_FILES, args![client, ticket])?.map_or(Ok(0), |row| row.count(0))?;
        limit_of("files of one ticket", there + 1, FILES_OF_TICKET_MAX)?;
        let KeptFile { file, name, media, internal, size, added, .. } = file;
        let row = args![
            client,
            file.as_str(),
            ticket,
            name,
            media,
            i64::from(*internal),
            *size,
            bytes.to_vec(),
            *added
        ];
        self.run(PUT_FILE, row).map(drop)
    }

    /// The files of a ticket, the oldest first.
    ///
    /// # Errors
    /// The journal's.
    pub fn files(&mut self, client: &ClientId, ticket: &Slug) -> Result<Vec<KeptFile>> {
        self.rows(FILES, args![client, ticket.as_str()])?.into_iter().map(KeptFile::read).collect()
    }

    /// One file without its bytes.
    ///
    /// # Errors
    /// The journal's.
    pub fn file(&mut self, client: &ClientId, file: &Slug) -> Result<Option<KeptFile>> {
        self.row(FILE, args![client, file.as_str()])?.map(KeptFile::read).transpose()
    }

    /// Its bytes; none where there is no such file, or they are gone.
    ///
    /// # Errors
    /// The journal's.
    pub fn file_bytes(&mut self, client: &ClientId, file: &Slug) -> Result<Option<Vec<u8>>> {
        self.row(BYTES, args![client, file.as_str()])?.map(|mut row| row.bytes(0)).transpose()
    }

    /// Erases a file's bytes and its name.
    ///
    /// # Errors
    /// The journal's.
    pub fn empty_file(&mut self, client: &ClientId, file: &Slug) -> Result<bool> {
        Ok(self.run(EMPTY_FILE, args![client, file.as_str()])? == 1)
    }

    /// Keeps what a person has begun to write; an empty text is none.
    ///
    /// # Errors
    /// [`Error::TooMuch`], and the journal's.
    pub fn put_draft(
        &mut self,
        client: &ClientId,
        person: &str,
        ticket: &Slug,
        text: &str,
        now: Instant,
    ) -> Result<()> {
        limit("bytes of a draft", text.len(), DRAFT_BYTES_MAX)?;
        if text.trim().is_empty() {
            return self.run(DROP_DRAFT, args![client, person, ticket.as_str()]).map(drop);
        }
        self.run(PUT_DRAFT, args![client, person, ticket.as_str(), text, now]).map(drop)
    }

    /// What a person has begun to write.
    ///
    /// # Errors
    /// The journal's.
    pub fn draft(
        &mut self,
        client: &ClientId,
        person: &str,
        ticket: &Slug,
    ) -> Result<Option<(String, Instant)>> {
        let row = self.row(DRAFT, args![client, person, ticket.as_str()])?;
        row.map(|mut row| Ok((row.text(0)?, row.instant(1)?))).transpose()
    }

    /// Who has written something about a ticket since then that they have not sent, the last one first.
    ///
    /// # Errors
    /// The journal's.
    pub fn drafters(
        &mut self,
        client: &ClientId,
        ticket: &Slug,
        since: Instant,
    ) -> Result<Vec<(String, Instant)>> {
        let rows = self.rows(DRAFTERS, args![client, ticket.as_str(), since])?.into_iter();
        rows.map(|mut row| Ok((row.text(0)?, row.instant(1)?))).collect()
    }

    /// Keeps an answer under its name, in the place of one of that name.
    ///
    /// # Errors
    /// [`Error::TooMuch`], and the journal's.
    pub fn put_canned(&mut self, canned: &Canned, by: &str, now: Instant) -> Result<()> {
        limit("bytes of a name", canned.name.len(), VIEW_BYTES_MAX)?;
        limit("bytes of an answer", canned.body.len(), DRAFT_BYTES_MAX)?;
        let kept = self.canned()?.iter().filter(|kept| kept.name != canned.name).count() as u64;
        limit_of("answers", kept + 1, CANNED_MAX)?;
        self.run(PUT_CANNED, args![&canned.name, canned.client.as_ref(), &canned.body, now, by]).map(drop)
    }

    /// All answers, by name.
    ///
    /// # Errors
    /// The journal's.
    pub fn canned(&mut self) -> Result<Vec<Canned>> {
        let rows = self.rows(CANNED, args![CANNED_MAX])?.into_iter();
        rows.map(|mut row| {
            let client = row.text_or_null(1)?.map(|client| client.parse()).transpose();
            let client = client.map_err(|_| Error::Shape { column: 1, expected: "a client id" })?;
            Ok(Canned { name: row.text(0)?, client, body: row.text(2)? })
        })
        .collect()
    }

    /// Takes an answer away.
    ///
    /// # Errors
    /// The journal's.
    pub fn drop_canned(&mut self, name: &str) -> Result<bool> {
        Ok(self.run(DROP_CANNED, args![name])? == 1)
    }

    /// Keeps a view under its name, in the place of one of that name.
    ///
    /// # Errors
    /// [`Error::TooMuch`], and the journal's.
    pub fn put_view(&mut self, view: &KeptView) -> Result<()> {
        limit("bytes of a view", view.name.len().max(view.query.len()), VIEW_BYTES_MAX)?;
        let there = self.row(COUNT_VIEWS, args![&view.person])?.map_or(Ok(0), |row| row.count(0))?;
        limit_of("views of one person", there + 1, VIEWS_MAX + 1)?;
        self.run(PUT_VIEW, args![&view.person, &view.name, &view.query, i64::from(view.shared)]).map(drop)
    }

    /// The views of a person, and those that are for all.
    ///
    /// # Errors
    /// The journal's.
    pub fn views(&mut self, person: &str) -> Result<Vec<KeptView>> {
        let rows = self.rows(VIEWS, args![person, VIEWS_MAX * 4])?.into_iter();
        rows.map(|mut row| {
            let shared = row.int(3)? != 0;
            Ok(KeptView { person: row.text(0)?, name: row.text(1)?, query: row.text(2)?, shared })
        })
        .collect()
    }

    /// Takes a view of one's own away.
    ///
    /// # Errors
    /// The journal's.
    pub fn drop_view(&mut self, person: &str, name: &str) -> Result<bool> {
        Ok(self.run(DROP_VIEW, args![person, name])? == 1)
    }
}

impl KeptFile {
    fn read(mut row: Row) -> Result<KeptFile> {
        let shape = |column| Error::Shape { column, expected: "an id" };
        Ok(KeptFile {
            file: row.text(0)?.parse().map_err(|_| shape(0))?,
            ticket: row.text(1)?.parse().map_err(|_| shape(1))?,
            name: row.text(2)?,
            media: row.text(3)?,
            internal: row.int(4)? != 0,
            size: row.count(5)?,
            gone: row.int(6)? != 0,
            added: row.instant(7)?,
        })
    }
}

fn limit_of(what: &'static str, found: u64, max: u64) -> Result<()> {
    let usize_of = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
    limit(what, usize_of(found), usize_of(max))
}
