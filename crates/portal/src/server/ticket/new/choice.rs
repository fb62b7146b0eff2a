//! What the agreement lets a client say of a request, each with the time by which it would be answered if it were sent now.

use agreement::RequestRule;
use control::live::Book;
use spans::Instant;

use super::request;
use crate::{
    part::clauses as clauses_of,
    server::{form::Sent, moment::due},
};

/// Examples of ours beside the agreement's own words: of priorities, the gravest first, where there are four.
const BY_RANK: [&str; 4] = [
    "nobody can sign in, or every page fails",
    "pages take a minute to open, or a part that all need is gone",
    "searching finds nothing, or one team cannot work",
    "a question, or a flaw that has a way around it",
];
/// Of urgencies and kinds, by the words that agreements have for them.
const BY_WORD: [(&str, &str); 7] = [
    ("critical", "work has stopped"),
    ("high", "work is badly hindered"),
    ("normal", "work goes on with a way around it"),
    ("low", "it can wait"),
    ("outage", "nobody, or hardly anybody, gets an answer"),
    ("performance", "it answers, but slowly or in part"),
    ("service", "something is to be done, changed or explained"),
];

/// A priority, or a kind with an urgency, and what it would mean now.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    /// The agreement's own words for it.
    pub(super) text: String,
    pub(super) example: &'static str,
    pub(super) clauses: String,
    /// By when it would be answered, as HTML; empty where nothing is promised.
    pub(super) due: String,
    pub(super) chosen: bool,
}

/// Everything that can be chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    /// One below the other: priorities, or urgencies without kinds.
    pub(super) list: Vec<Choice>,
    /// Urgencies across, kinds down.
    pub(super) columns: Vec<(String, &'static str)>,
    pub(super) rows: Vec<Row>,
}

/// A kind, with a choice for each urgency.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) example: &'static str,
    pub(super) clauses: String,
    pub(super) cells: Vec<Choice>,
}

impl Choices {
    /// With the due times that the engine gives now.
    pub(super) fn of(book: &Book, sent: &Sent, now: Instant) -> Choices {
        let Some(versions) = book.versions() else { return Choices::default() };
        let Some(rule) = &versions.latest().agreement().request else { return Choices::default() };
        let chosen = sent.given("choice").map(str::to_owned).or_else(|| usual(rule)).unwrap_or_default();
        let asked = Asked { book, sent, now, chosen };
        if !rule.priority.is_empty() {
            return Choices { list: asked.priorities(rule), ..Choices::default() };
        }
        if rule.kinds.is_empty() {
            let list =
                rule.urgencies.iter().map(|urgency| asked.one(format!("/{urgency}"), urgency)).collect();
            return Choices { list, ..Choices::default() };
        }
        Choices {
            list: Vec::new(),
            columns: rule.urgencies.iter().map(|urgency| (urgency.clone(), example(urgency))).collect(),
            rows: rule.kinds.iter().map(|kind| asked.row(kind, rule)).collect(),
        }
    }

    /// That which is chosen now.
    pub(super) fn chosen(&self) -> Option<&Choice> {
        self.list.iter().chain(self.rows.iter().flat_map(|row| &row.cells)).find(|choice| choice.chosen)
    }
}

struct Asked<'b> {
    book: &'b Book,
    sent: &'b Sent,
    now: Instant,
    chosen: String,
}

impl Asked<'_> {
    fn priorities(&self, rule: &RequestRule) -> Vec<Choice> {
        let four = rule.priority.len() == BY_RANK.len();
        let examples = BY_RANK.iter().copied().map(|example| if four { example } else { "" });
        let each = rule.priority.iter().zip(examples.chain(std::iter::repeat("")));
        each.map(|(priority, example)| {
            let choice = self.one(priority.id.clone(), &priority.id);
            let own = clauses_of(&priority.clause.ids);
            let both = [own, choice.clauses].into_iter().filter(|ids| !ids.is_empty()).collect::<Vec<_>>();
            Choice { text: priority.text.clone(), example, clauses: both.join(", "), ..choice }
        })
        .collect()
    }

    fn row(&self, kind: &str, rule: &RequestRule) -> Row {
        let cell = |urgency: &String| self.one(format!("{kind}/{urgency}"), &format!("{kind}, {urgency}"));
        let cells: Vec<Choice> = rule.urgencies.iter().map(cell).collect();
        // The cells of a row are owed under the same clauses.
        let clauses = cells.first().map_or(String::new(), |cell| cell.clauses.clone());
        Row { name: kind.to_owned(), example: example(kind), clauses, cells }
    }

    fn one(&self, value: String, name: &str) -> Choice {
        let answer = self.book.answered_by(&request(&value, self.sent), self.now);
        let (when, clauses) = answer
            .map_or_else(Default::default, |answer| (due(answer.due, self.now), clauses_of(&answer.clauses)));
        let (name, text) = (name.to_owned(), String::new());
        Choice {
            chosen: value == self.chosen,
            value,
            example: example(&name),
            name,
            text,
            clauses,
            due: when,
        }
    }
}

fn example(word: &str) -> &'static str {
    BY_WORD.iter().find(|(known, _)| *known == word).map_or("", |(_, example)| example)
}

/// What holds where nothing is said.
fn usual(rule: &RequestRule) -> Option<String> {
    if rule.priority.is_empty() {
        let urgency = rule.default_urgency.as_ref().or(rule.urgencies.iter().find(|u| *u == "normal"));
        return Some(format!("{}/{}", rule.kinds.last().map_or("", String::as_str), urgency?));
    }
    rule.default_priority.clone()
}
