//! From lines to text.

use super::{LINE_CHARS_MAX, Line, Member, Value};

/// Every table that names clauses pads its keys to at least this width, so that short tables line up with each other.
const KEY_CHARS: usize = 9;
/// Keys longer than this stick out instead of pushing their neighbours away.
const KEY_CHARS_MAX: usize = 20;
/// Comments begin here, or further right where a line of the table needs it.
const COMMENT_COLUMN: usize = 46;
/// Lines longer than this carry their comment two blanks behind, wherever that is.
const COMMENTED_CHARS_MAX: usize = 56;

/// The text of the whole file.
pub(super) fn document(lines: &[Line]) -> String {
    let mut out = String::new();
    let mut rest = lines;
    while !rest.is_empty() {
        let next_head = rest.iter().skip(1).position(|line| matches!(line, Line::Head(..)));
        let (table, after) = rest.split_at(next_head.map_or(rest.len(), |at| at + 1));
        write_table(table, &mut out);
        rest = after;
    }
    out
}

/// One table from its head to the next head.
fn write_table(lines: &[Line], out: &mut String) {
    let width = key_width(lines);
    let coded: Vec<(String, Option<&str>)> = lines.iter().map(|line| code(line, width)).collect();
    let column = comment_column(&coded);
    for (code, comment) in coded {
        out.push_str(&code);
        if let Some(comment) = comment {
            let blanks = column.saturating_sub(chars(&code)).max(2);
            out.extend(std::iter::repeat_n(' ', blanks));
            out.push_str(comment);
        }
        out.push('\n');
    }
}

fn key_width(lines: &[Line]) -> usize {
    let keys =
        || lines.iter().filter_map(|line| if let Line::Entry(key, ..) = line { Some(key) } else { None });
    let least = if keys().any(|key| key == "clause") { KEY_CHARS } else { 0 };
    keys()
        .map(|key| key.chars().count())
        .filter(|width| *width <= KEY_CHARS_MAX)
        .max()
        .unwrap_or(0)
        .max(least)
}

/// A line without its comment, and the comment.
fn code(line: &Line, key_width: usize) -> (String, Option<&str>) {
    match line {
        Line::Blank => (String::new(), None),
        Line::Comment(text) => (text.clone(), None),
        Line::Head(head, comment) => (head.clone(), comment.as_deref()),
        Line::Entry(key, value, comment) => {
            let key = format!("{key:key_width$} = ");
            let value = value.laid_out(chars(&key), 0);
            (key + &value, comment.as_deref())
        }
    }
}

fn comment_column(coded: &[(String, Option<&str>)]) -> usize {
    let short = coded.iter().filter(|(_, comment)| comment.is_some()).map(|(code, _)| chars(code));
    short
        .filter(|width| *width <= COMMENTED_CHARS_MAX)
        .map(|width| width + 2)
        .max()
        .unwrap_or(0)
        .max(COMMENT_COLUMN)
}

/// The width of a text's last line.
fn chars(text: &str) -> usize {
    text.rsplit('\n').next().unwrap_or(text).chars().count()
}

impl Value {
    /// The value as text, where it begins at this column of a line that is indented so far.
    fn laid_out(&self, column: usize, indent: usize) -> String {
        let fits = |flat: &String| !flat.contains('\n') && column + chars(flat) <= LINE_CHARS_MAX;
        match (self, self.flat()) {
            (Value::List(_), Some(flat)) if !self.is_list_of_tables() && fits(&flat) => flat,
            (Value::List(members), _) => broken(members, indent),
            (_, flat) => flat.unwrap_or_default(),
        }
    }

    /// On one line, but for the lines of a long text in it. None where a comment needs a line of its own, which only a list
    /// has: a table with comments in it is a scalar to us.
    fn flat(&self) -> Option<String> {
        match self {
            Value::Scalar(text) => Some(text.clone()),
            Value::List(members) => {
                let flat = |member: &Member| match member {
                    Member::Value(value, None) => value.flat(),
                    _ => None,
                };
                let members: Option<Vec<String>> = members.iter().map(flat).collect();
                members.map(|members| format!("[{}]", members.join(", ")))
            }
            Value::Inline(entries) if entries.is_empty() => Some("{}".to_owned()),
            Value::Inline(entries) => {
                let flat = |(key, value): &(String, Value)| Some(format!("{key} = {}", value.flat()?));
                let entries: Option<Vec<String>> = entries.iter().map(flat).collect();
                entries.map(|entries| format!("{{ {} }}", entries.join(", ")))
            }
        }
    }

    fn is_list_of_tables(&self) -> bool {
        let table = |member: &Member| matches!(member, Member::Value(Value::Inline(_), _));
        matches!(self, Value::List(members) if members.len() > 1 && members.iter().all(table))
    }
}

/// A list over several lines: plain values fill them, everything else stands by itself.
fn broken(members: &[Member], indent: usize) -> String {
    let inner = indent + 2;
    let plain = |member: &Member| match member {
        Member::Value(Value::Scalar(text), None) if !text.contains('\n') => Some(format!("{text},")),
        _ => None,
    };
    let lines = match members.iter().map(plain).collect::<Option<Vec<String>>>() {
        Some(values) => filled(&values, inner),
        None => members.iter().map(|member| one(member, inner)).collect(),
    };
    let body: String = lines.iter().map(|line| format!("{:inner$}{line}\n", "")).collect();
    format!("[\n{body}{:indent$}]", "")
}

fn one(member: &Member, indent: usize) -> String {
    match member {
        Member::Comment(comment) => comment.clone(),
        Member::Value(value, comment) => {
            let value = value.laid_out(indent, indent);
            let comment = comment.as_ref().map(|comment| format!("  {comment}")).unwrap_or_default();
            format!("{value},{comment}")
        }
    }
}

fn filled(values: &[String], indent: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for value in values {
        match lines.last_mut() {
            Some(line) if indent + chars(line) + 1 + chars(value) <= LINE_CHARS_MAX => {
                line.push(' ');
                line.push_str(value);
            }
            _ => lines.push(value.clone()),
        }
    }
    lines
}
