//! Rounds over a journal: who gets what when, what is tried again, what is given up. On both engines.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use courier::{Courier, LEASE, Outcome, Parcel, Port, TRIES_MAX};
use journal::people::{Choice, Wish};
use spans::Length;

use crate::store::{Store, acme, at, both, letter, parcel, round};

/// A port that answers as told and keeps what it got.
#[derive(Clone)]
struct Fake {
    way: &'static str,
    got: Arc<Mutex<Vec<String>>>,
    answer: Arc<Mutex<Outcome>>,
}

impl Fake {
    fn mail() -> Fake {
        Fake { way: "mail", got: Arc::default(), answer: Arc::new(Mutex::new(Outcome::Delivered)) }
    }

    fn answers(&self, outcome: Outcome) {
        *self.answer.lock().unwrap() = outcome;
    }

    fn got(&self) -> Vec<String> {
        std::mem::take(&mut self.got.lock().unwrap())
    }
}

impl Port for Fake {
    fn way(&self) -> &'static str {
        self.way
    }

    fn send(&self, parcel: &Parcel) -> Outcome {
        self.got.lock().unwrap().push(parcel.id.clone());
        self.answer.lock().unwrap().clone()
    }
}

fn later() -> Outcome {
    Outcome::Later { why: "busy".to_owned(), after: None }
}

fn with(store: &Store) -> (Fake, Courier) {
    let fake = Fake::mail();
    (fake.clone(), store.courier(fake))
}

#[test]
fn what_is_delivered_is_delivered_once_and_forgotten() {
    both(|store| {
        let (fake, courier) = with(store);
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        assert_eq!(round(&courier, at(1)), [Outcome::Delivered]);
        assert_eq!(round(&courier, at(600)), []);
        assert_eq!(fake.got(), ["acme/f-1/ann/mail"]);
        let lost = store.journal.read(|tx| tx.lost_deliveries(at(-10), 10)).unwrap();
        assert!(lost.is_empty());
    });
}

/// SH-REQ-06: not before the day on which one becomes effective; nor after one has left.
#[test]
fn sh_req_06_who_does_not_count_yet_or_any_more_gets_nothing() {
    both(|store| {
        let (fake, courier) = with(store);
        store.write(|tx| {
            tx.set_term("ann", Some(at(100)))?;
            tx.set_leaves("ann", Some(at(200))).map(drop)
        });
        for (id, now) in [("f-1/ann/mail", 50), ("f-2/ann/mail", 150), ("f-3/ann/mail", 250)] {
            store.put(id, "mail", &letter(), at(now));
            round(&courier, at(now));
        }
        assert_eq!(fake.got(), ["acme/f-2/ann/mail"]);
    });
}

#[test]
fn what_fails_is_tried_again_ever_later_and_given_up_in_the_end() {
    both(|store| {
        let (fake, courier) = with(store);
        fake.answers(later());
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        let mut now = at(1);
        let mut waits = Vec::new();
        let mut last = now;
        for _ in 0..100_000 {
            if let Some(outcome) = round(&courier, now).pop() {
                waits.push((now - last).as_micros() / 1_000_000);
                last = now;
                if matches!(outcome, Outcome::Later { .. }) && waits.len() as u64 == TRIES_MAX {
                    break;
                }
            }
            now += Length::from_secs(30);
        }
        assert_eq!(waits[..6], [0, 30, 60, 120, 240, 480]);
        assert_eq!(*waits.last().unwrap(), 7_200);
        assert_eq!(round(&courier, now + Length::DAY), []);
        let lost = store.journal.read(|tx| tx.lost_deliveries(at(0), 10)).unwrap();
        assert_eq!((lost.len(), lost[0].fate.as_str()), (1, "given up after 16 tries: busy"));
    });
}

#[test]
fn what_was_sent_and_not_noted_is_sent_again_under_the_same_id() {
    both(|store| {
        let (fake, courier) = with(store);
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        // The process dies between sending and noting: the claim stands, nothing else.
        let claimed = store.journal.write(move |tx| tx.claim_deliveries(at(1), LEASE, 4)).unwrap();
        assert_eq!(round(&courier, at(2)), [], "somebody holds it");
        assert_eq!(round(&courier, at(1) + LEASE), [Outcome::Delivered]);
        assert_eq!(fake.got(), ["acme/f-1/ann/mail"]);
        // Who slept through the lease changes nothing any more.
        let late = claimed[0].clone();
        let done = store.journal.write(move |tx| tx.postpone_delivery(&late, at(900), "late"));
        assert!(matches!(done, Err(journal::Error::Fenced { .. })));
    });
}

#[test]
fn it_is_quiet_for_a_person_except_for_calls() {
    both(|store| {
        let (fake, courier) = with(store);
        // From 12:00 to 14:00 in Amsterdam: until 13:00 UTC.
        store.choose(Choice { quiet: Some((12 * 60, 14 * 60)), ..parcel(letter()).choice });
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        let mut call = letter();
        call.call = true;
        store.put("p-1/ann/mail", "mail", &call, at(0));
        assert_eq!(round(&courier, at(1)), [Outcome::Delivered]);
        assert_eq!(fake.got(), ["acme/p-1/ann/mail"]);
        assert_eq!(round(&courier, at(3_599)), []);
        assert_eq!(round(&courier, at(3_600)), [Outcome::Delivered]);
        assert_eq!(fake.got(), ["acme/f-1/ann/mail"]);
    });
}

#[test]
fn a_person_gets_so_many_an_hour_and_calls_beside_them() {
    both(|store| {
        let (fake, courier) = with(store);
        store.choose(Choice { hourly: 2, ..parcel(letter()).choice });
        for n in 0..4 {
            store.put(&format!("f-{n}/ann/mail"), "mail", &letter(), at(n));
        }
        let mut call = letter();
        call.call = true;
        store.put("p-1/ann/mail", "mail", &call, at(4));
        assert_eq!(round(&courier, at(10)).len() + round(&courier, at(10)).len(), 3);
        assert_eq!(fake.got(), ["acme/p-1/ann/mail", "acme/f-0/ann/mail", "acme/f-1/ann/mail"]);
        assert_eq!(round(&courier, at(3_000)), []);
        assert_eq!(round(&courier, at(3_700)).len(), 2);
    });
}

#[test]
fn a_way_that_is_not_set_up_loses_nothing_until_it_is_too_old() {
    both(|store| {
        let nothing = Courier::new(Arc::clone(&store.journal), Vec::new());
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        store.put("f-2/ann/mail", "mail", &letter(), at(-8 * 86_400));
        let outcomes = round(&nothing, at(1));
        assert!(matches!(&outcomes[..], [Outcome::Never { .. }]), "{outcomes:?}");
        assert_eq!(store.journal.read(|tx| tx.count_waiting("mail")).unwrap(), 1);
        let waiting = store.journal.read(|tx| tx.waiting_deliveries(10)).unwrap();
        assert_eq!(waiting[0].fate, "this way is not set up");
        let (fake, courier) = with(store);
        assert_eq!(round(&courier, at(700)), [Outcome::Delivered]);
        assert_eq!(fake.got().len(), 1);
    });
}

#[test]
fn who_may_no_longer_come_in_gets_nothing() {
    both(|store| {
        let (fake, courier) = with(store);
        store.put("f-1/ann/mail", "mail", &letter(), at(0));
        store.write(move |tx| tx.disable_person("ann", at(1)).map(drop));
        assert!(matches!(&round(&courier, at(2))[..], [Outcome::Never { .. }]));
        assert!(fake.got().is_empty());
    });
}

#[test]
fn a_browser_that_is_gone_is_forgotten() {
    both(|store| {
        let fake = Fake { way: "push", ..Fake::mail() };
        let courier = store.courier(fake.clone());
        store.subscribe("https://push.example/1", ("p".to_owned(), "a".to_owned()));
        store.put("f-1/ann/push", "push", &letter(), at(0));
        fake.answers(Outcome::Never { why: "the push service answered 410".to_owned(), gone: true });
        assert_eq!(round(&courier, at(1)).len(), 1);
        assert!(store.journal.read(|tx| tx.subscriptions("ann")).unwrap().is_empty());
    });
}

#[test]
fn two_couriers_send_each_letter_once() {
    both(|store| {
        let sent = Arc::new(AtomicUsize::new(0));
        struct Counting(Arc<AtomicUsize>);
        impl Port for Counting {
            fn way(&self) -> &'static str {
                "mail"
            }
            fn send(&self, _: &Parcel) -> Outcome {
                self.0.fetch_add(1, Ordering::Relaxed);
                Outcome::Delivered
            }
        }
        store.choose(Choice { hourly: 1_000, ..parcel(letter()).choice });
        for n in 0..40 {
            store.put(&format!("f-{n}/ann/mail"), "mail", &letter(), at(0));
        }
        std::thread::scope(|scope| {
            for _ in 0..2 {
                let courier = store.courier(Counting(Arc::clone(&sent)));
                scope.spawn(move || while !round(&courier, at(1)).is_empty() {});
            }
        });
        assert_eq!(sent.load(Ordering::Relaxed), 40);
    });
}

#[test]
fn wishes_and_clearances_are_kept_as_they_were_said() {
    both(|store| {
        let choice = Choice {
            address: None,
            mail: Wish::Pages,
            push: Wish::Nothing,
            quiet: Some((1_320, 420)),
            zone: "Asia/Tokyo".to_owned(),
            hourly: 5,
        };
        store.choose(choice.clone());
        assert_eq!(store.journal.read(|tx| tx.choice("ann")).unwrap(), choice);
        assert_eq!(store.journal.read(|tx| tx.choice("bob")).unwrap(), Choice::default());
        assert!(Wish::Pages.takes(true) && !Wish::Pages.takes(false) && !Wish::Nothing.takes(true));
        let cleared = || store.journal.read(|tx| tx.cleared(&acme())).unwrap();
        store.write(|tx| tx.set_clearance(&acme(), "ann", Some(at(0))));
        store.write(|tx| tx.set_clearance(&acme(), "ann", Some(at(1))));
        assert_eq!(cleared(), ["ann"]);
        store.write(|tx| tx.set_clearance(&acme(), "ann", None));
        assert!(cleared().is_empty());
    });
}
