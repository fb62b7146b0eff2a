//! Why a figure is what it is: the trust of the whole house.
//!
//! Every result carries one of these. It is a tree: a value, the rule that gave it, the clauses and signed readings behind the
//! rule, and what went in, each of which may have a why of its own.

use std::{borrow::Cow, fmt::Write};

use facts::{Fact, FactId};
use serde::Serialize;
use spans::Instant;

/// The derivation of one value.
#[must_use = "a figure nobody can explain is not owed"]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Why {
    /// What the value is, such as `first response due`.
    pub what: Cow<'static, str>,
    /// The value, as shown.
    pub value: String,
    /// How it comes about, in a sentence.
    pub rule: Cow<'static, str>,
    /// The clauses that say so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<String>,
    /// The signed readings it rests on, such as `A-10`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub readings: Vec<Cow<'static, str>>,
    /// What went in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Input>,
}

/// Something a value was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Input {
    /// Something the agreement or the asker gave.
    Given {
        /// Its name.
        name: Cow<'static, str>,
        /// Its value, as shown.
        value: String,
    },
    /// A fact of the journal.
    Fact {
        /// Its id.
        id: String,
        /// When it happened.
        at: String,
        /// What happened, and who acted.
        text: String,
    },
    /// Another derived value.
    Why(Why),
}

impl Why {
    /// A value and the rule that gave it.
    pub fn new(
        what: impl Into<Cow<'static, str>>,
        value: impl ToString,
        rule: impl Into<Cow<'static, str>>,
    ) -> Why {
        Why {
            what: what.into(),
            value: value.to_string(),
            rule: rule.into(),
            clauses: Vec::new(),
            readings: Vec::new(),
            inputs: Vec::new(),
        }
    }

    /// Under these clauses, each cited once.
    pub fn under(mut self, clauses: &[String]) -> Why {
        self.clauses.reserve_exact(clauses.len());
        for clause in clauses {
            if !self.clauses.contains(clause) {
                self.clauses.push(clause.clone());
            }
        }
        self
    }

    /// As read in these readings.
    pub fn read_as(mut self, readings: &[&'static str]) -> Why {
        self.readings.extend(readings.iter().map(|r| Cow::Borrowed(*r)));
        self
    }

    /// From this given value.
    pub fn given(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Why {
        self.inputs.push(Input::Given { name: name.into(), value: value.to_string() });
        self
    }

    /// From this fact.
    pub fn fact(mut self, fact: &Fact) -> Why {
        let event = fact.event();
        let (noun, id) = (event.noun().name(), fact.body.subject_id().as_str());
        self.inputs.push(Input::Fact {
            id: fact.id.to_string(),
            at: fact.at.to_string(),
            text: [noun, " ", id, " ", event.name(), " by ", &fact.actor.id].concat(),
        });
        self
    }

    /// From this result of a look, which the fact `id` holds among others.
    pub(crate) fn observed(mut self, id: FactId, at: Instant, text: String) -> Why {
        self.inputs.push(Input::Fact { id: id.to_string(), at: at.to_string(), text });
        self
    }

    /// From this other value.
    pub fn from(mut self, why: Why) -> Why {
        self.inputs.push(Input::Why(why));
        self
    }

    /// The derivation as indented text, with the words of the readings where `reading` knows them.
    pub fn to_text(&self, reading: impl Fn(&str) -> Option<String>) -> String {
        let mut text = String::new();
        self.write(&mut text, 0, &reading);
        text
    }

    fn write(&self, text: &mut String, depth: usize, reading: &dyn Fn(&str) -> Option<String>) {
        let pad = "  ".repeat(depth);
        let _ = writeln!(text, "{pad}{}: {}", self.what, self.value);
        let _ = write!(text, "{pad}  {}", self.rule);
        let _ = match self.clauses.as_slice() {
            [] => writeln!(text),
            clauses => writeln!(text, " [{}]", clauses.join(", ")),
        };
        for id in &self.readings {
            let _ = match reading(id) {
                Some(words) => writeln!(text, "{pad}  read as {id}: {words}"),
                None => writeln!(text, "{pad}  read as {id}"),
            };
        }
        for input in &self.inputs {
            match input {
                Input::Given { name, value } => drop(writeln!(text, "{pad}  - {name}: {value}")),
                Input::Fact { at, text: what, .. } => drop(writeln!(text, "{pad}  - {at} {what}")),
                Input::Why(why) => why.write(text, depth + 1, reading),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_derivation_reads_from_the_figure_down_to_its_inputs() {
        let why = Why::new("credit", "EUR 120.00", "the band's percentage of the base")
            .under(&["SH-CRED-03".to_owned()])
            .read_as(&["A-09"])
            .from(Why::new("base", "EUR 480.00", "what the instance was charged").given("month", "2026-06"))
            .given("percent", "25%");
        let words = |id: &str| (id == "A-09").then(|| "amount charged".to_owned());
        insta::assert_snapshot!(why.to_text(words), @r"
        credit: EUR 120.00
          the band's percentage of the base [SH-CRED-03]
          read as A-09: amount charged
          base: EUR 480.00
            what the instance was charged
            - month: 2026-06
          - percent: 25%
        ");
    }
}
