//! What stands around a changed value: whose entry it is, in which calendar its time runs, who else is measured by it.

use std::collections::BTreeSet;

use facts::Side;
use spans::Length;

use crate::{
    agreement::Agreement,
    section::{
        calendar::{Open, OpenHours, WeekTime},
        obligation::{ObligationRule, Within},
        party::Party,
    },
    value::keyed::Keyed,
};

/// The party of the entry at a path, where it has one.
pub(super) fn party(agreement: &Agreement, path: &[String]) -> Option<Side> {
    match entry(path) {
        ["obligation", id, ..] => obligation(agreement, id)?.party.side(),
        ["matrix", name, ..] => {
            one_side(&targets_of(agreement, name).map(|obligation| obligation.party).collect::<Vec<_>>())
        }
        ["onboarding", "task", id] => {
            agreement.onboarding.as_ref()?.task.iter().find(|task| task.id == *id)?.party.side()
        }
        _ => None,
    }
}

/// The side that all these parties are, if they are one.
pub(super) fn one_side(parties: &[Party]) -> Option<Side> {
    let first = parties.first()?;
    parties.iter().all(|party| party == first).then(|| first.side())?
}

/// The length of a `d` at a path: the day of the calendar in which its time runs.
pub(super) fn day(agreement: &Agreement, path: &[String]) -> Length {
    let rule = calendar_of(agreement, path).and_then(|name| agreement.calendar.get(name));
    rule.map_or(Length::DAY, |rule| rule.day.length(Length::DAY))
}

fn calendar_of<'a>(agreement: &'a Agreement, path: &[String]) -> Option<&'a str> {
    let obligation = match entry(path) {
        ["exclusions", ..] => return agreement.exclusions.as_ref().map(|rule| rule.calendar.as_str()),
        ["obligation", id, ..] => obligation(agreement, id),
        ["matrix", name, ..] => targets_of(agreement, name).next(),
        _ => None,
    };
    let calendars = obligation?.calendar.as_ref()?;
    calendars.of(path.iter().map(String::as_str)).map(String::as_str)
}

fn entry(path: &[String]) -> [&str; 3] {
    let key = |at: usize| path.get(at).map_or("", String::as_str);
    [key(0), key(1), key(2)]
}

fn obligation<'a>(agreement: &'a Agreement, id: &str) -> Option<&'a ObligationRule> {
    agreement.obligation.iter().find(|obligation| obligation.id == id)
}

/// The obligations whose time a matrix gives.
fn targets_of<'a>(agreement: &'a Agreement, matrix: &str) -> impl Iterator<Item = &'a ObligationRule> {
    let by = move |o: &&ObligationRule| matches!(&o.within, Some(Within::Matrix(name)) if name == matrix);
    agreement.obligation.iter().filter(by)
}

/// The parties that owe something in a calendar, or in the calendars that a list of holidays closes.
pub(super) fn owing_in(agreement: &Agreement, kind: &str, name: &str) -> Vec<Party> {
    let list = format!("holidays.{name}");
    let mut calendars: BTreeSet<&str> = match kind {
        "holidays" => named(agreement, |_, rule| rule.except.contains(&list)),
        _ => named(agreement, |calendar, _| calendar == name),
    };
    for _ in 0..agreement.calendar.len() {
        let inner = named(agreement, |_, rule| rule.inside.as_deref().is_some_and(|c| calendars.contains(c)));
        calendars.extend(inner);
    }
    let runs_in = |o: &&ObligationRule| {
        o.calendar.iter().flat_map(Keyed::iter).any(|(_, c)| calendars.contains(c.as_str()))
    };
    agreement.obligation.iter().filter(runs_in).map(|obligation| obligation.party).collect()
}

fn named(
    agreement: &Agreement,
    which: impl Fn(&str, &crate::section::calendar::CalendarRule) -> bool,
) -> BTreeSet<&str> {
    agreement
        .calendar
        .iter()
        .filter(|(name, rule)| which(name, rule))
        .map(|(name, _)| name.as_str())
        .collect()
}

/// How long time stands still, or how long a day is: in a calendar, or by a list in a year.
pub(super) type Measure = fn(&Agreement, &[String]) -> Option<i64>;

/// The minutes of a week that a calendar's own hours leave closed.
pub(super) fn closed_minutes(agreement: &Agreement, path: &[String]) -> Option<i64> {
    let Open::Weekly(weekly) = &agreement.calendar.get(path.get(1)?)?.open else { return Some(0) };
    Some(WEEK_MINUTES - weekly.iter().map(minutes).sum::<i64>())
}

const DAY_MINUTES: i64 = 24 * 60;
const WEEK_MINUTES: i64 = 7 * DAY_MINUTES;

fn minutes(hours: &OpenHours) -> i64 {
    let at = |time: &WeekTime| time.day.map_or(0, |day| day as i64 * DAY_MINUTES) + i64::from(time.minute);
    let (period, times) = match hours.from.day {
        Some(_) => (WEEK_MINUTES, 1),
        None => (DAY_MINUTES, hours.days.len()),
    };
    let length = match (at(&hours.to) - at(&hours.from)).rem_euclid(period) {
        0 => period,
        length => length,
    };
    (0..times).map(|_| length).sum()
}

/// The length of one `d` in a calendar, in microseconds.
pub(super) fn day_length(agreement: &Agreement, path: &[String]) -> Option<i64> {
    Some(agreement.calendar.get(path.get(1)?)?.day.length(Length::DAY).as_micros())
}

/// How many days a list names in a year.
pub(super) fn days_listed(agreement: &Agreement, path: &[String]) -> Option<i64> {
    i64::try_from(agreement.holidays.get(path.get(1)?)?.year.get(path.get(3)?)?.len()).ok()
}
