//! Messages that are no requests: whoever wrote them is none of the client's contacts. The provider's people hold what came in, the
//! client's contacts make a request of it or put it aside, and both see for a while what became of it (SH-DEF-11, SH-REQ-05).

mod answer;
mod hold;

use agreement::Permission;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book, LINE_CHARS_MAX,
    command::By,
    query::{HELD_WORDS_KEPT, HeldMessage, HeldWords, SettledMessage},
};
use desk::{
    notify::CONTACTS,
    policy::{Action, Resource},
};
use facts::{Actor, ClientId, HeldId};
use serde::Deserialize;
use spans::{Instant, Length};

use self::answer::{POLITE, letter};
use crate::server::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Refused, Sent, new_key},
    moment::{encode, path, time},
    page,
};

/// Settled messages on the page, the newest; the API lists all.
const SETTLED_SHOWN_MAX: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/clients/{client}/tickets/held", Action::ReadHeld, list),
        Route::post("/clients/{client}/tickets/held/{held}/aside", Action::SettleHeld, aside),
    ];
    own.into_iter().chain(hold::routes()).collect()
}

/// What a message said, as a page shows it.
struct Words {
    from: String,
    /// What was written, or why nothing stands there.
    text: Result<String, &'static str>,
}

/// A message that waits.
struct Line {
    id: String,
    at: String,
    channel: String,
    words: Words,
    /// Where a contact makes a request of it.
    ask: Option<String>,
    /// Where it is written down as one of a contact, who said so.
    record: Option<String>,
    /// Where it is put aside, by those who may.
    aside: Option<String>,
    /// Why, as it was typed and refused.
    reason: String,
    /// The answer as a letter, where the sender has an address.
    letter: Option<String>,
}

/// A message that waits no longer.
struct Settled {
    id: String,
    at: String,
    words: Words,
    by: String,
    side: &'static str,
    /// The request that was made of it, and where it is.
    request: Option<(String, String)>,
    reason: String,
}

/// What whoever looks may do about them.
struct May {
    ask: bool,
    settle: bool,
    record: bool,
}

#[derive(Template)]
#[template(path = "tickets_held.html")]
struct HeldPage {
    shell: Shell,
    key: String,
    lines: Vec<Line>,
    settled: Vec<Settled>,
    /// Settled ones that are not shown.
    more: usize,
    days: i64,
    /// What the sender may be answered, for the provider's people.
    answer: Option<&'static str>,
    /// Where one is held, for those who may and where the agreement says so.
    hold: Option<String>,
    /// The list of the client's people, where none of them could be told.
    untold: Option<String>,
    /// Whether the agreement leaves it to others of the client's people to say what becomes of them.
    only_reads: bool,
    reason_max: usize,
    refused: Option<Refused>,
}

/// A reason that was not taken.
struct Typed {
    held: HeldId,
    reason: String,
    refused: Refused,
}

async fn list(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, client, None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    typed: Option<Typed>,
) -> Result<Response, Problem> {
    let actor = viewer.actor();
    let read = move |book: &Book, now: Instant| (book.holds_strangers(now), asks(book, &actor));
    let (holds, asks) = app.book(&client, read).await?;
    let of = client.clone();
    let (held, settled) = app
        .ask_control(move |control, now| {
            Ok::<_, journal::Error>((control.held(&of)?, control.held_settled(&of, now)?))
        })
        .await?;
    let (held, settled) = (held.unwrap_or_default(), settled.unwrap_or_default());
    let status = if typed.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let may = May::of(viewer, &client, asks);
    let untold = may.record && tells_nobody(app, &client).await?;
    let now = app.now();
    let more = settled.len().saturating_sub(SETTLED_SHOWN_MAX);
    let below = format!("/clients/{client}/tickets");
    let response = page(&HeldPage {
        key: new_key()?,
        lines: held.into_iter().map(|message| line(&client, message, &may, typed.as_ref(), now)).collect(),
        settled: settled
            .into_iter()
            .take(SETTLED_SHOWN_MAX)
            .filter_map(|one| gone(&client, one, now))
            .collect(),
        more,
        days: HELD_WORDS_KEPT.as_micros() / Length::DAY.as_micros(),
        answer: may.record.then_some(POLITE),
        hold: (holds && may.record).then(|| format!("/clients/{client}/tickets/hold")),
        untold: untold.then(|| path(&client, &["people"])),
        only_reads: !may.settle,
        reason_max: LINE_CHARS_MAX,
        refused: typed.map(|typed| typed.refused),
        shell: shell.of(&client).titled("Held messages").at(Section::Tickets).below("Tickets", &below),
    })?;
    Ok((status, response).into_response())
}

/// SH-DEF-11: whether the agreement lets somebody of the client ask; what the guard asks too.
fn asks(book: &Book, actor: &Actor) -> bool {
    book.permits(actor, Permission::RequestOpen)
}

impl May {
    fn of(viewer: &Viewer, client: &ClientId, asks: bool) -> May {
        let may = |action| viewer.may(action, &Resource::Client(client));
        May {
            ask: may(Action::OpenTicket) && asks,
            settle: may(Action::SettleHeld) && (viewer.is_staff() || asks),
            record: may(Action::RecordTicket),
        }
    }
}

/// Whether nobody of the client who counts is a contact: then a message that is held reaches nobody but those who look here.
async fn tells_nobody(app: &App, client: &ClientId) -> Result<bool, Problem> {
    let of = client.clone();
    let is_there = move |control: &control::live::Control, now| {
        let people = control.journal().read(|tx| tx.people_of(&of))?;
        let is_told = |role: &&str, person: &journal::people::Person| person.has_role(role);
        Ok::<_, journal::Error>(
            people
                .iter()
                .any(|person| person.is_here(now) && CONTACTS.iter().any(|role| is_told(role, person))),
        )
    };
    app.ask_control(is_there).await.map(|is_there| !is_there)
}

fn line(client: &ClientId, message: HeldMessage, may: &May, typed: Option<&Typed>, now: Instant) -> Line {
    let HeldMessage { id, at, channel, words, .. } = message;
    let with = |page: &str| format!("/clients/{client}/tickets/{page}?held={}", encode(id.as_str()));
    let reason = typed.filter(|typed| typed.held == id).map(|typed| typed.reason.clone());
    Line {
        ask: may.ask.then(|| with("new")),
        record: may.record.then(|| with("record")),
        aside: may.settle.then(|| path(client, &["tickets", "held", id.as_str(), "aside"])),
        reason: reason.unwrap_or_default(),
        letter: words.from().filter(|_| may.record).and_then(letter),
        words: Words::of(words),
        at: time(at, now),
        channel,
        id: id.to_string(),
    }
}

fn gone(client: &ClientId, message: HeldMessage, now: Instant) -> Option<Settled> {
    let SettledMessage { at, by, side, ticket, reason } = message.settled?;
    let place = |ticket: facts::TicketId| {
        let at = path(client, &["tickets", ticket.as_str()]);
        (ticket.to_string(), at)
    };
    Some(Settled {
        id: message.id.to_string(),
        at: time(at, now),
        words: Words::of(message.words),
        by,
        side: side.name(),
        request: ticket.map(place),
        reason: reason.unwrap_or_default(),
    })
}

impl Words {
    fn of(words: HeldWords) -> Words {
        match words {
            HeldWords::Kept { from, text } => Words { from, text: Ok(text) },
            HeldWords::Erased => Words { from: String::new(), text: Err("What it said was erased.") },
            HeldWords::Never => {
                Words { from: String::new(), text: Err("What it said was not put on record.") }
            }
        }
    }
}

/// Which message of which client.
#[derive(Debug, Clone, Deserialize)]
struct Which {
    client: ClientId,
    held: HeldId,
}

async fn aside(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(Which { client, held }): Path<Which>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("aside")?), ..By::new(viewer.actor()) };
    let (of, message, reason) = (client.clone(), held.clone(), sent.get("reason").to_owned());
    let typed = reason.clone();
    match app.attempt(move |control, now| control.put_aside(&of, &message, &reason, by, now)).await? {
        Ok(_) => Ok(back(&client)),
        Err(refused) => {
            let typed = Typed { held, reason: typed, refused };
            show(&app, shell, &viewer, client, Some(typed)).await
        }
    }
}

fn back(client: &ClientId) -> Response {
    let to = path(client, &["tickets", "held"]);
    Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response()
}

/// A message that waits, as a request that is made of it begins; none where it waits no longer.
pub(super) async fn begun(app: &App, client: &ClientId, message: HeldId) -> Result<Option<Sent>, Problem> {
    let of = client.clone();
    let found = app.ask_control(move |control, _| control.held_message(&of, &message)).await?;
    Ok(found.filter(|found| found.settled.is_none()).map(|found| words_of(&found)))
}

fn words_of(message: &HeldMessage) -> Sent {
    let text = match &message.words {
        HeldWords::Kept { from, text } if from.is_empty() => text.clone(),
        HeldWords::Kept { from, text } => format!("{from} wrote:\n\n{text}"),
        HeldWords::Erased | HeldWords::Never => String::new(),
    };
    // Longer ones were held before there was a limit.
    let text = text.chars().take(Area::CHARS_MAX).collect();
    let fields = [("held", message.id.to_string()), ("text", text)];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Why a form that was to be made of a message begins empty.
pub(super) const HELD_NO_LONGER: &str = "That message is held no longer: somebody made a request of it or put it aside. Held messages say who, and why.";
