//! Settings: how this portal is set up, for the provider's people to look at. What stands in the settings file is changed there; what
//! programs come in by is ended here, and who came in is told to administrators.

mod audit;
mod calendars;
mod status;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use control::live::Control;
use desk::policy::{Action, Resource};
use door::secret;
use facts::{ClientId, VantageId};
use journal::{
    Hash,
    delivery::Sent as Delivery,
    people::{ApiToken, Person},
    vantage::VantagePoint,
};
use spans::{Instant, Length};

use self::{audit::Event, calendars::Calendar, status::StatusLine};
use super::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::Sent,
    moment::{away, minute, time},
    page,
    second::needed,
};
use crate::{
    part::{State as Word, badge},
    when::about,
};

/// How far back notices are looked for that never arrived, and how many are shown of them and of those that wait.
const LOST_SINCE: Length = Length::from_hours(24 * 7);
const NOTICES_MAX: u64 = 20;
/// API tokens on the page.
const TOKENS_MAX: u64 = 200;
/// What happened at the door, on this page; the rest has a page of its own.
const EVENTS_MAX: u64 = 10;
/// A vantage point that was not heard for so long is told as silent: it reports at least each minute.
const SILENT_AFTER: Length = Length::from_minutes(5);

pub(crate) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/settings", Action::ReadSettings, settings),
        Route::post("/settings/tokens/end", Action::EditSettings, end_token),
    ];
    own.into_iter().chain(audit::routes()).collect()
}

/// Where somebody looks from.
struct Vantage {
    name: String,
    clients: String,
    joined: String,
    heard: String,
    stands: String,
}

/// What a program comes in by.
struct Token {
    person: String,
    who: String,
    name: String,
    scope: String,
    used: String,
    ends: String,
    hash: String,
}

/// A notice that waits, or never arrived.
struct Undelivered {
    at: String,
    person: String,
    way: String,
    why: String,
    waits: bool,
}

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage {
    shell: Shell,
    /// Name and value of what this server is.
    server: Vec<(&'static str, String)>,
    vantages: Vec<Vantage>,
    calendars: Vec<(ClientId, Vec<Calendar>)>,
    status_pages: Vec<StatusLine>,
    mail: bool,
    push: bool,
    waiting: Vec<(&'static str, u64)>,
    undelivered: Vec<Undelivered>,
    tokens: Vec<Token>,
    administrator: bool,
    events: Option<Vec<Event>>,
    /// Where canned answers are kept, for those who keep them.
    answers: Option<&'static str>,
}

/// What the page is made from.
struct Found {
    vantages: Vec<VantagePoint>,
    /// When each place that looks was last heard, by name: this machine's own is not invited, and is known by its answers only.
    heard: BTreeMap<String, Instant>,
    calendars: Vec<(ClientId, Vec<Calendar>)>,
    clients: Vec<ClientId>,
    people: BTreeMap<String, String>,
    tokens: Vec<ApiToken>,
    lost: Vec<Delivery>,
    waiting: Vec<Delivery>,
    counts: [u64; 2],
    events: Option<Vec<journal::people::DoorEvent>>,
    call_wait: Length,
}

async fn settings(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    let administrator = viewer.may(Action::EditSettings, &Resource::Provider);
    let audit = viewer.may(Action::ReadAudit, &Resource::Provider);
    let own = viewer.person.id.clone();
    let whose = (!administrator).then_some(own);
    let found = app.ask_control(move |control, now| gather(control, whose.as_deref(), audit, now)).await?;
    let (now, ways) = (app.now(), app.ways());
    let name = |id: &str| found.people.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let undelivered = found.waiting.iter().map(|one| undelivered(one, name, now));
    let undelivered = undelivered.chain(found.lost.iter().map(|one| self::undelivered(one, name, now)));
    page(&SettingsPage {
        server: server(&app, found.call_wait),
        vantages: vantages(&found, &shell, now),
        mail: ways.mail,
        push: ways.push_key.is_some(),
        waiting: vec![("by mail", found.counts[0]), ("by push", found.counts[1])],
        undelivered: undelivered.collect(),
        tokens: found.tokens.iter().map(|token| self::token(token, name, &shell, now)).collect(),
        events: found
            .events
            .as_ref()
            .map(|events| events.iter().map(|one| audit::event(one, name)).collect()),
        administrator,
        answers: shell.place("/answers"),
        calendars: found.calendars,
        status_pages: status::of_all(&app.0.control, found.clients, &viewer),
        shell: shell.titled("Settings").at(Section::Settings),
    })
}

/// Names of everybody, by id.
fn names(people: Vec<Person>) -> BTreeMap<String, String> {
    people.into_iter().map(|person| (person.id, person.name)).collect()
}

fn gather(control: &Control, whose: Option<&str>, audit: bool, now: Instant) -> journal::Result<Found> {
    let mut heard = BTreeMap::new();
    let clients = control.known_clients()?;
    for client in &clients {
        let seen = control.read(client, now, |book| book.heard(now))?.unwrap_or_default();
        for (vantage, at) in seen {
            let last = heard.entry(vantage).or_insert(at);
            *last = at.max(*last);
        }
    }
    let calendars = calendars::of_all(control, now)?;
    let call_wait = control.call_wait();
    control.journal().read(|tx| {
        let tokens = match whose {
            Some(own) => tx.tokens(own)?,
            None => tx.all_tokens(now, TOKENS_MAX)?,
        };
        Ok(Found {
            vantages: tx.vantages()?,
            people: names(tx.people()?),
            tokens,
            lost: tx.lost_deliveries(now - LOST_SINCE, NOTICES_MAX)?,
            waiting: tx.waiting_deliveries(NOTICES_MAX)?,
            counts: [tx.count_waiting("mail")?, tx.count_waiting("push")?],
            events: if audit { Some(tx.all_door_events(Instant::MAX, EVENTS_MAX)?) } else { None },
            heard,
            calendars,
            clients,
            call_wait,
        })
    })
}

fn server(app: &App, call_wait: Length) -> Vec<(&'static str, String)> {
    let config = app.config();
    let asked = if config.asks_second_factor() { "asked of the provider's people" } else { "not asked" };
    let elsewhere =
        config.place_elsewhere().map_or_else(|| "not set up".to_owned(), |place| place.name.clone());
    vec![
        ("Address", config.origin().to_owned()),
        ("Version", format!("{}, tzdata {}", env!("CARGO_PKG_VERSION"), spans::tzdata())),
        ("Second factor", asked.to_owned()),
        ("Signing in elsewhere", elsewhere),
        ("A call waits", format!("{} for each person", about(call_wait))),
    ]
}

fn vantages(found: &Found, shell: &Shell, now: Instant) -> Vec<Vantage> {
    let invited = found.vantages.iter().map(|point| vantage(point, shell, now));
    let is_invited = |name: &str| found.vantages.iter().any(|point| point.name.as_str() == name);
    let own = found.heard.iter().filter(|(name, _)| !is_invited(name)).map(|(name, at)| Vantage {
        name: name.clone(),
        clients: "everybody's".to_owned(),
        joined: "–".to_owned(),
        heard: heard(*at, now),
        stands: if *at + SILENT_AFTER < now {
            badge(Word::Risk, "silent")
        } else {
            badge(Word::Kept, "looking")
        },
    });
    invited.chain(own).collect()
}

fn heard(at: Instant, now: Instant) -> String {
    format!("{} <span class=\"soft\">{}</span>", time(at, now), away(at, now))
}

fn vantage(point: &VantagePoint, shell: &Shell, now: Instant) -> Vantage {
    let stands = match (point.revoked, point.joined, point.seen) {
        (Some(_), ..) => badge(Word::Unknown, "revoked"),
        (_, None, _) if point.token_ends <= now => badge(Word::Missed, "invitation ran out"),
        (_, None, _) => badge(Word::Risk, "invited"),
        (_, _, Some(at)) if now < at + SILENT_AFTER => badge(Word::Kept, "looking"),
        _ => badge(Word::Risk, "silent"),
    };
    let clients = point.clients.as_ref().map_or_else(
        || "everybody's".to_owned(),
        |clients| clients.iter().map(|client| shell.name_of(client)).collect::<Vec<_>>().join(", "),
    );
    let name: &VantageId = &point.name;
    Vantage {
        name: name.to_string(),
        clients,
        joined: point.joined.map_or_else(|| "–".to_owned(), |at| time(at, now)),
        heard: point.seen.map_or_else(|| "<span class=\"soft\">never</span>".to_owned(), |at| heard(at, now)),
        stands,
    }
}

fn undelivered(one: &Delivery, name: impl Fn(&str) -> String, now: Instant) -> Undelivered {
    Undelivered {
        at: time(one.done.unwrap_or(one.due), now),
        person: name(&one.person),
        way: one.way.clone(),
        why: one.fate.clone(),
        waits: one.done.is_none(),
    }
}

fn token(token: &ApiToken, name: impl Fn(&str) -> String, shell: &Shell, now: Instant) -> Token {
    let mut scope = vec![if token.writes { "reads and writes" } else { "reads only" }.to_owned()];
    scope.extend(token.client.as_ref().map(|client| shell.name_of(client)));
    scope.extend(token.roles.as_ref().map(|roles| roles.join(", ")));
    Token {
        who: name(&token.person),
        person: token.person.clone(),
        name: token.name.clone(),
        scope: scope.join("; "),
        used: token.used.map_or_else(|| "<span class=\"soft\">never</span>".to_owned(), |at| time(at, now)),
        ends: minute(token.ends),
        hash: secret::hex(token.hash.as_bytes()),
    }
}

/// Ends a program's token, whoever made it.
async fn end_token(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, "/settings") {
        return Ok(again);
    }
    let person = sent.get("person").to_owned();
    let hash: Hash = sent.get("hash").parse().map_err(|_| Problem::NotFound)?;
    let of = person.clone();
    let ended = app.ask(move |journal| journal.write(move |tx| tx.end_token(&of, hash))).await?;
    if !ended {
        return Err(Problem::NotFound);
    }
    app.note(&person, "API token ended", Some(&viewer.person.id), String::new()).await?;
    Ok(Redirect::to(&format!("/settings?done={}", Notice::TokenEnded.word())).into_response())
}
