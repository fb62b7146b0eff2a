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
mod principal;
mod resource;
mod rule;
mod verdict;

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
    sync::LazyLock,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId,
    PolicySet, Request, Response, RestrictedExpression, Schema, ValidationMode, Validator,
};
use facts::ClientId;

pub use self::{
    action::{About, Action},
    audience::{Audience, Held},
    principal::{Circumstances, ClientRole, Membership, Principal, Scope, StaffRole},
    resource::Resource,
    rule::Rule,
    verdict::{Answer, Refusal, Verdict},
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
    set: PolicySet,
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
        let (authorizer, audiences) = (Authorizer::new(), HashMap::new());
        let mut policy = Policy { authorizer, schema, set, rules, place, kinds, actions, audiences };
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
        let (who_id, who) = kinds.principal(who)?;
        let (what_id, what) = kinds.resource(what)?;
        let action = self.actions.get(&action)?.clone();
        let context = kinds.context(how)?;
        let request = Request::new(who_id, action.uid(), what_id, context, Some(&self.schema)).ok()?;
        let entities = Entities::from_entities([who, what, action], None).ok()?;
        Some(self.authorizer.is_authorized(&request, &self.set, &entities))
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

/// The names of the schema's types, read once.
struct Kinds {
    visitor: EntityTypeName,
    machine: EntityTypeName,
    staff: EntityTypeName,
    member: EntityTypeName,
    staff_role: EntityTypeName,
    client_role: EntityTypeName,
    membership: EntityTypeName,
    provider: EntityTypeName,
    account: EntityTypeName,
    client: EntityTypeName,
    note: EntityTypeName,
    file: EntityTypeName,
    person: EntityTypeName,
    action: EntityTypeName,
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

impl Kinds {
    fn new() -> Result<Kinds, Broken> {
        let kind =
            |name: &str| EntityTypeName::from_str(name).map_err(|error| Broken::Text(error.to_string()));
        Ok(Kinds {
            visitor: kind("Visitor")?,
            machine: kind("Machine")?,
            staff: kind("Staff")?,
            member: kind("Member")?,
            staff_role: kind("StaffRole")?,
            client_role: kind("ClientRole")?,
            membership: kind("Membership")?,
            provider: kind("Provider")?,
            account: kind("Account")?,
            client: kind("Client")?,
            note: kind("Note")?,
            file: kind("File")?,
            person: kind("Person")?,
            action: kind("Action")?,
        })
    }

    fn client(&self, client: &ClientId) -> EntityUid {
        uid(&self.client, client.as_str())
    }

    fn principal(&self, who: &Principal) -> Option<(EntityUid, Entity)> {
        let membership =
            |state: &Membership| RestrictedExpression::new_entity_uid(uid(&self.membership, state.name()));
        let mut attrs = HashMap::new();
        let (id, parents) = match who {
            Principal::Visitor => (uid(&self.visitor, ""), HashSet::new()),
            Principal::Machine => (uid(&self.machine, ""), HashSet::new()),
            Principal::Staff { id, roles, membership: state } => {
                attrs.insert("membership".to_owned(), membership(state));
                (uid(&self.staff, id), roles.iter().map(|role| uid(&self.staff_role, role.name())).collect())
            }
            Principal::Member { id, client, roles, membership: state } => {
                attrs.insert("membership".to_owned(), membership(state));
                attrs.insert("client".to_owned(), RestrictedExpression::new_entity_uid(self.client(client)));
                (
                    uid(&self.member, id),
                    roles.iter().map(|role| uid(&self.client_role, role.name())).collect(),
                )
            }
        };
        Some((id.clone(), Entity::new(id, attrs, parents).ok()?))
    }

    /// Which note or file it is makes no difference to the policy: whose it is does, and for whom it was meant.
    fn resource(&self, what: &Resource<'_>) -> Option<(EntityUid, Entity)> {
        let of = |client: &ClientId| HashSet::from([self.client(client)]);
        let meant = |internal: bool| {
            HashMap::from([("internal".to_owned(), RestrictedExpression::new_bool(internal))])
        };
        let (id, attrs, parents) = match what {
            Resource::Provider => (uid(&self.provider, ""), HashMap::new(), HashSet::new()),
            Resource::Account => (uid(&self.account, ""), HashMap::new(), HashSet::new()),
            Resource::Client(client) => (self.client(client), HashMap::new(), HashSet::new()),
            Resource::Note { client, internal } => (uid(&self.note, ""), meant(*internal), of(client)),
            Resource::File { client, internal } => (uid(&self.file, ""), meant(*internal), of(client)),
            Resource::Person { client } => {
                (uid(&self.person, ""), HashMap::new(), client.map(of).unwrap_or_default())
            }
        };
        Some((id.clone(), Entity::new(id, attrs, parents).ok()?))
    }

    fn context(&self, how: &Circumstances) -> Option<Context> {
        let mut pairs = vec![
            ("on_this_machine".to_owned(), RestrictedExpression::new_bool(how.on_this_machine)),
            ("second_factor".to_owned(), RestrictedExpression::new_bool(how.second_factor)),
        ];
        if let Some(scope) = &how.token {
            let mut fields = vec![("writes".to_owned(), RestrictedExpression::new_bool(scope.writes))];
            let only =
                scope.only.as_ref().map(|only| RestrictedExpression::new_entity_uid(self.client(only)));
            fields.extend(only.map(|only| ("only".to_owned(), only)));
            pairs.push(("token".to_owned(), RestrictedExpression::new_record(fields).ok()?));
        }
        Context::from_pairs(pairs).ok()
    }
}
