//! Attainment drawn: a bar for each cell, all of a page to one scale, and a column for each month. The figures stand beside them as text.

use std::fmt::Write;

use control::live::query::MonthAttained;
use facts::ClientId;
use promise::Tally;

use super::{Figures, at};
use crate::{part::escape, server::moment::title, when::month as month_name};

/// The height of a column in its own units.
const HEIGHT: u32 = 100;
const WIDTH: u32 = 10;

/// Promises that are drawn beside each other.
const CHARTS_MAX: usize = 6;

/// Months of one promise.
pub(super) struct Chart {
    pub(super) name: String,
    pub(super) columns: Vec<Column>,
}

/// A month beside others.
pub(super) struct Column {
    pub(super) link: String,
    /// `March 2026`.
    pub(super) name: String,
    pub(super) svg: String,
    pub(super) figures: Figures,
    /// Whether it still runs.
    pub(super) runs: bool,
}

/// Each promise of which something fell due, from the oldest month to the newest; nothing where there is one month only.
pub(super) fn charts(client: &ClientId, months: &[MonthAttained]) -> Vec<Chart> {
    let mut rules: Vec<&String> = Vec::new();
    for (rule, total) in months.iter().flat_map(|month| &month.promises) {
        if total.due > 0 && !rules.contains(&rule) {
            rules.push(rule);
        }
    }
    if months.len() < 2 {
        return Vec::new();
    }
    rules.into_iter().take(CHARTS_MAX).map(|rule| chart(client, rule, months)).collect()
}

impl Column {
    /// `Mar` and what follows it.
    pub(super) fn halves(&self) -> (&str, &str) {
        self.name.split_at(self.name.len().min(3))
    }
}

fn chart(client: &ClientId, rule: &str, months: &[MonthAttained]) -> Chart {
    let of = |month: &MonthAttained| {
        month.promises.iter().find(|(id, _)| id == rule).map(|(_, total)| *total).unwrap_or_default()
    };
    let top = months.iter().map(|month| of(month).due).max().unwrap_or(0);
    let column = |month: &MonthAttained| {
        let (total, name) = (of(month), month_name(month.month));
        Column {
            link: at(client, month.month),
            svg: upright(&total.count, top, &name),
            figures: Figures::total(&total),
            runs: !month.closed,
            name,
        }
    };
    Chart { name: title(rule), columns: months.iter().rev().map(column).collect() }
}

/// How many stood how, from the left, on a scale that ends at `top`.
pub(super) fn bar(count: &Tally, top: u32, name: &str) -> String {
    let mut svg = format!(
        "<svg class=\"tally\" viewBox=\"0 0 {} 8\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"base\" width=\"{0}\" height=\"8\"/>",
        top.max(1),
        escape(&words(count, name))
    );
    let mut x = 0;
    for (class, many) in parts(count) {
        let _ = write!(svg, "<rect class=\"{class}\" x=\"{x}\" width=\"{many}\" height=\"8\"/>");
        x += many;
    }
    svg + "</svg>"
}

/// The same from the ground up.
fn upright(count: &Tally, top: u32, name: &str) -> String {
    let mut svg = format!(
        "<svg class=\"tally\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        escape(&words(count, name))
    );
    let mut below = 0;
    for (class, many) in parts(count) {
        let (from, to) = (scaled(below, top), scaled(below + many, top));
        let (y, height) = (HEIGHT - to, (to - from).max(u32::from(many > 0)));
        let _ = write!(svg, "<rect class=\"{class}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\"/>");
        below += many;
    }
    svg + "</svg>"
}

fn scaled(many: u32, top: u32) -> u32 {
    u32::try_from(u64::from(many) * u64::from(HEIGHT) / u64::from(top.max(1))).unwrap_or(HEIGHT)
}

fn parts(count: &Tally) -> impl Iterator<Item = (&'static str, u32)> {
    let all =
        [("met", count.met), ("excused", count.excused), ("open", count.open), ("missed", count.missed)];
    all.into_iter().filter(|(_, many)| *many > 0)
}

fn words(count: &Tally, name: &str) -> String {
    let told: Vec<String> = parts(count).map(|(word, many)| format!("{many} {word}")).collect();
    format!("{name}: {}", if told.is_empty() { "nothing fell due".to_owned() } else { told.join(", ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_of_a_page_share_one_scale_and_say_in_words_what_they_draw() {
        let count = Tally { met: 3, missed: 1, ..Tally::default() };
        let svg = bar(&count, 8, "<P1>");
        assert!(
            svg.contains("viewBox=\"0 0 8 8\"")
                && svg.contains("aria-label=\"&#60;P1&#62;: 3 met, 1 missed\""),
            "{svg}"
        );
        assert!(svg.contains("<rect class=\"missed\" x=\"3\" width=\"1\" height=\"8\"/>"), "{svg}");
        assert!(bar(&Tally::default(), 0, "P2").contains("P2: nothing fell due"));
    }

    #[test]
    fn a_single_miss_among_many_is_seen() {
        let count = Tally { met: 999, missed: 1, ..Tally::default() };
        let svg = upright(&count, 1_000, "March");
        assert!(svg.contains("<rect class=\"missed\" y=\"0\" width=\"10\" height=\"1\"/>"), "{svg}");
    }
}
