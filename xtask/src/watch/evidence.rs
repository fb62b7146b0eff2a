//! What is on record, read from the program as anybody reads it: its looks from `journal export`, its ledger from `statement`.
//! And the two questions: is every look what the site answered, and is the ledger what the looks come to?

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::account::{Account, Look, Outcome, Stretch, within};
use super::crew::Crew;
use super::site::Answer;
use super::when::{self, SECOND};

/// A look begins no longer than this before the site has read its request, and no later than a tenth of it after.
const ON_THE_WAY_US: i64 = 3 * SECOND;
/// How many mistakes are told.
const TOLD_MAX: usize = 10;

/// The looks on record.
#[derive(Default)]
pub(super) struct Record {
    /// By instance, by vantage point, in order.
    pub(super) looks: BTreeMap<u32, BTreeMap<String, Vec<Look>>>,
    /// Looks that were due, not asked for again or for confirmation.
    pub(super) due: BTreeMap<(String, u32), Vec<i64>>,
    /// From a look to the instant under which it was recorded, the longest of all.
    pub(super) slowest_us: i64,
    pub(super) count: u64,
    pub(super) incidents: u64,
}

#[derive(Deserialize)]
struct Line {
    fact: Option<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    at: String,
    recorded_at: String,
    event: String,
    data: Box<RawValue>,
}

#[derive(Deserialize)]
struct Observed {
    instance: String,
    vantage: String,
    observations: Vec<Observation>,
}

#[derive(Deserialize)]
struct Observation {
    at: String,
    outcome: Outcome,
    #[serde(default)]
    turn: Option<String>,
}

impl Record {
    /// Reads what happened up to an instant.
    pub(super) fn read(crew: &Crew, to_us: i64) -> Result<Record, String> {
        let mut child = crew
            .command(&["journal", "export", "--store", "j.db"])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut record = Record::default();
        for line in lines {
            let line = line.map_err(|error| error.to_string())?;
            record.take(&line, to_us).map_err(|why| format!("{why}: {line}"))?;
        }
        let ended = child.wait().map_err(|error| error.to_string())?;
        for looks in record.looks.values_mut().flat_map(BTreeMap::values_mut) {
            looks.sort_by_key(|look| look.at_us);
        }
        record.due.values_mut().for_each(|times| times.sort_unstable());
        if ended.success() { Ok(record) } else { Err(format!("the export ended with {ended}")) }
    }

    fn take(&mut self, line: &str, to_us: i64) -> Result<(), String> {
        let line: Line = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let Some(fact) = line.fact else { return Ok(()) };
        // A statement up to an instant leaves out what was said after it, as a whole.
        if instant(&fact.at)? > to_us {
            return Ok(());
        }
        self.incidents += u64::from(fact.event == "request.received");
        if fact.event != "check.observed" {
            return Ok(());
        }
        let seen: Observed = serde_json::from_str(fact.data.get()).map_err(|error| error.to_string())?;
        let instance = number(&seen.instance)?;
        let recorded_us = instant(&fact.recorded_at)?;
        for observation in &seen.observations {
            let look = Look { at_us: instant(&observation.at)?, outcome: observation.outcome };
            let of_instance = self.looks.entry(instance).or_default();
            of_instance.entry(seen.vantage.clone()).or_default().push(look);
            if observation.turn.is_none() {
                self.due.entry((seen.vantage.clone(), instance)).or_default().push(look.at_us);
            }
            self.slowest_us = self.slowest_us.max(recorded_us - look.at_us);
            self.count += 1;
        }
        Ok(())
    }

    /// Holds every look against what the site answered. `excused`: stretches in which a vantage point was killed, so that what it
    /// saw last may be lost. What is wrong, at most ten of it.
    pub(super) fn held_against(&self, answers: &[Answer], excused: &[(usize, Stretch)]) -> Vec<String> {
        let mut given: BTreeMap<(String, u32), Vec<Answer>> = BTreeMap::new();
        for answer in answers {
            let Some(vantage) = answer.vantage else { continue };
            given.entry((vantage_name(vantage), answer.instance)).or_default().push(*answer);
        }
        let nothing = Vec::new();
        let mut wrong = Vec::new();
        for ((vantage, instance), answers) in &given {
            let looks = self.looks.get(instance).and_then(|of| of.get(vantage)).unwrap_or(&nothing);
            let is_excused = |answer: &Answer| {
                let lost = |(who, (from, to)): &(usize, Stretch)| {
                    answer.vantage == Some(*who) && (*from..*to).contains(&answer.at_us)
                };
                excused.iter().any(lost)
            };
            let told = |what: &str| format!("web-{instance} from {vantage}: {what}");
            wrong.extend(paired(looks, answers, &is_excused).iter().map(|what| told(what)));
        }
        wrong
    }

    /// Holds the ledger of each instance against our own reckoning, from an instant on. What is wrong.
    pub(super) fn reckoned(&self, ledger: &Ledger, every_us: i64, window: Stretch) -> Vec<String> {
        let mut wrong = Vec::new();
        for (instance, looks) in &self.looks {
            let account = Account::of(looks, every_us, window.1);
            let Some(stated) = ledger.instances.get(instance) else {
                wrong.push(format!("web-{instance} is not on the statement"));
                continue;
            };
            let pairs =
                [("down", &account.down, &stated.down), ("unknown", &account.unknown, &stated.unknown)];
            for (what, ours, theirs) in pairs {
                let (ours, theirs) = (within(ours, window), within(theirs, window));
                if ours != theirs {
                    wrong.push(format!(
                        "web-{instance}, {what}: {} by the looks, {} stated",
                        told(&ours),
                        told(&theirs)
                    ));
                }
            }
            if account.counted() != stated.counted {
                let (ours, theirs) = (account.counted(), stated.counted);
                wrong.push(format!("web-{instance}: {ours} minutes by the looks, {theirs} stated"));
            }
        }
        wrong
    }
}

/// What does not fit of the looks and the answers of one vantage point and instance.
fn paired(looks: &[Look], answers: &[Answer], is_excused: &dyn Fn(&Answer) -> bool) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut looks = looks.iter().peekable();
    for answer in answers {
        while let Some(early) = looks.next_if(|look| look.at_us < answer.at_us - ON_THE_WAY_US) {
            if early.outcome != Outcome::Void {
                wrong.push(format!("a look at {} that was never answered", when::write(early.at_us)));
            }
        }
        match looks.next_if(|look| look.at_us <= answer.at_us + ON_THE_WAY_US / 10) {
            None if !is_excused(answer) => {
                wrong.push(format!("an answer at {} is not on record", when::write(answer.at_us)));
            }
            Some(look) if look.outcome != Outcome::Void && (look.outcome == Outcome::Up) != answer.good => {
                let (at, outcome) = (when::write(answer.at_us), look.outcome);
                wrong.push(format!(
                    "at {at} it is recorded as {outcome:?}, and the answer was good: {}",
                    answer.good
                ));
            }
            _ => {}
        }
    }
    wrong
}

/// What a statement says.
pub(super) struct Ledger {
    instances: BTreeMap<u32, Stated>,
}

struct Stated {
    down: Vec<Stretch>,
    unknown: Vec<Stretch>,
    counted: i64,
}

#[derive(Deserialize)]
struct Whole {
    statement: Statement,
}

#[derive(Deserialize)]
struct Statement {
    instances: Vec<Month>,
}

#[derive(Deserialize)]
struct Month {
    instance: String,
    counted: i64,
    runs: Vec<Run>,
    unknown_spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Run {
    span: Span,
}

#[derive(Deserialize)]
struct Span {
    start: String,
    end: String,
}

impl Ledger {
    /// The month of an instant, up to it.
    pub(super) fn read(crew: &Crew, to_us: i64) -> Result<Ledger, String> {
        let at = when::write(to_us);
        let of = ["--store", "j.db", "--agreement", "a.toml", "--month", &at[..7], "--at", &at];
        let text = crew.output(&[&["statement", "--preview", "--format", "json"], &of[..]].concat())?;
        let whole: Whole = serde_json::from_str(&text).map_err(|error| format!("the statement: {error}"))?;
        let instances = whole.statement.instances.iter().map(|month| {
            let down: Result<_, String> = month.runs.iter().map(|run| run.span.read()).collect();
            let unknown: Result<_, String> = month.unknown_spans.iter().map(Span::read).collect();
            Ok((number(&month.instance)?, Stated { down: down?, unknown: unknown?, counted: month.counted }))
        });
        Ok(Ledger { instances: instances.collect::<Result<_, String>>()? })
    }

    /// Downtime and unknown time of an instance in a stretch.
    pub(super) fn of(&self, instance: u32, window: Stretch) -> (Vec<Stretch>, Vec<Stretch>) {
        let stated = self.instances.get(&instance);
        stated.map_or_else(Default::default, |stated| {
            (within(&stated.down, window), within(&stated.unknown, window))
        })
    }
}

impl Span {
    fn read(&self) -> Result<Stretch, String> {
        Ok((instant(&self.start)?, instant(&self.end)?))
    }
}

/// The first mistakes, as one text; nothing where there is none.
pub(super) fn first_of(wrong: &[String]) -> Result<(), String> {
    match wrong {
        [] => Ok(()),
        _ => {
            Err(format!("{} are wrong:\n  {}", wrong.len(), wrong[..wrong.len().min(TOLD_MAX)].join("\n  ")))
        }
    }
}

/// What a vantage point is called.
pub(super) fn vantage_name(vantage: usize) -> String {
    format!("v{vantage}")
}

fn told(stretches: &[Stretch]) -> String {
    let each = stretches.iter().map(|(from, to)| format!("{}..{}", when::write(*from), when::write(*to)));
    format!("[{}]", each.collect::<Vec<_>>().join(", "))
}

fn instant(text: &str) -> Result<i64, String> {
    when::read(text).ok_or_else(|| format!("`{text}` is no instant"))
}

/// The number of `web-17`.
fn number(instance: &str) -> Result<u32, String> {
    let number = instance.strip_prefix("web-").and_then(|number| number.parse().ok());
    number.ok_or_else(|| format!("`{instance}` is none of our instances"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(second: i64, good: bool) -> Answer {
        Answer { at_us: second * SECOND + 400, vantage: Some(0), instance: 3, good }
    }

    fn look(second: i64, outcome: Outcome) -> Look {
        Look { at_us: second * SECOND, outcome }
    }

    #[test]
    fn a_look_that_is_lost_made_up_or_false_is_found() {
        let answers = [answer(10, true), answer(20, false), answer(30, true)];
        let right = [look(10, Outcome::Up), look(20, Outcome::Down), look(30, Outcome::Up)];
        let wrong = |looks: &[Look]| paired(looks, &answers, &|_| false).len();
        assert_eq!(wrong(&right), 0);
        assert_eq!(wrong(&[right[0], right[2]]), 1, "lost");
        assert_eq!(wrong(&[right[0], look(15, Outcome::Up), right[1], right[2]]), 1, "made up");
        assert_eq!(wrong(&[right[0], look(20, Outcome::Up), right[2]]), 1, "false");
        assert_eq!(wrong(&[right[0], look(15, Outcome::Void), look(20, Outcome::Void), right[2]]), 0, "void");
        let killed = |answer: &Answer| answer.at_us > 25 * SECOND;
        assert_eq!(paired(&right[..2], &answers, &killed).len(), 0, "excused");
    }

    #[test]
    fn a_line_of_an_export_is_read() {
        let line = r#"{"client":"c","seq":9,"hash":"00","fact":{"id":"x","client":"c","at":"2026-11-22T21:41:40Z","recorded_at":"2026-11-22T21:41:41.5Z","actor":{},"event":"check.observed","data":{"instance":"web-7","check":"home","vantage":"v1","observations":[{"at":"2026-11-22T21:41:40Z","outcome":"down","code":503}]}}}"#;
        let mut record = Record::default();
        record.take(line, i64::MAX).unwrap();
        assert_eq!((record.count, record.slowest_us), (1, 1_500_000));
        assert_eq!(record.looks[&7]["v1"][0].outcome, Outcome::Down);
        let mut before = Record::default();
        before.take(line, 0).unwrap();
        assert_eq!(before.count, 0);
        assert!(record.take(&line.replace("web-7", "mail"), i64::MAX).is_err());
    }
}
