//! What happened at the door: who signed in, and who changed what people come in by, for administrators.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    response::Response,
};
use desk::policy::Action;
use journal::{Journal, people::DoorEvent};
use serde::Deserialize;
use spans::Instant;

use crate::server::{
    App, Problem, Route, Section, Shell,
    moment::{encode, stamp},
    page,
};

/// Lines on a page.
const LINES_MAX: u64 = 100;
/// Who does what the command line does.
const COMMAND_LINE: &str = "command line";

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/settings/audit", Action::ReadAudit, audit)]
}

/// Something that happened.
pub(super) struct Event {
    pub(super) at: String,
    pub(super) what: String,
    pub(super) who: String,
    /// Who did it, where somebody else did.
    pub(super) by: Option<String>,
    pub(super) detail: String,
}

pub(super) fn event(event: &DoorEvent, name: impl Fn(&str) -> String) -> Event {
    let by = (event.doer != event.person).then(|| match event.doer.as_str() {
        COMMAND_LINE => "whoever runs the server".to_owned(),
        doer => name(doer),
    });
    Event {
        at: stamp(event.at),
        what: event.event.clone(),
        who: name(&event.person),
        by,
        detail: event.detail.clone(),
    }
}

#[derive(Template)]
#[template(path = "audit.html")]
struct AuditPage {
    shell: Shell,
    events: Vec<Event>,
    /// Where those before them are.
    older: Option<String>,
    /// Whether these are not the newest.
    back: bool,
}

/// Those before an instant, or the newest.
#[derive(Default, Deserialize)]
struct Before {
    before: Option<Instant>,
}

async fn audit(
    State(app): State<App>,
    shell: Shell,
    Query(Before { before }): Query<Before>,
) -> Result<Response, Problem> {
    let until = before.unwrap_or(Instant::MAX);
    let read = move |journal: &Journal| {
        journal.read(|tx| Ok::<_, journal::Error>((tx.all_door_events(until, LINES_MAX + 1)?, tx.people()?)))
    };
    let (mut events, people) = app.ask(read).await?;
    let more = events.len() as u64 > LINES_MAX;
    events.truncate(usize::try_from(LINES_MAX).unwrap_or(usize::MAX));
    let names: BTreeMap<String, String> = super::names(people);
    let name = |id: &str| names.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let oldest = events.last().filter(|_| more).map(|event| event.at.to_string());
    page(&AuditPage {
        events: events.iter().map(|one| event(one, name)).collect(),
        older: oldest.map(|at| format!("/settings/audit?before={}", encode(&at))),
        back: before.is_some(),
        shell: shell.titled("At the door").at(Section::Settings).below("Settings", "/settings"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_did_it_is_told_where_somebody_else_did() {
        let one = |doer: &str| {
            let told = DoorEvent {
                id: "1".to_owned(),
                person: "p".to_owned(),
                at: Instant::EPOCH,
                event: "invited".to_owned(),
                doer: doer.to_owned(),
                detail: String::new(),
            };
            event(&told, |id| format!("name of {id}")).by
        };
        assert_eq!(one("p"), None);
        assert_eq!(one("q").as_deref(), Some("name of q"));
        assert_eq!(one(COMMAND_LINE).as_deref(), Some("whoever runs the server"));
    }
}
