//! Changes, operations and out-of-scope work: what must be there before they begin or end.

use agreement::{Block, OnMiss};
use facts::{Body, Event, ProposalId, ProposalKind, Side};

use super::{Case, Reason, Verdict, is_blank};
use crate::{approval, obligation::State};

impl Case<'_> {
    pub(super) fn change(&self) -> Verdict {
        match &self.act.body {
            Body::ChangeStarted(_) => self.frozen().and_then(|()| self.started()),
            Body::WorkLogged(work) => self.worked(work.order.as_ref()),
            _ => Ok(()),
        }
    }

    /// MP-CLI-11: a change that the client has not approved cannot start.
    fn started(&self) -> Verdict {
        let change = self.act.body.subject_id().to_string();
        let rules =
            || self.plan.rules().iter().filter(|rule| rule.source.on_miss.contains(&OnMiss::BlockChange));
        let Some(rule) = rules().next() else { return Ok(()) };
        if self.last(Event::ChangeProposed).is_none() {
            return self.refuse(&rule.source.clause, Reason::ChangeNotProposed { change });
        }
        let subject = self.act.body.subject();
        let owed = self.view.history.obligations_of(self.view.versions, &subject, self.act.at);
        let blocked =
            |id: &str| owed.iter().any(|o| o.duty.id == *id && !matches!(o.state, State::Met { .. }));
        match rules().find(|rule| blocked(&rule.duty.id)) {
            Some(rule) => self.refuse(&rule.source.clause, Reason::ChangeNotApproved { change }),
            None => Ok(()),
        }
    }

    /// MP-EX-CC-01: work that is out of scope needs an order that both approved.
    fn worked(&self, order: Option<&ProposalId>) -> Verdict {
        let blocks =
            self.agreement().approval.values().find(|rule| rule.block == Some(Block::WorkWithoutOrder));
        let Some(rule) = blocks else { return Ok(()) };
        match order {
            None => self.refuse(&rule.clause, Reason::WorkWithoutOrder),
            Some(order) if !self.approved(order, ProposalKind::Order) => {
                self.refuse(&rule.clause, Reason::OrderNotApproved { order: order.to_string() })
            }
            Some(_) => Ok(()),
        }
    }

    pub(super) fn approved(&self, id: &ProposalId, kind: ProposalKind) -> bool {
        let proposal = approval::proposal(self.plan, self.view.history, id, self.act.at);
        proposal.is_some_and(|proposal| proposal.kind == kind && proposal.is_approved())
    }

    /// MP-SC-APP-04: stages, a way back, checks afterwards.
    pub(super) fn no_stages(&self) -> Option<Reason> {
        let staged = self.last(Event::ChangeProposed).is_some_and(
            |fact| matches!(&fact.body, Body::ChangeProposed(change) if change.planned_in_stages),
        );
        (!staged).then_some(Reason::NoStages)
    }

    /// MP-CLI-13: the client confirmed its backup.
    pub(super) fn no_client_backup(&self) -> Option<Reason> {
        let confirmed = self.before().any(|fact| {
            fact.actor.side == Side::Client
                && matches!(&fact.body, Body::ChangeApproved(approved) if approved.backup_confirmed)
        });
        let change = self.act.body.subject_id().to_string();
        (!confirmed).then_some(Reason::BackupUnconfirmed { change })
    }

    /// MP-SC-APP-03: the start-up was validated.
    pub(super) fn no_validation(&self) -> Option<Reason> {
        match &self.act.body {
            Body::ChangeClosed(closed) => {
                closed.validation.as_deref().is_none_or(is_blank).then_some(Reason::NoValidation)
            }
            _ => None,
        }
    }

    /// MP-CLI-08: a sensitive operation names a rule that both approved.
    pub(super) fn no_sop(&self) -> Option<Reason> {
        let Body::ActionStarted(action) = &self.act.body else { return None };
        let approved = action.sop.as_ref().is_some_and(|sop| self.approved(sop, ProposalKind::Sop));
        (!approved).then_some(Reason::NoSop)
    }
}
