//! Attainment: how promises about requests were kept, month by month, by priority or urgency and tier (MP-SLO-05, MP-ESC-01). Every
//! figure leads to the tickets that it counts and to its derivation.

mod across;
mod chart;
mod tickets;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use control::live::{Book, Recall, query::MonthAttained};
use desk::policy::Action;
use facts::ClientId;
use promise::{Attained, Attainment, SHARE_DECIMALS, Tally, Total};
use spans::{Instant, Month};

pub(in crate::server) use self::across::each;
use self::{chart::Chart, tickets::Which};
use super::{
    App, Problem, Route, Section, Shell, Viewer,
    moment::{path, stamp, title},
    page,
};
use crate::{part::clauses, when::month as month_name};

/// Months beside each other: each is evaluated by itself.
pub(crate) const MONTHS_SHOWN_MAX: usize = 6;

pub(crate) fn routes() -> Vec<Route> {
    let of_client = vec![
        Route::get("/clients/{client}/attainment", Action::ReadAttainment, newest),
        Route::get("/clients/{client}/attainment/{month}", Action::ReadAttainment, one),
    ];
    of_client.into_iter().chain(tickets::routes()).chain(across::routes()).collect()
}

/// A share as it is shown, with the fraction that decides; each figure is a link to what it counts.
pub(super) struct Figures {
    /// `97.5%`, or a dash.
    pub(super) percent: String,
    /// `39 of 40`.
    pub(super) fraction: String,
    received: u32,
    met: u32,
    missed: u32,
    excused: u32,
    open: u32,
    /// The share without those that carry a remark; none where none does.
    without: Option<(String, String)>,
}

impl Figures {
    pub(super) fn of(received: u32, count: Tally, without: Option<Tally>) -> Figures {
        Figures {
            percent: share(count),
            fraction: if count.decided() == 0 { String::new() } else { count.attained() },
            received,
            met: count.met,
            missed: count.missed,
            excused: count.excused,
            open: count.open,
            without: without.map(|without| (share(without), without.attained())),
        }
    }

    pub(super) fn total(total: &Total) -> Figures {
        Figures::of(total.received, total.count, total.without_annotated)
    }
}

/// `97.5%`; a dash where nothing was decided.
fn share(count: Tally) -> String {
    count.percent(SHARE_DECIMALS).unwrap_or_else(|| "–".to_owned())
}

/// A promise, with its cells where it takes its time from a matrix.
struct Promise {
    id: String,
    name: String,
    binding: &'static str,
    miss: String,
    clauses: String,
    /// Of all its lines.
    total: Figures,
    link: String,
    lines: Vec<Line>,
    /// Cells of which nothing began and nothing fell due, with what they promise.
    quiet: Vec<String>,
    /// Whether one of them has remarks.
    annotated: bool,
    /// Whether one of them excuses something.
    excused: bool,
}

/// A cell, or the whole of a promise without any.
struct Line {
    name: String,
    within: String,
    /// What leads to its tickets, without which of them.
    link: String,
    figures: Figures,
    bar: String,
}

#[derive(Template)]
#[template(path = "attainment.html")]
struct AttainmentPage {
    shell: Shell,
    month: String,
    file: String,
    closed: bool,
    as_of: String,
    under: String,
    tier: Option<String>,
    clauses: String,
    promises: Vec<Promise>,
    /// Promises of which nothing began and nothing fell due.
    quiet: Vec<(String, String)>,
    charts: Vec<Chart>,
    before: Option<(String, String)>,
    after: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "attainment_none.html")]
struct NothingYet {
    shell: Shell,
    staff: bool,
}

/// This month, with those before it.
async fn newest(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let months = match app.book(&client, |book, now| book.months(now)).await {
        // A client's own people come in before anything is on file.
        Err(Problem::NotFound) if !viewer.is_staff() => Vec::new(),
        found => found?,
    };
    let Some(month) = months.first().copied() else {
        let shell = shell.of(&client).titled("Attainment").at(Section::Attainment);
        return page(&NothingYet { shell, staff: viewer.is_staff() });
    };
    let (of, mut shown) = (client.clone(), months);
    shown.truncate(MONTHS_SHOWN_MAX);
    let all = app.ask_control(move |control, now| control.months_attained(&of, &shown, now)).await?;
    show(&app, shell, &client, month, &all).await
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    Path((client, name)): Path<(ClientId, String)>,
) -> Result<Response, Problem> {
    if let Some(month) = name.strip_suffix(".csv") {
        let text = Attainment::csv_head() + &attained(&app, &client, month).await?.to_csv();
        return Ok(file(text, "text/csv; charset=utf-8", &client, &name));
    }
    if let Some(month) = name.strip_suffix(".json") {
        let found = attained(&app, &client, month).await?;
        let text = serde_json::to_string_pretty(&found).map_err(|e| Problem::internal(&e))? + "\n";
        return Ok(file(text, "application/json", &client, &name));
    }
    let month: Month = name.parse().map_err(|_| Problem::NotFound)?;
    show(&app, shell, &client, month, &[]).await
}

/// A month in the shape that `uphold attainment` gives it too.
pub(super) async fn attained(app: &App, client: &ClientId, month: &str) -> Result<Attainment, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let found =
        app.book_with(client, Recall::Month(month), move |book, now| book.attainment(month, now)).await?;
    found.ok_or(Problem::NotFound)
}

/// Something to keep: named after what it is, and never shown as a page.
fn file(text: String, kind: &'static str, client: &ClientId, name: &str) -> Response {
    let kept = format!("attachment; filename=\"attainment-{client}-{name}\"");
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, kept)], text).into_response()
}

async fn show(
    app: &App,
    shell: Shell,
    client: &ClientId,
    month: Month,
    beside: &[MonthAttained],
) -> Result<Response, Problem> {
    let of = client.clone();
    let look = move |book: &Book, now: Instant| {
        let found = book.attainment(month, now)?;
        Some((found, book.months(now)))
    };
    let found = app.book_with(&of, Recall::Month(month), look).await?;
    let (found, months) = found.ok_or(Problem::NotFound)?;
    let near = |month: Month| months.contains(&month).then(|| (at(client, month), month_name(month)));
    let (promises, quiet) = promises(client, &found);
    let name = month_name(month);
    page(&AttainmentPage {
        file: at(client, month),
        closed: found.closed,
        as_of: stamp(found.as_of),
        under: found.agreement.clone(),
        tier: found.tier.clone(),
        clauses: clauses(&found.clauses),
        promises,
        quiet,
        charts: chart::charts(client, beside),
        before: near(month.prev()),
        after: near(month.next()),
        shell: shell.of(client).titled("Attainment").at(Section::Attainment),
        month: name,
    })
}

/// The page of a month.
fn at(client: &ClientId, month: Month) -> String {
    path(client, &["attainment", &month.to_string()])
}

/// Promises of which something began or fell due, in the agreement's order, and the others with their clauses.
fn promises(client: &ClientId, found: &Attainment) -> (Vec<Promise>, Vec<(String, String)>) {
    let top = found.lines.iter().map(|line| line.due).max().unwrap_or(0);
    let (quiet, told): (Vec<_>, Vec<_>) =
        found.promises().into_iter().partition(|(_, lines)| lines.iter().all(|line| is_quiet(line)));
    let quiet = quiet.into_iter().map(|(rule, lines)| {
        let mut ids: Vec<String> = lines.iter().flat_map(|line| line.clauses.clone()).collect();
        let mut seen = std::collections::BTreeSet::new();
        ids.retain(|id| seen.insert(id.clone()));
        (title(rule), clauses(&ids))
    });
    let told = told.into_iter().map(|(rule, lines)| promise(client, found.month, rule, &lines, top));
    (told.collect(), quiet.collect())
}

fn promise(client: &ClientId, month: Month, rule: &str, lines: &[&Attained], top: u32) -> Promise {
    let first = lines[0];
    // Those of a row stand with the row.
    let shared = first.clauses.iter().filter(|id| lines.iter().all(|line| line.clauses.contains(id)));
    let shared: Vec<String> = shared.cloned().collect();
    let (quiet, told): (Vec<&Attained>, Vec<&Attained>) = lines.iter().partition(|line| is_quiet(line));
    Promise {
        id: rule.to_owned(),
        name: title(rule),
        binding: bound(first.binding),
        miss: first.miss.clone(),
        clauses: clauses(&shared),
        total: Figures::total(&Total::of(lines.iter().copied())),
        link: Which::promise(client, month, rule),
        annotated: lines.iter().any(|line| line.without_annotated.is_some()),
        excused: lines.iter().any(|line| line.count.excused > 0),
        lines: told.into_iter().map(|line| cell(client, month, line, top)).collect(),
        quiet: quiet.into_iter().map(silent).collect(),
    }
}

/// `outage · low, 8h`.
fn silent(line: &Attained) -> String {
    line.within.as_ref().map_or_else(|| words(line), |within| format!("{}, {within}", words(line)))
}

/// A cell in the agreement's words.
fn words(line: &Attained) -> String {
    let words: Vec<&str> = line.row.iter().chain(&line.column).map(String::as_str).collect();
    if words.is_empty() { "every request".to_owned() } else { words.join(" · ") }
}

fn is_quiet(line: &Attained) -> bool {
    line.received == 0 && line.due == 0
}

/// How strongly a promise is owed, as a sentence without its stop.
fn bound(binding: &'static str) -> &'static str {
    match binding {
        "target" => "A measured target",
        "duty" => "A duty",
        "commitment" => "A firm promise",
        "reasonable-efforts" => "Reasonable efforts",
        "typical" => "What is usually reached",
        "aspirational" => "An aspiration",
        other => other,
    }
}

fn cell(client: &ClientId, month: Month, line: &Attained, top: u32) -> Line {
    let name = words(line);
    Line {
        bar: chart::bar(&line.count, top, &name),
        name,
        within: line.within.clone().unwrap_or_default(),
        link: Which::line(client, month, line),
        figures: Figures::of(line.received, line.count, line.without_annotated),
    }
}
