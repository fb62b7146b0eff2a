//! The provider's own people, for programs: who they are, what they may do, and what is done about that: the same as on their page.
//! Secrets that open a door and second factors are not handled here: a person does that, signed in.

use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use desk::policy::{Action, Resource};
use journal::people::Person;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::Known,
    head::Write,
    operation::Operation,
    page::{Asking, LIMIT_MAX, list, wrong},
    person::{NewName, Removal, misfit, or_refused, shown_lately},
    request::Nothing,
    shape::At,
};
use crate::{
    people::{NewPerson, Refusal},
    server::{App, Problem, Route, Viewer, people},
};

const TAG: &str = "People";

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<Staff>(
        TAG,
        "list_staff",
        "The provider's own people, by login, with who was shut out.",
    );
    let add = Operation::act::<NewStaffPerson, StaffPerson>(
        TAG,
        "add_staff",
        "Adds somebody of the provider's; a secret for their door is made on the page.",
    );
    let roles = Operation::act::<StaffRoles, StaffPerson>(
        TAG,
        "set_staff_roles",
        "What one of the provider's people may do, from their next request on; the last administrator stays one.",
    );
    let name = Operation::act::<NewName, StaffPerson>(
        TAG,
        "rename_staff",
        "What one of the provider's people is called.",
    );
    let disable = Operation::act::<Removal, StaffPerson>(
        TAG,
        "shut_out_staff",
        "Keeps one of the provider's people out at once: sessions and tokens end.",
    );
    let enable = Operation::act::<Nothing, StaffPerson>(
        TAG,
        "let_in_staff",
        "Lets one of the provider's people in again.",
    );
    vec![
        Route::get("/api/v1/people", Action::ReadPeople, list_staff).told(list.paged(LIMIT_MAX)),
        Route::post("/api/v1/people", Action::InvitePerson, add_staff).told(add.creates()),
        Route::post("/api/v1/people/{person}/roles", Action::EditPerson, set_roles).told(roles),
        Route::post("/api/v1/people/{person}/name", Action::EditPerson, rename).told(name),
        Route::post("/api/v1/people/{person}/disable", Action::RemovePerson, disable_person).told(disable),
        Route::post("/api/v1/people/{person}/enable", Action::EditPerson, enable_person).told(enable),
    ]
}

/// One of the provider's people.
#[derive(Serialize, ToSchema)]
pub(crate) struct StaffPerson {
    /// An id that says nothing, as facts name them.
    id: String,
    login: String,
    name: String,
    roles: Vec<String>,
    /// In the agreements' words.
    skills: Vec<String>,
    /// Since when they may no longer come in.
    disabled_at: Option<At>,
    /// When they were last signed in, to the minute; for who looks after the list.
    seen_at: Option<At>,
}

list! {
    /// The provider's people.
    Staff of StaffPerson
}

impl StaffPerson {
    fn of(person: Person, manages: bool) -> StaffPerson {
        StaffPerson {
            disabled_at: person.disabled.map(At::from),
            seen_at: person.seen.filter(|_| manages).map(At::from),
            id: person.id,
            login: person.login,
            name: person.name,
            roles: person.roles,
            skills: person.skills,
        }
    }
}

async fn list_staff(
    State(app): State<App>,
    viewer: Viewer,
    known: Known,
    asking: Asking,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    let manages = viewer.may(Action::InvitePerson, &Resource::Provider);
    let mut all = app.ask(|journal| journal.read(|tx| tx.staff())).await?;
    all.sort_by(|a, b| a.login.cmp(&b.login));
    let (items, next) = asking.cut(all, |person: &Person| person.login.clone(), LIMIT_MAX)?;
    known.answer(&Staff {
        items: items.into_iter().map(|person| StaffPerson::of(person, manages)).collect(),
        next,
    })
}

/// Somebody of the provider's who is to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewStaffPerson {
    /// What they will type: letters, digits and `. _ - + @`.
    login: String,
    name: String,
    /// Of the provider's roles, and those that an agreement's ladder calls.
    #[serde(default)]
    #[schema(required = false)]
    roles: Vec<String>,
    /// In the agreements' words.
    #[serde(default)]
    #[schema(required = false)]
    skills: Vec<String>,
}

/// What somebody may do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StaffRoles {
    /// All of them: what is not said is taken.
    roles: Vec<String>,
    /// All of them; absent: as they are.
    #[serde(default)]
    skills: Option<Vec<String>>,
}

async fn add_staff(
    Write { app, viewer, place: (), sent }: Write<(), NewStaffPerson>,
) -> Result<Response, Problem> {
    shown_lately(&app, &viewer)?;
    let NewStaffPerson { login, name, roles, skills } = sent.body;
    let new = NewPerson { login, name, client: None, roles, skills };
    let added = people::add_staff(&app, &viewer, new).await?.map_err(|refusal| misfit(&refusal))?;
    Ok((StatusCode::CREATED, Json(StaffPerson::of(added, true))).into_response())
}

/// The person as they stand afterwards, for who may do something about them.
async fn stands(app: &App, id: &str) -> Result<Json<StaffPerson>, Problem> {
    let id = id.to_owned();
    let found = app.ask(move |journal| journal.read(|tx| tx.person(&id))).await?;
    found.map(|person| Json(StaffPerson::of(person, true))).ok_or(Problem::NotFound)
}

fn refused(refusal: &Refusal) -> Problem {
    Problem::Refused { why: format!("{refusal}."), clauses: Vec::new(), may_be_confirmed: false }
}

macro_rules! about_staff {
    ($($name:ident $Body:ty: |$app:ident, $viewer:ident, $id:ident, $body:ident| $done:expr;)+) => { $(
        async fn $name(
            Write { app: $app, viewer: $viewer, place: $id, sent }: Write<String, $Body>,
        ) -> Result<Json<StaffPerson>, Problem> {
            shown_lately(&$app, &$viewer)?;
            let $body = sent.body;
            $done;
            stands(&$app, &$id).await
        }
    )+ };
}

about_staff! {
    set_roles StaffRoles: |app, viewer, id, body| {
        let person = people::staff_person(&app, &viewer, Action::EditPerson, &id).await?;
        or_refused(people::set_staff_roles(&app, &viewer, person, body.roles, body.skills).await?)?;
    };
    rename NewName: |app, viewer, id, body| {
        let person = people::staff_person(&app, &viewer, Action::EditPerson, &id).await?;
        people::rename(&app, &viewer, &person, &body.name).await?.map_err(|refusal| misfit(&refusal))?;
    };
    disable_person Removal: |app, viewer, id, body| {
        let person = people::staff_person(&app, &viewer, Action::RemovePerson, &id).await?;
        if body.login.trim().to_lowercase() != person.login {
            return Err(wrong("login", "it is not theirs: read the list again."));
        }
        people::shut_out(&app, &viewer, person).await?.map_err(|refusal| refused(&refusal))?;
    };
    enable_person Nothing: |app, viewer, id, _body| {
        let person = people::staff_person(&app, &viewer, Action::EditPerson, &id).await?;
        people::let_in(&app, &viewer, person).await?.map_err(|refusal| refused(&refusal))?;
    };
}
