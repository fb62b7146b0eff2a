//! What is done about a ticket: each a form of its page, recorded through the agreement's guards under the name of whoever sent it.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control,
    command::{By, Deed},
};
use desk::policy::Action;

use facts::Resolution;

use super::{
    draft,
    one::{At, Said, show},
};
use crate::server::{
    App, Notice, Problem, Route, Shell, Viewer,
    form::{Refused, Sent},
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
        Route::post("/clients/{client}/tickets/{ticket}/reply", Action::AnswerTicket, reply),
        Route::post("/clients/{client}/tickets/{ticket}/note", Action::WriteNote, note),
        Route::post("/clients/{client}/tickets/{ticket}/ask", Action::AskClient, ask),
        Route::post("/clients/{client}/tickets/{ticket}/update", Action::AskUpdate, update),
        Route::post("/clients/{client}/tickets/{ticket}/classify", Action::Classify, classify),
        Route::post("/clients/{client}/tickets/{ticket}/reprioritise", Action::Reprioritise, reprioritise),
        Route::post("/clients/{client}/tickets/{ticket}/resolve", Action::Resolve, resolve),
        Route::post("/clients/{client}/tickets/{ticket}/reopen", Action::Reopen, reopen),
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
    let key = Some(sent.key(verb.name())?);
    let refused = match deed(verb, &sent) {
        Err(refused) => refused,
        Ok(deed) => {
            let by = By { key, confirmed: sent.given("confirm").is_some(), ..By::new(viewer.actor()) };
            let (of, text) = (at.clone(), sent.given("text").map(str::to_owned));
            let (writes, to_client) = (deed.has_text(), matches!(verb, Verb::Reply | Verb::Ask));
            let command = move |control: &Control, now| {
                let actor = by.actor.clone();
                let done = control.do_about(&of.client, &of.ticket, deed, text, by, now)?;
                if writes {
                    draft::sent(control, &of, &actor, to_client, now)?;
                }
                Ok(done)
            };
            match app.attempt(command).await? {
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

fn deed(verb: Verb, sent: &Sent) -> Result<Deed, Refused> {
    let word = |field: &str| sent.given(field).map(str::to_owned);
    Ok(match verb {
        Verb::Reply => {
            let next = sent.given("next").map(|text| sent.minute("next").ok_or(text));
            let next_update_by = next.transpose().map_err(|text| {
                Refused::because(&format!("`{text}` is no time: write it as 2026-03-09T18:00."))
            })?;
            Deed::Reply { next_update_by }
        }
        Verb::Note => Deed::Note,
        Verb::Ask => Deed::Ask,
        Verb::Update => Deed::AskForUpdate,
        Verb::Classify => {
            Deed::Classify { class: word("class"), kind: word("kind"), message: word("message") }
        }
        Verb::Reprioritise => Deed::Reprioritise {
            priority: word("priority"),
            urgency: word("urgency"),
            message: sent.get("message").to_owned(),
        },
        Verb::Resolve => Deed::Resolve {
            summary: sent.get("summary").to_owned(),
            outcome: if sent.given("cannot").is_some() {
                Resolution::CannotSolve
            } else {
                Resolution::Solved
            },
        },
        Verb::Reopen => Deed::Reopen,
    })
}
