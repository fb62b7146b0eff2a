//! For those who watch the portal: is the process there, does it work, what has it done.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use desk::policy::Action;
use journal::Queue;
use spans::{Instant, Length};

use super::{App, Route, outpost};

/// For programs on this machine, and for those with an administrator's API token.
pub(crate) const METRICS_PATH: &str = "/metrics";
/// How long an answer to "does it work" is good for: asking must not become load.
const GOOD_FOR: Length = Length::from_secs(5);
/// How long the store may take before it counts as not working.
const STORE_TIME_MAX: Duration = Duration::from_secs(3);

/// What works beside the portal for the agreement to be kept: a timer, a vantage point.
pub trait Vitals: Send + Sync {
    /// What does not work now, a line of text each, without a client's name: anybody may ask. None when all is well.
    fn troubles(&self, now: Instant) -> Vec<String>;

    /// Figures, as Prometheus text.
    fn metrics(&self) -> String;
}

#[derive(Default)]
pub(crate) struct Health {
    last: Mutex<Option<(Instant, bool)>>,
    vitals: OnceLock<Arc<dyn Vitals>>,
}

impl App {
    /// From now on the portal is ready only while these work too. Said once.
    pub fn rely_on(&self, vitals: Arc<dyn Vitals>) {
        if self.0.health.vitals.set(vitals).is_err() {
            tracing::error!("portal.relies_already");
        }
    }
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Action::Enter, alive),
        Route::get("/readyz", Action::Enter, ready),
        Route::get(METRICS_PATH, Action::ReadMetrics, metrics),
    ]
}

/// The process answers. Nothing more is said.
async fn alive() -> &'static str {
    "alive\n"
}

/// The effect, not the port: the store was read and has committed a row within the last seconds, and what works beside us does.
async fn ready(State(app): State<App>) -> impl IntoResponse {
    let now = app.now();
    let known = *app.0.health.last.lock().unwrap_or_else(PoisonError::into_inner);
    let works = match known {
        Some((asked, works)) if asked <= now && now < asked + GOOD_FOR => works,
        _ => ask(&app, now).await,
    };
    let mut troubles = app.0.health.vitals.get().map_or(Vec::new(), |vitals| vitals.troubles(now));
    if !works {
        troubles.insert(0, "the store does not answer".to_owned());
    }
    match troubles.is_empty() {
        true => (StatusCode::OK, "ready\n".to_owned()),
        false => (StatusCode::SERVICE_UNAVAILABLE, troubles.join("\n") + "\n"),
    }
}

async fn ask(app: &App, now: Instant) -> bool {
    let work = app.ask(move |journal| {
        journal.read(|tx| tx.staff().map(drop))?;
        journal.write(move |tx| tx.pulse("portal", now))
    });
    let works = matches!(tokio::time::timeout(STORE_TIME_MAX, work).await, Ok(Ok(())));
    *app.0.health.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, works));
    works
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.0.meter.text()
            + &app.0.live.metrics()
            + &outpost::metrics(&app)
            + &verified(&app)
            + &outbox(&app).await
            + &app.0.health.vitals.get().map_or(String::new(), |vitals| vitals.metrics()),
    )
}

/// How long the outbox has left something undone; nothing while the store does not say.
async fn outbox(app: &App) -> String {
    let oldest = app.ask(|journal| journal.read(|tx| tx.oldest_due(Queue::Outbox))).await;
    let Ok(oldest) = oldest else { return String::new() };
    let age = oldest.map_or(Length::ZERO, |due| (app.now() - due).max(Length::ZERO));
    gauge(
        "uphold_outbox_oldest_seconds",
        "Since when the longest waiting task of the outbox has been due; 0 when none waits.",
        &(age.as_micros() / 1_000_000).to_string(),
    )
}

fn gauge(name: &str, help: &str, value: &str) -> String {
    format!("# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}\n")
}

/// What the last look through the whole journal found; nothing before this process has made one.
fn verified(app: &App) -> String {
    let Some(last) = app.0.control.verified() else { return String::new() };
    let gauge =
        |name: &str, help: &str, value: String| gauge(&format!("uphold_journal_{name}"), help, &value);
    let at = last.at.as_micros().div_euclid(1_000_000).to_string();
    gauge("verified_timestamp_seconds", "When the journal was looked through last.", at)
        + &gauge("verified_entries", "Entries it looked at.", last.entries.to_string())
        + &gauge("faults", "What was not as it was written; 0 when it is sound.", last.found.to_string())
}
