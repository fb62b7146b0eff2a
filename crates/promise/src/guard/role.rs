//! Who may act.

use agreement::{Agreement, Permission, Role};
use facts::{Actor, Body, ContactChange, Event, Fact, Side};

use super::{Case, Reason, Refusal, Verdict, list};

impl Case<'_> {
    /// SH-DEF-09, SH-DEF-12: an act that a role of the file may do takes a person who holds such a role; where the file gives
    /// it to no role, a person of the party it belongs to.
    pub(super) fn role(&self) -> Verdict {
        self.removed_contact()?;
        for (what, side) in permissions(self.act) {
            self.permitted(what, side)?;
        }
        Ok(())
    }

    pub(super) fn permitted(&self, what: Permission, side: Side) -> Verdict {
        let roles: Vec<_> = entitled(self.agreement(), what, side).collect();
        let actor = &self.act.actor;
        if !actor.is_person() {
            return self
                .automaton(what, &roles.iter().flat_map(|(_, r)| r.clause.ids.clone()).collect::<Vec<_>>());
        }
        if holds(self.agreement(), actor, what, side) {
            return Ok(());
        }
        let names = self.whoever_may(what, side);
        let mut clauses: Vec<String> =
            roles.iter().flat_map(|(_, role)| role.clause.ids.iter().cloned()).collect();
        if what == Permission::RequestOpen {
            clauses.extend(
                self.agreement().request.iter().flat_map(|request| request.clause.ids.iter().cloned()),
            );
        }
        Err(Refusal { clauses, reason: Reason::NotTheirs { who: actor.id.clone(), side, roles: names } })
    }

    /// The roles of a side that may do something, in words.
    pub(super) fn whoever_may(&self, what: Permission, side: Side) -> String {
        let roles: Vec<&str> =
            entitled(self.agreement(), what, side).map(|(name, _)| name.as_str()).collect();
        if roles.is_empty() { "entitled to it".to_owned() } else { list(roles) }
    }

    /// A machine records what came in, acknowledges, and does what it is told; it decides nothing.
    fn automaton(&self, what: Permission, clauses: &[String]) -> Verdict {
        let auto_claim =
            || self.plan.rules().iter().any(|rule| rule.forfeits() && rule.source.auto_claim == Some(true));
        let may = match what {
            Permission::RequestOpen
            | Permission::RequestSetPriorityAtSubmit
            | Permission::RequestRespond
            | Permission::InstanceRestart
            | Permission::CreditApprove
            | Permission::ChangeRun => true,
            // both parties may switch it on.
            Permission::ClaimOpen => auto_claim(),
            _ => false,
        };
        if may {
            return Ok(());
        }
        Err(Refusal { clauses: clauses.to_vec(), reason: Reason::NeedsPerson { what: what.name() } })
    }

    /// SH-DEF-12, A-31: a removed contact is gone at once. MP-CLI-04: the last of those who must be named stays.
    fn removed_contact(&self) -> Verdict {
        match &self.act.body {
            Body::RequestReceived(_) | Body::MessageSettled(_) if self.act.actor.side == Side::Client => {
                self.gone(&self.act.actor.id)
            }
            Body::ContactChangeRequested(change) if change.change == ContactChange::Remove => {
                self.last_contact(change.contact.as_str())
            }
            _ => Ok(()),
        }
    }

    fn gone(&self, who: &str) -> Verdict {
        let changes = self.view.history.all(Event::ContactChangeRequested, self.act.at).iter();
        let last = changes.rev().find_map(|fact| match &fact.body {
            Body::ContactChangeRequested(change) if change.contact.as_str() == who => {
                Some((fact.at, change.change))
            }
            _ => None,
        });
        match last {
            Some((since, ContactChange::Remove)) => {
                let reason = Reason::ContactRemoved { who: who.to_owned(), since };
                Err(Refusal { clauses: self.contact_clauses(), reason })
            }
            _ => Ok(()),
        }
    }

    fn contact_clauses(&self) -> Vec<String> {
        let opens = |role: &&agreement::Role| {
            role.side == Side::Client && role.may.contains(&Permission::RequestOpen)
        };
        let roles = self.agreement().role.values().filter(opens);
        let mut clauses: Vec<String> = roles.flat_map(|role| role.clause.ids.iter().cloned()).collect();
        clauses.dedup();
        clauses
    }

    /// Those named are whom the facts name: invited to the portal or added, and not removed since. Who was added counts once the
    /// notice is over, or was applied sooner (SH-REQ-06): until then they stand in for nobody. Where no fact names anybody,
    /// nothing can be said.
    fn last_contact(&self, leaving: &str) -> Verdict {
        let least = self
            .agreement()
            .role
            .values()
            .filter(|role| role.side == Side::Client)
            .filter_map(|role| role.min)
            .max();
        let mut named: Vec<&str> = Vec::new();
        for fact in self.contact_facts() {
            match &fact.body {
                Body::ContactInvited(invited) => named.push(invited.contact.as_str()),
                Body::ContactChangeRequested(change) if change.change == ContactChange::Add => {
                    named.extend(self.counts(fact).then_some(change.contact.as_str()));
                }
                Body::ContactChangeRequested(change) => named.retain(|name| *name != change.contact.as_str()),
                _ => {}
            }
        }
        named.sort_unstable();
        named.dedup();
        let left = named.iter().filter(|name| **name != leaving).count();
        match least {
            Some(min) if named.contains(&leaving) && left < min as usize => {
                Err(Refusal { clauses: self.contact_clauses(), reason: Reason::LastContact { left, min } })
            }
            _ => Ok(()),
        }
    }

    /// Whether an addition is in effect when the act is done.
    fn counts(&self, added: &Fact) -> bool {
        let subject = added.body.subject();
        let applied = self.view.history.about(&subject).iter().any(|fact| {
            fact.event() == Event::ContactChangeApplied && added.at <= fact.at && fact.at <= self.act.at
        });
        let (view, at) = (&self.view, self.act.at);
        let mut owed = view.history.obligations_of(view.versions, &subject, at).into_iter();
        let notice = owed.find(|owed| owed.started == added.at && owed.due.is_some());
        applied || notice.and_then(|notice| notice.due).is_none_or(|over| over <= self.act.at)
    }

    fn contact_facts(&self) -> Vec<&Fact> {
        let history = self.view.history;
        let invited = history.all(Event::ContactInvited, self.act.at).iter();
        let changed = history.all(Event::ContactChangeRequested, self.act.at).iter();
        let mut facts: Vec<&Fact> = invited.chain(changed).copied().collect();
        facts.sort_by_key(|fact| (fact.at, fact.recorded_at, fact.id));
        facts
    }
}

/// The roles of a side that may do something.
fn entitled(agreement: &Agreement, what: Permission, side: Side) -> impl Iterator<Item = (&String, &Role)> {
    agreement.role.iter().filter(move |(_, role)| role.side == side && role.may.contains(&what))
}

/// Whether somebody is a person of that side who may do it: by a role of the file; where it gives it to none, as anybody there.
pub fn holds(agreement: &Agreement, actor: &Actor, what: Permission, side: Side) -> bool {
    let mut roles = entitled(agreement, what, side).peekable();
    let named = roles.peek().is_none() || roles.any(|(name, _)| actor.roles.contains(name));
    actor.is_person() && actor.side == side && named
}

/// What an act takes, and of whom.
fn permissions(act: &Fact) -> Vec<(Permission, Side)> {
    let client = act.actor.side != Side::Provider;
    match &act.body {
        // Staff may write down what came by phone; for others it takes a contact (SH-DEF-11).
        Body::RequestReceived(request) if client => {
            let open = (Permission::RequestOpen, Side::Client);
            let priority = request.priority.as_ref().or(request.urgency.as_ref());
            let set = priority.map(|_| (Permission::RequestSetPriorityAtSubmit, Side::Client));
            [open].into_iter().chain(set).collect()
        }
        // SH-DEF-11: what becomes of somebody else's message, a request or nothing, say those who may ask.
        Body::MessageSettled(_) if act.actor.side == Side::Client => {
            vec![(Permission::RequestOpen, Side::Client)]
        }
        Body::RequestReplied(_) => vec![(Permission::RequestRespond, Side::Provider)],
        Body::AppealOpened(_) => vec![(Permission::AppealOpen, Side::Client)],
        Body::AppealDecided(_) => vec![(Permission::AppealDecide, Side::Provider)],
        Body::ClaimSubmitted(_) => vec![(Permission::ClaimOpen, Side::Client)],
        Body::ExclusionClaimed(_) => vec![(Permission::ExclusionClaim, Side::Provider)],
        Body::ExclusionDisputed(_) => vec![(Permission::ExclusionDispute, Side::Client)],
        Body::CreditApplied(_) | Body::CreditGoodwill(_) => vec![(Permission::CreditApprove, Side::Provider)],
        Body::InstanceRestarted(_) if act.actor.side == Side::Client => {
            vec![(Permission::InstanceRestart, Side::Client)]
        }
        Body::ChangeApproved(_) => vec![(Permission::ChangeApprove, Side::Client)],
        Body::ChangeRefused(_) if client => vec![(Permission::ChangeApprove, Side::Client)],
        Body::ChangeRefused(_) | Body::ChangeStarted(_) => vec![(Permission::ChangeRun, Side::Provider)],
        // A client who tries these is told of the appeal by the file's own guards.
        Body::RequestClassified(_) if !client => vec![(Permission::RequestClassify, Side::Provider)],
        Body::RequestReprioritised(_) if !client => vec![(Permission::RequestReprioritise, Side::Provider)],
        _ => Vec::new(),
    }
}
