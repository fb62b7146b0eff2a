//! What is done about a ticket: each a form of its page, recorded through the agreement's guards under the name of whoever sent it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Act, Done, NotDone};
use facts::{
    Body, Event, RequestAskedClient, RequestClassified, RequestClientReplied, RequestNoted, RequestReopened,
    RequestReplied, RequestReprioritised, RequestResolved, RequestUpdateAsked, WishLogged,
};

use super::one::{At, Said, show};
use crate::server::{
    App, Notice, Problem, Route, Shell, Viewer, Who,
    form::{Refused, Sent},
    moment::read_field,
};

/// What is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Reply,
    Note,
    Ask,
    Update,
    Classify,
    Reprioritise,
    Resolve,
    Reopen,
}

impl Verb {
    fn name(self) -> &'static str {
        match self {
            Verb::Reply => "reply",
            Verb::Note => "note",
            Verb::Ask => "ask",
            Verb::Update => "update",
            Verb::Classify => "classify",
            Verb::Reprioritise => "reprioritise",
            Verb::Resolve => "resolve",
            Verb::Reopen => "reopen",
        }
    }
}

macro_rules! verbs {
    ($($name:ident $Verb:ident)+) => { $(
        async fn $name(app: State<App>, shell: Shell, viewer: Viewer, at: Path<At>, sent: Sent) -> Result<Response, Problem> {
            record(&app.0, shell, &viewer, at.0, Verb::$Verb, sent).await
        }
    )+ };
}
verbs! { reply Reply note Note ask Ask update Update classify Classify reprioritise Reprioritise resolve Resolve reopen Reopen }

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/clients/{client}/tickets/{ticket}/reply", Who::OfClient, reply),
        Route::post("/clients/{client}/tickets/{ticket}/note", Who::Staff, note),
        Route::post("/clients/{client}/tickets/{ticket}/ask", Who::Staff, ask),
        Route::post("/clients/{client}/tickets/{ticket}/update", Who::ClientItself, update),
        Route::post("/clients/{client}/tickets/{ticket}/classify", Who::Staff, classify),
        Route::post("/clients/{client}/tickets/{ticket}/reprioritise", Who::Staff, reprioritise),
        Route::post("/clients/{client}/tickets/{ticket}/resolve", Who::Staff, resolve),
        Route::post("/clients/{client}/tickets/{ticket}/reopen", Who::OfClient, reopen),
    ]
}

/// Done, the page again; refused, the page with why beside the form and what was typed in it.
async fn record(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    verb: Verb,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key(verb.name())?;
    let refused = match body(verb, viewer.is_staff(), &at, &sent) {
        Err(refused) => refused,
        Ok(body) => {
            let text =
                matches!(verb, Verb::Reply | Verb::Note | Verb::Ask).then(|| sent.get("text").to_owned());
            let confirmed = sent.given("confirm").is_some();
            let act = Act { text, key: Some(key), confirmed, ..Act::new(&at.client, viewer.actor(), body) };
            match send(app, &at, act).await? {
                Err(refused) => refused,
                Ok(_) => {
                    let to = format!("{}?done={}", at.path(), Notice::Recorded.word());
                    return Ok(Redirect::to(&to).into_response());
                }
            }
        }
    };
    show(app, shell, viewer, at, Some(Said { verb: verb.name(), refused, sent })).await
}

/// Records it about a ticket that is there.
async fn send(app: &App, at: &At, act: Act) -> Result<Result<Done, Refused>, Problem> {
    let at = at.clone();
    let answer = app.ask_control(move |control, now| {
        let there = control.read(&at.client, now, |book| !book.facts_of(&at.ticket.0).is_empty())?;
        if there != Some(true) {
            return Ok(None);
        }
        let answer = match (control.act(act.clone(), now), act.bodies.as_slice()) {
            // SH-ACK-04: a feature request is put on the wish list in the same act.
            (Err(NotDone::Missing { event: Event::WishLogged, .. }), [Body::RequestClassified(of)]) => {
                let wish = WishLogged { ticket: of.ticket.clone() };
                let bodies = vec![act.bodies[0].clone(), wish.into()];
                control.act(Act { bodies, ..act }, now)
            }
            (answer, _) => answer,
        };
        Refused::or(answer).map(Some)
    });
    answer.await?.ok_or(Problem::NotFound)
}

fn body(verb: Verb, staff: bool, at: &At, sent: &Sent) -> Result<Body, Refused> {
    let ticket = at.ticket.clone();
    let word = |field: &str| sent.given(field).map(str::to_owned);
    if matches!(verb, Verb::Reply | Verb::Note | Verb::Ask) && sent.given("text").is_none() {
        return Err(Refused::because("Write something first."));
    }
    Ok(match verb {
        Verb::Reply if staff => {
            let next = sent.given("next").map(|text| read_field(text).ok_or(text));
            let next_update_by = next.transpose().map_err(|text| {
                Refused::because(&format!("`{text}` is no time: write it as 2026-03-09T18:00, in UTC."))
            })?;
            RequestReplied { ticket, next_update_by, text: None }.into()
        }
        Verb::Reply => RequestClientReplied { ticket, text: None }.into(),
        Verb::Note => RequestNoted { ticket, text: None }.into(),
        Verb::Ask => RequestAskedClient { ticket, text: None }.into(),
        Verb::Update => RequestUpdateAsked { ticket }.into(),
        Verb::Classify => RequestClassified { ticket, class: word("class"), kind: word("kind") }.into(),
        Verb::Reprioritise => RequestReprioritised {
            ticket,
            priority: word("priority"),
            urgency: word("urgency"),
            message: sent.get("message").to_owned(),
        }
        .into(),
        Verb::Resolve => RequestResolved { ticket, summary: sent.get("summary").to_owned() }.into(),
        Verb::Reopen => RequestReopened { ticket }.into(),
    })
}
