//! Clauses: every id leads somewhere, and every clause of a document in use has an entry.

use std::collections::BTreeSet;

use super::look::{At, Found, Look, listed};
use crate::register::{Mode, Use};

/// Every clause id is one of the register or of `[clauses]`; an entry without a clause says in `added` why it is
/// there. Tables that have no `added` always execute a clause, of the text or of the file's own.
pub(crate) fn r_01_unknown_clause(look: &Look<'_>, found: &mut Found) {
    for one in look.agreement.uses() {
        if found.is_full() {
            return;
        }
        unknown_ids(look, &one, found);
        let reason = one.added.and_then(|added| added.as_deref()).is_some_and(|why| !why.trim().is_empty());
        if one.clauses.ids.is_empty() && !reason {
            let way_out = match one.added {
                Some(_) => "name the clause it executes, or say in `added = \"…\"` why it is there",
                None => "name the clause it executes: one of the text, or your own under [clauses]",
            };
            let message = format!("{} executes no clause", one.entry);
            found.error(At(one.place.clone(), &[]), message, way_out);
        }
    }
}

fn unknown_ids(look: &Look<'_>, one: &Use<'_>, found: &mut Found) {
    for (id, place) in one.clauses.ids.iter().zip(&one.clauses.places) {
        if found.is_full() || look.register.clause(id).is_some() || look.agreement.clauses.contains_key(id) {
            continue;
        }
        let known = look.register.clauses().iter().map(|c| c.id);
        let own = look.agreement.clauses.keys().map(String::as_str);
        let way_out = match crate::read::nearest(id, known.chain(own)) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => "name a clause of the register, or add its text under [clauses]".to_owned(),
        };
        let message = format!("`{id}` is no clause, in {}", one.entry);
        found.error(At(place.clone(), &[]), message, way_out);
    }
}

/// L-14. Every clause of the documents that the file cites has an entry: a sentence of the signed text that nothing
/// executes is a surprise. Clauses that are only shown somewhere weigh less. The file's own clauses count too.
pub(crate) fn l_14_clause_without_entry(look: &Look<'_>, found: &mut Found) {
    let uses = look.agreement.uses();
    let used: BTreeSet<&str> =
        uses.iter().flat_map(|one| one.clauses.ids.iter().map(String::as_str)).collect();
    let documents: BTreeSet<&str> =
        used.iter().filter_map(|id| look.register.clause(id)).map(|clause| clause.document).collect();
    for document in documents {
        let missing = |shown: bool| {
            let clauses = look.register.document(document);
            let clauses = clauses.filter(|c| (c.mode == Mode::Display) == shown && !used.contains(c.id));
            clauses.map(|clause| clause.id).collect::<Vec<_>>()
        };
        say_missing(look, document, &missing(false), false, found);
        say_missing(look, document, &missing(true), true, found);
    }
    let own: Vec<&str> =
        look.agreement.clauses.keys().map(String::as_str).filter(|id| !used.contains(id)).collect();
    say_missing(look, "this file", &own, false, found);
}

/// The most ids named in one message; all of them stand in the finding's clauses.
const NAMED_MAX: usize = 8;

fn say_missing(look: &Look<'_>, document: &str, ids: &[&str], shown: bool, found: &mut Found) {
    if ids.is_empty() {
        return;
    }
    let named = listed(ids.iter().copied().take(NAMED_MAX));
    let more = ids.len().saturating_sub(NAMED_MAX);
    let more = if more > 0 { format!(" (and {more} more)") } else { String::new() };
    let message = match ids {
        [one] => format!("{one} of {document} has no entry"),
        _ => format!("{} clauses of {document} have no entry: {named}{more}", ids.len()),
    };
    let clauses: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let header = &look.agreement.agreement.places;
    let at = At::key(header, "clause", &clauses);
    if shown {
        found.note(at, message, "nothing is computed from them: add a [[show]] where their words matter");
    } else {
        found.warning(at, message, "add an entry for each, or agree in writing that it does not apply");
    }
}
