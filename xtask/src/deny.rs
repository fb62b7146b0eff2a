//! `cargo deny`: which licences and sources may come in (`deny.toml`), and known advisories when their database can be had.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crate::outcome::Outcome;
use crate::shell;

/// The version the gate installs. A newer one found in PATH is used as it is.
const VERSION: &str = "0.20.2";

/// Fetching the advisory database takes a few seconds; a network that swallows packets must not hold the gate.
const FETCH_MAX: Duration = Duration::from_secs(120);

/// Licences, banned crates, sources: from the lock file alone.
pub(crate) fn licences_bans_sources() -> Outcome {
    match tool() {
        Ok(tool) => shell::pass_or_fail(
            call(tool, &["--log-level", "error", "check", "licenses", "bans", "sources"]),
            "licences, bans, sources",
        ),
        Err(missing) => missing,
    }
}

/// Known vulnerabilities, from a database on the network. Its absence is excused: the same commit must pass on a
/// machine without network (CONTRIBUTING.md, "What the gate cannot always run").
pub(crate) fn advisories() -> Outcome {
    let tool = match tool() {
        Ok(tool) => tool,
        Err(missing) => return missing,
    };
    match shell::within(FETCH_MAX, call(tool.clone(), &["fetch", "db"])) {
        Ok(Some(status)) if status.success() => {
            shell::pass_or_fail(call(tool, &["check", "--disable-fetch", "advisories"]), "no open advisory")
        }
        _ => Outcome::excused("the advisory database was not reached", "the same command, with a network"),
    }
}

fn call(tool: PathBuf, args: &[&str]) -> Command {
    let mut command = Command::new(tool);
    command.args(args).current_dir(shell::root()).env("GIT_TERMINAL_PROMPT", "0");
    command
}

/// Our own copy, else the one in PATH, else one built now (about a minute on two cores, once).
fn tool() -> Result<PathBuf, Outcome> {
    let ours = shell::tools().join("bin/cargo-deny");
    if ours.exists() {
        return Ok(ours);
    }
    if shell::works("cargo-deny", &["--version"]) {
        return Ok("cargo-deny".into());
    }
    println!("cargo-deny is missing: building {VERSION} into {}", shell::tools().display());
    if install().status().is_ok_and(|status| status.success()) {
        return Ok(ours);
    }
    Err(Outcome::not_run("no cargo-deny", &format!("cargo install cargo-deny --locked --version {VERSION}")))
}

/// Unoptimised: it reads one lock file, and builds four times faster so.
fn install() -> Command {
    let mut command =
        shell::cargo(&["install", "cargo-deny", "--locked", "--version", VERSION, "--debug", "--root"]);
    command.arg(shell::tools()).env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}
