//! Instances: how they are now, their month, and every minute of it.

use std::collections::BTreeMap;

use agreement::Terms;
use facts::{
    Body, CheckDefined, CheckId, Environment, Fact, InstanceAdded, InstanceId, Observation, Outcome,
};
use promise::{
    InstanceMonth, Ledger, Run, Slow, Timeline, counted_minutes, ledgers_seen,
    probe::{Departure, SignedProbe},
};
use spans::{Instant, Length, Month, Span, Spans};

use crate::live::{Book, Certificate, Detail, Pace};

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
    /// The certificate it showed there, where TLS is spoken.
    pub certificate: Option<Certificate>,
    /// What is not on record: its phases, and why in the vantage point's words. Nothing for a look from before this process began.
    pub detail: Option<Detail>,
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
    /// The objectives of response times that it misses, by check: it is degraded, which is no downtime.
    pub slow: Vec<(CheckId, Slow)>,
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
    /// The runs of downtime that meet the month, each with the start of every minute of it that counts here.
    pub runs: Vec<(Run, Vec<Instant>)>,
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

/// Minutes of one day that follow each other and stood alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alike {
    /// The first of them.
    pub start: Instant,
    /// How many.
    pub minutes: usize,
    /// How each of them stood.
    pub cell: Cell,
}

impl Day {
    /// Its minutes in order, those that stood alike together; what is not covered is left out.
    pub fn alike(&self) -> Vec<Alike> {
        let mut all: Vec<Alike> = Vec::new();
        let mut last = None;
        for (index, cell) in self.cells.iter().enumerate() {
            let Some(cell) = *cell else { continue };
            match all.last_mut() {
                Some(alike) if last == index.checked_sub(1) && alike.cell == cell => alike.minutes += 1,
                _ => {
                    let start = self.start + Length::MINUTE * i64::try_from(index).unwrap_or(0);
                    all.push(Alike { start, minutes: 1, cell });
                }
            }
            last = Some(index);
        }
        all
    }
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
        let ledgers = self.ledgers(now);
        self.added().into_iter().map(|added| self.instance_now(added, &ledgers, window)).collect()
    }

    /// One of them.
    pub fn instance(&self, instance: &InstanceId, now: Instant, back: Length) -> Option<InstanceNow> {
        let window = Span { start: now - back, end: now };
        let added = self.added().into_iter().find(|added| added.instance == *instance)?;
        Some(self.instance_now(added, &self.ledgers(now), window))
    }

    /// The figures of each of its months so far, newest first; none where the agreement has no objective.
    pub fn instance_months(&self, instance: &InstanceId, now: Instant) -> Vec<InstanceMonth> {
        self.months_in(&self.ledgers(now), instance, now)
    }

    /// Those of several, one after the other.
    pub fn months_of_instances(
        &self,
        instances: &[(InstanceId, String)],
        now: Instant,
    ) -> Vec<Vec<InstanceMonth>> {
        let ledgers = self.ledgers(now);
        instances.iter().map(|(instance, _)| self.months_in(&ledgers, instance, now)).collect()
    }

    fn months_in(&self, ledgers: &[Ledger], instance: &InstanceId, now: Instant) -> Vec<InstanceMonth> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let ledger = ledgers.iter().find(|ledger| ledger.instance() == instance);
        let mut months = ledger.map_or_else(Vec::new, |l| l.months(versions.latest().terms(), now));
        months.reverse();
        months
    }

    /// What is asked of an instance, as it stands now, by the check's name.
    pub fn checks_of(&self, instance: &InstanceId) -> Vec<&CheckDefined> {
        let mut checks: BTreeMap<&CheckId, &CheckDefined> = BTreeMap::new();
        for fact in self.facts() {
            match &fact.body {
                Body::CheckDefined(check) if check.instance == *instance => {
                    checks.insert(&check.check, check);
                }
                Body::CheckEnded(ended) if ended.instance == *instance => {
                    checks.remove(&ended.check);
                }
                _ => {}
            }
        }
        checks.into_values().collect()
    }

    /// Checks of an instance that were withdrawn and are asked no more, with the instant, by name.
    pub fn withdrawn_checks(&self, instance: &InstanceId) -> Vec<(&CheckId, Instant)> {
        let mut ended: BTreeMap<&CheckId, Instant> = BTreeMap::new();
        for fact in self.facts() {
            match &fact.body {
                Body::CheckDefined(check) if check.instance == *instance => {
                    ended.remove(&check.check);
                }
                Body::CheckEnded(check) if check.instance == *instance => {
                    ended.insert(&check.check, fact.at);
                }
                _ => {}
            }
        }
        ended.into_iter().collect()
    }

    /// Whether an instance is asked nothing any more once this check is withdrawn: its time is unknown from then on.
    pub fn is_last_check(&self, instance: &InstanceId, check: &CheckId) -> bool {
        self.checks_of(instance).iter().all(|known| known.check == *check)
    }

    /// What was signed of a valid request (SH-AVAIL-07); none where no uptime is promised.
    pub fn signed_probe(&self) -> Option<SignedProbe> {
        SignedProbe::of(self.versions()?.latest().agreement())
    }

    /// The check, with what was signed where it leaves something out.
    pub fn as_signed(&self, check: CheckDefined) -> CheckDefined {
        match self.signed_probe() {
            Some(signed) => signed.fill(check),
            None => check,
        }
    }

    /// In what a check departs from what was signed, with the clauses of that.
    pub fn departures(&self, check: &CheckDefined) -> Option<(Vec<Departure>, Vec<String>)> {
        let signed = self.signed_probe()?;
        let found = signed.departures(check);
        (!found.is_empty()).then_some((found, signed.clauses))
    }

    /// How many times a check of an instance was defined or withdrawn; none where there is no such check, or no more.
    pub fn check_version(&self, instance: &InstanceId, check: &CheckId) -> usize {
        let is_there = self.checks_of(instance).iter().any(|known| known.check == *check);
        if is_there { self.definitions(instance, check).count() } else { 0 }
    }

    /// Who defined a check last, and when that was recorded.
    pub fn check_defined_by(&self, instance: &InstanceId, check: &CheckId) -> Option<(String, Instant)> {
        let newest = self.definitions(instance, check).last()?;
        Some((newest.actor.id.clone(), newest.recorded_at))
    }

    fn definitions(&self, instance: &InstanceId, check: &CheckId) -> impl Iterator<Item = &Fact> {
        self.facts().iter().filter(move |fact| match &fact.body {
            Body::CheckDefined(known) => known.instance == *instance && known.check == *check,
            Body::CheckEnded(known) => known.instance == *instance && known.check == *check,
            _ => false,
        })
    }

    /// Every instance that was added, by its id, with its newest name.
    pub fn instance_names(&self) -> Vec<(InstanceId, String)> {
        self.added().into_iter().map(|added| (added.instance.clone(), added.name.clone())).collect()
    }

    /// Where it answers, where that is known.
    pub fn url_of(&self, instance: &InstanceId) -> Option<String> {
        self.added().into_iter().find(|added| added.instance == *instance)?.url.clone()
    }

    /// Every minute of a month so far.
    pub fn ledger(&self, instance: &InstanceId, month: Month, now: Instant) -> Option<LedgerMonth> {
        let added = self.added().into_iter().find(|added| added.instance == *instance)?;
        let agreement = self.versions()?.latest().agreement();
        let period = month.span(&agreement.months_in());
        let standing = self.standing(added, &self.ledgers(now), Some(month), now)?;
        let passed = Span { start: period.start, end: period.end.min(now) };
        let down = agreement.availability.as_ref().map(|availability| &availability.down);
        let with_minutes = |run: &Run| {
            let minutes = down.map(|down| counted_minutes(down, run, period).collect());
            (*run, minutes.unwrap_or_default())
        };
        Some(LedgerMonth {
            instance: instance.clone(),
            name: added.name.clone(),
            days: days(&standing, passed),
            runs: standing.month.iter().flat_map(|month| &month.runs).map(with_minutes).collect(),
            figures: standing.month,
        })
    }

    /// Every instance that was added, newest word first, by id.
    pub(super) fn added(&self) -> Vec<&InstanceAdded> {
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

    fn instance_now(&self, added: &InstanceAdded, ledgers: &[Ledger], window: Span) -> InstanceNow {
        let now = window.end;
        let month =
            self.versions().map(|versions| Month::of(now, &versions.latest().agreement().months_in()));
        let standing = self.standing(added, ledgers, month, now);
        let condition = standing.as_ref().and_then(|standing| standing.just_before(now));
        let seen = self.glimpses(&added.instance).into_iter().map(|glimpse| Seen {
            certificate: self.certificate(&added.instance, glimpse.check, glimpse.vantage),
            detail: self.detail_of(&added.instance, glimpse.check, glimpse.vantage, glimpse.last.at).cloned(),
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
            slow: self.slow(&added.instance, now),
            seen: seen.collect(),
            strip: standing.as_ref().map_or_else(Vec::new, |standing| standing.stretches(window)),
            pace: self.pace(&added.instance).cloned().unwrap_or_default(),
            month: standing.and_then(|standing| standing.month),
        }
    }

    /// The ledger of every instance, under an agreement with an objective.
    pub(super) fn ledgers(&self, now: Instant) -> Vec<Ledger> {
        let terms = self.versions().map(|versions| versions.latest().terms());
        let Some(terms) = terms.filter(|terms| terms.agreement().availability.is_some()) else {
            return Vec::new();
        };
        ledgers_seen(terms, self.facts(), &|instance| self.evidence(instance, terms), now)
    }

    /// Under an agreement with an objective, its ledger; under another, what was seen while it was covered.
    fn standing(
        &self,
        added: &InstanceAdded,
        ledgers: &[Ledger],
        month: Option<Month>,
        now: Instant,
    ) -> Option<Standing> {
        let versions = self.versions()?;
        let terms = versions.latest().terms();
        if terms.agreement().availability.is_none() {
            return Some(self.seen_standing(added, terms, now));
        }
        let ledger = ledgers.iter().find(|ledger| *ledger.instance() == added.instance)?;
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

/// The UTC days that a month touches: in another zone it begins and ends inside one.
fn days(standing: &Standing, passed: Span) -> Vec<Day> {
    let mut days = Vec::new();
    let into_the_day = passed.start.as_micros().rem_euclid(Length::DAY.as_micros());
    let mut start = passed.start - Length::from_micros(into_the_day);
    while start < passed.end {
        days.push(day(standing, start, passed));
        start += Length::DAY;
    }
    days
}

/// A day's minutes, filled from the stretches that meet it: a day of one condition costs 1,440 steps, not 1,440 searches.
fn day(standing: &Standing, start: Instant, passed: Span) -> Day {
    let span = Span { start: start.max(passed.start), end: (start + Length::DAY).min(passed.end) };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_utc_whatever_the_months_are_in() {
        let midnight = Instant::from_second(20_000 * 86_400);
        let passed = Span { start: midnight - Length::HOUR, end: midnight + Length::HOUR };
        let standing = Standing {
            up: Spans::one(passed),
            down: Spans::empty(),
            excluded: Spans::empty(),
            unknown: Spans::empty(),
            month: None,
        };
        let days = days(&standing, passed);
        let full: Vec<_> = days.iter().map(|day| (day.start, day.cells.iter().flatten().count())).collect();
        assert_eq!(full, [(midnight - Length::DAY, 60), (midnight, 60)]);
        assert!(days[0].cells[1_379].is_none() && days[0].cells[1_380].is_some());
    }
}
