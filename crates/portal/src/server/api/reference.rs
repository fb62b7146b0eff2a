//! The API's description: for programs as it is, for people as a page of ours.

use askama::Template;
use axum::response::Response;
use desk::policy::Action;
use utoipa::ToSchema;

use super::{
    answer::Known,
    openapi,
    operation::{Kind, Operation},
};
use crate::{
    server::{Problem, Route, Shell, page},
    strip::escape,
};

pub(super) fn routes() -> Vec<Route> {
    let document = Operation::read::<Description>("API", "openapi", "This description, OpenAPI 3.1.");
    vec![
        Route::get("/api", Action::ReadOwn, reference),
        Route::get("/api/v1/openapi.json", Action::Enter, document_of).told(document),
    ]
}

/// An OpenAPI document.
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "a shape that another standard tells")]
pub(crate) struct Description(String);

async fn document_of(known: Known) -> Result<Response, Problem> {
    known.answer_as("application/json", openapi::text())
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    shell: Shell,
    groups: Vec<Group>,
    problems: Vec<Problem>,
}

/// Operations under one heading.
struct Group {
    name: &'static str,
    lines: Vec<Line>,
}

/// An operation.
struct Line {
    id: &'static str,
    method: String,
    path: &'static str,
    summary: &'static str,
    who: String,
    asks: Vec<(&'static str, String)>,
    /// The fields of what is sent: name, whether it has to be there, what it means.
    fields: Vec<(String, bool, String)>,
    medias: String,
}

async fn reference(shell: Shell) -> Result<Response, Problem> {
    let mut groups: Vec<Group> = Vec::new();
    let document = serde_json::to_value(openapi::document()).map_err(|e| Problem::internal(&e))?;
    for (route, operation) in openapi::told() {
        let line = line(&route, &operation, &document);
        match groups.iter_mut().find(|group| group.name == operation.tag) {
            Some(group) => group.lines.push(line),
            None => groups.push(Group { name: operation.tag, lines: vec![line] }),
        }
    }
    page(&ApiPage { shell: shell.titled("API"), groups, problems: Problem::each() })
}

/// What stands between backticks, as code; everything escaped.
fn coded(text: impl AsRef<str>) -> String {
    let text = text.as_ref();
    if text.matches('`').count() % 2 == 1 {
        return escape(text);
    }
    let part = |(n, part): (usize, &str)| {
        if n % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) }
    };
    text.split('`').enumerate().map(part).collect()
}

fn line(route: &Route, operation: &Operation, document: &serde_json::Value) -> Line {
    let asks = operation.asks.iter().map(|ask| {
        let more = match ask.kind {
            Kind::OneOf(words) => format!(" One of {}.", words.join(", ")),
            Kind::Number { min, max } => format!(" From {min} to {max}."),
            Kind::Month => " Such as 2026-06.".to_owned(),
            Kind::Text => String::new(),
        };
        (ask.name, format!("{}{more}", ask.about))
    });
    Line {
        id: operation.id,
        method: route.method.to_string(),
        path: route.path,
        summary: operation.summary,
        who: openapi::who(route),
        asks: asks.collect(),
        fields: fields(operation, document),
        medias: operation.contents.iter().map(|content| content.media).collect::<Vec<_>>().join(", "),
    }
}

fn fields(operation: &Operation, document: &serde_json::Value) -> Vec<(String, bool, String)> {
    let Some(body) = operation.body else { return Vec::new() };
    let name = body.reference().ref_location.rsplit('/').next().unwrap_or_default().to_owned();
    let shape = &document["components"]["schemas"][&name];
    let needed = |field: &str| {
        shape["required"].as_array().is_some_and(|names| names.iter().any(|name| name == field))
    };
    let fields = shape["properties"].as_object().into_iter().flatten();
    fields
        .map(|(field, told)| {
            (field.clone(), needed(field), told["description"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}
