//! The tickets that a figure of attainment counts, each with what was promised about it, how that stands, and why.

use std::collections::BTreeMap;

use agreement::Agreement;
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use control::live::{Book, Recall};
use desk::policy::Action;
use facts::ClientId;
use promise::{Attained, Attainment, Counted, Total};
use serde::Deserialize;
use spans::{Instant, Month};

use super::{Figures, at, words};
use crate::{
    part::{State as Word, badge, clauses},
    server::{
        App, Problem, Route, Section, Shell,
        moment::{encode, path, time, title},
        page,
    },
    when::month as month_name,
    why::why_item,
};

/// Rows on the page; the CSV and the JSON have all of them.
const ROWS_MAX: usize = 500;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/clients/{client}/attainment/{month}/tickets", Action::ReadAttainment, show)]
}

/// Which of them a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// Those that began in the month.
    Received,
    /// Those that fell due in it.
    Due,
    Met,
    Missed,
    Excused,
    Open,
    /// Those that fell due and carry no remark.
    Plain,
}

const ALL: [(Of, &str, &str); 7] = [
    (Of::Received, "received", "received"),
    (Of::Due, "due", "fell due"),
    (Of::Met, "met", "met"),
    (Of::Missed, "missed", "missed"),
    (Of::Excused, "excused", "excused"),
    (Of::Open, "open", "open"),
    (Of::Plain, "plain", "fell due, without a remark"),
];

impl Of {
    fn has(self, one: &Counted) -> bool {
        match self {
            Of::Received => one.received,
            Of::Due => one.fell_due,
            Of::Plain => one.fell_due && !one.annotated,
            Of::Met => one.fell_due && one.state == "met",
            Of::Missed => one.fell_due && ["missed", "forfeited"].contains(&one.state),
            Of::Excused => one.fell_due && one.state == "excused",
            Of::Open => one.fell_due && ["running", "waiting"].contains(&one.state),
        }
    }
}

/// What stands after the question mark.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Which {
    rule: String,
    row: Option<String>,
    column: Option<String>,
    of: Option<Of>,
}

impl Which {
    /// The address of a promise's tickets in a month, to which `&of=…` may be added.
    pub(super) fn promise(client: &ClientId, month: Month, rule: &str) -> String {
        format!("{}?rule={}", path(client, &["attainment", &month.to_string(), "tickets"]), encode(rule))
    }

    /// The same of one line.
    pub(super) fn line(client: &ClientId, month: Month, line: &Attained) -> String {
        let mut address = Which::promise(client, month, &line.rule);
        for (name, word) in [("row", &line.row), ("column", &line.column)] {
            if let Some(word) = word {
                address += &format!("&{name}={}", encode(word));
            }
        }
        address
    }

    fn lines<'a>(&self, found: &'a Attainment) -> Vec<&'a Attained> {
        match self.row.as_deref().zip(self.column.as_deref()) {
            Some(cell) => found.line(&self.rule, Some(cell)).into_iter().collect(),
            None => found.lines.iter().filter(|line| line.rule == self.rule).collect(),
        }
    }
}

struct Row {
    link: String,
    ticket: String,
    title: String,
    rule: String,
    started: String,
    due: String,
    state: String,
    times: u32,
    annotated: bool,
    why: String,
}

/// A way to look at the same line.
struct Choice {
    name: &'static str,
    link: String,
    many: u32,
    here: bool,
}

#[derive(Template)]
#[template(path = "attainment_tickets.html")]
struct TicketsPage {
    shell: Shell,
    lead: String,
    clauses: String,
    figures: Figures,
    choices: Vec<Choice>,
    rows: Vec<Row>,
    beyond: usize,
    across: bool,
    remarks: Vec<(String, String)>,
    why: String,
}

/// What the page is made from.
struct Found {
    attained: Attainment,
    titles: BTreeMap<String, String>,
    agreement: Agreement,
    now: Instant,
}

fn find(book: &Book, month: Month, which: &Which, now: Instant) -> Option<Found> {
    let attained = book.attainment(month, now)?;
    let tickets = which.lines(&attained).into_iter().flat_map(|line| &line.tickets);
    let titles = tickets.filter_map(|one| Some((one.ticket.to_string(), book.title_of(&one.ticket.0)?)));
    let (titles, agreement) = (titles.collect(), book.versions()?.latest().agreement().clone());
    Some(Found { titles, agreement, attained, now })
}

async fn show(
    State(app): State<App>,
    shell: Shell,
    Path((client, month)): Path<(ClientId, String)>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let month: Month = month.parse().map_err(|_| Problem::NotFound)?;
    let asked = which.clone();
    let look = move |book: &Book, now| find(book, month, &asked, now);
    let found = app.book_with(&client, Recall::Month(month), look).await?.ok_or(Problem::NotFound)?;
    let lines = which.lines(&found.attained);
    if lines.is_empty() {
        return Err(Problem::NotFound);
    }
    let of = which.of.unwrap_or(Of::Due);
    let name = if lines.len() == 1 { heading(lines[0]) } else { title(&which.rule) };
    let shell =
        shell.of(&client).at(Section::Attainment).below("Attainment", &path(&client, &["attainment"]));
    page(&drawn(
        shell.below(&month_name(month), &at(&client, month)).titled(&name),
        &client,
        &found,
        &lines,
        &which,
        of,
    ))
}

/// `First response, P1 · premium`.
fn heading(line: &Attained) -> String {
    if line.row.is_none() { title(&line.rule) } else { format!("{}, {}", title(&line.rule), words(line)) }
}

fn drawn(
    shell: Shell,
    client: &ClientId,
    found: &Found,
    lines: &[&Attained],
    which: &Which,
    of: Of,
) -> TicketsPage {
    let total = Total::of(lines.iter().copied());
    let month = found.attained.month;
    let (across, base) = match lines {
        [line] => (false, Which::line(client, month, line)),
        _ => (true, Which::promise(client, month, &which.rule)),
    };
    let counted = |of: Of| {
        lines
            .iter()
            .flat_map(|line| line.tickets.iter().map(move |one| (*line, one)))
            .filter(move |(_, one)| of.has(one))
    };
    let choice = |(choice, word, name): &(Of, &str, &'static str)| Choice {
        name,
        link: format!("{base}&of={word}"),
        many: counted(*choice).map(|(_, one)| one.times).sum(),
        here: *choice == of,
    };
    let choices = ALL.iter().map(choice).filter(|choice| choice.here || choice.many > 0).collect();
    let mut all: Vec<(&Attained, &Counted)> = counted(of).collect();
    all.sort_by_key(|(line, one)| (one.due.unwrap_or(one.started), &one.ticket, &line.rule));
    let promised =
        lines[0].within.as_ref().map_or(String::new(), |within| format!("Promised within {within}. "));
    let promised = if across { String::new() } else { promised };
    let lead = format!("{promised}A promise belongs to the month in which it fell due.");
    let remarks = lines
        .iter()
        .flat_map(|line| &line.items)
        .flat_map(|item| item.annotations.iter().map(|remark| (item.subject.clone(), remark.clone())));
    TicketsPage {
        shell,
        lead,
        clauses: if across { String::new() } else { clauses(&lines[0].clauses) },
        figures: Figures::total(&total),
        choices,
        beyond: all.len().saturating_sub(ROWS_MAX),
        rows: all.iter().take(ROWS_MAX).map(|(line, one)| row(client, found, line, one)).collect(),
        across,
        remarks: remarks.take(ROWS_MAX).collect(),
        why: why_item(&found.attained.why_of(lines), &found.agreement.readings),
    }
}

fn row(client: &ClientId, found: &Found, line: &Attained, one: &Counted) -> Row {
    let ticket = one.ticket.to_string();
    Row {
        link: path(client, &["tickets", &ticket]),
        title: found.titles.get(&ticket).cloned().unwrap_or_default(),
        rule: words(line),
        started: time(one.started, found.now),
        due: one.due.map_or_else(String::new, |due| time(due, found.now)),
        state: state(line, one),
        times: one.times,
        annotated: one.annotated,
        why: format!("{}?missed={}", path(client, &["why"]), encode(&one.key)),
        ticket,
    }
}

fn state(line: &Attained, one: &Counted) -> String {
    match one.state {
        "met" => badge(Word::Kept, "met"),
        "missed" => badge(Word::Missed, &line.miss),
        "forfeited" => badge(Word::Missed, "forfeited"),
        "running" | "waiting" => badge(Word::Risk, "open"),
        other => badge(Word::Excluded, other),
    }
}
