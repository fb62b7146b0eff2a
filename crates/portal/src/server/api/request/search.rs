//! Searching requests by what was written in them.

use axum::response::Response;
use control::live::query::FOUND_TICKETS_MAX;
use desk::policy::Action;
use facts::ClientId;
use journal::index::Within;
use serde::Serialize;
use utoipa::ToSchema;

use super::RequestLine;
use crate::server::{
    Problem, Route, Viewer,
    api::{
        head::Read,
        operation::{Kind, Operation},
        page::list,
    },
};

pub(super) fn routes() -> Vec<Route> {
    let search = Operation::read::<FoundRequests>(
        "Requests",
        "search_requests",
        "Requests in which every word stands in one message, title or summary, the newest first.",
    )
    .asks("q", Kind::Text, "The words; the last may be the beginning of one. Or the name of a request.");
    vec![Route::get("/api/v1/clients/{client}/search", Action::ReadTickets, search_requests).told(search)]
}

/// A request that was found.
#[derive(Serialize, ToSchema)]
pub(crate) struct FoundRequest {
    request: RequestLine,
    /// What stands around the first word; null where the request itself was named.
    around: Option<String>,
}

list! {
    /// What was found.
    FoundRequests of FoundRequest
}

async fn search_requests(
    Read { app, known, asking, place: client }: Read<ClientId>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&["q"])?;
    app.book(&client, |_, _| ()).await?;
    let (text, staff) = (asking.get("q").unwrap_or_default().to_owned(), viewer.reads_notes(&client));
    let within = if staff { Within::Client(client.clone()) } else { Within::Public(client.clone()) };
    let found = app.ask_control(move |control, now| control.search(&within, &text, now)).await?;
    let shown = |found: control::live::query::Found| FoundRequest {
        request: RequestLine::of(&client, found.line, staff),
        around: found.around,
    };
    let items = found.into_iter().take(FOUND_TICKETS_MAX).map(shown).collect();
    known.answer(&FoundRequests { items, next: None })
}
