//! What both sides keep about planned work: freezes, the agreed window, proposals; and what a plan would come to.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::{
    Control, Done, NotDone,
    command::{Asked, By, Decision, NewFreeze},
    query::{Agreed, Preview, Sought},
};
use desk::policy::Action;
use facts::{
    ClientId, FreezeId, Impact, InstanceId, MaintenanceId, MaintenanceKind, MaintenancePlanned, ProposalId,
    ProposedWindow, ProposedWork,
};
use promise::{approval::ProposalState, conflict::Conflict, freeze::Freeze};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::{Kind, Operation},
    page::{LIMIT_MAX, list, wrong},
    receipt::Receipt,
    request::Nothing,
    sent::Sent,
    shape::{At, Stretch, at},
};
use crate::server::{App, Problem, Route, Viewer};

const TAG: &str = "Maintenance";

pub(super) fn routes() -> Vec<Route> {
    let preview = Operation::read::<PlanPreview>(
        TAG,
        "preview_maintenance",
        "What maintenance would come to if it were put on file now: the last moment to announce it, the next slot, what it meets.",
    );
    let preview = preview
        .asks("kind", Kind::Text, "Its kind, such as `scheduled`.")
        .asks("expected_impact", Kind::OneOf(&["none", "degraded", "down"]), "What it is expected to do.")
        .asks("instances", Kind::Text, "The instances, by id, with commas between them.")
        .asks("starts_at", Kind::Text, "Its start (RFC 3339).")
        .asks("ends_at", Kind::Text, "Its declared end (RFC 3339).");
    let window = Operation::read::<Window>(
        TAG,
        "get_window",
        "The maintenance window in force and its next four, as both sides agreed.",
    );
    let freezes =
        Operation::read::<Freezes>(TAG, "list_freezes", "Change freezes of either side, the latest first.");
    let freeze = Operation::act::<NewFreezeBody, Receipt>(
        TAG,
        "set_freeze",
        "Nothing scheduled and no change from one instant to another.",
    );
    let lift =
        Operation::act::<Nothing, Receipt>(TAG, "lift_freeze", "It holds no longer. Who set it lifts it.");
    let proposals = Operation::read::<Proposals>(
        TAG,
        "list_proposals",
        "Proposals of a window or of work outside it, the newest first.",
    );
    let propose = Operation::act::<NewProposal, Receipt>(
        TAG,
        "propose_window",
        "Proposes another window, or work outside the slot. It takes the other side's approval.",
    );
    let approve =
        Operation::act::<Nothing, Receipt>(TAG, "approve_proposal", "Approves it, for your own side.");
    let refuse = Operation::act::<Why, Receipt>(TAG, "refuse_proposal", "Refuses it, and says why.");
    vec![
        Route::get("/api/v1/clients/{client}/maintenance-preview", Action::PlanMaintenance, look)
            .told(preview),
        Route::get("/api/v1/clients/{client}/maintenance-window", Action::ReadMaintenance, in_force)
            .told(window),
        Route::get("/api/v1/clients/{client}/freezes", Action::ReadMaintenance, all_freezes)
            .told(freezes.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/freezes", Action::SetFreeze, set_freeze).told(freeze.creates()),
        Route::post("/api/v1/clients/{client}/freezes/{freeze}/lift", Action::SetFreeze, lift_freeze)
            .told(lift),
        Route::get("/api/v1/clients/{client}/proposals", Action::ReadMaintenance, all_proposals)
            .told(proposals.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/proposals", Action::AgreeWindow, make_proposal)
            .told(propose.creates()),
        Route::post(
            "/api/v1/clients/{client}/proposals/{proposal}/approve",
            Action::AgreeWindow,
            approve_proposal,
        )
        .told(approve),
        Route::post(
            "/api/v1/clients/{client}/proposals/{proposal}/refuse",
            Action::AgreeWindow,
            refuse_proposal,
        )
        .told(refuse),
    ]
}

/// What maintenance would come to.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlanPreview {
    /// The last moment to announce it in time; null where no notice is owed.
    announce_by: Option<At>,
    /// The clauses that say so.
    clauses: Vec<String>,
    /// Whether that moment has passed, so that the notice would be late.
    late: bool,
    /// The earliest start that keeps the notice, if it is announced now.
    earliest_start: At,
    /// Whether it lies inside its slot; null where the agreement says nothing of such maintenance.
    inside_slot: Option<bool>,
    /// The first slot from the earliest start on that is long enough; null where none was found.
    next_slot: Option<Stretch>,
    /// What else is on file for that time.
    conflicts: Vec<Met>,
}

/// Something else on file for that time.
#[derive(Serialize, ToSchema)]
#[schema(as = MaintenanceConflict)]
pub(crate) struct Met {
    /// `maintenance` or `freeze`.
    what: &'static str,
    id: String,
    span: Stretch,
}

impl Met {
    fn of(conflict: Conflict) -> Met {
        match conflict {
            Conflict::Maintenance { record, span, .. } => {
                Met { what: "maintenance", id: record.to_string(), span: span.into() }
            }
            Conflict::Freeze(freeze) => {
                Met { what: "freeze", id: freeze.id.to_string(), span: freeze.span.into() }
            }
        }
    }
}

impl PlanPreview {
    fn of(preview: Preview) -> PlanPreview {
        let (announce_by, clauses) =
            preview.announce_by.map_or((None, Vec::new()), |(by, ids)| (Some(At(by)), ids));
        PlanPreview {
            announce_by,
            clauses,
            late: preview.late,
            earliest_start: preview.earliest.into(),
            inside_slot: preview.inside,
            next_slot: preview.next_slot.map(Stretch::from),
            conflicts: preview.conflicts.into_iter().map(Met::of).collect(),
        }
    }
}

async fn look(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["kind", "expected_impact", "instances", "starts_at", "ends_at"])?;
    let must = |name: &str| asking.get(name).ok_or_else(|| wrong(name, "it is missing."));
    let instant = |name: &str| -> Result<Instant, Problem> {
        must(name)?.parse().map_err(|_| wrong(name, "write an instant such as 2026-03-09T17:00:00Z."))
    };
    let kind = MaintenanceKind::named(must("kind")?).ok_or_else(|| wrong("kind", "it is no kind."))?;
    let impact = Impact::named(must("expected_impact")?)
        .ok_or_else(|| wrong("expected_impact", "write none, degraded or down."))?;
    let ids = asking.get("instances").unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let instances: Result<Vec<InstanceId>, _> = ids.map(str::parse).collect();
    let planned = MaintenancePlanned {
        maintenance: "M-0".parse().map_err(|e| Problem::internal(&e))?,
        kind,
        cause: String::new(),
        expected_impact: impact,
        instances: instances.map_err(|_| wrong("instances", "one of them is no id."))?,
        starts_at: instant("starts_at")?,
        ends_at: instant("ends_at")?,
        cve: None,
        outside_slot: None,
        series: None,
    };
    if planned.ends_at <= planned.starts_at {
        return Err(wrong("ends_at", "it ends before it starts."));
    }
    let found = app.book(&client, move |book, now| book.preview(&planned, now)).await?;
    known.answer(&PlanPreview::of(found.ok_or(Problem::NotFound)?))
}

/// The maintenance window in force.
#[derive(Serialize, ToSchema)]
#[schema(as = MaintenanceWindow)]
pub(crate) struct Window {
    /// How it recurs (RFC 5545); null where the agreement has no window.
    rrule: Option<String>,
    /// On whose clocks.
    tz: Option<String>,
    /// The first start, on those clocks.
    first: Option<String>,
    /// The proposal that brought it; null for that of the signed file.
    proposal: Option<String>,
    /// The next four.
    next: Vec<Stretch>,
    /// The clauses of the window.
    clauses: Vec<String>,
}

async fn in_force(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let Agreed { window, clauses, .. } = app.book(&client, |book, now| book.agreed(now)).await?;
    let (window, next) = window.map_or((None, Vec::new()), |(window, next)| (Some(window), next));
    known.answer(&Window {
        rrule: window.as_ref().map(|window| window.recurrence.rule().to_string()),
        tz: window.as_ref().map(|window| window.recurrence.zone().to_string()),
        first: window.as_ref().map(|window| window.recurrence.first().to_string()),
        proposal: window.as_ref().and_then(|window| window.by.as_ref()).map(|(id, _)| id.to_string()),
        next: next.into_iter().map(Stretch::from).collect(),
        clauses,
    })
}

/// A change freeze.
#[derive(Serialize, ToSchema)]
#[schema(as = Freeze)]
pub(crate) struct FreezeShape {
    freeze: String,
    /// `provider` or `client`.
    side: &'static str,
    by: String,
    from: At,
    until: At,
    reason: String,
    /// The instances concerned; empty for all.
    instances: Vec<String>,
    lifted_at: Option<At>,
    /// Scheduled maintenance on file that it meets, which stays.
    meets: Vec<String>,
}

list! {
    /// Change freezes.
    Freezes of FreezeShape
}

fn freeze_told((freeze, meets): (Freeze, Vec<MaintenanceId>)) -> FreezeShape {
    FreezeShape {
        freeze: freeze.id.to_string(),
        side: freeze.by.name(),
        by: freeze.who,
        from: freeze.span.start.into(),
        until: freeze.span.end.into(),
        reason: freeze.reason,
        instances: freeze.instances.iter().map(ToString::to_string).collect(),
        lifted_at: freeze.lifted.map(At),
        meets: meets.iter().map(ToString::to_string).collect(),
    }
}

async fn all_freezes(
    Read { app, known, asking, place: client }: Read<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let agreed = app.book(&client, |book, now| book.agreed(now)).await?;
    let place = |(freeze, _): &(Freeze, Vec<MaintenanceId>)| {
        (freeze.span.start.as_micros().saturating_neg(), freeze.id.to_string())
    };
    let (items, next) = asking.cut(agreed.freezes, place, LIMIT_MAX)?;
    known.answer(&Freezes { items: items.into_iter().map(freeze_told).collect(), next })
}

/// A freeze that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewFreeze)]
pub(crate) struct NewFreezeBody {
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
    /// Why, for the other side to read.
    reason: String,
    /// The instances concerned; none for all.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    instances: Vec<InstanceId>,
}

async fn set_freeze(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewFreezeBody>,
) -> Result<Response, Problem> {
    made(&app, &viewer, client, sent, "freezes", |control, client, body, by, now| {
        let NewFreezeBody { from, until, reason, instances } = body;
        let (id, done) = control.set_freeze(client, NewFreeze { from, until, reason, instances }, by, now)?;
        Ok((id.to_string(), done))
    })
    .await
}

/// Which freeze or proposal an address names.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OfFreeze {
    client: ClientId,
    freeze: FreezeId,
}

/// Which proposal.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OfProposal {
    client: ClientId,
    proposal: ProposalId,
}

async fn lift_freeze(
    Write { app, viewer, place, sent }: Write<OfFreeze, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let OfFreeze { client, freeze } = place;
    let id = freeze.to_string();
    acted(&app, &viewer, client, ("freezes", id), sent, move |control, client, _, by, now| {
        control.lift_freeze(client, &freeze, by, now)
    })
    .await
}

/// A maintenance window that both sides are asked to agree on.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposedWindow)]
pub(crate) struct WindowBody {
    /// The wall-clock start of the first one, such as `2026-03-01T02:00:00`.
    start: String,
    /// How it recurs (RFC 5545).
    rrule: String,
    /// The zone of the start.
    tz: String,
    /// Its length in minutes on the wall clock.
    minutes: u32,
}

/// Work outside the slot, done once and within this time.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProposedWork)]
pub(crate) struct WorkBody {
    /// Not before it.
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// Over by then.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    #[schema(value_type = Vec<String>)]
    instances: Vec<InstanceId>,
}

/// Something that takes both sides.
#[derive(Serialize, ToSchema)]
pub(crate) struct Proposal {
    proposal: String,
    /// `provider` or `client`.
    side: &'static str,
    by: String,
    made_at: At,
    /// What it is, in words.
    what: Option<String>,
    /// The window that it would bring.
    window: Option<WindowBody>,
    /// The work outside the slot that it is of; null where only words say it.
    work: Option<WorkBody>,
    /// `pending`, `approved` or `refused`.
    state: &'static str,
    /// For whom it waits.
    waits_for: Vec<&'static str>,
    /// Why it was refused.
    reason: Option<String>,
}

list! {
    /// Proposals.
    Proposals of Proposal
}

fn proposal_told(sought: Sought) -> Proposal {
    let waits_for = match &sought.state {
        ProposalState::Pending { waits_for } => waits_for.iter().map(|side| side.name()).collect(),
        _ => Vec::new(),
    };
    let reason = match &sought.state {
        ProposalState::Refused { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    let body = |window: ProposedWindow| {
        let ProposedWindow { start, rrule, tz, minutes } = window;
        WindowBody { start, rrule, tz, minutes }
    };
    Proposal {
        proposal: sought.id.to_string(),
        side: sought.by.name(),
        by: sought.who,
        made_at: sought.made.into(),
        what: sought.what,
        window: sought.window.map(body),
        work: sought.work.map(|work| WorkBody {
            starts_at: work.starts_at,
            ends_at: work.ends_at,
            instances: work.instances,
        }),
        state: sought.state.name(),
        waits_for,
        reason,
    }
}

async fn all_proposals(
    Read { app, known, asking, place: client }: Read<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let agreed = app.book(&client, |book, now| book.agreed(now)).await?;
    let place = |sought: &Sought| (sought.made.as_micros().saturating_neg(), sought.id.to_string());
    let (items, next) = asking.cut(agreed.proposals, place, LIMIT_MAX)?;
    known.answer(&Proposals { items: items.into_iter().map(proposal_told).collect(), next })
}

/// What both sides are to agree on: a window, or work outside the slot.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProposal {
    /// Another window.
    #[serde(default)]
    window: Option<WindowBody>,
    /// Work outside the slot: what, and why it cannot be inside it.
    #[serde(default)]
    what: Option<String>,
    /// When that is, and on what; said with `what`.
    #[serde(default)]
    work: Option<WorkBody>,
}

async fn make_proposal(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewProposal>,
) -> Result<Response, Problem> {
    made(&app, &viewer, client, sent, "proposals", |control, client, body, by, now| {
        let asked = match (body.window, body.what, body.work) {
            (Some(WindowBody { start, rrule, tz, minutes }), None, None) => {
                Asked::Window(ProposedWindow { start, rrule, tz, minutes })
            }
            (None, Some(what), Some(WorkBody { starts_at, ends_at, instances })) => {
                Asked::Work { what, work: ProposedWork { starts_at, ends_at, instances } }
            }
            _ => {
                return Err(NotDone::Wrong {
                    field: "window".to_owned(),
                    why: "say a window; or what is to be done, with when and on what as `work`".to_owned(),
                });
            }
        };
        let (id, done) = control.propose(client, asked, by, now)?;
        Ok((id.to_string(), done))
    })
    .await
}

/// Why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Refusal)]
pub(crate) struct Why {
    pub(super) reason: String,
}

async fn approve_proposal(
    Write { app, viewer, place, sent }: Write<OfProposal, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let OfProposal { client, proposal } = place;
    let id = proposal.to_string();
    acted(&app, &viewer, client, ("proposals", id), sent, move |control, client, _, by, now| {
        control.decide(client, &proposal, Decision::Approve, by, now)
    })
    .await
}

async fn refuse_proposal(
    Write { app, viewer, place, sent }: Write<OfProposal, Why>,
) -> Result<Json<Receipt>, Problem> {
    let OfProposal { client, proposal } = place;
    let id = proposal.to_string();
    acted(&app, &viewer, client, ("proposals", id), sent, move |control, client, body, by, now| {
        control.decide(client, &proposal, Decision::Refuse(body.reason), by, now)
    })
    .await
}

/// Something new: 201, with where its list is.
pub(super) async fn made<B: Send + 'static>(
    app: &App,
    viewer: &Viewer,
    client: ClientId,
    sent: Sent<B>,
    list: &'static str,
    command: impl FnOnce(&Control, &ClientId, B, By, Instant) -> Result<(String, Done), NotDone> + Send + 'static,
) -> Result<Response, Problem> {
    let by = sent.by(viewer, false)?;
    let receipt = app
        .ask_control(move |control, now| {
            let (id, done) = command(control, &client, sent.body, by, now)?;
            Receipt::of(control, &client, at(&client, &[list]), &id, &done)
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}

/// Something done to what is there.
pub(super) async fn acted<B: Send + 'static>(
    app: &App,
    viewer: &Viewer,
    client: ClientId,
    (list, id): (&'static str, String),
    sent: Sent<B>,
    command: impl FnOnce(&Control, &ClientId, B, By, Instant) -> Result<Done, NotDone> + Send + 'static,
) -> Result<Json<Receipt>, Problem> {
    let by = sent.by(viewer, false)?;
    let receipt = app.ask_control(move |control, now| {
        let done = command(control, &client, sent.body, by, now)?;
        Receipt::of(control, &client, at(&client, &[list]), &id, &done)
    });
    Ok(receipt.await?.answer())
}
