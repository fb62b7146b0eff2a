//! Now, the first page: what is missed next, what was missed lately, and what is down, across the clients one may see.
//! People of a client read three sentences first: is it up, what is being done, what waits for you.

mod line;
mod speak;

use std::collections::BTreeMap;

use agreement::{Binding, ShowAt};
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book, Call, Control,
    query::{ChangeRules, Figure, InstanceNow, Line, SupportHours, Waiting},
};
use desk::policy::{Action, Resource};
use facts::{Actor, ClientId, TicketId};
use serde::Deserialize;
use spans::{Instant, Length};

pub(super) use self::line::{Calling, calling, condition, strip};
use self::line::{Due, Gone, Left, Open, Standing};
use super::{
    App, Problem, Route, Section, Shell, Viewer,
    change::{Asking, asking},
    form::new_key,
    page,
};
use crate::{part::clauses, why::why_item};

/// Rows of what is due, and of what was missed: the page stays below 60 kB.
const ROWS_MAX: usize = 40;
/// How far back a strip on this page goes.
const STRIP: Length = Length::DAY;

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/", Action::ReadOwn, home),
        Route::get("/clients/{client}", Action::ReadClient, client),
        Route::get("/clients/{client}/why", Action::ReadClient, why),
    ]
}

#[derive(Template)]
#[template(path = "now.html")]
struct NowPage {
    shell: Shell,
    staff: bool,
    /// Whether it is about more than one client.
    across: bool,
    known: bool,
    sentences: Vec<String>,
    due: Vec<Due>,
    /// What comes after those that are shown.
    more: bool,
    gone: Vec<Gone>,
    /// Calls that nobody has seen yet, for staff.
    calls: Vec<Calling>,
    open: Vec<Open>,
    /// Changes that want the reader's approval (MP-CLI-11).
    asks: Vec<Asking>,
    standing: Vec<Standing>,
    /// What is left of the month, for one client.
    months: Vec<Left>,
    /// What the agreement says where something waits for the client, with its clauses.
    todo: Vec<(String, String)>,
    /// Where a request is made, for those who make them.
    ask: Option<String>,
}

/// Everybody's first page. Who does not count for their client yet has their account and nothing else (SH-REQ-06).
async fn home(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    let own = viewer.person.standing.client().cloned();
    let what = own.as_ref().map_or(Resource::Provider, Resource::Client);
    if !viewer.may(Action::ReadClient, &what) {
        return Ok(Redirect::to("/account").into_response());
    }
    let title = own.as_ref().map_or_else(|| "Now".to_owned(), |own| shell.name_of(own));
    show(&app, shell.titled(&title), &viewer, own).await
}

async fn client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    let title = shell.name_of(&client);
    let shell = shell.of(&client).titled(&title);
    show(&app, shell, &viewer, Some(client)).await
}

async fn show(app: &App, shell: Shell, viewer: &Viewer, one: Option<ClientId>) -> Result<Response, Problem> {
    let (staff, only) = (viewer.is_staff(), one.clone());
    let reader = (!staff).then(|| viewer.actor());
    let (mut found, now) = app
        .ask_control(move |control, now| {
            Ok::<_, journal::Error>((Found::gather(control, only.as_ref(), reader.as_ref(), now)?, now))
        })
        .await?;
    if found.clients.is_empty() && staff && one.is_some() {
        return Err(Problem::NotFound);
    }
    if !staff {
        found.keep_public();
        found.keep_answerable(viewer);
    }
    let of = one.as_ref().map_or(Resource::Provider, Resource::Client);
    found.money = viewer.may(Action::ReadStatements, &of);
    let ask = one.as_ref().filter(|client| viewer.may(Action::OpenTicket, &Resource::Client(client)));
    page(&NowPage {
        staff,
        across: one.is_none(),
        known: !found.clients.is_empty(),
        sentences: if staff { Vec::new() } else { speak::sentences(&found, now) },
        due: found.next.iter().take(ROWS_MAX).map(|next| line::due(&found, next, now)).collect(),
        more: found.next.len() > ROWS_MAX,
        gone: found.missed.iter().map(|missed| line::gone(&found, missed, now)).collect(),
        open: found.incidents().map(|(client, ticket)| line::open(client, ticket, now)).collect(),
        calls: found
            .calls
            .iter()
            .filter(|_| staff)
            .map(|(client, call)| line::calling(client, call, now))
            .collect(),
        asks: found.asks(now)?,
        months: if one.is_some() { line::months(&found) } else { Vec::new() },
        todo: if staff { Vec::new() } else { std::mem::take(&mut found.todo) },
        standing: line::standing(&found, one.is_some(), now),
        ask: ask.map(|client| format!("/clients/{client}/tickets/new")),
        shell: shell.at(Section::Now).live(),
    })
}

/// What the page is made from.
struct Found {
    clients: Vec<ClientId>,
    next: Vec<control::live::query::Next>,
    missed: Vec<control::live::query::Missed>,
    tickets: Vec<(ClientId, Line)>,
    instances: Vec<(ClientId, Seen)>,
    maintenance: Vec<(ClientId, control::live::query::MaintenanceRecord)>,
    titles: BTreeMap<(ClientId, String), String>,
    support: Vec<SupportHours>,
    todo: Vec<(String, String)>,
    /// What waits for the reader's word; for people of a client.
    waiting: Vec<(ClientId, Waiting)>,
    /// What the agreement says of changes, where the page is one client's.
    rules: ChangeRules,
    calls: Vec<(ClientId, Call)>,
    /// Whether the reader is shown what a miss costs in money.
    money: bool,
}

/// An instance as its client's journal names it, and, where an agreement watches it, how it stands.
struct Seen {
    id: String,
    name: String,
    now: Option<InstanceNow>,
}

impl Found {
    fn gather(
        control: &Control,
        only: Option<&ClientId>,
        reader: Option<&Actor>,
        now: Instant,
    ) -> journal::Result<Found> {
        let mut clients = control.known_clients()?;
        clients.retain(|client| only.is_none_or(|only| only == client));
        let mut found = Found {
            next: control.next(&clients, now, ROWS_MAX + 1)?,
            missed: control.missed(&clients, now, ROWS_MAX)?,
            calls: control.calls(&clients, now)?,
            clients,
            tickets: Vec::new(),
            instances: Vec::new(),
            maintenance: Vec::new(),
            titles: BTreeMap::new(),
            support: Vec::new(),
            todo: Vec::new(),
            waiting: Vec::new(),
            rules: ChangeRules::default(),
            money: false,
        };
        for client in found.clients.clone() {
            found.look(control, &client, reader, now)?;
        }
        Ok(found)
    }

    /// `reader`: who of the client reads it.
    fn look(
        &mut self,
        control: &Control,
        client: &ClientId,
        reader: Option<&Actor>,
        now: Instant,
    ) -> journal::Result<()> {
        let waiting = |book: &Book| reader.map(|who| book.waits_for_client(who, now)).unwrap_or_default();
        let read = |book: &Book| {
            let (instances, lines) = (book.instances(now, STRIP), book.open_ticket_lines(now));
            (instances, lines, book.maintenance(), book.support_hours(now), Said::of(book), waiting(book))
        };
        let (mut seen, lines, records, support, said, waiting) =
            control.read(client, now, read)?.unwrap_or_default();
        (self.support, self.todo, self.rules) = (support, said.todo, said.rules);
        self.waiting.push((client.clone(), waiting));
        for instance in control.journal().instances(client)? {
            let at = seen.iter().position(|now| now.instance == instance.instance);
            let now = at.map(|at| seen.swap_remove(at));
            let seen = Seen { id: instance.instance.to_string(), name: instance.name, now };
            self.instances.push((client.clone(), seen));
        }
        let title = |line: &Line| Some(((client.clone(), line.ticket.to_string()), line.title.clone()?));
        self.titles.extend(lines.iter().filter_map(title));
        self.tickets.extend(lines.into_iter().map(|line| (client.clone(), line)));
        let ahead = records.into_iter().filter(|r| now < r.planned.ends_at || r.word(now) == "overrun");
        self.maintenance.extend(
            ahead.filter(|r| r.cancelled.is_none() && r.ended.is_none()).map(|r| (client.clone(), r)),
        );
        Ok(())
    }

    /// SH-RES-02: a nudge among the provider's people is nothing that the client is owed.
    fn keep_public(&mut self) {
        self.next.retain(|next| !next.forecast.internal);
        self.missed.retain(|missed| missed.obligation.duty.binding != Binding::Internal);
    }

    /// Nobody is asked for what somebody else answers for the client.
    fn keep_answerable(&mut self, viewer: &Viewer) {
        for (client, waiting) in &mut self.waiting {
            let may = |action| viewer.may(action, &Resource::Client(client));
            if !may(Action::AgreeWindow) {
                waiting.proposals.clear();
            }
            if !may(Action::ApproveChange) {
                waiting.changes.clear();
            }
            if !may(Action::SettleHeld) {
                waiting.held = 0;
            }
            if !may(Action::AnswerExclusion) {
                waiting.claims.clear();
            }
        }
    }

    fn asks(&self, now: Instant) -> Result<Vec<Asking>, Problem> {
        let mut asks = Vec::new();
        for (client, waiting) in &self.waiting {
            for change in &waiting.changes {
                asks.push(asking(client, change, &self.rules, &new_key()?, now)?);
            }
        }
        Ok(asks)
    }

    fn incidents(&self) -> impl Iterator<Item = (&ClientId, &Line)> {
        self.tickets.iter().filter(|(_, line)| line.is_incident()).map(|(client, line)| (client, line))
    }

    fn title(&self, client: &ClientId, ticket: &str) -> Option<&String> {
        self.titles.get(&(client.clone(), ticket.to_owned()))
    }
}

/// What the agreement itself has for this page.
#[derive(Default)]
struct Said {
    todo: Vec<(String, String)>,
    rules: ChangeRules,
}

impl Said {
    fn of(book: &Book) -> Said {
        let Some(versions) = book.versions() else { return Said::default() };
        let agreement = versions.latest().agreement();
        // MP-CLI-06: where something waits for the client.
        let todo = agreement.show.iter().filter(|show| show.at.contains(&ShowAt::ClientTodo));
        let todo = todo.map(|show| (show.text.clone(), clauses(&show.clause.ids))).collect();
        Said { todo, rules: book.change_rules() }
    }
}

/// Which figure of the page is asked about: something that comes, by its words, or something missed, by its key.
#[derive(Deserialize)]
struct Which {
    next: Option<String>,
    missed: Option<String>,
}

#[derive(Template)]
#[template(path = "why_room.html")]
struct WhyRoom {
    shell: Shell,
    value: String,
    item: String,
}

/// What a link that was kept leads to when its forecast is no more.
#[derive(Template)]
#[template(path = "why_gone.html")]
struct WhyGone {
    shell: Shell,
    now: String,
}

/// The derivation behind a line of the page.
async fn why(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    let figure = which.figure().ok_or(Problem::NotFound)?;
    let of_forecast = matches!(figure, Figure::Next(_));
    let found =
        app.book_with(&client, figure.recall(), move |book, now: Instant| book.why(&figure, now)).await?;
    let now = format!("/clients/{client}");
    let shell = shell.of(&client).titled("Why").at(Section::Now).below("Now", &now);
    let Some(found) = found else {
        let shell = shell.titled("This is no longer what is missed next");
        return if of_forecast { gone(&WhyGone { shell, now }) } else { Err(Problem::NotFound) };
    };
    if found.internal && !viewer.reads_notes(&client) {
        return Err(Problem::NotFound);
    }
    if found.money {
        viewer.require(Action::ReadStatements, &Resource::Client(&client))?;
    }
    page(&WhyRoom { shell, value: line::name(&found.what).0, item: why_item(&found.why, &found.readings) })
}

fn gone(why: &WhyGone) -> Result<Response, Problem> {
    let mut response = page(why)?;
    *response.status_mut() = StatusCode::NOT_FOUND;
    Ok(response)
}

impl Which {
    fn figure(self) -> Option<Figure> {
        self.next.map(Figure::Next).or(self.missed.map(Figure::Owed))
    }
}

/// The ticket in a line's words: `ticket T-1`.
fn ticket_in(subject: &str) -> Option<TicketId> {
    subject.strip_prefix("ticket ")?.split(' ').next()?.parse().ok()
}
