//! A person's data: what is kept of them, to be taken along, and taken away (GDPR, articles 15, 17, 20).

use axum::{
    extract::{Path, State},
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Redirect, Response},
};
use control::live::Control;
use desk::policy::Action;
use facts::{ClientId, Fact};
use journal::{Journal, people::Person};
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
    export(&app, &viewer, person).await
}

async fn of_oneself(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, "/account") {
        return Ok(again);
    }
    let person = viewer.person.clone();
    export(&app, &viewer, person).await
}

/// As a file of JSON.
async fn export(app: &App, viewer: &Viewer, person: Person) -> Result<Response, Problem> {
    let (id, name) = (person.id.clone(), format!("attachment; filename=\"{}.json\"", person.id));
    let data = app.ask_control(move |control, now| all_of(control, &person, now)).await?;
    app.note(&id, "data exported", Some(&viewer.person.id), String::new()).await?;
    let text = serde_json::to_string_pretty(&data).map_err(|e| Problem::internal(&e))?;
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], text).into_response())
}

/// Everything that is kept of a person, without what opens a door.
fn all_of(control: &Control, person: &Person, now: Instant) -> journal::Result<Value> {
    let journal = control.journal();
    let (sessions, tokens, keys, identities, events, factors) = journal.read(|tx| {
        let id = &person.id;
        Ok::<_, journal::Error>((
            tx.sessions(id, now)?,
            tx.tokens(id)?,
            tx.passkeys(id)?,
            tx.identities(id)?,
            tx.door_events(id)?,
            tx.factors(id)?,
        ))
    })?;
    let mut acts = Vec::new();
    for client in clients_of(journal, person)? {
        for fact in acts_of(journal, &client, &person.id)? {
            let text = journal.read(|tx| tx.texts(&client, [fact.id]))?.remove(&fact.id);
            acts.push(
                json!({ "client": client.as_str(), "at": fact.at.to_string(), "fact": fact, "text": text }),
            );
        }
    }
    Ok(json!({
        "person": {
            "id": person.id, "login": person.login, "name": person.name, "roles": person.roles,
            "skills": person.skills, "side": person.standing.side().name(),
            "client": person.standing.client().map(ClientId::as_str),
            "created": person.created.to_string(),
            "effective": person.effective.map(|at| at.to_string()),
            "disabled": person.disabled.map(|at| at.to_string()),
            "reviewed": person.reviewed.map(|at| at.to_string()),
            "seen": person.seen.map(|at| at.to_string()),
        },
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
        "acts": acts,
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

/// The same for whoever is asked for, texts first: cut off in between, it is done again from the start.
pub(crate) fn erase_all(control: &Control, person: &Person, now: Instant) -> journal::Result<()> {
    let journal = control.journal();
    for client in clients_of(journal, person)? {
        for acts in acts_of(journal, &client, &person.id)?.chunks(ENTRIES) {
            let (of, ids) = (client.clone(), acts.iter().map(|fact| fact.id).collect::<Vec<_>>());
            journal.write(move |tx| ids.iter().try_for_each(|id| tx.erase_text(&of, *id).map(drop)))?;
        }
    }
    let id = person.id.clone();
    journal.write(move |tx| tx.erase_person(&id, now))?;
    control.people_changed(now)
}
