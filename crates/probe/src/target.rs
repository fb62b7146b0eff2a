//! A URL taken apart, the way we ask it.

use std::net::IpAddr;

use hyper::Uri;

use crate::guard::Refused;

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tls: bool,
    pub(crate) host: Host,
    pub(crate) port: u16,
    /// The path with its query, at least `/`.
    pub(crate) path: String,
    /// Host and port as in the URL: the `host` header.
    pub(crate) authority: String,
}

/// A name, or an address that was written as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Target {
    pub(crate) fn of(url: &str) -> Result<Target, Refused> {
        if url.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
            return Err(Refused::Host(shortened(url)));
        }
        // The fragment stays with us (RFC 9110, 4.2.4).
        let url = url.split('#').next().unwrap_or_default();
        let uri: Uri = url.parse().map_err(|_| Refused::Host(shortened(url)))?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            other => return Err(Refused::Scheme(shortened(other.unwrap_or("(none)")))),
        };
        let authority = uri.authority().ok_or_else(|| Refused::Host(shortened(url)))?;
        if authority.as_str().contains('@') {
            return Err(Refused::Credentials);
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, digits)) if !digits.ends_with(']') => authority
                .port_u16()
                .filter(|port| *port > 0)
                .ok_or_else(|| Refused::Host(shortened(authority.as_str())))?,
            _ if tls => 443,
            _ => 80,
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        Ok(Target { tls, host: Host::of(authority.host())?, port, path, authority: authority.to_string() })
    }

    /// Where a `location` leads from here (RFC 3986, 5.2, for the forms servers send).
    pub(crate) fn follow(&self, location: &str) -> Result<Target, Refused> {
        let scheme = if self.tls { "https" } else { "http" };
        let has_scheme = location.split(['/', '?', '#']).next().is_some_and(|start| start.contains(':'));
        let url = if has_scheme {
            location.to_owned()
        } else if location.starts_with("//") {
            format!("{scheme}:{location}")
        } else if location.starts_with('/') {
            format!("{scheme}://{}{location}", self.authority)
        } else {
            let path = self.path.split('?').next().unwrap_or("/");
            let folder = &path[..path.rfind('/').map_or(0, |slash| slash + 1)];
            match location.starts_with('?') {
                true => format!("{scheme}://{}{path}{location}", self.authority),
                false => format!("{scheme}://{}{folder}{location}", self.authority),
            }
        };
        Target::of(&url)
    }

    pub(crate) fn same_origin(&self, other: &Target) -> bool {
        self.tls == other.tls && self.host == other.host && self.port == other.port
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}{}", if self.tls { "https" } else { "http" }, self.authority, self.path)
    }
}

impl Host {
    /// A strict address, or a name of letters, digits, hyphens and underscores. What only looks like an address is neither:
    /// `2130706433`, `0x7f.1` and `127.1` are loopback to some resolvers.
    pub(crate) fn of(text: &str) -> Result<Host, Refused> {
        let refuse = || Refused::Host(shortened(text));
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').and_then(|inner| inner.parse().ok());
            return address.map(|v6: std::net::Ipv6Addr| Host::Address(v6.into())).ok_or_else(refuse);
        }
        if let Ok(address) = text.parse() {
            return Ok(Host::Address(address));
        }
        let name = text.strip_suffix('.').unwrap_or(text);
        let letters =
            |label: &str| label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let labels = name.split('.').all(|label| (1..=63).contains(&label.len()) && letters(label));
        let last = name.rsplit('.').next().unwrap_or_default();
        let numeric =
            last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
        if labels && !numeric && name.len() <= 253 {
            Ok(Host::Name(name.to_ascii_lowercase()))
        } else {
            Err(refuse())
        }
    }
}

/// Enough of a text to recognise it by.
fn shortened(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Target {
        Target::of(text).unwrap()
    }

    #[test]
    fn a_url_is_taken_apart() {
        let target = url("https://WWW.Example.com:8443/a?b#c");
        assert_eq!(target.host, Host::Name("www.example.com".to_owned()));
        assert_eq!((target.tls, target.port, target.path.as_str()), (true, 8443, "/a?b"));
        assert_eq!(url("http://[2001:db8::1]").host, Host::Address("2001:db8::1".parse().unwrap()));
        assert_eq!(url("http://www.example.com").path, "/");
    }

    #[test]
    fn a_location_leads_where_a_browser_would_go() {
        let here = url("https://www.example.com/a/b?c");
        let leads = |location: &str| here.follow(location).unwrap().url();
        assert_eq!(leads("/d"), "https://www.example.com/d");
        assert_eq!(leads("d"), "https://www.example.com/a/d");
        assert_eq!(leads("?d"), "https://www.example.com/a/b?d");
        assert_eq!(leads("//other.example.com/d"), "https://other.example.com/d");
        assert_eq!(leads("http://www.example.com:81/"), "http://www.example.com:81/");
        assert!(here.follow("ftp://www.example.com/").is_err());
        assert!(here.follow("javascript:alert(1)").is_err());
    }
}
