//! Searching what was written: by words, the newest first, a line for each ticket.

use std::collections::{BTreeMap, BTreeSet};

use facts::{ClientId, FactId, Slug};
use journal::index::{Finding, Within, words};
use spans::Instant;

use super::Line;
use crate::live::{Control, Recall, each::each};

/// Tickets in one answer.
pub const FOUND_TICKETS_MAX: usize = 50;
/// Letters around the first word that is found.
const AROUND: usize = 90;

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
        self.index_all(within)?;
        let findings = self.journal().read(|tx| tx.find_words(within, text))?;
        let mut found = self.named(within, text, now)?;
        let mut seen: BTreeSet<(ClientId, Slug)> = BTreeSet::new();
        seen.extend(found.iter().map(|found| (found.client.clone(), found.line.ticket.0.clone())));
        for Finding { client, ticket, fact } in findings {
            if found.len() == FOUND_TICKETS_MAX {
                break;
            }
            if !seen.insert((client.clone(), ticket.clone())) {
                continue;
            }
            let Some(line) = self.line(&client, &ticket, now)? else { continue };
            let around = self.text_of(&client, fact)?.map(|written| around(&written, text));
            found.push(Found { client, line, around });
        }
        Ok(found)
    }

    /// What came in since the index was written last.
    fn index_all(&self, within: &Within) -> journal::Result<()> {
        let clients = match within {
            Within::All => self.clients(),
            Within::Client(client) | Within::Public(client) => vec![client.clone()],
        };
        each(clients, |client| {
            let Some(book) = self.book(&client) else { return Ok(()) };
            self.index(&mut crate::live::lock(&book), true)
        })
    }

    /// The ticket whose name was typed, of each client that may be looked at.
    fn named(&self, within: &Within, text: &str, now: Instant) -> journal::Result<Vec<Found>> {
        let Ok(ticket) = text.trim().to_uppercase().parse::<Slug>().or_else(|_| text.trim().parse()) else {
            return Ok(Vec::new());
        };
        let clients = match within {
            Within::All => self.known_clients()?,
            Within::Client(client) | Within::Public(client) => vec![client.clone()],
        };
        let mut found = Vec::new();
        for client in clients.into_iter().take(FOUND_TICKETS_MAX) {
            let line = self.line(&client, &ticket, now)?;
            found.extend(line.map(|line| Found { client, line, around: None }));
        }
        Ok(found)
    }

    fn line(&self, client: &ClientId, ticket: &Slug, now: Instant) -> journal::Result<Option<Line>> {
        let recall = Recall::Tickets(vec![ticket.clone()]);
        Ok(self.read_with(client, &recall, now, |book| book.line(ticket, now))?.flatten())
    }

    fn text_of(&self, client: &ClientId, fact: FactId) -> journal::Result<Option<String>> {
        let mut texts: BTreeMap<FactId, String> = self.journal().read(|tx| tx.texts(client, [fact]))?;
        Ok(texts.remove(&fact))
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
