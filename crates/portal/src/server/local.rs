//! Paths of our own, for "and back to where you were".

/// Bytes of a path that is gone back to.
const NEXT_BYTES_MAX: usize = 1_000;

/// The path if it is one of ours, else the first page (ASVS 3.7.2). `//host` and `/\host` would leave.
pub(crate) fn path(text: &str) -> &str {
    let inside = text.starts_with('/')
        && !text.starts_with("//")
        && text.len() <= NEXT_BYTES_MAX
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if inside { text } else { "/" }
}

/// `to?next=back`, without it for the first page.
pub(crate) fn with_next(to: &str, back: &str) -> String {
    match path(back) {
        "/" => to.to_owned(),
        back => format!("{to}?next={}", encoded(back)),
    }
}

/// As the value of a query: everything but letters, digits and `-_./` in percent signs.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_./".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for inside in ["/", "/account", "/clients/a/statements?month=2026-03"] {
            assert_eq!(path(inside), inside);
        }
        for outside in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "account",
            "/a\r\nX: y",
            "/ü",
            "/a b",
        ] {
            assert_eq!(path(outside), "/", "{outside}");
        }
        assert_eq!(with_next("/sign-in", "/a?b=c&d"), "/sign-in?next=/a%3Fb%3Dc%26d");
        assert_eq!(with_next("/sign-in", "//evil"), "/sign-in");
    }
}
