//! How promises about requests were kept: the months of a client, one of them by cell, and a month of every client.

use axum::{
    http::{HeaderMap, header},
    response::Response,
};
use control::live::{Book, Recall, query::MonthAttained};
use desk::policy::Action;
use facts::ClientId;
use promise::{Attainment, SHARE_DECIMALS, Tally, Total};
use serde::Serialize;
use spans::Month;
use utoipa::ToSchema;

use super::{
    answer::text,
    head::Read,
    operation::{JSON, Kind, Operation},
    page::{LIMIT_MAX, list},
    shape::{AttainmentShape, MonthText, at},
};
use crate::server::{
    Problem, Route,
    attainment::{attained, each},
};

/// Months on a page: each is evaluated by itself.
const MONTHS_MAX: usize = 12;
const CSV: &str = "text/csv";
const TAG: &str = "Attainment";

pub(super) fn routes() -> Vec<Route> {
    let all = Operation::read::<ClientsAttained>(
        TAG,
        "list_attainment",
        "A month of every client: how promises about requests were kept, in the order of their ids.",
    );
    let months = Operation::read::<MonthsAttained>(
        TAG,
        "list_client_attainment",
        "The months so far, the newest first, with the figures of each promise.",
    );
    let one = Operation::read::<AttainmentShape>(
        TAG,
        "get_attainment",
        "A month by cell: what was received, met, missed and is open, with every ticket that is counted, and the derivation of \
         each share. As CSV where `Accept` says text/csv or the month is written with `.csv` behind it.",
    );
    let month = ("month", Kind::Month, "Which month; this one when left out.");
    vec![
        Route::get("/api/v1/attainment", Action::ReadAttainment, of_all)
            .told(all.asks(month.0, month.1, month.2).paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/attainment", Action::ReadAttainment, of_client)
            .told(months.paged(MONTHS_MAX)),
        Route::get("/api/v1/clients/{client}/attainment/{month}", Action::ReadAttainment, one_month)
            .told(one.also(CSV)),
    ]
}

/// The figures of one promise, its cells together.
#[derive(Serialize, ToSchema)]
pub(crate) struct PromiseAttained {
    /// The rule of the agreement.
    rule: String,
    /// How many began in the month.
    received: u32,
    /// How many fell due in it.
    due: u32,
    met: u32,
    missed: u32,
    /// Not met in time, and not held against anybody.
    excused: u32,
    open: u32,
    /// Met, of those met or missed: `39 of 40`; a dash where nothing was decided.
    attained: String,
    /// The same as a percentage, rounded once, down; null where nothing was decided.
    percent: Option<String>,
    /// The same without those that carry a remark; null where none does.
    attained_without_annotated: Option<String>,
}

/// A month of a client.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthLine {
    month: MonthText,
    /// Whether the month is over.
    closed: bool,
    promises: Vec<PromiseAttained>,
    /// Where it is, by cell.
    href: String,
}

/// A client in a month.
#[derive(Serialize, ToSchema)]
pub(crate) struct ClientLine {
    client: String,
    /// Its name, as the agreement writes it.
    name: String,
    /// The agreement's id.
    agreement: String,
    tier: Option<String>,
    month: MonthText,
    closed: bool,
    promises: Vec<PromiseAttained>,
    href: String,
}

list! {
    /// Months of a client.
    MonthsAttained of MonthLine
}

list! {
    /// Clients in a month.
    ClientsAttained of ClientLine
}

fn promise(rule: &str, total: &Total) -> PromiseAttained {
    let count: Tally = total.count;
    PromiseAttained {
        rule: rule.to_owned(),
        received: total.received,
        due: total.due,
        met: count.met,
        missed: count.missed,
        excused: count.excused,
        open: count.open,
        attained: count.attained(),
        percent: count.percent(SHARE_DECIMALS),
        attained_without_annotated: total.without_annotated.map(Tally::attained),
    }
}

fn href(client: &ClientId, month: Month) -> String {
    at(client, &["attainment", &month.to_string()])
}

async fn of_all(Read { app, known, asking, place: () }: Read<()>) -> Result<Response, Problem> {
    asking.knows(&["month", "limit", "cursor"])?;
    let month: Option<Month> = asking.read("month", "write a month such as 2026-06.")?;
    let month = month.unwrap_or_else(|| Month::of(app.now(), &spans::Zone::UTC));
    let all = app.ask_control(move |control, now| each(control, month, now)).await?;
    let (items, next) = asking.cut(all, |found| found.client_id.to_string(), LIMIT_MAX)?;
    known.answer(&ClientsAttained { items: items.iter().map(client_line).collect(), next })
}

fn client_line(found: &Attainment) -> ClientLine {
    let promises = found.promises().into_iter();
    ClientLine {
        client: found.client_id.to_string(),
        name: found.client.clone(),
        agreement: found.agreement.clone(),
        tier: found.tier.clone(),
        month: found.month.into(),
        closed: found.closed,
        promises: promises.map(|(rule, lines)| promise(rule, &Total::of(lines))).collect(),
        href: href(&found.client_id, found.month),
    }
}

async fn of_client(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let all = app.book(&client, |book, now| book.months(now)).await?;
    let place = |month: &Month| (-i32::from(month.year()), -i32::from(month.month()));
    let (months, next) = asking.cut(all, place, MONTHS_MAX)?;
    let of = client.clone();
    let found = app.ask_control(move |control, now| control.months_attained(&of, &months, now)).await?;
    known.answer(&MonthsAttained { items: found.iter().map(|month| line(&client, month)).collect(), next })
}

fn line(client: &ClientId, found: &MonthAttained) -> MonthLine {
    MonthLine {
        month: found.month.into(),
        closed: found.closed,
        promises: found.promises.iter().map(|(rule, total)| promise(rule, total)).collect(),
        href: href(client, found.month),
    }
}

async fn one_month(
    Read { app, known, asking, place: (client, name) }: Read<(ClientId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let (month, csv) = match name.strip_suffix(".csv") {
        Some(month) => (month, true),
        None => (name.as_str(), wants_csv(&headers)),
    };
    let mut found = attained(&app, &client, month).await?;
    if csv {
        return known.answer_as("text/csv; charset=utf-8", Attainment::csv_head() + &found.to_csv());
    }
    let text = json(&found)?;
    // When it was asked for is not what it says: a month that is over stays the same however often one asks.
    let look =
        move |book: &Book, _| book.versions().map(|versions| versions.latest().agreement().months_in());
    let zone = app.book_with(&client, Recall::Tickets(Vec::new()), look).await?.ok_or(Problem::NotFound)?;
    found.as_of = found.month.span(&zone).end;
    known.answer_saying(&json(&found)?, JSON, text)
}

fn json(found: &Attainment) -> Result<String, Problem> {
    serde_json::to_string(found).map_err(|e| Problem::internal(&e))
}

/// Whether `Accept` names CSV and no JSON.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = text(headers, header::ACCEPT).unwrap_or_default();
    let names =
        |media| accepted.split(',').any(|one| one.split(';').next().is_some_and(|m| m.trim() == media));
    names(CSV) && !names(JSON)
}
