//! A person's data, for programs: the same file as on the pages (GDPR, articles 15 and 20).

use axum::{
    extract::{Path, State},
    response::Response,
};
use desk::policy::Action;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::{operation::Operation, person::shown_lately};
use crate::server::{
    App, Problem, Route, Viewer,
    people::{export, theirs},
};

pub(super) fn routes() -> Vec<Route> {
    let of_person = Operation::read::<PersonData>(
        "People",
        "export_person",
        "What is kept of somebody, what they did, and the files they attached. How they come in is theirs and the provider's to read.",
    );
    let own = Operation::read::<PersonData>(
        "You",
        "export_me",
        "What is kept of you, what you did, and the files you attached.",
    );
    vec![
        Route::get("/api/v1/clients/{client}/people/{person}/export", Action::ExportPerson, of_client)
            .told(of_person),
        Route::get("/api/v1/me/export", Action::ReadOwn, of_oneself).told(own),
    ]
}

/// What is kept of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct PersonData {
    /// Who they are, and since when they count.
    #[schema(value_type = Object)]
    person: Value,
    /// What they began to write, how they look at the queue, and how they are told of things; not for colleagues.
    #[schema(value_type = Option<Object>, required = false)]
    at_the_desk: Option<Value>,
    /// How they come in, and what happened there; not for colleagues.
    #[schema(value_type = Option<Object>, required = false)]
    door: Option<Value>,
    /// What they did, client by client.
    #[schema(value_type = Vec<Object>)]
    acts: Vec<Value>,
    #[schema(value_type = Vec<Object>)]
    files: Vec<Value>,
}

#[derive(Deserialize)]
struct Of {
    client: facts::ClientId,
    person: String,
}

async fn of_client(State(app): State<App>, viewer: Viewer, Path(of): Path<Of>) -> Result<Response, Problem> {
    shown_lately(&app, &viewer)?;
    let person = theirs(&app, &of.client, &of.person).await?;
    let whole = person.id == viewer.person.id || viewer.is_staff();
    export(&app, &viewer, person, whole).await
}

async fn of_oneself(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    shown_lately(&app, &viewer)?;
    let person = viewer.person.clone();
    export(&app, &viewer, person, true).await
}
