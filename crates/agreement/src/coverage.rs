//! Where each clause is used in a file, and which test proves it.
//!
//! A clause of mode engine or guard is something software computes or refuses; a test that names it in its own name
//! (`sh_avail_05_a_run_of_119_seconds_is_one_minute`) proves that it does. Not every room of the house is built: the table
//! `plan.tsv` says for each clause which room its end-to-end case of the register needs last, and only clauses whose room is
//! built ([`ROOMS_BUILT`]) must be proven. A room is added to that list in the commit that finishes it.

use std::{collections::BTreeSet, fmt::Write as _};

use serde::Serialize;

use crate::{
    agreement::Agreement,
    finding::Position,
    register::{Mode, Register},
};

/// The rooms that stand. A clause that needs a later one may still lack its test.
pub const ROOMS_BUILT: &[&str] = &["agreement", "promise"];

/// The rooms that are to come.
pub const ROOMS_TO_COME: &[&str] = &["desk", "advisory", "courier", "probe", "agent", "portal"];

/// One clause, as far as a file uses it and tests prove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseRow {
    /// Its id.
    pub id: String,
    /// Where it lives in software, or `own` for a clause of the file itself.
    pub mode: &'static str,
    /// The room that its case needs last; none for a clause of the file itself.
    pub room: Option<&'static str>,
    /// Whether that room is built.
    pub due: bool,
    /// The entries of the file that execute it.
    pub uses: Vec<ClauseUse>,
    /// The tests that prove it.
    pub tests: Vec<ClauseTest>,
}

/// An entry of the file that executes a clause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseUse {
    /// The entry, as people call it.
    pub entry: String,
    /// The line on which it names the clause, from 1.
    pub line: usize,
}

/// A test that proves a clause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ClauseTest {
    /// The name of its function.
    pub name: String,
    /// The file it stands in.
    pub file: String,
}

impl ClauseRow {
    /// Whether it must be proven and is not: software acts on it, its room is built, and no test names it.
    pub fn is_unproven(&self) -> bool {
        let acted_on = [Mode::Engine.name(), Mode::Guard.name()].contains(&self.mode);
        acted_on && self.due && self.tests.is_empty()
    }
}

/// Every clause of the documents that the file draws on, in their order, then the file's own. `text` is the file's text;
/// `tests` are all tests there are, as [`tests_in`] reads them off their source.
pub fn clauses(agreement: &Agreement, text: &str, tests: &[ClauseTest]) -> Vec<ClauseRow> {
    let uses = agreement.uses();
    let cited: BTreeSet<&str> = uses.iter().flat_map(|used| &used.clauses.ids).map(String::as_str).collect();
    let register = Register::get().clauses();
    let drawn_on = |document: &str| cited.iter().any(|id| id.split('-').next() == Some(document));
    let known = register.iter().filter(|clause| drawn_on(clause.document)).map(|clause| {
        let room = room(clause.id);
        (clause.id, clause.mode.name(), room)
    });
    let own = agreement.clauses.keys().map(|id| (id.as_str(), "own", None));
    let row = |(id, mode, room): (&str, &'static str, Option<&'static str>)| ClauseRow {
        id: id.to_owned(),
        mode,
        room,
        due: room.is_some_and(|room| ROOMS_BUILT.contains(&room)),
        uses: uses.iter().flat_map(|used| lines(used, id, text)).collect(),
        tests: tests.iter().filter(|test| proves(&test.name, id)).cloned().collect(),
    };
    known.chain(own).map(row).collect()
}

/// Where one entry of the file names a clause.
fn lines(used: &crate::register::Use<'_>, id: &str, text: &str) -> Vec<ClauseUse> {
    let named = used.clauses.ids.iter().zip(&used.clauses.places).filter(|(other, _)| *other == id);
    let line = |place: &crate::finding::Place| Position::of(text, place.0.start).line;
    named.map(|(_, place)| ClauseUse { entry: used.entry.clone(), line: line(place) }).collect()
}

/// Whether a test's name bears a clause's id, whole: `sh_avail_05` proves SH-AVAIL-05 and not SH-AVAIL-0.
fn proves(test: &str, id: &str) -> bool {
    let id = id.to_lowercase().replace('-', "_");
    let whole = |at: usize| {
        let before = test[..at].chars().next_back();
        let after = test[at + id.len()..].chars().next();
        [before, after].iter().all(|next| next.is_none_or(|next| next == '_'))
    };
    test.match_indices(&id).any(|(at, _)| whole(at))
}

/// The room that a clause's case needs last.
fn room(id: &str) -> Option<&'static str> {
    plan().find(|(clause, _)| *clause == id).map(|(_, room)| room)
}

fn plan() -> impl Iterator<Item = (&'static str, &'static str)> {
    include_str!("plan.tsv").lines().skip(1).filter_map(|line| line.split_once('\t'))
}

/// The tests of a Rust source file: every function marked `#[test]`. Reading the file is the caller's.
pub fn tests_in(file: &str, source: &str) -> Vec<ClauseTest> {
    let mut marked = false;
    let mut tests = Vec::new();
    for line in source.lines().map(str::trim) {
        match line {
            "#[test]" => marked = true,
            _ if line.starts_with('#') || line.starts_with("//") || line.is_empty() => {}
            _ => {
                let name = line.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
                let name = name.filter(|_| std::mem::take(&mut marked));
                tests.extend(name.map(|name| ClauseTest { name: name.to_owned(), file: file.to_owned() }));
            }
        }
    }
    tests
}

/// The rows as text, one clause a paragraph, and a closing line.
pub fn text(rows: &[ClauseRow]) -> String {
    let mut out = String::new();
    for row in rows {
        let when = match (row.room, row.due) {
            (None, _) => String::new(),
            (Some(room), true) => format!(", {room}"),
            (Some(room), false) => format!(", waits for {room}"),
        };
        _ = writeln!(out, "{} ({}{when})", row.id, row.mode);
        for used in &row.uses {
            _ = writeln!(out, "  line {}: {}", used.line, used.entry);
        }
        for test in &row.tests {
            _ = writeln!(out, "  test {} ({})", test.name, test.file);
        }
        if row.uses.is_empty() {
            out += "  no entry of the file executes it\n";
        }
        if row.is_unproven() {
            out += "  NO TEST proves it\n";
        }
    }
    out + &closing(rows) + "\n"
}

fn closing(rows: &[ClauseRow]) -> String {
    let count = |which: fn(&ClauseRow) -> bool| rows.iter().filter(|row| which(row)).count();
    let unproven: Vec<&str> =
        rows.iter().filter(|row| row.is_unproven()).map(|row| row.id.as_str()).collect();
    let verdict = match unproven.as_slice() {
        [] => "every one that is due is proven".to_owned(),
        ids => format!("not proven: {}", ids.join(", ")),
    };
    format!(
        "{} clauses, {} used, {} proven by a test, {} waiting for a room to be built; {verdict}.",
        rows.len(),
        count(|row| !row.uses.is_empty()),
        count(|row| !row.tests.is_empty()),
        count(|row| !row.due && row.room.is_some()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_has_a_known_room_for_every_clause_of_the_register() {
        let planned: Vec<&str> = plan().map(|(clause, _)| clause).collect();
        let known: Vec<&str> = Register::get().clauses().iter().map(|clause| clause.id).collect();
        assert_eq!(planned, known);
        for (clause, room) in plan() {
            assert!(ROOMS_BUILT.contains(&room) || ROOMS_TO_COME.contains(&room), "{clause}: {room}");
        }
    }

    #[test]
    fn a_test_proves_the_clause_whose_whole_id_it_bears() {
        for (test, proven) in [
            ("sh_avail_05_a_run", true),
            ("a_run_sh_avail_05", true),
            ("sh_avail_04_and_sh_avail_05_together", true),
            ("sh_avail_051", false),
            ("xsh_avail_05", false),
            ("avail_05", false),
        ] {
            assert_eq!(proves(test, "SH-AVAIL-05"), proven, "{test}");
        }
    }

    #[test]
    fn tests_are_read_off_their_source() {
        let source = "#[test]\n#[should_panic]\n// why\nfn one() {}\nfn helper(x: u8) {}\nproptest! {\n    #[test]\n    fn two(a in 0..3) {}\n}\n";
        let names: Vec<String> = tests_in("a.rs", source).into_iter().map(|test| test.name).collect();
        assert_eq!(names, ["one", "two"]);
    }
}
