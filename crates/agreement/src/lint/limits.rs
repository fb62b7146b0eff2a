//! How large a file may be, so that judging it takes a moment whatever it says.

use spans::Length;

use super::look::{At, Found};
use crate::{
    agreement::Agreement,
    section::{
        calendar::Open,
        obligation::{ObligationRule, Within},
        request::Matrix,
    },
    value::keyed::Keyed,
};

/// The longest term: 20 years.
pub const TERM_MAX: Length = Length::from_hours(24 * 366 * 20);
/// The longest amount of time: 25 years.
pub const AMOUNT_MAX: Length = Length::from_hours(24 * 366 * 25);
/// The most calendars, and the most lists of holidays.
pub const CALENDARS_MAX: usize = 24;
/// The most calendars that lie one inside the other.
pub const INSIDE_MAX: usize = 4;
/// The most lines of open hours in one calendar.
pub const OPEN_LINES_MAX: usize = 28;
/// The most holidays in one list.
pub const HOLIDAYS_MAX: usize = 1_000;
/// The most targets that go by words: cells of matrices, once for each obligation and calendar they are used with.
pub const CELLS_MAX: usize = 128;
/// The most words in one list: tiers, priorities, kinds, urgencies, classes.
pub const WORDS_MAX: usize = 32;
/// The most entries of one kind: obligations, guards, roles, catalogue items, …
pub const ENTRIES_MAX: usize = 500;

/// Says what is larger than any agreement. Nothing else is looked at then.
pub(crate) fn limits(agreement: &Agreement, found: &mut Found) {
    let mut many = |path: &str, what: &str, count: usize, most: usize| {
        if count > most {
            let message = format!("{count} {what} are more than the {most} that an agreement may have");
            let at = At::key(&agreement.places, path, &[]);
            found.error(at, message, "a file of this size is no agreement that people sign: split it");
        }
    };
    for (key, what, count) in entries(agreement) {
        many(key, what, count, ENTRIES_MAX);
    }
    for (key, what, count) in words(agreement) {
        many(key, what, count, WORDS_MAX);
    }
    many("calendar", "calendars", agreement.calendar.len(), CALENDARS_MAX);
    many("holidays", "lists of holidays", agreement.holidays.len(), CALENDARS_MAX);
    many("matrix", "targets by words", cells(agreement), CELLS_MAX);
    for (name, list) in &agreement.holidays {
        let dates = list.year.values().map(Vec::len).sum();
        many(&format!("holidays.{name}"), "holidays", dates, HOLIDAYS_MAX);
    }
    for (name, calendar) in &agreement.calendar {
        let lines = if let Open::Weekly(list) = &calendar.open { list.len() } else { 0 };
        many(&format!("calendar.{name}"), "lines of open hours", lines, OPEN_LINES_MAX);
        many(
            &format!("calendar.{name}"),
            "calendars one inside the other",
            depth(agreement, name),
            INSIDE_MAX,
        );
    }
    let term = &agreement.agreement.term;
    if term.end - term.start > TERM_MAX {
        let at = At::key(&term.places, "end", &term.clause.ids);
        found.error(at, "the term is longer than 20 years", "name an earlier end");
    }
}

/// Lists of entries: their key, what they are, how many.
fn entries(agreement: &Agreement) -> [(&'static str, &'static str, usize); 16] {
    let terms = agreement.definitions.iter().map(|d| d.terms.len() + d.must_define.len()).sum();
    let items = agreement.catalogue.iter().map(|catalogue| catalogue.item.len()).sum();
    let hints = agreement.request.iter().map(|request| request.hint.len()).sum();
    let bands = agreement.credit.iter().map(|credit| credit.band.len()).sum();
    let tasks = agreement.onboarding.iter().map(|onboarding| onboarding.task.len()).sum();
    [
        ("obligation", "obligations", agreement.obligation.len()),
        ("guard", "guards", agreement.guard.len()),
        ("exclusion", "exclusions", agreement.exclusion.len()),
        ("maintenance", "kinds of maintenance", agreement.maintenance.len()),
        ("alias", "aliases", agreement.alias.len()),
        ("clauses", "clauses", agreement.clauses.len()),
        ("readings", "readings", agreement.readings.len()),
        ("role", "roles", agreement.role.len()),
        ("channel", "channels", agreement.channel.len()),
        ("approval", "approvals", agreement.approval.len()),
        ("contact_topic", "topics", agreement.contact_topic.len()),
        ("definitions", "terms", terms),
        ("catalogue", "items", items),
        ("request", "hints", hints),
        ("credit", "bands", bands),
        ("onboarding", "tasks", tasks),
    ]
}

/// Lists of words: their key, what they are, how many.
fn words(agreement: &Agreement) -> [(&'static str, &'static str, usize); 5] {
    let request = agreement.request.as_ref();
    [
        ("tiers", "tiers", agreement.tiers.as_ref().map_or(0, |tiers| tiers.list.len())),
        ("request", "priorities", request.map_or(0, |r| r.priority.len())),
        ("request", "kinds", request.map_or(0, |r| r.kinds.len())),
        ("request", "urgencies", request.map_or(0, |r| r.urgencies.len())),
        ("request", "classes", request.map_or(0, |r| r.classes.len())),
    ]
}

/// Targets to be walked through hour by hour: those that go by words.
fn cells(agreement: &Agreement) -> usize {
    let of_matrix = |name: &str| agreement.matrix.get(name).map_or(0, Matrix::targets);
    let of_obligation = |obligation: &ObligationRule| {
        let calendars = match &obligation.calendar {
            Some(Keyed::By(map)) => map.len().max(1),
            _ => 1,
        };
        match &obligation.within {
            Some(Within::Matrix(name)) => of_matrix(name) * calendars,
            Some(Within::Amount(Keyed::By(map))) if calendars > 1 => map.len() * calendars,
            _ => 0,
        }
    };
    let unused: usize = agreement.matrix.values().map(Matrix::targets).sum();
    agreement.obligation.iter().map(of_obligation).sum::<usize>().max(unused)
}

/// How many calendars this one lies inside, itself included; a circle is R-03's to say.
fn depth(agreement: &Agreement, name: &str) -> usize {
    let mut names = vec![name];
    while let Some(outer) = agreement.calendar.get(names[names.len() - 1]).and_then(|c| c.inside.as_deref()) {
        if names.contains(&outer) || names.len() > CALENDARS_MAX {
            break;
        }
        names.push(outer);
    }
    names.len()
}
