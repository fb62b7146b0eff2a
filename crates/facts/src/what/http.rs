//! An HTTP request, and what counts as a good answer to it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::text::{self, Part};
use super::wanted::{self, Wanted};
use super::{DOCUMENT_MAX, Family, TIMEOUT_MS, bad_url, is_default, too_long};

/// The most headers a request carries beside our own.
pub const HEADERS_MAX: usize = 32;
/// Headers that say where a request ends, or whom it is for: those are ours, since a request that is two is an attack
/// (reliability.md, 4.2.1).
pub const OWN_HEADERS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "host"];

/// A header with one of these in its name holds what nobody else should know.
const SECRET_NAMES: [&str; 8] =
    ["auth", "cookie", "token", "secret", "password", "api-key", "apikey", "session"];

/// An HTTP or HTTPS request over a connection of its own. In a header's value and in the body, `{{secret:NAME}}` stands for a secret
/// that the vantage point was given for this host: it is on no record.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Http {
    /// `http://` or `https://`, without user or password.
    pub url: String,
    /// The method, in capitals. GET when not said.
    #[serde(default = "get", skip_serializing_if = "is_get")]
    pub method: String,
    /// Headers beside our own. They stay at home when a redirect leads elsewhere.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// The body sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The status codes that are a good answer; none listed: 200 to 299.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<u16>,
    /// What the body must or must not hold, within its first [`DOCUMENT_MAX`] bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_match: Option<BodyMatch>,
    /// What else the answer must be: each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Wanted>,
    /// Milliseconds within which the whole answer must be there: slower is a failure. Shorter than the timeout, after which it is not
    /// waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within_ms: Option<u32>,
    /// Whether a redirect is an answer or a way to one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub redirects: Redirects,
    /// Which version of HTTP.
    #[serde(default, skip_serializing_if = "is_default")]
    pub version: HttpVersion,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A header of a request. Its value may be a secret and is not shown.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// What the body of an answer must or must not hold, letter for letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum BodyMatch {
    /// It holds this text.
    Contains(String),
    /// It does not hold this text.
    Lacks(String),
}

/// What a redirect is. At most three are followed, each address is checked again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Redirects {
    /// An answer like any other: its code is expected or not.
    #[default]
    Never,
    /// Followed while it stays with scheme, host and port; another is an answer.
    SameOrigin,
    /// Followed.
    Follow,
}

/// Which version of HTTP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HttpVersion {
    /// What the server chooses by ALPN; 1.1 without TLS.
    #[default]
    Auto,
    /// HTTP/1.1.
    Http1,
    /// HTTP/2; without TLS by prior knowledge (RFC 9113, 3.3).
    Http2,
}

impl Http {
    /// A plain GET of `url` in which any code from 200 to 299 is good.
    pub fn get(url: impl Into<String>) -> Http {
        Http {
            url: url.into(),
            method: get(),
            headers: Vec::new(),
            body: None,
            expect: Vec::new(),
            body_match: None,
            wanted: Vec::new(),
            within_ms: None,
            redirects: Redirects::default(),
            version: HttpVersion::default(),
            family: Family::default(),
        }
    }

    /// Whether a code is a good answer.
    pub fn expects(&self, code: u16) -> bool {
        if self.expect.is_empty() { (200..300).contains(&code) } else { self.expect.contains(&code) }
    }

    /// What of it would put a secret on record, where it is kept for ever and read by both parties.
    pub fn secret(&self) -> Option<&'static str> {
        secret(&self.url, &self.headers)
    }

    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.body.as_ref().is_some_and(|body| body.len() > DOCUMENT_MAX) {
            return Some("the body is too long");
        }
        if self.body_match.as_ref().is_some_and(|wanted| wanted.text().is_empty()) {
            return Some("the text looked for is empty");
        }
        if !is_token(&self.method) || self.method == "CONNECT" {
            return Some("the method is not one that is asked with");
        }
        if self.within_ms.is_some_and(|within| within == 0 || *TIMEOUT_MS.end() < within) {
            return Some("an answer is wanted within one millisecond to a minute");
        }
        let looked_for = || self.body_match.as_ref().and_then(|wanted| too_long(wanted.text()));
        too_long(&self.url)
            .or_else(|| too_long(&self.method))
            .or_else(looked_for)
            .or_else(|| bad_headers(&self.headers))
            .or_else(|| wanted::problem(&self.wanted))
            .or_else(|| bad_url(&self.url, ["http", "https"]))
    }

    /// Every text in which something may be filled in: the URL first.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let values = self.headers.iter().map(|header| header.value.as_str());
        std::iter::once(self.url.as_str()).chain(values).chain(self.body.as_deref())
    }
}

impl BodyMatch {
    /// Whether this is what was wanted of a body.
    pub fn fits(&self, body: &[u8]) -> bool {
        match self {
            BodyMatch::Contains(text) => wanted::holds(body, text),
            BodyMatch::Lacks(text) => !wanted::holds(body, text),
        }
    }

    fn text(&self) -> &str {
        match self {
            BodyMatch::Contains(text) | BodyMatch::Lacks(text) => text,
        }
    }
}

/// A header named like a secret may only say where the secret is found.
pub(super) fn secret(url: &str, headers: &[Header]) -> Option<&'static str> {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
    let is_secret = |header: &Header| {
        let name = header.name.to_ascii_lowercase();
        let is_filled_in = text::parts(&header.value).any(|part| !matches!(part, Part::Said(_)));
        SECRET_NAMES.iter().any(|word| name.contains(word)) && !is_filled_in
    };
    if authority.contains('@') {
        Some("its URL holds a user or a password")
    } else if headers.iter().any(is_secret) {
        Some(
            "one of its headers is named like a secret: write {{secret:NAME}} and give it to the vantage point",
        )
    } else if text::parts(url).any(|part| matches!(part, Part::Secret(_))) {
        Some("its URL holds a secret: URLs are written down everywhere")
    } else {
        None
    }
}

pub(super) fn bad_headers(headers: &[Header]) -> Option<&'static str> {
    if headers.len() > HEADERS_MAX {
        return Some("too many headers");
    }
    let is_own = |header: &Header| OWN_HEADERS.iter().any(|own| header.name.eq_ignore_ascii_case(own));
    if headers.iter().any(is_own) {
        return Some(
            "it sets a header that says where a request ends or whom it is for: that is ours to say",
        );
    }
    let is_bad = |header: &Header| {
        !is_token(&header.name) || header.value.bytes().any(|b| b == 0x7f || b < b' ' && b != b'\t')
    };
    if headers.iter().any(is_bad) {
        return Some("a header is not one that HTTP knows");
    }
    headers.iter().flat_map(|header| [&header.name, &header.value]).find_map(|text| too_long(text))
}

/// A token of HTTP (RFC 9110, 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    let is_sign = |b: u8| b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || is_sign(b))
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: …", self.name)
    }
}

fn get() -> String {
    "GET".to_owned()
}

fn is_get(method: &String) -> bool {
    method == "GET"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::what::What;

    fn with(name: &str, value: &str) -> Http {
        let header = Header { name: name.to_owned(), value: value.to_owned() };
        Http { headers: vec![header], ..Http::get("https://www.example.com/a@b") }
    }

    #[test]
    fn a_secret_is_noticed_where_it_would_be_on_record() {
        assert!(["accept", "x-forwarded-proto"].iter().all(|name| with(name, "x").secret().is_none()));
        for name in ["Authorization", "Proxy-Authorization", "cookie", "X-API-Key", "x-auth-token"] {
            assert!(with(name, "x").secret().is_some(), "{name}");
            assert_eq!(with(name, "Bearer {{secret:api}}").secret(), None, "{name}");
        }
        assert!(Http::get("https://ann:pw@www.example.com/").secret().is_some());
        assert!(Http::get("https://www.example.com/?key={{secret:api}}").secret().is_some());
    }

    #[test]
    fn a_body_is_searched_letter_for_letter() {
        assert!(BodyMatch::Contains("ok".to_owned()).fits(b"it is ok."));
        assert!(!BodyMatch::Contains("OK".to_owned()).fits(b"it is ok."));
        assert!(!BodyMatch::Lacks("error".to_owned()).fits(b"an error"));
        assert!(BodyMatch::Lacks("error".to_owned()).fits(b""));
    }

    #[test]
    fn a_header_is_one_that_is_ours_to_leave_to_others() {
        let problem = |name: &str, value: &str| What::Http(with(name, value)).problem();
        assert_eq!(problem("accept", "text/html"), None);
        assert!(problem("Host", "y.example").is_some() && problem("a b", "c").is_some());
        assert!(problem("accept", "a\r\nb: c").is_some());
        let tunnel = Http { method: "CONNECT".to_owned(), ..Http::get("https://x.example/") };
        assert!(What::Http(tunnel).problem().is_some());
    }

    #[test]
    fn limits_hold_and_a_header_keeps_its_secret() {
        let mut http = with("authorization", "s3cret");
        http.headers = vec![http.headers[0].clone(); HEADERS_MAX];
        assert_eq!(What::Http(http.clone()).problem(), None);
        assert!(!format!("{http:?}").contains("s3cret"));
        http.headers.push(http.headers[0].clone());
        assert_eq!(What::Http(http).problem(), Some("too many headers"));
        let hasty = Http { within_ms: Some(0), ..Http::get("https://x.example/") };
        assert!(What::Http(hasty).problem().is_some_and(|why| why.contains("within")));
    }
}
