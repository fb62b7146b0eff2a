//! What README shows is what the program says: every pasted command is run in a folder with the shipped files, and its output
//! compared line by line.
//!
//! A pasted output is an indented block that begins with `$ uphold …`. In it `…` stands for anything within a line, and a line of
//! nothing else for any number of lines: what is long, and what another machine or release would say otherwise.

use std::{fs, path::Path};

use crate::{folder::Folder, run::uphold_in};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const LEFT_OUT: &str = "…";
/// Fewer would mean that this test no longer finds them.
const COMMANDS_MIN: usize = 4;

#[test]
fn the_commands_of_the_readme_say_what_it_shows() {
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let folder = Folder::new();
    for shipped in ["agreements", "scenarios"] {
        copy(&Path::new(ROOT).join(shipped), Path::new(&folder.path(shipped)));
    }
    let pasted = pasted(&readme);
    assert!(COMMANDS_MIN <= pasted.len(), "{} commands", pasted.len());
    for (command, shown) in pasted {
        let args: Vec<&str> = command.split_whitespace().collect();
        let said = uphold_in(&folder.path(""), &args).ok();
        let said: Vec<&str> = said.lines().map(str::trim_end).collect();
        if let Err(line) = fits(&shown, &said) {
            panic!(
                "`uphold {command}` no longer says\n  {line}\nin this place; it says\n{}",
                said.join("\n")
            );
        }
    }
}

/// Each command with the lines below it, blank lines at the end left out.
fn pasted(readme: &str) -> Vec<(String, Vec<String>)> {
    let mut pasted: Vec<(String, Vec<String>)> = Vec::new();
    let mut within = false;
    for line in readme.lines() {
        let indented = line.strip_prefix("    ");
        within = match (indented, indented.and_then(|line| line.strip_prefix("$ uphold "))) {
            (_, Some(command)) => {
                pasted.push((command.to_owned(), Vec::new()));
                true
            }
            (Some(line), None) if within => {
                pasted.last_mut().unwrap().1.push(line.to_owned());
                true
            }
            (None, _) if within && line.is_empty() => {
                pasted.last_mut().unwrap().1.push(String::new());
                true
            }
            _ => false,
        };
    }
    for (_, lines) in &mut pasted {
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
    }
    pasted
}

/// Whether the lines shown are those said; else the first shown line that is not there.
fn fits<'s>(shown: &'s [String], said: &[&str]) -> Result<(), &'s str> {
    let (mut at, mut skipping) = (0, false);
    for line in shown {
        if line.trim() == LEFT_OUT {
            skipping = true;
            continue;
        }
        let found = said[at..].iter().position(|said| fits_line(line, said));
        match found {
            Some(0) => at += 1,
            Some(further) if skipping => at += further + 1,
            _ => return Err(line),
        }
        skipping = false;
    }
    if skipping || at == said.len() { Ok(()) } else { Err("(the end)") }
}

/// Whether the parts between the `…` stand in the line in this order, the first at its start and the last at its end.
fn fits_line(shown: &str, said: &str) -> bool {
    let parts: Vec<&str> = shown.split(LEFT_OUT).collect();
    let [first, middle @ .., last] = parts.as_slice() else { return shown == said };
    let Some(mut rest) = said.strip_prefix(first) else { return false };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn lines_left_out_are_no_lines_that_differ() {
    let check = |shown: &str, said: &str| {
        let shown: Vec<String> = shown.split('|').map(str::to_owned).collect();
        fits(&shown, &said.split('|').collect::<Vec<_>>()).is_ok()
    };
    assert!(check("a|b", "a|b") && check("…|b", "a|b") && check("a|…", "a|b") && check("a|…|d", "a|b|c|d"));
    assert!(check("a … c", "a bb c") && check("…c", "abc"));
    for (shown, said) in
        [("a|b", "a"), ("a", "a|b"), ("b", "a|b"), ("a|…|c", "a|b"), ("a … d", "a b c"), ("a", "a b")]
    {
        assert!(!check(shown, said), "{shown} is not {said}");
    }
}
