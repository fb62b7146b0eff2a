//! Files that are small and ask for much: each is answered with the limit it breaks, or judged within a moment.

use std::fmt::Write as _;

use agreement::{Agreement, Finding, report};

use crate::shipped::{HOSTED, ISOLATED};

#[track_caller]
fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "`{from}` stands there");
    text.replacen(from, to, 1)
}

#[track_caller]
fn limited(text: &str, says: &str) {
    let (agreement, findings) = Agreement::read(text);
    assert_eq!(findings, [], "it reads");
    let agreement = agreement.expect("it reads");
    let lints = agreement.lint();
    let said = |f: &Finding| f.rule == "limit" && f.message.contains(says);
    assert!(lints.iter().any(said), "{lints:?}");
    assert!(agreement.worst_waits().is_empty());
}

#[test]
fn a_term_of_nine_thousand_years() {
    let text = replaced(HOSTED, "= 2027-03-01T00:00:00Z", "= 9999-03-01T00:00:00Z");
    limited(&text, "longer than 20 years");
}

#[test]
fn ten_thousand_obligations() {
    let one = "\n[[obligation]]\nid = \"N\"\nclause = [\"SH-BAK-01\"]\nparty = \"client\"\nbinding = \"duty\"\non = \"request.received\"\nwithin = \"with:N\"\n";
    let mut text = HOSTED.to_owned();
    (0..6_000).for_each(|n| text.push_str(&one.replace('N', &format!("o{n}"))));
    limited(&text, "obligations are more than");
}

#[test]
fn calendars_one_inside_the_other_and_too_many() {
    let mut text = HOSTED.to_owned();
    for n in 0..30 {
        write!(text, "\n[calendar.c{n}]\nclause = []\nadded = \"x\"\ntz = \"UTC\"\nopen = \"always\"\ninside = \"c{}\"\nday = \"8h\"\n", n + 1)
            .expect("a string takes all");
    }
    limited(&text, "calendars are more than");
    limited(&text, "calendars one inside the other");
}

#[test]
fn open_hours_minute_by_minute() {
    let lines: Vec<String> = (0..59)
        .map(|m| format!("{{ days = [\"Mon\"], from = \"09:{m:02}\", to = \"09:{:02}\" }}", m + 1))
        .collect();
    let open = format!("= [{}]", lines.join(", "));
    limited(
        &replaced(HOSTED, "= [{ from = \"Sun 17:00\", to = \"Fri 17:00\" }]", &open),
        "lines of open hours",
    );
}

#[test]
fn a_matrix_for_every_obligation() {
    let one = "\n[[obligation]]\nid = \"N\"\nclause = [\"SH-BAK-01\"]\nparty = \"provider\"\nbinding = \"duty\"\non = \"request.received\"\nwithin = \"matrix.response\"\ncalendar = \"bh\"\nmet_by = { event = \"request.replied\" }\n";
    let mut text = HOSTED.to_owned();
    (0..20).for_each(|n| text.push_str(&one.replace('N', &format!("o{n}"))));
    limited(&text, "targets by words");
}

/// The longest term that is walked through, with every obligation in three calendars: a moment, not minutes.
#[test]
fn twenty_years_are_walked_through() {
    let years = (2026..2046).map(|year| format!("{year} = [\"{year}-12-25\"]\n")).collect::<String>();
    let text = replaced(HOSTED, "= 2027-03-01T00:00:00Z", "= 2046-02-28T00:00:00Z");
    let start = text.find("2026 = [").expect("the list stands there");
    let end = text.find("[[alias]]").expect("what follows the list");
    let text = format!("{}{years}\n{}", &text[..start], &text[end..]);
    let checked = report::check(&text);
    assert!(checked.findings.iter().all(|f| f.rule != "limit" && f.rule != "read"), "{:?}", checked.findings);
    assert_eq!(checked.worst_waits.len(), 12);
}

#[test]
fn a_thousand_findings_are_enough() {
    let junk: String = (0..4_000).map(|n| format!("junk{n} = 1\n")).collect();
    let checked = report::check(&format!("{junk}{ISOLATED}"));
    assert_eq!(checked.findings.len(), report::FINDINGS_MAX + 1);
    assert!(checked.findings[report::FINDINGS_MAX].message.contains("more findings"));
}

#[test]
fn a_file_too_long_to_be_one_is_refused_unread() {
    let text = " ".repeat(Agreement::BYTES_MAX + 1);
    let checked = report::check(&text);
    assert_eq!(checked.findings.len(), 1);
    assert!(checked.findings[0].message.contains("longer than"));
}

/// Thousands of mistakes in one line of a megabyte.
#[test]
fn one_line_without_end() {
    let keys: Vec<String> = (0..80_000).map(|n| format!("k{n} = 1")).collect();
    let text = format!("agreement = {{ {} }}", keys.join(", "));
    let checked = report::check(&text);
    let page = report::render(&checked.findings, "a.toml", &text);
    assert!(page.contains("--> a.toml:1:15\n"), "{}", &page[..400]);
}

/// Nesting as deep as bytes allow: the parser's own limit answers, not the stack.
#[test]
fn brackets_without_end() {
    for open in ["a = [", "a = {b = "] {
        let text = format!("{}{}", open, open.trim_start_matches("a = ").repeat(200_000));
        assert!(report::check(&text).agreement.is_none());
    }
}
