//! Files attached to tickets: taken in by what they are and what they are called, kept beside the journal, given out as downloads.

use std::sync::Arc;

use facts::{Body, ClientId, FileAttached, FileId, FileRemoved, Noun, Side, Slug, TicketId};
use journal::desk::{FILE_BYTES_MAX, FILE_NAME_BYTES_MAX, KeptFile};
use sha2::{Digest, Sha256};
use spans::Instant;

use super::By;
use crate::live::{Act, Control, Done, NotDone};

/// A file as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// What its sender calls it.
    pub name: String,
    /// What is in it.
    pub bytes: Arc<[u8]>,
    /// Whether only the provider's people see it.
    pub internal: bool,
}

/// What we take: the endings of a name, and what stands in such a file. Nothing a browser would run.
const KINDS: &[(&str, &[&str])] = &[
    ("image/png", &["png"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/gif", &["gif"]),
    ("image/webp", &["webp"]),
    ("application/pdf", &["pdf"]),
    ("application/zip", &["zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "har.zip"]),
    ("application/gzip", &["gz", "tgz"]),
    ("application/zstd", &["zst"]),
    ("application/x-xz", &["xz"]),
    ("application/x-bzip2", &["bz2"]),
    ("application/x-7z-compressed", &["7z"]),
    ("video/mp4", &["mp4"]),
    ("video/webm", &["webm"]),
];
/// Endings of plain text.
const TEXTS: &[&str] = &[
    "txt",
    "log",
    "csv",
    "tsv",
    "json",
    "ndjson",
    "xml",
    "yaml",
    "yml",
    "toml",
    "ini",
    "conf",
    "cfg",
    "md",
    "har",
    "eml",
    "sql",
    "patch",
    "diff",
    "pem",
    "crt",
    "properties",
    "out",
    "err",
    "trace",
    "dump",
];

impl Control {
    /// Attaches a file to a ticket.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Wrong`] for a file that is not what its name says or of a kind that is not taken,
    /// [`NotDone::TooMuch`] over a limit.
    pub fn attach(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        new: NewFile,
        by: By,
        now: Instant,
    ) -> Result<(FileId, Done), NotDone> {
        let name = plain_name(&new.name)?;
        let media = media_of(&name, &new.bytes)?;
        let (found, max) = (new.bytes.len(), FILE_BYTES_MAX);
        if max < found {
            return Err(NotDone::TooMuch { what: "bytes of a file", found, max });
        }
        let file: FileId = format!("f-{}", self.id(now)).parse().map_err(|_| NotDone::Changed)?;
        let sha256 = Sha256::digest(&new.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let attached = FileAttached {
            ticket: ticket.clone(),
            file: file.clone(),
            sha256,
            bytes: found as u64,
            media: media.to_owned(),
            internal: new.internal,
        };
        let kept = KeptFile {
            file: file.0.clone(),
            ticket: ticket.0.clone(),
            name,
            media: media.to_owned(),
            internal: new.internal,
            size: found as u64,
            gone: false,
            added: now,
        };
        let read = by.read;
        let act = Act { file: Some((kept, new.bytes)), ..by.act(client, attached, None) };
        let done = self.act_prepared(act, now, |book, _| book.stands(Noun::Ticket, &ticket.0, read))?;
        // Sent again under its key, it is the file of the first time.
        let first = self.journal().tail(client, done.first_seq.saturating_sub(1), 1)?.into_iter().next();
        let file = first.and_then(|entry| match entry.fact.body {
            Body::FileAttached(attached) => Some(attached.file),
            _ => None,
        });
        Ok((file.ok_or(NotDone::Changed)?, done))
    }

    /// Takes a file away: its bytes and its name are erased. A client's people take away what their own side attached.
    ///
    /// # Errors
    /// Why not, as [`Control::act`]; [`NotDone::Unknown`] where the ticket has no such file that this side sees.
    pub fn remove_file(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        file: &FileId,
        by: By,
        now: Instant,
    ) -> Result<Done, NotDone> {
        let there = self.journal().read(|tx| tx.file(client, &file.0))?;
        let hidden = |there: &KeptFile| there.internal && by.actor.side != Side::Provider;
        if there.is_none_or(|there| there.ticket != ticket.0 || there.gone || hidden(&there)) {
            return Err(NotDone::Unknown { noun: "file", id: file.to_string() });
        }
        let removed = FileRemoved { ticket: ticket.clone(), file: file.clone() };
        let act = by.act(client, removed, None);
        let done = self.act_prepared(act, now, |book, _| book.stands(Noun::Ticket, &ticket.0, None))?;
        let (of, id) = (client.clone(), file.0.clone());
        self.journal().write_for(client, move |tx| tx.empty_file(&of, &id))?;
        Ok(done)
    }

    /// The files of a ticket; with `internal`, those of the provider's people too.
    ///
    /// # Errors
    /// The journal's.
    pub fn files(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        internal: bool,
    ) -> journal::Result<Vec<KeptFile>> {
        let mut files = self.journal().read(|tx| tx.files(client, &ticket.0))?;
        files.retain(|file| internal || !file.internal);
        Ok(files)
    }

    /// One file of a ticket with its bytes; none where there is none that may be seen.
    ///
    /// # Errors
    /// The journal's.
    pub fn file(
        &self,
        client: &ClientId,
        ticket: &TicketId,
        file: &Slug,
        internal: bool,
    ) -> journal::Result<Option<(KeptFile, Vec<u8>)>> {
        self.journal().read(|tx| {
            let Some(found) = tx.file(client, file)? else { return Ok(None) };
            if found.ticket != ticket.0 || (found.internal && !internal) {
                return Ok(None);
            }
            Ok(tx.file_bytes(client, file)?.map(|bytes| (found, bytes)))
        })
    }
}

/// A name without a path, without what steers a terminal, and not too long.
fn plain_name(name: &str) -> Result<String, NotDone> {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let shown = |c: char| {
        !c.is_control() && !('\u{202a}'..='\u{202e}').contains(&c) && !('\u{2066}'..='\u{2069}').contains(&c)
    };
    let name: String = last.chars().filter(|c| shown(*c)).collect();
    if name.is_empty() {
        return Err(NotDone::Empty { field: "file" });
    }
    let (found, max) = (name.len(), FILE_NAME_BYTES_MAX);
    if max < found { Err(NotDone::TooMuch { what: "bytes of a file's name", found, max }) } else { Ok(name) }
}

/// What a file is, by its name and by what stands in it (ASVS 5.2.2): both must say the same.
fn media_of(name: &str, bytes: &[u8]) -> Result<&'static str, NotDone> {
    let wrong = |why: String| NotDone::Wrong { field: "file".to_owned(), why };
    let ending = name.rsplit_once('.').map_or(String::new(), |(_, ending)| ending.to_lowercase());
    if bytes.is_empty() {
        return Err(NotDone::Empty { field: "file" });
    }
    let within = infer::get(bytes).map(|kind| kind.mime_type());
    if TEXTS.contains(&ending.as_str()) {
        // Some kinds of text are told apart by their first letters; what matters is that it is text.
        return match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Ok("text/plain"),
            _ => Err(wrong(format!("`{name}` is not the text that its name says: pack it into a zip file"))),
        };
    }
    let Some((media, _)) = KINDS.iter().find(|(_, endings)| endings.contains(&ending.as_str())) else {
        return Err(wrong(format!(
            "files like `{name}` are not taken: send text, a picture, a PDF or a zip file"
        )));
    };
    let office = *media == "application/zip"
        && within.is_some_and(|found| found.starts_with("application/vnd.") && !found.contains("android"));
    match within {
        Some(found) if found == *media || office => Ok(media),
        _ => Err(wrong(format!("`{name}` is not what its name says: give it its true ending"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_name_and_its_first_bytes_say() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
        assert_eq!(media_of("a.png", png).unwrap(), "image/png");
        assert_eq!(media_of("A.LOG", "Zeile ü".as_bytes()).unwrap(), "text/plain");
        assert_eq!(media_of("all.zip", b"PK\x03\x04\x14\0\0\0\x08\0").unwrap(), "application/zip");
        for (name, bytes) in [
            ("a.jpg", &png[..]),
            ("a.png", b"<html><script>"),
            ("a.html", b"<html>"),
            ("a.svg", b"<svg>"),
            ("a.exe", b"MZ"),
            ("a.txt", b"\0\x01"),
            ("noending", b"text"),
            ("a.png", b""),
        ] {
            assert!(media_of(name, bytes).is_err(), "{name}");
        }
    }

    #[test]
    fn a_name_has_no_path_and_steers_nothing() {
        assert_eq!(plain_name("C:\\x\\..\\log.txt").unwrap(), "log.txt");
        assert_eq!(plain_name("../../etc/pass\u{202e}txt.exe").unwrap(), "passtxt.exe");
        assert!(plain_name("a/").is_err() && plain_name(&"x".repeat(201)).is_err());
    }
}
