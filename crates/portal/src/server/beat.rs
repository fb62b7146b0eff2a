//! Where services call by themselves: `/beat/{secret}` when they are well, `/beat/{secret}/fail` when they are not. By GET, HEAD
//! or POST, since what calls is a line in a crontab: this is the one GET that records something, and it is told apart from a
//! page by its secret. What is unknown, ended or no heartbeat any more is answered 404 alike.

use axum::{
    extract::{Path, State},
    http::StatusCode,
};
use desk::policy::Action;
use facts::Outcome;

use super::{App, Problem, Route};

const WELL: &str = "/beat/{secret}";
const ILL: &str = "/beat/{secret}/fail";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(WELL, Action::Report, well),
        Route::post(WELL, Action::Report, well),
        Route::get(ILL, Action::Report, ill),
        Route::post(ILL, Action::Report, ill),
    ]
}

async fn well(State(app): State<App>, Path(secret): Path<String>) -> Result<StatusCode, Problem> {
    heard(&app, secret, Outcome::Up).await
}

async fn ill(State(app): State<App>, Path(secret): Path<String>) -> Result<StatusCode, Problem> {
    heard(&app, secret, Outcome::Down).await
}

async fn heard(app: &App, secret: String, outcome: Outcome) -> Result<StatusCode, Problem> {
    app.0.rates.beat(&secret, app.now())?;
    let known = app.ask_control(move |control, now| control.beat(&secret, outcome, now)).await?;
    if known { Ok(StatusCode::NO_CONTENT) } else { Err(Problem::NotFound) }
}
