//! A person's data: what is kept of them, to be taken along, and taken away (GDPR, articles 15, 17, 20).

use axum::{
    extract::{Path, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Redirect, Response},
};
use control::live::Control;
use desk::policy::Action;
use facts::{Body, ClientId, Fact};
use journal::{Journal, Tx, people::Person};
use serde::Deserialize;
use serde_json::{Value, json};
use spans::Instant;

use super::{back, theirs};
use crate::server::{App, Notice, Problem, Route, Viewer, form::Sent, moment::path, second::needed};

/// Entries that are read at once.
const ENTRIES: usize = 1_000;

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
/// read.
async fn export(app: &App, viewer: &Viewer, person: Person, whole: bool) -> Result<Response, Problem> {
    let (id, name) = (person.id.clone(), format!("attachment; filename=\"{}.json\"", person.id));
    let data = app.ask_control(move |control, now| all_of(control, &person, whole, now)).await?;
    app.note(&id, "data exported", Some(&viewer.person.id), String::new()).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|e| Problem::internal(&e))?;
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], text).into_response())
}

/// Everything that is kept of a person, without what opens a door; `whole`: with what is
/// theirs alone, how they come in and what stands at their desk.
fn all_of(control: &Control, person: &Person, whole: bool, now: Instant) -> journal::Result<Value> {
    let journal = control.journal();
    let (mut acts, mut files) = (Vec::new(), Vec::new());
    for client in clients_of(journal, person)? {
        for fact in acts_of(journal, &client, &person.id)? {
            let text = journal.read(|tx| tx.texts(&client, [fact.id]))?.remove(&fact.id);
            files.extend(file_of(journal, &client, &fact)?);
            acts.push(
                json!({ "client": client.as_str(), "at": fact.at.to_string(), "fact": fact, "text": text }),
            );
        }
    }
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
        "files": files,
        "acts": acts,
    });
    if whole && let Some(all) = all.as_object_mut() {
        all.insert("at_the_desk".to_owned(), desk_of(journal, person)?);
        all.insert("door".to_owned(), door_of(journal, person, now)?);
    }
    Ok(all)
}

/// A file that a fact attached: what its sender called it.
fn file_of(journal: &Journal, client: &ClientId, fact: &Fact) -> journal::Result<Option<Value>> {
    let Body::FileAttached(file) = &fact.body else { return Ok(None) };
    let kept = journal.read(|tx| tx.file(client, &file.file.0))?;
    Ok(kept.map(|kept| {
        json!({ "client": client.as_str(), "file": file.file.as_str(), "name": kept.name, "media": kept.media,
            "bytes": kept.size, "added": kept.added.to_string(), "gone": kept.gone })
    }))
}

/// What they began to write, how they look at the queue and are told of things, who cleared them, what was sent to them.
fn desk_of(journal: &Journal, person: &Person) -> journal::Result<Value> {
    let (traces, choice, browsers) = journal
        .read(|tx| Ok((tx.traces(&person.id)?, tx.choice(&person.id)?, tx.subscriptions(&person.id)?)))?;
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    Ok(json!({
        "drafts": traces.drafts.iter().map(|d| json!({
            "client": d.client.as_str(), "ticket": d.ticket, "text": d.text, "saved": d.saved.to_string(),
        })).collect::<Vec<_>>(),
        "views": traces.views.iter().map(|(name, query)| json!({ "name": name, "query": query })).collect::<Vec<_>>(),
        "cleared_by": traces.cleared_by.iter().map(ClientId::as_str).collect::<Vec<_>>(),
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

/// What a person did, as it is on record.
fn acts_of(journal: &Journal, client: &ClientId, person: &str) -> journal::Result<Vec<Fact>> {
    let (mut after, mut acts) = (0, Vec::new());
    loop {
        let entries = journal.read(|tx| tx.entries(client, after, ENTRIES))?;
        let Some(last) = entries.last() else { return Ok(acts) };
        after = last.seq;
        acts.extend(entries.into_iter().map(|entry| entry.fact).filter(|fact| fact.actor.id == person));
    }
}

/// Takes away who somebody was and what they wrote. Facts stay, with an id that says nothing and digests of texts that are gone,
/// so that every figure and the chain hold.
async fn erase(
    State(app): State<App>,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let here = path(&client, &["people"]);
    if let Some(again) = needed(&app, &viewer, &here) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    if person.disabled.is_none() {
        return Ok(Redirect::to(&here).into_response());
    }
    let id = person.id.clone();
    app.ask_control(move |control, now| erase_all(control, &person, now)).await?;
    tracing::info!(person = %id, by = %viewer.person.id, "person.erased");
    app.note(&id, "erased", Some(&viewer.person.id), String::new()).await?;
    Ok(back(&client, Notice::Erased))
}

/// The same for whoever is asked for, texts and files first: cut off in between, it is done again from the start. Titles, one line
/// each, are part of facts and stay in the chain; searching finds nothing by what they wrote.
pub(crate) fn erase_all(control: &Control, person: &Person, now: Instant) -> journal::Result<()> {
    let journal = control.journal();
    for client in clients_of(journal, person)? {
        // What is not indexed yet would be afterwards, with words that are to be gone.
        control.index_now(&client)?;
        for acts in acts_of(journal, &client, &person.id)?.chunks(ENTRIES) {
            let (of, acts) = (client.clone(), acts.to_vec());
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
    if let Body::FileAttached(file) = &fact.body {
        tx.empty_file(client, &file.file.0)?;
    }
    Ok(())
}
