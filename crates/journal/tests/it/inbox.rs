//! What people were told: kept once, the newest first, until it is read, old, or too much.

use journal::{
    Journal,
    inbox::{INBOX_KEPT, INBOX_MAX, Item},
    people::{Person, Standing},
};
use spans::Length;

use crate::store::{acme, at, both};

fn item(person: &str, n: u64) -> Item {
    Item {
        person: person.to_owned(),
        client: acme(),
        id: format!("tell/{n}"),
        actor: "id-bo".to_owned(),
        body: format!("{{\"n\": {n}}}"),
        at: at(i64::try_from(n).unwrap()),
        read: None,
    }
}

fn put(journal: &Journal, items: Vec<Item>) -> usize {
    journal
        .write(move |tx| items.iter().map(|item| tx.put_in_inbox(item)).collect::<journal::Result<Vec<_>>>())
        .unwrap()
        .into_iter()
        .filter(|new| *new)
        .count()
}

fn two(journal: &Journal) {
    for login in ["ann", "bo"] {
        let person = Person::new(&format!("id-{login}"), login, login, Standing::Staff, at(0));
        assert!(journal.write(move |tx| tx.add_person(&person)).unwrap());
    }
}

#[test]
fn a_notice_is_there_once_and_new_until_it_is_read() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let again =
            [item("id-ann", 1), item("id-ann", 2), item("id-ann", 3), item("id-ann", 1), item("id-bo", 1)];
        assert_eq!(put(&journal, again.to_vec()), 4, "the same again is the same");
        let inbox = |person: &'static str| journal.read(move |tx| tx.inbox(person)).unwrap();
        assert_eq!(inbox("id-ann"), [item("id-ann", 3), item("id-ann", 2), item("id-ann", 1)]);
        let unread = |person: &'static str| journal.read(move |tx| tx.unread(person)).unwrap();
        assert_eq!(unread("id-ann"), [(acme(), 3)]);
        let read = |until: i64| {
            journal.write(move |tx| tx.read_inbox("id-ann", &acme(), at(until), at(50))).unwrap()
        };
        assert_eq!((read(2), read(2)), (2, 0), "what came after it is new");
        assert_eq!(
            inbox("id-ann").iter().map(|item| item.read).collect::<Vec<_>>(),
            [None, Some(at(50)), Some(at(50))]
        );
        assert_eq!((unread("id-ann"), unread("id-bo")), (vec![(acme(), 1)], vec![(acme(), 1)]));
        assert_eq!(journal.read(|tx| tx.new_in("id-ann")).unwrap(), [acme()]);
        assert_eq!(read(3), 1);
        assert_eq!(journal.read(|tx| tx.new_in("id-ann")).unwrap(), []);
    });
}

/// Whoever reads what a turn has brought so far has not read what the same turn brings next.
#[test]
fn what_one_instant_brings_stands_in_the_order_in_which_it_was_told() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let told = |id: &str| Item { id: id.to_owned(), ..item("id-ann", 7) };
        put(&journal, vec![told("b"), told("a")]);
        let inbox = || journal.read(|tx| tx.inbox("id-ann")).unwrap();
        let found = inbox();
        assert_eq!(found.iter().map(|item| item.id.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let until = found[0].at;
        put(&journal, vec![told("c"), Item { at: at(6), ..told("d") }]);
        let read = journal.write(move |tx| tx.read_inbox("id-ann", &acme(), until, at(8))).unwrap();
        assert_eq!(read, 2);
        let new: Vec<String> =
            inbox().into_iter().filter(|item| item.read.is_none()).map(|item| item.id).collect();
        assert_eq!(new, ["d", "c"]);
    });
}

#[test]
fn what_is_old_or_too_much_is_swept() {
    both(|store| {
        let journal = store.open();
        two(&journal);
        let many = (1..=INBOX_MAX + 2).map(|n| item("id-ann", n)).chain([item("id-bo", 1)]).collect();
        put(&journal, many);
        let count = |person: &'static str| journal.read(move |tx| tx.inbox(person)).unwrap().len();
        let sweep = |now| journal.write(move |tx| tx.sweep_inbox(now)).unwrap();
        assert_eq!(sweep(at(300)), 2, "the oldest of hers go, and none of his");
        assert_eq!((count("id-ann"), count("id-bo")), (200, 1));
        assert_eq!(sweep(at(1) + INBOX_KEPT), 0, "kept until its time is over");
        assert_eq!(sweep(at(1) + INBOX_KEPT + Length::from_secs(1)), 1);
        assert_eq!((count("id-ann"), count("id-bo")), (200, 0));
    });
}
