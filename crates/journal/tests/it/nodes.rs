//! Several processes over one journal, here as several open journals: they agree on numbers, keys and who was first.

use std::{sync::Barrier, thread};

use facts::ClientId;
use journal::{Journal, Key};
use testkit::postgres::Cluster;

use crate::store::{acme, both, fact, fact_of, facts};

#[test]
fn nodes_that_start_at_once_on_an_empty_store_make_one_journal() {
    both(|store| {
        let start = Barrier::new(8);
        thread::scope(|scope| {
            for n in 0..8 {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    store.open().append(&acme(), &[fact(n)], None).unwrap();
                });
            }
        });
        let report = store.open().verify(&[]).unwrap();
        assert!(report.is_sound() && report.entries == 8, "{report}");
    });
}

#[test]
fn a_hundred_threads_of_two_nodes_with_one_key_have_one_effect() {
    both(|store| {
        let nodes = [store.open(), store.open()];
        let key = Key::new("the one").unwrap();
        let appended: Vec<_> = thread::scope(|scope| {
            let append = |n: usize| {
                let (node, key) = (&nodes[n % 2], &key);
                scope.spawn(move || node.append(&acme(), &facts(0..3), Some(key)).unwrap())
            };
            let threads: Vec<_> = (0..100).map(append).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(appended.iter().all(|a| (a.first_seq, a.last_seq) == (1, 3)));
        assert_eq!(appended.iter().filter(|a| !a.already).count(), 1);
        assert_eq!(nodes[0].facts(&acme(), None).unwrap(), facts(0..3));
    });
}

#[test]
fn nodes_that_deadlock_try_again() {
    both(|store| {
        let nodes = [store.open(), store.open()];
        let beta: ClientId = "beta".parse().unwrap();
        let cross = |node: &Journal, n: u32, order: [ClientId; 2]| {
            node.write(move |tx| {
                order.iter().try_for_each(|client| {
                    let added = tx.append(client, &[fact_of(client, n)], None).map(drop);
                    thread::sleep(std::time::Duration::from_millis(3));
                    added
                })
            })
        };
        thread::scope(|scope| {
            for n in 0..8 {
                let (nodes, beta, cross) = (&nodes, beta.clone(), &cross);
                let order = if n % 2 == 0 { [acme(), beta] } else { [beta, acme()] };
                scope.spawn(move || cross(&nodes[n as usize % 2], n, order).unwrap());
            }
        });
        let report = nodes[0].verify(&[]).unwrap();
        assert!(report.is_sound() && report.entries == 16, "{report}");
    });
}

#[test]
fn a_server_that_restarts_is_found_again_by_readers_and_writers() {
    let cluster = Cluster::start().unwrap();
    let journal = Journal::open(&cluster.url().parse().unwrap()).unwrap();
    journal.append(&acme(), &facts(0..2), None).unwrap();
    assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..2));
    cluster.crash().unwrap();
    cluster.restart().unwrap();
    assert_eq!(journal.facts(&acme(), None).unwrap(), facts(0..2));
    cluster.crash().unwrap();
    thread::scope(|scope| {
        let waiting = scope.spawn(|| journal.append(&acme(), &[fact(2)], None).unwrap());
        thread::sleep(std::time::Duration::from_millis(300));
        cluster.restart().unwrap();
        assert_eq!(waiting.join().unwrap().first_seq, 3);
    });
    // Without a snapshot nothing is sent before the question that would show that the connection is gone.
    assert_eq!(journal.tail(&acme(), 0, 10).unwrap().len(), 3);
    cluster.crash().unwrap();
    cluster.restart().unwrap();
    assert_eq!(journal.tail(&acme(), 0, 10).unwrap().len(), 3);
    assert!(journal.verify(&[]).unwrap().is_sound());
}
