//! Messages that are held: whoever wrote them is none of the client's contacts, so that they are no requests (SH-DEF-11, SH-REQ-05).

use axum::{Json, response::Response};
use control::live::{command::NewHeld, query::HeldMessage};
use desk::policy::Action;
use facts::{ClientId, HeldId};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list},
    planned::{acted, made},
    receipt::Receipt,
    shape::At,
};
use crate::server::{Problem, Route};

const TAG: &str = "Requests";
const LIST: &str = "held-messages";

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::read::<HeldMessages>(
        TAG,
        "list_held_messages",
        "Messages of people who are no contacts, the oldest first, until a contact makes a request of one or somebody puts it aside.",
    );
    let hold = Operation::act::<NewHeldBody, Receipt>(
        TAG,
        "hold_message",
        "Holds a message of somebody who is no contact: no clock runs, and the contacts are told.",
    );
    let aside = Operation::act::<Aside, Receipt>(
        TAG,
        "put_message_aside",
        "It becomes no request. Who makes a request of it names it as `held` with the new request.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/held-messages", Action::ReadTickets, all)
            .told(read.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/held-messages", Action::RecordTicket, hold_one)
            .told(hold.creates()),
        Route::post("/api/v1/clients/{client}/held-messages/{held}/aside", Action::SettleHeld, put_aside)
            .told(aside),
    ]
}

/// A message that waits for a contact's word.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldMessage)]
pub(crate) struct HeldShape {
    message: String,
    /// When it came in.
    received_at: At,
    /// By which way.
    channel: String,
    /// From whom; empty where it was erased.
    from: String,
    /// What was written; empty where it was erased.
    text: String,
}

list! {
    /// Messages that are held.
    HeldMessages of HeldShape
}

async fn all(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let held = app.ask_control(move |control, _| control.held(&client)).await?.ok_or(Problem::NotFound)?;
    let place = |held: &HeldMessage| (held.at.as_micros(), held.id.to_string());
    let (items, next) = asking.cut(held, place, LIMIT_MAX)?;
    let told = |HeldMessage { id, at, channel, from, text }| HeldShape {
        message: HeldId::to_string(&id),
        received_at: at.into(),
        channel,
        from,
        text,
    };
    known.answer(&HeldMessages { items: items.into_iter().map(told).collect(), next })
}

/// A message of somebody who is no contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHeldMessage)]
pub(crate) struct NewHeldBody {
    /// From whom: a name, an address, a number.
    from: String,
    /// By which way, in the agreement's words.
    channel: String,
    /// What was written or said.
    text: String,
    /// When it came in; null for now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    received_at: Option<Instant>,
}

async fn hold_one(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewHeldBody>,
) -> Result<Response, Problem> {
    made(&app, &viewer, client, sent, LIST, |control, client, body, by, now| {
        let NewHeldBody { from, channel, text, received_at } = body;
        let by = control::live::command::By { at: received_at, ..by };
        let (id, done) = control.hold(client, NewHeld { from, channel, text }, by, now)?;
        Ok((id.to_string(), done))
    })
    .await
}

/// Which message.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OfHeld {
    client: ClientId,
    held: HeldId,
}

/// Why it becomes no request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutAside)]
pub(crate) struct Aside {
    /// Why, for both sides.
    reason: String,
}

async fn put_aside(
    Write { app, viewer, place, sent }: Write<OfHeld, Aside>,
) -> Result<Json<Receipt>, Problem> {
    let OfHeld { client, held } = place;
    let id = held.to_string();
    acted(&app, &viewer, client, (LIST, id), sent, move |control, client, body, by, now| {
        control.put_aside(client, &held, &body.reason, by, now)
    })
    .await
}
