//! The first page: the clients one may see, and what the journal holds of each.

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use facts::ClientId;
use journal::{Instance, Journal};

use super::{App, Problem, Route, Section, Shell, Viewer, Who, page};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/", Who::SignedIn, home), Route::get("/clients/{client}", Who::OfClient, client)]
}

/// One client's line.
struct Line {
    client: ClientId,
    instances: Vec<Instance>,
    entries: u64,
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    shell: Shell,
    lines: Vec<Line>,
    staff: bool,
}

async fn home(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    let staff = viewer.is_staff();
    let lines = app.ask(move |journal| lines(journal, |client| viewer.may_see(client))).await?;
    page(&HomePage { shell: shell.titled("Now").at(Section::Now).live(), lines, staff })
}

async fn client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let staff = viewer.is_staff();
    let shell = shell.of(&client).titled(client.as_str()).at(Section::Now).live();
    let lines = app.ask(move |journal| lines(journal, |other| *other == client)).await?;
    if lines.is_empty() && staff {
        return Err(Problem::NotFound);
    }
    page(&HomePage { shell, lines, staff })
}

fn lines(journal: &Journal, wanted: impl Fn(&ClientId) -> bool) -> journal::Result<Vec<Line>> {
    journal.read(|tx| {
        let heads = tx.heads()?.into_iter();
        let ours = heads.filter(|head| wanted(&head.client) && head.client != ClientId::provider());
        ours.map(|head| {
            Ok(Line { instances: tx.instances(&head.client)?, entries: head.seq, client: head.client })
        })
        .collect()
    })
}
