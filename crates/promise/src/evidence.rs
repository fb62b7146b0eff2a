//! What was seen of an instance, as spans: when some vantage point got a good answer, and when one got none.
//!
//! A result holds from the instant its request was sent until the next result of the same vantage point and check, for twice
//! the check's interval at most; after that nobody knows (A-14, reliability rule 2). A void result says nothing of the service
//! and ends the hold of the one before it. Of two results of one instant the first recorded is taken.
//!
//! Downtime is that HTTP requests fail (SH-AVAIL-04, SH-AVAIL-07). Where a result of an HTTP check holds, what other checks see (a
//! port, a name, an echo, a database, a heartbeat) is shown and is no evidence; where none does, the instance is judged by what it was asked.

use std::collections::BTreeMap;

use agreement::Terms;
use facts::{
    Body, CheckDefined, CheckId, Fact, FactId, InstanceId, Observation, Outcome, VantageId, what::What,
};
use spans::{Instant, Length, Span, Spans};

use crate::proof::{Begun, Source};

/// Who looked, as `[availability.down] evidence` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeKind {
    /// A vantage point of the provider: every id that does not begin with `client-`.
    Provider,
    /// A vantage point of the client: its id begins with `client-`.
    Client,
}

impl ProbeKind {
    /// The kind of a vantage point, by its id.
    pub fn of(vantage: &VantageId) -> ProbeKind {
        if vantage.as_str().starts_with("client-") { ProbeKind::Client } else { ProbeKind::Provider }
    }

    /// The word of the agreement file.
    pub fn name(self) -> &'static str {
        match self {
            ProbeKind::Provider => "provider-probe",
            ProbeKind::Client => "client-probe",
        }
    }
}

/// When it was known to answer and when it was known to fail. The two may overlap: vantage points differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Evidence {
    /// The moments at which the last result of at least one vantage point was a good answer.
    pub answered: Spans,
    /// The moments at which the last result of at least one vantage point was a failure.
    pub failed: Spans,
    /// Who saw it, and in which facts: one of each vantage point and check.
    pub(crate) sources: Vec<Source>,
}

impl Evidence {
    /// What either saw.
    #[must_use]
    pub fn and(mut self, other: Evidence) -> Evidence {
        self.sources.extend(other.sources);
        Evidence {
            answered: self.answered.union(&other.answered),
            failed: self.failed.union(&other.failed),
            sources: self.sources,
        }
    }

    /// What remains where these moments do not count.
    pub(crate) fn without(self, muted: &Spans) -> Evidence {
        if muted.is_empty() {
            return self;
        }
        let left = |begun: &Begun| {
            let spans = std::iter::once(begun.span).collect::<Spans>().subtract(muted);
            spans.iter().map(|span| Begun { span, by: begun.by }).collect::<Vec<_>>()
        };
        let sources = self.sources.into_iter().map(|source| Source {
            answered: source.answered.iter().flat_map(left).collect(),
            failed: source.failed.iter().flat_map(left).collect(),
            ..source
        });
        Evidence {
            answered: self.answered.subtract(muted),
            failed: self.failed.subtract(muted),
            sources: sources.collect(),
        }
    }

    /// SH-AVAIL-04: down only if valid requests were made and every one failed, from everywhere.
    pub fn down(&self) -> Spans {
        self.failed.subtract(&self.answered)
    }

    /// When each vantage point saw it fail, whatever others saw: an instance is down only while all do.
    pub fn failed_by_vantage(&self) -> BTreeMap<VantageId, Spans> {
        let mut seen: BTreeMap<VantageId, Spans> = BTreeMap::new();
        for source in &self.sources {
            let failed = Spans::from_unsorted(source.failed.iter().map(|begun| begun.span));
            let known = seen.entry(source.vantage.clone()).or_default();
            *known = known.union(&failed);
        }
        seen
    }

    /// The moments of which anybody knew anything.
    pub fn seen(&self) -> Spans {
        self.answered.union(&self.failed)
    }
}

/// Reads the results of one vantage point and check, in order of time, into spans.
#[derive(Debug, Default)]
pub struct Watch {
    /// The stretch of equal results being read: since when, until when the last of them holds; and the fact of its first.
    current: Option<(Stretch, FactId)>,
    answered: Vec<Begun>,
    failed: Vec<Begun>,
    out_of_order: bool,
}

#[derive(Debug, Clone, Copy)]
struct Stretch {
    outcome: Outcome,
    since: Instant,
    last: Instant,
    until: Instant,
}

impl Watch {
    /// Reads on. `observations`: in order of time, none before those read already; one at the very instant of the last is a
    /// duplicate and is passed over, and so is one before it, which [`Watch::is_out_of_order`] then tells. Each holds for `hold`
    /// at most; `by` is the fact that holds them.
    pub fn see(&mut self, by: FactId, observations: &[Observation], hold: Length) {
        let Some((first, rest)) = observations.split_first() else { return };
        let (mut now, mut begun_by) = match self.current {
            Some(current) => current,
            None => (Stretch::begun(first, hold), by),
        };
        now = self.next(now, first, hold, (&mut begun_by, by));
        for observation in rest {
            now = self.next(now, observation, hold, (&mut begun_by, by));
        }
        self.current = Some((now, begun_by));
    }

    /// The spans of everything read, of whose results they are.
    pub fn finish(mut self, vantage: &VantageId, check: &CheckId) -> Evidence {
        if let Some((now, by)) = self.current {
            self.keep(now, now.until, by);
        }
        let spans = |stretches: &[Begun]| stretches.iter().map(|begun| begun.span).collect();
        let (answered, failed) = (spans(&self.answered), spans(&self.failed));
        let (vantage, check) = (vantage.clone(), check.clone());
        let source = Source { vantage, check, answered: self.answered, failed: self.failed };
        Evidence { answered, failed, sources: vec![source] }
    }

    /// The spans of everything read so far, for one that reads on. Copies them: as many as there were changes.
    pub fn so_far(&self, vantage: &VantageId, check: &CheckId) -> Evidence {
        let (answered, failed) = (self.answered.clone(), self.failed.clone());
        Watch { answered, failed, ..*self }.finish(vantage, check)
    }

    /// Whether something came after what it should have come before, so that the spans are wrong.
    pub fn is_out_of_order(&self) -> bool {
        self.out_of_order
    }

    #[inline]
    fn next(
        &mut self,
        now: Stretch,
        seen: &Observation,
        hold: Length,
        (begun_by, by): (&mut FactId, FactId),
    ) -> Stretch {
        if seen.at <= now.last {
            self.out_of_order |= seen.at < now.last;
            return now;
        }
        if seen.outcome == now.outcome && seen.at <= now.until {
            return Stretch { last: seen.at, until: seen.at + hold, ..now };
        }
        self.keep(now, now.until.min(seen.at), std::mem::replace(begun_by, by));
        Stretch::begun(seen, hold)
    }

    fn keep(&mut self, stretch: Stretch, until: Instant, by: FactId) {
        let begun = Span::new(stretch.since, until).map(|span| Begun { span, by });
        match stretch.outcome {
            Outcome::Up => self.answered.extend(begun),
            Outcome::Down => self.failed.extend(begun),
            Outcome::Void => {}
        }
    }
}

impl Stretch {
    fn begun(seen: &Observation, hold: Length) -> Stretch {
        Stretch { outcome: seen.outcome, since: seen.at, last: seen.at, until: seen.at + hold }
    }
}

/// Every result of a client's instances, by who asked what, with the intervals of their checks.
#[derive(Debug, Default)]
pub struct Observed<'f> {
    instances: BTreeMap<&'f InstanceId, Seen<'f>>,
}

/// What was asked of one instance.
#[derive(Debug, Default)]
struct Seen<'f> {
    /// From when on a check has which interval: in order of time, of one instant the one recorded last at the end.
    checks: BTreeMap<&'f CheckId, Vec<Defined>>,
    streams: BTreeMap<(&'f VantageId, &'f CheckId), Vec<Batch<'f>>>,
}

/// A check's interval and kind, from an instant on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Defined {
    /// In order of time; of one instant, by recording.
    order: (Instant, Instant, FactId),
    every: Length,
    /// It asks by HTTP.
    is_http: bool,
    /// It was withdrawn: nobody asks.
    is_ended: bool,
}

impl Defined {
    pub(crate) fn of(fact: &Fact, check: &CheckDefined) -> Defined {
        let order = (fact.at, fact.recorded_at, fact.id);
        // A check that says nothing of its question was made by others, who asked by HTTP.
        let is_http = check.grace_s.is_none() && check.what.as_ref().is_none_or(What::is_http);
        Defined { order, every: Length::from_secs(i64::from(check.every_s)), is_http, is_ended: false }
    }

    /// That it is withdrawn.
    pub(crate) fn ended(fact: &Fact) -> Defined {
        let order = (fact.at, fact.recorded_at, fact.id);
        Defined { order, every: Length::ZERO, is_http: true, is_ended: true }
    }

    /// From when on.
    pub(crate) fn at(&self) -> Instant {
        self.order.0
    }

    /// How long from one question to the next.
    pub(crate) fn every(&self) -> Length {
        self.every
    }

    /// Puts it in its place among the others of the check.
    pub(crate) fn insert(self, among: &mut Vec<Defined>) {
        let place = among.partition_point(|other| other.order <= self.order);
        among.insert(place, self);
    }
}

/// The observations of one fact.
#[derive(Debug, Clone, Copy)]
struct Batch<'f> {
    recorded: (Instant, FactId),
    observations: &'f [Observation],
    /// When the first and the last one listed was sent: the earliest and the latest, unless they are out of order.
    first: Instant,
    last: Instant,
}

impl<'f> Observed<'f> {
    /// Collects observations and checks from facts in any order.
    pub fn read(facts: &'f [Fact]) -> Observed<'f> {
        let mut instances: BTreeMap<&InstanceId, Seen<'_>> = BTreeMap::new();
        for fact in facts {
            match &fact.body {
                Body::CheckDefined(check) => {
                    let checks = &mut instances.entry(&check.instance).or_default().checks;
                    Defined::of(fact, check).insert(checks.entry(&check.check).or_default());
                }
                Body::CheckEnded(ended) => {
                    let checks = &mut instances.entry(&ended.instance).or_default().checks;
                    Defined::ended(fact).insert(checks.entry(&ended.check).or_default());
                }
                Body::CheckObserved(seen) => {
                    let streams = &mut instances.entry(&seen.instance).or_default().streams;
                    let batches = streams.entry((&seen.vantage, &seen.check)).or_default();
                    batches.extend(Batch::of(fact, &seen.observations));
                }
                _ => {}
            }
        }
        Observed { instances }
    }

    /// What every vantage point together saw of an instance, under the agreement's word for whose results are evidence.
    pub fn evidence(&self, instance: &InstanceId, terms: &Terms) -> Evidence {
        let Some(seen) = self.instances.get(instance) else { return Evidence::default() };
        let every = default_interval(terms);
        let defined = |check: &CheckId| seen.checks.get(check).map_or(&[][..], Vec::as_slice);
        let streams = seen.streams.iter().filter(|((vantage, _), _)| is_evidence(vantage, terms));
        together(streams.map(|((vantage, check), batches)| {
            let defined = defined(check);
            (stream(batches, &Holds { defined, every }).finish(vantage, check), defined)
        }))
    }
}

impl Observed<'_> {
    /// The intervals of an instance's checks.
    pub(crate) fn checks(&self, instance: &InstanceId) -> BTreeMap<CheckId, Vec<Defined>> {
        let seen = self.instances.get(instance).into_iter().flat_map(|seen| &seen.checks);
        seen.map(|(check, defined)| ((*check).clone(), defined.clone())).collect()
    }

    /// Every result of each vantage point and check of an instance, in order.
    pub(crate) fn in_order(
        &self,
        instance: &InstanceId,
    ) -> impl Iterator<Item = (&VantageId, &CheckId, Vec<(FactId, Observation)>)> {
        let streams = self.instances.get(instance).into_iter().flat_map(|seen| &seen.streams);
        streams.map(|((vantage, check), batches)| (*vantage, *check, in_order(batches)))
    }
}

/// Whether the agreement takes the results of a vantage point for evidence (`[availability.down] evidence`).
pub(crate) fn is_evidence(vantage: &VantageId, terms: &Terms) -> bool {
    let kinds = terms.agreement().availability.as_ref().map_or(&[][..], |a| &a.down.evidence);
    kinds.is_empty() || kinds.iter().any(|kind| kind == ProbeKind::of(vantage).name())
}

/// `[probe] every`: the interval of a check before it was defined.
pub(crate) fn default_interval(terms: &Terms) -> Length {
    terms.agreement().probe.as_ref().map_or(Length::ZERO, |probe| probe.every.length(Length::DAY))
}

/// What all checks of an instance came to, each with its definitions. What is asked otherwise than by HTTP is evidence only where
/// no request by HTTP says anything (SH-AVAIL-04, SH-AVAIL-07).
pub(crate) fn together<'d>(seen: impl Iterator<Item = (Evidence, &'d [Defined])>) -> Evidence {
    let (mut requests, mut others) = (Evidence::default(), Evidence::default());
    for (evidence, defined) in seen {
        let evidence = evidence.without(&withdrawn(defined));
        match otherwise(defined) {
            otherwise if otherwise.is_empty() => requests = requests.and(evidence),
            otherwise => {
                let ever = Spans::from_iter([Span { start: Instant::MIN, end: Instant::MAX }]);
                requests = requests.and(evidence.clone().without(&otherwise));
                others = others.and(evidence.without(&ever.subtract(&otherwise)));
            }
        }
    }
    if others.sources.is_empty() {
        return requests;
    }
    let said = requests.seen();
    requests.and(others.without(&said))
}

/// When a check was withdrawn: it is no evidence then, whatever somebody still saw by it.
pub(crate) fn withdrawn(defined: &[Defined]) -> Spans {
    let ends = defined.iter().skip(1).map(Defined::at).chain([Instant::MAX]);
    let spans = defined.iter().zip(ends).filter(|(defined, _)| defined.is_ended);
    spans.filter_map(|(defined, end)| Span::new(defined.at(), end)).collect()
}

/// When a check asked otherwise than by HTTP. Before it was defined it asked as it did first; results of a check that nobody
/// defined are a history of others, who asked by HTTP.
fn otherwise(defined: &[Defined]) -> Spans {
    let starts = std::iter::once(Instant::MIN).chain(defined.iter().skip(1).map(Defined::at));
    let ends = defined.iter().skip(1).map(Defined::at).chain([Instant::MAX]);
    let asked = defined.iter().zip(starts.zip(ends)).filter(|(defined, _)| !defined.is_http);
    asked.filter_map(|(_, (start, end))| Span::new(start, end)).collect()
}

/// How long results of one check hold, by when they were asked.
pub(crate) struct Holds<'d> {
    pub(crate) defined: &'d [Defined],
    /// Where no check was defined yet.
    pub(crate) every: Length,
}

impl Holds<'_> {
    /// Passes results of one fact on, cut where the interval changed.
    pub(crate) fn see(&self, watch: &mut Watch, by: FactId, mut observations: &[Observation]) {
        while let Some(first) = observations.first() {
            let known = self.defined.partition_point(|d| d.at() <= first.at);
            let every = known.checked_sub(1).map_or(self.every, |last| self.defined[last].every);
            let count = match self.defined.get(known) {
                // At least one: the first was asked before the change, and out of order the search may miss that.
                Some(change) => observations.partition_point(|o| o.at < change.at()).max(1),
                None => observations.len(),
            };
            watch.see(by, &observations[..count], every * 2);
            observations = &observations[count..];
        }
    }

    /// Passes results on that facts hold between each other.
    pub(crate) fn see_each(&self, watch: &mut Watch, observations: &[(FactId, Observation)]) {
        for (by, observation) in observations {
            self.see(watch, *by, std::slice::from_ref(observation));
        }
    }
}

/// Reads the results of one vantage point and check. Batches that follow each other are read where they lie; those that overlap are
/// copied and sorted, and all of them are where one is out of order in itself.
fn stream(batches: &[Batch<'_>], holds: &Holds<'_>) -> Watch {
    let mut batches = batches.to_vec();
    batches.sort_by_key(|batch| (batch.first, batch.recorded));
    let mut watch = Watch::default();
    let mut left = batches.as_slice();
    while let Some(first) = left.first() {
        let mut until = first.last;
        let mut together = 1;
        while let Some(next) = left.get(together)
            && next.first <= until
        {
            until = until.max(next.last);
            together += 1;
        }
        match &left[..together] {
            [alone] => holds.see(&mut watch, alone.recorded.1, alone.observations),
            overlapping => holds.see_each(&mut watch, &in_order(overlapping)),
        }
        left = &left[together..];
    }
    if watch.is_out_of_order() {
        watch = Watch::default();
        holds.see_each(&mut watch, &in_order(&batches));
    }
    watch
}

/// Of two results of one instant, the first recorded comes first; [`Watch::see`] passes over the other.
fn in_order(batches: &[Batch<'_>]) -> Vec<(FactId, Observation)> {
    let all = batches.iter().flat_map(|batch| {
        batch.observations.iter().enumerate().map(|(index, seen)| ((seen.at, batch.recorded, index), *seen))
    });
    let mut all: Vec<_> = all.collect();
    all.sort_by_key(|(key, _)| *key);
    all.into_iter().map(|((_, (_, by), _), seen)| (by, seen)).collect()
}

impl<'f> Batch<'f> {
    /// Nothing where the fact holds no observation.
    fn of(fact: &Fact, observations: &'f [Observation]) -> Option<Batch<'f>> {
        let (first, last) = (observations.first()?.at, observations.last()?.at);
        Some(Batch { recorded: (fact.recorded_at, fact.id), observations, first, last })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOLD: Length = Length::from_secs(40);

    fn seen(results: &[(i64, Outcome)]) -> Evidence {
        let observations: Vec<_> =
            results.iter().map(|(s, outcome)| Observation::new(Instant::from_second(*s), *outcome)).collect();
        let mut watch = Watch::default();
        watch.see(FactId::v7(Instant::from_second(0), [0; 10]), &observations, HOLD);
        watch.finish(&"north".parse().unwrap(), &"web".parse().unwrap())
    }

    fn seconds(spans: &Spans) -> Vec<(i64, i64)> {
        spans.iter().map(|s| (s.start.as_micros() / 1_000_000, s.end.as_micros() / 1_000_000)).collect()
    }

    #[test]
    fn a_result_holds_until_the_next_and_no_longer_than_twice_the_interval() {
        use Outcome::{Down, Up};
        let evidence = seen(&[(0, Up), (20, Up), (100, Up), (120, Down), (140, Down), (150, Up)]);
        assert_eq!(seconds(&evidence.answered), [(0, 60), (100, 120), (150, 190)]);
        assert_eq!(seconds(&evidence.failed), [(120, 150)]);
    }

    #[test]
    fn a_result_at_the_very_end_of_a_hold_leaves_no_gap() {
        let evidence = seen(&[(0, Outcome::Down), (40, Outcome::Down)]);
        assert_eq!(seconds(&evidence.failed), [(0, 80)]);
    }

    #[test]
    fn a_void_result_is_no_evidence_and_ends_the_hold_before_it() {
        let evidence = seen(&[(0, Outcome::Up), (20, Outcome::Void), (40, Outcome::Down)]);
        assert_eq!(seconds(&evidence.answered), [(0, 20)]);
        assert_eq!(seconds(&evidence.failed), [(40, 80)]);
        let nothing = seen(&[(0, Outcome::Void)]);
        assert!(nothing.answered.is_empty() && nothing.failed.is_empty());
    }

    #[test]
    fn of_two_results_of_one_instant_the_first_is_taken() {
        let evidence = seen(&[(0, Outcome::Up), (0, Outcome::Down), (20, Outcome::Up)]);
        assert_eq!(seconds(&evidence.answered), [(0, 60)]);
        assert!(evidence.failed.is_empty());
    }
}
