//! The test binary run again as another process: one that can be killed, starved of disk, or run as somebody else.

use std::{
    env, fs,
    os::unix::fs::MetadataExt,
    path::Path,
    process::{Command, Stdio},
};

/// A command that runs one test of this binary, an ignored one that plays a part, in a process of its own.
pub(crate) fn playing(part: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    as_part(&mut command, part);
    command
}

/// The same where no file may grow beyond so many KiB: a full disk, as far as the process can tell.
pub(crate) fn playing_on_a_full_disk(part: &str, kib: u32) -> Command {
    let mut command = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kib * 2);
    command.arg("-c").arg(script).arg(env::current_exe().unwrap());
    as_part(&mut command, part);
    command
}

/// The same as somebody who is not root, who may write anything. The binary is copied to a folder they can read.
pub(crate) fn playing_as_nobody(part: &str, folder: &Path) -> Command {
    if !fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        return playing(part);
    }
    let copy = folder.join("test-binary");
    fs::copy(env::current_exe().unwrap(), &copy).unwrap();
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(copy);
    as_part(&mut command, part);
    command
}

fn as_part(command: &mut Command, part: &str) {
    command.args(["--exact", part, "--ignored", "--nocapture", "--test-threads=1"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).current_dir("/");
}

/// What the parent told its child.
pub(crate) fn told(name: &str) -> String {
    println!(); // the test harness has begun a line of its own
    env::var(name).unwrap_or_else(|_| panic!("{name} is set by the test that plays this part"))
}
