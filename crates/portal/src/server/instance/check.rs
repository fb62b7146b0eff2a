//! A check, edited: tried out before it is put in force, from this server and on no record. What is put in force is a fact with effect from
//! then on; what was asked before stays as it was asked.

mod beside;
mod typed;

use std::time::Duration;

use askama::Template;
use axum::{
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Book, command::By};
use desk::policy::Action;
use facts::{
    CheckDefined, CheckEnded, CheckId, ClientId, InstanceId, Outcome, Took, what::TIMEOUT_DEFAULT_MS,
};
use probe::{Question, Seen};
use promise::probe::SignedProbe;
use serde::Deserialize;
use spans::Instant;

use self::{
    beside::Beside,
    typed::{KINDS, Row, draft, read, start},
};
use super::phases;
use crate::{
    part::{State as Word, badge, clauses},
    server::{
        App, Field, Notice, Problem, Route, Section, Shell, Viewer,
        form::{Area, Pick, Refused, Sent, new_key},
        moment::{exact, path, time},
        page,
    },
};

/// The longest that trying a check takes; a page is waited for at most half a minute.
const TRIED_MAX: Duration = Duration::from_secs(25);
const AT: &str = "/clients/{client}/instances/{instance}/check";
const END: &str = "/clients/{client}/instances/{instance}/check/end";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(AT, Action::EditInstances, form),
        Route::post(AT, Action::EditInstances, send),
        Route::post(END, Action::EditInstances, withdraw),
    ]
}

/// What an address asks for: a check that is there, or a new one of a kind.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    check: Option<CheckId>,
    #[serde(default)]
    kind: String,
}

/// What came of trying it.
struct Tried {
    badge: String,
    reason: Option<String>,
    took: Option<String>,
    phases: Option<String>,
    certificate: Option<String>,
    /// Whether the answer says that the request was wrong, and not that the service is down.
    misused: bool,
}

/// The form that withdraws a check.
struct End {
    at: String,
    key: String,
    /// Whether nothing is asked of the instance any more then, with the clauses of that, as HTML.
    last: Option<String>,
}

#[derive(Template)]
#[template(path = "check.html")]
struct CheckPage {
    shell: Shell,
    at: String,
    key: String,
    kinds: Vec<(&'static str, String, bool)>,
    /// The name stands; it is another check under another name.
    named: Option<String>,
    /// How many times it was defined when its form was opened.
    version: usize,
    /// What somebody else put in force since.
    beside: Option<Beside>,
    name: String,
    fields: Vec<String>,
    rows: Vec<Row>,
    /// Whether the question is written as JSON.
    json: Option<String>,
    paces: Vec<[String; 4]>,
    again: Vec<String>,
    refused: Option<Refused>,
    tried: Option<Tried>,
    /// What was signed of a valid request, and the clauses, as HTML.
    signed: Option<(String, String)>,
    /// In what it is asked otherwise.
    departs: Vec<String>,
    /// How it is withdrawn, where it is in force.
    end: Option<End>,
    /// Whether this server can look for itself.
    tries: bool,
}

impl CheckPage {
    fn new(
        at: String,
        shell: Shell,
        sent: &Sent,
        named: Option<String>,
        tries: bool,
    ) -> Result<CheckPage, Problem> {
        let kind = sent.get("kind").to_owned();
        let link = |id: &str| format!("{at}?kind={id}");
        let kinds = KINDS.iter().map(|(id, name, _)| (*name, link(id), *id == kind)).collect();
        Ok(CheckPage {
            key: new_key()?,
            version: read_version(sent),
            beside: None,
            kinds: if named.is_some() { Vec::new() } else { kinds },
            name: Field::text("check", "Its name")
                .hint("Small letters, digits and hyphens.")
                .value(sent.get("check"))
                .to_string(),
            fields: fields(sent),
            rows: Row::all(sent),
            json: (kind != "http").then(|| json(sent)),
            paces: typed::paces(sent),
            again: again(sent),
            refused: None,
            tried: None,
            signed: None,
            departs: Vec::new(),
            end: None,
            tries,
            shell,
            at,
            named,
        })
    }
}

impl CheckPage {
    /// SH-AVAIL-07: beside what was signed, and in what a check departs from it.
    fn beside_signed(self, signed: Option<&SignedProbe>, check: Option<&CheckDefined>) -> CheckPage {
        let Some(signed) = signed else { return self };
        let departs = check.map_or_else(Vec::new, |check| signed.departures(&signed.fill(check.clone())));
        CheckPage {
            signed: Some((signed.sentence(), clauses(&signed.clauses))),
            departs: departs.iter().map(ToString::to_string).collect(),
            ..self
        }
    }
}

/// Which version a form was opened on; none of all, where it does not say.
fn read_version(sent: &Sent) -> usize {
    sent.get("version").parse().unwrap_or(0)
}

fn number(name: &'static str, label: &'static str, from: i64, to: i64, sent: &Sent) -> Field {
    Field::number(name, label, from, to).value(sent.get(name))
}

fn fields(sent: &Sent) -> Vec<String> {
    let mut fields = vec![
        number("every", "Asked every, in seconds", 1, 86_400, sent).to_string(),
        number("timeout", "Waits, in milliseconds", 10, 60_000, sent)
            .hint("No answer by then is a failure.")
            .optional()
            .to_string(),
    ];
    if sent.get("kind") == "http" {
        fields.extend(request(sent));
    }
    fields
}

/// A plain request.
fn request(sent: &Sent) -> [String; 5] {
    let pick = |name: &'static str, label: &'static str, options: &[(&str, &str)]| Pick {
        id: name,
        name,
        label,
        hint: String::new(),
        options: options.iter().map(|(value, words)| ((*value).to_owned(), (*words).to_owned())).collect(),
        value: sent.get(name).to_owned(),
    };
    let methods = ["GET", "HEAD", "POST", "PUT", "OPTIONS"].map(|method| (method, method));
    let redirects = [
        ("never", "are an answer like any other"),
        ("same-origin", "are followed on the same host"),
        ("follow", "are followed"),
    ];
    [
        Field::text("url", "Address").hint("http:// or https://").value(sent.get("url")).to_string(),
        pick("method", "Method", &methods).to_string(),
        Field::text("expect", "Good status codes")
            .hint("One or more, such as 200 204. None: those that were signed, or 200 to 299.")
            .value(sent.get("expect"))
            .optional()
            .to_string(),
        pick("redirects", "Redirects", &redirects).to_string(),
        number("within", "The whole answer is there within, in milliseconds", 1, 60_000, sent)
            .hint("Slower is a failure, and counts as downtime. Shorter than what it waits.")
            .optional()
            .to_string(),
    ]
}

fn json(sent: &Sent) -> String {
    let area = Area {
        id: "question",
        name: "question",
        label: "The question, as JSON",
        hint: "As the API takes it. {{secret:NAME}} stands for a secret that only the vantage point knows."
            .to_owned(),
        value: sent.get("question").to_owned(),
        required: true,
        most: Area::CHARS_MAX,
    };
    area.to_string()
}

fn again(sent: &Sent) -> Vec<String> {
    vec![
        number("again", "Asked again after a failure, times", 0, 3, sent)
            .hint("Each answer is on record, the first failure among them.")
            .optional()
            .to_string(),
        number("after", "Milliseconds between them", 1, 60_000, sent).optional().to_string(),
    ]
}

async fn form(
    State(app): State<App>,
    shell: Shell,
    Path((client, instance)): Path<(ClientId, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let (of, wanted) = (instance.clone(), asked.check.clone());
    let found = app.book(&client, move |book, now| known(book, &of, wanted.as_ref(), now)).await?;
    let Known { name, url, check, version, taken, signed, last, .. } = found.ok_or(Problem::NotFound)?;
    if asked.check.is_some() && check.is_none() {
        return Err(Problem::NotFound);
    }
    let sent =
        check.as_ref().map_or_else(|| start(&asked.kind, url.as_deref(), &taken, signed.as_ref()), draft);
    let named = asked.check.map(|id| id.to_string());
    let shell = titled(shell, &client, &instance, &name, named.as_deref());
    let drawn = CheckPage::new(at(&client, &instance), shell, &sent, named, app.looker().is_some())?;
    let end = check.as_ref().map(|_| end_of(&client, &instance, last, signed.as_ref())).transpose()?;
    page(&CheckPage { version, end, ..drawn.beside_signed(signed.as_ref(), check.as_ref()) })
}

fn end_of(
    client: &ClientId,
    instance: &InstanceId,
    last: bool,
    signed: Option<&SignedProbe>,
) -> Result<End, Problem> {
    let last = last.then(|| signed.map_or_else(String::new, |signed| clauses(&signed.clauses)));
    Ok(End { at: format!("{}/end", at(client, instance)), key: new_key()?, last })
}

async fn withdraw(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path((client, instance)): Path<(ClientId, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("check-end")?;
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let check: CheckId = sent.get("check").parse().map_err(|_| Problem::NotFound)?;
    let (of, wanted) = (instance.clone(), check.clone());
    let found = app.book(&client, move |book, now| known(book, &of, Some(&wanted), now)).await?;
    let Known { name, check: stands, signed, last, version, .. } = found.ok_or(Problem::NotFound)?;
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, read: Some(read_version(&sent)), ..By::new(viewer.actor()) };
    let (of, ended) = (client.clone(), CheckEnded { instance: instance.clone(), check: check.clone() });
    let refused = match app.attempt(move |control, now| control.end_check(&of, ended, by, now)).await? {
        Ok(_) => {
            let to = path(&client, &["instances", instance.as_str()]);
            return Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response());
        }
        Err(refused) => refused,
    };
    let stands = stands.ok_or(Problem::NotFound)?;
    let shell = titled(shell, &client, &instance, &name, Some(check.as_str()));
    let named = Some(check.to_string());
    let end = Some(end_of(&client, &instance, last, signed.as_ref())?);
    let drawn =
        CheckPage::new(at(&client, &instance), shell, &draft(&stands), named, app.looker().is_some())?;
    refuse(CheckPage { version, end, ..drawn.beside_signed(signed.as_ref(), Some(&stands)) }, refused)
}

fn at(client: &ClientId, instance: &InstanceId) -> String {
    path(client, &["instances", instance.as_str(), "check"])
}

fn titled(shell: Shell, client: &ClientId, instance: &InstanceId, name: &str, named: Option<&str>) -> Shell {
    shell
        .of(client)
        .at(Section::Instances)
        .below("Instances", &path(client, &["instances"]))
        .below(name, &path(client, &["instances", instance.as_str()]))
        .titled(&named.map_or_else(|| "New check".to_owned(), |id| format!("Check {id}")))
}

/// What the instance is called, where it answers, the check as it stands, in which version and by whom, and the names of those that
/// are there.
struct Known {
    name: String,
    url: Option<String>,
    check: Option<CheckDefined>,
    version: usize,
    by: Option<(String, Instant)>,
    taken: Vec<CheckId>,
    signed: Option<SignedProbe>,
    /// Whether it is the only one.
    last: bool,
    now: Instant,
}

fn known(book: &Book, instance: &InstanceId, check: Option<&CheckId>, now: Instant) -> Option<Known> {
    let name = book.instance_names().into_iter().find(|(id, _)| id == instance)?.1;
    let checks = book.checks_of(instance);
    let stands = check.and_then(|id| checks.iter().find(|known| known.check == *id));
    Some(Known {
        name,
        url: book.url_of(instance),
        check: stands.map(|check| (*check).clone()),
        version: check.map_or(0, |id| book.check_version(instance, id)),
        by: check.and_then(|id| book.check_defined_by(instance, id)),
        taken: checks.iter().map(|check| check.check.clone()).collect(),
        signed: book.signed_probe(),
        last: check.is_some_and(|id| book.is_last_check(instance, id)),
        now,
    })
}

async fn send(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path((client, instance)): Path<(ClientId, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let key = sent.key("check")?;
    let instance: InstanceId = instance.parse().map_err(|_| Problem::NotFound)?;
    let of = instance.clone();
    let found = app.book(&client, move |book, now| known(book, &of, None, now)).await?;
    let Known { name, taken, signed, .. } = found.ok_or(Problem::NotFound)?;
    let named = sent.given("named").map(str::to_owned);
    let shell = titled(shell, &client, &instance, &name, named.as_deref());
    let mut drawn = CheckPage::new(at(&client, &instance), shell, &sent, named, app.looker().is_some())?;
    let check = match read(&sent, instance.clone()) {
        Ok(check) => check,
        Err(why) => return refuse(drawn.beside_signed(signed.as_ref(), None), Refused::because(&why)),
    };
    drawn = drawn.beside_signed(signed.as_ref(), Some(&check));
    if sent.given("try").is_some() {
        drawn.tried = Some(tried(&app, &client, &check).await?);
        return page(&drawn);
    }
    if drawn.named.is_none() && taken.contains(&check.check) {
        let why = format!(
            "There is a check {} already: give this one another name, or edit that one.",
            check.check
        );
        return refuse(drawn, Refused::because(&why));
    }
    let (of, written) = (client.clone(), check.clone());
    let confirmed = sent.given("confirm").is_some();
    let by = By { key: Some(key), confirmed, read: Some(drawn.version), ..By::new(viewer.actor()) };
    match app.attempt(move |control, now| control.define_check(&of, check, by, now)).await? {
        Ok(_) => {
            let to = path(&client, &["instances", instance.as_str()]);
            Ok(Redirect::to(&format!("{to}?done={}", Notice::Recorded.word())).into_response())
        }
        Err(refused) => refuse(changed(&app, &client, drawn, written).await?, refused),
    }
}

/// With what somebody else put in force since its form was opened: sent once more, it goes over that.
async fn changed(
    app: &App,
    client: &ClientId,
    drawn: CheckPage,
    written: CheckDefined,
) -> Result<CheckPage, Problem> {
    let (instance, check) = (written.instance.clone(), written.check.clone());
    let found = app.book(client, move |book, now| known(book, &instance, Some(&check), now)).await?;
    Ok(match found {
        Some(Known { check: Some(stands), version, by: Some((who, at)), now, .. })
            if version != drawn.version =>
        {
            let beside = Some(Beside::of(&stands, &written, who, time(at, now)));
            CheckPage { version, beside, ..drawn }
        }
        _ => drawn,
    })
}

fn refuse(mut drawn: CheckPage, refused: Refused) -> Result<Response, Problem> {
    drawn.refused = Some(refused);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&drawn)?).into_response())
}

/// How long a try waits: not as long as the page that waits for it.
pub(in crate::server) fn tried_for(timeout_ms: Option<u32>) -> Duration {
    Duration::from_millis(timeout_ms.unwrap_or(TIMEOUT_DEFAULT_MS).into()).min(TRIED_MAX)
}

/// One look from this server, which nothing is recorded of. It may ask what this server's own vantage point may.
async fn tried(app: &App, client: &ClientId, check: &CheckDefined) -> Result<Tried, Problem> {
    let Some(looker) = app.looker() else {
        return Err(Problem::Invalid("This server looks at nothing by itself.".to_owned()));
    };
    let Some(what) = check.question() else { return Err(Problem::NotFound) };
    let timeout = tried_for(check.timeout_ms);
    Ok(told(&looker.look(&Question::of_client(&what, timeout, client)).await))
}

fn told(seen: &Seen) -> Tried {
    let (state, word) = match seen.outcome {
        Outcome::Up => (Word::Kept, "good"),
        Outcome::Down => (Word::Missed, "failed"),
        Outcome::Void => (Word::Unknown, "says nothing"),
    };
    let code = seen.code.map_or(String::new(), |code| format!(" {code}"));
    let cause = seen.cause.map(|cause| cause.about().to_owned());
    let reason = seen.reason.as_ref().map(ToString::to_string);
    Tried {
        badge: badge(state, &format!("{word}{code}")),
        reason: match (cause, reason) {
            (Some(cause), Some(reason)) => Some(format!("{cause} ({reason})")),
            (cause, reason) => cause.or(reason),
        },
        took: took(seen).map(|took| format!("{} ms", took.as_millis())),
        phases: phases(&seen.phases),
        certificate: seen.not_after.map(exact),
        misused: is_misused(seen),
    }
}

/// SH-AVAIL-07: an answer of 4xx to what is asked says that no valid request was made.
pub(in crate::server) fn is_misused(seen: &Seen) -> bool {
    seen.outcome == Outcome::Down && seen.code.is_some_and(|code| (400..500).contains(&code))
}

fn took(seen: &Seen) -> Option<Took> {
    seen.phases.total_us.map(Took::micros)
}
