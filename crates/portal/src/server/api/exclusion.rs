//! Exclusions: what does not count and on whose word, claims with what they would change before they are made, answers to them, and
//! a restart by the client.

use axum::{
    Json,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use control::live::{
    NotDone,
    command::{Answer, NewClaim},
    query::ExclusionView,
};
use desk::policy::Action;
use facts::{ClientId, ExclusionId, InstanceId, Money};
use promise::{Effect, MonthStanding};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    head::{Read, Write},
    operation::Operation,
    page::{LIMIT_MAX, list},
    planned::acted,
    receipt::Receipt,
    request::Nothing,
    sent::Sent,
    shape::{At, DerivationShape, Lasting, MonthText, Stretch, at},
};
use crate::server::{App, Problem, Route, Viewer};

const TAG: &str = "Exclusions";

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Exclusions>(
        TAG,
        "list_exclusions",
        "What does not count and on whose word: claims, and what applies by itself. The latest first.",
    );
    let one = Operation::read::<Exclusion>(
        TAG,
        "get_exclusion",
        "One claim, with its answers and what it rests on.",
    );
    let effect = Operation::act::<Claims, Effects>(
        TAG,
        "preview_exclusions",
        "What claims would change if they were made now, in minutes and in money. Records nothing.",
    );
    let claim = Operation::act::<Claims, Receipt>(
        TAG,
        "claim_exclusions",
        "Claims that downtime does not count: all of the claims or none, each under a number of its own. The client is told.",
    );
    let dispute = Operation::act::<Dispute, Receipt>(
        TAG,
        "dispute_exclusion",
        "Disputes a claim: until it is settled the month is shown both ways.",
    );
    let accept = Operation::act::<Nothing, Receipt>(TAG, "accept_exclusion", "Accepts a claim: it stands.");
    let back =
        Operation::act::<Nothing, Receipt>(TAG, "take_back_exclusion", "Takes a claim back: it counts.");
    let restart = Operation::act::<Nothing, Receipt>(
        TAG,
        "restart_instance",
        "Says that the client restarts an instance now: what fails within the agreement's grace does not count.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/exclusions", Action::ReadStatements, all)
            .told(list.paged(LIMIT_MAX)),
        Route::get("/api/v1/clients/{client}/exclusions/{exclusion}", Action::ReadStatements, get).told(one),
        Route::post("/api/v1/clients/{client}/exclusions-preview", Action::ClaimExclusion, preview)
            .told(effect),
        Route::post("/api/v1/clients/{client}/exclusions", Action::ClaimExclusion, claims)
            .told(claim.creates()),
        Route::post(
            "/api/v1/clients/{client}/exclusions/{exclusion}/dispute",
            Action::AnswerExclusion,
            dispute_one,
        )
        .told(dispute),
        Route::post(
            "/api/v1/clients/{client}/exclusions/{exclusion}/accept",
            Action::AnswerExclusion,
            accept_one,
        )
        .told(accept),
        Route::post(
            "/api/v1/clients/{client}/exclusions/{exclusion}/take-back",
            Action::ClaimExclusion,
            take_back,
        )
        .told(back),
        Route::post(
            "/api/v1/clients/{client}/instances/{instance}/restart",
            Action::RestartInstance,
            restart_one,
        )
        .told(restart),
    ]
}

/// Something that does not count, or is said not to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Exclusion {
    /// The claim's number, or the quota or restart that it is.
    record: String,
    /// Whether somebody claims it; otherwise it applies by itself.
    claimed: bool,
    instance: String,
    cause: String,
    clauses: Vec<String>,
    span: Stretch,
    /// How long the instance failed in it.
    down: Lasting,
    /// Whether it takes that out as it stands.
    excludes: bool,
    /// Whether months are shown with and without it.
    disputed: bool,
    /// How it stands, in words.
    stands: String,
    by: Option<String>,
    recorded_at: Option<At>,
    evidence: Option<String>,
    disputed_by: Option<String>,
    disputed_at: Option<At>,
    /// Why it is disputed.
    reason: Option<String>,
    settled_by: Option<String>,
    settled_at: Option<At>,
    #[schema(value_type = DerivationShape)]
    why: promise::Why,
}

list! {
    /// Exclusions.
    Exclusions of Exclusion
}

fn told(view: ExclusionView) -> Exclusion {
    let claim = view.claim;
    let dispute = claim.as_ref().and_then(|claim| claim.dispute.clone());
    let settled = claim.as_ref().and_then(|claim| claim.settled.clone());
    Exclusion {
        record: view.record,
        claimed: claim.is_some(),
        instance: view.instance.to_string(),
        cause: view.cause,
        clauses: view.clauses,
        span: view.span.into(),
        down: view.down.into(),
        excludes: view.standing.excludes(),
        disputed: view.standing.is_open(),
        stands: view.standing.text(),
        by: claim.as_ref().map(|claim| claim.by.clone()),
        recorded_at: claim.as_ref().map(|claim| At(claim.at)),
        evidence: claim.map(|claim| claim.evidence),
        disputed_by: dispute.as_ref().map(|(by, ..)| by.clone()),
        disputed_at: dispute.as_ref().map(|(_, at, _)| At(*at)),
        reason: dispute.and_then(|(.., reason)| reason),
        settled_by: settled.as_ref().map(|(by, _)| by.clone()),
        settled_at: settled.map(|(_, at)| At(at)),
        why: view.why,
    }
}

async fn all(Read { app, known, asking, place: client }: Read<ClientId>) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let views = app.book(&client, |book, now| book.exclusions(now)).await?;
    let place = |view: &ExclusionView| (view.span.start.as_micros().saturating_neg(), view.record.clone());
    let (items, next) = asking.cut(views, place, LIMIT_MAX)?;
    known.answer(&Exclusions { items: items.into_iter().map(told).collect(), next })
}

/// Which claim an address names.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    client: ClientId,
    exclusion: ExclusionId,
}

async fn get(Read { app, known, asking, place }: Read<Place>) -> Result<Response, Problem> {
    asking.knows(&[])?;
    let found = app.book(&place.client, move |book, now| book.exclusion(&place.exclusion, now)).await?;
    known.answer(&told(found.ok_or(Problem::NotFound)?))
}

/// What is claimed not to count.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claims {
    claims: Vec<Claim>,
}

/// One claim.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewExclusion)]
pub(crate) struct Claim {
    #[schema(value_type = String)]
    instance: InstanceId,
    /// A cause from the agreement's list.
    cause: String,
    #[schema(value_type = String, format = DateTime)]
    from: Instant,
    /// The first instant no longer claimed.
    #[schema(value_type = String, format = DateTime)]
    until: Instant,
    /// What proves it. May be left out of a preview.
    #[serde(default)]
    evidence: String,
}

impl Claims {
    fn read(self) -> Vec<NewClaim> {
        let claim = |claim: Claim| {
            let Claim { instance, cause, from, until, evidence } = claim;
            NewClaim { instance, cause, from, until, evidence }
        };
        self.claims.into_iter().map(claim).collect()
    }
}

/// What claims would change.
#[derive(Serialize, ToSchema)]
#[schema(as = ExclusionEffects)]
pub(crate) struct Effects {
    /// Each month that they touch, the newest first.
    months: Vec<MonthEffect>,
}

/// One month with and without them.
#[derive(Serialize, ToSchema)]
pub(crate) struct MonthEffect {
    month: MonthText,
    /// Whether it is over: its statement stands, and a correction would follow.
    closed: bool,
    /// By how many minutes less would count.
    minutes_less: i64,
    /// The credit as it stands; null where none is known.
    credit: Option<String>,
    /// The credit as it would stand.
    credit_then: Option<String>,
    /// Each instance that would stand otherwise.
    instances: Vec<InstanceEffect>,
}

/// One instance with and without them.
#[derive(Serialize, ToSchema)]
pub(crate) struct InstanceEffect {
    instance: String,
    now: Figures,
    then: Figures,
}

/// How an instance stands in a month.
#[derive(Serialize, ToSchema)]
#[schema(as = EffectFigures)]
pub(crate) struct Figures {
    /// Whole minutes that count.
    counted: i64,
    /// Downtime taken out.
    excluded: Lasting,
    uptime: String,
    /// How the objective is kept, in words.
    verdict: String,
}

impl Figures {
    fn of(standing: &MonthStanding) -> Figures {
        Figures {
            counted: standing.counted,
            excluded: standing.excluded.into(),
            uptime: standing.uptime.clone(),
            verdict: standing.verdict.text().to_owned(),
        }
    }
}

fn effect_told(effect: &Effect) -> MonthEffect {
    let money = |amount: Option<Money>| amount.map(|amount| amount.to_string());
    MonthEffect {
        month: effect.month.into(),
        closed: effect.closed,
        minutes_less: effect.minutes_less(),
        credit: money(effect.credit),
        credit_then: money(effect.credit_then),
        instances: effect
            .instances
            .iter()
            .map(|instance| InstanceEffect {
                instance: instance.instance.to_string(),
                now: Figures::of(&instance.now),
                then: Figures::of(&instance.then),
            })
            .collect(),
    }
}

async fn preview(
    Write { app, place: client, sent, .. }: Write<ClientId, Claims>,
) -> Result<Json<Effects>, Problem> {
    let claims = sent.body.read();
    let (found, max) = (claims.len(), control::live::command::CLAIMS_MAX);
    if max < found {
        return Err(NotDone::TooMuch { what: "claims at once", found, max }.into());
    }
    let effects = app.book(&client, move |book, now| book.effect_of_claims(&claims, now)).await?;
    Ok(Json(Effects { months: effects.iter().map(effect_told).collect() }))
}

async fn claims(
    Write { app, viewer, place: client, sent }: Write<ClientId, Claims>,
) -> Result<Response, Problem> {
    let by = sent.by(&viewer, false)?;
    let claims = sent.body.read();
    let receipt = app
        .ask_control(move |control, now| {
            let (ids, done) = control.claim_exclusions(&client, &claims, by, now)?;
            let first = ids.first().map_or_else(String::new, ToString::to_string);
            Receipt::of(control, &client, at(&client, &["exclusions", &first]), &first, &done)
        })
        .await?;
    let place = [(header::LOCATION, receipt.href().to_owned())];
    Ok((StatusCode::CREATED, place, receipt.answer()).into_response())
}

/// Why a claim is disputed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DisputeExclusion)]
pub(crate) struct Dispute {
    #[serde(default)]
    reason: Option<String>,
}

async fn dispute_one(
    Write { app, viewer, place, sent }: Write<Place, Dispute>,
) -> Result<Json<Receipt>, Problem> {
    answered(&app, &viewer, place, sent, |body| Answer::Dispute { reason: body.reason }).await
}

async fn accept_one(
    Write { app, viewer, place, sent }: Write<Place, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    answered(&app, &viewer, place, sent, |_| Answer::Accept).await
}

async fn take_back(
    Write { app, viewer, place, sent }: Write<Place, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    answered(&app, &viewer, place, sent, |_| Answer::TakeBack).await
}

async fn answered<B: Send + 'static>(
    app: &App,
    viewer: &Viewer,
    place: Place,
    sent: Sent<B>,
    answer: fn(B) -> Answer,
) -> Result<Json<Receipt>, Problem> {
    let Place { client, exclusion } = place;
    let id = exclusion.to_string();
    acted(app, viewer, client, ("exclusions", id), sent, move |control, client, body, by, now| {
        control.answer_exclusion(client, &exclusion, answer(body), by, now)
    })
    .await
}

/// Which instance.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct OfInstance {
    client: ClientId,
    instance: InstanceId,
}

async fn restart_one(
    Write { app, viewer, place, sent }: Write<OfInstance, Nothing>,
) -> Result<Json<Receipt>, Problem> {
    let OfInstance { client, instance } = place;
    let id = instance.to_string();
    acted(&app, &viewer, client, ("instances", id), sent, move |control, client, _, by, now| {
        control.restart(client, &instance, by, now)
    })
    .await
}
