//! What is wrong with a file, where, and what to do about it.

use std::{fmt, ops::Range};

/// A place in the file's text: byte offsets, half-open. Two places are always equal, so that two readings of one
/// agreement compare by what they say and not by where they say it.
#[derive(Debug, Clone, Default, Eq)]
pub struct Place(pub Range<usize>);

impl PartialEq for Place {
    fn eq(&self, _: &Place) -> bool {
        true
    }
}

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Weight {
    /// The file cannot be signed or used.
    Error,
    /// The file works; somebody may be surprised by what it says.
    Warning,
    /// Worth knowing before signing.
    Note,
}

impl Weight {
    /// The word printed before a finding.
    pub fn name(self) -> &'static str {
        match self {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Note => "note",
        }
    }
}

/// One thing found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it weighs.
    pub weight: Weight,
    /// The rule that found it: one of [`crate::lint::LINTS`], `limit` for what is too large to judge, or `read` for what
    /// cannot be read at all.
    pub rule: &'static str,
    /// Where.
    pub place: Place,
    /// The clauses concerned, if any.
    pub clauses: Vec<String>,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub way_out: String,
}

impl Finding {
    /// Something that cannot be read.
    pub fn unreadable(place: Place, message: impl Into<String>, way_out: impl Into<String>) -> Finding {
        Finding {
            weight: Weight::Error,
            rule: "read",
            place,
            clauses: Vec::new(),
            message: message.into(),
            way_out: way_out.into(),
        }
    }
}

/// A line and column in a text, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

impl Position {
    /// Where a byte offset lies in a text. An offset past the end is the end.
    pub fn of(text: &str, offset: usize) -> Position {
        let offset = (0..=offset.min(text.len())).rev().find(|o| text.is_char_boundary(*o)).unwrap_or(0);
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Position { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}
