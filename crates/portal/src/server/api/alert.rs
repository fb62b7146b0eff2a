//! Alerts: the provider's own monitoring says that a resource crossed its limit (MP-SC-INC-02).

use axum::Json;
use control::live::command::Crossing;
use desk::policy::Action;
use facts::{ClientId, InstanceId};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{head::Write, operation::Operation, receipt::Receipt, shape::at};
use crate::server::{Problem, Route};

pub(super) fn routes() -> Vec<Route> {
    let raise = Operation::act::<NewAlert, Receipt>(
        "Incidents",
        "raise_alert",
        "Says that a resource of an instance crossed its limit. It opens an incident, named by `id`, and people are told at once; while that \
         is open, what is worse than before is recorded on it, and anything else is known.",
    );
    vec![Route::post("/api/v1/clients/{client}/alerts", Action::RaiseAlert, raise_alert).told(raise)]
}

/// A resource that crossed its limit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewAlert {
    /// An instance of this client's that is covered.
    #[schema(value_type = String)]
    instance: InstanceId,
    /// What is running out, such as `disk`: one incident for each at a time.
    resource: String,
    /// What was measured, in `unit`: at `limit` or above. What has fractions is said in a smaller unit.
    value: u64,
    /// Its limit, in `unit`.
    limit: u64,
    /// The unit of both, such as `%`.
    #[serde(default)]
    unit: String,
    /// What shows it: a line of a log, the name of a graph. The client reads it too.
    evidence: String,
}

async fn raise_alert(
    Write { app, viewer, place: client, sent }: Write<ClientId, NewAlert>,
) -> Result<Json<Receipt>, Problem> {
    let by = sent.by(&viewer, false)?;
    let NewAlert { instance, resource, value, limit, unit, evidence } = sent.body;
    let crossing = Crossing { instance, resource, value, limit, unit, evidence };
    let receipt = app.ask_control(move |control, now| {
        let alerted = control.cross(&client, crossing, by, now)?;
        let ticket = alerted.ticket.as_str();
        let href = at(&client, &["requests", ticket]);
        let Some(done) = &alerted.done else {
            let note = format!("{ticket} is open for it, and as much is on record there.");
            return Ok(Receipt::known(&client, href, ticket, note));
        };
        Receipt::of(control, &client, href, ticket, done)
    });
    Ok(receipt.await?.answer())
}
