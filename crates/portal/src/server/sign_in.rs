//! Sign in and out. The answer to a wrong password and to an unknown name is the same, and takes as long. Who has a second factor
//! is asked for it before anything else (`second.rs`); a passkey is both at once.

use askama::Template;
use axum::{
    Extension, Form, Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header::USER_AGENT},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use door::Secret;
use journal::{
    Hash,
    people::{Membership, Person, Session},
};
use serde::{Deserialize, Serialize};
use spans::Instant;

use super::{
    App, By, Field, Notice, Problem, Route, Shell, Viewer,
    around::Asker,
    cookie, local, page,
    proof::{Challenged, door_event, from},
    viewer::SESSION_MAX,
};
use crate::people::login;

/// What is kept of a sign-in between its two steps.
pub(crate) const SECOND: &str = "second-step";
/// What is kept of a passkey's challenge at the sign-in page.
const PASSKEY: &str = "passkey";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in", Action::Enter, form),
        Route::post("/sign-in", Action::Enter, sign_in),
        Route::post("/sign-in/passkey", Action::Enter, by_passkey),
        Route::post("/sign-in/passkey/ask", Action::Enter, ask_passkey),
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
    /// Whether a passkey may be used here.
    passkeys: bool,
    /// Another place that signs people in, by its name, and the way to it.
    elsewhere: Option<(String, String)>,
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

/// A sign-in whose first step is done.
#[derive(Serialize, Deserialize)]
pub(crate) struct FirstStep {
    /// By what.
    pub(crate) how: String,
    /// Where to go then.
    pub(crate) next: String,
    /// Whether the browser is known.
    pub(crate) known: bool,
    /// Who this person is at another place, to be linked once nothing is asked for any more.
    pub(crate) links: Option<Stranger>,
    /// When it was shown; none where the other place knew somebody who showed it nothing.
    pub(crate) shown: Option<Instant>,
}

/// Who came back from another place and is nobody's here yet.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Stranger {
    pub(crate) issuer: String,
    pub(crate) subject: String,
}

impl FirstStep {
    /// One that links nobody; it counts from when it is done.
    pub(crate) fn new(how: &str, next: &str, known: bool) -> FirstStep {
        FirstStep {
            how: how.to_owned(),
            next: next.to_owned(),
            known,
            links: None,
            shown: Some(Instant::MAX),
        }
    }
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
    let mut response = show(&app, shell, "", &next, None)?;
    cookie::set_kept(app.config(), response.headers_mut());
    Ok(response)
}

pub(crate) fn show(
    app: &App,
    shell: Shell,
    login: &str,
    next: &str,
    mistake: Option<&'static str>,
) -> Result<Response, Problem> {
    let login_field = Field::text("login", "Login").autocomplete("username webauthn").value(login);
    let login_field = if mistake.is_none() { login_field.autofocus() } else { login_field };
    let password = Field::password("password", "Password", "current-password");
    let password = if mistake.is_some() { password.autofocus() } else { password };
    let shell = shell.titled("Sign in");
    let next = local::path(next).to_owned();
    let elsewhere = app.elsewhere().map(|place| (place.name.clone(), local::with_next("/elsewhere", &next)));
    let passkeys = app.passkeys().is_some();
    page(&SignInPage { shell, login: login_field, password, next, mistake, passkeys, elsewhere })
}

const WRONG: &str =
    "That login and password do not belong together, or may not sign in here. Check both and try again.";
const WRONG_PASSKEY: &str = "That passkey is not one of ours, or may not sign in here.";

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
    let found = found.await?.filter(|(person, _)| person.membership(now) != Membership::Disabled);
    let device = known_device(&app, &headers, found.as_ref().map(|(person, _)| person.id.clone())).await?;
    app.may_sign_in(asker.address, &name, device).await?;
    let (person, kept) = found.map_or((None, None), |(person, kept)| (Some(person), kept));
    let right = app.check_password(attempt.password, kept).await?;
    let Some(person) = person.filter(|_| right) else {
        tracing::warn!(address = %asker.address, request.id = %asker.number, "sign_in.refused");
        let mut response = show(&app, shell, &attempt.login, &attempt.next, Some(WRONG))?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    let first = FirstStep::new("password", &attempt.next, device.is_some());
    first_step_done(&app, &asker, &headers, &person, first).await
}

/// One factor was shown. Who has a second one is asked for it; everybody else is in (ASVS 6.3.3).
pub(crate) async fn first_step_done(
    app: &App,
    asker: &Asker,
    headers: &HeaderMap,
    person: &Person,
    first: FirstStep,
) -> Result<Response, Problem> {
    if app.factors(&person.id).await?.any() {
        let mut answer = HeaderMap::new();
        app.begin((headers, &mut answer), SECOND, Some(&person.id), &first).await?;
        return Ok((answer, Redirect::to("/sign-in/second")).into_response());
    }
    if !linked(app, &person.id, first.links).await? {
        return Err(taken_there());
    }
    let shown = Shown { how: first.how, factors: 1, at: first.shown };
    let answer = admit(app, (asker, headers), &person.id, first.known, shown).await?;
    Ok((answer, Redirect::to(local::path(&first.next))).into_response())
}

pub(crate) fn taken_there() -> Problem {
    Problem::Invalid(
        "Whom you signed in as there is linked to somebody already. Unlink that first.".to_owned(),
    )
}

/// Links who came back from another place to this person, where that was begun. False when it is somebody's meanwhile.
pub(crate) async fn linked(app: &App, person: &str, links: Option<Stranger>) -> Result<bool, Problem> {
    let Some(Stranger { issuer, subject }) = links else { return Ok(true) };
    let (id, now) = (person.to_owned(), app.now());
    let event = door_event(person, "sign-in elsewhere linked", None, String::new(), now)?;
    let work = move |journal: &journal::Journal| {
        journal.write(move |tx| {
            let linked = tx.add_identity(&issuer, &subject, &id, now)?;
            if linked {
                tx.note_door_event(&event)?;
            }
            Ok(linked)
        })
    };
    app.ask::<_, journal::Error>(work).await
}

/// The browser's token, if this person used it before.
pub(crate) async fn known_device(
    app: &App,
    headers: &HeaderMap,
    person: Option<String>,
) -> Result<Option<Hash>, Problem> {
    let (Some(device), Some(person)) = (cookie::device(headers), person) else { return Ok(None) };
    let hash = device.hash();
    let known = app.ask(move |journal| journal.read(|tx| tx.knows_device(hash, &person))).await?;
    Ok(known.then_some(hash))
}

/// What somebody showed.
pub(crate) struct Shown {
    /// In words, such as `password+code`.
    pub(crate) how: String,
    /// How many factors that were.
    pub(crate) factors: u8,
    /// When, at the latest now; none where nothing was shown, so that sensitive acts ask first.
    pub(crate) at: Option<Instant>,
}

impl Shown {
    /// Just now.
    pub(crate) fn now(how: &str, factors: u8) -> Shown {
        Shown { how: how.to_owned(), factors, at: Some(Instant::MAX) }
    }
}

/// Begins a session under a new token, and ends the one this browser had (ASVS 7.2.4).
pub(crate) async fn admit(
    app: &App,
    (asker, headers): (&Asker, &HeaderMap),
    person: &str,
    known: bool,
    shown: Shown,
) -> Result<HeaderMap, Problem> {
    let (token, device, now) = (Secret::new()?, Secret::new()?, app.now());
    let agent = headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let session = session(person, &token, agent, &shown, now);
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
            tx.see_person(&session.person, now)?;
            tx.begin_session(&session)
        })
    };
    app.ask(work).await?;
    tracing::info!(person, address = %asker.address, how = %shown.how, "sign_in.done");
    app.note(person, "signed in", None, format!("{}, {}", shown.how, from(asker.address))).await?;
    let mut answer = HeaderMap::new();
    cookie::set_session(app.config(), headers, &mut answer, &token);
    if !known {
        cookie::set_device(&mut answer, &device);
    }
    Ok(answer)
}

fn session(person: &str, token: &Secret, agent: &str, shown: &Shown, now: Instant) -> Session {
    Session {
        hash: token.hash(),
        person: person.to_owned(),
        created: now,
        seen: now,
        ends: now + SESSION_MAX,
        agent: agent.to_owned(),
        how: shown.how.clone(),
        factors: shown.factors,
        strong: shown.at.map(|at| at.min(now)),
    }
}

/// A challenge for a passkey of whoever is there.
async fn ask_passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.0.rates.ask(asker.address, app.now())?;
    let challenge = app.challenge(None).await?.ok_or(Problem::NotFound)?;
    let mut answer = HeaderMap::new();
    app.begin((&headers, &mut answer), PASSKEY, None, &Challenged { kept: challenge.kept }).await?;
    Ok((answer, Json(challenge.options)).into_response())
}

/// What a browser sends for a passkey.
#[derive(Deserialize)]
pub(crate) struct Answered {
    #[serde(default)]
    pub(crate) answer: String,
    #[serde(default)]
    pub(crate) next: String,
}

async fn by_passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(sent): Form<Answered>,
) -> Result<Response, Problem> {
    app.0.rates.ask(asker.address, app.now())?;
    let person = match app.take_begun::<Challenged>(&headers, PASSKEY).await? {
        Some(challenged) => app.takes_passkey(&challenged.what, sent.answer, None).await?,
        None => None,
    };
    let Some(person) = person else {
        tracing::warn!(address = %asker.address, request.id = %asker.number, "sign_in.refused");
        let mut response = show(&app, shell, "", &sent.next, Some(WRONG_PASSKEY))?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    let known = known_device(&app, &headers, Some(person.id.clone())).await?.is_some();
    let shown = Shown::now("passkey", 2);
    let answer = admit(&app, (&asker, &headers), &person.id, known, shown).await?;
    Ok((answer, Redirect::to(local::path(&sent.next))).into_response())
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
