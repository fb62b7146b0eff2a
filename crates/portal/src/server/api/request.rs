//! Requests and incidents: the list, and one with its conversation and its clocks.

mod act;
mod arrange;
mod draft;
mod file;
mod new;
mod own;
mod preview;
mod search;
mod undo;
mod wish;

use std::{cmp::Reverse, collections::BTreeMap};

use agreement::Binding;
use axum::response::Response;
use control::live::{
    Control,
    query::{Line, Remark, TicketView},
};
use desk::policy::Action;
use facts::{ClientId, TicketId};
use promise::{hint::Hint, obligation::Obligation};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

pub(super) use self::act::Nothing;
use super::{
    head::Read,
    operation::{Kind, Operation},
    page::{Asking, LIMIT_MAX, list},
    shape::{At, at, why},
};
use crate::server::{App, Problem, Route, Viewer};

/// Remarks in one answer, the newest; the page shows as many.
const REMARKS_MAX: usize = 200;
const STATES: [&str; 2] = ["open", "closed"];
const TURNS: [&str; 2] = ["provider", "client"];

pub(super) fn routes() -> Vec<Route> {
    let list =
        Operation::read::<Requests>("Requests", "list_requests", "Requests and incidents, the newest first.")
            .asks("state", Kind::OneOf(&STATES), "Only open or only closed ones.")
            .asks("turn", Kind::OneOf(&TURNS), "Only those where it is this party's turn.")
            .paged(LIMIT_MAX);
    let one = Operation::read::<Request>(
        "Requests",
        "get_request",
        "One of them, with what was said and done, what is owed about it, until when, and how that stands.",
    );
    let own = vec![
        Route::get("/api/v1/clients/{client}/requests", Action::ReadTickets, requests).told(list),
        Route::get("/api/v1/clients/{client}/requests/{ticket}", Action::ReadTickets, request).told(one),
    ];
    let about = [
        new::routes(),
        own::routes(),
        act::routes(),
        arrange::routes(),
        draft::routes(),
        file::routes(),
        search::routes(),
        preview::routes(),
        undo::routes(),
        wish::routes(),
    ];
    own.into_iter().chain(about.into_iter().flatten()).collect()
}

/// A request in a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct RequestLine {
    /// Its id.
    ticket: String,
    /// What it is about, in the requester's words.
    title: Option<String>,
    /// The way it came in.
    channel: String,
    instance: Option<String>,
    /// Who sent it.
    by: String,
    received_at: At,
    /// `open` or `closed`.
    state: &'static str,
    /// Whose turn it is: `provider` or `client`; null where it is closed.
    turn: Option<&'static str>,
    /// What was said of it in the agreement's words: `priority`, `urgency`, `class`, `kind`.
    words: BTreeMap<&'static str, String>,
    /// Who of the provider's people has it.
    assignee: Option<String>,
    /// The provider's own words on it; none for others.
    tags: Vec<String>,
    /// The request in which it goes on.
    merged_into: Option<String>,
    /// What falls due next.
    next_due: Option<NextDue>,
    /// Whether something about it was missed.
    missed: bool,
    /// Where it is.
    href: String,
}

/// What falls due next.
#[derive(Serialize, ToSchema)]
pub(crate) struct NextDue {
    due_at: At,
    /// The rule of the agreement.
    rule: String,
}

impl RequestLine {
    pub(crate) fn of(client: &ClientId, line: Line, staff: bool) -> RequestLine {
        RequestLine {
            href: at(client, &["requests", line.ticket.as_str()]),
            ticket: line.ticket.to_string(),
            title: line.title,
            channel: line.channel,
            instance: line.instance.map(|instance| instance.to_string()),
            by: line.by,
            received_at: line.received.into(),
            state: STATES[usize::from(line.turn.is_none())],
            turn: line.turn.map(|party| party.name()),
            words: line.words.into_iter().collect(),
            assignee: line.assignee.map(|(_, name)| name),
            tags: if staff { line.tags } else { Vec::new() },
            merged_into: line.merged_into.map(|into| into.to_string()),
            next_due: line.next.map(|(at, rule)| NextDue { due_at: at.into(), rule }),
            missed: line.missed,
        }
    }
}

list! {
    /// Requests.
    Requests of RequestLine
}

async fn requests(
    Read { app, known, asking, place: client }: Read<ClientId>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&["state", "turn", "limit", "cursor"])?;
    let state = asking.one_of("state", &STATES)?;
    let turn = asking.one_of("turn", &TURNS)?;
    // Whose turn it is, is said of open ones only.
    let mut lines = match (state, turn) {
        (Some("closed"), Some(_)) => Vec::new(),
        (Some("open"), _) | (_, Some(_)) => {
            app.book(&client, |book, now| book.open_ticket_lines(now)).await?
        }
        (state, None) => newest(&app, &client, state.is_none(), &asking).await?,
    };
    lines.retain(|line| turn.is_none_or(|turn| line.turn.map(|party| party.name()) == Some(turn)));
    lines.sort_by_cached_key(place);
    let (lines, next) = asking.cut(lines, place, LIMIT_MAX)?;
    let items =
        lines.into_iter().map(|line| RequestLine::of(&client, line, viewer.reads_notes(&client))).collect();
    known.answer(&Requests { items, next })
}

/// As many as the page shows and one more, from the cursor on: a client's closed tickets are too many to be read for each page.
async fn newest(app: &App, client: &ClientId, open_too: bool, asking: &Asking) -> Result<Vec<Line>, Problem> {
    let before = asking.after::<Order>()?.and_then(|(received, ticket)| {
        Some((Instant::from_micros(received.saturating_neg()), ticket.0.parse().ok()?))
    });
    let (client, limit) = (client.clone(), asking.limit(LIMIT_MAX)?);
    let found = app.ask_control(move |control, now| {
        control.newest_lines(&client, open_too, before.as_ref(), limit + 1, now)
    });
    found.await?.ok_or(Problem::NotFound)
}

/// What the list is sorted by.
type Order = (i64, Reverse<String>);

/// The newest first: what comes in later stands before every cursor.
fn place(line: &Line) -> Order {
    (line.received.as_micros().saturating_neg(), Reverse(line.ticket.to_string()))
}

/// A request with all that is known of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Request {
    request: RequestLine,
    /// What was said and done, in order; what is for the provider's people only is not there for others.
    conversation: Vec<Said>,
    /// How many came before those that are shown.
    earlier: usize,
    /// What is owed about it: what runs first, then the newest.
    clocks: Vec<Clock>,
    /// What the ledger suggests about it, for the provider's people.
    hint: Option<HintWords>,
    /// Escalations that are suggested.
    escalate: Vec<String>,
    /// The held message that it was made of.
    made_of: Option<String>,
}

/// Something said or done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Said {
    /// The fact.
    fact: String,
    at: At,
    /// Who.
    by: String,
    /// For whom: `provider`, `client` or `outside`.
    side: &'static str,
    /// Whether a person did it.
    person: bool,
    /// What, in the vocabulary of facts.
    event: &'static str,
    /// What was written.
    text: Option<String>,
    /// Words that it set, by field.
    words: BTreeMap<&'static str, String>,
    /// Whether the client does not see it.
    internal: bool,
}

/// Something owed about a request.
#[derive(Serialize, ToSchema)]
pub(crate) struct Clock {
    /// A name that stays.
    key: String,
    /// The rule of the agreement.
    rule: String,
    /// Who owes it.
    party: &'static str,
    /// `running`, `waiting`, `met`, `missed`, `cancelled`, `excused` or `forfeited`.
    state: &'static str,
    /// The same with when and by whom.
    text: String,
    started_at: At,
    /// The last instant in time; null while it is not known.
    due_at: Option<At>,
    /// Whether something can still be done about it.
    open: bool,
    /// The calendar its time runs in.
    calendar: String,
    clauses: Vec<String>,
    /// Where its derivation is.
    why: String,
}

/// What the ledger suggests.
#[derive(Serialize, ToSchema)]
pub(crate) struct HintWords {
    /// The highest priority, where the agreement has priorities and what is in production is down.
    priority: Option<String>,
    class: Option<String>,
    kind: Option<String>,
    clauses: Vec<String>,
}

impl HintWords {
    fn of(hint: Hint) -> HintWords {
        let Hint { priority, class, kind, clauses } = hint;
        HintWords { priority, class, kind, clauses }
    }
}

/// Which request an address names.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Place {
    pub(super) client: ClientId,
    pub(super) ticket: TicketId,
}

async fn request(
    Read { app, known, asking, place }: Read<Place>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let staff = viewer.reads_notes(&place.client);
    let found = app.ask_control(move |control, now| find(control, &place, staff, now)).await?;
    known.answer(&found.ok_or(Problem::NotFound)?)
}

/// What the asker is shown: the same for a reading and for `If-Match`.
fn find(control: &Control, at: &Place, staff: bool, now: Instant) -> journal::Result<Option<Request>> {
    let view = control.ticket(&at.client, &at.ticket, now)?;
    Ok(view.map(|view| shown(&at.client, view, staff)))
}

fn shown(client: &ClientId, view: TicketView, staff: bool) -> Request {
    // An internal note is not there for the client: neither its text nor that there is one.
    let mut remarks: Vec<Remark> = view.remarks;
    remarks.retain(|remark| staff || !remark.is_internal());
    let earlier = remarks.len().saturating_sub(REMARKS_MAX);
    let mut clocks = view.obligations;
    clocks.retain(|owed| staff || owed.duty.binding != Binding::Internal);
    clocks.sort_by_key(|o| (!o.open, o.due.unwrap_or(Instant::MAX), std::cmp::Reverse(o.started)));
    let hint = view.hint.filter(|_| staff).map(HintWords::of);
    Request {
        request: RequestLine::of(client, view.line, staff),
        conversation: remarks.into_iter().skip(earlier).map(said).collect(),
        earlier,
        clocks: clocks.into_iter().map(|clock| owed(client, clock)).collect(),
        hint,
        escalate: view.escalate,
        made_of: view.made_of.map(|held| held.to_string()),
    }
}

fn said(remark: Remark) -> Said {
    Said {
        internal: remark.is_internal(),
        fact: remark.fact.to_string(),
        at: remark.at.into(),
        by: remark.by,
        side: remark.side.name(),
        person: remark.person,
        event: remark.event.name(),
        text: remark.text,
        words: remark.words.into_iter().collect(),
    }
}

fn owed(client: &ClientId, owed: Obligation) -> Clock {
    let key = owed.key();
    Clock {
        why: why(client, &[("owed", &key)]),
        key,
        rule: owed.duty.id.clone(),
        party: owed.duty.party.name(),
        state: owed.state.name(),
        text: owed.state.to_string(),
        started_at: owed.started.into(),
        due_at: owed.due.map(At),
        open: owed.open,
        calendar: owed.calendar.to_string(),
        clauses: owed.clauses().to_vec(),
    }
}
