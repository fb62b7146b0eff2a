//! A journal with one person, and letters for that person.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use courier::{Courier, Outcome, Parcel, Port, Told};
use desk::notify::{Letter, Why};
use facts::ClientId;
use journal::{
    Journal, Location,
    delivery::Delivery,
    people::{Choice, Person, Standing, Subscription},
};
use spans::{Instant, Length};

pub(crate) fn at(seconds: i64) -> Instant {
    "2026-03-06T12:00:00Z".parse::<Instant>().unwrap() + Length::from_secs(seconds)
}

pub(crate) fn acme() -> ClientId {
    "acme".parse().unwrap()
}

pub(crate) fn letter() -> Letter {
    Letter {
        thread: "acme/T-7".to_owned(),
        title: "T-7 Wiki is down".to_owned(),
        headline: "Somebody answered.".to_owned(),
        said: Some("We look at it.\n.\nA line of its own & <b>.".to_owned()),
        due: None,
        at: at(0),
        path: "/clients/acme/tickets/T-7".to_owned(),
        why: Why::Asked,
        call: false,
    }
}

pub(crate) fn parcel(letter: Letter) -> Parcel {
    let choice = Choice {
        address: Some("ann@client.example".to_owned()),
        zone: "Europe/Amsterdam".to_owned(),
        ..Choice::default()
    };
    Parcel {
        id: "acme/f-1/ann/mail".to_owned(),
        person: "ann".to_owned(),
        letter,
        choice,
        browser: None,
        at: at(1),
    }
}

/// Throws itself away.
pub(crate) struct Store {
    pub(crate) journal: Arc<Journal>,
    folder: Option<PathBuf>,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.folder.iter().for_each(|folder| drop(std::fs::remove_dir_all(folder)));
    }
}

/// The same story on both engines.
pub(crate) fn both(story: impl Fn(&Store)) {
    static FOLDERS: AtomicU32 = AtomicU32::new(0);
    let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("uphold-courier-{}-{number}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let sqlite = Location::Sqlite(folder.join("journal.db"));
    let postgres = Location::Postgres(testkit::postgres::shared().fresh_schema());
    for (location, folder) in [(sqlite, Some(folder)), (postgres, None)] {
        let store = Store { journal: Arc::new(Journal::open(&location).unwrap()), folder };
        let ann = Person::new("ann", "ann", "Ann", Standing::Of(acme()), at(0));
        store.write(move |tx| tx.add_person(&ann).map(drop));
        store.choose(parcel(letter()).choice);
        story(&store);
    }
}

impl Store {
    pub(crate) fn write(&self, work: impl Fn(&mut journal::Tx<'_>) -> journal::Result<()> + Send + 'static) {
        self.journal.write(work).unwrap();
    }

    pub(crate) fn choose(&self, choice: Choice) {
        self.write(move |tx| tx.set_choice("ann", &choice));
    }

    pub(crate) fn put(&self, id: &str, way: &str, letter: &Letter, due: Instant) {
        let delivery = Delivery {
            client: acme(),
            id: id.to_owned(),
            person: "ann".to_owned(),
            way: way.to_owned(),
            target: if way == "push" { "s-1".to_owned() } else { String::new() },
            body: serde_json::to_string(letter).unwrap(),
            urgent: letter.call,
            due,
        };
        self.write(move |tx| tx.put_delivery(&delivery).map(drop));
    }

    pub(crate) fn subscribe(&self, endpoint: &str, keys: (String, String)) {
        let subscription = Subscription {
            id: "s-1".to_owned(),
            person: "ann".to_owned(),
            endpoint: endpoint.to_owned(),
            p256dh: keys.0,
            auth: keys.1,
            agent: "test".to_owned(),
            created: at(0),
        };
        self.write(move |tx| tx.subscribe(&subscription));
    }

    pub(crate) fn courier(&self, port: impl Port + 'static) -> Courier {
        Courier::new(Arc::clone(&self.journal), vec![Box::new(port)])
    }
}

/// What came of the deliveries of one round, at that instant.
pub(crate) fn round(courier: &Courier, now: Instant) -> Vec<Outcome> {
    let told: Vec<Told> = courier.round(&|| now).unwrap();
    told.into_iter().map(|told| told.outcome).collect()
}
