//! The agreement as prose for a client: what is promised, by whom, in which hours, and under which clauses.
//!
//! [`show`] makes a [`Document`]: titled sections of paragraphs, lists and tables, each item with the clauses it puts into
//! words. The same document is rendered as plain text, as Markdown and, in the portal, as HTML. Nothing is said here that
//! the file does not say, and no table of the file is left out.

mod duties;
mod events;
mod people;
mod render;
mod requests;
mod service;
mod terms;
mod words;

use serde::Serialize;

use crate::{
    agreement::Agreement,
    value::{Clauses, keyed::Keyed},
};

/// An agreement in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its title.
    pub title: String,
    /// Its sections, in the order of reading.
    pub sections: Vec<Section>,
}

/// A section under its own title.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its title.
    pub title: String,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A part of a section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Block {
    /// A paragraph.
    Paragraph(Item),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
}

/// One or more sentences about the same clauses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Item {
    /// What it is about, where a list is looked through for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The sentences, without the last full stop.
    pub text: String,
    /// The clauses it puts into words, in the order of the file; none for what the parties added.
    pub clauses: Vec<String>,
}

/// A table; every row has as many cells as the head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// The head of each column.
    pub head: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// The clauses it puts into words.
    pub clauses: Vec<String>,
}

/// The agreement in words: under one tier, or with the figures of all of them side by side.
///
/// # Errors
/// The names of the agreement's tiers, where `tier` is none of them.
pub fn show(agreement: &Agreement, tier: Option<&str>) -> Result<Document, Vec<String>> {
    let tiers = agreement.tiers.as_ref().map(|tiers| tiers.list.clone()).unwrap_or_default();
    if tier.is_some_and(|tier| !tiers.iter().any(|known| known == tier)) {
        return Err(tiers);
    }
    let voice = Voice { agreement, tier };
    let sections = [
        voice.parties(),
        voice.hours(),
        voice.availability(),
        voice.exclusions(),
        voice.money(),
        voice.requests(),
        voice.provider_duties(),
        voice.client_duties(),
        voice.maintenance(),
        voice.onboarding(),
        voice.escalation(),
        voice.people(),
        voice.consent(),
        voice.scope(),
        voice.readings(),
    ];
    let sections = sections.into_iter().filter(|section| !section.blocks.is_empty()).collect();
    Ok(Document { title: agreement.agreement.title.clone(), sections })
}

impl Document {
    /// Plain text in lines of at most 72 characters; tables may be wider.
    pub fn text(&self) -> String {
        render::text(self)
    }

    /// Markdown, for a web page or a repository.
    pub fn markdown(&self) -> String {
        render::markdown(self)
    }

    /// Every clause put into words, each as often as it is named.
    pub fn clauses(&self) -> impl Iterator<Item = &str> {
        let blocks = self.sections.iter().flat_map(|section| &section.blocks);
        let lists = blocks.flat_map(|block| match block {
            Block::Paragraph(item) => vec![&item.clauses],
            Block::List(items) => items.iter().map(|item| &item.clauses).collect(),
            Block::Table(table) => vec![&table.clauses],
        });
        lists.flatten().map(String::as_str)
    }
}

/// Who speaks: about which agreement, to a reader of which tier.
#[derive(Clone, Copy)]
struct Voice<'a> {
    agreement: &'a Agreement,
    tier: Option<&'a str>,
}

impl Voice<'_> {
    /// The tiers spoken about, lowest first; none where the agreement has none.
    fn tiers(&self) -> Vec<&str> {
        let all = self.agreement.tiers.iter().flat_map(|tiers| &tiers.list).map(String::as_str);
        all.filter(|tier| self.tier.is_none_or(|wanted| wanted == *tier)).collect()
    }

    /// The words by which a value differs, in the order people know them: tiers, or kinds of request.
    fn order<'w>(&'w self, words: impl Iterator<Item = &'w str>) -> Vec<&'w str> {
        let words: Vec<&str> = words.collect();
        let kinds = self.agreement.request.iter().flat_map(|request| &request.kinds).map(String::as_str);
        let known: Vec<&str> = self.tiers().into_iter().chain(kinds).collect();
        let of_other_tiers = self.agreement.tiers.iter().flat_map(|tiers| &tiers.list);
        let hidden: Vec<&String> = of_other_tiers.filter(|tier| !known.contains(&tier.as_str())).collect();
        let named = known.iter().copied().filter(|word| words.contains(word));
        let rest = words.iter().copied().filter(|w| !known.contains(w) && !hidden.iter().any(|h| h == w));
        named.chain(rest).collect()
    }

    /// A value that differs by tier or kind: `4 hours`, or `8 hours (Standard), 4 hours (Premium)`; equal ones together.
    fn keyed<T>(&self, keyed: &Keyed<T>, say: impl Fn(&T) -> String) -> String {
        let by = match keyed {
            Keyed::One(value) => return say(value),
            Keyed::By(by) => by,
        };
        let mut told: Vec<(String, Vec<&str>)> = Vec::new();
        for word in self.order(by.keys().map(String::as_str)) {
            let text = by.get(word).map(&say).unwrap_or_default();
            match told.iter_mut().find(|(other, _)| *other == text) {
                Some((_, words)) => words.push(word),
                None => told.push((text, vec![word])),
            }
        }
        if let [(text, words)] = told.as_slice()
            && (words.len() == by.len() || self.tier.is_some_and(|tier| words == &[tier]))
        {
            return text.clone();
        }
        let parts =
            told.iter().map(|(text, words)| format!("{text} ({})", words::capitals(words).join(", ")));
        words::and(parts.collect())
    }
}

impl Section {
    fn new(title: &str) -> Section {
        Section { title: title.to_owned(), blocks: Vec::new() }
    }

    fn say(&mut self, text: impl Into<String>, clauses: &Clauses) {
        self.blocks.push(Block::Paragraph(Item::new(text, clauses)));
    }

    /// Words that lead to a list or a table; they end in a colon.
    fn lead(&mut self, text: impl Into<String>) {
        self.say(text, &Clauses::default());
    }

    fn list(&mut self, items: Vec<Item>) {
        if !items.is_empty() {
            self.blocks.push(Block::List(items));
        }
    }

    fn table(&mut self, head: Vec<String>, rows: Vec<Vec<String>>, clauses: &Clauses) {
        if !rows.is_empty() {
            self.blocks.push(Block::Table(Table { head, rows, clauses: clauses.ids.clone() }));
        }
    }
}

impl Item {
    fn new(text: impl Into<String>, clauses: &Clauses) -> Item {
        let text: String = text.into();
        Item { label: None, text: text.trim_end_matches('.').to_owned(), clauses: clauses.ids.clone() }
    }

    fn labelled(label: impl Into<String>, text: impl Into<String>, clauses: &Clauses) -> Item {
        Item { label: Some(label.into()), ..Item::new(text, clauses) }
    }
}
