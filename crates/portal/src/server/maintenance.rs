//! Maintenance: what is planned, under way and over, one record, and what staff do about it. The agreement's guards decide
//! what may be planned and when (SH-MAINT); the page shows their sentence with its clauses.

mod agreed;
mod feed;
mod freeze;
mod plan;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    command::{By, Step},
    query::MaintenanceRecord,
};
use desk::policy::{Action, Resource};
use facts::{ClientId, Impact, InstanceId, MaintenanceId};
use promise::Actual;
use serde::Deserialize;
use spans::Instant;

use super::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Refused, Sent, new_key},
    moment::{away, due, path, time, title},
    page,
};
use crate::{
    part::{State as Word, badge},
    when::seconds,
};

/// Records in one list, the latest start first.
const RECORDS_MAX: usize = 100;

/// The clause by which maintenance says beforehand what it does.
const DECLARED: &str = "SH-MAINT-07";

pub(crate) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/maintenance", Action::ReadMaintenance, all),
        Route::get("/clients/{client}/maintenance", Action::ReadMaintenance, of_client),
        Route::get("/clients/{client}/maintenance/{maintenance}", Action::ReadMaintenance, one),
        Route::post(
            "/clients/{client}/maintenance/{maintenance}/announce",
            Action::PlanMaintenance,
            announce,
        ),
        Route::post("/clients/{client}/maintenance/{maintenance}/start", Action::PlanMaintenance, start),
        Route::post("/clients/{client}/maintenance/{maintenance}/end", Action::PlanMaintenance, end),
        Route::post("/clients/{client}/maintenance/{maintenance}/cancel", Action::PlanMaintenance, cancel),
    ];
    own.into_iter()
        .chain(plan::routes())
        .chain(agreed::routes())
        .chain(freeze::routes())
        .chain(feed::routes())
        .collect()
}

/// Instances of a client with their names.
type InstanceNames = Vec<(InstanceId, String)>;

/// One line of a list.
struct Row {
    client: String,
    link: String,
    starts: String,
    ends: String,
    what: String,
    impact: &'static str,
    instances: String,
    state: String,
}

#[derive(Template)]
#[template(path = "maintenances.html")]
struct ListPage {
    shell: Shell,
    across: bool,
    /// Planned and under way, soonest first; then what is over, latest first: heading, id, rows.
    groups: Vec<(&'static str, &'static str, Vec<Row>)>,
    /// Where staff plan one.
    plan: Vec<(String, String)>,
    /// Where the window, freezes and the calendar's address are, and where the client's own changes, on the page of one client.
    agreed: Option<(String, String)>,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let books = app.books(|book, _| (book.maintenance(), book.instance_names())).await?;
    let plan = books.iter().map(|(client, _)| (client.to_string(), path(client, &["maintenance", "plan"])));
    let plan = plan.collect();
    let shell = shell.titled("Maintenance").at(Section::Maintenance).live_but_for_looks();
    list(shell, &books, true, plan, app.now())
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let records = app.book(&client, |book, _| (book.maintenance(), book.instance_names())).await?;
    let may_plan = viewer.may(Action::PlanMaintenance, &Resource::Client(&client));
    let plan = may_plan.then(|| (client.to_string(), path(&client, &["maintenance", "plan"])));
    let shell = shell.of(&client).titled("Maintenance").at(Section::Maintenance).live_but_for_looks();
    list(shell, &[(client, records)], false, plan.into_iter().collect(), app.now())
}

fn list(
    shell: Shell,
    books: &[(ClientId, (Vec<MaintenanceRecord>, InstanceNames))],
    across: bool,
    plan: Vec<(String, String)>,
    now: Instant,
) -> Result<Response, Problem> {
    let mut all: Vec<(&ClientId, &InstanceNames, &MaintenanceRecord)> = books
        .iter()
        .flat_map(|(client, (records, names))| records.iter().map(move |record| (client, names, record)))
        .collect();
    all.sort_by_key(|(_, _, record)| std::cmp::Reverse(record.planned.starts_at));
    let (mut ahead, past): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|(_, _, record)| is_ahead(record, now));
    ahead.reverse();
    let rows = |of: &[(&ClientId, &InstanceNames, &MaintenanceRecord)]| -> Vec<Row> {
        of.iter().take(RECORDS_MAX).map(|(client, names, record)| row(client, names, record, now)).collect()
    };
    let groups = [("Planned and under way", "ahead", rows(&ahead)), ("Over", "past", rows(&past))];
    let groups = groups.into_iter().filter(|(_, _, rows)| !rows.is_empty()).collect();
    let agreed = shell
        .client
        .as_ref()
        .filter(|_| !across)
        .map(|client| (path(client, &["maintenance", "agreed"]), path(client, &["changes"])));
    page(&ListPage { shell, across, groups, plan, agreed })
}

fn is_ahead(record: &MaintenanceRecord, now: Instant) -> bool {
    matches!(record.word(now), "planned" | "under way" | "overrun")
}

/// The instance as people call it; its id where nobody added it.
fn named(names: &InstanceNames, id: &InstanceId) -> String {
    let found = names.iter().find(|(known, _)| known == id);
    found.map_or_else(|| id.to_string(), |(_, name)| name.clone())
}

fn row(client: &ClientId, names: &InstanceNames, record: &MaintenanceRecord, now: Instant) -> Row {
    let planned = &record.planned;
    Row {
        client: client.to_string(),
        link: path(client, &["maintenance", planned.maintenance.as_str()]),
        starts: due(planned.starts_at, now),
        ends: time(planned.ends_at, now),
        what: format!("{}, {}", title(planned.kind.name()), planned.cause),
        impact: planned.expected_impact.name(),
        instances: planned.instances.iter().map(|id| named(names, id)).collect::<Vec<_>>().join(", "),
        state: word(record, now),
    }
}

fn word(record: &MaintenanceRecord, now: Instant) -> String {
    let word = record.word(now);
    let state = match word {
        "overrun" => Word::Missed,
        "under way" | "planned" => Word::Maintenance,
        "done" => Word::Kept,
        _ => Word::Excluded,
    };
    badge(state, word)
}

/// Which record an address names.
#[derive(Debug, Clone, Deserialize)]
struct At {
    client: ClientId,
    maintenance: MaintenanceId,
}

impl At {
    fn path(&self) -> String {
        path(&self.client, &["maintenance", self.maintenance.as_str()])
    }
}

/// What maintenance did to one instance (SH-MAINT-07).
struct Seen {
    name: String,
    down: String,
    degraded: String,
    unknown: String,
    overrun: Option<String>,
    /// Whether it was worse than declared.
    worse: bool,
    /// The same in words.
    beside: &'static str,
    impact: &'static str,
}

impl Seen {
    fn of(name: String, actual: &Actual, declared: Impact) -> Seen {
        Seen {
            name,
            down: seconds(actual.down),
            degraded: seconds(actual.degraded),
            unknown: seconds(actual.unknown),
            overrun: (!actual.overrun.is_zero()).then(|| seconds(actual.overrun)),
            worse: actual.is_worse_than(declared),
            beside: actual.beside(declared),
            impact: actual.impact().name(),
        }
    }
}

/// A record with what stands around it.
struct Around {
    record: MaintenanceRecord,
    clauses: Vec<String>,
    names: InstanceNames,
    actual: Vec<(InstanceId, Actual)>,
    announce: Option<(Instant, Vec<String>)>,
    /// The others of its series, soonest first.
    series: Vec<MaintenanceRecord>,
    now: Instant,
}

#[derive(Template)]
#[template(path = "maintenance.html")]
struct RecordPage {
    shell: Shell,
    at: String,
    key: String,
    state: String,
    what: String,
    impact: &'static str,
    instances: Vec<(String, String)>,
    starts: String,
    ends: String,
    recorded: String,
    by: String,
    notice: Option<String>,
    told: Option<String>,
    started: Option<String>,
    ended: Option<String>,
    cancelled: Option<String>,
    cve: Option<String>,
    outside: Option<String>,
    /// How long it has gone on beyond its declared end.
    over: Option<String>,
    /// Until when it had to be announced, whether that was missed, and the clauses.
    announce: Option<(String, bool, String)>,
    /// What it did to each instance, beside what was declared.
    actual: Vec<Seen>,
    /// The others of its series.
    series: Vec<(String, String, String)>,
    counts: String,
    clauses: Vec<String>,
    /// What staff may do about it now.
    may_announce: bool,
    may_start: bool,
    may_end: bool,
    may_cancel: bool,
    refused: Option<Refused>,
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, at, None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let id = at.maintenance.clone();
    let found = app.book(&at.client, move |book, now| {
        let agreement = book.versions().map(|versions| versions.latest().agreement());
        let rule = agreement.and_then(|agreement| agreement.availability.as_ref());
        let mut clauses = rule.map_or_else(Vec::new, |rule| rule.maintenance.clause.ids.clone());
        let cited = agreement.into_iter().flat_map(|agreement| &agreement.maintenance);
        let cited = cited.flat_map(|rule| &rule.clause.ids).find(|id| *id == DECLARED);
        clauses.extend(cited.filter(|id| !clauses.contains(id)).cloned().into_iter().collect::<Vec<_>>());
        book.maintenance_record(&id).map(|record| {
            let of_series = |other: &MaintenanceRecord| {
                record.planned.series.is_some()
                    && other.planned.series == record.planned.series
                    && other.planned.maintenance != record.planned.maintenance
            };
            let mut series: Vec<_> = book.maintenance().into_iter().filter(of_series).collect();
            series.reverse();
            Around {
                actual: book.actual(&record, now),
                announce: book.announce_by(&record.planned),
                names: book.instance_names(),
                record,
                clauses,
                series,
                now,
            }
        })
    });
    let around = found.await?.ok_or(Problem::NotFound)?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may_plan = viewer.may(Action::PlanMaintenance, &Resource::Client(&at.client));
    let page = page(&draw(shell, may_plan, &at, around, refused)?)?;
    Ok((status, page).into_response())
}

fn draw(
    shell: Shell,
    may_plan: bool,
    at: &At,
    around: Around,
    refused: Option<Refused>,
) -> Result<RecordPage, Problem> {
    let Around { record, clauses, names, actual, announce, series, now } = around;
    let (record, names) = (&record, &names);
    let planned = &record.planned;
    let in_time = |by: Instant| record.notice.is_some_and(|at| at <= by) || record.cancelled.is_some();
    let other = |other: MaintenanceRecord| {
        let id = other.planned.maintenance.to_string();
        (path(&at.client, &["maintenance", &id]), id, time(other.planned.starts_at, now))
    };
    let told = |at: Option<Instant>| at.map(|at| time(at, now));
    let may = |step: Step| may_plan && step.may(record, now);
    // What nobody began or ended begins and ends by itself.
    let by_plan = |at: Instant| {
        (at <= now && record.cancelled.is_none()).then(|| format!("{}, by its plan", time(at, now)))
    };
    let below = path(&at.client, &["maintenance"]);
    let heading = format!("Maintenance {}", planned.maintenance);
    let instance = |id: &InstanceId| (named(names, id), path(&at.client, &["instances", id.as_str()]));
    let over = (record.word(now) == "overrun").then(|| away(planned.ends_at, now));
    Ok(RecordPage {
        shell: shell
            .of(&at.client)
            .titled(&heading)
            .at(Section::Maintenance)
            .below("Maintenance", &below)
            .live_but_for_looks(),
        at: at.path(),
        key: new_key()?,
        state: word(record, now),
        what: format!("{}, {}", title(planned.kind.name()), planned.cause),
        impact: planned.expected_impact.name(),
        instances: planned.instances.iter().map(instance).collect(),
        starts: due(planned.starts_at, now),
        ends: due(planned.ends_at, now),
        recorded: time(record.recorded_at, now),
        by: record.by.clone(),
        notice: told(record.notice),
        told: told(record.told),
        started: told(record.started).or_else(|| by_plan(planned.starts_at)),
        ended: told(record.ended).or_else(|| by_plan(planned.ends_at).filter(|_| record.started.is_none())),
        cancelled: told(record.cancelled),
        cve: planned.cve.as_ref().map(ToString::to_string),
        outside: planned.outside_slot.clone(),
        over,
        announce: announce.map(|(by, ids)| (time(by, now), !in_time(by), crate::part::clauses(&ids))),
        actual: actual
            .iter()
            .map(|(id, seen)| Seen::of(named(names, id), seen, planned.expected_impact))
            .collect(),
        series: series.into_iter().map(other).collect(),
        counts: time(planned.ends_at, now),
        clauses,
        may_announce: may(Step::Announce),
        may_start: may(Step::Start),
        may_end: may(Step::End),
        may_cancel: may(Step::Cancel),
        refused,
    })
}

async fn announce(
    app: State<App>,
    s: Shell,
    v: Viewer,
    at: Path<At>,
    sent: Sent,
) -> Result<Response, Problem> {
    carry_out(&app.0, s, &v, at.0, Step::Announce, &sent).await
}

async fn start(app: State<App>, s: Shell, v: Viewer, at: Path<At>, sent: Sent) -> Result<Response, Problem> {
    carry_out(&app.0, s, &v, at.0, Step::Start, &sent).await
}

async fn end(app: State<App>, s: Shell, v: Viewer, at: Path<At>, sent: Sent) -> Result<Response, Problem> {
    carry_out(&app.0, s, &v, at.0, Step::End, &sent).await
}

async fn cancel(app: State<App>, s: Shell, v: Viewer, at: Path<At>, sent: Sent) -> Result<Response, Problem> {
    carry_out(&app.0, s, &v, at.0, Step::Cancel, &sent).await
}

async fn carry_out(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    step: Step,
    sent: &Sent,
) -> Result<Response, Problem> {
    let key = sent.key(step.name())?;
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    let of = at.clone();
    match app
        .attempt(move |control, now| control.carry_out(&of.client, &of.maintenance, step, by, now))
        .await?
    {
        Ok(_) => {
            let to = format!("{}?done={}", at.path(), Notice::Recorded.word());
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => show(app, shell, viewer, at, Some(refused)).await,
    }
}
