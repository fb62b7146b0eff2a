//! Who may do what: one policy in one text (`policy/rules.cedar`), and this file, which asks it.
//!
//! ```text
//! decide(who, how, action, what)  →  allowed, or refused with the rule, its reason, and how the refusal looks
//! ```
//!
//! Routes name an [`Action`] each and the portal's guard asks here; handlers ask again for objects, such as an internal note. What a
//! contract says of an act (whose turn, which class, which state) is no business of this text: `promise` guards it.

mod action;
mod audience;
mod kinds;
mod narrow;
mod principal;
mod resource;
mod rule;
mod verdict;

use std::{collections::HashMap, str::FromStr, sync::LazyLock};

use cedar_policy::{
    Authorizer, Decision, Entities, Entity, PolicyId, PolicySet, Request, Response, Schema, ValidationMode,
    Validator,
};

pub use self::{
    action::{About, Action},
    audience::{Audience, Held},
    principal::{Circumstances, ClientRole, Membership, Principal, Scope, StaffRole},
    resource::Resource,
    rule::Rule,
    verdict::{Answer, Refusal, Verdict},
};
use self::{
    kinds::{Kinds, uid},
    narrow::{Narrowed, Side},
};

const RULES: &str = include_str!("policy/rules.cedar");
const SCHEMA: &str = include_str!("policy/rules.cedarschema");

static EMBEDDED: LazyLock<Policy> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the text is part of the program, and a test reads it")]
    Policy::read(RULES, SCHEMA).expect("the policy in the program fits its schema")
});

/// The policy, read and held against its schema.
pub struct Policy {
    authorizer: Authorizer,
    schema: Schema,
    /// The rules that a question can meet at all.
    narrowed: Narrowed,
    /// In the order of the text.
    rules: Vec<Rule>,
    place: HashMap<PolicyId, usize>,
    kinds: Kinds,
    /// As the engine knows them, each with the groups it is in.
    actions: HashMap<Action, Entity>,
    audiences: HashMap<Action, Audience>,
}

/// Why a text is no policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// It cannot be read.
    #[error("{0}")]
    Text(String),
    /// It says something that the schema does not know.
    #[error("{0}")]
    Unfit(String),
    /// A rule lacks what every rule has, or an action is not the schema's.
    #[error("{0}")]
    Incomplete(String),
}

impl Policy {
    /// The one this program is built with.
    pub fn embedded() -> &'static Policy {
        &EMBEDDED
    }

    /// Reads rules (Cedar) and their schema.
    ///
    /// # Errors
    /// [`Broken`], with what the text lacks.
    pub fn read(rules: &str, schema: &str) -> Result<Policy, Broken> {
        let (schema, warnings) =
            Schema::from_cedarschema_str(schema).map_err(|error| Broken::Text(error.to_string()))?;
        if let Some(warning) = warnings.into_iter().next() {
            return Err(Broken::Unfit(warning.to_string()));
        }
        let set = PolicySet::from_str(rules).map_err(|error| Broken::Text(error.to_string()))?;
        let findings = Validator::new(schema.clone()).validate(&set, ValidationMode::Strict);
        let said: Vec<String> = findings
            .validation_errors()
            .map(ToString::to_string)
            .chain(findings.validation_warnings().map(ToString::to_string))
            .collect();
        if !said.is_empty() {
            return Err(Broken::Unfit(said.join("\n")));
        }
        let (rules, place) = rule::in_order(&set)?;
        let kinds = Kinds::new()?;
        let actions = known(&schema, &kinds)?;
        let narrowed = Narrowed::new(&set, &schema, &kinds)?;
        let (authorizer, audiences) = (Authorizer::new(), HashMap::new());
        let mut policy = Policy { authorizer, schema, narrowed, rules, place, kinds, actions, audiences };
        policy.audiences =
            Action::ALL.iter().map(|action| (*action, audience::of(&policy, *action))).collect();
        Ok(policy)
    }

    /// Whether somebody may.
    pub fn decide(
        &self,
        who: &Principal,
        how: &Circumstances,
        action: Action,
        what: &Resource<'_>,
    ) -> Verdict {
        let Some(response) = self.ask(who, how, action, what) else { return rule::unanswered(action) };
        // A rule that could not be worked out was left out of the answer: no answer then.
        if response.diagnostics().errors().next().is_some() {
            return rule::unanswered(action);
        }
        if response.decision() == Decision::Allow {
            return Verdict::Allowed;
        }
        let places = response.diagnostics().reason().filter_map(|id| self.place.get(id));
        match places.min().and_then(|first| self.rules.get(*first)) {
            Some(rule) => Verdict::Refused(rule.refusal()),
            None => rule::nothing_permits(who, action, self.audience(action)),
        }
    }

    /// Who may at all: read off the rules, not a second truth.
    pub fn audience(&self, action: Action) -> &Audience {
        // Every action has one from the start, but for those asked about while the first are made.
        self.audiences.get(&action).unwrap_or(&Audience::NOBODY)
    }

    /// The rules, in the order of the text.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    fn ask(
        &self,
        who: &Principal,
        how: &Circumstances,
        action: Action,
        what: &Resource<'_>,
    ) -> Option<Response> {
        let kinds = &self.kinds;
        let rules = self.narrowed.rules(action, Side::of(who))?;
        let (who_id, who) = kinds.principal(who)?;
        let (what_id, what) = kinds.resource(what)?;
        let action = self.actions.get(&action)?.clone();
        let context = kinds.context(how)?;
        let request = Request::new(who_id, action.uid(), what_id, context, Some(&self.schema)).ok()?;
        let entities = Entities::from_entities([who, what, action], None).ok()?;
        Some(self.authorizer.is_authorized(&request, rules, &entities))
    }
}

/// The schema's actions; those of the program must be there.
fn known(schema: &Schema, kinds: &Kinds) -> Result<HashMap<Action, Entity>, Broken> {
    let entities = schema.action_entities().map_err(|error| Broken::Unfit(error.to_string()))?;
    let one = |action: &Action| {
        let entity = entities.get(&uid(&kinds.action, action.name())).cloned();
        let lacking = || Broken::Incomplete(format!("the schema lacks the action {}", action.name()));
        entity.map(|entity| (*action, entity)).ok_or_else(lacking)
    };
    Action::ALL.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left out for an action and a side decides nothing: with every rule the answers are the same.
    #[test]
    fn the_rules_that_are_asked_answer_as_all_of_them_would() {
        let policy = Policy::embedded();
        let all = PolicySet::from_str(RULES).unwrap();
        let client = || "acme".parse::<facts::ClientId>().unwrap();
        let (acme, beta) = (client(), "beta".parse().unwrap());
        let id = String::new;
        let mut people = vec![Principal::Visitor, Principal::Machine];
        for membership in Membership::ALL.iter().copied() {
            let of_staff = |role: &StaffRole| Principal::Staff { id: id(), roles: vec![*role], membership };
            let of_client = |role: &ClientRole| Principal::Member {
                id: id(),
                client: client(),
                roles: vec![*role],
                membership,
            };
            people.extend(StaffRole::ALL.iter().map(of_staff));
            people.extend(ClientRole::ALL.iter().map(of_client));
        }
        let scope = |writes, only| Some(Scope { writes, only });
        let hows = [None, scope(false, None), scope(true, Some(client()))].map(|token| Circumstances {
            on_this_machine: token.is_none(),
            second_factor: token.is_some(),
            token,
        });
        let mut asked = 0;
        for (who, how, action) in people.iter().flat_map(|who| {
            hows.iter().flat_map(move |how| Action::ALL.iter().map(move |action| (who, how, *action)))
        }) {
            for what in
                [Resource::Provider, Resource::Account, Resource::Client(&acme), Resource::Client(&beta)]
            {
                let Some(narrow) = policy.ask(who, how, action, &what) else { continue };
                let (who_id, one) = policy.kinds.principal(who).unwrap();
                let (what_id, other) = policy.kinds.resource(&what).unwrap();
                let known = policy.actions[&action].clone();
                let context = policy.kinds.context(how).unwrap();
                let request = Request::new(who_id, known.uid(), what_id, context, None).unwrap();
                let entities = Entities::from_entities([one, other, known], None).unwrap();
                let whole = policy.authorizer.is_authorized(&request, &all, &entities);
                let said = |response: &Response| {
                    let mut rules: Vec<String> =
                        response.diagnostics().reason().map(ToString::to_string).collect();
                    rules.sort();
                    (response.decision(), rules, response.diagnostics().errors().count())
                };
                assert_eq!(said(&narrow), said(&whole), "{who:?} {how:?} {action:?} {what:?}");
                asked += 1;
            }
        }
        assert!(asked > 5_000, "{asked}");
    }
}
