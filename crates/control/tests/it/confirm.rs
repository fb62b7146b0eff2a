//! A second place looks at once, and where places differ it is listed and told.

use control::live::{
    Book, DIFFERENCE_AGAIN, ERRAND_AGAIN, ERRAND_GOOD_FOR, ERRANDS_AT_ONCE_MAX, Looked, Watched,
};
use facts::{ClientId, Observation, Outcome, Outcome::Down, Outcome::Up, Turn, VantageId};
use spans::{Instant, Length, Span};
use wire::Errand;

use crate::calls::{hosted, letters};
use crate::house::{House, batch, instant};

fn start() -> Instant {
    instant("2026-06-02T10:00:00Z")
}

fn after(seconds: i64) -> Instant {
    start() + Length::from_secs(seconds)
}

fn asks(house: &House, vantage: &str, second: i64) -> Vec<Errand> {
    house.control.errands(&vantage.parse().unwrap(), after(second)).errands
}

#[test]
fn a_new_failure_is_looked_at_from_another_place_at_once_and_at_most_once_a_minute() {
    let (house, client) = House::hosted("premium");
    house.looks(&client, start(), Length::MINUTE, Up);
    assert!(asks(&house, "fra", 59).is_empty() && asks(&house, "ams", 59).is_empty());
    house.look(&client, "ams", after(60), Down);
    let errand = asks(&house, "fra", 62);
    assert_eq!(errand.len(), 1);
    assert_eq!((&errand[0].client, errand[0].instance.as_str()), (&client, "wiki"));
    assert!(asks(&house, "fra", 62).is_empty(), "handed out once");
    assert!(asks(&house, "ams", 62).is_empty(), "who saw it fail confirms nothing");

    let confirms = |second, outcome| {
        let mut seen = batch(&client, "fra", &[(after(second), outcome)]);
        seen.looks[0].observation.turn = Turn::Confirm;
        house.control.watch(&seen, after(second + 1)).unwrap();
    };
    confirms(63, Up);
    house.look(&client, "ams", after(80), Down);
    assert!(asks(&house, "fra", 82).is_empty(), "it is no news that it fails from there");
    house.look(&client, "ams", after(90), Up);
    house.look(&client, "ams", after(100), Down);
    assert!(asks(&house, "fra", 102).is_empty(), "not twice a minute");
    house.look(&client, "ams", after(120), Up);
    house.look(&client, "fra", after(121), Up);
    let again = 61 + ERRAND_AGAIN.as_micros() / 1_000_000;
    house.look(&client, "ams", after(again), Down);
    assert_eq!(asks(&house, "fra", again + 2).len(), 1);
    confirms(again + 3, Down);
    assert!(asks(&house, "ams", again + 5).is_empty(), "a confirmation is not confirmed");
}

#[test]
fn nobody_is_sent_who_does_not_ask_or_whose_answer_is_old_or_for_old_news() {
    let (house, client) = House::hosted("premium");
    house.looks(&client, start(), Length::MINUTE, Up);
    house.look(&client, "ams", after(60), Down);
    assert!(asks(&house, "fra", 62).is_empty(), "it did not ask before");
    house.look(&client, "ams", after(70), Up);
    house.look(&client, "ams", after(200), Down);
    assert!(asks(&house, "fra", 202).is_empty(), "its last answer says nothing any more");

    house.look(&client, "fra", after(203), Up);
    house.look(&client, "ams", after(204), Up);
    let late = batch(&client, "ams", &[(after(210), Down)]);
    house.control.watch(&late, after(210) + ERRAND_GOOD_FOR).unwrap();
    assert!(asks(&house, "fra", 222).is_empty(), "from a spool");

    house.look(&client, "ams", after(223), Up);
    house.look(&client, "ams", after(224), Down);
    let later = 225 + ERRAND_GOOD_FOR.as_micros() / 1_000_000;
    assert!(asks(&house, "fra", later).is_empty(), "nobody fetched it while it was good");
}

#[test]
fn a_storm_sends_nobody_more_than_the_limit() {
    let (house, client) = House::hosted("premium");
    let all = |vantage: &str, second: i64, outcome: Outcome| {
        let looks = (0..500).map(|number| Looked {
            client: client.clone(),
            instance: format!("web-{number}").parse().unwrap(),
            check: "http".parse().unwrap(),
            observation: Observation::new(after(second), outcome),
            certificate_ends: None,
            detail: None,
        });
        let vantage: VantageId = vantage.parse().unwrap();
        let seen = Watched { vantage, batch: second.to_string(), looks: looks.collect(), signed: None };
        house.control.watch(&seen, after(second + 1)).unwrap();
    };
    all("fra", 0, Up);
    all("ams", 1, Up);
    assert!(asks(&house, "fra", 2).is_empty());
    all("ams", 21, Down);
    assert_eq!(asks(&house, "fra", 23).len(), ERRANDS_AT_ONCE_MAX);
    all("ams", 25, Up);
    all("ams", 27, Down);
    assert!(asks(&house, "fra", 29).is_empty(), "no more within the minute");
}

/// Letters that say that places differ, among others.
fn told(house: &House, second: i64) -> Vec<String> {
    house.control.relay(after(second)).unwrap();
    let all = letters(house, after(second + 1)).into_iter();
    all.filter(|letter| letter.contains("differ")).collect()
}

fn differ(house: &House, client: &ClientId, seconds: std::ops::Range<i64>) {
    for second in seconds.step_by(20) {
        house.look(client, "ams", after(second), Down);
        house.look(client, "fra", after(second + 3), Up);
    }
}

#[test]
fn a_14_where_places_differ_nothing_counts_and_it_is_listed_and_the_provider_is_told_once() {
    let (house, client) = hosted("premium", start());
    house.looks(&client, start(), Length::MINUTE, Up);
    differ(&house, &client, 60..100);
    assert_eq!(house.control.differing(), 0, "as at each edge of an outage");
    differ(&house, &client, 100..180);
    assert_eq!(house.control.differing(), 1);

    let told_of = "Vantage points differ (http): it fails from ams, and answers fra. While one has answers, nothing counts (A-14).";
    let both = [format!("ann: {told_of}"), format!("max: {told_of}")];
    assert_eq!(told(&house, 181), both, "who is on call, and managers");
    differ(&house, &client, 180..400);
    assert_eq!(told(&house, 401), [""; 0], "once");

    house.looks(&client, after(400), Length::MINUTE, Up);
    assert_eq!(house.control.differing(), 0);
    let window = Span { start: start(), end: after(460) };
    let look = |book: &Book| {
        let listed = book.differences(&"wiki".parse().unwrap(), window);
        let counted = book.evaluation(after(460)).unwrap().preview("2026-06".parse().unwrap()).unwrap();
        (listed, counted.instances[0].month.counted, counted.instances[0].month.runs.len())
    };
    let (listed, counted, runs) = house.control.read(&client, after(460), look).unwrap().unwrap();
    assert_eq!((counted, runs), (0, 0));
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].span, Span { start: after(60), end: after(400) });
    assert_eq!((listed[0].failed.len(), listed[0].answered.len()), (1, 1));

    differ(&house, &client, 460..560);
    assert_eq!(told(&house, 561), [""; 0], "not again within the hour");
    let later = DIFFERENCE_AGAIN.as_micros() / 1_000_000 + 560;
    differ(&house, &client, later..later + 100);
    assert_eq!(told(&house, later + 101), both, "and later again");
}
