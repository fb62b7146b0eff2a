//! What was found in a file, as people and programs read it: with file, line, column and a caret, or as JSON.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use crate::around::lint_around;
use crate::{
    agreement::Agreement,
    finding::{Finding, Position, Weight},
    lint::WorstWait,
    register::Register,
};

/// A file's text, read and judged.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The agreement, where the text can be read. It can be used only where no finding is an error.
    pub agreement: Option<Agreement>,
    /// Everything found, in the file's order.
    pub findings: Vec<Finding>,
    /// How long each cell of each matrix can take (L-05).
    pub worst_waits: Vec<WorstWait>,
}

impl Checked {
    /// Whether nothing found is an error: the file can be signed.
    pub fn is_sound(&self) -> bool {
        self.agreement.is_some() && self.findings.iter().all(|f| f.weight != Weight::Error)
    }
}

/// The most findings that are told at once; who mends a thousand looks again anyway.
pub const FINDINGS_MAX: usize = 1_000;

/// Reads a text and judges what it says, all findings at once: where something cannot be read, the rest is judged around it.
pub fn check(text: &str) -> Checked {
    checked(text, |agreement| agreement.lint())
}

/// As [`check`], of a text that follows a version in force ([`Agreement::lint_after`]).
pub fn check_after(text: &str, earlier: &Agreement) -> Checked {
    checked(text, |agreement| [agreement.lint(), agreement.lint_after(earlier)].concat())
}

fn checked(text: &str, lint: impl Fn(&Agreement) -> Vec<Finding>) -> Checked {
    let (agreement, mut findings) = Agreement::read(text);
    let worst_waits = agreement.as_ref().map(Agreement::worst_waits).unwrap_or_default();
    let lints = match &agreement {
        Some(agreement) => lint(agreement),
        None => lint_around(text, &findings),
    };
    findings.extend(lints);
    findings.sort_by_key(|f| (f.place.0.start, f.weight));
    Checked { agreement, findings: at_most(findings), worst_waits }
}

/// The first findings, and an error that says how many more there are.
fn at_most(mut findings: Vec<Finding>) -> Vec<Finding> {
    let more = findings.len().saturating_sub(FINDINGS_MAX);
    if more > 0 {
        findings.truncate(FINDINGS_MAX);
        let place = findings[FINDINGS_MAX - 1].place.clone();
        let message = format!("and {more} more findings");
        findings.push(Finding::unreadable(place, message, "mend these first, then check again"));
    }
    findings
}

/// Columns of the page on which a long source line is cut around its mark.
const PAGE_COLUMNS: usize = 160;
/// A longer source line is not shown, only where it is: nobody wrote it for reading.
const LINE_BYTES_MAX: usize = 2_000;
/// A finding of more clauses lists their ids alone, without their texts.
const CLAUSE_TEXTS_MAX: usize = 3;
/// The most ids in one line; the rows for programs hold all of them.
const CLAUSE_IDS_MAX: usize = 12;
/// A clause's text is cut after so many characters.
const CLAUSE_CHARS_MAX: usize = 100;

/// Every finding with its source line, a caret, its clauses and a way out; a summary line at the end.
pub fn render(findings: &[Finding], file: &str, text: &str) -> String {
    let renderer = Renderer::plain().term_width(PAGE_COLUMNS);
    let mut page = String::new();
    for finding in findings {
        page.push_str(&renderer.render(&[group(finding, file, text)]));
        page.push_str("\n\n");
    }
    page.push_str(&summary(findings));
    page.push('\n');
    page
}

fn group<'t>(finding: &'t Finding, file: &'t str, text: &'t str) -> Group<'t> {
    let level = match finding.weight {
        Weight::Error => Level::ERROR,
        Weight::Warning => Level::WARNING,
        Weight::Note => Level::NOTE,
    };
    let (number, line, marked) = marked_line(finding, text);
    let title = level.primary_title(&finding.message).id(finding.rule);
    let mut group = if line.len() > LINE_BYTES_MAX {
        let column = line[..marked.start].chars().count() + 1;
        title.element(Origin::path(file).line(number).char_column(column))
    } else {
        let snippet = Snippet::source(line).line_start(number).path(file);
        title.element(snippet.annotation(AnnotationKind::Primary.span(marked)))
    };
    for clause in clauses(finding) {
        group = group.element(Level::NOTE.with_name(Some("clause")).message(clause));
    }
    group.element(Level::HELP.message(&finding.way_out))
}

/// The line on which the finding begins, its number from 1, and the marked bytes in it: a place over several lines is marked
/// on its first.
fn marked_line<'t>(finding: &Finding, text: &'t str) -> (usize, &'t str, std::ops::Range<usize>) {
    let start = text.floor_char_boundary(finding.place.0.start);
    let end = text.floor_char_boundary(finding.place.0.end).max(start);
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[start..].find('\n').map_or(text.len(), |at| start + at);
    let line = text[from..to].trim_end_matches('\r');
    let number = text[..from].matches('\n').count() + 1;
    let last = (end - from).min(line.len());
    (number, line, (start - from).min(last)..last)
}

/// The clauses of a finding with their texts; of many only the ids.
fn clauses(finding: &Finding) -> Vec<String> {
    match finding.clauses.len() {
        0 => Vec::new(),
        1..=CLAUSE_TEXTS_MAX => finding.clauses.iter().map(|id| with_text(id)).collect(),
        count if count <= CLAUSE_IDS_MAX => vec![finding.clauses.join(", ")],
        count => {
            let first = finding.clauses[..CLAUSE_IDS_MAX].join(", ");
            vec![format!("{first} and {} more", count - CLAUSE_IDS_MAX)]
        }
    }
}

fn with_text(id: &str) -> String {
    let Some(clause) = Register::get().clause(id) else { return id.to_owned() };
    match clause.text.char_indices().nth(CLAUSE_CHARS_MAX) {
        Some((cut, _)) => format!("{id} ({}…)", &clause.text[..cut]),
        None => format!("{id} ({})", clause.text),
    }
}

/// `3 errors, 1 warning, 0 notes`.
pub fn summary(findings: &[Finding]) -> String {
    let count = |weight| findings.iter().filter(|f| f.weight == weight).count();
    let of = |weight: Weight| match count(weight) {
        1 => format!("1 {}", weight.name()),
        many => format!("{many} {}s", weight.name()),
    };
    [Weight::Error, Weight::Warning, Weight::Note].map(of).join(", ")
}

/// A finding for programs. Lines and columns count from 1, columns in characters; the end is the first one after the place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingRow<'f> {
    /// `error`, `warning` or `note`.
    pub weight: &'static str,
    /// The rule that found it.
    pub rule: &'static str,
    /// The file's name, as given.
    pub file: &'f str,
    /// The line on which it begins.
    pub line: usize,
    /// The character in that line.
    pub column: usize,
    /// The line on which it ends.
    pub end_line: usize,
    /// The first character after it.
    pub end_column: usize,
    /// The clauses concerned.
    pub clauses: &'f [String],
    /// What is wrong.
    pub message: &'f str,
    /// What to do about it.
    pub way_out: &'f str,
}

/// Every finding for programs, in the same order.
pub fn rows<'f>(findings: &'f [Finding], file: &'f str, text: &str) -> Vec<FindingRow<'f>> {
    let row = |finding: &'f Finding| {
        let (start, end) =
            (Position::of(text, finding.place.0.start), Position::of(text, finding.place.0.end));
        FindingRow {
            weight: finding.weight.name(),
            rule: finding.rule,
            file,
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
            clauses: &finding.clauses,
            message: &finding.message,
            way_out: &finding.way_out,
        }
    };
    findings.iter().map(row).collect()
}

/// The worst-case waits as a table, a line for each cell; empty where there is no matrix.
pub fn waits_table(waits: &[WorstWait]) -> String {
    let head = ["row", "column", "target", "calendar", "longest wait", "begun", "due"].map(str::to_owned);
    let lines = waits.iter().map(|w| {
        let (wait, at, due) = (w.wait.to_string(), w.at.to_string(), w.due.to_string());
        [w.row.clone(), w.column.clone(), w.target.clone(), w.calendar.clone(), wait, at, due]
    });
    let table: Vec<[String; 7]> =
        if waits.is_empty() { Vec::new() } else { [head].into_iter().chain(lines).collect() };
    let width = |column: usize| table.iter().map(|line| line[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |cells: &[String; 7]| {
        let padded = cells.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", padded.collect::<Vec<_>>().join("  ").trim_end())
    };
    table.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Place;

    fn one(text: &str, marked: &str) -> String {
        let start = text.find(marked).expect("it stands there");
        let finding = Finding {
            clauses: vec!["SH-CAL-02".to_owned()],
            ..Finding::unreadable(Place(start..start + marked.len()), "not so", "write it so")
        };
        render(&[finding], "a.toml", text)
    }

    #[test]
    fn a_caret_stands_under_what_is_meant() {
        insta::assert_snapshot!(one("x = 1\nlength = \"5h\" # so long\n", "\"5h\""), @r#"
        error[read]: not so
         --> a.toml:2:10
          |
        2 | length = "5h" # so long
          |          ^^^^
          |
          = clause: SH-CAL-02 (...except holidays as observed in Amsterdam local time)
          = help: write it so

        1 error, 0 warnings, 0 notes
        "#);
    }

    #[test]
    fn tabs_wide_letters_and_ends_of_line_do_not_move_the_caret() {
        insta::assert_snapshot!(one("\tname = \"見本\"\tx = 5\r\ny = 6", "5"), @r#"
        error[read]: not so
         --> a.toml:1:18
          |
        1 |     name = "見本"    x = 5
          |                          ^
          |
          = clause: SH-CAL-02 (...except holidays as observed in Amsterdam local time)
          = help: write it so

        1 error, 0 warnings, 0 notes
        "#);
        insta::assert_snapshot!(one("a = [\n  1,\n]", "[\n  1,\n]"), @r"
        error[read]: not so
         --> a.toml:1:5
          |
        1 | a = [
          |     ^
          |
          = clause: SH-CAL-02 (...except holidays as observed in Amsterdam local time)
          = help: write it so

        1 error, 0 warnings, 0 notes
        ");
        insta::assert_snapshot!(render(&[Finding::unreadable(Place(9..12), "gone", "stay")], "b.toml", "é"), @r"
        error[read]: gone
         --> b.toml:1:2
          |
        1 | é
          |  ^
          |
          = help: stay

        1 error, 0 warnings, 0 notes
        ");
    }

    #[test]
    fn the_summary_counts() {
        let note = Finding { weight: Weight::Note, ..Finding::unreadable(Place(0..0), "a", "b") };
        let error = Finding::unreadable(Place(0..0), "a", "b");
        assert_eq!(summary(&[error.clone(), note, error]), "2 errors, 0 warnings, 1 note");
    }

    #[test]
    fn programs_get_lines_and_columns_in_characters() {
        let text = "é = 1\nü = 2\n";
        let finding = Finding::unreadable(Place(9..13), "m", "w");
        let row = serde_json::to_value(rows(&[finding], "c.toml", text)).expect("plain data");
        assert_eq!(
            row,
            serde_json::json!([{
                "weight": "error", "rule": "read", "file": "c.toml", "line": 2, "column": 2, "end_line": 2,
                "end_column": 6, "clauses": [], "message": "m", "way_out": "w",
            }])
        );
    }
}
