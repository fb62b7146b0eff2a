//! Status pages: what the public sees of a client, at an address that the client's page has. Everything is answered from memory
//! ([`control::live::Control::status_at`]): no session is looked up, no cookie is set, and the store may be away.
//!
//! A page is found by its name (`/status/acme`), by the secret in its address where it is not public, and under a host name of its own,
//! which [`rewritten`] turns into the first of these before any route is looked for. The client's people find it below their client too.

mod browser;
mod logo;
mod settings;
mod subscribe;

use axum::{
    Extension,
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use control::live::{Control, Shown};
use desk::policy::Action;
use door::secret::hex;
use facts::ClientId;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use spans::Instant;
use status::{Badge, Place, Ways};

use super::{App, Config, Problem, Route, headers};

/// Where pages are.
pub(crate) const PREFIX: &str = "/status/";
/// How long whoever stands between may keep an answer, and how long it is better than none.
const PUBLIC: &str = "public, max-age=30, stale-while-revalidate=30, stale-if-error=86400";
const PRIVATE: &str = "private, max-age=30";

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const SVG: &str = "image/svg+xml";

/// What there is of a page, below the address of the page itself.
macro_rules! below {
    ($root:literal, $action:expr, $handler:ident) => {
        vec![
            Route::get($root, $action, $handler),
            Route::get(concat!($root, "/style.css"), $action, $handler),
            Route::get(concat!($root, "/history"), $action, $handler),
            Route::get(concat!($root, "/embed"), $action, $handler),
            Route::get(concat!($root, "/feed.atom"), $action, $handler),
            Route::get(concat!($root, "/maintenance.ics"), $action, $handler),
            Route::get(concat!($root, "/status.json"), $action, $handler),
            Route::get(concat!($root, "/badge.svg"), $action, $handler),
            Route::get(concat!($root, "/badges/{system}"), $action, $handler),
            Route::get(concat!($root, "/badges/{system}/uptime.svg"), $action, $handler),
            Route::get(concat!($root, "/api/v2/summary.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/status.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/components.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/incidents.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/incidents/unresolved.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/scheduled-maintenances.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/scheduled-maintenances/upcoming.json"), $action, $handler),
            Route::get(concat!($root, "/api/v2/scheduled-maintenances/active.json"), $action, $handler),
        ]
    };
}

pub(crate) fn routes() -> Vec<Route> {
    let open = below!("/status/{status}", Action::ReadStatus, open);
    let own = below!("/clients/{client}/status", Action::ReadClient, of_client);
    let told = subscribe::routes().into_iter().chain(browser::routes());
    open.into_iter().chain(own).chain(logo::routes()).chain(settings::routes()).chain(told).collect()
}

/// Under which host name of its own a page was asked for.
#[derive(Debug, Clone)]
pub(crate) struct OwnHost;

/// A request to a page's own host name as one to the page. There is nothing else under that name.
pub(crate) fn rewritten(config: &Config, control: &Control, mut request: Request) -> Request {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = request.uri().authority().map(|authority| authority.as_str()).or(host).unwrap_or_default();
    if config.serves(host) || config.serves_files(host) {
        return request;
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let Some(shown) = control.status_on(name) else { return request };
    let below = request.uri().path_and_query().map_or("/", |below| below.as_str()).trim_end_matches('/');
    let path = format!("{PREFIX}{}{below}", shown.set.page);
    if let Ok(uri) = path.parse::<Uri>() {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(OwnHost);
    }
    request
}

#[derive(Deserialize)]
struct Named {
    status: String,
}

async fn open(
    State(app): State<App>,
    own: Option<Extension<OwnHost>>,
    Path(Named { status }): Path<Named>,
    uri: Uri,
    asked: HeaderMap,
) -> Result<Response, Problem> {
    let shown = app.0.control.status_at(&status).ok_or(Problem::NotFound)?;
    let root = format!("{PREFIX}{status}");
    let below = uri.path().strip_prefix(&root).ok_or(Problem::NotFound)?;
    let place = place(&app, &shown, &status, own.is_some());
    let ways = app.status_ways(&status);
    let said = say(&shown, &place, below, &ways, app.now())?;
    let tag = tag(&said.body);
    let mut response = if is_known(&asked, &tag) {
        // RFC 9110, 13.1.2: nothing but its name for whoever has it.
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        said.into_response()
    };
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(kept(&shown)));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// Where it is reached by whoever asks: under its own name, or below ours.
fn place(app: &App, shown: &Shown, address: &str, own: bool) -> Place {
    match &shown.set.domain {
        Some(domain) if own => Place { origin: format!("https://{domain}"), path: String::new() },
        _ => Place { origin: app.config().origin().to_owned(), path: format!("{PREFIX}{address}") },
    }
}

/// How long who else may keep an answer.
fn kept(shown: &Shown) -> &'static str {
    if shown.set.public { PUBLIC } else { PRIVATE }
}

fn tag(body: &str) -> String {
    format!("W/\"{}\"", hex(&Sha256::digest(body)[..12]))
}

fn is_known(asked: &HeaderMap, tag: &str) -> bool {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok());
    // RFC 9110, 13.1.2: a weak name and a strong one of the same letters are one here.
    let plain = |one: &str| one.trim().trim_start_matches("W/").to_owned();
    known.is_some_and(|known| known.split(',').any(|one| plain(one) == plain(tag)))
}

#[derive(Deserialize)]
struct OfClient {
    client: ClientId,
}

/// For the client's people and the provider's, whether it is public or not.
async fn of_client(
    State(app): State<App>,
    Path(OfClient { client }): Path<OfClient>,
    uri: Uri,
) -> Result<Response, Problem> {
    let shown = app.0.control.status_of(&client).ok_or(Problem::NotFound)?;
    let path = format!("/clients/{client}/status");
    let below = uri.path().strip_prefix(&path).ok_or(Problem::NotFound)?.to_owned();
    let place = Place { origin: app.config().origin().to_owned(), path };
    // Subscribing is for those who have the page's own address.
    Ok(say(&shown, &place, &below, &Ways::default(), app.now())?.into_response())
}

/// An answer that is text of a kind.
struct Said {
    kind: &'static str,
    body: String,
    /// Whether other sites may have it in a frame.
    framed: bool,
}

impl IntoResponse for Said {
    fn into_response(self) -> Response {
        let mut response = ([(header::CONTENT_TYPE, self.kind)], self.body).into_response();
        let sent = response.headers_mut();
        if self.framed {
            sent.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(headers::IN_FRAMES));
        }
        if matches!(self.kind, JSON | SVG) {
            // Images and figures are for other sites' pages too; whoever may read them has the address.
            sent.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        }
        response
    }
}

fn say(shown: &Shown, place: &Place, below: &str, ways: &Ways, now: Instant) -> Result<Said, Problem> {
    let page = &shown.page;
    let (kind, body) = match below {
        "" => (HTML, status::html(page, place, ways, now)),
        "/style.css" => ("text/css; charset=utf-8", status::style(page)),
        "/history" => (HTML, status::history(page, place)),
        "/embed" => (HTML, status::embed(page, place)),
        "/feed.atom" => ("application/atom+xml; charset=utf-8", status::atom(page, place)),
        "/maintenance.ics" => ("text/calendar; charset=utf-8", status::calendar(page, place)),
        "/status.json" => (JSON, status::json(page, place)),
        "/badge.svg" => (SVG, status::badge(page, Badge::Overall).ok_or(Problem::NotFound)?),
        below => special(shown, place, below)?,
    };
    Ok(Said { kind, body, framed: below == "/embed" })
}

fn special(shown: &Shown, place: &Place, below: &str) -> Result<(&'static str, String), Problem> {
    let page = &shown.page;
    if let Some(path) = below.strip_prefix("/api/v2/") {
        return status::v2(page, place, path).map(|body| (JSON, body)).ok_or(Problem::NotFound);
    }
    let system = below.strip_prefix("/badges/").ok_or(Problem::NotFound)?;
    let of = match system.strip_suffix("/uptime.svg") {
        Some(id) => Badge::Kept(id),
        None => Badge::Stands(system.strip_suffix(".svg").ok_or(Problem::NotFound)?),
    };
    status::badge(page, of).map(|body| (SVG, body)).ok_or(Problem::NotFound)
}

impl App {
    /// By which ways somebody outside is told of what changes on the page at an address. A browser is asked under our own name: there
    /// its notifications come from, whatever other name the page has.
    fn status_ways(&self, address: &str) -> Ways {
        let ways = self.ways();
        let browser = || format!("{}{PREFIX}{address}/browser", self.config().origin());
        Ways { mail: ways.mail, hook: ways.hook, browser: ways.push_key.as_ref().map(|_| browser()) }
    }
}
