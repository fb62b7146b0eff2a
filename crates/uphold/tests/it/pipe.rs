//! The command line itself: versions, usage, and readers that go away.

use std::{
    fs::File,
    io::{self, Read, Write},
};

use crate::run::{command, uphold};

#[test]
fn the_version_names_the_zone_rules() {
    let version = uphold(&["--version"]).ok();
    let expected = format!("uphold {} (tzdata {})\n", env!("CARGO_PKG_VERSION"), spans::tzdata());
    assert_eq!(version, expected);
}

#[test]
fn a_command_line_that_cannot_be_meant_exits_with_2() {
    assert!(uphold(&["simulat"]).refused(2).contains("a similar subcommand exists: 'simulate'"));
    assert!(uphold(&[]).refused(2).contains("Usage: uphold"));
}

#[test]
fn the_facts_reference_is_the_page_in_docs() {
    assert_eq!(uphold(&["facts", "reference"]).ok(), facts::reference());
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let mut child = command(&["time", "eval"]).spawn().unwrap();
    drop(child.stdout.take());
    let question = r#"{"name":"x","zone":"UTC","hours":{},"op":"elapsed","start":"2026-03-06T18:00:00Z","end":"2026-03-06T18:00:00Z"}"#;
    let mut stdin = child.stdin.take().unwrap();
    // The command ends at its first answer, perhaps before it read them all.
    let _ = (0..10_000).try_for_each(|_| writeln!(stdin, "{question}"));
    drop(stdin);
    let mut says = String::new();
    child.stderr.take().unwrap().read_to_string(&mut says).unwrap();
    assert_eq!((child.wait().unwrap().code(), says.as_str()), (Some(0), ""));
}

#[test]
fn without_a_reader_of_stderr_the_exit_status_says_it_alone() {
    for (args, status) in [(&["why"][..], 2), (&["agreement", "check", "nowhere.toml"], 1)] {
        let (reader, closed) = io::pipe().unwrap();
        drop(reader);
        assert_eq!(command(args).stderr(closed).status().unwrap().code(), Some(status), "{args:?}");
    }
}

#[test]
fn an_answer_that_finds_no_space_is_told_in_words() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let ran = command(&["facts", "reference"]).stdout(full).output().unwrap();
    let said = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(
        (ran.status.code(), said.as_str()),
        (
            Some(1),
            "uphold: not all of the answer could be written to stdout: no space is left; free some and run this again\n"
        )
    );
}
