//! A range of addresses, as operators write it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A range of IPv4 or IPv6 addresses: `10.0.0.0/8`, `fd00::/8`, or one address alone. Bits behind the prefix are zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cidr {
    network: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// Whether the address lies in it. An IPv4 range holds no IPv6 address, mapped or not.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                (network.to_bits() ^ address.to_bits()).leading_zeros() >= u32::from(self.prefix)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => v6(network, self.prefix, address),
            _ => false,
        }
    }
}

/// Whether `address` begins with the first `prefix` bits of `network`.
pub(crate) const fn v6(network: Ipv6Addr, prefix: u8, address: Ipv6Addr) -> bool {
    (network.to_bits() ^ address.to_bits()).leading_zeros() >= prefix as u32
}

/// Text that is no range of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is no range of addresses: write 10.0.0.0/8, fd00::/8 or one address, zeros behind the prefix"
)]
pub struct NotACidr {
    text: String,
}

impl FromStr for Cidr {
    type Err = NotACidr;
    fn from_str(text: &str) -> Result<Cidr, NotACidr> {
        read(text).ok_or_else(|| NotACidr { text: text.to_owned() })
    }
}

fn read(text: &str) -> Option<Cidr> {
    let (network, prefix) = match text.split_once('/') {
        Some((network, prefix)) => (network, Some(prefix)),
        None => (text, None),
    };
    let network: IpAddr = network.parse().ok()?;
    let bits = if network.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(bits), |prefix| prefix.parse().ok().filter(|prefix| *prefix <= bits))?;
    let behind = match network {
        IpAddr::V4(network) => network.to_bits().trailing_zeros(),
        IpAddr::V6(network) => network.to_bits().trailing_zeros(),
    };
    (behind >= u32::from(bits - prefix)).then_some(Cidr { network, prefix })
}

impl fmt::Display for Cidr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.network, self.prefix)
    }
}

impl TryFrom<String> for Cidr {
    type Error = NotACidr;
    fn try_from(text: String) -> Result<Cidr, NotACidr> {
        text.parse()
    }
}

impl From<Cidr> for String {
    fn from(cidr: Cidr) -> String {
        cidr.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_edges_and_nothing_beyond() {
        let ten: Cidr = "10.0.0.0/8".parse().unwrap();
        assert!(ten.contains("10.0.0.0".parse().unwrap()) && ten.contains("10.255.255.255".parse().unwrap()));
        assert!(
            !ten.contains("11.0.0.0".parse().unwrap()) && !ten.contains("::ffff:10.0.0.1".parse().unwrap())
        );
        let all: Cidr = "::/0".parse().unwrap();
        assert!(all.contains("2001:db8::1".parse().unwrap()));
        assert_eq!("127.0.0.1".parse::<Cidr>().unwrap().to_string(), "127.0.0.1/32");
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "fd00::1/8", "10/8", "a.b.c.d", "10.0.0.0/-1"] {
            assert!(text.parse::<Cidr>().is_err(), "{text}");
        }
    }
}
