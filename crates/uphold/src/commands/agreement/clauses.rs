//! `uphold agreement clauses`: each clause of the register, what executes it, and which test proves it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use agreement::{Clause, Mode, Register};
use clap::Args;
use serde_json::json;

use super::Loaded;
use crate::{files, output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Clauses {
    /// Agreement files whose entries are named.
    files: Vec<PathBuf>,
    /// The folder of Rust sources whose tests are named; nothing is said of tests where it is not there.
    #[arg(long, value_name = "FOLDER", default_value = "crates")]
    tests: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// The longest source that is looked through.
const SOURCE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Names by clause.
type Named = BTreeMap<String, BTreeSet<String>>;

impl Clauses {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let uses = self.uses()?;
        let looked_for = self.tests.is_dir();
        let tests = if looked_for { named_tests(&self.tests)? } else { Named::new() };
        let unproved = |clause: &&Clause| needs_test(clause) && !tests.contains_key(clause.id);
        let clauses = Register::get().clauses();
        let unproved: Vec<&Clause> = clauses.iter().filter(|_| looked_for).filter(unproved).collect();
        if self.json {
            let rows: Vec<_> = clauses.iter().map(|clause| row(clause, &uses, &tests)).collect();
            let ids: Vec<&str> = unproved.iter().map(|clause| clause.id).collect();
            writeln!(out, "{:#}", json!({ "clauses": rows, "unproved": ids }))?;
        } else {
            clauses.iter().try_for_each(|clause| tell(clause, &uses, &tests, out))?;
            writeln!(out, "\n{}", self.summary(clauses, &unproved, looked_for))?;
        }
        if unproved.is_empty() { Ok(()) } else { Err(Trouble::Told) }
    }

    /// The entries of every file, by the clauses they name.
    fn uses(&self) -> Result<Named, Trouble> {
        let mut uses = Named::new();
        for file in &self.files {
            let loaded = Loaded::read(file)?;
            for used in loaded.agreement.uses() {
                for id in &used.clauses.ids {
                    uses.entry(id.clone()).or_default().insert(used.entry.clone());
                }
            }
        }
        Ok(uses)
    }

    fn summary(&self, clauses: &[Clause], unproved: &[&Clause], looked_for: bool) -> String {
        let needed = clauses.iter().filter(|clause| needs_test(clause)).count();
        let all = format!("{} clauses, {needed} of them computed or guarded", clauses.len());
        if !looked_for {
            return format!(
                "{all}; no tests were looked for, since {} is no folder here",
                self.tests.display()
            );
        }
        match unproved {
            [] => format!("{all}; a test proves each of these"),
            some => {
                let ids: Vec<&str> = some.iter().map(|clause| clause.id).collect();
                format!("{all}; NO TEST proves {}", ids.join(", "))
            }
        }
    }
}

/// What software computes or refuses must be proved; what it shows or quotes is text.
fn needs_test(clause: &Clause) -> bool {
    matches!(clause.mode, Mode::Engine | Mode::Guard)
}

fn names<'n>(named: &'n Named, clause: &Clause) -> Vec<&'n str> {
    named.get(clause.id).into_iter().flatten().map(String::as_str).collect()
}

fn tell(clause: &Clause, uses: &Named, tests: &Named, out: &mut Output) -> Result<(), Trouble> {
    let Clause { id, mode, text, .. } = clause;
    writeln!(out, "{id}  {}: {text}", mode.name())?;
    for (what, named) in [("used by", names(uses, clause)), ("proved by", names(tests, clause))] {
        if !named.is_empty() {
            writeln!(out, "    {what} {}", named.join(", "))?;
        }
    }
    Ok(())
}

fn row(clause: &Clause, uses: &Named, tests: &Named) -> serde_json::Value {
    json!({
        "id": clause.id,
        "mode": clause.mode.name(),
        "text": clause.text,
        "used_by": names(uses, clause),
        "proved_by": names(tests, clause),
    })
}

/// Tests below a folder whose name begins with a clause: `fn sh_avail_04_…` proves SH-AVAIL-04.
fn named_tests(folder: &Path) -> Result<Named, Trouble> {
    let mut tests = Named::new();
    let cannot = |why| Trouble::failed(format_args!("{} cannot be read: {why}", folder.display()));
    for entry in fs::read_dir(folder).map_err(cannot)? {
        let path = entry.map_err(cannot)?.path();
        if path.is_dir() {
            for (id, names) in named_tests(&path)? {
                tests.entry(id).or_default().extend(names);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = files::read_text(&path, SOURCE_BYTES_MAX)?;
            for (id, name) in source.lines().filter_map(test) {
                tests.entry(id).or_default().insert(name.to_owned());
            }
        }
    }
    Ok(tests)
}

/// The clause and the name in `fn sh_avail_04_down_from_everywhere() {`.
fn test(line: &str) -> Option<(String, &str)> {
    let name = line.trim_start().strip_prefix("fn ")?.split('(').next()?;
    let words: Vec<&str> = name.split('_').collect();
    let number =
        words.iter().position(|word| word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty())?;
    let is_clause = ["sh", "mp"].contains(&words[0]);
    is_clause.then(|| (words[..=number].join("-").to_uppercase(), name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_named_by_its_clause() {
        let named = |line| test(line).map(|(id, _)| id);
        assert_eq!(named("    fn sh_avail_04_down_from_everywhere() {").as_deref(), Some("SH-AVAIL-04"));
        assert_eq!(named("fn mp_sc_app_03()").as_deref(), Some("MP-SC-APP-03"));
        assert_eq!(named("fn mp_slo_07_30_minutes() {").as_deref(), Some("MP-SLO-07"));
        assert_eq!(named("fn the_same_in_2026() {"), None);
        assert_eq!(named("// fn sh_avail_04"), None);
    }
}
