//! A person's data: what is kept of them, to be taken along, and taken away (GDPR, articles 15, 17, 20).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Redirect, Response},
};
use control::live::Control;
use desk::policy::Action;
use facts::{Body as Said, ClientId, Fact};
use journal::{Journal, Tx, people::Person};
use serde::Deserialize;
use serde_json::{Value, json};
use spans::Instant;
use tokio::sync::mpsc;

use super::{Asked, theirs};
use crate::server::{App, Notice, Problem, Route, Viewer, moment::path, second::needed};

/// Entries that are read at once.
const ENTRIES: usize = 1_000;
/// Parts of a file that wait to be sent.
const PIECES: usize = 4;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/people/{person}/export", Action::ExportPerson, of_client),
        Route::get("/account/export", Action::ReadOwn, of_oneself),
        Route::post("/clients/{client}/people/erase", Action::ErasePerson, erase),
    ]
}

#[derive(Deserialize)]
struct Of {
    client: ClientId,
    person: String,
}

async fn of_client(State(app): State<App>, viewer: Viewer, Path(of): Path<Of>) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, &path(&of.client, &["people"])) {
        return Ok(again);
    }
    let person = theirs(&app, &of.client, &of.person).await?;
    let own = person.id == viewer.person.id;
    export(&app, &viewer, person, own || viewer.is_staff()).await
}

async fn of_oneself(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, "/account") {
        return Ok(again);
    }
    let person = viewer.person.clone();
    export(&app, &viewer, person, true).await
}

/// As a file of JSON. Where and by what somebody comes in, where notices reach them and what they have not sent is no colleague's to
/// read. What they did is read and sent page by page: however much it is, little of it is held.
pub(crate) async fn export(
    app: &App,
    viewer: &Viewer,
    person: Person,
    whole: bool,
) -> Result<Response, Problem> {
    let (id, name) = (person.id.clone(), format!("attachment; filename=\"{}.json\"", person.id));
    let of = person.clone();
    let head = app.ask_control(move |control, now| about(control.journal(), &of, whole, now)).await?;
    let head = serde_json::to_string_pretty(&head).map_err(|e| Problem::internal(&e))?;
    app.note(&id, "data exported", Some(&viewer.person.id), String::new()).await?;
    let (sender, receiver) = mpsc::channel(PIECES);
    let app = app.clone();
    tokio::spawn(async move {
        let pieces = sender.clone();
        let written =
            app.ask_control(move |control, _| write_acts(control.journal(), &person, &head, &pieces));
        if written.await.is_err() {
            // A file that ends in the middle is seen to be broken; one that ended well would not be.
            let _ = sender.send(Err(io::Error::other("the store could not be read"))).await;
        }
    });
    let headers = [(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)];
    Ok((headers, Body::from_stream(Pieces(receiver))).into_response())
}

/// A part of the file.
type Piece = io::Result<Bytes>;

/// The receiving end as the stream that axum asks for.
struct Pieces(mpsc::Receiver<Piece>);

impl futures_core::Stream for Pieces {
    type Item = Piece;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Piece>> {
        self.0.poll_recv(context)
    }
}

/// Everything that is kept of a person beside what they did, without what opens a door; `whole`: with what is theirs alone, how they
/// come in and what stands at their desk.
fn about(journal: &Journal, person: &Person, whole: bool, now: Instant) -> journal::Result<Value> {
    let mut all = json!({
        "person": {
            "id": person.id, "login": person.login, "name": person.name, "roles": person.roles,
            "skills": person.skills, "side": person.standing.side().name(),
            "client": person.standing.client().map(ClientId::as_str),
            "created": person.created.to_string(),
            "effective": person.effective.map(|at| at.to_string()),
            "disabled": person.disabled.map(|at| at.to_string()),
            "reviewed": person.reviewed.map(|at| at.to_string()),
            "leaves": person.leaves.map(|at| at.to_string()),
        },
    });
    if whole && let Some(all) = all.as_object_mut() {
        all.insert("at_the_desk".to_owned(), desk_of(journal, person)?);
        all.insert("door".to_owned(), door_of(journal, person, now)?);
    }
    Ok(all)
}

/// What is known of them, what they did, and the files they attached, one after the other. Who reads no further ends it.
fn write_acts(
    journal: &Journal,
    person: &Person,
    head: &str,
    to: &mpsc::Sender<Piece>,
) -> journal::Result<()> {
    let send = |text: String| to.blocking_send(Ok(text.into())).is_ok();
    let mut files = Vec::new();
    let open = head.strip_suffix("\n}").unwrap_or("{");
    if !send(format!("{open},\n  \"acts\": [")) {
        return Ok(());
    }
    let mut comma = "";
    for client in clients_of(journal, person)? {
        let mut after = Some(0);
        while let Some(from) = after {
            let (acts, next) = some_acts(journal, &client, &person.id, from)?;
            after = next;
            let texts = journal.read(|tx| tx.texts(&client, acts.iter().map(|fact| fact.id)))?;
            let mut page = String::new();
            for fact in &acts {
                files.extend(file_of(journal, &client, fact)?);
                let act = json!({ "client": client.as_str(), "at": fact.at.to_string(), "fact": fact,
                    "text": texts.get(&fact.id) });
                page.push_str(comma);
                page.push_str(&format!("\n    {act}"));
                comma = ",";
            }
            if !send(page) {
                return Ok(());
            }
        }
    }
    let files = Value::from(files);
    send(format!("\n  ],\n  \"files\": {files}\n}}\n"));
    Ok(())
}

/// A file that a fact attached: what its sender called it.
fn file_of(journal: &Journal, client: &ClientId, fact: &Fact) -> journal::Result<Option<Value>> {
    let Said::FileAttached(file) = &fact.body else { return Ok(None) };
    let kept = journal.read(|tx| tx.file(client, &file.file.0))?;
    Ok(kept.map(|kept| {
        json!({ "client": client.as_str(), "file": file.file.as_str(), "name": kept.name, "media": kept.media,
            "bytes": kept.size, "added": kept.added.to_string(), "gone": kept.gone })
    }))
}

/// What they began to write, how they look at the queue and are told of things, who cleared them, what was sent to them.
fn desk_of(journal: &Journal, person: &Person) -> journal::Result<Value> {
    let (traces, choice, browsers, inbox) = journal.read(|tx| {
        let id = &person.id;
        Ok::<_, journal::Error>((tx.traces(id)?, tx.choice(id)?, tx.subscriptions(id)?, tx.inbox(id)?))
    })?;
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    Ok(json!({
        "drafts": traces.drafts.iter().map(|d| json!({
            "client": d.client.as_str(), "ticket": d.ticket, "text": d.text, "saved": d.saved.to_string(),
        })).collect::<Vec<_>>(),
        "views": traces.views.iter().map(|(name, query)| json!({ "name": name, "query": query })).collect::<Vec<_>>(),
        "cleared_by": traces.cleared_by.iter().map(ClientId::as_str).collect::<Vec<_>>(),
        "inbox": inbox.iter().map(|item| json!({
            "client": item.client.as_str(), "told": item.at.to_string(),
            "notice": serde_json::from_str::<serde_json::Value>(&item.body).unwrap_or_default(),
            "read": item.read.map(|at| at.to_string()),
        })).collect::<Vec<_>>(),
        "notices": {
            "address": choice.address, "mail": choice.mail.name(), "push": choice.push.name(), "zone": choice.zone,
            "quiet_from": choice.quiet.map(|(from, _)| clock(from)),
            "quiet_until": choice.quiet.map(|(_, until)| clock(until)), "hourly": choice.hourly,
            "browsers": browsers.iter().map(|b| json!({
                "browser": b.agent, "since": b.created.to_string(), "endpoint": b.endpoint,
            })).collect::<Vec<_>>(),
            "sent": traces.notices.iter().map(|n| json!({
                "way": n.way, "due": n.due.to_string(), "text": n.body, "fate": n.fate,
            })).collect::<Vec<_>>(),
        },
    }))
}

/// How they come in, and what happened there.
fn door_of(journal: &Journal, person: &Person, now: Instant) -> journal::Result<Value> {
    let (sessions, tokens, keys, identities, events, factors, traces) = journal.read(|tx| {
        let id = &person.id;
        Ok::<_, journal::Error>((
            tx.sessions(id, now)?,
            tx.tokens(id)?,
            tx.passkeys(id)?,
            tx.identities(id)?,
            tx.door_events(id)?,
            tx.factors(id)?,
            tx.traces(id)?,
        ))
    })?;
    Ok(json!({
        "seen": person.seen.map(|at| at.to_string()),
        "browsers_remembered_since": traces.devices.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "sessions": sessions.iter().map(|s| json!({
            "began": s.created.to_string(), "used": s.seen.to_string(), "browser": s.agent, "how": s.how,
        })).collect::<Vec<_>>(),
        "api_tokens": tokens.iter().map(|t| json!({
            "name": t.name, "made": t.created.to_string(), "ends": t.ends.to_string(),
        })).collect::<Vec<_>>(),
        "second_factors": {
            "code_app": factors.code_app,
            "recovery_codes_left": factors.recovery_codes,
            "passkeys": keys.iter().map(|k| json!({ "name": k.name, "added": k.created.to_string() })).collect::<Vec<_>>(),
        },
        "sign_in_elsewhere": identities.iter().map(|i| json!({ "issuer": i.issuer, "subject": i.subject })).collect::<Vec<_>>(),
        "at_the_door": events.iter().map(|e| json!({
            "at": e.at.to_string(), "event": e.event, "detail": e.detail,
        })).collect::<Vec<_>>(),
    }))
}

/// Where a person can have acted: their client, or for staff all.
fn clients_of(journal: &Journal, person: &Person) -> journal::Result<Vec<ClientId>> {
    match person.standing.client() {
        Some(client) => Ok(vec![client.clone()]),
        None => journal.clients(),
    }
}

/// What a person did among the next entries of a client, and after which the next page begins; none where there is none.
fn some_acts(
    journal: &Journal,
    client: &ClientId,
    person: &str,
    after: u64,
) -> journal::Result<(Vec<Fact>, Option<u64>)> {
    let entries = journal.read(|tx| tx.entries(client, after, ENTRIES))?;
    let next = entries.last().map(|entry| entry.seq);
    let acts = entries.into_iter().map(|entry| entry.fact).filter(|fact| fact.actor.id == person);
    Ok((acts.collect(), next))
}

/// Takes away who somebody was and what they wrote. Facts stay, with an id that says nothing and digests of texts that are gone,
/// so that every figure and the chain hold.
async fn erase(asked: Asked) -> Result<Response, Problem> {
    let person = asked.theirs().await?;
    if person.disabled.is_none() {
        return Ok(Redirect::to(&path(&asked.client, &["people"])).into_response());
    }
    let id = person.id.clone();
    asked.app.ask_control(move |control, now| erase_all(control, &person, now)).await?;
    tracing::info!(person = %id, by = %asked.viewer.person.id, "person.erased");
    asked.app.note(&id, "erased", Some(&asked.viewer.person.id), String::new()).await?;
    asked.answer(Ok(()), Notice::Erased).await
}

/// The same for whoever is asked for, texts and files first: cut off in between, it is done again from the start. Titles, one line
/// each, are part of facts and stay in the chain; searching finds nothing by what they wrote.
pub(crate) fn erase_all(control: &Control, person: &Person, now: Instant) -> journal::Result<()> {
    let journal = control.journal();
    for client in clients_of(journal, person)? {
        // What is not indexed yet would be afterwards, with words that are to be gone.
        control.index_now(&client)?;
        let mut after = Some(0);
        while let Some(from) = after {
            let (acts, next) = some_acts(journal, &client, &person.id, from)?;
            after = next;
            let of = client.clone();
            journal.write(move |tx| acts.iter().try_for_each(|fact| erase_act(tx, &of, fact)))?;
        }
    }
    let id = person.id.clone();
    journal.write(move |tx| tx.erase_person(&id, now))?;
    control.people_changed()
}

/// The words of an act, and the file it attached, with its name.
fn erase_act(tx: &mut Tx<'_>, client: &ClientId, fact: &Fact) -> journal::Result<()> {
    tx.erase_text(client, fact.id)?;
    if let Said::FileAttached(file) = &fact.body {
        tx.empty_file(client, &file.file.0)?;
    }
    Ok(())
}
