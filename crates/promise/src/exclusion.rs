//! What does not count, and on whose word.
//!
//! Maintenance takes out only downtime that began inside a record already on file. A quota, and a restart by the client,
//! take out what they overlap (SH-EXCL-06, SH-EXCL-07). Everything else is a claim of the provider with cause and evidence, which
//! the client may dispute. One side alone excludes nothing afterwards (design rule 3): so what applies by itself must
//! have been recorded before it was over, and a disputed claim takes nothing out until it is settled.

use std::collections::BTreeMap;

use agreement::{
    Terms,
    exclusion::{AppliesTo, Auto},
};
use facts::{
    Body, Event, ExclusionClaimed, ExclusionId, Fact, InstanceId, MaintenanceId, MaintenancePlanned, Side,
};
use serde::Serialize;
use spans::{Instant, Length, Span, Spans};

use crate::{Why, availability::signed};

/// A reason why downtime of one instance may not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exclusion {
    /// The maintenance record or claim, or the quota or restart that it is.
    pub record: String,
    /// `maintenance`, or a cause from the agreement's list.
    pub cause: String,
    /// Which downtime it takes out.
    pub reach: Reach,
    /// Whether it does.
    pub standing: Standing,
    /// What it rests on.
    pub why: Why,
}

/// Which downtime an exclusion is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it inside the span.
    Inside(Span),
    /// The downtime of runs that began inside the span, up to its end.
    BegunInside {
        /// The declared start, and the declared end or an earlier cancellation.
        span: Span,
        /// Only runs that began after this instant: when it was put on file.
        on_file: Instant,
        /// Only runs that began no later than this instant: when another version of the record took its place.
        replaced: Option<Instant>,
    },
}

impl Reach {
    /// The part of an unbroken run of downtime that it is about.
    pub fn within(self, run: Span) -> Option<Span> {
        match self {
            Reach::Inside(span) => span.intersect(run),
            // SH-AVAIL-10, A-15: a run already going at the start counts whole, and so does what overruns the end.
            Reach::BegunInside { span, on_file, replaced } => {
                let on_file = on_file < run.start && replaced.is_none_or(|at| run.start <= at);
                if on_file && span.contains(run.start) { span.intersect(run) } else { None }
            }
        }
    }

    /// From when to when it reaches at most.
    pub fn span(self) -> Span {
        match self {
            Reach::Inside(span) | Reach::BegunInside { span, .. } => span,
        }
    }
}

/// How an exclusion stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Standing {
    /// It applies by itself.
    ByRule,
    /// It was claimed and is not disputed. It may be until that instant, and no longer after it; without one, at any time.
    Claimed {
        /// The last instant of dispute.
        disputable_until: Option<Instant>,
    },
    /// It was disputed too late, and stands.
    DisputedLate {
        /// When it was disputed.
        at: Instant,
        /// The last instant of dispute.
        disputable_until: Instant,
    },
    /// It was disputed in time and is not settled: figures are shown with and without it.
    Disputed {
        /// When it was disputed.
        at: Instant,
    },
    /// Both parties settled it.
    Settled {
        /// When.
        at: Instant,
        /// Whether it excludes.
        stands: bool,
    },
    /// It excludes nothing.
    Refused {
        /// Why.
        reason: Refusal,
    },
}

/// Why an exclusion excludes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The agreement does not name the cause, or not for availability.
    UnknownCause,
    /// A claim without evidence is no claim.
    NoEvidence,
    /// The agreement lets another role claim.
    NotTheirsToClaim,
    /// It was recorded when it was over: afterwards it takes a claim.
    RecordedLate,
    /// Somebody other than the client restarted the instance.
    NotByTheClient,
}

impl Standing {
    /// Whether it takes downtime out of the figure.
    pub fn excludes(&self) -> bool {
        matches!(
            self,
            Standing::ByRule
                | Standing::Claimed { .. }
                | Standing::DisputedLate { .. }
                | Standing::Settled { stands: true, .. }
        )
    }

    /// Whether the figure is shown both with and without it.
    pub fn is_open(&self) -> bool {
        matches!(self, Standing::Disputed { .. })
    }

    /// The standing in words.
    pub fn text(&self) -> String {
        match self {
            Standing::ByRule => "excluded".to_owned(),
            Standing::Claimed { disputable_until: Some(until) } => {
                format!("excluded, claimed; the client may dispute it until {until}")
            }
            Standing::Claimed { disputable_until: None } => {
                "excluded, claimed; the client may dispute it".to_owned()
            }
            Standing::DisputedLate { at, disputable_until } => {
                format!("excluded, claimed; disputed at {at}, too late after {disputable_until}")
            }
            Standing::Disputed { at } => format!("disputed at {at}, not settled: shown with and without"),
            Standing::Settled { at, stands: true } => format!("excluded, settled at {at}"),
            Standing::Settled { at, stands: false } => format!("counts, settled at {at}"),
            Standing::Refused { reason } => format!("counts: {}", reason.text()),
        }
    }
}

impl Refusal {
    /// The reason in words.
    pub fn text(self) -> &'static str {
        match self {
            Refusal::UnknownCause => "the agreement names no such cause for availability",
            Refusal::NoEvidence => "a claim needs evidence",
            Refusal::NotTheirsToClaim => "the claimant does not hold the role that may claim",
            Refusal::RecordedLate => "it was recorded when it was over, and then takes a claim",
            Refusal::NotByTheClient => "the client did not restart it",
        }
    }
}

/// Everything in a client's facts that may take downtime out, ready to be asked per instance.
#[derive(Debug)]
pub struct Exclusions<'f> {
    terms: &'f Terms,
    by_instance: BTreeMap<&'f InstanceId, Vec<Exclusion>>,
}

impl<'f> Exclusions<'f> {
    /// Reads facts in any order. What was claimed, disputed or settled after `at` has not happened yet.
    pub fn read(terms: &'f Terms, facts: &'f [Fact], at: Instant) -> Exclusions<'f> {
        let mut facts: Vec<&Fact> = facts.iter().filter(|f| is_about_exclusions(&f.body)).collect();
        facts.sort_by_key(|fact| (fact.recorded_at, fact.id));
        facts.dedup_by_key(|fact| fact.id);
        let mut exclusions = Exclusions { terms, by_instance: BTreeMap::new() };
        exclusions.maintenance(&facts);
        exclusions.automatic(&facts);
        exclusions.claims(&facts, at);
        exclusions
    }

    /// What may take downtime out of one instance.
    pub fn of(&self, instance: &InstanceId) -> &[Exclusion] {
        self.by_instance.get(instance).map_or(&[], Vec::as_slice)
    }

    fn add(&mut self, instance: &'f InstanceId, exclusion: Exclusion) {
        self.by_instance.entry(instance).or_default().push(exclusion);
    }

    /// SH-AVAIL-10, A-15. A record filed again under its id is a new version: each run is judged by the version on file when
    /// it began. Maintenance that was declared over, or called off, is part of nothing that fails afterwards.
    fn maintenance(&mut self, facts: &[&'f Fact]) {
        let mut records: BTreeMap<&MaintenanceId, Vec<(&Fact, &MaintenancePlanned)>> = BTreeMap::new();
        let mut overs: BTreeMap<&MaintenanceId, Vec<&Fact>> = BTreeMap::new();
        for fact in facts {
            match &fact.body {
                Body::MaintenancePlanned(plan) => {
                    records.entry(&plan.maintenance).or_default().push((fact, plan));
                }
                Body::MaintenanceCancelled(over) => overs.entry(&over.maintenance).or_default().push(fact),
                Body::MaintenanceEnded(over) => overs.entry(&over.maintenance).or_default().push(fact),
                _ => {}
            }
        }
        for (id, versions) in &records {
            let overs = overs.get(id).map_or(&[][..], Vec::as_slice);
            for (index, (fact, plan)) in versions.iter().enumerate() {
                let replaced = versions.get(index + 1).map(|(next, _)| next.recorded_at);
                let exclusion = self.planned(fact, plan, replaced, overs);
                for instance in &plan.instances {
                    self.add(instance, exclusion.clone());
                }
            }
        }
    }

    fn planned(
        &self,
        fact: &Fact,
        plan: &MaintenancePlanned,
        replaced: Option<Instant>,
        overs: &[&Fact],
    ) -> Exclusion {
        let later = overs.iter().filter(|over| fact.recorded_at <= over.recorded_at);
        let over = later.min_by_key(|over| over.at);
        let end = over.map_or(plan.ends_at, |over| plan.ends_at.min(over.at));
        let span = Span { start: plan.starts_at, end };
        let rule = "takes out downtime that began inside it, once it was on file; overrun counts";
        let clauses = self.terms.agreement().availability.as_ref().map(|a| &a.maintenance.clause.ids);
        let mut why = Why::new("maintenance", &plan.maintenance, rule)
            .under(clauses.map_or(&[], Vec::as_slice))
            .read_as(&signed(self.terms.agreement(), &["A-15"]))
            .given("from", plan.starts_at)
            .given("declared end", plan.ends_at)
            .given("on file since", fact.recorded_at)
            .fact(fact);
        if let Some(over) = over {
            let how = if over.event() == Event::MaintenanceEnded { "ended" } else { "cancelled" };
            why = why.given(how, over.at).fact(over);
        }
        Exclusion {
            record: plan.maintenance.to_string(),
            cause: "maintenance".to_owned(),
            reach: Reach::BegunInside { span, on_file: fact.recorded_at, replaced },
            standing: Standing::ByRule,
            why,
        }
    }

    /// SH-EXCL-06, SH-EXCL-07: what applies without a claim.
    fn automatic(&mut self, facts: &[&'f Fact]) {
        for rule in &self.terms.agreement().exclusion {
            let Some(auto) = rule.auto.filter(|_| rule.applies.contains(&AppliesTo::Availability)) else {
                continue;
            };
            for fact in facts {
                let (instance, record, until) = match (auto, &fact.body) {
                    (Auto::QuotaOverlaps, Body::QuotaHit(hit)) => {
                        (&hit.instance, format!("quota {} at {}", hit.quota, fact.at), hit.until)
                    }
                    (Auto::ClientRestart, Body::InstanceRestarted(restarted)) => {
                        let grace = rule.grace.map_or(Length::ZERO, |grace| grace.length(Length::DAY));
                        (&restarted.instance, format!("restart at {}", fact.at), fact.at + grace)
                    }
                    _ => continue,
                };
                let span = Span { start: fact.at, end: until };
                let standing = match () {
                    () if auto == Auto::ClientRestart && fact.actor.side != Side::Client => {
                        Standing::Refused { reason: Refusal::NotByTheClient }
                    }
                    () if fact.recorded_at >= until => Standing::Refused { reason: Refusal::RecordedLate },
                    () => Standing::ByRule,
                };
                let why = Why::new(rule.cause.clone(), span, "failures inside it do not count")
                    .under(&rule.clause.ids)
                    .read_as(&signed(self.terms.agreement(), &["A-16"]))
                    .given("recorded", fact.recorded_at)
                    .fact(fact);
                let (cause, reach) = (rule.cause.clone(), Reach::Inside(span));
                self.add(instance, Exclusion { record, cause, reach, standing, why });
            }
        }
    }

    /// SH-EXCL-01..05, SH-EXCL-08, A-16. The first claim recorded under an id is the claim; a wider one takes an id of its own,
    /// and with it its own time to dispute.
    fn claims(&mut self, facts: &[&'f Fact], at: Instant) {
        let mut claims: BTreeMap<&ExclusionId, (&Fact, &ExclusionClaimed)> = BTreeMap::new();
        let mut disputes: BTreeMap<&ExclusionId, &Fact> = BTreeMap::new();
        let mut settlements: BTreeMap<&ExclusionId, (&Fact, bool)> = BTreeMap::new();
        for fact in facts.iter().filter(|fact| fact.at <= at) {
            match &fact.body {
                Body::ExclusionClaimed(claim) => {
                    claims.entry(&claim.exclusion).or_insert((fact, claim));
                }
                Body::ExclusionDisputed(dispute) if fact.actor.side == Side::Client => {
                    let first = disputes.entry(&dispute.exclusion).or_insert(fact);
                    *first = if fact.at < first.at { fact } else { first };
                }
                Body::ExclusionSettled(settled) => {
                    let last = settlements.entry(&settled.exclusion).or_insert((fact, settled.stands));
                    *last = if last.0.at <= fact.at { (fact, settled.stands) } else { *last };
                }
                _ => {}
            }
        }
        for (id, (fact, claim)) in claims {
            let exclusion = self.claim(fact, claim, disputes.get(id).copied(), settlements.get(id).copied());
            self.add(&claim.instance, exclusion);
        }
    }

    fn claim(
        &self,
        fact: &Fact,
        claim: &ExclusionClaimed,
        dispute: Option<&Fact>,
        settlement: Option<(&Fact, bool)>,
    ) -> Exclusion {
        let agreement = self.terms.agreement();
        let rule = agreement.exclusion.iter().find(|rule| rule.cause == claim.cause);
        let rule = rule.filter(|rule| rule.applies.contains(&AppliesTo::Availability));
        let span = Span { start: claim.from, end: claim.until };
        let text = "claimed by the provider with evidence; the client may dispute it";
        let mut why = Why::new(claim.cause.clone(), span, text)
            .under(rule.map_or(&[], |rule| &rule.clause.ids))
            .read_as(&signed(agreement, &["A-16"]))
            .given("evidence", &claim.evidence)
            .fact(fact);
        for fact in dispute.into_iter().chain(settlement.map(|(fact, _)| fact)) {
            why = why.fact(fact);
        }
        let refused = match () {
            () if rule.is_none() => Some(Refusal::UnknownCause),
            () if claim.evidence.trim().is_empty() => Some(Refusal::NoEvidence),
            () if !self.may_claim(fact) => Some(Refusal::NotTheirsToClaim),
            () => None,
        };
        let standing = refused
            .map_or_else(|| self.stands(fact, dispute, settlement), |reason| Standing::Refused { reason });
        let (record, cause) = (claim.exclusion.to_string(), claim.cause.clone());
        Exclusion { record, cause, reach: Reach::Inside(span), standing, why }
    }

    fn may_claim(&self, fact: &Fact) -> bool {
        self.terms
            .agreement()
            .exclusions
            .as_ref()
            .is_none_or(|rule| fact.actor.roles.contains(&rule.claim_by))
    }

    /// The client's time to dispute runs from when the claim was recorded, so that a back-dated one takes none of it.
    fn stands(&self, claim: &Fact, dispute: Option<&Fact>, settlement: Option<(&Fact, bool)>) -> Standing {
        let rule = self.terms.agreement().exclusions.as_ref();
        let disputable_until = rule.and_then(|rule| {
            let since = claim.at.max(claim.recorded_at);
            self.terms.deadline(since, rule.dispute_within, &rule.calendar).ok()
        });
        match (settlement, dispute, disputable_until) {
            (Some((fact, stands)), ..) => Standing::Settled { at: fact.at, stands },
            (None, Some(dispute), Some(disputable_until)) if disputable_until < dispute.at => {
                Standing::DisputedLate { at: dispute.at, disputable_until }
            }
            (None, Some(dispute), _) => Standing::Disputed { at: dispute.at },
            (None, None, disputable_until) => Standing::Claimed { disputable_until },
        }
    }
}

fn is_about_exclusions(body: &Body) -> bool {
    matches!(
        body,
        Body::MaintenancePlanned(_)
            | Body::MaintenanceCancelled(_)
            | Body::MaintenanceEnded(_)
            | Body::QuotaHit(_)
            | Body::InstanceRestarted(_)
            | Body::ExclusionClaimed(_)
            | Body::ExclusionDisputed(_)
            | Body::ExclusionSettled(_)
    )
}

/// The parts of downtime that these exclusions take out. `down`: as it was before anything was taken out, so that a record
/// is judged by when the whole run began.
pub(crate) fn taken_out<'e>(down: &Spans, exclusions: impl IntoIterator<Item = &'e Exclusion>) -> Spans {
    let parts = exclusions.into_iter().flat_map(|exclusion| {
        let reach = exclusion.reach;
        touching(down, reach.span()).iter().filter_map(move |run| reach.within(*run))
    });
    parts.collect()
}

/// The runs of downtime that have something in common with a span.
pub(crate) fn touching(down: &Spans, span: Span) -> &[Span] {
    let runs = down.as_slice();
    let from = runs.partition_point(|run| run.end <= span.start);
    let count = runs[from..].partition_point(|run| run.start < span.end);
    &runs[from..from + count]
}
