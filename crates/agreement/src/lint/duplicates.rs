//! What is given once.

use std::collections::BTreeSet;

use super::look::{At, Found, Look};
use crate::{finding::Place, read::Places};

/// Ids and names are given once: obligations, exclusions, priorities, catalogue items, tasks, reasons, kinds of
/// maintenance and of proposals, aliases, bands, and the words of every list.
pub(crate) fn r_09_said_once(look: &Look<'_>, found: &mut Found) {
    let agreement = look.agreement;
    once("obligation", agreement.obligation.iter().map(|o| (o.id.as_str(), o.places.of("id"))), found);
    once("exclusion", agreement.exclusion.iter().map(|e| (e.cause.as_str(), e.places.of("cause"))), found);
    once("alias", agreement.alias.iter().map(|a| (a.word.as_str(), a.places.of("word"))), found);
    once(
        "kind of maintenance",
        agreement.maintenance.iter().map(|m| (m.kind.name(), m.places.of("kind"))),
        found,
    );
    once(
        "kind of proposal",
        agreement.approval.values().map(|a| (a.kind.name(), a.places.of("kind"))),
        found,
    );
    if let Some(catalogue) = &agreement.catalogue {
        once("item", catalogue.item.iter().map(|i| (i.id.as_str(), i.places.of("id"))), found);
    }
    if let Some(onboarding) = &agreement.onboarding {
        once("task", onboarding.task.iter().map(|t| (t.id.as_str(), t.places.of("id"))), found);
    }
    if let Some(escalation) = &agreement.escalation {
        once("reason", escalation.reason.iter().map(|r| (r.id.as_str(), r.places.of("id"))), found);
        let levels: Vec<String> = escalation.path.iter().map(|rung| rung.level.to_string()).collect();
        once(
            "rung",
            levels.iter().zip(&escalation.path).map(|(l, r)| (l.as_str(), r.places.of("level"))),
            found,
        );
    }
    if let Some(severity) = &agreement.severity {
        once("band", severity.band.iter().map(|b| (b.name.as_str(), b.places.of("name"))), found);
    }
    lists(look, found);
}

fn lists(look: &Look<'_>, found: &mut Found) {
    if let Some(request) = &look.agreement.request {
        once("priority", request.priority.iter().map(|p| (p.id.as_str(), p.places.of("id"))), found);
        list("class", &request.places, "classes", &request.classes, found);
        list("kind", &request.places, "kinds", &request.kinds, found);
        list("urgency", &request.places, "urgencies", &request.urgencies, found);
    }
    if let Some(tiers) = &look.agreement.tiers {
        list("tier", &tiers.places, "list", &tiers.list, found);
    }
}

fn list(what: &str, places: &Places, key: &str, words: &[String], found: &mut Found) {
    let words = words.iter().enumerate();
    once(what, words.map(|(number, word)| (word.as_str(), places.of(&format!("{key}.{number}")))), found);
}

fn once<'w>(what: &str, names: impl Iterator<Item = (&'w str, Place)>, found: &mut Found) {
    let mut seen = BTreeSet::new();
    for (name, place) in names {
        if !seen.insert(name) {
            let message = format!("the {what} `{name}` is given twice");
            found.error(At(place, &[]), message, "give it another name, or take one of the two out");
        }
    }
}
