//! Freezes on the page of what both sides keep: set by either, after a look at the work on file that it meets, and lifted by who set it.

use axum::{
    extract::{Path, State},
    response::Response,
};
use control::live::command::NewFreeze;
use desk::policy::Action;
use facts::{ClientId, FreezeId, InstanceId, MaintenanceId, Side};
use promise::freeze::Freeze;
use serde::Deserialize;
use spans::Instant;

use super::{
    InstanceNames,
    agreed::{Page, done, show},
    named,
};
use crate::{
    part::{State as Word, badge},
    server::{
        App, Field, Problem, Route, Shell, Viewer,
        form::{Minute, Refused, Sent},
        moment::time,
    },
};

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::post("/clients/{client}/maintenance/freezes", Action::SetFreeze, freeze),
        Route::post("/clients/{client}/maintenance/freezes/{freeze}/lift", Action::SetFreeze, lift),
    ]
}

/// A freeze as the page shows it.
pub(super) struct Frozen {
    pub(super) id: String,
    pub(super) by: String,
    pub(super) from: String,
    pub(super) until: String,
    pub(super) instances: String,
    pub(super) reason: String,
    pub(super) state: String,
    pub(super) lift: Option<String>,
    /// Scheduled maintenance on file that it meets: its number, and where it is.
    pub(super) meets: Vec<(String, String)>,
}

pub(super) fn frozen(
    (freeze, met): (&Freeze, &[MaintenanceId]),
    at: &str,
    (side, may): (Side, bool),
    names: &InstanceNames,
    now: Instant,
) -> Frozen {
    let (state, runs) = match (freeze.lifted, freeze.holds()) {
        (Some(_), _) => (badge(Word::Excluded, "lifted"), false),
        (None, Some(span)) if span.end <= now => (badge(Word::Excluded, "over"), false),
        (None, Some(span)) if span.contains(now) => (badge(Word::Risk, "holds now"), true),
        (None, _) => (badge(Word::Maintenance, "ahead"), true),
    };
    let which: Vec<String> = freeze.instances.iter().map(|id| named(names, id)).collect();
    Frozen {
        id: freeze.id.to_string(),
        by: format!("{}, for the {}", freeze.who, freeze.by.name()),
        from: time(freeze.span.start, now),
        until: time(freeze.span.end, now),
        instances: if which.is_empty() { "all".to_owned() } else { which.join(", ") },
        reason: freeze.reason.clone(),
        state,
        meets: links(at, met),
        lift: (runs && may && freeze.by == side)
            .then(|| format!("{at}/freezes/{}/lift", crate::server::moment::encode(freeze.id.as_str()))),
    }
}

/// Where each record of maintenance is.
pub(super) fn links(at: &str, records: &[MaintenanceId]) -> Vec<(String, String)> {
    let link = |record: &MaintenanceId| {
        (record.to_string(), format!("{at}/{}", crate::server::moment::encode(record.as_str())))
    };
    records.iter().map(link).collect()
}

pub(super) fn freeze_fields(sent: &Sent) -> Vec<String> {
    let minute = |name: &'static str, label: &'static str| {
        let value = sent.get(name).to_owned();
        Minute { id: name, name, label, hint: String::new(), value, required: true }.to_string()
    };
    vec![
        minute("from", "From"),
        minute("until", "Until"),
        Field::text("reason", "Why").hint("The other side reads it.").value(sent.get("reason")).to_string(),
    ]
}

async fn freeze(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(client): Path<ClientId>,
    sent: Sent,
) -> Result<Response, Problem> {
    let new = match read_freeze(&sent) {
        Ok(new) => new,
        Err(why) => {
            let (refused, open) = (Some(Refused::because(why)), "freeze");
            return show(&app, shell, &viewer, client, Page { sent, refused, open, ..Page::default() }).await;
        }
    };
    if sent.given("confirm").is_none() {
        let meets = would_meet(&app, &viewer, &client, &new).await?;
        if !meets.is_empty() {
            return show(
                &app,
                shell,
                &viewer,
                client,
                Page { sent, meets, open: "freeze", ..Page::default() },
            )
            .await;
        }
    }
    done(&app, shell, &viewer, client, sent, "freeze", move |control, client, by, now| {
        control.set_freeze(client, new, by, now).map(drop)
    })
    .await
}

fn read_freeze(sent: &Sent) -> Result<NewFreeze, &'static str> {
    let instances: Result<Vec<InstanceId>, _> = sent.all("instance").map(str::parse).collect();
    Ok(NewFreeze {
        from: sent.minute("from").ok_or("Say from when, as 2026-03-09T18:00.")?,
        until: sent.minute("until").ok_or("Say until when, as 2026-03-09T19:00.")?,
        reason: sent.get("reason").to_owned(),
        instances: instances.map_err(|_| "One of the instances is not known.")?,
    })
}

/// What stays on file although the freeze is set: somebody should know before.
async fn would_meet(
    app: &App,
    viewer: &Viewer,
    client: &ClientId,
    new: &NewFreeze,
) -> Result<Vec<MaintenanceId>, Problem> {
    let (client, new, side) = (client.clone(), new.clone(), viewer.person.standing.side());
    let met = app
        .ask_control(move |control, now| control.read(&client, now, |book| book.would_meet(&new, side, now)))
        .await?;
    Ok(met.unwrap_or_default())
}

/// Which freeze an address names.
#[derive(Debug, Clone, Deserialize)]
struct OfFreeze {
    client: ClientId,
    freeze: FreezeId,
}

async fn lift(
    State(app): State<App>,
    shell: Shell,
    viewer: Viewer,
    Path(of): Path<OfFreeze>,
    sent: Sent,
) -> Result<Response, Problem> {
    let OfFreeze { client, freeze } = of;
    done(&app, shell, &viewer, client, sent, "lift", move |control, client, by, now| {
        control.lift_freeze(client, &freeze, by, now).map(drop)
    })
    .await
}
