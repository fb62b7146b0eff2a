//! Changes that the client makes to its own surroundings: it warns of them here (MP-CLI-14), and the provider's people write down one
//! that nobody announced. An outage that begins right after names it.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book,
    command::{By, NewChange},
    query::Changed,
};
use desk::policy::{Action, Resource};
use facts::{ClientId, Event, InstanceId};
use spans::Instant;

use super::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Minute, Refused, Sent, new_key},
    moment::{path, time},
    onward::{Onward, Piece},
    page,
};
use crate::part::{State as Word, badge, clauses};

/// Changes on the page, the latest.
const SHOWN_MAX: usize = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/changes", Action::ReadMaintenance, all),
        Route::post("/clients/{client}/changes", Action::AnnounceChange, announce),
    ]
}

struct Line {
    change: String,
    what: String,
    starts: String,
    instances: String,
    by: String,
    at: String,
    state: String,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ChangesPage {
    shell: Shell,
    at: String,
    key: String,
    staff: bool,
    may: bool,
    lines: Vec<Line>,
    onward: Onward,
    fields: Vec<String>,
    instances: Vec<(String, String, bool)>,
    clauses: String,
    refused: Option<Refused>,
}

/// What the page is made from.
struct Found {
    changes: Vec<Changed>,
    names: Vec<(InstanceId, String)>,
    clauses: Vec<String>,
    now: Instant,
}

fn find(book: &Book, now: Instant) -> Found {
    let agreement = book.versions().map(|versions| versions.latest().agreement());
    let rules = agreement.iter().flat_map(|agreement| &agreement.obligation);
    let warns = rules.filter(|rule| rule.on.event == Event::ClientChangePlanned);
    Found {
        changes: book.client_changes(),
        names: book.instance_names(),
        clauses: warns.flat_map(|rule| rule.clause.ids.iter().cloned()).collect(),
        now,
    }
}

async fn all(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(piece): Query<Piece>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, client, (Sent::default(), piece), None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    (sent, piece): (Sent, Piece),
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let found = app.book(&client, find).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ticked = |id: &str| sent.all("instance").any(|ticked| ticked == id);
    let page = page(&ChangesPage {
        key: new_key()?,
        staff: viewer.is_staff(),
        may: viewer.may(Action::AnnounceChange, &Resource::Client(&client)),
        lines: piece.of(&found.changes, SHOWN_MAX).map(|change| line(change, &found)).collect(),
        onward: piece.onward(&path(&client, &["changes"]), found.changes.len(), SHOWN_MAX),
        fields: fields(&sent),
        instances: found
            .names
            .iter()
            .map(|(id, name)| (id.to_string(), name.clone(), ticked(id.as_str())))
            .collect(),
        clauses: clauses(&found.clauses),
        refused,
        shell: shell
            .of(&client)
            .titled("The client's own changes")
            .at(Section::Maintenance)
            .below("Maintenance", &path(&client, &["maintenance"])),
        at: path(&client, &["changes"]),
    })?;
    Ok((status, page).into_response())
}

fn line(change: &Changed, found: &Found) -> Line {
    let name = |id: &InstanceId| {
        let known = found.names.iter().find(|(known, _)| known == id);
        known.map_or_else(|| id.to_string(), |(_, name)| name.clone())
    };
    let names: Vec<String> = change.instances.iter().map(name).collect();
    // Its turn, never a fault: a change that came without a warning is said, and nobody is blamed.
    let state = match change.is_in_time() {
        true => badge(Word::Kept, "announced"),
        false => badge(Word::Client, "not announced before"),
    };
    Line {
        change: change.change.to_string(),
        what: change.what.clone().unwrap_or_default(),
        starts: time(change.starts_at, found.now),
        instances: if names.is_empty() { "any".to_owned() } else { names.join(", ") },
        by: change.by.clone(),
        at: time(change.at, found.now),
        state,
    }
}

fn fields(sent: &Sent) -> Vec<String> {
    let what = Area {
        id: "what",
        name: "what",
        label: "What is changed",
        hint: "Network, sign-in, databases, other systems: whatever this service may feel.".to_owned(),
        value: sent.get("what").to_owned(),
        required: true,
    };
    let starts = Minute {
        id: "starts",
        name: "starts",
        label: "Begins",
        hint: String::new(),
        value: sent.get("starts").to_owned(),
        required: true,
    };
    vec![what.to_string(), starts.to_string()]
}

async fn announce(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("change")?), ..By::new(viewer.actor()) };
    let new = match read(&sent) {
        Ok(new) => new,
        Err(why) => {
            return show(&app, shell, &viewer, client, (sent, Piece::default()), Some(Refused::because(why)))
                .await;
        }
    };
    let of = client.clone();
    match app.attempt(move |control, now| control.announce_change(&of, new, by, now)).await? {
        Ok(_) => {
            let to = path(&client, &["changes"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, &viewer, client, (sent, Piece::default()), Some(refused)).await,
    }
}

fn read(sent: &Sent) -> Result<NewChange, &'static str> {
    let instances: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    Ok(NewChange {
        what: sent.get("what").to_owned(),
        starts_at: sent.minute("starts").ok_or("Say when it begins, as 2026-03-09T18:00.")?,
        instances: instances.map_err(|_| "One of the instances is not known.")?,
    })
}
