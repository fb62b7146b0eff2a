//! Files under a host name of their own (ASVS 3.2.1, 3.5.4): the portal judges who reads one and sends their browser there with a pass for
//! a minute. No cookie goes to that name, so whatever a file does in a browser, it does not do as whoever opened it.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, Uri, header},
    response::{IntoResponse, Redirect, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use desk::policy::Action;
use door::vault::Place;
use facts::{ClientId, FileId, TicketId};
use serde::{Deserialize, Serialize};
use spans::{Instant, Length};

use super::{
    App, Problem, Route, Viewer,
    ticket::file::{FileAt, download},
};

/// Below this are files and nothing else.
pub(crate) const PREFIX: &str = "/file/";
/// How long a browser may take to follow.
const PASS_MAX: Length = Length::MINUTE;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/file/{pass}", Action::FetchFile, fetch)]
}

/// Passes are kept nowhere: which client's file it is stands inside.
const PLACE: Place<'static> = Place { client: "_", row: "pass", column: "file" };

/// What was judged when it was made, sealed: nobody makes or changes one.
#[derive(Serialize, Deserialize)]
struct Pass {
    client: ClientId,
    ticket: TicketId,
    file: FileId,
    /// Whether its reader may see what is internal.
    internal: bool,
    ends: Instant,
}

/// A file for whoever may read it: where it is fetched, or here where it has no place of its own.
pub(crate) async fn answer(app: &App, viewer: &Viewer, at: FileAt) -> Result<Response, Problem> {
    let pass = Pass::of(app, viewer, at);
    match app.config().files() {
        Some(origin) => pass.way(app, origin).await,
        None => pass.bytes(app).await,
    }
}

/// The bytes at once, for programs: they show a token and no cookie, and open nothing.
pub(crate) async fn bytes(app: &App, viewer: &Viewer, at: FileAt) -> Result<Response, Problem> {
    Pass::of(app, viewer, at).bytes(app).await
}

impl Pass {
    fn of(app: &App, viewer: &Viewer, at: FileAt) -> Pass {
        let FileAt { client, ticket, attachment: file } = at;
        let internal = viewer.reads_notes(&client);
        Pass { client, ticket, file, internal, ends: app.now() + PASS_MAX }
    }

    async fn way(self, app: &App, origin: &str) -> Result<Response, Problem> {
        let (client, ticket, id) = (self.client.clone(), self.ticket.clone(), self.file.clone());
        let internal = self.internal;
        let files = app.ask_control(move |control, _| control.files(&client, &ticket, internal)).await?;
        if !files.iter().any(|file| file.file == id.0 && !file.gone) {
            return Err(Problem::NotFound);
        }
        let text = serde_json::to_vec(&self).map_err(|e| Problem::internal(&e))?;
        let sealed = URL_SAFE_NO_PAD.encode(app.vault()?.seal(PLACE, &text)?);
        Ok(Redirect::to(&format!("{origin}{PREFIX}{sealed}")).into_response())
    }

    async fn bytes(self, app: &App) -> Result<Response, Problem> {
        let Pass { client, ticket, file, internal, .. } = self;
        let found =
            app.ask_control(move |control, _| control.file(&client, &ticket, &file.0, internal)).await?;
        let (file, bytes) = found.ok_or(Problem::NotFound)?;
        Ok(download(&file.name, &file.media, bytes))
    }
}

/// Under the portal's own name there is none of this.
async fn fetch(
    State(app): State<App>,
    uri: Uri,
    asked: HeaderMap,
    Path(sealed): Path<String>,
) -> Result<Response, Problem> {
    let host = asked.get(header::HOST).and_then(|host| host.to_str().ok());
    let host = uri.authority().map(|authority| authority.as_str()).or(host).unwrap_or_default();
    if !app.config().serves_files(host) {
        return Err(Problem::NotFound);
    }
    let sealed = URL_SAFE_NO_PAD.decode(sealed).map_err(|_| Problem::NotFound)?;
    let text = app.vault()?.open_sealed(PLACE, &sealed).map_err(|_| Problem::NotFound)?;
    let pass: Pass = serde_json::from_slice(&text).map_err(|e| Problem::internal(&e))?;
    if pass.ends <= app.now() {
        let ended = "This way to the file was good for a minute: open the file from its ticket again.";
        return Err(Problem::Invalid(ended.to_owned()));
    }
    pass.bytes(&app).await
}
