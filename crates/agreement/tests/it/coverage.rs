//! Clauses: where files use them, and which tests of this workspace prove them.

use std::{fs, path::Path};

use agreement::{
    Agreement,
    coverage::{ClauseRow, clauses, tests_in},
};

use crate::shipped::{HOSTED, ISOLATED};

fn read(file: &str) -> Agreement {
    Agreement::read(file).0.expect("a shipped file")
}

fn rows(file: &str, tests: &[&str]) -> Vec<ClauseRow> {
    let tests: Vec<String> = tests.iter().map(|name| (*name).to_owned()).collect();
    clauses(&[&read(file)], &tests)
}

#[track_caller]
fn row<'r>(rows: &'r [ClauseRow], id: &str) -> &'r ClauseRow {
    rows.iter().find(|row| row.id == id).expect("a row")
}

#[test]
fn a_clause_is_found_where_a_file_names_it() {
    let rows = rows(HOSTED, &[]);
    assert_eq!(rows.len(), 241);
    assert_eq!(row(&rows, "SH-BAK-01").used_by, ["obligation backup", "obligation backup-retention"]);
    assert!(row(&rows, "MP-SLO-01").used_by.is_empty(), "it is of another document");
    // Two files of one provider share their entries' names.
    let twice = clauses(&[&read(HOSTED), &read(HOSTED), &read(ISOLATED)], &[]);
    assert_eq!(row(&twice, "SH-BAK-01").used_by.len(), 2);
    assert!(twice.iter().all(|row| !row.used_by.is_empty()), "every clause of both documents has its entry");
}

#[test]
fn what_software_acts_on_must_be_proven() {
    let none = rows(HOSTED, &[]);
    assert!(row(&none, "SH-AVAIL-05").is_unproven());
    assert!(row(&none, "SH-CHAR-03").is_unproven());
    assert!(!row(&none, "SH-RES-01").is_unproven(), "nothing is computed");
    let one = rows(HOSTED, &["sh_avail_05_a_run_of_119_seconds_is_one_minute", "a_test_of_nothing"]);
    assert_eq!(row(&one, "SH-AVAIL-05").proved_by, ["sh_avail_05_a_run_of_119_seconds_is_one_minute"]);
    assert!(row(&one, "SH-AVAIL-06").is_unproven());
}

#[test]
fn a_clause_of_the_files_own_has_a_row() {
    let file = HOSTED
        .replacen("[tiers]\n", "[clauses]\nOWN-01 = \"The provider sends flowers.\"\n\n[tiers]\n", 1)
        .replacen("clause    = [\"SH-TIER-01\"", "clause    = [\"OWN-01\", \"SH-TIER-01\"", 1);
    let rows = rows(&file, &[]);
    let own = row(&rows, "OWN-01");
    assert_eq!((own.mode, own.is_unproven()), ("own", false));
    assert_eq!(
        (own.text.as_str(), own.used_by.as_slice()),
        ("The provider sends flowers.", &["tiers".into()][..])
    );
}

/// The promise of the register: whatever software acts on is proven by a test of this workspace that bears its name.
#[test]
fn every_clause_that_software_acts_on_is_proven_by_a_test_of_this_workspace() {
    let tests = workspace_tests();
    assert!(tests.len() > 500, "only {} tests were found", tests.len());
    let rows = clauses(&[&read(HOSTED), &read(ISOLATED)], &tests);
    assert_eq!(rows.iter().filter(|row| row.needs_test()).count(), 165);
    let unproven: Vec<&str> =
        rows.iter().filter(|row| row.is_unproven()).map(|row| row.id.as_str()).collect();
    assert_eq!(unproven, Vec::<&str>::new());
}

fn workspace_tests() -> Vec<String> {
    let mut tests = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                tests.extend(tests_in(&fs::read_to_string(&path).expect("a source file")));
            }
        }
    }
    tests
}
