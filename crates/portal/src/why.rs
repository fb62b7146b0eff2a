//! A derivation as a nested list.

use std::collections::BTreeMap;

use askama::Template;
use promise::{Input, Why};

#[derive(Template)]
#[template(path = "why.html")]
struct WhyView<'w> {
    why: &'w Why,
    readings: &'w BTreeMap<String, String>,
}

impl WhyView<'_> {
    fn reading(&self, id: &str) -> Option<&String> {
        self.readings.get(id)
    }

    fn of(&self, why: &Why) -> String {
        why_item(why, self.readings)
    }
}

/// One list item, escaped, with everything below it.
pub(crate) fn why_item(why: &Why, readings: &BTreeMap<String, String>) -> String {
    WhyView { why, readings }
        .render()
        .unwrap_or_else(|e| format!("<li>this derivation cannot be shown: {e}</li>"))
}
