//! `uphold probe`: a vantage point on this machine. Only outbound; what it saw lies on disk until the server has it.

use std::{
    path::{Path, PathBuf},
    pin::pin,
    sync::Arc,
};

use clap::Args;
use probe::{
    Cidr, Guard, Looker, Names, SystemClock, Trust,
    uplink::{self, Event, Pace},
};
use wire::Token;

use crate::{service::asked_to_stop, trouble::Trouble};

#[derive(Args)]
pub(crate) struct ProbeCommand {
    /// Where it keeps who it is, what it was told to ask, and what the server does not have yet. For one vantage point alone.
    #[arg(long, value_name = "DIR", env = "UPHOLD_PROBE_HOME")]
    home: PathBuf,
    /// Join first, with the token of `uphold vantage invite`. Left out once it has joined.
    #[arg(long, value_name = "TOKEN", requires = "control")]
    join: Option<Token>,
    /// The server to join: https://HOST; plain http only on this very machine.
    #[arg(long, value_name = "URL", requires = "join")]
    control: Option<String>,
    /// A private range that checks may ask from here, such as 10.1.0.0/16; say it once for each. Kept in the home: a start that
    /// names none goes on with those of the start before, one that names some replaces them.
    #[arg(long = "allow", value_name = "RANGE", env = "UPHOLD_ALLOW", value_delimiter = ',')]
    allow: Vec<Cidr>,
    /// From now on checks may ask no private range from here, whatever was kept.
    #[arg(long, conflicts_with = "allow")]
    allow_none: bool,
    /// End when standard input does: for a process that must not outlive the one that started it.
    #[arg(long, hide = true)]
    until_stdin_ends: bool,
}

impl ProbeCommand {
    pub(crate) fn run(self) -> Result<(), Trouble> {
        crate::log::start();
        // Looks are timed by their task: one thread that does little else.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(self.watch())
    }

    async fn watch(self) -> Result<(), Trouble> {
        let asked = asked_to_stop()?;
        let bound = self.until_stdin_ends;
        let mut stop = pin!(async move {
            tokio::select! {
                () = asked => {}
                () = stdin_ends(), if bound => {}
            }
        });
        let trust = Trust::system();
        if let (Some(token), Some(control)) = (self.join, &self.control) {
            let vantage = tokio::select! {
                joined = uplink::join(control, token, &self.home, &trust) => joined?,
                () = &mut stop => return Ok(()),
            };
            tracing::info!(%vantage, control, "probe.joined");
        }
        let clock = Arc::new(SystemClock);
        let allowed = allowed(&self.home, self.allow, self.allow_none)?;
        let ranges = allowed.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let guard = Guard::public().allowing(allowed);
        let secrets = uplink::secrets(&self.home)?;
        tracing::info!(home = %self.home.display(), allowed = ranges, secrets = secrets.len(), "probe.watching");
        let looker = Looker::new(guard, Names::system(), &trust, clock.clone()).knowing(secrets);
        uplink::run(&self.home, looker, clock, &trust, Pace::default(), tell, stop).await?;
        tracing::info!("probe.stopped");
        Ok(())
    }
}

/// What the command or the environment names, kept for the next start; what was kept, where they name nothing.
fn allowed(home: &Path, named: Vec<Cidr>, none: bool) -> Result<Vec<Cidr>, Trouble> {
    if named.is_empty() && !none {
        return Ok(uplink::allowed(home)?);
    }
    uplink::allow(home, &named)?;
    Ok(named)
}

/// Completes at the end of standard input. Reading it takes a thread, which ends with the process.
async fn stdin_ends() {
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}

fn tell(event: Event) {
    match event {
        Event::Kept { boot, sequence, looks } => tracing::debug!(%boot, sequence, looks, "report.kept"),
        Event::NotKept { why } => tracing::error!(why, "report.not_kept"),
        Event::Received { boot, sequence, waiting } => {
            tracing::debug!(%boot, sequence, waiting, "report.received");
        }
        Event::Lost { why, again_in } => {
            let again_in_ms = u64::try_from(again_in.as_millis()).unwrap_or(u64::MAX);
            tracing::warn!(why, again_in_ms, "control.lost");
        }
        Event::PutAside { boot, sequence, why } => {
            tracing::error!(%boot, sequence, why, "report.put_aside");
        }
        Event::Assigned { revision, checks } => tracing::info!(revision, checks, "probe.assigned"),
    }
}
