//! Real histories: a file of somebody else's monitoring or incidents becomes facts.
//!
//! Reading is pure and all or nothing: the same file gives the same facts with the same ids, so a second run adds nothing, and
//! one row that cannot be read refuses the file with every such row named. Rows that can be read and do not map are left out
//! and reported. [`Import::append`] is the only part that touches a journal.

pub mod checks;
pub mod incidents;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use facts::{Actor, Body, ClientId, Fact, FactId};
use journal::{Added, Journal};
use serde::Serialize;
use sha2::{Digest, Sha256};
use spans::{Instant, Span};

/// The longest file that is read: a hundred sites checked every minute for a month.
pub const BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Wrong rows that a refusal shows; it counts the others.
pub const WRONG_SHOWN_MAX: usize = 20;
/// Rows that a report's text names for one note; its JSON names all.
pub const ROWS_SHOWN_MAX: usize = 8;

/// Whose history it is, under which term, and when we learned it.
#[derive(Debug, Clone)]
pub struct Under {
    /// The client of the agreement.
    pub client: ClientId,
    /// Its term: rows outside are refused, since nothing was promised there.
    pub term: Span,
    /// When the import runs.
    pub recorded_at: Instant,
}

/// What a file became.
#[derive(Debug, Clone)]
#[must_use = "nothing is stored before it is appended"]
pub struct Import {
    /// Facts in the order they happened.
    pub facts: Vec<Fact>,
    /// What there was, and what was made of it.
    pub report: Report,
    /// For each fact, the line that tells it.
    lines: Vec<u64>,
}

impl Import {
    /// Stores the facts that are not stored yet, all of them or none. Where an earlier import stored something else, that stands.
    /// `told` hears how many facts have been gone through so far; it is called on another thread.
    ///
    /// # Errors
    /// The journal's.
    pub fn append(
        &self,
        journal: &Journal,
        client: &ClientId,
        told: impl Fn(usize) + Send + 'static,
    ) -> Result<Stored, journal::Error> {
        let (client, facts) = (client.clone(), self.facts.clone());
        let parts = journal.write(move |tx| {
            let parts = facts.chunks(journal::FACTS_MAX).enumerate();
            let append = |(index, part): (usize, &[Fact])| {
                let stored = tx.append_keeping(&client, part)?;
                told(index * journal::FACTS_MAX + part.len());
                Ok(stored)
            };
            parts.map(append).collect::<Result<Vec<_>, journal::Error>>()
        })?;
        Ok(self.stored(parts))
    }

    /// What [`Import::append`] would do to a journal as it is now.
    ///
    /// # Errors
    /// The journal's.
    pub fn compare(&self, journal: &Journal) -> Result<Stored, journal::Error> {
        Ok(self.stored(vec![journal.read(|tx| tx.compare(&self.facts))?]))
    }

    fn stored(&self, parts: Vec<(Added, Vec<FactId>)>) -> Stored {
        let mut stored = Stored::default();
        let mut differing = BTreeSet::new();
        for (part, differs) in parts {
            stored.added += part.added;
            stored.present += part.present;
            differing.extend(differs);
        }
        let rows = self.facts.iter().zip(&self.lines).filter(|(fact, _)| differing.contains(&fact.id));
        let mut notes: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for (fact, line) in rows {
            let (event, subject) = (fact.event().name(), fact.body.subject_id());
            let what = format!(
                "{event} of `{subject}` that SAYS OTHERWISE than what is stored; the stored one was kept"
            );
            notes.entry(what).or_default().push(*line);
        }
        stored.differing = notes.into_iter().map(|(what, lines)| Note { what, lines }).collect();
        in_order(&mut stored.differing);
        stored
    }
}

/// What a journal made of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Stored {
    /// Facts that were stored now.
    pub added: usize,
    /// Facts that were stored before.
    pub present: usize,
    /// Rows that say otherwise than an earlier import did at the same instant: the first stands.
    pub differing: Vec<Note>,
}

/// What a file held, for people before and after the import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What its rows are: `check rows` or `incidents`.
    pub rows_are: &'static str,
    /// How many there were.
    pub rows: usize,
    /// What they are about: `sites` or `tickets`.
    pub subjects_are: &'static str,
    /// How many of those there were.
    pub subjects: usize,
    /// The first instant in the file.
    pub first: Option<Instant>,
    /// The last instant in the file.
    pub last: Option<Instant>,
    /// Facts by event.
    pub facts: BTreeMap<&'static str, usize>,
    /// What does not map, or not as it stands.
    pub notes: Vec<Note>,
    /// How the file was read, where it does not say itself.
    pub read_as: Vec<&'static str>,
}

/// Rows with something to be said of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// What.
    pub what: String,
    /// Their lines in the file, from 1.
    pub lines: Vec<u64>,
}

impl Report {
    fn new(rows_are: &'static str, subjects_are: &'static str, read_as: &[&'static str]) -> Report {
        Report {
            rows_are,
            rows: 0,
            subjects_are,
            subjects: 0,
            first: None,
            last: None,
            facts: BTreeMap::new(),
            notes: Vec::new(),
            read_as: read_as.to_vec(),
        }
    }

    fn saw(&mut self, at: Instant) {
        self.first = Some(self.first.map_or(at, |first| first.min(at)));
        self.last = Some(self.last.map_or(at, |last| last.max(at)));
    }

    /// Puts the row under its note.
    fn note(&mut self, what: impl Into<String>, line: u64) {
        let what = what.into();
        match self.notes.iter_mut().find(|note| note.what == what) {
            Some(note) => note.lines.push(line),
            None => self.notes.push(Note { what, lines: vec![line] }),
        }
    }

    /// The report about these facts with their lines, which are put in order: by when they happened, at one instant as they
    /// were made.
    fn about(mut self, mut facts: Vec<(Fact, u64)>) -> Import {
        facts.sort_by_key(|(fact, _)| fact.at);
        for (fact, _) in &facts {
            *self.facts.entry(fact.event().name()).or_default() += 1;
        }
        in_order(&mut self.notes);
        let (facts, lines) = facts.into_iter().unzip();
        Import { facts, report: self, lines }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}: {}", self.lines.len(), self.what, lines(&self.lines))
    }
}

/// By line, and by their first lines.
fn in_order(notes: &mut [Note]) {
    notes.iter_mut().for_each(|note| note.lines.sort_unstable());
    notes.sort_by_key(|note| note.lines.first().copied());
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", many(self.rows, self.rows_are), many(self.subjects, self.subjects_are))?;
        if let (Some(first), Some(last)) = (self.first, self.last) {
            write!(f, ", {first} to {last}")?;
        }
        writeln!(f, "\nFacts: {}", self.facts.values().sum::<usize>())?;
        self.facts.iter().try_for_each(|(event, count)| writeln!(f, "  {count:>7}  {event}"))?;
        for note in &self.notes {
            writeln!(f, "{note}")?;
        }
        self.read_as.iter().try_for_each(|reading| writeln!(f, "Read as: {reading}."))
    }
}

/// `1 site`, `2 sites`.
fn many(count: usize, these: &str) -> String {
    let these = if count == 1 { these.strip_suffix('s').unwrap_or(these) } else { these };
    format!("{count} {these}")
}

/// `lines 4, 9 and 12 more`.
fn lines(lines: &[u64]) -> String {
    let shown: Vec<String> = lines.iter().take(ROWS_SHOWN_MAX).map(u64::to_string).collect();
    let noun = if lines.len() == 1 { "line" } else { "lines" };
    match lines.len() - shown.len() {
        0 => format!("{noun} {}", shown.join(", ")),
        more => format!("{noun} {} and {more} more", shown.join(", ")),
    }
}

/// A file that was not taken: every row that is wrong. Nothing was made of the others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refused {
    /// The wrong rows, in the file's order; never empty.
    pub wrong: Vec<Wrong>,
}

/// One wrong row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Wrong {
    /// Its line, from 1.
    pub line: u64,
    /// What is wrong, and what to do.
    pub what: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let things = if self.wrong.len() == 1 { "thing is" } else { "things are" };
        write!(f, "nothing was imported, because {} {things} wrong:", self.wrong.len())?;
        for Wrong { line, what } in self.wrong.iter().take(WRONG_SHOWN_MAX) {
            write!(f, "\n  line {line}: {what}")?;
        }
        match self.wrong.len().saturating_sub(WRONG_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}

/// Wrong rows being collected.
#[derive(Default)]
struct Wrongs(Vec<Wrong>);

impl Wrongs {
    fn say(&mut self, line: u64, what: impl fmt::Display) {
        self.0.push(Wrong { line, what: what.to_string() });
    }

    /// What is said of the whole, where nothing is wrong with a part of it.
    fn say_unless_any(&mut self, line: u64, what: impl fmt::Display) {
        if self.0.is_empty() {
            self.say(line, what);
        }
    }

    /// Refuses an instant that the agreement does not cover.
    fn check_term(&mut self, line: u64, at: Instant, under: &Under) {
        if !under.term.contains(at) {
            let Span { start, end } = under.term;
            let way_out = "name an agreement whose term covers it";
            self.say(line, format!("{at} lies outside the agreement's term, {start} to {end}: {way_out}"));
        }
    }

    fn refuse(self) -> Result<(), Refused> {
        if self.0.is_empty() { Ok(()) } else { Err(Refused { wrong: self.0 }) }
    }
}

/// A UUIDv7 keeps twelve bits of an order within its millisecond (RFC 9562, 6.2).
const ORDER_MAX: u16 = 0xfff;

/// Makes facts of one file, with ids that follow from what they are about.
struct Maker<'u> {
    source: &'static str,
    under: &'u Under,
}

impl Maker<'_> {
    /// A fact whose id follows from the kind of file, its event and what tells it from others at its instant. `order` tells
    /// facts of one instant and subject apart, first things first: the engine reads them in the order of their ids.
    fn fact(&self, at: Instant, order: usize, actor: Actor, which: &[&str], body: impl Into<Body>) -> Fact {
        let body = body.into();
        let mut digest = Sha256::new();
        for part in [self.source, body.event().name()].iter().chain(which) {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        let digest = digest.finalize();
        let mut random: [u8; 10] = std::array::from_fn(|i| digest[i]);
        random[..2].copy_from_slice(&u16::try_from(order).unwrap_or(ORDER_MAX).min(ORDER_MAX).to_be_bytes());
        Fact {
            id: FactId::v7(at, random),
            client: self.under.client.clone(),
            at,
            recorded_at: self.under.recorded_at,
            actor,
            body,
        }
    }
}
