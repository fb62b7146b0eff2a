//! Export and import: the same journal elsewhere, or nothing.

use journal::{Error, Journal, Key, check_export};

use crate::store::{Store, acme, both, fact_of, facts, instance_added};

fn filled(store: &Store) -> Journal {
    let journal = store.open();
    journal.append(&acme(), &facts(0..300), Some(&Key::new("first").unwrap())).unwrap();
    journal.append(&acme(), &[instance_added(301, "wiki")], None).unwrap();
    let beta = "beta".parse().unwrap();
    journal.append(&beta, &[fact_of(&beta, 1)], None).unwrap();
    journal
}

fn exported(journal: &Journal) -> String {
    let mut bytes = Vec::new();
    journal.export(&mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn an_export_is_the_same_journal_on_the_other_engine() {
    both(|store| {
        let journal = filled(store);
        let text = exported(&journal);
        let other = if store.is_sqlite() { Store::postgres() } else { Store::sqlite() };
        let copy = other.open();
        let imported = copy.import(&mut text.as_bytes()).unwrap();
        assert_eq!((imported.added, imported.present), (302, 0));
        assert_eq!(copy.dump_projections().unwrap(), journal.dump_projections().unwrap());
        assert_eq!(exported(&copy), text);
        assert_eq!(check_export(&mut text.as_bytes()).unwrap().heads, journal.heads().unwrap());
        assert!(copy.verify(&journal.heads().unwrap()).unwrap().is_sound());
        let key = Key::new("first").unwrap();
        assert!(copy.append(&acme(), &facts(0..300), Some(&key)).unwrap().already, "keys travel along");
    });
}

#[test]
fn an_import_that_runs_again_adds_nothing_and_one_that_continues_adds_the_rest() {
    both(|store| {
        let journal = filled(store);
        let early = exported(&journal);
        journal.append(&acme(), &facts(500..510), Some(&Key::new("second").unwrap())).unwrap();
        let late = exported(&journal);
        let other = Store::sqlite();
        let copy = other.open();
        copy.import(&mut early.as_bytes()).unwrap();
        let again = copy.import(&mut early.as_bytes()).unwrap();
        assert_eq!((again.added, again.present), (0, 302));
        let rest = copy.import(&mut late.as_bytes()).unwrap();
        assert_eq!((rest.added, rest.present), (10, 302));
        let back = copy.import(&mut early.as_bytes()).unwrap();
        assert_eq!(
            (back.added, back.present),
            (0, 302),
            "an older export of the same journal is a part of it"
        );
        assert_eq!(exported(&copy), late);
        assert!(copy.verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn an_export_that_was_cut_or_altered_is_refused_with_its_line_and_nothing_is_kept() {
    both(|store| {
        let text = exported(&filled(&Store::sqlite()));
        let lines: Vec<&str> = text.lines().collect();
        let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat().join("\n") + "\n";
        let altered = |from: &str, to: &str| text.replacen(from, to, 1);
        let bad = [
            (String::new(), "no export"),
            ("seq,body\n1,x\n".to_owned(), "no export"),
            (altered("\"version\":1", "\"version\":9"), "newer uphold"),
            (lines[..200].join("\n") + "\n", "cut off"),
            (lines[..200].join("\n") + "\n" + &lines[200][..20], "EOF"),
            (without(lines.len() - 1), "cut off"),
            (without(250), "was expected here"),
            (without(lines.len() - 2), "cut out"),
            (altered("T-7\"", "T-8\""), "its hash"),
            (altered("\"key\":\"first\",", ""), "come together"),
            (altered("\"key\":\"first\"", "\"key\":\"other\""), "its hash"),
            (altered("\"seq\":9,", "\"seq\":10,"), "was expected here"),
            (text.clone() + "more\n", "follows the last line"),
            (text.replace(lines[5], &"x".repeat(journal::LINE_BYTES_MAX + 1)), "longer than"),
        ];
        let journal = store.open();
        for (text, says) in bad {
            let refused = journal.import(&mut text.as_bytes()).unwrap_err();
            assert!(
                matches!(refused, Error::Line { .. }) && refused.to_string().contains(says),
                "{says}: {refused}"
            );
            let checked = check_export(&mut text.as_bytes()).unwrap_err();
            assert_eq!(checked.to_string(), refused.to_string(), "known without a store");
            assert!(journal.clients().unwrap().is_empty() && journal.dump_projections().unwrap().is_empty());
        }
    });
}

#[test]
fn an_export_of_another_history_is_refused() {
    both(|store| {
        let text = exported(&filled(&Store::sqlite()));
        let journal = store.open();
        journal.append(&acme(), &facts(7..8), None).unwrap();
        let refused = journal.import(&mut text.as_bytes()).unwrap_err();
        assert!(
            refused.to_string().contains("line 2 of the export: entry acme 1 is stored with other contents"),
            "{refused}"
        );
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(7..8));
    });
}

#[test]
fn an_export_with_one_wrong_bit_is_refused_whole() {
    both(|store| {
        let home = Store::sqlite();
        let source = home.open();
        source.append(&acme(), &facts(0..6), Some(&Key::new("first").unwrap())).unwrap();
        source.append(&acme(), &[instance_added(7, "wiki")], None).unwrap();
        let good = exported(&source).into_bytes();
        let journal = store.open();
        let mut random = 7u64;
        for _ in 0..150 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let mut bad = good.clone();
            let bit = (random >> 33) as usize % (good.len() * 8);
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(journal.import(&mut bad.as_slice()).is_err(), "{}", String::from_utf8_lossy(&bad));
            assert_eq!(journal.dump_projections().unwrap(), "", "refused, and yet something was kept");
        }
    });
}
