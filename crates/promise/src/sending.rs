//! When people are told: in the hours that the agreement names for it, never at midnight of what runs by day.

use agreement::{CIVIL, Hours, Terms};
use spans::{Instant, Length};

/// The smallest step of time.
const STEP: Length = Length::from_micros(1);

/// When a notice that can wait goes out: at once in the hours for it, else at their next opening; at once where the agreement
/// names no hours, or ones that never open again.
pub fn send_at(terms: &Terms, at: Instant) -> Instant {
    match hours(terms) {
        Some(hours) if !works(hours, at) => hours.table.next_open(at).unwrap_or(at),
        _ => at,
    }
}

/// When a reminder of something that runs in `calendar` goes out: at its own instant where people work then, by that calendar or
/// by the hours for telling; else at the nearest instant of those hours that lies behind the start and before it is due. Without
/// a due instant it comes no earlier than it should. None: the hours are closed from the start until it is due.
pub(crate) fn remind_at(
    terms: &Terms,
    calendar: &str,
    at: Instant,
    (from, due): (Instant, Option<Instant>),
) -> Option<Instant> {
    let Some(hours) = hours(terms) else { return Some(at) };
    let own = Some(calendar).filter(|name| *name != CIVIL).and_then(|name| terms.hours(name));
    if works(hours, at) || own.is_some_and(|own| works(own, at)) {
        return Some(at);
    }
    let fits = |moment: &Instant| from < *moment && due.is_none_or(|due| *moment < due);
    let later = hours.table.next_open(at).filter(fits);
    let earlier = || hours.table.retreat(at, STEP).ok().map(|last| last + STEP).filter(fits);
    match (later, due) {
        (later, None) => later,
        (None, Some(_)) => earlier(),
        (Some(later), Some(_)) => match earlier() {
            Some(earlier) if at - earlier < later - at => Some(earlier),
            _ => Some(later),
        },
    }
}

fn hours(terms: &Terms) -> Option<&Hours> {
    let agreement = terms.agreement();
    let calendar = &agreement.reminders.as_ref()?.calendar;
    terms.hours(calendar.of(terms.tier())?)
}

/// Whether it is open, or closes just then: what is spent at closing is told at closing.
fn works(hours: &Hours, at: Instant) -> bool {
    hours.table.is_open(at) || hours.table.is_open(at - STEP)
}
