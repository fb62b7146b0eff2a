//! Sign in and out. The answer to a wrong password and to an unknown name is the same, and takes as long.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header::USER_AGENT},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use journal::{Hash, people::Session};
use serde::Deserialize;
use spans::Instant;

use super::{
    App, By, Field, Notice, Problem, Route, Secret, Shell, Viewer, around::Asker, cookie, local, page,
    viewer::SESSION_MAX,
};
use crate::people::login;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Action::Enter, form),
        Route::post("/sign-in", Action::Enter, sign_in),
        Route::post("/sign-out", Action::Enter, sign_out),
    ]
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    shell: Shell,
    login: Field,
    password: Field,
    next: String,
    mistake: Option<&'static str>,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Attempt {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    viewer: Option<Viewer>,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Problem> {
    if viewer.is_some() {
        return Ok(Redirect::to(local::path(&next)).into_response());
    }
    let mut response = show(shell, "", &next, None)?;
    cookie::set_kept(app.config(), response.headers_mut());
    Ok(response)
}

fn show(shell: Shell, login: &str, next: &str, mistake: Option<&'static str>) -> Result<Response, Problem> {
    let login_field = Field::text("login", "Login").autocomplete("username").value(login);
    let login_field = if mistake.is_none() { login_field.autofocus() } else { login_field };
    let password = Field::password("password", "Password", "current-password");
    let password = if mistake.is_some() { password.autofocus() } else { password };
    let shell = shell.titled("Sign in");
    page(&SignInPage { shell, login: login_field, password, next: local::path(next).to_owned(), mistake })
}

const WRONG: &str =
    "That login and password do not belong together, or may not sign in here. Check both and try again.";

async fn sign_in(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(attempt): Form<Attempt>,
) -> Result<Response, Problem> {
    let (name, now) = (login(&attempt.login), app.now());
    let found = app.ask({
        let name = name.clone();
        move |journal| journal.read(|tx| tx.person_by_login(&name))
    });
    let found = found.await?.filter(|(person, _)| person.disabled.is_none());
    let device = known_device(&app, &headers, found.as_ref().map(|(person, _)| person.id.clone())).await?;
    app.0.rates.sign_in(asker.address, &name, device, now)?;
    let (person, kept) = found.map_or((None, None), |(person, kept)| (Some(person), kept));
    let right = app.check_password(attempt.password, kept).await?;
    let Some(person) = person.filter(|_| right) else {
        tracing::warn!(address = %asker.address, request.id = %asker.number, "sign_in.refused");
        let mut response = show(shell, &attempt.login, &attempt.next, Some(WRONG))?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    tracing::info!(person = %person.id, address = %asker.address, "sign_in.done");
    let answer = admit(&app, &headers, &person.id, device.is_some(), now).await?;
    Ok((answer, Redirect::to(local::path(&attempt.next))).into_response())
}

/// The browser's token, if this person used it before.
async fn known_device(
    app: &App,
    headers: &HeaderMap,
    person: Option<String>,
) -> Result<Option<Hash>, Problem> {
    let (Some(device), Some(person)) = (cookie::device(headers), person) else { return Ok(None) };
    let hash = device.hash();
    let known = app.ask(move |journal| journal.read(|tx| tx.knows_device(hash, &person))).await?;
    Ok(known.then_some(hash))
}

/// Begins a session under a new token, and ends the one this browser had (ASVS 7.2.4).
pub(crate) async fn admit(
    app: &App,
    headers: &HeaderMap,
    person: &str,
    known: bool,
    now: Instant,
) -> Result<HeaderMap, Problem> {
    let (token, device) = (Secret::new()?, Secret::new()?);
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let session = Session {
        hash: token.hash(),
        person: person.to_owned(),
        created: now,
        seen: now,
        ends: now + SESSION_MAX,
        agent: agent.to_owned(),
    };
    let before = cookie::session(app.config(), headers).map(|token| token.hash());
    let remembered = device.hash();
    let work = move |journal: &journal::Journal| {
        journal.write(move |tx| {
            if let Some((old, _)) = before.map(|hash| tx.session(hash, now)).transpose()?.flatten() {
                tx.end_session(&old.person, old.hash)?;
            }
            if !known {
                tx.add_device(remembered, &session.person, now)?;
            }
            tx.begin_session(&session)
        })
    };
    app.ask(work).await?;
    let mut answer = HeaderMap::new();
    cookie::set_session(app.config(), headers, &mut answer, &token);
    if !known {
        cookie::set_device(&mut answer, &device);
    }
    Ok(answer)
}

/// The session is gone at once, here and not only in the browser (ASVS 7.4.1).
async fn sign_out(State(app): State<App>, viewer: Option<Viewer>) -> Result<Response, Problem> {
    if let Some(Viewer { person, by: By::Session(hash), .. }) = viewer {
        app.ask(move |journal| journal.write(move |tx| tx.end_session(&person.id, hash))).await?;
    }
    let mut answer = HeaderMap::new();
    cookie::clear_session(app.config(), &mut answer);
    let to = format!("/sign-in?done={}", Notice::SignedOut.word());
    Ok((answer, Redirect::to(&to)).into_response())
}
