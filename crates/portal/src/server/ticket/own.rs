//! A ticket that the provider's people write for themselves about a client: no client ever sees it, no clock runs, and it is on no
//! statement. It stands in the provider's own journal (`control::live::command::own` says why).

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Control, command::By, query::Line};
use desk::policy::{Action, Resource};
use facts::ClientId;
use spans::Instant;

use super::{Row, row};
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Refused, Sent, new_key},
    moment::path,
    page,
};

/// What may be done about one from its page; the rest is for tickets of clients.
const FORMS: [&str; 11] = [
    "note",
    "resolve",
    "reopen",
    "take",
    "give",
    "tag",
    "watch",
    "unwatch",
    "files",
    "files/{attachment}/remove",
    "draft",
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/tickets/internal", Action::WriteNote, form),
        Route::post("/clients/{client}/tickets/internal", Action::WriteNote, send),
    ]
}

/// Whether tickets of this client are the provider's people's own.
pub(super) fn is_own(client: &ClientId) -> bool {
    *client == ClientId::provider()
}

/// Of the forms that somebody may send, those that such a ticket has.
pub(super) fn among_ourselves(mut offered: BTreeSet<&'static str>) -> BTreeSet<&'static str> {
    offered.retain(|verb| FORMS.contains(verb));
    offered
}

/// Open ones about a client, for those who may read them.
pub(super) fn about(
    control: &Control,
    viewer: &Viewer,
    client: &ClientId,
    now: Instant,
) -> journal::Result<Vec<Row>> {
    if !viewer.may(Action::ReadTickets, &Resource::Client(&ClientId::provider())) {
        return Ok(Vec::new());
    }
    let lines = control.own_tickets(Some(client), now)?;
    Ok(lines.iter().map(|line| row(&ClientId::provider(), line, now)).collect())
}

/// Every open one, for the queue.
pub(super) fn all(control: &Control, now: Instant) -> journal::Result<Vec<(ClientId, Line)>> {
    let lines = control.own_tickets(None, now)?;
    Ok(lines.into_iter().map(|line| (ClientId::provider(), line)).collect())
}

#[derive(Template)]
#[template(path = "ticket_own.html")]
struct OwnPage {
    shell: Shell,
    client: ClientId,
    key: String,
    title: Field,
    text: String,
    refused: Option<Refused>,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, client, &Sent::default(), None).await
}

async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: &Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    app.book(&client, |_, _| ()).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let below = format!("/clients/{client}/tickets");
    let text = Area {
        id: "text",
        name: "text",
        label: "What there is to know or to do",
        hint: "Whoever of us is named with an @ is told.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    let page = page(&OwnPage {
        shell: shell.of(&client).titled("Internal ticket").at(Section::Tickets).below("Tickets", &below),
        key: new_key()?,
        title: Field::text("title", "What it is about").value(sent.get("title")),
        text: text.to_string(),
        refused,
        client,
    })?;
    Ok((status, page).into_response())
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("internal")?), ..By::new(viewer.actor()) };
    let (about, title, text) = (client.clone(), sent.get("title").to_owned(), sent.get("text").to_owned());
    let written = app.attempt(move |control, now| control.write_down(&about, &title, text, by, now));
    match written.await? {
        Ok((ticket, _)) => {
            let to = path(&ClientId::provider(), &["tickets", ticket.as_str()]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, &sent, Some(refused)).await,
    }
}
