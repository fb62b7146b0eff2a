//! Regular expressions and JSON paths of questions, read with bounds: whoever writes a check must not be able to keep a vantage point
//! busy with it. Both take time that grows with the answer and not faster.

use regex::bytes::{Regex, RegexBuilder};
use serde_json::Value;
use serde_json_path::JsonPath;

use facts::what::{Source, Step, Wanted, What};

/// The most bytes that a regular expression takes when it is made ready.
const REGEX_BYTES_MAX: usize = 256 << 10;
/// How deep a regular expression may be nested.
const REGEX_DEPTH_MAX: u32 = 32;
/// The most bytes of a JSON document that is searched.
pub const JSON_MAX: usize = 256 << 10;
/// What a path may hold of each at most, wherever it stands: each of them multiplies or nests what is looked at.
const PATH_MAX: [(&str, usize); 6] = [("..", 1), ("?", 2), (",", 4), ("(", 8), ("!", 8), ("[", 16)];

/// A regular expression, of the crate `regex`: its time grows with the text alone.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// A path into a JSON document (RFC 9535, without the functions `match` and `search`).
#[derive(Debug, Clone)]
pub struct Path(JsonPath);

/// Why a text is neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// No regular expression, or one that takes too much.
    #[error(
        "a regular expression cannot be read, or takes too much space: look-around and back-references are not known"
    )]
    Pattern,
    /// No path.
    #[error("a JSON path cannot be read: write one as RFC 9535 has it, such as $.status")]
    Path,
    /// A path that can take too long.
    #[error("a JSON path is too much: one `..`, two filters and four commas at most")]
    TooMuch,
}

impl Pattern {
    /// Reads one.
    ///
    /// # Errors
    /// [`NotRead::Pattern`].
    pub fn read(text: &str) -> Result<Pattern, NotRead> {
        let mut builder = RegexBuilder::new(text);
        builder.size_limit(REGEX_BYTES_MAX).dfa_size_limit(REGEX_BYTES_MAX).nest_limit(REGEX_DEPTH_MAX);
        builder.build().map(Pattern).map_err(|_| NotRead::Pattern)
    }

    /// Whether it finds something.
    pub fn finds(&self, text: &[u8]) -> bool {
        self.0.is_match(text)
    }

    /// The first thing it finds: its first group, or all of it where it has none.
    pub fn first<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        let found = self.0.captures(text)?;
        found.get(1).or_else(|| found.get(0)).map(|found| found.as_bytes())
    }
}

impl Path {
    /// Reads one.
    ///
    /// # Errors
    /// [`NotRead::Path`], [`NotRead::TooMuch`].
    pub fn read(text: &str) -> Result<Path, NotRead> {
        if PATH_MAX.iter().any(|(sign, max)| text.matches(sign).count() > *max) {
            return Err(NotRead::TooMuch);
        }
        JsonPath::parse(text).map(Path).map_err(|_| NotRead::Path)
    }

    /// The values it leads to, in order.
    pub fn values<'d>(&self, document: &'d Value) -> impl Iterator<Item = &'d Value> + use<'d> {
        self.0.query(document).all().into_iter()
    }
}

/// Which regular expression or path of a question cannot be read.
pub fn problem(what: &What) -> Option<&'static str> {
    let found = match what {
        What::Http(http) => of_wanted(&http.wanted),
        What::Flow(flow) => flow.steps.iter().find_map(of_step),
        What::WebSocket(socket) => socket.expect.as_ref().and_then(|must| of_pattern(must.pattern())),
        _ => None,
    };
    found.map(|found| match found {
        NotRead::Pattern => "a regular expression cannot be read, or takes too much space",
        NotRead::Path => "a JSON path cannot be read: write one as RFC 9535 has it, such as $.status",
        NotRead::TooMuch => "a JSON path is too much: one `..`, two filters and four commas at most",
    })
}

fn of_step(step: &Step) -> Option<NotRead> {
    let captured = || {
        step.capture.iter().find_map(|capture| match &capture.from {
            Source::Json(path) => Path::read(path).err(),
            Source::Matches(pattern) => of_pattern(Some(pattern)),
            Source::Header(_) => None,
        })
    };
    of_wanted(&step.http.wanted).or_else(captured)
}

fn of_wanted(wanted: &[Wanted]) -> Option<NotRead> {
    wanted.iter().find_map(|wanted| match wanted {
        Wanted::Header(header) => of_pattern(header.must.pattern()),
        Wanted::Body(must) => of_pattern(must.pattern()),
        Wanted::Json(json) => Path::read(&json.path).err().or_else(|| of_pattern(json.must.pattern())),
    })
}

fn of_pattern(pattern: Option<&str>) -> Option<NotRead> {
    pattern.and_then(|pattern| Pattern::read(pattern).err())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_its_first_group() {
        let pattern = Pattern::read(r#"name="csrf" value="([^"]+)""#).unwrap();
        assert_eq!(pattern.first(b"<input name=\"csrf\" value=\"a1\">"), Some(&b"a1"[..]));
        assert_eq!(Pattern::read("o+k").unwrap().first(b"it is ook"), Some(&b"ook"[..]));
        assert!(!Pattern::read("^ok$").unwrap().finds(b"not ok"));
    }

    #[test]
    fn a_path_leads_to_values() {
        let document =
            serde_json::json!({"up": true, "nodes": [{"name": "a", "lag": 3}, {"name": "b", "lag": 90}]});
        let values = |path: &str| Path::read(path).unwrap().values(&document).cloned().collect::<Vec<_>>();
        assert_eq!(values("$.up"), [true]);
        assert_eq!(values("$.nodes[?@.lag > 60].name"), ["b"]);
        assert_eq!(values("$..lag"), [3, 90]);
        assert!(values("$.nothing").is_empty());
    }

    #[test]
    fn what_takes_too_much_or_is_none_is_refused() {
        for pattern in ["(", "a(?=b)", r"(a)\1", "(((a{100}){100}){100})"] {
            assert_eq!(Pattern::read(pattern).err(), Some(NotRead::Pattern), "{pattern}");
        }
        let deep = format!("{}a{}", "(".repeat(100), ")".repeat(100));
        assert!(Pattern::read(&deep).is_err());
        for path in ["status", "$.", "$[", "", "$[?match(@.a, 'x')]"] {
            assert_eq!(Path::read(path).err(), Some(NotRead::Path), "{path}");
        }
        for path in ["$..a..b", "$[*,*,*,*,*,*]", "$[?@[?@[?@.a]]]", &format!("$[?{}1==1]", "(".repeat(200))]
        {
            assert_eq!(Path::read(path).err(), Some(NotRead::TooMuch), "{path}");
        }
    }
}
