//! A message is held: the provider's people write down what came in from somebody who is no contact.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::live::{
    Book, TITLE_CHARS_MAX,
    command::{By, HELD_CHARS_MAX, NewHeld},
};
use desk::policy::Action;
use facts::ClientId;
use spans::Instant;

use super::{back, tells_nobody};
use crate::server::{
    App, Field, Problem, Route, Section, Shell, Viewer,
    form::{Area, Pick, Refused, Sent, new_key},
    page,
    ticket::new::{came_in, channels},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/tickets/hold", Action::RecordTicket, form),
        Route::post("/clients/{client}/tickets/hold", Action::RecordTicket, hold),
    ]
}

#[derive(Template)]
#[template(path = "ticket_hold.html")]
struct HoldPage {
    shell: Shell,
    client: ClientId,
    key: String,
    fields: Vec<String>,
    text: String,
    refused: Option<Refused>,
    /// Whether the agreement says that such messages are held.
    holds: bool,
    /// Whether the client has nobody who could be told.
    untold: bool,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, client, Sent::default(), None).await
}

async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let read = |book: &Book, now: Instant| (book.holds_strangers(now), channels(book));
    let (holds, ways) = app.book(&client, read).await?;
    let untold = tells_nobody(app, &client).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let below = format!("/clients/{client}/tickets/held");
    let response = page(&HoldPage {
        key: new_key()?,
        fields: fields(ways, &sent),
        text: text(&sent).to_string(),
        holds,
        untold,
        refused,
        shell: shell.of(&client).titled("Hold a message").at(Section::Tickets).below("Held messages", &below),
        client,
    })?;
    Ok((status, response).into_response())
}

fn text(sent: &Sent) -> Area {
    Area {
        id: "text",
        name: "text",
        label: "What was written or said",
        hint: "In their words, as far as they matter. The client's contacts read it.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
        most: HELD_CHARS_MAX,
    }
}

fn fields(ways: Vec<(String, String)>, sent: &Sent) -> Vec<String> {
    let from = Field::text("from", "From whom").hint("A name with an address or a number.");
    let way = Pick {
        id: "channel",
        name: "channel",
        label: "By which way",
        hint: String::new(),
        options: ways,
        value: sent.get("channel").to_owned(),
    };
    let when = came_in(sent, "Nothing means now. No clock runs from it.");
    let from = from.at_most(TITLE_CHARS_MAX).value(sent.get("from"));
    vec![from.to_string(), way.to_string(), when.to_string()]
}

async fn hold(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("hold")?;
    let at = match sent.given("at") {
        None => None,
        Some(typed) => match sent.minute("at") {
            Some(at) => Some(at),
            None => {
                let why = format!("`{typed}` is no time: write it as 2026-03-09T18:00.");
                return show(&app, shell, client, sent, Some(Refused::because(&why))).await;
            }
        },
    };
    let new = NewHeld {
        from: sent.get("from").to_owned(),
        channel: sent.get("channel").to_owned(),
        text: sent.get("text").to_owned(),
    };
    let by = By { key: Some(key), at, ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| control.hold(&of, new, by, now)).await? {
        Ok(_) => Ok(back(&client)),
        Err(refused) => show(&app, shell, client, sent, Some(refused)).await,
    }
}
