//! Files of a ticket: taken in by a form, given out as downloads that no browser opens in our name.

use std::sync::Arc;

use axum::{
    extract::{Multipart, Path, State, multipart::MultipartError},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use control::live::command::{By, NewFile};
use desk::policy::{Action, Resource};
use facts::{ClientId, FileId, TicketId};
use journal::{Key, desk::FILE_BYTES_MAX};
use serde::Deserialize;

use super::one::{At, Said, show};
use crate::server::{
    App, BODY_BYTES_MAX, Notice, Problem, Route, Shell, Viewer, apart, form::Sent, headers::SANDBOX,
    moment::encode,
};

pub(super) fn routes() -> Vec<Route> {
    let room = FILE_BYTES_MAX + BODY_BYTES_MAX;
    vec![
        Route::post("/clients/{client}/tickets/{ticket}/files", Action::AttachFile, attach).taking(room),
        Route::get("/clients/{client}/tickets/{ticket}/files/{attachment}", Action::ReadFile, read),
        Route::post(
            "/clients/{client}/tickets/{ticket}/files/{attachment}/remove",
            Action::RemoveFile,
            remove,
        ),
    ]
}

/// Which file an address names.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct FileAt {
    pub(crate) client: ClientId,
    pub(crate) ticket: TicketId,
    pub(crate) attachment: FileId,
}

async fn attach(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<At>,
    form: Multipart,
) -> Result<Response, Problem> {
    let (new, key) = read_form(form, viewer.is_staff()).await?;
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    let of = at.clone();
    let done = app.attempt(move |control, now| control.attach(&of.client, &of.ticket, new, by, now)).await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("{}?done={}", at.path(), Notice::Recorded.word())).into_response()),
        Err(refused) => {
            show(&app, shell, &viewer, at, Some(Said { verb: "files", refused, sent: Sent::default() })).await
        }
    }
}

async fn read_form(mut form: Multipart, staff: bool) -> Result<(NewFile, Key), Problem> {
    let unreadable = |_: MultipartError| {
        Problem::Invalid("The file did not come whole, or is too large. Send it again.".to_owned())
    };
    let (mut name, mut bytes, mut internal, mut key) = (String::new(), Arc::default(), false, String::new());
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        match field.name() {
            Some("file") => {
                name = field.file_name().unwrap_or_default().to_owned();
                bytes = Arc::from(&*field.bytes().await.map_err(unreadable)?);
            }
            Some("internal") => internal = staff,
            Some("key") => key = field.text().await.map_err(unreadable)?,
            _ => {}
        }
    }
    let key = Key::of_request(&format!("form/files/{key}"), &bytes)?;
    Ok((NewFile { name, bytes, internal }, key))
}

async fn read(State(app): State<App>, viewer: Viewer, Path(at): Path<FileAt>) -> Result<Response, Problem> {
    apart::answer(&app, &viewer, at).await
}

/// RFC 6266: always kept, never shown; a browser that shows it all the same runs nothing of it (ASVS 5.4.1, 3.2.1).
pub(crate) fn download(name: &str, media: &str, bytes: Vec<u8>) -> Response {
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_graphic() && !"\"\\%;".contains(c) || c == ' ' { c } else { '_' })
        .collect();
    let kept = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", encode(name));
    let value = |text: &str| HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, value(media)),
        (header::CONTENT_DISPOSITION, value(&kept)),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(SANDBOX)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, bytes).into_response()
}

async fn remove(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<FileAt>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("remove-file")?), ..By::new(viewer.actor()) };
    let FileAt { client, ticket, attachment } = at;
    let (of, file) = (client.clone(), attachment.clone());
    let kept = app.ask(move |journal| journal.read(|tx| tx.file(&of, &file.0))).await?;
    let kept = kept.ok_or(Problem::NotFound)?;
    viewer.require(Action::RemoveFile, &Resource::File { client: &client, internal: kept.internal })?;
    let here = At { client: client.clone(), ticket: ticket.clone() };
    let done =
        app.attempt(move |control, now| control.remove_file(&client, &ticket, &attachment, by, now)).await?;
    match done {
        Ok(_) => {
            Ok(Redirect::to(&format!("{}?done={}", here.path(), Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, &viewer, here, Some(Said { verb: "files", refused, sent })).await,
    }
}
