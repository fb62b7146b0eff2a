//! A scenario's lines, one after the other: its head, its people, what happened, and who watched.

use std::collections::BTreeMap;

use facts::{
    Actor, BackupTaken, Body, CheckObserved, ClientId, Fact, FactId, InstanceId, Observation, Outcome,
    VantageId,
};
use spans::{Instant, Length, Span, Spans};

use super::{Scenario, ScenarioError, sentence, words::Words};

/// The most backups that one `backups` line may stand for: ten years of hourly ones.
const BACKUPS_MAX: usize = 87_600;

/// The most observations that one `watches` line may stand for: a year at every twenty seconds.
const OBSERVATIONS_MAX: i64 = 1_600_000;

/// What has been read so far.
pub(super) struct Reading<'c> {
    client: &'c ClientId,
    head: BTreeMap<String, String>,
    people: BTreeMap<String, Actor>,
    watches: Vec<Watch>,
    facts: Vec<Fact>,
    /// For each fact, its line.
    lines: Vec<usize>,
    /// The line at hand, from 1.
    pub(super) number: usize,
    pub(super) errors: Vec<ScenarioError>,
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
    pub(super) fn new(client: &'c ClientId) -> Reading<'c> {
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

    pub(super) fn line(&mut self, line: &str) -> Result<(), String> {
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

    pub(super) fn finish(
        mut self,
        expected: String,
        expected_from: usize,
    ) -> Result<Scenario, Vec<ScenarioError>> {
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
            signed: None,
        })
    }
}
