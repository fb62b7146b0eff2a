//! The description of the API for programs (OpenAPI 3.1), made from the table of routes and from the types that are read and
//! written: what is not in the table is not in it, and the other way round.

use std::{collections::BTreeMap, fmt::Write};

use axum::http::Method;
use desk::policy::Held;
use utoipa::openapi::{
    Components, ContentBuilder, HttpMethod, InfoBuilder, OpenApi, OpenApiBuilder, Paths, RefOr, Required,
    Response, ResponseBuilder, Schema,
    header::HeaderBuilder,
    path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    schema::{ObjectBuilder, Type},
    security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
};

use super::{
    operation::{Ask, JSON, Kind, Operation, Shape},
    sent::KEY_CHARS_MAX,
};
use crate::server::{Problem, Route, around::Details, routes};

const PROBLEM: &str = "application/problem+json";

/// The whole description.
pub(crate) fn document() -> OpenApi {
    let told = told();
    let mut paths = Paths::new();
    let mut shapes = Vec::new();
    Shape::of::<Details<'static>>().collect(&mut shapes);
    for (route, operation) in &told {
        let parts = operation.body.iter().chain(operation.contents.iter().filter_map(|c| c.shape.as_ref()));
        parts.for_each(|shape| shape.collect(&mut shapes));
        paths.add_path_operation(route.path, vec![method(&route.method)], described(route, operation));
    }
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Uphold")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(about()))
                .build(),
        )
        .paths(paths)
        .components(Some(components(shapes)))
        .security(Some([
            SecurityRequirement::new("token", Vec::<String>::new()),
            SecurityRequirement::new("session", Vec::<String>::new()),
        ]))
        .build()
}

/// The same as text, for a file: it is the same whenever it is written.
pub(crate) fn text() -> String {
    serde_json::to_string_pretty(&document()).unwrap_or_default() + "\n"
}

/// Every route of the API with what is said of it.
pub(crate) fn told() -> Vec<(Route, Operation)> {
    let all = routes().into_iter();
    all.filter_map(|mut route| route.operation.take().map(|operation| (route, operation))).collect()
}

/// What holds for every operation.
fn about() -> String {
    let mut text = "Everything that the pages show and do, for programs: the same figures, by the same rules, for the same \
        people.\n\nSend `Authorization: Bearer TOKEN`; people make tokens on their account page. A browser that is signed in \
        may read and write too, from the portal's own pages.\n\nEvery answer to a GET has an `ETag`, a strong one but \
        for a statement, whose tag leaves out when you asked; with `If-None-Match` it is 304 while nothing changed. Lists come \
        in pages: follow `next` until it is null. A POST with an `Idempotency-Key` can be sent again: \
        what was recorded once is answered again, and not recorded twice.\n\nErrors are problem details (RFC 9457). \
        Their codes stay:\n\n| code | status | what it is | what to do |\n|---|---|---|---|\n"
        .to_owned();
    for problem in Problem::each() {
        let (code, status) = (problem.code(), problem.status().as_u16());
        let _ = writeln!(text, "| `{code}` | {status} | {} | {} |", problem.title(), problem.way_out());
    }
    text
}

fn components(shapes: Vec<(String, RefOr<Schema>)>) -> Components {
    let shapes: BTreeMap<String, RefOr<Schema>> = shapes.into_iter().collect();
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let session = ApiKey::Cookie(ApiKeyValue::new("__Host-session"));
    utoipa::openapi::ComponentsBuilder::new()
        .schemas_from_iter(shapes)
        .security_scheme("token", SecurityScheme::Http(token))
        .security_scheme("session", SecurityScheme::ApiKey(session))
        .build()
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::PATCH => HttpMethod::Patch,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// Who may, in words.
pub(crate) fn who(route: &Route) -> String {
    let words = route.audience().words();
    words.map_or_else(|| "For nobody.".to_owned(), |words| format!("For {words}."))
}

fn described(route: &Route, operation: &Operation) -> utoipa::openapi::path::Operation {
    let mut builder = OperationBuilder::new()
        .operation_id(Some(operation.id))
        .tag(operation.tag)
        .summary(Some(operation.summary))
        .description(Some(who(route)));
    for parameter in parameters(route, operation) {
        builder = builder.parameter(parameter);
    }
    if let Some(body) = operation.body {
        let content = ContentBuilder::new().schema(Some(body.reference())).build();
        let body = RequestBodyBuilder::new().content(JSON, content).required(Some(Required::True));
        builder = builder.request_body(Some(body.build()));
    }
    builder = builder.response(operation.status.as_str(), answer(route, operation));
    if route.method == Method::GET {
        let same = ResponseBuilder::new().description("It is still what `If-None-Match` names.").build();
        builder = builder.response("304", same);
    }
    for (status, problems) in by_status(&problems(route, operation)) {
        builder = builder.response(status.to_string(), refusal(&problems));
    }
    builder.build()
}

fn parameters(route: &Route, operation: &Operation) -> Vec<Parameter> {
    let variables = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = variables.map(|name| {
        let about = in_path(name);
        let required =
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Path).required(Required::True);
        required.description(Some(about)).schema(Some(string())).build()
    });
    let asked = operation.asks.iter().map(asked);
    let header = |name: &str, about: String| {
        let named =
            ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header).required(Required::False);
        named.description(Some(about)).schema(Some(string())).build()
    };
    let mut all: Vec<Parameter> = in_path.chain(asked).collect();
    match route.method {
        Method::GET => {
            all.push(header("If-None-Match", "The `ETag` of what you have: 304 while it is the same.".to_owned()));
        }
        _ => all.push(header(
            "Idempotency-Key",
            format!(
                "Your own name for this request, up to {KEY_CHARS_MAX} signs. Sent again under it, it is answered as the first time; \
                 another request under it is refused as `key-reused`. What was refused was not recorded, and is tried again."
            ),
        )),
    }
    if operation.matched {
        let about = "The `ETag` of what you read: it is not done where that has changed.";
        all.push(header("If-Match", about.to_owned()));
    }
    all
}

/// What a variable of a path names.
fn in_path(name: &str) -> &'static str {
    match name {
        "client" => "The id of a client.",
        "ticket" => "The id of a request or incident, such as `T-12`.",
        "instance" => "The id of an instance.",
        "maintenance" => "The id of a maintenance record, such as `M-3`.",
        "month" => "A calendar month, such as `2026-06`.",
        "file" => "The SHA-256 of a version, in hex, and `.toml`.",
        _ => "Which.",
    }
}

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn asked(ask: &Ask) -> Parameter {
    let schema = match ask.kind {
        Kind::Text => string(),
        Kind::Month => string().pattern(Some(r"^\d{4}-\d{2}$")),
        Kind::OneOf(words) => string().enum_values(Some(words.iter().copied())),
        Kind::Number { min, max } => {
            ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(min)).maximum(Some(max))
        }
    };
    let query =
        ParameterBuilder::new().name(ask.name).parameter_in(ParameterIn::Query).required(Required::False);
    query.description(Some(ask.about)).schema(Some(schema)).build()
}

fn answer(route: &Route, operation: &Operation) -> Response {
    let mut answer = ResponseBuilder::new().description(match route.method {
        Method::GET => "What is asked for.",
        _ => "What was recorded, now or the first time.",
    });
    for content in &operation.contents {
        let shape = content.shape.map(Shape::reference);
        let schema = shape.map_or_else(|| RefOr::from(string()), RefOr::Ref);
        answer = answer.content(content.media, ContentBuilder::new().schema(Some(schema)).build());
    }
    let header = |about: &str| HeaderBuilder::new().schema(Some(string())).description(Some(about)).build();
    match route.method {
        Method::GET => answer.header("ETag", header("Its tag.")),
        _ if operation.status.as_u16() == 201 => answer.header("Location", header("Where it is.")),
        _ => answer,
    }
    .build()
}

/// What can go wrong with an operation, beside what can go wrong with any.
fn problems(route: &Route, operation: &Operation) -> Vec<Problem> {
    let can = |problem: &Problem| match problem {
        Problem::Method => false,
        // By a role, by a token that only reads, or before one is effective.
        Problem::Forbidden { .. } => !route.audience().anybody,
        Problem::SecondFactorFirst => route.audience().staff != Held::Nobody && !route.audience().anybody,
        // What is the provider's own is not there for a client's people.
        Problem::NotFound => route.path.contains('{') || is_of_the_provider(route),
        Problem::InvalidField { .. } => true,
        Problem::Changed => operation.can_be_late,
        Problem::CrossSite
        | Problem::Refused { .. }
        | Problem::KeyReused
        | Problem::TooLarge
        | Problem::MediaType
        | Problem::Unknown => route.method != Method::GET,
        _ => true,
    };
    Problem::each().into_iter().filter(can).collect()
}

fn is_of_the_provider(route: &Route) -> bool {
    let audience = route.audience();
    audience.staff != Held::Nobody && !audience.anybody && !route.path.starts_with("/api/v1/me")
}

fn by_status(problems: &[Problem]) -> BTreeMap<u16, Vec<&Problem>> {
    let mut all: BTreeMap<u16, Vec<&Problem>> = BTreeMap::new();
    for problem in problems {
        all.entry(problem.status().as_u16()).or_default().push(problem);
    }
    all
}

fn refusal(problems: &[&Problem]) -> Response {
    let codes: Vec<String> = problems.iter().map(|p| format!("`{}`: {}", p.code(), p.title())).collect();
    let content = ContentBuilder::new().schema(Some(Shape::of::<Details<'static>>().reference())).build();
    ResponseBuilder::new().description(codes.join("; ") + ".").content(PROBLEM, content).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two types of one name would be told as one of them.
    #[test]
    fn a_name_is_one_shape() {
        let mut shapes = Vec::new();
        for (_, operation) in told() {
            let parts =
                operation.body.iter().chain(operation.contents.iter().filter_map(|c| c.shape.as_ref()));
            parts.for_each(|shape| shape.collect(&mut shapes));
        }
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for (name, shape) in shapes {
            let shape = serde_json::to_string(&shape).unwrap();
            let first = known.entry(name.clone()).or_insert_with(|| shape.clone());
            assert_eq!(*first, shape, "{name}");
        }
    }
}
