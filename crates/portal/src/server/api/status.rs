//! The status page of a client: how it is set up, and what the public is told. What the page says has ways out of its own
//! (`docs/status.md`), which need no token.

use axum::{Json, response::Response};
use control::live::{
    command::{NEW_INCIDENT, status_key},
    query::StatusSet,
};
use desk::policy::Action;
use facts::{
    ClientId, Impact, IncidentId, IncidentStage, IncidentUpdatePublished, InstanceId, ShownInstance,
    StatusPageId, StatusPublished, TicketId,
};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    planned::acted,
    receipt::Receipt,
    request::Nothing,
    shape::At,
};
use crate::server::{App, Problem, Route, status::PREFIX};

const TAG: &str = "Status page";
const PAGE: &str = "/api/v1/clients/{client}/status-page";
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
    vec![
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
    accent: Option<String>,
    components: Vec<ShownShape>,
    /// When a page of that name was put up first.
    since: At,
    changed_at: At,
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
        accent: set.accent,
        components: set.components.into_iter().map(shown).collect(),
        since: since.into(),
        changed_at: changed.into(),
    }
}

/// A status page as it is to be: what is left out is taken away.
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
    /// The colour of its edge, as `#1f4e8c`.
    #[serde(default)]
    accent: Option<String>,
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
