//! How a check ended, and the table of all of them.
//!
//! A check that could not run counts as failed, unless its absence is excused by name in CONTRIBUTING.md; either way it
//! stands in the table with one line that says how to make it run. Nothing is skipped in silence.

use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How one check ended. A check counts as one, the test runner as many as it ran.
#[must_use = "an outcome nobody reads was not a check"]
pub(crate) struct Outcome {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    /// One line for the table.
    pub(crate) line: String,
    /// What a reader should see again at the end: findings, the test runner's closing lines.
    pub(crate) closing: Vec<String>,
}

impl Outcome {
    pub(crate) fn passed(line: impl Into<String>) -> Self {
        Self { passed: 1, failed: 0, line: line.into(), closing: Vec::new() }
    }

    pub(crate) fn failed(line: impl Into<String>) -> Self {
        Self { passed: 0, failed: 1, line: line.into(), closing: Vec::new() }
    }

    /// The check could not run, which is a failure: a gate with a hole is open.
    pub(crate) fn not_run(why: &str, how: &str) -> Self {
        Self::failed(format!("NOT RUN: {why}. To run it: {how}"))
    }

    /// The check could not run, and CONTRIBUTING.md says why that is no failure.
    pub(crate) fn excused(why: &str, how: &str) -> Self {
        let line = format!("not run: {why}. To run it: {how}");
        Self { passed: 0, failed: 0, line, closing: Vec::new() }
    }

    /// Passed when there are no findings; otherwise failed, with all of them.
    pub(crate) fn of_findings(findings: Vec<String>, clean: impl Into<String>) -> Self {
        match findings.len() {
            0 => Self::passed(clean),
            1 => Self { closing: findings, ..Self::failed("1 finding") },
            n => Self { closing: findings, ..Self::failed(format!("{n} findings")) },
        }
    }

    fn verdict(&self) -> &'static str {
        match (self.passed, self.failed) {
            (_, 1..) => "FAILED",
            (0, 0) => "-",
            _ => "ok",
        }
    }
}

/// The checks so far, in the order they ran.
pub(crate) struct Report {
    rows: Vec<(&'static str, Outcome, Duration)>,
    started: Instant,
}

impl Report {
    pub(crate) fn start() -> Self {
        Self { rows: Vec::new(), started: now() }
    }

    /// Runs one check under a heading and keeps how it ended.
    pub(crate) fn step(&mut self, name: &'static str, check: impl FnOnce() -> Outcome) {
        println!("\n=== {name}");
        let since = now();
        let outcome = check();
        for line in &outcome.closing {
            println!("{line}");
        }
        println!("--- {name}: {} ({})", outcome.line, spelled(since.elapsed()));
        self.rows.push((name, outcome, since.elapsed()));
    }

    /// Prints the table and, alone on the last line, the sum: `N passed, N failed`.
    pub(crate) fn finish(self) -> ExitCode {
        println!("\n=== summary");
        for (name, outcome, took) in &self.rows {
            println!("{name:<12} {:<6} {:>11}  {}", outcome.verdict(), spelled(*took), outcome.line);
            if outcome.failed > 0 || *name == "tests" {
                outcome.closing.iter().for_each(|line| println!("    {line}"));
            }
        }
        println!("{:<12} {:<6} {:>11}", "all", "", spelled(self.started.elapsed()));
        let passed: u64 = self.rows.iter().map(|(_, outcome, _)| outcome.passed).sum();
        let failed: u64 = self.rows.iter().map(|(_, outcome, _)| outcome.failed).sum();
        println!("{passed} passed, {failed} failed");
        if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// `4.2 s` or `3 min 07 s`.
fn spelled(took: Duration) -> String {
    match took.as_secs() {
        seconds @ 0..60 => format!("{seconds}.{} s", took.subsec_millis() / 100),
        seconds => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the gate times its own checks; no figure of the product hangs on it"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_could_not_run_counts_as_failed_and_an_excused_one_as_nothing() {
        let missing = Outcome::not_run("no initdb", "apt-get install postgresql");
        assert_eq!((missing.passed, missing.failed), (0, 1));
        let excused = Outcome::excused("no advisory database", "run it online");
        assert_eq!((excused.passed, excused.failed), (0, 0));
    }

    #[test]
    fn findings_fail_a_check() {
        assert_eq!(Outcome::of_findings(vec![], "clean").failed, 0);
        assert_eq!(Outcome::of_findings(vec!["one".into(), "two".into()], "clean").line, "2 findings");
    }

    #[test]
    fn times_are_spelled_for_people() {
        assert_eq!(spelled(Duration::from_millis(4_270)), "4.2 s");
        assert_eq!(spelled(Duration::from_secs(187)), "3 min 07 s");
    }
}
