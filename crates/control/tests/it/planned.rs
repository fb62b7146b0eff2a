//! Planned work and exclusions: series across clock changes, the calendar's names, a claim that does what was shown before, incidents.

use control::live::{
    Book, NotDone,
    command::{Answer, By, NewChange, NewClaim, Series},
    query::RootCause,
};
use facts::{Actor, ClientId, Impact, MaintenanceKind, MaintenancePlanned, Outcome};
use promise::Effect;
use spans::{Instant, Length, Month, Zone};
use status::ical::Status;

use crate::house::{House, instant};

const MINUTE: Length = Length::MINUTE;

fn manager() -> By {
    By::new(Actor::provider("mia").role("manager"))
}

fn approver() -> By {
    By::new(Actor::client("piet").role("approver").role("contact"))
}

fn scheduled(starts_at: Instant, ends_at: Instant) -> MaintenancePlanned {
    MaintenancePlanned {
        maintenance: "M-0".parse().unwrap(),
        kind: MaintenanceKind::Scheduled,
        cause: "upgrade".to_owned(),
        expected_impact: Impact::Down,
        instances: vec!["wiki".parse().unwrap()],
        starts_at,
        ends_at,
        cve: None,
        outside_slot: None,
        series: None,
    }
}

fn series(rule: &str) -> Series {
    Series { rule: rule.to_owned(), zone: "Europe/Amsterdam".parse::<Zone>().unwrap() }
}

#[test]
fn sh_maint_06_a_series_keeps_its_time_of_day_across_clock_changes_and_is_all_or_nothing() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-10-01T10:00:00Z");
    // Clocks in Amsterdam go back on 25 October 2026: 14:00 there is 12:00 UTC before and 13:00 after.
    let first = scheduled(instant("2026-10-21T12:00:00Z"), instant("2026-10-21T13:00:00Z"));
    let plan = |rule: &str| house.control.plan_series(&client, &first, &series(rule), manager(), now);
    let (_, records) = plan("FREQ=WEEKLY;COUNT=3").unwrap();
    let told: Vec<_> = records.iter().map(|r| (r.maintenance.to_string(), r.starts_at.to_string())).collect();
    assert_eq!(
        told,
        [
            ("M-1".to_owned(), "2026-10-21T12:00:00Z".to_owned()),
            ("M-2".to_owned(), "2026-10-28T13:00:00Z".to_owned()),
            ("M-3".to_owned(), "2026-11-04T13:00:00Z".to_owned()),
        ]
    );
    assert!(records.iter().all(|r| r.series.as_ref().is_some_and(|first| first.as_str() == "M-1")));
    // A Sunday is outside the slot: none of them is put on file.
    let daily = scheduled(instant("2026-11-10T12:00:00Z"), instant("2026-11-10T13:00:00Z"));
    let refused = house
        .control
        .plan_series(&client, &daily, &series("FREQ=DAILY;COUNT=7"), manager(), now)
        .unwrap_err();
    assert!(matches!(refused, NotDone::Refused(_)), "{refused}");
    let count = |book: &Book| book.maintenance().len();
    assert_eq!(house.control.read(&client, now, count).unwrap(), Some(3));
    for (rule, why) in
        [("FREQ=HOURLY", "is not understood"), ("FREQ=WEEKLY;BYDAY=FR", "is not a start by the rule")]
    {
        let refused = plan(rule).unwrap_err();
        assert!(matches!(&refused, NotDone::Wrong { field, .. } if field == "repeats"), "{refused}");
        assert!(refused.to_string().contains(why), "{refused}");
    }
}

/// A status page has 20,000 bytes, and a cause is its title there.
#[test]
fn words_of_a_record_have_a_limit_that_is_said() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-10-01T10:00:00Z");
    let first = scheduled(instant("2026-10-21T12:00:00Z"), instant("2026-10-21T13:00:00Z"));
    let long = |letters: usize| MaintenancePlanned { cause: "é".repeat(letters), ..first.clone() };
    let refused = house.control.plan(&client, long(201), manager(), now).unwrap_err();
    assert_eq!(refused.to_string(), "`cause`: it has 201 characters: write 200 at most");
    let reason = MaintenancePlanned { outside_slot: Some("x".repeat(2_001)), ..first.clone() };
    let refused = house.control.plan(&client, reason, manager(), now).unwrap_err();
    assert_eq!(refused.to_string(), "`outside_slot`: it has 2001 characters: write 2000 at most");
    let other = house.control.plan(&client, long(200), manager(), now);
    assert!(!matches!(other, Err(NotDone::Wrong { .. })), "{other:?}");
}

#[test]
fn sh_maint_06_each_record_of_a_series_begins_once_and_lasts_as_long_as_the_first() {
    let each = |from: &str, minutes: i64, rule: &str| {
        let start = instant(from);
        series(rule).spans(spans::Span { start, end: start + MINUTE * minutes })
    };
    let told = |from: &str, minutes: i64, rule: &str| -> Vec<String> {
        each(from, minutes, rule).unwrap().iter().map(ToString::to_string).collect()
    };
    // On 25 October 2026 clocks in Amsterdam show 02:00 to 03:00 twice, on 28 March 2027 not at all.
    let autumn = told("2026-10-24T00:15:00Z", 30, "FREQ=DAILY;COUNT=3");
    assert_eq!(
        autumn,
        [
            "2026-10-24T00:15:00Z/2026-10-24T00:45:00Z",
            "2026-10-25T00:15:00Z/2026-10-25T00:45:00Z",
            "2026-10-26T01:15:00Z/2026-10-26T01:45:00Z",
        ]
    );
    let hour = told("2026-10-24T00:00:00Z", 60, "FREQ=DAILY;COUNT=2");
    assert_eq!(hour[1], "2026-10-25T00:00:00Z/2026-10-25T01:00:00Z");
    let spring = told("2027-03-27T01:15:00Z", 30, "FREQ=DAILY;COUNT=3");
    assert_eq!(
        spring[1..],
        ["2027-03-28T01:00:00Z/2027-03-28T01:30:00Z", "2027-03-29T00:15:00Z/2027-03-29T00:45:00Z"]
    );
    let second = told("2026-10-25T01:15:00Z", 30, "FREQ=DAILY;COUNT=1");
    assert_eq!(second, ["2026-10-25T01:15:00Z/2026-10-25T01:45:00Z"], "the first is as it was asked");
    let long = each("2026-06-01T10:00:00Z", 26 * 60, "FREQ=DAILY;COUNT=2").unwrap_err();
    assert!(long.to_string().contains("it begins again before it is over"), "{long}");
    assert_eq!(
        told("2026-06-01T10:00:00Z", 24 * 60, "FREQ=DAILY;COUNT=2").len(),
        2,
        "one right after the other"
    );
    assert_eq!(told("2026-06-01T10:00:00Z", 60, "FREQ=DAILY").len(), control::live::command::SERIES_MAX);
}

#[test]
fn sh_avail_10_what_goes_on_failing_after_an_early_end_is_overrun() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    let plan =
        MaintenancePlanned { kind: MaintenanceKind::Emergency, ..scheduled(start, start + Length::HOUR) };
    let filed = house.control.plan(&client, plan, manager(), start).unwrap().record.maintenance;
    let overrun = |at: Instant| {
        let seen = |book: &Book| book.actual(&book.maintenance_record(&filed).unwrap(), at);
        let seen = house.control.read(&client, at, seen).unwrap().unwrap();
        (seen[0].1.overrun, seen[0].1.beside(Impact::Down))
    };
    house.looks(&client, start, MINUTE * 5, Outcome::Up);
    house.looks(&client, start + MINUTE * 5, MINUTE * 15, Outcome::Down);
    assert_eq!(overrun(start + MINUTE * 20), (Length::ZERO, "as declared"), "it lasts");
    let end = control::live::command::Step::End;
    house.control.carry_out(&client, &filed, end, manager(), start + MINUTE * 20).unwrap();
    house.looks(&client, start + MINUTE * 20, MINUTE * 10, Outcome::Down);
    house.looks(&client, start + MINUTE * 30, MINUTE * 5, Outcome::Up);
    assert_eq!(overrun(start + MINUTE * 35), (MINUTE * 10, "worse than declared"));
}

#[test]
fn an_event_keeps_its_name_and_counts_its_changes() {
    let (house, client) = House::hosted("premium");
    let now = instant("2026-06-02T10:00:00Z");
    let plan = scheduled(instant("2026-06-16T10:00:00Z"), instant("2026-06-16T11:00:00Z"));
    let filed = house.control.plan(&client, plan.clone(), manager(), now).unwrap().record.maintenance;
    let entry = |at: Instant| {
        let calendar =
            house.control.read(&client, at, |book| book.calendar("https://x", at)).unwrap().unwrap();
        let entry = calendar.entries.into_iter().next().unwrap();
        (entry.uid, entry.sequence, entry.status, entry.start)
    };
    let uid = format!("M-1.maintenance.{client}@uphold");
    assert_eq!(entry(now + MINUTE), (uid.clone(), 0, Status::Confirmed, plan.starts_at));
    let moved = MaintenancePlanned {
        maintenance: filed.clone(),
        starts_at: plan.starts_at + Length::HOUR,
        ends_at: plan.ends_at + Length::HOUR,
        ..plan.clone()
    };
    let act = control::live::Act::new(&client, Actor::provider("mia").role("manager"), moved);
    house.act(act, now + MINUTE).unwrap();
    assert_eq!(entry(now + MINUTE * 2), (uid.clone(), 1, Status::Confirmed, plan.starts_at + Length::HOUR));
    let off = control::live::command::Step::Cancel;
    house.control.carry_out(&client, &filed, off, manager(), now + MINUTE * 3).unwrap();
    assert_eq!(entry(now + MINUTE * 4), (uid, 2, Status::Cancelled, plan.starts_at + Length::HOUR));
    let random = [7; control::live::CALENDAR_SECRET_BYTES];
    let secret = house.control.turn_calendar(&client, random, "mia", now + MINUTE * 5).unwrap().unwrap();
    let read = house.control.calendar_at(&secret, "https://x", now + MINUTE * 6).unwrap().unwrap();
    assert!(read.to_ics().contains("SEQUENCE:2\r\n"));
    assert_eq!(house.control.calendar_at("other", "https://x", now + MINUTE * 6).unwrap(), None);
}

fn outage(house: &House, client: &ClientId) -> Instant {
    let start = instant("2026-06-02T10:00:00Z");
    house.looks(client, start, MINUTE * 5, Outcome::Up);
    house.looks(client, start + MINUTE * 5, MINUTE * 30, Outcome::Down);
    house.looks(client, start + MINUTE * 35, MINUTE * 5, Outcome::Up);
    start
}

fn counted(house: &House, client: &ClientId, at: Instant) -> i64 {
    let month: Month = "2026-06".parse().unwrap();
    let statement =
        house.control.read(client, at, |book| book.statement_of(month, at)).unwrap().flatten().unwrap();
    statement.instances[0].month.counted
}

fn standing(effects: &[Effect]) -> (i64, i64) {
    assert_eq!(effects.len(), 1, "{effects:?}");
    let change = &effects[0].instances[0];
    (change.now.counted, change.then.counted)
}

#[test]
fn sh_excl_04_what_is_shown_before_an_act_is_what_it_does() {
    let (house, client) = House::hosted("premium");
    let start = outage(&house, &client);
    let now = start + MINUTE * 40;
    let claim = NewClaim {
        instance: "wiki".parse().unwrap(),
        cause: "beyond-control".to_owned(),
        from: start + MINUTE * 5,
        until: start + MINUTE * 20,
        evidence: String::new(),
    };
    let shown = house.control.effect_of_claims(&client, std::slice::from_ref(&claim), now).unwrap().unwrap();
    // Both looks fail from three seconds on, and whole minutes count.
    assert_eq!(standing(&shown), (29, 15));
    assert_eq!(shown[0].minutes_less(), 14);
    assert_eq!(counted(&house, &client, now), 29, "a look records nothing");
    let claim = NewClaim { evidence: "a trace".to_owned(), ..claim };
    let (ids, _) = house.control.claim_exclusions(&client, &[claim], manager(), now).unwrap();
    assert_eq!(counted(&house, &client, now + MINUTE), 15);
    let answer = |answer: Answer, at: Instant| {
        let shown = house.control.read(&client, at, |book| book.effect_of_answer(&ids[0], answer, at));
        standing(&shown.unwrap().unwrap())
    };
    let dispute = || Answer::Dispute { reason: Some("no".to_owned()) };
    assert_eq!(answer(dispute(), now + MINUTE), (15, 29));
    house.control.answer_exclusion(&client, &ids[0], dispute(), approver(), now + MINUTE * 2).unwrap();
    assert_eq!(counted(&house, &client, now + MINUTE * 3), 29);
    assert_eq!(answer(Answer::Accept, now + MINUTE * 3), (29, 15));
    house.control.answer_exclusion(&client, &ids[0], Answer::Accept, approver(), now + MINUTE * 4).unwrap();
    assert_eq!(counted(&house, &client, now + MINUTE * 5), 15);
    let again =
        house.control.answer_exclusion(&client, &ids[0], Answer::TakeBack, manager(), now + MINUTE * 6);
    assert!(again.unwrap_err().to_string().contains("it was decided already"));
}

#[test]
fn mp_cli_14_an_incident_names_the_change_that_began_right_before_it() {
    let (house, client) = House::hosted("premium");
    let start = instant("2026-06-02T10:00:00Z");
    let change = |what: &str, starts_at: Instant| NewChange {
        what: what.to_owned(),
        starts_at,
        instances: Vec::new(),
    };
    let announce =
        |change, by| house.control.announce_change(&client, change, by, start - Length::HOUR).unwrap().0;
    announce(change("a warned one", start), approver());
    announce(change("an unwarned one", start + MINUTE), manager());
    announce(change("long before", start - Length::from_hours(3)), manager());
    outage(&house, &client);
    let now = start + MINUTE * 40;
    let lines = house.control.incidents(&client, (None, 0), 10, now).unwrap().unwrap();
    assert_eq!((lines.len(), &lines[0].cause), (1, &RootCause::NotOwed));
    let view = house.control.incident(&client, &lines[0].ticket, now).unwrap().unwrap();
    let named: Vec<_> = view.changes.iter().map(|c| (c.what.clone().unwrap(), c.announced)).collect();
    assert_eq!(named, [("a warned one".to_owned(), true), ("an unwarned one".to_owned(), false)]);
    let missed_by_both = MINUTE * 30 - Length::from_secs(3);
    assert_eq!((view.down, view.excluded), (missed_by_both, Length::ZERO));
    assert_eq!(view.runs.len(), 1);
    let by: Vec<_> = view.vantages.iter().map(|from| from.vantage.to_string()).collect();
    assert_eq!(by, ["ams", "fra"]);
    let sorted = view.moments.windows(2).all(|pair| pair[0].at <= pair[1].at);
    assert!(sorted && view.moments.iter().any(|moment| moment.kind == "seen"), "{:?}", view.moments);
}
