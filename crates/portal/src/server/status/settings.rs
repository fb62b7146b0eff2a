//! Where a client's status page is set up, by the provider's people and the client's contacts, and where the public is told of an
//! incident. The page itself is the preview.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book, Shown,
    command::{By, NEW_INCIDENT, PAGE_CHARS_MAX, status_key},
    query::StatusSet,
};
use desk::policy::Action;
use door::Secret;
use facts::{
    BackLink, ClientId, Impact, IncidentId, IncidentStage, IncidentUpdatePublished, InstanceId, PageScheme,
    ShownInstance, StatusPublished, TicketId,
};

use serde::Deserialize;
use spans::Instant;
use status::FOOTER_CHARS_MAX;

use super::PREFIX;
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Minute, Pick, Refused, Sent, new_key},
    moment::path,
    page,
};

const SETTINGS: &str = "/clients/{client}/status/settings";
const WITHDRAW: &str = "/clients/{client}/status/withdraw";
const UPDATE: &str = "/clients/{client}/status/update";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(SETTINGS, Action::EditStatus, form),
        Route::post(SETTINGS, Action::EditStatus, send),
        Route::post(WITHDRAW, Action::EditStatus, withdraw),
        Route::get(UPDATE, Action::TellPublic, tell_form),
        Route::post(UPDATE, Action::TellPublic, tell),
    ]
}

/// Who may see a page.
const AUDIENCES: [(&str, &str); 3] = [
    ("people", "the client's people, signed in"),
    ("secret", "they, and whoever has its secret address"),
    ("public", "anybody"),
];

/// A system in the form.
struct System {
    id: String,
    on: bool,
    name: String,
    about: String,
}

#[derive(Template)]
#[template(path = "status_settings.html")]
struct SettingsPage {
    shell: Shell,
    at: String,
    key: String,
    /// Whether there is a page now, and where anybody finds it.
    up: Option<String>,
    domain: Option<String>,
    /// The whole secret address, said this once.
    secret: Option<String>,
    fields: Vec<String>,
    audience: &'static str,
    has_secret: bool,
    more: Vec<String>,
    systems: Vec<System>,
    /// The colour on both papers, and what that comes to.
    colour: Option<(String, String)>,
    /// Whether there is a page, for a logo to stand on.
    has_page: bool,
    logo: Option<Logo>,
    /// What a new logo is asked to say: what the one before says, or else the heading.
    alt: String,
    refused: Option<Refused>,
    logo_refused: Option<Refused>,
}

/// The logo as it stands: its address, words and size.
struct Logo {
    src: String,
    alt: String,
    shown: (u32, u32),
    /// What it is, in words.
    about: String,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, client, None, Said::default()).await
}

/// The page again, with why a logo was not taken.
pub(super) async fn show_logo(
    app: &App,
    shell: Shell,
    client: ClientId,
    refused: Refused,
) -> Result<Response, Problem> {
    show(app, shell, client, None, Said { logo: Some(refused), ..Said::default() }).await
}

/// What is said on the page once.
#[derive(Default)]
struct Said {
    /// Why what was typed is not recorded.
    refused: Option<Refused>,
    /// The secret that was made.
    secret: Option<String>,
    /// Why a logo was not taken.
    logo: Option<Refused>,
}

impl Said {
    fn because(refused: Refused) -> Said {
        Said { refused: Some(refused), ..Said::default() }
    }
}

/// `sent`: what was typed, where it is shown again with why it was refused.
async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Option<Sent>,
    Said { refused, secret, logo: logo_refused }: Said,
) -> Result<Response, Problem> {
    let (found, names) = app.book(&client, |book, _| (book.status_set(), book.instance_names())).await?;
    let status = if refused.is_some() || logo_refused.is_some() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    let origin = app.config().origin();
    let up = found.as_ref().map(|found| found.set.page.to_string());
    let secret = secret.map(|secret| format!("{origin}{PREFIX}{secret}"));
    let page = page(&SettingsPage {
        at: path(&client, &["status"]),
        key: new_key()?,
        domain: found.as_ref().and_then(|found| found.set.domain.clone()),
        fields: fields(&client, found.as_ref(), sent.as_ref()),
        audience: audience(found.as_ref(), sent.as_ref()),
        has_secret: found.as_ref().is_some_and(|found| found.set.key.is_some()),
        more: more(found.as_ref(), sent.as_ref()),
        systems: systems(&names, found.as_ref(), sent.as_ref()),
        colour: colour(found.as_ref(), sent.as_ref()),
        logo: app.0.control.status_of(&client).and_then(|shown| logo(&client, &shown)),
        has_page: found.is_some(),
        alt: found.as_ref().map_or_else(String::new, |found| alt(&found.set)),
        up: up
            .filter(|_| found.as_ref().is_some_and(|found| found.set.public))
            .map(|page| format!("{origin}{PREFIX}{page}")),
        shell: shell.of(&client).titled("Status page").at(Section::Clients),
        secret,
        refused,
        logo_refused,
    })?;
    Ok((status, page).into_response())
}

/// What was typed, or else what stands.
fn value(name: &str, sent: Option<&Sent>, stands: impl FnOnce() -> String) -> String {
    sent.map_or_else(stands, |sent| sent.get(name).to_owned())
}

fn fields(client: &ClientId, found: Option<&StatusSet>, sent: Option<&Sent>) -> Vec<String> {
    let title = value("title", sent, || found.map_or_else(String::new, |found| found.set.title.clone()));
    let own = || client.as_str().chars().take(PAGE_CHARS_MAX).collect();
    let address = value("address", sent, || found.map_or_else(own, |found| found.set.page.to_string()));
    vec![
        Field::text("title", "Heading").value(&title).to_string(),
        Field::text("address", "Its name in the address")
            .hint("Up to 40 lower-case letters, digits and hyphens.")
            .value(&address)
            .to_string(),
    ]
}

fn more(found: Option<&StatusSet>, sent: Option<&Sent>) -> Vec<String> {
    let of = |name: &str, stands: fn(&StatusPublished) -> Option<&String>| {
        value(name, sent, || found.and_then(|found| stands(&found.set).cloned()).unwrap_or_default())
    };
    vec![
        Field::text("domain", "A host name of its own")
            .hint("For a page that anybody may see. Point the name at this server, and let your proxy answer for it.")
            .value(&of("domain", |set| set.domain.as_ref()))
            .optional()
            .to_string(),
        Field::text("accent", "Its colour")
            .hint("As #1f4e8c: its edge, and links and buttons where they can be read in it.")
            .value(&of("accent", |set| set.accent.as_ref()))
            .optional()
            .to_string(),
        scheme(found, sent),
        Field::text("back-url", "The client's own site, which it leads back to")
            .hint("An https: address, such as https://example.com/.")
            .value(&of("back-url", |set| set.back.as_ref().map(|back| &back.url)))
            .optional()
            .to_string(),
        Field::text("back-label", "What that link says")
            .hint("Up to 60 characters, such as: Back to example.com.")
            .value(&of("back-label", |set| set.back.as_ref().map(|back| &back.label)))
            .optional()
            .to_string(),
        Area {
            id: "footer",
            name: "footer",
            label: "What stands at its foot",
            hint: format!("Up to {FOOTER_CHARS_MAX} characters."),
            value: of("footer", |set| set.footer.as_ref()),
            required: false,
            most: FOOTER_CHARS_MAX,
        }
        .to_string(),
    ]
}

/// Papers, and what they are called.
const SCHEMES: [(&str, &str); 3] =
    [("", "as its reader prefers"), ("light", "light, at night too"), ("dark", "dark, by day too")];

fn scheme(found: Option<&StatusSet>, sent: Option<&Sent>) -> String {
    let stands = || found.and_then(|found| found.set.scheme).map_or("", PageScheme::name).to_owned();
    Pick {
        id: "scheme",
        name: "scheme",
        label: "Its paper",
        hint: String::new(),
        options: SCHEMES.map(|(word, words)| (word.to_owned(), words.to_owned())).to_vec(),
        value: value("scheme", sent, stands),
    }
    .to_string()
}

/// The colour that was typed or stands, on both papers; none where it is no colour.
fn colour(found: Option<&StatusSet>, sent: Option<&Sent>) -> Option<(String, String)> {
    let stands = || found.and_then(|found| found.set.accent.clone()).unwrap_or_default();
    let accent: status::Accent = value("accent", sent, stands).parse().ok()?;
    Some((status::swatch(&accent), status::said(&accent)))
}

/// A logo whose bytes are there.
fn logo(client: &ClientId, shown: &Shown) -> Option<Logo> {
    let (set, drawn) = shown.set.logo.as_ref().zip(shown.page.logo.as_ref())?;
    let src = format!("{}?{}", path(client, &["status", "logo"]), drawn.print);
    let about = format!("{}, {} by {} pixels, {} bytes", set.media, set.width, set.height, set.bytes);
    Some(Logo { src, alt: set.alt.clone(), shown: drawn.shown(), about })
}

fn alt(set: &StatusPublished) -> String {
    set.logo.as_ref().map_or_else(|| set.title.clone(), |logo| logo.alt.clone())
}

fn audience(found: Option<&StatusSet>, sent: Option<&Sent>) -> &'static str {
    let typed = sent.and_then(|sent| AUDIENCES.iter().find(|(word, _)| *word == sent.get("audience")));
    let stands = found.map_or("people", |found| match (found.set.public, &found.set.key) {
        (true, _) => "public",
        (false, Some(_)) => "secret",
        (false, None) => "people",
    });
    typed.map_or(stands, |(word, _)| word)
}

/// Those on the page first, in its order.
fn systems(names: &[(InstanceId, String)], found: Option<&StatusSet>, sent: Option<&Sent>) -> Vec<System> {
    let shown = found.map_or(&[][..], |found| &found.set.components[..]);
    let place = |id: &InstanceId| shown.iter().position(|one| one.instance == *id).unwrap_or(usize::MAX);
    let mut order: Vec<&(InstanceId, String)> = names.iter().collect();
    order.sort_by_key(|(id, _)| place(id));
    let system = |(id, name): &(InstanceId, String)| {
        let one = shown.iter().find(|one| one.instance == *id);
        let about = one.and_then(|one| one.about.clone()).unwrap_or_default();
        System {
            on: sent.map_or(one.is_some(), |sent| sent.all("show").any(|shown| shown == id.as_str())),
            name: value(&format!("name-{id}"), sent, || {
                one.map_or_else(|| name.clone(), |one| one.name.clone())
            }),
            about: value(&format!("about-{id}"), sent, || about),
            id: id.to_string(),
        }
    };
    order.into_iter().map(system).collect()
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("status")?;
    let before = app.book(&client, |book, _| book.status_set()).await?;
    let (set, secret) = match read(&sent, before.as_ref())? {
        Ok(read) => read,
        Err(why) => {
            return show(&app, shell, client, Some(sent), Said::because(Refused::because(why))).await;
        }
    };
    if set.domain.as_deref().is_some_and(|domain| app.config().is_taken(domain)) {
        let refused = Refused::because("That is the name of this portal: the page needs one of its own.");
        return show(&app, shell, client, Some(sent), Said::because(refused)).await;
    }
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| control.publish_status(&of, set, by, now)).await? {
        // Sent twice, the address that stands is the first one's, which was said then.
        Ok(done) if secret.is_some() && !done.already => {
            show(&app, shell, client, None, Said { secret, ..Said::default() }).await
        }
        Ok(_) => {
            let to = path(&client, &["status", "settings"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, Some(sent), Said::because(refused)).await,
    }
}

/// What was typed, and the secret that was made for it; or why it cannot be.
type Read = Result<(StatusPublished, Option<String>), &'static str>;

fn read(sent: &Sent, before: Option<&StatusSet>) -> Result<Read, Problem> {
    let audience = sent.get("audience");
    if !AUDIENCES.iter().any(|(word, _)| *word == audience) {
        return Ok(Err("Say who may see it."));
    }
    let Ok(page) = sent.get("address").parse() else {
        return Ok(Err("Write its name in lower-case letters, digits and hyphens."));
    };
    let stands = before.and_then(|before| before.set.key.clone()).filter(|_| sent.given("turn").is_none());
    let (key, secret) = match (audience, stands) {
        ("secret", Some(key)) => (Some(key), None),
        ("secret", None) => {
            let secret = Secret::new()?.hex();
            (Some(status_key(&secret)), Some(secret))
        }
        _ => (None, None),
    };
    let components: Option<Vec<ShownInstance>> = sent.all("show").map(|id| shown(id, sent)).collect();
    let Some(components) = components else { return Ok(Err("One of the instances is not known.")) };
    let scheme =
        sent.given("scheme").map(|word| PageScheme::named(word).ok_or("Choose its paper from the list."));
    let scheme = match scheme.transpose() {
        Ok(scheme) => scheme,
        Err(why) => return Ok(Err(why)),
    };
    let own = |name: &str| sent.given(name).map(str::to_owned);
    let set = StatusPublished {
        page,
        title: sent.get("title").to_owned(),
        public: audience == "public",
        key,
        domain: own("domain"),
        accent: own("accent"),
        scheme,
        back: back(sent),
        footer: own("footer").map(|text| text.replace("\r\n", "\n")),
        // That is changed by itself.
        logo: None,
        components,
    };
    Ok(Ok((set, secret)))
}

/// What leads back, where either of its fields was filled: what is missing is refused, and not left out.
fn back(sent: &Sent) -> Option<BackLink> {
    sent.given("back-url").or(sent.given("back-label"))?;
    Some(BackLink { label: sent.get("back-label").to_owned(), url: sent.get("back-url").to_owned() })
}

fn shown(id: &str, sent: &Sent) -> Option<ShownInstance> {
    Some(ShownInstance {
        instance: id.parse().ok()?,
        name: sent.get(&format!("name-{id}")).to_owned(),
        about: sent.given(&format!("about-{id}")).map(str::to_owned),
    })
}

async fn withdraw(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("status-withdraw")?), ..By::new(viewer.actor()) };
    let found = app.book(&client, |book, _| book.status_set()).await?.ok_or(Problem::NotFound)?;
    let (of, named) = (client.clone(), found.set.page);
    match app.attempt(move |control, now| control.withdraw_status(&of, &named, by, now)).await? {
        Ok(_) => {
            let to = path(&client, &["status", "settings"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, None, Said::because(refused)).await,
    }
}

#[derive(Template)]
#[template(path = "status_update.html")]
struct UpdatePage {
    shell: Shell,
    /// The ticket that the incident is, where one is named.
    request: String,
    at: String,
    key: String,
    /// Whether there is a page that would say it.
    up: bool,
    fields: Vec<String>,
    systems: Vec<(String, String, bool)>,
    more: Vec<String>,
    refused: Option<Refused>,
}

/// What the form is made from.
struct Public {
    open: Vec<IncidentUpdatePublished>,
    shown: Vec<ShownInstance>,
    up: bool,
}

impl Public {
    fn of(book: &Book, now: Instant) -> Public {
        let found = book.status_set();
        Public {
            open: book.public_incidents_to_tell(now),
            up: found.is_some(),
            shown: found.map_or_else(Vec::new, |found| found.set.components),
        }
    }
}

/// The ticket whose incident is told of, when one comes from there.
#[derive(Deserialize)]
struct About {
    request: Option<TicketId>,
}

async fn tell_form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
    Query(about): Query<About>,
) -> Result<Response, Problem> {
    let request = about.request.map(|ticket| ("request".to_owned(), ticket.to_string()));
    show_tell(&app, shell, client, request.into_iter().collect(), None).await
}

async fn show_tell(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let found = app.book(&client, Public::of).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ticked = |id: &InstanceId| sent.all("instance").any(|ticked| ticked == id.as_str());
    let page = page(&UpdatePage {
        request: sent.get("request").to_owned(),
        at: path(&client, &["status"]),
        key: new_key()?,
        up: found.up,
        fields: tell_fields(&found, &sent),
        systems: found
            .shown
            .iter()
            .map(|one| (one.instance.to_string(), one.name.clone(), ticked(&one.instance)))
            .collect(),
        more: tell_more(&sent),
        shell: shell
            .of(&client)
            .titled("Tell the public")
            .at(Section::Clients)
            .below("Status page", &path(&client, &["status"])),
        refused,
    })?;
    Ok((status, page).into_response())
}

fn tell_fields(found: &Public, sent: &Sent) -> Vec<String> {
    let pick = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        let value = sent.get(name).to_owned();
        Pick { id: name, name, label, hint: String::new(), options, value }.to_string()
    };
    let open = found.open.iter().map(|one| (one.incident.to_string(), one.title.clone()));
    let incidents = std::iter::once((String::new(), "a new one".to_owned())).chain(open).collect();
    let stages = [
        (IncidentStage::Investigating, "looked into"),
        (IncidentStage::Identified, "cause found"),
        (IncidentStage::Monitoring, "mended, watched"),
        (IncidentStage::Resolved, "over"),
        (IncidentStage::Postmortem, "afterwards: what became of it"),
    ];
    let impacts = [
        (Impact::Down, "not reachable"),
        (Impact::Degraded, "slow or partly unusable"),
        (Impact::None, "nothing is noticed"),
    ];
    let stages = stages.map(|(stage, words)| (stage.name().to_owned(), words.to_owned()));
    let impacts = impacts.map(|(impact, words)| (impact.name().to_owned(), words.to_owned()));
    vec![
        pick("incident", "About", incidents),
        Field::text("title", "Its title, for a new one").value(sent.get("title")).optional().to_string(),
        pick("stage", "How far it has come", stages.to_vec()),
        pick("impact", "What it does", impacts.to_vec()),
    ]
}

fn tell_more(sent: &Sent) -> Vec<String> {
    let message = Area {
        id: "message",
        name: "message",
        label: "What is told",
        hint: "Anybody who sees the page reads it, and it stays on record: name no person and no request."
            .to_owned(),
        value: sent.get("message").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    let by = Minute {
        id: "next",
        name: "next",
        label: "Next update by (may be empty)",
        hint: String::new(),
        value: sent.get("next").to_owned(),
        required: false,
    };
    vec![message.to_string(), by.to_string()]
}

async fn tell(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("status-update")?;
    let found = app.book(&client, Public::of).await?;
    let update = match update(&sent, &found) {
        Ok(update) => update,
        Err(why) => return show_tell(&app, shell, client, sent, Some(Refused::because(why))).await,
    };
    if let Some(ticket) = update.request.clone() {
        let of = client.clone();
        let known = app.ask_control(move |control, now| control.incident(&of, &ticket, now)).await?;
        known.ok_or(Problem::NotFound)?;
    }
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| control.tell_public(&of, update, by, now)).await? {
        Ok(_) => Ok(Redirect::to(&path(&client, &["status"])).into_response()),
        Err(refused) => show_tell(&app, shell, client, sent, Some(refused)).await,
    }
}

fn update(sent: &Sent, found: &Public) -> Result<IncidentUpdatePublished, &'static str> {
    let titles: BTreeMap<&str, &str> =
        found.open.iter().map(|one| (one.incident.as_str(), one.title.as_str())).collect();
    let known = sent.given("incident");
    let title = sent.given("title").or_else(|| titles.get(known?).copied());
    let incident: Option<IncidentId> =
        known.map(str::parse).transpose().map_err(|_| "That incident is not known.")?;
    let new = || NEW_INCIDENT.parse().map_err(|_| "It has no number.");
    let instances: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    let next = match sent.given("next") {
        Some(_) => Some(sent.minute("next").ok_or("Say until when, as 2026-03-09T18:00.")?),
        None => None,
    };
    Ok(IncidentUpdatePublished {
        incident: incident.map_or_else(new, Ok)?,
        title: title.ok_or("Write a title for a new incident.")?.to_owned(),
        stage: IncidentStage::named(sent.get("stage")).ok_or("Say how far it has come.")?,
        impact: Impact::named(sent.get("impact")).ok_or("Say what it does.")?,
        instances: instances.map_err(|_| "One of the instances is not known.")?,
        message: sent.get("message").to_owned(),
        next_update_by: next,
        request: sent.given("request").and_then(|ticket| ticket.parse().ok()),
    })
}
