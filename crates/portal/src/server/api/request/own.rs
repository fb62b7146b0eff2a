//! Tickets that the provider's people write for themselves about a client. What is done about one is done at the address of the client
//! `provider`, whose journal holds them; no client reaches it.

use axum::{
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use desk::policy::Action;
use facts::ClientId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RequestLine;
use crate::server::{
    Problem, Route,
    api::{
        head::{Read, Write},
        operation::Operation,
        page::{LIMIT_MAX, list},
        receipt::Receipt,
        shape::at,
    },
};

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<OwnRequests>(
        "Requests",
        "list_internal_requests",
        "What the provider's people wrote for themselves about this client and have not closed; no client sees it.",
    );
    let new = Operation::act::<NewOwn, Receipt>(
        "Requests",
        "create_internal_request",
        "A ticket for the provider's people alone, about this client: no clock runs, and it is on no statement.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/internal-requests", Action::ReadFacts, own)
            .told(list.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/internal-requests", Action::WriteNote, create)
            .told(new.creates()),
    ]
}

/// A ticket of the provider's people for themselves.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnRequest {
    /// The client that it is about.
    about: String,
    request: RequestLine,
}

list! {
    /// Tickets of the provider's people for themselves.
    OwnRequests of OwnRequest
}

/// What there is to know or to do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOwn {
    /// What it is about.
    title: String,
    /// What there is to know or to do.
    text: String,
}

async fn own(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    app.book(&client, |_, _| ()).await?;
    let of = client.clone();
    let mut lines = app.ask_control(move |control, now| control.own_tickets(Some(&of), now)).await?;
    lines.sort_by_cached_key(super::place);
    let (lines, next) = asking.cut(lines, super::place, LIMIT_MAX)?;
    let own = ClientId::provider();
    let item = |line| OwnRequest { about: client.to_string(), request: RequestLine::of(&own, line, true) };
    known.answer(&OwnRequests { items: lines.into_iter().map(item).collect(), next })
}

async fn create(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewOwn>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, false)?;
    let NewOwn { title, text } = sent.body;
    let receipt = app
        .ask_control(move |control, now| {
            let (ticket, done) = control.write_down(&client, title.trim(), text, by, now)?;
            let own = ClientId::provider();
            Receipt::of(control, &own, at(&own, &["requests", ticket.as_str()]), ticket.as_str(), &done)
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}
