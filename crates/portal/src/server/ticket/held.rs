//! Messages that are no requests: whoever wrote them is none of the client's contacts. The provider's people hold what came in, the
//! client's contacts make a request of it or put it aside (SH-DEF-11, SH-REQ-05).

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book,
    command::{By, NewHeld},
    query::HeldMessage,
};
use desk::policy::{Action, Resource};
use facts::{ClientId, HeldId};
use serde::Deserialize;
use spans::Instant;

use super::new::{came_in, channels};
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Pick, Refused, Sent, new_key},
    moment::{encode, path, time},
    page,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/tickets/held", Action::ReadTickets, list),
        Route::post("/clients/{client}/tickets/held/{held}/aside", Action::SettleHeld, aside),
        Route::get("/clients/{client}/tickets/hold", Action::RecordTicket, form),
        Route::post("/clients/{client}/tickets/hold", Action::RecordTicket, hold),
    ]
}

/// A message that waits.
struct Line {
    id: String,
    at: String,
    channel: String,
    from: String,
    text: String,
    /// Where a contact makes a request of it.
    ask: Option<String>,
    /// Where it is put aside, by those who may.
    aside: Option<String>,
    /// What the sender may be answered, for the provider's people.
    answer: Option<String>,
    /// The same as a letter, where the sender has an address.
    letter: Option<String>,
}

#[derive(Template)]
#[template(path = "tickets_held.html")]
struct HeldPage {
    shell: Shell,
    key: String,
    lines: Vec<Line>,
    /// Where one is held, for those who may and where the agreement says so.
    hold: Option<String>,
    refused: Option<Refused>,
}

async fn list(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show_list(&app, shell, &viewer, client, None).await
}

async fn show_list(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let holds = app.book(&client, |book, _| book.holds_strangers()).await?;
    let of = client.clone();
    let held = app.ask_control(move |control, _| control.held(&of)).await?.unwrap_or_default();
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let now = app.now();
    let may = |action| viewer.may(action, &Resource::Client(&client));
    let (asks, settles, answers) =
        (may(Action::OpenTicket), may(Action::SettleHeld), may(Action::RecordTicket));
    let name = shell.name_of(&client).to_string();
    let lines = held.into_iter().map(|message| Line {
        ask: asks.then(|| format!("/clients/{client}/tickets/new?held={}", encode(message.id.as_str()))),
        aside: settles.then(|| path(&client, &["tickets", "held", message.id.as_str(), "aside"])),
        answer: answers.then(|| polite(&name)),
        letter: address(&message.from).filter(|_| answers).map(|to| letter(to, &name)),
        id: message.id.to_string(),
        at: time(message.at, now),
        channel: message.channel,
        from: message.from,
        text: message.text,
    });
    let below = format!("/clients/{client}/tickets");
    let response = page(&HeldPage {
        key: new_key()?,
        lines: lines.collect(),
        hold: (holds && answers).then(|| format!("/clients/{client}/tickets/hold")),
        refused,
        shell: shell.of(&client).titled("Held messages").at(Section::Tickets).below("Tickets", &below),
    })?;
    Ok((status, response).into_response())
}

/// SH-REQ-05: whoever is no contact is told politely whom to ask.
fn polite(client: &str) -> String {
    format!(
        "Thank you for your message. We support {client} through the contacts that it has named, and may not act on messages from others. \
         Please ask your own support there: they can make a request of it, and have been told of your message."
    )
}

/// The address in `Ann Example <ann@example.org>`, or in one that stands alone.
fn address(from: &str) -> Option<&str> {
    let parts = from.split(|char: char| char.is_whitespace() || "<>()\",;".contains(char));
    let is_one =
        |part: &&str| part.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'));
    parts.into_iter().find(is_one)
}

/// RFC 6068.
fn letter(to: &str, client: &str) -> String {
    format!("mailto:{}?subject={}&body={}", encode(to), encode("Your message"), encode(&polite(client)))
}

/// Which message of which client.
#[derive(Debug, Clone, Deserialize)]
struct Which {
    client: ClientId,
    held: HeldId,
}

async fn aside(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(Which { client, held }): Path<Which>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("aside")?), ..By::new(viewer.actor()) };
    let (of, reason) = (client.clone(), sent.get("reason").to_owned());
    match app.attempt(move |control, now| control.put_aside(&of, &held, &reason, by, now)).await? {
        Ok(_) => Ok(back(&client)),
        Err(refused) => show_list(&app, shell, &viewer, client, Some(refused)).await,
    }
}

fn back(client: &ClientId) -> Response {
    let to = path(client, &["tickets", "held"]);
    Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response()
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
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show_form(&app, shell, client, Sent::default(), None).await
}

async fn show_form(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let read = |book: &Book, _: Instant| (book.holds_strangers(), channels(book));
    let (holds, ways) = app.book(&client, read).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let text = Area {
        id: "text",
        name: "text",
        label: "What was written or said",
        hint: "In their words. The client's contacts read it.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
    };
    let below = format!("/clients/{client}/tickets/held");
    let response = page(&HoldPage {
        key: new_key()?,
        fields: fields(ways, &sent),
        text: text.to_string(),
        holds,
        refused,
        shell: shell.of(&client).titled("Hold a message").at(Section::Tickets).below("Held messages", &below),
        client,
    })?;
    Ok((status, response).into_response())
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
    vec![from.value(sent.get("from")).to_string(), way.to_string(), when.to_string()]
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
                return show_form(&app, shell, client, sent, Some(Refused::because(&why))).await;
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
        Err(refused) => show_form(&app, shell, client, sent, Some(refused)).await,
    }
}

/// What a new request that is made of a held message begins with.
pub(super) fn begun(message: &HeldMessage) -> Sent {
    let words = format!("{} wrote:\n\n{}", message.from, message.text);
    let fields = [("held", message.id.to_string()), ("text", words)];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_where_there_is_one() {
        for (from, found) in [
            ("Ann Example <ann@example.org>", Some("ann@example.org")),
            ("ann@example.org", Some("ann@example.org")),
            ("Ann, +31 20 000 0000", None),
            ("@ann", None),
            ("ann@home", None),
        ] {
            assert_eq!(address(from), found, "{from}");
        }
    }

    #[test]
    fn sh_req_05_the_answer_names_nobody_and_points_to_their_own_contacts() {
        let written = letter("a?b@example.org", "Acme");
        assert!(written.starts_with("mailto:a%3Fb%40example.org?subject=Your%20message&body=Thank%20you"));
        assert!(polite("Acme").contains("We support Acme through the contacts that it has named"));
    }
}
