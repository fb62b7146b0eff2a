//! `uphold check`: what is asked of an instance, as `POST /api/v1/clients/{client}/instances/{instance}/checks-end` says it.

use std::io::Write;

use clap::{Args, Subcommand};
use control::live::command::By;
use facts::{Actor, CheckEnded, CheckId, ClientId, InstanceId};

use super::at_hand::AtHand;
use crate::{output::Output, trouble::Trouble, wall};

#[derive(Subcommand)]
pub(crate) enum CheckCommand {
    /// Withdraw a check: from now on nobody asks it and nothing is known by it. What it saw stays.
    End(End),
}

#[derive(Args)]
pub(crate) struct End {
    /// The client.
    client: ClientId,
    /// The instance.
    instance: InstanceId,
    /// The check.
    check: CheckId,
    /// Who of the provider's says so.
    #[arg(long = "by", value_name = "NAME")]
    by: String,
    /// A role they hold, in the agreement's words; say it once for each.
    #[arg(long = "role")]
    roles: Vec<String>,
    /// That nobody looks from then on, where it is the last of its instance: every minute is unknown.
    #[arg(long)]
    confirm: bool,
    #[command(flatten)]
    at_hand: AtHand,
}

impl CheckCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self {
            CheckCommand::End(end) => end.run(out),
        }
    }
}

impl End {
    fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let control = self.at_hand.open()?;
        let actor = Actor { roles: self.roles, ..Actor::provider(&self.by) };
        let by = By { confirmed: self.confirm, ..By::new(actor) };
        let ended = CheckEnded { instance: self.instance, check: self.check };
        let (check, instance) = (ended.check.clone(), ended.instance.clone());
        control.end_check(&self.client, ended, by, wall::now())?;
        Ok(writeln!(out, "{check} of {instance} is withdrawn; what it saw stays")?)
    }
}
