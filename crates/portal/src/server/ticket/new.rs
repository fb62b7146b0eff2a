//! A new request: the agreement's own words, and the time by which each priority would be answered, before it is sent.

use agreement::{Party, RequestRule};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Book, command::By};
use desk::policy::Action;
use facts::{ClientId, RequestReceived};
use spans::Instant;

use crate::part::clauses as clauses_of;
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Pick, Refused, Sent, new_key},
    moment::{due, path},
    page,
};

/// The way in of what is written here.
pub(crate) const CHANNEL: &str = "portal";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/tickets/new", Action::OpenTicket, form),
        Route::post("/clients/{client}/tickets/new", Action::OpenTicket, send),
    ]
}

/// A priority, or a kind with an urgency, and what it would mean now.
struct Choice {
    value: String,
    name: String,
    text: String,
    clauses: String,
    due: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "ticket_new.html")]
struct NewPage {
    shell: Shell,
    client: ClientId,
    key: String,
    title: String,
    instance: Option<String>,
    text: String,
    choices: Vec<Choice>,
    legend: &'static str,
    refused: Option<Refused>,
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
    let typed = sent.clone();
    let (choices, instances) =
        app.book(&client, move |book, now| (choices(book, &typed, now), instances(book))).await?;
    let below = format!("/clients/{client}/tickets");
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let pick = Pick {
        id: "instance",
        name: "instance",
        label: "Which instance",
        hint: String::new(),
        value: sent.get("instance").to_owned(),
        options: std::iter::once((String::new(), "none in particular".to_owned())).chain(instances).collect(),
    };
    let area = Area {
        id: "text",
        name: "text",
        label: "What happens, and what you tried",
        hint: "Since when, for whom, and what you expected instead.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
    };
    let title = Field::text("title", "What it is about").value(sent.get("title"));
    let response = page(&NewPage {
        shell: shell.of(&client).titled("New request").at(Section::Tickets).below("Tickets", &below),
        client,
        key: new_key()?,
        title: title.to_string(),
        instance: (pick.options.len() > 1).then(|| pick.to_string()),
        text: area.to_string(),
        legend: if choices.iter().any(|c| c.value.contains('/')) { "Kind and urgency" } else { "Priority" },
        choices,
        refused,
    })?;
    Ok((status, response).into_response())
}

pub(in crate::server) fn instances(book: &Book) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> =
        book.instance_names().into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    all.sort_by(|a, b| a.1.cmp(&b.1));
    all
}

/// What the agreement lets a client say, with the due time that the engine gives for it now.
fn choices(book: &Book, sent: &Sent, now: Instant) -> Vec<Choice> {
    let Some(versions) = book.versions() else { return Vec::new() };
    let Some(rule) = &versions.latest().agreement().request else { return Vec::new() };
    let chosen = sent.given("choice").map(str::to_owned).or_else(|| usual(rule)).unwrap_or_default();
    let mut all = Vec::new();
    for (value, name, text, clauses) in words(rule) {
        let owed = book.owed_for(&request("T-0", &value, sent), now);
        let ours = owed.iter().filter(|o| o.duty.party == Party::Provider);
        let first = ours.filter_map(|o| Some((o.due?, o))).min_by_key(|(due, _)| *due);
        let (when, under) =
            first.map_or((String::new(), String::new()), |(at, o)| (due(at, now), clauses_of(o.clauses())));
        let clauses = if clauses.is_empty() { under } else { clauses };
        all.push(Choice { chosen: value == chosen, value, name, text, clauses, due: when });
    }
    all
}

/// Value, name, meaning and clauses of everything that can be chosen.
fn words(rule: &RequestRule) -> Vec<(String, String, String, String)> {
    if !rule.priority.is_empty() {
        let word =
            |p: &agreement::Priority| (p.id.clone(), p.id.clone(), p.text.clone(), clauses_of(&p.clause.ids));
        return rule.priority.iter().map(word).collect();
    }
    let kinds: Vec<&str> =
        if rule.kinds.is_empty() { vec![""] } else { rule.kinds.iter().map(String::as_str).collect() };
    let pairs = kinds.iter().flat_map(|kind| rule.urgencies.iter().map(move |urgency| (kind, urgency)));
    pairs
        .map(|(kind, urgency)| {
            let name = if kind.is_empty() { urgency.clone() } else { format!("{kind}, {urgency}") };
            (format!("{kind}/{urgency}"), name, String::new(), String::new())
        })
        .collect()
}

fn usual(rule: &RequestRule) -> Option<String> {
    if rule.priority.is_empty() {
        let urgency = rule.default_urgency.as_ref().or(rule.urgencies.iter().find(|u| *u == "normal"));
        return Some(format!("{}/{}", rule.kinds.last().map_or("", String::as_str), urgency?));
    }
    rule.default_priority.clone()
}

/// The request as it would be recorded.
fn request(ticket: &str, choice: &str, sent: &Sent) -> RequestReceived {
    let (kind, urgency) = choice
        .split_once('/')
        .map_or((None, None), |(kind, urgency)| (Some(kind).filter(|kind| !kind.is_empty()), Some(urgency)));
    RequestReceived {
        ticket: ticket.parse().expect("T, a hyphen and a number are an id"),
        channel: CHANNEL.to_owned(),
        title: sent.given("title").map(str::to_owned),
        instance: sent.given("instance").and_then(|instance| instance.parse().ok()),
        priority: Some(choice).filter(|c| !c.is_empty() && !c.contains('/')).map(str::to_owned),
        class: None,
        kind: kind.map(str::to_owned),
        urgency: urgency.map(str::to_owned),
        text: None,
        split_from: None,
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
    if sent.given("title").is_none() || sent.given("text").is_none() {
        let refused = Refused::because("Say what it is about and what happens.");
        return show(&app, shell, client, sent, Some(refused)).await;
    }
    let request = request("T-0", sent.get("choice"), &sent);
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, ..By::new(viewer.actor()) };
    let (of, text) = (client.clone(), sent.get("text").to_owned());
    match app.attempt(move |control, now| control.receive(&of, request, text, by, now)).await? {
        Ok((ticket, _)) => {
            let to = path(&client, &["tickets", ticket.as_str()]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, sent, Some(refused)).await,
    }
}
