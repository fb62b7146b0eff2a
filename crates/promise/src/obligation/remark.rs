//! What is noted beside an obligation, and what excuses a miss.

use agreement::{Agreement, AnnotationCause, AppliesTo};
use facts::{Body, Event, ExclusionId, Noun, Subject};
use spans::{Instant, Span};

use super::{Annotation, Excuse, Plan, Rule, walk::View};
use crate::ticket::Said;

impl View<'_> {
    /// The causes that held while a response clock ran, for the whole client.
    pub(crate) fn annotations(&self, agreement: &Agreement, ran: Span) -> Vec<Annotation> {
        let causes = agreement.annotation.iter().flat_map(|annotation| &annotation.causes);
        causes.flat_map(|cause| self.during(*cause, ran)).collect()
    }

    fn during(&self, cause: AnnotationCause, ran: Span) -> impl Iterator<Item = Annotation> {
        let (from, to) = cause_events(cause);
        let overlapping =
            self.between(from, to).iter().filter(move |stretch| stretch.span().intersect(ran).is_some());
        overlapping.map(move |s| Annotation::During { cause, from: s.from, until: s.until })
    }

    /// MP-PRO-01: what excuses a miss of this rule about this subject at that instant. A system whose access is missing is
    /// the instance of the same name.
    pub(crate) fn excuse(&self, rule: &Rule, subject: &Subject, missed: Instant) -> Option<Excuse> {
        let since = self.excusing(rule, subject).into_iter().find(|span| span.contains(missed))?;
        Some(Excuse::Since(rule.source.excused.as_ref()?.from, since.start))
    }

    /// The spans in which misses of this rule about this subject are excused.
    pub(crate) fn excusing(&self, rule: &Rule, subject: &Subject) -> Vec<Span> {
        let Some(between) = &rule.source.excused else { return Vec::new() };
        let stretches = self.between(between.from, between.to);
        stretches.iter().filter(|stretch| *stretch.id == subject.id).map(|stretch| stretch.span()).collect()
    }

    /// The claimed exclusion that takes a request out of its response target, and whether it is disputed: its cause applies
    /// to responses, and it covers the request's instance at its start (SH-EXCL-01..05, A-16). One that was settled against
    /// the provider excludes nothing.
    pub(crate) fn exclusion(
        &self,
        plan: &Plan,
        rule: &Rule,
        said: &Said<'_>,
        started: Instant,
    ) -> Option<(ExclusionId, bool)> {
        let claims = self.history.all(Event::ExclusionClaimed, self.at);
        if !rule.is_response() || claims.is_empty() {
            return None;
        }
        let instance = said.word("instance")?;
        let covers = |body: &Body| match body {
            Body::ExclusionClaimed(claim) => {
                let span = Span { start: claim.from, end: claim.until };
                let meant = *claim.instance.as_str() == *instance && span.contains(started);
                (meant && applies_to_responses(plan, &claim.cause)).then(|| claim.exclusion.clone())
            }
            _ => None,
        };
        claims
            .iter()
            .filter_map(|fact| covers(&fact.body))
            .find_map(|id| Some((id.clone(), self.disputed(&id)?)))
    }

    /// Whether a claim is disputed; nothing when it was settled and does not stand.
    fn disputed(&self, id: &ExclusionId) -> Option<bool> {
        let about = self.history.of(Noun::Exclusion, &id.0).iter().rev().filter(|fact| fact.at <= self.at);
        for fact in about {
            match &fact.body {
                Body::ExclusionSettled(settled) => return settled.stands.then_some(false),
                Body::ExclusionDisputed(_) => return Some(true),
                _ => {}
            }
        }
        Some(false)
    }
}

/// Between which events a cause holds.
fn cause_events(cause: AnnotationCause) -> (Event, Event) {
    match cause {
        AnnotationCause::RestrictedPool => (Event::PoolRestricted, Event::PoolOpened),
        AnnotationCause::ClientVpn => (Event::VpnDown, Event::VpnUp),
        AnnotationCause::AccessMissing => (Event::AccessMissing, Event::AccessGranted),
    }
}

impl Plan {
    /// Between which events something is noted, excused or restricted under this version.
    pub(crate) fn stretches(&self) -> impl Iterator<Item = (Event, Event)> {
        let causes = self.agreement().annotation.iter().flat_map(|annotation| &annotation.causes);
        let excused = self.rules().iter().filter_map(|rule| rule.source.excused.as_ref());
        let pool = self.agreement().role.get("qualified").map(|_| AnnotationCause::RestrictedPool);
        let causes = causes.copied().chain(pool).map(cause_events);
        causes.chain(excused.map(|between| (between.from, between.to)))
    }
}

fn applies_to_responses(plan: &Plan, cause: &str) -> bool {
    let exclusions = &plan.agreement().exclusion;
    exclusions
        .iter()
        .any(|exclusion| exclusion.cause == cause && exclusion.applies.contains(&AppliesTo::Response))
}
