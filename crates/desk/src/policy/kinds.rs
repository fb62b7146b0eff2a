//! A question as the engine takes it: people, things and circumstances under the schema's names.

use std::{
    collections::{HashMap, HashSet},
    str::FromStr,
};

use cedar_policy::{Context, Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use facts::ClientId;

use super::{Broken, Circumstances, Membership, Principal, Resource};

/// The names of the schema's types, read once.
pub(super) struct Kinds {
    pub(super) visitor: EntityTypeName,
    pub(super) machine: EntityTypeName,
    pub(super) staff: EntityTypeName,
    pub(super) member: EntityTypeName,
    pub(super) staff_role: EntityTypeName,
    pub(super) client_role: EntityTypeName,
    membership: EntityTypeName,
    provider: EntityTypeName,
    account: EntityTypeName,
    client: EntityTypeName,
    note: EntityTypeName,
    file: EntityTypeName,
    person: EntityTypeName,
    pub(super) action: EntityTypeName,
}

pub(super) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

impl Kinds {
    pub(super) fn new() -> Result<Kinds, Broken> {
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

    pub(super) fn principal(&self, who: &Principal) -> Option<(EntityUid, Entity)> {
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
    pub(super) fn resource(&self, what: &Resource<'_>) -> Option<(EntityUid, Entity)> {
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
            Resource::Person { client, administrator } => {
                let attrs = [("administrator".to_owned(), RestrictedExpression::new_bool(*administrator))];
                (uid(&self.person, ""), HashMap::from(attrs), client.map(of).unwrap_or_default())
            }
        };
        Some((id.clone(), Entity::new(id, attrs, parents).ok()?))
    }

    pub(super) fn context(&self, how: &Circumstances) -> Option<Context> {
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
