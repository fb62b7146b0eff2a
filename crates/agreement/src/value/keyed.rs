//! One value for all, or one for each tier or kind.

use std::collections::BTreeMap;

use serde_json::json;

use crate::{
    finding::{Finding, Place},
    read::{Read, Value},
};

/// One value for all, or one for each tier or kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyed<T> {
    /// The same for all.
    One(T),
    /// By the word that decides: a tier, or a request's kind.
    By(BTreeMap<String, T>),
}

impl<T> Keyed<T> {
    /// The value for the first of these words that has one.
    pub fn of<'w>(&self, words: impl IntoIterator<Item = &'w str>) -> Option<&T> {
        match self {
            Keyed::One(value) => Some(value),
            Keyed::By(map) => words.into_iter().find_map(|word| map.get(word)),
        }
    }

    /// Every value, with its word where it has one.
    pub fn iter(&self) -> impl Iterator<Item = (Option<&str>, &T)> {
        let (one, by) = match self {
            Keyed::One(value) => (Some((None, value)), None),
            Keyed::By(map) => (None, Some(map.iter().map(|(word, value)| (Some(word.as_str()), value)))),
        };
        one.into_iter().chain(by.into_iter().flatten())
    }

    /// The words that decide; none where one value serves all.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.iter().filter_map(|(word, _)| word)
    }
}

impl<T: Read> Read for Keyed<T> {
    fn read(value: &Value<'_>, findings: &mut Vec<Finding>) -> Option<Keyed<T>> {
        if value.get_ref().is_table() {
            BTreeMap::read(value, findings).map(Keyed::By)
        } else {
            T::read(value, findings).map(Keyed::One)
        }
    }
    fn parts(value: &Value<'_>, path: &str, places: &mut BTreeMap<String, Place>) {
        BTreeMap::<String, T>::parts(value, path, places);
    }
    fn schema() -> serde_json::Value {
        json!({ "oneOf": [T::schema(), { "type": "object", "additionalProperties": T::schema() }] })
    }
}
