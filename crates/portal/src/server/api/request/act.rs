//! What is done about a request: the same deeds as on its page, by the same people.

use axum::Json;
use control::live::{Control, NotDone, command::Deed};
use desk::policy::Action;
use facts::{Noun, Resolution};
use serde::Deserialize;
use spans::Instant;
use utoipa::ToSchema;

use super::{Place, arrange::Asked, find};
use crate::server::{
    App, Problem, Route, Viewer,
    api::{
        answer::is_still,
        head::Write,
        operation::Operation,
        receipt::Receipt,
        sent::{Sent, is_replay},
        shape::at,
    },
};

macro_rules! deeds {
    ($($name:ident: $Body:ty => $deed:expr;)+) => { $(
        async fn $name(
            Write { app, viewer, place, sent }: Write<Place, $Body>,
        ) -> Result<Json<Receipt>, Problem> {
            let make: fn(&$Body) -> Deed = $deed;
            let deed = make(&sent.body);
            record(&app, &viewer, place, deed, sent).await
        }
    )+ };
}

deeds! {
    reply: Reply => |said| Deed::Reply { next_update_by: said.next_update_by };
    note: Text => |_| Deed::Note;
    ask: Text => |_| Deed::Ask;
    update: Nothing => |_| Deed::AskForUpdate;
    classify: Classify => |said| Deed::Classify {
        class: said.class.clone(), kind: said.kind.clone(), message: said.message.clone(),
    };
    reprioritise: Reprioritise => |said| Deed::Reprioritise {
        priority: said.priority.clone(),
        urgency: said.urgency.clone(),
        message: said.message.clone(),
    };
    resolve: Resolve => |said| Deed::Resolve { summary: said.summary.clone(), outcome: outcome(said.cannot_solve) };
    reopen: Nothing => |_| Deed::Reopen;
}

fn outcome(cannot_solve: bool) -> Resolution {
    if cannot_solve { Resolution::CannotSolve } else { Resolution::Solved }
}

pub(super) fn routes() -> Vec<Route> {
    fn told<B: ToSchema>(id: &'static str, summary: &'static str) -> Operation {
        Operation::act::<B, Receipt>("Requests", id, summary).matched()
    }
    vec![
        Route::post("/api/v1/clients/{client}/requests/{ticket}/reply", Action::AnswerTicket, reply)
            .told(told::<Reply>("reply", "A message that both sides read.")),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/note", Action::WriteNote, note).told(told::<
            Text,
        >(
            "note",
            "A note that the client does not see.",
        )),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/ask", Action::AskClient, ask).told(told::<
            Text,
        >(
            "ask_client",
            "A question to the client, whose turn it is then.",
        )),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/update", Action::AskUpdate, update)
            .told(told::<Nothing>("ask_for_update", "The client asks for an update.")),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/classify", Action::Classify, classify).told(
            told::<Classify>(
                "classify",
                "What kind of request it is; a feature request goes on the wish list.",
            ),
        ),
        Route::post(
            "/api/v1/clients/{client}/requests/{ticket}/reprioritise",
            Action::Reprioritise,
            reprioritise,
        )
        .told(told::<Reprioritise>("reprioritise", "Another priority or urgency, and why.")),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/resolve", Action::Resolve, resolve)
            .told(told::<Resolve>("resolve", "It is done.")),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/reopen", Action::Reopen, reopen)
            .told(told::<Nothing>("reopen", "It goes on.")),
    ]
}

/// What a body may say beside what it is for.
trait Body {
    fn text(&self) -> Option<String> {
        None
    }
    fn confirm(&self) -> bool;
}

macro_rules! body {
    ($Body:ident $(, $text:ident)?) => {
        impl Body for $Body {
            $(fn text(&self) -> Option<String> { Some(self.$text.clone()) })?
            fn confirm(&self) -> bool {
                self.confirm
            }
        }
    };
}

/// A message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reply {
    /// What is said.
    text: String,
    /// When the provider promises the next update; it takes the place of the usual one.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    next_update_by: Option<Instant>,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}
body!(Reply, text);

/// A message.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    /// What is said.
    text: String,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}
body!(Text, text);

/// Nothing has to be said: no body, or an empty object.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    pub(crate) confirm: bool,
}
body!(Nothing);

/// What kind of request it is, in the agreement's words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Classify {
    /// The class.
    #[serde(default)]
    class: Option<String>,
    /// The kind.
    #[serde(default)]
    kind: Option<String>,
    /// The sentence that the client reads; needed where another class or kind was said before.
    #[serde(default)]
    message: Option<String>,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}
body!(Classify);

/// Another priority or urgency, in the agreement's words.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reprioritise {
    /// The priority, where the agreement has priorities.
    #[serde(default)]
    priority: Option<String>,
    /// The urgency, where it has urgencies.
    #[serde(default)]
    urgency: Option<String>,
    /// The sentence that the client reads.
    message: String,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}
body!(Reprioritise);

/// What came of it.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Resolve {
    /// What was wrong and what was done, or why it cannot be solved; the client reads it.
    summary: String,
    /// That it cannot be solved.
    #[serde(default)]
    cannot_solve: bool,
    /// That you take upon yourself what may be confirmed.
    #[serde(default)]
    confirm: bool,
}
body!(Resolve);

/// Records what is arranged or asked about a request.
pub(super) async fn recorded<B>(
    app: &App,
    viewer: &Viewer,
    place: Place,
    sent: Sent<B>,
    confirm: bool,
    asked: Asked,
) -> Result<Json<Receipt>, Problem> {
    let mut by = sent.by(viewer, confirm)?;
    let (if_match, staff) = (sent.if_match, viewer.reads_notes(&place.client));
    let receipt = app
        .ask_control(move |control, now| {
            if !is_replay(control, &place.client, &by)? {
                by.read = read(control, &place, staff, if_match.as_deref(), now)?;
            }
            let Place { client, ticket } = &place;
            let done = match asked {
                Asked::Arrange(how) => control.arrange(client, ticket, how, by, now)?.done,
                Asked::Move(motion, text) => control.move_about(client, ticket, motion, text, by, now)?,
            };
            let href = at(client, &["requests", ticket.as_str()]);
            Receipt::of(control, client, href, ticket.as_str(), &done)
        })
        .await?;
    Ok(Json(receipt))
}

async fn record<B: Body>(
    app: &App,
    viewer: &Viewer,
    place: Place,
    deed: Deed,
    sent: Sent<B>,
) -> Result<Json<Receipt>, Problem> {
    let mut by = sent.by(viewer, sent.body.confirm())?;
    let (text, staff) = (sent.body.text(), viewer.reads_notes(&place.client));
    let receipt = app
        .ask_control(move |control, now| {
            if !is_replay(control, &place.client, &by)? {
                by.read = read(control, &place, staff, sent.if_match.as_deref(), now)?;
            }
            let Place { client, ticket } = &place;
            let done = control.do_about(client, ticket, deed, text, by, now)?;
            let href = at(client, &["requests", ticket.as_str()]);
            Receipt::of(control, client, href, ticket.as_str(), &done)
        })
        .await?;
    Ok(Json(receipt))
}

/// What there was about a request when it was what `If-Match` says. Looked up before the request itself: what comes in between
/// is found out when it is recorded.
fn read(
    control: &Control,
    place: &Place,
    staff: bool,
    if_match: Option<&str>,
    now: Instant,
) -> Result<Option<usize>, Problem> {
    let Some(if_match) = if_match else { return Ok(None) };
    let Place { client, ticket } = place;
    let count =
        control.read_with(client, &ticket.into(), now, |book| book.facts_about(Noun::Ticket, &ticket.0))?;
    let shown = find(control, place, staff, now)?.ok_or(Problem::NotFound)?;
    if is_still(if_match, &shown)? { Ok(count) } else { Err(NotDone::Changed.into()) }
}
