//! How large a file may be, so that judging it takes a moment whatever it says.

use spans::Length;

use super::look::{At, Found};
use crate::agreement::Agreement;

/// The longest term: 25 years.
pub const TERM_MAX: Length = Length::from_hours(24 * 366 * 25);
/// The most calendars.
pub const CALENDARS_MAX: usize = 24;
/// The most calendars that lie one inside the other.
pub const INSIDE_MAX: usize = 4;
/// The most lines of open hours in one calendar.
pub const OPEN_LINES_MAX: usize = 28;
/// The most cells of all matrices together, once for each obligation that uses them.
pub const CELLS_MAX: usize = 128;
/// The most entries of one kind: obligations, holidays, catalogue items, …
pub const ENTRIES_MAX: usize = 5_000;
/// The longest amount of time: 25 years.
pub const AMOUNT_MAX: Length = TERM_MAX;

/// Says what is larger than any agreement. Nothing else is looked at then.
pub(crate) fn limits(agreement: &Agreement, found: &mut Found) {
    let root = &agreement.places;
    let mut many = |path: &str, what: &str, count: usize, most: usize| {
        if count > most {
            let message = format!("{count} {what} are more than the {most} that an agreement may have");
            found.error(At::key(root, path, &[]), message, "split the file, or ask for a larger limit");
        }
    };
    many("calendar", "calendars", agreement.calendar.len(), CALENDARS_MAX);
    many("matrix", "cells", cells(agreement), CELLS_MAX);
    many("obligation", "obligations", agreement.obligation.len(), ENTRIES_MAX);
    many("exclusion", "exclusions", agreement.exclusion.len(), ENTRIES_MAX);
    many("guard", "guards", agreement.guard.len(), ENTRIES_MAX);
    many("catalogue", "items", agreement.catalogue.iter().map(|c| c.item.len()).sum(), ENTRIES_MAX);
    many("holidays", "holidays", holidays(agreement), ENTRIES_MAX);
    for (name, calendar) in &agreement.calendar {
        let lines = match &calendar.open {
            crate::section::calendar::Open::Always => 0,
            crate::section::calendar::Open::Weekly(list) => list.len(),
        };
        many(&format!("calendar.{name}.open"), "lines of open hours", lines, OPEN_LINES_MAX);
        many(
            &format!("calendar.{name}"),
            "calendars one inside the other",
            depth(agreement, name),
            INSIDE_MAX,
        );
    }
    let term = &agreement.agreement.term;
    if term.end - term.start > TERM_MAX {
        let message = "the term is longer than 25 years";
        found.error(At::key(&term.places, "end", &term.clause.ids), message, "name an earlier end");
    }
}

/// Cells to be walked through: those of a matrix once for each obligation that uses it, and at least once.
fn cells(agreement: &Agreement) -> usize {
    let uses = |name: &str| {
        let within = |o: &&crate::section::obligation::ObligationRule| {
            o.within.as_ref().is_some_and(
                |w| matches!(w, crate::section::obligation::Within::Matrix(used) if used == name),
            )
        };
        agreement.obligation.iter().filter(within).count().max(1)
    };
    let sizes = agreement.matrix.iter().map(|(name, matrix)| {
        matrix.cells.values().map(std::collections::BTreeMap::len).sum::<usize>().saturating_mul(uses(name))
    });
    sizes.sum()
}

fn holidays(agreement: &Agreement) -> usize {
    agreement.holidays.values().flat_map(|list| list.year.values()).map(Vec::len).sum()
}

/// How many calendars this one lies inside, itself included; a circle is R-03's to say.
fn depth(agreement: &Agreement, name: &str) -> usize {
    let mut names = vec![name];
    while let Some(outer) = agreement.calendar.get(names[names.len() - 1]).and_then(|c| c.inside.as_deref()) {
        if names.contains(&outer) {
            break;
        }
        names.push(outer);
    }
    names.len()
}
