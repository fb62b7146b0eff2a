//! Percentiles of response times, drawn: a line each, a gap where there was no good answer, and what is meant to be kept as a rule across.

use std::fmt::Write;

use facts::{Pace, Sketch};
use spans::{Instant, Length, Span};

use super::chart::{round_up, x};
use crate::{part::escape, server::moment::minute};

const WIDTH: i64 = 1_440;
const HEIGHT: u64 = 200;

/// What is drawn: half, nine tenths, and all but one in a hundred.
pub(super) const PERCENTILES: [u8; 3] = [50, 90, 99];

/// The drawing and the labels of its axis from the top down.
pub(super) struct Plot {
    pub(super) svg: String,
    pub(super) labels: [String; 3],
}

struct Point {
    at: Instant,
    answers: u64,
    /// Microseconds, as in [`PERCENTILES`].
    times: [u64; 3],
}

impl Plot {
    /// Nothing where there is no step with a time. Steps are by time, each begins inside the window.
    pub(super) fn of(
        steps: &[(Instant, Sketch)],
        window: Span,
        step: Length,
        objectives: &[Pace],
    ) -> Option<Plot> {
        let points: Vec<Point> = steps.iter().map(|(at, sketch)| point(*at, sketch)).collect();
        let highest = points.iter().map(|point| point.times[2]).max()?;
        let promised = objectives.iter().map(|objective| u64::from(objective.within_us)).max().unwrap_or(0);
        // In whole milliseconds, so that the axis has round labels.
        let top = round_up(highest.max(promised).div_ceil(1_000).max(1)) * 1_000;
        let svg = svg(&points, window, step, top, objectives);
        Some(Plot { svg, labels: [top, top / 2, 0].map(|micros| format!("{} ms", micros / 1_000)) })
    }
}

fn point(at: Instant, sketch: &Sketch) -> Point {
    let times = PERCENTILES.map(|percentile| sketch.percentile(percentile).unwrap_or(0));
    Point { at, answers: sketch.count(), times }
}

fn svg(points: &[Point], window: Span, step: Length, top: u64, objectives: &[Pace]) -> String {
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-label=\"Response time, three percentiles; the table below has each figure\">"
    );
    for height in [0, HEIGHT / 2, HEIGHT] {
        let _ = write!(svg, "<path class=\"rule\" d=\"M0 {height}H{WIDTH}\"/>");
    }
    for objective in objectives {
        let y = level(u64::from(objective.within_us), top);
        let _ = write!(svg, "<path class=\"limit\" d=\"M0 {y}H{WIDTH}\"/>");
    }
    for run in points.chunk_by(|a, b| a.at + step == b.at) {
        for (place, percentile) in PERCENTILES.iter().enumerate() {
            let _ =
                write!(svg, "<path class=\"p{percentile}\" d=\"M{}\"/>", line(run, place, window, step, top));
        }
    }
    points.iter().for_each(|point| told(&mut svg, point, window, step));
    svg + "</svg>"
}

/// Through the middle of each step; one alone is as wide as its step.
fn line(run: &[Point], place: usize, window: Span, step: Length, top: u64) -> String {
    let half = Length::from_micros(step.as_micros() / 2);
    let at = |at: Instant, point: &Point| format!("{} {}", x(at, window), level(point.times[place], top));
    match run {
        [only] => format!("{}L{}", at(only.at, only), at(only.at + step, only)),
        _ => run.iter().map(|point| at(point.at + half, point)).collect::<Vec<_>>().join("L"),
    }
}

/// What a pointer over a step is told.
fn told(svg: &mut String, point: &Point, window: Span, step: Length) {
    let (from, end) = (x(point.at, window), x(point.at + step, window));
    let [p50, p90, p99] = point.times.map(time);
    let words =
        format!("from {}: p50 {p50}, p90 {p90}, p99 {p99}, {} good answers", minute(point.at), point.answers);
    let _ = write!(
        svg,
        "<rect class=\"hour\" x=\"{from}\" width=\"{}\" height=\"{HEIGHT}\"><title>{}</title></rect>",
        end - from,
        escape(&words)
    );
}

fn level(micros: u64, top: u64) -> u64 {
    HEIGHT - micros.min(top) * HEIGHT / top
}

/// Microseconds as `182.4 ms`, rounded down.
pub(super) fn time(micros: u64) -> String {
    format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(micros: &[u64]) -> Sketch {
        let mut sketch = Sketch::default();
        micros.iter().for_each(|time| sketch.add(*time));
        sketch
    }

    #[test]
    fn three_lines_with_a_gap_and_the_objective_across() {
        let start: Instant = "2026-06-01T00:00:00Z".parse().unwrap();
        let window = Span { start, end: start + Length::from_hours(24) };
        let at = |hour: i64| start + Length::from_hours(hour);
        let steps =
            [(at(0), sketch(&[10_000])), (at(1), sketch(&[20_000])), (at(5), sketch(&[50_000, 90_000]))];
        let objective = Pace { percentile: 99, within_us: 100_000, over_s: 300 };
        let plot = Plot::of(&steps, window, Length::HOUR, &[objective]).unwrap();
        assert_eq!(plot.labels, ["100 ms", "50 ms", "0 ms"]);
        for class in ["p50", "p90", "p99"] {
            assert_eq!(
                plot.svg.matches(&format!("class=\"{class}\"")).count(),
                2,
                "a run of two, and one alone"
            );
        }
        assert!(plot.svg.contains("<path class=\"limit\" d=\"M0 0H1440\"/>"), "{}", plot.svg);
        assert_eq!(plot.svg.matches("<title>from ").count(), 3);
        assert!(!plot.svg.contains("style="));
        assert!(Plot::of(&[], window, Length::HOUR, &[]).is_none());
    }
}
