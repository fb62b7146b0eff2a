//! Changes of a client's systems, for programs: proposed with their window, approved by the client or refused, begun and closed
//! (MP-CLI-11).

use axum::{Json, response::Response};
use control::live::command::{ChangeStep, Decision, NewProposedChange};
use desk::policy::Action;
use facts::{ChangeId, ClientId, InstanceId};
use promise::{approval::ProposalState, change::Change};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list},
    planned::{Why, acted, made},
    receipt::Receipt,
    request::Nothing,
    shape::At,
};
use crate::server::{Problem, Route};

const TAG: &str = "Maintenance";
const LIST: &str = "proposed-changes";

pub(super) fn routes() -> Vec<Route> {
    let changes = Operation::read::<ProposedChanges>(
        TAG,
        "list_proposed_changes",
        "Changes of the client's systems that were proposed, the latest start first: how each stands, and since when.",
    );
    let propose = Operation::act::<NewChangeBody, Receipt>(
        TAG,
        "propose_change",
        "Proposes a change with its window. Where the agreement says so it begins only once the client has approved it, by its start.",
    );
    let approve = Operation::act::<ApprovalBody, Receipt>(
        TAG,
        "approve_change",
        "Approves it for the client, by its start.",
    );
    let refuse =
        Operation::act::<Why, Receipt>(TAG, "refuse_change", "Refuses it for the client, and says why.");
    let start = Operation::act::<Nothing, Receipt>(
        TAG,
        "start_change",
        "It begins, in the window that the client approved. One that nobody approved is refused.",
    );
    let close = Operation::act::<Closing, Receipt>(TAG, "close_change", "It is over.");
    let call_off = Operation::act::<Why, Receipt>(
        TAG,
        "call_off_change",
        "It is not to be, and why. What began is closed instead.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/proposed-changes", Action::ReadMaintenance, all_changes)
            .told(changes.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/proposed-changes", Action::RunChange, propose_change)
            .told(propose.creates()),
        Route::post(
            "/api/v1/clients/{client}/proposed-changes/{change}/approve",
            Action::ApproveChange,
            approve_change,
        )
        .told(approve),
        Route::post(
            "/api/v1/clients/{client}/proposed-changes/{change}/refuse",
            Action::ApproveChange,
            refuse_change,
        )
        .told(refuse),
        Route::post(
            "/api/v1/clients/{client}/proposed-changes/{change}/start",
            Action::RunChange,
            start_change,
        )
        .told(start),
        Route::post(
            "/api/v1/clients/{client}/proposed-changes/{change}/close",
            Action::RunChange,
            close_change,
        )
        .told(close),
        Route::post(
            "/api/v1/clients/{client}/proposed-changes/{change}/call-off",
            Action::RunChange,
            call_off_change,
        )
        .told(call_off),
    ]
}

/// A change of a client's systems.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProposedChange {
    change: String,
    /// Upgrade, restart or another kind.
    kind: String,
    what: Option<String>,
    why: Option<String>,
    starts_at: At,
    ends_at: Option<At>,
    /// The instances that it is about; empty for no single one.
    instances: Vec<String>,
    planned_in_stages: bool,
    by: String,
    /// Since when it waits for the client.
    proposed_at: At,
    /// `waits for the client`, `not approved in time`, `approved`, `not begun`, `under way`, `done`, `refused` or `called off`.
    state: &'static str,
    decided_by: Option<String>,
    decided_at: Option<At>,
    /// Why it was refused or called off.
    reason: Option<String>,
    backup_confirmed: bool,
    started_at: Option<At>,
    closed_at: Option<At>,
    /// How the start-up was validated.
    validation: Option<String>,
}

list! {
    /// Proposed changes.
    ProposedChanges of ProposedChange
}

fn told(change: Change, now: Instant) -> ProposedChange {
    let state = change.word(now);
    let (decided_at, reason) = match change.state {
        ProposalState::Pending { .. } => (None, None),
        ProposalState::Approved { at } => (Some(At(at)), None),
        ProposalState::Refused { at, reason, .. } => (Some(At(at)), Some(reason)),
    };
    ProposedChange {
        change: change.id.to_string(),
        kind: change.proposed.kind,
        what: change.proposed.what,
        why: change.proposed.why,
        starts_at: change.proposed.starts_at.into(),
        ends_at: change.proposed.ends_at.map(At),
        instances: change.proposed.instances.iter().map(ToString::to_string).collect(),
        planned_in_stages: change.proposed.planned_in_stages,
        by: change.by,
        proposed_at: change.made.into(),
        state,
        decided_by: change.decided_by,
        decided_at,
        reason,
        backup_confirmed: change.backup_confirmed,
        started_at: change.started.map(At),
        closed_at: change.closed.map(At),
        validation: change.validation,
    }
}

async fn all_changes(
    Read { app, known, asking, place: client }: Read<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let (changes, now) = app.book(&client, |book, now| (book.proposed_changes(now), now)).await?;
    let place =
        |change: &Change| (change.proposed.starts_at.as_micros().saturating_neg(), change.id.to_string());
    let (items, next) = asking.cut(changes, place, LIMIT_MAX)?;
    known
        .answer(&ProposedChanges { items: items.into_iter().map(|change| told(change, now)).collect(), next })
}

/// A change that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewProposedChange)]
pub(crate) struct NewChangeBody {
    /// Upgrade, restart or another kind.
    kind: String,
    /// What is changed, for the client to read.
    what: String,
    /// Why.
    why: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// The instances that it is about; none for no single one.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    instances: Vec<InstanceId>,
    /// Whether it has stages, a way back and checks afterwards.
    #[serde(default)]
    planned_in_stages: bool,
}

async fn propose_change(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewChangeBody>,
) -> Result<Response, Problem> {
    made(&app, &viewer, client, sent, LIST, |control, client, body, by, now| {
        let NewChangeBody { kind, what, why, starts_at, ends_at, instances, planned_in_stages } = body;
        let new = NewProposedChange { kind, what, why, starts_at, ends_at, instances, planned_in_stages };
        let (id, done) = control.propose_change(client, new, by, now)?;
        Ok((id.to_string(), done))
    })
    .await
}

/// Which change.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OfChange {
    client: ClientId,
    change: ChangeId,
}

/// The client's yes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeApproval)]
pub(crate) struct ApprovalBody {
    /// That the client has a full backup of its own outside the servers (MP-CLI-13).
    #[serde(default)]
    backup_confirmed: bool,
}

/// How a change ended.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeClosing)]
pub(crate) struct Closing {
    /// How the start-up was validated (MP-SC-APP-03).
    #[serde(default)]
    validation: String,
}

macro_rules! about_a_change {
    ($($name:ident $Body:ty: |$body:ident| $what:expr, $confirmed:expr => $command:ident;)+) => { $(
        async fn $name(
            Write { app, viewer, place, sent }: Write<OfChange, $Body>,
        ) -> Result<Json<Receipt>, Problem> {
            let OfChange { client, change } = place;
            let id = change.to_string();
            acted(&app, &viewer, client, (LIST, id), sent, move |control, client, $body, mut by, now| {
                by.confirmed = $confirmed;
                control.$command(client, &change, $what, by, now)
            })
            .await
        }
    )+ };
}

about_a_change! {
    approve_change ApprovalBody: |body| (Decision::Approve, body.backup_confirmed), false => decide_change;
    refuse_change Why: |body| (Decision::Refuse(body.reason), false), false => decide_change;
    start_change Nothing: |body| ChangeStep::Start, body.confirm => carry_out_change;
    close_change Closing: |body| ChangeStep::Close(body.validation), false => carry_out_change;
    call_off_change Why: |body| ChangeStep::CallOff(body.reason), false => carry_out_change;
}
