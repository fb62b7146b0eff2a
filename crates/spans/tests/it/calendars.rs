//! Calendars against the oracle that walks minutes, and the edges that a person would ask about.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use spans::{
    Calendar, CalendarError, DayHours, Holiday, Instant, Length, Span, Spans, Weekly, Zone, weekday,
};
use testkit::oracle_calendar::Written;

use crate::random::{ZONES, calendar, calendars, places};

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Ten years of every minute, for a random calendar of every zone. The ten years differ from zone to zone and hold the
/// changes that the zone is in the list for.
fn ten_years_of_minutes(zones: &[&str], runner: &mut TestRunner) {
    for (index, name) in zones.iter().enumerate() {
        let first = if name.starts_with("Pacific/") { 2005 } else { [1990, 2005, 2015, 2028][index % 4] };
        let (start, end) =
            (at(&format!("{first}-01-01T00:00:00Z")), at(&format!("{}-01-01T00:00:00Z", first + 10)));
        let middle = at(&format!("{}-12-30T12:00:00Z", first + 6));
        let written = calendars(name.parse().unwrap(), middle, 2_500).new_tree(runner).unwrap().current();
        let expected: Spans =
            written.openings(start, end).into_iter().map(|(start, end)| Span { start, end }).collect();
        let within = Span { start, end };
        let open = calendar(&written).spans(within).unwrap();
        let differs = open.subtract(&expected).union(&expected.subtract(&open));
        assert!(differs.is_empty(), "{name} differs from the written rule in {differs:?}\n{written:#?}");
        assert_eq!(calendar(&written).compile(within).unwrap().spans(), expected);
    }
}

#[test]
fn ten_years_of_every_minute_in_the_first_half_of_the_zones() {
    ten_years_of_minutes(&ZONES[..ZONES.len() / 2], &mut TestRunner::deterministic());
}

#[test]
fn ten_years_of_every_minute_in_the_second_half_of_the_zones() {
    ten_years_of_minutes(&ZONES[ZONES.len() / 2..], &mut TestRunner::deterministic());
}

/// How far the oracle walks for one answer.
const WALK: Length = Length::from_hours(24 * 14);

/// A calendar, a start within a month of the moment its dates lie around, a budget, and a second moment.
fn questions() -> impl Strategy<Value = (Written, Instant, Length, Length)> {
    let calendar = places().prop_flat_map(|(zone, around)| {
        let offset = Length::from_hours(24 * 20).as_micros();
        let start = (-offset..offset).prop_map(move |offset| around + Length::from_micros(offset));
        // Whole minutes and hours meet edges; single microseconds fall beside them.
        let start = (start, prop_oneof![Just(1), Just(60_000_000), Just(1_800_000_000_i64)])
            .prop_map(|(start, grain)| Instant::from_micros(start.as_micros().div_euclid(grain) * grain));
        (calendars(zone, around, 30), start)
    });
    let lengths = || {
        prop_oneof![
            (0..20_000_i64).prop_map(Length::from_minutes),
            (0..200_i64).prop_map(Length::from_hours),
            (0..2 * Length::WEEK.as_micros()).prop_map(Length::from_micros),
        ]
    };
    (calendar, lengths(), lengths())
        .prop_map(|((written, start), budget, later)| (written, start, budget, later))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn deadlines_and_latest_starts_are_those_of_the_walk((written, start, budget, horizon) in questions()) {
        let calendar = calendar(&written);
        // Compiled for some time around the start only, so that many answers lie outside of it.
        let hours = calendar.compile(Span { start: start - horizon, end: start + horizon }).unwrap();
        let due = written.due(start, budget, start + WALK);
        let asked = |answer: Result<Instant, _>| answer.ok().filter(|due| *due <= start + WALK);
        prop_assert_eq!(asked(calendar.deadline(start, budget)), due);
        prop_assert_eq!(asked(hours.advance(start, budget)), due);
        let latest = written.latest_start(start, budget, start - WALK);
        let asked = |answer: Result<Instant, _>| answer.ok().filter(|from| *from >= start - WALK);
        prop_assert_eq!(asked(calendar.latest_start(start, budget)), latest);
        prop_assert_eq!(asked(hours.retreat(start, budget)), latest);
    }

    #[test]
    fn elapsed_time_is_that_of_the_walk((written, start, length, horizon) in questions()) {
        let calendar = calendar(&written);
        let hours = calendar.compile(Span { start, end: start + horizon }).unwrap();
        for (a, b) in [(start, start + length), (start - length, start + Length::HOUR)] {
            let elapsed = written.elapsed(a, b);
            prop_assert_eq!(calendar.elapsed(a, b).unwrap(), elapsed);
            prop_assert_eq!(hours.measure(a, b), elapsed);
            prop_assert_eq!(hours.measure(b, a), if a < b { Length::ZERO } else { elapsed });
        }
    }

    #[test]
    fn an_instant_is_open_when_the_walk_says_so((written, start, length, horizon) in questions()) {
        let calendar = calendar(&written);
        let hours = calendar.compile(Span { start, end: start + horizon }).unwrap();
        for step in -20..20 {
            let at = start + Length::from_micros(length.as_micros() / 7 * step);
            let open = written.is_open(at);
            prop_assert_eq!(calendar.is_open(at), open, "the rule at {}", at);
            prop_assert_eq!(hours.is_open(at), open, "the timetable at {}", at);
            prop_assert_eq!(hours.spans().contains(at), open && hours.within().contains(at));
        }
        let next = (0..30_000).map(|minute| start + Length::from_minutes(minute)).find(|at| written.is_open(*at));
        if let (Some(next), Some(found)) = (next, hours.next_open(start)) {
            prop_assert!(start <= found && found <= next && written.is_open(found), "{} is open before {}", next, found);
        }
    }

    /// What was advanced measures what was asked, whatever the calendar; and the way back is the latest such start.
    #[test]
    fn advance_measure_and_retreat_are_inverse((written, start, budget, horizon) in questions()) {
        let hours = calendar(&written).compile(Span { start: start - horizon, end: start + horizon * 4 }).unwrap();
        if let Ok(due) = hours.advance(start, budget) {
            prop_assert_eq!(hours.measure(start, due), budget);
            let latest = hours.retreat(due, budget).unwrap();
            prop_assert!(latest >= start && hours.measure(latest, due) == budget);
            if budget > Length::ZERO {
                prop_assert!(hours.is_open(latest) && hours.is_open(due - Length::from_micros(1)));
                prop_assert_eq!(hours.advance(latest, budget), Ok(due));
            }
        }
    }
}

fn office(zone: &str) -> Calendar {
    on_weekdays(&["Mon", "Tue", "Wed", "Thu", "Fri"], "09:00", "17:00", zone)
}

fn on_weekdays(days: &[&str], from: &str, to: &str, zone: &str) -> Calendar {
    let week =
        days.iter().fold(Weekly::never(), |week, day| week.and_on(weekday(day).unwrap(), hours(from, to)));
    Calendar::new("test", zone.parse().unwrap(), week)
}

fn hours(from: &str, to: &str) -> DayHours {
    DayHours::new(from.parse().unwrap(), to.parse().unwrap()).unwrap()
}

fn holiday(date: &str, zone: &str) -> Holiday {
    Holiday { date: date.parse().unwrap(), zone: zone.parse().unwrap() }
}

#[track_caller]
fn open_on(calendar: &Calendar, from: &str, to: &str, expect: &[&str]) {
    let within = Span { start: at(from), end: at(to) };
    let found: Vec<String> = calendar.spans(within).unwrap().iter().map(|span| span.to_string()).collect();
    assert_eq!(found, expect);
}

#[test]
fn hours_in_a_skipped_hour_count_nothing_and_in_a_repeated_one_twice() {
    let night = on_weekdays(&["Sun"], "02:00", "03:00", "Europe/Amsterdam");
    let elapsed = |a, b| night.elapsed(at(a), at(b)).unwrap();
    assert_eq!(elapsed("2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z"), Length::ZERO);
    assert_eq!(elapsed("2026-10-24T12:00:00Z", "2026-10-25T12:00:00Z"), Length::from_hours(2));
    assert_eq!(elapsed("2026-06-06T12:00:00Z", "2026-06-07T12:00:00Z"), Length::from_hours(1));
}

/// A repeated half hour: Lord Howe goes back from 02:00 to 01:30. Hours from 01:45 are open, closed again, and open.
#[test]
fn half_an_hour_repeated_opens_twice() {
    let night = on_weekdays(&["Sun"], "01:45", "02:30", "Australia/Lord_Howe");
    open_on(
        &night,
        "2026-04-04T12:00:00Z",
        "2026-04-05T12:00:00Z",
        &["2026-04-04T14:45:00Z/2026-04-04T15:00:00Z", "2026-04-04T15:15:00Z/2026-04-04T16:00:00Z"],
    );
}

#[test]
fn a_holiday_lasts_as_long_as_its_date_does() {
    let length = |date: &str, zone: &str| {
        let year = Span { start: at("2011-01-01T00:00:00Z"), end: at("2027-01-01T00:00:00Z") };
        let mut calendar = Calendar::new("all", Zone::UTC, Weekly::always());
        calendar.holidays.push(holiday(date, zone));
        (year.length() - calendar.spans(year).unwrap().total()).as_micros() / Length::HOUR.as_micros()
    };
    assert_eq!(length("2026-03-29", "Europe/Amsterdam"), 23);
    assert_eq!(length("2026-10-25", "Europe/Amsterdam"), 25);
    assert_eq!(length("2026-06-07", "Europe/Amsterdam"), 24);
    assert_eq!(length("2011-12-30", "Pacific/Apia"), 0);
    assert_eq!(length("2011-12-31", "Pacific/Apia"), 24);
}

#[test]
fn night_hours_belong_to_the_date_on_the_wall() {
    let mut night = on_weekdays(&["Mon"], "22:00", "06:00", "UTC");
    open_on(
        &night,
        "2026-03-09T00:00:00Z",
        "2026-03-11T00:00:00Z",
        &["2026-03-09T22:00:00Z/2026-03-10T06:00:00Z"],
    );
    night.holidays = vec![holiday("2026-03-10", "UTC")];
    open_on(
        &night,
        "2026-03-09T00:00:00Z",
        "2026-03-11T00:00:00Z",
        &["2026-03-09T22:00:00Z/2026-03-10T00:00:00Z"],
    );
    night.holidays = vec![holiday("2026-03-09", "UTC")];
    open_on(
        &night,
        "2026-03-09T00:00:00Z",
        "2026-03-11T00:00:00Z",
        &["2026-03-10T00:00:00Z/2026-03-10T06:00:00Z"],
    );
}

/// Hours written for a date are that date's, holiday or not; breaks and the outer calendar still cut them.
#[test]
fn special_days_stand_against_holidays_but_not_against_breaks() {
    let mut calendar = office("Europe/Amsterdam");
    calendar.holidays =
        vec![holiday("2026-12-24", "Europe/Amsterdam"), holiday("2026-12-25", "Europe/Amsterdam")];
    calendar.special_days.insert("2026-12-24".parse().unwrap(), vec![hours("09:00", "12:00")]);
    let (from, to) = ("2026-12-24T00:00:00Z", "2026-12-26T00:00:00Z");
    open_on(&calendar, from, to, &["2026-12-24T08:00:00Z/2026-12-24T11:00:00Z"]);
    calendar.breaks = vec![spans::Break {
        date: "2026-12-24".parse().unwrap(),
        start: "10:00".parse().unwrap(),
        end: "10:30".parse().unwrap(),
    }];
    open_on(
        &calendar,
        from,
        to,
        &["2026-12-24T08:00:00Z/2026-12-24T09:00:00Z", "2026-12-24T09:30:00Z/2026-12-24T11:00:00Z"],
    );
    calendar.inside = Some(Box::new(on_weekdays(&["Thu"], "00:00", "09:00", "UTC")));
    open_on(&calendar, from, to, &["2026-12-24T08:00:00Z/2026-12-24T09:00:00Z"]);
    calendar.special_days.insert("2026-12-24".parse().unwrap(), vec![]);
    open_on(&calendar, from, to, &[]);
}

#[test]
fn a_budget_spent_at_closing_is_due_then_and_none_is_due_at_once() {
    let calendar = office("UTC");
    let due = |start: &str, minutes| {
        calendar.deadline(at(start), Length::from_minutes(minutes)).unwrap().to_string()
    };
    assert_eq!(due("2026-03-06T16:00:00Z", 60), "2026-03-06T17:00:00Z");
    assert_eq!(due("2026-03-06T16:00:00Z", 61), "2026-03-09T09:01:00Z");
    assert_eq!(due("2026-03-06T18:00:00Z", 480), "2026-03-09T17:00:00Z");
    assert_eq!(due("2026-03-07T12:00:00Z", 0), "2026-03-07T12:00:00Z");
    assert_eq!(due("2026-03-07T12:00:00Z", -5), "2026-03-07T12:00:00Z");
}

/// The mirror of the above: a budget that reaches back exactly to an opening started there, not at the closing before.
#[test]
fn a_budget_counted_back_to_an_opening_started_then() {
    let calendar = office("UTC");
    let hours = calendar
        .compile(Span { start: at("2026-03-01T00:00:00Z"), end: at("2026-04-01T00:00:00Z") })
        .unwrap();
    for (end, minutes, start) in [
        ("2026-03-09T10:00:00Z", 60, "2026-03-09T09:00:00Z"),
        ("2026-03-09T10:00:00Z", 61, "2026-03-06T16:59:00Z"),
        ("2026-03-07T12:00:00Z", 480, "2026-03-06T09:00:00Z"),
        ("2026-03-07T12:00:00Z", 0, "2026-03-07T12:00:00Z"),
        ("2026-03-03T12:00:00Z", 3 * 60 + 2 * 480, "2026-02-27T09:00:00Z"),
    ] {
        let budget = Length::from_minutes(minutes);
        assert_eq!(hours.retreat(at(end), budget), Ok(at(start)));
        assert_eq!(calendar.latest_start(at(end), budget), Ok(at(start)));
    }
}

#[test]
fn a_budget_that_is_never_filled_is_an_error_with_the_calendars_name() {
    let mut apart = office("UTC");
    apart.inside = Some(Box::new(on_weekdays(&["Sat"], "00:00", "24:00", "UTC")));
    let once = Calendar {
        special_days: [("2026-12-24".parse().unwrap(), vec![hours("09:00", "12:00")])].into(),
        ..Calendar::new("once", Zone::UTC, Weekly::never())
    };
    let start = at("2026-03-06T18:00:00Z");
    for calendar in [Calendar::new("never", Zone::UTC, Weekly::never()), apart, once] {
        let hours = calendar.compile(Span { start, end: start + Length::DAY }).unwrap();
        for budget in [Length::from_hours(4), Length::MAX] {
            let error = calendar.deadline(start, budget).unwrap_err();
            assert_eq!((&error.calendar, error.start, error.budget), (&calendar.name, start, budget));
            assert_eq!(hours.advance(start, budget), Err(error));
            assert!(calendar.latest_start(start, budget).is_err() && hours.retreat(start, budget).is_err());
        }
        assert_eq!(hours.next_open(at("2027-01-01T00:00:00Z")), None);
    }
    let ten_thousand_years = Length::from_hours(24 * 366 * 10_000);
    assert!(Calendar::always("always").deadline(start, ten_thousand_years).is_err());
    assert_eq!(Calendar::always("always").deadline(Instant::MIN, Span::ALL.length()), Ok(Instant::MAX));
}

#[test]
fn too_many_openings_are_refused_before_they_are_made() {
    let every_other_minute = (0..720_u16).fold(Weekly::never(), |week, slot| {
        let minute = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        week.and_on(jiff::civil::Weekday::Monday, hours(&minute(2 * slot), &minute(2 * slot + 1)))
    });
    let calendar = Calendar::new("confetti", Zone::UTC, every_other_minute);
    let error = calendar.spans(Span::ALL).unwrap_err();
    assert_eq!(error, CalendarError::TooManyOpenings { calendar: "confetti".into(), within: Span::ALL });
    assert!(error.to_string().contains("confetti"));
    let year = Span { start: at("2026-01-01T00:00:00Z"), end: at("2027-01-01T00:00:00Z") };
    assert_eq!(calendar.spans(year).unwrap().len(), 52 * 720);
}

#[test]
fn all_of_time_can_be_asked_about() {
    let calendar = office("Europe/Amsterdam");
    let all = calendar.spans(Span::ALL).unwrap();
    assert_eq!(calendar.elapsed(Instant::MIN, Instant::MAX).unwrap(), all.total());
    let last = all.iter().next_back().unwrap();
    assert_eq!(
        calendar.latest_start(Instant::MAX, Length::from_hours(8)),
        Ok(last.end - Length::from_hours(8))
    );
    for moment in [Instant::MIN, Instant::MAX] {
        assert_eq!(calendar.is_open(moment), all.contains(moment));
    }
}

#[test]
fn the_version_of_the_zone_rules_travels_with_a_timetable() {
    let day = Span { start: at("2026-01-01T00:00:00Z"), end: at("2026-01-02T00:00:00Z") };
    assert_eq!(office("UTC").compile(day).unwrap().tzdata(), spans::tzdata());
}
