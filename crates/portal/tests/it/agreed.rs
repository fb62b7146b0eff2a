//! A desk at which two clients have the hosted agreement in force, each with an instance that is looked at every 20 s.

use agreement::{Agreement, Terms, seal::Identity};
use control::live::{Looked, Paper, Shelf, Watched};
use facts::{
    Actor, AgreementActivated, Body, CheckDefined, ClientId, Environment, Fact, FactId, InstanceAdded,
    Observation, Outcome, RequestReceived, TextDigest,
};
use spans::{Instant, Length};

use crate::desk::{Desk, HOST};

pub(crate) fn client(id: &str) -> ClientId {
    id.parse().unwrap()
}

/// With a second version of acme's at hand: a quicker first response, and a shorter time to claim.
pub(crate) fn two_versions() -> Shelf {
    let first = paper("acme");
    let text = first.text.replace(
        "within    = { standard = \"2d\", premium = \"1d\",",
        "within    = { standard = \"2d\", premium = \"4h\",",
    );
    assert_ne!(text, first.text);
    Shelf::new([first, read(text), paper("beta")])
}

fn paper(client: &str) -> Paper {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/stellar-hosted.toml");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("client_id = \"example\"", &format!("client_id = \"{client}\""));
    read(text)
}

/// The agreement of acme, but that its first response stands still while access is missing.
fn pausing() -> Paper {
    const CHANGE: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" }";
    let paused = format!("{CHANGE}\npause = {{ from = \"request.paused\", to = \"request.resumed\" }}");
    let reasons = "\n[pause]\nclause = []\nadded = \"a test\"\nreasons = [\"access-missing\", \"no-answer\"]\n\n[readings]";
    let text = paper("acme").text.replacen(CHANGE, &paused, 1).replacen("\n[readings]", reasons, 1);
    assert!(text.contains(reasons) && text.contains(&paused), "the file has a first response");
    read(text)
}

/// The agreement of a client that is called so.
pub(crate) fn named_paper(client: &str, name: &str) -> Paper {
    let text = paper(client).text.replace("\"Example BV\"", &format!("\"{name}\""));
    assert!(text.contains(name));
    read(text)
}

/// The agreement of kinds, urgencies and aspirations.
pub(crate) fn managed_paper(client: &str) -> Paper {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/isolated-platform.toml");
    let text = std::fs::read_to_string(path).unwrap();
    read(
        text.replace(
            "client_id            = \"example-ag\"",
            &format!("client_id            = \"{client}\""),
        ),
    )
}

fn read(text: String) -> Paper {
    let identity = Identity::of(text.as_bytes()).to_string();
    Paper { terms: Terms::compile(Agreement::read(&text).0.unwrap(), identity).unwrap(), text }
}

/// Both clients under the hosted agreement of this tier.
pub(crate) fn paper_under(tier: &str) -> Shelf {
    let under = |client: &str| {
        let text = paper(client).text;
        let signed = "chosen    = \"premium\"";
        assert!(text.contains(signed));
        read(text.replace(signed, &format!("chosen    = \"{tier}\"")))
    };
    Shelf::new([under("acme"), under("beta")])
}

pub(crate) fn papers() -> Shelf {
    Shelf::new([paper("acme"), paper("beta")])
}

impl Desk {
    pub(crate) fn agreed() -> Desk {
        Desk::agreed_at(&format!("https://{HOST}"))
    }

    pub(crate) fn agreed_at(origin: &str) -> Desk {
        Desk::under(origin, papers()).agree()
    }

    /// The files at hand come into force, and each instance is looked at.
    pub(crate) fn agree(self) -> Desk {
        let desk = self;
        for (of, instance) in [("acme", "wiki"), ("beta", "forum")] {
            let terms = &desk.control.shelf().of(&client(of)).next().unwrap().terms;
            let activated = AgreementActivated {
                agreement: "SH-2026-0001".parse().unwrap(),
                sha256: terms.identity().to_owned(),
                tier: terms.tier().map(str::to_owned),
            };
            let check = CheckDefined {
                instance: instance.parse().unwrap(),
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
            desk.store(of, Actor::automaton("test"), activated);
            desk.store(of, Actor::automaton("test"), check);
        }
        desk
    }

    /// A desk at which acme has the managed platform's guide in force: Eva is qualified, Pia asks.
    /// Under an agreement that lets a clock stand still; none that ships does.
    pub(crate) fn pausing() -> Desk {
        Desk::under(&format!("https://{HOST}"), Shelf::new([pausing(), paper("beta")])).agree()
    }

    pub(crate) fn managed() -> Desk {
        Desk::managed_at(&format!("https://{HOST}"))
    }

    pub(crate) fn managed_at(origin: &str) -> Desk {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../agreements/isolated-platform.toml");
        let text = std::fs::read_to_string(path).unwrap();
        let paper = read(text.replace("client_id            = \"example-ag\"", "client_id = \"acme\""));
        let sha256 = paper.terms.identity().to_owned();
        let desk = Desk::under(origin, Shelf::new([paper]));
        let agreement = "MP-2026-0001".parse().unwrap();
        desk.store("acme", Actor::automaton("test"), AgreementActivated { agreement, sha256, tier: None });
        desk.add_skilled("eva", "Eva Engel", None, &["engineer", "qualified"], &["atlassian-dc"]);
        desk.add_named("pia", "Pia Poc", Some("acme"), &["contact", "poc"]);
        desk
    }

    /// A fact, straight into the journal, now.
    pub(crate) fn store(&self, of: &str, actor: Actor, body: impl Into<Body>) {
        static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(1 << 40);
        let mut random = [0; 10];
        let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        random[2..].copy_from_slice(&number.to_be_bytes());
        let (at, of) = (self.now(), client(of));
        let fact = Fact {
            id: FactId::v7(at, random),
            client: of.clone(),
            at,
            recorded_at: at,
            actor,
            body: body.into(),
        };
        self.journal.append(&of, &[fact], None).unwrap();
        self.control.follow(at).unwrap();
    }

    /// An instance is called otherwise from now on.
    pub(crate) fn renamed(&self, of: &str, instance: &str, name: &str) {
        self.wait(Length::from_secs(1));
        let named = InstanceAdded {
            instance: instance.parse().unwrap(),
            name: name.to_owned(),
            url: None,
            environment: Environment::Production,
            software: None,
            from: self.now(),
            until: None,
        };
        self.store(of, Actor::automaton("test"), named);
    }

    /// A request of the client's contact, as it came in by mail.
    pub(crate) fn request(&self, of: &str, ticket: &str, title: &str, priority: &str) {
        let request = received(ticket, title, priority);
        self.store(of, Actor::client("Name of bo").role("contact"), request);
    }

    /// Answers every 20 s from two places for so long; the clock moves with them.
    pub(crate) fn looks(&self, of: &str, instance: &str, length: Length, outcome: Outcome) {
        let end = self.now() + length;
        while self.now() < end {
            for vantage in ["ams", "fra"] {
                self.control
                    .watch(&self.look(of, instance, vantage, self.now(), outcome), self.now())
                    .unwrap();
            }
            self.wait(Length::from_secs(20));
        }
    }

    fn look(&self, of: &str, instance: &str, vantage: &str, at: Instant, outcome: Outcome) -> Watched {
        let look = Looked {
            client: client(of),
            instance: instance.parse().unwrap(),
            check: "http".parse().unwrap(),
            observation: Observation::new(at, outcome),
            certificate_ends: None,
            detail: None,
        };
        Watched {
            signed: None,
            vantage: vantage.parse().unwrap(),
            batch: format!("{of}-{instance}-{at}"),
            looks: vec![look],
        }
    }
}

pub(crate) fn received(ticket: &str, title: &str, priority: &str) -> RequestReceived {
    RequestReceived {
        ticket: ticket.parse().unwrap(),
        channel: "email".to_owned(),
        title: Some(title.to_owned()),
        instance: Some("wiki".parse().unwrap()),
        priority: Some(priority.to_owned()),
        class: None,
        kind: None,
        urgency: None,
        text: None::<TextDigest>,
        split_from: None,
        about: None,
    }
}
