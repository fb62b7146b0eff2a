//! Asked again after a failure: each answer is told, the first failure among them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use facts::Outcome::{Down, Up};
use facts::{Again, Turn};
use probe::{Looker, Names, Prober, SystemClock, Trust};
use tokio::sync::{mpsc, watch};
use wire::{Assignment, Check, Http, Look, What};

use crate::service::{Service, answer, at_home};

/// What a prober tells of a check that is asked again so, until there are so many looks.
async fn told(service: &Service, again: Option<Again>, count: usize) -> Vec<Look> {
    let check = Check {
        client: "example".parse().unwrap(),
        instance: "web-1".parse().unwrap(),
        check: "home".parse().unwrap(),
        what: What::Http(Http::get(service.url("/"))),
        every_s: 2,
        timeout_ms: 300,
        again,
    };
    let assignment = Assignment { checks: vec![check], ..Assignment::empty("here".parse().unwrap()) };
    assignment.hold().unwrap();
    let clock = Arc::new(SystemClock);
    let looker = Looker::new(at_home(), Names::servers(&[]), &Trust::default(), clock.clone());
    let prober = Prober::new("here".parse().unwrap(), uuid::Uuid::from_u128(1), looker, clock);
    let (_assign, assignment) = watch::channel(Arc::new(assignment));
    let (tell, mut told) = mpsc::channel(64);
    tokio::spawn(prober.telling_after(Duration::from_millis(50)).run(assignment, None, tell));
    let mut looks = Vec::new();
    while looks.len() < count {
        let report = tokio::time::timeout(Duration::from_secs(20), told.recv()).await.unwrap().unwrap();
        looks.extend(report.looks);
    }
    looks
}

fn turns(looks: &[Look]) -> Vec<(facts::Outcome, Turn)> {
    looks.iter().map(|look| (look.outcome, look.turn)).collect()
}

#[tokio::test]
async fn a_failure_that_is_asked_again_stays_and_its_answers_are_told_each() {
    let count = Arc::new(AtomicUsize::new(0));
    // Fails twice of five times, always the first two.
    let service = Service::plain(move |_| {
        let turn = count.fetch_add(1, Ordering::SeqCst);
        answer(if turn % 5 < 2 { 503 } else { 200 }, "")
    })
    .await;
    let again = Some(Again { times: 3, after_ms: 20 });
    let looks = told(&service, again, 4).await;
    assert_eq!(
        turns(&looks[..4]),
        [(Down, Turn::Due), (Down, Turn::Again), (Up, Turn::Again), (Up, Turn::Due)]
    );
    assert!(looks.windows(2).all(|pair| pair[0].at < pair[1].at));
    assert!((looks[1].at - looks[0].at).as_micros() >= 20_000);
    let observed = looks[1].observation();
    assert_eq!((observed.turn, observed.took.is_some()), (Turn::Again, true));
}

#[tokio::test]
async fn it_is_asked_again_as_often_as_is_said_and_no_more() {
    let service = Service::plain(|_| answer(503, "")).await;
    let looks = told(&service, Some(Again { times: 2, after_ms: 0 }), 4).await;
    let four = [(Down, Turn::Due), (Down, Turn::Again), (Down, Turn::Again), (Down, Turn::Due)];
    assert_eq!(turns(&looks[..4]), four);
    let looks = told(&service, None, 2).await;
    assert_eq!(turns(&looks[..2]), [(Down, Turn::Due), (Down, Turn::Due)]);
}
