//! `cargo deny`: which licences and sources may come in (`deny.toml`), and known advisories when their database can be had.

use std::path::PathBuf;
use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

/// The version the gate installs. A newer one found in PATH is used as it is.
const VERSION: &str = "0.20.2";

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

/// Known vulnerabilities, by a copy of the database that somebody fetched: the gate itself reaches for no network. Its absence is
/// excused: the same commit must pass on a machine that has none (CONTRIBUTING.md, "What the gate cannot always run").
pub(crate) fn advisories() -> Outcome {
    let tool = match tool() {
        Ok(tool) => tool,
        Err(missing) => return missing,
    };
    let copy = std::fs::read_dir(shell::tools().join("advisory-db"));
    if !copy.is_ok_and(|mut entries| entries.next().is_some()) {
        return Outcome::excused(
            "no copy of the advisory database",
            "`cargo deny fetch db` with a network, then the same command",
        );
    }
    shell::pass_or_fail(
        call(tool, &["check", "--disable-fetch", "advisories"]),
        "no open advisory in the fetched copy",
    )
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
