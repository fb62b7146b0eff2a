//! The agreement in prose, with its readings, its versions and the exact file of each.

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
use control::live::{Control, Paper};
use facts::ClientId;
use promise::Versions;
use spans::Instant;

use super::{App, Problem, Route, Section, Shell, Viewer, Who, page};
use crate::{
    part::{State as Word, badge},
    when::stamp,
};

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/agreements", Who::Staff, all),
        Route::get("/clients/{client}/agreement", Who::OfClient, one),
        Route::get("/clients/{client}/agreement/{file}", Who::OfClient, file),
    ]
}

/// A file at hand, and how it stands.
struct Version {
    sha256: String,
    path: String,
    tier: String,
    from: String,
    badge: String,
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
    let sha256 = name.strip_suffix(".toml").ok_or(Problem::NotFound)?.to_owned();
    let text = app
        .ask_control(move |control, _| {
            // Looked up among the client's own: whoever knows the hash of another's file learns nothing by it.
            let paper = control.shelf().of(&client).find(|paper| paper.terms.identity() == sha256);
            paper.map(|paper| paper.text.clone()).ok_or(Problem::NotFound)
        })
        .await?;
    let kept = format!("attachment; filename=\"agreement-{}.toml\"", &name[..12.min(name.len())]);
    let headers =
        [(header::CONTENT_TYPE, "application/toml".to_owned()), (header::CONTENT_DISPOSITION, kept)];
    Ok((headers, text).into_response())
}

fn versions_of(control: &Control, client: &ClientId, now: Instant) -> journal::Result<Option<Versions>> {
    let versions = control.read(client, now, |book| book.versions().map(|versions| (**versions).clone()))?;
    Ok(versions.flatten())
}

fn line(control: &Control, client: ClientId, now: Instant) -> journal::Result<Line> {
    let versions = versions_of(control, &client, now)?;
    let in_force = versions.as_ref().and_then(|versions| versions.at(now)).map(|plan| plan.terms());
    let papers: Vec<_> = control.shelf().of(&client).collect();
    let terms = in_force.or(papers.first().map(|paper| &paper.terms));
    let text = |of: fn(&Terms) -> String| terms.map(of).unwrap_or_default();
    Ok(Line {
        id: text(|terms| terms.agreement().agreement.id.clone()),
        title: text(|terms| terms.agreement().agreement.title.clone()),
        tier: text(|terms| terms.tier().unwrap_or_default().to_owned()),
        badge: standing(in_force.is_some()),
        versions: papers.len(),
        client,
    })
}

fn standing(in_force: bool) -> String {
    if in_force { badge(Word::Kept, "in force") } else { badge(Word::Unknown, "not in force") }
}

fn shown(control: &Control, client: &ClientId, now: Instant) -> journal::Result<Option<Shown>> {
    let versions = versions_of(control, client, now)?;
    let in_force = versions.as_ref().and_then(|versions| versions.at(now)).map(|plan| plan.terms());
    let papers: Vec<&Paper> = control.shelf().of(client).map(|paper| &**paper).collect();
    let Some(terms) = in_force.or(papers.first().map(|paper| &paper.terms)) else { return Ok(None) };
    let Ok(document) = show(terms.agreement(), terms.tier()) else { return Ok(None) };
    let header = &terms.agreement().agreement;
    let term = terms.term();
    Ok(Some(Shown {
        id: header.id.clone(),
        parties: format!("{} for {}", header.provider, header.client),
        term: format!("{} to {}", stamp(term.start), stamp(term.end)),
        tier: terms.tier().unwrap_or_default().to_owned(),
        in_force: in_force.is_some(),
        document,
        readings: terms.agreement().readings.clone(),
        versions: listed(client, versions.as_ref(), &papers, now),
    }))
}

/// Every activation, newest first, then files at hand that never came into force.
fn listed(client: &ClientId, versions: Option<&Versions>, papers: &[&Paper], now: Instant) -> Vec<Version> {
    let path = |sha256: &str| format!("/clients/{client}/agreement/{sha256}.toml");
    let activated: Vec<(Instant, &Terms)> =
        versions.iter().flat_map(|v| v.iter()).map(|(from, plan)| (from, plan.terms())).collect();
    let current = activated.iter().rposition(|(from, _)| *from <= now);
    let mut all: Vec<Version> = activated
        .iter()
        .enumerate()
        .map(|(index, (from, terms))| Version {
            sha256: terms.identity().to_owned(),
            path: path(terms.identity()),
            tier: terms.tier().unwrap_or_default().to_owned(),
            from: stamp(*from),
            badge: match current {
                Some(now) if now == index => badge(Word::Kept, "in force"),
                Some(now) if index < now => badge(Word::Excluded, "followed by another"),
                _ => badge(Word::Risk, "from then on"),
            },
        })
        .collect();
    all.reverse();
    let idle = papers.iter().filter(|p| !activated.iter().any(|(_, t)| t.identity() == p.terms.identity()));
    all.extend(idle.map(|paper| Version {
        sha256: paper.terms.identity().to_owned(),
        path: path(paper.terms.identity()),
        tier: paper.terms.tier().unwrap_or_default().to_owned(),
        from: "–".to_owned(),
        badge: badge(Word::Unknown, "not in force"),
    }));
    all
}
