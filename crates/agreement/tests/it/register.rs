//! The clause register and what a file makes of it.

use std::collections::BTreeMap;

use agreement::{Agreement, Register};

use crate::shipped::{HOSTED, ISOLATED};

/// Every `clause = […]` of a text, found by TOML alone: each id and how often it is cited.
fn cited(value: &toml::Value, all: &mut BTreeMap<String, usize>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                match value.as_array().filter(|_| key == "clause") {
                    Some(ids) => {
                        let ids = ids.iter().filter_map(|id| id.as_str());
                        ids.for_each(|id| *all.entry(id.to_owned()).or_default() += 1);
                    }
                    None => cited(value, all),
                }
            }
        }
        toml::Value::Array(list) => list.iter().for_each(|value| cited(value, all)),
        _ => {}
    }
}

/// No table that names clauses is forgotten by [`Agreement::uses`].
#[test]
fn every_citation_is_a_use() {
    for text in [HOSTED, ISOLATED] {
        let mut by_toml = BTreeMap::new();
        cited(&toml::Value::Table(text.parse().expect("TOML")), &mut by_toml);
        let agreement = Agreement::read(text).0.expect("it reads");
        let mut by_uses: BTreeMap<String, usize> = BTreeMap::new();
        for id in agreement.uses().iter().flat_map(|one| &one.clauses.ids) {
            *by_uses.entry(id.clone()).or_default() += 1;
        }
        assert_eq!(by_uses, by_toml);
    }
}

/// Both files together have an entry for each of the 241 clauses, and sign a reading of every ambiguity in them.
#[test]
fn both_files_together_execute_every_clause_and_sign_every_reading() {
    let register = Register::get();
    for (document, text) in [("SH", HOSTED), ("MP", ISOLATED)] {
        let agreement = Agreement::read(text).0.expect("it reads");
        let uses = agreement.uses();
        for clause in register.document(document) {
            assert!(uses.iter().any(|one| one.clauses.ids.iter().any(|id| id == clause.id)), "{}", clause.id);
            for reading in &clause.ambiguity {
                assert!(agreement.readings.contains_key(*reading), "{}: {reading} is not signed", clause.id);
            }
        }
    }
}
