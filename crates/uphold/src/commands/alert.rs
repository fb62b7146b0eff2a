//! `uphold alert`: a resource of an instance crossed its limit, as `POST /api/v1/clients/{client}/alerts` says it.

use std::io::Write;

use clap::Args;
use control::live::command::{By, Crossing};
use facts::{Actor, ClientId, InstanceId};

use super::at_hand::AtHand;
use crate::{output::Output, trouble::Trouble, wall};

#[derive(Args)]
pub(crate) struct AlertCommand {
    /// The client.
    client: ClientId,
    /// The instance.
    instance: InstanceId,
    /// What is running out, such as disk: one incident for each at a time.
    resource: String,
    /// What was measured, a whole number: at the limit or above.
    #[arg(long)]
    value: u64,
    /// Its limit.
    #[arg(long)]
    limit: u64,
    /// The unit of both, such as %.
    #[arg(long, default_value = "")]
    unit: String,
    /// What shows it: a line of a log, the name of a graph.
    #[arg(long)]
    evidence: String,
    /// The monitoring that says so.
    #[arg(long = "by", value_name = "NAME")]
    by: String,
    #[command(flatten)]
    at_hand: AtHand,
}

impl AlertCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let control = self.at_hand.open()?;
        let AlertCommand { instance, resource, value, limit, unit, evidence, .. } = self;
        let crossing = Crossing { instance, resource, value, limit, unit, evidence };
        let by = By::new(Actor::automaton(&self.by));
        let alerted = control.cross(&self.client, crossing, by, wall::now())?;
        let ticket = alerted.ticket;
        match alerted.done {
            Some(_) => writeln!(out, "recorded on {ticket}; the server tells people at once")?,
            None => writeln!(out, "{ticket} is open for it, and as much is on record there")?,
        }
        Ok(())
    }
}
