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
    query::TicketView,
};
use desk::policy::Action;
use journal::desk::Canned;
use spans::{Instant, Length};

use super::one::At;
use crate::server::{App, Notice, Problem, Route, Viewer, form::Sent};

/// How long somebody is said to write after the last letter.
pub(super) const WRITING: Length = Length::from_minutes(5);

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
    app.ask_control(move |control, now| save(control, &viewer, &of, sent.get("text"), now)).await?;
    if by_script {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Redirect::to(&format!("{}?done={}#f-text", at.path(), Notice::DraftKept.word())).into_response())
}

fn save(control: &Control, viewer: &Viewer, at: &At, text: &str, now: Instant) -> Result<(), NotDone> {
    let At { client, ticket } = at;
    let found = control.read_with(client, &ticket.into(), now, |book| book.ticket(ticket, now))?.flatten();
    let Some(view) = found else {
        return Err(NotDone::Unknown { noun: "ticket", id: ticket.to_string() });
    };
    let (of, person, id, text) =
        (client.clone(), viewer.person.id.clone(), ticket.0.clone(), text.to_owned());
    let written = !text.trim().is_empty();
    control.journal().write_for(client, move |tx| tx.put_draft(&of, &person, &id, &text, now))?;
    // Typing claims: whoever begins to answer has it.
    if written && viewer.is_staff() && view.line.assignee.is_none() && view.line.turn.is_some() {
        let how = Arrangement::Assign(Some(viewer.person.id.clone()));
        control.arrange(client, ticket, how, By::new(viewer.actor()), now)?;
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
    /// Answers that may be inserted: their names, and the words with variables filled in.
    pub(super) canned: Vec<(String, String)>,
}

pub(super) fn begun(
    control: &Control,
    at: &At,
    viewer: &Viewer,
    view: &TicketView,
    now: Instant,
) -> journal::Result<Begun> {
    let (person, ticket, staff) = (viewer.person.id.as_str(), &at.ticket.0, viewer.is_staff());
    let (draft, others, canned) = control.journal().read(|tx| {
        let draft = tx.draft(&at.client, person, ticket)?;
        let others = if staff { tx.drafters(&at.client, ticket, now - WRITING)? } else { Vec::new() };
        let canned = if staff { tx.canned()? } else { Vec::new() };
        Ok::<_, journal::Error>((draft, others, canned))
    })?;
    let others = others.into_iter().map(|(id, _)| id).filter(|id| id != person);
    let fits = |answer: &Canned| answer.client.as_ref().is_none_or(|client| *client == at.client);
    let filled = |answer: Canned| (answer.name, fill(&answer.body, viewer, view));
    Ok(Begun {
        draft: draft.map(|(text, _)| text).unwrap_or_default(),
        others: others.map(|id| control.name_of(&id)).collect(),
        canned: canned.into_iter().filter(fits).map(filled).collect(),
    })
}

/// The words with what is known put in; what is not known stays as it was written.
fn fill(body: &str, viewer: &Viewer, view: &TicketView) -> String {
    let line = &view.line;
    let known = [
        ("{ticket}", line.ticket.to_string()),
        ("{title}", line.title.clone().unwrap_or_default()),
        ("{requester}", line.by.clone()),
        ("{instance}", line.instance.as_ref().map_or(String::new(), ToString::to_string)),
        ("{me}", viewer.person.name.clone()),
    ];
    known.iter().fold(body.to_owned(), |text, (name, value)| text.replace(name, value))
}
