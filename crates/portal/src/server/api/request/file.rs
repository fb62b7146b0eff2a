//! Files of a request: the list, a new one, the bytes of one, and one that is taken away.

use axum::{
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use control::live::command::NewFile;
use desk::policy::{Action, Resource};
use journal::desk::{FILE_BYTES_MAX, KeptFile};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Place, act::Nothing};
use crate::server::{
    App, BODY_BYTES_MAX, Problem, Route, Viewer, apart,
    api::{
        head::{Read, Write},
        operation::Operation,
        page::{list, wrong},
        receipt::Receipt,
        shape::{At, at},
    },
    ticket::file::FileAt,
};

/// Bytes of a body with a file in base64, which writes three bytes as four.
const ROOM: usize = FILE_BYTES_MAX / 3 * 4 + BODY_BYTES_MAX;

pub(super) fn routes() -> Vec<Route> {
    let files = Operation::read::<Files>(
        "Requests",
        "list_files",
        "The files attached to a request, the oldest first.",
    );
    let attach = Operation::act::<Attach, Receipt>(
        "Requests",
        "attach_file",
        "A file that belongs to a request: text, a picture, a PDF or a zip file, whose name and contents say the same.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/requests/{ticket}/files", Action::ReadFile, list_files)
            .told(files),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/files", Action::AttachFile, attach_file)
            .taking(ROOM)
            .told(attach.creates()),
        Route::get("/api/v1/clients/{client}/requests/{ticket}/files/{attachment}", Action::ReadFile, read_file)
            .told(
                Operation::read::<FileLine>("Requests", "read_file", "The bytes of a file, as its media type.")
                    .only("application/octet-stream"),
            ),
        Route::post(
            "/api/v1/clients/{client}/requests/{ticket}/files/{attachment}/remove",
            Action::RemoveFile,
            remove_file,
        )
        .told(Operation::act::<Nothing, Receipt>(
            "Requests",
            "remove_file",
            "Takes a file away for good: its bytes are gone, and that it was there stays. The provider's people any file, a client's \
             people one of theirs.",
        )),
    ]
}

/// A file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Attach {
    /// What it is called, with its ending.
    name: String,
    /// Its bytes in base64 (RFC 4648, section 4), 25 MiB of them at most.
    #[schema(value_type = String, format = Byte)]
    content: String,
    /// That only the provider's people see it; of others it is not heard.
    #[serde(default)]
    internal: bool,
}

async fn attach_file(Write { app, viewer, place, sent }: Write<Place, Attach>) -> Result<Response, Problem> {
    let by = sent.by(&viewer, false)?;
    let Attach { name, content, internal } = sent.body;
    let bytes = STANDARD.decode(content).map_err(|_| wrong("content", "write it in base64 (RFC 4648)."))?;
    let new = NewFile { name, bytes: bytes.into(), internal: internal && viewer.reads_notes(&place.client) };
    let receipt = app
        .ask_control(move |control, now| {
            let Place { client, ticket } = &place;
            let (file, done) = control.attach(client, ticket, new, by, now)?;
            let href = at(client, &["requests", ticket.as_str(), "files"]);
            Receipt::of(control, client, href, file.as_str(), &done)
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
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

async fn read_file(
    State(app): State<App>,
    viewer: Viewer,
    Path(at): Path<FileAt>,
) -> Result<Response, Problem> {
    apart::bytes(&app, &viewer, at).await
}

async fn remove_file(
    Write { app, viewer, place, sent }: Write<FileAt, Nothing>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, sent.body.confirm)?;
    let receipt = app
        .ask_control(move |control, now| {
            let FileAt { client, ticket, attachment } = &place;
            let kept =
                control.journal().read(|tx| tx.file(client, &attachment.0))?.ok_or(Problem::NotFound)?;
            viewer.require(Action::RemoveFile, &Resource::File { client, internal: kept.internal })?;
            let done = control.remove_file(client, ticket, attachment, by, now)?;
            let href = at(client, &["requests", ticket.as_str(), "files"]);
            Receipt::of(control, client, href, ticket.as_str(), &done)
        })
        .await?;
    Ok(receipt.answer().into_response())
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
        download: at(&place.client, &["requests", place.ticket.as_str(), "files", file.file.as_str()]),
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
