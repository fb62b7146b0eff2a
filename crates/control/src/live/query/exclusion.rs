//! What does not count, and on whose word: claims with their answers, what applies by itself with its facts, and what an act would
//! change, in minutes and in money, before anybody does it.

use std::{collections::BTreeSet, sync::Arc};

use agreement::{
    Permission,
    exclusion::{AppliesTo, Auto},
};
use facts::{Actor, Body, ClientId, Event, ExclusionId, Fact, FactId, InstanceId};
use promise::{Effect, Exclusions, Standing, Why, assemble, effect, guard::holds};
use spans::{Instant, Length, Month, Span};

use crate::live::{
    Book, Control,
    command::{Answer, NewClaim},
};

/// Months that one act is looked at in.
pub const EFFECT_MONTHS_MAX: usize = 36;

/// An exclusion as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExclusionView {
    /// The claim's name, or the quota or restart that it is.
    pub record: String,
    /// The claim, where it is one; what applies by itself is none.
    pub claim: Option<Claimed>,
    /// The instance.
    pub instance: InstanceId,
    /// Its name.
    pub name: String,
    /// The cause, from the agreement's list.
    pub cause: String,
    /// From when to when.
    pub span: Span,
    /// How it stands.
    pub standing: Standing,
    /// How long the instance failed in it: what it takes out, or would.
    pub down: Length,
    /// The clauses of the cause.
    pub clauses: Vec<String>,
    /// What it rests on.
    pub why: Why,
}

/// A claim, and what was said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Which.
    pub id: ExclusionId,
    /// Who claimed it.
    pub by: String,
    /// When it was recorded.
    pub at: Instant,
    /// What proves it.
    pub evidence: String,
    /// Who disputed it, when, and why.
    pub dispute: Option<(String, Instant, Option<String>)>,
    /// Who gave way, and when.
    pub settled: Option<(String, Instant)>,
}

impl ExclusionView {
    /// Whether the client can still dispute it.
    pub fn may_be_disputed(&self, now: Instant) -> bool {
        match self.standing {
            Standing::Claimed { disputable_until } => disputable_until.is_none_or(|until| now <= until),
            _ => false,
        }
    }

    /// Whether nobody has given way yet, so that somebody can.
    pub fn may_be_settled(&self) -> bool {
        self.claim.as_ref().is_some_and(|claim| claim.settled.is_none())
    }
}

/// A cause that the agreement excludes, for claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The word.
    pub cause: String,
    /// Its clauses.
    pub clauses: Vec<String>,
    /// Whether it applies by itself, so that nobody has to claim it.
    pub automatic: bool,
}

impl Book {
    /// Every exclusion but maintenance, the latest first.
    pub fn exclusions(&self, now: Instant) -> Vec<ExclusionView> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let terms = versions.latest().terms();
        let all = Exclusions::read(terms, self.facts(), now);
        let ledgers = self.ledgers(now);
        let mut views = Vec::new();
        for (instance, name) in self.instance_names() {
            let ledger = ledgers.iter().find(|ledger| *ledger.instance() == instance);
            for exclusion in all.of(&instance).iter().filter(|exclusion| exclusion.cause != MAINTENANCE) {
                let span = exclusion.reach.span();
                let rule = terms.agreement().exclusion.iter().find(|rule| rule.cause == exclusion.cause);
                views.push(ExclusionView {
                    record: exclusion.record.clone(),
                    claim: self.claimed(&exclusion.record),
                    instance: instance.clone(),
                    name: name.clone(),
                    cause: exclusion.cause.clone(),
                    span,
                    standing: exclusion.standing.clone(),
                    down: ledger.map_or(Length::ZERO, |l| l.timeline().down.measure(span.start, span.end)),
                    clauses: rule.map_or_else(Vec::new, |rule| rule.clause.ids.clone()),
                    why: exclusion.why.clone(),
                });
            }
        }
        views.sort_by(|a, b| (b.span.start, &a.record).cmp(&(a.span.start, &b.record)));
        views
    }

    /// One claim.
    pub fn exclusion(&self, id: &ExclusionId, now: Instant) -> Option<ExclusionView> {
        let is = |view: &ExclusionView| view.claim.as_ref().is_some_and(|claim| claim.id == *id);
        self.exclusions(now).into_iter().find(is)
    }

    /// The causes that the agreement excludes downtime for.
    pub fn causes(&self) -> Vec<Cause> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let rules = versions.latest().agreement().exclusion.iter();
        let rules = rules.filter(|rule| rule.applies.contains(&AppliesTo::Availability));
        let cause = rules.map(|rule| Cause {
            cause: rule.cause.clone(),
            clauses: rule.clause.ids.clone(),
            automatic: rule.auto.is_some(),
        });
        cause.collect()
    }

    /// Whether the newest agreement lets somebody do what takes a permission of their own side: what pages offer. Without an agreement
    /// everybody may.
    pub fn permits(&self, actor: &Actor, what: Permission) -> bool {
        self.versions().is_none_or(|versions| holds(versions.latest().agreement(), actor, what, actor.side))
    }

    /// Whether the agreement takes out what fails after a restart by the client (SH-EXCL-07).
    pub fn excuses_restart(&self) -> bool {
        let rules = self.versions().map(|versions| &versions.latest().agreement().exclusion);
        rules.is_some_and(|rules| rules.iter().any(|rule| rule.auto == Some(Auto::ClientRestart)))
    }

    fn claimed(&self, record: &str) -> Option<Claimed> {
        let about = |event: Event| {
            self.facts()
                .iter()
                .filter(move |fact| fact.event() == event && fact.body.subject_id().as_str() == record)
        };
        let fact = about(Event::ExclusionClaimed).min_by_key(|fact| (fact.recorded_at, fact.id))?;
        let Body::ExclusionClaimed(claim) = &fact.body else { return None };
        let reason = |fact: &Fact| match &fact.body {
            Body::ExclusionDisputed(dispute) => dispute.reason.clone(),
            _ => None,
        };
        Some(Claimed {
            id: claim.exclusion.clone(),
            by: fact.actor.id.clone(),
            at: fact.recorded_at,
            evidence: claim.evidence.clone(),
            dispute: about(Event::ExclusionDisputed)
                .next()
                .map(|fact| (fact.actor.id.clone(), fact.at, reason(fact))),
            settled: about(Event::ExclusionSettled).next_back().map(|fact| (fact.actor.id.clone(), fact.at)),
        })
    }

    /// What acts would change, month by month: of the months that these spans touch, those that would stand otherwise, and the
    /// others too, so that one sees that nothing changes. The months are those with a statement, closed or as it stands.
    fn effects(&self, acts: Vec<(Actor, Body)>, spans: &[Span], now: Instant) -> Vec<Effect> {
        let Some(versions) = self.versions() else { return Vec::new() };
        let zone = versions.latest().agreement().months_in();
        let meets = |month: &Month| {
            let period = month.span(&zone);
            spans.iter().any(|span| span.start < period.end && period.start < span.end.min(now))
        };
        let touched: BTreeSet<Month> = self.months(now).into_iter().filter(meets).collect();
        let mut facts: Vec<Fact> = self.facts().iter().filter(|fact| fact.at <= now).cloned().collect();
        let mut recorded = now.max(self.recorded());
        for (n, (actor, body)) in acts.into_iter().enumerate() {
            recorded += Length::from_micros(1);
            let mut random = [0; 10];
            random[2..].copy_from_slice(&(n as u64).to_be_bytes());
            let (id, client) = (FactId::v7(now, random), self.client().clone());
            facts.push(Fact { id, client, at: now, recorded_at: recorded, actor, body });
        }
        let evidence = |instance: &InstanceId, terms: &agreement::Terms| self.evidence(instance, terms);
        let stands = self.figures(now);
        let then = assemble(versions, Arc::new(facts), Vec::new(), &evidence, now);
        let stands = stands.as_ref();
        let each = touched.into_iter().rev().take(EFFECT_MONTHS_MAX);
        let both = each.filter_map(|month| Some((stands?.preview(month).ok()?, then.preview(month).ok()?)));
        both.map(|(now, then)| effect(&now, &then)).collect()
    }

    /// What these claims would change if they were made now.
    pub fn effect_of_claims(&self, claims: &[NewClaim], now: Instant) -> Vec<Effect> {
        let role = self.versions().and_then(|versions| {
            versions.latest().agreement().exclusions.as_ref().map(|rule| rule.claim_by.clone())
        });
        // Whoever asks may not be the one who claims; what is shown is what it would do.
        let actor = role.iter().fold(Actor::provider("claimant"), |actor, role| actor.role(role));
        let named = claims.iter().enumerate().filter_map(|(n, claim)| {
            let evidence = if claim.evidence.trim().is_empty() { "to be given" } else { &claim.evidence };
            let claim = NewClaim { evidence: evidence.to_owned(), ..claim.clone() };
            Some((actor.clone(), claim.body(format!("new-{n}").parse().ok()?)))
        });
        let spans: Vec<Span> = claims.iter().filter_map(|claim| Span::new(claim.from, claim.until)).collect();
        self.effects(named.collect(), &spans, now)
    }

    /// What an answer to a claim would change if it were given now.
    pub fn effect_of_answer(&self, id: &ExclusionId, answer: Answer, now: Instant) -> Vec<Effect> {
        let Some(view) = self.exclusion(id, now) else { return Vec::new() };
        let actor = match answer {
            Answer::TakeBack => Actor::provider("claimant"),
            Answer::Dispute { .. } | Answer::Accept => Actor::client("client"),
        };
        self.effects(vec![(actor, answer.body(id.clone()))], &[view.span], now)
    }
}

impl Control {
    /// What these claims would change if they were made now; none for a client that nobody knows.
    ///
    /// # Errors
    /// The journal's.
    pub fn effect_of_claims(
        &self,
        client: &ClientId,
        claims: &[NewClaim],
        now: Instant,
    ) -> journal::Result<Option<Vec<Effect>>> {
        self.read(client, now, |book| book.effect_of_claims(claims, now))
    }
}

/// How the engine calls the cause of maintenance.
const MAINTENANCE: &str = "maintenance";
