//! Matrices: whole, and in order.

use spans::{Instant, Length};

use super::{
    look::{At, Found, Look, instead, listed},
    targets::{Target, targets},
};
use crate::section::{
    obligation::{ObligationRule, Within},
    request::{Matrix, MatrixAxis, MatrixRow},
};

/// L-04. A matrix has a cell for every word of its rows and columns, and none for another. And over the term, hour by hour
/// under the calendars in use: what is more severe is never due later than what is less severe, nor a higher tier later
/// than a lower one. Times given by tier without a matrix are held to the same.
pub(crate) fn l_04_gaps_and_inversions(look: &Look<'_>, found: &mut Found) {
    for (name, matrix) in &look.agreement.matrix {
        gaps(look, name, matrix, found);
    }
    for obligation in &look.agreement.obligation {
        inversions(look, obligation, found);
    }
}

fn gaps(look: &Look<'_>, name: &str, matrix: &Matrix, found: &mut Found) {
    let at = |path: &str| At::key(&matrix.places, path, &matrix.clause.ids);
    if matrix.rows == matrix.columns {
        found.error(
            at("columns"),
            "rows and columns are named by the same words",
            "name one of them differently",
        );
        return;
    }
    let (rows, columns) = (look.words(matrix.rows), look.words(matrix.columns));
    for (axis, words) in [("rows", &rows), ("columns", &columns)] {
        if words.is_empty() {
            found.error(
                at(axis),
                format!("the {axis} of matrix `{name}` have no words in this file"),
                "list them under [request] or [tiers]",
            );
        }
    }
    for (word, row) in matrix.row.iter().filter(|(word, _)| !rows.contains(&word.as_str())) {
        let way_out = instead(word, rows.iter().copied(), "list it first");
        let message = format!("`{word}` is no {}", matrix.rows.name());
        found.error(At(matrix.places.of(&format!("row.{word}")), &row.clause.ids), message, way_out);
    }
    for word in rows {
        match matrix.row.get(word) {
            Some(row) => gaps_in_row(word, row, matrix.columns, &columns, found),
            None => {
                let way_out = format!("add [matrix.{name}.row.{word}]");
                let message = format!("matrix `{name}` has no row `{word}`");
                found.error(At(matrix.places.table(), &matrix.clause.ids), message, way_out);
            }
        }
    }
}

fn gaps_in_row(word: &str, row: &MatrixRow, axis: MatrixAxis, columns: &[&str], found: &mut Found) {
    let at = |path: &str| At::key(&row.places, path, &row.clause.ids);
    for column in row.within.keys().filter(|column| !columns.contains(&column.as_str())) {
        let way_out = instead(column, columns.iter().copied(), "list it first");
        let message = format!("`{column}` is no {}", axis.name());
        found.error(at(&format!("within.{column}")), message, way_out);
    }
    let missing: Vec<&str> =
        columns.iter().copied().filter(|column| !row.within.contains_key(*column)).collect();
    if !missing.is_empty() {
        let message = format!("row `{word}` has no time for {}", listed(missing));
        found.error(at("within"), message, "give every cell a time");
    }
}

/// Two targets that differ in one word of an ordered axis, side by side: `first` may not be due later than `then`.
struct Pair<'t, 'l> {
    axis: MatrixAxis,
    first: &'t Target<'l>,
    then: &'t Target<'l>,
}

impl Pair<'_, '_> {
    fn inverted(&self, look: &Look<'_>, at: Instant) -> Option<(Instant, Instant)> {
        let (first, then) = (self.first.due(look, at)?, self.then.due(look, at)?);
        (first > then).then_some((first, then))
    }

    /// Where one of the two calendars opens or closes in the term: due times jump there, also between whole hours.
    fn edges(&self, look: &Look<'_>) -> Vec<Instant> {
        let tables = [&self.first.hours.table, &self.then.hours.table];
        let openings =
            tables.into_iter().flat_map(|table| table.spans().clip(look.term()).as_slice().to_vec());
        openings.flat_map(|opening| [opening.start, opening.end]).collect()
    }

    /// In one calendar the longer budget is always due later: nothing to walk through.
    fn in_one_calendar(&self) -> bool {
        self.first.calendar == self.then.calendar
    }
}

/// Neighbours on every ordered axis. Kinds have no order; tiers go from low to high, so the higher comes first here.
fn pairs<'t, 'l>(look: &Look<'_>, targets: &'t [Target<'l>]) -> Vec<Pair<'t, 'l>> {
    let mut pairs = Vec::new();
    for axis in [MatrixAxis::Priority, MatrixAxis::Urgency, MatrixAxis::Tier] {
        let order = look.words(axis);
        for target in targets {
            let Some(at) = target.word(axis).and_then(|word| order.iter().position(|w| *w == word)) else {
                continue;
            };
            let Some(next) = order.get(at + 1) else { continue };
            let same = |other: &&Target<'_>| {
                other
                    .words
                    .iter()
                    .all(|(a, word)| if *a == axis { word == next } else { target.word(*a) == Some(word) })
            };
            let Some(neighbour) = targets.iter().find(same) else { continue };
            pairs.push(match axis {
                MatrixAxis::Tier => Pair { axis, first: neighbour, then: target },
                _ => Pair { axis, first: target, then: neighbour },
            });
        }
    }
    pairs
}

fn inversions(look: &Look<'_>, obligation: &ObligationRule, found: &mut Found) {
    let targets = targets(look, obligation);
    for pair in pairs(look, &targets) {
        let worst = if pair.in_one_calendar() {
            let start = look.term().start;
            (pair.first.length() > pair.then.length())
                .then(|| pair.inverted(look, start).map(|dues| (start, dues)))
        } else {
            let all = hours(look).chain(pair.edges(look));
            Some(all.into_iter().find_map(|at| pair.inverted(look, at).map(|dues| (at, dues))))
        };
        if let Some(Some((at, (first, then)))) = worst {
            let (severe, other) = (pair.first.name(), pair.then.name());
            let message = format!(
                "{severe} ({}) is due later than {other} ({}): what begins {at} is due {first} against {then}",
                pair.first.amount, pair.then.amount,
            );
            let way_out = match pair.axis {
                MatrixAxis::Tier => "give the higher tier the shorter time or the wider hours",
                _ => "give the more severe one the shorter time or the wider hours",
            };
            found.error(pair.first.at(), message, way_out);
        }
    }
}

/// Every whole hour of the term.
fn hours(look: &Look<'_>) -> impl Iterator<Item = Instant> {
    let term = look.term();
    let hour = Length::HOUR.as_micros();
    let first = Instant::from_micros(term.start.as_micros().div_euclid(hour) * hour);
    let all = std::iter::successors(Some(first), |at| Some(*at + Length::HOUR));
    all.skip_while(move |at| *at < term.start).take_while(move |at| *at < term.end)
}

/// L-15. Neighbouring cells along an order that say the same, in the same calendar, suggest a slip of the pen: the words
/// were meant to differ. It may be meant; then both parties know it.
pub(crate) fn l_15_identical_cells(look: &Look<'_>, found: &mut Found) {
    for obligation in &look.agreement.obligation {
        if !matches!(obligation.within, Some(Within::Matrix(_))) {
            continue;
        }
        let targets = targets(look, obligation);
        let equal = pairs(look, &targets)
            .into_iter()
            .filter(|p| p.in_one_calendar() && p.first.length() == p.then.length());
        for pair in equal {
            let message =
                format!("{} and {} are both {}", pair.first.name(), pair.then.name(), pair.first.amount);
            found.warning(pair.then.at(), message, "a slip? If it is meant, nothing is to do");
        }
    }
}
