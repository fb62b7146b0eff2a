//! The calendars of the agreements in force: when each is open, on whose clocks, and the holidays to come.

use agreement::{
    Terms,
    section::calendar::{CalendarRule, Open, OpenHours, WeekTime},
};
use control::live::Control;
use facts::ClientId;
use spans::Instant;

use crate::{
    part::clauses,
    server::{moment::title, zone},
};

/// Holidays that are listed of one calendar.
const HOLIDAYS_MAX: usize = 40;

/// One of them.
pub(super) struct Calendar {
    pub(super) name: String,
    pub(super) hours: String,
    /// What the agreement calls the time in which it is closed, such as `After hours`, and the clauses that say so.
    pub(super) outside: Vec<(String, String)>,
    pub(super) zone: String,
    pub(super) day: String,
    pub(super) clauses: String,
    /// The dates to come on which it is closed, such as `Fri 25 Dec 2026`.
    pub(super) holidays: Vec<String>,
}

/// Of every client that has an agreement, in order of their ids.
pub(super) fn of_all(control: &Control, now: Instant) -> journal::Result<Vec<(ClientId, Vec<Calendar>)>> {
    let mut all = Vec::new();
    for client in control.known_clients()? {
        if let Some(view) = control.agreement(&client, now)? {
            all.push((client, of(&view.terms, now)));
        }
    }
    Ok(all)
}

fn of(terms: &Terms, now: Instant) -> Vec<Calendar> {
    let each = terms.agreement().calendar.iter();
    each.map(|(name, rule)| Calendar {
        name: called(terms, name),
        hours: hours(terms, rule),
        outside: outside(terms, name),
        zone: rule.tz.to_string(),
        day: rule.day.to_string(),
        clauses: clauses(&rule.clause.ids),
        holidays: holidays(terms, rule, now),
    })
    .collect()
}

/// `Mon, Tue, Wed, Thu, Fri 09:00 to 17:00`.
fn hours(terms: &Terms, rule: &CalendarRule) -> String {
    let within =
        rule.inside.as_ref().map_or(String::new(), |outer| format!(", within {}", called(terms, outer)));
    match &rule.open {
        Open::Always => format!("always{within}"),
        Open::Weekly(hours) => {
            format!("{}{within}", hours.iter().map(stretch).collect::<Vec<_>>().join("; "))
        }
    }
}

/// SH-CAL-03, by A-06: a label, no rule uses it.
fn outside(terms: &Terms, calendar: &str) -> Vec<(String, String)> {
    let closed = format!("closed:{calendar}");
    let names = terms.agreement().alias.iter().filter(|alias| alias.means == closed);
    names.map(|alias| (alias.word.clone(), clauses(&alias.clause.ids))).collect()
}

/// As people call it.
fn called(terms: &Terms, name: &str) -> String {
    let rule = terms.agreement().calendar.get(name);
    rule.and_then(|rule| rule.title.clone()).unwrap_or_else(|| title(name))
}

fn stretch(hours: &OpenHours) -> String {
    let days: Vec<&str> = hours.days.iter().map(|day| day.name()).collect();
    let days = match days.as_slice() {
        [first, .., last] if days.len() > 2 && follow(&days) => format!("{first} to {last}"),
        days => days.join(", "),
    };
    format!("{days} {} to {}", at(hours.from), at(hours.to)).trim_start().to_owned()
}

/// Whether days of the week come one after the other.
fn follow(days: &[&str]) -> bool {
    const WEEK: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    WEEK.windows(days.len()).any(|run| run == days)
}

fn at(time: WeekTime) -> String {
    let day = time.day.map_or(String::new(), |day| format!("{} ", day.name()));
    format!("{day}{:02}:{:02}", time.minute / 60, time.minute % 60)
}

/// Of the lists that it names, from today on.
fn holidays(terms: &Terms, rule: &CalendarRule, now: Instant) -> Vec<String> {
    let today = zone::reader().to_datetime(now.into()).date();
    let named = rule.except.iter().filter_map(|list| {
        let name = list.strip_prefix("holidays.").unwrap_or(list);
        terms.agreement().holidays.get(name)
    });
    let mut dates: Vec<_> =
        named.flat_map(|list| list.year.values().flatten().copied()).filter(|date| *date >= today).collect();
    dates.sort_unstable();
    dates.dedup();
    dates.into_iter().take(HOLIDAYS_MAX).map(|date| date.strftime("%a %-d %b %Y").to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_a_row_are_told_as_one_stretch() {
        assert!(follow(&["Mon", "Tue", "Wed"]) && !follow(&["Mon", "Wed", "Fri"]));
        assert_eq!(at(WeekTime { day: None, minute: 1_440 }), "24:00");
        assert_eq!(at(WeekTime { day: None, minute: 545 }), "09:05");
    }
}
