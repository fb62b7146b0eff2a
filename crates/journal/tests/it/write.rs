//! Closures in transactions: what fails undoes itself and nothing else.

use std::{panic, sync::Barrier, thread};

use journal::{Error, Tx};

use crate::store::{acme, both, fact, facts};

#[derive(Debug, PartialEq)]
enum Refusal {
    TooLate,
    Journal(String),
}

impl From<Error> for Refusal {
    fn from(e: Error) -> Refusal {
        Refusal::Journal(e.to_string())
    }
}

fn add_and_refuse(tx: &mut Tx<'_>, n: u32) -> Result<(), Refusal> {
    tx.append(&acme(), &[fact(n)], None)?;
    Err(Refusal::TooLate)
}

#[test]
fn a_refusal_undoes_what_its_closure_wrote() {
    both(|store| {
        let journal = store.open();
        journal.append(&acme(), &[fact(0)], None).unwrap();
        assert_eq!(journal.write(|tx| add_and_refuse(tx, 1)), Err(Refusal::TooLate));
        assert_eq!(journal.facts(&acme(), None).unwrap(), [fact(0)]);
    });
}

#[test]
fn a_closure_reads_what_it_wrote_and_others_do_not_until_the_commit() {
    both(|store| {
        let journal = store.open();
        let seen = journal.write(|tx| {
            tx.append(&acme(), &[fact(0)], None)?;
            tx.facts(&acme(), None)
        });
        assert_eq!(seen.unwrap(), [fact(0)]);
        let during = journal.read(|tx| {
            let before = tx.facts(&acme(), None)?;
            journal.append(&acme(), &[fact(1)], None)?;
            assert_eq!(tx.facts(&acme(), None)?, before, "one read sees one snapshot");
            Ok::<_, Error>(before)
        });
        assert_eq!(during.unwrap(), [fact(0)]);
        assert_eq!(journal.facts(&acme(), None).unwrap().len(), 2);
    });
}

#[test]
fn a_panic_reaches_its_caller_and_the_journal_goes_on() {
    both(|store| {
        let journal = store.open();
        let hook = panic::take_hook();
        panic::set_hook(Box::new(|_| {}));
        let caught = panic::catch_unwind(panic::AssertUnwindSafe(|| {
            journal.write(|tx| -> Result<(), Error> {
                tx.append(&acme(), &[fact(0)], None)?;
                panic!("on purpose");
            })
        }));
        panic::set_hook(hook);
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"on purpose"));
        assert_eq!(journal.append(&acme(), &[fact(1)], None).unwrap().first_seq, 1);
    });
}

#[test]
fn one_that_fails_in_a_crowd_does_not_undo_the_others() {
    both(|store| {
        let journal = store.open();
        let start = Barrier::new(32);
        thread::scope(|scope| {
            for writer in 0..32u32 {
                let (journal, start) = (&journal, &start);
                scope.spawn(move || {
                    start.wait();
                    for n in (writer * 10)..(writer * 10 + 10) {
                        if n % 3 == 0 {
                            assert_eq!(journal.write(move |tx| add_and_refuse(tx, n)), Err(Refusal::TooLate));
                        } else {
                            journal.append(&acme(), &[fact(n)], None).unwrap();
                        }
                    }
                });
            }
        });
        let mut stored = journal.facts(&acme(), None).unwrap();
        stored.sort_by_key(|fact| fact.at);
        let expected: Vec<_> = facts(0..320).into_iter().enumerate().filter(|(n, _)| n % 3 != 0).collect();
        assert!(stored.iter().eq(expected.iter().map(|(_, fact)| fact)));
        assert!(journal.verify(&[]).unwrap().is_sound());
    });
}

#[test]
fn a_read_cannot_write() {
    both(|store| {
        let journal = store.open();
        let refused = journal.read(|tx| tx.append(&acme(), &[fact(0)], None));
        assert!(matches!(refused, Err(Error::ReadOnly { .. })), "{refused:?}");
        assert_eq!(journal.append(&acme(), &[fact(0)], None).unwrap().first_seq, 1);
    });
}
