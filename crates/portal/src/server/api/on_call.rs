//! Who is on call, and how one is told: what the pages show and change.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::{Call, Control, RotaView};
use desk::policy::Action;
use facts::{ClientId, PageId, RotaId, RotaOverridden, RotaSet, TicketId};
use journal::people::Choice;
use serde::{Deserialize, Serialize};
use spans::{Instant, Length, Span};
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    receipt::Receipt,
    request::Nothing,
    shape::{At, ROOT, at},
};
use crate::server::{App, Problem, Route, Viewer, notices, second::needed};

const TAG: &str = "On call";
/// How far ahead turns and gaps are told.
const WITHIN: Length = Length::from_hours(24 * 28);

pub(super) fn routes() -> Vec<Route> {
    let rota = Operation::read::<OnCall>(
        TAG,
        "get_on_call",
        "Who is on call, the turns and exceptions of the next four weeks, where promises have nobody, and calls that are open.",
    );
    let layer = Operation::act::<NewLayer, Receipt>(
        TAG,
        "set_layer",
        "Sets a layer of the rota from its first turn on.",
    );
    let exception = Operation::act::<NewException, Receipt>(
        TAG,
        "put_exception",
        "Says that a layer is otherwise for a while.",
    );
    let seen = Operation::act::<Nothing, Receipt>(
        TAG,
        "see_call",
        "You have seen the call: nobody else is called. It answers nobody.",
    );
    let told = Operation::read::<Told>("You", "my_notices", "How you are told of what concerns you.");
    let choose = Operation::act::<Chosen, Told>(
        "You",
        "choose_notices",
        "Says how you are told. The address is the one you have: a person changes it, on the page of notices.",
    );
    vec![
        Route::get("/api/v1/on-call", Action::ReadRota, rota_of).told(rota),
        Route::post("/api/v1/on-call/layers", Action::EditRota, set_layer).told(layer.creates()),
        Route::post("/api/v1/on-call/exceptions", Action::EditRota, put_exception).told(exception.creates()),
        Route::post("/api/v1/clients/{client}/requests/{ticket}/calls/{page}/seen", Action::AnswerPage, see)
            .told(seen),
        Route::get("/api/v1/me/notices", Action::ReadOwn, my_notices).told(told),
        Route::post("/api/v1/me/notices", Action::EditOwn, choose_notices).told(choose),
    ]
}

/// Who is on call.
#[derive(Serialize, ToSchema)]
struct OnCall {
    layers: Vec<LayerNow>,
    /// Every turn from now on, cut at the end of four weeks; people by id.
    turns: Vec<TurnOf>,
    exceptions: Vec<ExceptionOf>,
    promises: Vec<PromiseOf>,
    calls: Vec<CallOf>,
}

/// A layer of the rota.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaLayer)]
struct LayerNow {
    rota: String,
    name: String,
    /// 1 is called first.
    level: u16,
    zone: String,
    weeks: u16,
    /// Such as `Mon 09:00-17:00`; empty: all hours.
    hours: Vec<String>,
    /// In the order of turns, by id.
    people: Vec<String>,
}

/// Somebody on call from one instant to another.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaTurn)]
struct TurnOf {
    rota: String,
    level: u16,
    /// Null where all are away.
    person: Option<String>,
    from: At,
    until: At,
}

/// An exception that holds now or later.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaException)]
struct ExceptionOf {
    rota: String,
    person: Option<String>,
    away: Option<String>,
    from: At,
    until: At,
}

/// What a client was promised, and where nobody is on call for it.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaPromise)]
struct PromiseOf {
    client: String,
    rule: String,
    clauses: Vec<String>,
    /// Whether only a qualified person's answer counts.
    qualified: bool,
    around_the_clock: bool,
    gaps: Vec<Gap>,
}

/// Nobody is on call who may answer.
#[derive(Serialize, ToSchema)]
#[schema(as = RotaGap)]
struct Gap {
    from: At,
    until: At,
}

/// A call that is not over.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenCall)]
struct CallOf {
    client: String,
    ticket: String,
    call: String,
    called: Vec<CalledOf>,
    /// Since when nobody is left who could be called.
    unanswered_at: Option<At>,
    /// Where it is said that it was seen.
    seen: String,
}

/// Somebody who was called.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenCallStep)]
struct CalledOf {
    person: String,
    at: At,
}

async fn rota_of(Read { app, known, asking, place: () }: Read<()>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.ask_control(|control, now| {
        let view = control.rota_view(Span { start: now, end: now + WITHIN }, now)?;
        let calls = control.calls(&control.known_clients()?, now)?;
        Ok::<_, Problem>((view, calls))
    });
    let (view, calls) = found.await?;
    // The turns that run now are cut at the instant of the question: the tag is over the rest.
    known.answer(&told(&view, &calls))
}

fn told(view: &RotaView, calls: &[(ClientId, Call)]) -> OnCall {
    let layer = |layered: &control::live::Layered| {
        let layer = &layered.layer;
        LayerNow {
            rota: layer.rota.to_string(),
            name: layer.name.clone(),
            level: layer.level,
            zone: layer.zone.name().to_owned(),
            weeks: layer.weeks,
            hours: layer.hours.clone(),
            people: layer.people.clone(),
        }
    };
    let turn = |turn: &desk::rota::Turn| TurnOf {
        rota: turn.rota.to_string(),
        level: turn.level,
        person: turn.person.clone(),
        from: turn.span.start.into(),
        until: turn.span.end.into(),
    };
    let exception = |e: &RotaOverridden| ExceptionOf {
        rota: e.rota.to_string(),
        person: e.person.clone(),
        away: e.away.clone(),
        from: e.from.into(),
        until: e.until.into(),
    };
    let promise = |uncovered: &control::live::Uncovered| PromiseOf {
        client: uncovered.client.to_string(),
        rule: uncovered.promised.rule.clone(),
        clauses: uncovered.promised.clauses.clone(),
        qualified: uncovered.promised.qualified,
        around_the_clock: uncovered.promised.around_the_clock,
        gaps: uncovered
            .gaps
            .iter()
            .map(|gap| Gap { from: gap.start.into(), until: gap.end.into() })
            .collect(),
    };
    OnCall {
        layers: view.layers.iter().map(layer).collect(),
        turns: view.turns.iter().map(turn).collect(),
        exceptions: view.exceptions.iter().map(exception).collect(),
        promises: view.uncovered.iter().map(promise).collect(),
        calls: calls.iter().map(|(client, call)| call_of(client, call)).collect(),
    }
}

fn call_of(client: &ClientId, call: &Call) -> CallOf {
    let called = |(person, at): &(String, Instant)| CalledOf { person: person.clone(), at: (*at).into() };
    CallOf {
        client: client.to_string(),
        ticket: call.ticket.to_string(),
        call: call.page.to_string(),
        called: call.called.iter().map(called).collect(),
        unanswered_at: call.unanswered.map(Into::into),
        seen: at(client, &["requests", call.ticket.as_str(), "calls", call.page.as_str(), "seen"]),
    }
}

/// A layer of the rota.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewLayer {
    /// Its id: a layer of the same id is set anew.
    #[schema(value_type = String)]
    rota: RotaId,
    name: String,
    /// 1 is called first.
    level: u16,
    /// On whose clocks turns change, such as `Europe/Amsterdam`.
    zone: String,
    /// Who takes turns, in order, by id; nobody: the layer ends.
    people: Vec<String>,
    /// When the first turn begins.
    #[schema(value_type = String, format = DateTime)]
    first: Instant,
    /// How many weeks a turn lasts, 1 to 52.
    weeks: u16,
    /// Such as `Mon 09:00-17:00`; empty: all hours.
    #[serde(default)]
    hours: Vec<String>,
}

async fn set_layer(Write { app, viewer, place: (), sent }: Write<(), NewLayer>) -> Result<Response, Problem> {
    let by = sent.by(&viewer, false)?;
    let said = sent.body;
    let set = RotaSet {
        rota: said.rota,
        name: said.name,
        level: said.level,
        zone: said.zone,
        people: said.people,
        first: said.first,
        weeks: said.weeks,
        hours: said.hours,
    };
    record(&app, move |control, now| {
        let id = set.rota.to_string();
        let done = control.set_rota(set, by.actor, by.key, now)?;
        Receipt::of(control, &ClientId::provider(), format!("{ROOT}/on-call"), &id, &done)
    })
    .await
}

/// A layer is otherwise for a while. With neither a person nor one who is away it is again as the layer says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewException {
    /// The layer.
    #[schema(value_type = String)]
    rota: RotaId,
    /// Who is on call, by id.
    #[serde(default)]
    person: Option<String>,
    /// Who is away, by id: whoever comes next stands in.
    #[serde(default)]
    away: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
}

async fn put_exception(
    Write { app, viewer, place: (), sent }: Write<(), NewException>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, false)?;
    let NewException { rota, person, away, from, until } = sent.body;
    record(&app, move |control, now| {
        let id = rota.to_string();
        let exception = RotaOverridden { rota, person, away, from, until };
        let done = control.override_rota(exception, by.actor, by.key, now)?;
        Receipt::of(control, &ClientId::provider(), format!("{ROOT}/on-call"), &id, &done)
    })
    .await
}

async fn record(
    app: &App,
    work: impl FnOnce(&Control, Instant) -> Result<Receipt, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let receipt = app.ask_control(work).await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}

/// A call in an address.
#[derive(Deserialize)]
struct OfCall {
    client: ClientId,
    ticket: TicketId,
    page: PageId,
}

async fn see(Write { app, viewer, place, sent }: Write<OfCall, Nothing>) -> Result<Json<Receipt>, Problem> {
    let by = sent.by(&viewer, false)?;
    let person = viewer.person.id.clone();
    let OfCall { client, ticket, page } = place;
    let receipt = app
        .ask_control(move |control, now| {
            let done = control.see_call(&client, &ticket, &page, (by.actor, &person), now)?;
            Receipt::of(control, &client, at(&client, &["requests", ticket.as_str()]), ticket.as_str(), &done)
        })
        .await?;
    Ok(receipt.answer())
}

/// How somebody is told.
#[derive(Serialize, ToSchema)]
#[schema(as = Notices)]
struct Told {
    /// Where mail goes; null: no mail.
    address: Option<String>,
    /// `all`, `pages` (calls only) or `none`.
    mail: &'static str,
    /// The same, for browsers.
    push: &'static str,
    /// From when it is quiet, such as `22:00`; null: never.
    quiet_from: Option<String>,
    quiet_until: Option<String>,
    /// On whose clocks it is quiet.
    zone: String,
    /// Notices an hour at most, calls aside.
    hourly: u64,
    /// Whether mail is set up on this server.
    mail_is_set_up: bool,
    /// Whether push messages are.
    push_is_set_up: bool,
}

/// How one wants to be told; what is left out is as if it had never been said.
#[derive(Deserialize, ToSchema)]
#[schema(as = NoticesChosen)]
#[serde(deny_unknown_fields)]
struct Chosen {
    #[serde(default)]
    address: Option<String>,
    /// `all`, `pages` (calls only) or `none`.
    #[serde(default)]
    mail: Option<String>,
    #[serde(default)]
    push: Option<String>,
    /// Such as `22:00`.
    #[serde(default)]
    quiet_from: Option<String>,
    #[serde(default)]
    quiet_until: Option<String>,
    /// Such as `Europe/Amsterdam`.
    #[serde(default)]
    zone: Option<String>,
    /// 1 to 600.
    #[serde(default)]
    hourly: Option<u64>,
}

async fn my_notices(
    viewer: Viewer,
    Read { app, known, asking, place: () }: Read<()>,
) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let id = viewer.person.id;
    let choice = app.ask(move |journal| journal.read(|tx| tx.choice(&id))).await?;
    known.answer(&told_of(&app, choice))
}

fn told_of(app: &App, choice: Choice) -> Told {
    let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let ways = app.ways();
    Told {
        address: choice.address,
        mail: choice.mail.name(),
        push: choice.push.name(),
        quiet_from: choice.quiet.map(|(from, _)| clock(from)),
        quiet_until: choice.quiet.map(|(_, until)| clock(until)),
        zone: choice.zone,
        hourly: choice.hourly,
        mail_is_set_up: ways.mail,
        push_is_set_up: ways.push_key.is_some(),
    }
}

async fn choose_notices(
    Write { app, viewer, place: (), sent }: Write<(), Chosen>,
) -> Result<Response, Problem> {
    let said = sent.body;
    let hourly = said.hourly.map(|hourly| hourly.to_string());
    let text = |text: &'_ Option<String>| text.as_deref().unwrap_or_default().to_owned();
    let fields = [
        ("address", text(&said.address)),
        ("mail", text(&said.mail)),
        ("push", text(&said.push)),
        ("quiet-from", text(&said.quiet_from)),
        ("quiet-until", text(&said.quiet_until)),
        ("zone", text(&said.zone)),
        ("hourly", text(&hourly)),
    ];
    let get =
        |name: &str| fields.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str());
    let choice = notices::read(get).map_err(Problem::Invalid)?;
    if notices::goes_elsewhere(&app, &viewer, &choice).await? && needed(&app, &viewer, "/").is_some() {
        return Err(Problem::forbidden(
            "Another address is taken from who has just shown who they are: do it on the page /account/notices.",
        ));
    }
    notices::keep(&app, &viewer, choice.clone()).await?;
    Ok(Json(told_of(&app, choice)).into_response())
}
