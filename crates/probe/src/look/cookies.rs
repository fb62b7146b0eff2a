//! The cookies of one flow, from its first request to its last (RFC 6265, as far as a flow needs it).
//!
//! What an answer sets goes back to the host that set it, or to the hosts below a domain it names and belongs to. When a cookie ends is
//! left aside, but for one that is taken back; a flow lasts a minute at most.

use hyper::header::{HeaderMap, HeaderValue, SET_COOKIE};

use crate::target::{Host, Target};

/// The most cookies of a flow.
const COOKIES_MAX: usize = 50;
/// The most bytes of one.
const COOKIE_BYTES_MAX: usize = 4_096;

/// The cookies that were set.
#[derive(Debug, Default)]
pub(super) struct Jar(Vec<Cookie>);

struct Cookie {
    name: String,
    value: String,
    host: String,
    /// It goes to hosts below as well.
    is_domain: bool,
    path: String,
    secure: bool,
}

impl Jar {
    /// Keeps what an answer from there sets.
    pub(super) fn take(&mut self, headers: &HeaderMap, from: &Target) {
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().ok().filter(|line| line.len() <= COOKIE_BYTES_MAX);
            let Some((cookie, is_over)) = line.and_then(|line| Cookie::read(line, from)) else { continue };
            self.0.retain(|kept| !kept.is_same(&cookie));
            if !is_over && self.0.len() < COOKIES_MAX {
                self.0.push(cookie);
            }
        }
    }

    /// What goes with a request to there, if anything does.
    pub(super) fn header(&self, to: &Target) -> Option<HeaderValue> {
        let fitting = self.0.iter().filter(|cookie| cookie.goes(to));
        let pairs: Vec<_> = fitting.map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        let mut value = HeaderValue::from_str(&pairs.join("; ")).ok().filter(|_| !pairs.is_empty())?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Cookie {
    /// A cookie, and whether it is taken back.
    fn read(line: &str, from: &Target) -> Option<(Cookie, bool)> {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let host = host(from);
        let path = from.path.split('?').next().unwrap_or("/");
        let folder = path.rfind('/').map_or("/", |slash| &path[..slash.max(1)]);
        let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
        let mut cookie =
            Cookie { name, value, host, is_domain: false, path: folder.to_owned(), secure: false };
        let mut is_over = false;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            match key.trim().to_ascii_lowercase().as_str() {
                "domain" if !value.is_empty() => cookie.widen(value, from)?,
                "path" if value.starts_with('/') => cookie.path = value.to_owned(),
                "secure" => cookie.secure = true,
                "max-age" => is_over = value.parse::<i64>().is_ok_and(|age| age <= 0),
                // What servers write to take one back.
                "expires" => is_over |= value.contains("1970"),
                _ => {}
            }
        }
        (!cookie.name.is_empty()).then_some((cookie, is_over))
    }

    /// For a whole domain: one of at least two labels that the host belongs to; from another it is not taken.
    fn widen(&mut self, domain: &str, from: &Target) -> Option<()> {
        let domain = domain.trim_start_matches('.').to_ascii_lowercase();
        let Host::Name(host) = &from.host else { return (domain == self.host).then_some(()) };
        let is_below = host == &domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'));
        if !is_below || !domain.contains('.') {
            return None;
        }
        (self.host, self.is_domain) = (domain, true);
        Some(())
    }

    fn is_same(&self, other: &Cookie) -> bool {
        (&self.name, &self.host, &self.path) == (&other.name, &other.host, &other.path)
    }

    fn goes(&self, to: &Target) -> bool {
        let host = host(to);
        let is_below =
            || self.is_domain && host.strip_suffix(&self.host).is_some_and(|rest| rest.ends_with('.'));
        let path = to.path.split('?').next().unwrap_or("/");
        let is_under = path
            .strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/'));
        (host == self.host || is_below()) && is_under && (to.tls || !self.secure)
    }
}

/// Its name alone: the value is as good as a password.
impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}=… of {}", self.name, self.host)
    }
}

fn host(target: &Target) -> String {
    match &target.host {
        Host::Name(name) => name.clone(),
        Host::Address(address) => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(set: &[&str], from: &str, to: &str) -> Option<String> {
        let mut jar = Jar::default();
        for line in set {
            let mut headers = HeaderMap::new();
            headers.append(SET_COOKIE, line.parse().unwrap());
            jar.take(&headers, &Target::of(from).unwrap());
        }
        jar.header(&Target::of(to).unwrap()).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn a_cookie_goes_back_to_whom_it_is_of() {
        let from = "https://www.shop.example/login/in?x";
        let to = |set: &str, to: &str| goes(&[set], from, to).is_some();
        assert!(
            to("s=1", "https://www.shop.example/login/") && to("s=1; Path=/", "https://www.shop.example/")
        );
        assert!(
            !to("s=1", "https://www.shop.example/") && !to("s=1; Path=/a", "https://www.shop.example/ab")
        );
        assert!(!to("s=1; Path=/", "https://shop.example/") && !to("s=1; Path=/", "https://evil.example/"));
        let wide = "s=1; Path=/; Domain=.Shop.example";
        assert!(to(wide, "https://pay.shop.example/") && to(wide, "https://shop.example/"));
        assert!(!to(wide, "https://eshop.example/"));
        assert!(!to("s=1; Path=/; Domain=other.example", "https://other.example/"));
        assert!(!to("s=1; Path=/; Domain=example", "https://other.example/"));
        assert!(!to("s=1; Path=/; Secure", "http://www.shop.example/"));
    }

    #[test]
    fn the_last_word_counts_and_one_taken_back_is_gone() {
        let (at, root) = ("https://x.example/", "https://x.example/");
        assert_eq!(goes(&["a=1", "b=2", "a=3"], at, root).as_deref(), Some("b=2; a=3"));
        assert_eq!(goes(&["a=1", "a=; Max-Age=0"], at, root), None);
        assert_eq!(goes(&["a=1", "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], at, root), None);
    }

    #[test]
    fn a_jar_is_bounded() {
        let many: Vec<String> = (0..200).map(|index| format!("c{index}=1")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let sent = goes(&many, "https://x.example/", "https://x.example/").unwrap();
        assert_eq!(sent.split("; ").count(), COOKIES_MAX);
        assert_eq!(
            goes(&[&format!("a={}", "x".repeat(5_000))], "https://x.example/", "https://x.example/"),
            None
        );
    }
}
