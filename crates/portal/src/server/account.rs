//! One's own account: sessions that can be ended, the password, API tokens.

use std::net::IpAddr;

use askama::Template;
use axum::{
    Extension, Form,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use door::{Secret, secret};
use facts::ClientId;
use ipnet::IpNet;
use journal::{
    Hash, Journal,
    people::{ApiToken, NAME_BYTES_MAX, Session},
};
use serde::Deserialize;
use spans::{Instant, Length};

use super::{
    App, By, Field, Notice, Problem, Route, Shell, Viewer,
    around::Asker,
    cookie,
    form::{Pick, Sent},
    page,
    people::rename_oneself,
    second::needed,
    sign_in::{Shown, admit},
};

/// How long an API token may work; the page offers less.
pub(crate) const TOKEN_DAYS_MAX: i64 = 365;
/// Networks to which one is bound.
const NETWORKS_MAX: usize = 20;
/// How long one works unless something else is asked for.
pub(crate) const TOKEN_DAYS: i64 = 90;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/account", Action::ReadOwn, account),
        Route::post("/account/name", Action::EditOwn, rename),
        Route::post("/account/password", Action::EditCredentials, change_password),
        Route::post("/account/sessions/end", Action::EditCredentials, end_session),
        Route::post("/account/sessions/end-others", Action::EditCredentials, end_others),
        Route::post("/account/tokens", Action::MakeToken, make_token),
        Route::post("/account/tokens/end", Action::EditCredentials, end_token),
    ]
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    shell: Shell,
    viewer: Viewer,
    called: Field,
    sessions: Vec<Session>,
    tokens: Vec<ApiToken>,
    old: Field,
    new: Field,
    token_name: Field,
    token_days: Field,
    token_scope: Pick,
    token_client: Option<Pick>,
    token_role: Option<Pick>,
    token_networks: Field,
    zone: Field,
    /// A token that was just made, shown this once.
    made: Option<String>,
    wrong: Option<&'static str>,
}

impl AccountPage {
    fn is_this(&self, session: &Session) -> bool {
        self.viewer.by == By::Session(session.hash)
    }

    fn browser(&self, session: &Session) -> String {
        named(&session.agent)
    }

    fn id(&self, hash: &Hash) -> String {
        secret::hex(hash.as_bytes())
    }

    fn when(&self, at: &Instant) -> String {
        super::moment::minute(*at)
    }
}

async fn account(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, shell, viewer, Said::default()).await
}

/// What a browser says of itself, as people call it: `Chrome on Linux`. Every browser names the others too, so order decides.
pub(super) fn named(agent: &str) -> String {
    let known = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = known(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("HeadlessChrome/", "Chrome without a screen"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = known(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) if agent.is_empty() => "A program that says nothing of itself".to_owned(),
        (None, _) => agent.chars().take(60).collect(),
    }
}

/// A field, and what is wrong with it.
type Wrong = (&'static str, String);

/// What a form on the page led to.
#[derive(Default)]
struct Said {
    /// What somebody wants to be called.
    called: String,
    wrong_called: Option<String>,
    wrong_old: Option<String>,
    weak_new: Option<String>,
    /// The form of a token, as it was sent, and what is wrong with which of its fields.
    token: NewToken,
    wrong_token: Option<Wrong>,
    made: Option<String>,
    wrong: Option<&'static str>,
}

impl Said {
    fn wrong_token(&self, field: &str) -> Option<String> {
        self.wrong_token.iter().find(|(wrong, _)| *wrong == field).map(|(_, why)| why.clone())
    }
}

async fn show(app: &App, shell: Shell, viewer: Viewer, mut said: Said) -> Result<Response, Problem> {
    if said.wrong_called.is_none() {
        said.called.clone_from(&viewer.person.name);
    }
    let (id, now) = (viewer.person.id.clone(), app.now());
    let read = move |journal: &Journal| journal.read(|tx| Ok((tx.sessions(&id, now)?, tx.tokens(&id)?)));
    let (sessions, tokens) = app.ask::<_, journal::Error>(read).await?;
    let token_client = one_of("client", "Which client it sees", "All that you see", &shell.visible_names());
    let roles: Vec<_> = viewer.person.roles.iter().map(|role| (role.clone(), role.clone())).collect();
    let token_role = one_of("role", "Which role it has", "All of yours", &roles);
    page(&AccountPage {
        shell: shell.titled("Your account"),
        viewer,
        sessions,
        tokens,
        called: Field::text("called", "Name").value(&said.called).mistake(said.wrong_called.take()),
        old: Field::password("old", "Current password", "current-password").mistake(said.wrong_old.take()),
        new: Field::password("new", "New password", "new-password")
            .hint("12 characters or more; a few words in a row are easy to remember.")
            .mistake(said.weak_new.take()),
        token_name: Field::text("name", "What it is for")
            .value(&said.token.name)
            .mistake(said.wrong_token("name")),
        token_days: Field::number("days", "Days until it ends", 1, TOKEN_DAYS_MAX)
            .value(said.token.days.as_deref().unwrap_or(&TOKEN_DAYS.to_string()))
            .mistake(said.wrong_token("days")),
        token_scope: Pick {
            id: "scope",
            name: "scope",
            label: "What it may do",
            hint: String::new(),
            options: vec![
                ("write".to_owned(), "Read and change".to_owned()),
                ("read".to_owned(), "Read only".to_owned()),
            ],
            value: "write".to_owned(),
        },
        token_client,
        token_role,
        token_networks: Field::text("networks", "Addresses it works from")
            .hint("Such as 192.0.2.7 or 192.0.2.0/24, commas between them. Nothing means from anywhere.")
            .value(&said.token.networks)
            .mistake(said.wrong_token("networks"))
            .optional(),
        zone: Field::text("zone", "Zone")
            .hint("A name of the tz database, such as Europe/Amsterdam or UTC.")
            .value(super::zone::reader().name()),
        made: said.made,
        wrong: said.wrong,
    })
}

/// What one is called, everywhere from now on.
async fn rename(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let called = sent.get("called").to_owned();
    match rename_oneself(&app, &viewer, &called).await? {
        Ok(()) => Ok(Redirect::to(&format!("/account?done={}", Notice::Recorded.word())).into_response()),
        Err(why) => {
            let said = Said { called, wrong_called: Some(format!("{why}.")), ..Said::default() };
            unprocessable(show(&app, shell, viewer, said).await?)
        }
    }
}

#[derive(Deserialize)]
struct NewPassword {
    old: String,
    new: String,
}

/// Asks for the old password again (ASVS 7.5.1), ends all other sessions, and gives this browser a new one.
async fn change_password(
    State(app): State<App>,
    Extension(asker): Extension<Asker>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<NewPassword>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, "/account") {
        return Ok(again);
    }
    let person = viewer.person.clone();
    app.may_sign_in(asker.address, &person.login, None).await?;
    let login = person.login.clone();
    let kept = app.ask(move |journal| journal.read(|tx| tx.person_by_login(&login))).await?;
    if !app.check_password(sent.old, kept.and_then(|(_, kept)| kept)).await? {
        let wrong_old = Some("This is not your current password.".to_owned());
        return unprocessable(show(&app, shell, viewer, Said { wrong_old, ..Said::default() }).await?);
    }
    if let Some(weak) = app.password_mistake(&sent.new, &person.login, &person.name).await? {
        return unprocessable(
            show(&app, shell, viewer, Said { weak_new: Some(weak), ..Said::default() }).await?,
        );
    }
    let (phc, id) = (app.hash_password(sent.new).await?, person.id.clone());
    app.ask(move |journal| {
        journal.write(move |tx| {
            tx.set_password(&id, &phc)?;
            tx.end_sessions(&id, None)?;
            tx.forget_devices(&id)
        })
    })
    .await?;
    tracing::info!(person = %person.id, address = %asker.address, "password.changed");
    app.note(&person.id, "password changed", None, String::new()).await?;
    let shown = Shown::now("password", viewer.factors);
    let answer = admit(&app, (&asker, &headers), &person.id, false, shown).await?;
    Ok((answer, done(Notice::PasswordChanged)).into_response())
}

/// A choice of one or all; none where there is nothing to choose.
fn one_of(name: &'static str, label: &'static str, all: &str, options: &[(String, String)]) -> Option<Pick> {
    let all = [(String::new(), all.to_owned())];
    let given = all.iter().chain(options).cloned().collect();
    let pick = Pick { id: name, name, label, hint: String::new(), options: given, value: String::new() };
    (options.len() > 1).then_some(pick)
}

fn unprocessable(mut response: Response) -> Result<Response, Problem> {
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

fn done(notice: Notice) -> Redirect {
    Redirect::to(&format!("/account?done={}", notice.word()))
}

#[derive(Deserialize)]
struct Which {
    hash: String,
}

impl Which {
    fn hash(&self) -> Result<Hash, Problem> {
        self.hash.parse().map_err(|_| Problem::NotFound)
    }
}

/// Ends a session of one's own; somebody else's is not there.
async fn end_session(
    State(app): State<App>,
    viewer: Viewer,
    Form(which): Form<Which>,
) -> Result<Response, Problem> {
    let (hash, own) = (which.hash()?, viewer.by);
    let id = viewer.person.id;
    if !app.ask(move |journal| journal.write(move |tx| tx.end_session(&id, hash))).await? {
        return Err(Problem::NotFound);
    }
    if own == By::Session(hash) {
        let mut answer = HeaderMap::new();
        cookie::clear_session(app.config(), &mut answer);
        return Ok(
            (answer, Redirect::to(&format!("/sign-in?done={}", Notice::SignedOut.word()))).into_response()
        );
    }
    Ok(done(Notice::SessionEnded).into_response())
}

async fn end_others(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let By::Session(kept) = viewer.by else {
        return Err(Problem::forbidden("An API token has no sessions."));
    };
    let id = viewer.person.id;
    app.ask(move |journal| journal.write(move |tx| tx.end_sessions(&id, Some(kept)))).await?;
    Ok(done(Notice::SessionEnded).into_response())
}

#[derive(Default, Deserialize)]
struct NewToken {
    name: String,
    days: Option<String>,
    /// `write` for one that may change things; anything else only reads.
    #[serde(default)]
    scope: String,
    /// The one client it sees.
    #[serde(default)]
    client: String,
    /// The one role it has, or all.
    #[serde(default)]
    role: String,
    /// The networks from which it works, commas or blanks between them, or any.
    #[serde(default)]
    networks: String,
}

impl NewToken {
    /// The one client, where one was chosen that this person may see.
    fn client(&self, viewer: &Viewer) -> Result<Option<ClientId>, Problem> {
        if self.client.is_empty() {
            return Ok(None);
        }
        let client = self.client.parse().map_err(|_| Problem::NotFound)?;
        if viewer.may_see(&client) { Ok(Some(client)) } else { Err(Problem::NotFound) }
    }

    /// For how many days, and from which networks; or which field is wrong, and what to do.
    fn terms(&self) -> Result<(i64, Option<Vec<String>>), Wrong> {
        if !(1..=NAME_BYTES_MAX).contains(&self.name.trim().len()) {
            return Err(("name", "Say in a few words which program will use it.".to_owned()));
        }
        let days = self.days.as_deref().and_then(|days| days.trim().parse().ok());
        let days = days.filter(|days| (1..=TOKEN_DAYS_MAX).contains(days));
        let days = days.ok_or_else(|| ("days", format!("A token ends after 1 to {TOKEN_DAYS_MAX} days.")))?;
        let networks = self.networks().map_err(|text| {
            let how = "write it as 192.0.2.7 or 192.0.2.0/24.";
            ("networks", format!("`{text}` is no address and no network: {how}"))
        })?;
        match networks.as_ref().map_or(0, Vec::len) {
            0..=NETWORKS_MAX => Ok((days, networks)),
            _ => Err(("networks", format!("Say {NETWORKS_MAX} networks at most."))),
        }
    }

    /// The networks, each as it is kept: an address alone is a network of one; none for any. The error is what names none.
    fn networks(&self) -> Result<Option<Vec<String>>, String> {
        let typed = self.networks.split([',', ' ', '\n', '\r']).filter(|text| !text.is_empty());
        let read = |text: &str| {
            let one = text.parse::<IpAddr>().map(IpNet::from).or_else(|_| text.parse());
            one.map(|net| net.trunc().to_string()).map_err(|_| text.to_owned())
        };
        let networks = typed.map(read).collect::<Result<Vec<_>, _>>()?;
        Ok((!networks.is_empty()).then_some(networks))
    }
}

/// Makes a token and shows it, once, in the answer: it is in no address and no history.
async fn make_token(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Form(sent): Form<NewToken>,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, "/account") {
        return Ok(again);
    }
    let client = sent.client(&viewer)?;
    let roles = (!sent.role.is_empty()).then(|| vec![sent.role.clone()]);
    let name = sent.name.trim().to_owned();
    let (days, networks) = match sent.terms() {
        Ok(terms) => terms,
        Err(wrong) => return wrong_token(&app, shell, viewer, sent, wrong).await,
    };
    let (token, now) = (Secret::new()?, app.now());
    let kept = ApiToken {
        hash: token.hash(),
        person: viewer.person.id.clone(),
        name: name.clone(),
        created: now,
        ends: now + Length::from_secs(days * 86_400),
        used: None,
        writes: sent.scope == "write",
        factors: viewer.factors,
        client,
        roles,
        networks,
    };
    if !app.ask(move |journal| journal.write(move |tx| tx.add_token(&kept))).await? {
        let why = "You have a token of that name. End it first, or take another name.".to_owned();
        return wrong_token(&app, shell, viewer, sent, ("name", why)).await;
    }
    tracing::info!(person = %viewer.person.id, "token.made");
    app.note(&viewer.person.id, "API token made", None, name.clone()).await?;
    show(&app, shell, viewer, Said { made: Some(token.api_token()), ..Said::default() }).await
}

/// The page again, with what was sent and what is wrong with it.
async fn wrong_token(
    app: &App,
    shell: Shell,
    viewer: Viewer,
    token: NewToken,
    wrong: Wrong,
) -> Result<Response, Problem> {
    let said = Said { token, wrong_token: Some(wrong), ..Said::default() };
    unprocessable(show(app, shell, viewer, said).await?)
}

async fn end_token(
    State(app): State<App>,
    viewer: Viewer,
    Form(which): Form<Which>,
) -> Result<Response, Problem> {
    let (hash, id) = (which.hash()?, viewer.person.id);
    match app.ask(move |journal| journal.write(move |tx| tx.end_token(&id, hash))).await? {
        true => Ok(done(Notice::TokenEnded).into_response()),
        false => Err(Problem::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_browser_is_called_what_people_call_it() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        let safari = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1";
        assert_eq!(named(chrome), "Chrome on Linux");
        assert_eq!(named(&format!("{chrome} Edg/156.0")), "Edge on Linux");
        assert_eq!(named(safari), "Safari on iPhone");
        assert_eq!(named("curl/8.5"), "curl");
        assert_eq!(named("own program 1.0"), "own program 1.0");
        assert_eq!(named(""), "A program that says nothing of itself");
    }
}
