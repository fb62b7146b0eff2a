//! Small words: lists, amounts, dates, names.

use jiff::civil::Date;
use spans::Instant;

use crate::{
    section::party::Party,
    value::{
        amount::{Amount, Unit},
        matching::Match,
    },
};

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(parts: Vec<String>) -> String {
    joined(parts, "and")
}

/// `a`, `a or b`, `a, b or c`.
pub(super) fn or(parts: Vec<String>) -> String {
    joined(parts, "or")
}

fn joined(mut parts: Vec<String>, word: &str) -> String {
    match parts.pop() {
        None => String::new(),
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} {word} {last}", parts.join(", ")),
    }
}

/// `30 minutes`, `1 week`.
pub(super) fn amount(amount: Amount) -> String {
    let unit = match amount.unit {
        Unit::Seconds => "second",
        Unit::Minutes => "minute",
        Unit::Hours => "hour",
        Unit::Days => "day",
        Unit::Weeks => "week",
    };
    format!("{} {unit}{}", amount.count, if amount.count == 1 { "" } else { "s" })
}

/// A word as people write it: `access-role-change` and `expected_impact` lose their marks.
pub(super) fn plain(word: &str) -> String {
    word.replace(['-', '_'], " ")
}

/// `first-response` as a heading: `First response`. Names that are spoken letter by letter stay capitals.
pub(super) fn heading(id: &str) -> String {
    const LETTERS: &[&str] = &["api", "csm", "cve", "ga", "os", "poc", "rca", "sop", "vpn"];
    let words: Vec<String> = plain(id)
        .split(' ')
        .map(|word| if LETTERS.contains(&word) { word.to_uppercase() } else { word.to_owned() })
        .collect();
    capital(&words.join(" "))
}

/// With a capital at its start.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Each with a capital.
pub(super) fn capitals(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| capital(word)).collect()
}

/// The meaning of a word from a closed list, as a part of a sentence: without its clauses, its capital and its full stop.
pub(super) fn meaning(about: &str) -> String {
    let mut text = about.split(" Looks at ").next().unwrap_or(about).trim().trim_end_matches('.').to_owned();
    while let Some(at) = text.rfind(" (").filter(|at| text.ends_with(')') && names_clauses(&text[*at..])) {
        text.truncate(at);
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

fn names_clauses(text: &str) -> bool {
    ["(SH-", "(MP-", "(A-"].iter().any(|start| text.trim_start().starts_with(start))
}

/// `1 March 2026`.
pub(super) fn date(date: Date) -> String {
    date.strftime("%-d %B %Y").to_string()
}

/// `1 March 2026, 00:00 UTC`.
pub(super) fn instant(at: Instant) -> String {
    let second = at.as_micros().div_euclid(1_000_000);
    let zoned =
        jiff::Timestamp::from_second(second).map(|at| at.strftime("%-d %B %Y, %H:%M UTC").to_string());
    zoned.unwrap_or_else(|_| at.to_string())
}

/// `the provider`, `the client`, `both parties`.
pub(super) fn party(party: Party) -> &'static str {
    match party {
        Party::Provider => "the provider",
        Party::Client => "the client",
        Party::Both => "both parties",
    }
}

/// What is meant by a match: `class unclassified, unusable or standard; a score of at least 0.1`. Empty where all are meant.
pub(super) fn matching(matching: &Match) -> String {
    let fields = matching.fields.iter().map(|(field, values)| match values.as_slice() {
        [yes] if yes == "true" => plain(field),
        [no] if no == "false" => format!("not {}", plain(field)),
        values => {
            let values = values.iter().map(|value| match value.as_str() {
                "unclassified" => "not yet said".to_owned(),
                priority if field == "priority" => priority.to_owned(),
                value => plain(value),
            });
            format!("{} {}", plain(field), or(values.collect()))
        }
    });
    let score = matching.score_at_least.map(|score| format!("a score of at least {score}"));
    let affects = matching.affects.map(|affects| format!("for {}", meaning(affects.about())));
    fields.chain(score).chain(affects).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_words() {
        let parts = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            (and(parts("a")), and(parts("a b")), or(parts("a b c"))),
            ("a".into(), "a and b".into(), "a, b or c".into())
        );
        assert_eq!(
            (amount("1w".parse().unwrap()), amount("30m".parse().unwrap())),
            ("1 week".into(), "30 minutes".into())
        );
        assert_eq!(
            (heading("cve-on-os"), heading("first-response")),
            ("CVE on OS".into(), "First response".into())
        );
        assert_eq!(
            meaning("Each instance by itself: nothing is netted (A-32)."),
            "each instance by itself: nothing is netted"
        );
        assert_eq!(meaning("A person (any) acts. Looks at the actor."), "a person (any) acts");
        assert_eq!(instant("2026-03-01T02:00:00Z".parse().unwrap()), "1 March 2026, 02:00 UTC");
    }
}
