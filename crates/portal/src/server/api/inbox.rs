//! What somebody was told, for programs: the same as on the page.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use desk::{notify::Letter, policy::Action};
use journal::inbox::Item;
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    answer::Known,
    head::Write,
    operation::Operation,
    page::{Asking, LIMIT_MAX, list, wrong},
    shape::At,
};
use crate::server::{
    App, Problem, Route, Viewer,
    inbox::{items, mark},
};

pub(super) fn routes() -> Vec<Route> {
    let told = Operation::read::<Inbox>(
        "You",
        "my_inbox",
        "What you were told of what concerns you, the newest first: the last 200, for 90 days.",
    );
    let read = Operation::act::<Until, Marked>(
        "You",
        "read_my_inbox",
        "Notes that you read what you were told until an instant.",
    );
    vec![
        Route::get("/api/v1/me/inbox", Action::ReadOwn, my_inbox).told(told.paged(LIMIT_MAX)),
        Route::post("/api/v1/me/inbox/read", Action::EditOwn, read_inbox).told(read),
    ]
}

/// One notice.
#[derive(Serialize, ToSchema)]
#[schema(as = InboxItem)]
pub(crate) struct Told {
    /// Unique for its client.
    id: String,
    client: String,
    /// What it is about: all notices about it have the same.
    thread: String,
    /// The name of what it is about, such as `T-12 Wiki is down`.
    title: String,
    /// What happened, in a sentence.
    headline: String,
    /// Where it stands in the portal.
    path: String,
    /// Why you are told.
    why: &'static str,
    /// Whether it is a call.
    call: bool,
    /// When it happened.
    at: At,
    /// When something about it falls due, where the notice is about time.
    due: Option<At>,
    /// When you were told.
    told_at: At,
    /// When you said that you read it.
    read_at: Option<At>,
}

list! {
    /// What you were told.
    Inbox of Told
}

/// Until when it was read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InboxRead)]
struct Until {
    /// `told_at` of the newest notice that you have.
    until: String,
}

/// How much was read.
#[derive(Serialize, ToSchema)]
#[schema(as = InboxMarked)]
struct Marked {
    /// How many notices were new.
    read: u64,
}

impl Told {
    fn of((item, letter): (Item, Letter)) -> Told {
        Told {
            id: item.id,
            client: item.client.to_string(),
            thread: letter.thread,
            title: letter.title,
            headline: letter.headline,
            path: letter.path,
            why: letter.why.sentence(),
            call: letter.call,
            at: letter.at.into(),
            due: letter.due.map(At::from),
            told_at: item.at.into(),
            read_at: item.read.map(At::from),
        }
    }
}

async fn my_inbox(
    State(app): State<App>,
    viewer: Viewer,
    known: Known,
    asking: Asking,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let all = items(&app, &viewer).await?;
    let key = |(item, _): &(Item, Letter)| (-item.at.as_micros(), item.client.to_string(), item.id.clone());
    let (items, next) = asking.cut(all, key, LIMIT_MAX)?;
    known.answer(&Inbox { items: items.into_iter().map(Told::of).collect(), next })
}

async fn read_inbox(Write { app, viewer, place: (), sent }: Write<(), Until>) -> Result<Response, Problem> {
    let until: Instant = sent.body.until.parse().map_err(|_| {
        wrong(
            "until",
            "write an instant such as 2026-03-09T17:00:00Z: `told_at` of the newest that you have.",
        )
    })?;
    Ok(Json(Marked { read: mark(&app, &viewer, until).await? }).into_response())
}
