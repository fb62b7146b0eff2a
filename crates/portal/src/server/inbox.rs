//! What somebody was told, the newest first: everything that concerns them stands here, however else it reached them (MP-UPD-03).

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use desk::{
    notify::Letter,
    policy::{Action, Resource},
};
use facts::ClientId;
use journal::{Journal, inbox::Item};
use spans::Instant;

use super::{
    App, Problem, Route, Shell, Viewer,
    form::Sent,
    moment::{due, time},
    page,
};

const HERE: &str = "/inbox";

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get(HERE, Action::ReadOwn, inbox), Route::post("/inbox/read", Action::EditOwn, read)]
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage {
    shell: Shell,
    lines: Vec<Line>,
    unread: usize,
    /// Until when what is on the page was told.
    until: String,
}

struct Line {
    /// The notice's, so that whoever stands on it stays there when another comes.
    id: String,
    link: String,
    title: String,
    headline: String,
    client: ClientId,
    why: &'static str,
    at: String,
    due: Option<String>,
    unread: bool,
}

impl Line {
    fn of(item: &Item, letter: Letter, now: Instant) -> Line {
        Line {
            id: item.id.clone(),
            why: letter.why.sentence(),
            link: letter.path,
            title: letter.title,
            headline: letter.headline,
            client: item.client.clone(),
            at: time(letter.at, now),
            due: letter.due.filter(|due| now < *due).map(|at| due(at, now)),
            unread: item.read.is_none(),
        }
    }
}

async fn inbox(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    let (found, now) = (items(&app, &viewer).await?, app.now());
    let until = found.first().map(|(item, _)| item.at.to_string()).unwrap_or_default();
    let lines: Vec<Line> = found.into_iter().map(|(item, letter)| Line::of(&item, letter, now)).collect();
    let unread = lines.iter().filter(|line| line.unread).count();
    page(&InboxPage { shell: shell.titled("Inbox").live_for_notices(), lines, unread, until })
}

async fn read(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    let until: Instant = sent.get("until").parse().map_err(|_| {
        Problem::Invalid("The form does not say until when it was read: open the inbox again.".to_owned())
    })?;
    mark(&app, &viewer, until).await?;
    Ok(Redirect::to(HERE).into_response())
}

/// What somebody was told and may still read of, the newest first.
pub(crate) async fn items(app: &App, viewer: &Viewer) -> Result<Vec<(Item, Letter)>, Problem> {
    let id = viewer.person.id.clone();
    let found: Vec<Item> = app.ask(move |journal| journal.glance(|tx| tx.inbox(&id))).await?;
    let mut known = BTreeMap::new();
    let open = found
        .into_iter()
        .filter(|item| *known.entry(item.client.clone()).or_insert_with(|| may_read(viewer, &item.client)));
    // What an older release wrote and this one cannot read is passed over.
    Ok(open
        .filter_map(|item| Some((serde_json::from_str(&item.body).ok()?, item)))
        .map(|(letter, item)| (item, letter))
        .collect())
}

/// Notes that somebody read what was there at an instant and is theirs to read, and says how much of it was new.
pub(crate) async fn mark(app: &App, viewer: &Viewer, until: Instant) -> Result<u64, Problem> {
    let (id, now) = (viewer.person.id.clone(), app.now());
    let of = id.clone();
    let mut clients: Vec<ClientId> = app.ask(move |journal| journal.glance(|tx| tx.new_in(&of))).await?;
    clients.retain(|client| may_read(viewer, client));
    let work = move |journal: &Journal| {
        journal.write(move |tx| {
            clients.iter().try_fold(0, |read, client| Ok(read + tx.read_inbox(&id, client, until, now)?))
        })
    };
    app.ask::<_, journal::Error>(work).await
}

/// How much somebody has not read.
pub(super) async fn unread(app: &App, viewer: &Viewer) -> Result<u64, Problem> {
    Ok(new_of(app, viewer).await?.into_iter().map(|(_, count)| count).sum())
}

/// The same, client by client.
async fn new_of(app: &App, viewer: &Viewer) -> Result<Vec<(ClientId, u64)>, Problem> {
    let id = viewer.person.id.clone();
    let counts: Vec<(ClientId, u64)> = app.ask(move |journal| journal.glance(|tx| tx.unread(&id))).await?;
    Ok(counts.into_iter().filter(|(client, _)| may_read(viewer, client)).collect())
}

/// A token that is cut to one client tells of no other, and whoever is no longer let near tickets reads no more of them.
fn may_read(viewer: &Viewer, client: &ClientId) -> bool {
    viewer.may(Action::ReadTickets, &Resource::Client(client))
}
