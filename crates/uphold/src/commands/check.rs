//! `uphold check`: what is asked of an instance, as `POST /api/v1/clients/{client}/instances/{instance}/checks-end` says it.

use std::{io::Write, path::PathBuf, sync::Arc};

use clap::{Args, Subcommand};
use control::live::{Control, Shelf, command::By};
use facts::{Actor, CheckEnded, CheckId, ClientId, InstanceId};
use journal::{Journal, Location};

use super::serve::paper;
use crate::{output::Output, service, trouble::Trouble, wall};

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
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// The agreement files of the client; say it once for each.
    #[arg(
        long = "agreement",
        value_name = "FILE",
        env = "UPHOLD_AGREEMENTS",
        value_delimiter = ',',
        required = true
    )]
    agreements: Vec<PathBuf>,
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
        let papers = self.agreements.iter().map(|path| paper(path)).collect::<Result<Vec<_>, _>>()?;
        let journal = Arc::new(Journal::open_existing(&self.store)?);
        let control = Control::open(journal, Shelf::new(papers), service::random()?, wall::now())?;
        let actor = Actor { roles: self.roles, ..Actor::provider(&self.by) };
        let by = By { confirmed: self.confirm, ..By::new(actor) };
        let ended = CheckEnded { instance: self.instance, check: self.check };
        let (check, instance) = (ended.check.clone(), ended.instance.clone());
        control.end_check(&self.client, ended, by, wall::now())?;
        Ok(writeln!(out, "{check} of {instance} is withdrawn; what it saw stays")?)
    }
}
