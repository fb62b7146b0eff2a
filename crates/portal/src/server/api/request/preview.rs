//! By when a request would be answered, before it is sent: the same as the form shows.

use axum::response::Response;
use control::live::{
    Book,
    query::{Answer, Urgency},
};
use desk::policy::Action;
use facts::{ClientId, RequestReceived};
use serde::Serialize;
use spans::Instant;
use utoipa::ToSchema;

use crate::server::{
    Problem, Route,
    api::{
        head::Read,
        operation::{Kind, Operation},
        page::wrong,
        shape::At,
    },
    ticket::CHANNEL,
};

pub(super) fn routes() -> Vec<Route> {
    let preview = Operation::read::<RequestPreview>(
        "Requests",
        "preview_request",
        "By when a request would be answered if it were sent now, whatever it may say of how urgent it is. Nothing is recorded.",
    )
    .asks("instance", Kind::Text, "The instance concerned, by id.");
    vec![Route::get("/api/v1/clients/{client}/requests-preview", Action::OpenTicket, look).told(preview)]
}

/// By when a request would be answered.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestPreview {
    /// Each that can be said, in the agreement's order; empty where no agreement is in force.
    choices: Vec<PreviewedChoice>,
}

/// Something that a request can say of how urgent it is, as it is sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct PreviewedChoice {
    priority: Option<String>,
    kind: Option<String>,
    urgency: Option<String>,
    /// The last instant in time for the first answer; null where none is promised.
    due_at: Option<At>,
    /// The rule of the agreement.
    rule: Option<String>,
    clauses: Vec<String>,
}

async fn look(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["instance"])?;
    let instance = asking.get("instance").map(str::parse).transpose();
    let request = RequestReceived {
        ticket: "T-0".parse().map_err(|e| Problem::internal(&e))?,
        channel: CHANNEL.to_owned(),
        title: None,
        instance: instance.map_err(|_| wrong("instance", "it is no id."))?,
        priority: None,
        class: None,
        kind: None,
        urgency: None,
        text: None,
        split_from: None,
        about: None,
    };
    let choices = app.book(&client, move |book, now| choices(book, &request, now)).await?;
    known.answer(&RequestPreview { choices })
}

fn choices(book: &Book, request: &RequestReceived, now: Instant) -> Vec<PreviewedChoice> {
    let each = book.urgencies().into_iter().map(|Urgency { priority, kind, urgency }| {
        let asked = RequestReceived { priority, kind, urgency, ..request.clone() };
        let answer = book.answered_by(&asked, now);
        told(asked, answer)
    });
    each.collect()
}

fn told(asked: RequestReceived, answer: Option<Answer>) -> PreviewedChoice {
    let (due_at, rule, clauses) = answer
        .map_or((None, None, Vec::new()), |answer| (Some(At(answer.due)), Some(answer.rule), answer.clauses));
    PreviewedChoice {
        priority: asked.priority,
        kind: asked.kind,
        urgency: asked.urgency,
        due_at,
        rule,
        clauses,
    }
}
