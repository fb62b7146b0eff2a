//! Claiming: outages are chosen from those that count, one or many at once, or a span is typed. First the page says what it would
//! change; only then is there a button that claims it.

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book,
    command::{By, CLAIMS_MAX, NewClaim},
    query::Cause,
};
use desk::policy::Action;
use facts::{ClientId, InstanceId};
use spans::Instant;

use super::{Changed, changed};
use crate::{
    part::clauses,
    server::{
        App, Notice, Problem, Route, Section, Shell, Viewer,
        form::{Area, Minute, Pick, Refused, Sent, new_key},
        moment::{path, time, title},
        page,
    },
};

/// Outages to choose from, the latest.
const RUNS_MAX: usize = 100;
/// Months of each instance that are looked through for them.
const MONTHS_MAX: usize = 3;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/exclusions/claim", Action::ClaimExclusion, form),
        Route::post("/clients/{client}/exclusions/claim", Action::ClaimExclusion, send),
    ]
}

/// An outage that counts.
struct Run {
    /// As a form sends it: the instance, the first instant, the first one after it.
    value: String,
    instance: String,
    from: String,
    until: String,
    counted: i64,
    start: Instant,
    on: bool,
}

#[derive(Template)]
#[template(path = "exclusion_claim.html")]
struct FormPage {
    shell: Shell,
    at: String,
    key: String,
    runs: Vec<Run>,
    own: Vec<String>,
    words: Vec<String>,
    causes: Vec<(String, String, bool)>,
    effects: Option<Vec<Changed>>,
    refused: Option<Refused>,
}

/// What the form is made from.
struct Found {
    runs: Vec<Run>,
    instances: Vec<(InstanceId, String)>,
    causes: Vec<Cause>,
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
    effects: Option<Vec<Changed>>,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let mut found = app.book(&client, find).await?;
    for run in &mut found.runs {
        run.on = sent.all("run").any(|chosen| chosen == run.value);
    }
    let below = path(&client, &["exclusions"]);
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = page(&FormPage {
        shell: shell
            .of(&client)
            .titled("Claim an exclusion")
            .at(Section::Statements)
            .below("What does not count", &below),
        at: path(&client, &["exclusions", "claim"]),
        key: new_key()?,
        own: own(&found, &sent),
        words: words(&found, &sent),
        causes: found
            .causes
            .iter()
            .map(|cause| (title(&cause.cause), clauses(&cause.clauses), cause.automatic))
            .collect(),
        runs: found.runs,
        effects,
        refused,
    })?;
    Ok((status, page).into_response())
}

fn find(book: &Book, now: Instant) -> Found {
    let instances = book.instance_names();
    let mut runs: Vec<Run> = Vec::new();
    for ((id, name), months) in instances.iter().zip(book.months_of_instances(&instances, now)) {
        for month in months.iter().take(MONTHS_MAX) {
            let counted = month.runs.iter().filter(|run| 0 < run.counted);
            runs.extend(counted.map(|run| Run {
                value: format!("{id}|{}|{}", run.span.start, run.span.end),
                instance: name.clone(),
                from: time(run.span.start, now),
                until: time(run.span.end, now),
                counted: run.minutes,
                start: run.span.start,
                on: false,
            }));
        }
    }
    runs.sort_by(|a, b| (b.start, &a.value).cmp(&(a.start, &b.value)));
    runs.dedup_by(|a, b| a.value == b.value);
    runs.truncate(RUNS_MAX);
    Found { runs, instances, causes: book.causes() }
}

fn own(found: &Found, sent: &Sent) -> Vec<String> {
    let nothing = (String::new(), "none".to_owned());
    let all = found.instances.iter().map(|(id, name)| (id.to_string(), name.clone()));
    let instance = Pick {
        id: "instance",
        name: "instance",
        label: "Another span of",
        hint: String::new(),
        options: std::iter::once(nothing).chain(all).collect(),
        value: sent.get("instance").to_owned(),
    };
    let minute = |name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id: name, name, label, hint: String::new(), value, required: false }.to_string()
    };
    vec![instance.to_string(), minute("from", "From"), minute("until", "Until")]
}

fn words(found: &Found, sent: &Sent) -> Vec<String> {
    let causes = found.causes.iter().filter(|cause| !cause.automatic);
    let cause = Pick {
        id: "cause",
        name: "cause",
        label: "Cause",
        hint: String::new(),
        options: causes.map(|cause| (cause.cause.clone(), title(&cause.cause))).collect(),
        value: sent.get("cause").to_owned(),
    };
    let evidence = Area {
        id: "evidence",
        name: "evidence",
        label: "Evidence",
        hint: "What proves the cause: a report, a ticket, a trace. The client reads it.".to_owned(),
        value: sent.get("evidence").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    vec![cause.to_string(), evidence.to_string()]
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("claim")?;
    let claims = match read(&sent) {
        Ok(claims) => claims,
        Err(why) => return show(&app, shell, client, sent, None, Some(Refused::because(why))).await,
    };
    // What it would change is seen before it is done.
    if sent.given("claim").is_none() {
        let effects =
            app.book(&client, move |book, now| changed(&book.effect_of_claims(&claims, now))).await?;
        return show(&app, shell, client, sent, Some(effects), None).await;
    }
    let by = By { key: Some(key), ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| control.claim_exclusions(&of, &claims, by, now)).await? {
        Ok((ids, _)) => {
            let to = match ids.as_slice() {
                [one] => path(&client, &["exclusions", one.as_str()]),
                _ => path(&client, &["exclusions"]),
            };
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => show(&app, shell, client, sent, None, Some(refused)).await,
    }
}

/// What was chosen and typed, as claims of one cause and evidence.
fn read(sent: &Sent) -> Result<Vec<NewClaim>, &'static str> {
    let claim = |instance: &str, from: Instant, until: Instant| {
        Some(NewClaim {
            instance: instance.parse().ok()?,
            cause: sent.get("cause").to_owned(),
            from,
            until,
            evidence: sent.get("evidence").to_owned(),
        })
    };
    let mut claims = Vec::new();
    for value in sent.all("run") {
        let mut parts = value.split('|');
        let parts = (parts.next(), parts.next(), parts.next());
        let (Some(instance), Some(from), Some(until)) = parts else {
            return Err("One of the outages is not known.");
        };
        let times = from.parse().ok().zip(until.parse().ok());
        let read = times.and_then(|(from, until)| claim(instance, from, until));
        claims.push(read.ok_or("One of the outages is not known.")?);
    }
    if let Some(instance) = sent.given("instance") {
        let from = sent.minute("from").ok_or("Say from when, as 2026-03-09T18:00.")?;
        let until = sent.minute("until").ok_or("Say until when, as 2026-03-09T19:00.")?;
        claims.push(claim(instance, from, until).ok_or("The instance is not known.")?);
    }
    match claims.len() {
        0 => Err("Choose an outage, or type a span of an instance."),
        n if CLAIMS_MAX < n => Err("That is more than can be claimed at once: choose fewer."),
        _ => Ok(claims),
    }
}
