//! Passwords: argon2id as OWASP asks (19 MiB, two passes, one lane), and which of them are refused.

use std::sync::LazyLock;

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version, password_hash::phc::PasswordHash,
};

use crate::{Fault, secret::random};

/// Characters a password has at least (ASVS 6.2.1 asks for 8 and advises 15).
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Bytes a password has at most: nobody types more, and hashing starts with all of them.
pub const PASSWORD_BYTES_MAX: usize = 1_024;
/// Passwords hashed at the same time.
pub const HASHES_AT_ONCE_MAX: usize = 4;

/// What the passwords that guessers begin with are made of (ASVS 6.2.4). A password that is one of these, or several, with digits
/// and signs around, is refused; those under twelve characters are refused anyway.
const COMMON: &[&str] = &[
    "abc",
    "admin",
    "administrator",
    "asdf",
    "asdfghjkl",
    "azerty",
    "baseball",
    "batman",
    "changeme",
    "charlie",
    "chocolate",
    "computer",
    "dragon",
    "flower",
    "football",
    "freedom",
    "hello",
    "iloveyou",
    "internet",
    "jordan",
    "letmein",
    "liverpool",
    "login",
    "love",
    "master",
    "michael",
    "monkey",
    "mynoob",
    "passwd",
    "passwort",
    "password",
    "princess",
    "qaz",
    "qazwsx",
    "qwe",
    "qwert",
    "qwertz",
    "qwerty",
    "qwertyuiop",
    "qwertzuiop",
    "root",
    "samsung",
    "secret",
    "shadow",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "test",
    "trustno",
    "user",
    "wachtwoord",
    "welcome",
    "whatever",
    "winter",
    "wsx",
    "wsxedc",
    "zaq",
    "zxcvbn",
    "zxcvbnm",
];

/// Characters that are estimated: what comes after them only makes it harder to guess, and estimating takes longer than they are.
const ESTIMATED_CHARS_MAX: usize = 60;

/// What a password is compared with when there is no such person, so that the answer takes as long.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    hash("the password of nobody at all")
        .expect("hashing a fixed text with fixed parameters needs only memory")
});

fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// The PHC text that is kept. Takes some ten milliseconds and 19 MiB, on purpose.
///
/// # Errors
/// When the machine has no random bytes or no memory to give.
pub fn hash(password: &str) -> Result<String, Fault> {
    let salt: [u8; 16] = random()?;
    let hashed = argon2().hash_password_with_salt(password.as_bytes(), &salt);
    hashed.map(|hash: PasswordHash| hash.to_string()).map_err(|_| Fault::Hashing)
}

/// Whether the password is the one. Without a hash it takes as long, and is not.
pub fn is_it(password: &str, kept: Option<&str>) -> bool {
    let against = kept.unwrap_or(&NOBODY);
    let same = PasswordHash::new(against)
        .is_ok_and(|hash| argon2().verify_password(password.as_bytes(), &hash).is_ok());
    same && kept.is_some()
}

/// Why a password is refused, or nothing. Any characters will do, and nobody has to change one for its age (ASVS 6.2.5, 6.2.10).
pub fn mistake(password: &str, login: &str, name: &str) -> Option<String> {
    let plain = password.to_lowercase();
    let holds = |word: &str| word.chars().count() >= 4 && plain.contains(&word.to_lowercase());
    let mut kinds: Vec<char> = plain.chars().collect();
    kinds.sort_unstable();
    kinds.dedup();
    let why = match () {
        () if password.chars().count() < PASSWORD_CHARS_MIN => {
            format!("Use {PASSWORD_CHARS_MIN} characters or more. A few words in a row are easy to remember.")
        }
        () if password.len() > PASSWORD_BYTES_MAX => format!("Use {PASSWORD_BYTES_MAX} bytes or less."),
        () if is_common(&plain) => "Guessers begin with ones like this. Take another.".to_owned(),
        () if kinds.len() < 5 => "This one has few different characters. Take another.".to_owned(),
        () if is_run(&plain) => "This one is a row of neighbours. Take another.".to_owned(),
        () if holds(login) || name.split_whitespace().any(holds) || holds("uphold") => {
            "Leave out your login, your name and the name of this product.".to_owned()
        }
        () if is_guessed_soon(password, login, name) => {
            "Guessers come to this one soon: it is on their lists, or like what is. A few words in a row are hard to guess.".to_owned()
        }
        () => return None,
    };
    Some(why)
}

/// Whether it falls within a hundred million guesses by lists of passwords that leaked, words, names, dates and rows of keys (ASVS
/// 6.2.4 asks for the first three thousand of such a list).
fn is_guessed_soon(password: &str, login: &str, name: &str) -> bool {
    let start: String = password.chars().take(ESTIMATED_CHARS_MAX).collect();
    let own: Vec<&str> = [login, "uphold"].into_iter().chain(name.split_whitespace()).collect();
    zxcvbn::zxcvbn(&start, &own).score() < zxcvbn::Score::Three
}

/// Only common words, once digits and signs are taken away and letters that stand for others are put back.
fn is_common(plain: &str) -> bool {
    let back = |c: char| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        c => c,
    };
    let letters: String = plain.chars().filter(|c| c.is_alphabetic()).collect();
    let inner = plain.trim_matches(|c: char| !c.is_alphabetic());
    let put_back: String = inner.chars().map(back).filter(|c| c.is_alphabetic()).collect();
    [letters, put_back].iter().any(|text| !text.is_empty() && is_made_of_common(text))
}

/// Greedy from the longest piece, which is enough for what guessers put together.
fn is_made_of_common(text: &str) -> bool {
    let mut rest = text;
    while !rest.is_empty() {
        let word = COMMON.iter().filter(|word| rest.starts_with(**word)).map(|word| word.len()).max();
        match word.max(keys_in_a_row(rest)) {
            Some(bytes) => rest = &rest[bytes..],
            None => return false,
        }
    }
    true
}

/// Rows of keyboards.
const KEYS: &[&str] = &["qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm"];

/// Bytes at the start of a text that lie in a row on a keyboard, three letters at least.
fn keys_in_a_row(text: &str) -> Option<usize> {
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8()).skip(2);
    ends.take_while(|end| KEYS.iter().any(|keys| keys.contains(&text[..*end]))).last()
}

/// `abcdefghijkl`, `210987654321`: each character a neighbour of the one before.
fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = codes.windows(2).filter(|pair| (pair[1] - pair[0]).abs() <= 1).count();
    steps * 5 >= codes.len() * 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_kept_as_argon2id_with_owasps_parameters_and_its_own_salt() {
        let kept = hash("correct horse battery").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_ne!(hash("correct horse battery").unwrap(), kept);
        assert!(is_it("correct horse battery", Some(&kept)));
        assert!(!is_it("correct horse batterz", Some(&kept)));
        assert!(!is_it("the password of nobody at all", None));
        assert!(!is_it("x", Some("not a hash")));
    }

    #[test]
    fn what_guessers_try_first_is_refused_and_any_characters_will_do() {
        let refused = |password: &str| mistake(password, "ann.smith", "Ann Smith");
        for bad in [
            "short",
            "aaaaaaaaaaaa",
            "abcdefghijkl",
            "123456789012",
            "qwertyuiop123",
            "P@ssw0rd2026!",
            "1q2w3e4r5t6y7u8i",
            "password-welcome-1",
            "my ann.smith 17",
            "UPHOLD forever",
            // On lists of what leaked, and in no list of ours.
            "manchesterunited",
            "michaeljordan23",
            "september2019",
            "hannahmontana",
        ] {
            assert!(refused(bad).is_some(), "{bad}");
        }
        for good in
            ["correct horse battery", "pässwörter und mehr", "  spaces count too  ", "🔐🦊🌲🛶🎃🧭 abcdef"]
        {
            assert_eq!(refused(good), None, "{good}");
        }
        assert!(refused(&"x1y2z3".repeat(200)).is_some());
    }
}
