//! One ticket: what was said, its clocks, and what may be done about it.

use std::collections::BTreeMap;

use agreement::RequestRule;
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::live::{
    Book, Control,
    query::{InstanceNow, Remark, TicketView},
};
use desk::policy::Action;
use facts::{ClientId, Event, Side, TicketId};
use promise::hint::Hint;
use serde::Deserialize;
use spans::{Instant, Length};

use super::clock::{Clock, clocks};
use crate::part::clauses;
use crate::server::{
    App, Problem, Route, Section, Shell, Viewer,
    form::{Area, Minute, Pick, Refused, Sent, new_key},
    home::{condition, strip},
    moment::{path, time},
    page,
};

/// Remarks on one page, the newest.
const REMARKS_MAX: usize = 200;

pub(super) fn routes() -> Vec<Route> {
    vec![Route::get("/clients/{client}/tickets/{ticket}", Action::ReadTickets, one)]
}

/// Which ticket an address names.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct At {
    pub(super) client: ClientId,
    pub(super) ticket: TicketId,
}

impl At {
    pub(super) fn path(&self) -> String {
        path(&self.client, &["tickets", self.ticket.as_str()])
    }
}

/// A form that was not recorded, and what had been typed.
pub(super) struct Said {
    pub(super) verb: &'static str,
    pub(super) refused: Refused,
    pub(super) sent: Sent,
}

/// Something said or done, as the page shows it.
struct Told {
    at: String,
    by: String,
    side: &'static str,
    what: String,
    text: Option<String>,
    internal: bool,
}

/// A form of the page.
struct Act {
    verb: &'static str,
    summary: &'static str,
    fields: Vec<String>,
    button: &'static str,
    hint: String,
    refused: Option<Refused>,
}

/// What was measured suggests: each field with its word and what the agreement says of it.
struct Suggested {
    words: Vec<(&'static str, String, String)>,
    clauses: String,
}

/// The instance that it is about.
struct About {
    name: String,
    link: String,
    state: String,
    strip: String,
}

#[derive(Template)]
#[template(path = "ticket.html")]
struct TicketPage {
    shell: Shell,
    staff: bool,
    at: String,
    key: String,
    id: String,
    channel: String,
    by: String,
    received: String,
    turn: String,
    closed: bool,
    words: Vec<(&'static str, String)>,
    told: Vec<Told>,
    earlier: usize,
    clocks: Vec<Clock>,
    about: Option<About>,
    hint: Option<Suggested>,
    escalate: Vec<String>,
    reply: Vec<String>,
    reply_refused: Option<Refused>,
    acts: Vec<Act>,
    plain_refused: Option<Refused>,
}

async fn one(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(at): Path<At>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, at, None).await
}

/// What the page is made from.
struct Found {
    view: TicketView,
    about: Option<InstanceNow>,
    readings: BTreeMap<String, String>,
    request: Option<RequestRule>,
    cadence: bool,
    now: Instant,
}

fn find(control: &Control, at: &At, now: Instant) -> journal::Result<Option<Found>> {
    let Some(view) = control.ticket(&at.client, &at.ticket, now)? else { return Ok(None) };
    let instance = view.line.instance.clone();
    let read = |book: &Book| {
        let plan = book.versions().map(|versions| versions.latest().agreement());
        let about = instance.and_then(|instance| book.instance(&instance, now, Length::DAY));
        let readings = plan.map(|agreement| agreement.readings.clone());
        let request = plan.and_then(|agreement| agreement.request.clone());
        (about, readings.unwrap_or_default(), request, plan.is_some_and(|a| a.cadence.is_some()))
    };
    let read = control.read(&at.client, now, read)?;
    Ok(read.map(|(about, readings, request, cadence)| Found { view, about, readings, request, cadence, now }))
}

pub(super) async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    said: Option<Said>,
) -> Result<Response, Problem> {
    let of = at.clone();
    let mut found =
        app.ask_control(move |control, now| find(control, &of, now)).await?.ok_or(Problem::NotFound)?;
    let refused = said.is_some();
    // An internal note is not there for the client: neither its text nor that there is one.
    let all = viewer.reads_notes(&at.client);
    found.view.remarks.retain(|remark| all || !remark.is_internal());
    let mut response = page(&draw(shell, viewer.is_staff(), &at, &found, said)?)?;
    if refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response.into_response())
}

fn draw(
    shell: Shell,
    staff: bool,
    at: &At,
    found: &Found,
    said: Option<Said>,
) -> Result<TicketPage, Problem> {
    let Found { view, now, .. } = found;
    let line = &view.line;
    let title = line.title.clone().unwrap_or_else(|| line.ticket.to_string());
    let earlier = view.remarks.len().saturating_sub(REMARKS_MAX);
    let for_verb =
        |verb: &str| said.as_ref().filter(|said| said.verb == verb).map(|said| said.refused.clone());
    let below = format!("/clients/{}/tickets", at.client);
    Ok(TicketPage {
        shell: shell.of(&at.client).titled(&title).at(Section::Tickets).below("Tickets", &below).live(),
        staff,
        at: at.path(),
        key: new_key()?,
        id: line.ticket.to_string(),
        channel: line.channel.clone(),
        by: line.by.clone(),
        received: time(line.received, *now),
        turn: super::turn(line),
        closed: line.turn.is_none(),
        words: line.words.clone(),
        told: view.remarks.iter().skip(earlier).map(|remark| told(remark, *now)).collect(),
        earlier,
        clocks: clocks(&view.obligations, &found.readings, *now),
        about: about(at, found),
        hint: view.hint.as_ref().filter(|_| staff).map(|hint| suggested(hint, found.request.as_ref())),
        escalate: view.escalate.clone(),
        reply: reply(staff, found.cadence, said.as_ref()),
        reply_refused: ["reply", "note", "ask"].into_iter().find_map(for_verb),
        acts: if staff { acts(found, said.as_ref()) } else { Vec::new() },
        plain_refused: ["update", "reopen"].into_iter().find_map(for_verb),
    })
}

fn suggested(hint: &Hint, rule: Option<&RequestRule>) -> Suggested {
    let meaning = |id: &str| {
        let known = rule.and_then(|rule| rule.priority.iter().find(|priority| priority.id == id));
        known.map_or(String::new(), |priority| priority.text.clone())
    };
    let words = [("priority", &hint.priority), ("class", &hint.class), ("kind", &hint.kind)];
    let words = words.into_iter().filter_map(|(field, word)| Some((field, word.as_ref()?)));
    Suggested {
        words: words.map(|(field, word)| (field, word.clone(), meaning(word))).collect(),
        clauses: clauses(&hint.clauses),
    }
}

fn about(at: &At, found: &Found) -> Option<About> {
    let instance = found.view.line.instance.as_ref()?;
    let known = found.about.as_ref();
    let name = known.map_or_else(|| instance.to_string(), |known| known.name.clone());
    Some(About {
        link: path(&at.client, &["instances", instance.as_str()]),
        state: condition(known.and_then(|known| known.condition)),
        strip: known.map_or(String::new(), |known| strip(&name, &known.strip, found.now)),
        name,
    })
}

/// What had been typed into a field of a form that was not recorded.
fn typed(said: Option<&Said>, verbs: &[&str], field: &str) -> String {
    said.filter(|said| verbs.contains(&said.verb))
        .map_or(String::new(), |said| said.sent.get(field).to_owned())
}

fn reply(staff: bool, cadence: bool, said: Option<&Said>) -> Vec<String> {
    let verbs = ["reply", "note", "ask"];
    let label = if staff { "Write to the client, or to your own people" } else { "Your reply" };
    let area = Area {
        id: "text",
        name: "text",
        label,
        hint: String::new(),
        value: typed(said, &verbs, "text"),
        required: true,
    };
    let next = Minute {
        id: "next",
        name: "next",
        label: "Next update by",
        hint: "A promised time takes the place of the usual one.".to_owned(),
        value: typed(said, &verbs, "next"),
        required: false,
    };
    let next = (staff && cadence).then(|| next.to_string());
    [Some(area.to_string()), next].into_iter().flatten().collect()
}

fn acts(found: &Found, said: Option<&Said>) -> Vec<Act> {
    let refused = |verb: &str| said.filter(|said| said.verb == verb).map(|said| said.refused.clone());
    // What is closed is opened again first.
    let is_open = found.view.line.turn.is_some();
    let Some(rule) = &found.request else {
        return if is_open { vec![resolve(said, refused("resolve"))] } else { Vec::new() };
    };
    let word =
        |field: &str| found.view.line.words.iter().find(|(name, _)| *name == field).map(|(_, w)| w.as_str());
    let hinted = found.view.hint.as_ref();
    let mut fields = Vec::new();
    if !rule.classes.is_empty() {
        let class = hinted.and_then(|hint| hint.class.as_deref()).or(word("class")).unwrap_or_default();
        fields.push(Pick::words("class", "class", "Class", &rule.classes, class).to_string());
    }
    if !rule.kinds.is_empty() {
        let kind = hinted.and_then(|hint| hint.kind.as_deref()).or(word("kind")).unwrap_or_default();
        fields.push(Pick::words("kind", "kind", "Kind", &rule.kinds, kind).to_string());
    }
    let classify = Act {
        verb: "classify",
        summary: "Say what kind it is",
        fields,
        button: "Classify",
        hint: "A feature request goes on the wish list in the same act, which closes it.".to_owned(),
        refused: refused("classify"),
    };
    if !is_open {
        return vec![classify];
    }
    let higher = hinted.and_then(|hint| hint.priority.as_deref());
    let raised = |field: &str| higher.filter(|_| field == "priority").or_else(|| word(field));
    vec![
        classify,
        reprioritise(rule, &raised, said, refused("reprioritise")),
        resolve(said, refused("resolve")),
    ]
}

fn reprioritise<'w>(
    rule: &RequestRule,
    word: &impl Fn(&str) -> Option<&'w str>,
    said: Option<&Said>,
    refused: Option<Refused>,
) -> Act {
    let pick = if rule.priority.is_empty() {
        Pick::words("urgency", "urgency", "Urgency", &rule.urgencies, word("urgency").unwrap_or_default())
    } else {
        let options = rule.priority.iter().map(|p| (p.id.clone(), format!("{}, {}", p.id, p.text))).collect();
        let value = word("priority").unwrap_or_default().to_owned();
        Pick { id: "priority", name: "priority", label: "Priority", hint: String::new(), options, value }
    };
    let message = Area {
        id: "message",
        name: "message",
        label: "The sentence that the client reads",
        hint: "It is not saved without one.".to_owned(),
        value: typed(said, &["reprioritise"], "message"),
        required: true,
    };
    Act {
        verb: "reprioritise",
        summary: if rule.priority.is_empty() { "Change the urgency" } else { "Change the priority" },
        fields: vec![pick.to_string(), message.to_string()],
        button: "Change it and tell the client",
        hint: String::new(),
        refused,
    }
}

fn resolve(said: Option<&Said>, refused: Option<Refused>) -> Act {
    let summary = Area {
        id: "summary",
        name: "summary",
        label: "What was wrong and what was done",
        hint: "The client reads it.".to_owned(),
        value: typed(said, &["resolve"], "summary"),
        required: true,
    };
    Act {
        verb: "resolve",
        summary: "Resolve",
        fields: vec![summary.to_string()],
        button: "Resolve",
        hint: String::new(),
        refused,
    }
}

fn told(remark: &Remark, now: Instant) -> Told {
    let words: Vec<String> = remark
        .words
        .iter()
        .map(|(field, word)| match word.parse::<Instant>() {
            Ok(at) => format!("{field} {}", crate::server::moment::day(at, now)),
            Err(_) => format!("{field} {word}"),
        })
        .collect();
    let what = match remark.event {
        Event::RequestReceived if !remark.person => "opened it".to_owned(),
        event => said_of(event),
    };
    Told {
        at: time(remark.at, now),
        by: remark.by.clone(),
        side: if remark.person { side(remark.side) } else { "automatic" },
        what: if words.is_empty() { what } else { format!("{what}: {}", words.join(", ")) },
        text: remark.text.clone(),
        internal: remark.is_internal(),
    }
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Provider => "provider",
        Side::Client => "client",
        Side::Outside => "outside",
    }
}

fn said_of(event: Event) -> String {
    let word = match event {
        Event::RequestReceived => "asked",
        Event::RequestClassified => "said what kind it is",
        Event::RequestReprioritised => "changed it",
        Event::RequestReplied | Event::RequestClientReplied => "replied",
        Event::RequestNoted => "noted, for the provider's people only",
        Event::RequestAskedClient => "asked the client",
        Event::RequestUpdateAsked => "asked for an update",
        Event::RequestResolved => "resolved it",
        Event::RequestReopened => "opened it again",
        Event::RequestWithdrawn => "took it back",
        Event::WishLogged => "put it on the wish list",
        Event::RcaPublished => "published the root cause",
        Event::AppealOpened => "appealed against the priority",
        Event::AppealDecided => "decided the appeal",
        Event::EscalationRaised => "escalated",
        Event::EscalationAnswered => "answered the escalation",
        Event::RequestAssigned => "said who has it",
        Event::RequestTagged => "changed its tags",
        Event::RequestWatched => "is told of everything about it",
        Event::RequestUnwatched => "is no longer told",
        Event::RequestLinked => "linked it to another",
        Event::RequestUnlinked => "took a link away",
        Event::RequestMerged => "merged it into another",
        Event::RequestParted => "let it stand by itself again",
        Event::RequestPaused => "paused its clocks",
        Event::RequestResumed => "let its clocks go on",
        Event::FileAttached => "attached a file",
        Event::FileRemoved => "took a file away",
        Event::PauseClaimed => "said that its clocks were paused",
        Event::PauseAgreed => "agreed that they were",
        Event::PauseRefused => "did not agree that they were",
        Event::PageSent => "called somebody",
        Event::PageAcknowledged => "saw the call",
        other => return other.name().replace(['.', '_'], " "),
    };
    word.to_owned()
}
