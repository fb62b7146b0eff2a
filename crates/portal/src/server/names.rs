//! What clients are called: the name that the agreement gives them. Addresses keep the id.

use std::{collections::BTreeMap, sync::Arc};

use control::live::Shelf;
use facts::ClientId;

/// Names of clients. Cloning is cheap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names(Arc<BTreeMap<String, String>>);

impl Names {
    /// From the agreement files at hand.
    pub(crate) fn on(shelf: &Shelf) -> Names {
        let clients = shelf.clients().into_iter();
        Names::apart(
            clients.filter_map(|client| Some((client.to_string(), latest(shelf, &client)?))).collect(),
        )
    }

    /// As pages write a client: by its name, by its id where no agreement is at hand.
    pub(crate) fn of(&self, id: &str) -> String {
        self.0.get(id).map_or(id, String::as_str).to_owned()
    }

    /// Two clients of one name are told apart by their ids.
    fn apart(names: BTreeMap<String, String>) -> Names {
        let shared = |name: &str| names.values().filter(|other| *other == name).count() > 1;
        let one = |(client, name): (&String, &String)| {
            let name = if shared(name) { format!("{name} ({client})") } else { name.clone() };
            (client.clone(), name)
        };
        Names(Arc::new(names.iter().map(one).collect()))
    }
}

/// The zones that agreements at hand name, sorted: of their calendars and of their months.
pub(crate) fn zones(shelf: &Shelf) -> Vec<String> {
    let clients = shelf.clients();
    let papers = clients.iter().flat_map(|client| shelf.of(client));
    let named = papers.flat_map(|paper| {
        let calendars = paper.terms.agreement().calendar.values().map(|calendar| calendar.tz.to_string());
        calendars.chain([paper.terms.agreement().months_in().to_string()]).collect::<Vec<_>>()
    });
    named.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// The name in the file whose term begins last.
fn latest(shelf: &Shelf, client: &ClientId) -> Option<String> {
    let paper = shelf.of(client).max_by_key(|paper| paper.terms.term().start)?;
    Some(paper.terms.agreement().agreement.client.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_has_its_name_and_two_of_one_name_are_told_apart() {
        let pairs = [("acme", "Example BV"), ("beta", "Example BV"), ("larkspur", "Larkspur Press")];
        let names = Names::apart(pairs.map(|(client, name)| (client.to_owned(), name.to_owned())).into());
        assert_eq!(names.of("larkspur"), "Larkspur Press");
        assert_eq!(names.of("acme"), "Example BV (acme)");
        assert_eq!(names.of("gone"), "gone");
    }
}
