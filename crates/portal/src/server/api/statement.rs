//! Statements: the months of a client, and one of them as JSON or CSV.

use axum::{
    http::{HeaderMap, header},
    response::Response,
};
use control::statement::Stated;
use desk::policy::Action;
use facts::ClientId;
use promise::Statement;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer::text,
    head::Read,
    operation::{JSON, Operation},
    page::{LIMIT_MAX, list},
    shape::{MonthText, StatedShape, VerdictShape, at},
};
use crate::{
    server::{Problem, Route, statement::stated},
    statement::lead,
};

/// Months that are looked at: the longest term there is, twice over.
const MONTHS_MAX: usize = 120;
const CSV: &str = "text/csv";
const TAG: &str = "Statements";

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Statements>(TAG, "list_statements", "The months so far, the newest first.");
    let one = Operation::read::<StatedShape>(
        TAG,
        "get_statement",
        "A month's statement, closed or as it stands; with every figure its derivation. As CSV where `Accept` says \
         text/csv or the month is written with `.csv` behind it.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/statements", Action::ReadStatements, statements)
            .told(list.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/statements/{month}", Action::ReadStatements, statement)
            .told(one.also(CSV)),
    ]
}

/// A month in the list.
#[derive(Serialize, ToSchema)]
pub(crate) struct StatementLine {
    month: MonthText,
    /// Whether the month is over.
    closed: bool,
    tier: Option<String>,
    /// What is credited, such as `EUR 120.00`.
    credit: Option<String>,
    /// How each instance kept its objective.
    instances: Vec<Kept>,
    /// The month in a sentence.
    lead: String,
    /// Where it is.
    href: String,
}

/// How an instance kept its objective.
#[derive(Serialize, ToSchema)]
pub(crate) struct Kept {
    instance: String,
    #[schema(value_type = VerdictShape)]
    verdict: promise::Verdict,
}

list! {
    /// Statements.
    Statements of StatementLine
}

async fn statements(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let all = app.book(&client, |book, now| book.statements(now, MONTHS_MAX)).await?;
    let place = |statement: &Statement| statement.period.start.as_micros().saturating_neg();
    let (items, next) = asking.cut(all, place, LIMIT_MAX)?;
    let items = items.iter().map(|statement| line(&client, statement)).collect();
    known.answer(&Statements { items, next })
}

fn line(client: &ClientId, statement: &Statement) -> StatementLine {
    let kept = statement
        .instances
        .iter()
        .map(|line| Kept { instance: line.month.instance.to_string(), verdict: line.month.verdict });
    StatementLine {
        month: statement.month.into(),
        closed: statement.closed,
        tier: statement.tier.clone(),
        credit: statement.credit.as_ref().and_then(|credit| credit.credit).map(|credit| credit.to_string()),
        instances: kept.collect(),
        lead: lead(statement),
        href: at(client, &["statements", &statement.month.to_string()]),
    }
}

async fn statement(
    Read { app, known, asking, place: (client, name) }: Read<(ClientId, String)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let (month, csv) = match name.strip_suffix(".csv") {
        Some(month) => (month, true),
        None => (name.as_str(), wants_csv(&headers)),
    };
    let mut stated = stated(&app, &client, month).await?;
    if csv {
        return known.answer_as("text/csv; charset=utf-8", stated.to_csv());
    }
    let text = json(&stated)?;
    // When it was asked for is not what it says: a month that is over stays the same however often one asks.
    stated.statement.as_of = stated.statement.period.end;
    known.answer_saying(&json(&stated)?, JSON, text)
}

fn json(stated: &Stated) -> Result<String, Problem> {
    serde_json::to_string(stated).map_err(|e| Problem::internal(&e))
}

/// Whether `Accept` names CSV and no JSON.
fn wants_csv(headers: &HeaderMap) -> bool {
    let accepted = text(headers, header::ACCEPT).unwrap_or_default();
    let names =
        |media| accepted.split(',').any(|one| one.split(';').next().is_some_and(|m| m.trim() == media));
    names(CSV) && !names(JSON)
}
