//! What is asked of a service: one question of a closed list, with what counts as a good answer.

// Addresses are plain data, and `core` has no sockets: this room stays pure.
use core::net::SocketAddr;
use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

/// The most headers a request carries beside our own.
pub const HEADERS_MAX: usize = 32;
/// The most bytes of one text in a question: a URL, a header value, a text looked for.
const TEXT_MAX: usize = 4_096;
/// The most bytes of a document: the body sent, and the body of an answer that is read (reliability.md, section 5).
pub const DOCUMENT_MAX: usize = 1 << 20;

/// Seconds between two questions: a second to a day.
pub const EVERY_S: RangeInclusive<u32> = 1..=86_400;
/// Milliseconds until no answer is a failure: ten to a minute.
pub const TIMEOUT_MS: RangeInclusive<u32> = 10..=60_000;
/// Seconds between two beats of a service that calls by itself: a second to a year.
pub const BEAT_EVERY_S: RangeInclusive<u32> = 1..=366 * 86_400;
/// The most seconds that a beat may be late: a year.
pub const GRACE_S_MAX: u32 = 366 * 86_400;
/// Ports that mail is handed over on: nobody sends mail through a prober.
pub const MAIL_PORTS: [u16; 3] = [25, 465, 587];
/// Headers that say where a request ends, or whom it is for: those are ours, since a request that is two is an attack
/// (reliability.md, 4.2.1).
pub const OWN_HEADERS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "host"];

/// A header with one of these in its name holds what nobody else should know.
const SECRET_NAMES: [&str; 8] =
    ["auth", "cookie", "token", "secret", "password", "api-key", "apikey", "session"];

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum What {
    /// An HTTP or HTTPS request.
    Http(Http),
    /// A TCP connection.
    Tcp(Tcp),
    /// A DNS question.
    Dns(Dns),
    /// An ICMP echo.
    Icmp(Icmp),
}

/// An HTTP or HTTPS request over a connection of its own.
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

/// Which kind of address is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// What the name has and this machine has a way to; IPv6 first.
    #[default]
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

/// A TCP connection: good when it is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tcp {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A DNS question: good when there is at least one record, and one of those expected where some are.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    /// The name asked for.
    pub name: String,
    /// The type of record.
    pub record: RecordType,
    /// The server that is asked, which is then what is watched; this machine's resolvers when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<SocketAddr>,
    /// Records as text, such as `192.0.2.1` or `10 mx.example.com.`, one of which must be in the answer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<String>,
}

/// The types of record that can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "they are the names of RFC 1035 and its successors")]
pub enum RecordType {
    A,
    Aaaa,
    Caa,
    Cname,
    Mx,
    Ns,
    Soa,
    Srv,
    Txt,
}

/// An ICMP echo: good when it comes back.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Icmp {
    /// A name or an address.
    pub host: String,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

impl RecordType {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            RecordType::A => "A",
            RecordType::Aaaa => "AAAA",
            RecordType::Caa => "CAA",
            RecordType::Cname => "CNAME",
            RecordType::Mx => "MX",
            RecordType::Ns => "NS",
            RecordType::Soa => "SOA",
            RecordType::Srv => "SRV",
            RecordType::Txt => "TXT",
        }
    }
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
            redirects: Redirects::default(),
            version: HttpVersion::default(),
            family: Family::default(),
        }
    }

    /// Whether a code is a good answer.
    pub fn expects(&self, code: u16) -> bool {
        if self.expect.is_empty() { (200..300).contains(&code) } else { self.expect.contains(&code) }
    }
}

impl BodyMatch {
    /// Whether this is what was wanted of a body.
    pub fn fits(&self, body: &[u8]) -> bool {
        let holds = |text: &String| {
            text.is_empty() || body.windows(text.len()).any(|window| window == text.as_bytes())
        };
        match self {
            BodyMatch::Contains(text) => holds(text),
            BodyMatch::Lacks(text) => !holds(text),
        }
    }

    fn text(&self) -> &str {
        match self {
            BodyMatch::Contains(text) | BodyMatch::Lacks(text) => text,
        }
    }
}

impl What {
    /// Why no vantage point would ask it, whatever the operator allows there: it breaks a limit, or is no question that can be
    /// asked at all.
    pub fn problem(&self) -> Option<&'static str> {
        match self {
            What::Http(http) => http.problem(),
            What::Tcp(tcp) => bad_host(&tcp.host).or_else(|| bad_port(tcp.port)),
            What::Dns(dns) => {
                let bad_server = || dns.server.is_some_and(|server| server.port() == 0);
                bad_host(&dns.name)
                    .or_else(|| bad_server().then_some(NO_PORT))
                    .or_else(|| dns.expect.iter().find_map(|text| too_long(text)))
            }
            What::Icmp(icmp) => bad_host(&icmp.host),
        }
    }
}

/// The question in a line, without its headers and its body.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Http(http) => write!(f, "{} {}", http.method, http.url),
            What::Tcp(tcp) => write!(f, "TCP {} port {}", tcp.host, tcp.port),
            What::Dns(dns) => write!(f, "DNS {} {}", dns.record.name(), dns.name),
            What::Icmp(icmp) => write!(f, "ICMP {}", icmp.host),
        }
    }
}

impl Http {
    /// What of it would put a secret on record, where it is kept for ever and read by both parties.
    pub fn secret(&self) -> Option<&'static str> {
        let authority = self.url.split_once("://").map_or("", |(_, rest)| rest);
        let authority = authority.split(['/', '?', '#']).next().unwrap_or_default();
        let is_secret = |header: &Header| {
            let name = header.name.to_ascii_lowercase();
            SECRET_NAMES.iter().any(|word| name.contains(word))
        };
        if authority.contains('@') {
            Some("its URL holds a user or a password")
        } else if self.headers.iter().any(is_secret) {
            Some("one of its headers is named like a secret")
        } else {
            None
        }
    }

    fn problem(&self) -> Option<&'static str> {
        let texts = self.headers.iter().flat_map(|header| [&header.name, &header.value]);
        let mut texts = texts.chain([&self.url, &self.method]).map(String::as_str);
        if self.headers.len() > HEADERS_MAX {
            return Some("too many headers");
        }
        if self.body.as_ref().is_some_and(|body| body.len() > DOCUMENT_MAX) {
            return Some("the body is too long");
        }
        if self.body_match.as_ref().is_some_and(|wanted| wanted.text().is_empty()) {
            return Some("the text looked for is empty");
        }
        let looked_for = self.body_match.as_ref().and_then(|wanted| too_long(wanted.text()));
        texts.find_map(too_long).or(looked_for).or_else(|| self.unfit())
    }

    /// What of it is not HTTP, or not ours to send.
    fn unfit(&self) -> Option<&'static str> {
        if !is_token(&self.method) || self.method == "CONNECT" {
            return Some("the method is not one that is asked with");
        }
        let is_own = |header: &Header| OWN_HEADERS.iter().any(|own| header.name.eq_ignore_ascii_case(own));
        if self.headers.iter().any(is_own) {
            return Some(
                "it sets a header that says where a request ends or whom it is for: that is ours to say",
            );
        }
        let is_bad = |header: &Header| {
            !is_token(&header.name) || header.value.bytes().any(|b| b == 0x7f || b < b' ' && b != b'\t')
        };
        if self.headers.iter().any(is_bad) {
            return Some("a header is not one that HTTP knows");
        }
        bad_url(&self.url)
    }
}

const NO_PORT: &str = "there is no port 0";

/// Why a URL is never asked, as far as its text says: RFC 3986, 3.2, and reliability.md, section 5.
fn bad_url(url: &str) -> Option<&'static str> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Some("a URL holds no spaces, no backslashes and no control characters");
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Some("the URL begins with neither http:// nor https://");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("its URL holds a user or a password");
    }
    let port = authority.rsplit_once(':').filter(|(_, digits)| !digits.ends_with(']'));
    let host = port.map_or(authority, |(host, _)| host);
    match port.map(|(_, digits)| digits.parse::<u16>()) {
        Some(Err(_)) => Some("what stands behind the colon of the URL's host is no port"),
        Some(Ok(port)) => bad_host(host).or_else(|| bad_port(port)),
        None => bad_host(host),
    }
}

fn bad_host(host: &str) -> Option<&'static str> {
    if host.is_empty() { Some("it does not say which host") } else { too_long(host) }
}

fn bad_port(port: u16) -> Option<&'static str> {
    match port {
        0 => Some(NO_PORT),
        port if MAIL_PORTS.contains(&port) => Some("ports 25, 465 and 587 are for mail and never asked"),
        _ => None,
    }
}

/// A token of HTTP (RFC 9110, 5.6.2).
fn is_token(text: &str) -> bool {
    let is_sign = |b: u8| b"!#$%&'*+-.^_`|~".contains(&b);
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || is_sign(b))
}

fn too_long(text: &str) -> Option<&'static str> {
    (text.len() > TEXT_MAX).then_some("a text is too long")
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

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_question_is_short_and_an_unknown_key_is_refused() {
        let what = What::Http(Http::get("https://www.example.com/"));
        let json = serde_json::to_string(&what).unwrap();
        assert_eq!(json, r#"{"http":{"url":"https://www.example.com/"}}"#);
        assert_eq!(serde_json::from_str::<What>(&json).unwrap(), what);
        assert!(serde_json::from_str::<What>(r#"{"http":{"url":"https://x/","follow":true}}"#).is_err());
        assert!(serde_json::from_str::<What>(r#"{"gopher":{"url":"gopher://x/"}}"#).is_err());
    }

    #[test]
    fn a_secret_is_noticed_where_it_would_be_on_record() {
        let with = |name: &str| {
            let header = Header { name: name.to_owned(), value: "x".to_owned() };
            Http { headers: vec![header], ..Http::get("https://www.example.com/a@b") }.secret().is_some()
        };
        assert!(!with("accept") && !with("x-forwarded-proto"));
        for name in ["Authorization", "Proxy-Authorization", "cookie", "X-API-Key", "x-auth-token"] {
            assert!(with(name), "{name}");
        }
        assert!(Http::get("https://ann:pw@www.example.com/").secret().is_some());
    }

    #[test]
    fn a_question_reads_in_a_line() {
        let tcp = Tcp { host: "db.example".to_owned(), port: 5432, family: Family::Any };
        assert_eq!(What::Tcp(tcp).to_string(), "TCP db.example port 5432");
        let (name, record) = ("example.com".to_owned(), RecordType::Mx);
        let dns = Dns { name, record, server: None, expect: Vec::new() };
        assert_eq!(What::Dns(dns).to_string(), "DNS MX example.com");
    }

    #[test]
    fn a_body_is_searched_letter_for_letter() {
        assert!(BodyMatch::Contains("ok".to_owned()).fits(b"it is ok."));
        assert!(!BodyMatch::Contains("OK".to_owned()).fits(b"it is ok."));
        assert!(!BodyMatch::Lacks("error".to_owned()).fits(b"an error"));
        assert!(BodyMatch::Lacks("error".to_owned()).fits(b""));
    }

    #[test]
    fn what_can_never_be_asked_says_why() {
        let url = |url: &str| What::Http(Http::get(url)).problem();
        for good in [
            "http://x.example",
            "HTTPS://[2001:db8::1]:8443/a?b=c@d",
            "https://10.0.0.1/",
            "http://127.0.0.1:81",
        ] {
            assert_eq!(url(good), None, "{good}");
        }
        for (bad, why) in [
            ("ftp://x.example/", "neither http"),
            ("x.example", "neither http"),
            ("http:///a", "which host"),
            ("http://:80/", "which host"),
            ("https://ann:pw@x.example/", "password"),
            ("http://x.example:25/", "mail"),
            ("http://x.example:0/", "port 0"),
            ("http://x.example:99999/", "no port"),
            ("http://x.example/a b", "no spaces"),
            ("http://x.example\\@y.example/", "no backslashes"),
        ] {
            assert!(url(bad).is_some_and(|said| said.contains(why)), "{bad}: {:?}", url(bad));
        }
        let with = |name: &str, value: &str| {
            let header = Header { name: name.to_owned(), value: value.to_owned() };
            What::Http(Http { headers: vec![header], ..Http::get("https://x.example/") }).problem().is_some()
        };
        assert!(!with("accept", "text/html"));
        assert!(with("Host", "y.example") && with("a b", "c") && with("accept", "a\r\nb: c"));
        let tunnel = Http { method: "CONNECT".to_owned(), ..Http::get("https://x.example/") };
        assert!(What::Http(tunnel).problem().is_some());
        let mail = Tcp { host: "x.example".to_owned(), port: 587, family: Family::Any };
        assert!(What::Tcp(mail).problem().is_some());
    }

    #[test]
    fn limits_hold_and_a_header_keeps_its_secret() {
        let mut http = Http::get("https://www.example.com/");
        http.headers =
            vec![Header { name: "authorization".to_owned(), value: "s3cret".to_owned() }; HEADERS_MAX];
        assert_eq!(What::Http(http.clone()).problem(), None);
        assert!(!format!("{http:?}").contains("s3cret"));
        http.headers.push(http.headers[0].clone());
        assert_eq!(What::Http(http).problem(), Some("too many headers"));
    }
}
