//! The API's own rooms: who am I. What it is about lives with its nouns.

use axum::Json;
use journal::people::Standing;
use serde::Serialize;

use super::{Problem, Route, Viewer, Who};

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/api/v1/me", Who::SignedIn, me)]
}

/// Who is signed in.
#[derive(Serialize)]
struct Me {
    login: String,
    name: String,
    side: &'static str,
    client: Option<String>,
    roles: Vec<String>,
    skills: Vec<String>,
}

async fn me(viewer: Viewer) -> Result<Json<Me>, Problem> {
    let person = viewer.person;
    let client = match &person.standing {
        Standing::Staff => None,
        Standing::Of(client) => Some(client.to_string()),
    };
    Ok(Json(Me {
        login: person.login,
        name: person.name,
        side: person.standing.side().name(),
        client,
        roles: person.roles,
        skills: person.skills,
    }))
}
