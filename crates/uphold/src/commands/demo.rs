//! `uphold demo`: what real histories say; and the live demonstration.

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
    histories: HistoriesCommand,
}

#[derive(Subcommand)]
enum Other {
    /// Everything live: two clients, three services of its own that fail on a timetable, and a made-up year of history.
    Live(Live),
}

#[derive(Args)]
struct Live {
    /// Where to listen.
    #[arg(long, value_name = "ADDRESS", default_value = LISTEN)]
    listen: SocketAddr,
    /// Say where everything is in one line of JSON, for scripts.
    #[arg(long)]
    json: bool,
}

impl DemoCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        match self.other {
            Some(Other::Live(live)) => stage::run(live.listen, live.json, out),
            None => self.histories.run(out),
        }
    }
}
