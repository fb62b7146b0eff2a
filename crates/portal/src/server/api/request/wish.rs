//! Wishes, for programs: feature requests that were logged for consideration, and closed (SH-ACK-04, SH-ACK-05).

use axum::{extract::State, response::Response};
use control::live::query::Line;
use desk::policy::Action;
use facts::ClientId;
use serde::Serialize;
use utoipa::ToSchema;

use super::RequestLine;
use crate::server::{
    App, Problem, Route, Viewer,
    api::{
        answer::Known,
        head::Read,
        operation::Operation,
        page::{Asking, LIMIT_MAX, list},
    },
    ticket::wishes,
};

pub(super) fn routes() -> Vec<Route> {
    let all = Operation::read::<Wishes>(
        "Requests",
        "list_all_wishes",
        "Feature requests that were logged for consideration at any client, the newest first.",
    );
    let one = Operation::read::<Wishes>(
        "Requests",
        "list_wishes",
        "Feature requests of a client that were logged for consideration, the newest first.",
    );
    vec![
        Route::get("/api/v1/wishes", Action::ReadWishes, of_all).told(all.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/wishes", Action::ReadWishes, of_client)
            .told(one.paged(LIMIT_MAX)),
    ]
}

/// A wish.
#[derive(Serialize, ToSchema)]
pub(crate) struct Wish {
    client: String,
    request: RequestLine,
}

list! {
    /// Wishes.
    Wishes of Wish
}

async fn of_all(
    State(app): State<App>,
    viewer: Viewer,
    known: Known,
    asking: Asking,
) -> Result<Response, Problem> {
    let clients = app.ask_control(|control, _| Ok::<_, journal::Error>(control.clients())).await?;
    let clients = clients.into_iter().filter(|client| *client != ClientId::provider()).collect();
    answer(&app, &viewer, known, &asking, clients).await
}

async fn of_client(
    Read { app, known, asking, place: client }: Read<ClientId>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    app.book(&client, |_, _| ()).await?;
    answer(&app, &viewer, known, &asking, vec![client]).await
}

async fn answer(
    app: &App,
    viewer: &Viewer,
    known: Known,
    asking: &Asking,
    clients: Vec<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let mut all = app.ask_control(move |control, now| wishes(control, &clients, now)).await?;
    let place = |(client, line): &(ClientId, Line)| {
        (line.received.as_micros().saturating_neg(), client.to_string(), line.ticket.to_string())
    };
    all.sort_by_cached_key(place);
    let (items, next) = asking.cut(all, place, LIMIT_MAX)?;
    let told = |(client, line): (ClientId, Line)| Wish {
        request: RequestLine::of(&client, line, viewer.reads_notes(&client)),
        client: client.to_string(),
    };
    known.answer(&Wishes { items: items.into_iter().map(told).collect(), next })
}
