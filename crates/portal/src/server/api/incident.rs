//! Incidents: an outage with everything that is on record of it.

use std::cmp::Reverse;

use axum::response::Response;
use control::live::query::{IncidentLine, IncidentView, RootCause};
use desk::policy::Action;
use facts::{ClientId, Slug, TicketId};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::Read,
    operation::Operation,
    page::{LIMIT_MAX, list},
    shape::{At, Lasting, Stretch, at},
};
use crate::server::{Problem, Route};

const TAG: &str = "Incidents";

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Incidents>(
        TAG,
        "list_incidents",
        "Incidents, the newest first, however long ago they ended, each with how its root cause stands.",
    );
    let one = Operation::read::<Incident>(
        TAG,
        "get_incident",
        "One incident: when it failed, how long from each vantage point, and everything on record of it in order of time.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/incidents", Action::ReadTickets, all)
            .told(list.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/incidents/{ticket}", Action::ReadTickets, get).told(one),
    ]
}

/// An incident in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentLine)]
pub(crate) struct Line {
    /// The request that it is.
    ticket: String,
    title: String,
    instance: Option<String>,
    opened_at: At,
    /// Null while it is open.
    closed_at: Option<At>,
    /// `not yet`, `not owed`, `owed` or `published`.
    root_cause: &'static str,
    /// Since when a root cause analysis is owed.
    root_cause_owed_since: Option<At>,
    root_cause_published_at: Option<At>,
    href: String,
}

list! {
    /// Incidents.
    Incidents of Line
}

fn line(client: &ClientId, line: &IncidentLine) -> Line {
    let (word, owed, published) = match &line.cause {
        RootCause::NotYet => ("not yet", None, None),
        RootCause::NotOwed => ("not owed", None, None),
        RootCause::Owed { since, .. } => ("owed", Some(At(*since)), None),
        RootCause::Published { at } => ("published", None, Some(At(*at))),
    };
    Line {
        ticket: line.ticket.to_string(),
        title: line.title.clone(),
        instance: line.instance.as_ref().map(ToString::to_string),
        opened_at: line.opened.into(),
        closed_at: line.closed.map(At),
        root_cause: word,
        root_cause_owed_since: owed,
        root_cause_published_at: published,
        href: at(client, &["incidents", line.ticket.as_str()]),
    }
}

async fn all(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let limit = asking.limit(LIMIT_MAX)?;
    let after: Option<(i64, Slug)> = asking.after()?;
    let after =
        after.map(|(opened, ticket)| (Reverse(Instant::from_micros(opened.saturating_neg())), ticket));
    let of = client.clone();
    let found = app.ask_control(move |control, now| {
        // One more than are shown says whether there is a way on.
        control.incidents(&of, (after.as_ref(), 0), limit + 1, now)
    });
    let lines = found.await?.ok_or(Problem::NotFound)?;
    let place = |line: &IncidentLine| (line.opened.as_micros().saturating_neg(), line.ticket.0.clone());
    let (items, next) = asking.cut(lines, place, LIMIT_MAX)?;
    known.answer(&Incidents { items: items.iter().map(|item| line(&client, item)).collect(), next })
}

/// What one vantage point saw.
#[derive(Serialize, ToSchema)]
pub(crate) struct FailedFrom {
    vantage: String,
    failed: Lasting,
    span: Stretch,
}

/// A change of the client's that began shortly before.
#[derive(Serialize, ToSchema)]
pub(crate) struct NearChange {
    change: String,
    starts_at: At,
    what: Option<String>,
    /// Whether the client had warned of it before it began.
    announced: bool,
    clauses: Vec<String>,
}

/// Something in the life of an incident.
#[derive(Serialize, ToSchema)]
#[schema(as = IncidentMoment)]
pub(crate) struct Moment {
    at: At,
    /// `seen`, `said`, `published`, `maintenance`, `restart` or `change`.
    kind: &'static str,
    what: String,
    /// What was written with it.
    text: Option<String>,
}

/// An incident with everything that is on record of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Incident {
    /// As in the list.
    incident: Line,
    /// Whether it fails now.
    failing: bool,
    /// When it failed, from everywhere.
    runs: Vec<Stretch>,
    down: Lasting,
    /// How much of that is taken out.
    excluded: Lasting,
    /// How long nobody looked.
    unknown: Lasting,
    vantages: Vec<FailedFrom>,
    changes: Vec<NearChange>,
    /// When the next update is promised.
    next_update_by: Option<At>,
    /// When the provider's next answer falls due.
    next_due: Option<At>,
    moments: Vec<Moment>,
}

/// Which incident an address names.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    client: ClientId,
    ticket: TicketId,
}

async fn get(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let Place { client, ticket } = place;
    let of = client.clone();
    let found = app.ask_control(move |control, now| control.incident(&of, &ticket, now)).await?;
    known.answer(&told(&client, found.ok_or(Problem::NotFound)?))
}

fn told(client: &ClientId, view: IncidentView) -> Incident {
    Incident {
        incident: line(client, &view.line),
        failing: view.failing,
        runs: view.runs.into_iter().map(Stretch::from).collect(),
        down: view.down.into(),
        excluded: view.excluded.into(),
        unknown: view.unknown.into(),
        vantages: view
            .vantages
            .into_iter()
            .map(|from| FailedFrom {
                vantage: from.vantage.to_string(),
                failed: from.failed.into(),
                span: from.span.into(),
            })
            .collect(),
        changes: view
            .changes
            .into_iter()
            .map(|change| NearChange {
                change: change.change.to_string(),
                starts_at: change.starts_at.into(),
                what: change.what,
                announced: change.announced,
                clauses: change.clauses,
            })
            .collect(),
        next_update_by: view.next_update.map(At),
        next_due: view.next_due.map(At),
        moments: view
            .moments
            .into_iter()
            .map(|moment| Moment {
                at: moment.at.into(),
                kind: moment.kind,
                what: moment.what,
                text: moment.text,
            })
            .collect(),
    }
}
