//! The database itself refuses to change or remove an entry, whoever asks.

use crate::store::{acme, both, facts};

#[test]
fn update_delete_replace_and_truncate_are_refused() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..3), None).unwrap();
        let columns = "client, seq, id, at_us, recorded_us, event, append_key, request, body, prev, hash";
        let mut attempts = vec![
            "UPDATE entry SET body = 'x' WHERE seq = 2".to_owned(),
            "UPDATE entry SET seq = 9 WHERE seq = 2".to_owned(),
            "DELETE FROM entry WHERE seq = 3".to_owned(),
            format!("INSERT INTO entry ({columns}) SELECT client, 2, 'new', 0, 0, event, NULL, NULL, 'x', prev, hash
                FROM entry WHERE seq = 1"),
        ];
        if store.is_sqlite() {
            attempts.push(format!(
                "INSERT OR REPLACE INTO entry ({columns}) SELECT client, 2, 'new', 0, 0, event, NULL, NULL,
                'x', prev, hash FROM entry WHERE seq = 1"
            ));
        } else {
            attempts.push("TRUNCATE entry".to_owned());
        }
        for attempt in attempts {
            let refused = store.raw(&attempt);
            let said = refused.expect_err(&attempt);
            assert!(
                said.contains("append-only") || said.contains("unique") || said.contains("duplicate"),
                "{said}"
            );
        }
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..3));
        assert!(journal.verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn replacing_by_id_does_nothing() {
    both(|store| {
        if !store.is_sqlite() {
            return; // PostgreSQL has no REPLACE
        }
        let journal = store.open();
        journal.append(&acme(), &facts(0..3), None).unwrap();
        store
            .raw(
                "INSERT OR REPLACE INTO entry SELECT client, 99, id, 0, 0, event, NULL, NULL, 'x', prev, hash
                FROM entry WHERE seq = 2",
            )
            .unwrap();
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..3));
    });
}
