//! Parts that pages are made of: states, strips of minutes, charts. Each is text of HTML that is safe to write as it is, has no
//! inline style, and says in words what it draws.

use std::fmt::Write;

use spans::{Instant, Length, Span, Spans};

/// How something stands, as a word, a shape and a colour that are the same on every page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Kept, met, up.
    Kept,
    /// Running, and can still be kept.
    Risk,
    /// Missed, down.
    Missed,
    /// Nobody looked.
    Unknown,
    /// Planned or emergency maintenance.
    Maintenance,
    /// Does not count.
    Excluded,
    /// Waits for the client: never in the provider's colours.
    Client,
}

impl State {
    fn class(self) -> &'static str {
        match self {
            State::Kept => "kept",
            State::Risk => "risk",
            State::Missed => "missed",
            State::Unknown => "unknown",
            State::Maintenance => "maintenance",
            State::Excluded => "excluded",
            State::Client => "client",
        }
    }
}

/// A state with its word: `badge(State::Missed, "missed by 2 h")`.
pub fn badge(state: State, word: &str) -> String {
    format!("<span class=\"badge {}\">{}</span>", state.class(), escape(word))
}

/// Text as HTML.
pub fn escape(text: &str) -> String {
    askama::filters::escape(text, askama::filters::Html)
        .map_or_else(|_| String::new(), |safe| safe.to_string())
}

/// Clause ids one after the other, each unbroken: an id is one word, though it has hyphens.
pub fn clauses(ids: &[String]) -> String {
    let one = |id: &String| format!("<span class=\"nowrap\">{}</span>", escape(id));
    ids.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// What a stretch of time was, from the bottom layer up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Somebody had an answer.
    Up,
    /// Unknown: nobody looked.
    Unknown,
    /// Nobody had an answer.
    Down,
    /// On record as maintenance.
    Maintenance,
    /// Does not count, for another cause.
    Excluded,
}

impl Mark {
    /// The word in the table.
    pub fn word(self) -> &'static str {
        match self {
            Mark::Up => "up",
            Mark::Unknown => "unknown",
            Mark::Down => "down",
            Mark::Maintenance => "maintenance",
            Mark::Excluded => "excluded",
        }
    }

    fn state(self) -> State {
        match self {
            Mark::Up => State::Kept,
            Mark::Unknown => State::Unknown,
            Mark::Down => State::Missed,
            Mark::Maintenance => State::Maintenance,
            Mark::Excluded => State::Excluded,
        }
    }
}

/// Time drawn as a strip or, for a month, as a row for each day. What no layer covers was not covered.
#[derive(Debug, Clone)]
pub struct Minutes {
    period: Span,
    layers: Vec<(Mark, Spans)>,
}

/// A strip's width in its own units; days have one for each minute.
const WIDTH: i64 = 1_440;
const HEIGHT: i64 = 28;
/// Days in a grid.
pub const GRID_DAYS_MAX: i64 = 31;
/// Stretches that the table behind a strip lists; it counts the others.
pub const ROWS_MAX: usize = 500;

impl Minutes {
    /// Nothing yet, over this period.
    pub fn over(period: Span) -> Minutes {
        Minutes { period, layers: Vec::new() }
    }

    /// A layer above those before it.
    #[must_use]
    pub fn layer(mut self, mark: Mark, spans: &Spans) -> Minutes {
        self.layers.push((mark, spans.clone()));
        self
    }

    /// The strip: the whole period from left to right. `name`: whose time it is.
    pub fn strip(&self, name: &str) -> String {
        let mut svg = format!(
            "<svg class=\"strip\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
             <rect class=\"base\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>",
            escape(&self.label(name))
        );
        self.draw(&mut svg);
        svg.push_str("</svg>");
        svg
    }

    /// One row for each UTC day of the period, a unit of width for each minute, on one axis from 00:00 to 24:00.
    pub fn grid(&self, name: &str) -> String {
        let mut html = format!("<ol class=\"days\" aria-label=\"{}\">", escape(&self.label(name)));
        for day in days(self.period) {
            let text = day.start.to_string();
            let date = text.get(..10).unwrap_or_default();
            let number = date.get(8..).unwrap_or_default().trim_start_matches('0');
            let row = Minutes { period: day, layers: self.layers.clone() };
            let _ = write!(html, "<li><span aria-hidden=\"true\">{number}</span>{}</li>", row.strip(date));
        }
        html + "</ol>"
    }

    /// Every stretch that is not up, in order of time, and how many there were beyond [`ROWS_MAX`].
    pub fn rows(&self) -> (Vec<(Mark, Span)>, usize) {
        let layers = self.layers.iter().filter(|(mark, _)| *mark != Mark::Up);
        let mut rows: Vec<(Mark, Span)> =
            layers.flat_map(|(mark, spans)| spans.iter().map(|span| (*mark, span))).collect();
        rows.retain(|(_, span)| span.intersect(self.period).is_some());
        rows.sort_by_key(|(_, span)| (span.start, span.end));
        let beyond = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        (rows, beyond)
    }

    /// The table behind the strip, folded away: for those who do not see it, and for copying.
    pub fn table(&self, caption: &str) -> String {
        let (rows, beyond) = self.rows();
        if rows.is_empty() {
            return String::new();
        }
        let mut html = format!(
            "<details class=\"more\"><summary>{}</summary><table><caption>{}</caption><thead><tr><th scope=\"col\">From (UTC)</th>\
             <th scope=\"col\">To</th><th scope=\"col\">Length</th><th scope=\"col\" class=\"text\">What</th></tr></thead><tbody>",
            many(rows.len() + beyond, "stretch", "stretches"),
            escape(caption)
        );
        for (mark, span) in rows {
            let _ = write!(
                html,
                "<tr><td class=\"when\">{}</td><td class=\"when\">{}</td><td>{}</td><td class=\"text\">{}</td></tr>",
                crate::when::second(span.start),
                crate::when::second(span.end),
                span.length(),
                badge(mark.state(), mark.word())
            );
        }
        if beyond > 0 {
            let _ = write!(html, "<tr><td colspan=\"4\">and {beyond} more</td></tr>");
        }
        html + "</tbody></table></details>"
    }

    fn label(&self, name: &str) -> String {
        let total = |spans: &Spans| {
            spans
                .iter()
                .filter_map(|span| span.intersect(self.period))
                .fold(Length::ZERO, |sum, span| sum + span.length())
        };
        let parts: Vec<String> = self
            .layers
            .iter()
            .map(|(mark, spans)| (mark, total(spans)))
            .filter(|(_, length)| !length.is_zero())
            .map(|(mark, length)| format!("{} {length}", mark.word()))
            .collect();
        format!("{name}: {}", if parts.is_empty() { "nothing covered".to_owned() } else { parts.join(", ") })
    }

    fn draw(&self, svg: &mut String) {
        for (mark, spans) in &self.layers {
            for span in spans.iter() {
                let Some(inside) = span.intersect(self.period) else { continue };
                let x = place(inside.start - self.period.start, self.period.length());
                let width = (place(inside.end - self.period.start, self.period.length()) - x).max(1);
                let word = mark.word();
                let _ =
                    write!(svg, "<rect class=\"{word}\" x=\"{x}\" width=\"{width}\" height=\"{HEIGHT}\">");
                if *mark != Mark::Up {
                    let (from, to) = (crate::when::second(span.start), crate::when::second(span.end));
                    let _ = write!(svg, "<title>{word} from {from} to {to}</title>");
                }
                svg.push_str("</rect>");
            }
        }
    }
}

fn days(period: Span) -> impl Iterator<Item = Span> {
    let first = period.start.as_micros().div_euclid(Length::DAY.as_micros());
    (0..GRID_DAYS_MAX).map_while(move |n| {
        let start = Instant::from_micros((first + n) * Length::DAY.as_micros());
        (start < period.end).then(|| Span::new(start, start + Length::DAY)).flatten()
    })
}

fn many(count: usize, one: &str, more: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { more })
}

/// Where an offset lies, rounded down.
fn place(offset: Length, whole: Length) -> i64 {
    let scaled = i128::from(offset.as_micros()) * i128::from(WIDTH) / i128::from(whole.as_micros().max(1));
    i64::try_from(scaled).unwrap_or(WIDTH)
}

/// A line of values over time, such as response times in milliseconds, with the limit they are held to. Gaps stay gaps.
#[derive(Debug, Clone)]
pub struct Spark {
    period: Span,
    values: Vec<(Instant, Option<u64>)>,
    limit: Option<u64>,
}

const SPARK_HEIGHT: u64 = 64;
/// Values in one chart; more are to be gathered first.
pub const SPARK_VALUES_MAX: usize = 2_000;

impl Spark {
    /// Values in order of time; none where there was no answer.
    pub fn over(period: Span, values: &[(Instant, Option<u64>)], limit: Option<u64>) -> Spark {
        Spark { period, values: values.iter().take(SPARK_VALUES_MAX).copied().collect(), limit }
    }

    /// The chart. `name` and `unit` say what it is, for those who do not see it.
    pub fn svg(&self, name: &str, unit: &str) -> String {
        let known: Vec<u64> = self.values.iter().filter_map(|(_, value)| *value).collect();
        let label = match (known.iter().min(), known.iter().max(), known.last()) {
            (Some(min), Some(max), Some(last)) => {
                format!("{name}: {min} to {max} {unit}, last {last} {unit}")
            }
            _ => format!("{name}: no values"),
        };
        let top = known.iter().copied().chain(self.limit).max().unwrap_or(1).max(1);
        let mut svg = format!(
            "<svg class=\"spark\" viewBox=\"0 0 {WIDTH} {SPARK_HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
            escape(&label)
        );
        for run in self.values.split(|(_, value)| value.is_none()).filter(|run| !run.is_empty()) {
            let points: Vec<(i64, u64)> =
                run.iter().filter_map(|(at, value)| Some((self.x(*at), y((*value)?, top)))).collect();
            let line = points.iter().map(|(x, y)| format!("{x} {y}")).collect::<Vec<_>>().join("L");
            if let (Some((first, _)), Some((last, _))) = (points.first(), points.last()) {
                let _ = write!(
                    svg,
                    "<path class=\"area\" d=\"M{first} {SPARK_HEIGHT}L{line}L{last} {SPARK_HEIGHT}z\"/>"
                );
                let _ = write!(svg, "<path d=\"M{line}\"/>");
            }
        }
        if let Some(limit) = self.limit {
            let y = y(limit, top);
            let _ = write!(svg, "<line class=\"limit\" x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>");
        }
        svg + "</svg>"
    }

    fn x(&self, at: Instant) -> i64 {
        place(at - self.period.start, self.period.length()).clamp(0, WIDTH)
    }
}

/// Higher is more; two units stay free above.
fn y(value: u64, top: u64) -> u64 {
    SPARK_HEIGHT - value.min(top) * (SPARK_HEIGHT - 2) / top
}

/// How much of an allowance is used: kept below three quarters, at risk below the whole, missed from there on.
pub fn meter(used: u64, whole: u64, words: &str) -> String {
    let width = used.min(whole) * 100 / whole.max(1);
    let class = match used {
        used if used >= whole => "missed",
        used if used * 4 >= whole * 3 => "risk",
        _ => "",
    };
    format!(
        "<svg class=\"meter {class}\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">\
         <rect class=\"base\" width=\"100\" height=\"6\"/><rect class=\"used\" width=\"{width}\" height=\"6\"/></svg>",
        escape(words)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: &str, end: &str) -> Span {
        Span::new(start.parse().unwrap(), end.parse().unwrap()).unwrap()
    }

    fn day() -> Minutes {
        let outage = span("2026-03-09T12:00:00Z", "2026-03-09T12:10:00Z");
        let period = span("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z");
        Minutes::over(period).layer(Mark::Up, &vec![period].into()).layer(Mark::Down, &vec![outage].into())
    }

    #[test]
    fn an_id_of_a_clause_is_never_broken() {
        let ids = ["SH-AVAIL-03", "<b>"].map(str::to_owned);
        let html = "<span class=\"nowrap\">SH-AVAIL-03</span>, <span class=\"nowrap\">&#60;b&#62;</span>";
        assert_eq!(clauses(&ids), html);
    }

    #[test]
    fn a_strip_draws_each_minute_where_it_was_and_says_the_same_in_words() {
        let svg = day().strip("<wiki>");
        assert!(svg.contains("aria-label=\"&#60;wiki&#62;: up 24h, down 10m\""), "{svg}");
        assert!(svg.contains("<rect class=\"down\" x=\"720\" width=\"10\" height=\"28\">"), "{svg}");
        assert!(svg.contains("<title>down from 2026-03-09 12:00:00 to 2026-03-09 12:10:00</title>"), "{svg}");
        assert!(!svg.contains("style="));
    }

    #[test]
    fn a_month_is_a_row_for_each_day() {
        let month = span("2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z");
        let over_midnight = span("2026-02-01T23:30:00Z", "2026-02-02T00:30:00Z");
        let svg = Minutes::over(month).layer(Mark::Down, &vec![over_midnight].into()).grid("wiki");
        assert_eq!(svg.matches("class=\"base\"").count(), 28);
        assert!(svg.contains("x=\"1410\" width=\"30\"") && svg.contains("x=\"0\" width=\"30\""), "{svg}");
        assert!(svg.contains("aria-label=\"2026-02-02: down 30m\""), "{svg}");
    }

    #[test]
    fn the_table_lists_what_is_not_up() {
        let table = day().table("wiki");
        assert!(table.contains("<summary>1 stretch</summary>"), "{table}");
        assert!(table.contains("<span class=\"badge missed\">down</span>"));
        assert_eq!(Minutes::over(day().period).table("x"), "");
    }

    #[test]
    fn a_chart_keeps_its_gaps_and_a_meter_its_bounds() {
        let period = span("2026-03-09T00:00:00Z", "2026-03-10T00:00:00Z");
        let at = |hour: i64| period.start + Length::from_hours(hour);
        let values = [(at(0), Some(100)), (at(6), Some(50)), (at(12), None), (at(18), Some(400))];
        let svg = Spark::over(period, &values, Some(200)).svg("wiki", "ms");
        assert_eq!(svg.matches("class=\"area\"").count(), 2, "{svg}");
        assert!(svg.contains("wiki: 50 to 400 ms, last 400 ms") && svg.contains("M0 49L360 57"), "{svg}");
        assert!(
            meter(9, 10, "x").contains("meter risk")
                && meter(30, 10, "x").contains("width=\"100\" height=\"6\"/></svg>")
        );
        assert!(meter(0, 0, "x").contains("missed"));
    }
}
