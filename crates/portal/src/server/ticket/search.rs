//! Searching tickets by what was written in them.

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use control::live::query::Found;
use desk::policy::Action;
use facts::ClientId;
use journal::index::{Within, words};
use serde::Deserialize;

use super::{Row, row};
use crate::{
    part::escape,
    server::{App, Problem, Route, Section, Shell, Viewer, page},
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/search", Action::ReadTickets, all),
        Route::get("/clients/{client}/search", Action::ReadTickets, of_client),
    ]
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

/// A ticket that was found.
struct Hit {
    row: Row,
    /// What stands around the word, as HTML with the words marked.
    around: String,
}

#[derive(Template)]
#[template(path = "search.html")]
struct SearchPage {
    shell: Shell,
    action: String,
    q: String,
    across: bool,
    hits: Vec<Hit>,
}

async fn all(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    // It looks in notes too.
    if !viewer.reads_notes(&ClientId::provider()) {
        return Err(Problem::NotFound);
    }
    search(&app, shell, Within::All, asked.q, "/search".to_owned(), true).await
}

/// A client's people find what is for them; the provider's, everything of that client.
async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    app.book(&client, |_, _| ()).await?;
    let action = format!("/clients/{client}/search");
    let shell = shell.of(&client);
    let within = if viewer.reads_notes(&client) { Within::Client(client) } else { Within::Public(client) };
    search(&app, shell, within, asked.q, action, false).await
}

async fn search(
    app: &App,
    shell: Shell,
    within: Within,
    q: String,
    action: String,
    across: bool,
) -> Result<Response, Problem> {
    let (text, now) = (q.clone(), app.now());
    let found = app.ask_control(move |control, now| control.search(&within, &text, now)).await?;
    let hit = |found: Found| Hit {
        row: row(&found.client, &found.line, now),
        around: found.around.map_or(String::new(), |around| marked(&around, &q)),
    };
    let hits = found.into_iter().map(hit).collect();
    let shell = shell.titled("Search").at(Section::Tickets);
    page(&SearchPage { shell, action, across, hits, q })
}

/// The text as HTML, with the words that were looked for marked.
fn marked(text: &str, q: &str) -> String {
    let wanted = words(q);
    let is_wanted = |word: &str| {
        let word = words(word).concat();
        !word.is_empty() && wanted.iter().any(|wanted| word.starts_with(wanted.as_str()))
    };
    let marked = text.split(' ').map(|word| match is_wanted(word) {
        true => format!("<mark>{}</mark>", escape(word)),
        false => escape(word),
    });
    marked.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::marked;

    #[test]
    fn words_are_marked_and_nothing_becomes_markup() {
        assert_eq!(marked("The <b> Café works", "cafe"), "The &#60;b&#62; <mark>Café</mark> works");
        assert_eq!(marked("a <script>", ""), "a &#60;script&#62;");
    }
}
