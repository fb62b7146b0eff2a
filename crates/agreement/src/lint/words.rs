//! Words that lead elsewhere: readings, aliases, channels; and what makes the head of the file whole.

use std::collections::BTreeSet;

use super::look::{At, Found, Look, instead};
use crate::section::request::MatrixAxis;

/// Readings are of the register's ambiguities and say something; an alias means a word of the file; channels agreed in
/// writing are channels; defaults are of their list; the term ends after it starts, and the source is named by a SHA-256.
pub(crate) fn r_07_words_exist(look: &Look<'_>, found: &mut Found) {
    head(look, found);
    readings(look, found);
    aliases(look, found);
    requests(look, found);
    channels(look, found);
}

fn head(look: &Look<'_>, found: &mut Found) {
    let header = &look.agreement.agreement;
    if header.term.end <= header.term.start {
        let at = At::key(&header.term.places, "end", &header.term.clause.ids);
        found.error(at, "the term ends before it starts", "name an end after the start");
    }
    let digest = &header.source.sha256;
    if digest.len() != 64 || !digest.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) {
        let at = At::key(&header.source.places, "sha256", &header.clause.ids);
        found.error(
            at,
            "a SHA-256 is 64 lower-case hex digits",
            "write what `sha256sum` prints for the signed text",
        );
    }
}

fn readings(look: &Look<'_>, found: &mut Found) {
    let places = &look.agreement.places;
    for (id, reading) in &look.agreement.readings {
        let at = At::key(places, &format!("readings.{id}"), &[]);
        if look.register.reading(id).is_none() {
            let way_out = "the register's ambiguities are A-01 to A-52";
            found.error(at, format!("`{id}` is no ambiguity of the register"), way_out);
        } else if reading.trim().is_empty() {
            found.error(at, format!("{id} is left open"), "say how both parties read it");
        }
    }
}

/// Each ambiguity of a clause that the file cites has its reading in the file. The engine reads it in one way whether the
/// file says so or not; where it does not, that way was assumed for the parties, and such a file is not accepted (ADR 9).
pub(crate) fn r_12_every_ambiguity_is_read(look: &Look<'_>, found: &mut Found) {
    let uses = look.agreement.uses();
    let cited: BTreeSet<&str> =
        uses.iter().flat_map(|one| one.clauses.ids.iter().map(String::as_str)).collect();
    for reading in look.register.readings() {
        // Either table may name the other's row.
        let leaves_open = |id: &&&str| {
            let clause = look.register.clause(id);
            reading.clauses.contains(*id) || clause.is_some_and(|c| c.ambiguity.contains(&reading.id))
        };
        let clauses: Vec<String> = cited.iter().filter(leaves_open).map(|id| (*id).to_owned()).collect();
        if !clauses.is_empty() && !look.agreement.readings.contains_key(reading.id) {
            let at = At::key(&look.agreement.places, "readings", &clauses);
            let message = format!("{} is left open: {}", reading.id, reading.question);
            let way_out = format!(
                "say under [readings] how both parties read it; we recommend: {}",
                reading.recommended
            );
            found.error(at, message, way_out);
        }
    }
}

fn aliases(look: &Look<'_>, found: &mut Found) {
    for alias in &look.agreement.alias {
        let calendars = || look.agreement.calendar.keys();
        let known = words(look).into_iter().chain(calendars().map(|name| format!("closed:{name}")));
        let known: Vec<String> = known.collect();
        if !known.contains(&alias.means) {
            let way_out = instead(&alias.means, known.iter().map(String::as_str), "name a word of this file");
            let at = At::key(&alias.places, "means", &alias.clause.ids);
            found.error(at, format!("`{}` is no word of this file", alias.means), way_out);
        }
    }
}

/// The words an alias can mean: those of every list, what names the lists, and the names of tables.
fn words(look: &Look<'_>) -> Vec<String> {
    let agreement = look.agreement;
    let axes = MatrixAxis::ALL.iter();
    let lists = axes.clone().flat_map(|axis| look.words(*axis)).chain(axes.map(|axis| axis.name()));
    let classes =
        agreement.request.iter().flat_map(|r| r.classes.iter().map(String::as_str)).chain(["class"]);
    let names = agreement.calendar.keys().chain(agreement.role.keys()).chain(agreement.channel.keys());
    let terms = agreement.definitions.iter().flat_map(|d| d.terms.keys());
    lists.chain(classes).chain(names.chain(terms).map(String::as_str)).map(str::to_owned).collect()
}

fn requests(look: &Look<'_>, found: &mut Found) {
    let Some(request) = &look.agreement.request else { return };
    let defaults = [
        ("default_priority", &request.default_priority, MatrixAxis::Priority),
        ("default_urgency", &request.default_urgency, MatrixAxis::Urgency),
    ];
    for (key, word, axis) in defaults {
        if let Some(word) = word.as_ref().filter(|word| !look.words(axis).contains(&word.as_str())) {
            let way_out = instead(word, look.words(axis), "list it first");
            found.error(
                At::key(&request.places, key, &request.clause.ids),
                format!("`{word}` is no {}", axis.name()),
                way_out,
            );
        }
    }
    for hint in &request.hint {
        let kinds = look.words(MatrixAxis::Kind);
        let classes: Vec<&str> = request.classes.iter().map(String::as_str).collect();
        for (key, word, known) in [("kind", &hint.kind, kinds), ("class", &hint.class, classes)] {
            if let Some(word) = word.as_ref().filter(|word| !known.contains(&word.as_str())) {
                let way_out = instead(word, known, "list it first");
                found.error(
                    At::key(&hint.places, key, &hint.clause.ids),
                    format!("`{word}` is no {key}"),
                    way_out,
                );
            }
        }
        if hint.kind.is_none() && hint.class.is_none() {
            found.error(
                At(hint.places.table(), &hint.clause.ids),
                "it suggests nothing",
                "add `class = …` or `kind = …`",
            );
        }
    }
}

fn channels(look: &Look<'_>, found: &mut Found) {
    let known = || look.agreement.channel.keys().map(String::as_str);
    if let Some(channels) = &look.agreement.channels {
        for (number, name) in channels.agreed_in_writing.iter().enumerate() {
            if !look.agreement.channel.contains_key(name) {
                let at =
                    At::key(&channels.places, &format!("agreed_in_writing.{number}"), &channels.clause.ids);
                let way_out = instead(name, known(), "add [channel.…]");
                found.error(at, format!("there is no channel `{name}`"), way_out);
            }
        }
    }
}
