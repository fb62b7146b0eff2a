//! What can be judged of a file that cannot be read whole: one mistake must not hide the others.
//!
//! The entries with mistakes of reading are taken out, the smallest that will do, until the rest reads; the rest is linted. What a
//! lint then says about the very words that were taken out is not said, since it is about the hole and not about the file.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeArray, DeTable, DeValue},
};

use crate::{Agreement, Finding};

/// How often something is taken out. Each round takes something, so a file has fewer than its lines; this is far beyond.
const ROUNDS_MAX: usize = 256;

/// The findings of the lints on what is left of the text beside these findings of reading.
pub(crate) fn lint_around(text: &str, findings: &[Finding]) -> Vec<Finding> {
    let Some((rest, holes)) = read_around(text, findings) else { return Vec::new() };
    let names: Vec<String> = holes.iter().flat_map(|hole| hole.names.clone()).collect();
    let lost: Vec<String> =
        holes.into_iter().flat_map(|hole| [hole.names, words(&text[hole.range])].concat()).collect();
    let about_a_hole = |finding: &Finding| {
        let said = [finding.message.as_str(), finding.way_out.as_str()];
        let clauses = finding.clauses.iter().map(String::as_str);
        lost.iter().any(|word| {
            said.iter().any(|said| said.contains(&format!("`{word}`")))
                || clauses.clone().any(|clause| clause == word)
        })
    };
    // `availability.missed` means nothing while `[availability]` cannot be read.
    let stands_on_a_hole = |finding: &Finding| {
        let place =
            text.get(finding.place.0.clone()).filter(|place| !place.contains('\n')).unwrap_or_default();
        let value = place.split_once('=').map_or(place, |(_, value)| value);
        words(value).iter().flat_map(|word| word.split('.')).any(|part| names.iter().any(|name| name == part))
    };
    rest.lint().into_iter().filter(|finding| !about_a_hole(finding) && !stands_on_a_hole(finding)).collect()
}

/// Something that was taken out.
struct Hole {
    /// Which part of the text.
    range: Range<usize>,
    /// The keys that lead to it, and the ids of the entries it lay in.
    names: Vec<String>,
}

/// The agreement without what cannot be read, and what was taken out.
fn read_around(text: &str, findings: &[Finding]) -> Option<(Agreement, Vec<Hole>)> {
    let table = DeTable::parse(text).ok()?;
    let span = table.span();
    let mut value = DeValue::Table(table.into_inner());
    let mut holes = Vec::new();
    let mut wrong: Vec<Range<usize>> = findings.iter().map(|finding| finding.place.0.clone()).collect();
    for _ in 0..ROUNDS_MAX {
        for place in &wrong {
            holes.extend(take_out(&mut value, place));
        }
        let mut more = Vec::new();
        let whole = Spanned::new(span.clone(), value.clone());
        if let Some(agreement) = Agreement::read_value(&whole, &mut more).filter(|_| more.is_empty()) {
            return Some((agreement, holes));
        }
        let next: Vec<Range<usize>> = more.into_iter().map(|finding| finding.place.0).collect();
        if next == wrong {
            return None;
        }
        wrong = next;
    }
    None
}

/// Takes out the smallest entry that holds a place, and says which part of the text it was. A table with a header of its own
/// reaches no further than that header, so what lies beneath is asked first, wherever it stands.
fn take_out(value: &mut DeValue<'_>, place: &Range<usize>) -> Option<Hole> {
    match value {
        DeValue::Table(table) => {
            let id = table.get("id").and_then(|id| id.get_ref().as_str()).map(str::to_owned);
            let inner = table.iter_mut().find_map(|(key, value)| {
                let mut hole = take_out(value.get_mut(), place)?;
                hole.names.push(key.get_ref().to_string());
                Some(hole)
            });
            if let Some(mut hole) = inner {
                hole.names.extend(id);
                return Some(hole);
            }
            let found =
                table.iter().find(|(key, value)| holds(&key.span(), place) || holds(&value.span(), place));
            let (name, hole) = found.map(|(key, value)| {
                let (key_span, value_span) = (key.span(), value.span());
                let hole = key_span.start.min(value_span.start)..key_span.end.max(value_span.end);
                (key.get_ref().to_string(), hole)
            })?;
            // What stood in and would not do either is taken out after all.
            match (stand_in(&name), table.get_mut(name.as_str())) {
                (Some(value), Some(there)) if there.get_ref().as_str() != Some(value) => {
                    *there.get_mut() = DeValue::String(value.into());
                }
                _ => drop(table.remove(name.as_str())),
            }
            Some(Hole { range: hole, names: id.into_iter().chain([name]).collect() })
        }
        DeValue::Array(list) => {
            let inner = list.iter_mut().find_map(|value| take_out(value.get_mut(), place));
            if inner.is_some() {
                return inner;
            }
            let index = list.iter().position(|value| holds(&value.span(), place))?;
            let hole = list[index].span();
            let mut rest = DeArray::new();
            let kept = list.iter().enumerate().filter(|(at, _)| *at != index);
            kept.for_each(|(_, value)| rest.push(value.clone()));
            *list = rest;
            Some(Hole { range: hole, names: Vec::new() })
        }
        _ => None,
    }
}

/// What stands for a value until it can be read, where nothing that is judged depends on which it is: which days are listed and
/// which years are missing is the same in every zone.
fn stand_in(key: &str) -> Option<&'static str> {
    (key == "tz").then_some("UTC")
}

fn holds(span: &Range<usize>, place: &Range<usize>) -> bool {
    span.start <= place.start && place.end <= span.end
}

/// Every name and quoted text in a part of the file.
fn words(text: &str) -> Vec<String> {
    let part = |c: char| !(c.is_alphanumeric() || "._-".contains(c));
    text.split(part).filter(|word| word.len() > 1).map(str::to_owned).collect()
}
