//! Services that speak something else than HTTP, or something over it.

use serde::{Deserialize, Serialize};

use super::http::{Header, bad_headers};
use super::text::SecretName;
use super::wanted::Must;
use super::{Family, bad_host, bad_port, bad_url, is_default, too_long};

/// The most days that a certificate can be asked to have left.
pub const DAYS_LEFT_MAX: u16 = 825;

/// When TLS begins.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// Never.
    #[default]
    Plain,
    /// After a word in the clear, as the protocol has it. A server that does not know the word has failed.
    StartTls,
    /// At once.
    Tls,
}

/// The oldest version of TLS that is accepted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum TlsVersion {
    /// TLS 1.2: older ones are never spoken.
    #[default]
    #[serde(rename = "1.2")]
    V12,
    /// TLS 1.3.
    #[serde(rename = "1.3")]
    V13,
}

/// TLS alone: good when it is agreed, its chain holds, the certificate is for the name, and has days left.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tls {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port; 443 when not said.
    #[serde(default = "https", skip_serializing_if = "is_https")]
    pub port: u16,
    /// The name that the certificate must be for, where it is not the host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whole days that the certificate must have left at least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_left: Option<u16>,
    /// The oldest version that is accepted, of the one the server chooses with us.
    #[serde(default, skip_serializing_if = "is_default")]
    pub least: TlsVersion,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A mail server: good when it greets, answers what it can do, and agrees on TLS where that is wanted. Nobody signs in, and nothing is
/// sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mail {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port.
    pub port: u16,
    /// When TLS begins.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: Security,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A PostgreSQL server. Without a user: good when it says whether it speaks TLS. With one: good when it answers `SELECT 1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Postgres {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port; 5432 when not said.
    #[serde(default = "postgres", skip_serializing_if = "is_postgres")]
    pub port: u16,
    /// When TLS begins: never, or as soon as the server says that it speaks it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: Security,
    /// Who signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The user's password, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretName>,
    /// Which database; the user's own when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A Redis server: good when it answers `PING` with `PONG`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Redis {
    /// A name or an address; an IPv6 address without brackets.
    pub host: String,
    /// The port; 6379 when not said.
    #[serde(default = "redis", skip_serializing_if = "is_redis")]
    pub port: u16,
    /// When TLS begins: never, or at once.
    #[serde(default, skip_serializing_if = "is_default")]
    pub security: Security,
    /// Who signs in, where it is not the default user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The password, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretName>,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// A WebSocket: good when the server switches to it and answers a ping, or, where something is sent, says what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WebSocket {
    /// `ws://` or `wss://`, without user or password.
    pub url: String,
    /// Headers beside our own; `{{secret:NAME}}` in a value stands for a secret.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<Header>,
    /// A text that is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<String>,
    /// What one of the next ten messages must be; the very text that was sent when not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<Must>,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

/// The health of a gRPC service (grpc.health.v1): good when it says that it serves.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grpc {
    /// `http://` or `https://` with host and port.
    pub url: String,
    /// The service; the whole server when not said.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// Which kind of address.
    #[serde(default, skip_serializing_if = "is_default")]
    pub family: Family,
}

impl Tls {
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.days_left.is_some_and(|days| days > DAYS_LEFT_MAX) {
            return Some("no certificate is good for more than 825 days");
        }
        let name = || self.name.as_deref().and_then(bad_host);
        bad_host(&self.host).or_else(|| bad_port(self.port)).or_else(name)
    }
}

impl Postgres {
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.security == Security::Tls {
            return Some("PostgreSQL begins in the clear: say `starttls`");
        }
        if self.user.is_none() && (self.password.is_some() || self.database.is_some()) {
            return Some("a password and a database need a user");
        }
        let names = || [&self.user, &self.database].into_iter().flatten().find_map(|name| bad_name(name));
        bad_host(&self.host).or_else(|| bad_port(self.port)).or_else(names)
    }
}

impl Redis {
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.security == Security::StartTls {
            return Some("Redis speaks TLS at once or never: say `tls`");
        }
        if self.user.is_some() && self.password.is_none() {
            return Some("a user needs a password");
        }
        let user = || self.user.as_deref().and_then(bad_name);
        bad_host(&self.host).or_else(|| bad_port(self.port)).or_else(user)
    }
}

impl WebSocket {
    pub(super) fn problem(&self) -> Option<&'static str> {
        if self.expect.is_some() && self.send.is_none() {
            return Some("what is expected answers what is sent: say what");
        }
        if matches!(self.expect, Some(Must::Present | Must::Absent)) {
            return Some("say what the message must hold");
        }
        let expect = || self.expect.as_ref().and_then(Must::problem);
        too_long(&self.url)
            .or_else(|| bad_url(&self.url, ["ws", "wss"]))
            .or_else(|| bad_headers(&self.headers))
            .or_else(|| self.send.as_deref().and_then(too_long))
            .or_else(expect)
    }
}

impl Grpc {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let path = self.url.splitn(4, '/').nth(3).unwrap_or_default();
        if !path.is_empty() {
            return Some("a gRPC URL ends behind its host: the path is the method's");
        }
        too_long(&self.url)
            .or_else(|| bad_url(&self.url, ["http", "https"]))
            .or_else(|| too_long(&self.service))
    }
}

/// A name that is sent as it stands, ended by a zero.
fn bad_name(name: &str) -> Option<&'static str> {
    if name.is_empty() || name.len() > 63 || name.chars().any(char::is_control) {
        return Some("a name is 1 to 63 bytes without control characters");
    }
    None
}

fn https() -> u16 {
    443
}

fn is_https(port: &u16) -> bool {
    *port == 443
}

fn postgres() -> u16 {
    5_432
}

fn is_postgres(port: &u16) -> bool {
    *port == 5_432
}

fn redis() -> u16 {
    6_379
}

fn is_redis(port: &u16) -> bool {
    *port == 6_379
}

#[cfg(test)]
mod tests {
    use crate::what::What;

    #[test]
    fn what_fits_no_protocol_is_refused() {
        for (json, why) in [
            (r#"{"tls":{"host":"x.example","days_left":900}}"#, "825"),
            (r#"{"tls":{"host":"","days_left":9}}"#, "host"),
            (r#"{"postgres":{"host":"x.example","security":"tls"}}"#, "starttls"),
            (r#"{"postgres":{"host":"x.example","password":"p"}}"#, "user"),
            (r#"{"postgres":{"host":"x.example","user":"a\u0000b"}}"#, "control"),
            (r#"{"redis":{"host":"x.example","security":"starttls"}}"#, "tls"),
            (r#"{"redis":{"host":"x.example","user":"a"}}"#, "password"),
            (r#"{"web-socket":{"url":"https://x.example/"}}"#, "ws"),
            (r#"{"web-socket":{"url":"ws://x.example/","expect":{"is":"a"}}}"#, "sent"),
            (r#"{"web-socket":{"url":"ws://x.example:25/"}}"#, "mail"),
            (r#"{"grpc":{"url":"https://x.example/a"}}"#, "path"),
            (r#"{"grpc":{"url":"https://x.example/?a"}}"#, "path"),
        ] {
            let problem = serde_json::from_str::<What>(json).unwrap().problem();
            assert!(problem.is_some_and(|said| said.contains(why)), "{json}: {problem:?}");
        }
    }
}
