//! A month of one instance as a strip: the same time axis for all instances of a page.

use std::fmt::Write;

use promise::InstanceLine;
use spans::{Length, Span, Spans};

/// The strip's width in its own units: pixels at full width.
const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 24;

/// The strip of a month as inline SVG, with its text for those who do not see it. Widths are at least a visible sliver.
pub(crate) fn strip(line: &InstanceLine, period: Span) -> String {
    let month = &line.month;
    let down: Spans = month.runs.iter().map(|run| run.span).collect();
    let excluded: Spans =
        month.exclusions.iter().filter(|e| e.standing.excludes()).flat_map(|e| e.spans.iter()).collect();
    let mut svg = String::new();
    let label = format!(
        "{}: {} up, {} down, {} excluded, {} unknown",
        line.name, month.up, month.down, month.excluded, month.unknown
    );
    let _ = write!(
        svg,
        "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
         <defs><pattern id=\"hatch\" width=\"4\" height=\"4\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <line x1=\"0\" y1=\"0\" x2=\"0\" y2=\"4\" stroke=\"var(--unknown)\" stroke-width=\"1.5\"/></pattern></defs>\
         <rect class=\"base\" x=\"0\" y=\"0\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>",
        escape(&label)
    );
    days(&mut svg, period);
    for (class, spans) in [("unknown", &month.unknown_spans), ("down", &down), ("excluded", &excluded)] {
        for span in spans {
            rect(&mut svg, class, span, period);
        }
    }
    svg.push_str("</svg>");
    svg
}

fn days(svg: &mut String, period: Span) {
    let mut day = period.start + Length::DAY;
    while day < period.end {
        let x = position(day - period.start, period.length());
        let _ =
            write!(svg, "<line class=\"day\" x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{HEIGHT}\"/>", HEIGHT - 5);
        day += Length::DAY;
    }
}

fn rect(svg: &mut String, class: &str, span: Span, period: Span) {
    let Some(span) = span.intersect(period) else { return };
    let x = position(span.start - period.start, period.length());
    let width = (position(span.end - period.start, period.length()) - x).max(2);
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{x}\" y=\"0\" width=\"{width}\" height=\"{HEIGHT}\"><title>{} to {}</title></rect>",
        span.start, span.end
    );
}

/// Where an offset lies on the strip, rounded down.
fn position(offset: Length, whole: Length) -> i64 {
    let scaled = i128::from(offset.as_micros()) * i128::from(WIDTH) / i128::from(whole.as_micros().max(1));
    i64::try_from(scaled).unwrap_or(WIDTH)
}

/// Text as it may stand in an attribute.
pub(crate) fn escape(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html)
        .map_or_else(|_| String::new(), |safe| safe.to_string())
}
