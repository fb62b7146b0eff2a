//! The API: what pages show and do, for programs, below `/api/v1`. It asks the same queries and sends the same commands as the
//! pages, through the same guard; its own are only the words in which it is said.
//!
//! # How an operation is added
//! 1. A handler in the file of its noun, which takes `State(app)`, the `Viewer`, the path, and for what is sent a `Sent<Body>`; for
//!    what is asked an `Asking`. A figure carries the address of its derivation (`shape::why`).
//! 2. Its `Route` with its `Action`, and behind it `.told(Operation…)`: what the description of the API says of it. The tests in
//!    `tests/it/api.rs` hold every answer against that description.

mod agreement;
mod alert;
mod answer;
mod at_the_desk;
mod attainment;
mod audit;
mod change;
mod client;
mod exclusion;
mod export;
mod fact;
mod head;
mod held;
mod inbox;
mod incident;
mod instance;
mod maintenance;
mod on_call;
mod openapi;
mod operation;
mod page;
mod person;
mod place;
mod planned;
mod proposed_change;
mod receipt;
mod reference;
mod request;
mod sent;
mod shape;
mod staff;
mod statement;
mod status;
mod support;

use axum::response::Response;
use desk::policy::Action;
use journal::people::Standing;
use serde::Serialize;
use utoipa::ToSchema;

use self::answer::Known;
pub(crate) use self::{answer::name_encoded, operation::Operation};
use super::{Problem, Route, Viewer};

pub(crate) fn routes() -> Vec<Route> {
    let me = Operation::read::<Me>("You", "me", "Who you are here.");
    let own = vec![Route::get("/api/v1/me", Action::ReadOwn, me_of).told(me)];
    own.into_iter()
        .chain(client::routes())
        .chain(person::routes())
        .chain(staff::routes())
        .chain(export::routes())
        .chain(request::routes())
        .chain(at_the_desk::routes())
        .chain(instance::routes())
        .chain(alert::routes())
        .chain(maintenance::routes())
        .chain(planned::routes())
        .chain(held::routes())
        .chain(change::routes())
        .chain(proposed_change::routes())
        .chain(exclusion::routes())
        .chain(incident::routes())
        .chain(statement::routes())
        .chain(status::routes())
        .chain(attainment::routes())
        .chain(support::routes())
        .chain(audit::routes())
        .chain(agreement::routes())
        .chain(fact::routes())
        .chain(on_call::routes())
        .chain(inbox::routes())
        .chain(reference::routes())
        .collect()
}

/// The API's description, OpenAPI 3.1, as the text of a file.
pub fn openapi() -> String {
    openapi::text()
}

/// Who is signed in.
#[derive(Serialize, ToSchema)]
struct Me {
    login: String,
    name: String,
    /// `provider` or `client`.
    side: &'static str,
    /// The client whose person this is; null for the provider's.
    client: Option<String>,
    roles: Vec<String>,
    skills: Vec<String>,
}

async fn me_of(known: Known, viewer: Viewer) -> Result<Response, Problem> {
    let person = viewer.person;
    let client = match &person.standing {
        Standing::Staff => None,
        Standing::Of(client) => Some(client.to_string()),
    };
    known.answer(&Me {
        login: person.login,
        name: person.name,
        side: person.standing.side().name(),
        client,
        roles: person.roles,
        skills: person.skills,
    })
}
