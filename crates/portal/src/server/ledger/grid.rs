//! A month as a row for each UTC day: a unit of width for each minute, a unit of height for each second of it.
//!
//! Minutes that stood alike are one stretch. Where a month flickers so much that stretches would weigh more than a page may, they
//! are drawn without their words, and the table behind says how many there are.

use std::fmt::Write;

use control::live::query::{Alike, Cell, Condition, Day};
use spans::{Instant, Length};

use crate::when::clock;

/// Minutes of a day, and units of a row's width.
const WIDTH: usize = 1_440;
/// Seconds of a minute, and units of a row's height.
const HEIGHT: u32 = 60;
/// Stretches of a month that are drawn each with its words.
const WORDED_MAX: usize = 1_500;

/// A day: its drawing, and its stretches that were not simply up.
pub(super) struct Row {
    /// `2026-06-02`.
    pub(super) date: String,
    /// `Tue 2`.
    pub(super) name: String,
    pub(super) svg: String,
    pub(super) stretches: Vec<Stretch>,
    pub(super) words: String,
}

/// Minutes of one day that follow each other and stood alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) start: Instant,
    pub(super) minutes: usize,
    /// How each of them stood.
    pub(super) cell: Cell,
}

impl Stretch {
    pub(super) fn end(self) -> Instant {
        self.start + Length::MINUTE * i64::try_from(self.minutes).unwrap_or(0)
    }

    /// `3 s up, 57 s down`, of one minute or of each.
    pub(super) fn words(self) -> String {
        let parts: Vec<String> = parts(self.cell)
            .into_iter()
            .filter(|(_, ms)| *ms > 0)
            .map(|(condition, ms)| format!("{} {}", seconds(ms), condition.name()))
            .collect();
        let each = if self.minutes == 1 { "" } else { " of each minute" };
        format!("{}{each}", parts.join(", "))
    }

    fn is_up(self) -> bool {
        self.cell.worst() == Condition::Up
    }
}

/// The rows of a month.
pub(super) fn rows(days: &[Day]) -> Vec<Row> {
    let all: Vec<(Instant, Vec<(usize, Stretch)>)> = days.iter().map(|day| (day.start, alike(day))).collect();
    let worded = all.iter().map(|(_, stretches)| stretches.len()).sum::<usize>() <= WORDED_MAX;
    all.iter().map(|(start, stretches)| row(*start, stretches, worded)).collect()
}

/// A day's stretches in order, each with its first minute's number.
fn alike(day: &Day) -> Vec<(usize, Stretch)> {
    let number = |at: Instant| usize::try_from((at - day.start).whole_minutes()).unwrap_or(0);
    let stretches = day.alike().into_iter();
    stretches
        .map(|Alike { start, minutes, cell }| (number(start), Stretch { start, minutes, cell }))
        .collect()
}

fn row(start: Instant, stretches: &[(usize, Stretch)], worded: bool) -> Row {
    let text = start.to_string();
    let date = text.get(..10).unwrap_or_default().to_owned();
    let words = total(stretches);
    let mut svg = format!(
        "<svg class=\"minutes\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{date}: {words}\">\
         <rect class=\"base\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>"
    );
    if worded {
        stretches.iter().for_each(|(x, stretch)| drawn(&mut svg, *x, *stretch));
    } else {
        plain(&mut svg, stretches);
    }
    svg.push_str("</svg>");
    let not_up = stretches.iter().map(|(_, stretch)| *stretch).filter(|stretch| !stretch.is_up());
    Row { name: name(start), svg, stretches: not_up.collect(), words, date }
}

/// One stretch: its seconds from the top down, with its words.
fn drawn(svg: &mut String, x: usize, stretch: Stretch) {
    let minutes = stretch.minutes;
    svg.push_str("<g>");
    for (class, y, height) in levels(stretch.cell) {
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{minutes}\" height=\"{height}\"/>"
        );
    }
    let (from, to) = (clock(stretch.start), clock(stretch.end()));
    let _ = write!(svg, "<title>{from} to {to}: {}</title></g>", stretch.words());
}

/// All stretches of one condition as one path.
fn plain(svg: &mut String, stretches: &[(usize, Stretch)]) {
    for condition in [Condition::Up, Condition::Unknown, Condition::Excluded, Condition::Down] {
        let mut path = String::new();
        for (x, stretch) in stretches {
            for (class, y, height) in levels(stretch.cell) {
                if class == condition.name() {
                    let _ = write!(path, "M{x} {y}h{}v{height}h-{}z", stretch.minutes, stretch.minutes);
                }
            }
        }
        if !path.is_empty() {
            let _ = write!(svg, "<path class=\"{}\" d=\"{path}\"/>", condition.name());
        }
    }
}

fn parts(cell: Cell) -> [(Condition, u32); 4] {
    [
        (Condition::Up, cell.up_ms),
        (Condition::Unknown, cell.unknown_ms),
        (Condition::Excluded, cell.excluded_ms),
        (Condition::Down, cell.down_ms),
    ]
}

/// What a minute is drawn as, from the top down: class, place and height, a unit a second; what there was of anything is seen.
fn levels(cell: Cell) -> Vec<(&'static str, u32, u32)> {
    let mut levels = Vec::new();
    let mut bottom = HEIGHT;
    let seen = parts(cell).into_iter().rev().filter(|(_, ms)| *ms > 0);
    for (condition, ms) in seen {
        let height = (ms.div_ceil(1_000)).min(bottom);
        bottom -= height;
        if height > 0 {
            levels.push((condition.name(), bottom, height));
        }
    }
    levels
}

/// `up 23h 55m, down 5m`.
fn total(stretches: &[(usize, Stretch)]) -> String {
    let mut sums = [0_i64; 4];
    for (_, stretch) in stretches {
        for (sum, (_, ms)) in sums.iter_mut().zip(parts(stretch.cell)) {
            *sum += i64::from(ms) * i64::try_from(stretch.minutes).unwrap_or(0);
        }
    }
    let names = parts(Cell::default()).map(|(condition, _)| condition.name());
    let told = names.iter().zip(sums).filter(|(_, ms)| *ms > 0);
    let words: Vec<String> =
        told.map(|(name, ms)| format!("{name} {}", Length::from_micros(ms * 1_000))).collect();
    if words.is_empty() { "not covered".to_owned() } else { words.join(", ") }
}

/// `57 s`, `0.4 s`.
fn seconds(ms: u32) -> String {
    match (ms / 1_000, ms % 1_000) {
        (whole, 0) => format!("{whole} s"),
        (whole, rest) => format!("{whole}.{} s", format!("{rest:03}").trim_end_matches('0')),
    }
}

/// 1 January 1970 was a Thursday.
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

fn name(start: Instant) -> String {
    let days = start.as_micros().div_euclid(Length::DAY.as_micros()).rem_euclid(7);
    let weekday = usize::try_from(days).ok().and_then(|day| WEEKDAYS.get(day)).copied().unwrap_or_default();
    let text = start.to_string();
    format!("{weekday} {}", text.get(8..10).unwrap_or_default().trim_start_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const UP: Cell = Cell { up_ms: 60_000, down_ms: 0, excluded_ms: 0, unknown_ms: 0 };
    const DOWN: Cell = Cell { up_ms: 0, down_ms: 60_000, excluded_ms: 0, unknown_ms: 0 };
    const MIXED: Cell = Cell { up_ms: 2_600, down_ms: 57_400, excluded_ms: 0, unknown_ms: 0 };

    fn day(cells: &[(usize, Option<Cell>)]) -> Day {
        let cells = cells.iter().flat_map(|(count, cell)| std::iter::repeat_n(*cell, *count));
        Day { start: "2026-06-02T00:00:00Z".parse().unwrap(), cells: cells.collect() }
    }

    #[test]
    fn minutes_that_stood_alike_are_one_stretch_and_seconds_are_heights() {
        let rows =
            rows(&[day(&[(600, Some(UP)), (1, Some(MIXED)), (3, Some(DOWN)), (10, Some(UP)), (826, None)])]);
        let row = &rows[0];
        assert_eq!((row.name.as_str(), row.words.as_str()), ("Tue 2", "up 10h 10m 2.6s, down 3m 57.4s"));
        let seen: Vec<_> = row.stretches.iter().map(|s| (s.minutes, s.words())).collect();
        assert_eq!(
            seen,
            [(1, "2.6 s up, 57.4 s down".to_owned()), (3, "60 s down of each minute".to_owned())]
        );
        assert!(
            row.svg.contains("<rect class=\"down\" x=\"600\" y=\"2\" width=\"1\" height=\"58\"/>"),
            "{}",
            row.svg
        );
        assert!(row.svg.contains("<title>10:01 to 10:04: 60 s down of each minute</title>"), "{}", row.svg);
        assert_eq!(row.svg.matches("<g>").count(), 4);
    }

    #[test]
    fn a_month_that_flickers_is_drawn_without_words() {
        let flicker: Vec<_> = (0..1_440).map(|n| (1, Some(if n % 2 == 0 { UP } else { MIXED }))).collect();
        let days: Vec<Day> = (0..31).map(|_| day(&flicker)).collect();
        let rows = rows(&days);
        assert!(!rows[0].svg.contains("<title>") && rows[0].svg.contains("M1 2h1v58h-1z"));
    }
}
