//! Stdout that may be closed by its reader: `uphold … | head` ends quietly.

use std::{
    borrow::Cow,
    io::{self, BufWriter, StdoutLock, Write},
};

use serde::Serialize;
use spans::Instant;

use crate::{files, trouble::Trouble};

/// What a command writes to. Remembers when nobody reads on, and what else went wrong, whatever the error became on its way up.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    closed: bool,
    failed: Option<String>,
}

/// An answer for programs. With the version of the time zone rules beside it, a difference between two answers can be traced.
#[derive(Serialize)]
pub(crate) struct Computed<T> {
    tzdata: &'static str,
    #[serde(flatten)]
    answer: T,
}

impl<T: Serialize> Computed<T> {
    pub(crate) fn new(answer: T) -> Computed<T> {
        Computed { tzdata: spans::tzdata(), answer }
    }

    /// As indented JSON.
    pub(crate) fn write(&self, out: &mut Output) -> Result<(), Trouble> {
        Ok(writeln!(out, "{}", serde_json::to_string_pretty(self)?)?)
    }
}

/// The last line of an answer for people: until when it looks, under which texts, with which time zone rules.
pub(crate) fn stamp(at: Option<Instant>, identities: &[&str]) -> String {
    let at = at.map(|at| format!("as of {at}, ")).unwrap_or_default();
    let mut short: Vec<&str> = identities.iter().map(|id| id.get(..IDENTITY_SHOWN).unwrap_or(id)).collect();
    short.dedup();
    format!("{at}agreement {}, tzdata {}", short.join(" and "), spans::tzdata())
}

/// Digits of a version's identity that tell two versions apart on paper, as on a statement.
const IDENTITY_SHOWN: usize = 12;

impl Output {
    pub(crate) fn new(out: StdoutLock<'static>) -> Output {
        Output { out: BufWriter::with_capacity(1 << 16, out), closed: false, failed: None }
    }

    /// Whether the reader went away.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed
    }

    /// Why not all of the answer could be written, if it could not.
    pub(crate) fn failure(&self) -> Option<Trouble> {
        self.failed.as_ref().map(|why| {
            Trouble::failed(format_args!("not all of the answer could be written to stdout: {why}"))
        })
    }

    /// Writes out what is still here.
    pub(crate) fn finish(&mut self) -> Result<(), Trouble> {
        Ok(self.flush()?)
    }

    fn note<T>(&mut self, done: io::Result<T>) -> io::Result<T> {
        if let Err(why) = &done {
            self.closed |= why.kind() == io::ErrorKind::BrokenPipe;
            self.failed.get_or_insert_with(|| files::in_words(why));
        }
        done
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let done = self.out.write_all(&harmless(bytes));
        self.note(done.map(|()| bytes.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        let done = self.out.flush();
        self.note(done)
    }
}

/// Names come from others, and what steers a terminal could make an answer look like another one.
pub(crate) fn harmless(bytes: &[u8]) -> Cow<'_, [u8]> {
    let steers = |byte: &u8| *byte == 0x7f || (*byte < b' ' && !b"\n\r\t".contains(byte));
    if !bytes.iter().any(steers) {
        return Cow::Borrowed(bytes);
    }
    Cow::Owned(bytes.iter().map(|byte| if steers(byte) { b'?' } else { *byte }).collect())
}
