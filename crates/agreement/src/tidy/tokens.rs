//! From text to lines: what the author wrote, in the author's order, without the author's spaces.

use toml_parser::{
    Source,
    parser::{Event, EventKind, parse_document},
};

use super::{Line, Member, Value};

/// The lines of a text that is TOML.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut events = Vec::new();
    parse_document(&tokens, &mut |event: Event| events.push(event), &mut ());
    events.retain(|event| event.kind() != EventKind::Whitespace);
    let mut reading = Reading { text, events: events.into_iter().peekable() };
    let mut lines = Vec::new();
    while reading.events.peek().is_some() {
        lines.extend(reading.line());
    }
    lines
}

struct Reading<'t> {
    text: &'t str,
    events: std::iter::Peekable<std::vec::IntoIter<Event>>,
}

impl Reading<'_> {
    /// One line of the document with its end; a list may reach over several.
    fn line(&mut self) -> Option<Line> {
        let event = self.events.next()?;
        match event.kind() {
            EventKind::Newline => Some(Line::Blank),
            EventKind::Comment => {
                self.take(EventKind::Newline);
                Some(Line::Comment(self.raw(&event).trim_end().to_owned()))
            }
            EventKind::StdTableOpen => Some(self.head("[", "]")),
            EventKind::ArrayTableOpen => Some(self.head("[[", "]]")),
            EventKind::SimpleKey => {
                let key = self.key(self.raw(&event).to_owned());
                let value = self.value();
                Some(Line::Entry(key, value, self.comment_and_end()))
            }
            _ => None,
        }
    }

    fn head(&mut self, open: &str, close: &str) -> Line {
        let name = self.key(String::new());
        self.events.next(); // The closing bracket.
        Line::Head(format!("{open}{name}{close}"), self.comment_and_end())
    }

    /// A key with its dots, up to the `=` or bracket, which stays for the caller except for `=`.
    fn key(&mut self, mut so_far: String) -> String {
        while let Some(event) =
            self.events.next_if(|e| matches!(e.kind(), EventKind::SimpleKey | EventKind::KeySep))
        {
            so_far += self.raw(&event);
        }
        self.take(EventKind::KeyValSep);
        so_far
    }

    fn comment_and_end(&mut self) -> Option<String> {
        let comment = self.comment();
        self.take(EventKind::Newline);
        comment
    }

    fn comment(&mut self) -> Option<String> {
        let event = self.take(EventKind::Comment)?;
        Some(self.raw(&event).trim_end().to_owned())
    }

    fn value(&mut self) -> Value {
        let Some(event) = self.events.next() else { return Value::Scalar(String::new()) };
        match event.kind() {
            EventKind::ArrayOpen => Value::List(self.members()),
            EventKind::InlineTableOpen => self.inline(event.span().start()),
            _ => Value::Scalar(self.raw(&event).to_owned()),
        }
    }

    /// The members of a list, whose bracket is behind us. A comment belongs to the value on whose line it stands.
    fn members(&mut self) -> Vec<Member> {
        let mut members: Vec<Member> = Vec::new();
        let mut same_line = false;
        while let Some(event) = self.events.peek().map(Event::kind) {
            match event {
                EventKind::ArrayClose => {
                    self.events.next();
                    break;
                }
                EventKind::Newline => {
                    self.events.next();
                    same_line = false;
                }
                EventKind::ValueSep => drop(self.events.next()),
                EventKind::Comment => {
                    let comment = self.comment().unwrap_or_default();
                    match members.last_mut() {
                        Some(Member::Value(_, about @ None)) if same_line => *about = Some(comment),
                        _ => members.push(Member::Comment(comment)),
                    }
                }
                _ => {
                    members.push(Member::Value(self.value(), None));
                    same_line = true;
                }
            }
        }
        members
    }

    /// A table in one line, whose brace is behind us. With comments in it, it is left as it stands.
    fn inline(&mut self, start: usize) -> Value {
        let mut entries = Vec::new();
        let mut commented = false;
        while let Some(event) = self.events.next() {
            match event.kind() {
                EventKind::InlineTableClose if commented => {
                    let raw = self.text.get(start..event.span().end()).unwrap_or_default();
                    return Value::Scalar(raw.to_owned());
                }
                EventKind::InlineTableClose => break,
                EventKind::SimpleKey => {
                    let key = self.key(self.raw(&event).to_owned());
                    let value = self.value();
                    commented |= value.has_comment();
                    entries.push((key, value));
                }
                kind => commented |= kind == EventKind::Comment,
            }
        }
        Value::Inline(entries)
    }

    fn take(&mut self, kind: EventKind) -> Option<Event> {
        self.events.next_if(|event| event.kind() == kind)
    }

    fn raw(&self, event: &Event) -> &'_ str {
        self.text.get(event.span().start()..event.span().end()).unwrap_or_default()
    }
}

impl Value {
    fn has_comment(&self) -> bool {
        let Value::List(members) = self else { return false };
        members.iter().any(|member| match member {
            Member::Comment(_) | Member::Value(_, Some(_)) => true,
            Member::Value(value, None) => value.has_comment(),
        })
    }
}
