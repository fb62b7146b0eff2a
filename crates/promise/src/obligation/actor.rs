//! Who acted: it decides what an act meets (design rule 7).

use agreement::{Clearance, MetActor, Permission};
use facts::{Actor, Event, Fact, Side};
use spans::Instant;

use super::{Plan, Rule, walk::View};

impl View<'_> {
    /// Whether a person may act so: who acted decides what an act meets (design rule 7).
    pub(crate) fn acted(&self, plan: &Plan, rule: &Rule, fact: &Fact) -> bool {
        self.acted_as(plan, rule, rule.met_by().and_then(|met_by| met_by.actor), fact)
    }

    /// Whether the fact was somebody's who counts as `who`, and not the other party's.
    pub(crate) fn acted_as(&self, plan: &Plan, rule: &Rule, who: Option<MetActor>, fact: &Fact) -> bool {
        let owes = rule.duty.party.side();
        let other_party = owes.and_then(Side::other).is_some_and(|other| fact.actor.side == other);
        who.is_none_or(|who| match who {
            MetActor::Person => fact.actor.is_person() && !other_party,
            MetActor::Qualified => !other_party && self.is_qualified(plan, &fact.actor, fact.at),
            MetActor::Manager => fact.actor.is_person() && holds(&fact.actor, "manager"),
            MetActor::Approver => may(plan, &fact.actor, Side::Client, Permission::ChangeApprove),
        })
    }

    /// MP-SLO-01, A-37: a person with the plan's skill, cleared where the client restricts who may work for it.
    pub(crate) fn is_qualified(&self, plan: &Plan, actor: &Actor, at: Instant) -> bool {
        let Some(role) = plan.agreement().role.get("qualified") else {
            return actor.is_person() && holds(actor, "qualified");
        };
        let skilled = role.skill.as_ref().is_none_or(|skill| actor.skills.contains(skill));
        let restricted = || {
            self.between(Event::PoolRestricted, Event::PoolOpened).iter().any(|pool| pool.span().contains(at))
        };
        let needs_clearance = role.clearance == Some(Clearance::PerClient);
        actor.is_person() && skilled && (actor.cleared || !needs_clearance || !restricted())
    }
}

fn holds(actor: &Actor, role: &str) -> bool {
    actor.roles.iter().any(|held| held == role)
}

/// Whether a person of that side holds a role that may do this.
pub(crate) fn may(plan: &Plan, actor: &Actor, side: Side, what: Permission) -> bool {
    let roles = &plan.agreement().role;
    let held = actor.roles.iter().filter_map(|name| roles.get(name));
    actor.is_person()
        && actor.side == side
        && held.into_iter().any(|role| role.side == side && role.may.contains(&what))
}
