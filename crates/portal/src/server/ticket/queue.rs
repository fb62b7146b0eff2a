//! The queue of the provider's people: open tickets of every client by whose turn it is and what falls due first, with ways of
//! looking at it that can be kept, and acts on several at once.

use std::collections::BTreeSet;

use agreement::Party;
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, Uri},
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control, NotDone,
    command::{Arrangement, BULK_MAX, By},
    query::Line,
};
use desk::policy::Action;
use facts::{ClientId, TicketId};
use journal::{Key, desk::KeptView};
use spans::Instant;

use super::{Row, more::tags, own, row};
use crate::server::{
    App, Field, Problem, Route, Section, Shell, Viewer,
    form::{Pick, Refused, Sent, new_key},
    local, page,
    undo::Step,
};

/// Tickets on the page.
const SHOWN_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/tickets", Action::ReadTickets, show),
        Route::post("/tickets/bulk", Action::Assign, bulk),
        Route::post("/tickets/views", Action::EditDesk, keep_view),
        Route::post("/tickets/views/drop", Action::EditDesk, drop_view),
    ]
}

/// What somebody wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct View {
    turn: Option<Party>,
    /// `me`, `nobody`, or a person's id.
    who: Option<String>,
    client: Option<ClientId>,
    tag: Option<String>,
    missed: bool,
    unclassified: bool,
}

impl View {
    fn read(query: &str) -> View {
        let pairs = serde_urlencoded_pairs(query);
        let get = |name: &str| {
            let found = pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.trim());
            found.filter(|value| !value.is_empty()).map(str::to_owned)
        };
        View {
            turn: get("turn").and_then(|turn| match turn.as_str() {
                "provider" => Some(Party::Provider),
                "client" => Some(Party::Client),
                _ => None,
            }),
            who: get("who"),
            client: get("client").and_then(|client| client.parse().ok()),
            tag: get("tag").map(|tag| tag.to_lowercase()),
            missed: get("missed").is_some(),
            unclassified: get("unclassified").is_some(),
        }
    }

    fn fits(&self, client: &ClientId, line: &Line, me: &str) -> bool {
        let has = line.assignee.as_ref().map(|(id, _)| id.as_str());
        let who = match self.who.as_deref() {
            None => true,
            Some("me") => has == Some(me),
            Some("nobody") => has.is_none(),
            Some(id) => has == Some(id),
        };
        let turn = self.turn.is_none_or(|turn| match turn {
            Party::Client => line.turn == Some(Party::Client),
            _ => line.turn != Some(Party::Client),
        });
        who && turn
            && self.client.as_ref().is_none_or(|wanted| wanted == line.about.as_ref().unwrap_or(client))
            && self.tag.as_ref().is_none_or(|tag| line.tags.iter().any(|has| has.to_lowercase() == *tag))
            && (!self.missed || line.missed)
            && (!self.unclassified || line.words.iter().any(|(_, word)| word == "unclassified"))
    }
}

/// What stands after the question mark, name by name; what cannot be read says nothing.
fn serde_urlencoded_pairs(query: &str) -> Vec<(String, String)> {
    let uri: Result<Uri, _> = format!("/?{query}").parse();
    let pairs = uri.ok().and_then(|uri| axum::extract::Query::try_from_uri(&uri).ok());
    pairs.map(|axum::extract::Query(pairs)| pairs).unwrap_or_default()
}

/// Tickets that wait for one side, or that are nobody's turn.
struct Group {
    id: &'static str,
    name: &'static str,
    rows: Vec<Row>,
    beyond: usize,
}

#[derive(Template)]
#[template(path = "queue.html")]
struct QueuePage {
    shell: Shell,
    key: String,
    query: String,
    groups: Vec<Group>,
    all: usize,
    filters: Vec<String>,
    missed: bool,
    unclassified: bool,
    views: Vec<Kept>,
    give: String,
    tag: String,
    refused: Option<Refused>,
}

/// A kept view, as the page shows it.
struct Kept {
    name: String,
    link: String,
    here: bool,
    mine: bool,
    shared: bool,
}

async fn show(State(app): State<App>, shell: Shell, viewer: Viewer, uri: Uri) -> Result<Response, Problem> {
    draw(&app, shell, &viewer, uri.query().unwrap_or_default().to_owned(), None).await
}

async fn draw(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    query: String,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let (view, me, now) = (View::read(&query), viewer.person.id.clone(), app.now());
    let id = me.clone();
    let found = app.ask_control(move |control, now| {
        let (views, staff) =
            control.journal().read(|tx| Ok::<_, journal::Error>((tx.views(&id)?, tx.staff()?)))?;
        Ok::<_, journal::Error>((open(control, now)?, views, staff))
    });
    let (lines, views, staff) = found.await?;
    let staff = staff.into_iter().filter(|person| person.is_here(now));
    let staff: Vec<(String, String)> = staff.map(|person| (person.id, person.name)).collect();
    let clients: BTreeSet<&ClientId> =
        lines.iter().map(|(client, line)| line.about.as_ref().unwrap_or(client)).collect();
    let filters = filters(&view, &clients, &staff, &shell);
    let all = lines.len();
    let mut fit: Vec<&(ClientId, Line)> =
        lines.iter().filter(|(client, line)| view.fits(client, line, &me)).collect();
    fit.sort_by_key(|(client, line)| (soonest(line), client.clone(), line.ticket.clone()));
    let group = |id, name, theirs: bool| {
        let of = fit.iter().filter(|(_, line)| (line.turn == Some(Party::Client)) == theirs);
        let rows: Vec<Row> =
            of.clone().take(SHOWN_MAX).map(|(client, line)| row(client, line, now)).collect();
        Group { id, name, beyond: of.count() - rows.len(), rows }
    };
    let groups = [group("ours", "Our turn", false), group("theirs", "The client's turn", true)];
    let kept = |kept: KeptView| Kept {
        link: format!("/tickets?{}", kept.query),
        here: kept.query == query,
        mine: kept.person == me,
        shared: kept.shared,
        name: kept.name,
    };
    page(&QueuePage {
        shell: shell.titled("Queue").at(Section::Tickets).live_but_for_looks(),
        key: new_key()?,
        groups: groups.into_iter().filter(|group| !group.rows.is_empty()).collect(),
        all,
        filters,
        missed: view.missed,
        unclassified: view.unclassified,
        views: views.into_iter().map(kept).collect(),
        give: give(&staff),
        tag: Field::text("add", "Tags to put on").optional().to_string(),
        query,
        refused,
    })
}

fn soonest(line: &Line) -> Instant {
    line.next.as_ref().map_or(Instant::MAX, |(due, _)| *due)
}

/// Every open ticket of every client, and those of our own.
fn open(control: &Control, now: Instant) -> journal::Result<Vec<(ClientId, Line)>> {
    let mut all = Vec::new();
    for client in control.clients().into_iter().filter(|client| *client != ClientId::provider()) {
        let lines = control.read(&client, now, |book| book.open_ticket_lines(now))?.unwrap_or_default();
        let lines = lines.into_iter().filter(|line| line.merged_into.is_none());
        all.extend(lines.map(|line| (client.clone(), line)));
    }
    all.extend(own::all(control, now)?);
    Ok(all)
}

fn filters(
    view: &View,
    clients: &BTreeSet<&ClientId>,
    staff: &[(String, String)],
    shell: &Shell,
) -> Vec<String> {
    let pick = |name, label, first: &str, options: Vec<(String, String)>, value: String| {
        let none = (String::new(), first.to_owned());
        let options = std::iter::once(none).chain(options).collect();
        Pick { id: name, name, label, hint: String::new(), options, value }.to_string()
    };
    let word = |text: &str| text.to_owned();
    let turns = vec![(word("provider"), word("ours")), (word("client"), word("the client's"))];
    let turn = match view.turn {
        Some(Party::Client) => word("client"),
        Some(_) => word("provider"),
        None => String::new(),
    };
    let mut who = vec![(word("me"), word("me")), (word("nobody"), word("nobody"))];
    who.extend(staff.iter().cloned());
    let clients = clients.iter().map(|client| (client.to_string(), shell.name_of(client))).collect();
    let client = view.client.as_ref().map_or(String::new(), ToString::to_string);
    vec![
        pick("turn", "Whose turn", "anybody's", turns, turn),
        pick("who", "Who has it", "anybody", who, view.who.clone().unwrap_or_default()),
        pick("client", "Client", "every client", clients, client),
        Field::text("tag", "Tag").optional().value(view.tag.as_deref().unwrap_or_default()).to_string(),
    ]
}

fn give(staff: &[(String, String)]) -> String {
    let first = [(String::new(), "leave as it is".to_owned()), ("nobody".to_owned(), "nobody".to_owned())];
    let options = first.into_iter().chain(staff.iter().cloned()).collect();
    Pick { id: "to", name: "to", label: "Give them to", hint: String::new(), options, value: String::new() }
        .to_string()
}

/// Several at once: each is recorded for itself, and what is refused is told with its name.
async fn bulk(
    State(app): State<App>,
    headers: HeaderMap,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let query = sent.get("query").to_owned();
    let chosen: Vec<(ClientId, TicketId)> = sent.all("ticket").filter_map(chosen).collect();
    let acts = wanted(&sent);
    let mut steps = Vec::new();
    let refused = if chosen.is_empty() || acts.is_empty() {
        Some("Choose tickets, and what is to be done with them.".to_owned())
    } else if chosen.len() > BULK_MAX {
        Some(format!("{} tickets at once are too many: {BULK_MAX} at most.", chosen.len()))
    } else {
        let (name, actor) = (sent.key("bulk")?.name().to_owned(), viewer.actor());
        let done = app.ask_control(move |control, now| {
            Ok::<_, NotDone>(each(control, &chosen, &acts, &name, &actor, now))
        });
        let (done, refused) = done.await?;
        steps = done;
        Some(refused).filter(|refused| !refused.is_empty())
    };
    match refused {
        Some(reason) => draw(&app, shell, &viewer, query, Some(Refused::because(&reason))).await,
        None => app.done_at(&headers, &viewer, &back(&format!("/tickets?{query}")), steps).await,
    }
}

/// The queue as it was looked at, where that is an address of ours; else all of it.
fn back(to: &str) -> String {
    match local::path(to.trim_end_matches('?')) {
        "/" => "/tickets".to_owned(),
        path => path.to_owned(),
    }
}

/// `client/ticket` of a box that was ticked.
fn chosen(value: &str) -> Option<(ClientId, TicketId)> {
    let (client, ticket) = value.split_once('/')?;
    Some((client.parse().ok()?, ticket.parse().ok()?))
}

fn wanted(sent: &Sent) -> Vec<Arrangement> {
    let give = match sent.get("to") {
        "" => None,
        "nobody" => Some(Arrangement::Assign(None)),
        person => Some(Arrangement::Assign(Some(person.to_owned()))),
    };
    let add = tags(sent.get("add"));
    let tag = (!add.is_empty()).then_some(Arrangement::Tag { add, remove: Vec::new() });
    give.into_iter().chain(tag).collect()
}

fn each(
    control: &Control,
    chosen: &[(ClientId, TicketId)],
    acts: &[Arrangement],
    name: &str,
    actor: &facts::Actor,
    now: Instant,
) -> (Vec<Step>, String) {
    let (mut steps, mut refused) = (Vec::new(), Vec::new());
    for (client, ticket) in chosen {
        for (index, act) in acts.iter().enumerate() {
            let key = Key::new(&format!("{name}/{ticket}/{index}")).ok();
            let by = By { key, ..By::new(actor.clone()) };
            match control.arrange(client, ticket, act.clone(), by, now) {
                Ok(arranged) => steps.extend(Step::of(client, ticket, act, arranged.undo)),
                Err(why) => refused.push(format!("{ticket}: {why}")),
            }
        }
    }
    (steps, refused.join("; "))
}

/// Keeps a way of looking at the queue under a name.
async fn keep_view(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    let (name, query) = (sent.get("name").to_owned(), sent.get("query").to_owned());
    let to = back(&format!("/tickets?{query}"));
    if !name.is_empty() {
        let shared = sent.given("shared").is_some();
        let view = KeptView { person: viewer.person.id, name, query, shared };
        app.ask(move |journal| journal.write(move |tx| tx.put_view(&view))).await?;
    }
    Ok(Redirect::to(&to).into_response())
}

async fn drop_view(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    let (person, name) = (viewer.person.id, sent.get("name").to_owned());
    match app.ask(move |journal| journal.write(move |tx| tx.drop_view(&person, &name))).await? {
        true => Ok(Redirect::to("/tickets").into_response()),
        false => Err(Problem::NotFound),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_read_from_an_address_and_passes_over_what_it_does_not_know() {
        let view = View::read("turn=client&who=me&tag=EU&client=acme&missed=1&x=y");
        assert_eq!(view.turn, Some(Party::Client));
        assert_eq!((view.who.as_deref(), view.tag.as_deref()), (Some("me"), Some("eu")));
        assert_eq!(view.client, Some("acme".parse().unwrap()));
        assert!(view.missed && !view.unclassified);
        assert_eq!(View::read("turn=nobody&client=%00"), View::default());
    }

    #[test]
    fn what_is_no_address_leads_to_the_whole_queue() {
        assert_eq!(back("/tickets?turn=client&done=recorded"), "/tickets?turn=client&done=recorded");
        for query in ["a\r\nX: y", "ü", "a b"] {
            assert_eq!(back(&format!("/tickets?{query}")), "/tickets");
        }
    }

    #[test]
    fn a_box_names_a_client_and_a_ticket() {
        assert_eq!(chosen("acme/T-1"), Some(("acme".parse().unwrap(), "T-1".parse().unwrap())));
        assert_eq!((chosen("acme"), chosen("/T-1"), chosen("acme/")), (None, None, None));
    }
}
