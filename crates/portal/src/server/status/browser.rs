//! Being told of what changes on a status page in a browser (RFC 8030). The browser asks its owner, who therefore need not confirm; it
//! leaves on the same page. Only this page runs a script: the status page itself has none.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::Shown;
use desk::policy::Action;

use super::{App, Named, PREFIX, Problem};
use crate::server::{Route, Shell, around::Asker, form::Sent, page};

const HERE: &str = "/status/{status}/browser";
const LEAVE: &str = "/status/{status}/browser/leave";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(HERE, Action::ReadStatus, look),
        Route::post(HERE, Action::ReadStatus, subscribe),
        Route::post(LEAVE, Action::ReadStatus, leave),
    ]
}

#[derive(Template)]
#[template(path = "status_browser.html")]
struct BrowserPage {
    shell: Shell,
    /// The status page.
    of: String,
    back: String,
    /// The key by which push services know us.
    key: String,
    /// What was just done.
    done: Option<&'static str>,
}

async fn look(
    State(app): State<App>,
    shell: Shell,
    Path(Named { status }): Path<Named>,
) -> Result<Response, Problem> {
    show(&app, shell, &status, None)
}

async fn subscribe(
    State(app): State<App>,
    shell: Shell,
    asker: Asker,
    Path(Named { status }): Path<Named>,
    sent: Sent,
) -> Result<Response, Problem> {
    let of = found(&app, &status)?;
    app.0.rates.subscribe(asker.address, app.now())?;
    let [endpoint, p256dh, auth] = ["endpoint", "p256dh", "auth"].map(|field| sent.get(field).to_owned());
    let work = move |control: &control::live::Control, now| {
        control.subscribe_browser(&of, &endpoint, (&p256dh, &auth), now)
    };
    app.ask_control(work).await?;
    show(&app, shell, &status, Some("This browser is told from now on."))
}

async fn leave(
    State(app): State<App>,
    shell: Shell,
    Path(Named { status }): Path<Named>,
    sent: Sent,
) -> Result<Response, Problem> {
    let of = found(&app, &status)?;
    let endpoint = sent.get("endpoint").to_owned();
    let was_told = app.ask_control(move |control, _| control.leave_browser(&of, &endpoint)).await?;
    let said = if was_told { "This browser is told no longer." } else { "This browser was not told." };
    show(&app, shell, &status, Some(said))
}

/// The page, where push messages are set up.
fn found(app: &App, status: &str) -> Result<Arc<Shown>, Problem> {
    let shown = app.0.control.status_at(status).filter(|_| app.ways().push_key.is_some());
    shown.ok_or(Problem::NotFound)
}

fn show(app: &App, shell: Shell, status: &str, done: Option<&'static str>) -> Result<Response, Problem> {
    let of = found(app, status)?;
    page(&BrowserPage {
        shell: shell.titled("Be told in this browser"),
        of: of.page.title.clone(),
        back: format!("{PREFIX}{status}"),
        key: app.ways().push_key.unwrap_or_default(),
        done,
    })
}
