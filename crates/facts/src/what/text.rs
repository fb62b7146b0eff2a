//! Texts with places to fill in: `{{NAME}}` for what an earlier request captured, `{{secret:NAME}}` for a secret that only the vantage
//! point has.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The most bytes of a name.
const NAME_MAX: usize = 64;

/// What something filled in is called: 1 to 64 letters, digits, hyphens and underscores.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// A secret by its name. What it is, only a vantage point knows to which its operator gave it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretName(pub Name);

/// A piece of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'t> {
    /// As it stands.
    Said(&'t str),
    /// What was captured under this name.
    Captured(&'t str),
    /// The secret of this name.
    Secret(&'t str),
}

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl SecretName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

/// A text in its pieces. Braces around anything but a name stand for themselves.
pub fn parts(text: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut from = 0;
        while let Some(found) = rest[from..].find("{{") {
            let open = from + found;
            match place(&rest[open..]) {
                Some((part, length)) if open == 0 => {
                    rest = &rest[length..];
                    return Some(part);
                }
                Some(_) => {
                    let (said, behind) = rest.split_at(open);
                    rest = behind;
                    return Some(Part::Said(said));
                }
                None => from = open + 1,
            }
        }
        Some(Part::Said(std::mem::take(&mut rest)))
    })
}

/// A text with everything filled in, by `fill`; what it refuses ends it.
///
/// # Errors
/// What `fill` says.
pub fn filled<E>(text: &str, mut fill: impl FnMut(Part<'_>) -> Result<String, E>) -> Result<String, E> {
    let mut whole = String::with_capacity(text.len());
    for part in parts(text) {
        match part {
            Part::Said(said) => whole.push_str(said),
            part => whole.push_str(&fill(part)?),
        }
    }
    Ok(whole)
}

/// What the text begins with, if it is a place to fill in, and how many bytes it takes.
fn place(text: &str) -> Option<(Part<'_>, usize)> {
    let inside = text.strip_prefix("{{")?;
    let (inside, _) = inside.split_once("}}")?;
    let part = match inside.strip_prefix("secret:") {
        Some(name) => Part::Secret(Some(name).filter(|name| is_name(name))?),
        None => Part::Captured(Some(inside).filter(|name| is_name(name))?),
    };
    Some((part, inside.len() + 4))
}

fn is_name(text: &str) -> bool {
    let is_letter = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(is_letter)
}

impl TryFrom<String> for Name {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Name, Self::Error> {
        if is_name(&text) { Ok(Name(text)) } else { Err("a name is 1 to 64 letters, digits, - and _") }
    }
}

impl std::str::FromStr for Name {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Name, Self::Err> {
        Name::try_from(text.to_owned())
    }
}

impl std::str::FromStr for SecretName {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<SecretName, Self::Err> {
        text.parse().map(SecretName)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> String {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SecretName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_what_is_said_and_what_is_filled_in() {
        use Part::{Captured, Said, Secret};
        let of = |text| parts(text).collect::<Vec<_>>();
        assert_eq!(of("Bearer {{secret:api}}"), [Said("Bearer "), Secret("api")]);
        assert_eq!(of("{{a}}{{b-1}}/"), [Captured("a"), Captured("b-1"), Said("/")]);
        for plain in
            ["", "{}", "{{}}", "{{ a }}", "{{a", "{{secret:}}", "{{a}b}}", "{\"a\":{\"b\":1}}", "ü{{ü}}"]
        {
            assert!(of(plain).iter().all(|part| matches!(part, Said(_))), "{plain}");
            let whole: String =
                of(plain).iter().map(|part| if let Said(text) = part { text } else { "" }).collect();
            assert_eq!(whole, plain);
        }
        assert_eq!(of("{{{a}}}"), [Said("{"), Captured("a"), Said("}")]);
    }

    #[test]
    fn what_is_filled_in_is_not_read_again() {
        let twice = filled("x{{a}}y", |_| Ok::<_, ()>("{{b}}".to_owned()));
        assert_eq!(twice.unwrap(), "x{{b}}y");
        assert_eq!(filled("x{{a}}y", |_| Err("no")), Err("no"));
    }
}
