//! Maintenance: whether its slots and notices leave room for what is promised.

use facts::{MaintenanceKind, Moment};
use spans::Length;

use super::{
    look::{At, Found, Look, listed},
    targets::{Target, days_and_hours, targets},
};
use crate::{
    compile::WINDOW,
    section::{calendar::Window, maintenance::Maintenance, obligation::ObligationRule, request::MatrixAxis},
};

/// The length of the maintenance window of SH-MAINT-05, exactly.
const WINDOW_LENGTH: Length = Length::from_hours(4);

/// L-09. Slots are open at some time of the term; the agreed window has the length that its clause gives (4 hours,
/// SH-MAINT-05); and no stretch without a window is longer than the time in which maintenance must have met a target of a
/// tier that has no other slot.
pub(crate) fn l_09_slot_too_short_or_rare(look: &Look<'_>, found: &mut Found) {
    if let Some(window) = &look.agreement.window {
        window_length(window, found);
        window_rarity(look, window, found);
    }
    for maintenance in &look.agreement.maintenance {
        empty_slots(look, maintenance, found);
    }
}

fn window_length(window: &Window, found: &mut Found) {
    let by_clause = window.clause.ids.iter().any(|id| id == "SH-MAINT-05");
    if by_clause && window.length.length(Length::DAY) != WINDOW_LENGTH {
        let message = format!("a maintenance window is 4 hours long, not {}", window.length);
        found.error(At::key(&window.places, "length", &window.clause.ids), message, "write length = \"4h\"");
    }
}

fn window_rarity(look: &Look<'_>, window: &Window, found: &mut Found) {
    let (Some(hours), Some(scheduled)) = (look.hours.get(WINDOW), scheduled(look)) else { return };
    let closed = hours.table.spans().complement(look.term());
    let Some(closed) = closed.iter().max_by_key(|closed| closed.length()) else { return };
    for obligation in upkeep(look) {
        for target in targets(look, obligation) {
            let only_slot =
                scheduled.slot.of(target.word(MatrixAxis::Tier)).is_some_and(|slot| slot == WINDOW);
            if only_slot && closed.length() > target.length() {
                let message = format!(
                    "`{}` ({}) is due in {}, and from {} no window opens for {}",
                    obligation.id,
                    target.name(),
                    target.amount,
                    closed.start,
                    days_and_hours(closed.length()),
                );
                let at = At::key(&window.places, "rrule", &window.clause.ids);
                found.warning(at, message, "let the window recur more often, or give the target more time");
            }
        }
    }
}

fn empty_slots(look: &Look<'_>, maintenance: &Maintenance, found: &mut Found) {
    for (word, name) in maintenance.slot.iter() {
        let Some(hours) = look.hours.get(name.as_str()) else { continue };
        if hours.table.measure(look.term().start, look.term().end).is_zero() {
            let path = word.map_or_else(|| "slot".to_owned(), |word| format!("slot.{word}"));
            let message = format!("the slot `{name}` is never open in the term");
            found.error(
                At::key(&maintenance.places, &path, &maintenance.clause.ids),
                message,
                "name another slot, or give it hours",
            );
        }
    }
}

/// The rule of scheduled maintenance.
fn scheduled<'a>(look: &Look<'a>) -> Option<&'a Maintenance> {
    look.agreement.maintenance.iter().find(|m| m.kind == MaintenanceKind::Scheduled)
}

/// The obligations that maintenance meets: a version to be reached.
fn upkeep<'a>(look: &Look<'a>) -> impl Iterator<Item = &'a ObligationRule> {
    let reaches = |o: &&ObligationRule| o.met_by.as_ref().is_some_and(|met| met.reaches.is_some());
    look.agreement.obligation.iter().filter(reaches)
}

/// L-12. Where maintenance must be announced so long before it starts, a target that it has to meet leaves more time than
/// the notice takes: otherwise even who announces at once comes too late (SH-MAINT-11, SH-SEC-01, SH-MAINT-02, A-25).
pub(crate) fn l_12_notice_longer_than_target(look: &Look<'_>, found: &mut Found) {
    let scheduled = MaintenanceKind::Scheduled.name().to_owned();
    let concerns = |o: &&ObligationRule| {
        let kinds = o.r#match.as_ref().and_then(|matching| matching.fields.get("kind"));
        kinds.is_none_or(|kinds| kinds.contains(&scheduled))
    };
    for notice in look.agreement.obligation.iter().filter(concerns) {
        let Some(before) = notice.before.as_ref().filter(|b| b.moment == Moment::MaintenanceStart) else {
            continue;
        };
        let needs = before.by.length(Length::DAY);
        for obligation in upkeep(look).filter(|_| needs > Length::ZERO) {
            let late: Vec<Target<'_>> =
                targets(look, obligation).into_iter().filter(|t| leaves_nothing(look, t, needs)).collect();
            if late.is_empty() {
                continue;
            }
            let who: Vec<String> = late.iter().map(|target| target.of_what()).collect();
            let clauses: Vec<String> =
                obligation.clause.ids.iter().chain(&notice.clause.ids).cloned().collect();
            let message = format!(
                "`{}` leaves no time after the notice of {} (`{}`), for {}",
                obligation.id,
                before.by,
                notice.id,
                listed(who.iter().map(String::as_str)),
            );
            let at = At::key(&obligation.places, "within", &clauses);
            found.warning(
                at,
                message,
                "agree which of the two stands back, or that both stand and the notice is best effort (A-25)",
            );
        }
    }
}

/// Whether a target begun at the start of the term is due before its notice has run.
fn leaves_nothing(look: &Look<'_>, target: &Target<'_>, notice: Length) -> bool {
    let start = look.term().start;
    target.due(look, start).is_some_and(|due| due - start <= notice)
}
