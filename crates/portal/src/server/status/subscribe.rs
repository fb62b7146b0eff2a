//! Being told of what changes on a status page at an address, of mail or of a program: it asks, its reader confirms by a link, and
//! leaves by one.
//!
//! A link is opened by programs too that look into mail; so opening it only asks, and a button does it. Mail programs that leave for
//! their reader send what RFC 8058 says.

use std::sync::Arc;

use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    response::{Html, IntoResponse, Response},
};
use desk::policy::Action;
use journal::subscriber::Reach;
use serde::Deserialize;

use super::{App, Named, OwnHost, Problem, place};
use crate::server::{Route, Shell, around::Asker, form::Sent, page};

const LINK: &str = "/subscriptions/{secret}";
const CONFIRM: &str = "/subscriptions/{secret}/confirm";
const LEAVE: &str = "/subscriptions/{secret}/leave";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/status/{status}/subscribe", Action::ReadStatus, subscribe),
        Route::get(LINK, Action::ReadStatus, look),
        Route::post(CONFIRM, Action::ReadStatus, confirm),
        Route::post(LEAVE, Action::ReadStatus, leave),
    ]
}

#[derive(Template)]
#[template(path = "subscription.html")]
struct SubscriptionPage {
    shell: Shell,
    said: &'static str,
    /// Where it is confirmed, and where one leaves; none where there is nothing to do.
    confirm: Option<String>,
    leave: Option<String>,
}

#[derive(Deserialize)]
struct Linked {
    secret: String,
}

async fn subscribe(
    State(app): State<App>,
    own: Option<Extension<OwnHost>>,
    asker: Asker,
    Path(Named { status }): Path<Named>,
    sent: Sent,
) -> Result<Response, Problem> {
    let (ways, address) = (app.ways(), sent.get("address").trim().to_owned());
    let program = address.starts_with("https://");
    if !ways.mail && !ways.hook {
        return Err(Problem::NotFound);
    }
    if !(if program { ways.hook } else { ways.mail }) {
        return Err(Problem::Invalid("This server sends nothing to an address of that kind.".to_owned()));
    }
    let shown = app.0.control.status_at(&status).ok_or(Problem::NotFound)?;
    app.0.rates.subscribe(asker.address, app.now())?;
    let of = Arc::clone(&shown);
    app.ask_control(move |control, now| control.subscribe_status(&of, &address, now)).await?;
    let place = place(&app, &shown, &status, own.is_some());
    let title = if program { "Look at what your program was sent" } else { "Look into your mail" };
    let said =
        "A message asks to confirm, unless that address is told already or was asked within the last day.";
    Ok(Html(status::note(&shown.page, &place, title, said)).into_response())
}

async fn look(
    State(app): State<App>,
    shell: Shell,
    Path(Linked { secret }): Path<Linked>,
) -> Result<Response, Problem> {
    let link = secret.clone();
    let found =
        app.ask_control(move |control, _| control.subscription(&link)).await?.ok_or(Problem::NotFound)?;
    let to = |end: &str| Some(format!("/subscriptions/{secret}/{end}"));
    let (title, said) = match found.confirmed {
        None => (
            if found.reach == Reach::Mail { "Be told by mail?" } else { "Be told at this address?" },
            "Incidents and maintenance of this status page, and nothing else. Each message has a way out.",
        ),
        Some(_) => ("Be told no longer?", "Nothing of your address is kept then."),
    };
    page(&SubscriptionPage {
        shell: shell.titled(title),
        said,
        confirm: found.confirmed.is_none().then(|| to("confirm")).flatten(),
        leave: to("leave"),
    })
}

async fn confirm(
    State(app): State<App>,
    shell: Shell,
    Path(Linked { secret }): Path<Linked>,
) -> Result<Response, Problem> {
    if !app.ask_control(move |control, now| control.confirm_subscription(&secret, now)).await? {
        return Err(Problem::NotFound);
    }
    done(shell, "You are told", "From now on, until you leave by the link in any of the messages.")
}

async fn leave(
    State(app): State<App>,
    shell: Shell,
    Path(Linked { secret }): Path<Linked>,
) -> Result<Response, Problem> {
    if !app.ask_control(move |control, _| control.leave_subscription(&secret)).await? {
        return Err(Problem::NotFound);
    }
    done(shell, "You have left", "Nothing more comes, and nothing of your address is kept.")
}

fn done(shell: Shell, title: &str, said: &'static str) -> Result<Response, Problem> {
    page(&SubscriptionPage { shell: shell.titled(title), said, confirm: None, leave: None })
}
