//! A request that came another way, by telephone, mail or chat: written down by the provider's people for whoever asked, with when it
//! came in (SH-REQ-03, A-27, A-41). It is the same request with the same clocks; who wrote it down stands beside it as a note.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book, Control, NotDone,
    command::{By, Deed},
};
use desk::policy::Action;
use facts::{Actor, ClientId, HeldId, RequestReceived, TicketId};
use journal::people::{Person, Standing};
use spans::Instant;

use super::{Begun, CHANNEL, choice::Choices, held, held_in, instance_field, places, request};
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Minute, Pick, Refused, Sent, new_key},
    moment::{minute, path},
    page,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/tickets/record", Action::RecordTicket, form),
        Route::post("/clients/{client}/tickets/record", Action::RecordTicket, send),
    ]
}

#[derive(Template)]
#[template(path = "ticket_record.html")]
struct RecordPage {
    shell: Shell,
    client: ClientId,
    key: String,
    fields: Vec<String>,
    text: String,
    /// The held message of which a contact wants a request.
    held: Option<String>,
    choices: Choices,
    refused: Option<Refused>,
    /// Whether there is anybody who could have asked.
    somebody: bool,
    /// Whether a message of somebody else is held under this agreement (SH-DEF-11).
    holds: bool,
}

/// What the page is made from.
struct Known {
    choices: Choices,
    instances: Vec<(String, String)>,
    channels: Vec<(String, String)>,
    people: Vec<Person>,
    holds: bool,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
    Query(begun): Query<Begun>,
) -> Result<Response, Problem> {
    let Some(message) = begun.held else { return show(&app, shell, client, Sent::default(), None).await };
    match held::begun(&app, &client, message).await? {
        Some(begun) => show(&app, shell, client, begun, None).await,
        None => {
            let refused = Some(Refused::because(held::HELD_NO_LONGER));
            show(&app, shell, client, Sent::default(), refused).await
        }
    }
}

async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let (typed, of) = (sent.clone(), client.clone());
    let known = app.ask_control(move |control, now| known(control, &of, &typed, now)).await?;
    let known = known.ok_or(Problem::NotFound)?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let below = format!("/clients/{client}/tickets");
    let response = page(&RecordPage {
        shell: shell.of(&client).titled("Write down a request").at(Section::Tickets).below("Tickets", &below),
        key: new_key()?,
        fields: fields(&known, &sent),
        text: text_field(&sent),
        held: sent.given("held").map(str::to_owned),
        somebody: !known.people.is_empty(),
        holds: known.holds,
        choices: known.choices,
        refused,
        client,
    })?;
    Ok((status, response).into_response())
}

fn known(control: &Control, client: &ClientId, sent: &Sent, now: Instant) -> journal::Result<Option<Known>> {
    let mut people = control.journal().read(|tx| tx.people())?;
    people.retain(|person| {
        person.standing == Standing::Of(client.clone()) && person.disabled.is_none_or(|since| now < since)
    });
    people.sort_by(|a, b| a.name.cmp(&b.name));
    let read = |book: &Book| Known {
        choices: Choices::of(book, sent, now),
        instances: places(book),
        channels: channels(book),
        people: people.clone(),
        holds: book.holds_strangers(now),
    };
    control.read(client, now, read)
}

/// Every way of the agreement but this one; that of another tier too: it is logged all the same.
pub(in crate::server::ticket) fn channels(book: &Book) -> Vec<(String, String)> {
    let agreement = book.versions().map(|versions| versions.latest().agreement());
    let names = agreement.into_iter().flat_map(|agreement| agreement.channel.keys());
    names.filter(|name| *name != CHANNEL && *name != "api").map(|name| (name.clone(), name.clone())).collect()
}

pub(in crate::server::ticket) fn came_in(sent: &Sent, hint: &str) -> Minute {
    let (hint, value) = (hint.to_owned(), sent.get("at").to_owned());
    Minute { id: "at", name: "at", label: "When it came in", hint, value, required: false }
}

fn fields(known: &Known, sent: &Sent) -> Vec<String> {
    let pick = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        let value = sent.get(name).to_owned();
        Pick { id: name, name, label, hint: String::new(), options, value }.to_string()
    };
    let people = known.people.iter().map(|person| (person.id.clone(), person.name.clone())).collect();
    let measured = "Nothing means now. Its clocks run from then where the agreement says so.";
    let came = came_in(sent, measured);
    let (who, when) = match sent.given("held") {
        None => ("Who asked", came),
        Some(_) => ("Which contact wants it", Minute { label: "When the contact said so", ..came }),
    };
    let mut fields = vec![
        pick("from", who, people),
        pick("channel", "By which way", known.channels.clone()),
        when.to_string(),
        Field::text("title", "What it is about").value(sent.get("title")).to_string(),
    ];
    fields.extend(instance_field(&known.instances, sent));
    fields
}

fn text_field(sent: &Sent) -> String {
    let area = Area {
        id: "text",
        name: "text",
        label: "What was said",
        hint: "In their words, as far as you have them. The client reads it.".to_owned(),
        value: sent.get("text").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    area.to_string()
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("record")?;
    let at = match sent.given("at").map(|_| sent.minute("at").ok_or(())) {
        None => None,
        Some(Ok(at)) => Some(at),
        Some(Err(())) => {
            let why = format!("`{}` is no time: write it as 2026-03-09T18:00.", sent.get("at"));
            return show(&app, shell, client, sent, Some(Refused::because(&why))).await;
        }
    };
    let request =
        RequestReceived { channel: sent.get("channel").to_owned(), ..request(sent.get("choice"), &sent) };
    let (of, words, from) = (client.clone(), sent.get("text").to_owned(), sent.get("from").to_owned());
    let (confirmed, held) = (sent.given("confirm").is_some(), held_in(&sent)?);
    let writer = viewer.actor();
    let record = move |control: &Control, now: Instant| {
        let asker = asker(control, &of, &from)?;
        let since = at.filter(|_| is_measured(control, &of, &request.channel, now));
        let by = By { key: Some(key), confirmed, at: since, ..By::new(asker) };
        // SH-DEF-11: the contact's word makes a request of it, whoever writes that down.
        let (ticket, done) = match &held {
            Some(held) => control.receive_held(&of, held, request, words, by, now)?,
            None => control.receive(&of, request, words, by, now)?,
        };
        if !done.already {
            note(control, &of, &ticket, writer, (held, at), now)?;
        }
        Ok(ticket)
    };
    match app.attempt(record).await? {
        Ok(ticket) => {
            let to = path(&client, &["tickets", ticket.as_str()]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, sent, Some(refused)).await,
    }
}

/// MP-SLO-11: by a way that the tier has and whose objectives hold, time counts from when it came in; else from when it is
/// written down.
fn is_measured(control: &Control, client: &ClientId, channel: &str, now: Instant) -> bool {
    let read = |book: &Book| {
        let terms = book.versions()?.latest().terms();
        let agreement = terms.agreement();
        let known = agreement.channel.get(channel)?;
        let written = agreement
            .channels
            .as_ref()
            .is_some_and(|all| all.agreed_in_writing.iter().any(|one| one == channel));
        let of_tier =
            known.tiers.is_empty() || known.tiers.iter().any(|tier| Some(tier.as_str()) == terms.tier());
        Some(of_tier && (written || known.slo != Some(false)))
    };
    control.read(client, now, read).ok().flatten().flatten().unwrap_or(false)
}

/// Who asked: one of this client's people, with the roles they hold.
fn asker(control: &Control, client: &ClientId, id: &str) -> Result<Actor, NotDone> {
    let found = control.journal().read(|tx| tx.people())?.into_iter().find(|person| person.id == id);
    let found = found.filter(|person| person.standing == Standing::Of(client.clone()));
    let unknown = || NotDone::Wrong { field: "from".to_owned(), why: "choose who asked".to_owned() };
    let person = found.ok_or_else(unknown)?;
    Ok(Actor { roles: person.roles, ..Actor::client(&person.id) })
}

/// Who wrote it down, for the provider's people.
fn note(
    control: &Control,
    client: &ClientId,
    ticket: &TicketId,
    writer: Actor,
    (held, at): (Option<HeldId>, Option<Instant>),
    now: Instant,
) -> Result<(), NotDone> {
    let when = minute(at.unwrap_or(now));
    let text = match held {
        None => format!("I wrote this request down; it came in {when}."),
        Some(held) => {
            format!("I wrote this request down; the contact said {when} that message {held} is one.")
        }
    };
    control.do_about(client, ticket, Deed::Note, Some(text), By::new(writer), now).map(drop)
}
