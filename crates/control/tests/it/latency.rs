//! Response times: sketches by the hour, and objectives that are missed.

use control::live::{Looked, Watched};
use facts::{CheckDefined, ClientId, Observation, Outcome, Pace, Sketch, Took};
use journal::latency::Hour;
use spans::{Instant, Length, Span};

use crate::house::{House, instant};

const PAPER: &[&str] = &["stellar-hosted.toml"];

fn noon() -> Instant {
    instant("2026-06-02T12:00:00Z")
}

/// What a vantage point saw: each twenty seconds from an instant, so many microseconds each; none: it failed.
fn watch(house: &House, client: &ClientId, vantage: &str, from: Instant, times: &[Option<u32>]) {
    let looks = times.iter().zip(0..).map(|(micros, index)| Looked {
        client: client.clone(),
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        observation: Observation {
            took: micros.map(Took::micros),
            ..Observation::new(
                from + Length::from_secs(20) * index,
                if micros.is_some() { Outcome::Up } else { Outcome::Down },
            )
        },
        certificate_ends: None,
        detail: None,
    });
    let (vantage, batch) = (vantage.parse().unwrap(), from.to_string());
    let watched = Watched { vantage, batch, looks: looks.collect(), signed: None };
    let now = from + Length::from_secs(20) * i64::try_from(times.len()).unwrap();
    house.control.watch(&watched, now).unwrap();
}

fn hours(house: &House, client: &ClientId) -> Vec<Hour> {
    let within = Span { start: noon() - Length::DAY, end: noon() + Length::DAY };
    house.control.latency(client, &"wiki".parse().unwrap(), within).unwrap()
}

fn times(count: u32) -> Vec<Option<u32>> {
    (0..count).map(|n| (n % 9 != 0).then_some(20_000 + n * n * 37 % 90_000)).collect()
}

#[test]
fn an_hour_is_the_sketch_of_its_good_answers_written_or_not_and_after_a_crash() {
    let (mut house, client) = House::hosted("premium");
    // An hour and twenty minutes from one vantage point, an hour from the other.
    watch(&house, &client, "ams", noon(), &times(240));
    watch(&house, &client, "lon", noon(), &times(180));
    let sketch = |times: &[Option<u32>]| {
        let mut sketch = Sketch::default();
        times.iter().flatten().for_each(|micros| sketch.add(u64::from(*micros)));
        sketch
    };
    let all = times(240);
    let wanted = [
        ("ams", noon(), sketch(&all[..180])),
        ("ams", noon() + Length::HOUR, sketch(&all[180..])),
        ("lon", noon(), sketch(&times(180))),
    ];
    for _ in 0..3 {
        let found = hours(&house, &client);
        let found: Vec<_> =
            found.iter().map(|hour| (hour.vantage.as_str(), hour.start, hour.sketch.clone())).collect();
        assert_eq!(found, wanted);
        house = house.restarted(PAPER, noon() + Length::HOUR * 2);
    }
    assert!(hours(&house, &"nobody".parse().unwrap()).is_empty());
}

#[test]
fn hours_are_kept_as_long_as_was_said() {
    let (month, year) = (Length::DAY * 31, Length::DAY * 400);
    for (kept, left) in [(month, 1), (year, 2), (Length::MINUTE, 1)] {
        let (house, client) = House::hosted("premium");
        house.control.keep_times(kept);
        for days in [0, 40] {
            watch(&house, &client, "ams", noon() + Length::DAY * days, &times(60));
            // What came is written with what comes a while later.
            watch(&house, &client, "ams", noon() + Length::DAY * days + Length::from_minutes(30), &times(60));
        }
        let within = Span { start: noon() - Length::DAY, end: noon() + Length::DAY * 50 };
        let hours = house.control.latency(&client, &"wiki".parse().unwrap(), within).unwrap();
        assert_eq!(hours.len(), left, "kept {kept:?}");
    }
}

#[test]
fn two_processes_over_one_journal_count_each_answer_once() {
    let (house, client) = House::hosted("premium");
    let neighbour = house.neighbour(noon(), || {});
    watch(&house, &client, "ams", noon(), &times(60));
    neighbour.follow(noon() + Length::HOUR).unwrap();
    watch(&house, &client, "ams", noon() + Length::HOUR, &times(60));
    neighbour.follow(noon() + Length::HOUR * 2).unwrap();
    let good = u64::try_from(times(60).iter().flatten().count()).unwrap();
    let counts: Vec<u64> = hours(&house, &client).iter().map(|hour| hour.sketch.count()).collect();
    assert_eq!(counts, [good, good]);
    let within = Span { start: noon() - Length::DAY, end: noon() + Length::DAY };
    assert_eq!(neighbour.latency(&client, &"wiki".parse().unwrap(), within).unwrap(), hours(&house, &client));
}

#[test]
fn slow_answers_are_a_state_of_their_own_and_no_downtime() {
    let (house, client) = House::hosted("premium");
    let check = CheckDefined {
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        every_s: 20,
        method: None,
        url: Some("http://192.0.2.1/".to_owned()),
        expect: Vec::new(),
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: vec![Pace { percentile: 90, within_us: 100_000, over_s: 300 }],
    };
    house.store(&client, &[check.into()], noon() - Length::HOUR);
    watch(&house, &client, "ams", noon(), &[Some(40_000); 15]);
    watch(&house, &client, "ams", noon() + Length::from_secs(300), &[Some(400_000); 15]);
    let then = noon() + Length::from_secs(600);
    let (slow, degraded, down) = house
        .control
        .read(&client, then, |book| {
            let wiki = "wiki".parse().unwrap();
            let terms = book.versions().unwrap().latest().terms();
            let now = book.instance(&wiki, then, Length::MINUTE).unwrap();
            assert_eq!(now.condition.map(|condition| condition.name()), Some("up"));
            (now.slow, book.degraded(&wiki, then), book.evidence(&wiki, terms).down())
        })
        .unwrap()
        .unwrap();
    assert_eq!((slow.len(), slow[0].1.since, slow[0].1.within), (1, noon() + Length::from_secs(300), 0));
    let spans: Vec<Span> = degraded.iter().collect();
    assert_eq!(spans, [Span { start: noon() + Length::from_secs(300), end: then }]);
    assert!(down.is_empty());
}
