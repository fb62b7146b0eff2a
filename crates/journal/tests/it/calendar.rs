//! The address of a client's calendar: one for each client, turned and ended.

use crate::store::{acme, at, both};

#[test]
fn an_address_is_one_clients_until_it_is_turned_or_ended() {
    both(|store| {
        let journal = store.open();
        assert_eq!(journal.read(|tx| tx.calendar_feed(&acme())).unwrap(), None);
        journal.write(|tx| tx.set_calendar_feed(&acme(), "first", "ann", at(1))).unwrap();
        assert_eq!(journal.read(|tx| tx.calendar_of("first")).unwrap(), Some(acme()));
        journal.write(|tx| tx.set_calendar_feed(&acme(), "second", "bob", at(2))).unwrap();
        assert_eq!(journal.read(|tx| tx.calendar_of("first")).unwrap(), None);
        assert_eq!(journal.read(|tx| tx.calendar_of("second")).unwrap(), Some(acme()));
        let feed = journal.read(|tx| tx.calendar_feed(&acme())).unwrap().unwrap();
        assert_eq!((feed.person.as_str(), feed.created), ("bob", at(2)));
        assert!(journal.write(|tx| tx.end_calendar_feed(&acme())).unwrap());
        assert!(!journal.write(|tx| tx.end_calendar_feed(&acme())).unwrap());
        assert_eq!(journal.read(|tx| tx.calendar_of("second")).unwrap(), None);
    });
}
