//! Taking back what was arranged: by whoever did it, as long as it stands. Both stay on record.

use axum::Json;
use control::live::command::By;
use desk::policy::{Action, Resource};
use serde::Deserialize;
use utoipa::ToSchema;

use super::Place;
use crate::server::{
    Problem, Route,
    api::{head::Write, operation::Operation, receipt::Receipt, shape::at},
    undo::Step,
};

pub(super) fn routes() -> Vec<Route> {
    let undo = Operation::act::<Undo, Receipt>(
        "Requests",
        "undo_request_act",
        "Takes back what you arranged: whom it was given to, tags, watching, a link, a merge. What others have done since stands.",
    );
    vec![Route::post("/api/v1/clients/{client}/requests/{ticket}/undo", Action::Watch, undo_act).told(undo)]
}

/// What is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Undo {
    /// Its number in the client's journal, as its receipt says it.
    seq: u64,
}

async fn undo_act(Write { app, viewer, place, sent }: Write<Place, Undo>) -> Result<Json<Receipt>, Problem> {
    let by = By { read: None, ..sent.by(&viewer, false)? };
    let (of, seq, whose) = (place.clone(), sent.body.seq, viewer.person.id.clone());
    let found = app
        .ask_control(move |control, now| control.arranged_by(&of.client, &of.ticket, (seq, &whose), now))
        .await?;
    let (done, undo) = found.ok_or(Problem::NotFound)?;
    let step = Step::of(&place.client, &place.ticket, &done, Some(undo)).ok_or(Problem::NotFound)?;
    viewer.require(step.action(), &Resource::Client(&place.client))?;
    let receipt = app.ask_control(move |control, now| {
        let Place { client, ticket } = &place;
        let done = step.take_back(control, by, now)?;
        Receipt::of(control, client, at(client, &["requests", ticket.as_str()]), ticket.as_str(), &done)
    });
    Ok(receipt.await?.answer())
}
