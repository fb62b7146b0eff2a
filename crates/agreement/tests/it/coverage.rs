//! Clauses: where a file uses them, and which tests of this workspace prove them.

use std::{fs, path::Path};

use agreement::{
    Agreement,
    coverage::{ClauseRow, ClauseTest, clauses, tests_in, text},
};

use crate::shipped::{HOSTED, ISOLATED};

fn rows(file: &str, tests: &[ClauseTest]) -> Vec<ClauseRow> {
    clauses(&Agreement::read(file).0.expect("a shipped file"), file, tests)
}

fn test(name: &str) -> ClauseTest {
    ClauseTest { name: name.to_owned(), file: "a.rs".to_owned() }
}

#[track_caller]
fn row<'r>(rows: &'r [ClauseRow], id: &str) -> &'r ClauseRow {
    rows.iter().find(|row| row.id == id).expect("a row")
}

#[test]
fn a_clause_is_found_where_the_file_names_it() {
    let rows = rows(HOSTED, &[]);
    assert_eq!(rows.len(), 112);
    let backup = &row(&rows, "SH-BAK-01").uses;
    assert_eq!(
        backup.iter().map(|used| used.entry.as_str()).collect::<Vec<_>>(),
        ["obligation backup", "obligation backup-retention"]
    );
    for used in rows.iter().flat_map(|row| row.uses.iter().map(move |used| (row, used))) {
        let line = HOSTED.lines().nth(used.1.line - 1).expect("a line");
        assert!(line.contains(&used.0.id), "{line} names {}", used.0.id);
    }
}

#[test]
fn what_is_due_must_be_proven_and_what_waits_need_not() {
    let none = rows(HOSTED, &[]);
    assert!(row(&none, "SH-AVAIL-05").is_unproven());
    assert!(!row(&none, "SH-CHAR-03").is_unproven(), "its room is to come");
    assert!(!row(&none, "SH-RES-01").is_unproven(), "nothing is computed");
    let one =
        rows(HOSTED, &[test("sh_avail_05_a_run_of_119_seconds_is_one_minute"), test("a_test_of_nothing")]);
    assert!(!row(&one, "SH-AVAIL-05").is_unproven());
    assert_eq!(row(&one, "SH-AVAIL-05").tests.len(), 1);
    assert!(row(&one, "SH-AVAIL-06").is_unproven());
}

#[test]
fn a_clause_of_the_files_own_has_a_row() {
    let file = HOSTED
        .replacen("[tiers]\n", "[clauses]\nOWN-01 = \"The provider sends flowers.\"\n\n[tiers]\n", 1)
        .replacen("clause    = [\"SH-TIER-01\"", "clause    = [\"OWN-01\", \"SH-TIER-01\"", 1);
    let rows = rows(&file, &[]);
    let own = row(&rows, "OWN-01");
    assert_eq!((own.mode, own.room, own.is_unproven()), ("own", None, false));
    assert_eq!(own.uses[0].entry, "tiers");
}

#[test]
fn the_text_says_what_is_missing() {
    let rows = rows(HOSTED, &[test("sh_avail_05_whole_minutes")]);
    let mut some: Vec<ClauseRow> =
        ["SH-AVAIL-05", "SH-AVAIL-06", "SH-CHAR-03"].iter().map(|id| row(&rows, id).clone()).collect();
    for (line, used) in (10..).zip(some.iter_mut().flat_map(|row| &mut row.uses)) {
        used.line = line; // The shipped file may grow.
    }
    insta::assert_snapshot!(text(&some), @r"
    SH-AVAIL-05 (engine, promise)
      line 10: downtime
      test sh_avail_05_whole_minutes (a.rs)
    SH-AVAIL-06 (engine, promise)
      line 11: availability
      NO TEST proves it
    SH-CHAR-03 (guard, waits for desk)
      line 12: guard provider-decides
    3 clauses, 3 used, 1 proven by a test, 1 waiting for a room to be built; not proven: SH-AVAIL-06.
    ");
}

/// The promise of the register: whatever software acts on today is proven by a test of this workspace.
#[test]
fn every_clause_that_is_due_is_proven_by_a_test_of_this_workspace() {
    let tests = workspace_tests();
    assert!(tests.len() > 500, "only {} tests were found", tests.len());
    for file in [HOSTED, ISOLATED] {
        let rows = rows(file, &tests);
        let unproven: Vec<&str> =
            rows.iter().filter(|row| row.is_unproven()).map(|row| row.id.as_str()).collect();
        assert_eq!(unproven, Vec::<&str>::new());
    }
}

fn workspace_tests() -> Vec<ClauseTest> {
    let mut tests = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("..")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let source = fs::read_to_string(&path).expect("a source file");
                tests.extend(tests_in(&path.display().to_string(), &source));
            }
        }
    }
    tests
}
