//! Clients, what is missed next of one, and the derivation behind any figure.

use std::collections::BTreeMap;

use agreement::Binding;
use axum::{extract::State, response::Response};
use control::live::query::{Derived, Figure, InstanceNow, Missed, Next};
use desk::policy::{Action, Resource};
use facts::{ClientId, InstanceId};
use promise::{
    Why,
    obligation::{Obligation, State as Stands},
};
use serde::Serialize;
use spans::{Instant, Length, Month};
use utoipa::ToSchema;

use super::{
    answer::Known,
    head::Read,
    operation::{Kind, Operation},
    page::{Asking, LIMIT_MAX, list, wrong},
    request::RequestLine,
    shape::{At, DerivationShape, at, why},
};
use crate::server::{App, Problem, Route, Viewer};

/// Rows of what is due, and of what was missed: as many as the first page shows.
const ROWS_MAX: usize = 40;

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Clients>("Clients", "list_clients", "The clients that you may see, by id.");
    let now = Operation::read::<Now>(
        "Clients",
        "now",
        "What is missed next and what it costs, what was missed lately, what is down.",
    );
    let why = Operation::read::<DerivedFigure>(
        "Clients",
        "why",
        "The derivation of one figure. Every figure carries the address of its own; ask for one of the four.",
    );
    let why = why
        .asks("next", Kind::Text, "Something that comes: its `what`.")
        .asks("owed", Kind::Text, "Something owed: its `key`.")
        .asks("instance", Kind::Text, "An instance, with `month`: its kept share.")
        .asks("month", Kind::Month, "A month; without `instance` the client's credit in it.");
    vec![
        Route::get("/api/v1/clients", Action::ReadOwn, clients).told(list.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/now", Action::ReadClient, now_of).told(now),
        Route::get("/api/v1/clients/{client}/why", Action::ReadClient, why_of).told(why),
    ]
}

/// A client.
#[derive(Serialize, ToSchema)]
pub(crate) struct Client {
    /// Its id.
    client: String,
    /// Where what is missed next is.
    now: String,
}

list! {
    /// Clients.
    Clients of Client
}

async fn clients(
    State(app): State<App>,
    known: Known,
    asking: Asking,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let all = app.ask_control(|control, _| control.known_clients()).await?;
    let seen = all.into_iter().filter(|client| viewer.may_see(client)).collect();
    let (items, next) = asking.cut(seen, |client: &ClientId| client.to_string(), LIMIT_MAX)?;
    let client = |client: ClientId| Client { now: at(&client, &["now"]), client: client.to_string() };
    known.answer(&Clients { items: items.into_iter().map(client).collect(), next })
}

/// What is missed next, what was missed, what is down.
#[derive(Serialize, ToSchema)]
pub(crate) struct Now {
    client: String,
    /// What will be missed, soonest first.
    next: Vec<Coming>,
    /// What was owed and not done in time within the last 48 hours, newest first.
    missed: Vec<Gone>,
    /// Open incidents.
    incidents: Vec<RequestLine>,
    /// How each instance is.
    instances: Vec<Standing>,
}

/// Something that will be missed unless somebody acts.
#[derive(Serialize, ToSchema)]
pub(crate) struct Coming {
    /// The instant from which it is missed: later than it is late.
    due_at: At,
    /// What.
    what: String,
    clauses: Vec<String>,
    /// What is at stake: money, a right, a line on the statement.
    costs: String,
    /// What would prevent it.
    unless: String,
    /// Where its derivation is.
    why: String,
}

/// Something that was not done in time.
#[derive(Serialize, ToSchema)]
pub(crate) struct Gone {
    /// A name that stays.
    key: String,
    /// The rule of the agreement.
    rule: String,
    /// What it is about, such as `ticket T-1`.
    subject: String,
    /// Who owed it.
    party: &'static str,
    /// From when on it was missed.
    since: At,
    /// How a miss is called in this agreement.
    miss: String,
    /// When it was done all the same.
    done_at: Option<At>,
    clauses: Vec<String>,
    /// Where its derivation is.
    why: String,
}

/// How an instance is.
#[derive(Serialize, ToSchema)]
#[schema(as = InstanceStanding)]
pub(crate) struct Standing {
    instance: String,
    name: String,
    /// `up`, `down`, `excluded` or `unknown`; null while it is not covered.
    condition: Option<&'static str>,
    /// Since when.
    since: Option<At>,
}

async fn now_of(
    Read { app, known, asking, place: client }: Read<ClientId>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    let staff = viewer.reads_notes(&client);
    let money = viewer.may(Action::ReadStatements, &Resource::Client(&client));
    asking.knows(&[])?;
    let found = app
        .ask_control(move |control, now| {
            let one = std::slice::from_ref(&client);
            let read = control.read(&client, now, |book| {
                let lines = book.open_ticket_lines(now).into_iter().filter(|line| line.is_incident());
                let lines = lines.map(|line| RequestLine::of(&client, line, staff)).collect();
                (lines, book.instances(now, Length::MINUTE))
            })?;
            let Some((incidents, instances)) = read else { return Ok(None) };
            // SH-RES-02: a nudge among the provider's people is nothing that the client is owed.
            let shown = |owed: &Obligation| staff || owed.duty.binding != Binding::Internal;
            let next = control.next(one, now, ROWS_MAX)?.into_iter();
            let next = next.filter(|next| staff || !next.forecast.internal);
            let missed = control.missed(one, now, ROWS_MAX)?.into_iter();
            let missed = missed.filter(|missed| shown(&missed.obligation));
            Ok::<_, journal::Error>(Some(Now {
                next: next.map(|next| coming(next, money)).collect(),
                missed: missed.map(gone).collect(),
                incidents,
                instances: instances.into_iter().map(standing).collect(),
                client: client.to_string(),
            }))
        })
        .await?;
    known.answer(&found.ok_or(Problem::NotFound)?)
}

fn coming(next: Next, money: bool) -> Coming {
    let Next { client, forecast } = next;
    let forecast = if money { forecast } else { forecast.without_money() };
    Coming {
        due_at: forecast.when.into(),
        why: why(&client, &[("next", &forecast.what)]),
        what: forecast.what,
        clauses: forecast.clauses,
        costs: forecast.costs,
        unless: forecast.unless,
    }
}

fn gone(missed: Missed) -> Gone {
    let Missed { client, obligation, since } = missed;
    let done_at = match &obligation.state {
        Stands::Missed { late: Some(act), .. } => Some(act.at.into()),
        _ => None,
    };
    let key = obligation.key();
    Gone {
        why: why(&client, &[("owed", &key)]),
        key,
        rule: obligation.duty.id.clone(),
        subject: obligation.subject.to_string(),
        party: obligation.duty.party.name(),
        since: since.into(),
        miss: obligation.duty.miss.clone(),
        done_at,
        clauses: obligation.clauses().to_vec(),
    }
}

fn standing(now: InstanceNow) -> Standing {
    Standing {
        instance: now.instance.to_string(),
        name: now.name,
        condition: now.condition.map(|condition| condition.name()),
        since: now.since.map(At),
    }
}

/// A figure with its derivation.
#[derive(Serialize, ToSchema)]
pub(crate) struct DerivedFigure {
    /// What it is.
    what: String,
    #[schema(value_type = DerivationShape)]
    derivation: Why,
    /// The words of the signed readings, by name.
    readings: BTreeMap<String, String>,
}

async fn why_of(
    Read { app, known, asking, place: client }: Read<ClientId>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&["next", "owed", "instance", "month"])?;
    let figure = figure(&asking)?;
    if let Figure::Credit(_) = figure {
        viewer.require(Action::ReadStatements, &Resource::Client(&client))?;
    }
    let of = client.clone();
    let found =
        app.book_with(&client, figure.recall(), move |book, now: Instant| book.why(&figure, now)).await?;
    let Derived { what, why, money, internal, readings } = found.ok_or(Problem::NotFound)?;
    if internal && !viewer.reads_notes(&of) {
        return Err(Problem::NotFound);
    }
    if money {
        viewer.require(Action::ReadStatements, &Resource::Client(&client))?;
    }
    known.answer(&DerivedFigure { what, derivation: why, readings })
}

fn figure(asking: &Asking) -> Result<Figure, Problem> {
    let month: Option<Month> = asking.read("month", "write a month as 2026-06.")?;
    let instance: Option<InstanceId> = asking.read("instance", "write the id of an instance.")?;
    match (asking.get("next"), asking.get("owed"), instance, month) {
        (Some(what), None, None, None) => Ok(Figure::Next(what.to_owned())),
        (None, Some(key), None, None) => Ok(Figure::Owed(key.to_owned())),
        (None, None, Some(instance), Some(month)) => Ok(Figure::Uptime(instance, month)),
        (None, None, None, Some(month)) => Ok(Figure::Credit(month)),
        (None, None, Some(_), None) => Err(wrong("month", "say the month of the instance.")),
        _ => Err(wrong("next", "ask for one figure: next, owed, instance with month, or month.")),
    }
}
