//! The availability of each instance, month by month: what was covered, what of it was up, down, excluded or unknown, which
//! minutes count, and whether the objective was kept.
//!
//! The order is the agreement's: the term, then exclusions, then unbroken runs, then whole minutes, and the months last, so that
//! a run over midnight is one run. The four states always add up to covered time, in microseconds; counted minutes are read
//! off the downtime and are no fifth state.

mod derive;
mod fraction;
mod run;
mod shown;
mod timeline;

use std::collections::BTreeMap;

use agreement::{
    Agreement, Percent, Terms,
    availability::{Availability, Denominator},
};
use facts::{Body, CheckId, Fact, InstanceId};
use serde::{Serialize, Serializer};
use spans::{Instant, Length, Month, Span, Spans};

pub(crate) use self::{derive::judged, fraction::percentage, timeline::covered};
pub use self::{
    fraction::Fraction,
    run::{Run, counted_minutes},
    timeline::Timeline,
};
use self::{fraction::allowed_minutes, run::Counting, timeline::bridge_max};
use crate::{
    Why,
    evidence::{Evidence, Observed},
    exclusion::{Exclusion, Exclusions, Standing, taken_out},
    proof::Source,
};

/// One instance in one calendar month (SH-CRED-07, A-12, A-32).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InstanceMonth {
    /// The instance.
    pub instance: InstanceId,
    /// The month, in the agreement's zone.
    pub month: Month,
    /// SHA-256 of the agreement file it is judged by, in hex.
    pub agreement: String,
    /// The tier it is judged under, where there are tiers.
    pub tier: Option<String>,
    /// Covered time of the month that has passed: `up + down + excluded + unknown`, always.
    pub covered: Length,
    /// Covered time of the month still to come.
    pub ahead: Length,
    /// Some valid request succeeded.
    pub up: Length,
    /// Every valid request failed, and nothing excludes it.
    pub down: Length,
    /// Down, and taken out by a record.
    pub excluded: Length,
    /// Nobody looked.
    pub unknown: Length,
    /// Minutes that count against the objective: whole minutes of unbroken runs that begin in this month (SH-AVAIL-05, A-13).
    pub counted: i64,
    /// The runs behind them, in order, with those that are seen and not counted (SH-AVAIL-09).
    pub runs: Vec<Run>,
    /// What takes downtime of this month out, or would have.
    pub exclusions: Vec<ExcludedTime>,
    /// When nobody looked (SH-MON-01).
    pub unknown_spans: Spans,
    /// The kept share: time below the line less counted minutes, over the time below the line (SH-AVAIL-06). Nothing where no
    /// time was covered.
    pub uptime: Option<Fraction>,
    /// The kept share if all of the unknown had been down. If all of it had been up, it is `uptime`.
    pub uptime_at_worst: Option<Fraction>,
    /// The share of covered time, less excluded, of which anything is known.
    pub coverage: Option<Fraction>,
    /// Decimals shown of a percentage.
    pub decimals: u32,
    /// The least share that must be kept.
    #[serde(serialize_with = "as_text")]
    pub objective: Percent,
    /// What may fail in the whole month, and what is left of it.
    pub budget: Budget,
    /// How it was kept.
    pub verdict: Verdict,
    /// The same month if every disputed exclusion stood; absent where that changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alternative: Option<Box<InstanceMonth>>,
    /// Why.
    pub why: Why,
}

/// Minutes that may fail in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Budget {
    /// The whole minutes that may count before the objective is missed.
    pub allowed: i64,
    /// Less those that did; below zero once it is missed.
    pub left: i64,
}

impl Budget {
    /// Whether three quarters are used up: the moment to warn (SH-AVAIL-03).
    pub fn is_nearly_spent(self) -> bool {
        self.left * 4 <= self.allowed
    }
}

/// How an objective was kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It was.
    Met,
    /// It was not.
    Missed,
    /// Less was looked at than the agreement asks for, or nothing at all: a person decides. As the figures stand:
    Provisional {
        /// Whether it would be met.
        met: bool,
    },
    /// The month is not over.
    NotOver {
        /// Whether it can no longer be met.
        lost: bool,
    },
    /// No moment of the month is covered, or claims that stand take all of it out of the agreement (SH-EXCL-01, SH-EXCL-02).
    NothingCovered,
}

impl Verdict {
    /// The verdict in words.
    pub fn text(self) -> &'static str {
        match self {
            Verdict::Met => "met",
            Verdict::Missed => "missed",
            Verdict::Provisional { met: true } => {
                "met as it stands; too little was looked at, so a person decides"
            }
            Verdict::Provisional { met: false } => {
                "missed as it stands; too little was looked at, so a person decides"
            }
            Verdict::NotOver { lost: false } => "not over",
            Verdict::NotOver { lost: true } => "not over, and can no longer be met",
            Verdict::NothingCovered => "nothing covered",
        }
    }
}

/// What one exclusion does to one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExcludedTime {
    /// The maintenance record or claim, or the quota or restart that it is.
    pub record: String,
    /// `maintenance`, or a cause from the agreement's list.
    pub cause: String,
    /// How it stands; [`Standing::excludes`] says whether it takes this time out.
    pub standing: Standing,
    /// The downtime of this month that it is about. Several exclusions may be about the same moments.
    pub spans: Spans,
}

/// One instance's whole time under an agreement: what every month is cut from, last.
#[derive(Debug, Clone)]
pub struct Ledger {
    instance: InstanceId,
    promised: Spans,
    timeline: Timeline,
    exclusions: Vec<Exclusion>,
    /// As it stands: disputed claims take nothing out.
    headline: Reading,
    /// As if every disputed claim stood; absent where none is open.
    alternative: Option<Reading>,
    /// Where the facts behind the edges of runs are found.
    sources: Vec<Source>,
    /// Checks that were withdrawn, and when, in order.
    withdrawn: Vec<(CheckId, Instant)>,
    why: Why,
}

/// A timeline with one set of exclusions applied.
#[derive(Debug, Clone)]
struct Reading {
    excluded: Spans,
    down: Spans,
    /// Downtime, and the unknown as if it had been down.
    at_worst: Spans,
    /// Covered time that claims take out of the agreement, down or not.
    outside: Spans,
}

impl Reading {
    fn new(timeline: &Timeline, exclusions: &[Exclusion], applies: impl Fn(&Standing) -> bool) -> Reading {
        let applied = || exclusions.iter().filter(|e| applies(&e.standing));
        let excluded = taken_out(&timeline.down, applied());
        let down = timeline.down.subtract(&excluded);
        let claims = applied().filter(|e| e.standing != Standing::ByRule);
        let claimed: Spans = claims.map(|e| e.reach.span()).collect();
        Reading {
            at_worst: down.union(&timeline.unknown),
            outside: timeline.covered.intersect(&claimed),
            excluded,
            down,
        }
    }
}

/// Every instance's months so far, by instance and month: those that have a covered instant before `at`.
///
/// `facts`: those known at `at`, in any order; what they say of later instants is not looked at. Nothing comes of an agreement
/// without an availability objective.
pub fn instance_months(terms: &Terms, facts: &[Fact], at: Instant) -> Vec<InstanceMonth> {
    ledgers(terms, facts, at).iter().flat_map(|ledger| ledger.months(terms, at)).collect()
}

/// Every instance's whole time under an agreement, by instance.
pub fn ledgers(terms: &Terms, facts: &[Fact], at: Instant) -> Vec<Ledger> {
    let observed = Observed::read(facts);
    ledgers_seen(terms, facts, &|instance| observed.evidence(instance, terms), at)
}

/// As [`ledgers_seen`], of one instance; none where it was never added.
pub fn ledger_seen(
    terms: &Terms,
    facts: &[Fact],
    instance: &InstanceId,
    evidence: &dyn Fn(&InstanceId) -> Evidence,
    at: Instant,
) -> Option<Ledger> {
    ledgers_of(terms, facts, Some(instance), evidence, at).pop()
}

/// As [`ledgers`], where what was seen is at hand already: `evidence` gives that of an instance under these terms, and the facts
/// need not hold observations.
pub fn ledgers_seen(
    terms: &Terms,
    facts: &[Fact],
    evidence: &dyn Fn(&InstanceId) -> Evidence,
    at: Instant,
) -> Vec<Ledger> {
    ledgers_of(terms, facts, None, evidence, at)
}

fn ledgers_of(
    terms: &Terms,
    facts: &[Fact],
    only: Option<&InstanceId>,
    evidence: &dyn Fn(&InstanceId) -> Evidence,
    at: Instant,
) -> Vec<Ledger> {
    let agreement = terms.agreement();
    let Some(availability) = &agreement.availability else { return Vec::new() };
    let exclusions = Exclusions::read(terms, facts, at);
    let mut stays: BTreeMap<&InstanceId, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        let instance = match &fact.body {
            Body::InstanceAdded(added) => &added.instance,
            Body::InstanceEnded(ended) => &ended.instance,
            _ => continue,
        };
        if only.is_none_or(|only| only == instance) {
            stays.entry(instance).or_default().push(fact);
        }
    }
    let facts_of_all = facts;
    let ledger = |(instance, facts): (&InstanceId, Vec<&Fact>)| {
        let (promised, why) = covered(&agreement.agreement.term, instance, facts);
        let passed = promised.clip(Span { start: Instant::MIN, end: at });
        let evidence = evidence(instance);
        let timeline = Timeline::new(passed, &evidence, bridge_max(availability));
        let ledger = Ledger::new(instance.clone(), promised, timeline, exclusions.of(instance).to_vec(), why);
        let withdrawn = withdrawn(facts_of_all, instance, at);
        Ledger { sources: evidence.sources, withdrawn, ..ledger }
    };
    stays.into_iter().map(ledger).collect()
}

/// An instance's checks that were withdrawn, and when, in order.
fn withdrawn(facts: &[Fact], instance: &InstanceId, at: Instant) -> Vec<(CheckId, Instant)> {
    let ended = |fact: &Fact| match &fact.body {
        Body::CheckEnded(ended) if ended.instance == *instance => Some((ended.check.clone(), fact.at)),
        _ => None,
    };
    let mut found: Vec<_> = facts.iter().filter(|fact| fact.at <= at).filter_map(ended).collect();
    found.sort_by_key(|(_, at)| *at);
    found
}

impl Ledger {
    /// From spans already at hand. `promised`: covered time, passed or not, as far as the months asked for reach; `why`: how
    /// it comes about.
    pub fn new(
        instance: InstanceId,
        promised: Spans,
        timeline: Timeline,
        exclusions: Vec<Exclusion>,
        why: Why,
    ) -> Ledger {
        let headline = Reading::new(&timeline, &exclusions, Standing::excludes);
        let open = exclusions.iter().any(|e| e.standing.is_open());
        let alternative = open.then(|| Reading::new(&timeline, &exclusions, |s| s.excludes() || s.is_open()));
        let (sources, withdrawn) = (Vec::new(), Vec::new());
        Ledger { instance, promised, timeline, exclusions, headline, alternative, sources, withdrawn, why }
    }

    /// The instance.
    pub fn instance(&self) -> &InstanceId {
        &self.instance
    }

    /// How it stood, before exclusions.
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The downtime that nothing excludes, in unbroken runs.
    pub fn down(&self) -> &Spans {
        &self.headline.down
    }

    /// Every month that has a covered instant before `at`, in order.
    pub fn months(&self, terms: &Terms, at: Instant) -> Vec<InstanceMonth> {
        let zone = terms.agreement().months_in();
        let months = self.timeline.covered.cut_by_month(&zone);
        months.into_iter().filter_map(|(month, _)| self.month(terms, month, at)).collect()
    }

    /// One month, as seen at `at`. Nothing where the agreement has no objective for the tier.
    pub fn month(&self, terms: &Terms, month: Month, at: Instant) -> Option<InstanceMonth> {
        let asked = Asked::new(terms, month, at)?;
        let figures = asked.judge(&self.instance, self.tally(&asked, &self.headline));
        let other =
            self.alternative.as_ref().map(|r| (asked.judge(&self.instance, self.tally(&asked, r)), r));
        let outcome = |m: &InstanceMonth| (m.excluded, m.counted, m.verdict);
        let other = other.filter(|(other, _)| outcome(other) != outcome(&figures));
        let alternative = other.map(|(other, reading)| Box::new(self.explained(other, &asked, reading)));
        Some(InstanceMonth { alternative, ..self.explained(figures, &asked, &self.headline) })
    }

    fn tally(&self, asked: &Asked<'_>, reading: &Reading) -> Tally {
        let measure = |spans: &Spans| spans.measure(asked.period.start, asked.period.end);
        let covered = measure(&self.timeline.covered);
        Tally {
            covered,
            ahead: (measure(&self.promised) - covered).max(Length::ZERO),
            down: measure(&reading.down),
            excluded: measure(&reading.excluded),
            unknown: measure(&self.timeline.unknown),
            counted: asked.counting.minutes(&reading.down, asked.period),
            counted_at_worst: asked.counting.minutes(&reading.at_worst, asked.period),
            outside: measure(&reading.outside),
        }
    }

    /// The month with its runs, its exclusions, its unknown stretches, and why.
    fn explained(&self, month: InstanceMonth, asked: &Asked<'_>, reading: &Reading) -> InstanceMonth {
        let mut month = InstanceMonth {
            runs: asked.counting.runs(&reading.down, asked.period),
            unknown_spans: self.timeline.unknown.clip(asked.period),
            exclusions: self.excluded_time(asked.period),
            ..month
        };
        month.why = derive::month(&month, asked, &self.why, &self.sources, self.reasons(asked.period));
        month.why = derive::withdrawn(month.why, &self.withdrawn, asked.period.end);
        month
    }

    fn excluded_time(&self, period: Span) -> Vec<ExcludedTime> {
        let about = self.reasons(period).map(|(exclusion, spans)| ExcludedTime {
            record: exclusion.record.clone(),
            cause: exclusion.cause.clone(),
            standing: exclusion.standing.clone(),
            spans,
        });
        about.collect()
    }

    /// The exclusions that are about downtime of a period, and which.
    fn reasons(&self, period: Span) -> impl Iterator<Item = (&Exclusion, Spans)> {
        let near = self.exclusions.iter().filter(move |e| e.reach.span().intersect(period).is_some());
        let about = near.map(move |e| (e, taken_out(&self.timeline.down, [e]).clip(period)));
        about.filter(|(_, spans)| !spans.is_empty())
    }
}

/// A month and the rules it is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'t> {
    pub(crate) terms: &'t Terms,
    pub(crate) availability: &'t Availability,
    pub(crate) objective: Percent,
    pub(crate) counting: Counting,
    pub(crate) month: Month,
    pub(crate) period: Span,
    pub(crate) at: Instant,
}

/// What a month comes down to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tally {
    pub(crate) covered: Length,
    pub(crate) ahead: Length,
    pub(crate) down: Length,
    pub(crate) excluded: Length,
    pub(crate) unknown: Length,
    pub(crate) counted: i64,
    pub(crate) counted_at_worst: i64,
    /// Covered time that claims take out of the agreement, down or not.
    pub(crate) outside: Length,
}

impl<'t> Asked<'t> {
    /// Nothing where the agreement has no objective for the tier.
    pub(crate) fn new(terms: &'t Terms, month: Month, at: Instant) -> Option<Asked<'t>> {
        let availability = terms.agreement().availability.as_ref()?;
        let objective = *availability.objective.of(terms.tier())?;
        let (counting, period) = (Counting::of(&availability.down), month.span(&availability.tz));
        Some(Asked { terms, availability, objective, counting, month, period, at })
    }

    /// The figures and the verdict; runs, spans and the why are for the caller to add.
    pub(crate) fn judge(&self, instance: &InstanceId, tally: Tally) -> InstanceMonth {
        let Tally { covered, ahead, down, excluded, unknown, counted, .. } = tally;
        let up = covered - down - excluded - unknown;
        debug_assert!(Length::ZERO <= up, "the four states partition covered time");
        let (so_far, whole) = (self.below_the_line(covered), self.below_the_line(covered + ahead));
        let kept = |minutes| Fraction::new(so_far - Length::MINUTE * minutes, so_far);
        let allowed = allowed_minutes(whole, self.objective);
        let coverage = Fraction::new(up + down, covered - excluded);
        InstanceMonth {
            instance: instance.clone(),
            month: self.month,
            agreement: self.terms.identity().to_owned(),
            tier: self.terms.tier().map(str::to_owned),
            covered,
            ahead,
            up,
            down,
            excluded,
            unknown,
            counted,
            runs: Vec::new(),
            exclusions: Vec::new(),
            unknown_spans: Spans::empty(),
            uptime: kept(counted),
            uptime_at_worst: kept(tally.counted_at_worst),
            coverage,
            decimals: self.availability.display_decimals,
            objective: self.objective,
            budget: Budget { allowed, left: allowed - counted },
            verdict: self.verdict(&tally, kept(counted), coverage, counted <= allowed),
            alternative: None,
            why: Why::new("availability", self.month, "as judged below"),
        }
    }

    /// excluded and unknown minutes stay below the line.
    fn below_the_line(&self, covered: Length) -> Length {
        match self.availability.denominator {
            Denominator::CoveredMinutes => covered,
            Denominator::MonthMinutes if covered.is_zero() => Length::ZERO,
            Denominator::MonthMinutes => self.period.length(),
        }
    }

    /// SH-AVAIL-01..03, SH-AVAIL-08, A-10: the exact fraction against the objective, once the month is over.
    fn verdict(
        &self,
        tally: &Tally,
        uptime: Option<Fraction>,
        coverage: Option<Fraction>,
        in_budget: bool,
    ) -> Verdict {
        let nothing = (tally.covered + tally.ahead).is_zero();
        let all_claimed = !tally.covered.is_zero() && tally.outside == tally.covered;
        let least = self.availability.down.least_coverage;
        let met = uptime.is_none_or(|uptime| uptime.is_at_least(self.objective));
        // A share of nothing seen says nothing, whatever least coverage the agreement asks for.
        let unseen = !tally.unknown.is_zero() && tally.covered == tally.excluded + tally.unknown;
        let too_little = least.zip(coverage).is_some_and(|(least, seen)| !seen.is_at_least(least));
        match () {
            () if nothing => Verdict::NothingCovered,
            () if self.at < self.period.end => Verdict::NotOver { lost: !in_budget },
            () if all_claimed => Verdict::NothingCovered,
            () if unseen || too_little => Verdict::Provisional { met },
            () if met => Verdict::Met,
            () => Verdict::Missed,
        }
    }
}

/// Those of these readings that the parties signed: a figure rests on no others.
pub(crate) fn signed(agreement: &Agreement, readings: &[&'static str]) -> Vec<&'static str> {
    readings.iter().copied().filter(|id| agreement.readings.contains_key(*id)).collect()
}

pub(crate) fn as_text<S: Serializer>(value: &impl ToString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.to_string())
}
