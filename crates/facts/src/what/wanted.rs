//! What an answer must be besides its code.

use serde::{Deserialize, Serialize};

use super::{http::is_token, too_long};

/// The most things that are wanted of one answer.
pub const WANTED_MAX: usize = 16;
/// The most bytes of a pattern or a path: what is looked for, in a megabyte, within milliseconds.
const PATTERN_MAX: usize = 512;

/// One thing an answer must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Wanted {
    /// Of one of its headers.
    Header(HeaderWanted),
    /// Of its body, as text, within its first [`DOCUMENT_MAX`](super::DOCUMENT_MAX) bytes.
    Body(Must),
    /// Of its body as JSON, which is then at most 256 KiB.
    Json(JsonWanted),
}

/// What a header must be; of several of the same name, one of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HeaderWanted {
    /// The name, in any case.
    pub name: String,
    /// What its value must be.
    pub must: Must,
}

/// What a value in a JSON document must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JsonWanted {
    /// Where the value is: a path as RFC 9535 has it, such as `$.status`.
    pub path: String,
    /// What it must be; where the path leads to several, one of them.
    pub must: JsonMust,
}

/// What a text must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Must {
    /// It is there.
    Present,
    /// It is not there.
    Absent,
    /// It is this, letter for letter.
    Is(String),
    /// It holds this.
    Contains(String),
    /// It does not hold this.
    Lacks(String),
    /// A regular expression finds something in it.
    Matches(String),
    /// A regular expression finds nothing in it.
    Unlike(String),
}

/// What a JSON value must be.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum JsonMust {
    /// There is one.
    Present,
    /// There is none.
    Absent,
    /// It is this.
    Is(Scalar),
    /// It is a number, and this or more.
    AtLeast(i64),
    /// It is a number, and this or less.
    AtMost(i64),
    /// It is a text in which a regular expression finds something.
    Matches(String),
}

/// A plain JSON value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    /// `true` or `false`.
    Truth(bool),
    /// A whole number.
    Number(i64),
    /// A text.
    Text(String),
}

impl Must {
    /// The pattern that it is held against, if it is.
    pub fn pattern(&self) -> Option<&str> {
        match self {
            Must::Matches(pattern) | Must::Unlike(pattern) => Some(pattern),
            _ => None,
        }
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        match self {
            Must::Present | Must::Absent => None,
            Must::Is(text) => too_long(text),
            Must::Contains(text) | Must::Lacks(text) if text.is_empty() => {
                Some("the text looked for is empty")
            }
            Must::Contains(text) | Must::Lacks(text) => too_long(text),
            Must::Matches(pattern) | Must::Unlike(pattern) => bad_pattern(pattern),
        }
    }
}

impl JsonMust {
    /// The pattern that it is held against, if it is.
    pub fn pattern(&self) -> Option<&str> {
        if let JsonMust::Matches(pattern) = self { Some(pattern) } else { None }
    }

    fn problem(&self) -> Option<&'static str> {
        match self {
            JsonMust::Is(Scalar::Text(text)) => too_long(text),
            JsonMust::Matches(pattern) => bad_pattern(pattern),
            _ => None,
        }
    }
}

/// Why this is not to be wanted of an answer.
pub(super) fn problem(wanted: &[Wanted]) -> Option<&'static str> {
    if wanted.len() > WANTED_MAX {
        return Some("too much is wanted of the answer");
    }
    wanted.iter().find_map(|wanted| match wanted {
        Wanted::Header(header) if !is_token(&header.name) => Some("a header is not one that HTTP knows"),
        Wanted::Header(header) => header.must.problem(),
        Wanted::Body(Must::Present | Must::Absent) => {
            Some("say what the body must hold: there is always one")
        }
        Wanted::Body(must) => must.problem(),
        Wanted::Json(json) => bad_pattern(&json.path).or_else(|| json.must.problem()),
    })
}

/// What is short enough to be read; whether it is a pattern or a path, `wire` says.
pub(super) fn bad_pattern(pattern: &str) -> Option<&'static str> {
    if pattern.is_empty() {
        Some("a pattern or a path is empty")
    } else {
        (pattern.len() > PATTERN_MAX).then_some("a pattern or a path is longer than 512 bytes")
    }
}

/// Whether bytes hold a text.
pub(super) fn holds(bytes: &[u8], text: &str) -> bool {
    text.is_empty() || bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[cfg(test)]
mod tests {
    use crate::what::{Http, What};

    #[test]
    fn what_cannot_be_wanted_is_refused() {
        let problem = |json: &str| {
            let wanted = serde_json::from_str(json).unwrap();
            What::Http(Http { wanted: vec![wanted], ..Http::get("https://x.example/") }).problem()
        };
        assert_eq!(problem(r#"{"json":{"path":"$.a","must":{"at-most":5}}}"#), None);
        assert_eq!(problem(r#"{"json":{"path":"$.a","must":{"is":5}}}"#), None);
        for bad in [
            r#"{"header":{"name":"a b","must":"present"}}"#,
            r#"{"body":"absent"}"#,
            r#"{"body":{"contains":""}}"#,
            r#"{"body":{"matches":""}}"#,
            r#"{"json":{"path":"","must":"present"}}"#,
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        let long = format!(r#"{{"body":{{"matches":"{}"}}}}"#, "a".repeat(513));
        assert!(problem(&long).is_some());
    }
}
