//! Targets laid out: every time that an obligation gives by priority, tier, kind or urgency, with its calendar.

use std::collections::BTreeMap;

use spans::{Instant, Length, Span};

use super::look::{At, Found, Look};
use crate::{
    compile::Hours,
    finding::Place,
    section::{
        obligation::{ObligationRule, Within},
        request::{Matrix, MatrixAxis},
    },
    value::{
        amount::{Amount, Remind},
        keyed::Keyed,
    },
};

/// One target: a cell of a matrix, or a time given by tier or kind.
#[derive(Clone)]
pub(crate) struct Target<'l> {
    /// What it is for: one word on each axis, the matrix's own first.
    pub(crate) words: Vec<(MatrixAxis, &'l str)>,
    pub(crate) amount: Amount,
    pub(crate) calendar: &'l str,
    pub(crate) hours: &'l Hours,
    pub(crate) place: Place,
    /// The clauses it executes: its obligation's, and those of its row of a matrix.
    pub(crate) clauses: Vec<String>,
}

impl<'l> Target<'l> {
    pub(crate) fn length(&self) -> Length {
        self.amount.length(self.hours.day)
    }

    /// Where it stands.
    pub(crate) fn at(&self) -> At<'_> {
        At(self.place.clone(), &self.clauses)
    }

    pub(crate) fn due(&self, look: &Look<'_>, start: Instant) -> Option<Instant> {
        look.due(self.hours, start, self.length())
    }

    pub(crate) fn word(&self, axis: MatrixAxis) -> Option<&'l str> {
        self.words.iter().find(|(a, _)| *a == axis).map(|(_, word)| *word)
    }

    /// `premium (1w)`; `1w` where it is for all.
    pub(crate) fn of_what(&self) -> String {
        if self.words.is_empty() {
            self.amount.to_string()
        } else {
            format!("{} ({})", self.name(), self.amount)
        }
    }

    /// `P1, premium`.
    pub(crate) fn name(&self) -> String {
        self.words.iter().map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

/// Every target of an obligation, in the file's order of words. Words that are no words of the file are left out, and so is
/// what has no calendar that fits; other lints say so.
pub(crate) fn targets<'l>(look: &'l Look<'_>, obligation: &'l ObligationRule) -> Vec<Target<'l>> {
    let cells: Vec<Cell<'l>> = match &obligation.within {
        Some(Within::Matrix(name)) => {
            look.agreement.matrix.get(name).map(|m| cells(look, m)).unwrap_or_default()
        }
        Some(Within::Amount(amount)) => keyed_cells(look, obligation, amount),
        _ => Vec::new(),
    };
    cells.into_iter().flat_map(|cell| with_calendars(look, obligation, cell)).collect()
}

/// A target without its calendar.
struct Cell<'l> {
    words: Vec<(MatrixAxis, &'l str)>,
    amount: Amount,
    place: Place,
    /// Those of its row.
    clauses: &'l [String],
}

fn cells<'l>(look: &'l Look<'_>, matrix: &'l Matrix) -> Vec<Cell<'l>> {
    let (rows, columns) = (look.words(matrix.rows), look.words(matrix.columns));
    let pairs = rows.iter().flat_map(|row| columns.iter().map(move |column| (*row, *column)));
    let cells = pairs.filter_map(|(row, column)| {
        let amount = matrix.target(row, column)?;
        let rule = &matrix.row[row];
        let place = rule.places.of(&format!("within.{column}"));
        let words = vec![(matrix.rows, row), (matrix.columns, column)];
        Some(Cell { words, amount, place, clauses: &rule.clause.ids })
    });
    cells.collect()
}

fn keyed_cells<'l>(
    look: &'l Look<'_>,
    obligation: &'l ObligationRule,
    amount: &'l Keyed<Amount>,
) -> Vec<Cell<'l>> {
    match amount {
        Keyed::One(amount) => {
            let place = obligation.places.of("within");
            vec![Cell { words: Vec::new(), amount: *amount, place, clauses: &[] }]
        }
        Keyed::By(map) => {
            let Some(axis) = axis_of(look, map) else { return Vec::new() };
            let words = look.words(axis).into_iter().filter_map(|word| {
                let place = obligation.places.of(&format!("within.{word}"));
                Some(Cell { words: vec![(axis, word)], amount: *map.get(word)?, place, clauses: &[] })
            });
            words.collect()
        }
    }
}

/// What a keyed value is given by: the first list that knows one of its words.
fn axis_of<T>(look: &Look<'_>, map: &BTreeMap<String, T>) -> Option<MatrixAxis> {
    let known = |axis: &MatrixAxis| look.words(*axis).iter().any(|word| map.contains_key(*word));
    [MatrixAxis::Tier, MatrixAxis::Kind].into_iter().find(known)
}

/// A target for each calendar it can run in: one, unless the calendar goes by a word that the cell does not name.
fn with_calendars<'l>(look: &'l Look<'_>, obligation: &'l ObligationRule, cell: Cell<'l>) -> Vec<Target<'l>> {
    let target = |calendar: &'l str, more: Option<(MatrixAxis, &'l str)>| {
        let words = cell.words.iter().copied().chain(more).collect();
        let hours = look.hours.get(calendar)?;
        let clauses = obligation.clause.ids.iter().chain(cell.clauses).cloned().collect();
        Some(Target { words, amount: cell.amount, calendar, hours, place: cell.place.clone(), clauses })
    };
    match &obligation.calendar {
        None => target(crate::compile::CIVIL, None).into_iter().collect(),
        Some(Keyed::One(name)) => target(name, None).into_iter().collect(),
        Some(Keyed::By(map)) => {
            let Some(axis) = axis_of(look, map) else { return Vec::new() };
            match cell.words.iter().find(|(a, _)| *a == axis) {
                Some((_, word)) => map.get(*word).and_then(|name| target(name, None)).into_iter().collect(),
                None => {
                    let words = look.words(axis).into_iter();
                    words.filter_map(|word| target(map.get(word)?, Some((axis, word)))).collect()
                }
            }
        }
    }
}

/// How long one cell of a matrix can take by the clock on the wall (L-05).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct WorstWait {
    /// The matrix.
    pub matrix: String,
    /// The obligation that uses it.
    pub obligation: String,
    /// The row.
    pub row: String,
    /// The column.
    pub column: String,
    /// The cell, such as `8h`.
    pub target: String,
    /// The calendar it runs in.
    pub calendar: String,
    /// The longest wait by the clock on the wall, for what begins inside the term.
    pub wait: Length,
    /// When the wait begins: the first such instant.
    pub at: Instant,
    /// When it is due.
    pub due: Instant,
}

/// Row by row, column by column. A cell that cannot be filled within a year after the term is left out; L-05 says so.
pub(crate) fn worst_waits(look: &Look<'_>) -> Vec<WorstWait> {
    let mut all = Vec::new();
    for obligation in &look.agreement.obligation {
        let Some(Within::Matrix(matrix)) = &obligation.within else { continue };
        for target in targets(look, obligation) {
            let Some((at, due)) = worst(look, &target) else { continue };
            let [(_, row), (_, column), ..] = target.words.as_slice() else { continue };
            all.push(WorstWait {
                matrix: matrix.clone(),
                obligation: obligation.id.clone(),
                row: (*row).to_owned(),
                column: (*column).to_owned(),
                target: target.amount.to_string(),
                calendar: target.calendar.to_owned(),
                wait: due - at,
                at,
                due,
            });
        }
    }
    all
}

/// The instant of the term from which it takes longest, and its due time. Inside an opening the wait only grows, in closed
/// time it only shrinks: so it is longest at a closing, or at an end of the term.
fn worst(look: &Look<'_>, target: &Target<'_>) -> Option<(Instant, Instant)> {
    let term = look.term();
    let last = Span::new(term.start, term.end).map(|term| (term.end - Length::MINUTE).max(term.start))?;
    let closings = target.hours.table.spans().iter().map(|opening| opening.end).collect::<Vec<_>>();
    let inside = closings.into_iter().filter(|at| term.contains(*at));
    let mut worst: Option<(Instant, Instant)> = None;
    for at in [term.start].into_iter().chain(inside).chain([last]) {
        let due = target.due(look, at)?;
        if worst.is_none_or(|(from, to)| due - at > to - from) {
            worst = Some((at, due));
        }
    }
    worst
}

/// L-05. How long each cell of a matrix can take by the clock on the wall over the term: exact, not sampled. One note for
/// each obligation with a matrix names the longest; the whole table is [`crate::Agreement::worst_waits`].
pub(crate) fn l_05_worst_wait(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        if !matches!(obligation.within, Some(Within::Matrix(_))) {
            continue;
        }
        let mut longest: Option<(Instant, Instant, Target<'_>)> = None;
        for target in targets(look, obligation) {
            match worst(look, &target) {
                Some((at, due)) if longest.as_ref().is_none_or(|(from, to, _)| due - at > *to - *from) => {
                    longest = Some((at, due, target));
                }
                Some(_) => {}
                None => {
                    let message = format!(
                        "{} ({}) does not fit into calendar `{}` before a year after the term",
                        target.amount,
                        target.name(),
                        target.calendar,
                    );
                    found.error(target.at(), message, "name a shorter time, or wider hours");
                }
            }
        }
        if let Some((at, due, target)) = longest {
            let message = format!(
                "the longest wait is {} by the clock on the wall: {} ({}) begun {at} is due {due}",
                days_and_hours(due - at),
                target.name(),
                target.amount,
            );
            let at = At::key(&obligation.places, "within", &target.clauses);
            found.note(at, message, "read the table of worst-case waits before you sign");
        }
    }
}

/// A reminder comes after the start of its obligation and before it is due; one that does not is never sent.
pub(crate) fn r_11_reminders_come_before_it_is_due(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        let Some(remind) = &obligation.remind else { continue };
        for target in targets(look, obligation) {
            let (length, day) = (target.length(), target.hours.day);
            let never = |remind: &&Remind| match remind {
                Remind::Used(_) => false,
                Remind::After(amount) | Remind::Before(amount) => amount.length(day) >= length,
            };
            let tier = target.word(MatrixAxis::Tier);
            for reminder in remind.of(tier).into_iter().flatten().filter(never) {
                let path = tier.map_or_else(|| "remind".to_owned(), |tier| format!("remind.{tier}"));
                let message = format!("the reminder \"{reminder}\" never comes, for {}", target.of_what());
                let at = At::key(&obligation.places, &path, &obligation.clause.ids);
                found.warning(at, message, "remind earlier, or by percent of the time: \"50%\"");
            }
        }
    }
}

/// `3d 4h`, `45m`: whole minutes, cut off.
pub(crate) fn days_and_hours(length: Length) -> String {
    let minutes = length.whole_minutes();
    let parts = [(minutes / 1440, 'd'), (minutes / 60 % 24, 'h'), (minutes % 60, 'm')];
    let shown: Vec<String> =
        parts.iter().filter(|(count, _)| *count != 0).map(|(count, unit)| format!("{count}{unit}")).collect();
    if shown.is_empty() { "0m".to_owned() } else { shown.join(" ") }
}
