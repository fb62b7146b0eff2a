//! A new request, of the client's own people.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use desk::policy::Action;
use facts::{ClientId, HeldId, InstanceId, RequestReceived};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::server::{
    Problem, Route,
    api::{head::Write, operation::Operation, receipt::Receipt, shape::at},
    ticket::CHANNEL,
};

pub(super) fn routes() -> Vec<Route> {
    let new = Operation::act::<NewRequest, Receipt>(
        "Requests",
        "create_request",
        "A new request. Its clocks run from the moment it is stored; `GET` it to see until when.",
    );
    vec![Route::post("/api/v1/clients/{client}/requests", Action::OpenTicket, create).told(new.creates())]
}

/// A new request, in the agreement's own words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewRequest {
    /// What it is about.
    title: String,
    /// What happens, and what you tried.
    text: String,
    /// The instance concerned.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    instance: Option<InstanceId>,
    /// Its priority, where the agreement has priorities.
    #[serde(default)]
    priority: Option<String>,
    /// Its kind, where the agreement has kinds.
    #[serde(default)]
    kind: Option<String>,
    /// Its urgency, where the agreement has urgencies.
    #[serde(default)]
    urgency: Option<String>,
    /// The held message that it is made of: its clocks run from now all the same (SH-DEF-11).
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    held: Option<HeldId>,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}

impl NewRequest {
    fn received(&self) -> Result<RequestReceived, Problem> {
        Ok(RequestReceived {
            ticket: "T-0".parse().map_err(|e| Problem::internal(&e))?,
            channel: CHANNEL.to_owned(),
            title: Some(self.title.trim().to_owned()),
            instance: self.instance.clone(),
            priority: self.priority.clone(),
            class: None,
            kind: self.kind.clone(),
            urgency: self.urgency.clone(),
            text: None,
            split_from: None,
            about: None,
        })
    }
}

async fn create(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewRequest>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, sent.body.confirm)?;
    let (request, text, held) = (sent.body.received()?, sent.body.text, sent.body.held);
    let receipt = app
        .ask_control(move |control, now| {
            let (ticket, done) = match &held {
                Some(held) => control.receive_held(&client, held, request, text, by, now)?,
                None => control.receive(&client, request, text, by, now)?,
            };
            Receipt::of(control, &client, at(&client, &["requests", ticket.as_str()]), ticket.as_str(), &done)
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}
