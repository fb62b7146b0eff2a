//! Signing in by another place (OpenID Connect): there, and back. Who comes back is known by issuer and subject. Somebody who is
//! not known yet is asked for the one-time secret of their invitation, and linked by it; an address of mail links nobody.

use askama::Template;
use axum::{
    Extension, Form,
    extract::{Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use door::{
    elsewhere::{Claimed, Visit},
    secret::typed_hash,
};
use journal::{
    Journal,
    people::{Membership, Person},
};
use serde::{Deserialize, Serialize};

use super::{
    App, Field, Notice, Problem, Route, Shell, Viewer,
    around::Asker,
    local, page,
    proof::from,
    second::needed,
    sign_in::{FirstStep, Stranger, first_step_done, known_device, linked, show, taken_there},
};
use crate::people::{WELCOME, login};

/// What is kept of a visit, and of somebody who came back and is not known.
const VISIT: &str = "visit";
const STRANGER: &str = "stranger";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/elsewhere", Action::Enter, go),
        Route::get("/elsewhere/back", Action::Enter, back),
        Route::get("/elsewhere/join", Action::Enter, join_form),
        Route::post("/elsewhere/join", Action::Enter, join),
    ]
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default)]
    next: String,
    /// Not to sign in, but to link one's own account.
    #[serde(default)]
    link: String,
    /// To show again who one is, before something sensitive.
    #[serde(default)]
    again: String,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    visit: Visit,
    next: String,
    link: bool,
    again: bool,
}

/// What the other place sends people back with.
#[derive(Default, Deserialize)]
struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
    iss: Option<String>,
}

#[derive(Template)]
#[template(path = "join.html")]
struct JoinPage {
    shell: Shell,
    place: String,
    login: Field,
    secret: Field,
    mistake: Option<&'static str>,
}

async fn go(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Option<Viewer>,
    Query(wish): Query<Wish>,
) -> Result<Response, Problem> {
    let place = app.elsewhere().cloned().ok_or(Problem::NotFound)?;
    app.0.rates.ask(asker.address, app.now())?;
    let link = wish.link == "yes";
    if link && let Some(again) = viewer.as_ref().and_then(|viewer| needed(&app, viewer, "/account/factors")) {
        return Ok(again);
    }
    let again = wish.again == "yes" && viewer.is_some();
    let (there, visit) = match place.visit(again.then(|| app.now())).await {
        Ok(begun) => begun,
        Err(why) => {
            tracing::warn!(%why, "elsewhere.unreachable");
            let mut response = show(&app, shell, "", &wish.next, Some(SILENT))?;
            *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(response);
        }
    };
    let person = viewer.filter(|_| link || again).map(|viewer| viewer.person.id);
    let begun = Begun { visit, next: local::path(&wish.next).to_owned(), link, again };
    let mut answer = HeaderMap::new();
    app.begin((&headers, &mut answer), VISIT, person.as_deref(), &begun).await?;
    Ok((answer, Redirect::to(&there)).into_response())
}

const SILENT: &str = "The other place does not answer. Sign in with your password, or try again in a minute.";
const REFUSED: &str = "Signing in there did not work. Try once more, or sign in with your password.";

async fn back(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Option<Viewer>,
    Query(sent): Query<Back>,
) -> Result<Response, Problem> {
    let place = app.elsewhere().cloned().ok_or(Problem::NotFound)?;
    app.0.rates.ask(asker.address, app.now())?;
    let refused = |why: &str| {
        tracing::warn!(why, address = %asker.address, "elsewhere.refused");
        let mut response = show(&app, shell.clone(), "", "", Some(REFUSED))?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        Ok(response)
    };
    // Taken first: whatever comes of it, nobody comes back twice.
    let Some(begun) = app.take_begun::<Begun>(&headers, VISIT).await? else {
        return refused("nobody went there from this browser, or came back already");
    };
    let came = (sent.code.as_str(), sent.state.as_str(), sent.iss.as_deref());
    let claimed = match place.identify(&begun.what.visit, came, app.now()).await {
        Ok(claimed) => claimed,
        Err(why) => return refused(&why.to_string()),
    };
    if begun.what.link {
        return match viewer.filter(|viewer| Some(&viewer.person.id) == begun.person.as_ref()) {
            Some(viewer) => link(&app, &viewer, claimed, &begun.what.next).await,
            None => refused("another person is signed in than who went there"),
        };
    }
    match known(&app, &claimed).await? {
        // Who shows again who they are is whom they said they were, and signed in here all the while.
        Some(person)
            if begun.what.again
                && (Some(&person.id) != begun.person.as_ref()
                    || viewer.as_ref().is_none_or(|viewer| viewer.person.id != person.id)) =>
        {
            refused("somebody else came back than who is signed in")
        }
        Some(person) => {
            let known = known_device(&app, &headers, Some(person.id.clone())).await?.is_some();
            let first = FirstStep::new(&place.name, &begun.what.next, known);
            let first = FirstStep { shown: claimed.shown, ..first };
            first_step_done(&app, &asker, &headers, &person, first).await
        }
        None if begun.what.again => refused("whoever came back is nobody here"),
        None => {
            let stranger = Stranger { issuer: claimed.issuer, subject: claimed.subject };
            let mut answer = HeaderMap::new();
            app.begin((&headers, &mut answer), STRANGER, None, &stranger).await?;
            Ok((answer, Redirect::to("/elsewhere/join")).into_response())
        }
    }
}

/// Whose this is, if they may come in.
async fn known(app: &App, claimed: &Claimed) -> Result<Option<Person>, Problem> {
    let (Claimed { issuer, subject, .. }, now) = (claimed.clone(), app.now());
    let find = move |journal: &Journal| {
        let found = journal.read(|tx| match tx.identity(&issuer, &subject)? {
            Some(identity) => tx.person(&identity.person),
            None => Ok(None),
        })?;
        let found = found.filter(|person| person.membership(now) != Membership::Disabled);
        if found.is_some() {
            journal.write(move |tx| tx.see_identity(&issuer, &subject, now))?;
        }
        Ok(found)
    };
    app.ask::<_, journal::Error>(find).await
}

async fn link(app: &App, viewer: &Viewer, claimed: Claimed, next: &str) -> Result<Response, Problem> {
    let stranger = Stranger { issuer: claimed.issuer, subject: claimed.subject };
    if !linked(app, &viewer.person.id, Some(stranger)).await? {
        return Err(taken_there());
    }
    Ok(Redirect::to(&format!("{}?done={}", local::path(next), Notice::Linked.word())).into_response())
}

async fn join_form(State(app): State<App>, headers: HeaderMap, shell: Shell) -> Result<Response, Problem> {
    if app.begun::<Stranger>(&headers, STRANGER).await?.is_none() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    show_join(&app, shell, "", None)
}

fn show_join(
    app: &App,
    shell: Shell,
    typed: &str,
    mistake: Option<&'static str>,
) -> Result<Response, Problem> {
    page(&JoinPage {
        shell: shell.titled("Who are you here?"),
        place: app.elsewhere().map_or(String::new(), |place| place.name.clone()),
        login: Field::text("login", "Login").autocomplete("username").value(typed).autofocus(),
        secret: Field::text("secret", "One-time secret")
            .hint("Five groups of five, as you were given them. It works once, and for a day."),
        mistake,
    })
}

#[derive(Deserialize)]
struct Join {
    login: String,
    secret: String,
}

const WRONG: &str = "That login and secret do not belong together, or the secret was used or has ended. Ask whoever invited you for a new one.";

/// Links who came back to who was invited, by the invitation's secret, and goes on as after any first step: who has a second factor is
/// linked when that was shown too. Whatever the person came in by before is gone.
async fn join(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    Form(sent): Form<Join>,
) -> Result<Response, Problem> {
    let (typed, now) = (login(&sent.login), app.now());
    app.may_sign_in(asker.address, &typed, None).await?;
    let Some(stranger) = app.begun::<Stranger>(&headers, STRANGER).await? else {
        return Ok(Redirect::to("/sign-in").into_response());
    };
    let secret = typed_hash(&sent.secret);
    let Stranger { issuer, subject } = stranger.what.clone();
    let work = move |journal: &Journal| {
        journal.write(move |tx| {
            let Some((person, _)) = tx.person_by_login(&typed)? else { return Ok(None) };
            let taken = tx.identity(&issuer, &subject)?.is_some_and(|there| there.person != person.id);
            if taken
                || person.membership(now) == Membership::Disabled
                || !tx.use_secret(secret, &person.id, WELCOME, now)?
            {
                return Ok(None);
            }
            tx.end_ways_in(&person.id)?;
            Ok(Some(person))
        })
    };
    let Some(person) = app.ask::<_, journal::Error>(work).await? else {
        tracing::warn!(address = %asker.address, request.id = %asker.number, "elsewhere.join_refused");
        let mut response = show_join(&app, shell, &sent.login, Some(WRONG))?;
        *response.status_mut() = StatusCode::FORBIDDEN;
        return Ok(response);
    };
    app.take_begun::<Stranger>(&headers, STRANGER).await?;
    app.note(&person.id, "invitation used elsewhere", None, from(asker.address)).await?;
    let how = app.elsewhere().map_or(String::new(), |place| place.name.clone());
    let first = FirstStep { links: Some(stranger.what), ..FirstStep::new(&how, "/", false) };
    first_step_done(&app, &asker, &headers, &person, first).await
}
