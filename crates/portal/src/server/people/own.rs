//! The provider's own people: who looks after what, with which factors, seen when; and the way to every client's list.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::Control;
use desk::policy::{Action, Resource};
use facts::ClientId;
use journal::{Journal, people::Person};
use spans::Instant;

use super::{Door, Line, data::erase_all};
use crate::{
    people::{self as kept, Invitation, NewPerson, Refusal, Whom},
    server::{
        ADMINISTRATOR, App, Field, Notice, Problem, Route, Section, Shell, Viewer,
        form::{Refused, Sent},
        moment::{minute, path},
        page,
        second::needed,
    },
};

/// Roles of staff, with what they are for.
const ROLES: [(&str, &str); 6] = [
    ("support", "answers requests"),
    ("engineer", "answers requests, with the skills below"),
    ("manager", "decides appeals and credits"),
    ("csm", "looks after clients"),
    ("account-executive", "is asked last"),
    (ADMINISTRATOR, "looks after the portal and its people"),
];
const HERE: &str = "/people";
/// What is written down of who may no longer come in, and of who may again.
const SHUT_OUT: &str = "shut out";
const LET_IN: &str = "let in again";

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get(HERE, Action::ReadPeople, list),
        Route::post(HERE, Action::InvitePerson, invite),
        Route::post("/people/secret", Action::InvitePerson, secret),
        Route::post("/people/disable", Action::RemovePerson, disable),
        Route::post("/people/enable", Action::EditPerson, enable),
        Route::post("/people/reset", Action::ResetPerson, reset),
        Route::post("/people/sessions", Action::ResetPerson, end_sessions),
        Route::post("/people/erase", Action::ErasePerson, erase),
    ]
}

#[derive(Template)]
#[template(path = "staff.html")]
struct StaffPage {
    shell: Shell,
    lines: Vec<Line>,
    clients: Vec<(String, String, usize)>,
    roles: Vec<(String, String, bool)>,
    login: Field,
    name: Field,
    skills: Field,
    manages: bool,
    resets: bool,
    erases: bool,
    own: String,
    /// Who is more than the reader: nothing is done about them here.
    above: BTreeSet<String>,
    refused: Option<Refused>,
    made: Option<(String, String, String)>,
}

impl StaffPage {
    fn when(&self, at: &Instant) -> String {
        minute(*at)
    }
}

#[derive(Default)]
struct Said {
    sent: Sent,
    refused: Option<Refused>,
    made: Option<Invitation>,
}

async fn list(State(app): State<App>, shell: Shell, viewer: Viewer) -> Result<Response, Problem> {
    show(&app, shell, &viewer, Said::default()).await
}

async fn show(app: &App, shell: Shell, viewer: &Viewer, said: Said) -> Result<Response, Problem> {
    let now = app.now();
    let read = move |journal: &Journal| {
        journal.read(|tx| {
            let (staff, others): (Vec<Person>, Vec<Person>) =
                tx.people()?.into_iter().partition(|person| person.standing.client().is_none());
            let with = staff.into_iter().map(|person| {
                let door = Door::of(tx, &person, now)?;
                Ok((person, door))
            });
            Ok((with.collect::<journal::Result<Vec<_>>>()?, others))
        })
    };
    let (staff, others) = app.ask::<_, journal::Error>(read).await?;
    let (known, ladders) = app
        .ask_control(|control, now| {
            Ok::<_, journal::Error>((control.known_clients()?, control.ladder_roles(now)?))
        })
        .await?;
    let count = |client: &ClientId| {
        others.iter().filter(|p| p.standing.client() == Some(client) && p.disabled.is_none()).count()
    };
    let clients = known.iter().map(|c| (shell.name_of(c), path(c, &["people"]), count(c))).collect();
    let ticked = |role: &str| said.sent.all("role").any(|word| word == role);
    let status = if said.refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let is_above = |person: &Person| raises(viewer, Action::EditPerson, &person.roles).is_err();
    let above = staff.iter().map(|(person, _)| person).filter(|person| is_above(person));
    let page = page(&StaffPage {
        above: above.map(|person| person.id.clone()).collect(),
        shell: shell.titled("People").at(Section::People),
        lines: staff.into_iter().map(|found| super::line(found, &[], now)).collect(),
        clients,
        roles: roles(&ladders).map(|(role, told)| (role.clone(), told, ticked(&role))).collect(),
        login: Field::text("login", "Login").value(said.sent.get("login")),
        name: Field::text("name", "Name").value(said.sent.get("name")),
        skills: Field::text("skills", "Skills")
            .hint("Words of the agreements, commas between them, such as atlassian-dc.")
            .value(said.sent.get("skills"))
            .optional(),
        manages: viewer.may(Action::InvitePerson, &Resource::Provider),
        resets: viewer.may(Action::ResetPerson, &Resource::Provider),
        erases: viewer.may(Action::ErasePerson, &Resource::Provider),
        own: viewer.person.id.clone(),
        refused: said.refused,
        made: said.made.map(|made| (made.login, made.secret, minute(made.ends))),
    })?;
    Ok((status, page).into_response())
}

/// What staff can be: roles of ours, and those that an agreement calls at a level of its ladder (MP-ESC-03).
pub(super) fn roles(ladders: &BTreeMap<String, (u32, String)>) -> impl Iterator<Item = (String, String)> {
    let ours = ROLES.map(|(role, told)| (role.to_owned(), told.to_owned()));
    let is_ours = |role: &str| ROLES.iter().any(|(ours, _)| *ours == role);
    let called = ladders.iter().filter(move |(role, _)| !is_ours(role));
    let called =
        called.map(|(role, (level, who))| (role.clone(), format!("is called at level {level}: {who}")));
    ours.into_iter().chain(called)
}

fn back(notice: Notice) -> Response {
    Redirect::to(&format!("{HERE}?done={}", notice.word())).into_response()
}

async fn answer(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    sent: Sent,
    made: Result<Invitation, Refusal>,
) -> Result<Response, Problem> {
    let said = match made {
        Ok(made) => Said { made: Some(made), ..Said::default() },
        Err(Refusal::Journal(error)) => return Err(error.into()),
        Err(refusal) => {
            let refused = Some(Refused::because(&refusal.to_string()));
            Said { sent, refused, ..Said::default() }
        }
    };
    show(app, shell, viewer, said).await
}

async fn invite(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let ladders = app.ask_control(|control, now| control.ladder_roles(now)).await?;
    let new = NewPerson {
        login: sent.get("login").to_owned(),
        name: sent.get("name").to_owned(),
        client: None,
        roles: roles(&ladders)
            .map(|(role, _)| role)
            .filter(|role| sent.all("role").any(|r| r == role))
            .collect(),
        skills: words(sent.get("skills")),
    };
    let made = match add_staff(&app, &viewer, new).await? {
        Ok(person) => {
            let invite = move |control: &Control, now| {
                Ok::<_, Problem>(kept::invite(control.journal(), &person.login, now))
            };
            app.ask_control(invite).await?
        }
        Err(refusal) => Err(refusal),
    };
    answer(&app, shell, &viewer, sent, made).await
}

/// Words with commas between them.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Adds somebody of staff, who has no way in yet.
pub(crate) async fn add_staff(
    app: &App,
    viewer: &Viewer,
    new: NewPerson,
) -> Result<Result<Person, Refusal>, Problem> {
    raises(viewer, Action::InvitePerson, &new.roles)?;
    let work = move |control: &Control, now| {
        let known: Vec<String> = roles(&control.ladder_roles(now)?).map(|(role, _)| role).collect();
        if !new.roles.iter().all(|role| known.contains(role)) {
            return Ok(Err(Refusal::Roles));
        }
        let made = kept::add(control.journal(), &new, now);
        control.people_changed()?;
        match made {
            Err(Refusal::Journal(error)) => Err(Problem::from(error)),
            made => Ok(made),
        }
    };
    app.ask_control(work).await
}

/// Somebody of staff, by their id, where this may be done about them.
pub(crate) async fn staff_person(
    app: &App,
    viewer: &Viewer,
    action: Action,
    id: &str,
) -> Result<Person, Problem> {
    let id = id.to_owned();
    let found = app.ask(move |journal| journal.read(|tx| tx.person(&id))).await?;
    let person = found.filter(|person| person.standing.client().is_none()).ok_or(Problem::NotFound)?;
    raises(viewer, action, &person.roles).map(|()| person)
}

/// Nobody makes themselves more than they are by way of another (ASVS 8.2.1).
pub(super) fn raises(viewer: &Viewer, action: Action, roles: &[String]) -> Result<(), Problem> {
    let administrator = roles.iter().any(|role| role == ADMINISTRATOR);
    viewer.require(action, &Resource::Person { client: None, administrator })
}

async fn secret(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let person = staff_person(&app, &viewer, Action::InvitePerson, sent.get("person")).await?;
    let whom = match viewer.may(Action::ResetPerson, &Resource::Provider) {
        true => Whom::Anybody,
        false => Whom::Newcomers,
    };
    let made = app.ask_control(move |control, now| {
        Ok::<_, Problem>(kept::invite_whom(control.journal(), &person.login, whom, now))
    });
    let made = made.await?;
    if made.is_ok() {
        app.note(sent.get("person"), "invited", Some(&viewer.person.id), String::new()).await?;
    }
    answer(&app, shell, &viewer, sent, made).await
}

/// Something an administrator does about one of staff, written down.
async fn deed(
    (app, shell, viewer): (&App, Shell, &Viewer),
    sent: Sent,
    (action, event, notice): (Action, &'static str, Notice),
    work: impl FnOnce(&Journal, &str, Instant) -> Result<Person, Refusal> + Send + 'static,
) -> Result<Response, Problem> {
    if let Some(again) = needed(app, viewer, HERE) {
        return Ok(again);
    }
    let person = staff_person(app, viewer, action, sent.get("person")).await?;
    match about(app, viewer, person, event, work).await? {
        Ok(()) => Ok(back(notice)),
        Err(refusal) => {
            let refused = Some(Refused::because(&refusal.to_string()));
            show(app, shell, viewer, Said { sent, refused, ..Said::default() }).await
        }
    }
}

/// The same for pages and programs.
async fn about(
    app: &App,
    viewer: &Viewer,
    person: Person,
    event: &'static str,
    work: impl FnOnce(&Journal, &str, Instant) -> Result<Person, Refusal> + Send + 'static,
) -> Result<Result<(), Refusal>, Problem> {
    let (id, login) = (person.id, person.login);
    let done = app.ask_control(move |control, now| Ok::<_, Problem>(work(control.journal(), &login, now)));
    match done.await? {
        Ok(_) => {
            tracing::info!(person = %id, by = %viewer.person.id, event, "person.changed");
            app.note(&id, event, Some(&viewer.person.id), String::new()).await.map(Ok)
        }
        Err(Refusal::Journal(error)) => Err(error.into()),
        Err(refusal) => Ok(Err(refusal)),
    }
}

/// Keeps one of staff out from now on.
pub(crate) async fn shut_out(
    app: &App,
    viewer: &Viewer,
    person: Person,
) -> Result<Result<(), Refusal>, Problem> {
    about(app, viewer, person, SHUT_OUT, kept::disable).await
}

/// Lets one of staff in again.
pub(crate) async fn let_in(
    app: &App,
    viewer: &Viewer,
    person: Person,
) -> Result<Result<(), Refusal>, Problem> {
    about(app, viewer, person, LET_IN, |journal, login, _| kept::enable(journal, login)).await
}

async fn disable(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let event = (Action::RemovePerson, SHUT_OUT, Notice::Removed);
    deed((&app, shell, &viewer), sent, event, kept::disable).await
}

async fn enable(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let work = |journal: &Journal, login: &str, _| kept::enable(journal, login);
    let event = (Action::EditPerson, LET_IN, Notice::Recorded);
    deed((&app, shell, &viewer), sent, event, work).await
}

/// Whoever may give somebody another way in may end what came in by the old one: browsers have to sign in again.
async fn end_sessions(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let event = (Action::ResetPerson, "sessions ended", Notice::SessionEnded);
    let work = |journal: &Journal, login: &str, _| kept::end_sessions(journal, login);
    deed((&app, shell, &viewer), sent, event, work).await
}

async fn reset(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    sent: Sent,
) -> Result<Response, Problem> {
    let event = (Action::ResetPerson, "second factors taken away", Notice::FactorRemoved);
    deed((&app, shell, &viewer), sent, event, kept::take_factors).await
}

/// Takes away who somebody of staff was and what they wrote, once they are shut out (GDPR, article 17).
async fn erase(State(app): State<App>, viewer: Viewer, sent: Sent) -> Result<Response, Problem> {
    if let Some(again) = needed(&app, &viewer, HERE) {
        return Ok(again);
    }
    let person = staff_person(&app, &viewer, Action::ErasePerson, sent.get("person")).await?;
    if person.disabled.is_none() {
        return Ok(Redirect::to(HERE).into_response());
    }
    let id = person.id.clone();
    app.ask_control(move |control, now| erase_all(control, &person, now)).await?;
    tracing::info!(person = %id, by = %viewer.person.id, "person.erased");
    app.note(&id, "erased", Some(&viewer.person.id), String::new()).await?;
    Ok(back(Notice::Erased))
}
