//! What somebody has begun to write, and answers that are written often. Who writes takes the ticket on where nobody has it, and
//! others see that somebody writes.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control, NotDone,
    command::{Arrangement, By},
};
use desk::policy::Action;
use facts::{Actor, ClientId, Side, TicketId};
use journal::{Key, desk::Canned};
use spans::{Instant, Length};

use super::one::At;
use crate::server::{App, Notice, Problem, Route, Viewer, What, form::Sent};

/// How long somebody is said to write after the last letter.
pub(super) const WRITING: Length = Length::from_minutes(5);

/// What the form of a draft can be sent as.
const WRITES: [&str; 3] = ["reply", "note", "ask"];

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/clients/{client}/tickets/{ticket}/draft", Action::AnswerTicket, keep)]
}

/// Keeps it. A form without script comes back to the page; script is told that it is kept.
async fn keep(
    State(app): State<App>,
    viewer: Viewer,
    Path(at): Path<At>,
    sent: Sent,
) -> Result<Response, Problem> {
    let (of, by_script) = (at.clone(), sent.get("by") == "script");
    // Only script saves while a form is sent; who presses the button means it.
    let keys = keys(&at, sent.given("key").filter(|_| by_script))?;
    let began = app
        .ask_control(move |control, now| save(control, &viewer, &of, (sent.get("text"), &keys), now))
        .await?;
    // Others see that somebody writes, once: not each letter.
    if began {
        app.live().changed(&at.client, What::Facts);
    }
    if by_script {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Redirect::to(&format!("{}?done={}#f-text", at.path(), Notice::DraftKept.word())).into_response())
}

/// Keeps it for somebody; whether it was just begun, or ended.
///
/// # Errors
/// [`NotDone::Unknown`] without such a ticket, and the journal's.
pub(in crate::server) fn save_draft(
    control: &Control,
    viewer: &Viewer,
    client: &ClientId,
    ticket: &TicketId,
    text: &str,
    now: Instant,
) -> Result<bool, NotDone> {
    save(control, viewer, &At { client: client.clone(), ticket: ticket.clone() }, (text, &[]), now)
}

/// What the form would be on record under once it was sent, by its name.
fn keys(at: &At, name: Option<&str>) -> journal::Result<Vec<Key>> {
    let path = at.path();
    let key = |name: &str, verb: &str| Key::new(&format!("form/{verb}{path}/{verb}/{name}"));
    name.into_iter().flat_map(|name| WRITES.iter().map(move |verb| key(name, verb))).collect()
}

/// Whether it was just begun, or ended. What comes in after its form was sent, under one of `keys`, is no draft any more: script saves and
/// sends on two connections.
fn save(
    control: &Control,
    viewer: &Viewer,
    at: &At,
    (text, keys): (&str, &[Key]),
    now: Instant,
) -> Result<bool, NotDone> {
    let At { client, ticket } = at;
    let found = control.read_with(client, &ticket.into(), now, |book| book.ticket(ticket, now))?.flatten();
    let Some(view) = found else {
        return Err(NotDone::Unknown { noun: "ticket", id: ticket.to_string() });
    };
    let (of, person, id, text) =
        (client.clone(), viewer.person.id.clone(), ticket.0.clone(), text.to_owned());
    let (written, keys) = (!text.trim().is_empty(), keys.to_vec());
    let before = control.journal().write_for(client, move |tx| {
        for key in &keys {
            if tx.answered(&of, key)?.is_some() {
                return Ok(None);
            }
        }
        let before = tx.draft(&of, &person, &id)?;
        tx.put_draft(&of, &person, &id, &text, now)?;
        Ok::<_, journal::Error>(Some(before.is_some_and(|(_, saved)| now - WRITING < saved)))
    })?;
    let Some(before) = before else { return Ok(false) };
    // Typing claims: whoever begins to answer has it.
    if written && viewer.is_staff() && view.line.assignee.is_none() && view.line.turn.is_some() {
        let how = Arrangement::Assign(Some(viewer.person.id.clone()));
        control.arrange(client, ticket, how, By::new(viewer.actor()), now)?;
    }
    Ok(before != written)
}

/// What follows from something that was sent: it is no draft any more, and whoever writes to the client has the ticket where nobody
/// had it.
pub(super) fn sent(
    control: &Control,
    at: &At,
    actor: &Actor,
    to_client: bool,
    now: Instant,
) -> Result<(), NotDone> {
    let At { client, ticket } = at;
    let (of, person, id) = (client.clone(), actor.id.clone(), ticket.0.clone());
    control.journal().write_for(client, move |tx| tx.put_draft(&of, &person, &id, "", now))?;
    if !to_client || actor.side != Side::Provider {
        return Ok(());
    }
    let line = control.read_with(client, &ticket.into(), now, |book| book.ticket(ticket, now))?.flatten();
    if line.is_some_and(|view| view.line.assignee.is_none() && view.line.turn.is_some()) {
        let how = Arrangement::Assign(Some(actor.id.clone()));
        control.arrange(client, ticket, how, By::new(actor.clone()), now)?;
    }
    Ok(())
}

/// What the page knows of drafts and answers.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// What this person has begun to write.
    pub(super) draft: String,
    /// The others who write just now.
    pub(super) others: Vec<String>,
    /// Answers that may be inserted.
    pub(super) canned: Vec<Canned>,
}

pub(super) fn begun(control: &Control, at: &At, viewer: &Viewer, now: Instant) -> journal::Result<Begun> {
    let (person, ticket, staff) = (viewer.person.id.as_str(), &at.ticket.0, viewer.is_staff());
    let (draft, others, canned) = control.journal().read(|tx| {
        let draft = tx.draft(&at.client, person, ticket)?;
        let others = if staff { tx.drafters(&at.client, ticket, now - WRITING)? } else { Vec::new() };
        let canned = if staff { tx.canned()? } else { Vec::new() };
        Ok::<_, journal::Error>((draft, others, canned))
    })?;
    let others = others.into_iter().map(|(id, _)| id).filter(|id| id != person);
    let fits = |answer: &Canned| answer.client.as_ref().is_none_or(|client| *client == at.client);
    Ok(Begun {
        draft: draft.map(|(text, _)| text).unwrap_or_default(),
        others: others.map(|id| control.name_of(&id)).collect(),
        canned: canned.into_iter().filter(fits).collect(),
    })
}
