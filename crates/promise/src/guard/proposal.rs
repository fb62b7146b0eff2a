//! Proposals: each party for itself, step by step, and a refusal says why.

use agreement::Approval;
use facts::{Body, Event, ProposalId, ProposalKind, ProposalMade, ProposedWindow, ProposedWork, Side};

use super::{Case, Reason, Refusal, Verdict, is_blank};
use crate::{
    approval::{self, Proposal, rule_of, step_side},
    window,
};

impl Case<'_> {
    pub(super) fn proposal(&self) -> Verdict {
        match &self.act.body {
            Body::ProposalMade(made) => {
                self.made(made.kind, made.side)?;
                made.window.as_ref().map_or(Ok(()), |proposed| self.window(made.kind, proposed))?;
                made.work.as_ref().map_or(Ok(()), |work| self.work(made, work))
            }
            Body::ProposalApproved(approved) => {
                self.own_side(approved.side)?;
                let (rule, proposal) = self.open(&approved.proposal)?;
                self.may_decide(proposal.kind, approved.side)?;
                match &rule {
                    Some(rule) if !rule.steps.is_empty() => {
                        self.step(rule, &proposal, approved.step.as_deref(), approved.side)
                    }
                    _ => self.once(rule, &proposal, approved.side),
                }
            }
            Body::ProposalRefused(refused) => {
                self.own_side(refused.side)?;
                let (rule, proposal) = self.open(&refused.proposal)?;
                if !self.takes_back() {
                    self.may_decide(proposal.kind, refused.side)?;
                }
                let needs_reason = rule.is_some_and(|rule| rule.refusal.is_some());
                if needs_reason && is_blank(&refused.reason) {
                    return self.refuse_under(rule, Reason::NoReason);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// MP-SOP-05: either party proposes, unless the file names one.
    fn made(&self, kind: ProposalKind, side: Side) -> Verdict {
        self.own_side(side)?;
        let rule = rule_of(self.agreement(), kind);
        if rule.is_none() && !(kind == ProposalKind::Window && self.agreement().window.is_some()) {
            return self.refuse_under(None, Reason::UnknownProposal { kind: kind.name() });
        }
        if let Some(rule) = rule.filter(|rule| !rule.propose.is_empty() && !rule.propose.contains(&side)) {
            let (who, side) = (self.act.actor.id.clone(), rule.propose[0]);
            return self.refuse_under(
                Some(rule),
                Reason::NotTheirs { who, side, roles: "entitled to it".to_owned() },
            );
        }
        if self.last(Event::ProposalMade).is_some() {
            let proposal = self.act.body.subject_id().to_string();
            return self.refuse_under(rule, Reason::Settled { proposal, state: "made already" });
        }
        Ok(())
    }

    /// SH-MAINT-05: a slot of the clause's length, on a recurring day and time.
    fn window(&self, kind: ProposalKind, proposed: &ProposedWindow) -> Verdict {
        let reason = match window::read(proposed) {
            _ if kind != ProposalKind::Window => Some(Reason::NoWindowProposal),
            Err(why) => Some(Reason::WindowUnread { why }),
            Ok(_) if window::has_length(self.agreement()) && proposed.minutes != window::WINDOW_MINUTES => {
                Some(Reason::WindowLength { minutes: proposed.minutes })
            }
            Ok(_) => None,
        };
        reason.map_or(Ok(()), |reason| self.refuse_under(None, reason))
    }

    /// SH-MAINT-09: work outside the slot has a time and instances, or nobody knows what was approved.
    fn work(&self, made: &ProposalMade, work: &ProposedWork) -> Verdict {
        let (from, to) = (work.starts_at, work.ends_at);
        let reason = match () {
            () if made.kind != ProposalKind::Window || made.window.is_some() => {
                Some(Reason::NoWindowProposal)
            }
            () if to <= from => Some(Reason::WrongOrder { from, to }),
            () if work.instances.is_empty() => Some(Reason::NoInstance),
            () => None,
        };
        reason.map_or(Ok(()), |reason| self.refuse_under(None, reason))
    }

    fn own_side(&self, side: Side) -> Verdict {
        let actor = self.act.actor.side;
        if actor == side { Ok(()) } else { self.refuse_under(None, Reason::NotTheirSide { actor, side }) }
    }

    /// The client's people approve, and refuse, what their roles may.
    fn may_decide(&self, kind: ProposalKind, side: Side) -> Verdict {
        approval::permission(kind, side).map_or(Ok(()), |what| self.permitted(what, side))
    }

    /// Whether whoever refuses it is the one who made it.
    fn takes_back(&self) -> bool {
        self.last(Event::ProposalMade).is_some_and(|made| made.actor.id == self.act.actor.id)
    }

    /// The proposal at hand, while it can still be approved or refused.
    fn open(&self, id: &ProposalId) -> Result<(Option<&Approval>, Proposal), Refusal> {
        let found = approval::proposal(self.plan, self.view.history, id, self.act.at);
        let Some(proposal) = found else {
            let proposal = id.to_string();
            return Err(self.refusal(None, Reason::NothingProposed { proposal }));
        };
        let rule = rule_of(self.agreement(), proposal.kind);
        match proposal.is_open() {
            true => Ok((rule, proposal)),
            false => {
                let (proposal, state) = (id.to_string(), proposal.state.name());
                Err(self.refusal(rule, Reason::Settled { proposal, state }))
            }
        }
    }

    fn once(&self, rule: Option<&Approval>, proposal: &Proposal, side: Side) -> Verdict {
        if proposal.approved_by.contains(&side) {
            return self.refuse_under(rule, Reason::ApprovedTwice { side });
        }
        Ok(())
    }

    /// MP-INT-01, MP-INT-02, MP-INT-03: in the file's order, each by its side; the last by an order on file.
    fn step(&self, rule: &Approval, proposal: &Proposal, step: Option<&str>, side: Side) -> Verdict {
        let Some(next) = proposal.next_step else { return Ok(()) };
        if step != Some(next.name()) {
            return self.refuse_under(Some(rule), Reason::StepOutOfOrder { expected: next.name() });
        }
        match step_side(next) {
            Some(owner) if owner != side => {
                self.refuse_under(Some(rule), Reason::StepOfTheOther { step: next.name(), side: owner })
            }
            None if !self.any_order() => self.refuse_under(Some(rule), Reason::NoOrder),
            _ => Ok(()),
        }
    }

    fn any_order(&self) -> bool {
        let made = self.view.history.all(Event::ProposalMade, self.act.at);
        made.iter().any(|fact| match &fact.body {
            Body::ProposalMade(made) => self.approved(&made.proposal, ProposalKind::Order),
            _ => false,
        })
    }

    fn refuse_under(&self, rule: Option<&Approval>, reason: Reason) -> Verdict {
        Err(self.refusal(rule, reason))
    }

    fn refusal(&self, rule: Option<&Approval>, reason: Reason) -> Refusal {
        let window = self.agreement().window.as_ref().map(|window| &window.clause);
        let clause = rule.map(|rule| &rule.clause).or(window);
        Refusal { clauses: clause.map_or_else(Vec::new, |clause| clause.ids.clone()), reason }
    }
}
