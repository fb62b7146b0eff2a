//! Cookies: the session, the device, the theme. All are `__Host-`: of this host alone, over TLS alone, for every path.
//!
//! Plain http on loopback: Chromium and Firefox take and send `Secure` cookies there, since nobody else can listen; Safari and
//! simple clients do not. The sign-in page therefore leaves a cookie of no meaning, and only where that one does not come back,
//! and only on plain loopback, the session is kept under a plain name too.

use axum::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};
use door::Secret;
use spans::Length;

use super::{Config, viewer::SESSION_MAX};

const SESSION: &str = "__Host-session";
const SESSION_PLAIN: &str = "session";
const DEVICE: &str = "__Host-device";
const THEME: &str = "__Host-theme";
const ZONE: &str = "__Host-zone";
const KEPT: &str = "__Host-kept";
const BEGUN: &str = "__Host-begun";
const BEGUN_PLAIN: &str = "begun";
/// Seconds that a browser keeps the token of something begun.
const BEGUN_KEPT_S: u32 = 3_600;
/// How long a browser is remembered as one that its person used: browsers allow no more than 400 days.
const DEVICE_KEPT: Length = Length::from_secs(400 * 86_400);
/// Bytes of cookies that are looked at.
const COOKIES_BYTES_MAX: usize = 4_096;

/// The value of a cookie.
fn get<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.filter(|text| text.len() <= COOKIES_BYTES_MAX)
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

/// The session's token.
pub(crate) fn session(config: &Config, headers: &HeaderMap) -> Option<Secret> {
    let plain = || get(headers, SESSION_PLAIN).filter(|_| config.is_plain_loopback());
    get(headers, SESSION).or_else(plain).and_then(Secret::read_hex)
}

/// The device's token.
pub(crate) fn device(headers: &HeaderMap) -> Option<Secret> {
    get(headers, DEVICE).and_then(Secret::read_hex)
}

/// The token of what was begun.
pub(crate) fn begun(config: &Config, headers: &HeaderMap) -> Option<Secret> {
    let plain = || get(headers, BEGUN_PLAIN).filter(|_| config.is_plain_loopback());
    get(headers, BEGUN).or_else(plain).and_then(Secret::read_hex)
}

/// Sets the token of what was begun. It comes along from another site's page too, since people come back from there.
pub(crate) fn set_begun(config: &Config, asked: &HeaderMap, answer: &mut HeaderMap, token: &Secret) {
    let rest = format!("Path=/; HttpOnly; SameSite=Lax; Max-Age={BEGUN_KEPT_S}");
    set(answer, &format!("{BEGUN}={}; Secure; {rest}", token.hex()));
    if config.is_plain_loopback() && get(asked, KEPT).is_none() {
        set(answer, &format!("{BEGUN_PLAIN}={}; {rest}", token.hex()));
    }
}

/// The theme's name.
pub(crate) fn theme(headers: &HeaderMap) -> Option<&str> {
    get(headers, THEME)
}

/// The name of the reader's zone.
pub(crate) fn zone(headers: &HeaderMap) -> Option<&str> {
    get(headers, ZONE)
}

/// Remembers the reader's zone.
pub(crate) fn set_zone(answer: &mut HeaderMap, zone: &str) {
    let age = secs(DEVICE_KEPT);
    set(answer, &format!("{ZONE}={zone}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"));
}

/// Sets the session.
pub(crate) fn set_session(config: &Config, asked: &HeaderMap, answer: &mut HeaderMap, token: &Secret) {
    set(
        answer,
        &format!(
            "{SESSION}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}",
            token.hex(),
            secs(SESSION_MAX)
        ),
    );
    if config.is_plain_loopback() && get(asked, KEPT).is_none() {
        set(answer, &format!("{SESSION_PLAIN}={}; Path=/; HttpOnly; SameSite=Lax", token.hex()));
    }
}

/// Leaves what [`set_session`] looks for.
pub(crate) fn set_kept(config: &Config, answer: &mut HeaderMap) {
    if config.is_plain_loopback() {
        set(answer, &format!("{KEPT}=1; Path=/; Secure; HttpOnly; SameSite=Lax"));
    }
}

/// Takes the session away.
pub(crate) fn clear_session(config: &Config, answer: &mut HeaderMap) {
    set(answer, &format!("{SESSION}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"));
    if config.is_plain_loopback() {
        set(answer, &format!("{SESSION_PLAIN}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"));
    }
}

/// Remembers the browser.
pub(crate) fn set_device(answer: &mut HeaderMap, token: &Secret) {
    let age = secs(DEVICE_KEPT);
    set(
        answer,
        &format!("{DEVICE}={}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={age}", token.hex()),
    );
}

/// Remembers the theme; an empty one follows the system again.
pub(crate) fn set_theme(answer: &mut HeaderMap, theme: &str) {
    let age = if theme.is_empty() { 0 } else { secs(DEVICE_KEPT) };
    set(answer, &format!("{THEME}={theme}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"));
}

fn secs(length: Length) -> i64 {
    length.as_micros() / 1_000_000
}

fn set(answer: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.append(SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_session_counts_on_plain_loopback_only() {
        let local = Config::new("http://127.0.0.1:7430").unwrap();
        let far = Config::new("https://portal.example").unwrap();
        let token = Secret::new().unwrap();
        let asked =
            |cookie: String| HeaderMap::from_iter([(COOKIE, HeaderValue::from_str(&cookie).unwrap())]);
        let plain = asked(format!("a=b; session={}", token.hex()));
        assert_eq!(session(&local, &plain), Some(token.clone()));
        assert_eq!(session(&far, &plain), None);
        assert_eq!(session(&far, &asked(format!("__Host-session={}", token.hex()))), Some(token.clone()));
        assert_eq!(session(&far, &asked("__Host-session=nonsense".to_owned())), None);
        let set = |asked: &HeaderMap, config| {
            let mut answer = HeaderMap::new();
            set_session(config, asked, &mut answer, &token);
            answer.get_all(SET_COOKIE).iter().count()
        };
        assert_eq!(set(&HeaderMap::new(), &far), 1);
        assert_eq!(set(&HeaderMap::new(), &local), 2, "a browser that keeps no Secure cookie here");
        assert_eq!(set(&asked("__Host-kept=1".to_owned()), &local), 1);
    }
}
