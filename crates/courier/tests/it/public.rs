//! Letters to subscribers of status pages: only to those who confirmed, but for the one that asks; and to nobody who has left.

use std::sync::{Arc, Mutex};

use courier::{Outcome, Port, PublicParcel};
use desk::public::{Event, PublicLetter};
use journal::{
    delivery::Delivery,
    subscriber::{Reach, Subscriber},
};
use spans::Instant;

use crate::store::{Store, acme, at, both, round};

#[derive(Clone, Default)]
struct Fake(Arc<Mutex<Vec<String>>>);

impl Port for Fake {
    fn way(&self) -> &'static str {
        "mail"
    }

    fn send_public(&self, parcel: &PublicParcel) -> Outcome {
        self.0.lock().unwrap().push(format!("{} {}", parcel.to.address, parcel.letter.title));
        Outcome::Delivered
    }
}

fn reader() -> Subscriber {
    Subscriber {
        client: acme(),
        id: "s-1".to_owned(),
        address: "reader@example.org".to_owned(),
        reach: Reach::Mail,
        asked: at(0),
        confirmed: None,
    }
}

fn put(store: &Store, title: &str, asks: bool, due: Instant) {
    let letter = PublicLetter {
        thread: "acme/status".to_owned(),
        title: title.to_owned(),
        said: "It is slow.".to_owned(),
        at: due,
        page: None,
        secret: "00".repeat(20),
        asks,
        event: Event::IncidentUpdated,
    };
    let delivery = Delivery {
        client: acme(),
        id: title.to_owned(),
        person: "a subscriber".to_owned(),
        way: "public-mail".to_owned(),
        target: "s-1".to_owned(),
        body: serde_json::to_string(&letter).unwrap(),
        urgent: false,
        due,
    };
    store.write(move |tx| tx.put_delivery(&delivery).map(drop));
}

#[test]
fn only_who_confirmed_is_told_and_who_has_left_is_not() {
    both(|store| {
        let fake = Fake::default();
        let courier = store.courier(fake.clone());
        store.write(|tx| tx.add_subscriber(&reader()).map(drop));
        put(store, "asks", true, at(1));
        put(store, "early", false, at(1));
        round(&courier, at(2));
        store.write(|tx| tx.confirm_subscriber(&reader(), at(3)).map(drop));
        put(store, "news", false, at(4));
        round(&courier, at(5));
        put(store, "late", false, at(6));
        store.write(|tx| tx.forget_subscriber(&reader()).map(drop));
        round(&courier, at(7));
        let sent = std::mem::take(&mut *fake.0.lock().unwrap());
        assert_eq!(sent, ["reader@example.org asks", "reader@example.org news"]);
        let lost = store.journal.read(|tx| tx.lost_deliveries(at(0), 9)).unwrap();
        let mut why: Vec<&str> = lost.iter().map(|one| one.fate.as_str()).collect();
        why.sort_unstable();
        assert_eq!(why, ["the subscriber has left", "the subscriber has not confirmed"]);
    });
}
