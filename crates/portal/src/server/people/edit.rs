//! Somebody's page, for who looks after the list: what they are called, what they may do, and who changed it.

use std::collections::BTreeMap;

use askama::Template;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use control::live::{Control, NotDone, command::By};
use desk::policy::{Action, Resource};
use facts::{ClientId, ContactId};
use journal::{
    Journal,
    people::{DoorEvent, Membership, Person},
};
use serde::Deserialize;
use spans::Instant;

use super::{
    act::note_term,
    leave::{last, primary},
    offered, own, theirs,
};
use crate::{
    people::{self as kept, Refusal},
    server::{
        App, Field, Notice, Problem, Route, Section, Shell, Viewer,
        form::{Refused, Sent},
        moment::{path, stamp},
        page,
        second::needed,
    },
};

/// What is written down of a change of roles, and of a name.
const ROLES_CHANGED: &str = "roles changed";
const NAME_CHANGED: &str = "name changed";
/// What others may read of what is written down about somebody: who changed what. How they come in is theirs alone.
const TOLD: [&str; 9] = [
    ROLES_CHANGED,
    NAME_CHANGED,
    "invited",
    "removed",
    "named again",
    "is to leave",
    "is to stay",
    "shut out",
    "let in again",
];

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/people/{person}", Action::EditPerson, staff),
        Route::post("/people/{person}/name", Action::EditPerson, staff_name),
        Route::post("/people/{person}/roles", Action::EditPerson, staff_roles),
        Route::get("/clients/{client}/people/{person}", Action::EditPerson, contact),
        Route::post("/clients/{client}/people/{person}/name", Action::EditPerson, contact_name),
        Route::post("/clients/{client}/people/{person}/roles", Action::EditPerson, contact_roles),
    ]
}

/// A line of the history.
struct Change {
    at: String,
    what: String,
    detail: String,
    by: String,
}

#[derive(Template)]
#[template(path = "person.html")]
struct PersonPage {
    shell: Shell,
    at: String,
    login: String,
    name: Field,
    roles: Vec<(String, String, bool)>,
    /// Staff only.
    skills: Option<Field>,
    changes: Vec<Change>,
    refused: Option<Refused>,
}

/// Of whom a page is: one of the provider's, or somebody of a client.
#[derive(Debug, Clone, Deserialize)]
struct Of {
    #[serde(default)]
    client: Option<ClientId>,
    person: String,
}

impl Of {
    fn list(&self) -> String {
        self.client.as_ref().map_or_else(|| "/people".to_owned(), |client| path(client, &["people"]))
    }

    fn path(&self) -> String {
        format!("{}/{}", self.list(), crate::server::moment::encode(&self.person))
    }

    /// Who that is, where this person may do it about them.
    async fn find(&self, app: &App, viewer: &Viewer) -> Result<Person, Problem> {
        match &self.client {
            Some(client) => theirs(app, client, &self.person).await,
            None => own::staff_person(app, viewer, Action::EditPerson, &self.person).await,
        }
    }
}

/// Roles that may be given, with what they are for.
fn roles_of(control: &Control, of: &Of, now: Instant) -> journal::Result<Vec<(String, String)>> {
    let Some(client) = &of.client else { return Ok(own::roles(&control.ladder_roles(now)?).collect()) };
    let told = |primary: bool| if primary { "may ask for support and looks after this list" } else { "" };
    let roles = offered(control.read(client, now, |book| book.contact_roles())?);
    Ok(roles.into_iter().map(|role| (role.word, told(role.primary).to_owned())).collect())
}

async fn show(
    app: &App,
    shell: Shell,
    viewer: &Viewer,
    of: Of,
    refused: Option<Refused>,
) -> Result<Response, Problem> {
    let person = of.find(app, viewer).await?;
    let (asked, id) = (of.clone(), person.id.clone());
    let (mut roles, events, names) = app
        .ask_control(move |control, now| {
            let (events, people) =
                control.journal().read(|tx| Ok::<_, journal::Error>((tx.door_events(&id)?, tx.people()?)))?;
            let names: BTreeMap<String, String> = people.into_iter().map(|one| (one.id, one.name)).collect();
            Ok::<_, journal::Error>((roles_of(control, &asked, now)?, events, names))
        })
        .await?;
    // What they have and nobody would give any more is theirs until it is taken.
    for role in &person.roles {
        if roles.iter().all(|(word, _)| word != role) {
            roles.push((role.clone(), String::new()));
        }
    }
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let shell = match &of.client {
        Some(client) => shell.of(client),
        None => shell,
    };
    let skills = Field::text("skills", "Skills")
        .hint("Words of the agreements, commas between them, such as atlassian-dc.")
        .value(&person.skills.join(", "))
        .optional();
    let page = page(&PersonPage {
        shell: shell.titled(&person.name).at(Section::People).below("People", &of.list()),
        at: of.path(),
        name: Field::text("name", "Name").value(&person.name),
        roles: roles.into_iter().map(|(word, told)| (word.clone(), told, person.has_role(&word))).collect(),
        skills: of.client.is_none().then_some(skills),
        changes: events
            .iter()
            .filter(|one| TOLD.contains(&one.event.as_str()))
            .map(|one| change(one, &names))
            .collect(),
        login: person.login,
        refused,
    })?;
    Ok((status, page).into_response())
}

fn change(event: &DoorEvent, names: &BTreeMap<String, String>) -> Change {
    Change {
        at: stamp(event.at),
        what: event.event.clone(),
        detail: event.detail.clone(),
        by: names.get(&event.doer).cloned().unwrap_or_else(|| event.doer.clone()),
    }
}

/// Back to the page with a notice, or the page with why it was not done.
async fn answer(
    (app, shell, viewer): (&App, Shell, &Viewer),
    of: Of,
    done: Result<(), Refused>,
) -> Result<Response, Problem> {
    match done {
        Ok(()) => {
            let to = format!("{}?done={}", of.path(), Notice::Recorded.word());
            Ok(Redirect::to(&to).into_response())
        }
        Err(why) => show(app, shell, viewer, of, Some(why)).await,
    }
}

macro_rules! pages {
    ($($show:ident $name:ident $roles:ident;)+) => { $(
        async fn $show(
            State(app): State<App>,
            shell: Shell,
            viewer: Viewer,
            Path(of): Path<Of>,
        ) -> Result<Response, Problem> {
            show(&app, shell, &viewer, of, None).await
        }

        async fn $name(
            State(app): State<App>,
            shell: Shell,
            viewer: Viewer,
            Path(of): Path<Of>,
            sent: Sent,
        ) -> Result<Response, Problem> {
            if let Some(again) = needed(&app, &viewer, &of.path()) {
                return Ok(again);
            }
            let person = of.find(&app, &viewer).await?;
            let done = rename(&app, &viewer, &person, sent.get("name")).await?;
            answer((&app, shell, &viewer), of, done.map_err(|why| Refused::because(&why.to_string()))).await
        }

        async fn $roles(
            State(app): State<App>,
            shell: Shell,
            viewer: Viewer,
            Path(of): Path<Of>,
            sent: Sent,
        ) -> Result<Response, Problem> {
            if let Some(again) = needed(&app, &viewer, &of.path()) {
                return Ok(again);
            }
            let person = of.find(&app, &viewer).await?;
            let roles: Vec<String> = sent.all("role").map(str::to_owned).collect();
            let done = match &of.client {
                Some(client) => set_contact_roles(&app, &viewer, client, person, roles).await?,
                None => {
                    let skills = own::words(sent.get("skills"));
                    set_staff_roles(&app, &viewer, person, roles, Some(skills)).await?
                }
            };
            answer((&app, shell, &viewer), of, done).await
        }
    )+ };
}

pages! {
    staff staff_name staff_roles;
    contact contact_name contact_roles;
}

/// Calls somebody something else: facts name them by an id, and are read with the name of today.
pub(crate) async fn rename(
    app: &App,
    viewer: &Viewer,
    person: &Person,
    name: &str,
) -> Result<Result<(), Refusal>, Problem> {
    let (name, before, id) = (name.trim().to_owned(), person.name.clone(), person.id.clone());
    if person.erased.is_some() {
        return Err(Problem::NotFound);
    }
    let detail = format!("{before} → {name}");
    let work = move |control: &Control, _| {
        let done = kept::rename(control.journal(), &id, &name);
        control.people_changed()?;
        match done {
            Err(Refusal::Journal(error)) => Err(Problem::from(error)),
            other => Ok(other),
        }
    };
    let done = app.ask_control(work).await?;
    if done.is_ok() {
        noted(app, viewer, person, NAME_CHANGED, detail).await?;
    }
    Ok(done)
}

async fn noted(
    app: &App,
    viewer: &Viewer,
    person: &Person,
    event: &'static str,
    detail: String,
) -> Result<(), Problem> {
    tracing::info!(person = %person.id, by = %viewer.person.id, event, "person.changed");
    app.note(&person.id, event, Some(&viewer.person.id), detail).await
}

/// `contact → contact, approver`.
fn changed(before: &[String], after: &[String]) -> String {
    let words = |all: &[String]| if all.is_empty() { "none".to_owned() } else { all.join(", ") };
    format!("{} → {}", words(before), words(after))
}

/// Says what one of the provider's people may do, from their next request on, and their skills where any are said. The last
/// administrator stays one.
pub(crate) async fn set_staff_roles(
    app: &App,
    viewer: &Viewer,
    person: Person,
    roles: Vec<String>,
    skills: Option<Vec<String>>,
) -> Result<Result<(), Refused>, Problem> {
    own::raises(viewer, Action::EditPerson, &roles)?;
    let ladders = app.ask_control(|control, now| control.ladder_roles(now)).await?;
    let known: Vec<String> = own::roles(&ladders).map(|(role, _)| role).collect();
    if let Some(other) = roles.iter().find(|role| !known.contains(role) && !person.has_role(role)) {
        return Ok(Err(Refused::because(&format!(
            "`{other}` is no role of ours: choose of those that are offered."
        ))));
    }
    let mut detail = changed(&person.roles, &roles);
    if let Some(skills) = skills.as_ref().filter(|skills| **skills != person.skills) {
        detail.push_str(&format!("; skills {}", changed(&person.skills, skills)));
    }
    let login = person.login.clone();
    let work = move |journal: &Journal| {
        Ok::<_, Problem>(kept::set_roles(journal, &login, &roles, skills.as_deref()))
    };
    match app.ask(work).await? {
        Ok(_) => noted(app, viewer, &person, ROLES_CHANGED, detail).await.map(Ok),
        Err(Refusal::Journal(error)) => Err(error.into()),
        Err(refusal) => Ok(Err(Refused::because(&refusal.to_string()))),
    }
}

/// Says what somebody of a client may do, from their next request on. The last who may ask for support stays one of those
/// (MP-CLI-04, SH-DEF-12); where the agreement gives new contacts a notice, who becomes one is put into effect by the provider
/// (SH-REQ-06, A-31).
pub(crate) async fn set_contact_roles(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    person: Person,
    roles: Vec<String>,
) -> Result<Result<(), Refused>, Problem> {
    if person.disabled.is_some() {
        return Ok(Err(Refused::because("They were removed: name them again first.")));
    }
    let detail = changed(&person.roles, &roles);
    let (of, whom, staff, by) = (client.clone(), person.clone(), viewer.is_staff(), By::new(viewer.actor()));
    let work = move |control: &Control, now| contact_may(control, (&of, &whom), &roles, (staff, by), now);
    let done = app.ask_control(work).await?;
    if done.is_ok() {
        noted(app, viewer, &person, ROLES_CHANGED, detail).await?;
    }
    Ok(done)
}

fn contact_may(
    control: &Control,
    (client, person): (&ClientId, &Person),
    roles: &[String],
    (staff, by): (bool, By),
    now: Instant,
) -> Result<Result<(), Refused>, Problem> {
    let offered = offered(control.read(client, now, |book| book.contact_roles())?);
    let known = |role: &String| offered.iter().any(|known| known.word == *role) || person.has_role(role);
    if roles.is_empty() || !roles.iter().all(known) {
        return Ok(Err(Refused::because(&Refusal::Roles.to_string())));
    }
    let primary = primary(&offered);
    let asks = |roles: &[String]| roles.iter().any(|role| primary.contains(role));
    if asks(roles) && !asks(&person.roles) && person.membership(now) != Membership::Announced {
        match becomes_contact(control, (client, person), roles, (staff, by), now)? {
            Ok(()) => {}
            Err(refused) => return Ok(Err(refused)),
        }
    }
    match kept::set_contact_roles(control.journal(), client, person, (roles, &primary), now) {
        Ok(()) => Ok(Ok(())),
        Err(Refusal::LastContact(why)) => Ok(Err(last(&offered, &why))),
        Err(refusal) => Err(refusal.into()),
    }
}

/// Puts on record that somebody who could not ask for support now may, which takes the agreement's notice or the provider.
fn becomes_contact(
    control: &Control,
    (client, person): (&ClientId, &Person),
    roles: &[String],
    (staff, by): (bool, By),
    now: Instant,
) -> Result<Result<(), Refused>, Problem> {
    let notice = control.read(client, now, |book| book.contact_notice())?.unwrap_or_default();
    if notice.is_empty() {
        return Ok(Ok(()));
    }
    if !staff {
        let why = "A new contact counts after the agreement's notice: ask the provider, who may put it into effect sooner, or remove them \
                   and name them again with this role.";
        return Ok(Err(Refused { clauses: notice, ..Refused::because(why) }));
    }
    let contact: ContactId = person.id.parse().map_err(|_| Problem::NotFound)?;
    let named = Refused::or(control.name_contact(client, &contact, roles.to_vec(), by.clone(), now));
    match named.map_err(Problem::from)? {
        Ok(_) => {
            match control.apply_contact(client, &contact, by, now) {
                Ok(_) | Err(NotDone::OutOfOrder { .. }) => {}
                Err(other) => return Err(other.into()),
            }
            note_term(control, client, &contact, now)?;
            Ok(Ok(()))
        }
        Err(refused) => Ok(Err(refused)),
    }
}

/// For who renames oneself: on the account page, without showing again who one is.
pub(crate) async fn rename_oneself(
    app: &App,
    viewer: &Viewer,
    name: &str,
) -> Result<Result<(), Refusal>, Problem> {
    viewer.require(Action::EditOwn, &Resource::Account)?;
    rename(app, viewer, &viewer.person, name).await
}
