//! Who is on call, by hand and against a slow oracle that asks each minute.

use std::collections::BTreeMap;

use agreement::{Agreement, Terms, seal::Identity};
use desk::rota::{Because, Colleague, Layer, Pool, Rota, promised};
use facts::{
    Actor, Body, ClientId, Fact, FactId, PoolOpened, PoolRestricted, RotaOverridden, RotaSet, ShiftPlanned,
};
use proptest::prelude::*;
use spans::{Instant, Length, Span, Spans, Zone};

fn instant(text: &str) -> Instant {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn span(from: &str, until: &str) -> Span {
    Span::new(instant(from), instant(until)).unwrap()
}

fn fact(number: u8, body: impl Into<Body>, at: Instant) -> Fact {
    let id = FactId::v7(at, [number; 10]);
    let actor = Actor::provider("ann");
    Fact { id, client: ClientId::provider(), at, recorded_at: at, actor, body: body.into() }
}

fn layer(name: &str, zone: &str, people: &[&str], first: &str) -> RotaSet {
    RotaSet {
        rota: name.parse().unwrap(),
        name: name.to_owned(),
        level: 1,
        zone: zone.to_owned(),
        people: people.iter().map(|person| (*person).to_owned()).collect(),
        first: instant(first),
        weeks: 1,
        hours: Vec::new(),
    }
}

fn put(rota: &str, person: &str, from: &str, until: &str) -> RotaOverridden {
    let (rota, person) = (rota.parse().unwrap(), Some(person.to_owned()));
    RotaOverridden { rota, person, away: None, from: instant(from), until: instant(until) }
}

fn away(rota: &str, person: &str, from: &str, until: &str) -> RotaOverridden {
    RotaOverridden { person: None, away: Some(person.to_owned()), ..put(rota, "", from, until) }
}

fn rota(bodies: Vec<Body>) -> Rota {
    let at = instant("2026-01-01T00:00:00Z");
    let facts: Vec<Fact> = (1..).zip(bodies).map(|(number, body)| fact(number, body, at)).collect();
    Rota::read(&facts)
}

/// `ann 2026-03-02T08:00:00Z/…`, one line for each turn.
fn drawn(rota: &Rota, within: Span) -> Vec<String> {
    let turns = rota.turns(within).into_iter();
    turns.map(|turn| format!("{} {}", turn.person.as_deref().unwrap_or("nobody"), turn.span)).collect()
}

fn who(rota: &Rota, at: &str) -> Vec<String> {
    let turns = rota.on_call(instant(at)).into_iter();
    turns.map(|turn| turn.person.unwrap_or_else(|| "nobody".to_owned())).collect()
}

#[test]
fn turns_change_at_the_same_time_of_the_week_whatever_the_clocks_do() {
    let week = layer("first", "Europe/Amsterdam", &["ann", "bob"], "2026-03-23T08:00:00Z");
    // Summer time begins on 29 March: nine o'clock in Amsterdam is 08:00 UTC before it and 07:00 after it.
    assert_eq!(
        drawn(&rota(vec![week.into()]), span("2026-03-20T00:00:00Z", "2026-04-08T00:00:00Z")),
        [
            "ann 2026-03-23T08:00:00Z/2026-03-30T07:00:00Z",
            "bob 2026-03-30T07:00:00Z/2026-04-06T07:00:00Z",
            "ann 2026-04-06T07:00:00Z/2026-04-08T00:00:00Z",
        ]
    );
}

#[test]
fn a_hand_over_in_a_skipped_or_repeated_hour_happens_once() {
    // 02:30 on Sundays: skipped on 29 March, there twice on 25 October.
    let spring = layer("first", "Europe/Amsterdam", &["ann", "bob"], "2026-03-22T01:30:00Z");
    assert_eq!(
        drawn(&rota(vec![spring.into()]), span("2026-03-28T00:00:00Z", "2026-04-01T00:00:00Z")),
        ["ann 2026-03-28T00:00:00Z/2026-03-29T01:30:00Z", "bob 2026-03-29T01:30:00Z/2026-04-01T00:00:00Z"]
    );
    let autumn = layer("first", "Europe/Amsterdam", &["ann", "bob"], "2026-10-18T00:30:00Z");
    assert_eq!(
        drawn(&rota(vec![autumn.into()]), span("2026-10-24T00:00:00Z", "2026-10-27T00:00:00Z")),
        ["ann 2026-10-24T00:00:00Z/2026-10-25T00:30:00Z", "bob 2026-10-25T00:30:00Z/2026-10-27T00:00:00Z"]
    );
}

#[test]
fn at_the_hand_over_the_next_person_is_on_call_and_the_last_is_not() {
    let rota = rota(vec![layer("first", "UTC", &["ann", "bob"], "2026-03-02T09:00:00Z").into()]);
    assert_eq!(who(&rota, "2026-03-02T08:59:59.999999Z"), [""; 0], "it has not begun");
    assert_eq!(who(&rota, "2026-03-02T09:00:00Z"), ["ann"]);
    assert_eq!(who(&rota, "2026-03-09T08:59:59.999999Z"), ["ann"]);
    assert_eq!(who(&rota, "2026-03-09T09:00:00Z"), ["bob"]);
    let now = &rota.on_call(instant("2026-03-05T00:00:00Z"))[0];
    assert_eq!((now.because, now.span.end), (Because::Turn, instant("2026-03-09T09:00:00Z")));
}

#[test]
fn an_empty_rota_has_nobody_and_says_so() {
    let rota = rota(Vec::new());
    assert!(rota.is_empty() && rota.on_call(instant("2026-03-02T09:00:00Z")).is_empty());
    assert!(rota.ladder(instant("2026-03-02T09:00:00Z"), |_| true).is_empty());
}

#[test]
fn what_is_said_for_a_time_counts_and_what_is_said_later_counts_for_more() {
    let bodies: Vec<Body> = vec![
        layer("first", "UTC", &["ann", "bob", "cem"], "2026-03-02T00:00:00Z").into(),
        away("first", "ann", "2026-03-03T00:00:00Z", "2026-03-06T00:00:00Z").into(),
        put("first", "dora", "2026-03-05T12:00:00Z", "2026-03-06T12:00:00Z").into(),
    ];
    let week = span("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    assert_eq!(
        drawn(&rota(bodies.clone()), week),
        [
            "ann 2026-03-02T00:00:00Z/2026-03-03T00:00:00Z",
            "bob 2026-03-03T00:00:00Z/2026-03-05T12:00:00Z",
            "dora 2026-03-05T12:00:00Z/2026-03-06T12:00:00Z",
            "ann 2026-03-06T12:00:00Z/2026-03-09T00:00:00Z",
        ]
    );
    // Taken back: it is as the layer says.
    let (from, until) = (week.start, week.end);
    let rota_id = "first".parse().unwrap();
    let back = RotaOverridden { rota: rota_id, person: None, away: None, from, until };
    let again = rota([bodies, vec![back.into()]].concat());
    assert_eq!(drawn(&again, week), ["ann 2026-03-02T00:00:00Z/2026-03-09T00:00:00Z"]);
}

#[test]
fn where_all_are_away_nobody_is_on_call_and_it_shows() {
    let bodies: Vec<Body> = vec![
        layer("first", "UTC", &["ann", "bob"], "2026-03-02T00:00:00Z").into(),
        away("first", "ann", "2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z").into(),
        away("first", "bob", "2026-03-04T00:00:00Z", "2026-03-06T00:00:00Z").into(),
    ];
    let rota = rota(bodies);
    assert_eq!(who(&rota, "2026-03-03T12:00:00Z"), ["bob"]);
    assert_eq!(who(&rota, "2026-03-04T12:00:00Z"), ["nobody"]);
    assert_eq!(who(&rota, "2026-03-05T12:00:00Z"), ["ann"]);
}

#[test]
fn layers_in_three_zones_follow_the_sun() {
    let hours: Vec<String> =
        ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].map(|day| format!("{day} 09:00-17:00")).to_vec();
    let place = |name: &str, zone: &str, person: &str| {
        let hours = hours.clone();
        RotaSet { hours, ..layer(name, zone, &[person], "2026-01-05T00:00:00Z") }
    };
    let rota = rota(vec![
        place("ams", "Europe/Amsterdam", "ann").into(),
        place("nyc", "America/New_York", "bob").into(),
        place("syd", "Australia/Sydney", "cem").into(),
    ]);
    // In January: Amsterdam 08-16, New York 14-22, Sydney 22-06 UTC.
    for (at, on_call) in [
        ("2026-01-14T10:00:00Z", vec!["ann"]),
        ("2026-01-14T15:00:00Z", vec!["ann", "bob"]),
        ("2026-01-14T21:59:00Z", vec!["bob"]),
        ("2026-01-14T22:00:00Z", vec!["cem"]),
        ("2026-01-14T07:00:00Z", vec![]),
    ] {
        assert_eq!(who(&rota, at), on_call, "{at}");
    }
    // Who is inside the hours is called before who is not.
    assert_eq!(rota.ladder(instant("2026-01-14T21:59:00Z"), |_| true), ["bob", "ann", "cem"]);
}

#[test]
fn the_ladder_calls_by_level_then_who_comes_next_and_who_does_not_fit_last() {
    let second = RotaSet { level: 2, ..layer("second", "UTC", &["eva", "ann"], "2026-03-02T00:00:00Z") };
    let rota = rota(vec![
        second.into(),
        layer("first", "UTC", &["ann", "bob", "cem"], "2026-03-02T00:00:00Z").into(),
        away("first", "cem", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z").into(),
    ]);
    let at = instant("2026-03-03T00:00:00Z");
    assert_eq!(rota.ladder(at, |_| true), ["ann", "eva", "bob"]);
    assert_eq!(rota.ladder(at, |person| person != "ann"), ["eva", "bob", "ann"]);
}

#[test]
fn a_layer_set_anew_takes_over_when_its_first_turn_begins() {
    let rota = rota(vec![
        layer("first", "UTC", &["ann"], "2026-03-02T00:00:00Z").into(),
        layer("first", "UTC", &["bob"], "2026-03-04T00:00:00Z").into(),
        layer("first", "UTC", &[], "2026-03-06T00:00:00Z").into(),
    ]);
    assert_eq!(
        drawn(&rota, span("2026-03-01T00:00:00Z", "2026-03-09T00:00:00Z")),
        ["ann 2026-03-02T00:00:00Z/2026-03-04T00:00:00Z", "bob 2026-03-04T00:00:00Z/2026-03-06T00:00:00Z"]
    );
}

#[test]
fn what_cannot_be_meant_is_refused_in_words() {
    let good = layer("first", "UTC", &["ann"], "2026-03-02T00:00:00Z");
    let refused = |set: RotaSet| Layer::read(&set).unwrap_err().to_string();
    assert!(refused(RotaSet { zone: "Mars/Base".to_owned(), ..good.clone() }).contains("Mars/Base"));
    assert!(refused(RotaSet { weeks: 0, ..good.clone() }).contains("1 to 52 weeks"));
    assert!(refused(RotaSet { level: 0, ..good.clone() }).contains("level 1"));
    let hours = vec!["Mon 9-17".to_owned()];
    assert!(refused(RotaSet { hours, ..good.clone() }).contains("Mon 09:00-17:00"));
    let people = vec!["ann".to_owned(); 65];
    assert!(refused(RotaSet { people, ..good }).contains("64 at most"));
}

fn terms(file: &str, tier: Option<&str>) -> Terms {
    let path = format!("{}/../../agreements/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let identity = Identity::of(text.as_bytes()).to_string();
    let terms = Terms::compile(Agreement::read(&text).0.unwrap(), identity).unwrap();
    tier.map_or_else(|| terms.clone(), |tier| terms.under(tier).unwrap())
}

fn people(all: &[(&str, &[&str], bool)]) -> BTreeMap<String, Colleague> {
    let colleague = |skills: &[&str], cleared: bool| Colleague {
        skills: skills.iter().map(|skill| (*skill).to_owned()).collect(),
        cleared,
    };
    all.iter().map(|(id, skills, cleared)| ((*id).to_owned(), colleague(skills, *cleared))).collect()
}

const DC: &[&str] = &["atlassian-dc"];

#[test]
fn mp_sc_inc_01_a_hole_in_the_rota_shows() {
    let terms = terms("isolated-platform.toml", None);
    let week = span("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    let promise = &promised(&terms, week)[0];
    assert_eq!(
        (promise.rule.as_str(), promise.qualified, promise.around_the_clock),
        ("first-response", true, true)
    );
    let rota = rota(vec![
        layer("first", "UTC", &["eva", "dirk"], "2026-02-24T00:00:00Z").into(),
        away("first", "dirk", "2026-03-06T00:00:00Z", "2026-03-06T06:00:00Z").into(),
    ]);
    // Dirk, whose turn begins on Tuesday, has not the skill; Eva stands in for six hours.
    let pool = Pool::of(&terms, &[], people(&[("eva", DC, false), ("dirk", &[], false)]));
    let gaps = |facts: &[Fact]| rota.gaps(promise, &pool, facts, week);
    let holes = [
        span("2026-03-03T00:00:00Z", "2026-03-06T00:00:00Z"),
        span("2026-03-06T06:00:00Z", "2026-03-09T00:00:00Z"),
    ];
    assert_eq!(gaps(&[]), Spans::from_unsorted(holes));
    // A shift planned for this client alone closes one; that of somebody who is not qualified closes nothing.
    let shift = |number: u8, qualified: bool| {
        let (shift, person) = (format!("S-{number}").parse().unwrap(), "kim".to_owned());
        let (from, until) = (holes[1].start, holes[1].end);
        fact(number, ShiftPlanned { shift, person, qualified, from, until }, week.start)
    };
    assert_eq!(gaps(&[shift(1, false)]), Spans::from_unsorted(holes));
    assert_eq!(gaps(&[shift(2, true)]), Spans::one(holes[0]));
    // Nobody at all: the whole week.
    assert_eq!(Rota::default().gaps(promise, &pool, &[], week), Spans::one(week));
}

#[test]
fn mp_sc_inc_01_only_the_cleared_cover_a_client_that_restricts_its_pool() {
    let terms = terms("isolated-platform.toml", None);
    let week = span("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    let service: facts::ServiceId = "managed".parse().unwrap();
    let restricted = span("2026-03-04T00:00:00Z", "2026-03-05T00:00:00Z");
    let facts = [
        fact(1, PoolRestricted { service: service.clone() }, restricted.start),
        fact(2, PoolOpened { service }, restricted.end),
    ];
    let rota = rota(vec![layer("first", "UTC", &["eva"], "2026-02-23T00:00:00Z").into()]);
    let gaps = |cleared: bool| {
        let pool = Pool::of(&terms, &facts, people(&[("eva", DC, cleared)]));
        rota.gaps(&promised(&terms, week)[0], &pool, &facts, week)
    };
    assert_eq!(gaps(false), Spans::one(restricted));
    assert!(gaps(true).is_empty());
}

#[test]
fn sh_slo_06_who_has_to_be_there_follows_the_tier() {
    let week = span("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z");
    let open = |tier: &str| {
        let found = promised(&terms("stellar-hosted.toml", Some(tier)), week);
        assert_eq!(found.len(), 1, "{found:?}");
        (found[0].spans.total(), found[0].around_the_clock, found[0].qualified)
    };
    assert_eq!(open("standard"), (Length::from_hours(5 * 8), false, false));
    assert_eq!(open("premium"), (Length::from_hours(5 * 24), false, false));
    assert_eq!(open("enterprise"), (Length::from_hours(7 * 24), true, false));
}

/// A layer and its exceptions as plain numbers, to be asked the slow way.
#[derive(Debug, Clone)]
struct Plain {
    zone: Zone,
    first: Instant,
    weeks: i64,
    people: Vec<String>,
    hours: Vec<(i8, i32, i32)>,
    exceptions: Vec<(Option<String>, Option<String>, Instant, Instant)>,
}

impl Plain {
    /// Walks from hand-over to hand-over; looks at the wall; tries everybody in order.
    fn who(&self, at: Instant) -> Option<Option<String>> {
        let mut said: Option<&String> = None;
        let mut away: Vec<&String> = Vec::new();
        for (person, gone, from, until) in &self.exceptions {
            if at < *from || *until <= at {
                continue;
            }
            if person.is_none() && gone.is_none() {
                (said, away) = (None, Vec::new());
            }
            if let Some(gone) = gone {
                away.push(gone);
                if said == Some(gone) {
                    said = None;
                }
            }
            if let Some(person) = person {
                away.retain(|gone| *gone != person);
                said = Some(person);
            }
        }
        if at < self.first {
            return None;
        }
        if let Some(person) = said {
            return Some(Some(person.clone()));
        }
        let wall = self.zone.to_datetime(at.into());
        let minute = i32::from(wall.hour()) * 60 + i32::from(wall.minute());
        let day = wall.weekday().to_monday_zero_offset();
        let open = self.hours.iter().any(|(on, from, to)| *on == day && *from <= minute && minute < *to);
        if !self.hours.is_empty() && !open {
            return None;
        }
        let start = self.zone.to_datetime(self.first.into());
        let mut turn = 0;
        loop {
            let days = jiff::Span::new().days((turn + 1) * 7 * self.weeks);
            let next =
                self.zone.to_ambiguous_timestamp(start.checked_add(days).unwrap()).compatible().unwrap();
            if at < Instant::try_from(next).unwrap() {
                break;
            }
            turn += 1;
        }
        let count = self.people.len();
        let from = usize::try_from(turn).unwrap() % count;
        let order = (0..count).map(|step| &self.people[(from + step) % count]);
        Some(order.into_iter().find(|person| !away.contains(person)).cloned())
    }
}

fn plain() -> impl Strategy<Value = Plain> {
    let zones = ["UTC", "Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe"];
    let base = instant("2026-03-20T00:00:00Z");
    let minute = move |minute: i64| base + Length::from_minutes(minute);
    let name = |n: usize| ["ann", "bob", "cem", "dora"][n].to_owned();
    let exception = (0..5usize, 0..5usize, 0..30_000i64, 1..9_000i64);
    (
        prop::sample::select(zones.to_vec()),
        0..7 * 24 * 60i64,
        1..3i64,
        1..5usize,
        prop::collection::vec((0..7i8, 0..1400i32, 1..700i32), 0..4),
        prop::collection::vec(exception, 0..5),
    )
        .prop_map(move |(zone, first, weeks, count, hours, exceptions)| Plain {
            zone: zone.parse().unwrap(),
            first: minute(first),
            weeks,
            people: (0..count).map(name).collect(),
            hours: hours.into_iter().map(|(day, from, long)| (day, from, (from + long).min(1440))).collect(),
            exceptions: exceptions
                .into_iter()
                .map(|(person, gone, from, long)| {
                    let one = |n: usize| (n < 4).then(|| name(n));
                    (one(person), one(gone), minute(from), minute(from + long))
                })
                .collect(),
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Three weeks around the clock changes of spring: the turns as drawn, and who is said to be on call, are what the oracle says of
    /// each minute.
    #[test]
    fn every_minute_has_whom_the_oracle_names(plain in plain()) {
        let written = |minutes: i32| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let hours = plain.hours.iter().map(|(day, from, to)| {
            format!("{} {}-{}", days[usize::try_from(*day).unwrap()], written(*from), written(*to))
        });
        let set = RotaSet {
            zone: plain.zone.name().to_owned(),
            people: plain.people.clone(),
            first: plain.first,
            weeks: u16::try_from(plain.weeks).unwrap(),
            hours: hours.collect(),
            ..layer("first", "UTC", &[], "2026-03-20T00:00:00Z")
        };
        let exceptions = plain.exceptions.iter().map(|(person, gone, from, until)| RotaOverridden {
            rota: "first".parse().unwrap(),
            person: person.clone(),
            away: gone.clone(),
            from: *from,
            until: *until,
        });
        let bodies = std::iter::once(set.into()).chain(exceptions.map(Body::from)).collect();
        let rota = rota(bodies);
        let start = instant("2026-03-20T00:00:00Z");
        let turns = rota.turns(Span { start, end: start + Length::from_hours(24 * 21) });
        for minute in 0..21 * 24 * 60 {
            let at = start + Length::from_minutes(minute);
            let drawn: Vec<_> = turns.iter().filter(|turn| turn.span.contains(at)).collect();
            prop_assert!(drawn.len() <= 1, "{at}: {drawn:?}");
            let drawn = drawn.first().map(|turn| turn.person.clone());
            prop_assert_eq!(&drawn, &plain.who(at), "{}", at);
            if minute % 997 == 0 {
                let asked = rota.on_call(at).first().map(|turn| turn.person.clone());
                prop_assert_eq!(asked, drawn, "{}", at);
            }
        }
    }
}
