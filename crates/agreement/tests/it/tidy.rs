//! The tidy form: the shipped files have it, it means the same, and twice is once.

use agreement::{Agreement, tidy::tidy};
use proptest::{collection::vec, prelude::*};

use crate::shipped::{HISTORY, HOSTED, INCIDENTS, ISOLATED};

fn tidied(text: &str) -> String {
    tidy(text, false).unwrap_or_else(|refusal| panic!("{refusal:?}\n{text}"))
}

fn meaning(text: &str) -> toml::Table {
    text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn comments(text: &str) -> Vec<&str> {
    let mut comments: Vec<&str> =
        text.lines().filter_map(|line| line.split_once('#')).map(|c| c.1.trim()).collect();
    comments.sort_unstable();
    comments
}

#[test]
fn the_shipped_files_are_tidy() {
    for text in [HOSTED, ISOLATED, HISTORY, INCIDENTS] {
        similar_asserts(&tidied(text), text);
    }
}

/// Shows the first line that differs instead of two whole files.
#[track_caller]
fn similar_asserts(left: &str, right: &str) {
    let differ = left.lines().zip(right.lines()).enumerate().find(|(_, (a, b))| a != b);
    assert!(left == right, "{differ:?} of {} and {} lines", left.lines().count(), right.lines().count());
}

/// The same file, with each line's blanks at its start, its end and around its first `=` changed.
fn with_other_blanks(text: &str, blanks: &[u8]) -> String {
    let mut blanks = blanks.iter().cycle();
    let mut some = |least: usize| " ".repeat(least.max(usize::from(*blanks.next().unwrap_or(&0)) % 4));
    let line = |line: &str| match line.split_once('=') {
        Some((key, value)) if !key.contains(['#', '"', '{']) => {
            format!("{}{}{}={}{}{}\n", some(0), key.trim(), some(0), some(0), value.trim(), some(0))
        }
        _ if line.starts_with('[') => format!("{}{line}{}\n", some(0), some(0)),
        _ => format!("{line}{}\n", some(0)),
    };
    text.lines().map(line).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn blanks_do_not_matter(blanks in vec(any::<u8>(), 1..64), hosted: bool) {
        let text = if hosted { HOSTED } else { ISOLATED };
        similar_asserts(&tidied(&with_other_blanks(text, &blanks)), text);
    }

    #[test]
    fn comments_and_blank_lines_may_stand_anywhere(places in vec((0_usize..700, 0_usize..4), 1..40)) {
        let mut lines: Vec<&str> = HOSTED.lines().collect();
        for (at, what) in places {
            lines.insert(at.min(lines.len()), ["", "   # a word", "#", "\t"][what]);
        }
        let text = lines.join("\n");
        let once = tidied(&text);
        similar_asserts(&tidied(&once), &once);
        prop_assert_eq!(meaning(&once), meaning(&text));
        prop_assert_eq!(comments(&once), comments(&text));
        prop_assert_eq!(Agreement::read(&once).0, Agreement::read(&text).0);
    }
}

proptest! {
    #[test]
    fn any_toml_keeps_its_meaning(text in document()) {
        let once = tidied(&text);
        prop_assert_eq!(meaning(&once), meaning(&text), "{}\n---\n{}", text, once);
        prop_assert_eq!(comments(&once), comments(&text), "{}\n---\n{}", text, once);
        similar_asserts(&tidied(&once), &once);
    }

    #[test]
    fn no_text_panics(text in "[\\[\\]{}=,.\"'#a1 \n\r\t-]{0,40}") {
        if let Ok(once) = tidy(&text, false) {
            similar_asserts(&tidied(&once), &once);
        }
    }
}

/// A TOML text with as many oddities as the format allows, every table and key under its own name.
fn document() -> impl Strategy<Value = String> {
    let entry = (gap(), value(), gap(), comment());
    let table = (0_u8..3, gap(), comment(), vec(entry, 0..6));
    vec(table, 0..6).prop_map(|tables| {
        let mut text = String::new();
        for (t, (kind, lead, comment, entries)) in tables.into_iter().enumerate() {
            let lead = lead.replace('\n', "\n\n");
            text += &match kind {
                _ if t == 0 => lead,
                0 => format!("{lead}[t{t}]{comment}\n"),
                1 => format!("{lead}[ t{t} . \"s s\" ] {comment}\n"),
                _ => format!("{lead}[[list]]{comment}\n"),
            };
            for (e, (before, value, after, comment)) in entries.into_iter().enumerate() {
                let after = after.replace(['\n', '\r'], "");
                let (before, after) =
                    (before.as_str(), if after.contains('#') { "" } else { after.as_str() });
                text += &format!(
                    "{before}{}{e} ={after}{value}{after}{comment}\n",
                    ["k", "long_key_number_", "\"q\".x"][e % 3]
                );
            }
        }
        text
    })
}

/// What may stand before a line.
fn gap() -> impl Strategy<Value = String> {
    prop_oneof![Just(""), Just("  "), Just("\n"), Just("\n\n\n"), Just("# word\n"), Just("\r\n"), Just("\t")]
        .prop_map(str::to_owned)
}

fn comment() -> impl Strategy<Value = String> {
    prop_oneof![3 => Just(""), 1 => Just("  # why"), 1 => Just("#why ")].prop_map(str::to_owned)
}

fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("1"),
        Just("\"text\""),
        Just("'raw'"),
        Just("2026-03-01"),
        Just("true"),
        Just("-1.5e3"),
        Just("\"\"\"two\nlines\"\"\""),
        Just("[]"),
        Just("{}"),
        Just("\"a text of about forty characters, so that it fills\""),
    ]
    .prop_map(str::to_owned);
    leaf.prop_recursive(3, 24, 5, |inner| {
        let member = (prop_oneof![Just(""), Just("\n"), Just(" # m\n"), Just("\n  # n\n")], inner.clone());
        prop_oneof![
            vec(member, 0..5).prop_map(|members| {
                let members: String = members.iter().map(|(gap, value)| format!("{gap}{value} , ")).collect();
                format!("[ {members}]")
            }),
            vec(inner, 1..4).prop_map(|values| {
                let entries: Vec<String> =
                    values.iter().enumerate().map(|(n, value)| format!("k{n}= {value}")).collect();
                format!("{{{}}}", entries.join(" ,"))
            }),
        ]
    })
}
