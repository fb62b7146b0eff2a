//! A document as plain text and as Markdown.

use super::{Block, Document, Item, Table};

/// The longest line of plain text, tables aside.
const TEXT_CHARS_MAX: usize = 72;

/// Plain text.
pub(super) fn text(document: &Document) -> String {
    let mut out = format!("{}\n{}\n", document.title, "=".repeat(chars(&document.title)));
    for (number, section) in (1..).zip(&document.sections) {
        let title = format!("{number}. {}", section.title);
        out += &format!("\n\n{title}\n{}\n", "-".repeat(chars(&title)));
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Paragraph(item) => wrap(&sentence(item, "", plain), "", "", &mut out),
                Block::List(items) => {
                    for item in items {
                        wrap(&sentence(item, "", plain), "  - ", "    ", &mut out);
                    }
                }
                Block::Table(table) => text_table(table, &mut out),
            }
        }
    }
    out
}

/// Markdown.
pub(super) fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n", escaped(&document.title));
    for (number, section) in (1..).zip(&document.sections) {
        out += &format!("\n## {number}. {}\n", section.title);
        for block in &section.blocks {
            out.push('\n');
            match block {
                Block::Paragraph(item) => out += &format!("{}\n", sentence(item, "**", escaped)),
                Block::List(items) => {
                    for item in items {
                        out += &format!("- {}\n", sentence(item, "**", escaped));
                    }
                }
                Block::Table(table) => markdown_table(table, &mut out),
            }
        }
    }
    out
}

/// A text as Markdown shows it letter by letter: what the parties wrote is never markup.
fn escaped(text: &str) -> String {
    let marked = |c: char| if "\\`*_<>[]|#".contains(c) { vec!['\\', c] } else { vec![c] };
    text.chars().flat_map(marked).collect()
}

/// A text as it stands.
fn plain(text: &str) -> String {
    text.to_owned()
}

/// `Label: text [SH-AVAIL-01, SH-AVAIL-02].` A text that leads to a list or table ends in its colon.
fn sentence(item: &Item, marks: &str, write: fn(&str) -> String) -> String {
    let label = item.label.as_ref().map(|label| format!("{marks}{}{marks}: ", write(label)));
    let end = if item.text.ends_with(':') { "" } else { "." };
    format!("{}{}{}{end}", label.unwrap_or_default(), write(&item.text), brackets(&item.clauses))
}

fn brackets(clauses: &[String]) -> String {
    if clauses.is_empty() { String::new() } else { format!(" [{}]", clauses.join(", ")) }
}

/// Writes a text in lines, the first and the others indented as told.
fn wrap(text: &str, first: &str, rest: &str, out: &mut String) {
    let mut line = first.to_owned();
    let mut empty = true;
    for word in text.split_whitespace() {
        if !empty && chars(&line) + 1 + chars(word) > TEXT_CHARS_MAX {
            out.push_str(&line);
            out.push('\n');
            line = rest.to_owned();
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line.push_str(word);
        empty = false;
    }
    out.push_str(&line);
    out.push('\n');
}

fn text_table(table: &Table, out: &mut String) {
    let widths = widths(table);
    let line = |cells: &[String]| {
        let cells = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned() + "\n"
    };
    *out += &line(&table.head);
    *out += &line(&widths.iter().map(|width| "-".repeat(*width)).collect::<Vec<_>>());
    for row in &table.rows {
        *out += &line(row);
    }
    if !table.clauses.is_empty() {
        wrap(brackets(&table.clauses).trim_start(), "  ", "  ", out);
    }
}

fn markdown_table(table: &Table, out: &mut String) {
    let line = |cells: &[String]| {
        format!("| {} |\n", cells.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join(" | "))
    };
    *out += &line(&table.head);
    *out += &line(&table.head.iter().map(|_| "---".to_owned()).collect::<Vec<_>>());
    for row in &table.rows {
        *out += &line(row);
    }
    if !table.clauses.is_empty() {
        *out += &format!("\n{}\n", brackets(&table.clauses).trim_start());
    }
}

fn widths(table: &Table) -> Vec<usize> {
    let column = |at: usize| table.rows.iter().filter_map(move |row| row.get(at)).chain(table.head.get(at));
    (0..table.head.len()).map(|at| column(at).map(|cell| chars(cell)).max().unwrap_or(0)).collect()
}

fn chars(text: &str) -> usize {
    text.chars().count()
}
