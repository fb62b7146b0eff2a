//! Exclusions and credits: what is claimed, disputed and lost.

use agreement::{Evidence, Exclusions, Permission};
use facts::{Body, Event, ExclusionClaimed, Fact, Side};

use super::{Case, Reason, Verdict, is_blank, list};
use crate::obligation::State;

impl Case<'_> {
    pub(super) fn claim(&self) -> Verdict {
        match &self.act.body {
            Body::ExclusionClaimed(claimed) => self.excluded(claimed),
            Body::ExclusionDisputed(_) => self.disputed(),
            Body::ExclusionSettled(settled) => self.settled(settled.stands),
            Body::ClaimSubmitted(_) => self.credit(),
            _ => Ok(()),
        }
    }

    /// a cause from the list, by the role that may, with evidence.
    fn excluded(&self, claimed: &ExclusionClaimed) -> Verdict {
        let Some(rule) = &self.agreement().exclusions else { return Ok(()) };
        let causes: Vec<&str> = self.agreement().exclusion.iter().map(|e| e.cause.as_str()).collect();
        if !causes.contains(&claimed.cause.as_str()) {
            let reason = Reason::UnknownCause { cause: claimed.cause.clone(), known: list(causes) };
            return self.refuse(&rule.clause, reason);
        }
        let clause = self.agreement().exclusion.iter().find(|e| e.cause == claimed.cause).map(|e| &e.clause);
        let clause = clause.unwrap_or(&rule.clause);
        if rule.evidence == Evidence::Required && is_blank(&claimed.evidence) {
            return self.refuse(clause, Reason::NoEvidence);
        }
        if claimed.until <= claimed.from {
            return self.refuse(clause, Reason::EmptyClaim);
        }
        if self.last(Event::ExclusionClaimed).is_some() {
            return self.refuse(clause, Reason::SaidTwice { what: "claim" });
        }
        if !self.act.actor.roles.contains(&rule.claim_by) {
            let (who, roles) = (self.act.actor.id.clone(), rule.claim_by.clone());
            return self.refuse(clause, Reason::NotTheirs { who, side: facts::Side::Provider, roles });
        }
        Ok(())
    }

    /// within the time to dispute, from when the claim was recorded and so could be known.
    fn disputed(&self) -> Verdict {
        let Some((rule, claim)) = self.claimed()? else { return Ok(()) };
        if self.last(Event::ExclusionSettled).is_some() {
            return self.refuse(&rule.clause, Reason::DecidedTwice);
        }
        let until = self.plan.terms().deadline(claim.recorded_at, rule.dispute_within, &rule.calendar);
        match until {
            Ok(until) if until < self.act.at => {
                self.refuse(&rule.clause, Reason::DisputedTooLate { within: rule.dispute_within, until })
            }
            _ => Ok(()),
        }
    }

    /// both parties settle it, so who gives way does: the provider takes a claim back, the client accepts one.
    fn settled(&self, stands: bool) -> Verdict {
        let Some((rule, _)) = self.claimed()? else { return Ok(()) };
        if self.last(Event::ExclusionSettled).is_some() {
            return self.refuse(&rule.clause, Reason::DecidedTwice);
        }
        let (side, what) = match stands {
            true => (Side::Client, Permission::ExclusionDispute),
            false => (Side::Provider, Permission::ExclusionClaim),
        };
        if self.act.actor.side != side {
            return self.refuse(&rule.clause, Reason::NotTheirsToSettle { side });
        }
        self.permitted(what, side)
    }

    /// The claim at hand, where the agreement has claims.
    fn claimed(&self) -> Result<Option<(&Exclusions, &Fact)>, super::Refusal> {
        let Some(rule) = &self.agreement().exclusions else { return Ok(None) };
        match self.last(Event::ExclusionClaimed) {
            Some(claim) => Ok(Some((rule, claim))),
            None => {
                let exclusion = self.act.body.subject_id().to_string();
                Err(super::Refusal {
                    clauses: rule.clause.ids.clone(),
                    reason: Reason::NothingClaimed { exclusion },
                })
            }
        }
    }

    /// SH-CRED-10, SH-CRED-11: a credit is claimed in time, once, by a way the file names.
    fn credit(&self) -> Verdict {
        let meets = |rule: &&std::sync::Arc<crate::obligation::Rule>| {
            rule.forfeits() && rule.met_by().is_some_and(|met_by| met_by.event == self.act.event())
        };
        let Some(rule) = self.plan.rules().iter().find(meets) else { return Ok(()) };
        let ways = rule.met_by().and_then(|met_by| met_by.r#match.as_ref());
        if let Some(ways) = ways.filter(|ways| !self.said.fits(ways)) {
            let known = list(ways.fields.values().flatten().map(String::as_str));
            return self.refuse(&rule.source.clause, Reason::WrongWay { known });
        }
        let subject = self.act.body.subject();
        let statement = subject.id.to_string();
        let owed = self.view.history.obligations_of(self.view.versions, &subject, self.act.at);
        let claim = owed.iter().rev().find(|o| o.duty.id == rule.duty.id).map(|o| &o.state);
        let reason = match claim {
            Some(State::Running { .. } | State::Waiting(_)) => return Ok(()),
            Some(State::Forfeited { at }) => Reason::Forfeited { until: *at },
            Some(_) => Reason::ClaimedTwice { statement },
            None => Reason::NothingToClaim { statement },
        };
        self.refuse(&rule.source.clause, reason)
    }
}
