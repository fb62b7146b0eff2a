//! `uphold agreement clauses`: each clause of the register, what executes it, and which test proves it.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use agreement::coverage::{ClauseRow, clauses, tests_in};
use clap::Args;
use serde_json::json;

use super::Loaded;
use crate::{files, output::Output, trouble::Trouble};

#[derive(Args)]
pub(crate) struct Clauses {
    /// Agreement files whose entries are named.
    files: Vec<PathBuf>,
    /// The folder of uphold's Rust sources, whose tests are named. When left out, `crates` is looked in, and where that is not
    /// uphold's, nothing is said of tests.
    #[arg(long, value_name = "FOLDER")]
    tests: Option<PathBuf>,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// The longest source that is looked through.
const SOURCE_BYTES_MAX: u64 = 4 * 1024 * 1024;
/// Where the sources lie in a checkout, seen from its root.
const SOURCES: &str = "crates";

impl Clauses {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let loaded: Vec<Loaded> =
            self.files.iter().map(|file| Loaded::read(file)).collect::<Result<_, _>>()?;
        let files: Vec<_> = loaded.iter().map(|loaded| &loaded.agreement).collect();
        let (rows, seen) = self.rows(&files)?;
        let unproved: Vec<&ClauseRow> = rows.iter().filter(|row| seen && row.is_unproven()).collect();
        if self.json {
            let ids: Vec<&str> = unproved.iter().map(|row| row.id.as_str()).collect();
            writeln!(out, "{:#}", json!({ "clauses": rows, "tests_seen": seen, "unproved": ids }))?;
        } else {
            rows.iter().try_for_each(|row| tell(row, out))?;
            writeln!(out, "\n{}", self.summary(&rows, &unproved, seen))?;
        }
        if unproved.is_empty() { Ok(()) } else { Err(Trouble::Told) }
    }

    /// Every clause, and whether tests were there to be seen: a folder that was named must have them, the usual one may.
    fn rows(&self, files: &[&agreement::Agreement]) -> Result<(Vec<ClauseRow>, bool), Trouble> {
        let folder = self.folder();
        if self.tests.is_some() && !folder.is_dir() {
            let folder = folder.display();
            return Err(Trouble::usage(format!(
                "--tests: {folder} is no folder here; name the one with uphold's sources, `crates` in a checkout"
            )));
        }
        let tests = if folder.is_dir() { tests_below(folder)? } else { Vec::new() };
        let rows = clauses(files, &tests);
        let seen = rows.iter().any(|row| !row.proved_by.is_empty());
        Ok((rows, seen))
    }

    fn folder(&self) -> &Path {
        self.tests.as_deref().unwrap_or(Path::new(SOURCES))
    }

    fn summary(&self, rows: &[ClauseRow], unproved: &[&ClauseRow], seen: bool) -> String {
        let needed = rows.iter().filter(|row| row.needs_test()).count();
        let all = format!("{} clauses, {needed} of them computed or guarded", rows.len());
        if !seen {
            let folder = self.folder().display();
            return format!(
                "{all}. Which tests prove these cannot be seen from here: no test below {folder} is named by a clause. Tests are part \
                 of uphold's sources, not of this program; in a checkout, or with --tests FOLDER, they are named."
            );
        }
        match unproved {
            [] => format!("{all}; a test proves each of these"),
            some => {
                let ids: Vec<&str> = some.iter().map(|row| row.id.as_str()).collect();
                format!("{all}; NO TEST proves {}", ids.join(", "))
            }
        }
    }
}

fn tell(row: &ClauseRow, out: &mut Output) -> Result<(), Trouble> {
    writeln!(out, "{}  {}: {}", row.id, row.mode, row.text)?;
    for (what, names) in [("used by", &row.used_by), ("proved by", &row.proved_by)] {
        if !names.is_empty() {
            writeln!(out, "    {what} {}", names.join(", "))?;
        }
    }
    Ok(())
}

/// The names of the tests in all sources below a folder.
fn tests_below(folder: &Path) -> Result<Vec<String>, Trouble> {
    let mut tests = Vec::new();
    for path in files::list(folder)? {
        if fs::symlink_metadata(&path).is_ok_and(|entry| entry.is_dir()) {
            tests.extend(tests_below(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            tests.extend(tests_in(&files::read_text(&path, SOURCE_BYTES_MAX)?));
        }
    }
    Ok(tests)
}
