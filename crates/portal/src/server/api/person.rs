//! The people of a client: who may come in, and from when they count. Secrets that open a door are not made here: a person does that,
//! signed in.

use axum::{
    extract::{Path, State},
    response::Response,
};
use desk::policy::{Action, Resource};
use facts::ClientId;
use journal::people::{Membership, Person};
use serde::Serialize;
use spans::Instant;
use utoipa::ToSchema;

use super::{
    answer::Known,
    operation::Operation,
    page::{Asking, LIMIT_MAX, list},
    shape::At,
};
use crate::server::{App, Problem, Route, Viewer};

pub(super) fn routes() -> Vec<Route> {
    let list = Operation::read::<People>(
        "People",
        "list_people",
        "Who a client named, by login: from when they count, and who may no longer come in.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/people", Action::ReadPeople, people).told(list.paged(LIMIT_MAX)),
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

async fn people(
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
