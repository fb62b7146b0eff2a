//! Which release is newer.

use std::{cmp::Ordering, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::IdError;

/// A software version such as `9.12.4`, `v2.0` or `1.0-rc1`. Runs of digits compare as numbers, other runs as text, and a
/// missing part is older than a number but newer than a word: `1.0-rc1 < 1.0 < 1.0.1`. A leading `v` is ignored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(String);

impl Version {
    /// The longest version text.
    pub const LENGTH_MAX: usize = 64;

    fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let text = self.0.strip_prefix('v').unwrap_or(&self.0);
        text.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(runs).map(Part::of)
    }
}

/// `rc12` is `rc` and `12`.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.bytes().next()?.is_ascii_digit();
        let end = rest.bytes().position(|b| b.is_ascii_digit() != first).unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        Some(run)
    })
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Word(&'a str),
    Missing,
    /// Length without leading zeros first, then digits: numbers of any size compare without parsing.
    Number(usize, &'a str),
}

impl<'a> Part<'a> {
    fn of(run: &'a str) -> Part<'a> {
        if !run.starts_with(|c: char| c.is_ascii_digit()) {
            return Part::Word(run);
        }
        let digits = run.trim_start_matches('0');
        Part::Number(digits.len(), digits)
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Version) -> Ordering {
        let (mut left, mut right) = (self.parts(), other.parts());
        loop {
            match (left.next(), right.next()) {
                (None, None) => return Ordering::Equal,
                (l, r) => {
                    // A trailing `.0` adds nothing: 1.0 and 1.0.0 are one release.
                    let zero = |p: &Option<Part<'_>>| matches!(p, Some(Part::Number(0, _)));
                    if (l.is_none() && zero(&r)) || (r.is_none() && zero(&l)) {
                        continue;
                    }
                    let order = l.unwrap_or(Part::Missing).cmp(&r.unwrap_or(Part::Missing));
                    if order != Ordering::Equal {
                        return order;
                    }
                }
            }
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Version {}

impl FromStr for Version {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Version, IdError> {
        let fits = (1..=Self::LENGTH_MAX).contains(&text.len())
            && text.bytes().any(|b| b.is_ascii_digit())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_+~:".contains(&b));
        if fits { Ok(Version(text.to_owned())) } else { Err(IdError::Slug { text: text.to_owned() }) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Version {
    type Error = IdError;
    fn try_from(text: String) -> Result<Version, IdError> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> String {
        version.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_in_order() {
        let order =
            ["0.9", "1.0-alpha", "1.0-rc1", "1.0-rc10", "1.0", "1.0.1", "1.2", "1.10", "v2.0", "10.0"];
        for pair in order.windows(2) {
            let (a, b): (Version, Version) = (pair[0].parse().unwrap(), pair[1].parse().unwrap());
            assert!(a < b, "{a} < {b}");
        }
        assert_eq!("1.0".parse::<Version>(), "v1.0.0".parse::<Version>());
    }
}
