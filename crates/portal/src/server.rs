//! The web server: who may come in, what they may see, and the shell that every page stands in.
//!
//! # How a page is added
//! 1. A file beside this one, named after its noun, with its handler and its template (`templates/NOUN.html`, which begins with
//!    `{% extends "layout.html" %}` and whose struct has a field `shell: Shell`).
//! 2. Its handler takes what it needs: `State(app): State<App>`, the [`Viewer`] who is signed in, a path, a form. It asks the
//!    journal through [`App::ask`], which runs on a thread that may wait, and answers with [`page`] or a [`Problem`].
//! 3. A function `routes()` in that file lists its [`Route`]s, each with its method, its path and the `desk::policy::Action` that is
//!    done by it, and is named in [`routes`] below. There is no other way to a route. Who may is the policy's to say
//!    (`crates/desk/src/policy/rules.cedar`); the guard asks it before the handler is reached, and the tests in `tests/it/routes.rs`
//!    ask every route as everybody. A path that belongs to a client says so: `/clients/{client}/…` is hidden from people of other
//!    clients. What is inside, such as an internal note, the handler asks of [`Viewer::may`].
//! 4. Nothing inline: no `style=`, no `<script>` with text. Geometry of SVG is attributes, colour is classes (`portal.css`).
//!
//! # What surrounds every page
//! From the outside in: the connection (`connection.rs`: how many, how slow), request id, log, count, headers and error pages
//! (`around.rs`), panics, rate (`rate.rs`), time, compression, cross-site writes refused, body size, and then the guard of the
//! route (`guard.rs`).

mod account;
mod agreement;
mod apart;
mod api;
mod around;
mod asset;
mod attainment;
mod authorization;
mod beat;
mod begun;
mod book;
mod change;
mod clients;
mod config;
mod connection;
mod cookie;
mod decide;
mod decision;
mod elsewhere;
mod exclusion;
mod factors;
mod field;
mod form;
mod guard;
mod hashing;
mod headers;
mod health;
mod home;
mod hours;
mod inbox;
mod incident;
mod instance;
mod ledger;
mod live;
mod local;
mod maintenance;
mod meter;
mod moment;
mod names;
mod notice;
mod notices;
mod on_call;
mod onward;
mod outpost;
mod people;
mod problem;
mod proof;
mod rate;
mod route;
mod second;
mod settings;
mod shell;
mod sign_in;
mod statement;
mod status;
mod sweep;
mod theme;
mod ticket;
mod undo;
mod viewer;
mod welcome;
mod zone;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{Method, StatusCode},
    middleware::{from_fn_with_state, map_request},
    response::{IntoResponse, Response},
    routing::any,
};
use control::live::Control;
use desk::policy::Action;
use door::{Fault, elsewhere::Elsewhere, passkey::Passkeys, vault::Vault};
use journal::Journal;
use spans::Instant;
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinError,
};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    csrf::CsrfLayer,
    timeout::TimeoutLayer,
};

pub use self::{
    api::openapi,
    asset::{asset_path, assets},
    authorization::{Kind, authorization},
    config::{Config, NoPlaceForFiles, NotAnOrigin},
    connection::{
        CONNECTIONS_MAX, DRAIN_TIME_MAX, FIRST_TIME_MAX, HEAD_TIME_MAX, HEADER_BYTES_MAX, HEADERS_MAX,
        OF_ONE_ADDRESS_MAX, STREAMS_MAX, serve,
    },
    field::Field,
    guard::Admitted,
    health::Vitals,
    live::{LIVE_MAX, LIVE_OF_ONE_MAX, Live, What},
    notice::Notice,
    problem::Problem,
    route::{ADMINISTRATOR, Route},
    shell::{Crumb, Place, Section, Shell},
    theme::Theme,
    viewer::{By, IDLE_MAX_CLIENT, IDLE_MAX_STAFF, SESSION_MAX, Viewer},
};
use self::{meter::Meter, rate::Rates};

/// Bytes of a request's body, unless its route says otherwise.
pub const BODY_BYTES_MAX: usize = 64 << 10;
/// How long a request may take before it is answered 503.
pub const REQUEST_TIME_MAX: Duration = Duration::from_secs(30);

/// What every handler can reach. Cloning is cheap.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    control: Arc<Control>,
    config: Config,
    now: Box<dyn Fn() -> Instant + Send + Sync>,
    rates: Rates,
    meter: Meter,
    live: Live,
    /// Passwords that are hashed at the same time: each takes 19 MiB.
    hashing: Semaphore,
    passkeys: Option<Passkeys>,
    health: health::Health,
    /// Pages, and what one does by opening them.
    places: Vec<(&'static str, Action)>,
    names: names::Names,
    /// The zones that the agreements at hand name.
    zones: Vec<String>,
    ways: std::sync::OnceLock<Ways>,
    /// Who tries out a check, where this server looks at anything itself.
    looker: std::sync::OnceLock<probe::Looker>,
}

/// By which ways notices leave this server, beside the portal itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ways {
    /// Whether mail is set up.
    pub mail: bool,
    /// The public key by which push services know it, base64url; none where there is no web push.
    pub push_key: Option<String>,
    /// Whether programs that subscribe to a status page are told by POST.
    pub hook: bool,
}

impl App {
    /// A portal over the live service. `now` is the machine's clock, or a test's.
    pub fn new(
        control: Arc<Control>,
        config: Config,
        now: impl Fn() -> Instant + Send + Sync + 'static,
    ) -> App {
        let app = App(Arc::new(Inner {
            names: names::Names::on(control.shelf()),
            zones: names::zones(control.shelf()),
            control,
            passkeys: config.passkeys(),
            config,
            now: Box::new(now),
            rates: Rates::default(),
            meter: Meter::default(),
            live: Live::default(),
            hashing: Semaphore::new(door::password::HASHES_AT_ONCE_MAX),
            health: health::Health::default(),
            places: pages().collect(),
            ways: std::sync::OnceLock::new(),
            looker: std::sync::OnceLock::new(),
        }));
        let told = Arc::downgrade(&app.0);
        app.0.control.listen(Box::new(move |change| {
            if let Some(inner) = told.upgrade() {
                let what = match change.what {
                    "seen" => What::Looks,
                    "told" => What::Notices,
                    _ => What::Facts,
                };
                inner.live.changed(&change.client, what);
            }
        }));
        app
    }

    /// What time it is.
    pub fn now(&self) -> Instant {
        (self.0.now)()
    }

    /// Where it is reached.
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Says once by which ways notices leave; until then there is none.
    pub fn send_by(&self, ways: Ways) {
        let _ = self.0.ways.set(ways);
    }

    /// Says once who tries out checks; until then nobody does.
    pub fn try_by(&self, looker: probe::Looker) {
        let _ = self.0.looker.set(looker);
    }

    /// Who tries out a check.
    pub(crate) fn looker(&self) -> Option<&probe::Looker> {
        self.0.looker.get()
    }

    /// By which ways notices leave.
    pub fn ways(&self) -> Ways {
        self.0.ways.get().cloned().unwrap_or_default()
    }

    /// Open pages, to be told that something changed.
    pub fn live(&self) -> &Live {
        &self.0.live
    }

    /// Under which second factors are sealed.
    pub(crate) fn vault(&self) -> Result<&Vault, Problem> {
        self.config()
            .vault()
            .ok_or_else(|| Problem::from(Fault::Sealing { what: "a second factor without a key file" }))
    }

    /// Passkeys, where browsers allow them at this address.
    pub(crate) fn passkeys(&self) -> Option<&Passkeys> {
        self.0.passkeys.as_ref()
    }

    /// Another place that signs people in.
    pub(crate) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.config().place_elsewhere()
    }

    /// Whether this person has to show two factors.
    pub(crate) fn needs_factor(&self, viewer: &Viewer) -> bool {
        viewer.is_staff() && self.config().asks_second_factor()
    }

    /// Whether they have to and did not.
    pub(crate) fn lacks_factor(&self, viewer: &Viewer) -> bool {
        self.needs_factor(viewer) && !viewer.second_factor
    }

    /// Asks the journal, or tells it something, on a thread that may wait.
    ///
    /// # Errors
    /// What the work says.
    pub async fn ask<T, E>(
        &self,
        work: impl FnOnce(&Journal) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        self.ask_control(move |control, _| work(control.journal())).await
    }

    /// Asks the live service, or tells it something, at the instant of the call, on a thread that may wait.
    ///
    /// # Errors
    /// What the work says.
    pub async fn ask_control<T, E>(
        &self,
        work: impl FnOnce(&Control, Instant) -> Result<T, E> + Send + 'static,
    ) -> Result<T, Problem>
    where
        T: Send + 'static,
        E: Into<Problem> + Send + 'static,
    {
        let (tell, mut told) = oneshot::channel();
        let job = move |control: &Control, now| drop(tell.send(work(control, now)));
        self.wait_for(Box::new(job)).await.map_err(|lost| Problem::internal(&lost))?;
        told.try_recv().map_err(|lost| Problem::internal(&lost))?.map_err(Into::into)
    }

    /// One function for all that is asked: the runtime's task is compiled once, not for each.
    async fn wait_for(&self, job: Job) -> Result<(), JoinError> {
        let (control, now, zone) = (self.0.control.clone(), self.now(), zone::reader());
        tokio::task::spawn_blocking(move || zone::within(zone, || job(&control, now))).await
    }
}

/// Something to do on a thread that may wait, at an instant.
type Job = Box<dyn FnOnce(&Control, Instant) + Send>;

/// Every route there is.
pub fn routes() -> Vec<Route> {
    [
        health::routes(),
        asset::routes(),
        sign_in::routes(),
        second::routes(),
        elsewhere::routes(),
        factors::routes(),
        welcome::routes(),
        home::routes(),
        ticket::routes(),
        apart::routes(),
        clients::routes(),
        maintenance::routes(),
        change::routes(),
        incident::routes(),
        exclusion::routes(),
        instance::routes(),
        ledger::routes(),
        statement::routes(),
        attainment::routes(),
        agreement::routes(),
        account::routes(),
        inbox::routes(),
        notices::routes(),
        on_call::routes(),
        people::routes(),
        settings::routes(),
        status::routes(),
        theme::routes(),
        undo::routes(),
        zone::routes(),
        live::routes(),
        outpost::routes(),
        beat::routes(),
        api::routes(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn pages() -> impl Iterator<Item = (&'static str, Action)> {
    let pages = routes().into_iter().filter(|route| route.method == Method::GET);
    pages.map(|route| (route.path, route.action))
}

/// The whole portal as one service: the routes, each behind its guard, and everything around them.
pub fn router(app: &App) -> Router {
    let table = routes().into_iter().fold(Router::new(), |router, route| {
        let door = guard::Door { app: app.clone(), action: route.action };
        router.route(route.path, route.handler.route_layer(from_fn_with_state(door, guard::guard)))
    });
    // Who is signed in is known here too, so that the page which says that there is none has their bar.
    let door = guard::Door { app: app.clone(), action: Action::Enter };
    let nowhere = any(|| async { Problem::NotFound }).layer(from_fn_with_state(door, guard::guard));
    let compressed =
        DefaultPredicate::new().and(NotForContentType::const_new("font/")).and(NotForContentType::SSE);
    let table = table
        .fallback_service(nowhere.with_state(app.clone()))
        .method_not_allowed_fallback(|| async { Problem::Method })
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(CsrfLayer::new().with_rejection_response(|_| Problem::CrossSite.into_response()))
        .layer(CompressionLayer::new().compress_when(compressed))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, REQUEST_TIME_MAX))
        .layer(from_fn_with_state(app.clone(), rate::everything))
        .layer(CatchPanicLayer::custom(around::panicked))
        .layer(from_fn_with_state(app.clone(), around::around))
        .with_state(app.clone());
    // Before any route is looked for: a status page may have a host name of its own.
    let before = app.clone();
    let named = move |request: Request| {
        let request = status::rewritten(before.config(), &before.0.control, request);
        std::future::ready(request)
    };
    Router::new().fallback_service(table).layer(map_request(named))
}

/// A template as a page.
pub fn page(template: &impl askama::Template) -> Result<Response, Problem> {
    let html = template.render().map_err(|e| Problem::internal(&e))?;
    Ok(axum::response::Html(html).into_response())
}
