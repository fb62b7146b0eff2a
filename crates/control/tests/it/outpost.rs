//! Vantage points elsewhere: who gets in, what they may speak of, and that order and repetition change nothing.

use control::{
    NotInvited, invite,
    live::{Book, Detail, NotTaken},
};
use facts::{Body, Cause, CheckDefined, ClientId, Observation, Outcome, Turn, VantageId};
use proptest::prelude::*;
use spans::{Instant, Length};
use uuid::Uuid;
use wire::{
    ASSIGNMENT_PATH, Asked, ClockNote, Http, Join, Key, Look, Phases, Reach, Reason, Reference, Report,
    Token, What,
};

use crate::house::{House, instant};

fn now() -> Instant {
    instant("2026-06-02T10:00:00Z")
}

fn ams() -> VantageId {
    "ams-1".parse().unwrap()
}

fn key() -> Key {
    Key::from_seed([7; 32])
}

/// A wiki with a question, and a vantage point that has joined, for these clients or all.
fn joined(clients: Option<Vec<ClientId>>) -> (House, ClientId, Asked) {
    let (house, client) = House::hosted("premium");
    define(&house, &client, "http://192.0.2.1/", instant("2026-03-02T00:00:00Z"));
    let invited = invite(house.control.journal(), &ams(), clients, [1; 20], now()).unwrap();
    house.control.join(&Join::with(invited.token, &key()), now()).unwrap();
    let assigned = house.control.assigned(&key().card(&ams(), ASSIGNMENT_PATH, now()), now()).unwrap();
    let asked = assigned.checks.first().map_or(Asked(0), wire::Check::asked);
    (house, client, asked)
}

fn define(house: &House, client: &ClientId, url: &str, at: Instant) {
    let check = CheckDefined {
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        every_s: 20,
        method: None,
        url: Some(url.to_owned()),
        expect: vec![200],
        timeout_ms: None,
        what: None,
        grace_s: None,
        again: None,
        objectives: Vec::new(),
    };
    house.store(client, &[check.into()], at);
}

fn report(sequence: u64, at: Instant, looks: Vec<Look>) -> Report {
    Report {
        vantage: ams(),
        boot: Uuid::from_u128(5),
        sequence,
        at,
        mono_ns: 1,
        clock: ClockNote::default(),
        reach: None,
        skipped: 0,
        gaps: Vec::new(),
        looks,
    }
}

fn look(client: &ClientId, asked: Asked, at: Instant, outcome: Outcome) -> Look {
    Look {
        client: client.clone(),
        instance: "wiki".parse().unwrap(),
        check: "http".parse().unwrap(),
        asked,
        at,
        mono_ns: 1,
        outcome,
        turn: Turn::Due,
        code: None,
        phases: Phases::default(),
        reason: None,
        cause: None,
        not_after: None,
    }
}

/// What the journal holds of what ams-1 saw, in order of time.
fn seen(house: &House, client: &ClientId) -> Vec<Observation> {
    let facts = house.control.journal().facts(client, None).unwrap();
    let mut seen: Vec<Observation> = facts
        .into_iter()
        .filter_map(|fact| match fact.body {
            Body::CheckObserved(seen) if seen.vantage == ams() => Some(seen.observations),
            _ => None,
        })
        .flatten()
        .collect();
    seen.sort_by_key(|observation| observation.at);
    seen
}

fn outcomes(house: &House, client: &ClientId) -> Vec<Outcome> {
    seen(house, client).iter().map(|observation| observation.outcome).collect()
}

fn causes(house: &House, client: &ClientId) -> Vec<Option<Cause>> {
    seen(house, client).iter().map(|observation| observation.cause).collect()
}

#[test]
fn a_token_lets_one_key_in_and_what_is_revoked_says_nothing_more() {
    let (house, client, asked) = joined(None);
    let control = &house.control;
    let other = Key::from_seed([8; 32]);
    let again = Join::with(Token::of([1; 20]), &key());
    assert_eq!(control.join(&again, now()).unwrap().vantage, ams());
    let stolen = Join::with(Token::of([1; 20]), &other);
    assert!(matches!(control.join(&stolen, now()), Err(NotTaken::Refused)));
    let borrowed = Join { key: other.public(), ..again.clone() };
    assert!(matches!(control.join(&borrowed, now()), Err(NotTaken::Refused)));
    let unknown = Join::with(Token::of([2; 20]), &key());
    assert!(matches!(control.join(&unknown, now()), Err(NotTaken::Refused)));
    let taken = invite(control.journal(), &ams(), None, [3; 20], now());
    assert!(matches!(taken, Err(NotInvited::Taken { .. })));
    let own = invite(control.journal(), &"control".parse().unwrap(), None, [3; 20], now());
    assert!(matches!(own, Err(NotInvited::Reserved { .. })));

    let sealed = key().seal(&report(1, now(), vec![look(&client, asked, now(), Outcome::Up)])).encode();
    let forged = other.seal(&report(1, now(), Vec::new())).encode();
    assert!(matches!(control.take(&forged, now()), Err(NotTaken::Unsigned)));
    control.take(&sealed, now()).unwrap();
    control.journal().write(|tx| tx.revoke_vantage(&ams(), now())).unwrap();
    assert!(matches!(control.take(&sealed, now()), Err(NotTaken::Unsigned)));
    let card = key().card(&ams(), ASSIGNMENT_PATH, now());
    assert!(matches!(control.assigned(&card, now()), Err(NotTaken::Unsigned)));
    assert!(matches!(control.join(&again, now()), Err(NotTaken::Refused)));
    assert_eq!(outcomes(&house, &client), [Outcome::Up], "what it saw stays");
}

#[test]
fn it_speaks_of_what_it_was_to_ask_and_of_nothing_else() {
    let (house, client, asked) = joined(None);
    let take = |sequence, look| {
        let sealed = key().seal(&report(sequence, now(), vec![look])).encode();
        house.control.take(&sealed, now())
    };
    let good = look(&client, asked, now(), Outcome::Down);
    let strange = [
        Look { client: "beta".parse().unwrap(), ..good.clone() },
        Look { instance: "forum".parse().unwrap(), ..good.clone() },
        Look { check: "other".parse().unwrap(), ..good.clone() },
    ];
    for (sequence, strange) in (1..).zip(strange) {
        assert!(matches!(take(sequence, strange), Err(NotTaken::NotAssigned { .. })));
    }
    assert_eq!(outcomes(&house, &client), []);
    take(4, good.clone()).unwrap();
    // Rule 8: the answer to a question that the check never was is no evidence.
    let taken = take(5, Look { asked: Asked(1), at: now() + Length::from_secs(1), ..good }).unwrap();
    assert_eq!((taken.looks, taken.void), (1, 1));
    assert_eq!(outcomes(&house, &client), [Outcome::Down, Outcome::Void]);
    assert_eq!(causes(&house, &client), [None, Some(Cause::Question)]);
}

#[test]
fn why_a_look_failed_is_on_record_and_how_long_its_phases_took_is_known_while_it_is_the_newest() {
    let (mut house, client, asked) = joined(None);
    let at = |second: i64| now() + Length::from_secs(second);
    let phases = Phases { dns_us: Some(900), total_us: Some(1_200), ..Phases::default() };
    let reason = Some(Reason::of("refused: 10.0.0.1 is private"));
    let refused = Look { phases, reason, ..look(&client, asked, at(1), Outcome::Void) };
    let refused = Look { cause: Some(Cause::Refused), ..refused };
    // A good answer has no cause, whatever is said of it; one that is older is not the newest.
    let before = Look { cause: Some(Cause::Body), ..look(&client, asked, at(0), Outcome::Up) };
    for (sequence, look) in (1..).zip([refused.clone(), before]) {
        house.control.take(&key().seal(&report(sequence, at(2), vec![look])).encode(), at(2)).unwrap();
    }
    assert_eq!(causes(&house, &client), [None, Some(Cause::Refused)]);
    let newest = |house: &House| {
        let read = |book: &Book| book.instance(&"wiki".parse().unwrap(), at(9), Length::MINUTE).unwrap();
        let seen = house.control.read(&client, at(9), read).unwrap().unwrap().seen;
        seen.into_iter().find(|seen| seen.vantage == ams().as_str()).unwrap()
    };
    let seen = newest(&house);
    let Look { phases, reason, .. } = refused;
    assert_eq!((seen.last.cause, seen.detail), (Some(Cause::Refused), Some(Detail { phases, reason })));
    house = house.restarted(&["stellar-hosted.toml"], at(9));
    let seen = newest(&house);
    assert_eq!(
        (seen.last.cause, seen.detail),
        (Some(Cause::Refused), None),
        "only facts outlive the process"
    );
    let verified = house.control.journal().verify(&[]).unwrap();
    assert!(verified.is_sound(), "{verified:?}");
}

#[test]
fn a_vantage_point_of_one_client_neither_asks_nor_speaks_of_another() {
    let (house, client, _) = joined(Some(vec!["beta".parse().unwrap()]));
    let assigned = house.control.assigned(&key().card(&ams(), ASSIGNMENT_PATH, now()), now()).unwrap();
    assert_eq!(assigned.checks, []);
    let sealed = key().seal(&report(1, now(), vec![look(&client, Asked(0), now(), Outcome::Up)])).encode();
    assert!(matches!(house.control.take(&sealed, now()), Err(NotTaken::NotAssigned { .. })));
}

#[test]
fn rules_4_and_9_what_its_clock_or_its_connection_makes_doubtful_is_void() {
    let (house, client, asked) = joined(None);
    let at = |second: i64| now() + Length::from_secs(second);
    let of = |sequence: u64, outcome| {
        let second = i64::try_from(sequence).unwrap();
        report(sequence, at(second), vec![look(&client, asked, at(second), outcome)])
    };
    let skewed = |offset_us| ClockNote { offset_us: Some(offset_us), ..ClockNote::default() };
    let cut_off = Some(Reach { reached: 1, of: 3 });
    let reports = [
        Report { clock: skewed(-30_000_000), ..of(1, Outcome::Down) },
        Report { clock: skewed(-30_000_001), ..of(2, Outcome::Down) },
        Report { clock: skewed(30_000_001), ..of(3, Outcome::Up) },
        Report { reach: cut_off, ..of(4, Outcome::Down) },
        Report { reach: cut_off, ..of(5, Outcome::Up) },
    ];
    for report in &reports {
        house.control.take(&key().seal(report).encode(), at(9)).unwrap();
    }
    use Outcome::{Down, Up, Void};
    assert_eq!(outcomes(&house, &client), [Down, Void, Void, Void, Up]);
    let told = [None, Some(Cause::Clock), Some(Cause::Clock), Some(Cause::CutOff), None];
    assert_eq!(causes(&house, &client), told);
}

#[test]
fn a_certificate_s_end_reaches_whoever_asks_and_what_is_void_says_nothing_of_it() {
    let (mut house, client, asked) = joined(None);
    let ends = now() + Length::from_hours(41 * 24);
    let renewed = ends + Length::from_hours(90 * 24);
    let at = |second: i64| now() + Length::from_secs(second);
    let shows = |sequence: u64, not_after, outcome, offset_us| {
        let at = at(i64::try_from(sequence).unwrap());
        let look = Look { not_after, ..look(&client, asked, at, outcome) };
        let clock = ClockNote { offset_us, ..ClockNote::default() };
        key().seal(&Report { clock, ..report(sequence, at, vec![look]) }).encode()
    };
    let take = |house: &House, report: &[u8]| house.control.take(report, at(60)).unwrap();
    let certificate = |house: &House| {
        let read = |book: &Book| book.instance(&"wiki".parse().unwrap(), at(60), Length::MINUTE).unwrap();
        let seen = house.control.read(&client, at(60), read).unwrap().unwrap().seen;
        seen.into_iter().find(|seen| seen.vantage == ams().as_str()).unwrap().certificate
    };
    take(&house, &shows(1, None, Outcome::Up, None));
    assert_eq!(certificate(&house), None);
    take(&house, &shows(2, Some(ends), Outcome::Down, None));
    take(&house, &shows(3, None, Outcome::Up, None));
    take(&house, &shows(4, Some(renewed), Outcome::Up, Some(40_000_000)));
    let found = certificate(&house).unwrap();
    assert_eq!((found.ends, found.shown), (ends, at(2)), "a doubtful clock shows no certificate");
    assert_eq!(found.days_left(at(60)), Some(40));
    take(&house, &shows(5, Some(renewed), Outcome::Up, None));
    house = house.restarted(&["stellar-hosted.toml"], at(60));
    assert_eq!(certificate(&house).unwrap().ends, renewed);
    let verified = house.control.journal().verify(&[]).unwrap();
    assert!(verified.is_sound(), "{verified:?}");
}

#[test]
fn rule_9_a_report_of_the_future_or_of_1970_does_not_fit_the_clock() {
    let (house, client, asked) = joined(None);
    let take = |sequence, at: Instant, looked: Instant| {
        let report = report(sequence, at, vec![look(&client, asked, looked, Outcome::Up)]);
        house.control.take(&key().seal(&report).encode(), now())
    };
    let ahead = now() + Length::from_secs(30);
    take(1, ahead, now()).unwrap();
    let later = ahead + Length::from_micros(1);
    assert!(matches!(take(2, later, now()), Err(NotTaken::Time { .. })));
    assert!(matches!(take(3, now(), later), Err(NotTaken::Time { .. })));
    assert!(matches!(take(4, Instant::from_second(0), now()), Err(NotTaken::Time { .. })));
    assert!(matches!(take(0, now(), now()), Err(NotTaken::Nameless)));
    assert_eq!(seen(&house, &client).len(), 1);
    // A clock that was behind, and is right again: what did not fit is taken.
    let again = report(2, later, vec![look(&client, asked, later, Outcome::Up)]);
    house.control.take(&key().seal(&again).encode(), now() + Length::from_secs(60)).unwrap();
    assert_eq!(seen(&house, &client).len(), 2);
}

#[test]
fn a_revision_rises_with_the_contents_and_survives_a_restart() {
    let (house, client, _) = joined(None);
    let ask = |house: &House, second: i64| {
        let at = now() + Length::from_secs(second);
        let assigned = house.control.assigned(&key().card(&ams(), ASSIGNMENT_PATH, at), at).unwrap();
        (assigned.revision, assigned.references.len())
    };
    assert_eq!([ask(&house, 0), ask(&house, 10)], [(1, 0), (1, 0)]);
    let house = house.restarted(&["stellar-hosted.toml"], now());
    assert_eq!(ask(&house, 20), (1, 0));
    define(&house, &client, "http://192.0.2.2/", now());
    assert_eq!(ask(&house, 30), (2, 0));
    let reference = Reference { what: What::Http(Http::get("http://192.0.2.9/")), timeout_ms: 1_000 };
    house.control.refer(vec![reference; 3]);
    assert_eq!(ask(&house, 40), (3, 3));
    let receipt = |second: i64| {
        let at = now() + Length::from_secs(second);
        house.control.take(&key().seal(&report(1, at, Vec::new())).encode(), at).unwrap().receipt
    };
    assert_eq!((receipt(50).revision, receipt(50).sequence), (3, 1));
}

#[test]
fn what_is_missing_is_counted() {
    let (house, ..) = joined(None);
    let take =
        |sequence| house.control.take(&key().seal(&report(sequence, now(), Vec::new())).encode(), now());
    let missing: Vec<u64> = [3, 4, 9, 4].into_iter().map(|n| take(n).unwrap().missing).collect();
    assert_eq!(missing, [0, 0, 4, 0]);
    assert_eq!(house.control.heard()[&ams()].missing, 4);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    /// Rule 12: in order and once, or late, shuffled and repeated, with a restart in between: the same observations, the same
    /// projections of what was seen, the same statement.
    #[test]
    fn rule_12_duplicates_late_and_shuffled_batches_come_to_the_same(
        failing in prop::collection::vec(any::<bool>(), 24),
        order in prop::collection::vec(0_usize..24, 24..60),
    ) {
        let told = |shuffled: &[usize]| {
            let (house, client, asked) = joined(None);
            let reports: Vec<Vec<u8>> = failing.iter().enumerate().map(|(n, fails)| {
                let at = now() + Length::from_secs(20 * i64::try_from(n).unwrap());
                let outcome = if *fails { Outcome::Down } else { Outcome::Up };
                key().seal(&report(n as u64 + 1, at, vec![look(&client, asked, at, outcome)])).encode()
            }).collect();
            let end = now() + Length::HOUR;
            for n in shuffled.iter().copied().chain(0..24) {
                house.control.take(&reports[n], end).unwrap();
            }
            let month = "2026-06".parse().unwrap();
            let statement = house.control.read(&client, end, |book| {
                let evaluation = book.evaluation(end).unwrap();
                let statement = evaluation.preview(month).unwrap();
                let line = &statement.instances[0].month;
                (line.counted, line.unknown.to_string())
            });
            (seen(&house, &client), statement.unwrap().unwrap())
        };
        prop_assert_eq!(told(&[]), told(&order));
    }
}

/// Every kind of question is a fact that is assigned as it was written; one that holds a secret is no fact.
#[test]
fn a_question_of_any_kind_is_recorded_and_assigned_and_a_secret_is_not() {
    let (house, client, _) = joined(None);
    let anna = facts::Actor::provider("anna").role("manager");
    let record = |check: &str, what: &str| {
        let body = format!(
            r#"{{"event": "check.defined", "data": {{"instance": "wiki", "check": "{check}", "every_s": 60, "what": {what}}}}}"#
        );
        let body: Body = serde_json::from_str(&body).unwrap();
        house.act(control::live::Act::new(&client, anna.clone(), body), now())
    };
    record("db", r#"{"tcp": {"host": "db.example", "port": 5432}}"#).unwrap();
    record("mail", r#"{"dns": {"name": "example.com", "record": "MX"}}"#).unwrap();
    let with = |header: &str| {
        let header = format!(r#"{{"name": "{header}", "value": "x"}}"#);
        format!(
            r#"{{"http": {{"url": "https://wiki.example/", "method": "POST", "headers": [{header}], "redirects": "follow"}}}}"#
        )
    };
    record("form", &with("accept-language")).unwrap();
    let refused = record("form", &with("authorization")).unwrap_err().to_string();
    assert!(refused.contains("check form is not put on record") && refused.contains("secret"), "{refused}");
    let at = now() + Length::MINUTE;
    let assigned = house.control.assigned(&key().card(&ams(), ASSIGNMENT_PATH, at), at).unwrap();
    assigned.hold().unwrap();
    let asked: Vec<String> = assigned.checks.iter().map(|check| check.what.to_string()).collect();
    let all = [
        "TCP db.example port 5432",
        "POST https://wiki.example/",
        "GET http://192.0.2.1/",
        "DNS MX example.com",
    ];
    assert_eq!(asked, all);
}

/// On record since before there were limits, or written beside the live service: the others are asked all the same.
#[test]
fn a_check_that_breaks_a_limit_drops_only_itself() {
    let (house, client, _) = joined(None);
    let defined = |check: &str, every_s: u32, url: &str| -> Body {
        let data = serde_json::json!({"instance": "wiki", "check": check, "every_s": every_s, "url": url});
        serde_json::from_value(serde_json::json!({"event": "check.defined", "data": data})).unwrap()
    };
    let bodies = [
        defined("idle", 0, "https://wiki.example/"),
        defined("never", u32::MAX, "https://wiki.example/"),
        defined("file", 20, "file:///etc/passwd"),
        defined("good", 20, "https://wiki.example/"),
    ];
    house.store(&client, &bodies, now());
    let at = now() + Length::MINUTE;
    let elsewhere = house.control.assigned(&key().card(&ams(), ASSIGNMENT_PATH, at), at).unwrap();
    let here = house.control.assignment(&ams(), 1, at).unwrap();
    for assigned in [elsewhere, here] {
        assigned.hold().unwrap();
        let asked: Vec<&str> = assigned.checks.iter().map(|check| check.check.as_str()).collect();
        assert_eq!(asked, ["good", "http"]);
        let unasked = house.control.unasked();
        let told: Vec<_> = unasked.iter().map(|one| (one.check.as_str(), one.problem)).collect();
        let interval = "the interval is not between a second and a day";
        let scheme = "the URL begins with neither http:// nor https://";
        assert_eq!(told, [("file", scheme), ("idle", interval), ("never", interval)]);
    }
    // Put right, it is asked again.
    house.store(&client, &[defined("idle", 60, "https://wiki.example/")], now() + Length::from_secs(1));
    assert_eq!(house.control.assignment(&ams(), 2, at).unwrap().checks.len(), 3);
    assert_eq!(house.control.unasked().len(), 2);
}

/// MP-PRO-01 and A-14: whose a vantage point is, both can see: its name, whom it is bound to, and its signature on what it saw.
#[test]
fn a_clients_own_vantage_point_signs_what_is_on_record() {
    let (house, client) = House::hosted("premium");
    define(&house, &client, "http://192.0.2.1/", instant("2026-03-02T00:00:00Z"));
    let journal = house.control.journal();
    let own: VantageId = "client-office".parse().unwrap();
    for clients in [None, Some(Vec::new()), Some(vec![client.clone(), "beta".parse().unwrap()])] {
        let refused = invite(journal, &own, clients, [1; 20], now()).unwrap_err();
        assert!(matches!(refused, NotInvited::Whose { .. }), "{refused}");
    }
    let invited = invite(journal, &own, Some(vec![client.clone()]), [1; 20], now()).unwrap();
    house.control.join(&Join::with(invited.token, &key()), now()).unwrap();
    let assigned = house.control.assigned(&key().card(&own, ASSIGNMENT_PATH, now()), now()).unwrap();
    let asked = assigned.checks[0].asked();
    let report =
        Report { vantage: own.clone(), ..report(1, now(), vec![look(&client, asked, now(), Outcome::Up)]) };
    let sealed = key().seal(&report);
    house.control.take(&sealed.encode(), now()).unwrap();
    let facts = journal.facts(&client, None).unwrap();
    let signed: Vec<_> = facts
        .iter()
        .filter_map(|fact| match &fact.body {
            Body::CheckObserved(seen) => Some((seen.vantage.clone(), seen.signed.clone())),
            _ => None,
        })
        .collect();
    let [(vantage, Some(signed))] = &signed[..] else { panic!("{signed:?}") };
    assert_eq!((vantage, signed.sequence, signed.boot), (&own, 1, report.boot));
    assert_eq!(
        (signed.key.clone(), signed.signature.clone()),
        (key().public().to_string(), sealed.signature())
    );
    // Whoever has the report and the key on record can check it, and nothing else fits.
    let with = |text: &str| {
        let mut bytes = format!("{own} {}\n", signed.signature).into_bytes();
        bytes.extend_from_slice(text.as_bytes());
        wire::Sealed::decode(&bytes).unwrap().open(&signed.key.parse().unwrap())
    };
    let text = String::from_utf8(report.to_json()).unwrap();
    assert_eq!(with(&text).unwrap(), report);
    assert!(with(&text.replace("\"up\"", "\"down\"")).is_err());
}
