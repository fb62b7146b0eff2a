//! Changes that the client makes to its own surroundings (MP-CLI-14).

use axum::response::Response;
use control::live::{Done, command::NewChange, query::Changed};
use desk::policy::Action;
use facts::{ChangeId, ClientId, InstanceId};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list},
    planned::made,
    receipt::Receipt,
    shape::At,
};
use crate::server::{Problem, Route};

const TAG: &str = "Maintenance";

pub(super) fn routes() -> Vec<Route> {
    let changes = Operation::read::<Changes>(
        TAG,
        "list_changes",
        "Changes that the client makes itself, the latest first.",
    );
    let announce = Operation::act::<NewChangeBody, Receipt>(
        TAG,
        "announce_change",
        "Warns of a change that the client makes itself. Sent by the provider's people it is on record as one that nobody announced.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/changes", Action::ReadMaintenance, all_changes)
            .told(changes.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/changes", Action::AnnounceChange, make_change)
            .told(announce.creates()),
    ]
}

/// A change that the client makes to its own surroundings.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientChange)]
pub(crate) struct ChangeShape {
    change: String,
    what: Option<String>,
    starts_at: At,
    /// The instances that may feel it; empty for any.
    instances: Vec<String>,
    by: String,
    recorded_at: At,
    /// When the client announced it; null where nobody did.
    announced_at: Option<At>,
    /// Whether it was announced before it began.
    in_time: bool,
}

list! {
    /// Changes of the client's.
    Changes of ChangeShape
}

fn change_told(change: Changed) -> ChangeShape {
    ChangeShape {
        in_time: change.is_in_time(),
        change: change.change.to_string(),
        what: change.what,
        starts_at: change.starts_at.into(),
        instances: change.instances.iter().map(ToString::to_string).collect(),
        by: change.by,
        recorded_at: change.at.into(),
        announced_at: change.announced.map(At),
    }
}

async fn all_changes(
    Read { app, known, asking, place: client }: Read<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let changes = app.book(&client, |book, _| book.client_changes()).await?;
    let place = |change: &Changed| (change.starts_at.as_micros().saturating_neg(), change.change.to_string());
    let (items, next) = asking.cut(changes, place, LIMIT_MAX)?;
    known.answer(&Changes { items: items.into_iter().map(change_told).collect(), next })
}

/// A change that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewClientChange)]
pub(crate) struct NewChangeBody {
    /// What it is.
    what: String,
    #[schema(value_type = String, format = DateTime)]
    starts_at: Instant,
    /// The instances that may feel it; none for any.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    instances: Vec<InstanceId>,
}

async fn make_change(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewChangeBody>,
) -> Result<Response, Problem> {
    made(&app, &viewer, client, sent, "changes", |control, client, body, by, now| {
        let NewChangeBody { what, starts_at, instances } = body;
        let new = NewChange { what, starts_at, instances };
        let (id, done): (ChangeId, Done) = control.announce_change(client, new, by, now)?;
        Ok((id.to_string(), done))
    })
    .await
}
