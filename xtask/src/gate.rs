//! `cargo xtask test`: what must hold before a change is kept. CI calls this and nothing else.
//!
//! Cheap checks come first, so that a slip shows in seconds. Every check runs, whatever the others said.

use std::io::{self, BufRead, BufReader};
use std::process::{Command, ExitCode};

use crate::outcome::{Outcome, Report};
use crate::{browser, codegen, deny, house, openid, postgres, shell, tidy};

/// What a check is called in the table, and how it runs.
type Check = (&'static str, fn() -> Outcome);

/// Every check, in order.
const CHECKS: &[Check] = &[
    ("format", || component("rustfmt", "as rustfmt writes it", &["fmt", "--all", "--", "--check"])),
    ("house", house::check),
    ("tidy", tidy::check),
    ("clippy", clippy),
    ("deny", deny::licences_bans_sources),
    ("advisories", deny::advisories),
    ("postgresql", postgres::check),
    ("browser", browser::check),
    ("openid", openid::check),
    ("tests", tests),
    ("codegen", codegen::check),
];

/// Runs the checks named in `only`, or all of them, and prints the table. Fails when one of them does.
pub(crate) fn run(only: &[&str]) -> ExitCode {
    let known = |name: &&str| CHECKS.iter().any(|(check, _)| check == name);
    if let Some(unknown) = only.iter().find(|name| !known(name)) {
        let names: Vec<_> = CHECKS.iter().map(|(name, _)| *name).collect();
        eprintln!("no check is called `{unknown}`; there are {}", names.join(", "));
        return ExitCode::from(2);
    }
    let mut report = Report::start();
    for (name, check) in CHECKS.iter().filter(|(name, _)| only.is_empty() || only.contains(name)) {
        report.step(name, check);
    }
    report.finish()
}

/// Runs one chore with a report of its own.
pub(crate) fn one(name: &'static str, chore: fn() -> Outcome) -> ExitCode {
    let mut report = Report::start();
    report.step(name, chore);
    report.finish()
}

fn clippy() -> Outcome {
    component(
        "clippy",
        "no warnings",
        &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
    )
}

/// A cargo command that comes as a rustup component, fetched when it is missing and may be.
fn component(name: &str, passed: &str, args: &[&str]) -> Outcome {
    let present = || shell::output(shell::cargo(&[args[0], "--version"])).is_ok();
    if !present() {
        println!("cargo {} is missing: rustup component add {name}", args[0]);
        shell::works("rustup", &["component", "add", name]);
    }
    if !present() {
        return Outcome::not_run(&format!("no cargo {}", args[0]), &format!("rustup component add {name}"));
    }
    shell::pass_or_fail(shell::cargo(args), passed)
}

/// Unit, property, snapshot, end-to-end and documentation tests: all of them, even after a failure.
fn tests() -> Outcome {
    let mut command = shell::cargo(&["test", "--workspace", "--no-fail-fast", "--locked"]);
    command.env("INSTA_UPDATE", "no"); // A snapshot that differs is a failure, not a new file in the tree.
    match runner(command) {
        Ok(outcome) => outcome,
        Err(error) => {
            Outcome::not_run(&format!("the test runner was lost: {error}"), "cargo test --workspace")
        }
    }
}

/// Shows what the runner prints as it prints it, and reads the count off its own closing lines.
fn runner(mut command: Command) -> io::Result<Outcome> {
    let (reader, writer) = io::pipe()?;
    command.stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn()?;
    drop(command); // It holds the other end of the pipe, which must close for us to see the end.
    let mut tally = Tally::default();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("{line}");
        tally.read(&line);
    }
    Ok(tally.outcome(child.wait()?.success()))
}

/// What cargo and libtest said, line by line.
#[derive(Default)]
struct Tally {
    passed: u64,
    failed: u64,
    ignored: u64,
    /// Which binary runs now, as cargo names it.
    target: String,
    closing: Vec<String>,
}

impl Tally {
    fn read(&mut self, line: &str) {
        let words = line.trim();
        if words.starts_with("Running ") || words.starts_with("Doc-tests ") {
            self.target = words.split(" (").next().unwrap_or(words).to_owned();
            if let Some((_, binary)) = words.rsplit_once('/') {
                self.target += &format!(" ({binary}");
            }
        } else if let Some(counts) = words.strip_prefix("test result: ") {
            self.result(counts);
        } else if words.starts_with("test ") && (words.ends_with("FAILED") || words.contains("... ignored")) {
            self.closing.push(words.to_owned());
        }
    }

    /// `ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.10s`
    fn result(&mut self, counts: &str) {
        let count = |word: &str| {
            counts.split([';', '.']).find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
        };
        let (passed, failed) = (count("passed").unwrap_or(0), count("failed").unwrap_or(0));
        let ignored = count("ignored").unwrap_or(0);
        (self.passed, self.failed, self.ignored) =
            (self.passed + passed, self.failed + failed, self.ignored + ignored);
        if passed + failed + ignored > 0 {
            self.closing.push(format!("{}: {counts}", self.target));
        }
    }

    /// A runner that fails without a failed test was stopped by something else, such as a crate that does not build.
    fn outcome(self, runner_says_ok: bool) -> Outcome {
        let mut line = format!("{} passed, {} failed, {} ignored", self.passed, self.failed, self.ignored);
        let mut failed = self.failed;
        if !runner_says_ok && failed == 0 {
            failed = 1;
            line += "; the runner stopped, see its output above";
        }
        Outcome { passed: self.passed, failed, line, closing: self.closing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUN: &str = "
     Running unittests src/lib.rs (target/debug/deps/spans-0a1b2c)
test advance::tests::a_zero_budget ... ok
test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s
     Running tests/it/main.rs (target/debug/deps/it-99)
test long ... ignored, a night's work
test broken ... FAILED
test result: FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.10s
   Doc-tests spans
test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s
";

    fn tally(text: &str) -> Tally {
        let mut tally = Tally::default();
        text.lines().for_each(|line| tally.read(line));
        tally
    }

    #[test]
    fn the_count_is_the_runners_own() {
        let outcome = tally(RUN).outcome(false);
        assert_eq!((outcome.passed, outcome.failed), (15, 1));
        assert_eq!(
            outcome.closing,
            [
                "Running unittests src/lib.rs (spans-0a1b2c): ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.10s",
                "test long ... ignored, a night's work",
                "test broken ... FAILED",
                "Running tests/it/main.rs (it-99): FAILED. 3 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 1.10s",
            ]
        );
    }

    #[test]
    fn a_crate_that_does_not_build_is_a_failure_though_no_test_failed() {
        assert_eq!(tally("error: could not compile `spans`").outcome(false).failed, 1);
    }

    #[test]
    fn the_closing_lines_of_a_real_process_are_read_in_order() {
        let mut printf = Command::new("printf");
        printf.arg("test result: ok. 2 passed; 0 failed; 0 ignored\n");
        assert_eq!(runner(printf).expect("printf runs").passed, 2);
    }
}
