//! Which checks are evidence of downtime: requests by HTTP, and other questions only where nobody asks by HTTP.

#![expect(clippy::unwrap_used, reason = "the way of a test to fail is to panic")]

use facts::{
    Actor, Body, CheckDefined, CheckEnded, CheckId, CheckObserved, Fact, FactId, InstanceId, Observation,
    Outcome,
    what::{Family, Tcp, What},
};
use promise::{Evidence, Observed, Sight};
use spans::{Instant, Spans};

use crate::story::PREMIUM;

/// Seconds between two questions.
const EVERY: i64 = 20;

fn at(second: i64) -> Instant {
    Instant::from_second(1_781_000_000 + second)
}

#[derive(Default)]
struct Told(Vec<Fact>);

impl Told {
    fn add(&mut self, second: i64, body: impl Into<Body>) {
        let number = u8::try_from(self.0.len()).unwrap();
        let id = FactId::v7(at(second), [number; 10]);
        let (client, actor) = ("acme".parse().unwrap(), Actor::automaton("test"));
        self.0.push(Fact { id, client, at: at(second), recorded_at: at(second), actor, body: body.into() });
    }

    /// From then on the check asks by TCP, is a heartbeat, or asks by HTTP.
    fn define(&mut self, second: i64, check: &str) {
        let tcp = What::Tcp(Tcp { host: "wiki.example".to_owned(), port: 443, family: Family::default() });
        self.add(
            second,
            CheckDefined {
                instance: wiki(),
                check: check.parse().unwrap(),
                every_s: EVERY.try_into().unwrap(),
                method: None,
                url: check.starts_with("web").then(|| "https://wiki.example/".to_owned()),
                expect: Vec::new(),
                timeout_ms: None,
                what: check.starts_with("port").then_some(tcp),
                grace_s: check.starts_with("beat").then_some(5),
                again: None,
                objectives: Vec::new(),
            },
        );
    }

    /// From then on nobody asks it.
    fn end(&mut self, second: i64, check: &str) {
        self.add(second, CheckEnded { instance: wiki(), check: check.parse().unwrap() });
    }

    /// When anybody knew anything, read at once and kept up.
    fn seen(&self) -> Vec<(i64, i64)> {
        self.down();
        seconds(&Observed::read(&self.0).evidence(&wiki(), &PREMIUM.terms()).seen())
    }

    /// Answers of a check from one place: up, but for these stretches.
    fn see(&mut self, check: &str, from: i64, until: i64, down: &[(i64, i64)]) {
        let fails = |second: i64| down.iter().any(|(start, end)| (*start..*end).contains(&second));
        let times = (from..until).step_by(EVERY as usize);
        let seen = times.map(|second| {
            Observation::new(at(second), if fails(second) { Outcome::Down } else { Outcome::Up })
        });
        let (check, vantage): (CheckId, _) = (check.parse().unwrap(), "ams".parse().unwrap());
        let observations = seen.collect();
        let certificate_ends = None;
        self.add(
            until,
            CheckObserved { instance: wiki(), check, vantage, observations, certificate_ends, signed: None },
        );
    }

    /// When it was down, read at once and kept up: both must say the same.
    fn down(&self) -> Vec<(i64, i64)> {
        let terms = PREMIUM.terms();
        let mut sight = Sight::default();
        self.0.iter().for_each(|fact| sight.read(fact, &terms));
        if sight.is_torn(&wiki()) {
            sight.reread(&wiki(), &self.0, &terms);
        }
        let (read, kept) =
            (Observed::read(&self.0).evidence(&wiki(), &terms), sight.evidence(&wiki(), &terms));
        assert_eq!(read, kept);
        seconds(&Evidence::down(&read))
    }
}

fn wiki() -> InstanceId {
    "wiki".parse().unwrap()
}

fn seconds(spans: &Spans) -> Vec<(i64, i64)> {
    let second = |at: Instant| at.as_micros() / 1_000_000 - 1_781_000_000;
    spans.iter().map(|span| (second(span.start), second(span.end))).collect()
}

#[test]
fn sh_avail_04_an_open_port_is_no_answer_to_a_request() {
    let mut told = Told::default();
    told.define(0, "web");
    told.define(0, "port");
    told.see("web", 0, 3_600, &[(600, 1_200)]);
    told.see("port", 0, 3_600, &[]);
    assert_eq!(told.down(), [(600, 1_200)]);
}

#[test]
fn sh_avail_07_a_closed_port_and_a_silent_heartbeat_are_no_downtime_where_requests_are_answered() {
    let mut told = Told::default();
    told.define(0, "web");
    told.define(0, "port");
    told.define(0, "beat");
    told.see("web", 0, 3_600, &[]);
    told.see("port", 0, 3_600, &[(600, 1_200)]);
    told.see("beat", 0, 3_600, &[(600, 1_200)]);
    assert_eq!(told.down(), []);
    // Where nobody asks by HTTP any more, it is judged by what it is asked.
    told.see("port", 3_600, 7_200, &[(4_000, 5_000)]);
    assert_eq!(told.down(), [(4_000, 5_000)]);
}

/// What is learned of another time changes nothing of this one.
#[test]
fn an_old_history_of_requests_mutes_no_later_port() {
    let mut told = Told::default();
    told.define(0, "port");
    told.see("port", 0, 3_600, &[(600, 1_200)]);
    told.see("old", -7_200, -3_600, &[]);
    assert_eq!(told.down(), [(600, 1_200)]);
}

#[test]
fn what_was_never_asked_by_http_is_judged_by_what_it_was_asked() {
    let mut told = Told::default();
    told.define(0, "port");
    told.see("port", 0, 3_600, &[(600, 1_200), (2_000, 3_000)]);
    assert_eq!(told.down(), [(600, 1_200), (2_000, 3_000)]);
    // A check by HTTP from second 2,400 on: what was judged before stands, and what it answers is the answer.
    told.define(2_400, "web");
    told.see("web", 2_400, 3_600, &[(3_200, 3_400)]);
    assert_eq!(told.down(), [(600, 1_200), (2_000, 2_400), (3_200, 3_400)]);
}

#[test]
fn a_check_of_which_nothing_is_said_was_asked_by_http() {
    let mut told = Told::default();
    told.see("old", 0, 3_600, &[(600, 1_200)]);
    told.define(1_800, "port");
    told.see("port", 1_800, 3_600, &[(2_000, 3_000)]);
    assert_eq!(told.down(), [(600, 1_200)]);
}

#[test]
fn a_check_that_is_withdrawn_tells_nothing_from_then_on_and_what_it_saw_stays() {
    let mut told = Told::default();
    told.define(0, "web");
    told.see("web", 0, 600, &[(300, 600)]);
    // The last failure would hold until 620.
    told.end(590, "web");
    assert_eq!((told.seen(), told.down()), (vec![(0, 590)], vec![(300, 590)]));
    // A spool brings what somebody still asked: it is no evidence.
    told.see("web", 600, 900, &[]);
    assert_eq!(told.seen(), [(0, 590)]);
    told.define(1_200, "web");
    told.see("web", 1_200, 1_260, &[]);
    assert_eq!((told.seen(), told.down()), (vec![(0, 590), (1_200, 1_280)], vec![(300, 590)]));
}

#[test]
fn where_the_last_request_is_withdrawn_it_is_judged_by_what_else_is_asked() {
    let mut told = Told::default();
    told.define(0, "web");
    told.define(0, "port");
    told.see("web", 0, 600, &[]);
    told.see("port", 0, 1_200, &[(900, 1_200)]);
    told.end(600, "web");
    assert_eq!(told.down(), [(900, 1_220)]);
}
