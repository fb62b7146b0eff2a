//! What the people who acted are called today. Facts name people of the portal by an id that says nothing, so that a name can be
//! changed and erased while the chain still holds; whoever reads the journal for people puts the names in.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use facts::{ClientId, Fact};
use journal::{Journal, people::Named};

/// By id, what people are called; two of one name are told apart by their logins, as far as somebody sees both.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<ById>);

/// By id, a name.
pub(crate) type ById = BTreeMap<Arc<str>, String>;

impl Names {
    /// Reads everybody's name. Those who are now called something else; who is gone is called by the id.
    pub(crate) fn refresh(&self, journal: &Journal) -> journal::Result<ById> {
        let read = told_apart(journal.read(|tx| tx.names())?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let renamed = read.iter().filter(|(id, name)| known.get(*id) != Some(*name));
        let renamed = renamed.map(|(id, name)| (Arc::clone(id), name.clone()));
        let gone = known.keys().filter(|id| !read.contains_key(*id));
        let changed = renamed.chain(gone.map(|id| (Arc::clone(id), id.to_string()))).collect();
        *known = read;
        Ok(changed)
    }

    /// The name of whoever has this id; what is no id of the portal's people stands for itself.
    pub(crate) fn of(&self, id: &str) -> String {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.get(id).cloned().unwrap_or_else(|| id.to_owned())
    }

    /// Whether somebody has this id.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    /// Puts the name of who acted in the place of the id, which is given back.
    pub(crate) fn put_into(&self, fact: &mut Fact) -> Option<Arc<str>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (id, name) = known.get_key_value(fact.actor.id.as_str())?;
        fact.actor.id.clone_from(name);
        Some(Arc::clone(id))
    }
}

/// A client's people see each other and the provider's, and nobody of another client: a name there tells nothing here.
fn told_apart(people: Vec<Named>) -> ById {
    let mut count: BTreeMap<(Option<ClientId>, String), u32> = BTreeMap::new();
    people.iter().for_each(|one| *count.entry((one.client.clone(), one.name.clone())).or_default() += 1);
    let of = |client: &Option<ClientId>, name: &str| {
        count.get(&(client.clone(), name.to_owned())).copied().unwrap_or(0)
    };
    let name = |person: &Named| {
        let theirs = person.client.as_ref().map_or(0, |_| of(&None, &person.name));
        match of(&person.client, &person.name) + theirs {
            1 => person.name.clone(),
            _ => format!("{} ({})", person.name, person.login),
        }
    };
    people.iter().map(|person| (person.id.as_str().into(), name(person))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_one_name_are_told_apart_where_somebody_sees_both() {
        let named = |id: &str, name: &str, login: &str, client: Option<&str>| Named {
            id: id.to_owned(),
            name: name.to_owned(),
            login: login.to_owned(),
            client: client.map(|client| client.parse().unwrap()),
        };
        let names = told_apart(vec![
            named("1", "Ann", "ann", None),
            named("2", "Bo", "bo", None),
            named("3", "Ann", "ann.b", None),
            named("4", "Jan", "jan", Some("acme")),
            named("5", "Jan", "jan.b", Some("beta")),
            named("6", "Kim", "kim", Some("beta")),
            named("7", "Kim", "kim.b", Some("beta")),
            named("8", "Bo", "bo.b", Some("beta")),
        ]);
        let of = |id: &str| names[id].as_str();
        assert_eq!([of("1"), of("2"), of("3")], ["Ann (ann)", "Bo", "Ann (ann.b)"]);
        assert_eq!([of("4"), of("5")], ["Jan", "Jan"], "neither client hears of the other");
        assert_eq!([of("6"), of("7"), of("8")], ["Kim (kim)", "Kim (kim.b)", "Bo (bo.b)"]);
    }
}
