//! Tickets, which are requests and incidents: the lists, one of them with its conversation and clocks, and a new one.

mod act;
mod clock;
mod new;
mod one;

use agreement::Party;
use askama::Template;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{Control, query::Line};
use desk::policy::{Action, Resource};
use facts::ClientId;
use spans::Instant;

pub(super) use self::new::{CHANNEL, instances};
use super::{
    App, Problem, Route, Section, Shell, Viewer,
    moment::{due, path, time, title},
    page,
};
use crate::part::{State as Word, badge};

/// Tickets that are open in one list, of all clients together.
const OPEN_MAX: usize = 200;
/// Closed ones below them, of each client.
const CLOSED_MAX: usize = 20;

pub(crate) fn routes() -> Vec<Route> {
    let lists = vec![
        Route::get("/tickets", Action::ReadTickets, all),
        Route::get("/clients/{client}/tickets", Action::ReadTickets, of_client),
    ];
    lists.into_iter().chain(new::routes()).chain(one::routes()).chain(act::routes()).collect()
}

/// One line of a list.
struct Row {
    client: String,
    id: String,
    link: String,
    title: String,
    turn: String,
    words: String,
    next: String,
    received: String,
    by: String,
    instance: String,
}

#[derive(Template)]
#[template(path = "tickets.html")]
struct TicketsPage {
    shell: Shell,
    across: bool,
    open: Vec<Row>,
    beyond: usize,
    closed: Vec<Row>,
    /// Where a request is made, for those who make them.
    ask: Option<String>,
}

async fn all(State(app): State<App>, shell: Shell) -> Result<Response, Problem> {
    let (books, now) = (app.ask_control(every_list).await?, app.now());
    let shell = shell.titled("Tickets").at(Section::Tickets).live();
    show(shell, books, None, now)
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let of = client.clone();
    let found = app.ask_control(move |control, now| lists(control, &of, now)).await?;
    let found = found.ok_or(Problem::NotFound)?;
    let may_ask = viewer.may(Action::OpenTicket, &Resource::Client(&client));
    let ask = may_ask.then(|| format!("/clients/{client}/tickets/new"));
    let shell = shell.of(&client).titled("Tickets").at(Section::Tickets).live();
    show(shell, vec![(client, found)], Some(ask), app.now())
}

/// A client's tickets: open, and the newest that are closed.
fn lists(
    control: &Control,
    client: &ClientId,
    now: Instant,
) -> journal::Result<Option<(Vec<Line>, Vec<Line>)>> {
    let open = control.read(client, now, |book| book.open_ticket_lines(now))?;
    let closed = control.newest_lines(client, false, None, CLOSED_MAX, now)?;
    Ok(open.zip(closed))
}

fn every_list(control: &Control, now: Instant) -> journal::Result<Lists> {
    let clients = control.clients().into_iter().filter(|client| *client != ClientId::provider());
    let found = clients.map(|client| Ok(lists(control, &client, now)?.map(|lists| (client, lists))));
    found.filter_map(Result::transpose).collect()
}

/// Of each client: open, closed.
type Lists = Vec<(ClientId, (Vec<Line>, Vec<Line>))>;

fn show(shell: Shell, books: Lists, one: Option<Option<String>>, now: Instant) -> Result<Response, Problem> {
    let mut open: Vec<(&ClientId, &Line)> =
        books.iter().flat_map(|(client, (open, _))| open.iter().map(move |line| (client, line))).collect();
    let soonest = |line: &Line| line.next.as_ref().map_or(Instant::MAX, |(due, _)| *due);
    open.sort_by_key(|(client, line)| (soonest(line), *client, &line.ticket));
    let mut closed: Vec<(&ClientId, &Line)> = books
        .iter()
        .flat_map(|(client, (_, closed))| closed.iter().map(move |line| (client, line)))
        .collect();
    closed.sort_by_key(|(_, line)| std::cmp::Reverse(line.received));
    page(&TicketsPage {
        shell,
        across: one.is_none(),
        beyond: open.len().saturating_sub(OPEN_MAX),
        open: open.iter().take(OPEN_MAX).map(|(client, line)| row(client, line, now)).collect(),
        closed: closed.iter().take(CLOSED_MAX).map(|(client, line)| row(client, line, now)).collect(),
        ask: one.flatten(),
    })
}

fn row(client: &ClientId, line: &Line, now: Instant) -> Row {
    let next = line
        .next
        .as_ref()
        .map(|(at, what)| format!("{} <span class=\"clause\">{}</span>", due(*at, now), title(what)));
    Row {
        client: client.to_string(),
        id: line.ticket.to_string(),
        link: path(client, &["tickets", line.ticket.as_str()]),
        title: line.title.clone().unwrap_or_else(|| line.ticket.to_string()),
        turn: turn(line),
        words: line.words.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(", "),
        next: next.unwrap_or_default(),
        received: time(line.received, now),
        by: line.by.clone(),
        instance: line.instance.as_ref().map_or(String::new(), ToString::to_string),
    }
}

/// Whose turn it is, and whether something was missed.
fn turn(line: &Line) -> String {
    let turn = match line.turn {
        Some(Party::Client) => badge(Word::Client, "the client's turn"),
        Some(Party::Provider | Party::Both) => badge(Word::Risk, "the provider's turn"),
        None => badge(Word::Kept, "closed"),
    };
    if line.missed { format!("{turn} {}", badge(Word::Missed, "missed")) } else { turn }
}
