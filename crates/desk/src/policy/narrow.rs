//! The rules a question can meet, sorted out once: of the thirty most are about other actions or another side, and each costs.
//!
//! Only the head of a rule is read for it (`principal is Member`, `action in […]`). What it says behind `when` and `unless` is the
//! engine's to work out.

use std::collections::HashMap;

use cedar_policy::{
    ActionConstraint, Entities, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint, Schema,
};

use super::{
    Action, Broken, Principal,
    kinds::{Kinds, uid},
};

/// Who asks, by kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Visitor,
    Machine,
    Staff,
    Member,
}

impl Side {
    const ALL: [Side; 4] = [Side::Visitor, Side::Machine, Side::Staff, Side::Member];

    pub(super) fn of(who: &Principal) -> Side {
        match who {
            Principal::Visitor => Side::Visitor,
            Principal::Machine => Side::Machine,
            Principal::Staff { .. } => Side::Staff,
            Principal::Member { .. } => Side::Member,
        }
    }

    fn kind(self, kinds: &Kinds) -> &EntityTypeName {
        match self {
            Side::Visitor => &kinds.visitor,
            Side::Machine => &kinds.machine,
            Side::Staff => &kinds.staff,
            Side::Member => &kinds.member,
        }
    }

    /// Whether somebody of this side can be that, or in it.
    fn can_be(self, kinds: &Kinds, whole: &EntityUid) -> bool {
        let kind = whole.type_name();
        match self {
            Side::Staff if *kind == kinds.staff_role => true,
            Side::Member if *kind == kinds.client_role => true,
            side => kind == side.kind(kinds),
        }
    }
}

/// For each action and side, the rules whose heads fit.
pub(super) struct Narrowed(HashMap<(Action, Side), PolicySet>);

impl Narrowed {
    pub(super) fn new(set: &PolicySet, schema: &Schema, kinds: &Kinds) -> Result<Narrowed, Broken> {
        let unfit = |error: &dyn std::fmt::Display| Broken::Unfit(error.to_string());
        let groups = schema.action_entities().map_err(|error| unfit(&error))?;
        let mut all = HashMap::new();
        for action in Action::ALL {
            let named = uid(&kinds.action, action.name());
            for side in Side::ALL {
                let fits = |rule: &&Policy| about(rule, &named, &groups) && by(rule, side, kinds);
                let rules = PolicySet::from_policies(set.policies().filter(fits).cloned());
                all.insert((*action, side), rules.map_err(|error| unfit(&error))?);
            }
        }
        Ok(Narrowed(all))
    }

    pub(super) fn rules(&self, action: Action, side: Side) -> Option<&PolicySet> {
        self.0.get(&(action, side))
    }
}

fn about(rule: &Policy, action: &EntityUid, groups: &Entities) -> bool {
    match rule.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(named) => named == *action,
        ActionConstraint::In(named) => {
            named.iter().any(|group| group == action || groups.is_ancestor_of(group, action))
        }
    }
}

fn by(rule: &Policy, side: Side, kinds: &Kinds) -> bool {
    match rule.principal_constraint() {
        PrincipalConstraint::Any => true,
        PrincipalConstraint::Is(kind) | PrincipalConstraint::IsIn(kind, _) => kind == *side.kind(kinds),
        PrincipalConstraint::Eq(whole) | PrincipalConstraint::In(whole) => side.can_be(kinds, &whole),
    }
}
