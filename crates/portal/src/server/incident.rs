//! Incidents: all of them a piece at a time, and one of them drawn from facts: when it failed and from where, what was said, what
//! else happened, and its root cause, published or still owed (MP-SC-INC-03). What is done about it is done on its ticket.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use control::live::query::{IncidentLine, IncidentView, NearChange, RootCause};
use desk::policy::{Action, Resource};
use facts::{ClientId, TicketId};
use serde::Deserialize;
use spans::Instant;

use super::{
    App, Problem, Route, Section, Shell, Viewer,
    moment::{due, exact, path, time},
    onward::{Onward, Piece},
    page,
};
use crate::{
    part::{State as Word, badge, clauses},
    when::{about, seconds},
};

/// Incidents in the list, the newest.
const SHOWN_MAX: usize = 100;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/incidents", Action::ReadTickets, all),
        Route::get("/clients/{client}/incidents/{ticket}", Action::ReadTickets, one),
    ]
}

struct Line {
    link: String,
    title: String,
    opened: String,
    lasted: String,
    state: String,
    cause: String,
}

#[derive(Template)]
#[template(path = "incidents.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    /// Of these, how many are resolved and their root cause is owed.
    owed: usize,
    onward: Onward,
}

async fn all(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(piece): Query<Piece>,
) -> Result<Response, Problem> {
    let (of, now) = (client.clone(), app.now());
    // One more than are shown says whether there is a way on.
    let found = app
        .ask_control(move |control, now| control.incidents(&of, (None, piece.from), SHOWN_MAX + 1, now))
        .await?;
    let mut lines = match found {
        // A client's own people come in before anything is on file.
        None if !viewer.is_staff() => Vec::new(),
        found => found.ok_or(Problem::NotFound)?,
    };
    let count = piece.from.saturating_add(lines.len());
    let onward = piece.onward(&path(&client, &["incidents"]), count, SHOWN_MAX);
    lines.truncate(SHOWN_MAX);
    let owed = lines.iter().filter(|line| matches!(line.cause, RootCause::Owed { .. })).count();
    let lines = lines.iter().map(|one| line(&client, one, now)).collect();
    let shell = shell
        .of(&client)
        .titled("Incidents")
        .at(Section::Tickets)
        .below("Tickets", &path(&client, &["tickets"]))
        .live();
    page(&ListPage { shell, lines, owed, onward })
}

fn line(client: &ClientId, one: &IncidentLine, now: Instant) -> Line {
    Line {
        link: path(client, &["incidents", one.ticket.as_str()]),
        title: one.title.clone(),
        opened: time(one.opened, now),
        lasted: about(one.closed.unwrap_or(now) - one.opened),
        state: state(one),
        cause: cause(&one.cause),
    }
}

fn state(line: &IncidentLine) -> String {
    match line.closed {
        Some(_) => badge(Word::Kept, "resolved"),
        None => badge(Word::Missed, "open"),
    }
}

fn cause(cause: &RootCause) -> String {
    match cause {
        RootCause::NotYet | RootCause::NotOwed => "<span class=\"soft\">–</span>".to_owned(),
        RootCause::Owed { .. } => badge(Word::Risk, "open item: no root cause yet"),
        RootCause::Published { .. } => badge(Word::Kept, "published"),
    }
}

struct From {
    vantage: String,
    failed: String,
    first: String,
    last: String,
}

struct Moment {
    at: String,
    kind: &'static str,
    what: String,
    text: Option<String>,
}

struct Near {
    what: String,
    at: String,
    announced: bool,
    clauses: String,
}

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentPage {
    shell: Shell,
    state: String,
    instance: Option<(String, String)>,
    opened: String,
    closed: Option<String>,
    failing: bool,
    down: String,
    excluded: String,
    unknown: String,
    runs: Vec<(String, String, String)>,
    vantages: Vec<From>,
    changes: Vec<Near>,
    next_update: Option<String>,
    next_due: Option<String>,
    moments: Vec<Moment>,
    cause: String,
    /// Since when the root cause is owed, and by which clauses.
    owed: Option<(String, String)>,
    published: Option<String>,
    ticket: String,
    may_answer: bool,
    may_publish: bool,
    /// Where the public is told of it, for whoever may.
    tell: Option<String>,
}

/// Which incident an address names.
#[derive(Debug, Clone, Deserialize)]
struct At {
    client: ClientId,
    ticket: TicketId,
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    let of = at.clone();
    let found = app.ask_control(move |control, now| {
        control.incident(&of.client, &of.ticket, now).map(|found| found.map(|view| (view, now)))
    });
    let (view, now) = found.await?.ok_or(Problem::NotFound)?;
    page(&draw(shell, &viewer, &at, view, now))
}

fn draw(shell: Shell, viewer: &Viewer, at: &At, view: IncidentView, now: Instant) -> IncidentPage {
    let line = &view.line;
    let may = |action| viewer.may(action, &Resource::Client(&at.client));
    let instance = line.instance.as_ref().zip(view.name.as_ref());
    let (owed, published) = match &line.cause {
        RootCause::Owed { since, clauses: ids } => (Some((time(*since, now), clauses(ids))), None),
        RootCause::Published { at } => (None, Some(time(*at, now))),
        RootCause::NotYet | RootCause::NotOwed => (None, None),
    };
    IncidentPage {
        state: state(line),
        instance: instance.map(|(id, name)| (name.clone(), path(&at.client, &["instances", id.as_str()]))),
        opened: time(line.opened, now),
        closed: line.closed.map(|closed| time(closed, now)),
        failing: view.failing,
        down: seconds(view.down),
        excluded: seconds(view.excluded),
        unknown: seconds(view.unknown),
        runs: view.runs.iter().map(|run| (exact(run.start), exact(run.end), seconds(run.length()))).collect(),
        vantages: view
            .vantages
            .iter()
            .map(|from| From {
                vantage: from.vantage.to_string(),
                failed: seconds(from.failed),
                first: exact(from.span.start),
                last: exact(from.span.end),
            })
            .collect(),
        changes: view.changes.iter().map(|change| near(change, now)).collect(),
        next_update: view.next_update.map(|at| due(at, now)),
        next_due: view.next_due.map(|at| due(at, now)),
        moments: view
            .moments
            .iter()
            .map(|moment| Moment {
                at: exact(moment.at),
                kind: moment.kind,
                what: moment.what.clone(),
                text: moment.text.clone(),
            })
            .collect(),
        cause: cause(&line.cause),
        owed,
        published,
        ticket: path(&at.client, &["tickets", at.ticket.as_str()]),
        may_answer: may(Action::AnswerTicket) && line.closed.is_none(),
        tell: may(Action::TellPublic)
            .then(|| format!("{}?request={}", path(&at.client, &["status", "update"]), line.ticket)),
        may_publish: may(Action::PublishRca) && line.closed.is_some(),
        shell: shell
            .of(&at.client)
            .titled(&line.title)
            .at(Section::Tickets)
            .below("Incidents", &path(&at.client, &["incidents"]))
            .live(),
    }
}

fn near(change: &NearChange, now: Instant) -> Near {
    Near {
        what: change.what.clone().unwrap_or_else(|| change.change.to_string()),
        at: time(change.starts_at, now),
        announced: change.announced,
        clauses: clauses(&change.clauses),
    }
}
