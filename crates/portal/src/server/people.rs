//! People: whom a client named, from when they count, who looked through the list; and the provider's own.
//!
//! A client's people manage their own list, staff every list. An addition counts after the agreement's notice or when the provider
//! applies it, a removal at once (SH-REQ-06, SH-DEF-12); the last who may ask for support stays (MP-CLI-04). End users have no
//! door: their own contacts help them (SH-REQ-04, SH-REQ-05).

mod data;
mod own;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{
    Control, NotDone,
    command::{By, ContactRole},
};
use desk::{
    contact::Change,
    policy::{Action, Resource},
};
use facts::{Actor, ClientId, ContactChange, ContactId, ReviewId};
use journal::{
    Journal, Tx,
    people::{Membership, Person},
};
use spans::Instant;

use super::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Refused, Sent},
    moment::{minute, path, read_field},
    page,
    second::needed,
};
use crate::people::{self as kept, NewPerson, Refusal, WELCOME, Whom};

/// Roles that a client's people may have whatever the agreement says: they decide who is told, not what may be done.
const TOLD: [&str; 2] = ["security", "billing"];
/// Roles where no agreement is at hand.
const PLAIN: [&str; 3] = ["contact", "requester", "approver"];

pub(crate) fn routes() -> Vec<Route> {
    let of_client = vec![
        Route::get("/clients/{client}/people", Action::ReadPeople, of_client),
        Route::post("/clients/{client}/people", Action::InvitePerson, invite),
        Route::post("/clients/{client}/people/secret", Action::InvitePerson, secret),
        Route::post("/clients/{client}/people/again", Action::InvitePerson, again),
        Route::post("/clients/{client}/people/remove", Action::RemovePerson, remove),
        Route::post("/clients/{client}/people/leaves", Action::RemovePerson, leaves),
        Route::post("/clients/{client}/people/apply", Action::EditPerson, apply),
        Route::post("/clients/{client}/people/review", Action::ReviewAccess, review),
    ];
    of_client.into_iter().chain(data::routes()).chain(own::routes()).collect()
}

/// A line of the list.
pub(crate) struct Line {
    person: Person,
    state: Stands,
    /// When something about them happens or happened, in words, with the clauses that say so.
    when: String,
    clauses: String,
    door: Door,
}

/// What a list tells of somebody's door.
pub(crate) struct Door {
    /// Whether two factors are asked for there.
    second: bool,
    /// Until when an invitation that was not used works.
    invited: Option<Instant>,
    /// Whether it was ever opened.
    had: bool,
}

impl Door {
    fn of(tx: &mut Tx<'_>, person: &Person, now: Instant) -> journal::Result<Door> {
        Ok(Door {
            second: tx.factors(&person.id)?.any(),
            invited: tx.secret_ends(&person.id, WELCOME, now)?,
            had: tx.has_door(person)?,
        })
    }
}

/// How somebody stands, in the words and colours of the page.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Invited,
    Announced,
    Here,
    Leaving,
    Gone,
    Erased,
}

impl Stands {
    fn is_here(self) -> bool {
        matches!(self, Stands::Invited | Stands::Announced | Stands::Here | Stands::Leaving)
    }

    fn waits(self) -> bool {
        self == Stands::Announced
    }

    fn is_erased(self) -> bool {
        self == Stands::Erased
    }

    fn word(self) -> &'static str {
        match self {
            Stands::Invited => "invited",
            Stands::Announced => "announced",
            Stands::Here => "counts",
            Stands::Leaving => "leaving",
            Stands::Gone => "removed",
            Stands::Erased => "erased",
        }
    }

    fn colour(self) -> &'static str {
        match self {
            Stands::Invited | Stands::Announced | Stands::Leaving => "risk",
            Stands::Here => "kept",
            Stands::Gone | Stands::Erased => "unknown",
        }
    }
}

#[derive(Template)]
#[template(path = "people.html")]
struct PeoplePage {
    shell: Shell,
    at: String,
    lines: Vec<Line>,
    roles: Vec<(ContactRole, bool)>,
    login: Field,
    name: Field,
    manages: bool,
    staff: bool,
    /// Whether the reader may give somebody a way in who had one.
    resets: bool,
    administrator: bool,
    refused: Option<Refused>,
    /// An invitation that was just made, shown this once: login, secret, until when.
    made: Option<(String, String, String)>,
    reviewed: Option<String>,
    /// The zone in which a day is said.
    zone: String,
}

impl PeoplePage {
    fn when(&self, at: &Instant) -> String {
        minute(*at)
    }
}

/// What the page is made of.
struct Found {
    people: Vec<(Person, Door)>,
    changes: Vec<Change>,
    roles: Vec<ContactRole>,
}

/// Roles that may be given, by the agreement in force.
fn offered(found: Option<Vec<ContactRole>>) -> Vec<ContactRole> {
    let plain =
        |word: &str| ContactRole { word: word.to_owned(), clauses: Vec::new(), primary: word == PLAIN[0] };
    let mut roles = found.unwrap_or_default();
    if roles.is_empty() {
        roles.extend(PLAIN.map(plain));
    }
    for word in TOLD {
        if roles.iter().all(|role| role.word != word) {
            roles.push(ContactRole { primary: false, ..plain(word) });
        }
    }
    roles
}

fn find(control: &Control, client: &ClientId, now: Instant) -> journal::Result<Found> {
    let read = control.read(client, now, |book| (book.contact_changes(now), book.contact_roles()))?;
    let (changes, roles) = read.map_or((Vec::new(), None), |(changes, roles)| (changes, Some(roles)));
    let people = control.journal().read(|tx| {
        let all = tx.people_of(client)?.into_iter();
        let with =
            all.map(|person| Ok((Door::of(tx, &person, now)?, person)).map(|(door, person)| (person, door)));
        with.collect::<journal::Result<Vec<_>>>()
    })?;
    Ok(Found { people, changes, roles: offered(roles) })
}

fn line((person, door): (Person, Door), changes: &[Change], now: Instant) -> Line {
    let last = changes.iter().rev().find(|change| change.contact.as_str() == person.id);
    let state = match person.membership(now) {
        _ if person.erased.is_some() => Stands::Erased,
        Membership::Disabled => Stands::Gone,
        Membership::Announced => Stands::Announced,
        Membership::Leaving => Stands::Leaving,
        _ if person.seen.is_none() => Stands::Invited,
        _ => Stands::Here,
    };
    let when = match (state, last) {
        (Stands::Gone | Stands::Erased, _) => {
            person.disabled.map_or(String::new(), |at| format!("gone since {}", minute(at)))
        }
        (Stands::Leaving, _) => {
            person.leaves.map_or(String::new(), |at| format!("counts until {}", minute(at)))
        }
        (_, Some(change)) => told(change, now),
        _ => format!("since {}", minute(person.created)),
    };
    let clauses = last.map_or(String::new(), |change| crate::part::clauses(&change.clauses));
    Line { person, state, when, clauses, door }
}

/// `asked 2026-03-04 13:00 CET, counts from 2026-03-11 13:00 CET`.
fn told(change: &Change, now: Instant) -> String {
    let asked = minute(change.asked);
    match (change.applied, now < change.effective) {
        (Some(at), _) => format!("asked {asked}, applied sooner {}", minute(at)),
        (None, true) => format!("asked {asked}, counts from {}", minute(change.effective)),
        (None, false) => format!("asked {asked}, counts since {}", minute(change.effective)),
    }
}

/// What a form led to.
#[derive(Default)]
struct Said {
    sent: Sent,
    wrong_login: Option<String>,
    wrong_name: Option<String>,
    refused: Option<Refused>,
    made: Option<kept::Invitation>,
}

async fn of_client(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    show(&app, shell, &viewer, &client, Said::default()).await
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    client: &ClientId,
    said: Said,
) -> Result<Response, Problem> {
    app.book(client, |_, _| ()).await?;
    let (of, now) = (client.clone(), app.now());
    let found = app.ask_control(move |control, now| find(control, &of, now)).await?;
    let wrong = said.refused.is_some() || said.wrong_login.is_some() || said.wrong_name.is_some();
    let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let ticked = |role: &ContactRole| said.sent.all("role").any(|word| word == role.word);
    let manages = viewer.may(Action::InvitePerson, &Resource::Client(client));
    let reviewed = found.people.iter().filter_map(|(person, ..)| person.reviewed).max().map(minute);
    let lines = found.people.into_iter().map(|found_| line(found_, &found.changes, now)).collect();
    let page = page(&PeoplePage {
        shell: shell.of(client).titled("People").at(Section::People),
        at: path(client, &["people"]),
        lines,
        roles: found.roles.into_iter().map(|role| (role.clone(), ticked(&role))).collect(),
        login: Field::text("login", "Login")
            .hint("What they type: letters, digits and . _ - + @")
            .value(said.sent.get("login"))
            .mistake(said.wrong_login),
        name: Field::text("name", "Name").value(said.sent.get("name")).mistake(said.wrong_name),
        manages,
        staff: viewer.is_staff(),
        resets: viewer.may(Action::ResetPerson, &Resource::Client(client)),
        administrator: viewer.may(Action::ErasePerson, &Resource::Client(client)),
        refused: said.refused,
        made: said.made.map(|made| (made.login, made.secret, minute(made.ends))),
        reviewed,
        zone: super::zone::reader().name().to_owned(),
    })?;
    Ok((status, page).into_response())
}

/// Why somebody could not be added, at the field it is about.
fn misfit(sent: Sent, refusal: Refusal) -> Result<Said, Problem> {
    let why = Some(refusal.to_string());
    match refusal {
        Refusal::Login(_) | Refusal::Taken(_) | Refusal::Unusable => {
            Ok(Said { sent, wrong_login: why, ..Said::default() })
        }
        Refusal::Name => Ok(Said { sent, wrong_name: why, ..Said::default() }),
        Refusal::Journal(error) => Err(error.into()),
        other => Ok(Said { sent, refused: Some(Refused::because(&other.to_string())), ..Said::default() }),
    }
}

/// These acts are sensitive: they ask again who it is.
fn asked_again(app: &App, viewer: &Viewer, client: &ClientId) -> Option<Response> {
    needed(app, viewer, &path(client, &["people"]))
}

/// Names somebody, and gives a one-time secret for their door, shown this once.
async fn invite(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let said = named(&app, &viewer, &client, sent).await?;
    show(&app, shell, &viewer, &client, said).await
}

async fn named(app: &App, viewer: &Viewer, client: &ClientId, sent: Sent) -> Result<Said, Problem> {
    // Logins are everybody's. Who is told that one is taken could ask for each: a client's people are told less, and not for ever.
    if !viewer.is_staff() {
        app.0.rates.naming(&viewer.person.id, app.now())?;
    }
    let roles: Vec<String> = sent.all("role").map(str::to_owned).collect();
    let (login, name) = (sent.get("login").to_owned(), sent.get("name").to_owned());
    let (of, actor) = (client.clone(), viewer.actor());
    let work = move |control: &Control, now: Instant| {
        let allowed = offered(control.read(&of, now, |book| book.contact_roles())?);
        if roles.is_empty() || !roles.iter().all(|role| allowed.iter().any(|allowed| allowed.word == *role)) {
            return Ok(Err(Refusal::Roles));
        }
        let new =
            NewPerson { login, name, client: Some(of.clone()), roles: roles.clone(), skills: Vec::new() };
        let person = match kept::add_uncounted(control.journal(), &new, now) {
            Ok(person) => person,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if let Err(refused) = announce(control, &of, &person, By::new(actor), now) {
            // What is refused leaves nobody behind.
            let id = person.id;
            control.journal().write::<_, journal::Error>(move |tx| tx.forget_person(&id))?;
            return Err(refused.into());
        }
        control.people_changed()?;
        Ok::<_, Problem>(kept::invite_whom(control.journal(), &person.login, Whom::Newcomers, now))
    };
    match app.ask_control(work).await? {
        Ok(made) => Ok(Said { made: Some(made), ..Said::default() }),
        Err(Refusal::Taken(login)) if !viewer.is_staff() => {
            tracing::warn!(person = %viewer.person.id, login, "people.login_taken");
            misfit(sent, Refusal::Unusable)
        }
        Err(refusal) => misfit(sent, refusal),
    }
}

/// Puts the addition on record and notes from when it counts; before both are done, nobody counts. Where no agreement is in force
/// there is no notice.
fn announce(
    control: &Control,
    client: &ClientId,
    person: &Person,
    by: By,
    now: Instant,
) -> Result<(), NotDone> {
    let Ok(contact) = person.id.parse::<ContactId>() else {
        return Err(NotDone::UnknownClient { client: client.clone() });
    };
    match control.name_contact(client, &contact, person.roles.clone(), by, now) {
        Ok(_) => note_term(control, client, &contact, now)?,
        Err(NotDone::NoAgreement { .. } | NotDone::UnknownClient { .. }) => {
            let id = person.id.clone();
            control.journal().write::<_, journal::Error>(move |tx| tx.set_term(&id, None))?;
        }
        Err(refused) => return Err(refused),
    }
    Ok(())
}

/// From when a contact counts, as the facts say, noted where every request is judged. What no fact says stays as it is.
fn note_term(control: &Control, client: &ClientId, contact: &ContactId, now: Instant) -> journal::Result<()> {
    let changes = control.read(client, now, |book| book.contact_changes(now))?.unwrap_or_default();
    let last = changes.into_iter().rev().find(|change| change.contact == *contact);
    let Some(added) = last.filter(|change| change.change == ContactChange::Add) else { return Ok(()) };
    let id = contact.to_string();
    control.journal().write(move |tx| tx.set_term(&id, Some(added.effective))).map(drop)
}

/// The person that a form is about, if they are this client's.
async fn theirs(app: &App, client: &ClientId, id: &str) -> Result<Person, Problem> {
    let (of, id) = (client.clone(), id.to_owned());
    let found = app.ask(move |journal| journal.read(|tx| tx.person(&id))).await?;
    found.filter(|person| person.standing.client() == Some(&of)).ok_or(Problem::NotFound)
}

/// A new one-time secret for somebody who is on the list; an older one is void. Who was here before keeps their door: only the
/// provider's people who may reset it give them another, or any contact could come in as any other.
async fn secret(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    let resets = viewer.may(Action::ResetPerson, &Resource::Client(&client));
    let (login, whom) = (person.login.clone(), if resets { Whom::Anybody } else { Whom::Newcomers });
    let made = app.ask_control(move |control, now| {
        Ok::<_, Problem>(kept::invite_whom(control.journal(), &login, whom, now))
    });
    let said = match made.await? {
        Ok(made) => {
            app.note(&person.id, "invited", Some(&viewer.person.id), String::new()).await?;
            Said { made: Some(made), ..Said::default() }
        }
        Err(refusal) => misfit(sent, refusal)?,
    };
    show(&app, shell, &viewer, &client, said).await
}

/// Names somebody again who was removed: a new addition with its notice, and the door they had.
async fn again(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    if person.disabled.is_none() || person.erased.is_some() {
        return Ok(Redirect::to(&path(&client, &["people"])).into_response());
    }
    let (of, actor, id) = (client.clone(), viewer.actor(), person.id.clone());
    let done = app.attempt(move |control, now| {
        let id = person.id.clone();
        control.journal().write::<_, journal::Error>(move |tx| {
            tx.set_leaves(&id, None)?;
            tx.set_term(&id, Some(Instant::MAX))
        })?;
        announce(control, &of, &person, By::new(actor), now)?;
        let id = person.id.clone();
        control.journal().write::<_, journal::Error>(move |tx| tx.enable_person(&id))?;
        Ok(())
    });
    match done.await? {
        Ok(()) => {
            app.note(&id, "named again", Some(&viewer.person.id), String::new()).await?;
            Ok(back(&client, Notice::Recorded))
        }
        Err(refused) => {
            show(&app, shell, &viewer, &client, Said { refused: Some(refused), ..Said::default() }).await
        }
    }
}

/// Removes somebody at once; the last who may ask for support stays.
async fn remove(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    let (of, actor, id) = (client.clone(), viewer.actor(), person.id.clone());
    let done = app.ask_control(move |control, now| gone(control, &of, &person, By::new(actor), now)).await?;
    if let Err(refused) = done {
        return show(&app, shell, &viewer, &client, Said { refused: Some(refused), ..Said::default() }).await;
    }
    tracing::info!(person = %id, by = %viewer.person.id, "person.removed");
    app.note(&id, "removed", Some(&viewer.person.id), String::new()).await?;
    Ok(back(&client, Notice::Removed))
}

fn back(client: &ClientId, notice: Notice) -> Response {
    Redirect::to(&format!("{}?done={}", path(client, &["people"]), notice.word())).into_response()
}

/// The door is shut first, where the list is held, and then it is put on record; what the agreement refuses opens it again.
pub(super) fn gone(
    control: &Control,
    client: &ClientId,
    person: &Person,
    by: By,
    now: Instant,
) -> Result<Result<(), Refused>, Problem> {
    let roles = offered(control.read(client, now, |book| book.contact_roles())?);
    let primary = primary(&roles);
    match kept::remove(control.journal(), client, person, &primary, now) {
        Ok(()) => {}
        Err(Refusal::LastContact(why)) => return Ok(Err(last(&roles, &why))),
        Err(refusal) => return Err(refusal.into()),
    }
    let contact: ContactId = person.id.parse().map_err(|_| Problem::NotFound)?;
    match Refused::or(control.remove_contact(client, &contact, by, now)) {
        Ok(Ok(_)) | Err(NotDone::UnknownClient { .. }) => Ok(Ok(())),
        Ok(Err(_)) if control.read(client, now, |book| book.versions().is_none())?.unwrap_or(true) => {
            Ok(Ok(()))
        }
        Ok(Err(refused)) => {
            let id = person.id.clone();
            control.journal().write::<_, journal::Error>(move |tx| tx.enable_person(&id))?;
            Ok(Err(refused))
        }
        Err(error) => Err(error.into()),
    }
}

/// Roles that may ask for support.
fn primary(roles: &[ContactRole]) -> Vec<String> {
    roles.iter().filter(|role| role.primary).map(|role| role.word.clone()).collect()
}

/// Why the last of them stays.
fn last(roles: &[ContactRole], why: &str) -> Refused {
    let named = roles.iter().filter(|role| role.primary).flat_map(|role| role.clauses.clone());
    Refused { clauses: named.collect(), ..Refused::because(why) }
}

/// Says from which day on somebody does not count any more; without a day they stay. On that day they are removed like anybody.
async fn leaves(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    let (id, on, typed) = (person.id.clone(), first_day(&sent), sent.given("leaves").is_some());
    if person.disabled.is_some() || typed && on.is_none_or(|on| on <= app.now()) {
        let refused = Some(Refused::because("Say a day that is still to come, or remove them now."));
        return show(&app, shell, &viewer, &client, Said { refused, ..Said::default() }).await;
    }
    let of = client.clone();
    let work = move |control: &Control, now: Instant| {
        let roles = offered(control.read(&of, now, |book| book.contact_roles())?);
        match kept::leave_on(control.journal(), &of, &person, &primary(&roles), (on, now)) {
            Ok(()) => Ok(Ok(())),
            Err(Refusal::LastContact(why)) => Ok(Err(last(&roles, &why))),
            Err(refusal) => Err(Problem::from(refusal)),
        }
    };
    if let Err(refused) = app.ask_control(work).await? {
        return show(&app, shell, &viewer, &client, Said { refused: Some(refused), ..Said::default() }).await;
    }
    let event = if on.is_some() { "is to leave" } else { "is to stay" };
    app.note(&id, event, Some(&viewer.person.id), on.map_or(String::new(), minute)).await?;
    Ok(back(&client, Notice::Recorded))
}

/// The beginning of the day that was said, in the zone that the form told it in.
fn first_day(sent: &Sent) -> Option<Instant> {
    read_field(&format!("{}T00:00", sent.get("leaves")), sent.get("leaves-zone"))
}

/// Removes those whose last day is over, each with a fact of their own. What is refused is logged; they are out all the same.
pub(super) fn see_off(control: &Control, now: Instant) -> Result<(), Problem> {
    for person in control.journal().read(|tx| tx.left_by(now))? {
        let Some(client) = person.standing.client() else { continue };
        let by = By::new(Actor::automaton("last day"));
        match gone(control, client, &person, by, now)? {
            Ok(()) => tracing::info!(person = %person.id, "person.left"),
            Err(refused) => {
                tracing::error!(person = %person.id, why = %refused.reason, "person.left_refused");
            }
        }
    }
    Ok(())
}

/// Puts an addition into effect before its notice is over.
async fn apply(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let person = theirs(&app, &client, sent.get("person")).await?;
    let contact: ContactId = person.id.parse().map_err(|_| Problem::NotFound)?;
    let (of, actor) = (client.clone(), viewer.actor());
    let done = app.attempt(move |control, now| {
        // First as the facts say already, should a term have been lost on its way.
        note_term(control, &of, &contact, now)?;
        control.apply_contact(&of, &contact, By::new(actor), now)?;
        note_term(control, &of, &contact, now)?;
        Ok(())
    });
    match done.await? {
        Ok(()) => Ok(back(&client, Notice::Recorded)),
        Err(refused) => {
            show(&app, shell, &viewer, &client, Said { refused: Some(refused), ..Said::default() }).await
        }
    }
}

/// Somebody looked through the list: each who was ticked belongs here, and that is a fact (MP-CLI-03).
async fn review(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = asked_again(&app, &viewer, &client) {
        return Ok(again);
    }
    let belongs: Vec<String> = sent.all("belongs").map(str::to_owned).collect();
    let (of, actor) = (client.clone(), viewer.actor());
    let work = move |control: &Control, now: Instant| {
        let here = control.journal().read(|tx| tx.people_of(&of))?;
        let here: Vec<String> =
            here.into_iter().filter(|person| person.disabled.is_none()).map(|person| person.id).collect();
        if !here.iter().all(|id| belongs.contains(id)) {
            return Ok(Err(Refused::because(
                "Tick everybody who belongs here, and remove who does not: a review is of the whole list.",
            )));
        }
        let name = format!("people-{}", now.as_micros() / 1_000_000);
        let review: ReviewId = name.parse().map_err(|_| Problem::NotFound)?;
        let done = Refused::or(control.review_access(&of, review, By::new(actor), now))?;
        if done.is_ok() {
            mark(control.journal(), here, now)?;
        }
        Ok::<_, Problem>(done.map(drop))
    };
    match app.ask_control(work).await? {
        Ok(()) => Ok(back(&client, Notice::Recorded)),
        Err(refused) => {
            show(&app, shell, &viewer, &client, Said { refused: Some(refused), ..Said::default() }).await
        }
    }
}

fn mark(journal: &Journal, people: Vec<String>, now: Instant) -> journal::Result<()> {
    journal.write(move |tx| people.iter().try_for_each(|id| tx.set_reviewed(id, now).map(drop)))
}
