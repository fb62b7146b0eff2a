//! Maintenance: the records, a new one, and the steps of one.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::{
    Book, Control, NotDone,
    command::{Filed, Series, Step},
    query::MaintenanceRecord,
};
use desk::policy::Action;
use facts::{
    ClientId, Impact, InstanceId, MaintenanceId, MaintenanceKind, MaintenancePlanned, Noun, VulnerabilityId,
};
use promise::Actual;
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    answer::is_still,
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list, wrong},
    receipt::Receipt,
    request::Nothing,
    sent::{Sent, is_replay},
    shape::{At, Lasting, at},
};
use crate::server::{App, Notice, Problem, Route, Viewer};

const TAG: &str = "Maintenance";

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Records>(TAG, "list_maintenance", "Maintenance, the latest start first.");
    let one = Operation::read::<Record>(TAG, "get_maintenance", "One record and what became of it.");
    let plan = Operation::act::<NewRecord, Receipt>(
        TAG,
        "plan_maintenance",
        "Puts maintenance on file. From then on it takes out downtime inside it; the agreement says how long before.",
    );
    let step = |id, summary| Operation::act::<Nothing, Receipt>(TAG, id, summary).matched();
    vec![
        Route::get("/api/v1/clients/{client}/maintenance", Action::ReadMaintenance, records)
            .told(list.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/maintenance", Action::PlanMaintenance, create)
            .told(plan.creates()),
        Route::get("/api/v1/clients/{client}/maintenance/{maintenance}", Action::ReadMaintenance, record)
            .told(one),
        Route::post(
            "/api/v1/clients/{client}/maintenance/{maintenance}/announce",
            Action::PlanMaintenance,
            announce,
        )
        .told(step(
            "announce_maintenance",
            "The client's contacts were told of it now, by another way than this portal too.",
        )),
        Route::post(
            "/api/v1/clients/{client}/maintenance/{maintenance}/start",
            Action::PlanMaintenance,
            start,
        )
        .told(step("start_maintenance", "It begins.")),
        Route::post("/api/v1/clients/{client}/maintenance/{maintenance}/end", Action::PlanMaintenance, end)
            .told(step("end_maintenance", "It is over.")),
        Route::post(
            "/api/v1/clients/{client}/maintenance/{maintenance}/cancel",
            Action::PlanMaintenance,
            cancel,
        )
        .told(step("cancel_maintenance", "It is called off: from then on it takes nothing out.")),
    ]
}

/// A maintenance record and what became of it.
#[derive(Serialize, ToSchema)]
#[schema(as = MaintenanceRecord)]
pub(crate) struct Record {
    /// Its id.
    maintenance: String,
    /// `planned`, `under way`, `overrun`, `over`, `done` or `called off`. It is under way from its declared start and over at its
    /// declared end, whether or not anybody said so.
    state: &'static str,
    kind: &'static str,
    cause: String,
    expected_impact: &'static str,
    instances: Vec<String>,
    starts_at: At,
    /// Its declared end: downtime after it counts.
    ends_at: At,
    /// When it was put on file.
    recorded_at: At,
    /// By whom.
    by: String,
    /// When the client was told.
    notice_at: Option<At>,
    /// When somebody told the client by another way than the portal too.
    told_at: Option<At>,
    started_at: Option<At>,
    ended_at: Option<At>,
    cancelled_at: Option<At>,
    /// The vulnerability it remedies.
    cve: Option<String>,
    /// Why it lies outside the slot.
    outside_slot: Option<String>,
    /// The first record of the series that it belongs to.
    series: Option<String>,
    /// Until when it had to be announced; null where no notice is owed.
    announce_by: Option<At>,
    /// What it did to each instance so far, beside what was declared.
    actual: Vec<Seen>,
    /// Where it is.
    href: String,
}

/// What maintenance did to one instance.
#[derive(Serialize, ToSchema)]
#[schema(as = ActualImpact)]
pub(crate) struct Seen {
    instance: String,
    /// The gravest that was seen: `none`, `degraded` or `down`.
    impact: &'static str,
    down: Lasting,
    degraded: Lasting,
    /// How long nobody looked.
    unknown: Lasting,
    /// How long it went on failing beyond the declared end, which counts.
    overrun: Lasting,
    /// Whether it was worse than declared.
    worse_than_declared: bool,
}

/// A record with what was seen of it.
struct Found {
    record: MaintenanceRecord,
    announce_by: Option<Instant>,
    actual: Vec<(InstanceId, Actual)>,
}

impl Found {
    fn each(book: &Book, records: Vec<MaintenanceRecord>, now: Instant) -> Vec<Found> {
        let actuals = book.actuals(&records, now);
        let found = |(record, actual): (MaintenanceRecord, _)| {
            let announce_by = book.announce_by(&record.planned).map(|(by, _)| by);
            Found { announce_by, actual, record }
        };
        records.into_iter().zip(actuals).map(found).collect()
    }
}

list! {
    /// Maintenance records.
    Records of Record
}

fn told(client: &ClientId, found: Found, now: Instant) -> Record {
    let Found { record, announce_by, actual } = found;
    let planned = &record.planned;
    let seen = |(instance, seen): &(InstanceId, Actual)| Seen {
        instance: instance.to_string(),
        impact: seen.impact().name(),
        down: seen.down.into(),
        degraded: seen.degraded.into(),
        unknown: seen.unknown.into(),
        overrun: seen.overrun.into(),
        worse_than_declared: seen.is_worse_than(planned.expected_impact),
    };
    Record {
        series: planned.series.as_ref().map(ToString::to_string),
        announce_by: announce_by.map(At),
        actual: actual.iter().map(seen).collect(),
        maintenance: planned.maintenance.to_string(),
        state: record.word(now),
        kind: planned.kind.name(),
        cause: planned.cause.clone(),
        expected_impact: planned.expected_impact.name(),
        instances: planned.instances.iter().map(ToString::to_string).collect(),
        starts_at: planned.starts_at.into(),
        ends_at: planned.ends_at.into(),
        recorded_at: record.recorded_at.into(),
        notice_at: record.notice.map(At),
        told_at: record.told.map(At),
        started_at: record.started.map(At),
        ended_at: record.ended.map(At),
        cancelled_at: record.cancelled.map(At),
        cve: planned.cve.as_ref().map(ToString::to_string),
        outside_slot: planned.outside_slot.clone(),
        href: at(client, &["maintenance", planned.maintenance.as_str()]),
        by: record.by,
    }
}

async fn records(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let (all, now) = app.book(&client, |book, now| (book.maintenance(), now)).await?;
    let place = |record: &MaintenanceRecord| {
        (record.planned.starts_at.as_micros().saturating_neg(), record.planned.maintenance.to_string())
    };
    let (items, next) = asking.cut(all, place, LIMIT_MAX)?;
    let found = app.book(&client, move |book, now| Found::each(book, items, now));
    let items = found.await?.into_iter().map(|found| told(&client, found, now)).collect();
    known.answer(&Records { items, next })
}

/// Which record an address names.
#[derive(Debug, Clone, Deserialize)]
struct Place {
    client: ClientId,
    maintenance: MaintenanceId,
}

async fn record(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.ask_control(move |control, now| find(control, &place, now)).await?;
    known.answer(&found.ok_or(Problem::NotFound)?)
}

fn find(control: &Control, place: &Place, now: Instant) -> journal::Result<Option<Record>> {
    let found = control.read(&place.client, now, |book| {
        book.maintenance_record(&place.maintenance)
            .and_then(|record| Found::each(book, vec![record], now).pop())
    })?;
    Ok(found.flatten().map(|found| told(&place.client, found, now)))
}

/// Maintenance that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMaintenance)]
pub(crate) struct NewRecord {
    /// Its kind, such as `scheduled`, in the vocabulary of facts.
    kind: String,
    /// Its cause, in the agreement's words.
    cause: String,
    /// `down`, `degraded` or `none`.
    expected_impact: String,
    /// The instances concerned, by id.
    #[schema(value_type = Vec<String>)]
    instances: Vec<InstanceId>,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// Its declared end.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// The vulnerability it remedies, for a critical patch.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    cve: Option<VulnerabilityId>,
    /// Why it lies outside the slot, or takes more than seven days, where it does.
    #[serde(default)]
    outside_slot: Option<String>,
    /// How it comes back, as a rule of RFC 5545: `FREQ=WEEKLY;COUNT=8`. Each time is a record of its own, 26 at most.
    #[serde(default)]
    repeats: Option<String>,
    /// On the clocks of which zone it comes back; UTC where none is said.
    #[serde(default)]
    zone: Option<String>,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}

impl NewRecord {
    /// How it comes back.
    fn series(&self) -> Result<Option<Series>, Problem> {
        let Some(rule) = self.repeats.clone() else { return Ok(None) };
        let zone = self.zone.as_deref().unwrap_or("UTC");
        let zone = zone.parse().map_err(|_| wrong("zone", "write a name such as Europe/Amsterdam."))?;
        Ok(Some(Series { rule, zone }))
    }

    fn planned(self) -> Result<MaintenancePlanned, Problem> {
        let words = |names: Vec<&str>| format!("write one of {}.", names.join(", "));
        let kinds = || words(MaintenanceKind::ALL.iter().map(|kind| kind.name()).collect());
        let impacts = || words(Impact::ALL.iter().map(|impact| impact.name()).collect());
        Ok(MaintenancePlanned {
            maintenance: "M-0".parse().map_err(|e| Problem::internal(&e))?,
            kind: MaintenanceKind::named(&self.kind).ok_or_else(|| wrong("kind", &kinds()))?,
            cause: self.cause,
            expected_impact: Impact::named(&self.expected_impact)
                .ok_or_else(|| wrong("expected_impact", &impacts()))?,
            instances: self.instances,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            cve: self.cve,
            outside_slot: self.outside_slot,
            series: None,
        })
    }
}

async fn create(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewRecord>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, sent.body.confirm)?;
    let series = sent.body.series()?;
    let planned = sent.body.planned()?;
    let receipt = app
        .ask_control(move |control, now| {
            if let Some(series) = &series {
                let (done, records) = control.plan_series(&client, &planned, series, by, now)?;
                let id = records.first().map_or_else(String::new, |record| record.maintenance.to_string());
                return Receipt::of(control, &client, at(&client, &["maintenance", &id]), &id, &done);
            }
            let filed = control.plan(&client, planned, by, now)?;
            let id = filed.record.maintenance.as_str();
            let receipt = Receipt::of(control, &client, at(&client, &["maintenance", id]), id, &filed.done)?;
            Ok::<_, Problem>(receipt.noted(stored_otherwise(&filed)))
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, Json(receipt)).into_response())
}

/// SH-MAINT-04, SH-MAINT-12: what was asked is not what is on file.
fn stored_otherwise(filed: &Filed) -> Option<String> {
    filed.as_emergency.then(|| {
        let begun = filed.record.starts_at;
        format!("{} It begins at {begun}, when it was put on file.", Notice::Emergency.sentence())
    })
}

macro_rules! steps {
    ($($name:ident $Step:ident)+) => { $(
        async fn $name(
            Write { app, viewer, place, sent }: Write<Place, Nothing>,
        ) -> Result<Json<Receipt>, Problem> {
            carry_out(&app, &viewer, place, Step::$Step, sent).await
        }
    )+ };
}
steps! { announce Announce start Start end End cancel Cancel }

async fn carry_out(
    app: &App,
    viewer: &Viewer,
    place: Place,
    step: Step,
    sent: Sent<Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let mut by = sent.by(viewer, sent.body.confirm)?;
    let receipt = app
        .ask_control(move |control, now| {
            if !is_replay(control, &place.client, &by)? {
                by.read = read(control, &place, sent.if_match.as_deref(), now)?;
            }
            let Place { client, maintenance } = &place;
            let done = control.carry_out(client, maintenance, step, by, now)?;
            let href = at(client, &["maintenance", maintenance.as_str()]);
            Receipt::of(control, client, href, maintenance.as_str(), &done)
        })
        .await?;
    Ok(Json(receipt))
}

/// As for requests: the number of facts about it, when it was what `If-Match` says.
fn read(
    control: &Control,
    place: &Place,
    if_match: Option<&str>,
    now: Instant,
) -> Result<Option<usize>, Problem> {
    let Some(if_match) = if_match else { return Ok(None) };
    let (client, id) = (&place.client, &place.maintenance.0);
    let count = control.read(client, now, |book| book.facts_about(Noun::Maintenance, id))?;
    let shown = find(control, place, now)?.ok_or(Problem::NotFound)?;
    if is_still(if_match, &shown)? { Ok(count) } else { Err(NotDone::Changed.into()) }
}
