//! What the desk keeps for itself: ways of looking at the queue, answers to begin with, and acts on several requests at once.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::live::{
    Control,
    command::{Arrangement, BULK_MAX, By},
};
use desk::policy::Action;
use facts::{ClientId, TicketId};
use journal::{
    Key,
    desk::{Canned, KeptView},
};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list, wrong},
};
use crate::server::{Problem, Route, Viewer, on_call::clear, ticket::answer_mistake};

pub(super) fn routes() -> Vec<Route> {
    let bulk = Operation::act::<Several, Outcomes>(
        "Desk",
        "arrange_requests",
        "Gives several requests to somebody, or tags them: each is recorded for itself, and what is refused is told beside its name.",
    );
    let clear = Operation::act::<Clearance, Clearance>(
        "On call",
        "set_clearance",
        "Says whether a client lets one of the provider's people work for it, or no longer.",
    );
    let views = Operation::read::<Views>(
        "Desk",
        "list_views",
        "Ways of looking at the queue: your own, and those for all.",
    );
    let keep = Operation::act::<NewView, View>(
        "Desk",
        "keep_view",
        "Keeps a view under its name, in the place of one of yours of that name.",
    );
    let drop = Operation::read::<TakenAway>("Desk", "drop_view", "Takes a view of your own away.");
    let answers = Operation::read::<Answers>("Desk", "list_answers", "Answers to begin with, by name.");
    let put = Operation::act::<NewAnswer, KeptAnswer>(
        "Desk",
        "keep_answer",
        "Keeps an answer under its name, in the place of one of that name.",
    );
    let remove = Operation::read::<TakenAway>(
        "Desk",
        "drop_answer",
        "Takes an answer away; what was sent with it stays as it is.",
    );
    vec![
        Route::post("/api/v1/requests/bulk", Action::Assign, arrange).told(bulk),
        Route::post("/api/v1/on-call/clearances", Action::EditRota, set_clearance).told(clear),
        Route::get("/api/v1/views", Action::ReadTickets, views_of).told(views.paged(LIMIT_MAX)),
        Route::post("/api/v1/views", Action::EditDesk, keep_view).told(keep.creates()),
        Route::delete("/api/v1/views/{view}", Action::EditDesk, drop_view).told(drop),
        Route::get("/api/v1/answers", Action::EditDesk, answers_of).told(answers.paged(LIMIT_MAX)),
        Route::post("/api/v1/answers", Action::EditDesk, keep_answer).told(put.creates()),
        Route::delete("/api/v1/answers/{answer}", Action::EditDesk, drop_answer).told(remove),
    ]
}

/// A request of a client.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    #[schema(value_type = String)]
    client: ClientId,
    #[schema(value_type = String)]
    ticket: TicketId,
}

/// Several requests, and what is done with each.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Several {
    /// Up to a hundred.
    requests: Vec<Which>,
    /// The id of whoever of the provider's people gets them.
    #[serde(default)]
    give_to: Option<String>,
    /// That nobody has them.
    #[serde(default)]
    give_to_nobody: bool,
    /// Tags that are put on.
    #[serde(default)]
    add: Vec<String>,
    /// Tags that are taken off.
    #[serde(default)]
    remove: Vec<String>,
}

/// What came of one of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outcome {
    client: String,
    ticket: String,
    /// Whether all that was asked was done.
    done: bool,
    /// Why not.
    why: Option<String>,
}

/// What came of each, in the order in which they were sent.
#[derive(Serialize, ToSchema)]
pub(crate) struct Outcomes {
    items: Vec<Outcome>,
}

impl Several {
    fn acts(&self) -> Result<Vec<Arrangement>, Problem> {
        let (found, max) = (self.requests.len(), BULK_MAX);
        if found == 0 || max < found {
            return Err(wrong("requests", &format!("name 1 to {max} requests.")));
        }
        let give = match (&self.give_to, self.give_to_nobody) {
            (Some(_), true) => {
                return Err(wrong("give_to_nobody", "it is given to somebody: say one of both."));
            }
            (None, false) => None,
            (to, _) => Some(Arrangement::Assign(to.clone())),
        };
        let (add, remove) = (self.add.clone(), self.remove.clone());
        let tag = (!(add.is_empty() && remove.is_empty())).then_some(Arrangement::Tag { add, remove });
        let acts: Vec<Arrangement> = give.into_iter().chain(tag).collect();
        if acts.is_empty() { Err(wrong("give_to", "say what is to be done with them.")) } else { Ok(acts) }
    }
}

async fn arrange(
    Write { app, viewer, place: (), sent }: Write<(), Several>,
) -> Result<Json<Outcomes>, Problem> {
    let (by, acts) = (sent.by(&viewer, false)?, sent.body.acts()?);
    let each = move |control: &Control, now: Instant| {
        let one = |which: &Which| one(control, which, &acts, &by, now);
        Ok::<_, Problem>(sent.body.requests.iter().map(one).collect())
    };
    Ok(Json(Outcomes { items: app.ask_control(each).await? }))
}

fn one(control: &Control, which: &Which, acts: &[Arrangement], by: &By, now: Instant) -> Outcome {
    let Which { client, ticket } = which;
    let done = acts.iter().enumerate().try_for_each(|(index, act)| {
        // Sent again under its key, each of them is the one of the first time.
        let key = by.key.as_ref().and_then(|key| Key::new(&format!("{}/{ticket}/{index}", key.name())).ok());
        control.arrange(client, ticket, act.clone(), By { key, ..by.clone() }, now).map(drop)
    });
    Outcome {
        client: client.to_string(),
        ticket: ticket.to_string(),
        done: done.is_ok(),
        why: done.err().map(|why| why.to_string()),
    }
}

/// Whether a client lets one of the provider's people work for it.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clearance {
    #[schema(value_type = String)]
    client: ClientId,
    /// The person's id.
    person: String,
    cleared: bool,
}

async fn set_clearance(
    Write { app, place: (), sent, .. }: Write<(), Clearance>,
) -> Result<Json<Clearance>, Problem> {
    let Clearance { client, person, cleared } = &sent.body;
    clear(&app, client.clone(), person.clone(), *cleared).await?;
    Ok(Json(sent.body))
}

/// A way of looking at the queue.
#[derive(Serialize, ToSchema)]
pub(crate) struct View {
    name: String,
    /// What stands after the question mark of the queue's address.
    query: String,
    /// Whether all of the provider's people have it.
    shared: bool,
    /// Whether it is yours.
    mine: bool,
}

list! {
    /// Ways of looking at the queue.
    Views of View
}

/// A way of looking at the queue.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewView {
    name: String,
    /// What stands after the question mark of the queue's address.
    query: String,
    /// That all of the provider's people have it.
    #[serde(default)]
    shared: bool,
}

/// What was taken away.
#[derive(Serialize, ToSchema)]
pub(crate) struct TakenAway {
    name: String,
}

impl View {
    fn of(kept: KeptView, me: &str) -> View {
        View { mine: kept.person == me, name: kept.name, query: kept.query, shared: kept.shared }
    }
}

async fn views_of(
    Read { app, known, asking, place: () }: Read<()>,
    viewer: Viewer,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let (me, id) = (viewer.person.id.clone(), viewer.person.id);
    let mut views = app.ask(move |journal| journal.read(|tx| tx.views(&id))).await?;
    let place = |view: &KeptView| (view.name.clone(), view.person.clone());
    views.sort_by_cached_key(place);
    let (items, next) = asking.cut(views, place, LIMIT_MAX)?;
    known.answer(&Views { items: items.into_iter().map(|view| View::of(view, &me)).collect(), next })
}

async fn keep_view(Write { app, viewer, place: (), sent }: Write<(), NewView>) -> Result<Response, Problem> {
    let NewView { name, query, shared } = sent.body;
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(wrong("name", "write a name."));
    }
    let view = KeptView { person: viewer.person.id.clone(), name, query, shared };
    let kept = view.clone();
    app.ask(move |journal| journal.write(move |tx| tx.put_view(&kept))).await?;
    Ok((StatusCode::CREATED, Json(View::of(view, &viewer.person.id))).into_response())
}

async fn drop_view(
    Write { app, viewer, place: view, .. }: Write<String, super::request::Nothing>,
) -> Result<Json<TakenAway>, Problem> {
    let (name, person) = (view.clone(), viewer.person.id);
    match app.ask(move |journal| journal.write(move |tx| tx.drop_view(&person, &name))).await? {
        true => Ok(Json(TakenAway { name: view })),
        false => Err(Problem::NotFound),
    }
}

/// An answer to begin with.
#[derive(Serialize, ToSchema)]
pub(crate) struct KeptAnswer {
    name: String,
    /// The only client it is for; null for all.
    client: Option<String>,
    /// The words; what stands in braces is filled in on the request.
    body: String,
}

list! {
    /// Answers to begin with.
    Answers of KeptAnswer
}

/// An answer to begin with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAnswer {
    name: String,
    /// The only client it is for; absent: all.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    client: Option<ClientId>,
    /// The words; what stands in braces is filled in on the request.
    body: String,
}

impl KeptAnswer {
    fn of(kept: Canned) -> KeptAnswer {
        KeptAnswer { name: kept.name, client: kept.client.map(|client| client.to_string()), body: kept.body }
    }
}

async fn answers_of(Read { app, known, asking, place: () }: Read<()>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let mut all = app.ask(|journal| journal.read(|tx| tx.canned())).await?;
    let place = |kept: &Canned| kept.name.clone();
    all.sort_by_cached_key(place);
    let (items, next) = asking.cut(all, place, LIMIT_MAX)?;
    known.answer(&Answers { items: items.into_iter().map(KeptAnswer::of).collect(), next })
}

async fn keep_answer(
    Write { app, viewer, place: (), sent }: Write<(), NewAnswer>,
) -> Result<Response, Problem> {
    let NewAnswer { name, client, body } = sent.body;
    let answer = Canned { name: name.trim().to_owned(), client, body: body.trim().to_owned() };
    if let Some(why) = answer_mistake(&answer.name, &answer.body) {
        return Err(wrong(if answer.name.is_empty() { "name" } else { "body" }, &why));
    }
    if let Some(client) = answer.client.clone() {
        let known = app.ask_control(move |control, _| {
            Ok::<_, journal::Error>(control.known_clients()?.contains(&client))
        });
        if !known.await? {
            return Err(wrong("client", "there is no such client."));
        }
    }
    let (kept, by, now) = (answer.clone(), viewer.person.id, app.now());
    app.ask(move |journal| journal.write(move |tx| tx.put_canned(&kept, &by, now))).await?;
    Ok((StatusCode::CREATED, Json(KeptAnswer::of(answer))).into_response())
}

async fn drop_answer(
    Write { app, place: answer, .. }: Write<String, super::request::Nothing>,
) -> Result<Json<TakenAway>, Problem> {
    let name = answer.clone();
    match app.ask(move |journal| journal.write(move |tx| tx.drop_canned(&name))).await? {
        true => Ok(Json(TakenAway { name: answer })),
        false => Err(Problem::NotFound),
    }
}
