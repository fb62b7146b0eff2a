//! Calendars: every one that is named exists and can be built.

use spans::Length;

use super::look::{At, Found, Look, instead, is_a_day};
use crate::{
    compile::{CIVIL, TermsError, WINDOW},
    read::Places,
    section::{
        calendar::CalendarRule,
        obligation::{ObligationRule, Within},
    },
    value::keyed::Keyed,
};

/// Every calendar and holiday list that is named exists and fits together: hours that begin and end, a day that is
/// one, an `inside` that leads out again, a window whose first start is one by its rule. `window` is the agreed
/// maintenance window where a slot is asked for.
pub(crate) fn r_03_calendars_exist(look: &Look<'_>, found: &mut Found) {
    for (name, rule) in &look.agreement.calendar {
        built(look, name, rule, found);
    }
    window(look, found);
    for obligation in &look.agreement.obligation {
        of_obligation(look, obligation, found);
    }
    elsewhere(look, found);
}

/// What is wrong with the calendar itself; what is wrong with one it lies inside is said there.
fn built(look: &Look<'_>, name: &str, rule: &CalendarRule, found: &mut Found) {
    let at = |key: &str| At::key(&rule.places, key, &rule.clause.ids);
    if !is_a_day(rule.day.length(Length::DAY)) {
        found.error(
            at("day"),
            format!("a day of {} is none", rule.day),
            "write how much open time one `d` is, such as \"8h\"",
        );
    }
    if rule.inside.as_deref() == Some(WINDOW) && !look.agreement.calendar.contains_key(WINDOW) {
        found.error(at("inside"), "a calendar cannot lie inside the maintenance window", "name a calendar");
        return;
    }
    let Err(error) = look.agreement.calendar(name) else { return };
    let known = look.agreement.calendar.keys().map(String::as_str);
    match &error {
        TermsError::UnknownCalendar { name: unknown } if rule.inside.as_deref() == Some(unknown) => {
            let way_out = instead(unknown, known, "add it");
            found.error(at("inside"), format!("there is no calendar `{unknown}`"), way_out);
        }
        TermsError::UnknownHolidays { name: unknown } => {
            if let Some(number) = rule.except.iter().position(|list| list == unknown) {
                unknown_holidays(look, unknown, at(&format!("except.{number}")), found);
            }
        }
        TermsError::InsideItself { name: circle } if circle == name => {
            let way_out = format!("take the `inside` of one of its calendars out, or `{name}` is never open");
            found.error(at("inside"), format!("calendar `{name}` lies inside itself"), way_out);
        }
        TermsError::Hours { name: own, why } if own == name => {
            let way_out = "write { days = [\"Mon\"], from = \"09:00\", to = \"17:00\" } or { from = \"Sun 17:00\", to = \"Fri 17:00\" }";
            found.error(at("open"), format!("the open hours do not fit: {why}"), way_out);
        }
        _ => {}
    }
}

fn unknown_holidays(look: &Look<'_>, unknown: &str, at: At<'_>, found: &mut Found) {
    let known: Vec<String> = look.agreement.holidays.keys().map(|name| format!("holidays.{name}")).collect();
    let way_out = instead(unknown, known.iter().map(String::as_str), "add the list with its dates");
    found.error(at, format!("there is no list `{unknown}`"), way_out);
}

/// SH-MAINT-05: the window is a slot on a recurring day and time.
fn window(look: &Look<'_>, found: &mut Found) {
    let Some(window) = &look.agreement.window else { return };
    if let Err(TermsError::Window { why }) = look.agreement.calendar(WINDOW) {
        let at = At::key(&window.places, "rrule", &window.clause.ids);
        found.error(
            at,
            why,
            "write a rule of RFC 5545 that its first start follows, such as \"FREQ=WEEKLY;BYDAY=SU\"",
        );
    }
}

fn of_obligation(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let (places, clauses) = (&obligation.places, &obligation.clause.ids);
    match &obligation.calendar {
        Some(calendar) => names(look, places, clauses).each("calendar", calendar, found),
        None if needs_calendar(obligation) && !look.agreement.calendar.contains_key(CIVIL) => {
            let message = "it names no calendar, and there is no [calendar.civil] to take instead";
            found.error(At(places.table(), clauses), message, "add `calendar = …`, or the calendar `civil`");
        }
        None => {}
    }
}

/// Whether time runs for it at all. A time that the text does not give, and one taken from another obligation, need none.
fn needs_calendar(obligation: &ObligationRule) -> bool {
    let timed = matches!(obligation.within, Some(Within::Amount(_) | Within::Matrix(_)));
    let other = obligation.before.is_some() || obligation.every.is_some();
    timed || other || obligation.keep.is_some() || obligation.effective_after.is_some()
}

fn elsewhere(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    if let Some(hours) = &agreement.support_hours {
        names(look, &hours.places, &hours.clause.ids).each("calendar", &hours.calendar, found);
    }
    if let Some(reminders) = &agreement.reminders {
        names(look, &reminders.places, &reminders.clause.ids).each("calendar", &reminders.calendar, found);
    }
    if let Some(probe) = &agreement.probe {
        names(look, &probe.places, &probe.clause.ids).one("calendar", &probe.calendar, found);
    }
    for maintenance in &agreement.maintenance {
        let names = names(look, &maintenance.places, &maintenance.clause.ids);
        Names { slots: true, ..names }.each("slot", &maintenance.slot, found);
    }
    if let Some(exclusions) = &agreement.exclusions {
        names(look, &exclusions.places, &exclusions.clause.ids).one("calendar", &exclusions.calendar, found);
    }
    if let Some(onboarding) = &agreement.onboarding {
        names(look, &onboarding.places, &onboarding.clause.ids).one("calendar", &onboarding.calendar, found);
    }
    let escalation = agreement.escalation.iter();
    for (escalation, calendar) in escalation.filter_map(|e| Some((e, e.calendar.as_ref()?))) {
        names(look, &escalation.places, &escalation.clause.ids).each("calendar", calendar, found);
    }
}

/// The names of calendars in one table.
struct Names<'l, 'a> {
    look: &'l Look<'a>,
    places: &'l Places,
    clauses: &'l [String],
    /// Whether the agreed maintenance window may be named too.
    slots: bool,
}

fn names<'l, 'a>(look: &'l Look<'a>, places: &'l Places, clauses: &'l [String]) -> Names<'l, 'a> {
    Names { look, places, clauses, slots: false }
}

impl Names<'_, '_> {
    fn each(&self, key: &str, names: &Keyed<String>, found: &mut Found) {
        for (word, name) in names.iter() {
            let path = word.map_or_else(|| key.to_owned(), |word| format!("{key}.{word}"));
            self.one(&path, name, found);
        }
    }

    fn one(&self, path: &str, name: &str, found: &mut Found) {
        let agreement = self.look.agreement;
        let window = self.slots && name == WINDOW;
        if (window && agreement.window.is_some()) || agreement.calendar.contains_key(name) {
            return;
        }
        let way_out = match window {
            true => "add [window]".to_owned(),
            false => instead(name, agreement.calendar.keys().map(String::as_str), "add it"),
        };
        let at = At::key(self.places, path, self.clauses);
        found.error(at, format!("there is no calendar `{name}`"), way_out);
    }
}
