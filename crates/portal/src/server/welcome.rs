//! The first password, or a new one: with a one-time secret that somebody was given, typed and never in an address.

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use desk::policy::Action;
use door::secret::typed_hash;
use journal::people::{DoorEvent, Membership};
use serde::Deserialize;

use super::{
    App, Field, Problem, Route, Shell,
    around::Asker,
    page,
    proof::{door_event, from},
    sign_in::{FirstStep, first_step_done},
};
use crate::people::{WELCOME, login};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/welcome", Action::Enter, form), Route::post("/welcome", Action::Enter, welcome)]
}

#[derive(Template)]
#[template(path = "welcome.html")]
struct WelcomePage {
    shell: Shell,
    login: Field,
    secret: Field,
    password: Field,
    mistake: Option<&'static str>,
}

#[derive(Deserialize)]
struct Welcome {
    login: String,
    secret: String,
    password: String,
}

async fn form(shell: Shell) -> Result<Response, Problem> {
    show(shell, "", "", None, None)
}

fn show(
    shell: Shell,
    login: &str,
    secret: &str,
    weak: Option<String>,
    mistake: Option<&'static str>,
) -> Result<Response, Problem> {
    page(&WelcomePage {
        shell: shell.titled("Welcome"),
        login: Field::text("login", "Login").autocomplete("username").value(login).autofocus(),
        secret: Field::text("secret", "One-time secret")
            .hint("Five groups of five, as you were given them. It works once, and for a day.")
            .value(secret),
        password: Field::password("password", "New password", "new-password")
            .hint("12 characters or more; a few words in a row are easy to remember.")
            .mistake(weak),
        mistake,
    })
}

/// What is written down of it.
const SET: &str = "password set by invitation";
const WRONG: &str = "That login and secret do not belong together, or the secret was used or has ended. Ask whoever invited you for a new one.";

async fn welcome(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(sent): Form<Welcome>,
) -> Result<Response, Problem> {
    let (typed, now) = (login(&sent.login), app.now());
    app.may_sign_in(asker.address, &typed, None).await?;
    let found = app.ask({
        let typed = typed.clone();
        move |journal| journal.read(|tx| tx.person_by_login(&typed))
    });
    let person = found
        .await?
        .filter(|(person, _)| person.membership(now) != Membership::Disabled)
        .map(|(person, _)| person);
    // The rules are told to everybody alike, whether the person exists or not.
    if let Some(weak) = app.password_mistake(&sent.password, &typed, "").await? {
        return refused(
            show(shell, &sent.login, &sent.secret, Some(weak), None)?,
            StatusCode::UNPROCESSABLE_ENTITY,
        );
    }
    let (phc, secret) = (app.hash_password(sent.password).await?, typed_hash(&sent.secret));
    let set = match person.as_ref().map(|person| person.id.clone()) {
        Some(person) => {
            let event = door_event(&person, SET, None, from(asker.address), now)?;
            app.ask(move |journal| set_password(journal, person, phc, secret, event)).await?
        }
        None => false,
    };
    let Some(person) = person.filter(|_| set) else {
        tracing::warn!(address = %asker.address, request.id = %asker.number, "welcome.refused");
        return refused(show(shell, &sent.login, "", None, Some(WRONG))?, StatusCode::FORBIDDEN);
    };
    tracing::info!(person = %person.id, address = %asker.address, "welcome.done");
    // A new password is no way around the second factor (ASVS 6.4.3).
    let first = FirstStep::new("password", "/", false);
    first_step_done(&app, &asker, &headers, &person, first).await
}

fn refused(mut response: Response, status: StatusCode) -> Result<Response, Problem> {
    *response.status_mut() = status;
    Ok(response)
}

/// The secret is used up and the password set, and whatever the person came in by before is gone: sessions, devices, API tokens, who
/// they are elsewhere. Whoever took the account over keeps nothing of it. Or nothing at all is done.
fn set_password(
    journal: &journal::Journal,
    person: String,
    phc: String,
    secret: journal::Hash,
    event: DoorEvent,
) -> journal::Result<bool> {
    journal.write(move |tx| {
        if !tx.use_secret(secret, &person, WELCOME, event.at)? {
            return Ok(false);
        }
        tx.end_ways_in(&person)?;
        tx.set_password(&person, &phc)?;
        tx.note_door_event(&event)?;
        Ok(true)
    })
}
