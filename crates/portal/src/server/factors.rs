//! One's own second factors: a code app, passkeys, recovery codes, and who one is elsewhere.

use askama::Template;
use axum::{
    Extension, Form, Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use door::{
    code::{Scanned, Seed, scanned},
    passkey::Kept,
    secret::recovery_code,
};
use journal::{
    Journal,
    people::{DoorEvent, Factors, Identity, NAME_BYTES_MAX, Passkey, RECOVERY_CODES},
};
use serde::Deserialize;
use spans::Instant;

use super::{
    App, Field, Notice, Problem, Route, Shell, Viewer,
    around::Asker,
    page,
    proof::{Challenged, kept, seed_place},
    second::needed,
    sign_in::{Shown, admit, known_device},
};

/// What is kept of a passkey that is being added.
const ADDING: &str = "adding-passkey";
const HERE: &str = "/account/factors";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(HERE, Action::EditCredentials, factors),
        Route::get("/account/factors/code", Action::EditCredentials, code_app),
        Route::post("/account/factors/code", Action::EditCredentials, begin_code_app),
        Route::post("/account/factors/code/confirm", Action::EditCredentials, confirm_code_app),
        Route::post("/account/factors/code/end", Action::EditCredentials, end_code_app),
        Route::post("/account/factors/recovery", Action::EditCredentials, new_recovery_codes),
        Route::post("/account/factors/passkey", Action::EditCredentials, add_passkey),
        Route::post("/account/factors/passkey/ask", Action::EditCredentials, ask_for_passkey),
        Route::post("/account/factors/passkey/end", Action::EditCredentials, end_passkey),
        Route::post("/account/factors/elsewhere/end", Action::EditCredentials, end_identity),
    ]
}

#[derive(Template)]
#[template(path = "factors.html")]
struct FactorsPage {
    shell: Shell,
    factors: Factors,
    keys: Vec<Passkey>,
    identities: Vec<Identity>,
    events: Vec<DoorEvent>,
    key_name: Field,
    /// Staff who have none yet have to set one up before anything else.
    required: bool,
    /// Passkeys can be used at this address.
    passkeys: bool,
    elsewhere: Option<String>,
    wrong: Option<&'static str>,
    own: String,
}

impl FactorsPage {
    fn when(&self, at: &Instant) -> String {
        super::moment::minute(*at)
    }

    fn id(&self, bytes: &[u8]) -> String {
        door::secret::hex(bytes)
    }
}

#[derive(Template)]
#[template(path = "code_app.html")]
struct CodeAppPage {
    shell: Shell,
    scanned: Option<Scanned>,
    typed: String,
    code: Field,
}

#[derive(Template)]
#[template(path = "recovery.html")]
struct RecoveryPage {
    shell: Shell,
    codes: Vec<String>,
}

async fn factors(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, shell, &viewer, None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    wrong: Option<&'static str>,
) -> Result<Response, Problem> {
    let id = viewer.person.id.clone();
    let read = move |journal: &Journal| {
        journal
            .read(|tx| Ok((tx.factors(&id)?, tx.passkeys(&id)?, tx.identities(&id)?, tx.door_events(&id)?)))
    };
    let (factors, keys, identities, events) = app.ask::<_, journal::Error>(read).await?;
    page(&FactorsPage {
        shell: shell.titled("Second factors").below("Your account", "/account"),
        required: app.lacks_factor(viewer),
        factors,
        keys,
        identities,
        events,
        key_name: Field::text("name", "What to call it").hint("Such as the device it lies on."),
        passkeys: app.passkeys().is_some(),
        elsewhere: app.elsewhere().map(|place| place.name.clone()),
        wrong,
        own: viewer.person.id.clone(),
    })
}

fn done(notice: Notice) -> Response {
    Redirect::to(&format!("{HERE}?done={}", notice.word())).into_response()
}

fn unprocessable(mut response: Response) -> Response {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response
}

/// Makes a seed that opens nothing before its first code is right.
async fn begin_code_app(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let (person, now) = (viewer.person, app.now());
    let sealed = app.vault()?.seal(seed_place(&person), Seed::new()?.as_bytes())?;
    let id = person.id;
    if !app.ask(move |journal| journal.write(move |tx| tx.set_code_app(&id, &sealed, now))).await? {
        return Ok(Redirect::to(HERE).into_response());
    }
    Ok(Redirect::to("/account/factors/code").into_response())
}

async fn code_app(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    show_code_app(&app, shell, &viewer, None).await
}

/// The seed as a code to be scanned and as text to be typed. Once it is confirmed nobody sees it again.
async fn show_code_app(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    mistake: Option<String>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(app, viewer, HERE) {
        return Ok(again);
    }
    let id = viewer.person.id.clone();
    let kept = app.ask(move |journal| journal.read(|tx| tx.code_app(&id))).await?;
    let Some(kept) = kept.filter(|kept| kept.confirmed.is_none()) else {
        return Ok(Redirect::to(HERE).into_response());
    };
    let seed = Seed::of_bytes(&app.vault()?.open_sealed(seed_place(&viewer.person), &kept.sealed)?);
    page(&CodeAppPage {
        shell: shell.titled("A code app").below("Your account", "/account").below("Second factors", HERE),
        scanned: scanned(&seed.uri(&viewer.person.login)),
        typed: seed.typed(),
        code: Field::text("code", "The code it shows now")
            .autocomplete("one-time-code")
            .mistake(mistake)
            .autofocus(),
    })
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

/// The first right code makes it a factor, of this session too; with the first factor come recovery codes.
async fn confirm_code_app(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<Code>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    app.may_show_second(asker.address, &viewer.person.id).await?;
    if !app.takes_code(&viewer.person, &sent.code, false).await? {
        let why = "That is not its code. Wait for the next one, and see that the device's clock is right.";
        return Ok(unprocessable(show_code_app(&app, shell, &viewer, Some(why.to_owned())).await?));
    }
    added(&app, (&asker, &headers), shell, &viewer, ("code app added", "password + code")).await
}

/// A factor was added and shown. It counts from a session under a new token on (ASVS 7.2.4); all others end, since what began with
/// less is not to go on beside it.
async fn added(
    app: &App,
    (asker, headers): (&Asker, &HeaderMap),
    shell: Shell,
    viewer: &Viewer,
    (event, how): (&'static str, &'static str),
) -> Result<Response, Problem> {
    let id = viewer.person.id.clone();
    tracing::info!(person = %id, event, "factors.changed");
    app.note(&id, event, None, String::new()).await?;
    let known = known_device(app, headers, Some(id.clone())).await?.is_some();
    let whose = id.clone();
    app.ask(move |journal| journal.write(move |tx| tx.end_sessions(&whose, None))).await?;
    let answer = admit(app, (asker, headers), &id, known, Shown::now(how, 2)).await?;
    if app.factors(&id).await?.recovery_codes == 0 {
        return Ok((answer, give_recovery_codes(app, shell, viewer).await?).into_response());
    }
    Ok((answer, done(Notice::FactorAdded)).into_response())
}

/// New codes, shown this once; those before are void.
async fn give_recovery_codes(app: &App, shell: Shell, viewer: &Viewer) -> Result<Response, Problem> {
    let (id, now) = (viewer.person.id.clone(), app.now());
    let made: Result<Vec<_>, _> = (0..RECOVERY_CODES).map(|_| recovery_code(&id)).collect();
    let (codes, hashes): (Vec<String>, Vec<journal::Hash>) = made?.into_iter().unzip();
    let person = id.clone();
    app.ask(move |journal| journal.write(move |tx| tx.set_recovery_codes(&person, &hashes, now))).await?;
    app.note(&id, "recovery codes made", None, String::new()).await?;
    page(&RecoveryPage {
        shell: shell.titled("Recovery codes").below("Your account", "/account").below("Second factors", HERE),
        codes,
    })
}

async fn new_recovery_codes(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    if !app.factors(&viewer.person.id).await?.any() {
        let wrong = "Recovery codes stand in for a second factor that was lost: add one first.";
        return Ok(unprocessable(show(&app, shell, &viewer, Some(wrong)).await?));
    }
    give_recovery_codes(&app, shell, &viewer).await
}

/// Who needs a second factor keeps one (ASVS 6.3.3).
async fn is_last(app: &App, viewer: &Viewer) -> Result<bool, Problem> {
    let Factors { code_app, passkeys, .. } = app.factors(&viewer.person.id).await?;
    Ok(app.needs_factor(viewer) && u64::from(code_app) + passkeys == 1)
}

const LAST: &str =
    "This is your last second factor, and staff need one. Add another first, then remove this one.";

async fn end_code_app(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    if is_last(&app, &viewer).await? {
        return Ok(unprocessable(show(&app, shell, &viewer, Some(LAST)).await?));
    }
    let id = viewer.person.id.clone();
    app.ask(move |journal| journal.write(move |tx| tx.end_code_app(&id))).await?;
    app.note(&viewer.person.id, "code app removed", None, String::new()).await?;
    Ok(done(Notice::FactorRemoved))
}

async fn ask_for_passkey(
    State(app): State<App>,
    headers: HeaderMap,
    viewer: Viewer,
) -> Result<Response, Problem> {
    if needed(&app, &viewer, HERE).is_some() {
        return Err(Problem::forbidden("Say once more who you are: open the page again."));
    }
    let passkeys = app.passkeys().ok_or(Problem::NotFound)?;
    let (person, id) = (&viewer.person, viewer.person.id.clone());
    let before = app.ask(move |journal| journal.read(|tx| tx.passkeys(&id))).await?;
    let before: Vec<Kept> = before.iter().map(kept).collect();
    let challenge = passkeys.add(&person.id, &person.login, &person.name, &before)?;
    let mut answer = HeaderMap::new();
    let challenged = Challenged { kept: challenge.kept };
    app.begin((&headers, &mut answer), ADDING, Some(&person.id), &challenged).await?;
    Ok((answer, Json(challenge.options)).into_response())
}

#[derive(Deserialize)]
struct NewKey {
    name: String,
    #[serde(default)]
    answer: String,
}

async fn add_passkey(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<NewKey>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let (person, now, name) = (viewer.person.id.clone(), app.now(), sent.name.trim().to_owned());
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        let wrong = "Say in a few words which device it lies on.";
        return Ok(unprocessable(show(&app, shell, &viewer, Some(wrong)).await?));
    }
    let challenged = app.take_begun::<Challenged>(&headers, ADDING).await?;
    let made = challenged
        .filter(|challenged| challenged.person.as_deref() == Some(person.as_str()))
        .and_then(|challenged| app.passkeys()?.added(&challenged.what.kept, &sent.answer));
    let Some(Kept { credential, material }) = made else {
        let wrong = "The device's answer was not right, or came too late. Try once more.";
        return Ok(unprocessable(show(&app, shell, &viewer, Some(wrong)).await?));
    };
    let key = Passkey { credential, person, name, material, created: now, used: None };
    if !app.ask(move |journal| journal.write(move |tx| tx.add_passkey(&key))).await? {
        let wrong = "You have a passkey of that name. Take another name.";
        return Ok(unprocessable(show(&app, shell, &viewer, Some(wrong)).await?));
    }
    added(&app, (&asker, &headers), shell, &viewer, ("passkey added", "password + passkey")).await
}

#[derive(Deserialize)]
struct Which {
    credential: String,
}

async fn end_passkey(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Form(which): Form<Which>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let id = viewer.person.id.clone();
    let keys = app.ask(move |journal| journal.read(|tx| tx.passkeys(&id))).await?;
    let key = keys.into_iter().find(|key| door::secret::hex(&key.credential) == which.credential);
    let key = key.ok_or(Problem::NotFound)?;
    if is_last(&app, &viewer).await? {
        return Ok(unprocessable(show(&app, shell, &viewer, Some(LAST)).await?));
    }
    let id = viewer.person.id.clone();
    app.ask(move |journal| journal.write(move |tx| tx.end_passkey(&id, &key.credential))).await?;
    app.note(&viewer.person.id, "passkey removed", None, key.name).await?;
    Ok(done(Notice::FactorRemoved))
}

#[derive(Deserialize)]
struct There {
    issuer: String,
    subject: String,
}

async fn end_identity(
    State(app): State<App>,
    viewer: Viewer,
    Form(there): Form<There>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let id = viewer.person.id.clone();
    let ended =
        app.ask(move |journal| journal.write(move |tx| tx.end_identity(&id, &there.issuer, &there.subject)));
    if !ended.await? {
        return Err(Problem::NotFound);
    }
    app.note(&viewer.person.id, "sign-in elsewhere unlinked", None, String::new()).await?;
    Ok(done(Notice::FactorRemoved))
}
