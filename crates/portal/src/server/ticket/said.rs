//! Sentences of the agreement at the place where they matter, and what its catalogue says of what somebody wrote.

use agreement::{Agreement, Item, ShowAt, section::Mode};

use crate::part::clauses;

/// Items that a text may seem to be about.
const SEEMS_MAX: usize = 3;
/// Letters of a word by which words are compared: `certificate` is found by `certificates`.
const STEM: usize = 5;
/// Shorter words say too little.
const WORD_MIN: usize = 4;
/// Words that are in every request.
const COMMON: [&str; 16] = [
    "about", "after", "anyth", "befor", "does", "else", "from", "have", "needi", "other", "pleas", "since",
    "that", "this", "when", "with",
];

/// A sentence with its clauses, which are HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sentence {
    pub(super) text: String,
    pub(super) clauses: String,
}

/// What the agreement says at this place.
pub(super) fn at(agreement: &Agreement, place: ShowAt) -> Vec<Sentence> {
    let here = agreement.show.iter().filter(|show| show.at.contains(&place));
    here.map(|show| Sentence { text: show.text.clone(), clauses: clauses(&show.clause.ids) }).collect()
}

/// An item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scope {
    pub(super) text: String,
    pub(super) boundary: String,
    pub(super) clauses: String,
    /// Whether it is included, and then whether it waits to be asked for (MP-SCOPE-01).
    pub(super) how: &'static str,
    /// The beginnings of its words, by which a text is found to be about it.
    pub(super) stems: String,
}

/// What is in the agreement's catalogue and what is not, as it lists them.
pub(super) fn scope(agreement: &Agreement) -> Vec<Scope> {
    let Some(catalogue) = &agreement.catalogue else { return Vec::new() };
    catalogue.item.iter().map(|item| one(item, catalogue.default_mode)).collect()
}

fn one(item: &Item, default: Mode) -> Scope {
    let how = match (item.r#in, item.mode.unwrap_or(default)) {
        (false, _) => "not included",
        (true, Mode::OnRequest) => "included, when you ask",
        (true, Mode::Proactive) => "included, without asking",
    };
    let words = format!("{} {}", item.text, item.id);
    Scope {
        text: item.text.clone(),
        boundary: item.boundary.clone().unwrap_or_default(),
        clauses: clauses(&item.clause.ids),
        how,
        stems: stems(&words).join(" "),
    }
}

/// What a text seems to be about: the items that share most words with it.
pub(super) fn seems(scope: &[Scope], text: &str) -> Vec<Scope> {
    let said = stems(text);
    let shared =
        |item: &Scope| item.stems.split(' ').filter(|stem| said.iter().any(|word| word == stem)).count();
    let mut found: Vec<(usize, &Scope)> =
        scope.iter().map(|item| (shared(item), item)).filter(|(shared, _)| *shared > 0).collect();
    found.sort_by_key(|(shared, _)| std::cmp::Reverse(*shared));
    found.into_iter().take(SEEMS_MAX).map(|(_, item)| item.clone()).collect()
}

/// The item that a tag names, such as `custom-code` (SH-ACK-06).
pub(super) fn tagged(agreement: &Agreement, tag: &str) -> Option<Scope> {
    let catalogue = agreement.catalogue.as_ref()?;
    let last = |id: &str| id.rsplit('.').next().is_some_and(|last| last == tag);
    let item = catalogue.item.iter().find(|item| item.id == tag || last(&item.id))?;
    Some(one(item, catalogue.default_mode))
}

/// The beginnings of the words that say something. `portal.js` does the same while somebody types.
fn stems(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| WORD_MIN <= word.chars().count());
    let stems = words.map(|word| word.to_lowercase().chars().take(STEM).collect::<String>());
    stems.filter(|stem| !COMMON.contains(&stem.as_str())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISOLATED: &str = include_str!("../../../../../agreements/isolated-platform.toml");

    fn isolated() -> Agreement {
        Agreement::read(ISOLATED).0.unwrap()
    }

    #[test]
    fn a_text_seems_to_be_about_what_shares_most_words_with_it() {
        let scope = scope(&isolated());
        let found = seems(&scope, "Please renew the certificates of the wiki");
        assert_eq!(
            (found[0].text.as_str(), found[0].how),
            ("install, renew, configure certificates", "included, when you ask")
        );
        assert_eq!(found[0].boundary, "client supplies the certificate");
        let found = seems(&scope, "We want a penetration test");
        assert_eq!(found[0].how, "not included");
        assert!(found[0].clauses.contains("MP-EX-SEC-01"), "{}", found[0].clauses);
        assert_eq!(seems(&scope, "It is bad"), []);
    }

    #[test]
    fn a_tag_names_an_item_by_its_id_or_the_end_of_it() {
        let found = tagged(&isolated(), "customcode").unwrap();
        assert_eq!((found.text.as_str(), found.how), ("support of custom code", "not included"));
        assert_eq!(tagged(&isolated(), "vm.watch").unwrap().how, "included, without asking");
        assert_eq!(tagged(&isolated(), "blue"), None);
    }
}
