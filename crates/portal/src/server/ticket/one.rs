//! One ticket: what was said, its clocks, and what may be done about it.

use std::collections::{BTreeMap, BTreeSet};

use agreement::{Agreement, Binding, RequestRule};
use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use control::live::{
    Book, Control,
    query::{InstanceNow, TicketView},
};
use desk::policy::{Action, Resource};
use facts::{ClientId, Link, TicketId};
use journal::{desk::KeptFile, people::Person};
use promise::hint::Hint;
use serde::Deserialize;
use spans::{Instant, Length};

use super::{
    canned,
    clock::{Clock, clocks},
    draft::{Begun, begun},
    form::acts,
    notes::Notes,
    own::{among_ourselves, is_own},
    talk::{Told, told},
};
use crate::part::clauses;
use crate::server::{
    App, Problem, Route, Section, Shell, Viewer,
    form::{Area, Minute, Pick, Refused, Sent, new_key},
    home::{Calling, calling, condition, strip},
    moment::{path, time},
    page,
};

/// Logins that are offered to be named.
const NAMED_MAX: usize = 6;
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

/// A form of the page.
pub(super) struct Act {
    pub(super) verb: &'static str,
    pub(super) summary: &'static str,
    pub(super) fields: Vec<String>,
    pub(super) button: &'static str,
    pub(super) hint: String,
    pub(super) refused: Option<Refused>,
    /// Whether it is open when the page comes: something waits for it, or the address asks for it.
    pub(super) open: bool,
    /// The clauses that speak of it, as HTML.
    pub(super) clauses: String,
    /// The single key that opens it.
    pub(super) key: &'static str,
}

/// A file, as the page shows it.
struct Kept {
    name: String,
    link: String,
    size: String,
    internal: bool,
    gone: bool,
    /// Whether the reader's side may take it away.
    ours: bool,
}

/// Another ticket that this one has to do with, or the held message that it was made of.
struct Related {
    what: &'static str,
    id: String,
    link: String,
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
    /// Of one that the provider's people wrote for themselves: whom it is about, and where their tickets are.
    about_whom: Option<(String, String)>,
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
    /// The clauses that ask P1 for a production instance, where it was confirmed without one; for the provider's people.
    confirmed: Option<String>,
    notes: Notes,
    /// Calls that nobody has seen, for the provider's people: who was called since when, and where one says that it was seen.
    calls: Vec<Calling>,
    escalate: Vec<String>,
    escalate_clauses: String,
    reply: Vec<String>,
    reply_refused: Option<Refused>,
    files_refused: Option<Refused>,
    assignee: Option<String>,
    mine: bool,
    give: String,
    tags: Vec<String>,
    watchers: Vec<String>,
    watching: bool,
    related: Vec<Related>,
    files: Vec<Kept>,
    begun: Begun,
    /// Answers to begin with, with what is known put in: their names and the words.
    answers: Vec<(String, String)>,
    /// Who may be named in a text.
    names: String,
    /// What this person may send from here.
    offered: BTreeSet<&'static str>,
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
pub(super) struct Found {
    pub(super) view: TicketView,
    about: Option<InstanceNow>,
    readings: BTreeMap<String, String>,
    pub(super) request: Option<RequestRule>,
    /// The agreement under which it was received.
    pub(super) agreement: Option<Agreement>,
    cadence: bool,
    /// The reasons that the agreement has for escalating, and for pauses.
    pub(super) reasons: Vec<String>,
    pub(super) pauses: Vec<String>,
    files: Vec<KeptFile>,
    begun: Begun,
    /// The provider's people.
    staff: Vec<Person>,
    pub(super) now: Instant,
}

impl Found {
    /// What the instance is called that it is about.
    pub(super) fn instance_name(&self) -> Option<String> {
        let instance = self.view.line.instance.as_ref()?;
        Some(self.about.as_ref().map_or_else(|| instance.to_string(), |about| about.name.clone()))
    }
}

fn find(control: &Control, at: &At, viewer: &Viewer, now: Instant) -> journal::Result<Option<Found>> {
    let Some(view) = control.ticket(&at.client, &at.ticket, now)? else { return Ok(None) };
    let (instance, received) = (view.line.instance.clone(), view.line.received);
    let read = |book: &Book| {
        let own = book.versions().map(|versions| versions.at(received).unwrap_or_else(|| versions.first()));
        let own = own.map(|plan| plan.agreement().clone());
        let plan = book.versions().map(|versions| versions.latest().agreement());
        let about = instance.and_then(|instance| book.instance(&instance, now, Length::DAY));
        let readings = plan.map(|agreement| agreement.readings.clone());
        let request = plan.and_then(|agreement| agreement.request.clone());
        let pauses = plan.and_then(|agreement| agreement.pause.as_ref()).map(|rule| rule.reasons.clone());
        let cadence = plan.is_some_and(|agreement| agreement.cadence.is_some());
        (about, readings.unwrap_or_default(), request, cadence, pauses.unwrap_or_default(), own)
    };
    let Some(read) = control.read(&at.client, now, read)? else { return Ok(None) };
    let (about, readings, request, cadence, pauses, agreement) = read;
    let files = control.files(&at.client, &at.ticket, viewer.reads_notes(&at.client))?;
    let begun = begun(control, at, viewer, now)?;
    let mut staff = if viewer.is_staff() { control.journal().read(|tx| tx.staff())? } else { Vec::new() };
    staff.retain(|person| person.is_here(now));
    let reasons = view.motions.reasons.clone();
    Ok(Some(Found {
        view,
        about,
        readings,
        request,
        agreement,
        cadence,
        reasons,
        pauses,
        files,
        begun,
        staff,
        now,
    }))
}

pub(super) async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    at: At,
    said: Option<Said>,
) -> Result<Response, Problem> {
    let (of, who) = (at.clone(), viewer.clone());
    let mut found =
        app.ask_control(move |control, now| find(control, &of, &who, now)).await?.ok_or(Problem::NotFound)?;
    let refused = said.is_some();
    // An internal note is not there for the client: neither its text nor that there is one.
    let all = viewer.reads_notes(&at.client);
    found.view.remarks.retain(|remark| all || !remark.is_internal());
    // SH-RES-02: what one's own people are nudged by is no clock of the client's.
    found.view.obligations.retain(|owed| all || owed.duty.binding != Binding::Internal);
    let mut response = page(&draw(shell, viewer, &at, found, said)?)?;
    if refused {
        *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(response.into_response())
}

fn draw(
    shell: Shell,
    viewer: &Viewer,
    at: &At,
    mut found: Found,
    said: Option<Said>,
) -> Result<TicketPage, Problem> {
    let (staff, me) = (viewer.is_staff(), viewer.person.id.as_str());
    let begun = std::mem::take(&mut found.begun);
    let offered = super::offered(viewer, &at.client);
    let offered = if is_own(&at.client) { among_ourselves(offered) } else { offered };
    let found = &found;
    let Found { view, now, .. } = found;
    let line = &view.line;
    let title = line.title.clone().unwrap_or_else(|| line.ticket.to_string());
    let earlier = view.remarks.len().saturating_sub(REMARKS_MAX);
    let for_verb =
        |verb: &str| said.as_ref().filter(|said| said.verb == verb).map(|said| said.refused.clone());
    let whom = line.about.as_ref();
    let of = whom.unwrap_or(&at.client);
    let below = format!("/clients/{of}/tickets");
    let (wanted, shell_name) = (wanted(&shell), shell.name_of(of));
    let notes = Notes::of(found, staff, &offered);
    let acts = acts(found, staff, said.as_ref()).into_iter().filter(|act| offered.contains(act.verb));
    let acts = acts.map(|act| Act { open: act.open || wanted == act.verb, ..act }).collect();
    Ok(TicketPage {
        about_whom: whom.map(|_| (shell_name.clone(), below.clone())),
        shell: shell.of(of).titled(&title).at(Section::Tickets).below("Tickets", &below).live_but_for_looks(),
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
        confirmed: view.confirmed.as_ref().filter(|_| staff).map(|ids| clauses(ids)),
        escalate: view.escalate.clone(),
        reply: reply((staff, whom.is_some()), found.cadence, said.as_ref(), &begun),
        reply_refused: ["reply", "note", "ask"].into_iter().find_map(for_verb),
        files_refused: for_verb("files"),
        acts,
        answers: canned::answers(&begun, viewer, found, &shell_name),
        names: if staff { names(&found.staff, me) } else { String::new() },
        notes,
        calls: view.calls.iter().filter(|_| staff).map(|call| calling(&at.client, call, *now)).collect(),
        escalate_clauses: clauses(&view.escalate_clauses),
        plain_refused: PLAIN.into_iter().find_map(for_verb),
        assignee: line.assignee.as_ref().map(|(_, name)| name.clone()),
        mine: line.assignee.as_ref().is_some_and(|(id, _)| id == me),
        give: give(found),
        tags: if viewer.reads_notes(&at.client) { line.tags.clone() } else { Vec::new() },
        watchers: view
            .watchers
            .iter()
            .filter(|_| viewer.reads_notes(&at.client))
            .map(|(_, name)| name.clone())
            .collect(),
        watching: view.watchers.iter().any(|(id, _)| id == me),
        related: related(at, view, viewer.may(Action::ReadHeld, &Resource::Client(&at.client))),
        files: found.files.iter().map(|file| kept(at, file, staff || is_theirs(view, file))).collect(),
        begun,
        offered,
    })
}

impl TicketPage {
    fn may(&self, verb: &str) -> bool {
        self.offered.contains(verb)
    }

    /// What one press says to the client, by a person (SH-ACK-02).
    fn acknowledgement(&self) -> &'static str {
        "I have received this and look at it now."
    }
}

/// The form that the address wants open: `?open=resolve`.
fn wanted(shell: &Shell) -> String {
    let asked = shell.path.split_once('?').map_or("", |(_, asked)| asked);
    asked.split('&').find_map(|part| part.strip_prefix("open=")).unwrap_or_default().to_owned()
}

/// `@ann, @sam`: some of those whom a text may name.
fn names(staff: &[Person], me: &str) -> String {
    let others = staff.iter().filter(|person| person.id != me).take(NAMED_MAX);
    others.map(|person| format!("@{}", person.login)).collect::<Vec<_>>().join(", ")
}

/// Forms of one button.
const PLAIN: [&str; 7] = ["update", "reopen", "take", "give", "tag", "watch", "unwatch"];

fn give(found: &Found) -> String {
    let nobody = (String::new(), "nobody".to_owned());
    let value = found.view.line.assignee.as_ref().map_or(String::new(), |(id, _)| id.clone());
    let staff = found.staff.iter().map(|person| (person.id.clone(), person.name.clone()));
    let options = std::iter::once(nobody).chain(staff).collect();
    Pick { id: "to", name: "to", label: "Give it to", hint: String::new(), options, value }.to_string()
}

fn related(at: &At, view: &TicketView, reads_held: bool) -> Vec<Related> {
    let place = |what, ticket: &TicketId| Related {
        what,
        id: ticket.to_string(),
        link: path(&at.client, &["tickets", ticket.as_str()]),
    };
    let word = |link: &Link| match link {
        Link::Relates => "has to do with",
        Link::Causes => "is the cause of",
        Link::Blocks => "blocks",
    };
    let held = view.made_of.iter().filter(|_| reads_held).map(|held| Related {
        what: "made of held message",
        id: held.to_string(),
        link: format!("{}#{held}", path(&at.client, &["tickets", "held"])),
    });
    let merged = view.line.merged_into.iter().map(|into| place("goes on in", into));
    held.chain(merged).chain(view.links.iter().map(|(to, link)| place(word(link), to))).collect()
}

fn is_theirs(view: &TicketView, file: &KeptFile) -> bool {
    view.files_of_client.iter().any(|theirs| theirs.0 == file.file)
}

fn kept(at: &At, file: &KeptFile, ours: bool) -> Kept {
    let size = match file.size {
        size if size < 1 << 10 => format!("{size} B"),
        size if size < 1 << 20 => format!("{} kB", size >> 10),
        size => format!("{} MB", size >> 20),
    };
    Kept {
        name: if file.gone { "a file that was taken away".to_owned() } else { file.name.clone() },
        link: path(&at.client, &["tickets", at.ticket.as_str(), "files", file.file.as_str()]),
        size,
        internal: file.internal,
        gone: file.gone,
        ours,
    }
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
pub(super) fn typed(said: Option<&Said>, verbs: &[&str], field: &str) -> String {
    said.filter(|said| verbs.contains(&said.verb))
        .map_or(String::new(), |said| said.sent.get(field).to_owned())
}

fn reply((staff, own): (bool, bool), cadence: bool, said: Option<&Said>, begun: &Begun) -> Vec<String> {
    let verbs = ["reply", "note", "ask"];
    let label = match (staff, own) {
        (_, true) => "Write to your own people",
        (true, false) => "Write to the client, or to your own people",
        (false, false) => "Your reply",
    };
    let area = Area {
        id: "text",
        name: "text",
        label,
        hint: match staff {
            true => "Whoever is named with an @ is told; of a note only the provider's people.".to_owned(),
            false => String::new(),
        },
        value: match typed(said, &verbs, "text") {
            nothing if nothing.is_empty() => begun.draft.clone(),
            typed => typed,
        },
        required: true,
        most: Area::CHARS_MAX,
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
