//! The outbox and jobs: written with their facts, claimed once, fenced.

use std::{collections::BTreeSet, thread};

use journal::{Claim, Error, Journal, Queue, Task};
use spans::Length;

use crate::store::{acme, at, both, fact};

fn task(n: i64) -> Task {
    Task {
        client: acme(),
        id: format!("mail-{n:04}"),
        kind: "mail".to_owned(),
        body: format!("to {n}"),
        due: at(n),
    }
}

fn claim(journal: &Journal, queue: Queue, second: i64, limit: usize) -> Vec<Claim> {
    journal.write(move |tx| tx.claim(queue, at(second), Length::MINUTE, limit)).unwrap()
}

#[test]
fn a_task_exists_if_and_only_if_its_facts_do() {
    both(|store| {
        let journal = store.open();
        let send = |keep: bool| {
            journal.write(move |tx| {
                tx.append(&acme(), &[fact(u32::from(keep))], None)?;
                tx.enqueue(Queue::Outbox, &task(i64::from(keep)))?;
                if keep {
                    Ok(())
                } else {
                    Err(Error::KeyReused { client: acme(), key: "on purpose".to_owned() })
                }
            })
        };
        assert!(send(false).is_err());
        assert!(send(true).is_ok());
        let claims = claim(&journal, Queue::Outbox, 100, 10);
        assert_eq!(claims.into_iter().map(|claim| claim.task).collect::<Vec<_>>(), [task(1)]);
        assert!(claim(&journal, Queue::Jobs, 100, 10).is_empty());
    });
}

#[test]
fn tasks_are_claimed_when_due_the_longest_due_first_and_enqueued_once() {
    both(|store| {
        let journal = store.open();
        for n in [30, 10, 20, 40] {
            assert!(journal.write(move |tx| tx.enqueue(Queue::Jobs, &task(n))).unwrap());
        }
        assert!(!journal.write(move |tx| tx.enqueue(Queue::Jobs, &task(10))).unwrap());
        let ids = |claims: Vec<Claim>| claims.into_iter().map(|claim| claim.task.due).collect::<Vec<_>>();
        let oldest = |queue| journal.read(|tx| tx.oldest_due(queue)).unwrap();
        assert_eq!([oldest(Queue::Jobs), oldest(Queue::Outbox)], [Some(at(10)), None]);
        let held = claim(&journal, Queue::Jobs, 35, 1).remove(0);
        journal.write(move |tx| tx.finish(Queue::Jobs, &held, at(35))).unwrap();
        assert_eq!(oldest(Queue::Jobs), Some(at(20)));
        assert_eq!(ids(claim(&journal, Queue::Jobs, 35, 1)), [at(20)]);
        assert_eq!(ids(claim(&journal, Queue::Jobs, 35, 9)), [at(30)]);
        assert!(claim(&journal, Queue::Jobs, 35, 9).is_empty());
    });
}

#[test]
fn a_worker_that_slept_through_its_lease_is_fenced_off() {
    both(|store| {
        let journal = store.open();
        journal.write(|tx| tx.enqueue(Queue::Jobs, &task(0))).unwrap();
        let slow = claim(&journal, Queue::Jobs, 0, 1).remove(0);
        assert!(claim(&journal, Queue::Jobs, 59, 1).is_empty(), "the lease holds");
        let quick = claim(&journal, Queue::Jobs, 60, 1).remove(0);
        assert_eq!((slow.fence, quick.fence), (1, 2));
        let late = slow.clone();
        let fenced = journal.write(move |tx| {
            tx.append(&acme(), &[fact(1)], None)?;
            tx.finish(Queue::Jobs, &late, at(61))
        });
        assert!(matches!(fenced, Err(Error::Fenced { .. })), "{fenced:?}");
        assert!(
            journal.facts(&acme(), None).unwrap().is_empty(),
            "what the late worker did is undone with it"
        );
        assert!(matches!(
            journal.write(move |tx| tx.postpone(Queue::Jobs, &slow, at(99))),
            Err(Error::Fenced { .. })
        ));
        let done = quick.clone();
        journal.write(move |tx| tx.finish(Queue::Jobs, &done, at(61))).unwrap();
        assert!(matches!(
            journal.write(move |tx| tx.finish(Queue::Jobs, &quick, at(61))),
            Err(Error::Fenced { .. })
        ));
        assert!(claim(&journal, Queue::Jobs, 9_999, 1).is_empty(), "done is done");
    });
}

#[test]
fn a_postponed_task_keeps_its_true_due_instant() {
    both(|store| {
        let journal = store.open();
        journal.write(|tx| tx.enqueue(Queue::Outbox, &task(5))).unwrap();
        let first = claim(&journal, Queue::Outbox, 5, 1).remove(0);
        journal.write(move |tx| tx.postpone(Queue::Outbox, &first, at(500))).unwrap();
        assert!(claim(&journal, Queue::Outbox, 499, 1).is_empty());
        let second = claim(&journal, Queue::Outbox, 500, 1).remove(0);
        assert_eq!((second.task.due, second.fence), (at(5), 2));
    });
}

#[test]
fn workers_of_two_nodes_never_hold_the_same_task() {
    both(|store| {
        let nodes = [store.open(), store.open()];
        nodes[0].write(|tx| (0..400).try_for_each(|n| tx.enqueue(Queue::Jobs, &task(n)).map(drop))).unwrap();
        let worker = |journal: &Journal| {
            let mut mine = Vec::new();
            loop {
                let claims = claim(journal, Queue::Jobs, 1_000, 7);
                if claims.is_empty() {
                    return mine;
                }
                mine.extend(claims.into_iter().map(|claim| claim.task.id));
            }
        };
        let claimed: Vec<String> = thread::scope(|scope| {
            let (nodes, worker) = (&nodes, &worker);
            let running: Vec<_> = (0..4).map(|n| scope.spawn(move || worker(&nodes[n % 2]))).collect();
            running.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        assert_eq!(claimed.len(), 400);
        assert_eq!(claimed.iter().collect::<BTreeSet<_>>().len(), 400);
    });
}

#[test]
fn what_was_done_long_ago_is_forgotten_and_what_waits_is_not() {
    both(|store| {
        let journal = store.open();
        for (queue, n) in [(Queue::Outbox, 1), (Queue::Outbox, 2), (Queue::Outbox, 3), (Queue::Jobs, 1)] {
            journal.write(move |tx| tx.enqueue(queue, &task(n))).unwrap();
        }
        for (queue, second) in [(Queue::Outbox, 10), (Queue::Outbox, 20), (Queue::Jobs, 10)] {
            let held = claim(&journal, queue, second, 1).remove(0);
            journal.write(move |tx| tx.finish(queue, &held, at(second))).unwrap();
        }
        let sweep = |second| journal.write(move |tx| tx.sweep_done(at(second))).unwrap();
        assert_eq!(sweep(10), 0, "half-open: done at the instant itself is kept");
        assert_eq!(sweep(11), 2);
        assert_eq!(sweep(1_000), 1, "the third waits");
        assert!(journal.write(move |tx| tx.enqueue(Queue::Outbox, &task(1))).unwrap(), "its id is free");
        assert_eq!(claim(&journal, Queue::Outbox, 1_000, 9).len(), 2);
    });
}
