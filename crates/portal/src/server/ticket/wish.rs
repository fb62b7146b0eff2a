//! Wishes: feature requests that were logged for consideration, and closed. Nobody owes anything about them (SH-ACK-04, SH-ACK-05).

use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{Control, query::Line};
use desk::policy::Action;
use facts::ClientId;
use spans::Instant;

use super::{Row, row};
use crate::server::{App, Problem, Route, Section, Shell, page};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/wishes", Action::ReadWishes, all),
        Route::get("/clients/{client}/wishes", Action::ReadWishes, of_client),
    ]
}

#[derive(Template)]
#[template(path = "wishes.html")]
struct WishesPage {
    shell: Shell,
    across: bool,
    wishes: Vec<Row>,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let clients = app.ask_control(|control, _| Ok::<_, journal::Error>(control.clients())).await?;
    let clients = clients.into_iter().filter(|client| *client != ClientId::provider()).collect();
    show(&app, shell, clients, true).await
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    app.book(&client, |_, _| ()).await?;
    let shell = shell.of(&client);
    show(&app, shell, vec![client], false).await
}

async fn show(app: &App, shell: Shell, clients: Vec<ClientId>, across: bool) -> Result<Response, Problem> {
    let now = app.now();
    let found = app.ask_control(move |control, now| wishes(control, &clients, now)).await?;
    let wishes = found.iter().map(|(client, line)| row(client, line, now)).collect();
    page(&WishesPage { shell: shell.titled("Wishes").at(Section::Tickets), across, wishes })
}

/// The wishes of these clients, the newest first.
pub(crate) fn wishes(
    control: &Control,
    clients: &[ClientId],
    now: Instant,
) -> journal::Result<Vec<(ClientId, Line)>> {
    let mut all = Vec::new();
    for client in clients {
        let lines = control.wishes(client, now)?;
        all.extend(lines.into_iter().map(|line| (client.clone(), line)));
    }
    all.sort_by_key(|(_, line)| std::cmp::Reverse(line.received));
    Ok(all)
}
