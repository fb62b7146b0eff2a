//! What is done about instances: taken under the agreement, asked something, let go. It decides every figure, so an administrator does
//! it.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::{Book, Control, Done, NotDone, command::By};
use desk::policy::Action;
use facts::{
    Again, Cause, CheckDefined, CheckEnded, CheckId, ClientId, Environment, InstanceAdded, InstanceEnded,
    InstanceId, Outcome, Pace, what::What,
};
use probe::Question;
use promise::probe::SignedProbe;
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{Departs, Phases, Place, phases};
use crate::server::{
    App, Problem, Route, Viewer,
    api::{
        head::Write,
        operation::Operation,
        page::wrong,
        receipt::Receipt,
        sent::Sent,
        shape::{AgainShape, At, PaceShape, QuestionShape, at},
    },
    instance::{is_misused, tried_for},
};

pub(super) fn routes() -> Vec<Route> {
    const TAG: &str = "Instances";
    let add = Operation::act::<NewInstance, Receipt>(
        TAG,
        "add_instance",
        "Takes an instance under the agreement: from then on its minutes are kept.",
    );
    let check = Operation::act::<NewCheck, Receipt>(
        TAG,
        "define_check",
        "Defines what is asked of an instance. Under the name of a check that is there it is asked otherwise from now on.",
    );
    let withdraw = Operation::act::<EndCheck, Receipt>(
        TAG,
        "end_check",
        "Withdraws a check: from now on nobody asks it and nothing is known by it. What it saw stays.",
    );
    let preview = Operation::act::<NewCheck, Tried>(
        TAG,
        "try_check",
        "Asks once what a check would ask, from this server and on no record.",
    );
    let end = Operation::act::<End, Receipt>(
        TAG,
        "end_instance",
        "Says until when an instance is covered. What has passed stays as it was.",
    );
    vec![
        Route::post("/api/v1/clients/{client}/instances", Action::EditInstances, add_instance)
            .told(add.creates()),
        Route::post(
            "/api/v1/clients/{client}/instances/{instance}/checks",
            Action::EditInstances,
            define_check,
        )
        .told(check.versioned()),
        Route::post(
            "/api/v1/clients/{client}/instances/{instance}/checks-preview",
            Action::EditInstances,
            preview_check,
        )
        .told(preview),
        Route::post(
            "/api/v1/clients/{client}/instances/{instance}/checks-end",
            Action::EditInstances,
            end_check,
        )
        .told(withdraw.versioned()),
        Route::post("/api/v1/clients/{client}/instances/{instance}/end", Action::EditInstances, end_instance)
            .told(end),
    ]
}

/// An instance that comes under the agreement.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewInstance {
    /// Its id from now on: small letters, digits and hyphens.
    #[schema(value_type = String)]
    instance: InstanceId,
    /// Its name on pages and statements.
    name: String,
    /// Where it answers.
    #[serde(default)]
    url: Option<String>,
    /// Where it is used: `production` and the like.
    environment: String,
    /// The software it runs, as feeds name it.
    #[serde(default)]
    software: Option<String>,
    /// The first covered instant; now, where none is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// The first instant no longer covered, if one is known.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

impl NewInstance {
    fn added(self, now: Instant) -> Result<InstanceAdded, Problem> {
        let known = || Environment::ALL.iter().map(|known| known.name()).collect::<Vec<_>>().join(", ");
        let environment = Environment::named(&self.environment);
        Ok(InstanceAdded {
            instance: self.instance,
            name: self.name.trim().to_owned(),
            url: self.url,
            environment: environment
                .ok_or_else(|| wrong("environment", &format!("write one of {}.", known())))?,
            software: self.software,
            from: self.from.unwrap_or(now),
            until: self.until,
        })
    }
}

/// What is asked of an instance: with `url` a plain HTTP request, with `what` any question, with `grace_s` nothing: the service calls by
/// itself.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewCheck {
    /// Its name.
    #[schema(value_type = String)]
    check: CheckId,
    /// The version that was read, 0 for none: where another is in force by now, nothing is done. Without it, it is defined over any.
    #[serde(default)]
    version: Option<usize>,
    /// Seconds between two questions, or two beats at most; as signed, where a question says none.
    #[serde(default)]
    every_s: Option<u32>,
    /// The request method; as signed, where none is said.
    #[serde(default)]
    method: Option<String>,
    /// What is asked.
    #[serde(default)]
    url: Option<String>,
    /// The HTTP statuses that are a good answer; none: as signed, or 200 to 299.
    #[serde(default)]
    expect: Vec<u16>,
    /// Milliseconds until no answer is a failure; as signed, or 10 s, where none is said.
    #[serde(default)]
    timeout_ms: Option<u32>,
    /// The whole question, where a method, a URL and statuses do not say it.
    #[serde(default)]
    #[schema(value_type = Option<QuestionShape>)]
    what: Option<What>,
    /// A heartbeat: so many seconds after `every_s` a beat is missed. `uphold heartbeat` gives its address.
    #[serde(default)]
    grace_s: Option<u32>,
    /// How soon it is asked again after a failure; each answer is on record, the first failure among them.
    #[serde(default)]
    #[schema(value_type = Option<AgainShape>)]
    again: Option<Again>,
    /// How fast it is meant to answer, at most four. Slower is degraded, and no downtime.
    #[serde(default)]
    #[schema(value_type = Vec<PaceShape>, required = false)]
    objectives: Vec<Pace>,
    /// That it is asked otherwise than was signed, which the client is told of.
    #[serde(default)]
    confirm: bool,
}

impl NewCheck {
    /// With what was signed, where it leaves something out (SH-AVAIL-07).
    fn defined(self, instance: InstanceId, signed: Option<&SignedProbe>) -> Result<CheckDefined, Problem> {
        let every_s = self.every_s.or(signed.filter(|_| self.grace_s.is_none()).map(|signed| signed.every_s));
        let every_s =
            every_s.ok_or_else(|| wrong("every_s", "say every how many seconds: none was signed."))?;
        let check = CheckDefined {
            instance,
            check: self.check,
            every_s,
            method: self.method,
            url: self.url,
            expect: self.expect,
            timeout_ms: self.timeout_ms,
            what: self.what,
            grace_s: self.grace_s,
            again: self.again,
            objectives: self.objectives,
        };
        Ok(match signed {
            Some(signed) => signed.fill(check),
            None => check,
        })
    }
}

/// A check that is asked no more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct EndCheck {
    /// Its name.
    #[schema(value_type = String)]
    check: CheckId,
    /// The version that was read: where another is in force by now, nothing is done. Without it, any is withdrawn.
    #[serde(default)]
    version: Option<usize>,
    /// That nobody looks from then on, where it is the last of its instance: every minute is unknown.
    #[serde(default)]
    confirm: bool,
}

/// Until when an instance is covered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EndInstance)]
pub(crate) struct End {
    /// The first instant no longer covered; now, where none is said.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Instant>,
}

async fn add_instance(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewInstance>,
) -> Result<Response, Problem> {
    let place = Place { client, instance: sent.body.instance.clone() };
    let receipt = record(&app, &viewer, place, sent, |control, client, new, by, now| {
        Ok(control.add_instance(client, new.added(now)?, by, now)?)
    });
    let receipt = receipt.await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}

async fn define_check(
    Write { app, viewer, place, sent }: Write<Place, NewCheck>,
) -> Result<Json<Receipt>, Problem> {
    let instance = place.instance.clone();
    let receipt = record(&app, &viewer, place, sent, move |control, client, new, by, now| {
        let by = By { read: new.version, confirmed: new.confirm, ..by };
        let signed = control.read(client, now, Book::signed_probe).map_err(NotDone::from)?.flatten();
        Ok(control.define_check(client, new.defined(instance, signed.as_ref())?, by, now)?)
    });
    Ok(receipt.await?.answer())
}

/// What came of asking once. Nothing of it is on record.
#[derive(Serialize, ToSchema)]
struct Tried {
    /// Whether it was a good answer.
    #[schema(value_type = String)]
    outcome: Outcome,
    /// Why not.
    cause: Option<&'static str>,
    /// The same in the words of whoever asked.
    reason: Option<String>,
    /// The HTTP status of the last answer.
    code: Option<u16>,
    /// What the time went into.
    phases: Phases,
    /// The last instant of the certificate that was shown.
    certificate_ends: Option<At>,
    /// It failed with 4xx: no valid request was made, and asked so it would count as downtime (SH-AVAIL-07).
    misused: bool,
    /// In what it is asked otherwise than was signed; null where in nothing.
    departs: Option<Departs>,
}

async fn preview_check(
    Write { app, place, sent, .. }: Write<Place, NewCheck>,
) -> Result<Json<Tried>, Problem> {
    let instance = place.instance.clone();
    let known = app.book(&place.client, move |book, _| {
        (book.instance_names().iter().any(|(id, _)| *id == instance), book.signed_probe())
    });
    let (known, signed) = known.await?;
    if !known {
        return Err(Problem::NotFound);
    }
    let check = sent.body.defined(place.instance, signed.as_ref())?;
    let departs = signed.map(|signed| (signed.departures(&check), signed.clauses));
    let departs = departs.filter(|(found, _)| !found.is_empty());
    let question =
        check.question().ok_or_else(|| wrong("what", "a heartbeat asks nothing: say what is asked."))?;
    if let Some(problem) = question.problem().or_else(|| check.problem()) {
        return Err(wrong("what", &format!("nobody would ask it: {problem}.")));
    }
    let looker = app.looker().ok_or_else(|| wrong("what", "this server looks at nothing by itself."))?;
    let timeout = tried_for(check.timeout_ms);
    let seen = looker.look(&Question::of_client(&question, timeout, &place.client)).await;
    Ok(Json(Tried {
        outcome: seen.outcome,
        cause: seen.cause.map(Cause::word),
        reason: seen.reason.as_ref().map(ToString::to_string),
        code: seen.code,
        phases: phases(seen.phases),
        certificate_ends: seen.not_after.map(At::from),
        misused: is_misused(&seen),
        departs: super::departs(departs),
    }))
}

async fn end_check(
    Write { app, viewer, place, sent }: Write<Place, EndCheck>,
) -> Result<Json<Receipt>, Problem> {
    let instance = place.instance.clone();
    let receipt = record(&app, &viewer, place, sent, move |control, client, end, by, now| {
        let by = By { read: end.version, confirmed: end.confirm, ..by };
        Ok(control.end_check(client, CheckEnded { instance, check: end.check }, by, now)?)
    });
    Ok(receipt.await?.answer())
}

async fn end_instance(
    Write { app, viewer, place, sent }: Write<Place, End>,
) -> Result<Json<Receipt>, Problem> {
    let instance = place.instance.clone();
    let receipt = record(&app, &viewer, place, sent, move |control, client, end, by, now| {
        let ended = InstanceEnded { instance, until: end.until.unwrap_or(now) };
        Ok(control.end_instance(client, ended, by, now)?)
    });
    Ok(receipt.await?.answer())
}

async fn record<B: Send + 'static>(
    app: &App,
    viewer: &Viewer,
    Place { client, instance }: Place,
    sent: Sent<B>,
    command: impl FnOnce(&Control, &ClientId, B, By, Instant) -> Result<Done, Problem> + Send + 'static,
) -> Result<Receipt, Problem> {
    let by = sent.by(viewer, false)?;
    let done = app.ask_control(move |control, now| {
        let done = command(control, &client, sent.body, by, now)?;
        let href = at(&client, &["instances", instance.as_str()]);
        Receipt::of(control, &client, href, instance.as_str(), &done)
    });
    done.await
}
