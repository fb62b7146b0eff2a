//! One server to a file, one to each name on PostgreSQL, and nothing in the way after it ended.

use std::os::unix::fs::PermissionsExt;

use journal::{Error, Journal};

use crate::store::{Store, both};

fn refused(journal: &Journal, name: &str) -> String {
    match journal.serve_as(name) {
        Err(error @ Error::Served { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("a second server of {name}"),
    }
}

#[test]
fn a_second_server_under_the_same_name_is_refused_until_the_first_has_ended() {
    both(|store| {
        let (one, two) = (store.open(), store.open());
        let serving = one.serve_as("here").unwrap();
        let said = refused(&two, "here");
        let told =
            if store.is_sqlite() { format!("process {}", std::process::id()) } else { "`here`".into() };
        assert!(said.contains(&told), "{said}");
        drop(serving);
        let _serving = two.serve_as("here").unwrap();
        refused(&one, "here");
    });
}

#[test]
fn a_file_has_one_server_whatever_its_name_and_a_database_several() {
    both(|store| {
        let (one, two) = (store.open(), store.open());
        let _serving = one.serve_as("here").unwrap();
        match store.is_sqlite() {
            true => drop(refused(&two, "there")),
            false => drop(two.serve_as("there").unwrap()),
        }
    });
}

#[test]
fn another_journal_in_the_same_database_has_servers_of_its_own() {
    let (one, two) = (Store::postgres(), Store::postgres());
    let _one = one.open().serve_as("here").unwrap();
    let _two = two.open().serve_as("here").unwrap();
}

#[test]
fn what_lies_beside_the_file_is_its_owners_alone() {
    let store = Store::sqlite();
    let _serving = store.open().serve_as("here").unwrap();
    let beside = std::path::PathBuf::from(format!("{}-serve", store.location));
    for file in [store.location.to_string().into(), beside] {
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}
