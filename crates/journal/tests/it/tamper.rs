//! Whoever alters the database past the journal is found out.

use journal::{Error, Head};

use crate::store::{Store, acme, both, fact_of, facts, instance_added};

/// What somebody with access could do to the entries, and a word that the report must say of it.
const TAMPERING: &[(&str, &str)] = &[
    ("UPDATE entry SET body = replace(body, 'T-4', 'T-5') WHERE seq = 5", "its hash"),
    ("UPDATE entry SET body = '{}' WHERE seq = 5", "cannot be read"),
    ("UPDATE entry SET at_us = at_us + 1 WHERE seq = 5", "its hash"),
    ("UPDATE entry SET recorded_us = recorded_us - 1 WHERE seq = 5", "its hash"),
    ("UPDATE entry SET event = 'request.reopened' WHERE seq = 5", "its hash"),
    ("UPDATE entry SET id = 'other' WHERE seq = 5", "its columns"),
    ("UPDATE entry SET append_key = 'k', request = hash WHERE seq = 5", "its hash"),
    ("UPDATE entry SET hash = prev WHERE seq = 5", "its hash"),
    ("UPDATE entry SET prev = hash WHERE seq = 5", "not chained"),
    ("DELETE FROM entry WHERE seq = 1", "entry 1 was expected"),
    ("DELETE FROM entry WHERE seq = 5", "entry 5 was expected"),
    ("DELETE FROM entry WHERE seq = 10", "stored, but not in the entries"),
    ("DELETE FROM entry", "stored, but not in the entries"),
    (
        "UPDATE entry SET seq = 99 WHERE seq = 5; UPDATE entry SET seq = 5 WHERE seq = 6; UPDATE entry SET seq = 6 WHERE seq = 99",
        "not chained",
    ),
    ("UPDATE entry SET client = 'beta' WHERE client = 'acme'", "not chained"),
    ("DELETE FROM head", "in the entries, but not stored"),
    ("UPDATE head SET seq = seq - 1", "stored, but not in the entries"),
    ("UPDATE instance SET until_us = 0", "stored, but not in the entries"),
    ("UPDATE instance SET environment = 'moon' WHERE instance = 'wiki'", "a projection: column 3"),
    (
        "INSERT INTO instance SELECT 'ghost', instance, name, url, environment, software, from_us, until_us FROM instance",
        "client ghost: stored, but not in the entries",
    ),
    ("INSERT INTO head SELECT 'No Client', seq, hash FROM head", "client No Client: it has rows"),
    ("DELETE FROM receipt", "in the entries, but not stored"),
    ("UPDATE receipt SET last_seq = 9", "stored, but not in the entries"),
];

fn ten_entries(store: &Store) {
    let journal = store.open();
    journal.append(&acme(), &facts(0..8), Some(&journal::Key::new("first").unwrap())).unwrap();
    journal.append(&acme(), &[instance_added(8, "wiki"), instance_added(9, "board")], None).unwrap();
    assert!(journal.verify(&[]).unwrap().is_sound());
}

#[test]
fn every_alteration_is_found_and_named() {
    for (sql, says) in TAMPERING {
        both(|store| {
            ten_entries(store);
            store.tamper(sql);
            let report = store.open().verify(&[]).unwrap();
            let text = report.to_string();
            assert!(!report.is_sound() && text.contains(says), "{sql}\n{text}");
        });
    }
}

/// What somebody could do to the guards themselves, on SQLite and on PostgreSQL, and what the report must then name.
const UNGUARDED: &[(&str, &str, &str)] = &[
    ("DROP TRIGGER entry_update", "DROP TRIGGER entry_rows ON entry", "CREATE TRIGGER entry_"),
    (
        "DROP TRIGGER entry_delete",
        "ALTER TABLE entry DISABLE TRIGGER entry_truncate",
        "CREATE TRIGGER entry_",
    ),
    ("DROP TRIGGER entry_replace", "ALTER TABLE job SET UNLOGGED", "as uphold made it"),
    (
        "DROP TRIGGER entry_again; CREATE TRIGGER entry_again BEFORE INSERT ON entry BEGIN SELECT 1; END",
        "CREATE OR REPLACE FUNCTION entry_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
        "somebody else made this",
    ),
    ("DROP INDEX job_ready", "DROP INDEX job_ready", "CREATE INDEX job_ready"),
    ("ALTER TABLE head ADD COLUMN note TEXT", "ALTER TABLE head ADD COLUMN note TEXT", "note"),
];

#[test]
fn guards_that_were_taken_down_are_found_though_every_hash_holds() {
    for (on_sqlite, on_postgres, says) in UNGUARDED {
        both(|store| {
            ten_entries(store);
            store.raw(if store.is_sqlite() { on_sqlite } else { on_postgres }).unwrap();
            let text = store.open().verify(&[]).unwrap().to_string();
            assert!(
                text.contains("NOT SOUND") && text.contains("the store itself: ") && text.contains(says),
                "{text}"
            );
        });
    }
}

#[test]
fn tables_of_others_beside_the_journal_are_no_finding() {
    both(|store| {
        ten_entries(store);
        store.raw("CREATE TABLE letters (body TEXT)").unwrap();
        assert!(store.open().verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn a_tail_cut_off_with_its_traces_is_found_by_a_head_kept_outside() {
    both(|store| {
        ten_entries(store);
        let kept = store.open().heads().unwrap();
        store.tamper(
            "DELETE FROM entry WHERE seq > 8; DELETE FROM instance;
             UPDATE head SET seq = 8, hash = (SELECT hash FROM entry WHERE seq = 8)",
        );
        let journal = store.open();
        assert!(journal.verify(&[]).unwrap().is_sound(), "what remains is a chain");
        let report = journal.verify(&kept).unwrap();
        assert!(report.to_string().contains("the end was cut off"), "{report}");
    });
}

#[test]
fn a_rewritten_history_is_found_by_a_head_kept_outside() {
    both(|store| {
        ten_entries(store);
        let journal = store.open();
        let kept = Head { seq: 4, hash: journal.heads().unwrap()[0].hash, client: acme() };
        let report = journal.verify(&[kept]).unwrap();
        assert!(report.to_string().contains("history was rewritten"), "{report}");
    });
}

#[test]
fn neither_rebuild_nor_export_passes_over_a_broken_chain() {
    both(|store| {
        ten_entries(store);
        store.tamper("UPDATE entry SET body = replace(body, 'T-4', 'T-5') WHERE seq = 5");
        let journal = store.open();
        let before = journal.dump_projections().unwrap();
        assert!(matches!(journal.rebuild(), Err(Error::Broken(_))));
        assert_eq!(journal.dump_projections().unwrap(), before);
        assert!(matches!(journal.export(&mut Vec::new()), Err(Error::Broken(_))));
    });
}

#[test]
fn a_report_lists_the_first_findings_and_counts_the_rest() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..150), None).unwrap();
        let beta = "beta".parse().unwrap();
        journal.append(&beta, &[fact_of(&beta, 0)], None).unwrap();
        store.tamper("UPDATE entry SET at_us = 0");
        let report = journal.verify(&[]).unwrap();
        assert_eq!(report.findings.len(), journal::FINDINGS_MAX);
        assert_eq!(report.found, 302, "a wrong hash and a wrong column each");
        assert!(report.to_string().contains("and 202 more"));
    });
}

#[test]
fn a_flipped_bit_in_the_file_is_found_or_harmless() {
    let store = Store::sqlite();
    ten_entries(&store);
    let journal::Location::Sqlite(path) = &store.location else { unreachable!() };
    let good = std::fs::read(path).unwrap();
    let before = store.open().facts(&acme(), None).unwrap();
    let mut seed = 2_026u64;
    for _ in 0..300 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let bit = (seed >> 16) as usize % (good.len() * 8);
        let mut bad = good.clone();
        bad[bit / 8] ^= 1 << (bit % 8);
        std::fs::write(path, &bad).unwrap();
        let Ok(journal) = journal::Journal::open_existing(&store.location) else { continue };
        let sound = journal.verify(&[]).is_ok_and(|report| report.is_sound());
        assert!(!sound || journal.facts(&acme(), None).unwrap() == before, "bit {bit} passed unseen");
    }
}
