//! The tidy form of an agreement file: the same content, laid out one way, with every comment kept.
//!
//! - One blank line before each table and its comments; none doubled, none at either end.
//! - In a table the `=` stand below each other, and so do short lines' comments.
//! - A list stands on one line where it fits in [`LINE_CHARS_MAX`] and names no more than one table; otherwise its tables, or
//!   whatever has a comment, stand one a line, and plain values fill the lines.
//! - Values, keys and comments themselves are never touched, so the file means what it meant.
//!
//! Tidying twice is tidying once. A signed file is refused: another layout is another text (docs/decisions/0005).

mod layout;
mod tokens;

use toml::de::DeTable;

use crate::{
    agreement::{Agreement, syntax},
    finding::{Finding, Place},
};

/// The longest line that a list is laid out on.
pub const LINE_CHARS_MAX: usize = 140;

/// Why a file cannot be tidied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TidyRefusal {
    /// It has signatures, which are about its exact bytes.
    #[error("the file is signed: a changed byte ends the signatures; make a new version of the file instead")]
    Signed,
    /// It is not TOML.
    #[error("the file cannot be read")]
    Unreadable(Vec<Finding>),
}

/// The tidy form of a file. It need not be a whole agreement, only TOML. `signed`: whether signatures lie beside it.
///
/// # Errors
/// Where it is signed, or cannot be read.
pub fn tidy(text: &str, signed: bool) -> Result<String, TidyRefusal> {
    if signed {
        return Err(TidyRefusal::Signed);
    }
    let findings = unreadable(text);
    if !findings.is_empty() {
        return Err(TidyRefusal::Unreadable(findings));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(layout::document(&spaced(tokens::lines(text))))
}

fn unreadable(text: &str) -> Vec<Finding> {
    if text.len() > Agreement::BYTES_MAX {
        let message = format!("the file is longer than {} bytes", Agreement::BYTES_MAX);
        return vec![Finding::unreadable(Place(0..0), message, "name an agreement file")];
    }
    DeTable::parse_recoverable(text).1.iter().map(syntax).collect()
}

/// A line of the file, as far as layout is concerned; an entry may be laid out on several.
enum Line {
    /// Nothing.
    Blank,
    /// A comment by itself.
    Comment(String),
    /// The head of a table, such as `[[credit.band]]`, and its comment.
    Head(String, Option<String>),
    /// A key, its value, and its comment.
    Entry(String, Value, Option<String>),
}

/// A value, as far as layout is concerned.
enum Value {
    /// What is written as one piece.
    Scalar(String),
    /// A list.
    List(Vec<Member>),
    /// A table in one line.
    Inline(Vec<(String, Value)>),
}

/// What stands in a list: a value with its comment, or a comment by itself.
enum Member {
    Value(Value, Option<String>),
    Comment(String),
}

/// Blank lines where the tidy form has them: one before each head and the comments that stand directly above it, and
/// where the author put some, except at either end and below a head.
fn spaced(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    for line in lines {
        match line {
            Line::Blank if matches!(out.last(), None | Some(Line::Blank | Line::Head(..))) => {}
            Line::Head(..) => {
                let comments = out.iter().rev().take_while(|above| matches!(above, Line::Comment(_))).count();
                let first = out.len() - comments;
                if first > 0 && !matches!(out[first - 1], Line::Blank) {
                    out.insert(first, Line::Blank);
                }
                out.push(line);
            }
            _ => out.push(line),
        }
    }
    if matches!(out.last(), Some(Line::Blank)) {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, tidied: &str) {
        assert_eq!(tidy(text, false).as_deref(), Ok(tidied));
        assert_eq!(tidy(tidied, false).as_deref(), Ok(tidied), "twice is once");
    }

    #[test]
    fn equals_signs_and_short_comments_stand_below_each_other() {
        check(
            "[probe]   #what is asked\nclause=['X'] # one\nevery = \"20s\"\ncalendar_of_it   =   \"always\"#three\n",
            concat!(
                "[probe]                                       #what is asked\n",
                "clause         = ['X']                        # one\n",
                "every          = \"20s\"\n",
                "calendar_of_it = \"always\"                     #three\n",
            ),
        );
        check("[year]\n2026=[]\n27 = []", "[year]\n2026 = []\n27   = []\n");
    }

    #[test]
    fn one_blank_line_before_each_table_and_its_comments() {
        check(
            "\n\n# top\n\n\na=1\n# about b\n[b]\n\nc=1\n\n\n\nd=2\n# end of b\n\n# about e\n[[e]]\n\n",
            "# top\n\na = 1\n\n# about b\n[b]\nc = 1\n\nd = 2\n# end of b\n\n# about e\n[[e]]\n",
        );
        check("[a]\n# c\n[b]\n", "[a]\n\n# c\n[b]\n");
        check("", "");
        check("# only a word", "# only a word\n");
    }

    #[test]
    fn lists_break_where_they_must() {
        check("a=[ 1,2 ,\n 3 ]", "a = [1, 2, 3]\n");
        check("a=[{ b = 1 , c=[2]}]", "a = [{ b = 1, c = [2] }]\n");
        check("a=[{b=1},{}]", "a = [\n  { b = 1 },\n  {},\n]\n");
        let end = format!("]{:45}# all\n", "");
        check("a=[1, # one\n# two\n2]# all", &format!("a = [\n  1,  # one\n  # two\n  2,\n{end}"));
        let many = (0..40).map(|n| format!("\"{n:02}\"")).collect::<Vec<_>>();
        let tidied = tidy(&format!("list = [{}]", many.join(",")), false).unwrap();
        assert!(tidied.lines().all(|line| line.len() <= LINE_CHARS_MAX), "{tidied}");
        assert_eq!(tidied.lines().count(), 4);
        check(&tidied, &tidied);
    }

    #[test]
    fn what_is_written_as_one_piece_stays_as_written() {
        check(
            "a . \"b c\" = '''x\n  y'''  # z",
            "a.\"b c\" = '''x\n  y'''                                        # z\n",
        );
        check("a = { b = 1, # why\n c = 2 }", "a = { b = 1, # why\n c = 2 }\n");
        check("[ a . 'b' ]\r\nc=2026-03-01 00:00:00Z\r\n", "[a.'b']\nc = 2026-03-01 00:00:00Z\n");
        check("\u{feff}a = 1.50", "a = 1.50\n");
        check("a='# b'#c", "a = '# b'                                     #c\n");
    }

    #[test]
    fn what_is_signed_or_no_toml_is_refused() {
        assert_eq!(tidy("a = 1", true), Err(TidyRefusal::Signed));
        let Err(TidyRefusal::Unreadable(findings)) = tidy("a = \nb = 1\nb = 2", false) else { panic!() };
        assert_eq!(findings.len(), 2, "{findings:?}");
    }
}
