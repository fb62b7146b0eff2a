//! What people write: how long it may be, and which characters it may hold. One place for pages, the API and the command line:
//! what is on record is there for ever, and is shown to others.

use std::borrow::Cow;

use facts::Body;
use serde_json::Value;

use super::{Act, NotDone, act::TEXT_BYTES_MAX};

/// Characters of a title or a name.
pub const TITLE_CHARS_MAX: usize = 200;
/// Characters of anything else that is one line: a reason, a cause, an address.
pub const LINE_CHARS_MAX: usize = 4_096;

const TITLES: [&str; 2] = ["title", "name"];
/// Fields that hold a message: it may have several lines.
const MESSAGES: [&str; 4] = ["summary", "message", "notes", "evidence"];
/// What a vantage point sends to a service is held to its own rules ([`facts::what`]), and may end its lines as it has to.
const QUESTION: &str = "what";

/// Line ends as they are kept, and nothing that a reader could not see.
pub(super) fn tidy(act: &mut Act) -> Result<(), NotDone> {
    line("by", &act.actor.id, TITLE_CHARS_MAX)?;
    if let Some(text) = &mut act.text {
        *text = message("text", text)?.into_owned();
    }
    for body in &mut act.bodies {
        let why = |error: serde_json::Error| wrong("data", &error.to_string());
        let mut value = serde_json::to_value(&*body).map_err(why)?;
        if all("data", &mut value)? {
            *body = serde_json::from_value::<Body>(value).map_err(why)?;
        }
    }
    Ok(())
}

/// Looks at every text below a field; says whether one had to be written otherwise.
fn all(field: &str, value: &mut Value) -> Result<bool, NotDone> {
    let mut changed = false;
    match value {
        Value::String(text) if MESSAGES.contains(&field) => {
            if let Cow::Owned(tidied) = message(field, text)? {
                *text = tidied;
                changed = true;
            }
        }
        Value::String(text) if TITLES.contains(&field) => line(field, text, TITLE_CHARS_MAX)?,
        Value::String(text) => line(field, text, LINE_CHARS_MAX)?,
        Value::Array(items) => {
            for item in items {
                changed |= all(field, item)?;
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut().filter(|(name, _)| *name != QUESTION) {
                changed |= all(name, value)?;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(changed)
}

fn line(field: &str, text: &str, max: usize) -> Result<(), NotDone> {
    let found = text.chars().count();
    if max < found {
        return Err(wrong(field, &format!("it has {found} characters, and may have {max}")));
    }
    match text.chars().find(|char| is_hidden(*char)) {
        Some(char) => Err(wrong(field, &format!("it is one line of visible text, without {}", code(char)))),
        None => Ok(()),
    }
}

/// Several lines, each ended by a line feed.
fn message<'t>(field: &str, text: &'t str) -> Result<Cow<'t, str>, NotDone> {
    if TEXT_BYTES_MAX < text.len() {
        return Err(NotDone::TooMuch { what: "bytes of a message", found: text.len(), max: TEXT_BYTES_MAX });
    }
    let text = if text.contains('\r') { text.replace("\r\n", "\n").into() } else { Cow::Borrowed(text) };
    match text.chars().find(|char| char.is_control() && !matches!(char, '\n' | '\t')) {
        Some(char) => Err(wrong(field, &format!("it may hold line ends and tabs, and no {}", code(char)))),
        None => Ok(text),
    }
}

/// Control characters, line ends of any kind, and what turns the direction of the letters behind it, so that one thing is shown
/// and another is meant.
fn is_hidden(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn code(char: char) -> String {
    format!("U+{:04X}", u32::from(char))
}

fn wrong(field: &str, why: &str) -> NotDone {
    NotDone::Wrong { field: field.to_owned(), why: why.to_owned() }
}

#[cfg(test)]
mod tests {
    use facts::{Actor, RequestReprioritised, RequestResolved};

    use super::*;

    fn tidied(text: Option<&str>, body: impl Into<Body>) -> Result<Act, String> {
        let client = "acme".parse().unwrap();
        let mut act = Act { text: text.map(str::to_owned), ..Act::new(&client, Actor::client("jan"), body) };
        tidy(&mut act).map_err(|why| why.to_string())?;
        Ok(act)
    }

    fn resolved(summary: &str) -> RequestResolved {
        RequestResolved { ticket: "T-1".parse().unwrap(), summary: summary.to_owned() }
    }

    #[test]
    fn a_message_has_lines_and_nothing_else_that_is_not_seen() {
        let act = tidied(Some("One.\r\n\tTwo."), resolved("It was full.\r\nNow it is not.")).unwrap();
        assert_eq!(act.text.as_deref(), Some("One.\n\tTwo."));
        assert_eq!(act.bodies, [resolved("It was full.\nNow it is not.").into()]);
        for text in ["a\0b", "a\u{1b}[2J", "a\rb", "a\u{85}b"] {
            let why = tidied(Some(text), resolved("Done.")).unwrap_err();
            assert!(why.starts_with("`text`: ") && why.contains("U+00"), "{text:?}: {why}");
            let why = tidied(None, resolved(text)).unwrap_err();
            assert!(why.starts_with("`summary`: "), "{text:?}: {why}");
        }
    }

    #[test]
    fn a_word_a_name_and_a_title_are_one_visible_line() {
        let change = |priority: &str| RequestReprioritised {
            ticket: "T-1".parse().unwrap(),
            priority: Some(priority.to_owned()),
            urgency: None,
            message: "It grew.".to_owned(),
        };
        assert!(tidied(None, change("P1")).is_ok());
        for word in ["P\n1", "P\u{0}1", "\u{202e}1P", "\u{2066}P1", "P1\u{2028}"] {
            let why = tidied(None, change(word)).unwrap_err();
            assert!(why.starts_with("`priority`: ") && why.contains("U+"), "{word:?}: {why}");
        }
        let why = line("title", &"é".repeat(201), TITLE_CHARS_MAX).unwrap_err().to_string();
        assert_eq!(why, "`title`: it has 201 characters, and may have 200");
        assert!(line("title", &"é".repeat(200), TITLE_CHARS_MAX).is_ok());
    }
}
