//! Changes of the client's systems: staff propose one with its window, the client's approvers answer with one click, and only what
//! they approved begins (MP-CLI-11).

use askama::Template as _;
use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::{
    command::{ChangeStep, Decision, NewProposedChange},
    query::ChangeRules,
};
use desk::policy::Action;
use facts::{ChangeId, ClientId};
use promise::{approval::ProposalState, change::Change};
use serde::Deserialize;
use spans::Instant;

use super::{Form, Found, Said, done, done_as, instances, names};
use crate::{
    part::{State as Word, badge, clauses},
    server::{
        App, Problem, Route, Shell, Viewer,
        decide::Decide,
        form::{Area, Minute, Pick, Sent},
        moment::{away, encode, path, time, title},
    },
    when::about,
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/clients/{client}/changes/propose", Action::RunChange, propose),
        Route::post("/clients/{client}/changes/{change}/approve", Action::ApproveChange, approve),
        Route::post("/clients/{client}/changes/{change}/refuse", Action::ApproveChange, refuse),
        Route::post("/clients/{client}/changes/{change}/start", Action::RunChange, start),
        Route::post("/clients/{client}/changes/{change}/close", Action::RunChange, close),
        Route::post("/clients/{client}/changes/{change}/call-off", Action::RunChange, call_off),
    ]
}

/// A change as the page shows it.
pub(super) struct Line {
    pub(super) id: String,
    pub(super) what: String,
    pub(super) why: String,
    pub(super) kind: String,
    pub(super) window: String,
    pub(super) instances: String,
    pub(super) by: String,
    /// When it was proposed, and how long it waited or has waited for an answer.
    pub(super) age: String,
    pub(super) state: String,
    /// Who decided, when, and why not; how it was validated.
    pub(super) decided: Option<String>,
    pub(super) validation: Option<String>,
    /// The forms to decide it, for whoever may.
    pub(super) decide: Option<String>,
    /// Where it is begun, closed and called off, for whoever may.
    pub(super) start: Option<String>,
    pub(super) close: Option<String>,
    pub(super) call_off: Option<String>,
    /// Why the last act on it was refused.
    pub(super) told: String,
}

/// Who reads the page.
pub(super) struct Reader<'a> {
    pub(super) approves: bool,
    pub(super) runs: bool,
    pub(super) at: &'a str,
    pub(super) key: &'a str,
}

pub(super) fn line(
    change: &Change,
    found: &Found,
    said: &Said,
    reader: &Reader<'_>,
) -> Result<Line, Problem> {
    let now = found.now;
    let to = format!("{}/{}", reader.at, encode(change.id.as_str()));
    let approves = reader.approves && change.is_open(now);
    let word = change.word(now);
    let runs = |may: bool, verb: &str| (reader.runs && may).then(|| format!("{to}/{verb}"));
    let waits = matches!(word, "waits for the client" | "approved");
    Ok(Line {
        decide: approves.then(|| forms(change, &to, reader.key, &found.rules)).transpose()?,
        // MP-CLI-11: not before it is approved, where the agreement asks for that.
        start: runs(word == "approved" || waits && found.rules.clauses.is_empty(), "start"),
        close: runs(word == "under way", "close"),
        call_off: runs(waits || matches!(word, "not approved in time" | "not begun"), "call-off"),
        told: said.told(&Form::Of(change.id.clone()))?,
        id: change.id.to_string(),
        what: change.proposed.what.clone().unwrap_or_default(),
        why: change.proposed.why.clone().unwrap_or_default(),
        kind: title(&change.proposed.kind),
        window: window(change, now),
        instances: names(&change.proposed.instances, &found.names),
        by: change.by.clone(),
        age: age(change, now),
        state: badge(colour(word), word),
        decided: decided(change, now),
        validation: change.validation.clone(),
    })
}

fn colour(word: &str) -> Word {
    match word {
        "waits for the client" => Word::Client,
        "approved" | "done" => Word::Kept,
        "under way" => Word::Maintenance,
        "refused" | "not approved in time" => Word::Missed,
        _ => Word::Excluded,
    }
}

/// From when to when, as HTML.
fn window(change: &Change, now: Instant) -> String {
    let (from, until) = (change.proposed.starts_at, change.proposed.ends_at);
    let until = until.map_or(String::new(), |until| format!(" to {}", time(until, now)));
    format!("{}{until}", time(from, now))
}

/// `Mon 9 Mar 18:00, has waited for 3 h`, as HTML.
fn age(change: &Change, now: Instant) -> String {
    let length = about(change.age(now));
    let answer = match change.state {
        ProposalState::Pending { .. } => format!("has waited for {length}"),
        _ => format!("answered after {length}"),
    };
    format!("{}, {answer}", time(change.made, now))
}

/// Who answered, when, and why not.
fn decided(change: &Change, now: Instant) -> Option<String> {
    let (at, reason) = match &change.state {
        ProposalState::Pending { .. } => return None,
        ProposalState::Approved { at } if change.backup_confirmed => {
            (at, ", with a backup of their own".to_owned())
        }
        ProposalState::Approved { at } => (at, String::new()),
        ProposalState::Refused { at, reason, .. } => (at, format!(": {reason}")),
    };
    let who = change.decided_by.as_deref().unwrap_or_default();
    Some(format!("by {who}, {}{reason}", away(*at, now)))
}

fn forms(change: &Change, to: &str, key: &str, rules: &ChangeRules) -> Result<String, Problem> {
    let word = rules.backup(&change.proposed.kind);
    let word = word.map(|ids| ("We have a full backup of our own outside the servers", clauses(ids)));
    let forms = Decide { to, id: change.id.as_str(), key, word };
    forms.render().map_err(|e| Problem::internal(&e))
}

/// A change that waits for whoever reads the first page of a client.
pub(crate) struct Asking {
    pub(crate) link: String,
    pub(crate) id: String,
    pub(crate) what: String,
    pub(crate) why: String,
    pub(crate) window: String,
    pub(crate) age: String,
    pub(crate) decide: String,
}

pub(crate) fn asking(
    client: &ClientId,
    change: &Change,
    rules: &ChangeRules,
    key: &str,
    now: Instant,
) -> Result<Asking, Problem> {
    let to = path(client, &["changes", change.id.as_str()]);
    Ok(Asking {
        decide: forms(change, &to, key, rules)?,
        link: path(client, &["changes"]),
        id: change.id.to_string(),
        what: change.proposed.what.clone().unwrap_or_else(|| title(&change.proposed.kind)),
        why: change.proposed.why.clone().unwrap_or_default(),
        window: window(change, now),
        age: age(change, now),
    })
}

pub(super) fn fields(sent: &Sent, rules: &ChangeRules) -> Vec<String> {
    let area = |id: &'static str, name: &'static str, label: &'static str, hint: &str| {
        let value = sent.get(name).to_owned();
        Area { id, name, label, hint: hint.to_owned(), value, required: true, most: Area::CHARS_MAX }
            .to_string()
    };
    let minute = |id: &'static str, name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id, name, label, hint: String::new(), value, required: true }.to_string()
    };
    let kind = Pick {
        id: "propose-kind",
        name: "kind",
        label: "Kind",
        hint: String::new(),
        options: rules.kinds.iter().map(|kind| (kind.clone(), title(kind))).collect(),
        value: sent.get("kind").to_owned(),
    };
    vec![
        kind.to_string(),
        area("propose-what", "what", "What is to be changed", "For the client to read."),
        area("propose-why", "why", "Why", ""),
        minute("propose-starts", "starts", "Begins"),
        minute("propose-ends", "ends", "Over by"),
    ]
}

/// Which change an address names.
#[derive(Debug, Clone, Deserialize)]
struct OfChange {
    client: ClientId,
    change: ChangeId,
}

async fn propose(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    done_as(&app, shell, &viewer, client, (sent, Form::Propose, read), |control, client, new, by, now| {
        control.propose_change(client, new, by, now).map(drop)
    })
    .await
}

fn read(sent: &Sent) -> Result<NewProposedChange, &'static str> {
    Ok(NewProposedChange {
        kind: sent.get("kind").to_owned(),
        what: sent.get("what").to_owned(),
        why: sent.get("why").to_owned(),
        starts_at: sent.minute("starts").ok_or("Say when it begins, as 2026-03-09T18:00.")?,
        ends_at: sent.minute("ends").ok_or("Say by when it is over, as 2026-03-09T19:00.")?,
        instances: instances(sent)?,
        planned_in_stages: sent.given("staged").is_some(),
    })
}

macro_rules! about_a_change {
    ($($name:ident |$sent:ident| $what:expr => $command:ident;)+) => { $(
        async fn $name(
            State(app): State<App>,
            shell: Shell,
            viewer: Viewer,
            Path(of): Path<OfChange>,
            $sent: Sent,
        ) -> Result<Response, Problem> {
            let (OfChange { client, change }, what) = (of, $what);
            let form = Form::Of(change.clone());
            done(&app, shell, &viewer, client, ($sent, form), move |control, client, by, now| {
                control.$command(client, &change, what, by, now).map(drop)
            })
            .await
        }
    )+ };
}

about_a_change! {
    approve |sent| (Decision::Approve, sent.given("backup").is_some()) => decide_change;
    refuse |sent| (Decision::Refuse(sent.get("reason").to_owned()), false) => decide_change;
    start |sent| ChangeStep::Start => carry_out_change;
    close |sent| ChangeStep::Close(sent.get("validation").to_owned()) => carry_out_change;
    call_off |sent| ChangeStep::CallOff(sent.get("reason").to_owned()) => carry_out_change;
}
