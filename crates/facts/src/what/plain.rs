//! A connection, a name, an echo.

// Addresses are plain data, and `core` has no sockets: this room stays pure.
use core::net::SocketAddr;

use serde::{Deserialize, Serialize};

use super::{NO_PORT, bad_host, bad_port, is_default, too_long};

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

impl Tcp {
    pub(super) fn problem(&self) -> Option<&'static str> {
        bad_host(&self.host).or_else(|| bad_port(self.port))
    }
}

impl Dns {
    pub(super) fn problem(&self) -> Option<&'static str> {
        let bad_server = || self.server.is_some_and(|server| server.port() == 0);
        bad_host(&self.name)
            .or_else(|| bad_server().then_some(NO_PORT))
            .or_else(|| self.expect.iter().find_map(|text| too_long(text)))
    }
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
