//! Changes that the client makes to its own surroundings: it warns of them here (MP-CLI-14), and the provider's people write down one
//! that nobody announced. An outage that begins right after names it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{command::NewChange, query::Changed};
use desk::policy::Action;
use facts::{ClientId, InstanceId};
use spans::Instant;

use super::{Form, done_as, instances, names};
use crate::{
    part::{State as Word, badge},
    server::{
        App, Problem, Route, Shell, Viewer,
        form::{Area, Minute, Sent},
        moment::time,
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![Route::post("/clients/{client}/changes", Action::AnnounceChange, announce)]
}

/// A change of the client's own.
pub(super) struct Line {
    pub(super) change: String,
    pub(super) what: String,
    pub(super) starts: String,
    pub(super) instances: String,
    pub(super) by: String,
    pub(super) at: String,
    pub(super) state: String,
}

pub(super) fn line(change: &Changed, known: &[(InstanceId, String)], now: Instant) -> Line {
    // Its turn, never a fault: a change that came without a warning is said, and nobody is blamed.
    let state = match change.is_in_time() {
        true => badge(Word::Kept, "announced"),
        false => badge(Word::Client, "not announced before"),
    };
    Line {
        change: change.change.to_string(),
        what: change.what.clone().unwrap_or_default(),
        starts: time(change.starts_at, now),
        instances: names(&change.instances, known),
        by: change.by.clone(),
        at: time(change.at, now),
        state,
    }
}

pub(super) fn fields(sent: &Sent) -> Vec<String> {
    let what = Area {
        id: "what",
        name: "what",
        label: "What is changed",
        hint: "Network, sign-in, databases, other systems: whatever this service may feel.".to_owned(),
        value: sent.get("what").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    let starts = Minute {
        id: "starts",
        name: "starts",
        label: "Begins",
        hint: String::new(),
        value: sent.get("starts").to_owned(),
        required: true,
    };
    vec![what.to_string(), starts.to_string()]
}

async fn announce(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    done_as(&app, shell, &viewer, client, (sent, Form::Announce, read), |control, client, new, by, now| {
        control.announce_change(client, new, by, now).map(drop)
    })
    .await
}

fn read(sent: &Sent) -> Result<NewChange, &'static str> {
    Ok(NewChange {
        what: sent.get("what").to_owned(),
        starts_at: sent.minute("starts").ok_or("Say when it begins, as 2026-03-09T18:00.")?,
        instances: instances(sent)?,
    })
}
