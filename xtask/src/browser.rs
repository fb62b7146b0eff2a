//! Chromium and its driver for the tests that use a real browser (`testkit`): found, else installed with apt-get where we may, else
//! one line that says how.

use std::process::Command;

use crate::outcome::Outcome;
use crate::shell;

const BY_HAND: &str = "apt-get install -y --no-install-recommends chromium chromium-driver";

const INSTALL: &str = "set -eu; export DEBIAN_FRONTEND=noninteractive; apt-get update -q; \
    apt-get install -y -q --no-install-recommends chromium chromium-driver";

/// Passed when the driver can be called. It brings the browser of its own version with it.
pub(crate) fn check() -> Outcome {
    if version().is_none() {
        shell::as_root("Chromium's driver", INSTALL);
    }
    match version() {
        None => Outcome::not_run("no chromedriver in PATH", BY_HAND),
        Some(version) => Outcome::passed(version),
    }
}

/// `ChromeDriver 156.0.8078.79`, without what it was built from.
fn version() -> Option<String> {
    let mut command = Command::new("chromedriver");
    command.arg("--version");
    let said = shell::output(command).ok()?;
    let words: Vec<&str> = said.split_whitespace().take(2).collect();
    (words.len() == 2).then(|| words.join(" "))
}
