//! On call: who is called now and next, the week, exceptions, who may answer for which client, and where promises have nobody. Open calls
//! stand here until somebody has seen them.

mod change;
mod week;

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::live::{Call, Control, RotaView};
use desk::policy::Action;
use facts::{ClientId, RotaOverridden};
use journal::{delivery::Sent as Lost, people::Person};
use serde::Deserialize;
use spans::{Instant, Length, Span};

pub(super) use self::change::clear;
use self::week::{Row, monday};
use super::{
    App, Field, Problem, Route, Section, Shell, Viewer,
    form::{Minute, Pick, Refused, Sent, new_key},
    moment::{day, encode, path, time},
    page, zone,
};
use crate::{part::clauses, when::about};

/// How far ahead gaps are looked for.
const GAPS_WITHIN: Length = Length::from_hours(24 * 28);
/// Gaps of one promise that are listed.
const GAPS_MAX: usize = 8;
/// How far back notices are looked for that never arrived, and how many are shown.
const LOST_SINCE: Length = Length::from_hours(24 * 7);
const LOST_MAX: u64 = 20;

pub(crate) fn routes() -> Vec<Route> {
    let mut routes = vec![Route::get("/on-call", Action::ReadRota, on_call)];
    routes.extend(change::routes());
    routes
}

/// Which week is drawn: its Monday as `2026-03-09`.
#[derive(Debug, Default, Clone, Deserialize)]
pub(super) struct Asked {
    week: Option<String>,
}

#[derive(Template)]
#[template(path = "on_call.html")]
struct OnCallPage {
    shell: Shell,
    may_edit: bool,
    key: String,
    refused: Option<Refused>,
    calls: Vec<CallLine>,
    now: Vec<Now>,
    week: String,
    before: String,
    after: String,
    days: Vec<String>,
    rows: Vec<Row>,
    exceptions: Vec<Exception>,
    promises: Vec<Promise>,
    layer: Vec<String>,
    exception: Vec<String>,
    people: Vec<(String, String)>,
    lost: Vec<(String, String, String, String)>,
    mail: bool,
    push: bool,
    waiting: u64,
    call_wait: String,
}

/// A call that is not over.
struct CallLine {
    client: ClientId,
    ticket: String,
    link: String,
    seen_at: String,
    called: String,
    unanswered: bool,
}

/// A layer now: who, until when, who next.
struct Now {
    name: String,
    level: u16,
    person: Option<String>,
    because: &'static str,
    until: String,
    next: String,
}

/// An exception that holds now or later.
struct Exception {
    rota: String,
    what: String,
    from: String,
    until: String,
    taken_back: Option<Vec<(&'static str, String)>>,
}

/// What a client was promised, and where nobody is.
struct Promise {
    client: ClientId,
    what: String,
    clauses: String,
    eligible: Vec<(String, String, bool)>,
    restricted: bool,
    gaps: Vec<String>,
    more: usize,
    total: String,
}

async fn on_call(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, asked, Sent::default(), None).await
}

/// What the page is made from.
struct Found {
    view: RotaView,
    calls: Vec<(ClientId, Call)>,
    people: Vec<Person>,
    lost: Vec<Lost>,
    waiting: u64,
    call_wait: Length,
    week: Span,
    now: Instant,
}

fn find(control: &Control, week: Span, now: Instant) -> Result<Found, Problem> {
    let within = Span { start: now, end: now + GAPS_WITHIN };
    let mut view = control.rota_view(within, now)?;
    // A day more before it, so that what goes on from the day before shows that it does.
    view.turns = control.rota(now)?.turns(Span { start: week.start - Length::DAY, ..week });
    let clients = control.known_clients()?;
    let (people, lost, waiting) = control.journal().read(|tx| {
        Ok::<_, journal::Error>((
            tx.staff()?,
            tx.lost_deliveries(now - LOST_SINCE, LOST_MAX)?,
            tx.count_waiting("mail")?,
        ))
    })?;
    let calls = control.calls(&clients, now)?;
    let call_wait = control.call_wait();
    Ok(Found { view, calls, people, lost, waiting, call_wait, week, now })
}

pub(super) async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    asked: Asked,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let zone = zone::reader();
    let start = monday(asked.week.as_deref(), app.now(), &zone);
    let week = Span { start, end: week::later(start, 7, &zone) };
    let found = app.ask_control(move |control, now| find(control, week, now)).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let names: BTreeMap<String, String> =
        found.people.iter().map(|person| (person.id.clone(), person.name.clone())).collect();
    let ways = app.ways();
    let written = |at: Instant| zone.to_datetime(at.into()).date().to_string();
    let page = page(&OnCallPage {
        may_edit: change::may_edit(viewer),
        key: new_key()?,
        refused,
        calls: found.calls.iter().map(|(client, call)| call_line(client, call, &names, found.now)).collect(),
        now: now_lines(&found, &names),
        week: written(start),
        before: written(week::later(start, -7, &zone)),
        after: written(week.end),
        days: week::days(start, &zone),
        rows: week::rows(&found.view, found.week, &names, &zone),
        exceptions: found.view.exceptions.iter().map(|e| exception(e, &found, &names)).collect(),
        promises: promises(&found, &names),
        layer: change::layer_fields(&sent, &zone),
        exception: exception_fields(&found, &sent),
        people: found.people.iter().map(|person| (person.id.clone(), person.name.clone())).collect(),
        lost: found.lost.iter().map(|lost| lost_line(lost, &names)).collect(),
        mail: ways.mail,
        push: ways.push_key.is_some(),
        waiting: if ways.mail { 0 } else { found.waiting },
        call_wait: about(found.call_wait),
        shell: shell.titled("On call").at(Section::OnCall).live_but_for_looks(),
    })?;
    Ok((status, page).into_response())
}

fn name<'n>(names: &'n BTreeMap<String, String>, id: &'n str) -> &'n str {
    names.get(id).map_or(id, String::as_str)
}

fn call_line(client: &ClientId, call: &Call, names: &BTreeMap<String, String>, now: Instant) -> CallLine {
    let ticket = call.ticket.to_string();
    let called = call.called.iter().map(|(person, at)| format!("{} {}", day(*at, now), name(names, person)));
    let link = path(client, &["tickets", &ticket]);
    CallLine {
        client: client.clone(),
        seen_at: format!("{link}/calls/{}/seen", encode(call.page.as_str())),
        link,
        ticket,
        called: called.collect::<Vec<_>>().join(", then "),
        unanswered: call.unanswered.is_some(),
    }
}

fn now_lines(found: &Found, names: &BTreeMap<String, String>) -> Vec<Now> {
    let line = |layered: &control::live::Layered| {
        let turn = found.view.now.iter().find(|turn| turn.rota == layered.layer.rota);
        let next = layered.next.as_ref().and_then(|turn| Some((turn.person.as_deref()?, turn.span.start)));
        Now {
            name: layered.layer.name.clone(),
            level: layered.layer.level,
            person: turn.and_then(|turn| turn.person.as_deref()).map(|id| name(names, id).to_owned()),
            because: turn.map_or("outside its hours", |turn| week::because(turn.because)),
            until: turn.map_or(String::new(), |turn| time(turn.span.end, found.now)),
            next: next.map_or_else(
                || "<span class=\"soft\">nobody else</span>".to_owned(),
                |(id, at)| format!("{} from {}", crate::part::escape(name(names, id)), time(at, found.now)),
            ),
        }
    };
    found.view.layers.iter().map(line).collect()
}

fn exception(e: &RotaOverridden, found: &Found, names: &BTreeMap<String, String>) -> Exception {
    let what = match (&e.person, &e.away) {
        (Some(person), _) => format!("{} is on call", name(names, person)),
        (None, Some(away)) => format!("{} is away", name(names, away)),
        (None, None) => "as the layer says".to_owned(),
    };
    let layer = found.view.layers.iter().find(|layered| layered.layer.rota == e.rota);
    let back = (e.person.is_some() || e.away.is_some()).then(|| {
        vec![("rota", e.rota.to_string()), ("from", e.from.to_string()), ("until", e.until.to_string())]
    });
    Exception {
        rota: layer.map_or_else(|| e.rota.to_string(), |layered| layered.layer.name.clone()),
        what,
        from: time(e.from, found.now),
        until: time(e.until, found.now),
        taken_back: back,
    }
}

fn promises(found: &Found, names: &BTreeMap<String, String>) -> Vec<Promise> {
    let line = |uncovered: &control::live::Uncovered| {
        let pool = &uncovered.pool;
        let soon = Span { start: found.now, end: found.now + Length::DAY };
        let fits = |id: &&String| !pool.may_answer(id, uncovered.promised.qualified, soon).is_empty();
        let eligible = pool.people.keys().filter(fits);
        let cleared = |id: &String| pool.people.get(id).is_some_and(|colleague| colleague.cleared);
        let gaps: Vec<Span> = uncovered.gaps.iter().collect();
        let span = |gap: &Span| {
            format!("{} to {}, {}", time(gap.start, found.now), time(gap.end, found.now), about(gap.length()))
        };
        let hours = if uncovered.promised.around_the_clock { "around the clock" } else { "in support hours" };
        let who = if uncovered.promised.qualified { "a qualified person" } else { "a person" };
        Promise {
            client: uncovered.client.clone(),
            what: format!("{who} answers, {hours}"),
            clauses: clauses(&uncovered.promised.clauses),
            eligible: eligible.map(|id| (id.clone(), name(names, id).to_owned(), cleared(id))).collect(),
            restricted: !pool.restricted.is_empty(),
            more: gaps.len().saturating_sub(GAPS_MAX),
            gaps: gaps.iter().take(GAPS_MAX).map(span).collect(),
            total: about(uncovered.gaps.total()),
        }
    };
    found.view.uncovered.iter().map(line).collect()
}

fn exception_fields(found: &Found, sent: &Sent) -> Vec<String> {
    let layers = found.view.layers.iter();
    let layers = layers.map(|layered| (layered.layer.rota.to_string(), layered.layer.name.clone())).collect();
    let people = || found.people.iter().map(|person| (person.id.clone(), person.name.clone()));
    let pick = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        let value = sent.get(name).to_owned();
        Pick { id: name, name, label, hint: String::new(), options, value }.to_string()
    };
    let minute = |name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id: name, name, label, hint: String::new(), value, required: true }.to_string()
    };
    let what =
        vec![("person".to_owned(), "is on call".to_owned()), ("away".to_owned(), "is away".to_owned())];
    vec![
        pick("rota", "Layer", layers),
        pick("who", "Who", people().collect()),
        pick("what", "What", what),
        minute("from", "From"),
        minute("until", "Until"),
    ]
}

fn lost_line(lost: &Lost, names: &BTreeMap<String, String>) -> (String, String, String, String) {
    let at = lost.done.map(super::moment::minute).unwrap_or_default();
    (at, name(names, &lost.person).to_owned(), lost.way.clone(), lost.fate.clone())
}

/// A field of the layer's form.
fn text(name: &'static str, label: &'static str, value: &str, hint: &'static str) -> String {
    Field::text(name, label).hint(hint).value(value).to_string()
}
