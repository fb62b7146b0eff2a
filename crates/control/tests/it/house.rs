//! A control over a scratch journal, with the shipped agreements and a client each.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
};

use agreement::{Agreement, Terms, seal::Identity};
use control::live::{Act, Control, Done, Looked, NotDone, Paper, Shelf, Watched, command::By};
use facts::{
    Actor, AgreementActivated, Body, CheckDefined, ClientId, Environment, InstanceAdded, Observation,
    Outcome, RequestReceived, TicketId,
};
use journal::{Journal, Location};
use spans::{Instant, Length};

/// The journal's name in the folder.
const STORE: &str = "journal.db";

pub(crate) struct House {
    pub(crate) control: Control,
    folder: PathBuf,
    numbers: Arc<AtomicU64>,
}

impl Drop for House {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

pub(crate) fn instant(text: &str) -> Instant {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// One of the agreements that ship; with `+pause` behind its name, one whose first response may stand still.
pub(crate) fn paper(file: &str) -> Paper {
    let (name, pauses) = file.strip_suffix("+pause").map_or((file, false), |name| (name, true));
    let path = format!("{}/../../agreements/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let text = if pauses { pausing(&text) } else { text };
    let identity = Identity::of(text.as_bytes()).to_string();
    Paper { terms: Terms::compile(Agreement::read(&text).0.unwrap(), identity).unwrap(), text }
}

fn pausing(text: &str) -> String {
    const CHANGE: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" }";
    let paused = format!("{CHANGE}\npause = {{ from = \"request.paused\", to = \"request.resumed\" }}");
    let reasons = "\n[pause]\nclause = []\nadded = \"a test\"\nreasons = [\"access-missing\"]\n\n[readings]";
    let text = text.replacen(CHANGE, &paused, 1).replacen("\n[readings]", reasons, 1);
    assert!(text.contains(reasons) && text.contains(&paused), "the file has a first response");
    text
}

/// A contact of the client.
pub(crate) fn jan() -> Actor {
    Actor::client("jan").role("contact")
}

/// Somebody of the provider who answers.
pub(crate) fn bob() -> Actor {
    Actor::provider("bob").role("support")
}

impl House {
    /// A request of Jan's.
    pub(crate) fn asked(&self, client: &ClientId, title: &str, now: Instant) -> TicketId {
        let request = RequestReceived {
            ticket: "T-0".parse().unwrap(),
            channel: "portal".to_owned(),
            title: Some(title.to_owned()),
            instance: None,
            priority: Some("P2".to_owned()),
            class: None,
            kind: None,
            urgency: None,
            text: None,
            split_from: None,
            about: None,
        };
        let text = format!("About {title}: it is slow.");
        self.control.receive(client, request, text, By::new(jan()), now).unwrap().0
    }

    /// Nothing has happened yet.
    pub(crate) fn new(files: &[&str], now: Instant) -> House {
        static FOLDERS: AtomicU32 = AtomicU32::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("uphold-control-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let numbers = Arc::new(AtomicU64::new(1));
        let control = open(&folder, files, &numbers, now);
        House { control, folder, numbers }
    }

    /// Where the journal lies.
    pub(crate) fn place(&self) -> PathBuf {
        self.folder.join(STORE)
    }

    /// Another process over the same journal; `drawn` is called each time it draws an id.
    pub(crate) fn neighbour(&self, now: Instant, drawn: impl Fn() + Send + Sync + 'static) -> Control {
        let journal = Journal::open(&Location::Sqlite(self.place())).unwrap();
        let numbers = Arc::clone(&self.numbers);
        let random = move || {
            drawn();
            bytes(&numbers)
        };
        let shelf = Shelf::new([paper("stellar-hosted.toml")]);
        Control::open(Arc::new(journal), shelf, Box::new(random), now).unwrap()
    }

    /// As after a crash: whatever was in memory is gone.
    pub(crate) fn restarted(self, files: &[&str], now: Instant) -> House {
        let (folder, numbers) = (self.folder.clone(), Arc::clone(&self.numbers));
        std::mem::forget(self);
        let control = open(&folder, files, &numbers, now);
        House { control, folder, numbers }
    }

    pub(crate) fn act(&self, act: Act, at: Instant) -> Result<Done, NotDone> {
        self.control.act(act, at)
    }

    /// The hosted agreement in force, one instance with one check each twenty seconds, since the first of March.
    pub(crate) fn hosted(tier: &str) -> (House, ClientId) {
        House::hosted_under("stellar-hosted.toml", tier)
    }

    /// The same under another file of that agreement.
    pub(crate) fn hosted_under(file: &str, tier: &str) -> (House, ClientId) {
        let start = instant("2026-03-01T00:00:00Z");
        let house = House::new(&[file], start);
        let client = house.control.shelf().clients()[0].clone();
        let terms = &house.control.shelf().of(&client).next().unwrap().terms;
        let activated = AgreementActivated {
            agreement: "SH-2026-0001".parse().unwrap(),
            sha256: terms.identity().to_owned(),
            tier: Some(tier.to_owned()),
        };
        let added = InstanceAdded {
            instance: "wiki".parse().unwrap(),
            name: "Wiki".to_owned(),
            url: Some("http://127.0.0.1:1/".to_owned()),
            environment: Environment::Production,
            software: None,
            from: start,
            until: None,
        };
        let check = CheckDefined {
            instance: "wiki".parse().unwrap(),
            check: "http".parse().unwrap(),
            every_s: 20,
            method: None,
            url: None,
            expect: vec![200],
            timeout_ms: None,
            what: None,
            grace_s: None,
            again: None,
            objectives: Vec::new(),
        };
        house.store(&client, &[activated.into(), added.into(), check.into()], start);
        (house, client)
    }

    /// Facts that no party's act brings, straight into the journal.
    pub(crate) fn store(&self, client: &ClientId, bodies: &[Body], at: Instant) {
        let facts: Vec<_> = bodies
            .iter()
            .map(|body| facts::Fact {
                id: facts::FactId::v7(at, bytes(&self.numbers)),
                client: client.clone(),
                at,
                recorded_at: at,
                actor: Actor::automaton("test"),
                body: body.clone(),
            })
            .collect();
        self.control.journal().append(client, &facts, None).unwrap();
        self.control.follow(at).unwrap();
    }

    /// One answer from one place, reported at once.
    pub(crate) fn look(&self, client: &ClientId, vantage: &str, at: Instant, outcome: Outcome) {
        self.control.watch(&batch(client, vantage, &[(at, outcome)]), at + Length::from_secs(1)).unwrap();
    }

    /// An answer every twenty seconds, from two places, for so long.
    pub(crate) fn looks(&self, client: &ClientId, from: Instant, length: Length, outcome: Outcome) {
        let mut at = from;
        while at < from + length {
            self.look(client, "ams", at, outcome);
            self.look(client, "fra", at + Length::from_secs(3), outcome);
            at += Length::from_secs(20);
        }
    }
}

pub(crate) fn batch(client: &ClientId, vantage: &str, seen: &[(Instant, Outcome)]) -> Watched {
    let looks = seen.iter().map(|(at, outcome)| Looked {
        client: client.clone(),
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        observation: Observation::new(*at, *outcome),
        certificate_ends: None,
        detail: None,
    });
    let name = format!("{}-{}", seen[0].0, seen.len());
    Watched { vantage: vantage.parse().unwrap(), batch: name, looks: looks.collect(), signed: None }
}

fn open(folder: &std::path::Path, files: &[&str], numbers: &Arc<AtomicU64>, now: Instant) -> Control {
    let journal = Journal::open(&Location::Sqlite(folder.join(STORE))).unwrap();
    let shelf = Shelf::new(files.iter().map(|file| paper(file)));
    let numbers = Arc::clone(numbers);
    Control::open(Arc::new(journal), shelf, Box::new(move || bytes(&numbers)), now).unwrap()
}

fn bytes(numbers: &AtomicU64) -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&numbers.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}
