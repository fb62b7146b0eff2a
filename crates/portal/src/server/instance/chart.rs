//! How fast an instance answered in a day: the band between fastest and slowest, the mean, and a table by the hour behind it.

use std::fmt::Write;

use control::live::{Minute, Pace};
use spans::{Instant, Length, Span};

use crate::{
    part::escape,
    server::moment::{clock, stamp, zone},
};

const WIDTH: i64 = 1_440;
const HEIGHT: u64 = 200;
/// Minutes gathered into one point: 288 of them a day are as many as a screen can show.
const GATHERED: Length = Length::from_minutes(5);

/// The drawing, the labels of its axis from the top down, and its table.
pub(super) struct Chart {
    pub(super) svg: String,
    pub(super) labels: [String; 3],
    pub(super) summary: String,
    pub(super) hours: Vec<Hour>,
}

/// An hour in the table.
pub(super) struct Hour {
    pub(super) from: String,
    pub(super) gathered: Gathered,
}

/// Answers of a stretch of time.
#[derive(Clone, Copy, Default)]
pub(super) struct Gathered {
    pub(super) answers: u64,
    /// Those of them whose response time is on record.
    timed: u64,
    pub(super) failures: u64,
    pub(super) fastest: u64,
    pub(super) slowest: u64,
    total: u64,
}

impl Gathered {
    fn add(&mut self, minute: &Minute) {
        self.failures += u64::from(minute.failures);
        self.answers += u64::from(minute.answers);
        if minute.timed == 0 {
            return;
        }
        let fastest = u64::from(minute.fastest_ms);
        self.fastest = if self.timed == 0 { fastest } else { self.fastest.min(fastest) };
        self.slowest = self.slowest.max(u64::from(minute.slowest_ms));
        self.total += minute.total_ms;
        self.timed += u64::from(minute.timed);
    }

    /// In milliseconds, rounded down; none where no good answer has its response time on record.
    pub(super) fn mean(&self) -> Option<u64> {
        self.total.checked_div(self.timed)
    }

    /// `mean 182 ms, 120 to 310 ms`.
    fn words(&self) -> String {
        let answers = match self.mean() {
            Some(mean) => {
                let timed = format!("mean {mean} ms, {} to {} ms", self.fastest, self.slowest);
                let without = self.answers - self.timed;
                if without == 0 { timed } else { format!("{timed}, {without} good answers without a time") }
            }
            None if self.answers > 0 => format!("{} good answers, none with a time", self.answers),
            None => "no good answer".to_owned(),
        };
        let failures = self.failures;
        if failures == 0 { answers } else { format!("{answers}, {failures} failed") }
    }
}

impl Chart {
    /// The minutes of a window; nothing where none of them has a response time.
    pub(super) fn of(pace: &Pace, window: Span) -> Option<Chart> {
        let minutes: Vec<(Instant, &Minute)> =
            pace.minutes().filter(|(at, _)| window.contains(*at)).collect();
        let mut all = Gathered::default();
        minutes.iter().for_each(|(_, minute)| all.add(minute));
        all.mean()?;
        let top = round_up(all.slowest.max(1));
        let points = gathered(&minutes, window, GATHERED);
        let hours = gathered(&minutes, window, Length::HOUR);
        Some(Chart {
            svg: svg(&points, &hours, window, top, &all.words()),
            labels: [top, top / 2, 0].map(|ms| format!("{ms} ms")),
            summary: all.words(),
            hours: hours.into_iter().map(|(from, gathered)| Hour { from: stamp(from), gathered }).collect(),
        })
    }
}

/// The window in steps, with what was seen in each; steps in which nobody looked are left out.
fn gathered(minutes: &[(Instant, &Minute)], window: Span, step: Length) -> Vec<(Instant, Gathered)> {
    let mut steps: Vec<(Instant, Gathered)> = Vec::new();
    for (at, minute) in minutes {
        let offset = (*at - window.start).as_micros();
        let start = window.start + Length::from_micros(offset - offset.rem_euclid(step.as_micros()));
        match steps.last_mut() {
            Some((last, gathered)) if *last == start => gathered.add(minute),
            _ => {
                let mut gathered = Gathered::default();
                gathered.add(minute);
                steps.push((start, gathered));
            }
        }
    }
    steps
}

fn svg(
    points: &[(Instant, Gathered)],
    hours: &[(Instant, Gathered)],
    window: Span,
    top: u64,
    words: &str,
) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Response time: {}\">",
        escape(words)
    );
    for height in [0, HEIGHT / 2, HEIGHT] {
        let _ = write!(svg, "<path class=\"rule\" d=\"M0 {height}H{WIDTH}\"/>");
    }
    for run in runs(points) {
        draw(&mut svg, &run, window, top);
    }
    for (from, hour) in hours {
        let (x, end) = (x(*from, window), x(*from + Length::HOUR, window));
        let words =
            format!("{} to {} {}: {}", clock(*from), clock(*from + Length::HOUR), zone(*from), hour.words());
        let _ = write!(
            svg,
            "<rect class=\"hour\" x=\"{x}\" width=\"{}\" height=\"{HEIGHT}\"><title>{words}</title></rect>",
            end - x
        );
    }
    svg + "</svg>"
}

/// Points that follow each other without a gap, those without a response time left out.
fn runs(points: &[(Instant, Gathered)]) -> Vec<Vec<(Instant, Gathered)>> {
    let mut runs: Vec<Vec<(Instant, Gathered)>> = Vec::new();
    for point in points.iter().filter(|(_, gathered)| gathered.timed > 0) {
        match runs.last_mut() {
            Some(run) if run.last().is_some_and(|(at, _)| *at + GATHERED == point.0) => run.push(*point),
            _ => runs.push(vec![*point]),
        }
    }
    runs
}

/// A step is as wide as it lasts: each value holds from its start to its end.
fn draw(svg: &mut String, run: &[(Instant, Gathered)], window: Span, top: u64) {
    let level = |value: u64| HEIGHT - value.min(top) * HEIGHT / top;
    let middle = |at: Instant| x(at + Length::from_micros(GATHERED.as_micros() / 2), window);
    let line = |value: &dyn Fn(&Gathered) -> u64| -> Vec<String> {
        let mut points: Vec<String> =
            run.iter().map(|(at, g)| format!("{} {}", middle(*at), level(value(g)))).collect();
        if let [(at, only)] = run {
            // One point alone is no line: it gets the width of its minutes.
            points =
                [*at, *at + GATHERED].map(|at| format!("{} {}", x(at, window), level(value(only)))).into();
        }
        points
    };
    let mut below = line(&|g| g.fastest);
    below.reverse();
    let band = [line(&|g| g.slowest), below].concat().join("L");
    let mean = line(&|g| g.mean().unwrap_or(0)).join("L");
    let _ = write!(svg, "<path class=\"band\" d=\"M{band}z\"/><path class=\"mean\" d=\"M{mean}\"/>");
}

pub(super) fn x(at: Instant, window: Span) -> i64 {
    let offset = i128::from((at - window.start).as_micros()) * i128::from(WIDTH);
    i64::try_from(offset / i128::from(window.length().as_micros().max(1))).unwrap_or(WIDTH).clamp(0, WIDTH)
}

/// The next round number: 1, 2, 3, 4, 6 or 8 with zeros.
pub(super) fn round_up(value: u64) -> u64 {
    let mut unit = 10;
    loop {
        for first in [1, 2, 3, 4, 6, 8] {
            if value <= first * unit {
                return first * unit;
            }
        }
        unit = u64::saturating_mul(unit, 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minutes: i64) -> Instant {
        Instant::from_second(1_800_000_000) + Length::from_minutes(minutes)
    }

    fn point(minutes: i64, fastest: u64, mean: u64, slowest: u64) -> (Instant, Gathered) {
        (at(minutes), Gathered { answers: 1, timed: 1, failures: 0, fastest, slowest, total: mean })
    }

    #[test]
    fn a_gap_stays_a_gap_and_a_point_alone_has_its_width() {
        let window = Span { start: at(0), end: at(1_440) };
        let points = [point(0, 100, 150, 200), point(5, 50, 100, 200), point(60, 10, 10, 10)];
        let svg = svg(&points, &[], window, 200, "<words>");
        assert_eq!(svg.matches("class=\"mean\"").count(), 2);
        assert!(svg.contains("d=\"M2 50L7 100\"") && svg.contains("d=\"M60 190L65 190\""), "{svg}");
        assert!(svg.contains("d=\"M2 0L7 0L7 150L2 100z\""), "{svg}");
        assert!(svg.contains("&#60;words&#62;") && !svg.contains("style="));
    }

    #[test]
    fn answers_without_a_response_time_are_a_gap_and_no_part_of_the_mean() {
        let minute = |answers, timed, ms| Minute {
            answers,
            timed,
            fastest_ms: ms,
            slowest_ms: ms,
            total_ms: u64::from(timed) * u64::from(ms),
            failures: 0,
        };
        let (slow, unknown) = (minute(3, 1, 90), minute(5, 0, 0));
        let minutes = [(at(0), &slow), (at(5), &unknown), (at(10), &slow)];
        let window = Span { start: at(0), end: at(1_440) };
        let points = gathered(&minutes, window, GATHERED);
        assert_eq!(runs(&points).len(), 2, "the one between them is no zero");
        let all = gathered(&minutes, window, Length::HOUR)[0].1;
        assert_eq!(all.words(), "mean 90 ms, 90 to 90 ms, 9 good answers without a time");
        assert_eq!(points[1].1.words(), "5 good answers, none with a time");
    }

    #[test]
    fn the_axis_ends_on_a_round_number() {
        assert_eq!([1, 10, 11, 236, 401, 650, 9_000].map(round_up), [10, 10, 20, 300, 600, 800, 10_000]);
    }
}
