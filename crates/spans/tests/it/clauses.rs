//! The clauses of the hosted agreement that are nothing but calendars, each with the vectors of its register entry.

use spans::{Calendar, DayHours, Holiday, Instant, Length, Month, Span, Timetable, Weekly, Zone, weekday};

/// The Hours of Operation, except holidays as observed in Amsterdam (SH-CAL-01, SH-CAL-02).
fn hop() -> Calendar {
    let zone: Zone = "Europe/Amsterdam".parse().unwrap();
    let dates_2026 = ["01-01", "04-05", "04-06", "04-27", "05-14", "05-24", "05-25", "12-25", "12-26"]
        .map(|day| format!("2026-{day}"));
    let dates_2027 = ["01-01", "03-28", "03-29", "04-27", "05-06", "05-16", "05-17", "12-25", "12-26"]
        .map(|day| format!("2027-{day}"));
    let dates = dates_2026.iter().chain(&dates_2027);
    let week = Weekly::never().and_from("Sun 17:00".parse().unwrap(), "Fri 17:00".parse().unwrap()).unwrap();
    Calendar {
        holidays: dates.map(|date| Holiday { date: date.parse().unwrap(), zone: zone.clone() }).collect(),
        ..Calendar::new("hop", Zone::UTC, week)
    }
}

/// Business Hours: 09:00–17:00 UTC on Business Days, which are days within the Hours of Operation (SH-CAL-04, SH-CAL-05).
fn bh() -> Calendar {
    let hours = DayHours::new("09:00".parse().unwrap(), "17:00".parse().unwrap()).unwrap();
    let days = ["Mon", "Tue", "Wed", "Thu", "Fri"].map(|day| weekday(day).unwrap());
    let week = days.into_iter().fold(Weekly::never(), |week, day| week.and_on(day, hours));
    Calendar { inside: Some(Box::new(hop())), ..Calendar::new("bh", Zone::UTC, week) }
}

/// Standard, Premium and Enterprise (SH-SUP-01).
fn tier(name: &str) -> Timetable {
    let calendar = match name {
        "Std" => bh(),
        "Prem" => hop(),
        "Ent" => Calendar::always("always"),
        _ => panic!("no tier {name}"),
    };
    let term = Span::new(at("2026-03-01T00:00Z"), at("2027-03-01T00:00Z")).unwrap();
    calendar.compile(term).unwrap()
}

fn at(text: &str) -> Instant {
    text.replace('Z', ":00Z").parse().unwrap()
}

#[track_caller]
fn check(tier_name: &str, received: &str, target: &str, due: &str) {
    let hours = tier(tier_name);
    let budget: Length = target.parse().unwrap();
    assert_eq!(hours.advance(at(received), budget), Ok(at(due)), "compiled");
    assert_eq!(hours.calendar().deadline(at(received), budget), Ok(at(due)), "written");
}

/// P1: 8h / 4h / 2h. 6 March 2026 is a Friday.
#[test]
fn sh_slo_06_p1() {
    check("Std", "2026-03-06T18:00Z", "8h", "2026-03-09T17:00Z");
    check("Prem", "2026-03-06T16:00Z", "4h", "2026-03-08T20:00Z");
    check("Ent", "2026-03-07T03:00Z", "2h", "2026-03-07T05:00Z");
}

/// P2: 12h / 8h / 4h.
#[test]
fn sh_slo_07_p2() {
    check("Std", "2026-03-09T12:00Z", "12h", "2026-03-10T16:00Z");
    check("Prem", "2026-03-07T12:00Z", "8h", "2026-03-09T01:00Z");
    check("Ent", "2026-03-07T12:00Z", "4h", "2026-03-07T16:00Z");
}

/// P3: 2 days of 8 hours / 1 day of 24 hours / 8h.
#[test]
fn sh_slo_08_p3() {
    check("Std", "2026-03-06T18:00Z", "16h", "2026-03-10T17:00Z");
    check("Prem", "2026-03-06T16:00Z", "24h", "2026-03-09T16:00Z");
    check("Ent", "2026-03-06T16:00Z", "8h", "2026-03-07T00:00Z");
}

/// P4: 7 days / 3 days / 1 day.
#[test]
fn sh_slo_09_p4() {
    check("Std", "2026-03-02T09:00Z", "56h", "2026-03-10T17:00Z");
    check("Prem", "2026-03-02T09:00Z", "72h", "2026-03-05T09:00Z");
    check("Ent", "2026-03-07T03:00Z", "24h", "2026-03-08T03:00Z");
}

/// The tier picks the calendar: one P1 of Friday 18:00Z.
#[test]
fn sh_sup_01_one_request_under_three_tiers() {
    check("Std", "2026-03-06T18:00Z", "8h", "2026-03-09T17:00Z");
    check("Prem", "2026-03-06T18:00Z", "4h", "2026-03-08T21:00Z");
    check("Ent", "2026-03-06T18:00Z", "2h", "2026-03-06T20:00Z");
}

#[test]
fn sh_cal_01_hours_of_operation_run_from_sunday_to_friday() {
    check("Prem", "2026-03-06T16:00Z", "4h", "2026-03-08T20:00Z");
    let week = Span::new(at("2026-03-08T00:00Z"), at("2026-03-15T00:00Z")).unwrap();
    let open: Vec<String> = hop().spans(week).unwrap().iter().map(|span| span.to_string()).collect();
    assert_eq!(open, ["2026-03-08T17:00:00Z/2026-03-13T17:00:00Z"]);
}

/// King's Day 2026, a Monday, is closed from Sunday 22:00Z to Monday 22:00Z.
#[test]
fn sh_cal_02_holidays_follow_amsterdam_time() {
    check("Prem", "2026-04-26T21:00Z", "4h", "2026-04-28T01:00Z");
    // Easter 2026: service resumes with Tuesday in Amsterdam; Christmas begins with Friday there, in winter time.
    let open = |at_text| hop().is_open(at(at_text));
    assert!(!open("2026-04-06T21:59Z") && open("2026-04-06T22:00Z"));
    assert!(open("2026-12-24T22:59Z") && !open("2026-12-24T23:00Z"));
}

/// A day is the calendar's own length of open time.
#[test]
fn sh_cal_04_a_day_is_a_business_day() {
    check("Std", "2026-03-06T18:00Z", "16h", "2026-03-10T17:00Z");
}

#[test]
fn sh_cal_05_business_hours_are_utc_all_year() {
    check("Std", "2026-03-10T16:30Z", "8h", "2026-03-11T16:30Z");
    check("Std", "2026-07-14T16:30Z", "8h", "2026-07-15T16:30Z");
}

/// A request in closed time is received at once and counted from the next opening, Sunday on Premium.
#[test]
fn sh_slo_04_the_clock_opens_with_the_calendar() {
    assert_eq!(tier("Prem").next_open(at("2026-03-07T12:00Z")), Some(at("2026-03-08T17:00Z")));
    assert_eq!(tier("Std").next_open(at("2026-03-07T12:00Z")), Some(at("2026-03-09T09:00Z")));
}

/// The worst case over a plain weekend and over Easter that A-01 names: 72 and 96 hours on the wall.
#[test]
fn a_01_the_worst_case_of_a_standard_p1() {
    let friday_closing = "2026-03-06T17:00Z";
    check("Std", friday_closing, "8h", "2026-03-09T17:00Z");
    check("Std", "2026-04-03T17:00Z", "8h", "2026-04-07T17:00Z");
}

/// A maintenance window is a slot of 4 hours on a recurring day and time (SH-MAINT-05).
#[test]
fn sh_maint_05_a_slot_that_comes_back() {
    let rule = "FREQ=WEEKLY;BYDAY=WE".parse().unwrap();
    let slot =
        spans::Recurrence::new("2026-03-04T02:00".parse().unwrap(), Length::from_hours(4), rule, Zone::UTC)
            .unwrap();
    let march = slot.spans(Month::new(2026, 3).unwrap().span(&Zone::UTC));
    assert_eq!(march.len(), 4);
    assert!(march.iter().all(|window| window.length() == Length::from_hours(4)));
    assert!(slot.contains(at("2026-03-25T05:59Z")) && !slot.contains(at("2026-03-25T06:00Z")));
}
