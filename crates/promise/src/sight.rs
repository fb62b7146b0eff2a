//! What was seen of a client's instances, kept up as results come in: the same evidence as [`Observed`] reads from all facts at
//! once, without keeping every result. Memory grows with changes of state, not with results.
//!
//! A vantage point's results of one check come in order, also after it was cut off, because its spool is replayed in order.
//! What comes out of order after all makes the stretch unreadable ([`Sight::is_torn`]) until it is read again from the facts.

use std::collections::BTreeMap;

use agreement::Terms;
use facts::{Body, CheckId, CheckObserved, Fact, FactId, InstanceId, Observation, VantageId};
use spans::{Instant, Length, Span};

use crate::{
    difference::{Difference, Said, differences},
    evidence::{
        Defined, Evidence, Holds, Observed, Watch, default_interval, is_evidence, together, withdrawn,
    },
    looks::{Looks, within},
};

/// What was seen so far, by instance.
#[derive(Debug, Default)]
pub struct Sight {
    instances: BTreeMap<InstanceId, Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    checks: BTreeMap<CheckId, Vec<Defined>>,
    streams: BTreeMap<(VantageId, CheckId), Stream>,
    looks: Looks,
    torn: bool,
}

#[derive(Debug, Default)]
struct Stream {
    watch: Watch,
    last: Option<Observation>,
}

/// The newest answer of one vantage point to one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Glimpse<'s> {
    /// From where.
    pub vantage: &'s VantageId,
    /// The check.
    pub check: &'s CheckId,
    /// The answer.
    pub last: Observation,
    /// Until when it holds: two intervals on.
    pub holds_until: Instant,
}

impl Sight {
    /// Reads on: checks and observations; other facts say nothing of what was seen. `terms`: whose `[probe] every` holds where
    /// a check is not defined yet.
    pub fn read(&mut self, fact: &Fact, terms: &Terms) {
        match &fact.body {
            Body::CheckDefined(check) => {
                let seen = self.instances.entry(check.instance.clone()).or_default();
                let defined = Defined::of(fact, check);
                // An interval that begins before results already read changes how long those hold.
                seen.torn |= seen.newest(&check.check).is_some_and(|newest| defined.at() <= newest);
                defined.insert(seen.checks.entry(check.check.clone()).or_default());
            }
            Body::CheckEnded(ended) => {
                let seen = self.instances.entry(ended.instance.clone()).or_default();
                seen.torn |= seen.newest(&ended.check).is_some_and(|newest| fact.at <= newest);
                Defined::ended(fact).insert(seen.checks.entry(ended.check.clone()).or_default());
            }
            Body::CheckObserved(observed) => self.see(fact.id, observed, terms),
            _ => {}
        }
    }

    fn see(&mut self, by: FactId, observed: &CheckObserved, terms: &Terms) {
        let seen = self.instances.entry(observed.instance.clone()).or_default();
        let defined = seen.checks.get(&observed.check).map_or(&[][..], Vec::as_slice);
        let key = (observed.vantage.clone(), observed.check.clone());
        let stream = seen.streams.entry(key).or_default();
        Holds { defined, every: default_interval(terms) }.see(&mut stream.watch, by, &observed.observations);
        seen.torn |= stream.watch.is_out_of_order();
        let apart = within(terms.agreement());
        observed.observations.iter().for_each(|observation| seen.looks.see(observation, apart));
        let newest = observed.observations.iter().max_by_key(|o| o.at).copied();
        if newest.is_some_and(|new| stream.last.is_none_or(|last| last.at < new.at)) {
            stream.last = newest;
        }
    }

    /// What every vantage point together saw of an instance; see [`Observed::evidence`].
    pub fn evidence(&self, instance: &InstanceId, terms: &Terms) -> Evidence {
        let Some(seen) = self.instances.get(instance) else { return Evidence::default() };
        let counted = seen.streams.iter().filter(|((vantage, _), _)| is_evidence(vantage, terms));
        together(
            counted
                .map(|((vantage, check), stream)| (stream.watch.so_far(vantage, check), seen.defined(check))),
        )
    }

    /// Where vantage points whose results are evidence saw different things of an instance, in order: what lasts at the end of the
    /// window, or ended in it.
    pub fn differences(&self, instance: &InstanceId, terms: &Terms, window: Span) -> Vec<Difference> {
        let Some(seen) = self.instances.get(instance) else { return Vec::new() };
        let mut by_check: BTreeMap<&CheckId, Vec<Said<'_>>> = BTreeMap::new();
        for ((vantage, check), stream) in &seen.streams {
            if is_evidence(vantage, terms) {
                let seen = stream.watch.so_far(vantage, check).without(&withdrawn(seen.defined(check)));
                let Evidence { answered, failed, .. } = seen;
                by_check.entry(check).or_default().push(Said { vantage, answered, failed });
            }
        }
        let every =
            |check: &CheckId| seen.interval(check, window.end).unwrap_or_else(|| default_interval(terms));
        let of_check =
            |(check, said): (&&CheckId, &Vec<Said<'_>>)| differences(check, said, every(check) * 2, window);
        let mut all: Vec<Difference> = by_check.iter().flat_map(of_check).collect();
        all.sort_by(|a, b| (a.span.start, &a.check).cmp(&(b.span.start, &b.check)));
        all
    }

    /// When somebody saw an instance.
    pub(crate) fn looks(&self, instance: &InstanceId) -> Option<&Looks> {
        self.instances.get(instance).map(|seen| &seen.looks)
    }

    /// Whether results came out of order, so that the evidence of the instance has to be read again: [`Sight::reread`].
    pub fn is_torn(&self, instance: &InstanceId) -> bool {
        self.instances.get(instance).is_some_and(|seen| seen.torn)
    }

    /// Reads an instance again from its facts, which may come in any order: the way out of [`Sight::is_torn`].
    pub fn reread(&mut self, instance: &InstanceId, facts: &[Fact], terms: &Terms) {
        let observed = Observed::read(facts);
        let mut seen = Seen { checks: observed.checks(instance), ..Seen::default() };
        for (vantage, check, observations) in observed.in_order(instance) {
            let defined = seen.checks.get(check).map_or(&[][..], Vec::as_slice);
            let mut stream = Stream { last: observations.last().map(|(_, last)| *last), ..Stream::default() };
            Holds { defined, every: default_interval(terms) }.see_each(&mut stream.watch, &observations);
            seen.streams.insert((vantage.clone(), check.clone()), stream);
            let apart = within(terms.agreement());
            observations.iter().for_each(|(_, observation)| seen.looks.see(observation, apart));
        }
        self.instances.insert(instance.clone(), seen);
    }

    /// The newest answer of each vantage point and check, by vantage point.
    pub fn glimpses<'s>(
        &'s self,
        instance: &InstanceId,
        terms: &'s Terms,
    ) -> impl Iterator<Item = Glimpse<'s>> {
        let seen = self.instances.get(instance);
        let every = default_interval(terms);
        seen.into_iter().flat_map(move |seen| {
            seen.streams.iter().filter_map(move |((vantage, check), stream)| {
                let last = stream.last?;
                let hold = seen.interval(check, last.at).unwrap_or(every) * 2;
                let holds_until =
                    seen.withdrawn_at(check, last.at).map_or(last.at + hold, |end| end.min(last.at + hold));
                Some(Glimpse { vantage, check, last, holds_until })
            })
        })
    }
}

impl Seen {
    fn defined(&self, check: &CheckId) -> &[Defined] {
        self.checks.get(check).map_or(&[], Vec::as_slice)
    }

    /// The newest result of a check, from wherever.
    fn newest(&self, check: &CheckId) -> Option<Instant> {
        let of_check = self.streams.iter().filter(|((_, known), _)| known == check);
        of_check.filter_map(|(_, stream)| stream.last.map(|last| last.at)).max()
    }

    /// When a check was withdrawn that somebody saw something by at an instant; that instant where it was before.
    fn withdrawn_at(&self, check: &CheckId, at: Instant) -> Option<Instant> {
        let muted = withdrawn(self.defined(check));
        muted.iter().find(|span| at < span.end).map(|span| span.start.max(at))
    }

    fn interval(&self, check: &CheckId, at: Instant) -> Option<Length> {
        let defined = self.checks.get(check)?;
        let known = defined.partition_point(|d| d.at() <= at);
        known.checked_sub(1).map(|last| defined[last].every())
    }
}
