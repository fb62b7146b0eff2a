//! Where vantage points elsewhere knock: `/probe/v1/…`, as the room `wire` writes it down. Programs only: what proves who asks is
//! a signature (or, once, a join token), never a session, so the guard lets everybody through to here and these handlers refuse.
//!
//! 400, 413 and 422 refuse for good what was sent; after everything else it is sent again. Every answer under `/probe/` carries
//! `uphold-at` (`around.rs`).

use std::{fmt::Write, time::Duration};

use axum::{
    Json,
    body::Bytes,
    extract::State,
    http::{HeaderMap, header::AUTHORIZATION},
};
use control::live::{COMMITTED_WITHIN_S, Committed, Heard, NotTaken, Taken};
use desk::policy::Action;
use spans::{Instant, Length};
use wire::{
    ASSIGNMENT_PATH, Assignment, Card, ERRANDS_HELD, ERRANDS_PATH, Errands, JOIN_BYTES_MAX, JOIN_PATH, Join,
    Joined, REPORTS_PATH, Receipt, SEALED_BYTES_MAX,
};

use super::{App, Problem, Route, around::Asker};

/// What stands before every path of vantage points.
pub(crate) const PREFIX: &str = "/probe/";
/// How often a request for errands that is held is looked after.
const ERRANDS_EVERY: Duration = Duration::from_millis(250);
/// How many seconds later a report is to be sent again that does not fit our clock.
const UNTIMELY_AGAIN_S: u64 = 30;
/// An offset beyond this is logged (reliability rule 9).
const OFFSET_SHOWN: Length = Length::from_secs(2);

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::post(JOIN_PATH, Action::Report, join).taking(JOIN_BYTES_MAX),
        Route::get(ASSIGNMENT_PATH, Action::Report, assignment),
        Route::get(ERRANDS_PATH, Action::Report, errands),
        Route::post(REPORTS_PATH, Action::Report, reports).taking(SEALED_BYTES_MAX),
    ]
}

async fn join(State(app): State<App>, asker: Asker, body: Bytes) -> Result<Json<Joined>, Problem> {
    app.0.rates.join(asker.address, app.now())?;
    let join = Join::read(&body).map_err(|error| Problem::Invalid(error.to_string()))?;
    let joined = app.ask_control(move |control, now| control.join(&join, now)).await;
    match &joined {
        Ok(joined) => tracing::info!(vantage = %joined.vantage, address = %asker.address, "vantage.joined"),
        Err(problem) => tracing::warn!(address = %asker.address, code = problem.code(), "vantage.refused"),
    }
    joined.map(Json)
}

async fn assignment(State(app): State<App>, headers: HeaderMap) -> Result<Json<Assignment>, Problem> {
    let card = card(&headers)?;
    app.ask_control(move |control, now| control.assigned(&card, now)).await.map(Json)
}

/// Who asks is known once; until there is something to do, looking for it costs a lock.
async fn errands(State(app): State<App>, headers: HeaderMap) -> Result<Json<Errands>, Problem> {
    let card = card(&headers)?;
    let vantage = app.ask_control(move |control, now| control.runs_errands(&card, now)).await?;
    let mut left = ERRANDS_HELD;
    loop {
        let errands = app.0.control.errands(&vantage, app.now());
        if !errands.errands.is_empty() || left.is_zero() || app.live().is_closed() {
            return Ok(Json(errands));
        }
        tokio::time::sleep(ERRANDS_EVERY.min(left)).await;
        left = left.saturating_sub(ERRANDS_EVERY);
    }
}

fn card(headers: &HeaderMap) -> Result<Card, Problem> {
    let card = headers.get(AUTHORIZATION).and_then(|card| Card::read(card.to_str().ok()?).ok());
    card.ok_or(Problem::Unsigned)
}

async fn reports(State(app): State<App>, body: Bytes) -> Result<Json<Receipt>, Problem> {
    let taken = app.ask_control(move |control, now| control.take(&body, now)).await?;
    app.0.control.note_committed(&taken, app.now());
    tell(&taken);
    Ok(Json(taken.receipt))
}

fn tell(taken: &Taken) {
    let Taken { vantage, receipt, looks, void, missing, report, .. } = taken;
    let Receipt { boot, sequence, .. } = receipt;
    tracing::debug!(%vantage, %boot, sequence, looks, void, "report.taken");
    if *missing > 0 {
        tracing::warn!(%vantage, %boot, sequence, missing, "reports.missing");
    }
    let offset_us = report.offset_us.unwrap_or(0);
    if offset_us.unsigned_abs() > OFFSET_SHOWN.as_micros().unsigned_abs() || report.slept_us > 0 {
        tracing::warn!(%vantage, %boot, sequence, offset_us, slept_us = report.slept_us, void, "report.clock");
    }
    if let Some(reach) = report.reach.filter(|reach| !reach.suffices()) {
        tracing::warn!(%vantage, %boot, sequence, reached = reach.reached, of = reach.of, void, "report.cut_off");
    }
}

/// What the operator's machines read of vantage points elsewhere. Their number is bounded by those that were invited.
pub(crate) fn metrics(app: &App) -> String {
    let heard = app.0.control.heard();
    let now = app.now();
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, value: &dyn Fn(&Heard) -> Option<String>| {
        let _ = writeln!(out, "# HELP uphold_vantage_{name} {help}\n# TYPE uphold_vantage_{name} {kind}");
        for (vantage, heard) in &heard {
            if let Some(value) = value(heard) {
                let _ = writeln!(out, "uphold_vantage_{name}{{vantage=\"{vantage}\"}} {value}");
            }
        }
    };
    let count = |pick: fn(&Heard) -> u64| move |heard: &Heard| Some(pick(heard).to_string());
    family("silent_seconds", "gauge", "Since it was last heard.", &|heard| Some(silent(heard, now)));
    family("reports_total", "counter", "Reports taken, repeated ones too.", &count(|h| h.reports));
    family("looks_total", "counter", "Looks in them.", &count(|h| h.looks));
    family("void_total", "counter", "Looks that say nothing.", &count(|h| h.void));
    family("missing_total", "counter", "Reports that will never come.", &count(|h| h.missing));
    family("offset_microseconds", "gauge", "Our clock less its own.", &|heard| {
        Some(heard.told.offset_us?.to_string())
    });
    committed(&mut out, &app.0.control.committed());
    let (name, differing) = ("uphold_instances_differing", app.0.control.differing());
    let _ = writeln!(out, "# HELP {name} Instances of which vantage points say different things.");
    let _ = writeln!(out, "# TYPE {name} gauge\n{name} {differing}");
    let (name, unasked) = ("uphold_checks_unasked", app.0.control.unasked().len());
    let _ = writeln!(out, "# HELP {name} Checks on record that nobody asks: they break a limit.");
    let _ = writeln!(out, "# TYPE {name} gauge\n{name} {unasked}");
    out
}

/// As a histogram: how long looks took until they were on disk.
fn committed(out: &mut String, committed: &Committed) {
    let name = "uphold_vantage_look_committed_seconds";
    let _ = writeln!(out, "# HELP {name} From the beginning of a look elsewhere until it was on disk.");
    let _ = writeln!(out, "# TYPE {name} histogram");
    for (within, count) in COMMITTED_WITHIN_S.iter().zip(committed.within) {
        let _ = writeln!(out, "{name}_bucket{{le=\"{within}\"}} {count}");
    }
    let (looks, us) = (committed.looks, committed.total_us);
    let _ = writeln!(out, "{name}_bucket{{le=\"+Inf\"}} {looks}\n{name}_count {looks}");
    let _ = writeln!(out, "{name}_sum {}.{:06}", us / 1_000_000, us % 1_000_000);
}

fn silent(heard: &Heard, now: Instant) -> String {
    ((now - heard.at).as_micros().max(0) / 1_000_000).to_string()
}

impl From<NotTaken> for Problem {
    fn from(why: NotTaken) -> Problem {
        match why {
            NotTaken::Refused => Problem::NotJoined,
            NotTaken::Unsigned => Problem::Unsigned,
            NotTaken::Journal(error) => error.into(),
            // Whose clock is wrong cannot be known here: ours may be, for the moment, and what was seen must not be lost by it.
            NotTaken::Time { .. } => {
                tracing::warn!(why = %why, "report.untimely");
                Problem::Untimely(UNTIMELY_AGAIN_S)
            }
            NotTaken::Unreadable(_) | NotTaken::Nameless | NotTaken::NotAssigned { .. } => {
                tracing::warn!(why = %why, "report.refused");
                Problem::Invalid(why.to_string())
            }
        }
    }
}
