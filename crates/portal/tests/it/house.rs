//! What rooms about instances need beside `agreed`: answers with their codes and times, in batches, and other instances.

use control::live::{Looked, Watched};
use facts::{Actor, CheckDefined, Environment, InstanceAdded, Observation, Outcome};
use spans::Length;

use crate::{agreed::client, desk::Desk};

impl Desk {
    /// An instance of acme, watched every so many seconds from now on; or another word about one that is there.
    pub(crate) fn watched(&self, id: &str, name: &str, url: &str, every_s: u32) {
        // Facts of one instant are in order of their ids: the newest word has an instant of its own.
        self.wait(Length::from_secs(1));
        let added = InstanceAdded {
            instance: id.parse().unwrap(),
            name: name.to_owned(),
            url: Some(url.to_owned()),
            environment: Environment::Production,
            software: Some("mediawiki".to_owned()),
            from: self.now(),
            until: None,
        };
        let check = CheckDefined {
            instance: id.parse().unwrap(),
            check: "http".parse().unwrap(),
            every_s,
            method: None,
            url: Some(url.to_owned()),
            expect: vec![200],
            timeout_ms: Some(5_000),
            what: None,
            grace_s: None,
            again: None,
            objectives: Vec::new(),
        };
        self.store("acme", Actor::automaton("test"), added);
        self.store("acme", Actor::automaton("test"), check);
    }

    /// The clock goes on, and the wiki of acme answers so every 20 s from both places all the while.
    pub(crate) fn answers(&self, length: Length, outcome: Outcome) {
        self.answers_each(Length::from_secs(20), length, outcome);
    }

    /// The same at another interval.
    pub(crate) fn answers_each(&self, every: Length, length: Length, outcome: Outcome) {
        let end = self.now() + length;
        while self.now() < end {
            let (from, step) = (self.now(), Length::HOUR.min(end - self.now()));
            self.wait(step);
            for (vantage, behind) in [("ams", 0), ("fra", 3)] {
                let mut at = from + Length::from_secs(behind);
                let mut looks = Vec::new();
                while at < from + step {
                    looks.push(Looked {
                        client: client("acme"),
                        instance: "wiki".parse().unwrap(),
                        check: "http".parse().unwrap(),
                        observation: answer(Observation::new(at, outcome)),
                        certificate_ends: None,
                        detail: None,
                    });
                    at += every;
                }
                let batch = Watched {
                    vantage: vantage.parse().unwrap(),
                    batch: from.to_string(),
                    looks,
                    signed: None,
                };
                self.control.watch(&batch, self.now()).unwrap();
            }
        }
    }
}

fn answer(plain: Observation) -> Observation {
    let quick = u32::try_from(plain.at.as_micros() / 1_000_000 * 7_919 % 97).unwrap();
    let (code, response_time_ms) = match plain.outcome {
        Outcome::Up => (Some(200), Some(140 + quick)),
        Outcome::Down => (Some(503), Some(20)),
        Outcome::Void => (None, None),
    };
    Observation { code, took: response_time_ms.map(facts::Took::millis), ..plain }
}
