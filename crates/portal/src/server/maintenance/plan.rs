//! Planning: the form shows the earliest start that keeps the notice, the tier's slots and who is told, before anything is sent.

use agreement::Agreement;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book,
    command::{By, SERIES_MAX, Series},
    query::Preview,
};
use desk::policy::Action;
use facts::{ClientId, Event, Impact, InstanceId, MaintenanceKind, MaintenancePlanned};
use promise::{
    conflict::Conflict,
    guard::{announce_by, earliest_start, slots},
    obligation::Plan,
};
use spans::{Instant, Length, Span, Zone};

use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Minute, Pick, Refused, Sent, new_key},
    moment::{due, path, time, title},
    page,
    ticket::instances,
    zone,
};
use crate::{
    part::{State as Word, badge, clauses, escape},
    when::about,
};

/// How far ahead slots are shown, and how many of each kind.
const SLOTS_WITHIN: Length = Length::from_hours(24 * 28);
const SLOTS_MAX: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/maintenance/plan", Action::PlanMaintenance, form),
        Route::post("/clients/{client}/maintenance/plan", Action::PlanMaintenance, send),
    ]
}

/// What the agreement says of one kind.
struct Kind {
    name: String,
    /// By expected impact, the earliest start that keeps the notice.
    earliest: Vec<(&'static str, String)>,
    slots: Vec<String>,
    clauses: String,
}

/// What the form is made from.
struct Found {
    kinds: Vec<Kind>,
    words: Vec<(String, String)>,
    causes: Vec<String>,
    told: Vec<(String, String)>,
    instances: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "maintenance_plan.html")]
struct PlanPage {
    shell: Shell,
    at: String,
    key: String,
    fields: Vec<String>,
    more: Vec<String>,
    instances: Vec<(String, String, bool)>,
    kinds: Vec<Kind>,
    told: Vec<(String, String)>,
    looked: Option<Looked>,
    refused: Option<Refused>,
}

/// What a plan comes to, looked at before it is put on file.
struct Looked {
    /// The last moment to announce it, and the clauses.
    announce: Option<(String, String)>,
    late: bool,
    earliest: String,
    /// None where the agreement says nothing of it.
    inside: Option<bool>,
    next_slot: Option<String>,
    conflicts: Vec<String>,
    /// Each time, where it comes back.
    times: Vec<String>,
}

impl Looked {
    fn of(preview: &Preview, times: &[(Span, Preview)], now: Instant) -> Looked {
        let announce = preview.announce_by.as_ref();
        Looked {
            announce: announce.map(|(by, ids)| (due(*by, now), clauses(ids))),
            late: preview.late,
            earliest: if preview.earliest <= now { "now".to_owned() } else { due(preview.earliest, now) },
            inside: preview.inside,
            next_slot: preview
                .next_slot
                .map(|slot| format!("{} to {}", time(slot.start, now), time(slot.end, now))),
            conflicts: preview.conflicts.iter().map(|conflict| met(conflict, now)).collect(),
            times: times.iter().map(|(span, preview)| one_of(*span, preview, now)).collect(),
        }
    }
}

/// One time of those that come back, with what is particular about it, as HTML.
fn one_of(span: Span, preview: &Preview, now: Instant) -> String {
    let said = format!("{} to {}", time(span.start, now), time(span.end, now));
    let outside =
        if preview.inside == Some(false) { badge(Word::Risk, "outside its slot") } else { String::new() };
    let late = if preview.late { badge(Word::Missed, "the notice would be late") } else { String::new() };
    let met: String =
        preview.conflicts.iter().map(|conflict| met(conflict, now)).collect::<Vec<_>>().join("<br>");
    let met = if met.is_empty() { met } else { format!("<span class=\"clause\">{met}</span>") };
    [said, outside, late, met].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Something else on file for that time, as HTML.
fn met(conflict: &Conflict, now: Instant) -> String {
    let span = |span: Span| format!("{} to {}", time(span.start, now), time(span.end, now));
    match conflict {
        Conflict::Maintenance { record, span: at, .. } => {
            format!("{} is on file from {}.", escape(record.as_str()), span(*at))
        }
        Conflict::Freeze(freeze) => format!(
            "Freeze {} of the {} holds from {}: {}",
            escape(freeze.id.as_str()),
            freeze.by.name(),
            span(freeze.span),
            escape(&freeze.reason)
        ),
    }
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, client, Sent::default(), None, None).await
}

async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
    looked: Option<Looked>,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let found = app.book(&client, find).await?;
    let below = path(&client, &["maintenance"]);
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ticked = |id: &str| sent.all("instance").any(|ticked| ticked == id);
    let page = page(&PlanPage {
        shell: shell
            .of(&client)
            .titled("Plan maintenance")
            .at(Section::Maintenance)
            .below("Maintenance", &below),
        at: path(&client, &["maintenance", "plan"]),
        key: new_key()?,
        fields: fields(&found, &sent),
        more: more(&sent),
        instances: found.instances.into_iter().map(|(id, name)| (id.clone(), name, ticked(&id))).collect(),
        kinds: found.kinds,
        told: found.told,
        looked,
        refused,
    })?;
    Ok((status, page).into_response())
}

fn fields(found: &Found, sent: &Sent) -> Vec<String> {
    let pick = |name: &'static str, label: &'static str, options: Vec<(String, String)>| {
        let value = sent.get(name).to_owned();
        Pick { id: name, name, label, hint: String::new(), options, value }.to_string()
    };
    let minute = |name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id: name, name, label, hint: String::new(), value, required: true }.to_string()
    };
    let impacts = [
        (Impact::Down, "down, not reachable"),
        (Impact::Degraded, "degraded, slower or partly unusable"),
        (Impact::None, "none, users notice nothing"),
    ];
    let impacts = impacts.map(|(impact, words)| (impact.name().to_owned(), words.to_owned())).to_vec();
    let cause = if found.causes.is_empty() {
        Field::text("cause", "Cause").value(sent.get("cause")).to_string()
    } else {
        pick("cause", "Cause", found.causes.iter().map(|cause| (cause.clone(), cause.clone())).collect())
    };
    vec![
        pick("kind", "Kind", found.words.clone()),
        cause,
        pick("impact", "Expected impact", impacts),
        minute("starts", "Starts"),
        minute("ends", "Ends"),
    ]
}

fn more(sent: &Sent) -> Vec<String> {
    let outside = Field::text("outside", "Why outside the slot, or for more than seven days")
        .value(sent.get("outside"))
        .optional();
    let cve =
        Field::text("cve", "The vulnerability it remedies, for a critical patch").value(sent.get("cve"));
    let repeats = Field::text("repeats", "How it comes back")
        .hint(
            "A rule of RFC 5545, such as FREQ=WEEKLY;COUNT=8 or FREQ=MONTHLY;BYDAY=1SU;UNTIL=20271231. It begins at the same time \
             of day before and after clocks are changed; at most 26 times.",
        )
        .value(sent.get("repeats"))
        .optional();
    const { assert!(SERIES_MAX == 26, "the hint says so") };
    vec![repeats.to_string(), outside.to_string(), cve.optional().to_string()]
}

fn find(book: &Book, now: Instant) -> Found {
    let plan = book.versions().map(|versions| versions.latest());
    let agreement = plan.map(Plan::agreement);
    let rules = agreement.map_or(&[][..], |agreement| &agreement.maintenance[..]);
    let kinds: Vec<MaintenanceKind> = if rules.is_empty() {
        MaintenanceKind::ALL.to_vec()
    } else {
        rules.iter().map(|rule| rule.kind).collect()
    };
    let mut causes: Vec<String> = rules.iter().flat_map(|rule| rule.causes.iter().cloned()).collect();
    causes.sort();
    causes.dedup();
    Found {
        words: kinds.iter().map(|kind| (kind.name().to_owned(), title(kind.name()))).collect(),
        kinds: plan.map_or_else(Vec::new, |plan| {
            let history = book.history();
            kinds.iter().map(|one| kind(plan, &history, *one, now)).collect()
        }),
        causes,
        told: agreement.map_or_else(Vec::new, told),
        instances: instances(book),
    }
}

fn kind(plan: &Plan, history: &promise::History<'_>, kind: MaintenanceKind, now: Instant) -> Kind {
    let rule = plan.agreement().maintenance.iter().find(|rule| rule.kind == kind);
    let earliest = [Impact::Down, Impact::Degraded, Impact::None].map(|impact| {
        let at = earliest_start(plan, kind, impact, now);
        (impact.name(), if at <= now { "at once".to_owned() } else { due(at, now) })
    });
    let within = Span { start: now, end: now + SLOTS_WITHIN };
    let open = slots(plan, history, kind, within, now);
    Kind {
        name: title(kind.name()),
        earliest: earliest.to_vec(),
        slots: if open.total() == within.length() {
            vec!["at any hour".to_owned()]
        } else {
            let shown = open.iter().take(SLOTS_MAX);
            shown.map(|slot| slot_told(plan, kind, slot, now)).collect()
        },
        clauses: rule.map_or(String::new(), |rule| clauses(&rule.clause.ids)),
    }
}

/// A slot, and until when work that hurts has to be announced for it.
fn slot_told(plan: &Plan, kind: MaintenanceKind, slot: Span, now: Instant) -> String {
    let span = format!("{} to {}", time(slot.start, now), time(slot.end, now));
    match announce_by(plan, kind, Impact::Down, slot.start) {
        Some((by, _)) if by < now => {
            format!("{span}<span class=\"clause\">too late to announce its beginning</span>")
        }
        Some((by, _)) => format!("{span}<span class=\"clause\">announce by {}</span>", time(by, now)),
        None => span,
    }
}

/// Who is told of what is planned, how long before, and by which clauses.
fn told(agreement: &Agreement) -> Vec<(String, String)> {
    let rules = agreement.obligation.iter().filter(|rule| rule.on.event == Event::MaintenancePlanned);
    let notices = rules.filter_map(|rule| {
        let before = rule.before.as_ref()?;
        let fields = rule.r#match.as_ref().map(|matching| &matching.fields);
        let kinds =
            fields.and_then(|fields| fields.get("kind")).map_or(String::new(), |kinds| kinds.join(", "));
        let met = rule.met_by.as_ref().and_then(|met| met.r#match.as_ref());
        let to = met
            .and_then(|matching| matching.fields.get("to"))
            .map_or("the client".to_owned(), |to| to.join(", "));
        let by = before.by.length(Length::DAY);
        let when =
            if by.is_zero() { "by the start".to_owned() } else { format!("{} before the start", about(by)) };
        Some((format!("{}: the {to}, {when}", title(&kinds)), clauses(&rule.clause.ids)))
    });
    notices.collect()
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("plan")?;
    let planned = match read(&sent) {
        Ok(planned) => planned,
        Err(why) => return show(&app, shell, client, sent, None, Some(Refused::because(why))).await,
    };
    let series = match series(&sent) {
        Ok(series) => series,
        Err(why) => return show(&app, shell, client, sent, None, Some(Refused::because(why))).await,
    };
    if sent.given("look").is_some() {
        let looked = match look(&app, &client, planned, series).await? {
            Ok(looked) => looked,
            Err(refused) => return show(&app, shell, client, sent, None, Some(refused)).await,
        };
        return show(&app, shell, client, sent, looked, None).await;
    }
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, ..By::new(viewer.actor()) };
    let of = client.clone();
    let kind = planned.kind;
    let filed = app.attempt(move |control, now| match &series {
        Some(series) => {
            let (_, records) = control.plan_series(&of, &planned, series, by, now)?;
            Ok(records.into_iter().next().map(|first| (first.maintenance, first.kind != kind)))
        }
        None => {
            let filed = control.plan(&of, planned, by, now)?;
            Ok(Some((filed.record.maintenance, filed.as_emergency)))
        }
    });
    match filed.await? {
        Ok(Some((record, as_emergency))) => {
            let to = path(&client, &["maintenance", record.as_str()]);
            let notice = if as_emergency { Notice::Emergency } else { Notice::Recorded };
            Ok(Redirect::to(&format!("{to}?done={}", notice.word())).into_response())
        }
        Ok(None) => Err(Problem::NotFound),
        Err(refused) => show(&app, shell, client, sent, None, Some(refused)).await,
    }
}

/// What it comes to, without a word on file; nothing before an agreement is in force.
async fn look(
    app: &App,
    client: &ClientId,
    planned: MaintenancePlanned,
    series: Option<Series>,
) -> Result<Result<Option<Looked>, Refused>, Problem> {
    let times = match (&series, Span::new(planned.starts_at, planned.ends_at)) {
        (Some(series), Some(first)) => match Refused::or(series.spans(first)).map_err(Problem::from)? {
            Ok(times) => times,
            Err(refused) => return Ok(Err(refused)),
        },
        _ => Vec::new(),
    };
    let (preview, times, now) = app
        .book(client, move |book, now| {
            let each = |span: &Span| {
                let one = MaintenancePlanned { starts_at: span.start, ends_at: span.end, ..planned.clone() };
                Some((*span, book.preview(&one, now)?))
            };
            let times: Vec<(Span, Preview)> = times.iter().filter_map(each).collect();
            (book.preview(&planned, now), times, now)
        })
        .await?;
    Ok(Ok(preview.map(|preview| Looked::of(&preview, &times, now))))
}

/// How it comes back, on the clocks of the zone in which its start was typed.
fn series(sent: &Sent) -> Result<Option<Series>, &'static str> {
    let Some(rule) = sent.given("repeats") else { return Ok(None) };
    let zone = match sent.get("starts-zone") {
        "" => zone::reader(),
        name => name.parse::<Zone>().map_err(|_| "The zone of the form is not known: open it again.")?,
    };
    Ok(Some(Series { rule: rule.to_owned(), zone }))
}

/// What was typed, as a record whose number is given when it is put on file.
fn read(sent: &Sent) -> Result<MaintenancePlanned, &'static str> {
    let instances: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    let starts_at = sent.minute("starts").ok_or("Say when it starts, as 2026-03-09T18:00.")?;
    let ends_at = sent.minute("ends").ok_or("Say when it ends, as 2026-03-09T19:00.")?;
    if ends_at <= starts_at {
        return Err("It ends before it starts: say a later end.");
    }
    Ok(MaintenancePlanned {
        maintenance: "M-0".parse().map_err(|_| "It has no number.")?,
        kind: MaintenanceKind::named(sent.get("kind")).ok_or("Choose a kind.")?,
        cause: sent.get("cause").to_owned(),
        expected_impact: Impact::named(sent.get("impact")).ok_or("Choose the expected impact.")?,
        instances: instances.map_err(|_| "One of the instances is not known.")?,
        starts_at,
        ends_at,
        cve: sent
            .given("cve")
            .map(str::parse)
            .transpose()
            .map_err(|_| "Write the vulnerability as CVE-2021-44228.")?,
        outside_slot: sent.given("outside").map(str::to_owned),
        series: None,
    })
}
