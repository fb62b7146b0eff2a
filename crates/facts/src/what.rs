//! What is asked of a service: one question of a closed list, with what counts as a good answer.

use std::fmt;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

mod flow;
mod http;
mod plain;
mod service;
mod text;
mod wanted;

pub use flow::{CAPTURES_MAX, Capture, Flow, STEPS_MAX, Source, Step};
pub use http::{BodyMatch, HEADERS_MAX, Header, Http, HttpVersion, OWN_HEADERS, Redirects};
pub use plain::{Dns, Family, Icmp, RecordType, Tcp};
pub use service::{DAYS_LEFT_MAX, Grpc, Mail, Postgres, Redis, Security, Tls, TlsVersion, WebSocket};
pub use text::{Name, Part, SecretName, filled, parts};
pub use wanted::{HeaderWanted, JsonMust, JsonWanted, Must, Scalar, WANTED_MAX, Wanted};

/// The most bytes of one text in a question: a URL, a header value, a text looked for.
const TEXT_MAX: usize = 4_096;
/// The most bytes of a document: the body sent, and the body of an answer that is read (reliability.md, section 5).
pub const DOCUMENT_MAX: usize = 1 << 20;

/// Seconds between two questions: a second to a day.
pub const EVERY_S: RangeInclusive<u32> = 1..=86_400;
/// Milliseconds until no answer is a failure: ten to a minute.
pub const TIMEOUT_MS: RangeInclusive<u32> = 10..=60_000;
/// How long an answer may take where the check does not say, in milliseconds.
pub const TIMEOUT_DEFAULT_MS: u32 = 10_000;
/// Seconds between two beats of a service that calls by itself: a second to a year.
pub const BEAT_EVERY_S: RangeInclusive<u32> = 1..=366 * 86_400;
/// The most seconds that a beat may be late: a year.
pub const GRACE_S_MAX: u32 = 366 * 86_400;
/// Ports that mail is handed over on: only the question that sends no mail goes there, [`What::Smtp`].
pub const MAIL_PORTS: [u16; 3] = [25, 465, 587];

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
    /// Several HTTP requests, one after the other.
    Flow(Flow),
    /// TLS and its certificate.
    Tls(Tls),
    /// The greeting of a mail server; no mail is sent.
    Smtp(Mail),
    /// The greeting of an IMAP server.
    Imap(Mail),
    /// A PostgreSQL server.
    Postgres(Postgres),
    /// A Redis server.
    Redis(Redis),
    /// A WebSocket.
    WebSocket(WebSocket),
    /// The health of a gRPC service.
    Grpc(Grpc),
}

impl What {
    /// Why no vantage point would ask it, whatever the operator allows there: it breaks a limit, or is no question that can be
    /// asked at all. Patterns and paths are read by `wire`, which refuses those that are none.
    pub fn problem(&self) -> Option<&'static str> {
        match self {
            What::Http(http) => http.problem(),
            What::Tcp(tcp) => tcp.problem(),
            What::Dns(dns) => dns.problem(),
            What::Icmp(icmp) => bad_host(&icmp.host),
            What::Flow(flow) => flow.problem(),
            What::Tls(tls) => tls.problem(),
            What::Smtp(mail) => bad_host(&mail.host).or_else(|| (mail.port == 0).then_some(NO_PORT)),
            What::Imap(mail) => bad_host(&mail.host).or_else(|| bad_port(mail.port)),
            What::Postgres(postgres) => postgres.problem(),
            What::Redis(redis) => redis.problem(),
            What::WebSocket(socket) => socket.problem(),
            What::Grpc(grpc) => grpc.problem(),
        }
    }

    /// What of it would put a secret on record, where it is kept for ever and read by both parties.
    pub fn secret(&self) -> Option<&'static str> {
        match self {
            What::Http(http) => http.secret(),
            What::Flow(flow) => flow.steps.iter().find_map(|step| step.http.secret()),
            What::WebSocket(socket) => http::secret(&socket.url, &socket.headers),
            What::Grpc(grpc) => http::secret(&grpc.url, &[]),
            _ => None,
        }
    }

    /// Whether it is asked by HTTP requests, whose failing is what downtime is (SH-AVAIL-04, SH-AVAIL-07).
    pub fn is_http(&self) -> bool {
        matches!(self, What::Http(_) | What::Flow(_))
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
            What::Flow(flow) => flow.fmt(f),
            What::Tls(tls) => write!(f, "TLS {} port {}", tls.host, tls.port),
            What::Smtp(mail) => write!(f, "SMTP {} port {}", mail.host, mail.port),
            What::Imap(mail) => write!(f, "IMAP {} port {}", mail.host, mail.port),
            What::Postgres(postgres) => write!(f, "PostgreSQL {} port {}", postgres.host, postgres.port),
            What::Redis(redis) => write!(f, "Redis {} port {}", redis.host, redis.port),
            What::WebSocket(socket) => write!(f, "WebSocket {}", socket.url),
            What::Grpc(grpc) if grpc.service.is_empty() => write!(f, "gRPC {}", grpc.url),
            What::Grpc(grpc) => write!(f, "gRPC {} {}", grpc.url, grpc.service),
        }
    }
}

const NO_PORT: &str = "there is no port 0";

/// Why a URL is never asked, as far as its text says: RFC 3986, 3.2, and reliability.md, section 5.
fn bad_url(url: &str, schemes: [&'static str; 2]) -> Option<&'static str> {
    if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Some("a URL holds no spaces, no backslashes and no control characters");
    }
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    if !schemes.iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return Some(match schemes {
            ["http", _] => "the URL begins with neither http:// nor https://",
            _ => "the URL begins with neither ws:// nor wss://",
        });
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Some("its URL holds a user or a password");
    }
    if authority.contains('{') {
        return Some("what was captured does not decide which host is asked");
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

fn too_long(text: &str) -> Option<&'static str> {
    (text.len() > TEXT_MAX).then_some("a text is too long")
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

    /// What is on record is written again as it stands there.
    #[test]
    fn every_kind_reads_as_it_writes_and_says_itself_in_a_line() {
        for (json, line) in [
            (r#"{"tcp":{"host":"db.example","port":5432}}"#, "TCP db.example port 5432"),
            (r#"{"dns":{"name":"example.com","record":"MX"}}"#, "DNS MX example.com"),
            (r#"{"icmp":{"host":"db.example"}}"#, "ICMP db.example"),
            (
                r#"{"http":{"url":"https://x.example/","wanted":[{"header":{"name":"etag","must":"present"}},{"body":{"matches":"^ok"}},{"json":{"path":"$.up","must":{"is":true}}}],"within_ms":500}}"#,
                "GET https://x.example/",
            ),
            (
                r#"{"flow":{"steps":[{"http":{"url":"https://x.example/in"},"capture":[{"name":"t","from":{"json":"$.t"}}]},{"http":{"url":"https://x.example/{{t}}"}}]}}"#,
                "GET https://x.example/in and 1 more",
            ),
            (r#"{"tls":{"host":"x.example","days_left":14,"least":"1.3"}}"#, "TLS x.example port 443"),
            (r#"{"smtp":{"host":"mx.example","port":25,"security":"starttls"}}"#, "SMTP mx.example port 25"),
            (r#"{"imap":{"host":"mx.example","port":993,"security":"tls"}}"#, "IMAP mx.example port 993"),
            (
                r#"{"postgres":{"host":"db.example","security":"starttls","user":"watch","password":"db"}}"#,
                "PostgreSQL db.example port 5432",
            ),
            (r#"{"redis":{"host":"db.example","password":"cache"}}"#, "Redis db.example port 6379"),
            (
                r#"{"web-socket":{"url":"wss://x.example/live","send":"hi"}}"#,
                "WebSocket wss://x.example/live",
            ),
            (r#"{"grpc":{"url":"https://x.example","service":"a.B"}}"#, "gRPC https://x.example a.B"),
        ] {
            let what: What = serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"));
            assert_eq!(serde_json::to_string(&what).unwrap(), json);
            assert_eq!((what.to_string().as_str(), what.problem(), what.secret()), (line, None, None));
        }
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
            ("https://{{host}}/", "which host is asked"),
        ] {
            assert!(url(bad).is_some_and(|said| said.contains(why)), "{bad}: {:?}", url(bad));
        }
        let mail = |kind: &str, port: u16| {
            let json = format!(r#"{{"{kind}":{{"host":"x.example","port":{port}}}}}"#);
            serde_json::from_str::<What>(&json).unwrap().problem()
        };
        assert!(mail("tcp", 587).is_some() && mail("imap", 25).is_some() && mail("redis", 465).is_some());
        assert_eq!((mail("smtp", 25), mail("smtp", 587), mail("imap", 143)), (None, None, None));
    }
}
