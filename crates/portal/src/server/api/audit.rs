//! What happened at the door, for programs of administrators.

use std::collections::BTreeMap;

use axum::response::Response;
use desk::policy::Action;
use journal::{Journal, people::DoorEvent};
use serde::Serialize;
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::Read,
    operation::Operation,
    page::{LIMIT_MAX, list},
    shape::At,
};
use crate::server::{Problem, Route};

/// What is looked through for one page.
const READ_MAX: u64 = 1_000;

pub(super) fn routes() -> Vec<Route> {
    let told = Operation::read::<Audit>(
        "Settings",
        "list_audit",
        "Who signed in, and who changed what people come in by, the newest first; up to a thousand.",
    );
    vec![Route::get("/api/v1/audit", Action::ReadAudit, audit).told(told.paged(LIMIT_MAX))]
}

/// Something that happened at the door.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditLine {
    at: At,
    /// Whose door it is, by id.
    person: String,
    /// What they are called.
    name: String,
    /// What happened.
    event: String,
    /// Who did it: an id, or `command line`.
    by: String,
    /// More words, without any secret.
    detail: String,
}

list! {
    /// What happened at the door.
    Audit of AuditLine
}

async fn audit(Read { app, known, asking, place: () }: Read<()>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let read = |journal: &Journal| {
        journal
            .read(|tx| Ok::<_, journal::Error>((tx.all_door_events(Instant::MAX, READ_MAX)?, tx.people()?)))
    };
    let (events, people) = app.ask(read).await?;
    let names: BTreeMap<String, String> = people.into_iter().map(|person| (person.id, person.name)).collect();
    let place = |event: &DoorEvent| (event.at.as_micros().saturating_neg(), event.id.clone());
    let (events, next) = asking.cut(events, place, LIMIT_MAX)?;
    let items = events.into_iter().map(|event| AuditLine {
        at: event.at.into(),
        name: names.get(&event.person).cloned().unwrap_or_else(|| event.person.clone()),
        person: event.person,
        event: event.event,
        by: event.doer,
        detail: event.detail,
    });
    known.answer(&Audit { items: items.collect(), next })
}
