//! People: whom a client named, from when they count, who looked through the list; and the provider's own.
//!
//! A client's people manage their own list, staff every list. An addition counts after the agreement's notice or when the provider
//! applies it, a removal at once (SH-REQ-06, SH-DEF-12); the last who may ask for support stays (MP-CLI-04). End users have no
//! door: their own contacts help them (SH-REQ-04, SH-REQ-05).
//!
//! Here is the list as a page; `act` has who is named, `leave` who goes, `edit` what they are called and may do, `data` what is kept
//! of them, `own` the provider's people. What is done is a function that the pages and the API share.

mod act;
mod data;
mod edit;
mod leave;
mod own;

use askama::Template;
use axum::{
    extract::{FromRequest, FromRequestParts, Path, Request, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Control, command::ContactRole};
use desk::{
    contact::Change,
    policy::{Action, Resource},
};
use facts::ClientId;
use journal::{
    Tx,
    people::{Membership, Person},
};
use spans::Instant;

pub(super) use self::{
    act::{Newcomer, apply_now, look_through, name, name_again},
    data::export,
    edit::{rename, rename_oneself, set_contact_roles, set_staff_roles},
    leave::{leave_on, remove_now, see_off},
    own::{add_staff, let_in, shut_out, staff_person},
};
use super::{
    App, Field, Notice, Problem, Route, Section, Shell, Viewer,
    form::{Refused, Sent},
    moment::{minute, path},
    page,
    second::needed,
};
use crate::people::{Invitation, WELCOME};

/// Roles that a client's people may have whatever the agreement says: they decide who is told, not what may be done.
const TOLD: [&str; 2] = ["security", "billing"];
/// Roles where no agreement is at hand.
const PLAIN: [&str; 3] = ["contact", "requester", "approver"];

pub(crate) fn routes() -> Vec<Route> {
    let list = vec![Route::get("/clients/{client}/people", Action::ReadPeople, of_client)];
    let acts = [act::routes(), leave::routes(), data::routes(), edit::routes(), own::routes()];
    list.into_iter().chain(acts.into_iter().flatten()).collect()
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
    made: Option<Invitation>,
}

/// A form about a client's list, from somebody who showed lately who they are: these acts are sensitive, and ask again.
struct Asked {
    app: App,
    shell: Shell,
    viewer: Viewer,
    client: ClientId,
    sent: Sent,
}

impl FromRequest<App> for Asked {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Asked, Response> {
        let (mut head, body) = request.into_parts();
        let shell = Shell::from_request_parts(&mut head, app).await.map_err(IntoResponse::into_response)?;
        let viewer = Viewer::from_request_parts(&mut head, app).await.map_err(IntoResponse::into_response)?;
        let client = Path::<ClientId>::from_request_parts(&mut head, app).await;
        let Path(client) = client.map_err(|_| Problem::NotFound.into_response())?;
        if let Some(again) = needed(app, &viewer, &path(&client, &["people"])) {
            return Err(again);
        }
        let sent = Sent::from_request(Request::from_parts(head, body), app).await;
        let sent = sent.map_err(IntoResponse::into_response)?;
        Ok(Asked { app: app.clone(), shell, viewer, client, sent })
    }
}

impl Asked {
    /// The person that the form is about, if they are this client's.
    async fn theirs(&self) -> Result<Person, Problem> {
        theirs(&self.app, &self.client, self.sent.get("person")).await
    }

    /// The list again, with what the form led to.
    async fn show(self, said: Said) -> Result<Response, Problem> {
        show(&self.app, self.shell, &self.viewer, &self.client, said).await
    }

    /// Back to the list with a notice, or the list with why it was not done.
    async fn answer(self, done: Result<(), Refused>, notice: Notice) -> Result<Response, Problem> {
        match done {
            Ok(()) => Ok(back(&self.client, notice)),
            Err(why) => self.show(Said { refused: Some(why), ..Said::default() }).await,
        }
    }
}

/// The person of this id, if they are this client's.
pub(super) async fn theirs(app: &App, client: &ClientId, id: &str) -> Result<Person, Problem> {
    let (of, id) = (client.clone(), id.to_owned());
    let found = app.ask(move |journal| journal.read(|tx| tx.person(&id))).await?;
    found.filter(|person| person.standing.client() == Some(&of)).ok_or(Problem::NotFound)
}

fn back(client: &ClientId, notice: Notice) -> Response {
    Redirect::to(&format!("{}?done={}", path(client, &["people"]), notice.word())).into_response()
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
