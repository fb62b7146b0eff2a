//! The clause register: every sentence of the two reference texts that somebody could be held to, numbered, in our own
//! words, with the ambiguities found in them.
//!
//! Two tables lie beside this file, one row a line, columns parted by tabs: `register.tsv` (241 clauses: 112 of the hosted
//! service level agreement, `SH-…`; 129 of the guide for a managed isolated platform, `MP-…`) and `readings.tsv` (52
//! ambiguities, `A-01` to `A-52`, with the choices and the reading we recommend). They were written by us from the two
//! published texts named in `agreements/*.toml` by their SHA-256; figures are exact, wording is ours. A row changes only
//! when a text is found to say something else.

mod uses;

use std::{collections::HashMap, sync::LazyLock};

pub use uses::Use;

/// The register that ships with Uphold.
#[derive(Debug)]
pub struct Register {
    clauses: Vec<Clause>,
    by_id: HashMap<&'static str, usize>,
    readings: Vec<Ambiguity>,
}

/// One clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its document: `SH` or `MP`.
    pub document: &'static str,
    /// Its id, such as `SH-AVAIL-06`.
    pub id: &'static str,
    /// Where it stands in its document.
    pub section: &'static str,
    /// What it says, in our words.
    pub text: &'static str,
    /// What kind of sentence it is: definition, objective, obligation, capability, procedure, exclusion.
    pub kind: &'static str,
    /// Whom it binds: `provider`, `client` or `both`.
    pub party: &'static str,
    /// What sets it off; `-` for nothing.
    pub trigger: &'static str,
    /// When it is due, in which calendar; `-` for never.
    pub due: &'static str,
    /// What meets it; `-` for nothing.
    pub met_by: &'static str,
    /// What software must do about it.
    pub software: &'static str,
    /// The case that proves it; `-` for none.
    pub test: &'static str,
    /// The ambiguities in it, such as `A-10`.
    pub ambiguity: Vec<&'static str>,
    /// Where it lives in software.
    pub mode: Mode,
}

/// Where a clause lives in software.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Something is computed: an obligation, an objective, money.
    Engine,
    /// A state change is refused or required.
    Guard,
    /// An entry of the scope, quoted to people.
    Catalogue,
    /// No rule, but shown where it matters.
    Display,
    /// It must be filled in in the file.
    Param,
}

impl Mode {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Mode::Engine => "engine",
            Mode::Guard => "guard",
            Mode::Catalogue => "catalogue",
            Mode::Display => "display",
            Mode::Param => "param",
        }
    }

    fn named(name: &str) -> Option<Mode> {
        [Mode::Engine, Mode::Guard, Mode::Catalogue, Mode::Display, Mode::Param]
            .into_iter()
            .find(|mode| mode.name() == name)
    }
}

/// Something a text leaves open, and how it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ambiguity {
    /// Its id, such as `A-10`.
    pub id: &'static str,
    /// The clauses that leave it open.
    pub clauses: Vec<&'static str>,
    /// What they leave open.
    pub question: &'static str,
    /// How it can be read.
    pub choices: &'static str,
    /// The reading we recommend, and why.
    pub recommended: &'static str,
}

static REGISTER: LazyLock<Register> =
    LazyLock::new(|| Register::parse(include_str!("register.tsv"), include_str!("readings.tsv")));

impl Register {
    /// The register, read on first use.
    pub fn get() -> &'static Register {
        &REGISTER
    }

    /// Every clause, in the order of its document.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The clause of that id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.by_id.get(id).map(|at| &self.clauses[*at])
    }

    /// The clauses of one document, in its order.
    pub fn document<'d>(&self, document: &'d str) -> impl Iterator<Item = &Clause> + use<'_, 'd> {
        self.clauses.iter().filter(move |clause| clause.document == document)
    }

    /// Every ambiguity, in order of id.
    pub fn readings(&self) -> &[Ambiguity] {
        &self.readings
    }

    /// The ambiguity of that id.
    pub fn reading(&self, id: &str) -> Option<&Ambiguity> {
        self.readings.iter().find(|reading| reading.id == id)
    }

    /// Rows that are not whole are left out; a test counts what is left, so a slip in a table cannot ship.
    fn parse(clauses: &'static str, readings: &'static str) -> Register {
        let clauses: Vec<Clause> = clauses.lines().skip(1).filter_map(clause).collect();
        let by_id = clauses.iter().enumerate().map(|(at, clause)| (clause.id, at)).collect();
        let readings = readings.lines().skip(1).filter_map(ambiguity).collect();
        Register { clauses, by_id, readings }
    }
}

fn clause(line: &'static str) -> Option<Clause> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[document, id, section, text, kind, party, trigger, due, met_by, software, test, ambiguity, mode] =
        columns.as_slice()
    else {
        return None;
    };
    let ambiguity = ambiguity.split(' ').filter(|id| *id != "-").collect();
    let mode = Mode::named(mode)?;
    let clause = Clause {
        document,
        id,
        section,
        text,
        kind,
        party,
        trigger,
        due,
        met_by,
        software,
        test,
        ambiguity,
        mode,
    };
    Some(clause)
}

fn ambiguity(line: &'static str) -> Option<Ambiguity> {
    let columns: Vec<&str> = line.split('\t').collect();
    let &[id, clauses, question, choices, recommended] = columns.as_slice() else { return None };
    Some(Ambiguity { id, clauses: clauses.split(' ').collect(), question, choices, recommended })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn every_row_is_whole_and_every_id_leads_somewhere() {
        let register = Register::get();
        assert_eq!(register.clauses().len(), include_str!("register.tsv").lines().count() - 1);
        assert_eq!(register.document("SH").count(), 112);
        assert_eq!(register.document("MP").count(), 129);
        assert_eq!(register.by_id.len(), 241);
        assert_eq!(register.readings().len(), 52);
        for (number, reading) in (1..).zip(register.readings()) {
            assert_eq!(reading.id, format!("A-{number:02}"));
            for clause in &reading.clauses {
                assert!(register.clause(clause).is_some(), "{}: {clause}", reading.id);
            }
        }
        for clause in register.clauses() {
            assert!(clause.id.starts_with(clause.document) && !clause.text.is_empty(), "{}", clause.id);
            assert!(["provider", "client", "both"].contains(&clause.party), "{}", clause.id);
            for reading in &clause.ambiguity {
                assert!(register.reading(reading).is_some(), "{}: {reading}", clause.id);
            }
        }
    }

    #[test]
    fn the_modes_are_counted() {
        let mut modes: BTreeMap<Mode, usize> = BTreeMap::new();
        for clause in Register::get().clauses() {
            *modes.entry(clause.mode).or_default() += 1;
        }
        let expect = [
            (Mode::Engine, 131),
            (Mode::Guard, 34),
            (Mode::Catalogue, 44),
            (Mode::Display, 26),
            (Mode::Param, 6),
        ];
        assert_eq!(modes, BTreeMap::from(expect));
    }
}
