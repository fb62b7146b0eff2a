//! `cargo xtask tidy`: what a reader should never meet. Leftovers, long lines, dead files, dead links, paths of one machine.
//!
//! Reads every file git knows or would add. Long files are told, not refused: a long file with one idea may stay long.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

const LINE_CHARS_MAX: usize = 160;

const FILE_LINES_TOLD: usize = 500;

/// The file that must name what it forbids: this one.
const SELF: &str = "xtask/src/tidy.rs";

/// In Rust source: unfinished work. A test may say FIXME beside a wrong answer that it asserts.
const LEFTOVERS: &[&str] = &["todo!(", "unimplemented!(", "dbg!(", "TODO", "XXX"];

/// Anywhere: folders that exist on somebody's machine only.
const HOMES: &[&str] = &["/home/", "/root/", "/Users/"];

/// All rules over all files.
pub(crate) fn check() -> Outcome {
    let files = match tracked() {
        Ok(files) => files,
        Err(error) => return Outcome::not_run(&error, "run it in a git checkout"),
    };
    let mut findings = Vec::new();
    for file in &files {
        let Ok(text) = fs::read_to_string(shell::root().join(file)) else { continue };
        findings.extend(lines(file, &text));
        findings.extend(dead_links(file, &text));
        findings.extend(dead_file(file));
        tell_long(file, &text);
    }
    Outcome::of_findings(findings, format!("{} files", files.len()))
}

/// Paths from the root, with `/`, sorted.
fn tracked() -> Result<BTreeSet<String>, String> {
    let mut git = Command::new("git");
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]).current_dir(shell::root());
    let listed = shell::output(git)?;
    Ok(listed.lines().filter(|file| shell::root().join(file).is_file()).map(str::to_owned).collect())
}

/// Every rule that needs one line only.
fn lines(file: &str, text: &str) -> Vec<String> {
    let printed = text.lines().take(5).any(|line| line.contains("do not edit"));
    if printed || file == SELF || file == "Cargo.lock" {
        return Vec::new();
    }
    let tests_from = match is_test(file) {
        true => 0,
        false => text.lines().position(|line| line.starts_with("#[cfg(test)]")).unwrap_or(usize::MAX),
    };
    let each = text.lines().enumerate().flat_map(|(number, line)| {
        let rust = file.ends_with(".rs").then(|| rust_line(line, number >= tests_from));
        let found = rust.into_iter().flatten().chain(any_line(file, line));
        found.map(move |what| format!("{file}:{}: {what}", number + 1))
    });
    each.collect()
}

fn rust_line(line: &str, in_tests: bool) -> Vec<String> {
    let mut found: Vec<String> = LEFTOVERS
        .iter()
        .filter(|left| line.contains(**left))
        .map(|left| format!("{left} left behind"))
        .collect();
    if line.contains("FIXME") && !in_tests {
        found.push("FIXME outside a test".to_owned());
    }
    if line.trim() == "#[ignore]" {
        found.push("#[ignore] without a reason: write #[ignore = \"why\"]".to_owned());
    }
    let sentence = line.trim_start().starts_with('"'); // rustfmt breaks no string, and a reader no sentence
    if too_long(line) && !sentence && !in_tests {
        found.push(format!("longer than {LINE_CHARS_MAX} characters"));
    }
    let code = line.trim();
    if (code.starts_with("#[allow(") || code.starts_with("#![allow("))
        && code.ends_with(")]")
        && !code.contains("reason = ")
    {
        found.push("a lint allowed without a reason: better #[expect(lint, reason = \"why\")]".to_owned());
    }
    found
}

fn any_line(file: &str, line: &str) -> Vec<String> {
    let mut found = Vec::new();
    // Tables, links and quoted output keep their lines.
    let unbroken =
        line.starts_with('|') || line.starts_with("    ") || line.contains("](") || line.contains("://");
    let prose = file.ends_with(".md") && !unbroken;
    if (prose || file.ends_with(".sql")) && too_long(line) {
        found.push(format!("longer than {LINE_CHARS_MAX} characters"));
    }
    if line.starts_with("<<<<<<< ") || line.starts_with(">>>>>>> ") {
        found.push("a merge left undone".to_owned());
    }
    if let Some(home) = machine_path(line) {
        found.push(format!("{home} exists on one machine only"));
    }
    found
}

fn too_long(line: &str) -> bool {
    line.chars().count() > LINE_CHARS_MAX
}

/// A home folder, or the folder this checkout happens to lie in.
fn machine_path(line: &str) -> Option<String> {
    let here = shell::root()
        .parent()
        .map(|folder| format!("{}/", folder.display()))
        .filter(|folder| folder.len() > 1);
    let mut folders = HOMES.iter().map(|home| (*home).to_owned()).chain(here);
    folders.find(|folder| line.match_indices(folder.as_str()).any(|(at, _)| starts_a_path(&line[..at])))
}

/// `/home/` in `https://example.org/home/` is part of an address.
fn starts_a_path(before: &str) -> bool {
    before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() && !"./_-{}".contains(c))
}

/// Links and paths in prose that lead nowhere: stale prose misleads.
fn dead_links(file: &str, text: &str) -> Vec<String> {
    if !file.ends_with(".md") {
        return Vec::new();
    }
    let folder = shell::root().join(file).parent().map(Path::to_owned).unwrap_or_default();
    let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#', ' ']).next());
    let relative =
        links.filter(|link| !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:"));
    let dead = relative.filter(|link| !folder.join(link).exists());
    let named = named_paths(text).into_iter().filter(|path| !shell::root().join(path).exists());
    dead.map(str::to_owned).chain(named).map(|path| format!("{file}: {path} does not exist")).collect()
}

/// Paths in backticks that begin with one of our folders: `crates/spans/src/weekly.rs`.
fn named_paths(text: &str) -> Vec<String> {
    let quoted = text.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let ours = ["crates/", "docs/", "agreements/", "scenarios/", "xtask/src/"];
    let plain = |path: &&str| path.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    quoted
        .filter(|path| ours.iter().any(|folder| path.starts_with(folder)))
        .filter(plain)
        .map(str::to_owned)
        .collect()
}

/// A Rust file that no `mod` line names is not compiled, and nobody notices.
fn dead_file(file: &str) -> Option<String> {
    let path = Path::new(file);
    let (folder, stem) = (path.parent()?, path.file_stem()?.to_str()?);
    let root =
        ["lib", "main", "mod", "build"].contains(&stem) || folder.ends_with("bin") || !has_modules(folder);
    if path.extension()? != "rs" || root {
        return None;
    }
    let named = |parent: PathBuf| {
        fs::read_to_string(shell::root().join(parent)).is_ok_and(|text| declares(&text, stem))
    };
    let parents = ["lib.rs", "main.rs", "mod.rs"].map(|name| folder.join(name));
    let alive = parents.into_iter().chain([folder.with_extension("rs")]).any(named);
    (!alive).then(|| format!("{file}: no `mod {stem}` names it, so it is never compiled"))
}

/// Folders whose files need a `mod` line: `src`, `tests/it`, and what lies below them.
fn has_modules(folder: &Path) -> bool {
    let parts: Vec<_> = folder.iter().filter_map(|part| part.to_str()).collect();
    parts.contains(&"src") || parts.windows(2).any(|pair| pair == ["tests", "it"])
}

fn declares(text: &str, stem: &str) -> bool {
    let line = format!("mod {stem};");
    text.lines().map(str::trim).any(|code| code == line || code.ends_with(&format!(" {line}")))
}

fn is_test(file: &str) -> bool {
    file.contains("/tests/") || file.ends_with("/tests.rs") || file.contains("/testkit/")
}

fn tell_long(file: &str, text: &str) {
    let count = text.lines().count();
    if file.ends_with(".rs") && count > FILE_LINES_TOLD {
        println!("long: {file} has {count} lines");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(file: &str, text: &str, says: &[&str]) {
        assert_eq!(lines(file, text), says);
    }

    #[test]
    fn leftovers_are_found_in_rust_and_nowhere_else() {
        found("crates/x/src/a.rs", "fn f() { todo!() }\n", &["crates/x/src/a.rs:1: todo!( left behind"]);
        found("docs/a.md", "we never write todo!()\n", &[]);
    }

    #[test]
    fn a_test_may_say_fixme() {
        let text = "// FIXME: one\n#[cfg(test)]\n// FIXME: two\n";
        found("crates/x/src/a.rs", text, &["crates/x/src/a.rs:1: FIXME outside a test"]);
        found("crates/x/tests/it/a.rs", "// FIXME: three\n", &[]);
    }

    #[test]
    fn an_ignored_test_says_why() {
        found("a.rs", "    #[ignore]\n", &["a.rs:1: #[ignore] without a reason: write #[ignore = \"why\"]"]);
        found("a.rs", "    #[ignore = \"a night's work\"]\n", &[]);
    }

    #[test]
    fn a_lint_is_silenced_with_a_reason_only() {
        let says = "a.rs:1: a lint allowed without a reason: better #[expect(lint, reason = \"why\")]";
        found("a.rs", "#[allow(dead_code)]", &[says]);
        found("a.rs", "#[allow(dead_code, reason = \"the macro makes it\")]", &[]);
    }

    #[test]
    fn a_long_line_is_found_but_not_in_a_table_or_a_test() {
        found("a.rs", &"x".repeat(161), &["a.rs:1: longer than 160 characters"]);
        found("a.rs", &"é".repeat(160), &[]);
        found("crates/x/tests/it/a.rs", &"x".repeat(161), &[]);
        found("a.md", &format!("|{}", "x".repeat(200)), &[]);
        found("a.md", &format!("    {}", "x".repeat(200)), &[]);
        found("a.md", &"x".repeat(200), &["a.md:1: longer than 160 characters"]);
    }

    #[test]
    fn a_file_that_is_printed_from_types_is_as_long_as_its_sentences() {
        found("docs/facts.md", &format!("Printed; do not edit.\n{}", "x".repeat(200)), &[]);
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_an_address_is_not() {
        found("a.md", "see /home/ann/notes", &["a.md:1: /home/ exists on one machine only"]);
        found("a.md", "see https://example.org/home/ann", &[]);
        let here = shell::root().display().to_string();
        assert_eq!(lines("a.md", &format!("open {here}/README.md")).len(), 1);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[here](Cargo.toml) [there](no/such.md) [web](https://example.org) `crates/nowhere/src/lib.rs` `crates/*/src`";
        assert_eq!(
            dead_links("A.md", text),
            ["A.md: no/such.md does not exist", "A.md: crates/nowhere/src/lib.rs does not exist"]
        );
    }

    #[test]
    fn a_file_that_nobody_declares_is_found() {
        assert!(declares("mod a;\npub(crate) mod b;\n", "b"));
        assert!(!declares("mod ab;\n// mod b;x\n", "b"));
        assert_eq!(dead_file("xtask/src/tidy.rs"), None);
        assert!(dead_file("xtask/src/attic.rs").is_some());
        assert_eq!(dead_file("crates/spans/benches/attic.rs"), None);
    }
}
