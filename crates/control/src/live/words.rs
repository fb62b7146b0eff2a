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
const MESSAGES: [&str; 5] = ["summary", "message", "notes", "evidence", "footer"];
/// What a vantage point sends to a service is held to its own rules ([`facts::what`]), and may end its lines as it has to.
const QUESTION: &str = "what";

/// Line ends as they are kept, and nothing that a reader could not see or would read otherwise than it is.
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
        Value::String(text) if TITLES.contains(&field) => {
            line(field, text, TITLE_CHARS_MAX)?;
            shows(field, text)?;
        }
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

/// One line of visible text.
pub(super) fn line(field: &str, text: &str, max: usize) -> Result<(), NotDone> {
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
    let refused = |char: &char| char.is_control() && !matches!(char, '\n' | '\t') || is_turning(*char);
    match text.chars().find(refused) {
        Some(char) => Err(wrong(field, &format!("it may hold line ends and tabs, and no {}", code(char)))),
        None => shows(field, &text).map(|()| text),
    }
}

/// That something of it is seen. What is not there at all is for those to judge who ask for it.
pub(super) fn shows(field: &str, text: &str) -> Result<(), NotDone> {
    if text.is_empty() || !text.chars().all(is_blank) {
        return Ok(());
    }
    Err(wrong(field, "nothing of it can be seen: write something"))
}

/// Control characters, line ends of any kind, what has no width, and what turns the direction of the letters behind it, so that
/// one thing is shown and another is meant.
fn is_hidden(char: char) -> bool {
    char.is_control() || is_turning(char) || is_without_width(char) || matches!(char, '\u{2028}' | '\u{2029}')
}

/// What embeds, overrides or isolates a direction of letters (UAX 9, 2.1 to 2.5).
fn is_turning(char: char) -> bool {
    matches!(char, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Joiners, marks of direction, invisible operators, soft hyphens: two names that differ in one of them look alike. In a message
/// they belong to how some languages and emoji are written.
fn is_without_width(char: char) -> bool {
    matches!(char, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// What leaves the paper white: besides spaces and hidden characters the fillers of Hangul, an empty Braille cell, and what only
/// varies the character before it.
fn is_blank(char: char) -> bool {
    char.is_whitespace()
        || is_hidden(char)
        || matches!(char, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{34f}')
        || matches!(char, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e007f}')
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
        RequestResolved {
            ticket: "T-1".parse().unwrap(),
            summary: summary.to_owned(),
            outcome: facts::Resolution::Solved,
        }
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
        for text in ["\u{202a}a", "a\u{202e}b", "a\u{2066}", "\u{2069}"] {
            assert!(tidied(Some(text), resolved("Done.")).unwrap_err().contains("U+20"), "{text:?}");
        }
        for text in ["\u{200b}", " \u{200d}\n\u{feff}", "\u{2800}\u{3164}"] {
            let why = tidied(Some(text), resolved("Done.")).unwrap_err();
            assert!(why.starts_with("`text`: nothing of it can be seen"), "{text:?}: {why}");
        }
        // A family is joined by what has no width, and a language is too.
        assert!(tidied(Some("👨\u{200d}👩\u{200d}👧 می\u{200c}خواهم"), resolved("Done.")).is_ok());
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
        let unseen = [
            "P\u{200b}1",
            "P1\u{200f}",
            "P\u{61c}1",
            "P\u{2060}1",
            "P\u{2064}1",
            "\u{feff}P1",
            "P\u{ad}1",
            "P\u{180e}1",
        ];
        for word in ["P\n1", "P\u{0}1", "\u{202e}1P", "\u{2066}P1", "P1\u{2028}"].into_iter().chain(unseen) {
            let why = tidied(None, change(word)).unwrap_err();
            assert!(why.starts_with("`priority`: ") && why.contains("U+"), "{word:?}: {why}");
        }
        for title in [" ", "\u{a0}\u{3000}", "\u{2800}", "\u{3164}\u{fe0f}"] {
            let why = all("title", &mut title.into()).unwrap_err().to_string();
            assert!(why.starts_with("`title`: nothing of it"), "{title:?}: {why}");
        }
        let why = line("title", &"é".repeat(201), TITLE_CHARS_MAX).unwrap_err().to_string();
        assert_eq!(why, "`title`: it has 201 characters, and may have 200");
        assert!(line("title", &"é".repeat(200), TITLE_CHARS_MAX).is_ok());
    }
}
