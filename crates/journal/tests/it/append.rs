//! Appending and reading back.

use std::thread;

use journal::{Error, Key, PAGE_ROWS};

use crate::store::{acme, at, both, fact, fact_of, facts, instance_added, instance_ended};

#[test]
fn facts_are_numbered_from_one_without_a_gap_and_read_back_in_that_order() {
    both(|store| {
        let journal = store.open();
        let first = journal.append(&acme(), &facts(0..3), None).unwrap();
        let second = journal.append(&acme(), &[fact(9), fact(5)], None).unwrap();
        assert_eq!((first.first_seq, first.last_seq), (1, 3));
        assert_eq!((second.first_seq, second.last_seq), (4, 5));
        let expected = [facts(0..3), vec![fact(9), fact(5)]].concat();
        assert_eq!(journal.facts(&acme(), None).unwrap(), expected);
        drop(journal);
        assert_eq!(store.open().facts(&acme(), None).unwrap(), expected);
    });
}

#[test]
fn facts_up_to_an_instant_are_those_recorded_by_then() {
    both(|store| {
        let journal = store.open();
        let mut late = fact(1);
        late.recorded_at = at(100);
        journal.append(&acme(), &[fact(10), late.clone(), fact(20)], None).unwrap();
        assert_eq!(journal.facts(&acme(), Some(at(9))).unwrap(), []);
        assert_eq!(journal.facts(&acme(), Some(at(20))).unwrap(), [fact(10), fact(20)]);
        assert_eq!(journal.facts(&acme(), Some(at(100))).unwrap(), [fact(10), late, fact(20)]);
    });
}

#[test]
fn each_client_has_its_own_numbers_and_sees_no_other() {
    both(|store| {
        let journal = store.open();
        let (beta, provider) = ("beta".parse().unwrap(), facts::ClientId::provider());
        journal.append(&acme(), &facts(0..2), None).unwrap();
        assert_eq!(journal.append(&beta, &[fact_of(&beta, 0)], None).unwrap().first_seq, 1);
        assert_eq!(journal.facts(&beta, None).unwrap(), [fact_of(&beta, 0)]);
        assert_eq!(journal.facts(&provider, None).unwrap(), []);
        assert_eq!(journal.clients().unwrap(), [acme(), beta]);
    });
}

#[test]
fn a_fact_of_another_client_is_refused() {
    both(|store| {
        let journal = store.open();
        let refused = journal.append(&"beta".parse().unwrap(), &[fact(0)], None);
        assert!(matches!(refused, Err(Error::OtherClient { .. })), "{refused:?}");
    });
}

#[test]
fn the_same_key_again_answers_what_was_stored() {
    both(|store| {
        let journal = store.open();
        let key = Key::new("monday").unwrap();
        let first = journal.append(&acme(), &facts(0..3), Some(&key)).unwrap();
        journal.append(&acme(), &[fact(7)], None).unwrap();
        // Sent again by somebody who writes new ids and a new recording time, as a client does after a lost answer.
        let mut again = facts(0..3);
        for fact in &mut again {
            fact.id = facts::FactId::v7(at(50), [9; 10]);
            fact.recorded_at = at(50);
        }
        let second = journal.append(&acme(), &again, Some(&key)).unwrap();
        assert!(second.already && !first.already);
        assert_eq!((second.first_seq, second.last_seq), (first.first_seq, first.last_seq));
        assert_eq!(journal.facts(&acme(), None).unwrap().len(), 4);
        let keys: Vec<_> = journal.tail(&acme(), 0, 10).unwrap().into_iter().map(|entry| entry.key).collect();
        assert_eq!(
            keys,
            [Some("monday".to_owned()), Some("monday".to_owned()), Some("monday".to_owned()), None]
        );
    });
}

#[test]
fn the_same_key_for_something_else_is_refused() {
    both(|store| {
        let journal = store.open();
        let key = Key::new("monday").unwrap();
        journal.append(&acme(), &[fact(0)], Some(&key)).unwrap();
        let refused = journal.append(&acme(), &[fact(1)], Some(&key));
        assert!(matches!(refused, Err(Error::KeyReused { .. })), "{refused:?}");
        // Another client may use the same name.
        let beta = "beta".parse().unwrap();
        assert!(!journal.append(&beta, &[fact_of(&beta, 1)], Some(&key)).unwrap().already);
    });
}

#[test]
fn a_request_is_its_bytes_where_we_write_the_facts_ourselves() {
    both(|store| {
        let journal = store.open();
        let key = Key::of_request("monday", b"{\"close\":\"T-1\"}").unwrap();
        journal.append(&acme(), &[fact(0)], Some(&key)).unwrap();
        assert!(journal.append(&acme(), &[fact(1)], Some(&key)).unwrap().already);
        let other = Key::of_request("monday", b"{\"close\":\"T-2\"}").unwrap();
        assert!(matches!(journal.append(&acme(), &[fact(1)], Some(&other)), Err(Error::KeyReused { .. })));
    });
}

#[test]
fn a_stored_id_is_refused_and_nothing_of_that_append_stays() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &facts(0..2), None).unwrap();
        let refused = journal.append(&acme(), &[fact(5), fact(1), fact(6)], None);
        assert!(matches!(refused, Err(Error::Stored { seq: 2, .. })), "{refused:?}");
        let twice = journal.append(&acme(), &[fact(8), fact(8)], None);
        assert!(matches!(twice, Err(Error::Stored { seq: 3, .. })), "{twice:?}");
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..2));
        assert_eq!(journal.append(&acme(), &[fact(9)], None).unwrap().first_seq, 3);
        assert!(journal.verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn an_import_that_runs_again_adds_nothing() {
    both(|store| {
        let journal = store.open();
        let first = journal.append_new(&acme(), &facts(0..5)).unwrap();
        let mut later = facts(0..7);
        later.iter_mut().for_each(|fact| fact.recorded_at = at(500));
        let second = journal.append_new(&acme(), &later).unwrap();
        let third = journal.append_new(&acme(), &later).unwrap();
        assert_eq!((first.added, first.present), (5, 0));
        assert_eq!((second.added, second.present), (2, 5));
        assert_eq!((third.added, third.present), (0, 7));
        assert_eq!(journal.append_new(&acme(), &[]).unwrap().added, 0);
        assert_eq!(journal.heads().unwrap()[0].seq, 7);
    });
}

#[test]
fn an_import_that_says_something_else_under_a_stored_id_is_refused_whole() {
    both(|store| {
        let journal = store.open();
        journal.append_new(&acme(), &facts(0..2)).unwrap();
        let mut other = fact(1);
        other.body = fact(2).body;
        let refused = journal.append_new(&acme(), &[fact(5), other]);
        assert!(matches!(refused, Err(Error::Differs { seq: 2, .. })), "{refused:?}");
        assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..2));
    });
}

#[test]
fn what_is_stored_stands_beside_what_says_something_else_and_a_comparison_tells_before() {
    both(|store| {
        let journal = store.open();
        journal.append_new(&acme(), &facts(0..2)).unwrap();
        let mut other = fact(1);
        other.body = fact(2).body;
        let asked = [fact(0), other.clone(), fact(5)];
        let before = journal.read(|tx| tx.compare(&asked)).unwrap();
        let these = asked.clone();
        let (added, differing) = journal.write(move |tx| tx.append_keeping(&acme(), &these)).unwrap();
        assert_eq!(before, (added, differing.clone()));
        assert_eq!((added.added, added.present, differing), (1, 1, vec![other.id]));
        assert_eq!(journal.facts(&acme(), None).unwrap(), [fact(0), fact(1), fact(5)]);
        assert!(journal.verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn what_is_too_big_is_refused_with_its_limit() {
    both(|store| {
        let journal = store.open();
        assert!(Key::new(&"k".repeat(journal::KEY_BYTES_MAX)).is_ok());
        assert!(matches!(Key::new(&"k".repeat(journal::KEY_BYTES_MAX + 1)), Err(Error::TooMuch { .. })));
        let mut huge = fact(0);
        huge.actor.id = "x".repeat(journal::BODY_BYTES_MAX);
        assert!(matches!(journal.append(&acme(), &[huge], None), Err(Error::TooMuch { .. })));
    });
}

#[test]
fn the_tail_is_read_page_by_page() {
    both(|store| {
        let journal = store.open();
        let many = PAGE_ROWS as u32 + 40;
        journal.append(&acme(), &facts(0..many), None).unwrap();
        let page = journal.tail(&acme(), 0, usize::MAX).unwrap();
        assert_eq!(page.len(), PAGE_ROWS as usize);
        let rest = journal.tail(&acme(), page[page.len() - 1].seq, usize::MAX).unwrap();
        assert_eq!(rest.len(), 40);
        assert_eq!(rest[39].hash, journal.heads().unwrap()[0].hash);
        assert_eq!(journal.facts(&acme(), None).unwrap().len(), many as usize);
    });
}

#[test]
fn sixty_four_writers_leave_one_unbroken_chain() {
    both(|store| {
        let journal = store.open();
        thread::scope(|scope| {
            for writer in 0..64 {
                let journal = &journal;
                scope.spawn(move || {
                    for n in 0..5 {
                        journal.append(&acme(), &[fact(writer * 100 + n)], None).unwrap();
                    }
                });
            }
        });
        let report = journal.verify(&[]).unwrap();
        assert!(report.is_sound(), "{report}");
        assert_eq!(report.entries, 320);
    });
}

#[test]
fn instances_are_read_off_their_facts() {
    both(|store| {
        let journal = store.open();
        let facts = [instance_added(1, "wiki"), instance_added(2, "board"), instance_ended(3, "wiki")];
        journal.append(&acme(), &facts[..2], None).unwrap();
        assert_eq!(journal.instances(&acme()).unwrap()[1].until, None);
        journal.append(&acme(), &[instance_ended(4, "nobody")], None).unwrap();
        journal.append(&acme(), &facts[2..], None).unwrap();
        let instances = journal.instances(&acme()).unwrap();
        let named: Vec<_> =
            instances.iter().map(|i| (i.instance.as_str(), i.url.is_some(), i.until)).collect();
        assert_eq!(named, [("board", true, None), ("wiki", false, Some(at(3)))]);
    });
}
