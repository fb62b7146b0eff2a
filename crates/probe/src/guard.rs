//! What may be asked at all: the rules against server-side request forgery (reliability.md, section 5).
//!
//! Whoever may write a check could otherwise have us read a cloud's metadata or knock on a database. So: a closed list of questions; no
//! mail ports but for a greeting; every address a name has is unwrapped from what can carry an IPv4 address inside an IPv6 one, and held against
//! the ranges that are not the public internet; and the connection goes to the very address that passed. [`Passed`] cannot be
//! made elsewhere and is the only thing that can be connected to. The operator names the private ranges that are allowed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use facts::what::MAIL_PORTS;

use crate::cidr::{Cidr, v6};

/// What may be asked.
#[derive(Debug, Clone, Default)]
pub struct Guard {
    allowed: Vec<Cidr>,
    own_ports: Vec<u16>,
}

/// A port that something is asked on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    number: u16,
    /// It is greeted as a mail server is, in words that are ours alone: no mail can be sent with them.
    is_greeted: bool,
}

/// An address that may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Passed {
    address: IpAddr,
    /// It passed because the operator allows its range, not because it is public.
    by_operator: bool,
}

/// Why something is not asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "the message says what the field is")]
pub enum Refused {
    #[error("scheme {0} is not asked")]
    Scheme(String),
    #[error("port {0} is not asked")]
    Port(u16),
    #[error("a URL with a user or password is not asked")]
    Credentials,
    #[error("`{0}` is no host name")]
    Host(String),
    #[error("{address} is {what}")]
    Address { address: IpAddr, what: &'static str },
}

impl Guard {
    /// The public internet and nothing else.
    pub fn public() -> Guard {
        Guard::default()
    }

    /// These ranges too: what the operator's own prober may ask in a private network.
    #[must_use]
    pub fn allowing(mut self, ranges: impl IntoIterator<Item = Cidr>) -> Guard {
        self.allowed.extend(ranges);
        self
    }

    /// The ports we listen on ourselves: never asked on this machine, whatever is allowed.
    #[must_use]
    pub fn with_own_ports(mut self, ports: impl IntoIterator<Item = u16>) -> Guard {
        self.own_ports.extend(ports);
        self
    }

    /// Whether every address of a name may be asked. One that may not is enough to refuse all: a name that mixes them is out
    /// to have us try.
    pub fn all(&self, addresses: &[IpAddr], port: Port) -> Result<Vec<Passed>, Refused> {
        addresses.iter().map(|address| self.address(*address, port)).collect()
    }

    /// Whether this address may be asked on this port.
    pub fn address(&self, address: IpAddr, port: impl Into<Port>) -> Result<Passed, Refused> {
        let port = port.into();
        self.port(port)?;
        let port = port.number;
        // On the wire a mapped address is IPv4.
        let address = address.to_canonical();
        if address.is_loopback() && self.own_ports.contains(&port) {
            return Err(Refused::Port(port));
        }
        if self.allowed.iter().any(|range| range.contains(address)) {
            return Ok(Passed { address, by_operator: true });
        }
        match not_public(address) {
            None => Ok(Passed { address, by_operator: false }),
            Some(what) => Err(Refused::Address { address, what }),
        }
    }

    /// A port without an address: an echo has none and passes.
    pub(crate) fn port(&self, port: Port) -> Result<(), Refused> {
        let is_mail = MAIL_PORTS.contains(&port.number) && !port.is_greeted;
        if is_mail { Err(Refused::Port(port.number)) } else { Ok(()) }
    }

    /// An address of this very machine is asked only where the operator allows it, and there not on our own ports.
    pub(crate) fn own(&self, passed: Passed, port: u16) -> Result<(), Refused> {
        if self.own_ports.contains(&port) {
            Err(Refused::Port(port))
        } else if passed.by_operator {
            Ok(())
        } else {
            Err(Refused::Address { address: passed.address, what: "this machine" })
        }
    }
}

impl Port {
    /// A port that is only greeted, so that it may be one that mail is handed over on.
    pub(crate) fn greeted(number: u16) -> Port {
        Port { number, is_greeted: true }
    }

    /// Its number.
    pub fn number(self) -> u16 {
        self.number
    }
}

impl From<u16> for Port {
    fn from(number: u16) -> Port {
        Port { number, is_greeted: false }
    }
}

impl Passed {
    /// The address.
    pub fn address(self) -> IpAddr {
        self.address
    }
}

/// What an address is, if it is not one of the public internet.
fn not_public(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(v4) => not_public_v4(v4),
        IpAddr::V6(v6) => not_public_v6(v6),
    }
}

/// IANA's special-purpose IPv4 addresses, and one of a cloud's own in public space.
fn not_public_v4(address: Ipv4Addr) -> Option<&'static str> {
    match address.octets() {
        [0, ..] => Some("this network"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some("private"),
        [100, 64..=127, ..] => Some("shared by a carrier"),
        [127, ..] => Some("this machine"),
        [169, 254, ..] => Some("link-local"),
        [192, 0, 0, _] => Some("for protocols"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Some("for documents"),
        [192, 88, 99, _] => Some("a relay that is no more"),
        [198, 18..=19, ..] => Some("for benchmarks"),
        [168, 63, 129, 16] => Some("a cloud's own"),
        [224..=239, ..] => Some("multicast"),
        [240..=255, ..] => Some("reserved"),
        _ => None,
    }
}

/// Only 2000::/3 is given out; some of it for a purpose, and some of it carries an IPv4 address inside.
fn not_public_v6(address: Ipv6Addr) -> Option<&'static str> {
    let within = |network: &str, prefix| network.parse().is_ok_and(|network| v6(network, prefix, address));
    if let Some(inside) = carried(address) {
        return inside.into_iter().find_map(not_public_v4);
    }
    match address.segments() {
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => Some("this machine"),
        [0x64, 0xff9b, 1, ..] => Some("a translator's own"),
        [0x100, 0, 0, ..] => Some("thrown away"),
        [0xfe80..=0xfebf, ..] => Some("link-local"),
        [0xfec0..=0xfeff, ..] => Some("site-local"),
        [0xfc00..=0xfdff, ..] => Some("private"),
        [0xff00..=0xffff, ..] => Some("multicast"),
        [0x2001, 0xdb8, ..] => Some("for documents"),
        _ if within("3fff::", 20) => Some("for documents"),
        _ if within("2001::", 23) => Some("for protocols"),
        _ if within("2000::", 3) => None,
        _ => Some("reserved"),
    }
}

/// The IPv4 addresses that an IPv6 address makes somebody on the way connect to, if it is one that does.
fn carried(address: Ipv6Addr) -> Option<Vec<Ipv4Addr>> {
    let v4 = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        // ::1 and :: are addresses of their own.
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        // IPv4-compatible (RFC 4291, 2.5.5.1) and mapped (2.5.5.2; canonical before this, but not only we call).
        [0, 0, 0, 0, 0, 0 | 0xffff, a, b] => Some(vec![v4(a, b)]),
        // Translated (RFC 2765).
        [0, 0, 0, 0, 0xffff, 0, a, b] => Some(vec![v4(a, b)]),
        // NAT64 (RFC 6052); 64:ff9b:1::/48 is a network's own and not given out.
        [0x64, 0xff9b, 0, 0, 0, 0, a, b] => Some(vec![v4(a, b)]),
        // 6to4 (RFC 3056).
        [0x2002, a, b, ..] => Some(vec![v4(a, b)]),
        // Teredo (RFC 4380): its server, and the client turned inside out.
        [0x2001, 0, a, b, _, _, c, d] => Some(vec![v4(a, b), v4(!c, !d)]),
        // ISATAP (RFC 5214): below any prefix.
        [.., 0 | 0x200, 0x5efe, a, b] => Some(vec![v4(a, b)]),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(address: &str) -> Option<String> {
        Guard::public().address(address.parse().unwrap(), 443).err().map(|refused| refused.to_string())
    }

    #[test]
    fn public_addresses_pass_carried_or_not() {
        for address in
            ["1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]
        {
            assert_eq!(what(address), None, "{address}");
        }
    }

    #[test]
    fn the_operator_opens_a_range_and_nothing_beside_it() {
        let guard = Guard::public().allowing(["10.1.0.0/16".parse().unwrap()]);
        let passes = |address: &str| guard.address(address.parse().unwrap(), 80).is_ok();
        assert!(passes("10.1.2.3") && passes("::ffff:10.1.2.3"));
        assert!(!passes("10.2.2.3"));
        assert!(!passes("64:ff9b::a01:203"), "a translator is not the private network");
        assert!(!passes("169.254.169.254"));
    }

    #[test]
    fn one_address_that_may_not_be_asked_refuses_its_name() {
        let addresses = ["1.1.1.1".parse().unwrap(), "127.0.0.1".parse().unwrap()];
        assert!(Guard::public().all(&addresses, 443.into()).is_err());
    }

    #[test]
    fn a_mail_port_is_greeted_and_asked_nothing_else_and_nowhere_else() {
        let (guard, public) = (Guard::public(), "1.1.1.1".parse().unwrap());
        for port in MAIL_PORTS {
            assert_eq!(guard.address(public, port), Err(Refused::Port(port)));
            assert!(guard.address(public, Port::greeted(port)).is_ok());
            assert!(guard.address("10.0.0.1".parse().unwrap(), Port::greeted(port)).is_err());
        }
        let own = Guard::public().allowing(["127.0.0.0/8".parse().unwrap()]).with_own_ports([25]);
        assert_eq!(own.address("127.0.0.1".parse().unwrap(), Port::greeted(25)), Err(Refused::Port(25)));
    }

    #[test]
    fn our_own_ports_stay_closed_on_an_allowed_loopback() {
        let guard = Guard::public().allowing(["127.0.0.0/8".parse().unwrap()]).with_own_ports([7430]);
        let loopback = "127.0.0.1".parse().unwrap();
        assert!(guard.address(loopback, 7431).is_ok());
        assert_eq!(guard.address(loopback, 7430), Err(Refused::Port(7430)));
        assert_eq!(guard.address("::ffff:127.0.0.1".parse().unwrap(), 7430), Err(Refused::Port(7430)));
        assert_eq!(guard.address(loopback, 25), Err(Refused::Port(25)));
    }
}
