//! Messages that are held: whoever wrote them is none of the client's contacts, so that they are no requests (SH-DEF-11, SH-REQ-05).

use std::cmp::Reverse;

use axum::{Json, response::Response};
use control::live::{
    Control,
    command::NewHeld,
    held_place,
    query::{HeldMessage, HeldWords, SettledMessage},
};
use desk::policy::Action;
use facts::{ClientId, HeldId};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::{Kind, Operation},
    page::{LIMIT_MAX, list},
    planned::{acted, made},
    receipt::Receipt,
    shape::At,
};
use crate::server::{Problem, Route};

const TAG: &str = "Requests";
const LIST: &str = "held-messages";
const STATES: [&str; 2] = ["waiting", "settled"];

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::read::<HeldMessages>(
        TAG,
        "list_held_messages",
        "Messages of people who are no contacts: those that wait, the oldest first, or those that were settled in the last 90 days, the newest first.",
    )
    .asks("state", Kind::OneOf(&STATES), "Those that wait, which is meant where nothing is said, or those that were settled.");
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
        Route::get("/api/v1/clients/{client}/held-messages", Action::ReadHeld, all)
            .told(read.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/held-messages", Action::RecordTicket, hold_one)
            .told(hold.creates()),
        Route::post("/api/v1/clients/{client}/held-messages/{held}/aside", Action::SettleHeld, put_aside)
            .told(aside),
    ]
}

/// A message of somebody who is no contact.
#[derive(Serialize, ToSchema)]
#[schema(as = HeldMessage)]
pub(crate) struct HeldShape {
    message: String,
    /// When it came in.
    received_at: At,
    /// By which way.
    channel: String,
    /// `kept`; `erased` where they were, or `none` where they were never put on record.
    words: &'static str,
    /// From whom; empty where the words are not kept.
    from: String,
    /// What was written; empty where the words are not kept.
    text: String,
    /// What became of it; null while it waits.
    settled: Option<SettledShape>,
}

/// What became of a held message.
#[derive(Serialize, ToSchema)]
#[schema(as = SettledMessage)]
pub(crate) struct SettledShape {
    at: At,
    /// Who did it.
    by: String,
    /// For whom: `provider` or `client`.
    side: &'static str,
    /// The request that a contact made of it.
    request: Option<String>,
    /// Why it was put aside, where it was.
    reason: Option<String>,
}

impl HeldShape {
    fn of(message: HeldMessage) -> HeldShape {
        let HeldMessage { id, at, channel, words, settled } = message;
        let (words, from, text) = match words {
            HeldWords::Kept { from, text } => ("kept", from, text),
            HeldWords::Erased => ("erased", String::new(), String::new()),
            HeldWords::Never => ("none", String::new(), String::new()),
        };
        let settled = settled.map(|SettledMessage { at, by, side, ticket, reason }| SettledShape {
            at: at.into(),
            by,
            side: side.name(),
            request: ticket.map(|ticket| ticket.to_string()),
            reason,
        });
        HeldShape { message: id.to_string(), received_at: at.into(), channel, words, from, text, settled }
    }
}

list! {
    /// Messages that are held.
    HeldMessages of HeldShape
}

async fn all(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["state", "limit", "cursor"])?;
    let settled = asking.one_of("state", &STATES)? == Some("settled");
    let read = move |control: &Control, now| match settled {
        true => control.held_settled(&client, now),
        false => control.held(&client),
    };
    let held = app.ask_control(read).await?.ok_or(Problem::NotFound)?;
    let (items, next) = match settled {
        true => asking.cut(held, newest_first, LIMIT_MAX)?,
        false => asking.cut(held, |held| place(held.at, held), LIMIT_MAX)?,
    };
    known.answer(&HeldMessages { items: items.into_iter().map(HeldShape::of).collect(), next })
}

/// By when, and by number.
fn place(at: Instant, held: &HeldMessage) -> (i64, usize, String) {
    let (at, length, id) = held_place(at, &held.id);
    (at.as_micros(), length, id)
}

fn newest_first(held: &HeldMessage) -> Reverse<(i64, usize, String)> {
    Reverse(place(held.settled.as_ref().map_or(held.at, |settled| settled.at), held))
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
