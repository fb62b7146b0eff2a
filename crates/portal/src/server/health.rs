//! For those who watch the portal: is the process there, does it work, what has it done.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{
    extract::State,
    http::{StatusCode, header},
    response::IntoResponse,
};
use spans::{Instant, Length};

use super::{App, Route, Who, outpost};

/// How long an answer to "does it work" is good for: asking must not become load.
const GOOD_FOR: Length = Length::from_secs(5);
/// How long the store may take before it counts as not working.
const STORE_TIME_MAX: Duration = Duration::from_secs(3);

#[derive(Default)]
pub(crate) struct Health {
    last: Mutex<Option<(Instant, bool)>>,
}

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/healthz", Who::Anybody, alive),
        Route::get("/readyz", Who::Anybody, ready),
        Route::get("/metrics", Who::Operator, metrics),
    ]
}

/// The process answers. Nothing more is said.
async fn alive() -> &'static str {
    "alive\n"
}

/// The effect, not the port: the store was read and has committed a row within the last seconds.
async fn ready(State(app): State<App>) -> impl IntoResponse {
    let now = app.now();
    let known = *app.0.health.last.lock().unwrap_or_else(PoisonError::into_inner);
    let works = match known {
        Some((asked, works)) if asked <= now && now < asked + GOOD_FOR => works,
        _ => ask(&app, now).await,
    };
    if works {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the store does not answer\n")
    }
}

async fn ask(app: &App, now: Instant) -> bool {
    let work = app.ask(move |journal| {
        journal.read(|tx| tx.people().map(drop))?;
        journal.write(move |tx| tx.pulse("portal", now))
    });
    let works = matches!(tokio::time::timeout(STORE_TIME_MAX, work).await, Ok(Ok(())));
    *app.0.health.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((now, works));
    works
}

async fn metrics(State(app): State<App>) -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")],
        app.0.meter.text() + &app.0.live.metrics() + &outpost::metrics(&app) + &verified(&app),
    )
}

/// What the last look through the whole journal found; nothing before this process has made one.
fn verified(app: &App) -> String {
    let Some(last) = app.0.control.verified() else { return String::new() };
    let gauge = |name: &str, help: &str, value: String| {
        format!(
            "# HELP uphold_journal_{name} {help}\n# TYPE uphold_journal_{name} gauge\nuphold_journal_{name} {value}\n"
        )
    };
    let at = last.at.as_micros().div_euclid(1_000_000).to_string();
    gauge("verified_timestamp_seconds", "When the journal was looked through last.", at)
        + &gauge("verified_entries", "Entries it looked at.", last.entries.to_string())
        + &gauge("faults", "What was not as it was written; 0 when it is sound.", last.found.to_string())
}
