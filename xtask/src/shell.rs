//! The few ways this program calls others.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::outcome::Outcome;

/// The root of the workspace: the folder above this crate.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies inside the workspace")
}

/// Where tools live that the gate installs for itself, so that no home folder is touched.
pub(crate) fn tools() -> PathBuf {
    root().join("target/tools")
}

/// The cargo that started us, at the root of the workspace.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// Runs to the end with its output shown; passed when it says so itself.
pub(crate) fn pass_or_fail(mut command: Command, passed: &str) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Outcome::passed(passed),
        Ok(status) => Outcome::failed(status.to_string()),
        Err(error) => {
            Outcome::not_run(&cannot_start(&command, &error), "install it and see that PATH has it")
        }
    }
}

/// What the command prints, or why it gave nothing.
pub(crate) fn output(mut command: Command) -> Result<String, String> {
    let output = command.output().map_err(|error| cannot_start(&command, &error))?;
    if !output.status.success() {
        return Err(format!(
            "{command:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    String::from_utf8(output.stdout).map_err(|error| format!("{command:?}: {error}"))
}

/// True when the command starts and ends well; its output is not shown.
pub(crate) fn works(program: &str, args: &[&str]) -> bool {
    Command::new(program).args(args).output().is_ok_and(|output| output.status.success())
}

/// Installs something, as root or with a sudo that asks nothing. Whether it worked is read off the machine afterwards.
pub(crate) fn as_root(what: &str, script: &str) {
    let mut id = Command::new("id");
    id.arg("-u");
    let (program, args): (_, &[&str]) = match () {
        () if !works("apt-get", &["--version"]) => return,
        () if output(id).is_ok_and(|id| id.trim() == "0") => ("sh", &["-c", script]),
        () if works("sudo", &["-n", "true"]) => ("sudo", &["-n", "sh", "-c", script]),
        () => return,
    };
    println!("{what} is missing: installing Debian's package");
    let _ = Command::new(program).args(args).status();
}

fn cannot_start(command: &Command, error: &io::Error) -> String {
    format!("{} does not start: {error}", command.get_program().display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failing_command_fails_and_a_missing_one_did_not_run() {
        assert_eq!(pass_or_fail(Command::new("false"), "fine").failed, 1);
        let missing = pass_or_fail(Command::new("no-such-program-here"), "fine");
        assert!(missing.line.starts_with("NOT RUN"), "{}", missing.line);
    }
}
