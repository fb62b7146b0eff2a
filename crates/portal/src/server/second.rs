//! The second step of signing in, and the same asked again before sensitive acts: a code, a passkey, or a recovery code.

use askama::Template;
use axum::{
    Extension, Form, Json,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use journal::people::{Factors, Membership, Person};
use serde::Deserialize;

use super::{
    App, Field, Problem, Route, Shell, Viewer,
    around::Asker,
    local, page,
    proof::{Challenged, STRONG_FOR, from},
    sign_in::{Answered, FirstStep, SECOND, Shown, admit, known_device, linked, taken_there},
};

/// What is kept of a passkey's challenge for somebody who is known.
const PASSKEY: &str = "second-passkey";
const WRONG: &str =
    "That is not it, or it was used before. A code changes every half minute; wait for the next one.";
const WRONG_PASSWORD: &str = "That is not right. Check what you typed and try again.";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sign-in/second", Action::Enter, form),
        Route::post("/sign-in/second", Action::Enter, second),
        Route::post("/sign-in/second/passkey", Action::Enter, passkey),
        Route::post("/sign-in/second/passkey/ask", Action::Enter, ask_passkey),
        Route::get("/step-up", Action::EditCredentials, step_up_form),
        Route::post("/step-up", Action::EditCredentials, step_up),
        Route::post("/step-up/passkey", Action::EditCredentials, step_up_passkey),
        Route::post("/step-up/passkey/ask", Action::EditCredentials, step_up_ask),
    ]
}

#[derive(Template)]
#[template(path = "second.html")]
struct SecondPage {
    shell: Shell,
    factors: Factors,
    code: Field,
    recovery: Field,
    /// Asked for again, where a person has one.
    password: Option<Field>,
    /// Where the forms go.
    action: &'static str,
    next: String,
    mistake: Option<&'static str>,
    /// Passkeys can be used at this address.
    passkeys: bool,
    /// Another place that can say who it is.
    elsewhere: Option<(String, String)>,
    again: bool,
}

#[derive(Deserialize)]
struct Sent {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    recovery: String,
    #[serde(default)]
    next: String,
}

#[derive(Deserialize)]
struct Next {
    #[serde(default)]
    next: String,
}

/// A sign-in between its steps, and whose; without one the way is back to the beginning.
async fn between(app: &App, headers: &HeaderMap) -> Result<Option<(Person, FirstStep)>, Problem> {
    let Some(begun) = app.begun::<FirstStep>(headers, SECOND).await? else { return Ok(None) };
    let Some(id) = begun.person else { return Ok(None) };
    let person = app.ask(move |journal| journal.read(|tx| tx.person(&id))).await?;
    let now = app.now();
    Ok(person
        .filter(|person| person.membership(now) != Membership::Disabled)
        .map(|person| (person, begun.what)))
}

fn from_the_start() -> Response {
    Redirect::to("/sign-in").into_response()
}

async fn form(State(app): State<App>, headers: HeaderMap, shell: Shell) -> Result<Response, Problem> {
    let Some((person, _)) = between(&app, &headers).await? else { return Ok(from_the_start()) };
    show_second(&app, shell, &person, None).await
}

async fn show_second(
    app: &App,
    shell: Shell,
    person: &Person,
    mistake: Option<&'static str>,
) -> Result<Response, Problem> {
    let factors = app.factors(&person.id).await?;
    page(&SecondPage {
        shell: shell.titled("Second step"),
        factors,
        code: code_field(),
        recovery: recovery_field(),
        password: None,
        action: "/sign-in/second",
        next: String::new(),
        mistake,
        passkeys: factors.passkeys > 0 && app.passkeys().is_some(),
        elsewhere: None,
        again: false,
    })
}

fn code_field() -> Field {
    Field::text("code", "Code of your app")
        .hint("Six digits, new every half minute.")
        .autocomplete("one-time-code")
        .autofocus()
}

fn recovery_field() -> Field {
    Field::text("recovery", "Recovery code").hint("Three groups of five. Each works once.")
}

async fn second(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let Some((person, first)) = between(&app, &headers).await? else { return Ok(from_the_start()) };
    app.may_show_second(asker.address, &person.id).await?;
    let Some(with) = shown(&app, &person, &sent).await? else {
        app.note(&person.id, "second step refused", None, from(asker.address)).await?;
        let mut response = show_second(&app, shell, &person, Some(WRONG)).await?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    end_second_step(&app, &asker, &headers, &person, (first, with)).await
}

/// A code or a recovery code that is right, and used up.
async fn shown(app: &App, person: &Person, sent: &Sent) -> Result<Option<&'static str>, Problem> {
    if !sent.code.trim().is_empty() {
        return Ok(app.takes_code(person, &sent.code, true).await?.then_some("code"));
    }
    if !sent.recovery.trim().is_empty() {
        let right = app.takes_recovery_code(person, &sent.recovery).await?;
        if right {
            app.note(&person.id, "recovery code used", None, String::new()).await?;
        }
        return Ok(right.then_some("recovery code"));
    }
    Ok(None)
}

/// Both steps are done: what was begun ends here, once.
async fn end_second_step(
    app: &App,
    asker: &Asker,
    headers: &HeaderMap,
    person: &Person,
    (first, with): (FirstStep, &str),
) -> Result<Response, Problem> {
    let taken = app.take_begun::<FirstStep>(headers, SECOND).await?;
    if taken.and_then(|taken| taken.person).as_deref() != Some(person.id.as_str()) {
        return Ok(from_the_start());
    }
    if !linked(app, &person.id, first.links).await? {
        return Err(taken_there());
    }
    let shown = Shown { at: first.shown, ..Shown::now(&format!("{} + {with}", first.how), 2) };
    let answer = admit(app, (asker, headers), &person.id, first.known, shown).await?;
    Ok((answer, Redirect::to(local::path(&first.next))).into_response())
}

async fn ask_passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    app.0.rates.ask(asker.address, app.now())?;
    let (person, _) = between(&app, &headers).await?.ok_or(Problem::SignInFirst)?;
    challenge(&app, &headers, &person.id).await
}

async fn challenge(app: &App, headers: &HeaderMap, person: &str) -> Result<Response, Problem> {
    let challenge = app.challenge(Some(person)).await?.ok_or(Problem::NotFound)?;
    let mut answer = HeaderMap::new();
    let kept = Challenged { kept: challenge.kept };
    app.begin((headers, &mut answer), PASSKEY, Some(person), &kept).await?;
    Ok((answer, Json(challenge.options)).into_response())
}

/// Whether a passkey of this person answered what was asked of it.
async fn answered(app: &App, headers: &HeaderMap, person: &str, answer: String) -> Result<bool, Problem> {
    let Some(challenged) = app.take_begun::<Challenged>(headers, PASSKEY).await? else { return Ok(false) };
    if challenged.person.as_deref() != Some(person) {
        return Ok(false);
    }
    Ok(app.takes_passkey(&challenged.what, answer, Some(person)).await?.is_some())
}

async fn passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(sent): Form<Answered>,
) -> Result<Response, Problem> {
    let Some((person, first)) = between(&app, &headers).await? else { return Ok(from_the_start()) };
    app.0.rates.ask(asker.address, app.now())?;
    if !answered(&app, &headers, &person.id, sent.answer).await? {
        let mut response = show_second(&app, shell, &person, Some(WRONG_PASSWORD)).await?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    }
    end_second_step(&app, &asker, &headers, &person, (first, "passkey")).await
}

/// Where somebody is sent who wants something sensitive and showed all they have too long ago; none where that is not needed.
/// The act is not done: its page is gone back to.
pub(crate) fn needed(app: &App, viewer: &Viewer, back: &str) -> Option<Response> {
    let fresh = viewer.strong.is_some_and(|at| app.now() < at + STRONG_FOR);
    (!fresh).then(|| Redirect::to(&local::with_next("/step-up", back)).into_response())
}

async fn step_up_form(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Query(Next { next }): Query<Next>,
) -> Result<Response, Problem> {
    show_step_up(&app, shell, &viewer.person, &next, None).await
}

async fn show_step_up(
    app: &App,
    shell: Shell,
    person: &Person,
    next: &str,
    mistake: Option<&'static str>,
) -> Result<Response, Problem> {
    let (factors, login) = (app.factors(&person.id).await?, person.login.clone());
    let kept = app.ask(move |journal| journal.read(|tx| tx.person_by_login(&login))).await?;
    let has_password = kept.is_some_and(|(_, kept)| kept.is_some());
    let next = local::path(next).to_owned();
    let elsewhere = app.elsewhere().filter(|_| !has_password);
    page(&SecondPage {
        shell: shell.titled("Is it you?"),
        factors,
        code: if has_password { code_field().not_focused() } else { code_field() },
        recovery: recovery_field(),
        password: has_password
            .then(|| Field::password("password", "Password", "current-password").autofocus()),
        action: "/step-up",
        elsewhere: elsewhere.map(|place| (place.name.clone(), shown_again_at(&next))),
        next,
        mistake,
        passkeys: factors.passkeys > 0 && app.passkeys().is_some(),
        again: true,
    })
}

/// Where somebody shows again at the other place who they are: being signed in there is not enough.
fn shown_again_at(next: &str) -> String {
    let there = local::with_next("/elsewhere", next);
    let mark = if there.contains('?') { '&' } else { '?' };
    format!("{there}{mark}again=yes")
}

/// Asks for all a person has, once more: the password, and a code where there is a second factor.
async fn step_up(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<Sent>,
) -> Result<Response, Problem> {
    let person = viewer.person;
    let device = known_device(&app, &headers, Some(person.id.clone())).await?;
    app.may_show_second(asker.address, &person.id).await?;
    let login = person.login.clone();
    let kept = app.ask(move |journal| journal.read(|tx| tx.person_by_login(&login))).await?;
    let password = app.check_password(sent.password.clone(), kept.and_then(|(_, kept)| kept)).await?;
    let second = app.factors(&person.id).await?.any();
    let with = if password && second { shown(&app, &person, &sent).await? } else { None };
    if !password || (second && with.is_none()) {
        let mut response = show_step_up(&app, shell, &person, &sent.next, Some(WRONG_PASSWORD)).await?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    }
    let how = with.map_or("password".to_owned(), |with| format!("password + {with}"));
    let shown = Shown::now(&how, if second { 2 } else { 1 });
    let answer = admit(&app, (&asker, &headers), &person.id, device.is_some(), shown).await?;
    Ok((answer, Redirect::to(local::path(&sent.next))).into_response())
}

async fn step_up_ask(
    State(app): State<App>,
    headers: HeaderMap,
    viewer: Viewer,
) -> Result<Response, Problem> {
    challenge(&app, &headers, &viewer.person.id).await
}

async fn step_up_passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<Answered>,
) -> Result<Response, Problem> {
    let person = viewer.person;
    app.0.rates.ask(asker.address, app.now())?;
    if !answered(&app, &headers, &person.id, sent.answer).await? {
        let mut response = show_step_up(&app, shell, &person, &sent.next, Some(WRONG_PASSWORD)).await?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    }
    let known = known_device(&app, &headers, Some(person.id.clone())).await?.is_some();
    let shown = Shown::now("passkey", 2);
    let answer = admit(&app, (&asker, &headers), &person.id, known, shown).await?;
    Ok((answer, Redirect::to(local::path(&sent.next))).into_response())
}
