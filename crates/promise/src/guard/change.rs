//! Changes, operations and out-of-scope work: what must be there before they begin or end.

use agreement::{Block, OnMiss, Permission};
use facts::{Body, ChangeId, Event, ProposalId, ProposalKind, Side};

use super::{Case, Reason, Refusal, Verdict, is_blank};
use crate::{
    approval::{self, ProposalState},
    change::{self, Change},
    obligation::{Rule, State},
};

impl Case<'_> {
    pub(super) fn change(&self) -> Verdict {
        match &self.act.body {
            Body::ChangeProposed(change) => match change.ends_at {
                Some(until) if until <= change.starts_at => {
                    self.change_refused(Reason::EmptyChange { from: change.starts_at, until })
                }
                _ => Ok(()),
            },
            Body::ChangeApproved(approved) => self.awaited(&approved.change),
            Body::ChangeRefused(refused) if is_blank(&refused.reason) => {
                self.change_refused(Reason::NoReason)
            }
            Body::ChangeRefused(refused) => self.refused(&refused.change),
            Body::ChangeStarted(started) => {
                self.frozen()?;
                self.unrefused(&started.change)?;
                self.started()
            }
            Body::ChangeClosed(closed) => self.closed(&closed.change),
            Body::WorkLogged(work) => self.worked(work.order.as_ref()),
            _ => Ok(()),
        }
    }

    /// MP-CLI-11: it is approved once, by its planned start.
    fn awaited(&self, id: &ChangeId) -> Verdict {
        let found = self.stands(id)?;
        if !found.is_open(self.act.at) {
            return self.change_refused(Reason::ChangeSettled {
                change: id.to_string(),
                state: found.word(self.act.at),
            });
        }
        Ok(())
    }

    /// The client refuses what waits for it; the provider calls off what has not begun.
    fn refused(&self, id: &ChangeId) -> Verdict {
        let found = self.stands(id)?;
        let goes_on = found.started.is_none() && !matches!(found.state, ProposalState::Refused { .. });
        match self.act.actor.side {
            Side::Client => self.awaited(id),
            _ if goes_on => Ok(()),
            _ => {
                let state = found.word(self.act.at);
                self.change_refused(Reason::ChangeSettled { change: id.to_string(), state })
            }
        }
    }

    /// What was refused, has begun or is over does not begin, whatever the agreement says.
    fn unrefused(&self, id: &ChangeId) -> Verdict {
        let found = change::change(self.view.history, id, self.act.at);
        let settled = |found: &Change| {
            found.started.is_some()
                || found.closed.is_some()
                || matches!(found.state, ProposalState::Refused { .. })
        };
        match found.filter(settled) {
            Some(found) => {
                let state = found.word(self.act.at);
                self.change_refused(Reason::ChangeSettled { change: id.to_string(), state })
            }
            None => Ok(()),
        }
    }

    fn closed(&self, id: &ChangeId) -> Verdict {
        let found = self.stands(id)?;
        match (found.started, found.closed) {
            (Some(_), None) => Ok(()),
            _ => {
                let state = found.word(self.act.at);
                self.change_refused(Reason::ChangeNotUnderWay { change: id.to_string(), state })
            }
        }
    }

    /// The change as it stands before the act.
    fn stands(&self, id: &ChangeId) -> Result<Change, Refusal> {
        let found = change::change(self.view.history, id, self.act.at);
        let reason = Reason::ChangeNotProposed { change: id.to_string() };
        found.ok_or_else(|| Refusal { clauses: self.change_clauses(), reason })
    }

    fn change_refused(&self, reason: Reason) -> Verdict {
        Err(Refusal { clauses: self.change_clauses(), reason })
    }

    /// The clauses that keep a change from beginning.
    fn change_clauses(&self) -> Vec<String> {
        self.blocking().flat_map(|rule| rule.source.clause.ids.iter().cloned()).collect()
    }

    fn blocking(&self) -> impl Iterator<Item = &'_ std::sync::Arc<Rule>> {
        self.plan.rules().iter().filter(|rule| rule.source.on_miss.contains(&OnMiss::BlockChange))
    }

    /// MP-CLI-11: a change that the client has not approved cannot start, and starts in the window that it approved.
    fn started(&self) -> Verdict {
        let change = self.act.body.subject_id().to_string();
        let Some(rule) = self.blocking().next() else { return Ok(()) };
        if self.last(Event::ChangeProposed).is_none() {
            return self.refuse(&rule.source.clause, Reason::ChangeNotProposed { change });
        }
        let subject = self.act.body.subject();
        let owed = self.view.history.obligations_of(self.view.versions, &subject, self.act.at);
        let blocked =
            |id: &str| owed.iter().any(|o| o.duty.id == *id && !matches!(o.state, State::Met { .. }));
        match self.blocking().find(|rule| blocked(&rule.duty.id)) {
            Some(rule) => {
                let roles = self.whoever_may(Permission::ChangeApprove, Side::Client);
                self.refuse(&rule.source.clause, Reason::ChangeNotApproved { change, roles })
            }
            None => self.in_its_window(),
        }
    }

    fn in_its_window(&self) -> Verdict {
        let Some(Body::ChangeProposed(change)) = self.last(Event::ChangeProposed).map(|fact| &fact.body)
        else {
            return Ok(());
        };
        let (from, until) = (change.starts_at, change.ends_at);
        let inside = from <= self.act.at && until.is_none_or(|until| self.act.at < until);
        if inside {
            Ok(())
        } else {
            self.change_refused(Reason::OutsideApproved { from, until: until.unwrap_or(from) })
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
