//! A list of statements.

use askama::Template;
use promise::{Statement, Verdict};

use crate::statement::{CSS, lead, title};

/// One statement in the list.
pub struct IndexLine {
    href: String,
    month: String,
    tier: String,
    instances: usize,
    missed: usize,
    lead: String,
}

impl IndexLine {
    /// The line of a statement whose page is at `href`.
    pub fn new(statement: &Statement, href: &str) -> IndexLine {
        IndexLine {
            href: href.to_owned(),
            month: title(statement),
            tier: statement.tier.clone().unwrap_or_default(),
            instances: statement.instances.len(),
            missed: statement.instances.iter().filter(|line| line.month.verdict == Verdict::Missed).count(),
            lead: lead(statement),
        }
    }
}

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'l> {
    css: &'static str,
    title: &'l str,
    subtitle: &'l str,
    about: &'l str,
    lines: &'l [IndexLine],
}

/// A page that lists statements.
pub fn index_page(title: &str, subtitle: &str, about: &str, lines: &[IndexLine]) -> String {
    let page = IndexPage { css: CSS, title, subtitle, about, lines };
    page.render().unwrap_or_else(|e| {
        format!("<!doctype html><title>Statements</title><p>The list cannot be shown: {e}</p>")
    })
}
