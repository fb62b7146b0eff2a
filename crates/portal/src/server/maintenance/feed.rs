//! A client's planned work as a calendar (RFC 5545), for programs that sign in nowhere: its address is the secret, shown once and
//! turned when it went astray. What is unknown is answered 404 like what never was.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use control::live::CALENDAR_SECRET_BYTES;
use desk::policy::Action;
use door::secret;
use facts::ClientId;

use super::agreed::{Page, show};
use crate::server::{App, Notice, Problem, Route, Shell, Viewer, moment::path};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/calendar/{secret}", Action::ReadFeed, read),
        Route::post("/clients/{client}/maintenance/calendar", Action::TurnFeed, turn),
        Route::post("/clients/{client}/maintenance/calendar/end", Action::TurnFeed, end),
    ]
}

async fn read(State(app): State<App>, Path(secret): Path<String>) -> Result<Response, Problem> {
    app.0.rates.beat(&secret, app.now())?;
    let secret = secret.strip_suffix(".ics").unwrap_or(&secret).to_owned();
    let origin = app.config().origin().to_owned();
    let found = app.ask_control(move |control, now| control.calendar_at(&secret, &origin, now)).await?;
    let calendar = found.ok_or(Problem::NotFound)?;
    let kind = (header::CONTENT_TYPE, "text/calendar; charset=utf-8");
    Ok(([kind, (header::CACHE_CONTROL, "private, max-age=300")], calendar.to_ics()).into_response())
}

/// The new address is in this answer and in no other.
async fn turn(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let random = secret::random::<CALENDAR_SECRET_BYTES>()?;
    let (of, person) = (client.clone(), viewer.person.id.clone());
    let made = app.ask_control(move |control, now| control.turn_calendar(&of, random, &person, now)).await?;
    let secret = made.ok_or(Problem::NotFound)?;
    app.note(&viewer.person.id, "calendar address made", None, client.to_string()).await?;
    let address = format!("{}/calendar/{secret}.ics", app.config().origin());
    let page = Page { address: Some(address), ..Page::default() };
    let mut response = show(&app, shell, &viewer, client, page).await?;
    *response.status_mut() = StatusCode::OK;
    Ok(response)
}

async fn end(
    State(app): State<App>,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let of = client.clone();
    if !app.ask_control(move |control, _| control.end_calendar(&of)).await? {
        return Err(Problem::NotFound);
    }
    app.note(&viewer.person.id, "calendar address ended", None, client.to_string()).await?;
    let to = path(&client, &["maintenance", "agreed"]);
    Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
}
