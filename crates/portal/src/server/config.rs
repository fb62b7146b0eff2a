//! Where the portal is reached, and by whose word.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::http::HeaderMap;
use door::{elsewhere::Elsewhere, passkey::Passkeys, vault::Vault};

/// Headers that say a request went through a proxy: then whoever asks is not who connects.
const FORWARDING: [&str; 12] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-port",
    "x-forwarded-server",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "cf-connecting-ip",
];

/// Where the portal is reached. Nothing else about a request decides what is https and which host is ours.
#[derive(Debug, Clone)]
pub struct Config {
    origin: String,
    https: bool,
    /// What a `Host` header may say, lower case, with its port unless it is the scheme's own.
    hosts: Vec<String>,
    loopback: bool,
    second_factor: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    proxies: Proxies,
    /// Under which second factors are sealed.
    vault: Option<Arc<Vault>>,
    /// Another place that signs people in.
    elsewhere: Option<Elsewhere>,
    /// Another host name for what others attached, to which no cookie goes.
    files: Option<Files>,
}

/// Where files are fetched.
#[derive(Debug, Clone)]
struct Files {
    origin: String,
    hosts: Vec<String>,
}

/// Which addresses are proxies that are believed.
#[derive(Clone)]
struct Proxies(Arc<dyn Fn(IpAddr) -> bool + Send + Sync>);

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Proxies")
    }
}

/// Why a text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not where a portal can be reached: write https://HOST or https://HOST:PORT; http:// only for 127.0.0.1, [::1] or localhost"
)]
pub struct NotAnOrigin(String);

/// Why files cannot be fetched there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPlaceForFiles {
    /// It is no origin at all.
    #[error(transparent)]
    Origin(#[from] NotAnOrigin),
    /// Cookies would go there too.
    #[error(
        "`{0}` is the portal itself: name another host that leads here, best under a domain of its own, such as https://files.example"
    )]
    Same(String),
    /// A pass could be read on its way.
    #[error("`{0}` is not protected and the portal is: write https://")]
    Plain(String),
}

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
        // Browsers leave the scheme's own port out.
        let authority = match authority.strip_suffix(":443").filter(|_| https) {
            Some(name) => name.to_owned(),
            None => authority,
        };
        let port = uri.port_u16().map_or(String::new(), |port| format!(":{port}"));
        let hosts = if loopback {
            LOOPBACK.iter().map(|host| format!("{host}{port}")).collect()
        } else {
            vec![authority.clone()]
        };
        let origin = format!("{}://{authority}", if https { "https" } else { "http" });
        let proxies = Proxies(Arc::new(|_| false));
        let (vault, elsewhere, files, second_factor) = (None, None, None, true);
        Ok(Config { https, hosts, loopback, second_factor, proxies, origin, vault, elsewhere, files })
    }

    /// Seals second factors under these keys. Without any, nobody can set a second factor up.
    #[must_use]
    pub fn sealed_by(self, vault: Vault) -> Config {
        Config { vault: Some(Arc::new(vault)), ..self }
    }

    /// Signs people in by another place too. Its way back is [`Config::way_back`].
    #[must_use]
    pub fn elsewhere(self, place: Elsewhere) -> Config {
        Config { elsewhere: Some(place), ..self }
    }

    /// Gives out what others attached under another host name, to which browsers send none of the portal's cookies (ASVS 3.2.1): whatever
    /// a file does in somebody's browser, it does not do in the portal's name. The name leads to this server too.
    ///
    /// # Errors
    /// [`NoPlaceForFiles`].
    pub fn files_at(self, origin: &str) -> Result<Config, NoPlaceForFiles> {
        let Config { origin, hosts, https, .. } = Config::new(origin)?;
        // Cookies know no ports.
        if hosts.iter().any(|host| self.hosts.iter().any(|ours| name(ours) == name(host))) {
            return Err(NoPlaceForFiles::Same(origin));
        }
        if self.https && !https {
            return Err(NoPlaceForFiles::Plain(origin));
        }
        Ok(Config { files: Some(Files { origin, hosts }), ..self })
    }

    /// Where files are fetched, without a slash behind it; none where the portal gives them out itself.
    pub(crate) fn files(&self) -> Option<&str> {
        self.files.as_ref().map(|files| files.origin.as_str())
    }

    /// Whether it is the host where files are fetched.
    pub(crate) fn serves_files(&self, host: &str) -> bool {
        let hosts = self.files.iter().flat_map(|files| &files.hosts);
        hosts.into_iter().any(|ours| ours.eq_ignore_ascii_case(host))
    }

    /// Whether a name leads to the portal or to files already, so that no status page has it.
    pub(crate) fn is_taken(&self, domain: &str) -> bool {
        let files = self.files.iter().flat_map(|files| &files.hosts);
        self.hosts.iter().chain(files).any(|ours| name(ours).eq_ignore_ascii_case(name(domain)))
    }

    /// Where another place that signs people in sends them back to, for a portal at this origin.
    pub fn way_back(origin: &str) -> String {
        format!("{}/elsewhere/back", origin.trim_end_matches('/'))
    }

    pub(crate) fn vault(&self) -> Option<&Vault> {
        self.vault.as_deref()
    }

    pub(crate) fn place_elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref()
    }

    /// Passkeys for this address; none where browsers allow none.
    pub(crate) fn passkeys(&self) -> Option<Passkeys> {
        Passkeys::new(&self.origin).ok()
    }

    /// Believes proxies at these addresses about whom they ask for.
    #[must_use]
    pub fn behind(mut self, is_proxy: impl Fn(IpAddr) -> bool + Send + Sync + 'static) -> Config {
        self.proxies = Proxies(Arc::new(is_proxy));
        self
    }

    /// Asks the provider's people for no second factor: for a demonstration on this machine, and for tests.
    #[must_use]
    pub fn without_second_factor(mut self) -> Config {
        self.second_factor = false;
        self
    }

    /// Whether the provider's people need a second factor.
    pub fn asks_second_factor(&self) -> bool {
        self.second_factor
    }

    /// Where browsers reach it, such as `https://desk.example`, without a slash behind it: links in mail begin with it.
    pub fn origin(&self) -> &str {
        &self.origin
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

    /// Whether a proxy that we believe connects from there.
    pub(crate) fn is_proxy(&self, peer: IpAddr) -> bool {
        (self.proxies.0)(peer.to_canonical())
    }

    /// Who asks: the peer, or, behind proxies we believe, the last address in `X-Forwarded-For` that is not one of them. Whoever
    /// asks may have written the addresses before it.
    pub(crate) fn asker(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").iter().rev();
        let mut hops = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')).map(address);
        let mut asker = peer.to_canonical();
        while self.is_proxy(asker) {
            match hops.next() {
                Some(Some(hop)) => asker = hop,
                _ => break,
            }
        }
        asker
    }

    /// Whether a program on this machine connects by itself: no proxy does it for somebody else.
    pub(crate) fn is_direct(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        peer.to_canonical().is_loopback()
            && !self.is_proxy(peer)
            && FORWARDING.iter().all(|name| !headers.contains_key(*name))
    }
}

/// A host without its port, and without the dot that may end it.
fn name(host: &str) -> &str {
    let port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, end)| port(end)).map_or(host, |(name, _)| name);
    name.trim_end_matches('.')
}

/// A hop, with or without its port.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().ok().map(|hop| hop.ip());
    bare.parse().ok().or_else(with_port).map(|hop: IpAddr| hop.to_canonical())
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

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn only_named_proxies_are_believed() {
        let config = Config::new("https://portal.example").unwrap();
        let through = |config: &Config, peer: &str, lines: &[&str]| {
            let lines: Vec<_> = lines.iter().map(|line| ("x-forwarded-for", *line)).collect();
            config.asker(ip(peer), &headers(&lines)).to_string()
        };
        assert_eq!(through(&config, "10.0.0.1", &["9.9.9.9"]), "10.0.0.1");
        let config = config.behind(|peer| [ip("10.0.0.1"), ip("10.0.0.2")].contains(&peer));
        assert_eq!(through(&config, "10.0.0.1", &["1.1.1.1, 9.9.9.9, 10.0.0.2"]), "9.9.9.9");
        assert_eq!(through(&config, "::ffff:10.0.0.1", &["9.9.9.9"]), "9.9.9.9");
        assert_eq!(
            through(&config, "10.0.0.1", &["1.1.1.1", "9.9.9.9:4711"]),
            "9.9.9.9",
            "the last line is the proxy's"
        );
        assert_eq!(through(&config, "10.0.0.1", &["[2001:db8::1]:80"]), "2001:db8::1");
        assert_eq!(through(&config, "10.0.0.1", &["not an address"]), "10.0.0.1");
        assert_eq!(through(&config, "8.8.8.8", &["1.1.1.1"]), "8.8.8.8");
    }

    #[test]
    fn what_a_proxy_passes_on_is_not_of_this_machine() {
        let config = Config::new("https://portal.example").unwrap();
        assert!(config.is_direct(ip("127.0.0.1"), &headers(&[("accept", "*/*")])));
        assert!(!config.is_direct(ip("10.0.0.1"), &headers(&[])));
        for name in FORWARDING {
            assert!(!config.is_direct(ip("::1"), &headers(&[(name, "9.9.9.9")])), "{name}");
        }
        let config = config.behind(|peer| peer == ip("127.0.0.1"));
        assert!(!config.is_direct(ip("127.0.0.1"), &headers(&[])), "a proxy that adds no header");
    }
}
