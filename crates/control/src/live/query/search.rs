//! Searching what was written: by words, the newest first, a line for each ticket.

use std::collections::BTreeMap;

use facts::{ClientId, FactId, Slug};
use journal::index::{Unindexed, Within, words};
use spans::Instant;

use super::Line;
use crate::live::Control;

/// Tickets in one answer.
pub const FOUND_TICKETS_MAX: usize = 50;
/// Texts that a search looks through because they are not indexed yet.
const LOOKED_THROUGH_MAX: usize = 256;
/// Letters around the first word that is found.
const AROUND: usize = 90;

/// A ticket, and the fact in which something was found; none where the ticket itself was named.
type Place = (ClientId, Slug, Option<FactId>);

/// A ticket in which something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose.
    pub client: ClientId,
    /// Its line.
    pub line: Line,
    /// What stands around the first word, where it stands in a text; none where the ticket itself was named.
    pub around: Option<String>,
}

impl Control {
    /// Tickets in which all the words stand in one message, and the one that is named. Nothing that `within` may not read.
    ///
    /// # Errors
    /// The journal's.
    pub fn search(&self, within: &Within, text: &str, now: Instant) -> journal::Result<Vec<Found>> {
        let named = self.named(within, text)?;
        let unindexed = self.unindexed(within)?;
        let findings = self.journal().read(|tx| tx.find_words(within, text, &unindexed))?;
        let told = findings.into_iter().map(|found| (found.client, found.ticket, Some(found.fact)));
        let mut places: Vec<Place> = Vec::new();
        for place in named.into_iter().map(|(client, ticket)| (client, ticket, None)).chain(told) {
            let is_new = !places.iter().any(|known| (&known.0, &known.1) == (&place.0, &place.1));
            if is_new && places.len() < FOUND_TICKETS_MAX {
                places.push(place);
            }
        }
        self.shown(&places, text, now)
    }

    /// The lines of tickets, with what stands around the first word; each client's book and texts are asked once.
    fn shown(&self, places: &[Place], text: &str, now: Instant) -> journal::Result<Vec<Found>> {
        let mut by_client: BTreeMap<&ClientId, Vec<&Place>> = BTreeMap::new();
        for place in places {
            by_client.entry(&place.0).or_default().push(place);
        }
        let (mut lines, mut texts) = (BTreeMap::new(), BTreeMap::new());
        for (client, places) in by_client {
            let tickets: Vec<Slug> = places.iter().map(|(_, ticket, _)| ticket.clone()).collect();
            let told = self.lines(client, &tickets, now)?;
            lines.extend(told.into_iter().map(|line| ((client, line.ticket.0.clone()), line)));
            let facts: Vec<FactId> = places.iter().filter_map(|(.., fact)| *fact).collect();
            texts.extend(self.journal().glance(|tx| tx.texts(client, facts.iter().copied()))?);
        }
        let found = places.iter().filter_map(|(client, ticket, fact)| {
            let line = lines.remove(&(client, ticket.clone()))?;
            let written: Option<String> = fact.and_then(|fact| texts.remove(&fact));
            Some(Found { client: client.clone(), line, around: written.map(|it| around(&it, text)) })
        });
        Ok(found.collect())
    }

    /// What came in since the index was written last. Where that is much to look through, it is written first.
    fn unindexed(&self, within: &Within) -> journal::Result<Vec<Unindexed>> {
        let clients = match within {
            Within::All => self.clients(),
            Within::Client(client) | Within::Public(client) => vec![client.clone()],
        };
        let mut left = LOOKED_THROUGH_MAX;
        let mut unindexed = Vec::new();
        for book in clients.iter().filter_map(|client| self.book(client)) {
            let mut book = crate::live::lock(&book);
            if left < book.unindexed_len() {
                self.index(&mut book, 1)?;
            }
            left -= book.unindexed_len();
            unindexed.push(book.unindexed());
        }
        Ok(unindexed)
    }

    /// The ticket whose name was typed, of each client that may be looked at and has one.
    fn named(&self, within: &Within, text: &str) -> journal::Result<Vec<(ClientId, Slug)>> {
        let Ok(ticket) = text.trim().to_uppercase().parse::<Slug>().or_else(|_| text.trim().parse()) else {
            return Ok(Vec::new());
        };
        let clients = match within {
            // Those that the provider's people wrote for themselves too.
            Within::All => [ClientId::provider()].into_iter().chain(self.known_clients()?).collect(),
            Within::Client(client) | Within::Public(client) => vec![client.clone()],
        };
        let has_one = |client: &ClientId| {
            self.book(client).is_some_and(|book| crate::live::lock(&book).has_ticket(&ticket))
        };
        Ok(clients.into_iter().filter(has_one).map(|client| (client, ticket.clone())).collect())
    }
}

/// The part of a text around the first of the words, in one line.
fn around(written: &str, search: &str) -> String {
    let line = written.split_whitespace().collect::<Vec<_>>().join(" ");
    let place = words(search).first().and_then(|first| place_of(&line, first)).unwrap_or(0);
    let start = line.floor_char_boundary(place.saturating_sub(AROUND));
    let end = line.ceil_char_boundary((place + AROUND).min(line.len()));
    let (before, after) = (if start > 0 { "… " } else { "" }, if end < line.len() { " …" } else { "" });
    format!("{before}{}{after}", line[start..end].trim())
}

/// Where a word of the index begins in a line: it has no accents there, and no capitals.
fn place_of(line: &str, wanted: &str) -> Option<usize> {
    let mut place = 0;
    for part in line.split(' ') {
        if words(part).iter().any(|word| word.starts_with(wanted)) {
            return Some(place);
        }
        place += part.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_word_is_one_line_of_it() {
        assert_eq!(around("One\n two  THREE", "three"), "One two THREE");
        // Found without accents, shown with them; the letter before it is longer in lower case.
        let accented = format!("{} İ (Überlauf) {}", "é ".repeat(90), "x".repeat(200));
        for search in ["überlauf", "UBERLAUF"] {
            let part = around(&accented, search);
            assert!(part.contains("(Überlauf) x") && part.starts_with('…'), "{part}");
        }
        let long = format!("{} needle {}", "x".repeat(200), "é".repeat(200));
        let part = around(&long, "needle");
        assert!(
            part.starts_with("… x") && part.ends_with("é …") && part.contains("needle") && part.len() < 300
        );
    }
}
