//! The two chores that take long and are started by hand: benchmarks and fuzzing.

use std::process::{Command, ExitCode};

use crate::shell;

/// Every criterion benchmark of the workspace, or those whose name holds `filter`.
pub(crate) fn run(filter: &[&str]) -> ExitCode {
    let mut command = shell::cargo(&["bench", "--workspace", "--bench", "*", "--"]);
    command.args(filter);
    done(command.status().is_ok_and(|status| status.success()))
}

/// Each fuzz target for `minutes` (ten when not said), starting from its corpus.
pub(crate) fn fuzz(minutes: Option<&str>) -> ExitCode {
    let Ok(minutes) = minutes.unwrap_or("10").parse::<u32>() else {
        eprintln!("how many minutes? cargo xtask fuzz 10");
        return ExitCode::from(2);
    };
    if !shell::works("cargo", &["+nightly", "fuzz", "--version"]) {
        eprintln!(
            "fuzzing needs a nightly compiler: rustup toolchain install nightly; cargo install cargo-fuzz"
        );
        return ExitCode::FAILURE;
    }
    let targets = match shell::output(nightly_fuzz(&["list"])) {
        Ok(targets) => targets,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    done(targets.split_whitespace().all(|target| {
        let limit = format!("-max_total_time={}", minutes * 60);
        nightly_fuzz(&["run", target, "--", &limit]).status().is_ok_and(|status| status.success())
    }))
}

/// Not `shell::cargo`: only rustup's own `cargo` knows `+nightly`.
fn nightly_fuzz(args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command.args(["+nightly", "fuzz"]).args(args).current_dir(shell::root());
    command
}

fn done(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
