//! What somebody has begun to write about a request: their own, read by nobody else. Whoever of the provider's people begins has
//! the request where nobody had it, as on its page.

use axum::{Json, response::Response};
use desk::policy::Action;
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::Place;
use crate::server::{
    Problem, Route, Viewer,
    api::{
        head::{Read, Write},
        operation::Operation,
        shape::At,
    },
    ticket::save_draft,
};

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::read::<Draft>("Requests", "get_draft", "What you have begun to write about it.");
    let keep = Operation::act::<Begun, Draft>(
        "Requests",
        "keep_draft",
        "Keeps what you have begun to write, in the place of what was kept; an empty text keeps nothing.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/requests/{ticket}/draft", Action::AnswerTicket, get_draft)
            .told(read),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/draft", Action::AnswerTicket, keep_draft)
            .told(keep),
    ]
}

/// What was begun.
#[derive(Serialize, ToSchema)]
pub(crate) struct Draft {
    /// The text; empty where there is none.
    text: String,
    /// When it was kept.
    saved_at: Option<At>,
}

impl Draft {
    fn of(kept: Option<(String, Instant)>) -> Draft {
        match kept {
            Some((text, saved)) => Draft { text, saved_at: Some(saved.into()) },
            None => Draft { text: String::new(), saved_at: None },
        }
    }
}

/// What is begun.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begun {
    /// The text.
    text: String,
}

async fn get_draft(
    Read { app, known, asking, place }: Read<Place>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.ask_control(move |control, now| {
        let Place { client, ticket } = &place;
        let there = control.ticket(client, ticket, now)?.is_some();
        let read = || control.journal().read(|tx| tx.draft(client, &viewer.person.id, &ticket.0));
        there.then(read).transpose()
    });
    known.answer(&Draft::of(found.await?.ok_or(Problem::NotFound)?))
}

async fn keep_draft(Write { app, viewer, place, sent }: Write<Place, Begun>) -> Result<Json<Draft>, Problem> {
    let text = sent.body.text;
    let kept = app
        .ask_control(move |control, now| {
            let Place { client, ticket } = &place;
            save_draft(control, &viewer, client, ticket, &text, now)?;
            let read = control.journal().read(|tx| tx.draft(client, &viewer.person.id, &ticket.0));
            read.map_err(control::live::NotDone::from)
        })
        .await?;
    Ok(Json(Draft::of(kept)))
}
