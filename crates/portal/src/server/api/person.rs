//! The people of a client: who may come in, from when they count, and what is done about that: the same as on their page. Secrets that
//! open a door are not made here: a person does that, signed in.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use desk::policy::{Action, Resource};
use facts::ClientId;
use journal::people::{Membership, Person};
use serde::{Deserialize, Serialize};
use spans::Instant;
use utoipa::ToSchema;

use super::{
    answer::Known,
    head::Write,
    operation::Operation,
    page::{Asking, LIMIT_MAX, list, wrong},
    request::Nothing,
    shape::At,
};
use crate::{
    people::Refusal,
    server::{
        App, By, Problem, Route, Viewer,
        form::Refused,
        people::{self, Newcomer, theirs},
        second::needed,
    },
};

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<People>(
        "People",
        "list_people",
        "Who a client named, by login: from when they count, and who may no longer come in.",
    );
    let one = |id: &'static str, summary: &'static str| {
        Operation::act::<Nothing, PersonLine>("People", id, summary)
    };
    let name = Operation::act::<NewPerson, PersonLine>(
        "People",
        "name_person",
        "Names somebody, who counts when the agreement's notice is over; a secret for their door is made on the page.",
    );
    let leave = Operation::act::<Leave, PersonLine>(
        "People",
        "leave_person",
        "Says from when somebody does not count any more, or that they stay.",
    );
    let review = Operation::act::<Look, Looked>(
        "People",
        "review_people",
        "Somebody looked through the list: all who are on it belong there.",
    );
    let again = one("name_person_again", "Names somebody again who was removed, with a new notice.");
    let apply =
        one("apply_person", "Puts an addition into effect before its notice is over; the provider's to do.");
    let remove = Operation::act::<Removal, PersonLine>(
        "People",
        "remove_person",
        "Removes somebody at once; the last who may ask for support stays.",
    );
    let roles = Operation::act::<Roles, PersonLine>(
        "People",
        "set_person_roles",
        "What somebody may do, from their next request on. The last who may ask for support stays one of those; who becomes one is put \
         into effect by the provider.",
    );
    let rename = Operation::act::<NewName, PersonLine>("People", "rename_person", "What somebody is called.");
    let own = Operation::act::<NewName, Called>("You", "rename_me", "What you are called.");
    vec![
        Route::post("/api/v1/me/name", Action::EditOwn, rename_me).told(own),
        Route::post("/api/v1/clients/{client}/people/{person}/roles", Action::EditPerson, set_roles)
            .told(roles),
        Route::post("/api/v1/clients/{client}/people/{person}/name", Action::EditPerson, rename_person)
            .told(rename),
        Route::get("/api/v1/clients/{client}/people", Action::ReadPeople, list_people)
            .told(list.paged(LIMIT_MAX)),
        Route::post("/api/v1/clients/{client}/people", Action::InvitePerson, name_person)
            .told(name.creates()),
        Route::post("/api/v1/clients/{client}/people/review", Action::ReviewAccess, review_people)
            .told(review),
        Route::post("/api/v1/clients/{client}/people/{person}/again", Action::InvitePerson, name_again)
            .told(again),
        Route::post("/api/v1/clients/{client}/people/{person}/apply", Action::EditPerson, apply_person)
            .told(apply),
        Route::post("/api/v1/clients/{client}/people/{person}/leave", Action::RemovePerson, leave_person)
            .told(leave),
        Route::post("/api/v1/clients/{client}/people/{person}/remove", Action::RemovePerson, remove_person)
            .told(remove),
    ]
}

/// Somebody whom a client named.
#[derive(Serialize, ToSchema)]
#[schema(as = Person)]
pub(crate) struct PersonLine {
    /// An id that says nothing, as facts name them.
    id: String,
    login: String,
    name: String,
    roles: Vec<String>,
    /// `announced` while the agreement's notice runs, `effective`, `leaving`, or `disabled`.
    stands: &'static str,
    /// From when they count, where there was a notice (SH-REQ-06).
    effective_at: Option<At>,
    /// Since when they may no longer come in.
    disabled_at: Option<At>,
    /// When they were last signed in, to the minute; for who looks after the list.
    seen_at: Option<At>,
    /// When somebody last confirmed that they belong here.
    reviewed_at: Option<At>,
}

list! {
    /// People.
    People of PersonLine
}

impl PersonLine {
    fn of(person: Person, manages: bool, now: Instant) -> PersonLine {
        let stands = match person.membership(now) {
            Membership::Announced => "announced",
            Membership::Effective => "effective",
            Membership::Leaving => "leaving",
            Membership::Disabled => "disabled",
        };
        PersonLine {
            stands,
            effective_at: person.effective.map(At::from),
            disabled_at: person.disabled.map(At::from),
            seen_at: person.seen.filter(|_| manages).map(At::from),
            reviewed_at: person.reviewed.map(At::from),
            id: person.id,
            login: person.login,
            name: person.name,
            roles: person.roles,
        }
    }
}

async fn list_people(
    State(app): State<App>,
    viewer: Viewer,
    known: Known,
    asking: Asking,
    Path(client): Path<ClientId>,
) -> Result<Response, Problem> {
    asking.knows(&["limit", "cursor"])?;
    app.book(&client, |_, _| ()).await?;
    let manages = viewer.may(Action::InvitePerson, &Resource::Client(&client));
    let now = app.now();
    let all = app.ask(move |journal| journal.read(|tx| tx.people_of(&client))).await?;
    let (items, next) = asking.cut(all, |person: &Person| person.login.clone(), LIMIT_MAX)?;
    known.answer(&People {
        items: items.into_iter().map(|person| PersonLine::of(person, manages, now)).collect(),
        next,
    })
}

/// Whom an address names.
#[derive(Deserialize)]
struct Of {
    client: ClientId,
    person: String,
}

/// Somebody who is to be named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPerson)]
pub(crate) struct NewPerson {
    /// What they will type: letters, digits and `. _ - + @`.
    login: String,
    name: String,
    /// Of the roles that the agreement has, one at least; `security` and `billing` beside them.
    roles: Vec<String>,
}

/// What somebody may do.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PersonRoles)]
pub(crate) struct Roles {
    /// All of them, one at least: what is not said is taken.
    roles: Vec<String>,
}

/// What somebody is to be called.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewName {
    pub(super) name: String,
}

/// What somebody is called.
#[derive(Serialize, ToSchema)]
pub(crate) struct Called {
    name: String,
}

/// When somebody is to leave.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Leave {
    /// From when they do not count; absent: they stay.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Option<Instant>,
}

/// Who is removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Removal {
    /// Their login: what is done at once and ends sessions and tokens is not done by an id alone.
    pub(super) login: String,
}

/// A look through the list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Look {
    /// The ids of all who belong here: everybody who is on the list and was not removed.
    belongs: Vec<String>,
}

/// A look through the list, on record.
#[derive(Serialize, ToSchema)]
pub(crate) struct Looked {
    reviewed_at: At,
}

/// What is sensitive asks a person again who they are; a token is bound otherwise, by its scope and its end.
pub(super) fn shown_lately(app: &App, viewer: &Viewer) -> Result<(), Problem> {
    let is_token = matches!(viewer.by, By::Token(_));
    if is_token || needed(app, viewer, "/").is_none() {
        return Ok(());
    }
    Err(Problem::forbidden("Show again who you are: open /step-up in this browser, and send it again."))
}

pub(super) fn or_refused<T>(done: Result<T, Refused>) -> Result<T, Problem> {
    done.map_err(|why| Problem::Refused {
        why: why.reason,
        clauses: why.clauses,
        may_be_confirmed: why.confirm,
    })
}

/// The person as they stand afterwards.
async fn stands(app: &App, viewer: &Viewer, client: &ClientId, id: &str) -> Result<PersonLine, Problem> {
    let manages = viewer.may(Action::InvitePerson, &Resource::Client(client));
    Ok(PersonLine::of(theirs(app, client, id).await?, manages, app.now()))
}

async fn name_person(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewPerson>,
) -> Result<Response, Problem> {
    shown_lately(&app, &viewer)?;
    let NewPerson { login, name, roles } = sent.body;
    app.book(&client, |_, _| ()).await?;
    let person = match people::name(&app, &viewer, &client, Newcomer { login, name, roles }).await? {
        Ok(person) => person,
        Err(refusal) => return Err(misfit(&refusal)),
    };
    let line = stands(&app, &viewer, &client, &person.id).await?;
    Ok((StatusCode::CREATED, Json(line)).into_response())
}

/// Why somebody could not be added, at the field it is about.
pub(super) fn misfit(refusal: &Refusal) -> Problem {
    let field = match refusal {
        Refusal::Name => "name",
        Refusal::Roles => "roles",
        _ => "login",
    };
    wrong(field, &format!("{refusal}."))
}

macro_rules! about_somebody {
    ($($name:ident $Body:ty: |$app:ident, $viewer:ident, $client:ident, $person:ident, $body:ident| $done:expr;)+) => { $(
        async fn $name(
            Write { app: $app, viewer: $viewer, place: of, sent }: Write<Of, $Body>,
        ) -> Result<Json<PersonLine>, Problem> {
            shown_lately(&$app, &$viewer)?;
            let ($client, $body) = (&of.client, sent.body);
            let $person = theirs(&$app, $client, &of.person).await?;
            $done;
            stands(&$app, &$viewer, $client, &of.person).await.map(Json)
        }
    )+ };
}
about_somebody! {
    name_again Nothing: |app, viewer, client, person, _body| if person.disabled.is_some() && person.erased.is_none() {
        or_refused(people::name_again(&app, &viewer, client, person).await?)?;
    };
    apply_person Nothing: |app, viewer, client, person, _body|
        or_refused(people::apply_now(&app, &viewer, client, &person).await?)?;
    remove_person Removal: |app, viewer, client, person, body| {
        if body.login.trim().to_lowercase() != person.login {
            return Err(wrong("login", "it is not theirs: read the list again."));
        }
        if person.disabled.is_none() {
            or_refused(people::remove_now(&app, &viewer, client, person).await?)?;
        }
    };
    set_roles Roles: |app, viewer, client, person, body|
        or_refused(people::set_contact_roles(&app, &viewer, client, person, body.roles).await?)?;
    rename_person NewName: |app, viewer, client, person, body| {
        // Whose person it is was asked with the address.
        let _ = client;
        people::rename(&app, &viewer, &person, &body.name).await?.map_err(|refusal| misfit(&refusal))?;
    };
    leave_person Leave: |app, viewer, client, person, body|
        or_refused(people::leave_on(&app, &viewer, client, person, body.at).await?)?;
}

/// Of oneself: nobody is asked again who they are to be called something else.
async fn rename_me(
    Write { app, viewer, place: (), sent }: Write<(), NewName>,
) -> Result<Json<Called>, Problem> {
    let name = sent.body.name;
    people::rename_oneself(&app, &viewer, &name).await?.map_err(|refusal| misfit(&refusal))?;
    Ok(Json(Called { name: name.trim().to_owned() }))
}

async fn review_people(
    Write { app, viewer, place: client, sent }: Write<ClientId, Look>,
) -> Result<Json<Looked>, Problem> {
    shown_lately(&app, &viewer)?;
    let reviewed_at = app.now().into();
    or_refused(people::look_through(&app, &viewer, &client, sent.body.belongs).await?)?;
    Ok(Json(Looked { reviewed_at }))
}
