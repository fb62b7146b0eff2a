//! What changed between two versions of an agreement, in terms of the agreement: which clause, what it said, what it says
//! now, and who gains by it.
//!
//! Entries are matched by their names, so moving, re-indenting or commenting a file changes nothing here. Who gains follows
//! from a rule for each kind of value (`rules.rs`); where the rules cannot tell, the answer is [`Gains::Unclear`], never a
//! guess.

mod around;
mod gain;
mod rules;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use serde::Serialize;

use crate::{
    agreement::Agreement,
    leaves::{Leaf, path_text},
};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What changed: `obligation.claim-credit.within`. A whole entry that came or went is one change.
    pub path: String,
    /// The clauses concerned, of both versions.
    pub clauses: Vec<String>,
    /// What it said; none where it is new.
    pub old: Option<String>,
    /// What it says now; none where it is gone.
    pub new: Option<String>,
    /// Who gains.
    pub gains: Gains,
    /// Why, in half a sentence.
    pub why: String,
}

/// Who gains by a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gains {
    /// The client: more is promised to it, or less asked of it.
    Client,
    /// The provider: it promises less, or may ask more.
    Provider,
    /// Nobody: other words for the same.
    Neither,
    /// It depends, or both are bound: people must read it.
    Unclear,
}

impl Gains {
    /// The words on a page, before the reason.
    pub fn words(self) -> &'static str {
        match self {
            Gains::Client => "the client gains",
            Gains::Provider => "the provider gains",
            Gains::Neither => "nobody gains",
            Gains::Unclear => "people must read it",
        }
    }
}

/// Every difference from `old` to `new`: what the old version says, in its order, then what is new. Empty for two files
/// that say the same, however they are laid out.
pub fn diff(old: &Agreement, new: &Agreement) -> Vec<Change> {
    let both = Both { old: Version::of(old), new: Version::of(new) };
    let mut seen = BTreeSet::new();
    let spots =
        [&both.old, &both.new].into_iter().flat_map(|version| &version.leaves).map(|leaf| both.spot(leaf));
    spots.filter(|spot| seen.insert(spot.path.to_vec())).filter_map(|spot| both.change(&spot)).collect()
}

/// One of the two versions, ready to be asked for a path.
struct Version<'a> {
    agreement: &'a Agreement,
    leaves: Vec<Leaf>,
    /// What stands at each path.
    texts: BTreeMap<Vec<String>, String>,
    /// Every path at which or below which something stands.
    known: BTreeSet<Vec<String>>,
}

impl Version<'_> {
    fn of(agreement: &Agreement) -> Version<'_> {
        let leaves = agreement.leaves();
        let texts = leaves.iter().map(|leaf| (leaf.path.clone(), leaf.text.clone())).collect();
        let prefixes =
            |leaf: &Leaf| (1..=leaf.path.len()).map(|end| leaf.path[..end].to_vec()).collect::<Vec<_>>();
        let known = leaves.iter().flat_map(prefixes).collect();
        Version { agreement, leaves, texts, known }
    }

    /// The value at a path, or the one above it that stands for every tier.
    fn value(&self, path: &[String]) -> Option<&str> {
        (1..=path.len()).find_map(|end| self.texts.get(&path[..end])).map(String::as_str)
    }

    /// A whole entry in one line: `party provider; binding duty; …`. Its clauses are shown beside it.
    fn entry(&self, path: &[String]) -> Option<String> {
        let inside = self.leaves.iter().filter(|leaf| leaf.path.starts_with(path));
        let told = inside.filter(|leaf| leaf.path.last().is_some_and(|key| key != "clause"));
        let parts: Vec<String> =
            told.map(|leaf| format!("{} {}", path_text(&leaf.path[path.len()..]), leaf.text)).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Where the versions are compared.
struct Spot<'a> {
    path: &'a [String],
    /// Whether it is an entry that one version lacks altogether.
    lacking: bool,
}

/// The two versions side by side.
struct Both<'a> {
    old: Version<'a>,
    new: Version<'a>,
}

impl Both<'_> {
    /// Where a leaf is compared: at its own path, or at the outermost entry around it that the other version lacks.
    fn spot<'l>(&self, leaf: &'l Leaf) -> Spot<'l> {
        let lacking = (1..leaf.path.len()).map(|end| &leaf.path[..end]).find(|path| {
            let one_for_all = self.old.value(path).is_some() || self.new.value(path).is_some();
            !one_for_all && self.old.known.contains(*path) != self.new.known.contains(*path)
        });
        Spot { path: lacking.unwrap_or(&leaf.path), lacking: lacking.is_some() }
    }

    fn change(&self, spot: &Spot<'_>) -> Option<Change> {
        let path = spot.path;
        let (old, new) = match spot.lacking {
            true => (self.old.entry(path), self.new.entry(path)),
            false if self.is_split(path) => return None,
            false => (self.old.value(path).map(str::to_owned), self.new.value(path).map(str::to_owned)),
        };
        if old == new {
            return None;
        }
        let (gains, why) = gain::judge(self, path, old.as_deref(), new.as_deref());
        Some(Change { path: path_text(path), clauses: self.clauses(path), old, new, gains, why })
    }

    /// Whether one version has one value here and the other one per tier, so that they are compared tier by tier.
    fn is_split(&self, path: &[String]) -> bool {
        let split = |version: &Version<'_>| version.known.contains(path) && !version.texts.contains_key(path);
        split(&self.old) || split(&self.new)
    }

    fn clauses(&self, path: &[String]) -> Vec<String> {
        let mut seen = BTreeSet::new();
        let here = |leaf: &&Leaf| leaf.path.starts_with(path) || path.starts_with(&leaf.path);
        let leaves = self.old.leaves.iter().chain(&self.new.leaves).filter(here);
        leaves.flat_map(|leaf| &leaf.clauses).filter(|clause| seen.insert(*clause)).cloned().collect()
    }
}

/// The changes as text, for people: one paragraph each and a closing line.
pub fn text(changes: &[Change]) -> String {
    let mut out = String::new();
    for change in changes {
        let clauses = change.clauses.join(", ");
        let clauses = if clauses.is_empty() { clauses } else { format!("  [{clauses}]") };
        _ = writeln!(out, "{}{clauses}", change.path);
        for (sign, value) in [('-', &change.old), ('+', &change.new)] {
            if let Some(value) = value {
                _ = writeln!(out, "  {sign} {value}");
            }
        }
        _ = writeln!(out, "  {}: {}\n", change.gains.words(), change.why);
    }
    out + &closing(changes) + "\n"
}

fn closing(changes: &[Change]) -> String {
    let count = |gains| changes.iter().filter(|change| change.gains == gains).count();
    let all = match changes.len() {
        0 => return "Nothing that was agreed has changed.".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    };
    let [client, provider] = [count(Gains::Client), count(Gains::Provider)];
    let [neither, unclear] = [count(Gains::Neither), count(Gains::Unclear)];
    format!(
        "{all}: {client} for the client, {provider} for the provider, {neither} for nobody, {unclear} to read."
    )
}
