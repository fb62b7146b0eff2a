//! Random calendars, written twice: for `spans`, and for the oracle that walks minutes.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::{Timestamp, ToSpan};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use spans::{
    Break, Calendar, DayHours, Holiday, Instant, Length, Recurrence, WallTime, WeekTime, Weekly, Zone,
};
use testkit::oracle_calendar::{Minutes, Written};

/// Every kind of clock change that there is: whole and half hours, three quarters of an hour from UTC, summer time that
/// is less than winter time (Dublin), suspended for Ramadan (Casablanca, El Aaiun), twice a year apart (Troll: two hours), at midnight
/// (Havana, Beirut, Asuncion, Santiago), at 00:01 (St John's until 2011), abolished, moved across the date line (Apia, Fakaofo,
/// Kwajalein, Kiritimati), changed in standard time for good (Pyongyang, Caracas, Volgograd), and none at all.
pub(crate) const ZONES: [&str; 48] = [
    "UTC",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/El_Aaiun",
    "Africa/Juba",
    "Africa/Lagos",
    "America/Argentina/San_Luis",
    "America/Asuncion",
    "America/Caracas",
    "America/Godthab",
    "America/Havana",
    "America/New_York",
    "America/Phoenix",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Macquarie",
    "Antarctica/Troll",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Calcutta",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Asia/Tokyo",
    "Asia/Ulaanbaatar",
    "Asia/Yangon",
    "Atlantic/Azores",
    "Australia/Adelaide",
    "Australia/Eucla",
    "Australia/Lord_Howe",
    "Europe/Amsterdam",
    "Europe/Chisinau",
    "Europe/Dublin",
    "Europe/Istanbul",
    "Europe/London",
    "Europe/Moscow",
    "Europe/Volgograd",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Fakaofo",
    "Pacific/Fiji",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
    "Pacific/Norfolk",
];

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A zone and a moment worth looking at: half of the time beside one of its clock changes.
pub(crate) fn places() -> impl Strategy<Value = (Zone, Instant)> {
    (select(&ZONES[..]), any::<bool>(), moments()).prop_map(|(name, at_change, moment)| {
        let zone: Zone = name.parse().unwrap();
        let change = zone.following(Timestamp::from(moment)).next().map(|change| change.timestamp());
        let change =
            change.and_then(|at| Instant::try_from(at).ok()).filter(|at| at_change && *at < latest());
        (zone, change.unwrap_or(moment))
    })
}

fn moments() -> impl Strategy<Value = Instant> {
    ("1985-01-01T00:00:00Z".parse::<Instant>().unwrap().as_micros()..latest().as_micros())
        .prop_map(Instant::from_micros)
}

fn latest() -> Instant {
    "2040-01-01T00:00:00Z".parse().unwrap()
}

/// Calendars of a zone, whose dates lie around a moment, at most `days` from it.
pub(crate) fn calendars(zone: Zone, around: Instant, days: i32) -> impl Strategy<Value = Written> {
    let outer = plain(zone.clone(), around, days);
    let inner = select(&ZONES[..]).prop_flat_map(move |name| plain(name.parse().unwrap(), around, days));
    (outer, prop::option::weighted(0.2, inner))
        .prop_map(|(outer, inner)| Written { inside: inner.map(Box::new), ..outer })
}

fn plain(zone: Zone, around: Instant, days: i32) -> impl Strategy<Value = Written> {
    let date = move || dates(around, days);
    let zones = || select(&ZONES[..]).prop_map(|name| name.parse::<Zone>().unwrap());
    let week_time = || (select(&WEEKDAYS[..]), walls());
    (
        vec((select(&WEEKDAYS[..]), hours()), 0..14),
        vec((week_time(), week_time()), 0..2),
        vec((date(), prop_oneof![Just(zone.clone()), zones()]), 0..16),
        vec((date(), hours()), 0..8),
        prop::collection::btree_map(date(), vec(hours(), 0..3), 0..8),
        vec((date(), walls(), 1..7_000_u16, zones()), 0..3),
    )
        .prop_map(move |(weekly, long, holidays, breaks, special_days, windows)| Written {
            zone: zone.deref_clone(),
            weekly,
            long: long.into_iter().filter(|(from, to)| from != to).collect(),
            holidays: holidays.into_iter().map(|(date, zone)| (date, zone.deref_clone())).collect(),
            breaks,
            special_days: special_days.into_iter().collect(),
            windows: windows
                .into_iter()
                .map(|(date, minute, minutes, zone)| (on_wall(date, minute), minutes, zone.deref_clone()))
                .collect(),
            inside: None,
        })
}

/// Dates near a moment: the nearer, the likelier, because that is where the questions are.
fn dates(around: Instant, days: i32) -> impl Strategy<Value = Date> {
    let today = Timestamp::from(around).to_zoned(jiff::tz::TimeZone::UTC).date();
    prop_oneof![-3..=3_i32, -days..=days].prop_map(move |offset| today.saturating_add(offset.days()))
}

/// Mostly full and half hours, so that edges meet.
fn walls() -> impl Strategy<Value = u16> {
    prop_oneof![3 => (0..48_u16).prop_map(|half| half * 30), 1 => 0..1440_u16]
}

fn hours() -> impl Strategy<Value = Minutes> {
    let to = prop_oneof![4 => walls(), 1 => Just(1440_u16)];
    (walls(), to).prop_filter("hours hold some time", |(from, to)| from != to)
}

/// The same calendar for `spans`.
pub(crate) fn calendar(written: &Written) -> Calendar {
    let mut weekly = Weekly::never();
    for (day, minutes) in &written.weekly {
        weekly = weekly.and_on(*day, day_hours(*minutes));
    }
    for ((from_day, from), (to_day, to)) in &written.long {
        let moment = |day: Weekday, minute: u16| WeekTime { day, time: wall_time(minute) };
        weekly = weekly.and_from(moment(*from_day, *from), moment(*to_day, *to)).unwrap();
    }
    let holidays = written.holidays.iter().map(|(date, zone)| Holiday { date: *date, zone: named(zone) });
    let breaks = written.breaks.iter().map(|(date, (from, to))| Break {
        date: *date,
        start: wall_time(*from),
        end: wall_time(*to),
    });
    let special = written.special_days.iter();
    let special_days: BTreeMap<Date, Vec<DayHours>> =
        special.map(|(date, hours)| (*date, hours.iter().copied().map(day_hours).collect())).collect();
    Calendar {
        holidays: holidays.collect(),
        breaks: breaks.collect(),
        special_days,
        windows: written.windows.iter().map(window).collect(),
        inside: written.inside.as_ref().map(|inside| Box::new(calendar(inside))),
        ..Calendar::new("random", named(&written.zone), weekly)
    }
}

fn window((first, minutes, zone): &(DateTime, u16, jiff::tz::TimeZone)) -> Recurrence {
    let length = Length::from_minutes(i64::from(*minutes));
    Recurrence::new(*first, length, "FREQ=WEEKLY".parse().unwrap(), named(zone)).unwrap()
}

fn day_hours((from, to): Minutes) -> DayHours {
    DayHours::new(wall_time(from), wall_time(to)).unwrap()
}

fn wall_time(minute: u16) -> WallTime {
    WallTime::new((minute / 60) as u8, (minute % 60) as u8).unwrap()
}

fn on_wall(date: Date, minute: u16) -> DateTime {
    date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0)
}

fn named(zone: &jiff::tz::TimeZone) -> Zone {
    zone.iana_name().unwrap().parse().unwrap()
}

trait DerefClone {
    fn deref_clone(&self) -> jiff::tz::TimeZone;
}

impl DerefClone for Zone {
    fn deref_clone(&self) -> jiff::tz::TimeZone {
        (**self).clone()
    }
}
