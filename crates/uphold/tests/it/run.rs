//! Runs `uphold` and keeps what it said.

use std::{
    io::Write,
    process::{Command, Stdio},
    thread,
};

/// What a run left behind.
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A run with arguments and nothing on stdin.
pub(crate) fn uphold(args: &[&str]) -> Ran {
    uphold_with(args, "")
}

/// A run where no file may grow beyond so many KiB: a full disk, as far as the process can tell.
pub(crate) fn starved(args: &[&str], kib: u32) -> Ran {
    let mut shell = Command::new("sh");
    let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$0\" \"$@\"", kib * 2);
    shell.arg("-c").arg(script).arg(env!("CARGO_BIN_EXE_uphold")).args(args);
    finished(at_the_root(&mut shell), "")
}

/// A run with a disk of its own at `folder`, 1 MiB large; what then lies there follows its answer. Where this machine lets
/// nobody mount one, no file may grow so large instead.
pub(crate) fn on_a_small_disk(folder: &str, args: &[&str]) -> Ran {
    let script =
        r#"mount -t tmpfs -o size=1m small "$0" || exit 99; "$@"; status=$?; ls -A "$0"; exit $status"#;
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "--mount", "sh", "-c", script, folder]);
    unshare.arg(env!("CARGO_BIN_EXE_uphold")).args(args);
    let ran = finished(at_the_root(&mut unshare), "");
    let cannot = ran.status == 99 || ran.err.starts_with("unshare:");
    if cannot { starved(args, 1024) } else { ran }
}

/// A run with a full disk at `folder`, on which `kept` alone lies, a copy of that file; what then lies there follows its answer.
/// None where this machine lets nobody mount one.
pub(crate) fn on_a_full_disk(folder: &str, kept: Option<&str>, args: &[&str]) -> Option<Ran> {
    let script = r#"mount -t tmpfs -o size=1m full "$0" || exit 99; kept="$1"; shift; [ -z "$kept" ] || cp "$kept" "$0"/ || exit 99
        cat /dev/zero >"$0/filler" 2>/dev/null
        "$@"; status=$?; rm "$0/filler"; ls -A "$0"; exit $status"#;
    let mut unshare = Command::new("unshare");
    unshare.args([
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        script,
        folder,
        kept.unwrap_or_default(),
    ]);
    unshare.arg(env!("CARGO_BIN_EXE_uphold")).args(args);
    let ran = finished(at_the_root(&mut unshare), "");
    let cannot = ran.status == 99 || ran.err.starts_with("unshare:");
    (!cannot).then_some(ran)
}

/// A run in another folder.
pub(crate) fn uphold_in(folder: &str, args: &[&str]) -> Ran {
    finished(command(args).current_dir(folder), "")
}

/// A run as somebody who is not root, who may read and write anything; `folder` is theirs to enter and holds the program.
#[cfg(unix)]
pub(crate) fn uphold_as_nobody(folder: &str, args: &[&str]) -> Ran {
    use std::os::unix::fs::MetadataExt;
    if !std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0) {
        return uphold(args);
    }
    let copy = format!("{folder}/uphold-binary");
    if !std::fs::exists(&copy).unwrap() {
        std::fs::copy(env!("CARGO_BIN_EXE_uphold"), &copy).unwrap();
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"]).arg(copy).args(args);
    finished(at_the_root(&mut command), "")
}

/// A run with something on stdin.
pub(crate) fn uphold_with(args: &[&str], input: &str) -> Ran {
    finished(&mut command(args), input)
}

fn finished(command: &mut Command, input: &str) -> Ran {
    let mut child = command.spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_owned());
    // A command that refuses early reads nothing, so the answer to the write does not matter.
    let feeding = thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    feeding.join().unwrap();
    Ran {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The built command with all pipes open, at the root of the repository.
pub(crate) fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_uphold"));
    at_the_root(command.args(args));
    command
}

fn at_the_root(command: &mut Command) -> &mut Command {
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped())
}

impl Ran {
    /// Stdout of a run that went well.
    #[track_caller]
    pub(crate) fn ok(self) -> String {
        assert_eq!((self.status, self.err.as_str()), (0, ""), "{}", self.out);
        self.out
    }

    /// Stderr of a run that failed with this status and answered nothing.
    #[track_caller]
    pub(crate) fn refused(self, status: i32) -> String {
        assert_eq!((self.status, self.out.as_str()), (status, ""), "{}", self.err);
        self.err
    }
}
