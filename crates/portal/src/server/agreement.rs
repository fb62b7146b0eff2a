//! The agreement in prose, with its readings, its versions and the exact file of each.

mod diff;

use std::collections::BTreeMap;

use agreement::{
    Terms,
    show::{Block, Document, show},
};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::header,
    response::{IntoResponse, Response},
};
use control::live::{
    Control,
    query::{self, Standing},
};
use desk::policy::Action;
use facts::ClientId;
use spans::Instant;

use super::{App, Problem, Route, Section, Shell, Viewer, moment::stamp, page};
use crate::part::{State as Word, badge};

pub(crate) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/agreements", Action::ReadAgreement, all),
        Route::get("/clients/{client}/agreement", Action::ReadAgreement, one),
        Route::get("/clients/{client}/agreement/{file}", Action::ReadAgreement, file),
    ];
    own.into_iter().chain(diff::routes()).collect()
}

/// A file at hand, and how it stands.
struct Version {
    sha256: String,
    path: String,
    tier: String,
    from: String,
    until: String,
    by: String,
    badge: String,
    /// What it says otherwise than the file before it.
    changes: Option<String>,
}

/// A client's line in the list.
struct Line {
    client: ClientId,
    id: String,
    title: String,
    tier: String,
    badge: String,
    versions: usize,
}

#[derive(Template)]
#[template(path = "agreements.html")]
struct AgreementsPage {
    shell: Shell,
    lines: Vec<Line>,
}

#[derive(Template)]
#[template(path = "agreement.html")]
struct AgreementPage {
    shell: Shell,
    shown: Option<Shown>,
    staff: bool,
}

struct Shown {
    id: String,
    parties: String,
    term: String,
    tier: String,
    in_force: bool,
    document: Document,
    readings: BTreeMap<String, String>,
    versions: Vec<Version>,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let lines = app
        .ask_control(|control, now| {
            let clients = control.shelf().clients().into_iter();
            clients.map(|client| line(control, client, now)).collect::<journal::Result<Vec<_>>>()
        })
        .await?;
    page(&AgreementsPage { shell: shell.titled("Agreements").at(Section::Agreement), lines })
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let (staff, of) = (viewer.is_staff(), client.clone());
    let (known, shown) = app
        .ask_control(move |control, now| {
            let known = control.clients().contains(&of);
            shown(control, &of, now).map(|shown| (known, shown))
        })
        .await?;
    if !known && staff {
        return Err(Problem::NotFound);
    }
    let shell = shell.of(&client).titled("Agreement").at(Section::Agreement);
    page(&AgreementPage { shell, shown, staff })
}

/// The exact bytes that were signed.
async fn file(
    State(app): State<App>,
    Path((client, name)): Path<(ClientId, String)>,
) -> Result<Response, Problem> {
    let text = signed(&app, client, &name).await?;
    let kept = format!("attachment; filename=\"agreement-{}.toml\"", &name[..12.min(name.len())]);
    let headers =
        [(header::CONTENT_TYPE, "application/toml".to_owned()), (header::CONTENT_DISPOSITION, kept)];
    Ok((headers, text).into_response())
}

/// A version's file by its name, `SHA256.toml`.
pub(super) async fn signed(app: &App, client: ClientId, name: &str) -> Result<String, Problem> {
    let sha256 = name.strip_suffix(".toml").ok_or(Problem::NotFound)?.to_owned();
    app.ask_control(move |control, _| {
        // Looked up among the client's own: whoever knows the hash of another's file learns nothing by it.
        let paper = control.shelf().of(&client).find(|paper| paper.terms.identity() == sha256);
        paper.map(|paper| paper.text.clone()).ok_or(Problem::NotFound)
    })
    .await
}

fn line(control: &Control, client: ClientId, now: Instant) -> journal::Result<Line> {
    let view = control.agreement(&client, now)?;
    let text = |of: fn(&Terms) -> String| view.as_ref().map(|view| of(&view.terms)).unwrap_or_default();
    Ok(Line {
        id: text(|terms| terms.agreement().agreement.id.clone()),
        title: text(|terms| terms.agreement().agreement.title.clone()),
        tier: text(|terms| terms.tier().unwrap_or_default().to_owned()),
        badge: standing(view.as_ref().is_some_and(|view| view.in_force)),
        versions: control.shelf().of(&client).count(),
        client,
    })
}

fn standing(in_force: bool) -> String {
    if in_force { badge(Word::Kept, "in force") } else { badge(Word::Unknown, "not in force") }
}

fn shown(control: &Control, client: &ClientId, now: Instant) -> journal::Result<Option<Shown>> {
    let Some(view) = control.agreement(client, now)? else { return Ok(None) };
    let terms = &view.terms;
    let Ok(document) = show(terms.agreement(), terms.tier()) else { return Ok(None) };
    let header = &terms.agreement().agreement;
    let term = terms.term();
    Ok(Some(Shown {
        id: header.id.clone(),
        parties: format!("{} for {}", header.provider, header.client),
        term: format!("{} to {}", stamp(term.start), stamp(term.end)),
        tier: terms.tier().unwrap_or_default().to_owned(),
        in_force: view.in_force,
        document,
        readings: terms.agreement().readings.clone(),
        versions: versions(client, view.versions),
    }))
}

fn versions(client: &ClientId, listed: Vec<query::Version>) -> Vec<Version> {
    let files: Vec<(String, bool)> = listed.iter().map(|v| (v.sha256.clone(), v.from.is_some())).collect();
    // What never came into force is compared with the newest that did, and each of those with the one before it.
    let before = |index: usize| {
        let (own, was_in_force) = files.get(index)?;
        let earlier = files.iter().skip(if *was_in_force { index + 1 } else { 0 });
        earlier.filter(|(file, known)| *known && file != own).map(|(file, _)| file).next()
    };
    let each = listed.into_iter().enumerate();
    each.map(|(index, listed)| version(client, listed, before(index))).collect()
}

fn version(client: &ClientId, listed: query::Version, before: Option<&String>) -> Version {
    let new = &listed.sha256;
    Version {
        changes: before.map(|old| format!("/clients/{client}/agreement/diff?old={old}&new={new}")),
        until: listed.until.map_or_else(|| "–".to_owned(), stamp),
        by: listed.by.clone().unwrap_or_default(),
        path: format!("/clients/{client}/agreement/{}.toml", listed.sha256),
        tier: listed.tier.unwrap_or_default(),
        from: listed.from.map_or_else(|| "–".to_owned(), stamp),
        badge: match listed.standing {
            Standing::InForce => badge(Word::Kept, "in force"),
            Standing::Followed => badge(Word::Excluded, "followed by another"),
            Standing::FromThenOn => badge(Word::Risk, "from then on"),
            Standing::Idle => badge(Word::Unknown, "not in force"),
        },
        sha256: listed.sha256,
    }
}
