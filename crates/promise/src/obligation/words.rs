//! The words of an agreement's requests: their spelling, their other names, and what is meant when nothing was said.

use std::borrow::Cow;

use agreement::{Agreement, RequestRule};

/// Words as this agreement spells them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Vocabulary {
    /// Every class, kind, urgency and priority.
    known: Vec<String>,
    /// Other names and what they mean: of words, and of fields.
    aliases: Vec<(String, String)>,
    priority: Option<String>,
    urgency: Option<String>,
    has_classes: bool,
}

/// The fields whose words an agreement spells.
const SPELLED: [&str; 4] = ["priority", "urgency", "class", "kind"];

impl Vocabulary {
    pub(crate) fn of(agreement: &Agreement) -> Vocabulary {
        let aliases = agreement.alias.iter().map(|alias| (alias.word.clone(), alias.means.clone())).collect();
        let Some(request) = &agreement.request else {
            return Vocabulary { aliases, ..Vocabulary::default() };
        };
        Vocabulary {
            known: known(request),
            aliases,
            priority: request.default_priority.clone(),
            urgency: request.default_urgency.clone(),
            has_classes: !request.classes.is_empty(),
        }
    }

    /// A field's word as the agreement spells it: `Medium` is `normal` where an alias says so (MP-SLO-06).
    pub(crate) fn spell<'w>(&'w self, field: &str, word: Cow<'w, str>) -> Cow<'w, str> {
        if !SPELLED.contains(&field) || self.known.iter().any(|known| *known == *word) {
            return word;
        }
        let same = |known: &&str| known.eq_ignore_ascii_case(&word);
        let alias = self.aliases.iter().find(|(name, _)| name.eq_ignore_ascii_case(&word));
        let known = self.known.iter().map(String::as_str);
        match known
            .chain(alias.map(|(_, means)| means.as_str()))
            .find(|known| same(known) || alias.is_some_and(|(_, means)| means == known))
        {
            Some(known) => Cow::Borrowed(known),
            None => word,
        }
    }

    /// The field that also carries this one's word: `priority` for `urgency`, where an alias says that they mean the same.
    pub(crate) fn other_field(&self, field: &str) -> Option<&'static str> {
        let means_it = |name: &str| {
            self.aliases.iter().any(|(word, means)| word.eq_ignore_ascii_case(name) && means == field)
        };
        SPELLED.into_iter().find(|name| *name != field && means_it(name))
    }

    /// What is meant when nothing was said: the default priority and urgency, and `unclassified`.
    pub(crate) fn unsaid(&self, field: &str) -> Option<&str> {
        match field {
            "priority" => self.priority.as_deref(),
            "urgency" => self.urgency.as_deref(),
            "class" if self.has_classes => Some("unclassified"),
            _ => None,
        }
    }

    /// Whether a list knows the word; a list without words knows every one.
    pub(crate) fn knows(&self, list: &[String], field: &str, word: &str) -> bool {
        let spelled = self.spell(field, Cow::Borrowed(word));
        list.is_empty() || list.iter().any(|known| *known == *spelled)
    }
}

fn known(request: &RequestRule) -> Vec<String> {
    let lists = [&request.classes, &request.kinds, &request.urgencies];
    let priorities = request.priority.iter().map(|priority| &priority.id);
    lists.into_iter().flatten().chain(priorities).cloned().collect()
}
