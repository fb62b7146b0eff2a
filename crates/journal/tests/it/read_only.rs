//! Reading leaves a journal as it is, and works where nothing may be written.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use journal::{Error, Journal, Location};

use crate::{
    child,
    store::{Store, acme, both, facts},
};

fn path(store: &Store) -> PathBuf {
    let Location::Sqlite(path) = &store.location else { unreachable!("a SQLite store") };
    path.clone()
}

/// A SQLite store of three entries that nobody has open.
fn closed() -> Store {
    let store = Store::sqlite();
    store.open().append(&acme(), &facts(0..3), None).unwrap();
    store
}

fn beside(path: &Path) -> Vec<String> {
    let entries = fs::read_dir(path.parent().unwrap()).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name != "test-binary");
    names.sort();
    names
}

#[test]
fn what_is_opened_to_be_read_refuses_to_be_written() {
    both(|store| {
        store.open().append(&acme(), &facts(0..3), None).unwrap();
        let journal = Journal::open_to_read(&store.location).unwrap();
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..3));
        assert!(journal.verify(&journal.heads().unwrap()).unwrap().is_sound());
        let refused = journal.append(&acme(), &facts(3..4), None).unwrap_err();
        assert!(matches!(refused, Error::OpenedToRead { .. }), "{refused}");
        assert!(matches!(journal.rebuild(), Err(Error::OpenedToRead { .. })));
        assert_eq!(store.open().facts(&acme(), None).unwrap(), facts(0..3));
    });
}

#[test]
fn an_empty_file_is_no_journal_and_stays_empty() {
    let store = Store::sqlite();
    fs::write(path(&store), b"").unwrap();
    for open in [Journal::open_to_read, Journal::open_existing] {
        let message = open(&store.location).err().expect("to be refused").to_string();
        assert!(message.starts_with("there is no journal at "), "{message}");
        assert_eq!(fs::metadata(path(&store)).unwrap().len(), 0);
        assert_eq!(beside(&path(&store)), ["journal.db"]);
    }
}

#[test]
fn reading_changes_no_byte_and_leaves_no_file() {
    let store = closed();
    let before = fs::read(path(&store)).unwrap();
    let journal = Journal::open_to_read(&store.location).unwrap();
    assert!(journal.verify(&[]).unwrap().is_sound());
    drop(journal);
    assert_eq!(
        (fs::read(path(&store)).unwrap(), beside(&path(&store))),
        (before, vec!["journal.db".to_owned()])
    );
}

#[test]
fn a_store_that_was_never_finished_is_not_finished_by_reading() {
    both(|store| {
        drop(store.open());
        store.raw("DELETE FROM migration").unwrap();
        let message = Journal::open_to_read(&store.location).err().expect("to be refused").to_string();
        assert!(message.contains("written by an older uphold (schema 0, and reading needs 1)"), "{message}");
    });
}

/// Reads the store as somebody who may write neither it nor its folder, and gives what they say.
fn read_by_nobody(store: &Store) -> String {
    let path = path(store);
    let folder = path.parent().unwrap();
    let mut reader = child::playing_as_nobody("read_only::one_who_may_only_read", folder);
    for entry in fs::read_dir(folder).unwrap() {
        fs::set_permissions(entry.unwrap().path(), fs::Permissions::from_mode(0o555)).unwrap();
    }
    fs::set_permissions(folder, fs::Permissions::from_mode(0o555)).unwrap();
    let before = beside(&path);
    let output = reader.env("UPHOLD_STORE", &path).output().unwrap();
    assert_eq!(beside(&path), before, "reading made or removed a file");
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
#[ignore = "a part in the tests below"]
fn one_who_may_only_read() {
    let location: Location = child::told("UPHOLD_STORE").parse().unwrap();
    match Journal::open_to_read(&location).and_then(|journal| journal.verify(&[])) {
        Ok(report) => println!("{report}"),
        Err(e) => println!("{e}"),
    }
}

#[test]
fn a_closed_journal_is_read_where_nothing_may_be_written() {
    let said = read_by_nobody(&closed());
    assert!(said.contains("sound, 3 entries of 1 client"), "{said}");
}

#[test]
fn an_open_journal_is_read_together_with_what_its_writer_has_only_logged() {
    let store = closed();
    let journal = store.open();
    journal.append(&acme(), &facts(3..5), None).unwrap();
    let said = read_by_nobody(&store);
    assert!(said.contains("sound, 5 entries of 1 client"), "{said}");
    drop(journal);
}

#[test]
fn a_log_that_nobody_may_recover_is_said_and_not_passed_over() {
    let (store, copy) = (closed(), Store::sqlite());
    let journal = store.open();
    journal.append(&acme(), &facts(3..5), None).unwrap();
    for suffix in ["", "-wal"] {
        let of = |store: &Store| format!("{}{suffix}", path(store).display());
        fs::copy(of(&store), of(&copy)).unwrap();
    }
    let said = read_by_nobody(&copy);
    assert!(said.contains("was not closed by its last writer") && said.contains("journal.db-wal"), "{said}");
    // Whoever may write there reads it all.
    fs::set_permissions(path(&copy), fs::Permissions::from_mode(0o644)).unwrap();
    let report = Journal::open_to_read(&copy.location).unwrap().verify(&[]).unwrap();
    assert_eq!(report.entries, 5, "{report}");
}
