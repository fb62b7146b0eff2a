//! `uphold demo`: everything live; and what real histories say.

use std::net::SocketAddr;

use clap::{Args, Subcommand};

use super::{histories::HistoriesCommand, serve::LISTEN};
use crate::{output::Output, stage, trouble::Trouble};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct DemoCommand {
    #[command(subcommand)]
    other: Option<Other>,
    #[command(flatten)]
    live: Live,
}

#[derive(Subcommand)]
enum Other {
    /// Real monitoring rows and real incidents, from files to statements in one go, without a server.
    Histories(HistoriesCommand),
}

#[derive(Args)]
struct Live {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// Say where everything is in one line of JSON, for scripts.
    #[arg(long)]
    json: bool,
    /// Ask staff for a second factor, as `serve` does; without it a password is enough in the demonstration.
    #[arg(long)]
    second_factor: bool,
}

impl DemoCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self.other {
            Some(Other::Histories(histories)) => histories.run(out),
            None => stage::run(self.live.listen, self.live.json, !self.live.second_factor, out),
        }
    }
}
