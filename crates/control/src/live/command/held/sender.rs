//! Whether whoever sent a message is one of the client's people: by an address of theirs, or by their name where nothing else is said.

use facts::{Actor, ClientId};
use journal::people::Person;
use spans::Instant;

use crate::live::Control;

/// One of the client's people, as they may be known to whoever writes a message down.
pub(super) struct Asker {
    pub(super) name: String,
    pub(super) actor: Actor,
    /// What they sign in by, and where their mail goes.
    known_by: Vec<String>,
}

impl Control {
    /// The client's people who count now; whether they may ask, says the agreement.
    pub(super) fn askers(&self, client: &ClientId, now: Instant) -> journal::Result<Vec<Asker>> {
        self.journal().glance(|tx| {
            let people = tx.people_of(client)?.into_iter().filter(|person| person.is_here(now));
            people
                .map(|person| {
                    let address = tx.choice(&person.id)?.address;
                    Ok(asker(person, address))
                })
                .collect()
        })
    }
}

fn asker(person: Person, address: Option<String>) -> Asker {
    let Person { id, login, name, roles, .. } = person;
    let known_by = [Some(login), address].into_iter().flatten().map(|way| way.to_lowercase()).collect();
    Asker { actor: Actor { roles, ..Actor::client(&id) }, name, known_by }
}

/// Whose message it is. An address decides where there is one: a name beside another address may be anybody's.
pub(super) fn whose<'a>(mut askers: impl Iterator<Item = &'a Asker>, from: &str) -> Option<&'a Asker> {
    let from = from.to_lowercase();
    let by = address_in(&from).unwrap_or(&from);
    askers.find(|asker| asker.name.to_lowercase() == from || asker.known_by.iter().any(|way| way == by))
}

/// The address in `Ann Example <ann@example.org>`, or in one that stands alone.
pub fn address_in(from: &str) -> Option<&str> {
    let parts = from.split(|char: char| char.is_whitespace() || "<>()[]\",;:".contains(char));
    let is_one =
        |part: &&str| part.split_once('@').is_some_and(|(who, at)| !who.is_empty() && at.contains('.'));
    parts.map(|part| part.trim_end_matches('.')).find(is_one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_where_there_is_one() {
        for (from, found) in [
            ("Ann Example <ann@example.org>", Some("ann@example.org")),
            ("ann@example.org", Some("ann@example.org")),
            ("Write to ann@example.org.", Some("ann@example.org")),
            ("mailto:ann@example.org", Some("ann@example.org")),
            ("Ann, +31 20 000 0000", None),
            ("@ann", None),
            ("ann@home", None),
            ("ann@home.", None),
        ] {
            assert_eq!(address_in(from), found, "{from}");
        }
    }

    #[test]
    fn sh_def_11_one_s_own_people_are_known_by_their_addresses_or_by_their_name_alone() {
        let jan = Asker {
            name: "Jan Smit".to_owned(),
            actor: Actor::client("1"),
            known_by: vec!["jan".to_owned(), "jan@acme.example".to_owned()],
        };
        for (from, is_jan) in [
            ("Jan Smit", true),
            ("jan smit", true),
            ("JAN", true),
            ("jan@acme.example", true),
            ("Somebody <Jan@Acme.example>", true),
            ("Jan Smit <jan@elsewhere.example>", false),
            ("Jan Smit, +31 20 000 0000", false),
            ("Jan Smits", false),
            ("xjan@acme.example", false),
        ] {
            assert_eq!(whose([&jan].into_iter(), from).is_some(), is_jan, "{from}");
        }
    }
}
