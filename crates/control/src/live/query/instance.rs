//! Instances: how they are now, their month, and every minute of it.

use agreement::Terms;
use facts::{Body, Environment, InstanceAdded, InstanceId, Observation, Outcome};
use promise::{InstanceMonth, Timeline, ledgers_seen};
use spans::{Instant, Length, Month, Span, Spans};

use crate::live::{Book, Pace};

/// How a moment stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Some valid request succeeded.
    Up,
    /// Every valid request failed.
    Down,
    /// It failed, and maintenance or a claim takes it out.
    Excluded,
    /// Nobody looked.
    Unknown,
}

impl Condition {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Condition::Up => "up",
            Condition::Down => "down",
            Condition::Excluded => "excluded",
            Condition::Unknown => "unknown",
        }
    }
}

/// A stretch of one condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// When.
    pub span: Span,
    /// How it stood.
    pub condition: Condition,
}

/// The newest answer from one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// From where.
    pub vantage: String,
    /// The check.
    pub check: String,
    /// The answer.
    pub last: Observation,
    /// Whether it still says something.
    pub holds: bool,
}

/// An instance as it is.
#[derive(Debug, Clone)]
pub struct InstanceNow {
    /// Which.
    pub instance: InstanceId,
    /// Its name.
    pub name: String,
    /// Where it answers.
    pub url: Option<String>,
    /// Where it is used.
    pub environment: Environment,
    /// The software it runs, as feeds name it.
    pub software: Option<String>,
    /// How it is now; nothing while it is not covered.
    pub condition: Option<Condition>,
    /// Since when.
    pub since: Option<Instant>,
    /// The month so far, where the agreement has an objective.
    pub month: Option<InstanceMonth>,
    /// The newest answers.
    pub seen: Vec<Seen>,
    /// The last stretch of time that was asked for, in order, without what is not covered.
    pub strip: Vec<Stretch>,
    /// How fast it answered in the last day.
    pub pace: Pace,
}

/// A month of one instance, minute by minute.
#[derive(Debug, Clone)]
pub struct LedgerMonth {
    /// Which.
    pub instance: InstanceId,
    /// Its name.
    pub name: String,
    /// The figures, where the agreement has an objective.
    pub figures: Option<InstanceMonth>,
    /// Every UTC day of the month so far.
    pub days: Vec<Day>,
}

/// A day of a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// Its first instant, UTC.
    pub start: Instant,
    /// Its 1,440 minutes; none of a minute that is not covered or has not passed.
    pub cells: Vec<Option<Cell>>,
}

/// A minute: how many of its sixty seconds stood how. The rest of sixty is not covered, or not over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cell {
    /// Milliseconds up.
    pub up_ms: u32,
    /// Milliseconds down.
    pub down_ms: u32,
    /// Milliseconds down and taken out.
    pub excluded_ms: u32,
    /// Milliseconds in which nobody looked.
    pub unknown_ms: u32,
}

impl Cell {
    /// The gravest condition in it.
    pub fn worst(self) -> Condition {
        match self {
            Cell { down_ms: 1.., .. } => Condition::Down,
            Cell { excluded_ms: 1.., .. } => Condition::Excluded,
            Cell { unknown_ms: 1.., .. } => Condition::Unknown,
            _ => Condition::Up,
        }
    }

    fn is_empty(self) -> bool {
        self == Cell::default()
    }
}

/// How an instance stood, in four disjoint parts.
struct Standing {
    up: Spans,
    down: Spans,
    excluded: Spans,
    unknown: Spans,
    month: Option<InstanceMonth>,
}

impl Standing {
    fn parts(&self) -> [(Condition, &Spans); 4] {
        [
            (Condition::Up, &self.up),
            (Condition::Down, &self.down),
            (Condition::Excluded, &self.excluded),
            (Condition::Unknown, &self.unknown),
        ]
    }

    fn stretches(&self, window: Span) -> Vec<Stretch> {
        let mut all: Vec<Stretch> = Vec::new();
        for (condition, spans) in self.parts() {
            all.extend(spans.clip(window).iter().map(|span| Stretch { span, condition }));
        }
        all.sort_by_key(|stretch| stretch.span.start);
        all
    }

    /// How it is just before an instant, and since when.
    fn just_before(&self, at: Instant) -> Option<(Condition, Instant)> {
        let before = at - Length::from_micros(1);
        self.parts().into_iter().find_map(|(condition, spans)| {
            let span = spans.iter().find(|span| span.contains(before))?;
            Some((condition, span.start))
        })
    }
}

impl Book {
    /// The client's instances that are not over, as they are, with their condition in the last `back` of time.
    pub fn instances(&self, now: Instant, back: Length) -> Vec<InstanceNow> {
        let window = Span { start: now - back, end: now };
        self.added().into_iter().map(|added| self.instance_now(added, window)).collect()
    }

    /// One of them.
    pub fn instance(&self, instance: &InstanceId, now: Instant, back: Length) -> Option<InstanceNow> {
        let window = Span { start: now - back, end: now };
        let added = self.added().into_iter().find(|added| added.instance == *instance)?;
        Some(self.instance_now(added, window))
    }

    /// Every minute of a month so far.
    pub fn ledger(&self, instance: &InstanceId, month: Month, now: Instant) -> Option<LedgerMonth> {
        let added = self.added().into_iter().find(|added| added.instance == *instance)?;
        let zone = self.versions()?.latest().agreement().months_in();
        let period = month.span(&zone);
        let standing = self.standing(added, Some(month), now)?;
        let passed = Span { start: period.start, end: period.end.min(now) };
        Some(LedgerMonth {
            instance: instance.clone(),
            name: added.name.clone(),
            days: days(&standing, passed),
            figures: standing.month,
        })
    }

    /// Every instance that was added, newest word first, by id.
    fn added(&self) -> Vec<&InstanceAdded> {
        let mut added: Vec<&InstanceAdded> = Vec::new();
        for fact in self.facts().iter().rev() {
            if let Body::InstanceAdded(one) = &fact.body
                && !added.iter().any(|other| other.instance == one.instance)
            {
                added.push(one);
            }
        }
        added.sort_by(|a, b| a.instance.cmp(&b.instance));
        added
    }

    fn instance_now(&self, added: &InstanceAdded, window: Span) -> InstanceNow {
        let now = window.end;
        let month =
            self.versions().map(|versions| Month::of(now, &versions.latest().agreement().months_in()));
        let standing = self.standing(added, month, now);
        let condition = standing.as_ref().and_then(|standing| standing.just_before(now));
        let seen = self.glimpses(&added.instance).into_iter().map(|glimpse| Seen {
            vantage: glimpse.vantage.to_string(),
            check: glimpse.check.to_string(),
            last: glimpse.last,
            holds: now < glimpse.holds_until && glimpse.last.outcome != Outcome::Void,
        });
        InstanceNow {
            instance: added.instance.clone(),
            name: added.name.clone(),
            url: added.url.clone(),
            environment: added.environment,
            software: added.software.clone(),
            condition: condition.map(|(condition, _)| condition),
            since: condition.map(|(_, since)| since),
            seen: seen.collect(),
            strip: standing.as_ref().map_or_else(Vec::new, |standing| standing.stretches(window)),
            pace: self.pace(&added.instance).cloned().unwrap_or_default(),
            month: standing.and_then(|standing| standing.month),
        }
    }

    /// Under an agreement with an objective, its ledger; under another, what was seen while it was covered.
    fn standing(&self, added: &InstanceAdded, month: Option<Month>, now: Instant) -> Option<Standing> {
        let versions = self.versions()?;
        let terms = versions.latest().terms();
        if terms.agreement().availability.is_none() {
            return Some(self.seen_standing(added, terms, now));
        }
        let ledgers = ledgers_seen(terms, self.facts(), &|instance| self.evidence(instance, terms), now);
        let ledger = ledgers.into_iter().find(|ledger| *ledger.instance() == added.instance)?;
        let timeline = ledger.timeline();
        Some(Standing {
            up: timeline.up(),
            excluded: timeline.down.subtract(ledger.down()),
            down: ledger.down().clone(),
            unknown: timeline.unknown.clone(),
            month: month.and_then(|month| ledger.month(terms, month, now)),
        })
    }

    fn seen_standing(&self, added: &InstanceAdded, terms: &Terms, now: Instant) -> Standing {
        let covered = Span { start: added.from, end: added.until.unwrap_or(now).min(now).max(added.from) };
        let evidence = self.evidence(&added.instance, terms);
        let timeline = Timeline::new(Spans::one(covered), &evidence, None);
        Standing {
            up: timeline.up(),
            excluded: Spans::empty(),
            down: timeline.down.clone(),
            unknown: timeline.unknown.clone(),
            month: None,
        }
    }
}

fn days(standing: &Standing, passed: Span) -> Vec<Day> {
    let mut days = Vec::new();
    let mut start = passed.start;
    while start < passed.end {
        days.push(day(standing, start, passed.end));
        start += Length::DAY;
    }
    days
}

/// A day's minutes, filled from the stretches that meet it: a day of one condition costs 1,440 steps, not 1,440 searches.
fn day(standing: &Standing, start: Instant, passed: Instant) -> Day {
    let span = Span { start, end: (start + Length::DAY).min(passed) };
    let mut cells = vec![Cell::default(); 1_440];
    for stretch in standing.stretches(span) {
        let mut at = stretch.span.start;
        while at < stretch.span.end {
            let index = (at - start).whole_minutes();
            let end = (start + Length::MINUTE * (index + 1)).min(stretch.span.end);
            let ms = u32::try_from((end - at).as_micros() / 1_000).unwrap_or(u32::MAX);
            if let Some(cell) = usize::try_from(index).ok().and_then(|index| cells.get_mut(index)) {
                *cell.part(stretch.condition) += ms;
            }
            at = end;
        }
    }
    Day { start, cells: cells.into_iter().map(|cell| (!cell.is_empty()).then_some(cell)).collect() }
}

impl Cell {
    fn part(&mut self, condition: Condition) -> &mut u32 {
        match condition {
            Condition::Up => &mut self.up_ms,
            Condition::Down => &mut self.down_ms,
            Condition::Excluded => &mut self.excluded_ms,
            Condition::Unknown => &mut self.unknown_ms,
        }
    }
}
