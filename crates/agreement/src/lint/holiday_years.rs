//! Holiday lists that end too early.

use std::collections::BTreeSet;

use spans::Instant;

use super::{
    look::{At, Found, Look, listed},
    targets::targets,
};
use crate::section::calendar::Holidays;

/// L-03. Every year of the term has its dates in every holiday list: without them days would be open that nobody promised
/// (SH-CAL-02, A-07). A year that only the last deadlines reach is a warning. Each date lies in the year that it is listed
/// under, once.
pub(crate) fn l_03_missing_year(look: &Look<'_>, found: &mut Found) {
    for (name, list) in &look.agreement.holidays {
        dates(list, found);
        missing(look, name, list, found);
    }
}

fn dates(list: &Holidays, found: &mut Found) {
    for (year, dates) in &list.year {
        let at = |path: &str| At::key(&list.places, &format!("year.{path}"), &list.clause.ids);
        if year.len() != 4 || !year.bytes().all(|b| b.is_ascii_digit()) {
            found.error(at(year), format!("`{year}` is no year"), "write four digits, such as 2027");
            continue;
        }
        if dates.is_empty() {
            let way_out = "list its dates, unless that is meant";
            found.warning(at(year), format!("{year} has no holiday"), way_out);
        }
        let mut seen = BTreeSet::new();
        for (number, date) in dates.iter().enumerate() {
            let at = at(&format!("{year}.{number}"));
            if format!("{:04}", date.year()) != *year {
                found.error(at, format!("{date} does not lie in {year}"), "list it under its own year");
            } else if !seen.insert(*date) {
                let way_out = "take one of the two out, or write the date that was meant";
                found.error(at, format!("{date} is listed twice"), way_out);
            }
        }
    }
}

fn missing(look: &Look<'_>, name: &str, list: &Holidays, found: &mut Found) {
    let term = look.term();
    let year_of = |at: Instant| list.tz.to_datetime(at.into()).date().year();
    let last = term.end - spans::Length::from_micros(1);
    if last < term.start {
        return;
    }
    let (first, last) = (year_of(term.start), year_of(last));
    let lacks = |year: &i16| !list.year.contains_key(&format!("{year:04}"));
    let at = || At::key(&list.places, "year", &list.clause.ids);
    let years: Vec<String> = (first..=last).filter(lacks).map(|year| year.to_string()).collect();
    if !years.is_empty() {
        let message = format!(
            "holidays.{name} has no dates for {}, inside the term",
            listed(years.iter().map(String::as_str))
        );
        found.error(
            at(),
            message,
            format!("list the dates both parties agree on under [holidays.{name}.year]"),
        );
    }
    let Some((obligation, due)) = last_deadline(look, name) else { return };
    let later: Vec<String> = (last + 1..=year_of(due)).filter(lacks).map(|year| year.to_string()).collect();
    if !later.is_empty() {
        let years = listed(later.iter().map(String::as_str));
        let message = format!(
            "`{obligation}` begun on the last day of the term runs into {years}, and holidays.{name} has no dates for it"
        );
        found.warning(at(), message, format!("list them too under [holidays.{name}.year]"));
    }
}

/// The latest due time that can begin inside the term, of obligations whose calendar closes on this list's dates.
fn last_deadline<'a>(look: &Look<'a>, list: &str) -> Option<(&'a str, Instant)> {
    let end = look.term().end;
    let closed_on = |calendar: &str| closes_on(look, calendar, list);
    let dues = look.agreement.obligation.iter().flat_map(|obligation| {
        let within = targets(look, obligation).into_iter().filter(|target| closed_on(target.calendar));
        let within: Vec<Instant> = within.filter_map(|target| target.due(look, end)).collect();
        let others = obligation.every.into_iter().chain(obligation.effective_after);
        let calendars = obligation.calendar.iter().flat_map(|c| c.iter().map(|(_, name)| name.as_str()));
        let calendars: Vec<&str> = calendars.filter(|calendar| closed_on(calendar)).collect();
        let others = others.flat_map(move |amount| calendars.clone().into_iter().map(move |c| (amount, c)));
        let others = others.filter_map(|(amount, calendar)| {
            let hours = look.hours.get(calendar)?;
            look.due(hours, end, amount.length(hours.day))
        });
        let id = obligation.id.as_str();
        within.into_iter().chain(others).map(move |due| (id, due)).collect::<Vec<_>>()
    });
    dues.max_by_key(|(_, due)| *due)
}

/// Whether a calendar, or one it lies inside, is closed on this list's dates.
fn closes_on(look: &Look<'_>, calendar: &str, list: &str) -> bool {
    let mut next = Some(calendar);
    for _ in 0..super::limits::INSIDE_MAX {
        let Some(rule) = next.and_then(|name| look.agreement.calendar.get(name)) else { return false };
        if rule.except.iter().any(|name| name.strip_prefix("holidays.").unwrap_or(name) == list) {
            return true;
        }
        next = rule.inside.as_deref();
    }
    false
}
