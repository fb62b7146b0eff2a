//! Files of a request: the list, and one of them.

use axum::response::Response;
use desk::policy::Action;
use journal::desk::KeptFile;
use serde::Serialize;
use utoipa::ToSchema;

use super::Place;
use crate::server::{
    Problem, Route, Viewer,
    api::{head::Read, operation::Operation, page::list, shape::At},
};

pub(super) fn routes() -> Vec<Route> {
    let files = Operation::read::<Files>(
        "Requests",
        "list_files",
        "The files attached to a request, the oldest first.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/requests/{ticket}/files", Action::ReadFile, list_files)
            .told(files),
    ]
}

/// A file.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileLine {
    /// Its id.
    file: String,
    /// What its sender called it; empty when it was taken away.
    name: String,
    /// What it is, as a media type (RFC 6838).
    media: String,
    /// How many bytes it has, or had.
    size: u64,
    /// Whether only the provider's people see it.
    internal: bool,
    /// Whether its bytes are gone.
    gone: bool,
    added_at: At,
    /// Where the bytes are.
    download: String,
}

list! {
    /// Files.
    Files of FileLine
}

async fn list_files(
    Read { app, known, asking, place }: Read<Place>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let (of, staff) = (place.clone(), viewer.reads_notes(&place.client));
    let found = app.ask_control(move |control, now| {
        let there = control.ticket(&of.client, &of.ticket, now)?.is_some();
        there.then(|| control.files(&of.client, &of.ticket, staff)).transpose()
    });
    let found = found.await?.ok_or(Problem::NotFound)?;
    let line = |file: KeptFile| FileLine {
        download: format!("/clients/{}/tickets/{}/files/{}", place.client, place.ticket, file.file),
        file: file.file.to_string(),
        name: file.name,
        media: file.media,
        size: file.size,
        internal: file.internal,
        gone: file.gone,
        added_at: file.added.into(),
    };
    known.answer(&Files { items: found.into_iter().map(line).collect(), next: None })
}
