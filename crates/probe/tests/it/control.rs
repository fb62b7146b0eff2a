//! As much of control as a vantage point needs: it lets in, assigns, and keeps what it is sent as a set.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hyper::Method;
use probe::{Clock, SystemClock};
use tokio::net::TcpListener;
use uuid::Uuid;
use wire::{
    ASSIGNMENT_PATH, AT_HEADER, Assignment, Card, JOIN_PATH, Join, Joined, PublicKey, REPORTS_PATH, Receipt,
    Report, Sealed, Token,
};

use crate::service::{Answer, Asked, Service, answer};

/// How control behaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    /// Answers, but not as it should.
    Broken,
    /// Keeps what it is sent, and the answer is lost.
    AnswersLost,
    /// Does not take this kind of report.
    Refusing,
    /// Its clock is behind.
    Behind,
}

pub(crate) struct Control {
    pub(crate) address: SocketAddr,
    state: Arc<Mutex<State>>,
}

struct State {
    token: Token,
    key: Option<PublicKey>,
    mood: Mood,
    ahead_us: i64,
    assignment: Assignment,
    reports: BTreeMap<(Uuid, u64), Report>,
    again: usize,
}

impl Control {
    pub(crate) async fn new(token: Token, assignment: Assignment) -> Control {
        let state = State {
            token,
            key: None,
            mood: Mood::Well,
            ahead_us: 0,
            assignment,
            reports: BTreeMap::new(),
            again: 0,
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let service = Service::plain(move |asked| shared.lock().unwrap().answer(&asked)).await;
        Control { address: service.address, state }
    }

    /// An address nobody listens on, as control's would be while it is away.
    pub(crate) async fn nobody() -> SocketAddr {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn mood(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub(crate) fn ahead(&self, ahead_us: i64) {
        self.state.lock().unwrap().ahead_us = ahead_us;
    }

    pub(crate) fn assign(&self, assignment: Assignment) {
        self.state.lock().unwrap().assignment = assignment;
    }

    pub(crate) fn reports(&self) -> BTreeMap<(Uuid, u64), Report> {
        self.state.lock().unwrap().reports.clone()
    }

    /// How many reports came more than once.
    pub(crate) fn again(&self) -> usize {
        self.state.lock().unwrap().again
    }
}

impl State {
    fn answer(&mut self, asked: &Asked) -> Answer {
        let mut answer = match (asked.method(), asked.uri().path()) {
            (&Method::POST, JOIN_PATH) => self.join(asked.body()),
            (&Method::GET, ASSIGNMENT_PATH) => self.assigned(asked),
            (&Method::POST, REPORTS_PATH) => self.take(asked.body()),
            _ => answer(404, ""),
        };
        let at = SystemClock.read().wall_us + self.ahead_us;
        answer.headers_mut().insert(AT_HEADER, at.into());
        answer
    }

    fn join(&mut self, body: &[u8]) -> Answer {
        let join = Join::read(body).unwrap();
        let is_again = self.key.as_ref().is_none_or(|key| *key == join.key);
        if join.token != self.token || !join.is_proved() || !is_again {
            return answer(403, "this token does not work (any more)");
        }
        self.key = Some(join.key);
        if self.mood == Mood::AnswersLost {
            return answer(502, "");
        }
        json(&Joined { vantage: self.assignment.vantage.clone() })
    }

    fn assigned(&self, asked: &Asked) -> Answer {
        let card = asked.headers()["authorization"].to_str().ok().and_then(|card| Card::read(card).ok());
        let now = spans::Instant::from_micros(SystemClock.read().wall_us + self.ahead_us);
        match (card, &self.key) {
            _ if self.mood == Mood::Broken => answer(503, "later"),
            (Some(card), Some(key)) if card.open(key, ASSIGNMENT_PATH, now).is_ok() => json(&self.assignment),
            _ => answer(401, "who is it?"),
        }
    }

    fn take(&mut self, body: &[u8]) -> Answer {
        match self.mood {
            Mood::Broken => return answer(503, "later"),
            Mood::Refusing => return answer(422, "not this"),
            Mood::Behind => {
                self.again += 1;
                return answer(503, r#"{"status": 503, "code": "untimely"}"#);
            }
            Mood::Well | Mood::AnswersLost => {}
        }
        let report = Sealed::decode(body).unwrap().open(self.key.as_ref().unwrap()).unwrap();
        let Report { boot, sequence, .. } = report;
        if let Some(before) = self.reports.insert((boot, sequence), report.clone()) {
            assert_eq!(before, report, "sent again, it is the same");
            self.again += 1;
        }
        if self.mood == Mood::AnswersLost {
            return answer(502, "");
        }
        json(&Receipt { boot, sequence, revision: self.assignment.revision })
    }
}

fn json(value: &impl serde::Serialize) -> Answer {
    let body = serde_json::to_vec(value).unwrap();
    hyper::Response::new(http_body_util::Full::from(body))
}
