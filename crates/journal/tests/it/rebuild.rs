//! Projections are read off the entries again, byte for byte.

use journal::Key;

use crate::store::{Store, acme, both, fact_of, facts, instance_added, instance_ended};

/// Appends of every kind: keyed and not, of instances and not, of two clients, beyond one page.
fn history(store: &Store) {
    let journal = store.open();
    let beta = "beta".parse().unwrap();
    for round in 0..6u32 {
        let key = Key::new(&format!("round-{round}")).unwrap();
        let from = round * 1_000;
        journal.append(&acme(), &facts(from..from + 60), Some(&key)).unwrap();
        let name = format!("instance-{}", round % 4);
        journal.append(&acme(), &[instance_added(from + 100, &name)], None).unwrap();
        journal
            .append(&acme(), &[instance_ended(from + 101, "instance-1")], Some(&Key::new(&name).unwrap()))
            .ok();
        journal.append_new(&beta, &[fact_of(&beta, round)]).unwrap();
    }
}

#[test]
fn a_rebuild_changes_nothing_byte_for_byte() {
    both(|store| {
        history(store);
        let journal = store.open();
        let before = journal.dump_projections().unwrap();
        assert_eq!(before.lines().count(), 16, "{before}");
        let rebuilt = journal.rebuild().unwrap();
        assert_eq!(rebuilt.repaired, Vec::<String>::new());
        assert_eq!((rebuilt.clients, rebuilt.entries), (2, 376));
        assert_eq!(journal.dump_projections().unwrap(), before);
    });
}

#[test]
fn lost_projections_come_back_as_they_were() {
    both(|store| {
        history(store);
        let before = store.open().dump_projections().unwrap();
        let altered = "DELETE FROM receipt; UPDATE instance SET name = 'x';
            INSERT INTO head SELECT 'No Client', seq, hash FROM head WHERE client = 'beta'; DELETE FROM head WHERE seq > 9";
        store.raw(altered).unwrap();
        let journal = store.open();
        let rebuilt = journal.rebuild().unwrap();
        assert!(rebuilt.to_string().contains("in the entries, but not stored: head acme"), "{rebuilt}");
        assert_eq!(journal.dump_projections().unwrap(), before);
        assert!(journal.verify(&[]).unwrap().is_sound());
        let next = journal.append(&acme(), &facts(90_000..90_001), None).unwrap();
        assert_eq!(next.first_seq, 371);
    });
}

#[test]
fn a_row_that_cannot_even_be_read_is_replaced_too() {
    both(|store| {
        history(store);
        let before = store.open().dump_projections().unwrap();
        store.raw("UPDATE instance SET environment = 'moon'").unwrap();
        let journal = store.open();
        assert!(journal.dump_projections().is_err());
        assert!(!journal.rebuild().unwrap().repaired.is_empty());
        assert_eq!(journal.dump_projections().unwrap(), before);
    });
}
