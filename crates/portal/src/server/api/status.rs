//! The status page of a client: how it is set up, and what the public is told. What the page says has ways out of its own
//! (`docs/status.md`), which need no token.

use axum::{Json, response::Response};
use base64::{Engine, engine::general_purpose::STANDARD};
use control::live::{
    command::{NEW_INCIDENT, NewLogo, status_key},
    query::StatusSet,
};
use desk::policy::Action;
use facts::{
    BackLink, ClientId, Impact, IncidentId, IncidentStage, IncidentUpdatePublished, InstanceId, PageScheme,
    ShownInstance, StatusLogo, StatusPageId, StatusPublished, TicketId,
};
use serde::{Deserialize, Serialize};
use spans::Instant;
use status::{Accent, Paper};
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    planned::acted,
    receipt::Receipt,
    request::Nothing,
    sent::Sent,
    shape::At,
};
use crate::server::{App, BODY_BYTES_MAX, Problem, Route, Viewer, status::PREFIX};

const TAG: &str = "Status page";
const PAGE: &str = "/api/v1/clients/{client}/status-page";
/// Bytes of a body with an image that is looked at, so that one that is too large is told how large it is.
const LOGO_ROOM: usize = (1 << 20) / 3 * 4 + BODY_BYTES_MAX;
/// Digits of a secret: as many as those that we draw.
const SECRET_DIGITS: usize = 40;

pub(super) fn routes() -> Vec<Route> {
    let read = Operation::read::<StatusPageShape>(
        TAG,
        "read_status_page",
        "How the client's status page is set up.",
    );
    let put = Operation::act::<NewStatusPageBody, Receipt>(
        TAG,
        "publish_status_page",
        "Puts the client's status page up, or changes all of it. It is there with the answer.",
    );
    let withdraw = Operation::act::<Nothing, Receipt>(
        TAG,
        "withdraw_status_page",
        "Takes the client's status page down.",
    );
    let tell = Operation::act::<NewUpdateBody, Receipt>(
        TAG,
        "tell_public",
        "Tells the public of an incident, on the status page and whoever subscribed to it. The id in the answer is the page's.",
    );
    let logo = Operation::act::<NewLogoBody, Receipt>(
        TAG,
        "set_status_logo",
        "Puts an image at the head of the status page, in place of the one before. All else of the page stays.",
    );
    let no_logo = Operation::act::<Nothing, Receipt>(
        TAG,
        "remove_status_logo",
        "Takes the image at the head of the status page away.",
    );
    vec![
        Route::post("/api/v1/clients/{client}/status-page/logo", Action::EditStatus, set_logo)
            .taking(LOGO_ROOM)
            .told(logo),
        Route::post("/api/v1/clients/{client}/status-page/logo/remove", Action::EditStatus, remove_logo)
            .told(no_logo),
        Route::get(PAGE, Action::EditStatus, page).told(read),
        Route::post(PAGE, Action::EditStatus, publish).told(put),
        Route::post("/api/v1/clients/{client}/status-page/withdraw", Action::EditStatus, take_down)
            .told(withdraw),
        Route::post("/api/v1/clients/{client}/status-page/updates", Action::TellPublic, tell_public)
            .told(tell),
    ]
}

/// How a status page is set up.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusPage)]
pub(crate) struct StatusPageShape {
    /// Its name in its address.
    page: String,
    title: String,
    audience: Audience,
    /// Its whole address, where it has one that may be told: anybody may see it.
    url: Option<String>,
    domain: Option<String>,
    /// Its colour, as `#1f4e8c`.
    accent: Option<String>,
    /// What that colour comes to; none without one.
    contrast: Option<ContrastShape>,
    scheme: Option<Scheme>,
    back: Option<BackShape>,
    /// What stands at its foot.
    footer: Option<String>,
    logo: Option<LogoShape>,
    components: Vec<ShownShape>,
    /// When a page of that name was put up first.
    since: At,
    changed_at: At,
}

/// The paper of a page whatever its reader prefers; none for what the reader does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Scheme {
    Light,
    Dark,
}

impl From<PageScheme> for Scheme {
    fn from(scheme: PageScheme) -> Scheme {
        match scheme {
            PageScheme::Light => Scheme::Light,
            PageScheme::Dark => Scheme::Dark,
        }
    }
}

impl From<Scheme> for PageScheme {
    fn from(scheme: Scheme) -> PageScheme {
        match scheme {
            Scheme::Light => PageScheme::Light,
            Scheme::Dark => PageScheme::Dark,
        }
    }
}

/// How well words of the page's colour can be read on either paper, as `4.52` for 4.52 to 1 (WCAG 2.2, 1.4.3). From 4.50 on links and
/// buttons have the colour there; below it the edge alone.
#[derive(Serialize, ToSchema)]
#[schema(as = AccentContrast)]
pub(crate) struct ContrastShape {
    light: String,
    dark: String,
}

impl ContrastShape {
    fn of(accent: &str) -> Option<ContrastShape> {
        let accent: Accent = accent.parse().ok()?;
        let on = |paper| accent.contrast(paper).to_string();
        Some(ContrastShape { light: on(Paper::Light), dark: on(Paper::Dark) })
    }
}

/// The client's own site, which the page leads back to.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BackLink)]
pub(crate) struct BackShape {
    /// What the link says, in up to 60 characters.
    label: String,
    /// An https: address.
    url: String,
}

/// The image at the head of a page.
#[derive(Serialize, ToSchema)]
#[schema(as = StatusLogo)]
pub(crate) struct LogoShape {
    /// What it says to those who do not see it.
    alt: String,
    /// `image/png`, `image/jpeg` or `image/webp`.
    media: String,
    bytes: u64,
    width: u32,
    height: u32,
    sha256: String,
}

impl From<StatusLogo> for LogoShape {
    fn from(logo: StatusLogo) -> LogoShape {
        let StatusLogo { sha256, media, bytes, width, height, alt } = logo;
        LogoShape { alt, media, bytes, width, height, sha256 }
    }
}

/// Who may see a page: the client's people; they and whoever has its secret address; or anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Audience {
    People,
    Secret,
    Public,
}

/// A system on the page.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ShownSystem)]
pub(crate) struct ShownShape {
    /// The instance.
    #[schema(value_type = String)]
    instance: InstanceId,
    /// What the public calls it.
    name: String,
    /// What it is, in a sentence.
    #[serde(default)]
    about: Option<String>,
}

async fn page(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.book(&client, |book, _| book.status_set()).await?.ok_or(Problem::NotFound)?;
    known.answer(&told(&app, found))
}

fn told(app: &App, StatusSet { set, since, changed }: StatusSet) -> StatusPageShape {
    let audience = match (set.public, &set.key) {
        (true, _) => Audience::Public,
        (false, Some(_)) => Audience::Secret,
        (false, None) => Audience::People,
    };
    let below = || format!("{}{PREFIX}{}", app.config().origin(), set.page);
    let shown = |one: ShownInstance| ShownShape { instance: one.instance, name: one.name, about: one.about };
    StatusPageShape {
        url: (audience == Audience::Public).then(below),
        page: set.page.to_string(),
        title: set.title,
        audience,
        domain: set.domain,
        contrast: set.accent.as_deref().and_then(ContrastShape::of),
        accent: set.accent,
        scheme: set.scheme.map(Scheme::from),
        back: set.back.map(|back| BackShape { label: back.label, url: back.url }),
        footer: set.footer,
        logo: set.logo.map(LogoShape::from),
        components: set.components.into_iter().map(shown).collect(),
        since: since.into(),
        changed_at: changed.into(),
    }
}

/// A status page as it is to be: what is left out is taken away. Its logo stays, and has operations of its own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStatusPage)]
pub(crate) struct NewStatusPageBody {
    /// Its name in its address: up to 40 lower-case letters, digits and hyphens.
    page: String,
    title: String,
    audience: Audience,
    /// For the audience `secret`: forty hexadecimal digits that you drew. Its address ends in them, and only their digest is kept. Left
    /// out, the one that stands goes on.
    #[serde(default)]
    secret: Option<String>,
    /// A host name of its own, for a page that anybody may see.
    #[serde(default)]
    domain: Option<String>,
    /// Its colour, as `#1f4e8c`: that of its edge, and of links and buttons where they can be read in it.
    #[serde(default)]
    accent: Option<String>,
    #[serde(default)]
    scheme: Option<Scheme>,
    #[serde(default)]
    back: Option<BackShape>,
    /// What stands at its foot, in up to 300 characters.
    #[serde(default)]
    footer: Option<String>,
    components: Vec<ShownShape>,
}

async fn publish(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewStatusPageBody>,
) -> Result<Json<Receipt>, Problem> {
    if sent.body.domain.as_deref().is_some_and(|domain| app.config().is_taken(domain)) {
        return Err(wrong("domain", "that is the name of this portal: the page needs one of its own"));
    }
    let before = app.book(&client, |book, _| book.status_set()).await?;
    let set = read(&sent.body, before.and_then(|before| before.set.key))?;
    let place = ("status-page", set.page.to_string());
    acted(&app, &viewer, client, place, sent, |control, client, _, by, now| {
        control.publish_status(client, set, by, now)
    })
    .await
}

fn read(body: &NewStatusPageBody, stands: Option<String>) -> Result<StatusPublished, Problem> {
    let key = match (body.audience, &body.secret) {
        (Audience::Secret, Some(secret)) if is_secret(secret) => Some(status_key(secret)),
        (Audience::Secret, None) if stands.is_some() => stands,
        (Audience::Secret, _) => {
            return Err(wrong("secret", "write forty hexadecimal digits, in lower case"));
        }
        (_, Some(_)) => return Err(wrong("secret", "only a page of the audience `secret` has one")),
        (_, None) => None,
    };
    let shown = |one: &ShownShape| ShownInstance {
        instance: one.instance.clone(),
        name: one.name.clone(),
        about: one.about.clone(),
    };
    let page: Option<StatusPageId> = body.page.parse().ok();
    Ok(StatusPublished {
        page: page.ok_or_else(|| wrong("page", "write it in lower-case letters, digits and hyphens"))?,
        title: body.title.clone(),
        public: body.audience == Audience::Public,
        key,
        domain: body.domain.clone(),
        accent: body.accent.clone(),
        scheme: body.scheme.map(PageScheme::from),
        back: body.back.as_ref().map(|back| BackLink { label: back.label.clone(), url: back.url.clone() }),
        footer: body.footer.clone(),
        // That is changed by itself.
        logo: None,
        components: body.components.iter().map(shown).collect(),
    })
}

fn is_secret(text: &str) -> bool {
    text.len() == SECRET_DIGITS && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

fn wrong(field: &str, why: &str) -> Problem {
    control::live::NotDone::Wrong { field: field.to_owned(), why: why.to_owned() }.into()
}

async fn take_down(
    Write { app, viewer, place: client, sent }: Write<ClientId, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let found = app.book(&client, |book, _| book.status_set()).await?.ok_or(Problem::NotFound)?;
    let page = found.set.page;
    let place = ("status-page", page.to_string());
    acted(&app, &viewer, client, place, sent, move |control, client, _, by, now| {
        control.withdraw_status(client, &page, by, now)
    })
    .await
}

/// An image for the head of the page.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewStatusLogo)]
pub(crate) struct NewLogoBody {
    /// A PNG, JPEG or WebP that stands still, in base64 (RFC 4648, section 4), of up to 64 KiB and 2,000 pixels a side. Left out, the one
    /// that is there stays, with other words.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Byte)]
    image: Option<String>,
    /// What it says to those who do not see it, in up to 120 characters.
    alt: String,
}

async fn set_logo(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewLogoBody>,
) -> Result<Json<Receipt>, Problem> {
    let bytes = sent.body.image.as_ref().map(|image| STANDARD.decode(image)).transpose();
    let bytes = bytes.map_err(|_| wrong("image", "write it in base64 (RFC 4648, section 4)"))?;
    let logo = NewLogo { bytes, alt: sent.body.alt.clone() };
    change_logo(&app, &viewer, client, sent, Some(logo)).await
}

async fn remove_logo(
    Write { app, viewer, place: client, sent }: Write<ClientId, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    change_logo(&app, &viewer, client, sent, None).await
}

async fn change_logo<B: Send + 'static>(
    app: &App,
    viewer: &Viewer,
    client: ClientId,
    sent: Sent<B>,
    logo: Option<NewLogo>,
) -> Result<Json<Receipt>, Problem> {
    let found = app.book(&client, |book, _| book.status_set()).await?;
    let page = found.map_or_else(String::new, |found| found.set.page.to_string());
    acted(app, viewer, client, ("status-page", page), sent, |control, client, _, by, now| {
        control.set_status_logo(client, logo, by, now)
    })
    .await
}

/// What the public is told of an incident.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPublicUpdate)]
pub(crate) struct NewUpdateBody {
    /// The incident that it goes on with, as the page's `/status.json` names it, up to 90 days after it is over; none for a new one.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    incident: Option<IncidentId>,
    title: String,
    /// `investigating`, `identified`, `monitoring`, `resolved` or `postmortem`.
    stage: String,
    /// `down`, `degraded` or `none`.
    impact: String,
    /// The systems it is about; none for those it was about before, and for all of the page in a new one.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    instances: Vec<InstanceId>,
    /// What is told. Anybody who sees the page reads it, and it stays on record.
    message: String,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_update_by: Option<Instant>,
    /// The request that it is, for the provider's own pages.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    request: Option<TicketId>,
}

async fn tell_public(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewUpdateBody>,
) -> Result<Json<Receipt>, Problem> {
    if let Some(ticket) = sent.body.request.clone() {
        let of = client.clone();
        let known = app.ask_control(move |control, now| control.incident(&of, &ticket, now)).await?;
        known.ok_or_else(|| wrong("request", "there is no such request of the client"))?;
    }
    let found = app.book(&client, |book, _| book.status_set()).await?;
    let page = found.map_or_else(String::new, |found| found.set.page.to_string());
    let update = update(&sent.body)?;
    acted(&app, &viewer, client, ("status-page", page), sent, |control, client, _, by, now| {
        control.tell_public(client, update, by, now)
    })
    .await
}

fn update(body: &NewUpdateBody) -> Result<IncidentUpdatePublished, Problem> {
    let stages = "it is investigating, identified, monitoring, resolved or postmortem";
    let new = || NEW_INCIDENT.parse().map_err(|_| wrong("incident", "it has no number"));
    Ok(IncidentUpdatePublished {
        incident: body.incident.clone().map_or_else(new, Ok)?,
        title: body.title.clone(),
        stage: IncidentStage::named(&body.stage).ok_or_else(|| wrong("stage", stages))?,
        impact: Impact::named(&body.impact).ok_or_else(|| wrong("impact", "it is down, degraded or none"))?,
        instances: body.instances.clone(),
        message: body.message.clone(),
        next_update_by: body.next_update_by,
        request: body.request.clone(),
    })
}
