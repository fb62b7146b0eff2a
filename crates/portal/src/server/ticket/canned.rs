//! Answers that are written often: kept for the desk, with variables that a ticket fills in, and put into a reply.

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use desk::policy::Action;
use facts::ClientId;
use journal::{Journal, desk::Canned};
use serde::Deserialize;
use spans::Instant;

use super::{draft::Begun, one::Found};
use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Pick, Refused, Sent},
    moment::{day, encode},
    page,
};

/// Letters of an answer's name.
const NAME_MAX: usize = 100;

/// What stands in braces, what is put there, and how that looks.
const VARIABLES: [(&str, &str, &str); 8] = [
    ("ticket", "the ticket's name", "T-12"),
    ("title", "what it is about", "Search finds nothing"),
    ("requester", "who asked", "Ada Vogt"),
    ("client", "what the client is called", "Example BV"),
    ("instance", "the instance's name", "Wiki"),
    ("priority", "its priority or urgency", "P2"),
    ("due", "when the next answer falls due", "Mon 9 Mar 18:00 UTC"),
    ("me", "the name of whoever answers", "Sam Oort"),
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/answers", Action::EditDesk, answers_page),
        Route::post("/answers", Action::EditDesk, keep),
        Route::post("/answers/remove", Action::EditDesk, remove),
    ]
}

/// The words with what is known put in; what is not known stays as it was written.
fn fill(body: &str, value: impl Fn(&str) -> Option<String>) -> String {
    VARIABLES.iter().fold(body.to_owned(), |text, (name, ..)| match value(name) {
        Some(value) => text.replace(&format!("{{{name}}}"), &value),
        None => text,
    })
}

/// As it looks with the examples.
fn sample(body: &str) -> String {
    let of =
        |name: &str| VARIABLES.iter().find(|(known, ..)| *known == name).map(|(.., like)| (*like).to_owned());
    fill(body, of)
}

/// A word in braces that is none of ours.
fn unknown(body: &str) -> Option<&str> {
    let words = body.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(word, _)| word);
    let is_name = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    words.filter(is_name).find(|word| !VARIABLES.iter().any(|(known, ..)| known == word))
}

/// Those that fit a ticket, filled in.
pub(super) fn answers(begun: &Begun, viewer: &Viewer, found: &Found, client: &str) -> Vec<(String, String)> {
    let (line, now) = (&found.view.line, found.now);
    let word = || line.words.iter().find(|(field, _)| ["priority", "urgency"].contains(field));
    let value = |name: &str| match name {
        "ticket" => Some(line.ticket.to_string()),
        "title" => line.title.clone(),
        "requester" => Some(line.by.clone()),
        "client" => Some(client.to_owned()),
        "instance" => found.instance_name(),
        "priority" => word().map(|(_, word)| word.clone()),
        "due" => line.next.as_ref().map(|(at, _)| day(*at, now)),
        "me" => Some(viewer.person.name.clone()),
        _ => None,
    };
    begun.canned.iter().map(|answer| (answer.name.clone(), fill(&answer.body, value))).collect()
}

/// An answer, as the page shows it.
struct Kept {
    name: String,
    link: String,
    client: Option<ClientId>,
    looks: String,
}

#[derive(Template)]
#[template(path = "answers.html")]
struct AnswersPage {
    shell: Shell,
    kept: Vec<Kept>,
    /// The name of the one that is edited; none for a new one.
    was: Option<String>,
    fields: Vec<String>,
    variables: &'static [(&'static str, &'static str, &'static str)],
    looks: Option<String>,
    refused: Option<Refused>,
}

#[derive(Deserialize)]
struct Which {
    edit: Option<String>,
}

async fn answers_page(
    State(app): State<App>,
    shell: Shell,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let all = app.ask(all).await?;
    let Some(name) = which.edit else { return show(shell, all, None, &Typed::default(), Why::Opened) };
    let one = all.iter().find(|kept| kept.name == name).ok_or(Problem::NotFound)?;
    let client = one.client.as_ref().map_or(String::new(), ToString::to_string);
    let typed = Typed { name: one.name.clone(), client, body: one.body.clone() };
    show(shell, all, Some(name), &typed, Why::Opened)
}

fn all(journal: &Journal) -> journal::Result<Vec<Canned>> {
    journal.read(|tx| tx.canned())
}

/// What stands in the form.
#[derive(Default)]
struct Typed {
    name: String,
    client: String,
    body: String,
}

enum Why {
    Opened,
    Looked,
    Refused(Refused),
}

fn show(
    shell: Shell,
    all: Vec<Canned>,
    was: Option<String>,
    typed: &Typed,
    why: Why,
) -> Result<Response, Problem> {
    let mut clients = vec![(String::new(), "every client".to_owned())];
    clients.extend(shell.visible_names());
    let fields = fields(typed, clients);
    let kept = |one: Canned| Kept {
        link: format!("/answers?edit={}", encode(&one.name)),
        looks: sample(&one.body),
        name: one.name,
        client: one.client,
    };
    let (looks, refused) = match why {
        Why::Opened => (None, None),
        Why::Looked => (Some(sample(&typed.body)), None),
        Why::Refused(refused) => (None, Some(refused)),
    };
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let response = page(&AnswersPage {
        shell: shell.titled("Answers").at(Section::Tickets).below("Queue", "/tickets"),
        kept: all.into_iter().map(kept).collect(),
        was,
        fields,
        variables: &VARIABLES,
        looks,
        refused,
    })?;
    Ok((status, response).into_response())
}

fn fields(typed: &Typed, clients: Vec<(String, String)>) -> Vec<String> {
    let client = Pick {
        id: "client",
        name: "client",
        label: "For",
        hint: String::new(),
        options: clients,
        value: typed.client.clone(),
    };
    let body = Area {
        id: "body",
        name: "body",
        label: "The words",
        hint: "What stands in braces is filled in on the ticket.".to_owned(),
        value: typed.body.clone(),
        required: true,
        most: Area::CHARS_MAX,
    };
    vec![Field::text("name", "Name").value(&typed.name).to_string(), client.to_string(), body.to_string()]
}

async fn keep(State(app): State<App>, shell: Shell, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    let was = sent.given("was").map(str::to_owned);
    let typed = Typed {
        name: sent.get("name").to_owned(),
        client: sent.get("client").to_owned(),
        body: sent.get("body").to_owned(),
    };
    let all = app.ask(all).await?;
    if sent.given("look").is_some() {
        return show(shell, all, was, &typed, Why::Looked);
    }
    let client = sent.given("client").and_then(|client| client.parse().ok());
    if let Some(refused) = mistake(&typed, client.as_ref(), was.as_deref(), &all) {
        return show(shell, all, was, &typed, Why::Refused(refused));
    }
    let answer = Canned { name: typed.name, client, body: typed.body };
    let (by, now) = (viewer.person.id, app.now());
    app.ask(move |journal| journal.write(move |tx| put(tx, &answer, was.as_deref(), &by, now))).await?;
    Ok(Redirect::to(&format!("/answers?done={}", Notice::AnswerKept.word())).into_response())
}

/// A name that was changed takes the old one's place.
fn put(
    tx: &mut journal::Tx<'_>,
    answer: &Canned,
    was: Option<&str>,
    by: &str,
    now: Instant,
) -> journal::Result<()> {
    if let Some(was) = was.filter(|was| *was != answer.name) {
        tx.drop_canned(was)?;
    }
    tx.put_canned(answer, by, now)
}

fn mistake(typed: &Typed, client: Option<&ClientId>, was: Option<&str>, all: &[Canned]) -> Option<Refused> {
    let Typed { name, body, .. } = typed;
    let taken = all.iter().any(|kept| kept.name == *name) && was != Some(name.as_str());
    let why = if client.is_none() && !typed.client.is_empty() {
        "The client is not known: choose one of the list.".to_owned()
    } else if taken {
        format!("There is an answer called {name}: choose another name, or edit that one.")
    } else {
        answer_mistake(name, body)?
    };
    Some(Refused::because(&why))
}

/// What is wrong with an answer by itself.
pub(in crate::server) fn answer_mistake(name: &str, body: &str) -> Option<String> {
    if name.is_empty() || body.is_empty() {
        return Some("Write a name and the words.".to_owned());
    }
    if NAME_MAX < name.chars().count() {
        return Some(format!("The name is longer than {NAME_MAX} letters: shorten it."));
    }
    let word = unknown(body)?;
    let known = VARIABLES.iter().map(|(name, ..)| format!("{{{name}}}")).collect::<Vec<_>>().join(", ");
    Some(format!("{{{word}}} is filled in by nothing: use {known}."))
}

async fn remove(State(app): State<App>, sent: Sent) -> Result<Response, Problem> {
    let name = sent.get("name").to_owned();
    match app.ask(move |journal| journal.write(move |tx| tx.drop_canned(&name))).await? {
        true => Ok(Redirect::to(&format!("/answers?done={}", Notice::AnswerGone.word())).into_response()),
        false => Err(Problem::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_what_is_unknown_stays() {
        let known = |name: &str| (name == "ticket").then(|| "T-1".to_owned());
        assert_eq!(fill("{ticket}: {me} {other} {}", known), "T-1: {me} {other} {}");
        assert_eq!(
            sample("Dear {requester}, {ticket} is due {due}."),
            "Dear Ada Vogt, T-12 is due Mon 9 Mar 18:00 UTC."
        );
    }

    #[test]
    fn a_word_in_braces_that_is_none_of_ours_is_found() {
        assert_eq!(unknown("{ticket} {requestor} {x}"), Some("requestor"));
        assert_eq!(unknown("fn main() { } {\"json\": 1} {me}"), None);
    }
}
