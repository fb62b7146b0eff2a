//! Vantage points elsewhere: kept beside the facts, never among them.

use facts::VantageId;
use journal::{Journal, vantage::Entry};

use crate::store::{acme, at, both};

fn ams() -> VantageId {
    "ams-1".parse().unwrap()
}

/// A token that ends at the second 600 after.
fn invite(journal: &Journal, token: &'static str, second: i64) -> bool {
    let invited = journal
        .write(move |tx| tx.invite_vantage(&ams(), Some(&[acme()]), token, at(second), at(second + 600)));
    invited.unwrap()
}

fn join(journal: &Journal, token: &'static str, key: &'static str, second: i64) -> Entry {
    journal.write(move |tx| tx.join_vantage(token, key, at(second))).unwrap()
}

#[test]
fn a_token_works_once_in_time_and_for_its_key_again() {
    both(|store| {
        let journal = store.open();
        assert!(invite(&journal, "first", 0));
        assert_eq!(join(&journal, "first", "key", 600), Entry::Refused, "ten minutes are over");
        assert!(invite(&journal, "second", 700));
        assert_eq!(join(&journal, "first", "key", 700), Entry::Refused, "a new token voids the old");
        assert_eq!(join(&journal, "second", "key", 701), Entry::In(ams()));
        assert_eq!(join(&journal, "second", "key", 9_000), Entry::In(ams()), "its answer was lost");
        assert_eq!(join(&journal, "second", "other", 702), Entry::Refused, "a token works once");
        assert!(!invite(&journal, "third", 800), "a name that has joined is taken");
        let point = journal.read(|tx| tx.vantage(&ams())).unwrap().unwrap();
        assert_eq!((point.key.as_deref(), point.joined), (Some("key"), Some(at(701))));
        assert_eq!(point.clients, Some(vec![acme()]));
    });
}

#[test]
fn what_was_revoked_stays_out() {
    both(|store| {
        let journal = store.open();
        assert!(invite(&journal, "token", 0));
        assert_eq!(join(&journal, "token", "key", 1), Entry::In(ams()));
        assert!(journal.write(|tx| tx.revoke_vantage(&ams(), at(2))).unwrap());
        assert!(!journal.write(|tx| tx.revoke_vantage(&ams(), at(3))).unwrap());
        assert_eq!(join(&journal, "token", "key", 4), Entry::Refused);
        assert!(!invite(&journal, "again", 5));
        assert_eq!(journal.read(|tx| tx.vantages()).unwrap()[0].revoked, Some(at(2)));
    });
}

#[test]
fn a_revision_rises_with_what_changes_and_only_then() {
    both(|store| {
        let journal = store.open();
        assert!(invite(&journal, "token", 0));
        let revise =
            |byte: u8| journal.write(move |tx| tx.revise_assignment(&ams(), [byte; 32].into())).unwrap();
        assert_eq!([revise(1), revise(1), revise(2), revise(1)], [1, 1, 2, 3]);
        for second in [5, 3] {
            journal.write(move |tx| tx.see_vantage(&ams(), at(second))).unwrap();
        }
        assert_eq!(journal.read(|tx| tx.vantage(&ams())).unwrap().unwrap().seen, Some(at(5)));
    });
}
