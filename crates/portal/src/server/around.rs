//! What surrounds every request: its number, who asks, the log line, the count, the headers, and the shape of errors.

use std::{
    any::Any,
    net::{IpAddr, SocketAddr},
};

use askama::Template;
use axum::{
    body::Body,
    extract::{FromRequestParts, MatchedPath, Request, State},
    http::{HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use door::secret;
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, Problem, Shell, apart, api, cookie, guard::Seen, headers, outpost, status};

/// The other end of the connection. The server puts it into every request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// Who asks, and the number of the request.
#[derive(Debug, Clone)]
pub(crate) struct Asker {
    pub(crate) address: IpAddr,
    /// A program on this machine that speaks to us itself, not through a proxy.
    pub(crate) on_this_machine: bool,
    pub(crate) number: String,
}

impl Asker {
    fn of(app: &App, request: &Request) -> Result<Asker, Problem> {
        let peer = request.extensions().get::<Peer>().map_or(IpAddr::from([0, 0, 0, 0]), |peer| peer.0.ip());
        let (config, headers) = (app.config(), request.headers());
        let address = config.asker(peer, headers);
        let of_a_browser = headers.contains_key(header::COOKIE) || headers.contains_key("sec-fetch-site");
        let on_this_machine = config.is_direct(peer, headers) && !of_a_browser;
        Ok(Asker { address, on_this_machine, number: secret::hex(&secret::random::<8>()?) })
    }
}

pub(crate) async fn around(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let began = tokio::time::Instant::now();
    let asked = Asked::new(&app, &request);
    let route =
        request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let asker = match Asker::of(&app, &request) {
        Ok(asker) => asker,
        Err(problem) => return problem.status().into_response(),
    };
    request.extensions_mut().insert(asker.clone());
    let headers = request.headers().clone();
    let response = match asked.for_us {
        // Programs are told everything in UTC.
        true if asked.path.starts_with("/api/") => next.run(request).await,
        true => super::zone::answered(&headers, next.run(request)).await,
        false => Problem::OtherHost.into_response(),
    };
    let mut response = asked.shape(&app, &asker, response);
    api::name_encoded(response.headers_mut());
    headers::set(&app, &asked.path, response.headers_mut());
    if let Ok(number) = HeaderValue::from_str(&asker.number) {
        response.headers_mut().insert("x-request-id", number);
    }
    if asked.path.starts_with(outpost::PREFIX) {
        response.headers_mut().insert(wire::AT_HEADER, app.now().as_micros().into());
    }
    let took = began.elapsed();
    app.0.meter.count(&asked.method, &route, response.status(), took);
    let person = response.extensions().get::<Seen>().map_or("", |seen| seen.0.person.id.as_str());
    tracing::info!(request.id = %asker.number,
        method = %asked.method,
        route,
        status = response.status().as_u16(),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        person,
        address = %asker.address, "request.done");
    response
}

/// What programs ask that watch us, by whatever name they call us.
const WATCHED: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// What has to be known of a request after it was given away.
struct Asked {
    method: Method,
    path: String,
    theme: Option<String>,
    for_us: bool,
}

impl Asked {
    fn new(app: &App, request: &Request) -> Asked {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
        let host = request.uri().authority().map(|authority| authority.as_str()).or(host);
        let path = request.uri().path().to_owned();
        Asked {
            method: request.method().clone(),
            theme: cookie::theme(request.headers()).map(str::to_owned),
            for_us: request.extensions().get::<status::OwnHost>().is_some()
                || WATCHED.contains(&path.as_str())
                || host.is_some_and(|host| app.config().serves(host))
                || path.starts_with(apart::PREFIX)
                    && host.is_some_and(|host| app.config().serves_files(host)),
            path,
        }
    }

    /// Errors as those who asked can read them.
    fn shape(&self, app: &App, asker: &Asker, response: Response) -> Response {
        let status = response.status();
        let told = response.extensions().get::<Problem>().cloned();
        let plain = !response.headers().contains_key(header::CONTENT_TYPE)
            || response
                .headers()
                .get(header::CONTENT_TYPE)
                .is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
        // Who watches us reads what they say line by line.
        let plain = plain && !WATCHED.contains(&self.path.as_str());
        let Some(problem) = told.or_else(|| Problem::of_status(status).filter(|_| plain)) else {
            return response;
        };
        let (mut parts, _) = response.into_parts();
        let seen = parts.extensions.get::<Seen>();
        parts.headers.remove(header::CONTENT_LENGTH);
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_ENCODING);
        let (kind, body) = if self.path.starts_with("/api/") || self.path.starts_with(outpost::PREFIX) {
            ("application/problem+json", json(&problem, asker))
        } else if [status::PREFIX, apart::PREFIX].iter().any(|prefix| self.path.starts_with(prefix)) {
            // Under another name there is no portal to look like.
            ("text/plain; charset=utf-8", format!("{}\n{}\n", problem.title(), problem.way_out()))
        } else {
            ("text/html; charset=utf-8", self.html(app, &problem, asker, seen))
        };
        parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        Response::from_parts(parts, Body::from(body))
    }

    /// Who is signed in keeps the bar.
    fn html(&self, app: &App, problem: &Problem, asker: &Asker, seen: Option<&Seen>) -> String {
        let shell = Shell::bare(app, problem.title(), self.theme.as_deref());
        let shell = if let Some(Seen(viewer)) = seen { shell.seen_by(viewer) } else { shell };
        let page = ProblemPage { shell, problem, number: &asker.number };
        page.render().unwrap_or_else(|_| "<!doctype html><title>Error</title><p>That failed.</p>".to_owned())
    }
}

/// For handlers: who asks is known before any of them.
impl<S: Send + Sync> FromRequestParts<S> for Asker {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Asker, Problem> {
        parts.extensions.get::<Asker>().cloned().ok_or(Problem::Internal)
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'p> {
    shell: Shell,
    problem: &'p Problem,
    number: &'p str,
}

/// An error as the API tells it: RFC 9457, with a code that stays and the request's number.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Details<'d> {
    /// The code as an address that leads nowhere: `urn:uphold:problem:refused`.
    r#type: String,
    /// What it is, in a few words.
    title: &'d str,
    /// The HTTP status.
    status: u16,
    /// What to do about it, to people.
    detail: String,
    /// The code, which stays.
    code: &'d str,
    /// The number to quote when you ask about it.
    request: &'d str,
    /// The fields that are not as they should be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<WrongField<'d>>,
    /// The clauses that do not allow it.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false, value_type = Vec<String>)]
    clauses: &'d [String],
    /// Whether it is done when it is sent again with `"confirm": true`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[schema(required = false)]
    may_be_confirmed: bool,
}

/// A field that is not as it should be.
#[derive(Serialize, ToSchema)]
pub(crate) struct WrongField<'d> {
    /// Which, as a path: `instances[0]`.
    field: &'d str,
    /// What is wrong with it, to people.
    detail: &'d str,
}

fn json(problem: &Problem, asker: &Asker) -> String {
    let (clauses, may_be_confirmed) = match problem {
        Problem::Refused { clauses, may_be_confirmed, .. } => (&clauses[..], *may_be_confirmed),
        Problem::Forbidden { clauses, .. } => (&clauses[..], false),
        _ => (&[][..], false),
    };
    let errors = match problem {
        Problem::InvalidField { field, why } => vec![WrongField { field, detail: why }],
        _ => Vec::new(),
    };
    let details = Details {
        r#type: format!("urn:uphold:problem:{}", problem.code()),
        title: problem.title(),
        status: problem.status().as_u16(),
        detail: problem.way_out(),
        code: problem.code(),
        request: &asker.number,
        errors,
        clauses,
        may_be_confirmed,
    };
    serde_json::to_string(&details).unwrap_or_default()
}

/// A handler panicked. Its message is logged and not shown.
pub(crate) fn panicked(cause: Box<dyn Any + Send + 'static>) -> Response {
    let text = cause.downcast_ref::<String>().map(String::as_str).or(cause.downcast_ref::<&str>().copied());
    tracing::error!(cause = text.unwrap_or("no message"), "request.panicked");
    Problem::Internal.into_response()
}
