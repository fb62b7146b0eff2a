//! What is wanted of an answer, made ready once and held against each.

use facts::Cause;
use hyper::header::{HeaderMap, HeaderName};
use serde_json::Value;
use wire::pattern::{JSON_MAX, NotRead, Path, Pattern};
use wire::{JsonMust, Must, Scalar, Wanted};

use super::Fault;
use crate::guard::Refused;

/// Everything that is wanted of one answer.
#[derive(Debug, Default)]
pub(super) struct Wants(Vec<Want>);

#[derive(Debug)]
enum Want {
    Header(HeaderName, Text),
    Body(Text),
    Json(Path, Json),
}

/// What a text must be.
#[derive(Debug)]
pub(super) enum Text {
    Plain(Must),
    Matches(Pattern),
    Unlike(Pattern),
}

#[derive(Debug)]
enum Json {
    Plain(JsonMust),
    Matches(Pattern),
}

impl Wants {
    pub(super) fn of(wanted: &[Wanted]) -> Result<Wants, Refused> {
        wanted.iter().map(Want::of).collect::<Result<_, _>>().map(Wants)
    }

    /// Whether the body has to be read for it.
    pub(super) fn need_body(&self) -> bool {
        self.0.iter().any(|want| !matches!(want, Want::Header(..)))
    }

    /// The first of them that the answer is not.
    pub(super) fn judge(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), Fault> {
        // Read once, however many look at it.
        let mut document = None;
        for want in &self.0 {
            match want {
                Want::Header(name, must) => must_have(headers, name, must)?,
                Want::Body(must) if must.fits(Some(body)) => {}
                Want::Body(_) => return Err(Fault::theirs(Cause::Body, "http: not the body expected")),
                Want::Json(path, must) => {
                    if document.is_none() {
                        document = Some(read(body)?);
                    }
                    let values = document.iter().flat_map(|document| path.values(document));
                    if !must.fits(values) {
                        return Err(Fault::theirs(Cause::Body, "http: not the JSON expected"));
                    }
                }
            }
        }
        Ok(())
    }
}

fn must_have(headers: &HeaderMap, name: &HeaderName, must: &Text) -> Result<(), Fault> {
    let mut values = headers.get_all(name).iter().map(|value| value.as_bytes()).peekable();
    let fits = match values.peek() {
        None => must.fits(None),
        Some(_) if must.is_of_all() => values.all(|value| must.fits(Some(value))),
        Some(_) => values.any(|value| must.fits(Some(value))),
    };
    if fits {
        Ok(())
    } else {
        Err(Fault::theirs(Cause::Header, format!("http: header {name} is not as expected")))
    }
}

/// A document of bounded size. How deep it may be nested is bounded by the crate, at 128.
pub(super) fn read(body: &[u8]) -> Result<Value, Fault> {
    if body.len() > JSON_MAX {
        return Err(Fault::theirs(Cause::Body, "http: more JSON than is read"));
    }
    serde_json::from_slice(body).map_err(|_| Fault::theirs(Cause::Body, "http: the body is not JSON"))
}

impl Want {
    fn of(wanted: &Wanted) -> Result<Want, Refused> {
        Ok(match wanted {
            Wanted::Header(header) => {
                let name = HeaderName::from_bytes(header.name.as_bytes());
                let name = name.map_err(|_| Refused::Host(format!("header {}", header.name)))?;
                Want::Header(name, Text::of(&header.must)?)
            }
            Wanted::Body(must) => Want::Body(Text::of(must)?),
            Wanted::Json(json) => {
                let must = match &json.must {
                    JsonMust::Matches(pattern) => Json::Matches(Pattern::read(pattern).map_err(unread)?),
                    must => Json::Plain(must.clone()),
                };
                Want::Json(Path::read(&json.path).map_err(unread)?, must)
            }
        })
    }
}

impl Text {
    pub(super) fn of(must: &Must) -> Result<Text, Refused> {
        Ok(match must {
            Must::Matches(pattern) => Text::Matches(Pattern::read(pattern).map_err(unread)?),
            Must::Unlike(pattern) => Text::Unlike(Pattern::read(pattern).map_err(unread)?),
            must => Text::Plain(must.clone()),
        })
    }

    /// Whether it is this; nothing where there is none.
    pub(super) fn fits(&self, text: Option<&[u8]>) -> bool {
        match (self, text) {
            (Text::Plain(Must::Absent), text) => text.is_none(),
            (Text::Plain(Must::Lacks(_)) | Text::Unlike(_), None) => true,
            (_, None) => false,
            (Text::Matches(pattern), Some(text)) => pattern.finds(text),
            (Text::Unlike(pattern), Some(text)) => !pattern.finds(text),
            (Text::Plain(Must::Is(wanted)), Some(text)) => text == wanted.as_bytes(),
            (Text::Plain(Must::Contains(wanted)), Some(text)) => holds(text, wanted),
            (Text::Plain(Must::Lacks(wanted)), Some(text)) => !holds(text, wanted),
            (Text::Plain(_), Some(_)) => true,
        }
    }

    /// Whether it says what must not be: then of none of several.
    fn is_of_all(&self) -> bool {
        matches!(self, Text::Plain(Must::Lacks(_) | Must::Absent) | Text::Unlike(_))
    }
}

impl Json {
    fn fits<'v>(&self, mut values: impl Iterator<Item = &'v Value>) -> bool {
        match self {
            Json::Plain(JsonMust::Absent) => values.next().is_none(),
            Json::Plain(JsonMust::Present) => values.next().is_some(),
            Json::Plain(JsonMust::Is(wanted)) => values.any(|value| is(value, wanted)),
            Json::Plain(JsonMust::AtLeast(least)) => values.any(|value| at_least(value, *least)),
            Json::Plain(JsonMust::AtMost(most)) => values.any(|value| at_most(value, *most)),
            // Read as a pattern when it was made ready.
            Json::Plain(JsonMust::Matches(_)) => false,
            Json::Matches(pattern) => {
                values.any(|value| value.as_str().is_some_and(|text| pattern.finds(text.as_bytes())))
            }
        }
    }
}

fn is(value: &Value, wanted: &Scalar) -> bool {
    match (value, wanted) {
        (Value::Bool(value), Scalar::Truth(wanted)) => value == wanted,
        (Value::Number(value), Scalar::Number(wanted)) => value.as_i64() == Some(*wanted),
        (Value::String(value), Scalar::Text(wanted)) => value == wanted,
        _ => false,
    }
}

/// Beyond what fits into 64 bits, and behind a point, the sign and the whole part decide.
fn at_least(value: &Value, least: i64) -> bool {
    whole(value).is_some_and(|(floor, _)| floor >= i128::from(least))
}

fn at_most(value: &Value, most: i64) -> bool {
    whole(value).is_some_and(|(_, ceiling)| ceiling <= i128::from(most))
}

/// The whole numbers below and above a number, as it is written: 3.2 lies between 3 and 4.
fn whole(value: &Value) -> Option<(i128, i128)> {
    let number = value.as_number()?;
    if let Some(number) = number.as_i128() {
        return Some((number, number));
    }
    let text = number.to_string();
    let (front, behind) = text.split_once('.')?;
    if behind.contains(['e', 'E']) {
        return None;
    }
    let (front, is_negative): (i128, bool) = (front.parse().ok()?, front.starts_with('-'));
    let is_whole = behind.bytes().all(|digit| digit == b'0');
    Some(match (is_whole, is_negative) {
        (true, _) => (front, front),
        (false, true) => (front - 1, front),
        (false, false) => (front, front + 1),
    })
}

fn holds(text: &[u8], wanted: &str) -> bool {
    wanted.is_empty() || text.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

fn unread(why: NotRead) -> Refused {
    Refused::Host(why.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(wanted: &str, body: &str) -> Option<&'static str> {
        let wants = Wants::of(&[serde_json::from_str(wanted).unwrap()]).unwrap();
        let mut headers = HeaderMap::new();
        headers.append("x-node", "a".parse().unwrap());
        headers.append("x-node", "b".parse().unwrap());
        wants.judge(&headers, body.as_bytes()).err().map(|fault| fault.cause().word())
    }

    #[test]
    fn a_header_is_one_of_several_and_what_it_must_not_be_none() {
        let header = |must: &str| judged(&format!(r#"{{"header":{{"name":"X-Node","must":{must}}}}}"#), "");
        for good in [
            r#""present""#,
            r#"{"is":"b"}"#,
            r#"{"matches":"^[ab]$"}"#,
            r#"{"lacks":"c"}"#,
            r#"{"unlike":"c"}"#,
        ] {
            assert_eq!(header(good), None, "{good}");
        }
        for bad in [r#""absent""#, r#"{"is":"c"}"#, r#"{"lacks":"b"}"#, r#"{"unlike":"^b"}"#] {
            assert_eq!(header(bad), Some("header"), "{bad}");
        }
        let other = |must: &str| judged(&format!(r#"{{"header":{{"name":"etag","must":{must}}}}}"#), "");
        assert_eq!(
            (other(r#""absent""#), other(r#""present""#), other(r#"{"lacks":"x"}"#)),
            (None, Some("header"), None)
        );
    }

    #[test]
    fn json_is_held_against_numbers_texts_and_patterns() {
        let json =
            |must: &str, body: &str| judged(&format!(r#"{{"json":{{"path":"$.a","must":{must}}}}}"#), body);
        for (must, body) in [
            (r#""present""#, r#"{"a":null}"#),
            (r#""absent""#, r#"{"b":1}"#),
            (r#"{"is":"x"}"#, r#"{"a":"x"}"#),
            (r#"{"is":5}"#, r#"{"a":5}"#),
            (r#"{"is":true}"#, r#"{"a":true}"#),
            (r#"{"at-least":3}"#, r#"{"a":3.5}"#),
            (r#"{"at-most":4}"#, r#"{"a":3.5}"#),
            (r#"{"at-most":-3}"#, r#"{"a":-3.5}"#),
            (r#"{"matches":"^o"}"#, r#"{"a":"ok"}"#),
        ] {
            assert_eq!(json(must, body), None, "{must} {body}");
        }
        for (must, body) in [
            (r#""present""#, r#"{"b":1}"#),
            (r#"{"is":"5"}"#, r#"{"a":5}"#),
            (r#"{"at-least":4}"#, r#"{"a":3.5}"#),
            (r#"{"at-most":3}"#, r#"{"a":3.5}"#),
            (r#"{"at-least":-3}"#, r#"{"a":-3.5}"#),
            (r#"{"at-most":3}"#, r#"{"a":"2"}"#),
            (r#"{"is":1}"#, "<html>"),
        ] {
            assert_eq!(json(must, body), Some("body"), "{must} {body}");
        }
        let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
        assert_eq!(json(r#""present""#, &deep), Some("body"));
    }

    #[test]
    fn a_long_body_is_searched_and_a_long_document_is_not() {
        let long = "x".repeat(1 << 20);
        assert_eq!(judged(r#"{"body":{"unlike":"(x+x+)+y"}}"#, &long), None);
        assert_eq!(judged(r#"{"json":{"path":"$","must":"present"}}"#, &format!("\"{long}\"")), Some("body"));
    }
}
