//! Where the portal is reached, and by whose word.

use std::net::IpAddr;

/// Where the portal is reached. Nothing else about a request decides what is https and which host is ours.
#[derive(Debug, Clone)]
pub struct Config {
    https: bool,
    /// What a `Host` header may say, lower case, with its port unless it is the scheme's own.
    hosts: Vec<String>,
    loopback: bool,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    proxies: Vec<IpAddr>,
}

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not where a portal can be reached: write https://HOST or https://HOST:PORT; http:// only for 127.0.0.1, [::1] or localhost"
)]
pub struct NotAnOrigin(String);

impl Config {
    /// The origin that browsers show: `https://portal.example`, or `http://127.0.0.1:7430`. Plain http is for this machine only:
    /// passwords would cross a network in clear text.
    ///
    /// # Errors
    /// [`NotAnOrigin`].
    pub fn new(origin: &str) -> Result<Config, NotAnOrigin> {
        let refuse = || NotAnOrigin(origin.to_owned());
        let uri: axum::http::Uri = origin.trim_end_matches('/').parse().map_err(|_| refuse())?;
        let authority = uri.authority().ok_or_else(refuse)?.as_str().to_ascii_lowercase();
        let host = uri.host().unwrap_or_default().to_ascii_lowercase();
        let loopback = LOOPBACK.contains(&host.as_str());
        let plain = uri.path().trim_end_matches('/').is_empty() && uri.query().is_none();
        let https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") if loopback => false,
            _ => return Err(refuse()),
        };
        if !plain || authority.contains('@') {
            return Err(refuse());
        }
        let port = uri.port_u16().map_or(String::new(), |port| format!(":{port}"));
        let hosts = if loopback {
            LOOPBACK.iter().map(|host| format!("{host}{port}")).collect()
        } else {
            vec![authority]
        };
        Ok(Config { https, hosts, loopback, proxies: Vec::new() })
    }

    /// Believes these proxies about whom they ask for.
    #[must_use]
    pub fn behind(mut self, proxies: &[IpAddr]) -> Config {
        self.proxies = proxies.to_vec();
        self
    }

    /// Whether browsers reach it over TLS.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Plain http on this machine.
    pub(crate) fn is_plain_loopback(&self) -> bool {
        self.loopback && !self.https
    }

    /// Whether a request for this host is ours. Another name that was made to point here (DNS rebinding) is not.
    pub(crate) fn serves(&self, host: &str) -> bool {
        self.hosts.iter().any(|ours| ours.eq_ignore_ascii_case(host))
    }

    /// Who asks: the peer, or, behind proxies we believe, the last address in `X-Forwarded-For` that is not one of them.
    pub(crate) fn asker(&self, peer: IpAddr, forwarded: &str) -> IpAddr {
        let mut hops = forwarded.rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
        let mut asker = peer;
        while self.proxies.contains(&asker) {
            match hops.next() {
                Some(Ok(hop)) => asker = hop,
                _ => break,
            }
        }
        asker
    }
}

const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_this_machine_only() {
        assert!(Config::new("https://portal.example").unwrap().is_https());
        assert!(Config::new("http://127.0.0.1:7430/").unwrap().is_plain_loopback());
        for text in [
            "http://portal.example",
            "portal.example",
            "https://a@b",
            "https://h/path",
            "",
            "ftp://localhost",
        ] {
            assert!(Config::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn only_our_own_names_are_served() {
        let local = Config::new("http://127.0.0.1:7430").unwrap();
        assert!(
            local.serves("localhost:7430") && local.serves("127.0.0.1:7430") && local.serves("[::1]:7430")
        );
        assert!(!local.serves("127.0.0.1") && !local.serves("rebound.example:7430"));
        let far = Config::new("https://portal.example").unwrap();
        assert!(far.serves("Portal.Example") && !far.serves("localhost"));
    }

    #[test]
    fn only_named_proxies_are_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let config = Config::new("https://portal.example").unwrap();
        assert_eq!(config.asker(ip("10.0.0.1"), "9.9.9.9"), ip("10.0.0.1"));
        let config = config.behind(&[ip("10.0.0.1"), ip("10.0.0.2")]);
        assert_eq!(config.asker(ip("10.0.0.1"), "1.1.1.1, 9.9.9.9, 10.0.0.2"), ip("9.9.9.9"));
        assert_eq!(config.asker(ip("10.0.0.1"), "not an address"), ip("10.0.0.1"));
        assert_eq!(config.asker(ip("8.8.8.8"), "1.1.1.1"), ip("8.8.8.8"));
    }
}
