//! A new request: the agreement's own words, and the time by which each would be answered, before it is sent. Everything stands on
//! the page at once, so that it needs no script; what script adds is a look at the catalogue while somebody types.

mod around;
mod choice;
mod record;

use agreement::ShowAt;
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Book, Control, command::By};
use desk::policy::Action;
use facts::{ClientId, Environment, HeldId, RequestReceived};
use serde::Deserialize;
use spans::Instant;

pub(super) use self::record::{came_in, channels};
use self::{around::Around, choice::Choices};
use super::{
    held,
    said::{self, Scope, Sentence},
};
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Pick, Refused, Sent, new_key},
    moment::path,
    page,
};

/// The way in of what is written here.
pub(crate) const CHANNEL: &str = "portal";
/// What somebody tried stands under this in the text (SH-REQ-01).
const TRIED: &str = "What was tried so far:";

pub(super) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/clients/{client}/tickets/new", Action::OpenTicket, form),
        Route::post("/clients/{client}/tickets/new", Action::OpenTicket, send),
    ];
    own.into_iter().chain(record::routes()).collect()
}

/// What the agreement says to whoever writes.
#[derive(Default)]
struct Terms {
    choices: Choices,
    around: Around,
    scope: Vec<Scope>,
    /// The question after what was tried; the agreement's own words where it has some.
    tried: Option<Sentence>,
    instances: Vec<(String, String)>,
}

/// What would be sent, looked at before.
struct Preview {
    name: String,
    due: String,
    seems: Vec<Scope>,
    untried: bool,
}

#[derive(Template)]
#[template(path = "ticket_new.html")]
struct NewPage {
    shell: Shell,
    client: ClientId,
    key: String,
    /// The held message that it is made of.
    held: Option<String>,
    title: String,
    instance: Option<String>,
    text: String,
    tried: String,
    tried_clauses: String,
    choices: Choices,
    around: Around,
    scope: Vec<Scope>,
    seems: Vec<Scope>,
    preview: Option<Preview>,
    refused: Option<Refused>,
}

/// Why the form is shown.
enum Why {
    Opened,
    /// Somebody wants to see what it comes to.
    Looked,
    Refused(Refused),
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
    Query(begun): Query<Begun>,
) -> Result<Response, Problem> {
    let Some(message) = begun.held else {
        return show(&app, shell, client, Sent::default(), Why::Opened).await;
    };
    match held::begun(&app, &client, message).await? {
        Some(begun) => show(&app, shell, client, begun, Why::Opened).await,
        None => {
            let why = Refused::because(held::HELD_NO_LONGER);
            show(&app, shell, client, Sent::default(), Why::Refused(why)).await
        }
    }
}

/// What a request is made of.
#[derive(Debug, Deserialize)]
struct Begun {
    /// A held message (SH-DEF-11).
    held: Option<HeldId>,
}

/// The held message that a form names.
fn held_in(sent: &Sent) -> Result<Option<HeldId>, Problem> {
    sent.given("held").map(str::parse).transpose().map_err(|_| Problem::NotFound)
}

async fn show(app: &App, shell: Shell, client: ClientId, sent: Sent, why: Why) -> Result<Response, Problem> {
    let typed = sent.clone();
    let terms = app.book(&client, move |book, now| Terms::of(book, &typed, now)).await?;
    let status =
        if matches!(why, Why::Refused(_)) { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let seems = said::seems(&terms.scope, &format!("{} {}", sent.get("title"), sent.get("text")));
    let (preview, refused) = match why {
        Why::Opened => (None, None),
        Why::Looked => (Some(Preview::of(&terms, &sent, seems.clone())), None),
        Why::Refused(refused) => (None, Some(refused)),
    };
    let below = format!("/clients/{client}/tickets");
    let response = page(&NewPage {
        shell: shell.of(&client).titled("New request").at(Section::Tickets).below("Tickets", &below),
        key: new_key()?,
        held: sent.given("held").map(str::to_owned),
        title: Field::text("title", "What it is about").value(sent.get("title")).to_string(),
        instance: instance_field(&terms.instances, &sent),
        text: what_happens(&sent),
        tried: what_was_tried(terms.tried.as_ref(), &sent),
        tried_clauses: terms.tried.map(|sentence| sentence.clauses).unwrap_or_default(),
        choices: terms.choices,
        around: terms.around,
        scope: terms.scope,
        seems: if preview.is_some() { Vec::new() } else { seems },
        preview,
        refused,
        client,
    })?;
    Ok((status, response).into_response())
}

impl Terms {
    fn of(book: &Book, sent: &Sent, now: Instant) -> Terms {
        let Some(versions) = book.versions() else { return Terms::default() };
        let agreement = versions.at(now).unwrap_or_else(|| versions.latest()).agreement();
        Terms {
            choices: Choices::of(book, sent, now),
            around: Around::of(book, now),
            scope: said::scope(agreement),
            tried: said::at(agreement, ShowAt::RequestForm).into_iter().next(),
            instances: places(book),
        }
    }
}

impl Preview {
    fn of(terms: &Terms, sent: &Sent, seems: Vec<Scope>) -> Preview {
        let chosen = terms.choices.chosen();
        Preview {
            name: chosen.map_or(String::new(), |choice| choice.name.clone()),
            due: chosen.map_or(String::new(), |choice| choice.due.clone()),
            seems,
            untried: sent.given("tried").is_none(),
        }
    }
}

fn instance_field(instances: &[(String, String)], sent: &Sent) -> Option<String> {
    let nothing = (String::new(), "none in particular".to_owned());
    let pick = Pick {
        id: "instance",
        name: "instance",
        label: "Which instance",
        hint: String::new(),
        value: sent.get("instance").to_owned(),
        options: std::iter::once(nothing).chain(instances.iter().cloned()).collect(),
    };
    (pick.options.len() > 1).then(|| pick.to_string())
}

fn what_happens(sent: &Sent) -> String {
    let area = Area {
        id: "text",
        name: "text",
        label: "What happens",
        hint: "Since when, for whom, and what you expected instead.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    area.to_string()
}

/// SH-REQ-01: a field, not a gate.
fn what_was_tried(asked: Option<&Sentence>, sent: &Sent) -> String {
    let hint = asked.map_or("What have you tried so far?", |sentence| sentence.text.as_str());
    let area = Area {
        id: "tried",
        name: "tried",
        label: "What you tried",
        hint: format!("{hint} It saves a question."),
        value: sent.get("tried").to_owned(),
        required: false,
        most: Area::CHARS_MAX,
    };
    area.to_string()
}

pub(in crate::server) fn instances(book: &Book) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        book.instance_names().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}

/// The same, where those that are not in production say so: it matters for P1 (SH-DEF-17).
fn places(book: &Book) -> Vec<(String, String)> {
    let test = |id: &str| id.parse().is_ok_and(|id| book.environment(&id) == Some(Environment::Test));
    let named = |(id, name): (String, String)| {
        let name = if test(&id) { format!("{name} (test, not production)") } else { name };
        (id, name)
    };
    instances(book).into_iter().map(named).collect()
}

/// The request as it would be recorded.
fn request(choice: &str, sent: &Sent) -> RequestReceived {
    let (kind, urgency) = choice
        .split_once('/')
        .map_or((None, None), |(kind, urgency)| (Some(kind).filter(|kind| !kind.is_empty()), Some(urgency)));
    RequestReceived {
        ticket: "T-0".parse().expect("T, a hyphen and a number are an id"),
        channel: CHANNEL.to_owned(),
        title: sent.given("title").map(str::to_owned),
        instance: sent.given("instance").and_then(|instance| instance.parse().ok()),
        priority: Some(choice).filter(|c| !c.is_empty() && !c.contains('/')).map(str::to_owned),
        class: None,
        kind: kind.map(str::to_owned),
        urgency: urgency.map(str::to_owned),
        text: None,
        split_from: None,
        about: None,
    }
}

/// What is put on file: what happens, and below it what was tried.
fn text(sent: &Sent) -> String {
    let happens = sent.get("text");
    match sent.given("tried") {
        Some(tried) => format!("{happens}\n\n{TRIED}\n{tried}"),
        None => happens.to_owned(),
    }
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("new")?;
    if sent.given("look").is_some() {
        return show(&app, shell, client, sent, Why::Looked).await;
    }
    if sent.given("title").is_none() || sent.given("text").is_none() {
        let refused = Refused::because("Say what it is about and what happens.");
        return show(&app, shell, client, sent, Why::Refused(refused)).await;
    }
    let request = request(sent.get("choice"), &sent);
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, ..By::new(viewer.actor()) };
    let (of, words) = (client.clone(), text(&sent));
    let held = held_in(&sent)?;
    let ask = move |control: &Control, now| match &held {
        Some(held) => control.receive_held(&of, held, request, words, by, now),
        None => control.receive(&of, request, words, by, now),
    };
    match app.attempt(ask).await? {
        Ok((ticket, _)) => {
            let to = path(&client, &["tickets", ticket.as_str()]);
            let notice = if sent.given("tried").is_some() { Notice::Recorded } else { Notice::Untried };
            Ok(Redirect::to(&format!("{to}?done={}", notice.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, sent, Why::Refused(refused)).await,
    }
}
