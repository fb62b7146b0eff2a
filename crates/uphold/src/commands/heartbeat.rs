//! `uphold heartbeat`: the address at which a service calls by itself.

use std::io::Write;

use clap::Args;
use facts::{CheckId, ClientId, InstanceId};
use journal::{Journal, Location, heartbeat::Beating};

use crate::{output::Output, trouble::Trouble, wall};

#[derive(Args)]
pub(crate) struct HeartbeatCommand {
    /// The client.
    client: ClientId,
    /// The instance.
    instance: InstanceId,
    /// The check, defined with `grace_s`.
    check: CheckId,
    /// The journal: a file's path, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "PLACE", env = "UPHOLD_STORE")]
    store: Location,
    /// Where the service reaches the server.
    #[arg(long, value_name = "ORIGIN", env = "UPHOLD_ORIGIN", default_value = "https://CONTROL")]
    control: String,
}

impl HeartbeatCommand {
    pub(crate) fn run(self, out: &mut Output) -> Result<(), Trouble> {
        let HeartbeatCommand { client, instance, check, store, control } = self;
        let mut random = [0; 20];
        random.copy_from_slice(&wall::seed()?[..20]);
        let of = Beating { client, instance, check };
        let journal = Journal::open(&store)?;
        let secret = control::heartbeat_secret(&journal, &of, random, wall::now())?;
        writeln!(out, "{control}/beat/{secret}       when it is well")?;
        writeln!(out, "{control}/beat/{secret}/fail  when it is not")?;
        Ok(writeln!(
            out,
            "Shown once: whoever knows it speaks for {}. An address of before leads nowhere now.",
            of.instance
        )?)
    }
}
