//! Tickets, which are requests and incidents: the queue, a client's list, one of them with its conversation and clocks, a new one,
//! searching, and wishes.

mod act;
mod canned;
mod clock;
mod draft;
pub(crate) mod file;
mod form;
mod held;
mod more;
mod new;
mod notes;
mod one;
mod own;
mod queue;
mod said;
mod search;
mod talk;
mod wish;

use std::{collections::BTreeSet, sync::LazyLock};

use agreement::Party;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::Method,
    response::Response,
};
use control::live::{Book, Control, query::Line};
use desk::policy::{Action, Resource};
use facts::ClientId;
use spans::Instant;

pub(super) use self::{
    canned::answer_mistake,
    draft::save_draft,
    new::{CHANNEL, instances},
    wish::wishes,
};
use super::{
    App, Problem, Route, Section, Shell, Viewer,
    moment::{due, path, time, title},
    page,
};
use crate::part::{State as Word, badge};

/// Tickets that are open in one list.
const OPEN_MAX: usize = 200;
/// Closed ones below them.
const CLOSED_MAX: usize = 20;

pub(crate) fn routes() -> Vec<Route> {
    let lists = [Route::get("/clients/{client}/tickets", Action::ReadTickets, of_client)];
    let about = [
        new::routes(),
        own::routes(),
        held::routes(),
        one::routes(),
        act::routes(),
        more::routes(),
        file::routes(),
        draft::routes(),
    ];
    let across = [queue::routes(), search::routes(), wish::routes(), canned::routes()];
    lists.into_iter().chain(about.into_iter().chain(across).flatten()).collect()
}

/// The forms of a ticket's page that somebody may send, by the last part of their paths: what the table of routes asks for each.
fn offered(viewer: &Viewer, client: &ClientId) -> BTreeSet<&'static str> {
    static FORMS: LazyLock<Vec<(&'static str, Action)>> = LazyLock::new(|| {
        let routes = [act::routes(), more::routes(), file::routes(), draft::routes()].into_iter().flatten();
        let form = |route: Route| {
            let verb = route.path.strip_prefix("/clients/{client}/tickets/{ticket}/")?;
            (route.method == Method::POST).then_some((verb, route.action))
        };
        routes.filter_map(form).collect()
    });
    let may = |(_, action): &&(&str, Action)| viewer.may(*action, &Resource::of(*action, Some(client)));
    FORMS.iter().filter(may).map(|(verb, _)| *verb).collect()
}

/// One line of a list.
struct Row {
    client: String,
    /// Whom it is about: the client, or whom a ticket of the provider's own names.
    of: String,
    /// Whether it is one of those.
    own: bool,
    id: String,
    link: String,
    title: String,
    turn: String,
    words: String,
    next: String,
    received: String,
    by: String,
    instance: String,
    assignee: String,
    tags: Vec<String>,
    last: String,
}

#[derive(Template)]
#[template(path = "tickets.html")]
struct TicketsPage {
    shell: Shell,
    open: Vec<Row>,
    beyond: usize,
    closed: Vec<Row>,
    search: String,
    wishes: String,
    incidents: String,
    /// How many messages of people who are no contacts are held, and where.
    held: Option<(usize, String)>,
    /// Where a request is made, for those who make them.
    ask: Option<String>,
    /// Where one is written down that came another way.
    record: Option<String>,
    /// Where the provider's people write one for themselves, and those that are open.
    own: Option<String>,
    among_ourselves: Vec<Row>,
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let (of, who) = (client.clone(), viewer.clone());
    let found = app.ask_control(move |control, now| {
        let found = lists(control, &of, now)?;
        let beside = (
            own::about(control, &who, &of, now)?,
            control.read(&of, now, |book: &Book| book.held_count())?.unwrap_or_default(),
        );
        Ok::<_, journal::Error>(found.zip(Some(beside)))
    });
    let (found, (among_ourselves, held)) = found.await?.ok_or(Problem::NotFound)?;
    let held = if viewer.may(Action::ReadHeld, &Resource::Client(&client)) { held } else { 0 };
    let may_ask = viewer.may(Action::OpenTicket, &Resource::Client(&client));
    let ask = may_ask.then(|| format!("/clients/{client}/tickets/new"));
    let may_record = viewer.may(Action::RecordTicket, &Resource::Client(&client));
    let record = may_record.then(|| format!("/clients/{client}/tickets/record"));
    let shell = shell.of(&client).titled("Tickets").at(Section::Tickets).live_but_for_looks();
    let writes = viewer.may(Action::WriteNote, &Resource::Client(&client));
    let own = writes.then(|| (format!("/clients/{client}/tickets/internal"), among_ourselves));
    show(shell, &client, found, Ways { ask, record, own, held }, app.now())
}

/// Where new ones are made, for those who may.
struct Ways {
    ask: Option<String>,
    record: Option<String>,
    /// With those that the provider's people wrote for themselves.
    own: Option<(String, Vec<Row>)>,
    /// How many messages are held.
    held: usize,
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

fn show(
    shell: Shell,
    client: &ClientId,
    (open, closed): (Vec<Line>, Vec<Line>),
    Ways { ask, record, own, held }: Ways,
    now: Instant,
) -> Result<Response, Problem> {
    let (own, among_ourselves) = own.unzip();
    page(&TicketsPage {
        shell,
        beyond: open.len().saturating_sub(OPEN_MAX),
        open: open.iter().take(OPEN_MAX).map(|line| row(client, line, now)).collect(),
        closed: closed.iter().map(|line| row(client, line, now)).collect(),
        search: path(client, &["search"]),
        wishes: path(client, &["wishes"]),
        incidents: path(client, &["incidents"]),
        held: (0 < held).then(|| (held, path(client, &["tickets", "held"]))),
        ask,
        record,
        own,
        among_ourselves: among_ourselves.unwrap_or_default(),
    })
}

fn row(client: &ClientId, line: &Line, now: Instant) -> Row {
    let next = line
        .next
        .as_ref()
        .map(|(at, what)| format!("{} <span class=\"clause\">{}</span>", due(*at, now), title(what)));
    Row {
        client: client.to_string(),
        of: line.about.as_ref().unwrap_or(client).to_string(),
        own: line.about.is_some(),
        id: line.ticket.to_string(),
        link: path(client, &["tickets", line.ticket.as_str()]),
        title: line.title.clone().unwrap_or_else(|| line.ticket.to_string()),
        turn: turn(line),
        words: line.words.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(", "),
        next: next.unwrap_or_default(),
        received: time(line.received, now),
        by: line.by.clone(),
        instance: line.instance.as_ref().map_or(String::new(), ToString::to_string),
        assignee: line.assignee.as_ref().map_or(String::new(), |(_, name)| name.clone()),
        tags: line.tags.clone(),
        last: time(line.last, now),
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
