//! The cases of `clock_cases.txt`, each of which says by hand when something is due and why.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use crate::story::{Deal, ENTERPRISE, MANAGED, PREMIUM, STANDARD, shown, tell};
use promise::obligation::obligations;

const CASES: &str = include_str!("../clock_cases.txt");
const LEAST: usize = 60;

/// One case, with the line it begins in.
struct Case<'c> {
    line: usize,
    why: &'c str,
    agreement: &'c str,
    rule: &'c str,
    story: String,
    expected: &'c str,
}

#[test]
fn every_clock_case_is_due_when_the_hand_says() {
    let cases = cases(CASES);
    assert!(LEAST <= cases.len(), "{} cases", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(wrong).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

#[test]
fn a_case_that_is_wrong_is_told_with_its_line() {
    let text = CASES.replacen("= T-1 running due Mon 9 Mar 17:00", "= T-1 running due Mon 9 Mar 16:59", 1);
    let told: Vec<String> = cases(&text).iter().take(3).filter_map(wrong).collect();
    let [only] = told.as_slice() else { panic!("{told:?}") };
    assert!(only.contains("by hand T-1 running due Mon 9 Mar 16:59") && only.starts_with("line "), "{only}");
}

fn wrong(case: &Case<'_>) -> Option<String> {
    let (facts, now) = tell(&case.story);
    let told = shown(&obligations(&deal(case.agreement).versions(), &facts, now), case.rule).join("; ");
    let (line, why, expected) = (case.line, case.why, case.expected);
    (told != expected).then(|| format!("line {line}: {why}\n  by hand {expected}\n  told    {told}"))
}

fn cases(text: &str) -> Vec<Case<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let starts = lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.strip_prefix("# ")?)));
    starts.map(|(at, why)| case(&lines[at..], at + 1, why)).collect()
}

fn case<'c>(lines: &[&'c str], line: usize, why: &'c str) -> Case<'c> {
    let end = lines.iter().position(|line| line.starts_with("= ")).expect("a case says what is expected");
    let (agreement, rule) = lines[1].split_once(' ').expect("an agreement and a rule");
    Case { line, why, agreement, rule, story: lines[2..end].join(" "), expected: &lines[end][2..] }
}

fn deal(name: &str) -> Deal {
    match name.split_once('+') {
        None => named(name),
        Some((name, "pause")) => pausing(named(name)),
        Some(_) => panic!("no agreement is called {name}"),
    }
}

fn named(name: &str) -> Deal {
    match name {
        "standard" => STANDARD,
        "premium" => PREMIUM,
        "enterprise" => ENTERPRISE,
        "managed" => MANAGED,
        _ => panic!("no agreement is called {name}"),
    }
}

/// An agreement whose first response may stand still.
pub(crate) fn pausing(deal: Deal) -> Deal {
    const CHANGE: &str = "on_change = { event = \"request.reprioritised\", clock = \"from-receipt\" }";
    let paused = format!("{CHANGE}\npause = {{ from = \"request.paused\", to = \"request.resumed\" }}");
    let reasons =
        "\n[pause]\nclause = []\nadded = \"a test\"\nreasons = [\"access-missing\", \"client-decides\"]\n";
    let text =
        deal.text.replacen(CHANGE, &paused, 1).replacen("\n[readings]", &format!("{reasons}\n[readings]"), 1);
    assert!(text.contains(reasons) && text.contains(&paused), "the file has a first response");
    Deal { text: kept(text), ..deal }
}

/// One copy of a text for as long as the tests run.
fn kept(text: String) -> &'static str {
    static TEXTS: Mutex<BTreeSet<&'static str>> = Mutex::new(BTreeSet::new());
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(text.as_str()) {
        return known;
    }
    let text: &'static str = text.leak();
    texts.insert(text);
    text
}
