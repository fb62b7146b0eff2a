//! The statement as one page: what was promised on the left, what is so on the right.

use askama::Template;
use facts::Money;
use promise::{InstanceLine, Statement, Verdict, Why};
use spans::Span;

use crate::{strip::strip, why::why_item};

pub(crate) const CSS: &str =
    concat!(include_str!("../assets/tokens.css"), include_str!("../assets/statement.css"));

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage<'s> {
    s: &'s Statement,
    css: &'static str,
    title: String,
    lead: String,
    objective: Option<String>,
    availability_clauses: String,
    credit_clauses: String,
}

/// A stretch of an instance's month, for the table behind the strip.
struct Row {
    from: String,
    to: String,
    length: String,
    what: String,
}

/// The page: one file of HTML with its style inside, complete without script.
pub fn statement_page(statement: &Statement) -> String {
    let first = statement.instances.first();
    let page = StatementPage {
        s: statement,
        css: CSS,
        title: title(statement),
        lead: lead(statement),
        objective: first.map(|line| line.month.objective.to_string()),
        availability_clauses: first.map_or(String::new(), |line| line.month.why.clauses.join(", ")),
        credit_clauses: statement
            .credit
            .as_ref()
            .map_or(String::new(), |credit| credit.why.clauses.join(", ")),
    };
    page.render().unwrap_or_else(|e| {
        format!("<!doctype html><title>Statement</title><p>The statement cannot be shown: {e}</p>")
    })
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

pub(crate) fn title(statement: &Statement) -> String {
    let month =
        usize::try_from(statement.month.month() - 1).ok().and_then(|index| MONTHS.get(index)).unwrap_or(&"");
    format!("{month} {}", statement.month.year())
}

/// The month in a sentence or two.
pub(crate) fn lead(statement: &Statement) -> String {
    let missed = statement.instances.iter().filter(|line| line.month.verdict == Verdict::Missed).count();
    let all = statement.instances.len();
    let kept = match (all, missed) {
        (0, _) => String::new(),
        (1, 0) => "The instance kept its objective.".to_owned(),
        (1, _) => "The instance missed its objective.".to_owned(),
        (_, 0) => format!("All {all} instances kept their objective."),
        (_, _) => format!("{missed} of {all} instances missed their objective."),
    };
    let late: u32 = statement.duties.iter().map(|duty| duty.count.missed).sum();
    let promises = match late {
        0 => String::new(),
        1 => " One promise was not kept in time.".to_owned(),
        _ => format!(" {late} promises were not kept in time."),
    };
    let credit = statement.credit.as_ref().and_then(|credit| credit.credit).filter(|credit| credit.minor > 0);
    let credit = credit.map_or(String::new(), |credit| format!(" A credit of {credit} can be claimed."));
    format!("{kept}{promises}{credit}").trim().to_owned()
}

impl StatementPage<'_> {
    fn why(&self, why: &Why) -> String {
        why_item(why, &self.s.readings)
    }

    fn strip(&self, line: &InstanceLine) -> String {
        let last = self.s.period.end - spans::Length::from_micros(1);
        let axis = |at: spans::Instant| at.to_string().chars().take(10).collect::<String>();
        format!(
            "{}<div class=\"axis\"><span>{}</span><span>{}</span></div>",
            strip(line, self.s.period),
            axis(self.s.period.start),
            axis(last)
        )
    }

    fn verdict(&self, line: &InstanceLine) -> &'static str {
        match line.month.verdict {
            Verdict::Met => "met",
            Verdict::Missed | Verdict::NotOver { lost: true } => "missed",
            Verdict::Provisional { .. } | Verdict::NotOver { lost: false } => "open",
            Verdict::NothingCovered => "none",
        }
    }

    fn money(&self, amount: &Option<Money>) -> String {
        amount.map_or_else(|| "–".to_owned(), |amount| amount.to_string())
    }

    fn spans_summary(&self, line: &InstanceLine) -> String {
        let month = &line.month;
        let short = month.runs.iter().filter(|run| run.is_seen_only()).count();
        format!(
            "{} runs of downtime ({short} seen, not counted), {} exclusions, {} spans unknown",
            month.runs.len(),
            month.exclusions.len(),
            month.unknown_spans.len()
        )
    }

    /// Runs, exclusions and unknown spans in order of time.
    fn rows(&self, line: &InstanceLine) -> Vec<Row> {
        let month = &line.month;
        let runs = month.runs.iter().map(|run| {
            let what = if run.is_seen_only() {
                "down, seen, not counted".to_owned()
            } else {
                format!("down, {} min counted", run.counted)
            };
            (run.span, what)
        });
        let excluded = month.exclusions.iter().flat_map(|exclusion| {
            let what = format!("{} ({}): {}", exclusion.record, exclusion.cause, exclusion.standing.text());
            exclusion.spans.iter().map(move |span| (span, what.clone()))
        });
        let unknown = month.unknown_spans.iter().map(|span| (span, "unknown: nobody looked".to_owned()));
        let mut rows: Vec<(Span, String)> = runs.chain(excluded).chain(unknown).collect();
        rows.sort_by_key(|(span, _)| (span.start, span.end));
        rows.into_iter()
            .map(|(span, what)| Row {
                from: span.start.to_string(),
                to: span.end.to_string(),
                length: span.length().to_string(),
                what,
            })
            .collect()
    }
}
