//! A derivation as a nested list.

use std::collections::BTreeMap;

use askama::Template;
use promise::{Input, Statement, Why};

use crate::statement::{CSS, title};

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

#[derive(Template)]
#[template(path = "why_page.html")]
struct WhyPage<'w> {
    s: &'w Statement,
    css: &'static str,
    title: String,
    figure: &'w str,
    value: &'w str,
    item: String,
}

/// One derivation as a page of its own, headed by the statement that the figure stands in.
pub fn why_page(statement: &Statement, figure: &str, why: &Why) -> String {
    let page = WhyPage {
        s: statement,
        css: CSS,
        title: title(statement),
        figure,
        value: &why.value,
        item: why_item(why, &statement.readings),
    };
    page.render().unwrap_or_else(|e| {
        format!("<!doctype html><title>Why</title><p>The derivation cannot be shown: {e}</p>")
    })
}
