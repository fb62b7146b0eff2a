//! Planning: the form shows the earliest start that keeps the notice, the tier's slots and who is told, before anything is sent.

use agreement::Agreement;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Book, command::By};
use desk::policy::Action;
use facts::{ClientId, Event, Impact, InstanceId, MaintenanceKind, MaintenancePlanned};
use promise::{
    guard::{earliest_start, slots},
    obligation::Plan,
};
use spans::{Instant, Length, Span};

use crate::server::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Minute, Pick, Refused, Sent, new_key},
    moment::{due, path, time, title},
    page,
    ticket::instances,
};
use crate::{part::clauses, when::about};

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
    refused: Option<Refused>,
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, client, Sent::default(), None).await
}

async fn show(
    app: &App,
    shell: Shell,
    client: ClientId,
    sent: Sent,
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
    vec![outside.to_string(), cve.optional().to_string()]
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
        kinds: plan.map_or_else(Vec::new, |plan| kinds.iter().map(|kind_| kind(plan, *kind_, now)).collect()),
        causes,
        told: agreement.map_or_else(Vec::new, told),
        instances: instances(book),
    }
}

fn kind(plan: &Plan, kind: MaintenanceKind, now: Instant) -> Kind {
    let rule = plan.agreement().maintenance.iter().find(|rule| rule.kind == kind);
    let earliest = [Impact::Down, Impact::Degraded, Impact::None].map(|impact| {
        let at = earliest_start(plan, kind, impact, now);
        (impact.name(), if at <= now { "at once".to_owned() } else { due(at, now) })
    });
    let within = Span { start: now, end: now + SLOTS_WITHIN };
    let open = slots(plan, kind, within);
    Kind {
        name: title(kind.name()),
        earliest: earliest.to_vec(),
        slots: if open.total() == within.length() {
            vec!["at any hour".to_owned()]
        } else {
            let shown = open.iter().take(SLOTS_MAX);
            shown.map(|slot| format!("{} to {}", time(slot.start, now), time(slot.end, now))).collect()
        },
        clauses: rule.map_or(String::new(), |rule| clauses(&rule.clause.ids)),
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
        Err(why) => return show(&app, shell, client, sent, Some(Refused::because(why))).await,
    };
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| control.plan(&of, planned, by, now)).await? {
        Ok(filed) => {
            let to = path(&client, &["maintenance", filed.record.maintenance.as_str()]);
            let notice = if filed.as_emergency { Notice::Emergency } else { Notice::Recorded };
            Ok(Redirect::to(&format!("{to}?done={}", notice.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, sent, Some(refused)).await,
    }
}

/// What was typed, as a record whose number is given when it is put on file.
fn read(sent: &Sent) -> Result<MaintenancePlanned, &'static str> {
    let instances: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    Ok(MaintenancePlanned {
        maintenance: "M-0".parse().map_err(|_| "It has no number.")?,
        kind: MaintenanceKind::named(sent.get("kind")).ok_or("Choose a kind.")?,
        cause: sent.get("cause").to_owned(),
        expected_impact: Impact::named(sent.get("impact")).ok_or("Choose the expected impact.")?,
        instances: instances.map_err(|_| "One of the instances is not known.")?,
        starts_at: sent.minute("starts").ok_or("Say when it starts, as 2026-03-09T18:00.")?,
        ends_at: sent.minute("ends").ok_or("Say when it ends, as 2026-03-09T19:00.")?,
        cve: sent
            .given("cve")
            .map(str::parse)
            .transpose()
            .map_err(|_| "Write the vulnerability as CVE-2021-44228.")?,
        outside_slot: sent.given("outside").map(str::to_owned),
    })
}
