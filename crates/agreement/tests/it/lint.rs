//! Every rule finds what it is for: a shipped file with one line changed, and what is found anew.

mod blanks;
mod calendars;
mod entries;
mod mistakes;
mod obligations;
mod shipped_files;
mod targets;

use agreement::{Agreement, Finding};

/// One blank where the files align their columns, so that tidying them changes no test.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for line in text.lines() {
        plain.push_str(&line.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "));
        plain.push('\n');
    }
    plain
}

/// Everything found in a text, by reading it and then by judging it.
fn found(text: &str) -> Vec<Finding> {
    let (agreement, mut findings) = Agreement::read(text);
    findings.extend(agreement.iter().flat_map(Agreement::lint));
    findings
}

/// `error L-09 at "5h" (SH-MAINT-05): a maintenance window is 4 hours long, not 5h`, and the way out below.
fn told(text: &str, findings: &[Finding]) -> String {
    let each = findings.iter().map(|f| {
        let at = text[f.place.0.clone()].lines().next().unwrap_or_default();
        let clauses =
            if f.clauses.is_empty() { String::new() } else { format!(" ({})", f.clauses.join(" ")) };
        format!("{} {} at `{at}`{clauses}: {}\n  {}\n", f.weight.name(), f.rule, f.message, f.way_out)
    });
    each.collect()
}

/// A shipped file with some of its words replaced: what does it say that the shipped one does not?
#[track_caller]
fn check_change(text: &str, changes: &[(&str, &str)], expect: &str) {
    let before = plain(text);
    let mut after = before.clone();
    for (from, to) in changes {
        assert_eq!(after.matches(from).count(), 1, "`{from}` stands there once");
        after = after.replacen(from, to, 1);
    }
    let known: Vec<(&'static str, String)> =
        found(&before).into_iter().map(|f| (f.rule, f.message)).collect();
    let new: Vec<Finding> =
        found(&after).into_iter().filter(|f| !known.contains(&(f.rule, f.message.clone()))).collect();
    let lines = expect.lines().map(|line| line.strip_prefix("        ").unwrap_or(line));
    let expect: String =
        lines.filter(|line| !line.trim().is_empty()).map(|line| format!("{line}\n")).collect();
    let told = told(&after, &new);
    assert!(told == expect, "found\n{told}\nexpected\n{expect}");
}
