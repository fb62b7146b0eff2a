//! Subscribers of status pages: kept beside the facts, and gone when they leave.

use journal::{
    Hash,
    subscriber::{LINKS_KEPT, Reach, Subscriber},
};

use crate::store::{acme, at, both};

fn new(id: &str, address: &str) -> Subscriber {
    Subscriber {
        client: acme(),
        id: id.to_owned(),
        address: address.to_owned(),
        reach: Reach::Mail,
        asked: at(0),
        confirmed: None,
    }
}

fn secret(n: u8) -> Hash {
    [n; 32].into()
}

#[test]
fn an_address_is_there_once_confirms_once_and_leaves_nothing_behind() {
    both(|store| {
        let journal = store.open();
        let ann = new("a", "ann@example.org");
        let (one, again, two) = (ann.clone(), new("b", "ann@example.org"), new("c", "bob@example.org"));
        let added = journal.write::<_, journal::Error>(move |tx| {
            let added = [tx.add_subscriber(&one)?, tx.add_subscriber(&again)?, tx.add_subscriber(&two)?];
            tx.link_subscriber(&one, secret(1), at(1))?;
            tx.link_subscriber(&two, secret(2), at(2))?;
            Ok(added)
        });
        assert_eq!(added.unwrap(), [true, false, true]);
        let by = |n: u8| journal.read(move |tx| tx.linked_subscriber(secret(n))).unwrap();
        assert_eq!((by(1), by(3)), (Some(ann.clone()), None));
        let letters = |since| journal.read(|tx| tx.letters_since(&ann, at(since))).unwrap();
        assert_eq!((letters(0), letters(1)), ((1, Some(at(1))), (0, None)), "and none of the other's");
        let told = || journal.read(|tx| tx.confirmed_subscribers(&acme(), "", 10)).unwrap().len();
        assert_eq!(told(), 0);
        let of = ann.clone();
        let confirmed = journal.write::<_, journal::Error>(move |tx| {
            Ok([tx.confirm_subscriber(&of, at(5))?, tx.confirm_subscriber(&of, at(6))?])
        });
        assert_eq!(confirmed.unwrap(), [true, false]);
        assert_eq!((told(), by(1).unwrap().confirmed), (1, Some(at(5))));
        let silent = journal.read(|tx| tx.silent_subscribers(at(1), 10)).unwrap();
        assert_eq!(silent.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["c"]);
        let of = ann.clone();
        assert!(journal.write::<_, journal::Error>(move |tx| tx.forget_subscriber(&of)).unwrap());
        assert_eq!((told(), by(1)), (0, None));
        let gone = journal.read(|tx| tx.subscriber_at(&acme(), "ann@example.org")).unwrap();
        assert_eq!(gone, None);
        assert!(by(2).is_some(), "the other is still there");
        let sweep = |made| journal.write(move |tx| tx.sweep_links(made + LINKS_KEPT)).unwrap();
        assert_eq!((sweep(at(2)), by(2).is_some()), (0, true));
        assert_eq!((sweep(at(3)), by(2)), (1, None), "an old message's way out");
        assert!(journal.read(|tx| tx.subscriber_at(&acme(), "bob@example.org")).unwrap().is_some());
    });
}

#[test]
fn how_an_address_is_reached_is_kept_with_its_keys() {
    both(|store| {
        let journal = store.open();
        let hook = Reach::Hook { key: "whsec_c2VjcmV0".to_owned() };
        let browser = Reach::Browser { p256dh: "BPoint".to_owned(), auth: "secret".to_owned() };
        for (id, reach) in [("a", Reach::Mail), ("b", hook), ("c", browser)] {
            let one = Subscriber { reach, ..new(id, &format!("https://{id}.example")) };
            let added = one.clone();
            journal.write::<_, journal::Error>(move |tx| tx.add_subscriber(&added)).unwrap();
            let kept = journal.read::<_, journal::Error>(|tx| tx.subscriber(&acme(), id)).unwrap();
            assert_eq!(kept, Some(one));
        }
    });
}
