//! The ledger of a month: every UTC minute with the states of its seconds, the minutes that count with their own start and reason,
//! and what is excluded and unknown.

mod grid;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{
    Book,
    query::{Day, LedgerMonth},
};
use desk::policy::Action;
use facts::{ClientId, InstanceId};
use promise::{ExcludedTime, InstanceMonth, Run};
use spans::{Instant, Month, Span};

use super::{App, Problem, Route, Section, Shell, instance::Figures, moment::path, page};
use crate::{
    part::{State as Word, badge},
    when::{clock, exact, month as month_name},
    why::why_item,
};

/// Stretches in the table behind the grid, and rows of each list.
const ROWS_MAX: usize = 300;
/// Minutes of one run that are listed one by one; the others follow each other.
const MINUTES_MAX: usize = 120;

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/clients/{client}/instances/{instance}/ledger/{month}", Action::ReadInstances, ledger)]
}

#[derive(Template)]
#[template(path = "ledger.html")]
struct LedgerPage {
    shell: Shell,
    name: String,
    running: bool,
    figures: Option<Figures>,
    /// The share kept if all of the unknown had been down.
    at_worst: Option<String>,
    why: Option<String>,
    legend: Vec<String>,
    days: Vec<grid::Row>,
    /// Days of the month before the first that is covered at all.
    ahead: usize,
    stretches: Listed<Stretch>,
    counted: Listed<Counted>,
    excluded: Listed<Excluded>,
    unknown: Listed<Times>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
    /// Where claims are.
    exclusions: String,
}

/// So many of them, and how many more there are.
struct Listed<T> {
    rows: Vec<T>,
    beyond: usize,
}

impl<T> Listed<T> {
    fn of(all: impl Iterator<Item = T>) -> Listed<T> {
        let mut rows: Vec<T> = all.collect();
        let beyond = rows.len().saturating_sub(ROWS_MAX);
        rows.truncate(ROWS_MAX);
        Listed { rows, beyond }
    }
}

struct Times {
    from: String,
    to: String,
    length: String,
}

impl Times {
    fn of(span: Span) -> Times {
        Times { from: exact(span.start), to: exact(span.end), length: span.length().to_string() }
    }
}

/// Minutes that were not simply up, in the table behind the grid.
struct Stretch {
    day: String,
    /// The first of its day: where the day's row leads to.
    first: bool,
    from: String,
    to: String,
    minutes: usize,
    badge: String,
    words: String,
}

/// A run of downtime and its minutes.
struct Counted {
    times: Times,
    count: i64,
    minutes: Vec<String>,
    beyond: usize,
    reason: String,
}

struct Excluded {
    times: Times,
    record: String,
    cause: String,
    standing: String,
    excludes: bool,
}

async fn ledger(
    State(app): State<App>,
    shell: Shell,
    Path((client, instance, month)): Path<(ClientId, String, String)>,
) -> Result<Response, Problem> {
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let found = app.book(&client, move |book, now| ledger_page(book, &instance, month, shell, now)).await?;
    page(&found.ok_or(Problem::NotFound)?)
}

fn ledger_page(
    book: &Book,
    instance: &InstanceId,
    month: Month,
    shell: Shell,
    now: Instant,
) -> Option<LedgerPage> {
    let months = book.months(now);
    months.contains(&month).then_some(())?;
    let ledger = book.ledger(instance, month, now)?;
    let agreement = book.versions()?.latest().agreement();
    let client = book.client();
    let at = |month: Month| path(client, &["instances", instance.0.as_str(), "ledger", &month.to_string()]);
    let near = |month: Month| months.contains(&month).then(|| (at(month), month_name(month)));
    let is_bare = |day: &Day| day.cells.iter().all(Option::is_none);
    let ahead = ledger.days.iter().take_while(|day| is_bare(day)).count();
    let days = grid::rows(&ledger.days[ahead..]);
    let figures = ledger.figures.as_ref();
    Some(LedgerPage {
        shell: shell
            .of(client)
            .at(Section::Instances)
            .below("Instances", &format!("/clients/{client}/instances"))
            .below(&ledger.name, &path(client, &["instances", instance.0.as_str()]))
            .titled(&format!("Ledger of {}", month_name(month))),
        running: now < month.span(&agreement.months_in()).end,
        at_worst: figures.and_then(at_worst),
        why: figures.map(|figures| why_item(&figures.why, &agreement.readings)),
        legend: legend(),
        stretches: Listed::of(stretches(&days)),
        days,
        ahead,
        counted: Listed::of(ledger.runs.iter().map(|(run, minutes)| counted(run, minutes, &ledger))),
        excluded: Listed::of(figures.iter().flat_map(|figures| &figures.exclusions).flat_map(excluded)),
        unknown: Listed::of(figures.iter().flat_map(|f| f.unknown_spans.iter()).map(Times::of)),
        figures: figures.map(|figures| Figures::of(client, figures)),
        exclusions: path(client, &["exclusions"]),
        before: near(month.prev()),
        after: near(month.next()),
        name: ledger.name,
    })
}

fn legend() -> Vec<String> {
    let words = [
        (Word::Kept, "up"),
        (Word::Missed, "down"),
        (Word::Excluded, "down, excluded"),
        (Word::Unknown, "unknown: nobody looked"),
    ];
    words.into_iter().map(|(state, word)| badge(state, word)).collect()
}

/// Only where something is unknown does it differ.
fn at_worst(figures: &InstanceMonth) -> Option<String> {
    let worst = figures.uptime_at_worst.filter(|_| !figures.unknown.is_zero() && !figures.is_unseen())?;
    Some(format!("{} ({worst})", worst.percent(figures.decimals)))
}

fn stretches(days: &[grid::Row]) -> impl Iterator<Item = Stretch> {
    days.iter().flat_map(|day| {
        day.stretches.iter().enumerate().map(|(index, stretch)| {
            let condition = stretch.cell.worst();
            let (state, word) = super::instance::word(condition);
            let end = clock(stretch.end());
            Stretch {
                day: day.date.clone(),
                first: index == 0,
                from: format!(
                    "<time datetime=\"{}\">{} {}</time>",
                    stretch.start,
                    day.date,
                    clock(stretch.start)
                ),
                to: if end == "00:00" { "24:00".to_owned() } else { end },
                minutes: stretch.minutes,
                badge: badge(state, word),
                words: stretch.words(),
            }
        })
    })
}

fn counted(run: &Run, minutes: &[Instant], ledger: &LedgerMonth) -> Counted {
    Counted {
        times: Times::of(run.span),
        count: run.counted,
        minutes: minutes.iter().take(MINUTES_MAX).map(|at| exact(*at)).collect(),
        beyond: minutes.len().saturating_sub(MINUTES_MAX),
        reason: reason(run, ledger),
    }
}

/// Why a run's minutes count, or do not.
fn reason(run: &Run, ledger: &LedgerMonth) -> String {
    // SH-AVAIL-09: seen, listed, and nothing more.
    if run.is_seen_only() {
        return "Every valid request failed, for less than a run that counts: seen, not counted.".to_owned();
    }
    let about = ledger.figures.iter().flat_map(|figures| &figures.exclusions);
    let refused: Vec<String> = about
        .filter(|e| !e.standing.excludes() && e.spans.iter().any(|span| span.intersect(run.span).is_some()))
        .map(|e| format!("{} ({}): {}", e.record, e.cause, e.standing.text()))
        .collect();
    let outside = if run.counted < run.minutes {
        format!(" {} of its {} minutes begin in another month.", run.minutes - run.counted, run.minutes)
    } else {
        String::new()
    };
    match refused.as_slice() {
        [] => format!("Every valid request failed, and nothing on file takes it out.{outside}"),
        refused => format!("Every valid request failed. {}.{outside}", refused.join("; ")),
    }
}

fn excluded(time: &ExcludedTime) -> impl Iterator<Item = Excluded> {
    time.spans.iter().map(|span| Excluded {
        times: Times::of(span),
        record: time.record.clone(),
        cause: time.cause.clone(),
        standing: time.standing.text(),
        excludes: time.standing.excludes(),
    })
}
