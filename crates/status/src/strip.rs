//! Ninety days as one small drawing: a bar for each day, drawn as few strokes as there are changes.
//!
//! A bar's height tells what its colour tells: full for up and down, three quarters for what is excluded, half for what nobody saw.

use std::fmt::Write;

use askama::filters::{Html, escape};
use spans::Length;

use crate::{Component, Day, State, words};

/// How much is said of single days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Each day that was not simply up, in words.
    Days,
    /// Bars only; the history says the rest.
    Bars,
}

/// The strip as inline SVG, with its sentence for those who do not see it.
pub(crate) fn strip(component: &Component, detail: Detail) -> String {
    let days = &component.days;
    let label = safe(&format!("{}: {}", component.name, sentence(days)));
    let mut svg = format!(
        "<svg class=\"strip\" viewBox=\"0 0 {} 1\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{label}\">",
        days.len().max(1)
    );
    for state in [State::Up, State::Maintenance, State::Unknown, State::Down] {
        bars(&mut svg, days, state, detail);
    }
    svg.push_str("</svg>");
    svg
}

/// What ninety days came to, in a sentence.
pub(crate) fn sentence(days: &[Day]) -> String {
    let sum = |of: fn(&Day) -> Length| days.iter().map(of).fold(Length::ZERO, |all, one| all + one);
    let counted: i64 = days.iter().map(|day| day.counted).sum();
    let with_down = days.iter().filter(|day| day.down > Length::ZERO).count();
    let covered = days.iter().filter(|day| day.covered > Length::ZERO).count();
    let down = words::length(sum(|day| day.down));
    let mut parts = vec![match (with_down, covered) {
        (0, _) => "no downtime".to_owned(),
        (_, 1) => format!("{down} down, {counted} min count"),
        _ => format!("{down} down on {with_down} of them, {counted} min count"),
    }];
    if sum(|day| day.excluded) > Length::ZERO {
        parts.push(format!("{} down and excluded", words::length(sum(|day| day.excluded))));
    }
    parts.push(format!("{} not seen", words::length(sum(|day| day.unknown))));
    let days = if covered == 1 { "day" } else { "days" };
    format!("in {covered} {days} {}", parts.join(", "))
}

/// One path for each run of days of a state; where days are told, one for each of them.
fn bars(svg: &mut String, days: &[Day], state: State, detail: Detail) {
    let mut drawn = String::new();
    let mut place = 0;
    while place < days.len() {
        if days[place].worst() != Some(state) {
            place += 1;
            continue;
        }
        let run = days[place..].iter().take_while(|day| day.worst() == Some(state)).count();
        if detail == Detail::Days && state != State::Up {
            let class = state.class();
            let title = safe(&words::day(&days[place]));
            let _ = write!(svg, "<path class=\"{class}\" d=\"M{place} .5h1\"><title>{title}</title></path>");
            place += 1;
        } else {
            let _ = write!(drawn, "M{place} .5h{run}");
            place += run;
        }
    }
    if !drawn.is_empty() {
        let _ = write!(svg, "<path class=\"{}\" d=\"{drawn}\"/>", state.class());
    }
}

fn safe(text: &str) -> String {
    escape(text, Html).map_or_else(|_| String::new(), |safe| safe.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i8, down: i64, unknown: i64) -> Day {
        Day {
            date: jiff::civil::date(2026, 11, number),
            covered: Length::DAY,
            down: Length::from_minutes(down),
            counted: down,
            excluded: Length::ZERO,
            unknown: Length::from_minutes(unknown),
        }
    }

    fn component(days: Vec<Day>) -> Component {
        Component {
            id: "0123456789ab".to_owned(),
            name: "Wiki & more".to_owned(),
            about: None,
            state: State::Up,
            since: None,
            days,
            months: Vec::new(),
        }
    }

    #[test]
    fn one_day_is_no_days() {
        assert_eq!(sentence(&[day(1, 6, 10)]), "in 1 day 6 min down, 6 min count, 10 min not seen");
    }

    #[test]
    fn days_alike_are_one_stroke_and_others_say_what_they_were() {
        let drawn =
            strip(&component(vec![day(1, 0, 0), day(2, 0, 0), day(3, 12, 3), day(4, 0, 7)]), Detail::Days);
        assert!(drawn.contains("<path class=\"u\" d=\"M0 .5h2\"/>"), "{drawn}");
        assert!(
            drawn.contains("M2 .5h1\"><title>2026-11-03: 12 min down, 12 min count; 3 min not seen"),
            "{drawn}"
        );
        assert!(drawn.contains("class=\"n\" d=\"M3 .5h1\""), "{drawn}");
        assert!(
            drawn.contains(
                "Wiki &#38; more: in 4 days 12 min down on 1 of them, 12 min count, 10 min not seen"
            )
        );
        let plain = strip(&component(vec![day(1, 0, 0), day(2, 5, 0), day(3, 5, 0)]), Detail::Bars);
        assert!(plain.contains("d=\"M1 .5h2\"/>") && !plain.contains("<title>"), "{plain}");
    }
}
