//! A month in the life of a client, in plain lines: what happened above, what the statement says below.
//!
//! ```text
//! title: One outage, one answer
//! agreement: stellar-hosted.toml
//! tier: premium
//! month: 2026-06
//! now: 2026-07-02 09:00
//!
//! person anna provider support
//!
//! 2026-03-01 00:00  instance wiki-1 production "Wiki"
//! 2026-03-01 00:00  ams watches wiki-1 every 20s until 2026-07-01 00:00
//! 2026-06-10 10:00  ams sees wiki-1 down until 2026-06-10 10:25
//! 2026-06-10 10:02  request T-1 priority P1 by jan
//! 2026-06-10 10:20  reply T-1 by anna
//!
//! -- statement
//! …
//! ```
//!
//! Instants are UTC. A line may end in `(recorded 2026-06-12 09:00)` when it was learned late. Whatever has no sentence of its
//! own is written `fact EVENT field=value …`, with the names of `docs/facts.md`.

mod sentence;
mod words;

use std::collections::BTreeMap;

use agreement::{Agreement, Terms, TermsError, seal::Identity};
use facts::{
    Actor, BackupTaken, Body, CheckObserved, ClientId, Fact, FactId, InstanceId, Observation, Outcome,
    VantageId,
};
use spans::{Instant, Length, Month, Span, Spans};

use words::Words;

use crate::{
    NoStatement, Statement, Versions, evaluate,
    fit::{Misfit, misfits},
};

/// A scenario: the facts of a client's life, and the statement they should give.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// What it shows.
    pub title: String,
    /// The agreement file's name.
    pub agreement: String,
    /// The tier, where it is not the signed one.
    pub tier: Option<String>,
    /// The month of the statement.
    pub month: Month,
    /// The instant from which it is looked at.
    pub now: Instant,
    /// What happened, in the order of the file.
    pub facts: Vec<Fact>,
    /// The statement that is expected; empty where the file has none yet.
    pub expected: String,
    /// Where the expected statement begins in the file's text, in bytes.
    pub expected_from: usize,
    /// For each fact, the line that tells it.
    lines: Vec<usize>,
}

/// The longest scenario file.
const BYTES_MAX: usize = 1024 * 1024;

/// The most observations that one `watches` line may stand for: a year at every twenty seconds.
const OBSERVATIONS_MAX: i64 = 1_600_000;

/// The most backups that one `backups` line may stand for: ten years of hourly ones.
const BACKUPS_MAX: usize = 87_600;

/// A line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct ScenarioError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

const MARK: &str = "-- statement";

impl Scenario {
    /// Reads a scenario's text.
    ///
    /// # Errors
    /// Every line that cannot be read, not only the first.
    pub fn read(text: &str, client: &ClientId) -> Result<Scenario, Vec<ScenarioError>> {
        if text.len() > BYTES_MAX {
            return Err(vec![ScenarioError {
                line: 1,
                problem: format!("the file is longer than {BYTES_MAX} bytes"),
            }]);
        }
        let mut reading = Reading::new(client);
        let mut expected_from = text.len();
        let mut start = 0;
        for (index, line) in text.split_inclusive('\n').enumerate() {
            start += line.len();
            if line.trim_end() == MARK {
                expected_from = start;
                break;
            }
            reading.number = index + 1;
            if let Err(problem) = reading.line(line.trim_end()) {
                reading.errors.push(ScenarioError { line: index + 1, problem });
            }
        }
        reading.finish(text[expected_from..].trim().to_owned(), expected_from)
    }
}

/// Why a scenario has no statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the message says what the field is")]
pub enum NoOutcome {
    #[error("the agreement file cannot be used: run `uphold agreement check` on it first")]
    Agreement,
    #[error("the agreement has no tier `{tier}`: choose one of {tiers}")]
    Tier { tier: String, tiers: String },
    #[error(transparent)]
    Terms(#[from] TermsError),
    #[error(transparent)]
    Statement(#[from] NoStatement),
    #[error("this scenario cannot be told under its agreement:\n{}", listed(.0))]
    Lines(Vec<Misfit>),
}

fn listed(errors: &[Misfit]) -> String {
    errors.iter().map(|error| format!("  {error}")).collect::<Vec<_>>().join("\n")
}

impl Scenario {
    /// The statement that the facts give under the text of the agreement file.
    ///
    /// # Errors
    /// When the file, the tier or the month does not fit, or lines would be passed over: every such line.
    pub fn statement(&self, agreement: &str) -> Result<Statement, NoOutcome> {
        let identity = Identity::of(agreement.as_bytes()).to_string();
        let (Some(agreement), _) = Agreement::read(agreement) else { return Err(NoOutcome::Agreement) };
        let mut terms = Terms::compile(agreement, identity)?;
        if let Some(tier) = &self.tier {
            let unknown =
                |tiers: Vec<String>| NoOutcome::Tier { tier: tier.clone(), tiers: tiers.join(", ") };
            terms = terms.under(tier).map_err(unknown)?;
        }
        let versions = Versions::single(terms);
        let misfits = misfits(&versions, [], self.lines.iter().copied().zip(&self.facts));
        if !misfits.is_empty() {
            return Err(NoOutcome::Lines(misfits));
        }
        Ok(evaluate(&versions, &self.facts, self.now).statement(self.month)?)
    }
}

/// What has been read so far.
struct Reading<'c> {
    client: &'c ClientId,
    head: BTreeMap<String, String>,
    people: BTreeMap<String, Actor>,
    watches: Vec<Watch>,
    facts: Vec<Fact>,
    /// For each fact, its line.
    lines: Vec<usize>,
    /// The line at hand, from 1.
    number: usize,
    errors: Vec<ScenarioError>,
}

/// A vantage point's stretch of watching, with the pieces in which it saw failures or nothing.
struct Watch {
    line: usize,
    vantage: VantageId,
    instance: InstanceId,
    every: Length,
    span: Span,
    down: Vec<Span>,
    silent: Vec<Span>,
}

impl<'c> Reading<'c> {
    fn new(client: &'c ClientId) -> Reading<'c> {
        Reading {
            client,
            head: BTreeMap::new(),
            people: BTreeMap::new(),
            watches: Vec::new(),
            facts: Vec::new(),
            lines: Vec::new(),
            number: 0,
            errors: Vec::new(),
        }
    }

    fn line(&mut self, line: &str) -> Result<(), String> {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            return Ok(());
        }
        if let Some(person) = text.strip_prefix("person ") {
            return self.person(person);
        }
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return self.happening(text);
        }
        match text.split_once(':') {
            Some((key @ ("title" | "agreement" | "tier" | "month" | "now"), value)) => {
                self.head.insert(key.to_owned(), value.trim().to_owned());
                Ok(())
            }
            _ => Err("write `title:`, `agreement:`, `tier:`, `month:`, `now:`, `person …`, or an instant and what happened".to_owned()),
        }
    }

    /// `anna provider support skill atlassian-dc cleared`: a name, a side, roles, then skills.
    fn person(&mut self, text: &str) -> Result<(), String> {
        let mut words = text.split_whitespace();
        let name = words.next().ok_or("a person needs a name")?;
        let mut actor = match words.next() {
            Some("provider") => Actor::provider(name),
            Some("client") => Actor::client(name),
            _ => {
                return Err(format!(
                    "say on whose side {name} is: `person {name} provider` or `person {name} client`"
                ));
            }
        };
        while let Some(word) = words.next() {
            actor = match word {
                "skill" => actor.skill(words.next().ok_or("`skill` needs a name")?),
                "cleared" => Actor { cleared: true, ..actor },
                role => actor.role(role),
            };
        }
        self.people.insert(name.to_owned(), actor);
        Ok(())
    }

    fn happening(&mut self, text: &str) -> Result<(), String> {
        let (text, recorded) = match text.rsplit_once("(recorded ") {
            Some((before, at)) => (before.trim(), Some(at.trim_end_matches(')'))),
            None => (text, None),
        };
        let mut words = Words::of(text)?;
        let at = words.instant()?;
        let recorded_at = recorded.map_or(Ok(at), |text| Words::of(text)?.instant())?;
        if words.peek() == Some("backups") {
            return self.backups(at, &mut words);
        }
        if self.watching(at, &mut words.clone())? {
            return Ok(());
        }
        let (body, by) = sentence::read(&mut words)?;
        words.end()?;
        let actor = self.actor(by.as_deref(), &body)?;
        self.push(at, recorded_at, actor, body);
        Ok(())
    }

    fn actor(&self, by: Option<&str>, body: &Body) -> Result<Actor, String> {
        match by {
            None => Ok(Actor::automaton("scenario")),
            Some("auto") => Ok(Actor::automaton("auto-reply")),
            Some(name) => self.people.get(name).cloned().ok_or_else(|| {
                format!(
                    "nobody says who {name} is, who acts in {}: add `person {name} provider` or `… client`",
                    body.event().name()
                )
            }),
        }
    }

    fn push(&mut self, at: Instant, recorded_at: Instant, actor: Actor, body: Body) {
        let number = self.facts.len() as u64;
        let mut random = [0; 10];
        random[2..].copy_from_slice(&number.to_be_bytes());
        let fact =
            Fact { id: FactId::v7(at, random), client: self.client.clone(), at, recorded_at, actor, body };
        self.facts.push(fact);
        self.lines.push(self.number);
    }

    /// `backups wiki every 24h until INSTANT`: a proved backup at the start of each interval.
    fn backups(&mut self, at: Instant, words: &mut Words) -> Result<(), String> {
        words.word("backups")?;
        let instance: InstanceId = words.id()?;
        words.word("every")?;
        let every = words.length()?;
        words.word("until")?;
        let end = words.instant()?;
        words.end()?;
        if every < Length::HOUR {
            return Err("backups more often than hourly have no sentence: use `backup`".to_owned());
        }
        let starts =
            std::iter::successors(Some(at), |last| Some(*last + every)).take_while(|start| *start < end);
        for (number, start) in starts.take(BACKUPS_MAX).enumerate() {
            let backup = format!("{instance}/{number}").parse().map_err(|e: facts::IdError| e.to_string())?;
            let body = BackupTaken { instance: instance.clone(), backup, restorable: true }.into();
            self.push(start, start, Actor::automaton("backup"), body);
        }
        Ok(())
    }

    /// `VANTAGE watches|sees|misses INSTANCE …`: these lines shape observations, which are made at the end.
    fn watching(&mut self, at: Instant, words: &mut Words) -> Result<bool, String> {
        let vantage = words.any()?;
        let verb = words.next_if(&["watches", "sees", "misses"]);
        let Some(verb) = verb else { return Ok(false) };
        let instance: InstanceId = words.id()?;
        let vantage: VantageId = vantage.parse().map_err(|e| format!("{e}"))?;
        if verb == "watches" {
            words.word("every")?;
            let every = words.length()?;
            words.word("until")?;
            let span = Span::new(at, words.instant()?).ok_or("it ends before it begins")?;
            if every <= Length::ZERO || span.length().as_micros() / every.as_micros() > OBSERVATIONS_MAX {
                return Err(format!(
                    "that would be more than {OBSERVATIONS_MAX} observations: watch for a shorter time"
                ));
            }
            let (line, down, silent) = (self.number, Vec::new(), Vec::new());
            self.watches.push(Watch { line, vantage, instance, every, span, down, silent });
            return words.end().map(|()| true);
        }
        if verb == "sees" {
            words.word("down")?;
        }
        words.word("until")?;
        let span = Span::new(at, words.instant()?).ok_or("it ends before it begins")?;
        let watch = self.watches.iter_mut().rev().find(|w| w.vantage == vantage && w.instance == instance);
        let watch = watch
            .ok_or_else(|| format!("{vantage} does not watch {instance}: add a `watches` line before"))?;
        if verb == "sees" {
            watch.down.push(span);
        } else {
            watch.silent.push(span);
        }
        words.end().map(|()| true)
    }

    fn finish(mut self, expected: String, expected_from: usize) -> Result<Scenario, Vec<ScenarioError>> {
        for watch in std::mem::take(&mut self.watches) {
            let body = watch.observed();
            self.number = watch.line;
            self.push(watch.span.start, watch.span.start, Actor::automaton(watch.vantage.as_str()), body);
        }
        let mut head = |key: &str| self.head.remove(key);
        let (title, agreement, tier) = (head("title"), head("agreement"), head("tier"));
        let month = head("month").and_then(|m| m.parse().ok());
        let now = head("now").and_then(|n| Words::of(&n).ok()?.instant().ok());
        match (title, agreement, month, now) {
            (Some(title), Some(agreement), Some(month), Some(now)) if self.errors.is_empty() => {
                Ok(Scenario {
                    title,
                    agreement,
                    tier,
                    month,
                    now,
                    facts: self.facts,
                    expected,
                    expected_from,
                    lines: self.lines,
                })
            }
            (title, agreement, month, now) => {
                for (absent, line) in [
                    (title.is_none(), "title: …"),
                    (agreement.is_none(), "agreement: stellar-hosted.toml"),
                    (month.is_none(), "month: 2026-06"),
                    (now.is_none(), "now: 2026-07-02 09:00"),
                ] {
                    if absent {
                        let problem = format!("add a line `{line}`");
                        self.errors.push(ScenarioError { line: 1, problem });
                    }
                }
                Err(self.errors)
            }
        }
    }
}

impl Watch {
    /// One observation at the start of each interval, unless the vantage point was silent then.
    fn observed(&self) -> Body {
        let down = Spans::from_unsorted(self.down.iter().copied());
        let silent = Spans::from_unsorted(self.silent.iter().copied());
        let mut observations = Vec::new();
        let mut at = self.span.start;
        while at < self.span.end {
            if !silent.contains(at) {
                let outcome = if down.contains(at) { Outcome::Down } else { Outcome::Up };
                observations.push(Observation::new(at, outcome));
            }
            at += self.every;
        }
        let check = "http".parse().expect("a constant id");
        Body::from(CheckObserved {
            instance: self.instance.clone(),
            check,
            vantage: self.vantage.clone(),
            observations,
            certificate_ends: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: &str =
        "title: t\nagreement: a.toml\nmonth: 2026-06\nnow: 2026-07-01 00:00\nperson anna provider support\n";

    fn read(lines: &str) -> Result<Scenario, Vec<ScenarioError>> {
        Scenario::read(&format!("{SHORT}{lines}"), &"example".parse().unwrap())
    }

    #[test]
    fn sentences_become_facts_with_their_actor() {
        let scenario = read(
            "2026-06-10 10:02 reply T-1 by anna (recorded 2026-06-11 09:00)\n-- statement\nall is well\n",
        )
        .unwrap();
        let [fact] = scenario.facts.as_slice() else { panic!("one fact") };
        assert_eq!((fact.event().name(), fact.actor.id.as_str()), ("request.replied", "anna"));
        assert_eq!(fact.recorded_at.to_string(), "2026-06-11T09:00:00Z");
        assert_eq!(scenario.expected, "all is well");
    }

    #[test]
    fn watching_becomes_one_observation_an_interval_with_its_failures_and_silences() {
        let scenario = read(
            "2026-06-10 10:00 ams watches wiki-1 every 20s until 2026-06-10 10:02\n\
             2026-06-10 10:00:40 ams sees wiki-1 down until 2026-06-10 10:01:20\n\
             2026-06-10 10:01:40 ams misses wiki-1 until 2026-06-10 10:02\n",
        );
        let Body::CheckObserved(seen) = &scenario.unwrap().facts[0].body else { panic!("an observation") };
        let outcomes: Vec<_> = seen.observations.iter().map(|o| o.outcome).collect();
        assert_eq!(outcomes, [Outcome::Up, Outcome::Up, Outcome::Down, Outcome::Down, Outcome::Up]);
    }

    #[test]
    fn every_line_that_cannot_be_read_is_named() {
        let errors = read("2026-06-10 10:02 reply T-1 by bob\n2026-06-10 sing\nhello\n").unwrap_err();
        assert_eq!(errors.iter().map(|e| e.line).collect::<Vec<_>>(), [6, 7, 8]);
        assert!(errors[0].problem.contains("add `person bob"), "{}", errors[0].problem);
    }

    #[test]
    fn what_the_engine_would_pass_over_is_refused_with_its_line_and_a_way_out() {
        let scenario = read(
            "2026-05-01 00:00 instance wiki production \"Wiki\" from 2026-05-01 00:00\n\
             2026-05-02 00:00 instance wiki production \"Wiki\" from 2026-05-02 00:00\n\
             2026-05-03 00:00 ended wiki 2026-05-04 00:00\n\
             2026-05-05 00:00 instance wiki production \"Wiki\" from 2026-05-05 00:00\n\
             2026-06-10 10:00 request T-1 priority P1 about wiki by anna\n\
             2026-06-10 10:01 request T-1 priority P1 about wiki by anna\n\
             2026-06-10 10:02 request T-2 about wkii by anna\n\
             2026-06-10 10:03 request T-3 priority P9 by anna\n\
             2026-02-28 10:03 request T-4 by anna\n\
             2026-06-10 10:04 reply T-5 by anna\n\
             2026-06-10 10:05 reply T-1 by anna\n\
             2026-06-10 10:06 reprioritise T-1 to P8 saying \"x\" by anna\n",
        );
        let agreement = include_str!("../../../agreements/stellar-hosted.toml");
        let said = scenario.unwrap().statement(agreement).unwrap_err().to_string();
        insta::assert_snapshot!(said, @r#"
        this scenario cannot be told under its agreement:
          line 7: line 6 adds the instance wiki already: give this one another id, or let that one end first (`instance.ended`)
          line 11: line 10 holds request T-1 already: give this one another id, or reply to it (`request.replied`)
          line 12: there is no instance wkii: add it first (`instance.added`), or name another
          line 13: the priority `P9` is not in the agreement: use P1, P2, P3, P4 [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]
          line 14: the request lies outside the term, from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z: choose an instant inside it
          line 15: there is no request T-5 before: have it received first (`request.received`), or name another
          line 17: the priority `P8` is not in the agreement: use P1, P2, P3, P4 [SH-DEF-11, SH-DEF-13, SH-DEF-14, SH-DEF-15, SH-DEF-16]
        "#);
    }

    #[test]
    fn what_would_enter_no_figure_is_refused_with_its_line() {
        let scenario = read(
            "2026-05-01 00:00 instance wiki production \"Wiki\" from 2026-05-01 00:00\n\
             2026-05-03 00:00 ended wiki 2026-05-04 00:00\n\
             2026-05-05 00:00 instance wiki production \"Wiki\" from 2026-05-05 00:00\n\
             2026-05-06 00:00 instance wiki production \"Wiki\" from 2026-05-06 00:00\n\
             2026-02-01 00:00 instance old production \"Old\" from 2027-04-01 00:00\n\
             2026-06-01 00:00 ams watches wkii every 20s until 2026-06-01 00:10\n\
             2026-06-01 00:00 backups wkii every 24h until 2026-06-10 00:00\n\
             2026-06-01 00:00 charge wkii 2026-06 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-02 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 USD 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR -3.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR 480.00\n\
             2026-06-01 00:00 charge wiki 2026-06 EUR 480.00\n\
             2026-06-02 00:00 restart wkii\n",
        );
        let agreement = include_str!("../../../agreements/stellar-hosted.toml");
        let said = scenario.unwrap().statement(agreement).unwrap_err().to_string();
        insta::assert_snapshot!(said, @r"
        this scenario cannot be told under its agreement:
          line 9: line 8 adds the instance wiki already: give this one another id, or let that one end first (`instance.ended`)
          line 10: the instance old would never be covered: the term is from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z; choose a `from` inside it
          line 11: there is no instance wkii: add it first (`instance.added`), or name another
          line 12: there is no instance wkii: add it first (`instance.added`), or name another
          line 13: there is no instance wkii: add it first (`instance.added`), or name another
          line 14: 2026-02 lies outside the term, from 2026-03-01T00:00:00Z to 2027-03-01T00:00:00Z: charge a month inside it
          line 15: the amounts of the agreement are in EUR, and this is USD 480.00: charge it in EUR
          line 16: a charge is not below zero, and this is EUR -3.00: say what is charged in the month
          line 18: line 17 says the same for 2026-06-01T00:00:00Z already: leave it out
          line 19: there is no instance wkii: add it first (`instance.added`), or name another
        ");
    }

    #[test]
    fn any_event_can_be_told() {
        let scenario =
            read("2026-06-10 10:02 fact licence.expiring licence=jira expires_at=2026-09-01T00:00:00Z\n")
                .unwrap();
        assert_eq!(scenario.facts[0].event().name(), "licence.expiring");
        assert!(read("2026-06-10 10:02 fact licence.lost licence=jira\n").is_err());
    }
}
