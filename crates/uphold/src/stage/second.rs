//! The second vantage point: this very program in a process of its own, joined over HTTP like one in another town.

use std::{
    env,
    fs::File,
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    thread,
    time::Duration,
};

use control::live::Control;
use wire::Token;

use super::FAR;
use crate::{trouble::Trouble, wall};

/// How long it may take to put on disk what it saw last, in tenths of a second.
const STOP_TENTHS_MAX: u32 = 50;

/// The running process. It ends with ours, however ours ends: its standard input is then at its end.
pub(super) struct Second {
    child: Child,
    tie: Option<ChildStdin>,
}

/// An invitation that works once.
pub(super) fn token(control: &Control) -> Result<Token, Trouble> {
    let mut random = [0; 20];
    random.copy_from_slice(&wall::seed()?[..20]);
    Ok(control::invite(control.journal(), &FAR.parse()?, None, random, wall::now())?.token)
}

/// Starts it, once the server answers.
pub(super) fn start(at: SocketAddr, token: &Token, folder: &Path) -> Result<Second, Trouble> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["probe", "--until-stdin-ends", "--allow", "127.0.0.0/8"]);
    command.arg("--join").arg(token.to_string()).arg("--control").arg(format!("http://{at}"));
    command.arg("--home").arg(folder.join(FAR));
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(File::create(folder.join("fra.log"))?);
    let mut child = command.spawn()?;
    let tie = child.stdin.take();
    Ok(Second { child, tie })
}

impl Second {
    /// Ends it, and waits until it has ended.
    pub(super) fn stop(mut self) {
        drop(self.tie.take());
        for _ in 0..STOP_TENTHS_MAX {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
