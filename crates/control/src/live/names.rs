//! What the people who acted are called today. Facts name people of the portal by an id that says nothing, so that a name can be
//! changed and erased while the chain still holds; whoever reads the journal for people puts the names in.

use std::{
    collections::BTreeMap,
    sync::{PoisonError, RwLock},
};

use facts::Fact;
use journal::{Journal, people::Named};

/// By id, what people are called; two of one name are told apart by their logins.
#[derive(Debug, Default)]
pub(crate) struct Names(RwLock<BTreeMap<String, String>>);

impl Names {
    /// Reads everybody's name. Whether somebody known is now called something else.
    pub(crate) fn refresh(&self, journal: &Journal) -> journal::Result<bool> {
        let read = told_apart(journal.read(|tx| tx.names())?);
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let renamed = known.iter().any(|(id, name)| read.get(id) != Some(name));
        *known = read;
        Ok(renamed)
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

    /// Puts the name of who acted in the place of the id.
    pub(crate) fn put_into(&self, fact: &mut Fact) {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(name) = known.get(&fact.actor.id) {
            fact.actor.id.clone_from(name);
        }
    }
}

fn told_apart(people: Vec<Named>) -> BTreeMap<String, String> {
    let mut count: BTreeMap<String, u32> = BTreeMap::new();
    people.iter().for_each(|person| *count.entry(person.name.clone()).or_default() += 1);
    let name = |person: Named| match count.get(&person.name) {
        Some(1) => (person.id, person.name),
        _ => (person.id, format!("{} ({})", person.name, person.login)),
    };
    people.into_iter().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_of_one_name_are_told_apart() {
        let named = |id: &str, name: &str, login: &str| Named {
            id: id.to_owned(),
            name: name.to_owned(),
            login: login.to_owned(),
        };
        let names =
            told_apart(vec![named("1", "Ann", "ann"), named("2", "Bo", "bo"), named("3", "Ann", "ann.b")]);
        assert_eq!(names["1"], "Ann (ann)");
        assert_eq!(names["2"], "Bo");
        assert_eq!(names["3"], "Ann (ann.b)");
    }
}
