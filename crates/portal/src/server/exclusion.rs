//! Exclusions: what does not count and on whose word. A claim shows what it would change, in minutes and in money, before anybody
//! makes it; the client reads it with its evidence, disputes it or accepts it; until it is settled the month is shown both ways.

mod claim;

use agreement::Permission;
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Book,
    command::{Answer, By},
    query::ExclusionView,
};
use desk::policy::{Action, Resource};
use facts::{ClientId, ExclusionId, InstanceId, Money, Side};
use promise::{Effect, Standing};
use serde::Deserialize;
use spans::Instant;

use super::{
    App, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Area, Refused, Sent, new_key},
    moment::{due, path, time, title},
    onward::{Onward, Piece},
    page,
};
use crate::{
    part::{State as Word, badge, clauses},
    when::{month as month_name, seconds},
    why::why_item,
};

/// Exclusions in the list, the latest.
const SHOWN_MAX: usize = 200;

pub(crate) fn routes() -> Vec<Route> {
    let own = vec![
        Route::get("/clients/{client}/exclusions", Action::ReadStatements, all),
        Route::get("/clients/{client}/exclusions/{exclusion}", Action::ReadStatements, one),
        Route::post("/clients/{client}/exclusions/{exclusion}/dispute", Action::AnswerExclusion, dispute),
        Route::post("/clients/{client}/exclusions/{exclusion}/accept", Action::AnswerExclusion, accept),
        Route::post("/clients/{client}/exclusions/{exclusion}/take-back", Action::ClaimExclusion, take_back),
        Route::post("/clients/{client}/instances/{instance}/restart", Action::RestartInstance, restart),
    ];
    own.into_iter().chain(claim::routes()).collect()
}

/// One line of the list.
struct Line {
    record: String,
    link: Option<String>,
    instance: String,
    cause: String,
    clauses: String,
    from: String,
    until: String,
    down: String,
    state: String,
}

impl Line {
    fn of(client: &ClientId, view: &ExclusionView, now: Instant) -> Line {
        let link = |id: &ExclusionId| path(client, &["exclusions", id.as_str()]);
        Line {
            record: view.record.clone(),
            link: view.claim.as_ref().map(|claim| link(&claim.id)),
            instance: view.name.clone(),
            cause: title(&view.cause),
            clauses: clauses(&view.clauses),
            from: time(view.span.start, now),
            until: time(view.span.end, now),
            down: seconds(view.down),
            state: stands(view),
        }
    }
}

/// `excluded, claimed`: a state with its word.
fn stands(view: &ExclusionView) -> String {
    let (state, word) = match &view.standing {
        Standing::ByRule => (Word::Excluded, "excluded by rule"),
        Standing::Claimed { .. } => (Word::Excluded, "excluded, claimed"),
        Standing::DisputedLate { .. } => (Word::Excluded, "excluded, disputed too late"),
        Standing::Disputed { .. } => (Word::Risk, "disputed: shown both ways"),
        Standing::Settled { stands: true, .. } => (Word::Excluded, "excluded, accepted"),
        Standing::Settled { stands: false, .. } => (Word::Kept, "counts, taken back"),
        Standing::Refused { .. } => (Word::Kept, "counts"),
    };
    badge(state, word)
}

/// A month with and without an act, as pages tell it.
pub(super) struct Changed {
    month: String,
    closed: bool,
    credit: String,
    credit_then: String,
    instances: Vec<Figures>,
}

struct Figures {
    name: String,
    counted: i64,
    counted_then: i64,
    uptime: String,
    uptime_then: String,
    verdict: &'static str,
    verdict_then: &'static str,
}

pub(super) fn changed(effects: &[Effect]) -> Vec<Changed> {
    let money =
        |amount: Option<Money>| amount.map_or_else(|| "not known".to_owned(), |amount| amount.to_string());
    let each = effects.iter().map(|effect| Changed {
        month: month_name(effect.month),
        closed: effect.closed,
        credit: money(effect.credit),
        credit_then: money(effect.credit_then),
        instances: effect
            .instances
            .iter()
            .map(|instance| Figures {
                name: instance.name.clone(),
                counted: instance.now.counted,
                counted_then: instance.then.counted,
                uptime: instance.now.uptime.clone(),
                uptime_then: instance.then.uptime.clone(),
                verdict: instance.now.verdict.text(),
                verdict_then: instance.then.verdict.text(),
            })
            .collect(),
    });
    each.collect()
}

#[derive(Template)]
#[template(path = "exclusions.html")]
struct ListPage {
    shell: Shell,
    lines: Vec<Line>,
    onward: Onward,
    claim: Option<String>,
    clauses: String,
}

async fn all(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(piece): Query<Piece>,
) -> Result<Response, Problem> {
    let actor = viewer.actor();
    let read = move |book: &Book, now: Instant| {
        let rule = book.versions().and_then(|versions| versions.latest().agreement().exclusions.clone());
        let claims = book.permits(&actor, Permission::ExclusionClaim);
        (book.exclusions(now), rule.map_or_else(Vec::new, |rule| rule.clause.ids), claims, now)
    };
    let (views, ids, claims, now) = match app.book(&client, read).await {
        // A client's own people come in before anything is on file.
        Err(Problem::NotFound) if !viewer.is_staff() => (Vec::new(), Vec::new(), false, app.now()),
        found => found?,
    };
    let may_claim = claims && viewer.may(Action::ClaimExclusion, &Resource::Client(&client));
    let lines = piece.of(&views, SHOWN_MAX).map(|view| Line::of(&client, view, now)).collect();
    page(&ListPage {
        lines,
        onward: piece.onward(&path(&client, &["exclusions"]), views.len(), SHOWN_MAX),
        claim: may_claim.then(|| path(&client, &["exclusions", "claim"])),
        clauses: clauses(&ids),
        shell: shell
            .of(&client)
            .titled("What does not count")
            .at(Section::Statements)
            .below("Statements", &path(&client, &["statements"])),
    })
}

/// Which claim an address names.
#[derive(Debug, Clone, Deserialize)]
struct At {
    client: ClientId,
    exclusion: ExclusionId,
}

impl At {
    fn path(&self) -> String {
        path(&self.client, &["exclusions", self.exclusion.as_str()])
    }
}

/// What somebody may answer, with what it would change.
struct Choice {
    verb: &'static str,
    what: &'static str,
    button: &'static str,
    danger: bool,
    effects: Vec<Changed>,
}

#[derive(Template)]
#[template(path = "exclusion.html")]
struct ClaimPage {
    shell: Shell,
    at: String,
    key: String,
    line: Line,
    by: String,
    recorded: String,
    evidence: String,
    standing: String,
    until: Option<String>,
    dispute: Option<(String, String, Option<String>)>,
    settled: Option<(String, String)>,
    choices: Vec<Choice>,
    /// Who may answer it, where whoever reads this may not.
    answerers: String,
    reason: String,
    why: String,
    refused: Option<Refused>,
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, at, Sent::default(), None).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    sent: Sent,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let may = |action| viewer.may(action, &Resource::Client(&at.client));
    let (answers, claims) = (may(Action::AnswerExclusion), may(Action::ClaimExclusion));
    let (id, actor) = (at.exclusion.clone(), viewer.actor());
    let found = app.book(&at.client, move |book, now| {
        let view = book.exclusion(&id, now)?;
        // The policy lets the side answer, the agreement says who of it.
        let answers = answers && book.permits(&actor, Permission::ExclusionDispute);
        let claims = claims && book.permits(&actor, Permission::ExclusionClaim);
        let readings = book.versions().map(|v| v.latest().agreement().readings.clone()).unwrap_or_default();
        let mut choices = Vec::new();
        let mut offer = |verb, what, button, danger, answer: Answer| {
            let effects = changed(&book.effect_of_answer(&id, answer, now));
            choices.push(Choice { verb, what, button, danger, effects });
        };
        if answers && view.may_be_disputed(now) {
            let dispute = Answer::Dispute { reason: None };
            offer(
                "dispute",
                "Until it is settled the month is shown both ways.",
                "Dispute it",
                false,
                dispute,
            );
        }
        if answers && view.may_be_settled() {
            offer(
                "accept",
                "It stands, and cannot be disputed any more.",
                "Accept it",
                false,
                Answer::Accept,
            );
        }
        if claims && view.may_be_settled() {
            offer(
                "take-back",
                "The downtime counts again, for good.",
                "Take it back",
                true,
                Answer::TakeBack,
            );
        }
        let open = view.may_be_disputed(now) || view.may_be_settled();
        let answerers = if open && !answers { answerers(book) } else { String::new() };
        Some((view, readings, choices, answerers, now))
    });
    let (view, readings, choices, answerers, now) = found.await?.ok_or(Problem::NotFound)?;
    let claim = view.claim.as_ref().ok_or(Problem::NotFound)?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let until = match view.standing {
        Standing::Claimed { disputable_until } => disputable_until,
        _ => None,
    };
    let hint = "Why the downtime counts. The provider reads it.".to_owned();
    let reason = Area {
        id: "reason",
        name: "reason",
        label: "Why",
        hint,
        value: sent.get("reason").to_owned(),
        required: false,
        most: Area::CHARS_MAX,
    };
    let page = page(&ClaimPage {
        key: new_key()?,
        line: Line::of(&at.client, &view, now),
        by: claim.by.clone(),
        recorded: time(claim.at, now),
        evidence: claim.evidence.clone(),
        standing: view.standing.text(),
        until: until.map(|until| due(until, now)),
        dispute: claim.dispute.as_ref().map(|(by, at, why)| (by.clone(), time(*at, now), why.clone())),
        settled: claim.settled.as_ref().map(|(by, at)| (by.clone(), time(*at, now))),
        choices,
        answerers,
        reason: reason.to_string(),
        why: why_item(&view.why, &readings),
        refused,
        shell: shell
            .of(&at.client)
            .titled(&format!("Exclusion {}", at.exclusion))
            .at(Section::Statements)
            .below("What does not count", &path(&at.client, &["exclusions"])),
        at: at.path(),
    })?;
    Ok((status, page).into_response())
}

/// The roles of the client to which the agreement gives the answer.
fn answerers(book: &Book) -> String {
    let Some(versions) = book.versions() else { return String::new() };
    let roles = versions.latest().agreement().role.iter();
    let may = roles
        .filter(|(_, role)| role.side == Side::Client && role.may.contains(&Permission::ExclusionDispute));
    may.map(|(name, _)| name.replace('-', " ")).collect::<Vec<_>>().join(" or ")
}

async fn dispute(
    app: State<App>,
    s: Shell,
    v: Viewer,
    at: Path<At>,
    sent: Sent,
) -> Result<Response, Problem> {
    let reason = sent.given("reason").map(str::to_owned);
    answer(&app.0, s, &v, at.0, sent, Answer::Dispute { reason }, "dispute").await
}

async fn accept(app: State<App>, s: Shell, v: Viewer, at: Path<At>, sent: Sent) -> Result<Response, Problem> {
    answer(&app.0, s, &v, at.0, sent, Answer::Accept, "accept").await
}

async fn take_back(
    app: State<App>,
    s: Shell,
    v: Viewer,
    at: Path<At>,
    sent: Sent,
) -> Result<Response, Problem> {
    answer(&app.0, s, &v, at.0, sent, Answer::TakeBack, "take-back").await
}

async fn answer(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    sent: Sent,
    answer: Answer,
    verb: &str,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key(verb)?), ..By::new(viewer.actor()) };
    let of = at.clone();
    let done =
        app.attempt(move |control, now| control.answer_exclusion(&of.client, &of.exclusion, answer, by, now));
    match done.await? {
        Ok(_) => {
            let to = format!("{}?done={}", at.path(), Notice::Recorded.word());
            Ok(Redirect::to(&to).into_response())
        }
        Err(refused) => show(app, shell, viewer, at, sent, Some(refused)).await,
    }
}

/// Which instance an address names.
#[derive(Debug, Clone, Deserialize)]
struct OfInstance {
    client: ClientId,
    instance: InstanceId,
}

/// SH-EXCL-07: the client says that it restarts an instance now.
async fn restart(
    State(app): State<App>,
    viewer: Viewer,
    Path(of): Path<OfInstance>,
    sent: Sent,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key("restart")?), ..By::new(viewer.actor()) };
    let OfInstance { client, instance } = of;
    let to = path(&client, &["instances", instance.as_str()]);
    let done = app.attempt(move |control, now| control.restart(&client, &instance, by, now));
    match done.await? {
        Ok(_) => Ok(Redirect::to(&format!("{to}?done={}", Notice::Restarted.word())).into_response()),
        Err(refused) => Err(Problem::Invalid(refused.reason)),
    }
}
