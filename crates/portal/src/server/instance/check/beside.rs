//! What somebody else put in force while a check was being edited, beside what was written.

use facts::CheckDefined;

use super::typed::{Row, draft, paces};
use crate::server::form::Sent;

/// Fields of one value, by their names, and how they are called beside one another.
const FIELDS: [(&str, &str); 10] = [
    ("every", "Asked every, in seconds"),
    ("timeout", "Waits, in milliseconds"),
    ("url", "Address"),
    ("method", "Method"),
    ("expect", "Good status codes"),
    ("redirects", "Redirects"),
    ("within", "The whole answer within, in milliseconds"),
    ("question", "The question, as JSON"),
    ("again", "Asked again, times"),
    ("after", "Milliseconds between them"),
];

/// Who changed it, when, and each field in which it differs.
pub(super) struct Beside {
    pub(super) who: String,
    pub(super) when: String,
    pub(super) differing: Vec<Differing>,
}

/// A field, as it stands and as it was written here; what is empty says nothing.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Differing {
    pub(super) field: String,
    pub(super) stands: String,
    pub(super) written: String,
}

impl Beside {
    /// Both as the form writes them, so that another way of writing is no difference.
    pub(super) fn of(stands: &CheckDefined, written: &CheckDefined, who: String, when: String) -> Beside {
        Beside { who, when, differing: differing(&draft(stands), &draft(written)) }
    }
}

fn differing(stands: &Sent, written: &Sent) -> Vec<Differing> {
    let fields = FIELDS.map(|(name, label)| (label.to_owned(), stands.get(name), written.get(name)));
    let fields = fields.map(|(field, stands, written)| (field, stands.to_owned(), written.to_owned()));
    let all = fields.into_iter().chain(lines("Wanted, line", &rows(stands), &rows(written)));
    let all = all.chain(lines("How fast, line", &speeds(stands), &speeds(written)));
    all.filter(|(_, stands, written)| stands != written)
        .map(|(field, stands, written)| Differing { field, stands, written })
        .collect()
}

/// Line by line, by number, as far as either goes.
fn lines(what: &str, stands: &[String], written: &[String]) -> Vec<(String, String, String)> {
    let at = |lines: &[String], place: usize| lines.get(place).cloned().unwrap_or_default();
    let count = stands.len().max(written.len());
    (0..count).map(|place| (format!("{what} {}", place + 1), at(stands, place), at(written, place))).collect()
}

fn rows(sent: &Sent) -> Vec<String> {
    let told = |row: Row| {
        let words = [row.of, row.name, row.must, row.value];
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    };
    Row::all(sent).into_iter().map(told).collect()
}

fn speeds(sent: &Sent) -> Vec<String> {
    let told = |[_, percentile, within, over]: [String; 4]| match percentile.is_empty() {
        true => String::new(),
        false => format!("{percentile} of a hundred within {within} ms over {over} s"),
    };
    paces(sent).into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(more: &str) -> CheckDefined {
        let http = r#""method":"GET","url":"https://a.example/""#;
        let text =
            format!(r#"{{"instance":"wiki","check":"a","every_s":20,"what":{{"http":{{{http}}}}}{more}}}"#);
        serde_json::from_str(&text).expect(&text)
    }

    #[test]
    fn a_line_that_only_one_has_is_told_and_the_same_is_not() {
        let pace = check(r#","objectives":[{"percentile":99,"within_us":800000}]"#);
        let told =
            |a: &CheckDefined, b: &CheckDefined| Beside::of(a, b, String::new(), String::new()).differing;
        assert_eq!(told(&pace, &pace), []);
        let field = "How fast, line 1".to_owned();
        let stands = "99 of a hundred within 800 ms over 300 s".to_owned();
        assert_eq!(told(&pace, &check("")), [Differing { field, stands, written: String::new() }]);
    }
}
