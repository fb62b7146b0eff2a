//! An agreement as a list of single values: what each says, under which path, for which clauses, and where it stands.
//!
//! Entries of a list go by their own name (`obligation.first-response.within`), not by their position, so that two versions
//! of a file can be laid side by side. Made by the `table!` macro for every table of the file; nothing is left out.

use std::collections::BTreeMap;

use facts::{ClientId, Currency, Event, MaintenanceKind, Moment, ProposalKind, Score, Side};
use jiff::civil::Date;
use spans::{Instant, Zone};

use crate::{
    agreement::Agreement,
    finding::Place,
    read::Places,
    section::{
        calendar::{LocalStart, Open, OpenHours, WeekTime},
        credit::Below,
        obligation::Within,
    },
    value::{
        Clauses,
        amount::{Amount, Remind},
        keyed::Keyed,
        matching::{Match, Trigger},
        percent::{Cents, Percent},
    },
};

/// One value of an agreement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// The keys and names that lead to it, outermost first.
    pub path: Vec<String>,
    /// What it says: as the file writes it, without quotes. A list of plain values is one leaf, parted by `, `.
    pub text: String,
    /// The clauses of the nearest table around it that names any.
    pub clauses: Vec<String>,
    /// Where it stands; where it is a part of a value, the value.
    pub place: Place,
}

impl Leaf {
    /// The path as one text, with names in quotes that are no bare key: `catalogue.item."vm.watch".mode`.
    pub fn path_text(&self) -> String {
        path_text(&self.path)
    }
}

/// A path as one text.
pub(crate) fn path_text(path: &[String]) -> String {
    let bare =
        |key: &str| key.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_') && !key.is_empty();
    let segments: Vec<String> =
        path.iter().map(|key| if bare(key) { key.clone() } else { format!("\"{key}\"") }).collect();
    segments.join(".")
}

impl Agreement {
    /// Every value of the agreement, in the order of its types. What is absent has no leaf, nor has an empty list.
    pub fn leaves(&self) -> Vec<Leaf> {
        let mut walker = Walker::default();
        self.walk(&mut walker);
        walker.found.into_iter().map(Found::leaf).collect()
    }
}

/// A type whose values can be listed.
pub(crate) trait Walk {
    /// Lists its values.
    fn walk(&self, out: &mut Walker);
}

/// The list so far, and where in the agreement we are.
#[derive(Default)]
pub(crate) struct Walker {
    path: Vec<String>,
    found: Vec<Found>,
    /// The clauses of the table being walked, once they were met.
    clauses: Option<Vec<String>>,
}

struct Found {
    path: Vec<String>,
    text: String,
    clauses: Option<Vec<String>>,
    place: Option<Place>,
}

impl Found {
    fn leaf(self) -> Leaf {
        Leaf {
            path: self.path,
            text: self.text,
            clauses: self.clauses.unwrap_or_default(),
            place: self.place.unwrap_or_default(),
        }
    }
}

impl Walker {
    /// A value at the present path.
    pub(crate) fn leaf(&mut self, text: impl ToString) {
        let path = self.path.clone();
        self.found.push(Found { path, text: text.to_string(), clauses: None, place: None });
    }

    /// What lies under a key or name.
    pub(crate) fn under(&mut self, key: &str, walk: impl FnOnce(&mut Walker)) {
        self.path.push(key.to_owned());
        walk(self);
        self.path.pop();
    }

    /// A table: what is found in it takes its clauses and its places, unless an inner table has given them already.
    pub(crate) fn table(&mut self, places: &Places, walk: impl FnOnce(&mut Walker)) {
        let (first, depth, outer) = (self.found.len(), self.path.len(), self.clauses.take());
        walk(self);
        let clauses = std::mem::replace(&mut self.clauses, outer);
        for found in &mut self.found[first..] {
            found.place.get_or_insert_with(|| places.of(&found.path[depth..].join(".")));
            if found.clauses.is_none() {
                found.clauses.clone_from(&clauses);
            }
        }
    }
}

/// The keys that name an entry of a list, the most telling first.
const NAMES: &[&str] =
    &["id", "cause", "kind", "name", "word", "topic", "level", "require", "below", "clause", "when"];

/// A list of plain values is one leaf; entries go by their names, a second one of the same name by `NAME#2`.
impl<T: Walk> Walk for Vec<T> {
    fn walk(&self, out: &mut Walker) {
        let items: Vec<Vec<Found>> = self.iter().map(alone).collect();
        let plain = |item: &Vec<Found>| item.len() == 1 && item[0].path.is_empty();
        if items.iter().all(plain) {
            let texts: Vec<&str> = items.iter().flatten().map(|found| found.text.as_str()).collect();
            if !texts.is_empty() {
                out.leaf(texts.join(", "));
            }
            return;
        }
        let mut seen: BTreeMap<String, u32> = BTreeMap::new();
        for item in items {
            let name = name_of(&item);
            let times = seen.entry(name.clone()).or_default();
            *times += 1;
            let name = if *times == 1 { name } else { format!("{name}#{times}") };
            for mut found in item {
                let path = out.path.iter().cloned().chain([name.clone()]);
                found.path = path.chain(std::mem::take(&mut found.path)).collect();
                out.found.push(found);
            }
        }
    }
}

fn alone<T: Walk>(item: &T) -> Vec<Found> {
    let mut walker = Walker::default();
    item.walk(&mut walker);
    walker.found
}

fn name_of(item: &[Found]) -> String {
    let named = |key: &&str| item.iter().find(|found| found.path.len() == 1 && found.path[0] == **key);
    NAMES.iter().find_map(named).map_or_else(String::new, |found| found.text.clone())
}

impl<T: Walk> Walk for Option<T> {
    fn walk(&self, out: &mut Walker) {
        self.iter().for_each(|value| value.walk(out));
    }
}

impl<T: Walk> Walk for BTreeMap<String, T> {
    fn walk(&self, out: &mut Walker) {
        self.iter().for_each(|(key, value)| out.under(key, |out| value.walk(out)));
    }
}

impl<T: Walk> Walk for Keyed<T> {
    fn walk(&self, out: &mut Walker) {
        match self {
            Keyed::One(value) => value.walk(out),
            Keyed::By(map) => map.walk(out),
        }
    }
}

impl Walk for Clauses {
    fn walk(&self, out: &mut Walker) {
        self.ids.walk(out);
        out.clauses = Some(self.ids.clone());
    }
}

impl Walk for Within {
    fn walk(&self, out: &mut Walker) {
        match self {
            Within::Unset => out.leaf("unset"),
            Within::SameAction => out.leaf("same-action"),
            Within::With(id) => out.leaf(format!("with:{id}")),
            Within::Matrix(name) => out.leaf(format!("matrix.{name}")),
            Within::Amount(amount) => amount.walk(out),
        }
    }
}

impl Walk for Match {
    fn walk(&self, out: &mut Walker) {
        self.fields.walk(out);
        out.under("score_at_least", |out| self.score_at_least.walk(out));
        out.under("affects", |out| self.affects.walk(out));
    }
}

/// `request.classified (class = feature)`.
impl Walk for Trigger {
    fn walk(&self, out: &mut Walker) {
        let fields: Vec<String> = alone(&self.matching)
            .iter()
            .map(|found| format!("{} = {}", found.path.join("."), found.text.replace(", ", " or ")))
            .collect();
        match fields.as_slice() {
            [] => out.leaf(self.event.name()),
            fields => out.leaf(format!("{} ({})", self.event.name(), fields.join("; "))),
        }
    }
}

/// `always`, or `Mon Tue 09:00-17:00; Sat 10:00-12:00`.
impl Walk for Open {
    fn walk(&self, out: &mut Walker) {
        match self {
            Open::Always => out.leaf("always"),
            Open::Weekly(weekly) => {
                out.leaf(weekly.iter().map(hours_text).collect::<Vec<_>>().join("; "));
            }
        }
    }
}

fn hours_text(hours: &OpenHours) -> String {
    let days: String = hours.days.iter().map(|day| format!("{} ", day.name())).collect();
    format!("{days}{}-{}", hours.from, hours.to)
}

impl Walk for Percent {
    fn walk(&self, out: &mut Walker) {
        out.leaf(self);
    }
}

impl Walk for Cents {
    fn walk(&self, out: &mut Walker) {
        out.leaf(format!("{}.{:02}", self.0 / 100, self.0 % 100));
    }
}

impl Walk for Below {
    fn walk(&self, out: &mut Walker) {
        match self {
            Below::Objective => out.leaf("objective"),
            Below::Percent(percent) => out.leaf(percent),
        }
    }
}

impl Walk for LocalStart {
    fn walk(&self, out: &mut Walker) {
        out.leaf(self.0);
    }
}

/// Values that show themselves as the file writes them.
macro_rules! shown {
    ($($Type:ty),* $(,)?) => { $(
        impl Walk for $Type {
            fn walk(&self, out: &mut Walker) {
                out.leaf(self);
            }
        }
    )* };
}
shown!(Amount, ClientId, Currency, Date, Instant, Remind, Score, String, WeekTime, Zone, bool, u32);

/// Words that go by a name.
macro_rules! named {
    ($($Type:ty),* $(,)?) => { $(
        impl Walk for $Type {
            fn walk(&self, out: &mut Walker) {
                out.leaf(self.name());
            }
        }
    )* };
}
named!(Event, MaintenanceKind, Moment, ProposalKind, Side);

#[cfg(test)]
mod tests {
    use super::*;

    fn leaves(text: &str) -> Vec<Leaf> {
        Agreement::read(text).0.unwrap().leaves()
    }

    const HOSTED: &str = include_str!("../../../agreements/stellar-hosted.toml");
    const ISOLATED: &str = include_str!("../../../agreements/isolated-platform.toml");

    #[track_caller]
    fn check(text: &str, path: &str, says: &str, clauses: &[&str], stands: &str) {
        let leaves = leaves(text);
        let found: Vec<&Leaf> = leaves.iter().filter(|leaf| leaf.path_text() == path).collect();
        let [leaf] = found.as_slice() else { panic!("{} leaves at {path}", found.len()) };
        assert_eq!(
            (leaf.text.as_str(), leaf.clauses.as_slice()),
            (says, clauses.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>().as_slice())
        );
        assert_eq!(&text[leaf.place.0.clone()], stands);
    }

    #[test]
    fn a_value_is_found_by_names_with_its_clauses_and_its_place() {
        check(HOSTED, "obligation.claim-credit.within", "30d", &["SH-CRED-10", "SH-CRED-11"], "\"30d\"");
        check(
            HOSTED,
            "agreement.source.title",
            "Service Level Agreement (SLA)",
            &["SH-DEF-01", "SH-DEF-02", "SH-DEF-05"],
            "\"Service Level Agreement (SLA)\"",
        );
        check(HOSTED, "credit.band.objective.percent.premium", "25%", &["SH-CRED-04"], "premium = \"25\"");
        check(
            HOSTED,
            "calendar.bh.open",
            "Mon Tue Wed Thu Fri 09:00-17:00",
            &["SH-CAL-04", "SH-CAL-05"],
            "[{ days = [\"Mon\", \"Tue\", \"Wed\", \"Thu\", \"Fri\"], from = \"09:00\", to = \"17:00\" }]",
        );
        check(
            HOSTED,
            "obligation.first-response.cancel_on",
            "request.classified (class = feature), request.withdrawn",
            &["SH-SLO-03", "SH-SLO-04", "SH-SLO-05", "SH-ACK-02"],
            "[{ event = \"request.classified\", match = { class = \"feature\" } }, \"request.withdrawn\"]",
        );
        check(
            HOSTED,
            "readings.A-18",
            "eligible when the statement is published",
            &[],
            "A-18 = \"eligible when the statement is published\"",
        );
        check(ISOLATED, "catalogue.item.\"vm.watch\".mode", "proactive", &["MP-SC-VM-01"], "\"proactive\"");
        check(
            ISOLATED,
            "escalation.path.2.who",
            "service delivery manager",
            &["MP-ESC-01", "MP-ESC-02", "MP-ESC-03", "MP-ESC-07", "MP-ESC-11"],
            "\"service delivery manager\"",
        );
    }

    #[test]
    fn no_two_leaves_share_a_path_and_every_key_of_the_file_has_one() {
        for text in [HOSTED, ISOLATED] {
            let mut paths: Vec<String> = leaves(text).iter().map(Leaf::path_text).collect();
            let count = paths.len();
            paths.sort();
            paths.dedup();
            assert_eq!(paths.len(), count);
            let written = text.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
            assert!(count > written, "{count} leaves of {written} lines");
        }
    }
}
