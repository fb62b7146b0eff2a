//! What both sides keep about planned work: the window in force and proposals of another, approvals of work outside it, freezes of
//! either side (`freeze`), and the address of the calendar.

use agreement::Permission;
use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control, NotDone,
    command::{Asked, By, Decision},
    query::{Agreed, Sought},
};
use desk::policy::{Action, Resource};
use facts::{Actor, ClientId, InstanceId, MaintenanceId, ProposalId, ProposedWindow, ProposedWork, Side};
use journal::calendar::CalendarFeed;
use promise::approval::ProposalState;
use serde::Deserialize;
use spans::Instant;

use super::{
    InstanceNames,
    freeze::{Frozen, freeze_fields, frozen},
    named,
};
use crate::{
    part::{State as Word, badge, clauses},
    server::{
        App, Field, Notice, Problem, Route, Section, Shell, Viewer,
        decide::Decide,
        form::{Area, Minute, Refused, Sent, new_key},
        moment::{path, time},
        onward::{Onward, Piece},
        page,
    },
};

/// Proposals and freezes on the page, the newest.
const SHOWN_MAX: usize = 50;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/clients/{client}/maintenance/agreed", Action::ReadMaintenance, agreed),
        Route::post("/clients/{client}/maintenance/proposals", Action::AgreeWindow, propose),
        Route::post(
            "/clients/{client}/maintenance/proposals/{proposal}/approve",
            Action::AgreeWindow,
            approve,
        ),
        Route::post("/clients/{client}/maintenance/proposals/{proposal}/refuse", Action::AgreeWindow, refuse),
    ]
}

/// What a form on the page led to.
#[derive(Default)]
pub(super) struct Page {
    /// The calendar's new address, shown this once.
    pub(super) address: Option<String>,
    pub(super) sent: Sent,
    pub(super) piece: Piece,
    pub(super) refused: Option<Refused>,
    /// The form that was sent, open again.
    pub(super) open: &'static str,
    /// Scheduled maintenance on file that the freeze would meet: asked once before it is set.
    pub(super) meets: Vec<MaintenanceId>,
}

/// A proposal as the page shows it.
struct Line {
    id: String,
    what: String,
    by: String,
    made: String,
    state: String,
    /// Why it was refused.
    reason: Option<String>,
    /// The forms to decide it, where this person's side does.
    decide: Option<String>,
}

#[derive(Template)]
#[template(path = "maintenance_agreed.html")]
struct AgreedPage {
    shell: Shell,
    at: String,
    key: String,
    /// Whether the agreement has a window at all.
    has_window: bool,
    window: String,
    next: Vec<String>,
    clauses: String,
    proposals: Vec<Line>,
    freezes: Vec<Frozen>,
    /// To older ones of both.
    onward: Onward,
    feed: Option<String>,
    address: Option<String>,
    may_agree: bool,
    may_freeze: bool,
    may_turn: bool,
    window_fields: Vec<String>,
    work_fields: Vec<String>,
    freeze_fields: Vec<String>,
    instances: Vec<(String, String)>,
    /// The instances that were ticked for a freeze.
    frozen: Vec<String>,
    open: &'static str,
    /// What the freeze would meet: its number, and where it is.
    meets: Vec<(String, String)>,
    refused: Option<Refused>,
}

async fn agreed(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    Query(piece): Query<Piece>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, client, Page { piece, ..Page::default() }).await
}

struct Found {
    agreed: Agreed,
    names: InstanceNames,
    has_rule: bool,
    /// Whether the agreement lets this person approve, for its side, what is proposed.
    approves: bool,
    feed: Option<CalendarFeed>,
    now: Instant,
}

fn find(control: &Control, client: &ClientId, actor: &Actor, now: Instant) -> journal::Result<Option<Found>> {
    let feed = control.calendar_feed(client)?;
    control.read(client, now, |book| {
        let plan = book.versions().map(|versions| versions.latest().agreement());
        Found {
            agreed: book.agreed(now),
            names: book.instance_names(),
            // Of the client it takes a role of the file; any of the provider's people who may come this far.
            approves: actor.side != Side::Client || book.permits(actor, Permission::WindowApprove),
            has_rule: plan.is_some_and(|agreement| agreement.window.is_some()),
            feed,
            now,
        }
    })
}

pub(super) async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    asked: Page,
) -> Result<Response, Problem> {
    let (of, actor) = (client.clone(), viewer.actor());
    let found = app.ask_control(move |control, now| find(control, &of, &actor, now)).await?;
    let found = found.ok_or(Problem::NotFound)?;
    let status = if asked.refused.is_some() || !asked.meets.is_empty() {
        StatusCode::UNPROCESSABLE_ENTITY
    } else {
        StatusCode::OK
    };
    Ok((status, page(&draw(shell, viewer, &client, found, asked)?)?).into_response())
}

fn draw(
    shell: Shell,
    viewer: &Viewer,
    client: &ClientId,
    found: Found,
    asked: Page,
) -> Result<AgreedPage, Problem> {
    let Found { agreed, names, has_rule, approves, feed, now } = found;
    let may = |action| viewer.may(action, &Resource::Client(client));
    let side = viewer.person.standing.side();
    let at = path(client, &["maintenance"]);
    let window = agreed.window.as_ref().map(|(window, _)| {
        let since = match &window.by {
            Some((proposal, since)) => {
                format!(", by {proposal} since {}", crate::server::moment::minute(*since))
            }
            None => ", by the signed agreement".to_owned(),
        };
        let recurrence = &window.recurrence;
        format!(
            "{} on the clocks of {}, first at {}, {} each{since}",
            recurrence.rule(),
            recurrence.zone(),
            recurrence.first(),
            crate::when::about(recurrence.length()),
        )
    });
    let next = agreed.window.iter().flat_map(|(_, next)| next);
    let key = new_key()?;
    Ok(AgreedPage {
        has_window: has_rule,
        window: window.unwrap_or_default(),
        next: next.map(|span| format!("{} to {}", time(span.start, now), time(span.end, now))).collect(),
        clauses: clauses(&agreed.clauses),
        proposals: agreed
            .proposals
            .iter()
            .skip(asked.piece.from)
            .take(SHOWN_MAX)
            .map(|sought| {
                line(sought, (&at, &key), (side, approves && may(Action::AgreeWindow)), &names, now)
            })
            .collect::<Result<_, _>>()?,
        freezes: agreed
            .freezes
            .iter()
            .skip(asked.piece.from)
            .take(SHOWN_MAX)
            .map(|(freeze, met)| frozen((freeze, met), &at, (side, may(Action::SetFreeze)), &names, now))
            .collect(),
        onward: asked.piece.onward(
            &path(client, &["maintenance", "agreed"]),
            agreed.proposals.len().max(agreed.freezes.len()),
            SHOWN_MAX,
        ),
        feed: feed.map(|feed| time(feed.created, now)),
        address: asked.address,
        may_agree: may(Action::AgreeWindow),
        may_freeze: may(Action::SetFreeze),
        may_turn: may(Action::TurnFeed),
        window_fields: window_fields(&asked.sent),
        work_fields: work_fields(&asked.sent),
        freeze_fields: freeze_fields(&asked.sent),
        instances: names.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        frozen: asked.sent.all("instance").map(str::to_owned).collect(),
        open: match (asked.open, asked.sent.get("asked")) {
            ("propose", "work") => "work",
            ("propose", _) => "window",
            (open, _) => open,
        },
        meets: super::freeze::links(&at, &asked.meets),
        refused: asked.refused,
        key,
        shell: shell
            .of(client)
            .titled("Window, freezes, calendar")
            .at(Section::Maintenance)
            .below("Maintenance", &at),
        at,
    })
}

fn line(
    sought: &Sought,
    (at, key): (&str, &str),
    (side, may): (Side, bool),
    names: &InstanceNames,
    now: Instant,
) -> Result<Line, Problem> {
    let what = match &sought.window {
        Some(window) => format!(
            "Window: {} on the clocks of {}, first at {}, {} min each",
            window.rrule, window.tz, window.start, window.minutes
        ),
        None => work_told(sought, names),
    };
    let (state, reason) = match &sought.state {
        ProposalState::Pending { waits_for } => {
            let whose: Vec<&str> = waits_for.iter().map(|side| side.name()).collect();
            (badge(Word::Risk, &format!("waits for the {}", whose.join(" and the "))), None)
        }
        ProposalState::Approved { .. } => (badge(Word::Kept, "approved by both"), None),
        ProposalState::Refused { reason, .. } => (badge(Word::Missed, "refused"), Some(reason.clone())),
    };
    let waits = matches!(&sought.state, ProposalState::Pending { waits_for } if waits_for.contains(&side));
    let (to, id) =
        (format!("{at}/proposals/{}", crate::server::moment::encode(sought.id.as_str())), sought.id.as_str());
    let decide = (waits && may).then(|| Decide { to: &to, id, key, word: None }.render());
    Ok(Line {
        decide: decide.transpose().map_err(|e| Problem::internal(&e))?,
        id: sought.id.to_string(),
        what,
        by: format!("{}, for the {}", sought.who, sought.by.name()),
        made: time(sought.made, now),
        state,
        reason,
    })
}

/// What, when and on what; facts of earlier versions have words alone.
fn work_told(sought: &Sought, names: &InstanceNames) -> String {
    let what = sought.what.as_deref().unwrap_or("work outside the slot");
    let Some(work) = &sought.work else { return what.to_owned() };
    let which: Vec<String> = work.instances.iter().map(|id| named(names, id)).collect();
    let (from, until) =
        (crate::server::moment::minute(work.starts_at), crate::server::moment::minute(work.ends_at));
    format!("{what} Outside the slot, on {}, between {from} and {until}", which.join(", "))
}

fn window_fields(sent: &Sent) -> Vec<String> {
    let minutes = if sent.get("minutes").is_empty() { "240" } else { sent.get("minutes") };
    let field = |field: Field, name: &str| field.value(sent.get(name)).to_string();
    vec![
        field(
            Field::text("start", "First start, on its own clocks")
                .hint("As 2026-03-01T02:00:00, without a zone."),
            "start",
        ),
        field(
            Field::text("rrule", "How it comes back")
                .hint("A rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=SU."),
            "rrule",
        ),
        field(Field::text("tz", "Zone").hint("Such as Europe/Amsterdam or UTC."), "tz"),
        Field::number("minutes", "Minutes", 1, 10_080).value(minutes).to_string(),
    ]
}

fn work_fields(sent: &Sent) -> Vec<String> {
    let value = sent.get("what").to_owned();
    let hint = "What is to be done, and why it cannot be inside the slot. Once it is approved, name its number as the reason when you \
                plan it, once.";
    let (id, label) = ("what", "Work outside the slot");
    let what =
        Area { id, name: "what", label, hint: hint.to_owned(), value, required: true, most: Area::CHARS_MAX };
    let minute = |name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id: name, name, label, hint: String::new(), value, required: true }.to_string()
    };
    vec![what.to_string(), minute("work-from", "Not before"), minute("work-until", "Over by")]
}

/// Which proposal an address names.
#[derive(Debug, Clone, Deserialize)]
struct OfProposal {
    client: ClientId,
    proposal: ProposalId,
}

async fn propose(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let asked = match read_proposal(&sent) {
        Ok(asked) => asked,
        Err(why) => {
            let (refused, open) = (Some(Refused::because(why)), "propose");
            return show(&app, shell, &viewer, client, Page { sent, refused, open, ..Page::default() }).await;
        }
    };
    done(&app, shell, &viewer, client, sent, "propose", move |control, client, by, now| {
        control.propose(client, asked, by, now).map(drop)
    })
    .await
}

fn read_proposal(sent: &Sent) -> Result<Asked, &'static str> {
    if sent.get("asked") != "work" {
        return Ok(Asked::Window(ProposedWindow {
            start: sent.get("start").to_owned(),
            rrule: sent.get("rrule").to_owned(),
            tz: sent.get("tz").to_owned(),
            minutes: sent.get("minutes").parse().unwrap_or(0),
        }));
    }
    let instances: Result<Vec<InstanceId>, _> = sent.all("work-on").map(str::parse).collect();
    let work = ProposedWork {
        starts_at: sent.minute("work-from").ok_or("Say from when, as 2026-03-09T18:00.")?,
        ends_at: sent.minute("work-until").ok_or("Say until when, as 2026-03-09T19:00.")?,
        instances: instances.map_err(|_| "One of the instances is not known.")?,
    };
    Ok(Asked::Work { what: sent.get("what").to_owned(), work })
}

async fn approve(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(of): Path<OfProposal>,
    sent: Sent,
) -> Result<Response, Problem> {
    decide(&app, shell, &viewer, of, sent, Decision::Approve).await
}

async fn refuse(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(of): Path<OfProposal>,
    sent: Sent,
) -> Result<Response, Problem> {
    let reason = sent.get("reason").to_owned();
    decide(&app, shell, &viewer, of, sent, Decision::Refuse(reason)).await
}

async fn decide(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    of: OfProposal,
    sent: Sent,
    decision: Decision,
) -> Result<Response, Problem> {
    let OfProposal { client, proposal } = of;
    done(app, shell, viewer, client, sent, "decide", move |control, client, by, now| {
        control.decide(client, &proposal, decision, by, now).map(drop)
    })
    .await
}

/// Does it, and comes back to the page; or says on the page why not.
pub(super) async fn done(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: ClientId,
    sent: Sent,
    verb: &'static str,
    command: impl FnOnce(&Control, &ClientId, By, Instant) -> Result<(), NotDone> + Send + 'static,
) -> Result<Response, Problem> {
    let by = By { key: Some(sent.key(verb)?), ..By::new(viewer.actor()) };
    let of = client.clone();
    match app.attempt(move |control, now| command(control, &of, by, now)).await? {
        Ok(()) => {
            let to = path(&client, &["maintenance", "agreed"]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => {
            let (refused, open) = (Some(refused), verb);
            show(app, shell, viewer, client, Page { sent, refused, open, ..Page::default() }).await
        }
    }
}
