//! Where each clause is used in a file, and which test proves it.
//!
//! A clause of mode engine or guard is something software computes or refuses. A test proves that it does when the test's name
//! begins with the clause's id: `sh_avail_05_a_run_of_119_seconds_is_one_minute` proves SH-AVAIL-05, and nothing else.

use serde::Serialize;

use crate::{
    agreement::Agreement,
    register::{Clause, Mode, Register},
};

/// One clause, as far as files use it and tests prove it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClauseRow {
    /// Its id.
    pub id: String,
    /// Where it lives in software, or `own` for a clause of a file itself.
    pub mode: &'static str,
    /// What it says.
    pub text: String,
    /// The entries of the files that execute it, each once, in the files' order.
    pub used_by: Vec<String>,
    /// The names of the tests that prove it, each once, in order of name.
    pub proved_by: Vec<String>,
}

impl ClauseRow {
    /// Whether software acts on it, so that a test must prove it; what is shown, quoted or filled in is text.
    pub fn needs_test(&self) -> bool {
        [Mode::Engine.name(), Mode::Guard.name()].contains(&self.mode)
    }

    /// Whether it must be proven and no test bears its name.
    pub fn is_unproven(&self) -> bool {
        self.needs_test() && self.proved_by.is_empty()
    }
}

/// Every clause of the register in its order, then those that the files add. `tests` are the names of all tests there are, as
/// [`tests_in`] reads them off their sources.
pub fn clauses(files: &[&Agreement], tests: &[String]) -> Vec<ClauseRow> {
    let known = Register::get().clauses().iter().map(|Clause { id, mode, text, .. }| ClauseRow {
        id: (*id).to_owned(),
        mode: mode.name(),
        text: (*text).to_owned(),
        used_by: Vec::new(),
        proved_by: Vec::new(),
    });
    let own = files.iter().flat_map(|file| &file.clauses).map(|(id, text)| ClauseRow {
        id: id.clone(),
        mode: "own",
        text: text.clone(),
        used_by: Vec::new(),
        proved_by: Vec::new(),
    });
    let mut rows: Vec<ClauseRow> = known.chain(own).collect();
    for row in &mut rows {
        row.used_by = used_by(files, &row.id);
        row.proved_by = tests.iter().filter(|test| proves(test, &row.id)).cloned().collect();
        row.proved_by.sort();
        row.proved_by.dedup();
    }
    rows
}

fn used_by(files: &[&Agreement], id: &str) -> Vec<String> {
    let uses = files.iter().flat_map(|file| file.uses());
    let mut entries: Vec<String> = Vec::new();
    for used in uses.filter(|used| used.clauses.ids.iter().any(|cited| cited == id)) {
        if !entries.contains(&used.entry) {
            entries.push(used.entry);
        }
    }
    entries
}

/// Whether a test's name begins with a clause's id, whole: `sh_avail_05…` does not prove SH-AVAIL-0.
fn proves(test: &str, id: &str) -> bool {
    let rest = test.strip_prefix(&*id.to_lowercase().replace('-', "_"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

/// The names of the tests of a Rust source file: every function marked `#[test]`. Reading the file is the caller's.
pub fn tests_in(source: &str) -> Vec<String> {
    let mut marked = false;
    let mut names = Vec::new();
    for line in source.lines().map(str::trim) {
        match line {
            "#[test]" => marked = true,
            _ if line.starts_with('#') || line.starts_with("//") || line.is_empty() => {}
            _ => {
                let name = line.split_once("fn ").and_then(|(_, rest)| rest.split(['(', '<']).next());
                names.extend(name.filter(|_| marked).map(str::to_owned));
                marked = false;
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_proves_the_clause_that_its_name_begins_with() {
        for (test, proven) in [
            ("sh_avail_05", true),
            ("sh_avail_05_a_run", true),
            ("sh_avail_04_and_sh_avail_05_together", false),
            ("a_run_sh_avail_05", false),
            ("sh_avail_051", false),
            ("avail_05", false),
        ] {
            assert_eq!(proves(test, "SH-AVAIL-05"), proven, "{test}");
        }
    }

    #[test]
    fn tests_are_read_off_their_source() {
        let source = "#[test]\n#[should_panic]\n// why\nfn one() {}\nfn helper(x: u8) {}\nproptest! {\n    #[test]\n    fn two(a in 0..3) {}\n}\n";
        assert_eq!(tests_in(source), ["one", "two"]);
        assert!(tests_in("#[test]\nconst NONE: u8 = 0;\nfn helper() {}\n").is_empty());
    }
}
